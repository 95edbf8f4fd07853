import Foundation
import RefluxCore
import RefluxFiles
import RefluxTesting
import Testing

@testable import RefluxTasks

@Suite struct GSM8KTests {
    private func task(_ keys: [(String, ConfigurationValue)], base: String = "/") throws
        -> GSM8KTask
    {
        let reader = try reader(keys)
        let context = BuildContext(seed: 1, baseFolder: base, models: LinearEngineProvider())
        let task = try GSM8KTask(reader, context: context)
        try reader.finish()
        return task
    }

    private func write(_ text: String, to path: String) throws {
        try Files.writeAtomically(Data(text.utf8), to: path)
    }

    @Test func linesBecomeExamples() throws {
        try withTemporaryFolder { folder in
            try write(
                #"{"question": "How?", "answer": "So 48/2 = <<48/2=24>>24.\n#### 1,024"}"# + "\n\n"
                    + #"{"question": "Why?", "answer": "is #### -3.50", "more": [1]}"#,
                to: folder + "/train.jsonl")
            let task = try task([("data", .string("."))], base: folder)
            let examples = try task.examples(in: .train)
            #expect(examples.map(\.id) == ["gsm8k/train/0", "gsm8k/train/1"])
            #expect(examples.map(\.gold) == ["1024", "-3.5"])
            #expect(examples[0].solution == "So 48/2 = 24.\n#### 1,024")
            #expect(try task.examples(in: .validation).isEmpty)
        }
    }

