import Foundation
import RefluxTesting
import Testing

@testable import RefluxPipeline

/// Audits of real recorded responses, where they lie beside the repository. The expected numbers were
/// counted by a Python script from the published extraction of every response.
@Suite struct RecordedAuditDataTests {
    private static let data = "\(RunFileManual.root)/../shared/data"
    private static let isThere = FileManager.default.fileExists(atPath: data)

    /// What is expected of one reading of MMLU-Pro.
    struct Expected: Sendable, CustomTestStringConvertible {
        let extractor: String
        let parsed: Int
        let levels: [String: Int]
        let right: Int
        let ties: Int
        let confusion: [Int]
        let coverage: [[Int]]

        var testDescription: String { extractor }
    }

    private static let expected = [
        Expected(
            extractor: "official", parsed: 65_995,
            levels: ["none": 4_381, "answer is": 61_649, "answer:": 168, "last letter": 4_178],
            right: 3_605, ties: 677, confusion: [26_501, 11_510, 4_103, 28_262],
            coverage: [
                [5_260, 3_441], [5_197, 3_422], [3_339, 2_590], [2_053, 1_721], [1_496, 1_305],
                [1_030, 923], [607, 559],
            ]),
        Expected(
            extractor: "lm-eval", parsed: 61_649, levels: ["none": 8_727, "answer is": 61_649],
            right: 3_629, ties: 727, confusion: [25_769, 10_685, 3_732, 30_190],
            coverage: [
                [5_210, 3_447], [5_035, 3_385], [3_134, 2_468], [1_921, 1_620], [1_412, 1_236],
                [952, 860], [549, 506],
            ]),
    ]

    @Test(
        "the vote of twelve models on MMLU-Pro gives the known labels and rewards",
        .enabled(if: isThere), arguments: expected)
    func multipleChoice(_ expected: Expected) async throws {
        let folder = "\(Self.data)/mmlu_pro"
        let report = try await report(
            RecordedSource(
                task: "mmlu-pro", questions: "\(folder)/questions.jsonl.gz",
                responses: "\(folder)/teacher_responses_A.jsonl.gz",
                extractor: expected.extractor, tie: "lowest"))
        let audit = report.audit
        #expect(audit.responses == 70_376)
        #expect(report.pairing.unknown == 0)
        #expect(report.pairing.repeated == 0)
        #expect(audit.parsed == expected.parsed)
        #expect(audit.levels == expected.levels)
        #expect(audit.labels.prompts == 5_937)
        #expect(audit.labels.labelled == 5_937)
        #expect(audit.labels.right == expected.right)
        #expect(audit.labels.ties == expected.ties)
        #expect(audit.confusion == expected.confusion)
        #expect(audit.coverage.map { [$0.count, $0.right ?? -1] } == expected.coverage)
        #expect(audit.coverage.map(\.share) == [0, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9])
        let models = try #require(report.parts["model"])
        #expect(models.count == 12)
        #expect(models.map { $0.audit.responses }.reduce(0, +) == 70_376)
        let sums = models.map { $0.audit.confusion }.reduce([0, 0, 0, 0]) { zip($0, $1).map(+) }
        #expect(sums == expected.confusion)
        let categories = try #require(report.parts["category"])
        #expect(categories.count == 14)
        #expect(categories.compactMap { $0.audit.labels.right }.reduce(0, +) == expected.right)
    }

    @Test("1,009 of 2,632 recorded solutions of GSM8K are right", .enabled(if: isThere))
    func numbers() async throws {
        let folder = "\(Self.data)/gsm8k"
        let report = try await report(
            RecordedSource(
                task: "gsm8k", questions: "\(folder)/test.jsonl",
                responses: "\(folder)/model_solutions_A.jsonl.gz", tie: "lowest"))
        #expect(report.audit.responses == 2_632)
        #expect(report.audit.right == 1_009)
        #expect(report.audit.parsed == 2_632)
        #expect(report.pairing.models.count == 4)
        #expect(report.audit.confusion.reduce(0, +) == 2_632)
    }

    private func report(_ source: RecordedSource) async throws -> AuditReport {
        let auditor = try RecordedAuditor(
            source, registry: builtInRegistry(), models: LinearEngineProvider())
        return try await AuditReport(auditor.judged(), gold: true, by: [.model, .category])
    }
}

extension Audit {
    /// TP, FP, FN, TN.
    fileprivate var confusion: [Int] {
        [
            rewards.truePositives, rewards.falsePositives, rewards.falseNegatives,
            rewards.trueNegatives,
        ].compactMap(\.self)
    }
}
