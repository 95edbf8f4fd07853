import Foundation
import RefluxCore
import RefluxFiles
import RefluxTesting
import Testing

@testable import RefluxTasks

/// The tasks `choices` and `numeric`, which read files of any form.
struct FieldTasksTests {
    private static let context = BuildContext(
        seed: 1, baseFolder: "/", models: LinearEngineProvider())

    private func table(_ entries: [(String, String)]) -> ConfigurationValue {
        .table(
            entries.map { key, value in
                ConfigurationEntry(
                    key, ConfigurationNode(.string(value), at: SourceLocation(path: "run.yaml")))
            })
    }

    private func choices(
        _ text: String, _ keys: [(String, ConfigurationValue)] = [], in folder: String
    ) throws -> ChoicesTask {
        try Files.writeAtomically(Data(text.utf8), to: folder + "/a.jsonl")
        return try ChoicesTask(
            reader(
                [("data", .string(folder + "/a.jsonl")), ("train_fraction", .integer(1))] + keys),
            context: Self.context)
    }

    private func numeric(
        _ text: String, _ keys: [(String, ConfigurationValue)] = [], in folder: String
    ) throws -> NumericTask {
        try Files.writeAtomically(Data(text.utf8), to: folder + "/a.jsonl")
        return try NumericTask(
            reader(
                [("data", .string(folder + "/a.jsonl")), ("train_fraction", .integer(1))] + keys),
            context: Self.context)
    }

    @Test(
        "the answer may be a letter, an index or the option's text",
        arguments: [
            ("letter", "\"B\""), ("index", "1"), ("index", "\"1\""), ("index-from-1", "2"),
            ("text", "\" blue\""),
        ])
    func forms(form: String, answer: String) throws {
        try withTemporaryFolder { folder in
            let line =
                #"{"q": {"text": "Sky?"}, "choices": {"label": ["x"], "text": ["red", "blue "]}, "#
                + #""key": \#(answer), "kind": "colour", "no": 7}"#
            let task = try choices(
                line + "\n",
                [
                    ("answer_form", .string(form)),
                    (
                        "fields",
                        table([
                            ("question", "q.text"), ("options", "choices.text"), ("answer", "key"),
                            ("category", "kind"), ("id", "no"),
                        ])
                    ),
                ], in: folder)
            let example = try #require(try task.examples(in: .train).first)
            #expect(example.id == "choices/7")
            #expect(example.gold == "B")
            #expect(example.options == ["red", "blue"])
            #expect(example.category == "colour")
            #expect(task.grade("The answer is (B).", for: example).correct["robust"] == true)
            #expect(try task.examples(in: .test).isEmpty)
        }
    }

    @Test("options may stand in fields of their own") func separateFields() throws {
        try withTemporaryFolder { folder in
            let names = ["opa", "opb", "opc"].map {
                ConfigurationNode(.string($0), at: SourceLocation(path: "run.yaml"))
            }
            let fields = ConfigurationValue.table([
                ConfigurationEntry(
                    "options", ConfigurationNode(.list(names), at: SourceLocation(path: "r")))
            ])
            let task = try choices(
                #"{"question": "1+1?", "opa": 1, "opb": 2, "opc": 3, "answer": "B"}"#,
                [("fields", fields)], in: folder)
            #expect(try task.examples(in: .train).first?.options == ["1", "2", "3"])
        }
    }