    @Test(arguments: [
        ("hello", ":2: this is not JSON"),
        (#"{"question": "?"}"#, ":2: no field \"answer\""),
        (#"{"answer": "is #### 1"}"#, ":2: no field \"question\""),
        (#"{"question": 7, "answer": "is #### 1"}"#, ":2: field \"question\" is not a text"),
        (#"{"question": " ", "answer": "is #### 1"}"#, ":2: field \"question\" is empty"),
        (#"{"question": "?", "answer": "1"}"#, ":2: no gold answer"),
        (
            #"{"question": "?", "answer": "is #### many"}"#,
            "behind \"####\" is \"many\"; wanted a number"
        ),
        (#"["question"]"#, ":2: the value is a list; wanted a table of fields"),
    ])
    func wrongLinesAreNamed(line: String, words: String) throws {
        try withTemporaryFolder { folder in
            let good = #"{"question": "?", "answer": "is #### 1"}"# + "\n"
            try write(good + line, to: folder + "/train.jsonl")
            let task = try task([("data", .string(folder))])
            let error = #expect(throws: RefluxError.self) { try task.examples(in: .train) }
            let text = try #require(error).description
            #expect(text.hasPrefix(folder + "/train.jsonl:2: "))
            #expect(text.contains(words), "\(text)")
        }
    }

    @Test func missingAndEmptyDataAreNamed() throws {
        try withTemporaryFolder { folder in
            let task = try task([("data", .string(folder))])
            let missing = #expect(throws: RefluxError.self) { try task.examples(in: .test) }
            #expect(missing?.description.contains("neither test.jsonl nor test.jsonl.gz") == true)
            #expect(missing?.location?.line == 3)
            try write("\n \n", to: folder + "/test.jsonl")
            let empty = #expect(throws: RefluxError.self) { try task.examples(in: .test) }
            #expect(empty?.description.contains("test.jsonl: the dataset is empty") == true)
        }
        let nowhere = try task([("data", .string("/nowhere"))])
        let error = #expect(throws: RefluxError.self) { try nowhere.examples(in: .train) }
        #expect(error?.found == "there is no folder or file /nowhere")
    }

    @Test func aFileServesTrainingOnlyUnlessTestDataIsNamed() throws {
        try withTemporaryFolder { folder in
            let file = folder + "/mine.jsonl"
            try write(#"{"q": "?", "a": "is #### 1"}"#, to: file)
            let fields: [(String, ConfigurationValue)] = [
                ("data", .string(file)), ("question_field", .string("q")),
                ("answer_field", .string("a")),
            ]
            let alone = try task(fields)
            #expect(try alone.examples(in: .train).count == 1)
            #expect(throws: RefluxError.self) { try alone.examples(in: .test) }
            let both = try task(fields + [("test_data", .string(file))])
            #expect(try both.examples(in: .test).map(\.id) == ["gsm8k/test/0"])
        }
    }

    @Test func wrongKeysAreRefused() throws {
        #expect(throws: RefluxError.self) { try task([]) }
        #expect(throws: RefluxError.self) { try task([("data", .integer(3))]) }
        #expect(throws: RefluxError.self) {
            try task([("data", .string("x")), ("prompt", .string("chatt"))])
        }
        let error = #expect(throws: RefluxError.self) {
            try task([("data", .string("x")), ("quesion_field", .string("q"))])
        }
        #expect(error?.remedy?.contains("\"question_field\"") == true)
        let old = #expect(throws: RefluxError.self) {
            try task([("data", .string("x")), ("extractors", .string("robust-number/0"))])
        }
        #expect(old?.remedy?.contains("comparable") == true)
    }

    @Test func promptsHoldTheQuestionAndTheForm() throws {
        let example = Example(id: "gsm8k/test/4", index: 4, question: "How many?")
        let chat = try task([("data", .string("x"))]).prompt(for: example)
        #expect(chat.id == example.id && chat.index == 4)
        #expect(chat.displayText.hasSuffix("How many?") && chat.displayText.contains("#### N"))
        let text = try task([("data", .string("x")), ("prompt", .string("text"))])
            .prompt(for: example)
        #expect(text.content == .text("Question: How many?\nAnswer:"))
        #expect(text.stops == ["Question:", "</s>", "<|im_end|>"])
    }

    /// Python: `re.sub(r"<<.*?>>", "", text)`.
    @Test(arguments: [
        ("a<<1+1=2>>2", "a2"), ("<<a>>b<<c>>d", "bd"), ("<<a<<b>>c>>d", "c>>d"), ("a<<b", "a<<b"),
        ("a>>b<<c", "a>>b<<c"), ("a>>b<<c>>", "a>>b"), ("<<a\nb>>", "<<a\nb>>"), ("<<>>", ""),
        ("<<<a>>", ""), ("<<a>>>", ">"), ("a\n\nb<<x>>\n", "a\n\nb\n"),
    ])
    func calculatorMarksAreDeleted(text: String, result: String) {
        #expect(GSM8KAnswer.withoutCalculatorMarks(text) == result)
    }
}

@Suite(.enabled(if: TestData.hasGSM8K, "the GSM8K files are not here")) struct RealGSM8KTests {
    private func task() throws -> GSM8KTask {
        let context = BuildContext(seed: 1, baseFolder: "/", models: LinearEngineProvider())
        return try GSM8KTask(reader([("data", .string(TestData.gsm8k))]), context: context)
    }

    @Test func thePublishedFilesAreWhole() async throws {
        let task = try task()
        let train = try task.examples(in: .train)
        let test = try task.examples(in: .test)
        #expect(train.count == 7_473 && test.count == 1_319)
        #expect((train + test).allSatisfy { $0.gold.flatMap { Int($0) } != nil })
        #expect((train + test).allSatisfy { $0.solution?.contains("<<") == false })
        #expect(train[1].gold == "10" && test[0].gold == "18")
        for example in test {
            let grade = task.grade(example.solution ?? "", for: example)
            #expect(grade.parsed && grade.correct.allSatisfy(\.value), "\(example.id)")
        }
        try await TaskEvaluatorConformance.check(task, splits: [.train, .test])
    }

    private struct Solution: Decodable {
        var question: String
        var response: String
        var isCorrect: Bool

        enum CodingKeys: String, CodingKey {
            case question, response
            case isCorrect = "is_correct"
        }
    }

    @Test func realSolutionsAreGradedAsPublished() throws {
        let task = try task()
        let examples = try Dictionary(
            task.examples(in: .test).map { ($0.question, $0) },
            uniquingKeysWith: { first, _ in first })
        let path = TestData.gsm8k + "/model_solutions_A.jsonl.gz"
        let rows = try JSONLines.read(Solution.self, from: path)
        #expect(rows.count == 2_632 && rows.count { $0.isCorrect } == 1_009)
        let last = try RobustNumber()
        var disagreements = 0
        for row in rows {
            let example = try #require(examples[row.question])
            let grade = task.grade(row.response, for: example)
            if grade.correct["robust"] != row.isCorrect { disagreements += 1 }
            // Without the line `A: N` the last number must say the same.
            let body = row.response.replacing("\nA: ", with: "\n")
            if (last.answer(in: body) == example.gold) != row.isCorrect { disagreements += 1 }
        }
        #expect(disagreements == 0)
    }
}
