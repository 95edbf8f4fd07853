import RefluxCore
import RefluxRewards
import Testing

@testable import RefluxPipeline

@Suite struct ReportTests {
    private func row(
        _ model: String, _ metric: String, _ accuracy: Double, count: Int = 101
    ) -> ResultRow {
        let error = (accuracy * (1 - accuracy) / Double(count - 1)).squareRoot()
        return ResultRow(
            model: model, metric: metric, accuracy: accuracy, standardError: error, count: count,
            unparsedRate: 0.25)
    }

    @Test func theTableHasALineAModelAndAColumnAMetric() {
        let result = EvaluationResult(rows: [
            row("teacher", "strict", 0.5), row("teacher", "robust", 0.6),
            row("base", "strict", 0.1),
        ])
        #expect(
            result.text == """
                model    strict         robust         unparsed  n
                teacher  0.500 ± 0.050  0.600 ± 0.049  25.0%     101
                base     0.100 ± 0.030  -              25.0%     101
                """)
    }

    @Test func theAverageHasItsErrorOverRunsAndPooled() {
        let average = RunAverage(
            of: [0.4, 0.5, 0.6].map { accuracy in
                EvaluationResult(rows: [row("base", "strict", accuracy, count: 100)])
            })
        #expect(average.rows.count == 1)
        let mean = average.rows[0]
        #expect(abs(mean.accuracy - 0.5) < 1e-12)
        // Standard deviation .1 over sqrt 3.
        #expect(abs((mean.standardError ?? 0) - 0.1 / 3.0.squareRoot()) < 1e-12)
        #expect(abs(mean.pooledStandardError - (0.25 / 299).squareRoot()) < 1e-12)
        #expect(mean.count == 300)
        #expect(mean.runs == 3)
    }

    @Test func aRowThatARunLacksIsAveragedOverTheOthers() {
        let average = RunAverage(of: [
            EvaluationResult(rows: [row("base", "strict", 0.4)]),
            EvaluationResult(rows: [row("base", "strict", 0.6), row("base:b", "strict", 0.7)]),
        ])
        #expect(average.rows.map(\.runs) == [2, 1])
        #expect(average.rows[1].standardError == nil)
    }

    @Test func anUnfinishedRunIsRefused() throws {
        let folder = try TemporaryFolder()
        let error = try #require(throws: RefluxError.self) {
            _ = try RunAverage(runFolders: [folder.path])
        }
        #expect("\(error)".contains("reflux resume"))
    }

    @Test func theCurveShowsMeansOfEqualParts() throws {
        let folder = try TemporaryFolder()
        let lines = (0..<18).map { "{\"step\":\($0),\"reward\":\(Double($0) / 100)}" }
        try folder.write(lines.joined(separator: "\n") + "\n", to: "metrics.jsonl")
        let text = try #require(try ReinforcementCurve.markdown(of: folder.path))
        #expect(text.contains("| 0-1"))
        #expect(text.contains("| 16-17"))
        #expect(text.contains("0.165"))
    }

    @Test func inspectionShowsTheLinesOfAPrompt() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "{\"prompt\":\"a\",\"text\":\"x\\ny\",\"sample\":0}\n{\"prompt\":\"b\",\"text\":\"z\"}\n",
            to: "teach/responses.jsonl")
        func lines(_ prompt: String?, json: Bool = false) throws -> [String] {
            try Inspection(
                runFolder: folder.path, subject: .responses, prompt: prompt, limit: 10
            ).listing(asJSON: json).lines
        }
        #expect(try lines("a") == ["prompt=a  sample=0\n    x\n    y"])
        #expect(try lines("b", json: true) == ["{\"prompt\":\"b\",\"text\":\"z\"}"])
        #expect(try lines(nil).count == 2)
        #expect(throws: RefluxError.self) { try lines("c") }
    }

    @Test func inspectionTellsHowManyLinesThereAre() throws {
        let folder = try TemporaryFolder()
        let lines = (0..<5).map { #"{"prompt":"p\#($0)","model":"m","reward":0.12345}"# }
        try folder.write(lines.joined(separator: "\n") + "\n", to: "label/labels.jsonl")
        let listing = try Inspection(
            runFolder: folder.path, subject: .labels, prompt: nil, limit: 2
        ).listing(asJSON: false)
        #expect(listing.lines == ["prompt=p0  reward=0.123", "prompt=p1  reward=0.123"])
        #expect(listing.total == 5)
    }

    @Test(arguments: [
        (5.555555617320351e-05, "5.56e-05"), (0.75, "0.75"), (0.12345, "0.123"), (-7, "-7"),
        (0, "0"), (1234.5678, "1234.568"), (-0.00015814602375030518, "-1.58e-04"),
    ])
    func numbersHaveThreeDigits(_ value: Double, _ text: String) {
        #expect(shortNumber(value) == text)
    }

    @Test func theRewardModelIsSummedUpInAFewTables() throws {
        let responses = (0..<8).map { index in
            LabelledResponse(
                response: Response(
                    promptID: "p\(index / 4)", text: String(repeating: "x", count: index + 1),
                    role: index % 2 == 0 ? .teacher : .student, source: "s", model: "m",
                    sample: index),
                promptIndex: index / 4, answer: nil, label: nil, reward: index % 4 < 2 ? 1 : 0,
                correct: index % 4 == 0)
        }
        let section = try RewardEvaluation.Section(
            responses, scores: [3, 2, 1, 0.5, 3, 0.7, 1, 0.5])
        let evaluation = RewardEvaluation(heldOut: section, training: section)
        let text = RewardSummary(evaluation).markdown
        // Of 8 pairs, one is lost: 0.7 against 1.
        #expect(text.contains("| held-out | all       | 0.875             | 8 "), "\(text)")
        #expect(text.contains("| training | student "))
        let shortness = text.split(separator: "\n").first { $0.hasPrefix("| shortness ") }
        #expect(shortness?.contains("| 1.000 ") == true, "\(text)")
        #expect(text.contains("| the reward model | 0.875 "))
        #expect(text.contains("| 0.6 to 0.7  | 3 "), "\(text)")
        #expect(text.contains("| 7 to 8 "))
        #expect(text.contains("an audit"))
        #expect(text.contains("reward/report.json"))
        #expect(text.count { $0 == "\n" } < 50)
        var pseudoOnly = evaluation
        pseudoOnly.heldOut.gold = nil
        pseudoOnly.training = nil
        let short = RewardSummary(pseudoOnly).plain
        #expect(!short.contains("audit"))
        #expect(!short.contains("training  "))
    }
}
