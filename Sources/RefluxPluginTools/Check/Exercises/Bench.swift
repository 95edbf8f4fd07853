import RefluxCore
import RefluxPluginHost

/// What a test in the child process works on: one extension of one loaded plugin.
struct Bench: Sendable {
    /// Makes instances.
    let runtime: any PluginRuntime
    /// The plugin.
    let manifest: PluginManifest
    /// The extension.
    let subject: PluginExtension
    /// The seed of the inputs and of the instances.
    let seed: UInt64
    /// The configuration of ordinary instances, whole.
    let configuration: String

    /// What an ordinary instance is made from.
    var request: ExtensionRequest { request(configuration: configuration) }

    /// What an instance with a configuration is made from.
    func request(configuration: String, load: String? = nil) -> ExtensionRequest {
        ExtensionRequest(
            extensionID: subject.id, name: subject.id, configuration: configuration, seed: seed,
            baseFolder: manifest.folder, load: load)
    }

    /// The same bench with another configuration.
    func with(configuration: String) -> Bench {
        Bench(
            runtime: runtime, manifest: manifest, subject: subject, seed: seed,
            configuration: configuration)
    }

    /// A failure of a test of this extension.
    func failure(
        _ check: String, found: String, wanted: String, remedy: String, item: String? = nil
    ) -> RefluxError {
        let key = item.map { "\(subject.id): \($0)" } ?? subject.id
        return RefluxError(
            .input, found: found, at: SourceLocation(path: manifest.folder, key: key),
            wanted: wanted, remedy: remedy, check: check)
    }

    /// The exercise of the extension's kind.
    var exercise: any Exercise { exerciseOf(subject.kind, seed: seed) }
}

/// The exercise of a kind.
func exerciseOf(_ kind: PluginKind, seed: UInt64) -> any Exercise {
    switch kind {
    case .pseudoRewardRule: RuleExercise(seed: seed)
    case .policyOptimizer: OptimizerExercise(seed: seed)
    case .taskEvaluator: TaskExercise(seed: seed)
    case .teacherSource: TeacherExercise(seed: seed)
    case .rewardModel: RewardModelExercise(seed: seed)
    }
}
