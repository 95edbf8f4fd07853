/// One number of the final table: a model's accuracy by one metric.
package struct ResultRow: Sendable, Codable, Equatable {
    /// `teacher`, `base`, `warmup` or `reinforced`; rows of a variant add its name after a colon.
    package var model: String
    /// The split that was asked, `test`.
    package var split: String
    /// The metric of the task.
    package var metric: String
    /// The mean, from 0 to 1.
    package var accuracy: Double
    /// The standard error of the mean over the problems.
    package var standardError: Double
    /// The number of problems.
    package var count: Int
    /// The fraction of responses without a readable answer.
    package var unparsedRate: Double?

    /// Makes a row.
    package init(
        model: String, split: String = "test", metric: String, accuracy: Double,
        standardError: Double, count: Int, unparsedRate: Double? = nil
    ) {
        self.model = model
        self.split = split
        self.metric = metric
        self.accuracy = accuracy
        self.standardError = standardError
        self.count = count
        self.unparsedRate = unparsedRate
    }

    enum CodingKeys: String, CodingKey {
        case model, split, metric, accuracy
        case standardError = "standard_error"
        case count = "n"
        case unparsedRate = "unparsed_rate"
    }
}

/// The rows of one evaluation, or of a whole run: `result.json`.
package struct EvaluationResult: Sendable, Codable, Equatable {
    /// The rows, models in the order of the method, metrics in the order of the task.
    package var rows: [ResultRow]

    /// Makes a result.
    package init(rows: [ResultRow]) { self.rows = rows }
}
