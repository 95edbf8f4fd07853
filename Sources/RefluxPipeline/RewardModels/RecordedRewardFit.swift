import Foundation
package import RefluxCore
import RefluxFiles
import RefluxRewards

/// Fits a reward model to recorded responses, without a run: what `reflux reward fit` does.
///
/// The rule gives the responses pseudo-rewards, the questions are divided by their text, the model
/// learns from one side and is measured on the other. Gold answers are compared with in the report
/// and nowhere else, unless the rule itself reads them.
///
/// Everything stands in one folder. A fit that was interrupted goes on where it was when it is called
/// again in the same way, and ends with the same bits; a finished one is read.
package struct RecordedRewardFit: Sendable {
    private let source: RecordedSource
    private let parts: RecordedParts
    private let auditor: RecordedAuditor
    private let settings: RewardFitSettings
    private let folder: String

    /// What a person should know of the files.
    package var warnings: [String] { auditor.warnings }

    /// Makes the parts and reads the questions.
    ///
    /// - Parameters:
    ///   - source: the responses, with a fresh reward model.
    ///   - settings: the split.
    ///   - folder: where everything goes.
    ///   - registry: the built-in parts.
    ///   - models: opens models.
    ///   - console: where progress and notes go.
    /// - Throws: ``RefluxError`` of kind `usage` or `input`.
    package init(
        _ source: RecordedSource, settings: RewardFitSettings, folder: String,
        registry: ExtensionRegistry, models: any LanguageModelProvider,
        console: Console = Console()
    ) throws {
        parts = try source.parts(
            registry: registry, models: models,
            baseFolder: FileManager.default.currentDirectoryPath, console: console)
        auditor = try RecordedAuditor(source, parts: parts, console: console)
        self.source = source
        self.settings = settings
        self.folder = folder
    }

    /// Fits, saves and measures.
    ///
    /// - Returns: the report, which also stands in the folder.
    /// - Throws: ``RefluxError``; `CancellationError` after a state was saved.
    package func run() async throws -> RecordedRewardReport {
        try Files.makeFolder(folder)
        let lock = try RunLock(folder: Files.expand(folder))
        defer { withExtendedLifetime(lock) {} }
        let judged = try await auditor.judged()
        for note in judged.counts.notes { auditor.console.note(note) }
        let task = auditor.task
        let split = try RecordedSplit(judged.groups, settings: settings) { example in
            try task.prompt(for: example).displayText.count
        }
        let record = try self.record(split, judged)
        try claim(record, split)
        if let report = try RecordedRewardReport.read(in: folder) { return report }
        if !Files.exists("\(folder)/\(RewardFitFolder.model)") { try await fit(split) }
        let report = try await measure(split, record)
        try report.write(to: folder)
        try Files.remove("\(folder)/\(RewardFitFolder.checkpoints)")
        return report
    }

    private func record(
        _ split: RecordedSplit, _ judged: JudgedRecording
    ) throws -> RewardFitRecord {
        var files = [source.responses] + [source.questions].compactMap(\.self)
        guard case .string(let use)? = parts.resolved["reward"]?["use"]?.value else {
            throw RefluxError(.internalFault, found: "a fit without a fresh reward model")
        }
        if case .string(let body)? = parts.resolved["reward"]?["body"]?.value {
            files.append(parts.context.modelPath(body))
        }
        let inputs = try Fingerprints().hashes(of: files.map(parts.context.resolve))
        var content = [YAMLWriter.text(of: parts.resolved)]
        content.append(try JSONText.encode(settings, pretty: false))
        content += inputs.values.sorted()
        content += split.training.map(\.example.id) + ["|"] + split.heldOut.map(\.example.id)
        return RewardFitRecord(
            refluxVersion: refluxVersion, swiftVersion: swiftVersion, use: use, task: judged.task,
            rule: judged.rule, fit: settings, counts: split.counts,
            modelRewards: split.modelRewards, inputs: inputs,
            fingerprint: Files.sha256(of: Data(try JSONText.encode(content, pretty: false).utf8)),
            hardware: hardwareFacts())
    }

    /// Writes what the folder is for, or checks that it is for this.
    private func claim(_ record: RewardFitRecord, _ split: RecordedSplit) throws {
        if let earlier = try RewardFitRecord.read(in: folder) {
            guard earlier.fingerprint == record.fingerprint else {
                throw RefluxError(
                    .refused, found: "a fit with other settings or other data",
                    at: SourceLocation(path: "\(folder)/\(RewardFitFolder.record)"),
                    wanted: "a folder of this fit, or an empty one",
                    remedy: "Give another folder with --out, or remove this one.")
            }
            return
        }
        let ids = RewardFitSplit(
            training: split.training.map(\.example.id), heldOut: split.heldOut.map(\.example.id))
        try write(YAMLWriter.text(of: parts.resolved), to: RewardFitFolder.settings)
        try write(try JSONText.encode(record, pretty: true) + "\n", to: RewardFitFolder.record)
        try write(try JSONText.encode(ids, pretty: true) + "\n", to: RewardFitFolder.split)
    }

    private func write(_ text: String, to name: String) throws {
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/\(name)")
    }

    private func fit(_ split: RecordedSplit) async throws {
        guard let model = parts.rewardModel else { return }
        let task = auditor.task
        let groups = try split.training.map { group in
            zip(try group.scoringItems(task), group.items).compactMap { item, judged in
                judged.probability.map {
                    RewardTrainingData.Item(item: item, reward: $0, role: .teacher)
                }
            }
        }
        let counts = split.counts
        auditor.console.note(
            "\(counts.training) questions to learn from (\(counts.contrasts) with an accepted and a "
                + "rejected response), \(counts.heldOut) held out")
        let metrics = MetricsFile(path: "\(folder)/\(RewardFitFolder.metrics)")
        try await model.fit(
            RewardTrainingData(groups: groups, seed: parts.context.seed),
            checkpoint: "\(folder)/\(RewardFitFolder.checkpoints)",
            observer: observer("reward fit", metrics: metrics).goingOn(with: metrics))
        try metrics.check()
        try await Files.writeFolderAtomically("\(folder)/\(RewardFitFolder.model)") { temporary in
            try await model.save(to: temporary)
        }
    }

    private func observer(_ label: String, metrics: MetricsFile? = nil) -> RunObserver {
        let console = auditor.console
        return RunObserver(
            progress: { console.progress(label, done: $0, total: $1, unit: $2) },
            metrics: { metrics?.record(step: $0, values: $1) },
            note: { console.note("\(label): \($0)") })
    }

    /// Scores by the model as it was saved: a fit that was interrupted after it gives the same scores.
    private func measure(
        _ split: RecordedSplit, _ record: RewardFitRecord
    ) async throws -> RecordedRewardReport {
        let saved = try SavedRewardModel(folder: folder, registry: parts.registry)
        let measurement = RewardMeasurement(
            model: try parts.registry.make(
                .rewardModel, from: try ConfigurationReader(saved.section), context: parts.context),
            task: auditor.task,
            baselines: RewardBaselines(
                modelRewards: split.modelRewards,
                body: settings.bodyBaseline
                    ? try await UntrainedBody(
                        section: parts.resolved["reward"] ?? saved.section, context: parts.context)
                    : nil),
            observer: observer("reward report"))
        let heldOut = try await measurement.measure(
            split.heldOut, keptAt: "\(folder)/\(RewardFitFolder.heldOut)")
        let training = try await measurement.measure(
            Array(split.training.prefix(settings.trainingReport)),
            keptAt: settings.trainingReport > 0
                ? "\(folder)/\(RewardFitFolder.training)" : nil)
        return try RecordedRewardReport(
            record: record, heldOut: heldOut, training: training,
            by: AuditReport.Division.allCases)
    }
}
