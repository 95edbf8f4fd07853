public import RefluxCore

/// The keys of the teacher `recorded`.
public struct RecordedSettings: Sendable, Equatable {
    /// How a recorded response finds its prompt.
    public enum Match: String, Sendable, CaseIterable {
        /// By the example's id, or by the part of it after the last slash.
        case id
        /// By the text of the question, which the prompt must contain.
        case question
    }

    /// Where the lines keep what is needed: the names of their fields.
    public struct Fields: Sendable, Equatable {
        /// The id or the question.
        public var prompt = "prompt"
        /// The text of the response.
        public var text = "text"
        /// The model, if the lines name it.
        public var model = "model"
        /// The index of the sample, if the lines number them; else they are numbered as they come.
        public var sample = "sample"
        /// The sampling temperature, if the lines hold it.
        public var temperature = "temperature"
        /// `stop` or `length`, if the lines hold it.
        public var finish = "finish"
        /// The number of tokens, if the lines hold it.
        public var tokens = "tokens"
        /// The mean log-probability of the tokens, if the lines hold it.
        public var meanLogProbability = "mean_logprob"

        /// The names of Reflux's own response files.
        public init() {}
    }

    /// `path`: the file of lines, possibly with gzip.
    public var path: String
    /// `name`: the teacher's name in provenance and reports; by default the model's of `only_model`,
    /// or the file's.
    public var name: String
    /// `match`: `id` (default) or `question`.
    public var match: Match
    /// `only_model`: takes the lines of this model and no others.
    public var onlyModel: String?
    /// `fields`: the names of the lines' fields.
    public var fields: Fields

    /// Makes settings.
    public init(
        path: String, name: String? = nil, match: Match = .id, onlyModel: String? = nil,
        fields: Fields = Fields()
    ) {
        self.path = path
        self.name = name ?? onlyModel ?? Self.title(of: path)
        self.onlyModel = onlyModel
        self.match = match
        self.fields = fields
    }

    /// Reads the settings from a table.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when `path` is missing or a value is wrong.
    public init(_ reader: ConfigurationReader, context: BuildContext) throws {
        let given = try reader.requiredString("path", meaning: "a file with one response a line")
        path = context.resolve(given)
        onlyModel = try reader.optionalString("only_model")
        name = try reader.string("name", default: onlyModel ?? Self.title(of: given))
        guard !name.isEmpty else { throw reader.wrong("name", wanted: "a name") }
        match = try reader.choice("match", default: Match.id)
        let table = try reader.table("fields")
        fields = try Fields(table)
        try table.finish()
        reader.record("fields", table.resolved.value)
    }

    /// The file's name without its extensions.
    private static func title(of path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return file.split(separator: ".").first.map(String.init) ?? "recorded"
    }
}

extension RecordedSettings.Fields {
    /// Reads the names from a table.
    init(_ reader: ConfigurationReader) throws {
        prompt = try reader.string("prompt", default: prompt)
        text = try reader.string("text", default: text)
        model = try reader.string("model", default: model)
        sample = try reader.string("sample", default: sample)
        temperature = try reader.string("temperature", default: temperature)
        finish = try reader.string("finish", default: finish)
        tokens = try reader.string("tokens", default: tokens)
        meanLogProbability = try reader.string("mean_logprob", default: meanLogProbability)
    }
}