    @Test(
        "a wrong line is refused with file, line and field",
        arguments: [
            (#"{"question": "?", "options": ["a", "b"]}"#, "letter", "no field \"answer\""),
            (#"{"question": "?", "options": ["a", "b"], "answer": "C"}"#, "letter", "\"C\" with 2"),
            (#"{"question": "?", "options": ["a", "b"], "answer": 2}"#, "index", "\"2\" with 2"),
            (#"{"question": "?", "options": ["a", "b"], "answer": 0}"#, "index-from-1", "\"0\""),
            (#"{"question": "?", "options": ["a", "a"], "answer": "a"}"#, "text", "\"a\""),
            (#"{"question": "?", "options": ["a"], "answer": "A"}"#, "letter", "1 options"),
            (#"{"question": "?", "options": "ab", "answer": "A"}"#, "letter", "is a text"),
            (#"{"question": " ", "options": ["a", "b"], "answer": "A"}"#, "letter", "empty"),
            (#"{"question": ["?"], "options": ["a", "b"], "answer": "A"}"#, "letter", "a list"),
        ])
    func refusals(line: String, form: String, words: String) throws {
        try withTemporaryFolder { folder in
            let right =
                #"{"question": "!", "options": ["a", "b"], "answer": "\#(form == "letter" ? "A" : form == "text" ? "a" : "1")"}"#
            let task = try choices(
                right + "\n" + line + "\n", [("answer_form", .string(form))], in: folder)
            let error = try #require(throws: RefluxError.self) { try task.examples(in: .train) }
            #expect(error.location?.line == 2)
            #expect(error.location?.path == folder + "/a.jsonl")
            #expect(error.found.contains(words), "\(error)")
        }
    }

    @Test("ids that repeat are refused") func repeatedIDs() throws {
        try withTemporaryFolder { folder in
            let line = #"{"question": "?", "id": "x", "answer": 3}"# + "\n"
            let task = try numeric(line + line, [("fields", table([("id", "id")]))], in: folder)
            let error = try #require(throws: RefluxError.self) { try task.examples(in: .train) }
            #expect(error.location?.line == 2)
            #expect(error.found.contains("line 1"))
        }
    }

    @Test(
        "a template with an unknown place, or without the question, is refused",
        arguments: ["{question} {opinion}", "no place", "{{question}}", "{question} {solution}"])
    func templates(template: String) throws {
        #expect(throws: RefluxError.self) {
            try withTemporaryFolder { folder in
                try choices("", [("template", .string(template))], in: folder)
            }
        }
    }

    @Test("examples stand before the question as the templates say") func shots() throws {
        try withTemporaryFolder { folder in
            let shots = """
                {"question": "1+1", "answer": 2, "kind": "sum", "how": "One and one."}
                {"question": "2*3", "answer": 6, "kind": "product"}
                {"question": "2+2", "answer": 4, "kind": "sum"}
                """
            try Files.writeAtomically(Data(shots.utf8), to: folder + "/s.jsonl")
            let task = try numeric(
                #"{"question": "3+4", "answer": "7.0", "kind": "sum"}"#,
                [
                    ("shots_data", .string(folder + "/s.jsonl")), ("shots", .integer(2)),
                    ("shots_by_category", .bool(true)), ("chat", .bool(false)),
                    ("header", .string("About {category} {{x}}.\n")),
                    ("template", .string("Q: {question}\nA:")),
                    ("shot_template", .string("Q: {question}\nA: {solution} = {answer}\n")),
                    (
                        "stops",
                        .list([ConfigurationNode(.string("Q:"), at: SourceLocation(path: "r"))])
                    ),
                    ("fields", table([("category", "kind"), ("solution", "how")])),
                ], in: folder)
            let example = try #require(try task.examples(in: .train).first)
            #expect(example.gold == "7")
            let prompt = try task.prompt(for: example)
            #expect(
                prompt.content
                    == .text(
                        "About sum {x}.\nQ: 1+1\nA: One and one. = 2\nQ: 2+2\nA: #### 4 = 4\n"
                            + "Q: 3+4\nA:"))
            #expect(prompt.stops == ["Q:"])
        }
    }

    @Test("the reading that votes and the marker can be chosen") func readings() throws {
        try withTemporaryFolder { folder in
            let task = try numeric(
                #"{"question": "?", "answer": "1,200"}"#,
                [("extractor", .string("strict")), ("marker", .string("Result (final): "))],
                in: folder)
            let example = try #require(try task.examples(in: .train).first)
            let text = "5\nResult (final): 1,200.0 or 7"
            #expect(task.answer(in: text) == "1200")
            #expect(task.answer(in: "#### 1200") == nil)
            #expect(!task.grade("#### 1200", for: example).parsed)
            #expect(task.grade("Result (final): 1,200.", for: example).correct["strict"] == true)
            #expect(task.votingReading == "strict")
        }
    }

    @Test(
        "GSM8K read by numeric has the questions and marks of gsm8k",
        .enabled(if: TestData.hasGSM8K))
    func sameAsGSM8K() throws {
        struct Row: Decodable { var question: String, response: String }
        let gsm8k = try GSM8KTask(
            reader([("data", .string(TestData.gsm8k))]), context: Self.context)
        let numeric = try NumericTask(
            reader([("data", .string(TestData.gsm8k)), ("answer_marker", .string("####"))]),
            context: Self.context)
        let theirs = try gsm8k.examples(in: .test)
        let ours = try numeric.examples(in: .test)
        #expect(ours.map(\.question) == theirs.map(\.question))
        #expect(ours.map(\.gold) == theirs.map(\.gold))
        #expect(
            try ours.prefix(50).map { try numeric.prompt(for: $0).content }
                == theirs.prefix(50).map { try gsm8k.prompt(for: $0).content })
        let places = Dictionary(
            theirs.map { ($0.question, $0.index) }, uniquingKeysWith: { $1 })
        let rows = try JSONLines.read(
            Row.self, from: TestData.gsm8k + "/model_solutions_A.jsonl.gz")
        #expect(rows.count == 2_632)
        var right = 0
        for row in rows {
            let place = try #require(places[row.question])
            let grade = numeric.grade(row.response, for: ours[place])
            #expect(grade == gsm8k.grade(row.response, for: theirs[place]))
            #expect(numeric.answer(in: row.response) == gsm8k.answer(in: row.response))
            right += grade.correct["robust"] == true ? 1 : 0
        }
        #expect(right == 1_009)
    }

    @Test(
        "MMLU-Pro read by choices has the splits, prompts and marks of mmlu-pro",
        .enabled(if: MetricParityTests.isThere),
        arguments: ["letter", "index"])
    func sameAsMMLUPro(form: String) throws {
        // Question 3983 contradicts itself; mmlu-pro leaves it out.
        let folder = SharedData.folder + "/mmlu_pro"
        try withTemporaryFolder { own in
            var lines = Data()
            try JSONLines.forEach(in: folder + "/questions.jsonl.gz") { line, _ in
                if line.range(of: Data("\"question_id\": 3983,".utf8)) == nil {
                    lines += line + [0x0A]
                }
            }
            try Files.writeAtomically(lines, to: own + "/q.jsonl")
            let theirs = try MMLUProTask(
                reader([("data", .string(folder + "/questions.jsonl.gz"))]), context: Self.context)
            let ours = try ChoicesTask(
                reader([
                    ("data", .string(own + "/q.jsonl")), ("name", .string("mmlu-pro")),
                    ("answer_form", .string(form)),
                    (
                        "fields",
                        table([
                            ("id", "question_id"), ("category", "category"),
                            ("answer", form == "letter" ? "answer" : "answer_index"),
                        ])
                    ),
                ]), context: Self.context)
            for split in [Split.train, .test] {
                let (wanted, found) = (
                    try theirs.examples(in: split), try ours.examples(in: split)
                )
                #expect(found == wanted)
                for (a, b) in zip(found.prefix(300), wanted) {
                    let prompt = try theirs.prompt(for: b)
                    // mmlu-pro leaves out options that are no option.
                    guard b.options?.contains("N/A") == false else { continue }
                    #expect(try ours.prompt(for: a) == prompt)
                }
            }
        }
    }
}
