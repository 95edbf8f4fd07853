package import RefluxCore
import RefluxFiles

extension RunConfiguration {
    /// Reads and checks a run file.
    ///
    /// Every part that the file names is made once, so that unknown ids, keys and values are refused
    /// here, before anything runs.
    ///
    /// - Parameters:
    ///   - path: the run file.
    ///   - overrides: values that replace those of the file, in order.
    ///   - runsFolder: the folder of run folders, absolute.
    ///   - baseFolder: the folder against which relative paths are resolved, absolute.
    ///   - registry: the replaceable parts.
    ///   - models: opens models; nothing is opened here.
    /// - Returns: the checked run file.
    /// - Throws: ``RefluxError`` of kind `usage` with file, line, column and key.
    package static func read(
        fileAt path: String, overrides: [ConfigurationOverride] = [], runsFolder: String,
        baseFolder: String, registry: ExtensionRegistry, models: any LanguageModelProvider
    ) throws -> RunConfiguration {
        var source = try YAMLReader.read(Files.readText(path), path: path)
        for override in overrides { source = try override.applied(to: source) }
        return try RunConfiguration(
            source: source, runsFolder: runsFolder, baseFolder: baseFolder, registry: registry,
            models: models)
    }

    /// The configuration of a variant: this one with the variant's values.
    func variant(
        _ variant: VariantSettings, runsFolder: String, registry: ExtensionRegistry,
        models: any LanguageModelProvider
    ) throws -> RunConfiguration {
        var source = self.source
        for override in variant.overrides { source = try override.applied(to: source) }
        if case .table(let entries) = source.value {
            source.value = .table(entries.filter { $0.key != "variants" })
        }
        return try RunConfiguration(
            source: source, runsFolder: runsFolder, baseFolder: baseFolder, registry: registry,
            models: models)
    }

    private init(
        source: ConfigurationNode, runsFolder: String, baseFolder: String,
        registry: ExtensionRegistry, models: any LanguageModelProvider
    ) throws {
        let sections = try SectionReader(source)
        self.source = source
        self.baseFolder = baseFolder
        run = try sections.whole("run", RunSettings.init)
        prepare =
            sections.has("prepare") ? try sections.whole("prepare", PrepareSettings.init) : nil
        student = try sections.whole("student", StudentSettings.init)
        warmup = try sections.whole("warmup", WarmupSettings.init)
        sample = try sections.whole("sample", SampleSettings.init)
        evaluate = try sections.whole("evaluate", EvaluateSettings.init)
        variants = try sections.variants()

        let folder = RunFolder(path: "\(runsFolder)/\(run.name)")
        let context = BuildContext(
            seed: run.seed, baseFolder: baseFolder, models: models,
            roles: ModelRoles(source: source, student: student, baseFolder: baseFolder)
                .paths(in: folder),
            precision: student.precision)
        let parts = PartReader(sections: sections, registry: registry, context: context)
        let task = try parts.part("task", .task, TaskSettings.init)
        taskSettings = task.settings
        let teachers = try parts.teachers()
        self.teachers = teachers.map(\.settings)
        label = try parts.part("label", .rule, LabelSettings.init, default: "teacher-majority")
            .settings
        reward = try parts.part(
            "reward", .rewardModel, RewardSettings.init, default: "language-model"
        ).settings
        let optimizer = try parts.part(
            "reinforce", .optimizer, ReinforceSettings.init, default: "ppo")
        reinforce = optimizer.settings
        resolved = sections.resolved
        try checkCombinations(
            task: task.part, teachers: teachers.map(\.part), optimizer: optimizer.part)
        for variant in variants {
            _ = try self.variant(
                variant, runsFolder: runsFolder, registry: registry, models: models)
        }
    }
}
