import RefluxCore
import Testing

@Suite struct AccuracyTests {
    /// lm-evaluation-harness: `mean_stderr([1] * right + [0] * (count - right))`.
    @Test(arguments: [
        (1, 2, 0.5), (30, 100, 0.046_056_618_647_183_82), (744, 1_319, 0.013_658_968_058_849_15),
        (1, 1_319, 0.000_758_150_113_722_541_9), (10, 10, 0), (0, 10, 0),
    ])
    func theStandardErrorIsThatOfTheHarness(right: Int, count: Int, error: Double) {
        let accuracy = Accuracy(right: right, of: count)
        #expect(abs(accuracy.standardError - error) < 1e-12)
        #expect(accuracy.value == Double(right) / Double(count))
    }

    @Test func fewExamplesHaveNoStandardError() {
        #expect(Accuracy(right: 0, of: 0) == Accuracy(right: 0, of: 0))
        #expect(Accuracy(right: 0, of: 0).value == 0)
        #expect(Accuracy(right: 1, of: 1).standardError == 0)
    }

    private struct Echo: TaskEvaluator {
        let name = "echo"
        let metrics = ["exact", "loose"]
        func examples(in split: Split) -> [Example] { [] }
        func prompt(for example: Example) -> Prompt {
            Prompt(id: example.id, index: example.index, content: .text(example.question))
        }
        func answer(in response: String) -> String? { response }
        func grade(_ response: String, for example: Example) -> Grade {
            Grade(correct: [:], parsed: true)
        }
    }

    @Test func gradesAreCountedByMetric() {
        let grades = [
            Grade(correct: ["exact": true, "loose": true], parsed: true),
            Grade(correct: ["exact": false, "loose": true], parsed: true),
            Grade(correct: ["exact": false], parsed: false),
            Grade(correct: [:], parsed: false),
        ]
        let result = Echo().aggregate(grades)
        #expect(result["exact"] == Accuracy(right: 1, of: 4))
        #expect(result["loose"] == Accuracy(right: 2, of: 4))
        #expect(Echo().unparsedRate(grades) == 0.5)
        #expect(Echo().unparsedRate([]) == 0)
    }
}
