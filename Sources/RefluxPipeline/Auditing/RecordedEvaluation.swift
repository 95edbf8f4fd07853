package import RefluxCore

/// The accuracies of recorded responses: what `reflux evaluate --responses` tells.
package struct RecordedEvaluation: Sendable, Encodable {
    /// The numbers of one model.
    package struct Model: Sendable, Encodable {
        /// The model.
        package let model: String
        /// Its questions.
        package let questions: Int
        /// Its responses; more than questions where it was sampled several times.
        package let responses: Int
        /// The fraction of responses without a readable answer.
        package let unparsedRate: Double
        /// The accuracy by metric. With several samples it is the mean over the questions of each
        /// question's fraction of right responses.
        package let metrics: [String: Accuracy]
        /// The accuracies of each category; empty where the questions have none.
        package let categories: [Category]
        /// The mean of the categories' accuracies by metric, each category counting alike; empty
        /// where the questions have none.
        package let macro: [String: Double]
        /// What several samples make possible; empty where each question has one.
        package let sampling: [SampledAccuracy]

        enum CodingKeys: String, CodingKey {
            case model, questions, responses
            case unparsedRate = "unparsed_rate"
            case metrics, categories, macro, sampling
        }
    }

    /// The accuracies of one category.
    package struct Category: Sendable, Encodable {
        /// The category.
        package let category: String
        /// The accuracy by metric.
        package let metrics: [String: Accuracy]
    }

    /// The task.
    package let task: String
    /// The metrics, the most telling one first.
    package let metrics: [String]
    /// How the file fits the task.
    package let pairing: PairingCounts
    /// The models, in the order of the file.
    package let models: [Model]
    /// The comparison with another file or model, where one is asked for.
    package let comparison: PairedComparison?
}

extension RecordedEvaluation.Model {
    /// Counts the graded responses of one model.
    init(_ name: String, groups: [RecordedGroup], metrics names: [String]) {
        let all = groups.flatMap(\.responses)
        model = name
        questions = groups.count
        responses = all.count
        unparsedRate = fraction(all) { $0.grade?.parsed != true } ?? 0
        metrics = Self.accuracies(groups, metrics: names)
        let byCategory = Dictionary(grouping: groups.filter { $0.example.category != nil }) {
            $0.example.category ?? ""
        }
        categories = byCategory.sorted { $0.key < $1.key }.map { category, groups in
            RecordedEvaluation.Category(
                category: category, metrics: Self.accuracies(groups, metrics: names))
        }
        let categories = categories
        macro = names.reduce(into: [:]) { result, metric in
            result[metric] = mean(categories.compactMap { $0.metrics[metric]?.value })
        }
        sampling = all.count > groups.count ? SampledAccuracy.all(groups, metrics: names) : []
    }

    private static func accuracies(
        _ groups: [RecordedGroup], metrics: [String]
    ) -> [String: Accuracy] {
        metrics.reduce(into: [:]) { result, metric in
            result[metric] = Accuracy(means: groups.map { $0.fractionRight(by: metric) })
        }
    }
}

extension RecordedGroup {
    /// The fraction of right responses.
    func fractionRight(by metric: String) -> Double {
        fraction(responses) { $0.isRight(by: metric) } ?? 0
    }
}

extension ReadResponse {
    /// Whether the response is right.
    func isRight(by metric: String) -> Bool { grade?.correct[metric] == true }
}

extension Accuracy {
    /// The mean of values by question; its standard error is the values' sample deviation over the
    /// square root of their number, which for values of 0 and 1 is that of ``init(right:of:)``.
    init(means values: [Double]) {
        self.init(right: 0, of: values.count)
        guard let average = mean(values) else { return }
        value = average
        guard values.count > 1 else { return }
        let squares = values.reduce(0) { $0 + ($1 - average) * ($1 - average) }
        standardError = (squares / Double(values.count - 1) / Double(values.count)).squareRoot()
    }
}
