/// The mean and the unbiased standard deviation of some numbers: `SampleStatistics` of
/// `RefluxOptimizers`.
struct Statistics {
    var mean = 0.0
    var deviation = 0.0
    var isConstant = true

    init(_ numbers: [Double]) {
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
