import RefluxCore

/// A part of a run and the table it was made from, with its defaults.
struct MadePart<Settings, Part> {
    /// The pipeline's own keys of the table.
    let settings: Settings
    /// The part.
    let part: Part
    /// The table with every default of both.
    let resolved: ConfigurationNode
}

/// A section that names a part holds keys of the pipeline beside the part's own: the pipeline's
/// settings take theirs first, the factory takes the rest, and what nobody took is refused.
extension RunConfiguration {
    /// The rule of the section `label`.
    func makeRule(
        registry: ExtensionRegistry, context: BuildContext
    ) throws -> MadePart<LabelSettings, any PseudoRewardRule> {
        try Self.make(
            .rule, reader("label"), settings: LabelSettings.init, default: "teacher-majority",
            registry: registry, context: context)
    }

    /// The reward model of the section `reward`.
    func makeRewardModel(
        registry: ExtensionRegistry, context: BuildContext
    ) throws -> MadePart<RewardSettings, any RewardModel> {
        try Self.make(
            .rewardModel, reader("reward"), settings: RewardSettings.init,
            default: "language-model", registry: registry, context: context)
    }

    /// The optimizer of the section `reinforce`.
    func makeOptimizer(
        registry: ExtensionRegistry, context: BuildContext
    ) throws -> MadePart<ReinforceSettings, any PolicyOptimizer> {
        try Self.make(
            .optimizer, reader("reinforce"), settings: ReinforceSettings.init, default: "ppo",
            registry: registry, context: context)
    }

    /// The teachers of the section `teachers`.
    func makeTeachers(
        registry: ExtensionRegistry, context: BuildContext
    ) throws -> [MadePart<TeacherSettings, any TeacherSource>] {
        try ConfigurationReader(source).tables("teachers").map { table in
            try Self.make(
                .teacher, table, settings: TeacherSettings.init, registry: registry,
                context: context)
        }
    }

    /// Reads the settings, then makes the part from what they left.
    static func make<Settings, Part>(
        _ kind: ExtensionKind<Part>, _ reader: ConfigurationReader,
        settings: (ConfigurationReader) throws -> Settings, default fallback: String? = nil,
        registry: ExtensionRegistry, context: BuildContext
    ) throws -> MadePart<Settings, Part> {
        let settings = try settings(reader)
        let part = try registry.make(kind, from: reader, default: fallback, context: context)
        return MadePart(settings: settings, part: part, resolved: reader.resolved)
    }

    /// What factories are given; models are known by their roles.
    func buildContext(run: RunFolder, models: any LanguageModelProvider) -> BuildContext {
        BuildContext(
            seed: self.run.seed, baseFolder: baseFolder, models: models,
            roles: modelRoles(run: run), precision: student.precision)
    }
}
