import RefluxCore

/// The section `evaluate`.
struct EvaluateSettings: Sendable {
    /// A model of the final table.
    enum Model: String, Sendable, Codable, CaseIterable {
        /// The first local teacher.
        case teacher
        /// The student before the warm-up.
        case base
        /// The student after the warm-up.
        case warmup
        /// The student after reinforcement.
        case reinforced
    }

    /// The metrics of the table; empty takes all of the task.
    let metrics: [String]
    /// The most new tokens of an answer.
    let maxTokens: Int
    /// Prompts that are answered, and written, together.
    let batch: Int
    /// The models of the table, in its order.
    let models: [Model]
    /// The arithmetic; `nil` takes the student's.
    let precision: ModelOptions.Precision?

    /// Reads the section.
    init(_ reader: ConfigurationReader) throws {
        metrics = try reader.strings("metrics", default: [])
        maxTokens = try reader.int("max_tokens", default: 256, in: 1...1_048_576)
        batch = try reader.int("batch", default: 256, in: 1...1_000_000)
        let all = Model.allCases.map(\.rawValue)
        let names = try reader.strings("models", default: all)
        models = try names.map { name in
            guard let model = Model(rawValue: name) else {
                throw RefluxError(
                    .usage, found: "unknown model \"\(name)\"", at: reader.place(of: "models"),
                    wanted: "some of \(all.joined(separator: ", "))",
                    remedy: nearestName(to: name, in: all).map { "Did you mean \"\($0)\"?" })
            }
            return model
        }
        guard !models.isEmpty, Set(models).count == models.count else {
            throw reader.wrong("models", wanted: "each model once, and one at least")
        }
        precision = try reader.optionalChoice("precision")
        try reader.finish()
    }
}
