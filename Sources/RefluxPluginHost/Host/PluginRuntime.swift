public import RefluxCore

/// Makes the parts of one plugin: in this process (``InProcessPlugin``) or in one of its own
/// (``IsolatedPlugin``). The parts are the ordinary ones of `RefluxCore`; nobody above knows the
/// difference.
///
/// **Threads.** Any. **Errors.** ``RefluxError`` with the id of a ``PluginCheck``.
public protocol PluginRuntime: Sendable {
    /// Makes a rule.
    func makeRule(_ request: ExtensionRequest) throws -> any PseudoRewardRule
    /// Makes an optimizer.
    func makeOptimizer(_ request: ExtensionRequest) throws -> any PolicyOptimizer
    /// Makes a task.
    func makeTask(_ request: ExtensionRequest) throws -> any TaskEvaluator
    /// Makes a teacher.
    func makeTeacher(_ request: ExtensionRequest) throws -> any TeacherSource
    /// Makes a reward model; with ``ExtensionRequest/load`` one that was saved.
    func makeRewardModel(_ request: ExtensionRequest) throws -> any RewardModel
}

/// What an instance of an extension is made from. Crosses to a worker process as JSON.
public struct ExtensionRequest: Sendable, Codable, Equatable {
    /// The extension's id in its plugin.
    public var extensionID: String
    /// The name of the part in metrics and reports.
    public var name: String
    /// The configuration as the text of a JSON object: every key of the schema, checked.
    public var configuration: String
    /// The run's seed.
    public var seed: UInt64
    /// The folder against which relative paths were resolved.
    public var baseFolder: String
    /// The folder of a saved reward model; `nil` for a fresh one.
    public var load: String?

    /// Makes a request.
    public init(
        extensionID: String, name: String, configuration: String = "{}", seed: UInt64 = 0,
        baseFolder: String = "/", load: String? = nil
    ) {
        self.extensionID = extensionID
        self.name = name
        self.configuration = configuration
        self.seed = seed
        self.baseFolder = baseFolder
        self.load = load
    }
}

/// Where plugins say things, and how long they may take. Callbacks may come from any thread.
public struct PluginServices: Sendable {
    /// How severe a log line is.
    public enum Level: Int32, Sendable, Codable {
        /// For the author.
        case debug = 0
        /// For whoever wants to know.
        case info = 1
        /// Something is odd.
        case warning = 2
        /// Something failed.
        case error = 3
    }

    /// A cleaned log line of a plugin: no control characters, at most 2,000 bytes.
    public var log: @Sendable (_ plugin: String, _ level: Level, _ text: String) -> Void
    /// The configuration that an instance says is in effect, as JSON.
    public var effectiveConfiguration: @Sendable (_ extensionID: String, _ json: String) -> Void
    /// The time of one call of a rule, optimizer, task or of `score`; `nil` for no limit. Fitting
    /// and teaching have none.
    public var callLimit: Duration?

    /// Makes services; the callbacks left out do nothing.
    public init(
        log: @escaping @Sendable (String, Level, String) -> Void = { _, _, _ in },
        effectiveConfiguration: @escaping @Sendable (String, String) -> Void = { _, _ in },
        callLimit: Duration? = .seconds(60)
    ) {
        self.log = log
        self.effectiveConfiguration = effectiveConfiguration
        self.callLimit = callLimit
    }
}
