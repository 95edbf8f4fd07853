import Foundation
package import RefluxCore
import RefluxPluginHost
import RefluxTasks

/// Reads and scores again what a run left behind, without running it again and without writing to its
/// folder.
package struct RunAuditor: Sendable {
    /// What gives the new rewards.
    package enum Scorer: Sendable, Equatable {
        /// The rule of the section `label`, or the one that is named.
        case rule(String?)
        /// A reward model that a run saved, by its folder.
        case rewardModel(String)
    }

    /// The run.
    let run: ReopenedRun
    /// The name of the rule that the run was labelled by.
    let earlierRule: String
    /// Which responses.
    let pool: RunPool
    /// The groups.
    let groups: [RunGroup]
    /// The responses as a recording, for readings and reports.
    let recorded: RecordedAuditor
    private let scorer: Scorer
    private let models: any LanguageModelProvider

    /// Reads a run folder.
    ///
    /// - Parameters:
    ///   - folder: the run folder.
    ///   - pool: which responses.
    ///   - scorer: what gives the new rewards.
    ///   - overrides: values that replace those of the run, as in `--set`.
    ///   - plugins: plugins to enable beside those of the run.
    ///   - registry: the built-in parts.
    ///   - models: opens models.
    ///   - console: where notes go.
    /// - Throws: ``RefluxError`` of kind `input` when the folder is no run folder or the stage has not
    ///   been carried out, of kind `usage` for wrong settings.
    package init(
        _ folder: String, pool: RunPool, scorer: Scorer = .rule(nil), overrides: [String] = [],
        plugins: [String] = [], registry: ExtensionRegistry, models: any LanguageModelProvider,
        console: Console = Console()
    ) throws {
        let means = PluginMeans().telling(console)
        let open = { (added: [String], plugins: [String]) in
            try ReopenedRun(
                folder, adding: added, plugins: plugins, registry: registry, means: means,
                models: models)
        }
        var added = overrides
        // Another rule has other keys: it takes the place of the whole section.
        if case .rule(let id?) = scorer { added.insert("label={use: \(id)}", at: 0) }
        let earlier = try open([], [])
        run = added.isEmpty && plugins.isEmpty ? earlier : try open(added, plugins)
        self.pool = pool
        self.scorer = scorer
        self.models = models
        let place = RunFolder(path: run.folder)
        earlierRule = try Self.rule(of: earlier.configuration, in: place, models: models).name
        let configuration = run.configuration
        let all = try configuration.task.examples(in: .train)
        let examples = configuration.taskSettings.train.map { Array(all.prefix($0)) } ?? all
        groups = try pool.groups(of: place, examples: examples)
        recorded = RecordedAuditor(
            task: configuration.task,
            rule: try Self.rule(of: configuration, in: place, models: models),
            timeout: configuration.label.timeout, groups: groups, console: console)
    }

    /// Scores the responses again.
    ///
    /// - Parameters:
    ///   - gold: whether both scorings are compared with the dataset's answers.
    ///   - divisions: what the new numbers are divided by as well.
    /// - Returns: the report, and the responses with their new rewards.
    /// - Throws: ``RefluxError`` of kind `input` for a reward model that cannot be opened.
    package func rescored(
        gold: Bool, by divisions: [AuditReport.Division] = []
    ) async throws -> (report: RescoringReport, recording: JudgedRecording) {
        let read = try await recorded.responses()
        let earlier = zip(groups, read.groups).map { group, read in
            AuditedGroup(
                group.example, label: group.label, abstention: group.abstention,
                verdicts: group.items.map(\.verdict), readings: read.responses)
        }
        let judged = try await judged(read)
        let report = RescoringReport(
            run: run.folder, pool: pool.rawValue, earlierRule: earlierRule,
            earlier: Audit(earlier, gold: gold),
            agreement: RescoringAgreement(earlier, judged.groups, gold: gold),
            now: AuditReport(judged, gold: gold, by: divisions))
        return (report, judged)
    }

    /// Compares two readings of the task on the responses.
    ///
    /// - Throws: as ``RecordedAuditor/comparison(of:limit:)``.
    package func comparison(of names: String, limit: Int) async throws -> ReadingComparison {
        try await recorded.comparison(of: names, limit: limit)
    }

    private func judged(_ read: RecordedResponses) async throws -> JudgedRecording {
        switch scorer {
        case .rule:
            let judge = GroupJudge(
                task: recorded.task, rule: recorded.rule, timeout: recorded.timeout)
            var judged: [AuditedGroup] = []
            for (group, read) in zip(groups, read.groups) {
                try Task.checkCancellation()
                let answers = try group.context.map { try recorded.task.answer(in: $0.text) }
                let result = try await judge.judge(
                    group.example, responses: group.context + read.responses.map(\.response),
                    answers: answers + read.responses.map(\.answer))
                judged.append(
                    AuditedGroup(result, readings: read.responses, behind: group.context.count))
            }
            return JudgedRecording(
                task: recorded.task.name, rule: recorded.rule.name, counts: read.counts,
                groups: judged)
        case .rewardModel(let folder):
            return JudgedRecording(
                task: recorded.task.name, rule: "reward model \(folder)", counts: read.counts,
                groups: try await scored(read, by: absolutePath(folder)))
        }
    }

    /// The reward model's probabilities of acceptance as rewards; it gives no labels.
    private func scored(
        _ read: RecordedResponses, by folder: String
    ) async throws -> [AuditedGroup] {
        let context = run.configuration.buildContext(
            run: RunFolder(path: run.folder), models: models)
        let model = try run.configuration.loadRewardModel(from: folder, context: context)
        let items = try read.groups.flatMap { group in
            let prompt = try recorded.task.prompt(for: group.example)
            return group.responses.map { read in
                ScoringItem(
                    prompt: prompt, text: read.response.text,
                    finished: read.response.finish != .length)
            }
        }
        var scores: [Double] = []
        for chunk in items.chunks(of: 512) {
            try Task.checkCancellation()
            scores += try await model.score(Array(chunk))
            recorded.console.progress(
                "score", done: scores.count, total: items.count, unit: "responses")
        }
        guard scores.count == items.count else {
            throw RefluxError(
                .internalFault, found: "the reward model gave \(scores.count) scores",
                wanted: "one for each of the \(items.count) responses")
        }
        var rest = scores[...]
        return zip(groups, read.groups).map { group, read in
            let own = rest.prefix(read.responses.count)
            rest = rest.dropFirst(read.responses.count)
            return AuditedGroup(
                group.example, label: nil, abstention: "a reward model gives no labels",
                verdicts: own.map { .reward(1 / (1 + exp(-$0))) }, readings: read.responses)
        }
    }

    private static func rule(
        of configuration: RunConfiguration, in place: RunFolder,
        models: any LanguageModelProvider
    ) throws -> any PseudoRewardRule {
        try configuration.makeRule(
            registry: configuration.registry,
            context: configuration.buildContext(run: place, models: models)
        ).part
    }
}
