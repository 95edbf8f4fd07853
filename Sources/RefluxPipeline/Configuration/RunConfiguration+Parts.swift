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

    /// A saved reward model: the part of the section `reward`, told to load.
    ///
    /// - Parameters:
    ///   - folder: what the part saved.
    ///   - context: opens models.
    /// - Returns: the model, opened on first use.
    /// - Throws: ``RefluxError`` of kind `usage` when the part cannot load.
    func loadRewardModel(
        from folder: String, context: BuildContext
    ) throws -> any RewardModel {
        let location = source.location
        let load = ConfigurationEntry(
            "load", ConfigurationNode(.string(folder), at: location))
        let section = ConfigurationNode(resolved("reward"), at: location)
        guard case .table(let entries) = section.value else {
            throw RefluxError(.internalFault, found: "no resolved section \"reward\"")
        }
        // A built-in model keeps its settings beside its weights, and takes no others; a plugin is
        // given the ones that it was made with.
        var isPlugin = false
        if case .string(let id)? = section["use"]?.value {
            isPlugin = registry.origin(of: .rewardModel, id: id) != .builtIn
        }
        let kept = entries.filter { isPlugin ? $0.key != "load" : $0.key == "use" }
        let reader = try ConfigurationReader(ConfigurationNode(.table(kept + [load]), at: location))
        if isPlugin { _ = try RewardSettings(reader) }
        return try registry.make(.rewardModel, from: reader, context: context)
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
            roles: modelRoles(run: run), precision: student.precision,
            gradientCheckpointing: student.gradientCheckpointing)
    }
}
