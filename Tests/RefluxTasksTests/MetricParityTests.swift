import Foundation
import RefluxCore
import RefluxFiles
import RefluxTesting
import Testing

@testable import RefluxTasks

/// Real outputs, read and marked as lm-evaluation-harness 0.4.13 reads and marks them by its own filters
/// and metric (`Tests/Scripts/make_metric_fixtures.py`). The outputs are read where they lie beside the
/// repository; the fixture holds the harness' answers and marks alone.
struct MetricParityTests {
    /// One task and filter of the harness over one file.
    struct Measured: Decodable {
        let task: String
        let filter: String
        let data: String
        let step: Int
        let answers: [String?]
        let right: String
    }

    static let fixture = TestData.fixtures + "/published_metrics.jsonl.gz"
    static let isThere = Files.exists(SharedData.folder + "/mmlu_pro/teacher_responses_A.jsonl.gz")

    @Test func theFixtureIsTheOneThatTheScriptWrote() throws {
        #expect(
            try Files.sha256(ofFile: Self.fixture)
                == "759ea88155c9af88ade76e449a2f9b6723c5999ef6527698c9c0f9cdd5ad3041")
        let rows = try JSONLines.read(Measured.self, from: Self.fixture)
        #expect(rows.allSatisfy { $0.answers.count == $0.right.utf8.count })
        #expect(rows.map(\.answers.count).reduce(0, +) > 100_000)
    }

    @Test("real outputs have the answers and the marks of the harness", .enabled(if: isThere))
    func parity() throws {
        let rows = try JSONLines.read(Measured.self, from: Self.fixture)
        let gsm8k = try JSONLines.read([String: String].self, from: Self.path("gsm8k/test.jsonl"))
        var outputs: [String: [(text: String, example: Example)]] = [:]
        let choices = try Self.choiceTask()
        let byID = Dictionary(
            try (choices.examples(in: .train) + choices.examples(in: .test)).map { ($0.id, $0) },
            uniquingKeysWith: { $1 })
        for measured in rows {
            let key = "\(measured.task == "mmlu_pro_biology") \(measured.data)"
            let read =
                try outputs[key]
                ?? Self.outputs(
                    of: measured, gsm8k: gsm8k,
                    choices: measured.task == "mmlu_pro_biology" ? byID : nil)
            outputs[key] = read
            let found = try Self.disagreements(of: measured, outputs: read)
            #expect(read.count == measured.answers.count)
            #expect(found.isEmpty, "\(measured.task) \(measured.filter): \(found.prefix(5))")
        }
    }

    /// A line for each output that we read or mark in another way.
    private static func disagreements(
        of measured: Measured, outputs: [(text: String, example: Example)]
    ) throws -> [String] {
        let (task, metric) = try part(of: measured)
        let reading = try #require(task.readings.first { $0.name == metric })
        let right = Array(measured.right.utf8)
        return try outputs.indices.compactMap { index in
            let (text, example) = outputs[index]
            let answer = reading.extractor.answer(in: text)
            let mark = try task.grade(text, for: example).correct[metric] == true
            let wanted = right[index] == UInt8(ascii: "1")
            guard answer != measured.answers[index] || mark != wanted else { return nil }
            return "output \(index + 1): \(answer ?? "nothing"), \(mark); the harness has "
                + "\(measured.answers[index] ?? "nothing"), \(wanted)"
        }
    }

    private static func part(of measured: Measured) throws -> (any TracingTask, String) {
        let forms = [
            "gsm8k": "gsm8k", "gsm8k-cot": "gsm8k_cot", "gsm8k-cot-zeroshot": "gsm8k_cot_zeroshot",
            "gsm8k-cot-llama": "gsm8k_cot_llama",
        ]
        guard let form = forms[measured.task] else { return (try choiceTask(), "lm-eval") }
        let task = try GSM8KTask(
            reader([("data", .string(TestData.gsm8k)), ("prompt", .string(form))]),
            context: context)
        return (task, measured.filter == "strict-match" ? "strict" : "flexible")
    }

    /// The outputs of a file with what they are compared with; as in the script.
    private static func outputs(
        of measured: Measured, gsm8k: [[String: String]], choices: [String: Example]?
    ) throws -> [(text: String, example: Example)] {
        struct Row: Decodable {
            var question: String?
            var answer: String?
            var response: String?
            // swift-format-ignore: AlwaysUseLowerCamelCase
            var question_id: Int?
        }
        let problem = { (row: [String: String]) in
            Example(
                id: "x", index: 0, question: row["question"] ?? "", gold: "0",
                solution: row["answer"])
        }
        let byQuestion = Dictionary(
            gsm8k.map { ($0["question"] ?? "", $0) }, uniquingKeysWith: { $1 })
        let rows = try JSONLines.read(Row.self, from: path(measured.data))
        return try stride(from: 0, to: rows.count, by: measured.step).enumerated().map {
            number, place in
            let row = rows[place]
            if let choices {
                return (
                    row.response ?? "",
                    try #require(choices["mmlu-pro/\(row.question_id ?? -1)"])
                )
            }
            if let text = row.answer {
                return (text, problem(gsm8k[(number + number % 2) % gsm8k.count]))
            }
            if let question = row.question {
                return (row.response ?? "", problem(try #require(byQuestion[question])))
            }
            return (row.response ?? "", problem(gsm8k[number % gsm8k.count]))
        }
    }

    private static func choiceTask() throws -> MMLUProTask {
        try MMLUProTask(
            reader([("data", .string(path("mmlu_pro/questions.jsonl.gz")))]), context: context)
    }

    private static var context: BuildContext {
        BuildContext(seed: 1, baseFolder: "/", models: LinearEngineProvider())
    }

    private static func path(_ name: String) -> String { "\(SharedData.folder)/\(name)" }
}
