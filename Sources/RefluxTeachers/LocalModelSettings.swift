public import RefluxCore

/// The keys of the teacher `local-model`.
public struct LocalModelSettings: Sendable, Equatable {
    /// `model`: a model folder, or a role such as `prepared`.
    public var model: String
    /// `name`: the teacher's name in provenance and reports; by default the last part of `model`.
    public var name: String
    /// `precision`: the arithmetic; `nil` takes the run's.
    public var precision: ModelOptions.Precision?

    /// Makes settings.
    public init(
        model: String, name: String? = nil, precision: ModelOptions.Precision? = nil
    ) {
        self.model = model
        self.name = name ?? Self.lastPart(of: model)
        self.precision = precision
    }

    /// Reads the settings from a table.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when `model` is missing or a value is wrong.
    public init(_ reader: ConfigurationReader) throws {
        model = try reader.requiredString("model", meaning: "a model folder or GGUF file")
        name = try reader.string("name", default: Self.lastPart(of: model))
        guard !name.isEmpty else { throw reader.wrong("name", wanted: "a name") }
        precision = try reader.optionalChoice("precision")
    }

    private static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
