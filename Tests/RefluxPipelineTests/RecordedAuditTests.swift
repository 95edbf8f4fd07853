import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxPipeline

@Suite struct RecordedAuditTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(
            """
            {"question": "How many?", "answer": "two\\n#### 2"}
            {"question": "How much?", "answer": "ten\\n#### 10"}
            {"question": "How far?", "answer": "nine\\n#### 9"}

            """, to: "questions.jsonl")
    }

    private func source(_ lines: [String], _ overrides: String..., tie: String? = nil) throws
        -> RecordedSource
    {
        RecordedSource(
            task: "gsm8k", questions: "\(folder.path)/questions.jsonl",
            responses: try folder.write(
                lines.joined(separator: "\n"), to: "responses.jsonl"),
            tie: tie, overrides: overrides)
    }

    private func report(
        _ source: RecordedSource, gold: Bool = true, by divisions: [AuditReport.Division] = []
    ) async throws -> AuditReport {
        let auditor = try RecordedAuditor(
            source, registry: builtInRegistry(), models: LinearEngineProvider())
        return try await AuditReport(auditor.judged(), gold: gold, by: divisions)
    }

    private func line(_ question: String, _ model: String, _ response: String) -> String {
        "{\"question\": \"\(question)\", \"model\": \"\(model)\", \"response\": \"\(response)\"}"
    }

    @Test func countsByHand() async throws {
        let report = try await report(
            source([
                line("How many?", "a", "#### 2"), line("How many?", "b", "#### 2"),
                line("How many?", "c", "#### 3"), line("How much?", "a", "#### 10"),
                line("How much?", "b", "#### 7"), line("How much?", "c", "none"),
                line("How much?", "c", "none"), line("Who?", "a", "#### 1"),
            ]), by: [.model])
        #expect(report.pairing.lines == 8)
        #expect(report.pairing.unknown == 1)
        #expect(report.pairing.repeated == 1)
        #expect(report.pairing.identical == 1)
        #expect(report.pairing.unanswered == 1)
        #expect(report.pairing.notes.count == 3)
        let audit = report.audit
        #expect(audit.responses == 7)
        #expect(audit.parsed == 5)
        #expect(audit.right == 3)
        #expect(audit.labels.prompts == 2)
        #expect(audit.labels.labelled == 1)
        #expect(audit.labels.right == 1)
        #expect(audit.labels.ties == 1)
        #expect(audit.labels.abstentions == ["tie": 1])
        #expect(audit.rewards.truePositives == 2)
        #expect(audit.rewards.falsePositives == 0)
        #expect(audit.rewards.trueNegatives == 1)
        #expect(audit.rewards.abstentions == ["tie": 4])
        #expect(audit.rewards.auc == 1)
        #expect(audit.coverage.map(\.count) == [1, 1, 1, 1, 0, 0, 0])
        let models = try #require(report.parts["model"])
        #expect(models.map(\.name) == ["a", "b", "c"])
        #expect(models.map(\.audit.right) == [2, 1, 0])
    }

    @Test func theLowestOfTiedAnswersIsTheLowestNumber() async throws {
        let lines = [line("How much?", "a", "#### 10"), line("How much?", "b", "#### 9")]
        let judged = try await RecordedAuditor(
            source(lines, tie: "lowest"), registry: builtInRegistry(),
            models: LinearEngineProvider()
        ).judged()
        let labelled = judged.labelled(audited: true)
        #expect(labelled.map(\.label) == ["9", "9"])
        #expect(labelled.map(\.reward) == [0, 1])
        #expect(labelled.map(\.correct) == [true, false])
        #expect(judged.labelled(audited: false).allSatisfy { $0.correct == nil })
    }

    @Test func withoutAnAuditNothingIsCompared() async throws {
        let report = try await report(source([line("How many?", "a", "#### 2")]), gold: false)
        #expect(report.audit.right == nil)
        #expect(report.audit.labels.right == nil)
        #expect(report.audit.rewards.truePositives == nil)
        #expect(report.audit.rewards.accepted == 1)
        #expect(!report.text.contains("right labels"))
    }

    @Test func theRulesKeysAreThoseOfARunFile() async throws {
        let lines = ["2", "2", "3"].enumerated().map { line("How many?", "\($0)", "#### \($1)") }
        let report = try await report(source(lines, "label.min_share=0.7"))
        #expect(report.audit.labels.abstentions == ["share below 0.7": 1])
        let error = await #expect(throws: RefluxError.self) {
            try await self.report(source(lines, "label.min_shar=0.7"))
        }
        #expect(error?.description.contains("\"min_share\"") == true)
    }

    @Test func fieldsThatAreNotThereAreNamedWithTheNearestOne() async throws {
        var source = try source([line("How many?", "a", "#### 2")])
        source.fields.response = "respons"
        let error = await #expect(throws: RefluxError.self) { try await report(source) }
        let text = try #require(error?.description)
        #expect(text.contains("responses.jsonl:1"))
        #expect(text.contains("--response-field"))
        #expect(text.contains("Did you mean \"response\"?"))
    }

    @Test func aFileOfOtherQuestionsIsAnError() async throws {
        let error = await #expect(throws: RefluxError.self) {
            try await report(source([line("Who?", "a", "#### 2")]))
        }
        #expect(error?.kind == .input)
        #expect(error?.description.contains("none of the 1 responses") == true)
    }

    @Test func examplesAreFoundByTheLastPartOfTheirId() async throws {
        let report = try await report(
            source(["{\"id\": 1, \"model\": \"a\", \"response\": \"#### 10\"}"]))
        #expect(report.audit.right == 1)
    }

    @Test func aTextThatTwoQuestionsHaveIsTold() async throws {
        let question = "{\"question\": \"How many?\", \"answer\": \"#### 3\"}"
        let known = try folder.read("questions.jsonl")
        try folder.write(known + question + "\n", to: "questions.jsonl")
        let report = try await report(
            source([line("How many?", "a", "#### 2"), line("How much?", "a", "#### 10")]))
        #expect(report.pairing.ambiguous == 1)
        #expect(report.audit.right == 2)
        #expect(report.pairing.notes.contains { $0.contains("the first one counts") })
    }

    @Test func missedFloorsAreRefused() async throws {
        let report = try await report(
            source([line("How many?", "a", "#### 2"), line("How much?", "a", "#### 2")]))
        try report.audit.check([AuditFloor(parsing: "label_accuracy=0.5")])
        let error = #expect(throws: RefluxError.self) {
            try report.audit.check([
                AuditFloor(parsing: "label_accuracy=0.6"), AuditFloor(parsing: "reward_auc=0.6"),
            ])
        }
        #expect(error?.kind == .refused)
        #expect(error?.description.contains("label_accuracy is 0.5000, below 0.6") == true)
        // Every reward is 1: each pair counts half.
        #expect(error?.description.contains("reward_auc is 0.5000, below 0.6") == true)
        #expect(throws: RefluxError.self) { try AuditFloor(parsing: "label_acuracy=0.6") }
        #expect(throws: RefluxError.self) { try AuditFloor(parsing: "label_accuracy=high") }
    }

    @Test func twoReadingsAreComparedWithThePlaceInTheText() async throws {
        let auditor = try RecordedAuditor(
            source([
                line("How many?", "a", "é #### 2"),
                line("How many?", "b", "The answer is 5, not 2"), line("How far?", "b", "no idea"),
            ]), registry: builtInRegistry(), models: LinearEngineProvider())
        let comparison = try await auditor.comparison(of: "strict,flexible", limit: 5)
        #expect(comparison.responses == 3)
        #expect(comparison.same == 1)
        #expect(comparison.neither == 1)
        #expect(comparison.onlySecond == 1)
        #expect(comparison.differences.count == 1)
        let difference = try #require(comparison.differences.first)
        #expect(difference.line == 2)
        #expect(difference.readings[0].answer == nil)
        #expect(difference.readings[1].answer == "2")
        #expect(difference.readings[1].start == 21)
        #expect(difference.readings[1].excerpt == "The answer is 5, not »2«")
        await #expect(throws: RefluxError.self) {
            try await auditor.comparison(of: "strict,flexble", limit: 5)
        }
    }

    @Test func aRuleOfAPluginLabelsToo() throws {
        _ = try PartsPlugin().build(in: folder.path)
        _ = try source([line("How many?", "a", "#### 2"), line("How many?", "b", "#### 2")])
        let arguments = [
            "label", "--task", "gsm8k", "--questions", "questions.jsonl", "--responses",
            "responses.jsonl", "--rule", "agreement",
        ]
        let known = try Program.call(arguments + ["--plugin", "./parts"], in: folder.path)
        #expect(known.code == 0, "\(known)")
        #expect(known.output.contains("by agreement"))
        let unknown = try Program.call(arguments, in: folder.path)
        #expect(unknown.code == 2)
        #expect(unknown.errors.contains("--rule: unknown"), "\(unknown.errors)")
    }

    @Test func theCommandPrintsWritesAndFails() throws {
        _ = try source([line("How many?", "a", "#### 2"), line("How many?", "b", "#### 2")])
        let arguments = [
            "label", "--task", "gsm8k", "--questions", "questions.jsonl", "--responses",
            "responses.jsonl",
        ]
        let good = try Program.call(
            arguments + ["--audit", "--json", "--output", "out.jsonl"], in: folder.path)
        #expect(good.code == 0, "\(good)")
        #expect(good.output.contains("\"true_positives\" : 2"))
        #expect(good.errors.contains("2 of 3 questions have no response"))
        #expect(try folder.read("out.jsonl").count { $0 == "\n" } == 2)
        let missed = try Program.call(
            arguments + ["--audit", "--quiet", "--floor", "reward_auc=0.6"], in: folder.path)
        #expect(missed.code == 1)
        #expect(missed.output.contains("against gold"))
        #expect(missed.errors.hasPrefix("error: reward_auc is unknown"))
        for (arguments, part) in [
            (["label"], "run file"), (["label", "run.yaml", "--audit"], "two forms"),
            (["label", "--task", "gsm8k"], "--responses"),
            (arguments + ["--floor", "reward_auc=0.6"], "--audit"),
            (arguments + ["--runs", "elsewhere"], "--runs"),
        ] {
            let outcome = try Program.call(arguments, in: folder.path)
            #expect(outcome.code == 2, "\(outcome)")
            #expect(outcome.errors.contains(part), "\(outcome.errors)")
        }
    }
}
