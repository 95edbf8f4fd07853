import RefluxCore

/// Values that are right one by one and cannot be together.
extension RunConfiguration {
    /// Refuses impossible combinations.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` at the key that should change.
    func checkCombinations(
        task: any TaskEvaluator, teachers: [any TeacherSource], optimizer: any PolicyOptimizer
    ) throws {
        try checkPreparedModels()
        try checkTeacherNames(teachers)
        try checkGroupSize(optimizer)
        try checkMetrics(task)
        try checkRewardBody()
        try checkRewardAdapter()
    }

    private func checkPreparedModels() throws {
        guard prepare == nil else { return }
        let named =
            ModelRoles.localTeachers(in: source).map { ($0.model, $0.location) }
            + [(student.model, place("student", "model"))]
        if let (name, location) = named.first(where: { ModelRoles.preparedNames.contains($0.0) }) {
            throw RefluxError(
                .usage, found: "the model \"\(name)\" and no section \"prepare\"", at: location,
                wanted: "a section that prepares it", remedy: "Add prepare: {}, or name a folder.")
        }
    }

    private func checkTeacherNames(_ teachers: [any TeacherSource]) throws {
        for (index, teacher) in teachers.enumerated()
        where teachers[..<index].contains(where: { $0.name == teacher.name }) {
            throw RefluxError(
                .usage, found: "two teachers are named \"\(teacher.name)\"",
                at: place("teachers", "name"), wanted: "a name of its own for each",
                remedy: "Give one of them a key name.")
        }
        let names = zip(teachers, self.teachers).map {
            (name: $0.name, temperatures: $1.temperatures.count)
        }
        for (index, teacher) in names.enumerated() {
            guard let other = names[..<index].first(where: { RandomKey.share($0, teacher) }) else {
                continue
            }
            throw RefluxError(
                .usage,
                found: "the names \"\(other.name)\" and \"\(teacher.name)\" have the same hash",
                at: place("teachers", "name"), wanted: "random numbers of its own for each",
                remedy: "Give one of them another name.")
        }
    }

    /// Where the baseline is the group's own mean, groups of one have no signal.
    private func checkGroupSize(_ optimizer: any PolicyOptimizer) throws {
        let settings = resolved["reinforce"]
        let usesGroups =
            optimizer.name == "grpo" || settings?["group_baseline"]?.value == .bool(true)
        guard usesGroups, reinforce.samplesPerPrompt < 2 else { return }
        throw RefluxError(
            .usage, found: "found \(reinforce.samplesPerPrompt) sample a prompt",
            at: place("reinforce", "samples_per_prompt"),
            wanted: "at least 2: \(optimizer.name) compares the samples of one prompt",
            remedy: "Raise samples_per_prompt.")
    }

    private func checkMetrics(_ task: any TaskEvaluator) throws {
        guard let stray = evaluate.metrics.first(where: { !task.metrics.contains($0) }) else {
            return
        }
        throw RefluxError(
            .usage, found: "unknown metric \"\(stray)\" of the task \(task.name)",
            at: place("evaluate", "metrics"), remedy: suggestion(for: stray, known: task.metrics))
    }

    /// The body `teacher` of a reward model is the first local teacher; recorded ones are no models.
    private func checkRewardBody() throws {
        guard includes(.reward), ModelRoles.localTeachers(in: source).isEmpty,
            let body = rewardBodies.first(where: { $0.name == "teacher" })
        else { return }
        throw RefluxError(
            .usage, found: "the reward model's body is the teacher, and no teacher is a model here",
            at: body.location, wanted: "student, or the path of a model",
            remedy: "Set reward.body: student, or that of the ensemble's members.")
    }

    /// A reward model on the warmed-up student goes on with the student's adapter.
    private func checkRewardAdapter() throws {
        guard let own = student.adapter, includes(.reward) else { return }
        for table in rewardTables where table["body"]?.value == .string("student") {
            guard let asked = try ConfigurationReader(table).adapter("adapter"), !asked.fits(own)
            else { continue }
            throw RefluxError(
                .usage, found: "an adapter of \(asked.words)",
                at: table["adapter"]?.location ?? place("reward", "adapter"),
                wanted: "that of the student, on which the reward model is trained: \(own.words)",
                remedy: "Make the two alike, or take another body.")
        }
    }

    /// The bodies of the reward model, or of all members of an ensemble, and where they are named.
    var rewardBodies: [(name: String, location: SourceLocation)] {
        rewardTables.compactMap { table in
            guard let body = table["body"], case .string(let name) = body.value else { return nil }
            return (name, body.location)
        }
    }

    /// The tables of the reward model, or of all members of an ensemble.
    private var rewardTables: [ConfigurationNode] {
        tables(of: ConfigurationNode(resolved("reward"), at: place("reward", "body")))
    }

    private func tables(of table: ConfigurationNode) -> [ConfigurationNode] {
        guard case .list(let members)? = table["members"]?.value else { return [table] }
        return members.flatMap(tables)
    }

    private func place(_ section: String, _ key: String) -> SourceLocation {
        source[section]?[key]?.location
            ?? SourceLocation(path: source.location.path, key: "\(section).\(key)")
    }
}
