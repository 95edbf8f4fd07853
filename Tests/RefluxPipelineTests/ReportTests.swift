import RefluxCore
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
            ).lines(asJSON: json)
        }
        #expect(try lines("a") == ["prompt=a  sample=0\n    x\n    y"])
        #expect(try lines("b", json: true) == ["{\"prompt\":\"b\",\"text\":\"z\"}"])
        #expect(try lines(nil).count == 2)
        #expect(throws: RefluxError.self) { try lines("c") }
    }
}
