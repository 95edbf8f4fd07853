import Foundation
import RefluxCore
import RefluxTesting
import Synchronization
import Testing

@testable import RefluxPipeline

/// A stage that writes how often it was run, and depends on one section.
private struct CountingStage: Stage {
    let id: StageID
    let section: String
    var earlier: [StageID] = []
    let log: StageLog
    var failure: RefluxError?

    func inputs(_ context: StageContext) throws -> StageInputs {
        StageInputs(settings: context.configuration.resolved(section), stages: earlier)
    }

    func run(_ context: StageContext) async throws {
        log.add(id)
        let path = "\(context.folder(id))/items"
        let old = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        try Data((old + "x").utf8).write(to: URL(filePath: path))
        context.observer.metrics(1, ["value": 0.5])
        if let failure { throw failure }
    }
}

private final class StageLog: Sendable {
    private let runs = Mutex<[StageID]>([])
    func add(_ id: StageID) { runs.withLock { $0.append(id) } }
    func take() -> [StageID] {
        runs.withLock { runs in
            defer { runs = [] }; return runs
        }
    }
}

@Suite struct StageRunnerTests {
    private let folder: TemporaryFolder
    private let log = StageLog()
    private let notes = StageNotes()

    init() throws { folder = try TemporaryFolder() }

    private func session(
        _ overrides: [String] = [], failing: StageID? = nil, text: String = RunFiles.small
    ) throws -> RunSession {
        let failure = RefluxError(.system, found: "the disk is full")
        let stages = [
            CountingStage(id: .teach, section: "teachers", log: log),
            CountingStage(id: .label, section: "label", earlier: [.teach], log: log),
            CountingStage(id: .warmup, section: "warmup", earlier: [.teach], log: log),
        ].map { stage in
            var stage = stage
            if stage.id == failing { stage.failure = failure }
            return stage
        }
        let notes = self.notes
        return RunSession(
            configuration: try folder.configuration(text, overrides: overrides),
            run: RunFolder(path: "\(folder.path)/runs/small"),
            means: RunMeans(
                models: LinearEngineProvider(),
                console: Console(style: .plain(interval: 0), write: { notes.add($0) }),
                fingerprints: Fingerprints(), stages: stages))
    }

    private func run(_ overrides: [String] = [], failing: StageID? = nil) async throws {
        try await StageRunner(session(overrides, failing: failing)).runAll()
    }

    @Test func wholeStagesWithUnchangedInputsAreSkipped() async throws {
        try await run()
        #expect(log.take() == [.teach, .label, .warmup])
        try await run()
        #expect(log.take() == [])
        #expect(!folder.exists("runs/small/teach/begun.json"))
    }

    @Test func changedInputsRunTheStageAndItsDependantsAgainAfterANote() async throws {
        try await run()
        _ = log.take()
        _ = notes.take()
        try await run(["label.min_share=0.25"])
        #expect(log.take() == [.label])
        #expect(notes.take().contains("its inputs changed"))
        #expect(try folder.read("runs/small/label/items") == "x")
        try await run(["teachers.0.samples=2"])
        #expect(log.take() == [.teach, .label, .warmup])
    }

    @Test func whatIsOddAboutTheDataIsToldOnce() throws {
        try folder.write(
            """
            {"question_id": 1, "question": "a", "options": ["x", "y"], "answer": "A", \
            "answer_index": 1, "category": "c"}
            {"question_id": 2, "question": "b", "options": ["x", "y"], "answer": "A", \
            "answer_index": 0, "category": "c"}

            """, to: "questions.jsonl")
        let task = "{use: mmlu-pro, data: \(folder.path)/questions.jsonl}"
        let text = RunFiles.small.replacing(
            "{use: word-problems, train_size: 40, test_size: 10}", with: task)
        try session(text: text).tellWarnings()
        let told = notes.take()
        #expect(told.contains("questions.jsonl:1: question 1 is left out"))
        #expect(told.count { $0 == "\n" } == 1)
        try session().tellWarnings()
        #expect(notes.take().isEmpty)
    }

    @Test func aNewSeedRunsEverythingAgain() async throws {
        try await run()
        _ = log.take()
        try await run(["run.seed=18"])
        #expect(log.take() == [.teach, .label, .warmup])
    }

    @Test func aFailedStageKeepsItsPartsAndGoesOn() async throws {
        await #expect(throws: RefluxError(.system, found: "the disk is full")) {
            try await run(failing: .label)
        }
        #expect(log.take() == [.teach, .label])
        #expect(!folder.exists("runs/small/label/stage.json"))
        try await run()
        #expect(log.take() == [.label, .warmup])
        #expect(try folder.read("runs/small/label/items") == "xx")
    }

    @Test func partsOfAnotherSettingAreRemoved() async throws {
        try? await run(failing: .label)
        try await run(["label.min_share=0.25"])
        #expect(try folder.read("runs/small/label/items") == "x")
    }

    @Test func aSingleStageNeedsItsEarlierOnes() async throws {
        let runner = try StageRunner(session())
        let error = await #expect(throws: RefluxError.self) { try await runner.run(only: .label) }
        #expect(error?.remedy?.contains("reflux teach") == true)
        try await runner.run(only: .teach)
        try await runner.run(only: .label)
        #expect(log.take() == [.teach, .label])
        let stale = try StageRunner(session(["teachers.0.samples=2"]))
        let second = await #expect(throws: RefluxError.self) { try await stale.run(only: .warmup) }
        #expect(second?.found.contains("changed since") == true)
    }

    @Test func theRecordTellsTimeMemoryAndSizes() async throws {
        try await run()
        let path = "\(folder.path)/runs/small/teach"
        let record = try #require(try StageRecord.read(StageRecord.wholeName, in: path))
        #expect(record.attempts == 1)
        #expect(record.ended != nil)
        #expect(record.outputs["items"] == 1)
        #expect((record.peakMemory ?? 1) > 0)
    }

    @Test func cancellationStopsBetweenStages() async throws {
        let session = try session()
        let task = Task { try await StageRunner(session).runAll() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(log.take() == [])
    }
}

private final class StageNotes: Sendable {
    private let text = Mutex("")
    func add(_ more: String) { text.withLock { $0 += more } }
    func take() -> String {
        text.withLock { text in
            defer { text = "" }; return text
        }
    }
}
