import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxTasks

/// The expected values come from lm-evaluation-harness' own filters and metric
/// (`Tests/Scripts/make_gsm8k_extractor_fixture.py`).
@Suite struct PublishedMetricsTests {
    struct Row: Decodable {
        var text: String
        var reference: String
        var strict: String?
        var flexible: String?
        var strictCorrect: Bool
        var flexibleCorrect: Bool

        enum CodingKeys: String, CodingKey {
            case text, reference, strict, flexible
            case strictCorrect = "strict_correct"
            case flexibleCorrect = "flexible_correct"
        }
    }

    @Test func extractionAndComparisonAreThoseOfTheHarness() throws {
        let path = TestData.fixtures + "/gsm8k_extractors.jsonl"
        let digest = try Files.sha256(ofFile: path)
        #expect(digest == "4929ef844c119835391648b6c57ce6d36e850f733347674a21ac53033136d4a7")
        let rows = try JSONLines.read(Row.self, from: path)
        #expect(rows.count > 300)
        let grader = try NumberGrader(lastNumber: true)
        for row in rows {
            #expect(
                grader.strict.answer(in: row.text) == row.strict, "\(row.text.debugDescription)")
            #expect(
                grader.flexible.answer(in: row.text) == row.flexible, "\(row.text.debugDescription)"
            )
            let example = Example(
                id: "x", index: 0, question: "?", gold: "0", solution: row.reference)
            let correct = grader.grade(row.text, for: example).correct
            #expect(correct["strict"] == row.strictCorrect, "\(row)")
            #expect(correct["flexible"] == row.flexibleCorrect, "\(row)")
        }
    }
}
