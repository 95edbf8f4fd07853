/// A mean over a number of examples with its standard error.
public struct Accuracy: Sendable, Codable, Equatable {
    /// The mean, from 0 to 1.
    public var value: Double
    /// The standard error of the mean: sqrt(p (1 - p) / (n - 1)) for n > 1, the estimate of
    /// lm-evaluation-harness (sample standard deviation over sqrt n).
    public var standardError: Double
    /// How many examples were counted.
    public var count: Int

    /// Counts how many of `count` examples were right.
    public init(right: Int, of count: Int) {
        self.count = count
        value = count == 0 ? 0 : Double(right) / Double(count)
        standardError = count < 2 ? 0 : (value * (1 - value) / Double(count - 1)).squareRoot()
    }

    enum CodingKeys: String, CodingKey {
        case value
        case standardError = "standard_error"
        case count = "n"
    }
}
