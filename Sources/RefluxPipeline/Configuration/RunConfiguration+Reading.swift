package import RefluxCore
import RefluxFiles
package import RefluxPluginHost

extension RunConfiguration {
    /// Reads and checks a run file.
    ///
    /// Every part that the file names is made once, so that unknown ids, keys and values are refused
    /// here, before anything runs.
    ///
    /// - Parameters:
    ///   - path: the run file.
    ///   - overrides: values that replace those of the file, in order.
    ///   - addedPlugins: plugins to enable beside those of the file, as paths or ids.
    ///   - runsFolder: the folder of run folders, absolute.
    ///   - baseFolder: the folder against which relative paths are resolved, absolute.
    ///   - registry: the built-in parts; those of the file's plugins are added.
    ///   - means: how plugins are found and run. Their manifests are read and compared with
    ///     `reflux.lock` beside the file; the code of those whose parts the file names is loaded.
    ///   - models: opens models; nothing is opened here.
    /// - Returns: the checked run file.
    /// - Throws: ``RefluxError`` of kind `usage` with file, line, column and key.
    package static func read(
        fileAt path: String, overrides: [ConfigurationOverride] = [],
        addedPlugins: [String] = [], runsFolder: String, baseFolder: String,
        registry: ExtensionRegistry, plugins means: PluginMeans = PluginMeans(),
        models: any LanguageModelProvider
    ) throws -> RunConfiguration {
        var source = try YAMLReader.read(Files.readText(path), path: path)
        for override in overrides { source = try override.applied(to: source) }
        source = AddedPlugins.adding(addedPlugins, to: source)
        let plugins = try EnabledPlugins(
            SectionReader(source).plugins(), baseFolder: baseFolder, means: means)
        try plugins.checkLock(beside: path)
        var registry = registry
        try plugins.register(in: &registry)
        return try RunConfiguration(
            source: source, runsFolder: runsFolder, baseFolder: baseFolder, plugins: plugins,
            registry: registry, models: models)
    }

    /// The plugins that a run file enables, for what looks at them only: nothing else of the file is
    /// checked.
    ///
    /// - Parameters:
    ///   - path: the run file.
    ///   - baseFolder: the folder against which relative paths are resolved, absolute.
    ///   - means: how plugins are found.
    /// - Returns: the plugins; their code is not loaded.
    /// - Throws: ``RefluxError``, as when the file is read.
    package static func plugins(
        fileAt path: String, baseFolder: String, means: PluginMeans = PluginMeans()
    ) throws -> EnabledPlugins {
        let source = try YAMLReader.read(Files.readText(path), path: path)
        return try EnabledPlugins(
            SectionReader(source).plugins(), baseFolder: baseFolder, means: means)
    }

    /// The configuration of a variant: this one with the variant's values.
    func variant(
        _ variant: VariantSettings, runsFolder: String, models: any LanguageModelProvider
    ) throws -> RunConfiguration {
        var source = self.source
        for override in variant.overrides { source = try override.applied(to: source) }
        if case .table(let entries) = source.value {
            source.value = .table(entries.filter { $0.key != "variants" })
        }
        return try RunConfiguration(
            source: source, runsFolder: runsFolder, baseFolder: baseFolder, plugins: plugins,
            registry: registry, models: models)
    }

    private init(
        source: ConfigurationNode, runsFolder: String, baseFolder: String,
        plugins: EnabledPlugins, registry: ExtensionRegistry, models: any LanguageModelProvider
    ) throws {
        let sections = try SectionReader(source)
        self.source = source
        self.baseFolder = baseFolder
        self.plugins = plugins
        self.registry = registry
        _ = try sections.plugins()
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
            precision: student.precision,
            gradientCheckpointing: student.gradientCheckpointing)
        let parts = PartReader(sections: sections, registry: registry, context: context)
        let task = try parts.part("task", .task, TaskSettings.init)
        self.task = task.part
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
            _ = try self.variant(variant, runsFolder: runsFolder, models: models)
        }
    }
}
