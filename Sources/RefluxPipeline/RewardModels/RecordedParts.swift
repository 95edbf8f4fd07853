import RefluxCore

/// The parts that were made for recorded responses.
struct RecordedParts: Sendable {
    /// The task.
    let task: any TaskEvaluator
    /// The rule.
    let rule: any PseudoRewardRule
    /// The seconds that the rule may take for a question, if that is limited.
    let timeout: Double?
    /// The reward model, where one was wanted.
    let rewardModel: (any RewardModel)?
    /// The sections `run`, `task`, `label` and `reward` with every default.
    let resolved: ConfigurationNode
    /// The replaceable parts, those of plugins among them.
    let registry: ExtensionRegistry
    /// What the parts were made with.
    let context: BuildContext
}

/// The reward model of a command on recorded responses.
package enum RewardModelChoice: Sendable {
    /// One that is to be trained: its id and, for models that have one, its body.
    case fresh(use: String, body: String?)
    /// One that was saved.
    case saved(SavedRewardModel)

    /// The section `reward` of a run file.
    var section: ConfigurationNode {
        switch self {
        case .fresh(let use, let body):
            let values = [("use", "--use", Optional(use)), ("body", "--body", body)]
            let entries = values.compactMap { key, option, value in
                value.map {
                    ConfigurationEntry(
                        key, ConfigurationNode(.string($0), at: SourceLocation(path: option)))
                }
            }
            return ConfigurationNode(
                .table(entries), at: SourceLocation(path: "--set", key: "reward"))
        case .saved(let saved): return saved.section
        }
    }
}
