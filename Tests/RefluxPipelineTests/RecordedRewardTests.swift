import Foundation
import RefluxCore
import RefluxFiles
import RefluxRewards
import RefluxTesting
import Testing

@testable import RefluxPipeline

@Suite struct RecordedRewardTests {
    @Test("nothing is learnt from a question whose text is held out", arguments: 0..<5)
    func noLeakage(seed: Int) async throws {
        let fixture = try await RecordedRewardFixture()
        let spy = RewardSpy()
        _ = try await fixture.fit(
            fixture.source(use: "spy"),
            RewardFitSettings(heldOut: .fraction(0.4), splitSeed: UInt64(seed)),
            registry: spy.registry())
        let split = try fixture.split()
        let texts = { (ids: [String]) in
            Set(
                ids.compactMap { $0.split(separator: "/").last.flatMap { Int($0) } }
                    .map(RecordedRewardFixture.text))
        }
        #expect(texts(split.training).isDisjoint(with: texts(split.heldOut)))
        #expect(texts(split.training).union(texts(split.heldOut)).count == 24)
        let taught = spy.groups.flatMap(\.self).map(\.item.prompt)
        #expect(Set(taught.map(\.id)) == Set(split.training))
        for text in texts(split.heldOut) {
            #expect(!taught.contains { $0.displayText.contains(text) })
        }
    }

    @Test("rewards that are learnt are the rule's, not the dataset's answers")
    func labels() async throws {
        let fixture = try await RecordedRewardFixture()
        // The majority is wrong about question 0.
        let lines =
            (0..<6).map { model in
                RecordedRewardFixture.line(0, "m\(model)", "#### \(model < 4 ? 7 : 0)")
            } + [RecordedRewardFixture.line(1, "m0", "#### 1")]
        try fixture.folder.write(lines.joined(separator: "\n"), to: "wrong.jsonl")
        let spy = RewardSpy()
        for seed in 0..<20 {
            do {
                _ = try await fixture.fit(
                    fixture.source(use: "spy", responses: "wrong.jsonl"),
                    RewardFitSettings(heldOut: .fraction(0.5), splitSeed: UInt64(seed)),
                    to: "fit-\(seed)", registry: spy.registry())
            } catch let error as RefluxError where error.kind == .refused { continue }
            guard let group = spy.groups.first, group.count == 6 else { continue }
            #expect(group.map(\.reward) == [1, 1, 1, 1, 0, 0])
            return
        }
        Issue.record("no seed puts question 0 on the side of training")
    }

    @Test("a limit of responses takes half of each kind, and a limit of questions holds")
    func limits() async throws {
        let fixture = try await RecordedRewardFixture()
        let spy = RewardSpy()
        let report = try await fixture.fit(
            fixture.source(use: "spy"),
            RewardFitSettings(
                heldOut: .fraction(0.3), limitPrompts: 5, responsesPerPrompt: 4, limitHeldOut: 3,
                trainingReport: 2),
            registry: spy.registry())
        #expect(spy.groups.count == 5)
        for group in spy.groups {
            #expect(group.map(\.reward).reduce(0, +) == 2 && group.count == 4)
        }
        #expect(report.counts?.accepted == 10 && report.counts?.rejected == 10)
        #expect(report.counts?.contrasts == 5)
        #expect(report.evaluation.heldOut.pseudo.all.count == 18)
        #expect(report.evaluation.training?.pseudo.all.count == 8)
    }

