import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxPipeline

/// The expected numbers come from `Tests/Scripts/count_audit_numbers.py` (scipy).
@Suite struct RecordedEvaluationTests {
    private static let data = "\(RunFileManual.root)/../shared/data/mmlu_pro"
    private static let isThere = FileManager.default.fileExists(atPath: data)

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(
            """
            {"question": "How many?", "answer": "two\\n#### 2"}
            {"question": "How much?", "answer": "ten\\n#### 10"}

            """, to: "questions.jsonl")
    }

    private func responses(
        _ lines: [(question: String, model: String, answer: Int)], to name: String
    )
        throws -> String
    {
        try folder.write(
            lines.map { line in
                "{\"question\": \"\(line.question)\", \"model\": \"\(line.model)\", "
                    + "\"response\": \"#### \(line.answer)\"}\n"
            }.joined(), to: name)
    }

    private func auditor(_ path: String) throws -> RecordedAuditor {
        try RecordedAuditor(
            RecordedSource(
                task: "gsm8k", questions: "\(folder.path)/questions.jsonl", responses: path),
            registry: builtInRegistry(), models: LinearEngineProvider())
    }

    @Test(arguments: [
        (3, 9, 0.14599609375), (0, 5, 0.0625), (7, 7, 1), (0, 0, 1), (12, 12, 1),
        (1, 23, 2.9802322387695312e-06),
    ])
    func fewDiscordantPairsHaveTheExactTest(_ b: Int, _ c: Int, _ expected: Double) {
        let test = McNemar(onlyFirst: b, onlySecond: c)
        #expect(test.method == .exactBinomial)
        #expect(test.statistic == nil)
        #expect(abs(test.probability - expected) < 1e-12)
    }

    @Test(arguments: [
        (10, 20, 2.7, 0.10034824646229074), (40, 41, 0, 1),
        (100, 60, 9.50625, 0.002047732153668759),
    ])
    func manyDiscordantPairsHaveTheChiSquareTest(
        _ b: Int, _ c: Int, _ statistic: Double, _ expected: Double
    ) throws {
        let test = McNemar(onlyFirst: b, onlySecond: c)
        #expect(test.method == .chiSquare)
        #expect(abs(try #require(test.statistic) - statistic) < 1e-12)
        #expect(abs(test.probability - expected) < 1e-12)
    }

    @Test(arguments: [
        (10, 3, 1, 0.3), (10, 3, 4, 0.8333333333333334), (5, 0, 2, 0), (5, 4, 2, 1),
        (200, 7, 100, 0.9929911172418123), (6, 2, 3, 0.8), (4, 4, 4, 1),
    ])
    func passAtKIsUnbiased(_ n: Int, _ c: Int, _ k: Int, _ expected: Double) {
        let value = SampledAccuracy.passProbability(samples: n, right: c, k: k)
        #expect(abs(value - expected) < 1e-12)
    }

    @Test func severalSamplesOfAModel() async throws {
        let path = try responses(
            [
                ("How many?", "a", 3), ("How many?", "a", 2), ("How many?", "a", 2),
                ("How much?", "a", 10), ("How much?", "a", 9), ("How much?", "a", 8),
            ], to: "responses.jsonl")
        let (evaluation, samples) = try await auditor(path).evaluation()
        #expect(samples.map(\.sample) == [0, 1, 2, 0, 1, 2])
        let model = try #require(evaluation.models.first)
        #expect(model.questions == 2)
        #expect(model.responses == 6)
        #expect(model.metrics["robust"]?.value == 0.5)
        let rows = model.sampling
        let passes = rows.compactMap { $0.pass["robust"]?.value }
        #expect(passes.count == 3)
        #expect(rows.map(\.k) == [1, 2, 3])
        #expect(zip(passes, [0.5, 5.0 / 6, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
        // Two samples tie; the first answer counts. Three agree on 2, and tie on 10, 9 and 8.
        #expect(rows.map(\.majority.value) == [0.5, 0.5, 1])
    }

    @Test func anotherFileIsComparedWith() async throws {
        let first = try responses([("How many?", "a", 2), ("How much?", "a", 10)], to: "1.jsonl")
        let second = try responses([("How many?", "b", 2), ("How much?", "b", 1)], to: "2.jsonl")
        let evaluation = try await auditor(first).evaluation(against: .file(second)).evaluation
        let comparison = try #require(evaluation.comparison)
        #expect(comparison.first == "a")
        #expect(comparison.second.hasPrefix("b in "))
        #expect(comparison.questions == 2)
        let row = try #require(comparison.rows.first)
        #expect(row.metric == "robust")
        #expect(row.difference == 0.5)
        #expect(row.test == McNemar(onlyFirst: 1, onlySecond: 0))
    }

    @Test func aComparisonNeedsOneModelOfEachSide() async throws {
        let path = try responses(
            [("How many?", "a", 2), ("How many?", "b", 2), ("How many?", "c", 2)], to: "1.jsonl")
        let many = await #expect(throws: RefluxError.self) {
            try await auditor(path).evaluation(against: .model("c"))
        }
        #expect(many?.description.contains("Name it with --model: a, b.") == true)
        let unknown = await #expect(throws: RefluxError.self) {
            try await auditor(path).evaluation(model: "d")
        }
        #expect(unknown?.kind == .usage)
        _ = try await auditor(path).evaluation(model: "a", against: .model("c"))
    }

    @Test("twelve models on MMLU-Pro", .enabled(if: isThere))
    func multipleChoice() async throws {
        let auditor = try RecordedAuditor(
            RecordedSource(
                task: "mmlu-pro", questions: "\(Self.data)/questions.jsonl.gz",
                responses: "\(Self.data)/teacher_responses_A.jsonl.gz", extractor: "lm-eval"),
            registry: builtInRegistry(), models: LinearEngineProvider())
        let (evaluation, samples) = try await auditor.evaluation(
            model: "Yi-34B", against: .model("Meta-Llama-3_1-8B-Instruct"))
        #expect(samples.count == 5_937)
        let comparison = try #require(evaluation.comparison)
        #expect(comparison.questions == 5_937)
        let row = try #require(comparison.rows.first { $0.metric == "lm-eval" })
        #expect(row.first.value == 2_497.0 / 5_937)
        #expect(row.second.value == 2_605.0 / 5_937)
        #expect(row.test.onlyFirst == 866)
        #expect(row.test.onlySecond == 974)
        #expect(row.test.method == .chiSquare)
        #expect(abs(row.test.probability - 0.012615236961801115) < 1e-12)
        let all = try await auditor.evaluation().evaluation
        #expect(all.models.count == 12)
        let gemini = try #require(all.models.first { $0.model == "gemini-1.5-pro-002" })
        #expect(gemini.metrics["lm-eval"]?.value == 4_213.0 / 5_929)
        #expect(abs(try #require(gemini.macro["lm-eval"]) - 0.7219800024814925) < 1e-12)
        let law = try #require(gemini.categories.first { $0.category == "law" })
        #expect(law.metrics["lm-eval"]?.value == 292.0 / 529)
        #expect(law.metrics["lm-eval"]?.count == 529)
        #expect(gemini.sampling.isEmpty)
    }

    @Test func theCommandPrintsAndWrites() throws {
        _ = try responses(
            [("How many?", "a", 2), ("How much?", "a", 10), ("How many?", "b", 1)],
            to: "responses.jsonl")
        let arguments = [
            "evaluate", "--task", "gsm8k", "--questions", "questions.jsonl", "--responses",
            "responses.jsonl",
        ]
        let outcome = try Program.call(
            arguments + ["--model", "a", "--against-model", "b", "--output", "out.jsonl"],
            in: folder.path)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.output.contains("exact binomial"))
        #expect(try folder.read("out.jsonl").count { $0 == "\n" } == 2)
        let json = try Program.call(arguments + ["--json", "--quiet"], in: folder.path)
        #expect(json.code == 0)
        #expect(json.errors.isEmpty)
        #expect(json.output.contains("\"unparsed_rate\" : 0"))
        let mixture = try Program.call(arguments + ["run.yaml"], in: folder.path)
        #expect(mixture.code == 2)
        #expect(mixture.errors.contains("two forms"))
    }
}
