import Foundation
import RefluxCore
import RefluxTesting
import Synchronization
import Testing

@testable import RefluxTeachers

@Suite("Recorded responses as teacher")
struct RecordedTeacherTests {
    private let plan = SamplingPlan(
        samplesPerTemperature: 2, temperatures: [1], settings: SamplingSettings(), seed: 1)

    private func prompt(_ id: String, _ text: String = "") -> Prompt {
        Prompt(id: id, index: 0, content: .text(text))
    }

    private func respond(
        _ lines: String, to prompts: [Prompt], match: RecordedSettings.Match = .id,
        fields: RecordedSettings.Fields = .init(), observer: RunObserver = .silent
    ) async throws -> [[Response]] {
        try await with(lines, match: match, fields: fields) { teacher in
            try await teacher.respond(to: prompts, plan: plan, observer: observer)
        }
    }

    private func with<Value>(
        _ lines: String, match: RecordedSettings.Match = .id,
        fields: RecordedSettings.Fields = .init(), _ body: (RecordedTeacher) async throws -> Value
    ) async throws -> Value {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "recorded-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(lines.utf8).write(to: file)
        return try await body(
            RecordedTeacher(
                settings: RecordedSettings(
                    path: file.path, name: "tape", match: match, fields: fields)))
    }

    @Test("keeps the promises of a teacher, and answers no oftener than planned")
    func conformance() async throws {
        let lines = (0..<5).map { #"{"prompt": "\#($0 % 2)", "text": "\#($0)"}"# }
        try await with(lines.joined(separator: "\n")) { teacher in
            try await TeacherSourceConformance.check(
                teacher, prompts: [prompt("0"), prompt("1"), prompt("2")], plan: plan)
            let all = try await teacher.respond(
                to: [prompt("0")], plan: plan, observer: .silent)
            #expect(all.map { $0.map(\.text) } == [["0", "2"]])
        }
    }

    @Test("finds its prompts by id, also by the last part of one, and maps its fields")
    func byID() async throws {
        var fields = RecordedSettings.Fields()
        fields.prompt = "question_id"
        fields.text = "response"
        let responses = try await respond(
            """
            {"question_id": 70, "response": "A.", "model": "m1", "gold": ["x"]}
            {"question_id": 71, "response": "B.", "model": "m1"}

            {"question_id": 70, "response": "C.", "model": "m2", "temperature": 0.5,
             "tokens": 3, "finish": "length"}
            """.replacing(",\n ", with: ", "),
            to: [prompt("mmlu/test/70"), prompt("mmlu/test/72"), prompt("71")], fields: fields)
        #expect(responses.map { $0.map(\.text) } == [["A.", "C."], [], ["B."]])
        #expect(responses[0].map(\.model) == ["m1", "m2"])
        #expect(responses[0].map(\.sample) == [0, 1])
        #expect(responses[0].allSatisfy { $0.promptID == "mmlu/test/70" && $0.source == "tape" })
        #expect(responses[0][1].temperature == 0.5 && responses[0][1].tokenCount == 3)
        #expect(responses[0].map(\.finish) == [.unknown, .length])
    }

    @Test("finds its prompts by the question that a few-shot prompt asks last")
    func byQuestion() async throws {
        let lines = ["How many apples are there?", "How many?", "How many pears are there now?"]
            .map { #"{"prompt": "\#($0)", "text": "\#($0.count)"}"# }.joined(separator: "\n")
        let texts = try await respond(
            lines,
            to: [
                prompt(
                    "a",
                    "Q: How many pears are there now?\nA: 3\n\nQ: How many apples are there?\nA:"),
                prompt("b", "Q: How many?\nA:"), prompt("c", "Q: Why?\nA:"),
                prompt("d", "Question: How many pears are there now? Answer:"),
            ], match: .question
        ).map { $0.map(\.text) }
        #expect(texts == [["26"], ["9"], [], ["29"]])
    }

    @Test(
        "a wrong line is named with its number and its field",
        arguments: [
            ("{\"prompt\": 1, \"text\": \"a\"}\n{\"prompt\": 2}", 2, "text"),
            ("{\"text\": \"a\"}", 1, "prompt"), ("{\"prompt\": 1, \"text\": 7}", 1, "text"),
            ("\n[1]", 2, "object"), ("{\"prompt\": 1", 1, "object"),
        ])
    func wrongLines(lines: String, number: Int, mention: String) async throws {
        let error = try await #require(throws: RefluxError.self) {
            try await respond(lines, to: [prompt("1")])
        }
        #expect(error.kind == .input)
        #expect(error.location?.line == number)
        #expect(error.description.contains(mention))
    }

    @Test("tells how many prompts it cannot answer and how many lines it used")
    func notes() async throws {
        let notes = Mutex<[String]>([])
        _ = try await respond(
            #"{"prompt": "a", "text": "x"}"#, to: [prompt("a"), prompt("b")],
            observer: RunObserver(note: { note in notes.withLock { $0.append(note) } }))
        let text = notes.withLock { $0.joined(separator: "\n") }
        #expect(text.contains("1 of 2 prompts") && text.contains("1 of 1 recorded"))
    }
}

@Suite("Recorded responses of real models")
struct RecordedDataTests {
    private static let path = "../shared/data/gsm8k"
    private static let hasData = FileManager.default.fileExists(
        atPath: "\(path)/model_solutions_A.jsonl.gz")

    @Test("every GSM8K test question of the file is found by its text", .enabled(if: hasData))
    func solutions() async throws {
        struct Line: Decodable { let question: String }
        let file = try String(contentsOfFile: "\(Self.path)/test.jsonl", encoding: .utf8)
        let prompts = try file.split(separator: "\n").enumerated().map { index, line in
            let question = try JSONDecoder().decode(Line.self, from: Data(line.utf8)).question
            return Prompt(
                id: "gsm8k/test/\(index)", index: index, content: .text("Q: \(question)\nA:"))
        }
        var fields = RecordedSettings.Fields()
        fields.prompt = "question"
        fields.text = "response"
        let teacher = RecordedTeacher(
            settings: RecordedSettings(
                path: "\(Self.path)/model_solutions_A.jsonl.gz", match: .question, fields: fields))
        let responses = try await teacher.respond(
            to: prompts,
            plan: SamplingPlan(
                samplesPerTemperature: 4, temperatures: [1], settings: SamplingSettings(), seed: 1),
            observer: .silent)
        #expect(responses.reduce(0) { $0 + $1.count } == 2_632)
    }
}
