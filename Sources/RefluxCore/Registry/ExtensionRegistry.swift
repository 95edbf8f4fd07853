/// A kind of replaceable part: one of the five protocols, or an engine.
public struct ExtensionKind<Product>: Sendable {
    /// The kind's name in run files, manifests and errors.
    public let name: String
}

extension ExtensionKind where Product == any TeacherSource {
    /// Teachers.
    public static var teacher: Self { Self(name: "teacher") }
}
extension ExtensionKind where Product == any PseudoRewardRule {
    /// Pseudo-reward rules.
    public static var rule: Self { Self(name: "pseudo-reward rule") }
}
extension ExtensionKind where Product == any RewardModel {
    /// Reward models.
    public static var rewardModel: Self { Self(name: "reward model") }
}
extension ExtensionKind where Product == any PolicyOptimizer {
    /// Policy optimizers.
    public static var optimizer: Self { Self(name: "policy optimizer") }
}
extension ExtensionKind where Product == any TaskEvaluator {
    /// Tasks.
    public static var task: Self { Self(name: "task") }
}

/// What a factory may need beside its own configuration.
public struct BuildContext: Sendable {
    /// The run's seed.
    public var seed: UInt64
    /// The folder against which relative paths of the run file are resolved.
    public var baseFolder: String
    /// Opens models.
    public var models: any LanguageModelProvider
    /// Models that other parts of the run know by a role, for instance `student` and `teacher`, as
    /// paths.
    public var roles: [String: String]
    /// The precision that the run file asks for.
    public var precision: ModelOptions.Precision

    /// Makes a context.
    public init(
        seed: UInt64, baseFolder: String, models: any LanguageModelProvider,
        roles: [String: String] = [:], precision: ModelOptions.Precision = .automatic
    ) {
        self.seed = seed
        self.baseFolder = baseFolder
        self.models = models
        self.roles = roles
        self.precision = precision
    }

    /// The path of a model: a role's, or the path itself, resolved against the base folder.
    public func modelPath(_ name: String) -> String { roles[name] ?? resolve(name) }

    /// A path of the run file: absolute and `~/` paths stay, others are taken from the base folder.
    public func resolve(_ path: String) -> String {
        path.hasPrefix("/") || path.hasPrefix("~") ? path : "\(baseFolder)/\(path)"
    }
}

/// All replaceable parts by kind and id, built-in and from plugins alike.
///
/// A value: the pipeline fills one at start and hands it down. An id is registered once; built-ins
/// are registered first and cannot be shadowed.
public struct ExtensionRegistry: Sendable {
    /// Makes a part from its checked configuration. It must take every key it knows from the reader
    /// and do nothing expensive; models are opened on first use.
    public typealias Factory<Product> =
        @Sendable (ConfigurationReader, BuildContext) throws -> Product

    private struct Entry: Sendable {
        let title: String
        let make: @Sendable (ConfigurationReader, BuildContext) throws -> Any
    }

    private var entries: [String: [String: Entry]] = [:]

    /// An empty registry.
    public init() {}

    /// Adds a part.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when the id is taken.
    public mutating func register<Product>(
        _ kind: ExtensionKind<Product>, id: String, title: String,
        make: @escaping Factory<Product>
    ) throws {
        if let taken = entries[kind.name]?[id] {
            throw RefluxError(
                .usage, found: "the \(kind.name) \"\(id)\" is registered already (\(taken.title))",
                wanted: "an id that is not taken", remedy: "Rename the extension.")
        }
        entries[kind.name, default: [:]][id] = Entry(title: title, make: { try make($0, $1) })
    }

    /// The ids of a kind with their titles, sorted by id.
    public func list<Product>(_ kind: ExtensionKind<Product>) -> [(id: String, title: String)] {
        (entries[kind.name] ?? [:]).map { ($0.key, $0.value.title) }.sorted { $0.id < $1.id }
    }

    /// Makes the part that a table names by its key `use`, and refuses keys nobody took.
    ///
    /// - Parameters:
    ///   - kind: the kind of part.
    ///   - reader: the part's table.
    ///   - fallback: the id when the table has no `use`; `nil` makes `use` required.
    ///   - context: what factories may need.
    /// - Returns: the part.
    /// - Throws: ``RefluxError`` of kind `usage`: unknown id (lists the known ones), wrong values,
    ///   unknown keys.
    public func make<Product>(
        _ kind: ExtensionKind<Product>, from reader: ConfigurationReader,
        default fallback: String? = nil, context: BuildContext
    ) throws -> Product {
        let known = entries[kind.name] ?? [:]
        let id: String
        if let fallback {
            id = try reader.string("use", default: fallback)
        } else {
            id = try reader.requiredString("use", meaning: "the id of a \(kind.name)")
        }
        guard let entry = known[id] else {
            throw RefluxError(
                .usage, found: "unknown \(kind.name) \"\(id)\"", at: reader.place(of: "use"),
                remedy: suggestion(for: id, known: Array(known.keys)))
        }
        let product = try entry.make(reader, context)
        try reader.finish()
        guard let product = product as? Product else {
            throw RefluxError(
                .internalFault, found: "the \(kind.name) \"\(id)\" made a \(type(of: product))")
        }
        return product
    }
}
