package import RefluxCore

/// Two systems on the questions that both answered.
package struct PairedComparison: Sendable, Encodable {
    /// The two systems by one metric.
    package struct Row: Sendable, Encodable {
        /// The metric.
        package let metric: String
        /// The first system's accuracy on the shared questions.
        package let first: Accuracy
        /// The second system's.
        package let second: Accuracy
        /// The mean of the differences by question, first less second.
        package let difference: Double
        /// The standard error of that mean, from the differences: smaller than that of two
        /// independent accuracies.
        package let standardError: Double
        /// McNemar's test.
        package let test: McNemar

        enum CodingKeys: String, CodingKey {
            case metric, first, second, difference
            case standardError = "standard_error"
            case test = "mcnemar"
        }
    }

    /// The first system.
    package let first: String
    /// The second system.
    package let second: String
    /// The questions that both answered. Where there are several samples, the first counts.
    package let questions: Int
    /// The comparison by metric.
    package let rows: [Row]

    /// Compares two systems.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when they share no question.
    init(
        _ first: (name: String, groups: [RecordedGroup]),
        _ second: (name: String, groups: [RecordedGroup]), metrics: [String]
    ) throws {
        let others = Dictionary(
            second.groups.map { ($0.example.id, $0) }, uniquingKeysWith: { first, _ in first })
        let pairs = first.groups.compactMap { group -> (ReadResponse, ReadResponse)? in
            guard let one = group.responses.first,
                let other = others[group.example.id]?.responses.first
            else { return nil }
            return (one, other)
        }
        guard !pairs.isEmpty else {
            throw RefluxError(
                .input, found: "\(first.name) and \(second.name) have no question in common",
                wanted: "responses of both to the same questions")
        }
        self.first = first.name
        self.second = second.name
        questions = pairs.count
        rows = metrics.map { metric in
            let marks = pairs.map { ($0.isRight(by: metric), $1.isRight(by: metric)) }
            let differences = Accuracy(means: marks.map { ($0 ? 1 : 0) - ($1 ? 1 : 0) })
            return Row(
                metric: metric, first: Accuracy(right: marks.count { $0.0 }, of: marks.count),
                second: Accuracy(right: marks.count { $0.1 }, of: marks.count),
                difference: differences.value, standardError: differences.standardError,
                test: McNemar(
                    onlyFirst: marks.count { $0.0 && !$0.1 },
                    onlySecond: marks.count { !$0.0 && $0.1 }))
        }
    }
}
