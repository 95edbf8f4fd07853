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
    /// Whether the run file asks models that are trained to trade time for memory.
    public var gradientCheckpointing: Bool
    /// The registry that makes the part, for parts that are made of others; filled in by
    /// ``ExtensionRegistry/make(_:from:default:context:)`` and
    /// ``ExtensionRegistry/files(_:of:context:)``, empty before.
    public internal(set) var registry = ExtensionRegistry()

    /// Makes a context.
    public init(
        seed: UInt64, baseFolder: String, models: any LanguageModelProvider,
        roles: [String: String] = [:], precision: ModelOptions.Precision = .automatic,
        gradientCheckpointing: Bool = false
    ) {
        self.seed = seed
        self.baseFolder = baseFolder
        self.models = models
        self.roles = roles
        self.precision = precision
        self.gradientCheckpointing = gradientCheckpointing
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

    /// The paths of the files that determine a part beside its settings, given its table with every
    /// default: where one of them changes, what the part made is made again. A part that is made of
    /// others asks the context's registry for theirs.
    public typealias Files = @Sendable (ConfigurationNode, BuildContext) -> [String]

    private struct Entry: Sendable {
        let title: String
        let origin: ExtensionOrigin
        let files: Files
        let immaterial: Set<String>
        let make: @Sendable (ConfigurationReader, BuildContext) throws -> Any
    }

    private var entries: [String: [String: Entry]] = [:]

    /// Says who could provide an id that nobody registered, given the kind's name and the id: a
    /// sentence that tells what to do, or `nil`. Called only when an id is unknown.
    public var adviceOnUnknown: @Sendable (_ kind: String, _ id: String) -> String? = { _, _ in nil
    }

    /// An empty registry.
    public init() {}

    /// Adds a part.
    ///
    /// - Parameters:
    ///   - kind: the kind of part.
    ///   - id: the id for run files.
    ///   - title: one line for people.
    ///   - origin: who provides it.
    ///   - files: the files that determine the part beside its settings.
    ///   - immaterial: the keys that change nothing of what the part makes, such as time-outs.
    ///   - make: makes the part.
    /// - Throws: ``RefluxError`` of kind `usage` when the id is taken.
    public mutating func register<Product>(
        _ kind: ExtensionKind<Product>, id: String, title: String,
        origin: ExtensionOrigin = .builtIn, files: @escaping Files = { _, _ in [] },
        immaterial: [String] = [], make: @escaping Factory<Product>
    ) throws {
        if let taken = entries[kind.name]?[id] {
            throw RefluxError(
                .usage, found: "the \(kind.name) \"\(id)\" is registered already (\(taken.title))",
                wanted: "an id that is not taken", remedy: "Rename the extension.")
        }
        entries[kind.name, default: [:]][id] = Entry(
            title: title, origin: origin, files: files, immaterial: Set(immaterial),
            make: { try make($0, $1) })
    }

    /// The ids of a kind with their titles, sorted by id.
    public func list<Product>(_ kind: ExtensionKind<Product>) -> [(id: String, title: String)] {
        (entries[kind.name] ?? [:]).map { ($0.key, $0.value.title) }.sorted { $0.id < $1.id }
    }

    /// Who provides an id; `nil` when nobody does.
    public func origin<Product>(
        of kind: ExtensionKind<Product>, id: String
    ) -> ExtensionOrigin? {
        entries[kind.name]?[id]?.origin
    }

    /// The files that determine a part beside its settings.
    ///
    /// - Parameters:
    ///   - kind: the kind of part.
    ///   - table: the part's table with every default, `use` included.
    ///   - context: what its factory is given.
    /// - Returns: absolute paths; none for a part that its settings determine alone.
    public func files<Product>(
        _ kind: ExtensionKind<Product>, of table: ConfigurationNode, context: BuildContext
    ) -> [String] {
        guard case .table(let keys) = table.value,
            case .string(let id)? = keys.first(where: { $0.key == "use" })?.node.value
        else { return [] }
        var context = context
        context.registry = self
        return entries[kind.name]?[id]?.files(table, context) ?? []
    }

    /// A part's table without the keys that change nothing of what it makes.
    ///
    /// - Parameters:
    ///   - kind: the kind of part.
    ///   - table: the part's table, `use` included.
    /// - Returns: what determines the part.
    public func material<Product>(
        _ kind: ExtensionKind<Product>, of table: ConfigurationNode
    ) -> ConfigurationNode {
        guard case .table(let keys) = table.value,
            case .string(let id)? = keys.first(where: { $0.key == "use" })?.node.value,
            let ignored = entries[kind.name]?[id]?.immaterial, !ignored.isEmpty
        else { return table }
        return ConfigurationNode(
            .table(keys.filter { !ignored.contains($0.key) }), at: table.location)
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
        let id: String
        if let fallback {
            id = try reader.string("use", default: fallback)
        } else {
            id = try reader.requiredString("use", meaning: "the id of a \(kind.name)")
        }
        guard let entry = entries[kind.name]?[id] else {
            throw unknown(kind.name, id, at: reader.place(of: "use"))
        }
        var context = context
        context.registry = self
        let product = try entry.make(reader, context)
        try reader.finish()
        guard let product = product as? Product else {
            throw RefluxError(
                .internalFault, found: "the \(kind.name) \"\(id)\" made a \(type(of: product))")
        }
        return product
    }

    /// The error of an id that nobody registered. Long forms are offered where one was written.
    private func unknown(_ kind: String, _ id: String, at place: SourceLocation) -> RefluxError {
        let all = (entries[kind] ?? [:]).keys
        let long = id.contains(":") ? all.filter { $0.contains(":") } : []
        let known = long.isEmpty ? all.filter { !$0.contains(":") } : long
        return RefluxError(
            .usage, found: "unknown \(kind) \"\(id)\"", at: place,
            remedy: adviceOnUnknown(kind, id) ?? suggestion(for: id, known: known))
    }
}
