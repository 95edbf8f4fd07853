public import RefluxCore
import Synchronization

/// A plugin whose code runs in processes of its own: a crash, an `exit`, an endless loop or an
/// exhausted memory in it is an error here, and nothing else.
///
/// Every part that it makes has its own worker process (a parallel rule, task or optimizer up to
/// four), started when the part is made, ended when the part is let go. A process that died is
/// replaced at the next call, with a part made from the same request; after the third death of a
/// plugin all calls fail at once.
///
/// ```swift
/// let plugin = IsolatedPlugin(library, services: services)
/// let rule = try plugin.makeRule(ExtensionRequest(extensionID: "share", name: "share"))
/// ```
///
/// **Cost.** A worker takes some 50 ms to start; a call of a rule 30 µs more than in this process, a
/// loss of 16,000 tokens half a millisecond. **Threads.** Any; `async` functions never hold up a thread of the pool, the others
/// wait. **Errors.** What the plugin's own calls throw arrives as it was thrown; what isolation adds
/// is ``RefluxError`` of the kind `broken` with a `worker.…` check. **Cancellation.** A cancelled
/// call asks the plugin to stop, and ends its process a second later.
public final class IsolatedPlugin: PluginRuntime {
    private let host: WorkerHost

    /// Prepares a plugin; starts nothing yet.
    ///
    /// - Parameters:
    ///   - library: the plugin, checked. The worker checks it again, and that it is the same.
    ///   - services: where log lines and effective configurations go. Its time limit is not used.
    ///   - options: the worker program and its limits.
    public convenience init(
        _ library: PluginLibrary, services: PluginServices = PluginServices(),
        options: Options = Options()
    ) {
        let parallel = library.manifest.provides.filter { $0.concurrency == .parallel }
        self.init(
            id: library.manifest.id, folder: library.manifest.folder, sha256: library.sha256,
            parallel: Set(parallel.map(\.id)), services: services, options: options)
    }

    /// Prepares whatever a worker program of a test serves.
    package init(
        id: String, folder: String, sha256: String = "", parallel: Set<String> = [],
        services: PluginServices = PluginServices(), options: Options = Options()
    ) {
        host = WorkerHost(
            id: id, folder: folder, sha256: sha256, parallel: parallel, services: services,
            options: options)
    }

    /// Makes a rule in a process of its own.
    public func makeRule(_ request: ExtensionRequest) throws -> any PseudoRewardRule {
        try RemoteRule(RemotePart(.pseudoRewardRule, request, host: host))
    }

    /// Makes an optimizer in a process of its own.
    public func makeOptimizer(_ request: ExtensionRequest) throws -> any PolicyOptimizer {
        try RemoteOptimizer(RemotePart(.policyOptimizer, request, host: host))
    }

    /// Makes a task in a process of its own.
    public func makeTask(_ request: ExtensionRequest) throws -> any TaskEvaluator {
        try RemoteTask(RemotePart(.taskEvaluator, request, host: host))
    }

    /// Makes a teacher in a process of its own.
    public func makeTeacher(_ request: ExtensionRequest) throws -> any TeacherSource {
        try RemoteTeacher(RemotePart(.teacherSource, request, host: host))
    }

    /// Makes a reward model in a process of its own.
    public func makeRewardModel(_ request: ExtensionRequest) throws -> any RewardModel {
        try RemoteRewardModel(RemotePart(.rewardModel, request, host: host))
    }
}

extension IsolatedPlugin {
    /// The worker program and its limits.
    public struct Options: Sendable, Equatable {
        /// The program that serves plugins: the `reflux` command.
        public var executable: String
        /// Its arguments.
        public var arguments: [String]
        /// How much address space the plugin may take on top of the program's own, in bytes.
        public var memoryLimit: Int
        /// The time of one call of a rule, an optimizer, a task or of `score`; `nil` for no limit.
        /// Fitting, saving and teaching have none.
        public var callLimit: Duration?
        /// The time for starting, for loading the plugin and for making a part, each.
        public var startLimit: Duration

        /// Makes options; the defaults start the program that is running.
        public init(
            executable: String = "/proc/self/exe", arguments: [String] = ["plugin-worker"],
            memoryLimit: Int = 4096 << 20, callLimit: Duration? = .seconds(60),
            startLimit: Duration = .seconds(30)
        ) {
            self.executable = executable
            self.arguments = arguments
            self.memoryLimit = memoryLimit
            self.callLimit = callLimit
            self.startLimit = startLimit
        }

        /// How long a cancelled call may go on before its process is ended.
        static let cancellationGrace = Duration.seconds(1)
        /// How long a worker may take to end by itself.
        static let retirementGrace = Duration.seconds(2)
        /// How much longer than its limit the host waits for an answer, since the plugin knows the
        /// limit and may keep to it.
        static let answerGrace = Duration.milliseconds(250)
        /// The most deaths of a plugin's processes.
        static let mostDeaths = 3
        /// The most processes of a parallel part.
        static let mostWorkers = 4
    }
}

/// What the parts of an isolated plugin share.
final class WorkerHost: Sendable {
    /// The plugin's id, folder and the library's hash.
    let id: String, folder: String, sha256: String
    /// The extensions that may be called from several threads.
    let parallel: Set<String>
    /// Where things are said.
    let services: PluginServices
    /// The worker program and its limits.
    let options: IsolatedPlugin.Options
    private let deaths = Mutex<(count: Int, last: RefluxError?)>((0, nil))

    init(
        id: String, folder: String, sha256: String, parallel: Set<String>,
        services: PluginServices, options: IsolatedPlugin.Options
    ) {
        self.id = id
        self.folder = folder
        self.sha256 = sha256
        self.parallel = parallel
        self.services = services
        self.options = options
    }

    /// Who hears of everything besides answers.
    func listener(_ observer: RunObserver = .silent) -> WorkerProcess.Listener {
        let (id, services) = (id, services)
        return WorkerProcess.Listener(
            log: { services.log(id, $0, $1) }, configuration: services.effectiveConfiguration,
            observer: observer)
    }

    /// Counts a death.
    func noteDeath(_ error: any Error) {
        guard let error = error as? RefluxError else { return }
        deaths.withLock { $0 = ($0.count + 1, error) }
    }

    /// Throws when the plugin's processes have died too often.
    func checkDeaths(at place: WorkerPlace) throws {
        let (count, last) = deaths.withLock { $0 }
        guard count >= IsolatedPlugin.Options.mostDeaths, let last else { return }
        throw RefluxError(
            .broken,
            found: "the plugin's processes have died \(count) times, and no other is started; "
                + "the last time \(last.found)", at: place.location, wanted: last.wanted,
            remedy: last.remedy, check: last.check)
    }
}
