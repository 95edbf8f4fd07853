/// The mean and the unbiased standard deviation of some numbers.
struct SampleStatistics: Sendable, Equatable {
    /// The mean; 0 without numbers.
    var mean = 0.0
    /// The standard deviation with n - 1 in the denominator; 0 for fewer than two numbers.
    var deviation = 0.0
    /// Whether all numbers are the same one (always so for fewer than two).
    var isConstant = true

    /// Measures some numbers, in two passes.
    init(_ numbers: some Collection<Double>) {
        guard let first = numbers.first else { return }
        mean = numbers.reduce(0, +) / Double(numbers.count)
        isConstant = numbers.allSatisfy { $0 == first }
        guard !isConstant else {
            mean = first
            return
        }
        let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        deviation = (squares / Double(numbers.count - 1)).squareRoot()
    }
}
