import RefluxPluginKit

/// In what the lengths of a group are measured: in tokens where every response that was not cut knows
/// its own, otherwise in characters. The two are never mixed.
struct LengthMeasure {
    private let inTokens: Bool

    init(_ responses: [Response]) {
        inTokens = responses.allSatisfy { $0.finish == .length || $0.tokenCount != nil }
    }

    /// The length of a response, in tokens or Unicode scalars.
    func length(of response: Response) -> Double {
        if inTokens, let tokens = response.tokenCount { return Double(tokens) }
        return Double(response.text.unicodeScalars.count)
    }
}

/// What length is usual, by statistics that one odd response does not move.
struct LengthScale {
    /// How many deviations beyond the tolerance the penalty needs to reach its full size.
    static let ramp = 4.0

    /// The median of the lengths.
    let median: Double
    /// 1.4826 times the median absolute deviation, which estimates sigma of a normal distribution; at
    /// least a tenth of the median, and 1, since few responses are often equally long.
    let deviation: Double

    init(_ lengths: [Double]) {
        let median = Self.median(lengths)
        self.median = median
        let spread = Self.median(lengths.map { abs($0 - median) })
        deviation = max(1.4826 * spread, 0.1 * median, 1)
    }

    /// How many deviations a length lies above the median; negative below it.
    func deviations(of length: Double) -> Double { (length - median) / deviation }

    /// The middle number, or the mean of the two in the middle; 0 of none.
    static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
