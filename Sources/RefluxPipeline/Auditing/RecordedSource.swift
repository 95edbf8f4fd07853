import RefluxCore
import RefluxPluginHost

/// Recorded responses and the task that they answer: what the commands `label`, `evaluate` and
/// `reward` take in place of a run file.
package struct RecordedSource: Sendable {
    /// The id of the task.
    package var task: String
    /// The questions, the task's key `data`; `nil` for tasks that make their own.
    package var questions: String?
    /// The file of responses.
    package var responses: String
    /// The fields of its lines.
    package var fields: ResponseFields
    /// The reading that votes, the task's key `extractor`; `nil` takes the task's default.
    package var extractor: String?
    /// The id of the rule.
    package var rule: String
    /// The rule's key `tie`; `nil` takes the rule's default.
    package var tie: String?
    /// The reward model, where one is wanted.
    package var rewardModel: RewardModelChoice?
    /// Further values as in a run file: `task.KEY=…`, `label.KEY=…`, `run.seed=…`, and `reward.KEY=…`
    /// where a reward model is wanted.
    package var overrides: [String]
    /// Plugins whose parts may be named, by path or id.
    package var plugins: [String]

    /// Makes a source.
    package init(
        task: String, questions: String? = nil, responses: String,
        fields: ResponseFields = ResponseFields(), extractor: String? = nil,
        rule: String = "teacher-majority", tie: String? = nil,
        rewardModel: RewardModelChoice? = nil, overrides: [String] = [], plugins: [String] = []
    ) {
        self.task = task
        self.questions = questions
        self.responses = responses
        self.fields = fields
        self.extractor = extractor
        self.rule = rule
        self.tie = tie
        self.rewardModel = rewardModel
        self.overrides = overrides
        self.plugins = plugins
    }

    /// Makes the parts.
    ///
    /// - Parameters:
    ///   - registry: the built-in parts; those of the plugins are added.
    ///   - models: opens models, where a part needs one.
    ///   - baseFolder: the folder of relative paths.
    ///   - console: where plugins say things.
    /// - Returns: the task, the rule and, where one is wanted, the reward model.
    /// - Throws: ``RefluxError`` of kind `usage`: an unknown part or key, or a wrong value.
    func parts(
        registry: ExtensionRegistry, models: any LanguageModelProvider, baseFolder: String,
        console: Console
    ) throws -> RecordedParts {
        var registry = registry
        let choices = plugins.map {
            PluginChoice(use: $0, location: SourceLocation(path: "--plugin"))
        }
        let enabled = try EnabledPlugins(
            choices, baseFolder: baseFolder, means: PluginMeans().telling(console))
        try enabled.register(in: &registry)
        let root = try ConfigurationReader(try configuration())
        let run = try root.table("run")
        let seed = UInt64(try run.int("seed", default: 17))
        try run.finish()
        root.record("run", run.resolved.value)
        let context = BuildContext(seed: seed, baseFolder: baseFolder, models: models)
        func make<Part>(
            _ kind: ExtensionKind<Part>, from reader: ConfigurationReader, _ section: String
        ) throws -> Part {
            let part = try registry.make(kind, from: reader, context: context)
            root.record(section, reader.resolved.value)
            return part
        }
        let task = try make(.task, from: try root.table("task"), "task")
        let table = try root.table("label")
        let label = try LabelSettings(table)
        let rule = try make(.rule, from: table, "label")
        let rewardModel = try rewardModel.map { _ in
            try make(.rewardModel, from: try root.table("reward"), "reward")
        }
        try root.finish()
        return RecordedParts(
            task: task, rule: rule, timeout: label.timeout, rewardModel: rewardModel,
            resolved: root.resolved, registry: registry, context: context)
    }

    /// The sections `task`, `label` and `reward` of a run file, as the options say; each value stands
    /// at its option, so that errors name it.
    private func configuration() throws -> ConfigurationNode {
        let section = { (values: [(key: String, option: String, value: String?)]) in
            let entries = values.compactMap { key, option, value in
                value.map {
                    ConfigurationEntry(
                        key, ConfigurationNode(.string($0), at: SourceLocation(path: option)))
                }
            }
            return ConfigurationNode(.table(entries), at: SourceLocation(path: "--set"))
        }
        var task = section([
            ("use", "--task", task), ("data", "--questions", questions),
            ("extractor", "--extractor", extractor),
        ])
        var label = section([("use", "--rule", rule), ("tie", "--tie", tie)])
        task.location.key = "task"
        label.location.key = "label"
        var entries = [ConfigurationEntry("task", task), ConfigurationEntry("label", label)]
        if let rewardModel {
            entries.append(ConfigurationEntry("reward", rewardModel.section))
        }
        let root = ConfigurationNode(.table(entries), at: SourceLocation(path: "--set"))
        return try overrides.reduce(root) {
            try ConfigurationOverride(parsing: $1).applied(to: $0)
        }
    }
}