    @Test("a question of another category whose text is held out is on neither side")
    func categories() throws {
        let examples = [("law", "One?"), ("law", "Two?"), ("art", " two? "), ("art", "Three?")]
            .enumerated().map { index, entry in
                Example(
                    id: "\(index)", index: index, question: entry.1, category: entry.0)
            }
        let split = QuestionSplit(choice: try HeldOutChoice(parsing: "law"), seed: 0)
        #expect(try split.sides(of: examples) == [.heldOut, .heldOut, .neither, .training])
        let error = #expect(throws: RefluxError.self) {
            try QuestionSplit(choice: .categories(["lay"]), seed: 0).sides(of: examples)
        }
        #expect(error?.kind == .usage && error?.description.contains("\"law\"") == true)
        for wrong in ["0", "1", "-0.5", "", ","] {
            #expect(throws: RefluxError.self) { try HeldOutChoice(parsing: wrong) }
        }
    }

    private static let questions =
        "\(RunFileManual.root)/../shared/data/mmlu_pro/questions.jsonl.gz"

    @Test(
        "no text of MMLU-Pro, of which hundreds repeat, stands on both sides",
        .enabled(if: Files.exists(questions)))
    func repeatedTexts() throws {
        let source = RecordedSource(task: "mmlu-pro", questions: Self.questions, responses: "none")
        let task = try source.parts(
            registry: builtInRegistry(), models: LinearEngineProvider(), baseFolder: "/",
            console: Console(style: .quiet)
        ).task
        let examples = try task.examples(in: .train) + task.examples(in: .test)
        for choice in [HeldOutChoice.fraction(0.2), .categories(["math", "physics"])] {
            let sides = try QuestionSplit(choice: choice, seed: 0).sides(of: examples)
            let texts = { (side: QuestionSplit.Side) in
                zip(examples, sides).filter { $1 == side }.map { QuestionSplit.text(of: $0.0) }
            }
            let (training, heldOut) = (texts(.training), texts(.heldOut))
            #expect(Set(training).isDisjoint(with: heldOut))
            #expect(Set(training).count < training.count && heldOut.count > 1000)
        }
    }

    @Test("the side of a question depends on its text and the seed alone")
    func sidesAreStable() throws {
        let examples = (0..<400).map { Example(id: "\($0)", index: $0, question: "q \($0)") }
        let split = QuestionSplit(choice: .fraction(0.25), seed: 1)
        let sides = try split.sides(of: examples)
        #expect(try split.sides(of: Array(examples.reversed())) == sides.reversed())
        #expect((70...130).contains(sides.count { $0 == .heldOut }))
        let others = try QuestionSplit(choice: .fraction(0.25), seed: 2).sides(of: examples)
        #expect(others != sides)
        let more = try QuestionSplit(choice: .fraction(0.5), seed: 1).sides(of: examples)
        for (few, many) in zip(sides, more) where few == .heldOut { #expect(many == .heldOut) }
    }

    /// Question 0: accepted 3 and 1, rejected 2; question 1: accepted -1 and 0, rejected -2 and 4.
    @Test("the numbers are those that are counted by hand")
    func byHand() async throws {
        let fixture = try await RecordedRewardFixture()
        let responses = [
            (0, "a", 0, 3.0), (0, "b", 0, 1), (0, "c", 5, 2), (1, "a", 1, -1), (1, "b", 8, -2),
            (1, "c", 9, 4), (1, "d", 1, 0),
        ].map { question, model, answer, score in
            RecordedRewardFixture.line(question, model, "score=\(score) #### \(answer)")
        }
        try fixture.folder.write(responses.joined(separator: "\n"), to: "hand.jsonl")
        let spy = RewardSpy()
        _ = try await fixture.fit(
            fixture.source(use: "spy"), RewardFitSettings(heldOut: .fraction(0.3)),
            registry: spy.registry())
        let saved = try SavedRewardModel(
            folder: "\(fixture.folder.path)/fit", registry: spy.registry())
        let scores = try RecordedRewardScores(
            fixture.source(use: "spy", responses: "hand.jsonl"), by: saved,
            registry: spy.registry(), models: LinearEngineProvider(),
            console: Console(style: .quiet))
        let report = try await scores.report(on: .all, by: [.model]).report
        let section = report.evaluation.heldOut
        // Pairs: 3 > 2, 1 < 2, -1 > -2, -1 < 4, 0 > -2, 0 < 4.
        #expect(section.pseudo.all.pairs == 6)
        #expect(section.pseudo.all.withinPromptAUC == 0.5)
        // Accepted 3, 1, -1, 0; rejected 2, -2, 4: won 2 + 1 + 1 + 1 of 12.
        #expect(section.pseudo.all.auc == 5.0 / 12)
        #expect(section.pseudo.all.accuracy == 4.0 / 7)
        #expect(section.gold == section.pseudo)
        #expect(section.pseudo.all.meanScore == 1)
        // The vote itself tells all pairs of one question apart: .67 > .33, and .5 > .25.
        #expect(section.baselines["vote_share"]?.withinPromptAUC == 1)
        let models = try #require(report.parts["model"])
        #expect(models.map(\.name) == ["a", "b", "c", "d"])
        #expect(models.map(\.section.pseudo.all.count) == [2, 2, 2, 1])
        #expect(models[1].section.pseudo.all.auc == 1)
        let bins = try #require(section.pseudo.reliability)
        #expect(bins.map(\.count).reduce(0, +) == 7)
        #expect(report.text.contains("Held-out responses by model"))
        try report.check([RewardReportFloor(parsing: "within_prompt_auc=0.5")])
        let missed = #expect(throws: RefluxError.self) {
            try report.check([RewardReportFloor(parsing: "within_prompt_auc=0.51")])
        }
        #expect(missed?.kind == .refused && missed?.exitCode == 1)
        #expect(throws: RefluxError.self) { try RewardReportFloor(parsing: "auk=0.6") }
    }

    @Test(
        "a fit that was cut anywhere ends with the same bits, and its model loads with its scores")
    func resuming() async throws {
        let fixture = try await RecordedRewardFixture()
        let settings = RewardFitSettings(
            heldOut: .fraction(0.3), responsesPerPrompt: 4, trainingReport: 2, bodyBaseline: true)
        let provider = SabotagedProvider()
        let whole = try await fixture.fit(fixture.source(), settings, to: "whole", models: provider)
        let calls = provider.calls.increment() - 1
        #expect(calls > 20)
        var cut = 0
        for failing in stride(from: 1, through: calls, by: max(1, calls / 12)) {
            let name = "cut-\(failing)"
            let broken = SabotagedProvider(Sabotage(failingCall: failing))
            await #expect(throws: RefluxError.self) {
                try await fixture.fit(fixture.source(), settings, to: name, models: broken)
            }
            cut += 1
            let resumed = try await fixture.fit(fixture.source(), settings, to: name)
            #expect(resumed.evaluation == whole.evaluation)
            for file in ["report.json", "held_out.jsonl", "training.jsonl", "model/reward.json"] {
                #expect(
                    try fixture.folder.read("\(name)/\(file)")
                        == fixture.folder.read("whole/\(file)"), "\(file) after \(failing)")
            }
            #expect(!fixture.folder.exists("\(name)/checkpoints"))
        }
        #expect(cut >= 10)
        #expect(whole.evaluation.heldOut.baselines["body_logprob"] != nil)
        #expect(whole.evaluation.heldOut.pseudo.all.withinPromptAUC ?? 0 > 0.9)
        try await sameScores(fixture)
    }

    /// What `score` says of the lines is what the fit's own measurement said.
    private func sameScores(_ fixture: RecordedRewardFixture) async throws {
        let registry = try builtInRegistry()
        let saved = try SavedRewardModel(
            folder: "\(fixture.folder.path)/whole", registry: registry)
        let scores = try RecordedRewardScores(
            fixture.source(isFresh: false), by: saved, registry: registry,
            models: LinearEngineProvider(),
            console: Console(style: .quiet))
        let lines = try await scores.scoredLines(field: "score").lines
        let given = try fixture.folder.read("responses.jsonl").split(separator: "\n")
        #expect(lines.count == given.count)
        for (line, own) in zip(lines, given) { #expect(line.hasPrefix(own.dropLast())) }
        let measured = try JSONLines.read(
            MeasuredResponse.self, from: "\(fixture.folder.path)/whole/held_out.jsonl")
        struct Line: Decodable {
            let id: Int
            let model: String
            let score: Double
        }
        let found = try lines.map {
            try JSONDecoder().decode(Line.self, from: Data($0.utf8))
        }
        #expect(!measured.isEmpty)
        for response in measured {
            let own = found.first {
                response.labelled.response.promptID.hasSuffix("/\($0.id)")
                    && response.labelled.response.model == $0.model
            }
            #expect(own?.score == response.score)
        }
        // On the held-out questions the report repeats the fit's.
        let again = try await scores.report(on: .heldOut, bodyBaseline: true).report
        #expect(
            again.evaluation.heldOut.pseudo.all.auc
                == (try RecordedRewardReport(fittedIn: "\(fixture.folder.path)/whole"))
                .evaluation.heldOut.pseudo.all.auc)
        await #expect(throws: RefluxError.self) {
            try await scores.scoredLines(field: "response")
        }
    }

    @Test("a folder of another fit is refused, and one without a fit has no report")
    func folders() async throws {
        let fixture = try await RecordedRewardFixture()
        let spy = RewardSpy()
        let first = RewardFitSettings(heldOut: .fraction(0.3))
        _ = try await fixture.fit(fixture.source(use: "spy"), first, registry: spy.registry())
        let before = try fixture.folder.read("fit/report.json")
        let error = await #expect(throws: RefluxError.self) {
            try await fixture.fit(
                fixture.source(use: "spy"),
                RewardFitSettings(heldOut: .fraction(0.3), splitSeed: 1), registry: spy.registry())
        }
        #expect(error?.kind == .refused && error?.description.contains("--out") == true)
        #expect(try fixture.folder.read("fit/report.json") == before)
        #expect(throws: RefluxError.self) {
            try RecordedRewardReport(fittedIn: fixture.folder.path)
        }
        #expect(throws: RefluxError.self) {
            try SavedRewardModel(folder: fixture.folder.path, registry: spy.registry())
        }
    }

    @Test("a side without questions is refused")
    func emptySides() async throws {
        let fixture = try await RecordedRewardFixture()
        let error = await #expect(throws: RefluxError.self) {
            try await fixture.fit(
                fixture.source(use: "spy"),
                RewardFitSettings(heldOut: .fraction(0.3), promptCharacters: 3),
                registry: RewardSpy().registry())
        }
        #expect(error?.kind == .refused)
    }
}
