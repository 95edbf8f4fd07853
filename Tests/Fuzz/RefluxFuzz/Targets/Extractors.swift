import RefluxCore
import RefluxFiles
import RefluxTasks
import RefluxTesting

extension FuzzTargets {
    /// Every reading of the built-in tasks, and their marks.
    ///
    /// Beyond not trapping: a reading's place lies in the response; numbers are in normal form; letters
    /// are A to J; a reading gives the same twice; the linear form of the official script's second
    /// and third pattern finds what the script's own patterns find.
    @Sendable package static func extractors(data: String?) throws -> FuzzTarget {
        let tasks = try numberTasks() + choiceTasks()
        let official = try OfficialOracle()
        let example = Example(
            id: "x/0", index: 0, question: "?", gold: "18", solution: "6 * 3\n#### 18")
        let item = Example(
            id: "x/0", index: 0, question: "?", gold: "C", options: ["1", "2", "3", "4"])
        var readings: [NamedExtractor] = []
        for task in tasks {
            for reading in task.task.readings {
                let extractor = NamedExtractor(task: task, reading: reading)
                // Tasks share most of their extractors.
                if !readings.contains(where: { $0.name == extractor.name }) {
                    readings.append(extractor)
                }
            }
        }
        let distinct = readings
        return FuzzTarget(
            name: "extractors", seeds: try (responses + recorded(in: data)).map { Array($0.utf8) },
            words: words, longest: 1024,
            timed: distinct.map { extractor in
                (
                    extractor.name,
                    { _ = extractor.reading.trace(of: String(decoding: $0, as: UTF8.self)) }
                )
            },
            shapes: shapes
        ) { input in
            let text = String(decoding: input, as: UTF8.self)
            for extractor in distinct { try extractor.check(text) }
            try official.check(text)
            // The marks come from the same readings: one task an input is enough.
            let task = tasks[input.count % tasks.count]
            let grade = try task.task.grade(text, for: task.isChoice ? item : example)
            let isRead = try task.task.answer(in: text) != nil
            guard grade.parsed == isRead else {
                throw FuzzFinding("\(task.label): parsed is \(grade.parsed)")
            }
        }
    }

    private static func numberTasks() throws -> [NamedTask] {
        let forms = ["text", "gsm8k_cot", "gsm8k_cot_llama"]
        return try forms.map { form in
            NamedTask(
                label: form,
                task: try GSM8KTask(
                    keys(["data": .string("none"), "prompt": .string(form)]), context: context))
        } + [NamedTask(label: "word-problems", task: try WordProblemsTask(keys([:])))]
    }

    private static func choiceTasks() throws -> [NamedTask] {
        try ["robust", "official", "lm-eval"].map { extractor in
            NamedTask(
                label: "mmlu-pro \(extractor)",
                task: try MMLUProTask(
                    keys(["data": .string("none"), "extractor": .string(extractor)]),
                    context: context), isChoice: true)
        }
    }

    private static var context: BuildContext {
        BuildContext(seed: 1, baseFolder: "/", models: LinearEngineProvider())
    }

    private static func keys(
        _ keys: KeyValuePairs<String, ConfigurationValue>
    ) throws -> ConfigurationReader {
        let place = SourceLocation(path: "fuzz")
        let entries = keys.map { ConfigurationEntry($0, ConfigurationNode($1, at: place)) }
        return try ConfigurationReader(ConfigurationNode(.table(entries), at: place))
    }

    /// Some of the real responses of a folder with the published outputs.
    private static func recorded(in data: String?) throws -> [String] {
        struct Line: Decodable { var response: String }
        guard let data else { return [] }
        let files = ["gsm8k/model_solutions_A.jsonl.gz", "mmlu_pro/teacher_responses_A.jsonl.gz"]
        return try files.map { "\(data)/\($0)" }.filter(Files.exists).flatMap { path in
            let lines = try JSONLines.read(Line.self, from: path)
            return stride(from: 0, to: lines.count, by: max(1, lines.count / 500))
                .map { lines[$0].response }
        }
    }
}

private struct NamedTask {
    var label: String
    var task: any TracingTask
    var isChoice = false
}

private struct NamedExtractor {
    let name: String
    let reading: NamedReading
    private let isChoice: Bool
    private let normalForm: (String) -> String

    init(task: NamedTask, reading: NamedReading) {
        let identity = type(of: reading.extractor).identity
        // The strict readings of the published prompts are one type with different patterns.
        let isOwn = reading.name == "strict" || task.label == "word-problems"
        name = isOwn ? "\(task.label) \(reading.name)" : identity
        self.reading = reading
        isChoice = task.isChoice
        let strict = task.task.readings.first { $0.name == "strict" }
        normalForm = (strict ?? reading).normalForm
    }

    func check(_ text: String) throws {
        guard let found = reading.extractor.trace(of: text) else { return }
        guard found.range.lowerBound >= 0, found.range.upperBound <= text.utf8.count else {
            throw FuzzFinding("\(name): the place \(found.range) of \(text.utf8.count)")
        }
        if isChoice {
            guard found.answer.utf8.count == 1, ("A"..."J").contains(found.answer) else {
                throw FuzzFinding("\(name): the letter \(found.answer)")
            }
            return
        }
        let normal = normalForm(found.answer)
        guard normalForm(normal) == normal else {
            throw FuzzFinding("\(name): \(normal), normal form of \(found.answer), is not one")
        }
        guard reading.name != "robust" || normal == found.answer else {
            throw FuzzFinding("\(name): \(found.answer) is not in normal form, \(normal)")
        }
    }
}

/// The official script's patterns as they stand there, which take quadratic time.
private struct OfficialOracle {
    private let answerIs: TextPattern
    private let answerColon: TextPattern
    private let lastLetter: TextPattern
    private let official: OfficialChoice

    init() throws {
        answerIs = try TextPattern(#"answer is \(?([A-J])\)?"#)
        answerColon = try TextPattern(#".*[aA]nswer:\s*([A-J])"#)
        lastLetter = try TextPattern(#"(?s)\b[A-J]\b(?!.*\b[A-J]\b)"#)
        official = try OfficialChoice()
    }

    func check(_ text: String) throws {
        let wanted =
            answerIs.first(in: text)?[1] ?? answerColon.first(in: text)?[1]
            ?? lastLetter.first(in: text)?[0]
        let found = official.answer(in: text)
        guard found == wanted else {
            throw FuzzFinding(
                "official reads \(found ?? "nothing"), the published patterns \(wanted ?? "nothing")"
            )
        }
    }
}

/// Responses in the forms that models write.
private let responses = [
    "She has 6 * 3 = 18 eggs, so\n#### 18",
    "Weng earns 12/60 = $<<12/60=0.2>>0.2 per minute.\nWorking 50 minutes, she earned 0.2 x 50 = "
        + "$<<0.2*50=10>>10.\n#### 10",
    "The total is \\boxed{\\frac{3}{4}} of the cake.",
    "**Step 1**: 1,200 - 300 = 900\n\n**Answer:** $900.00",
    "<think>Is it 5? Or 7?</think>\nThe answer is 7.\n\nQuestion: What is 2 + 2?\nAnswer: 4",
    "A: 1 1/2 cups (that is 75% of 2)", "So the final answer is -€3.50, or −4 if rounded.",
    "The final answer is $1,234,567.89", "Therefore 18 dollars...", "#### $18", "1/3 + 2/3 = 1",
    "Let's think step by step. The rate doubles. The answer is (C).",
    "**(D) Hydrogen**\nbecause it is lightest.", "Answer: B\nExplanation: I think so.",
    "We get \\boxed{\\text{E}}.\n\nQ: next", "the correct option is (A), not B", "(J)",
    "Thus the correct answer is **F. None of these**", "", "I", "v1.2.3 of 1/2/2020",
]

private let words = [
    "####", "#### ", "answer is", "The answer is ", "answer is (", "Answer:", "answer: ", "A:",
    "\nA:", "\\boxed{", "\\frac{", "}{", "}", "\\text{", "**", "*", "$", "\\$", "€", "£", "−", "-",
    "+", ",", "{,}", ".", "..", "/", "%", "=", "(", ")", "1,000", "0.10", ".5", "1/0", "00",
    "1 1/2",
    "18", "A", "B", "I", "J", "K", "(A)", "(C)", "C.", "**D**", "<think>", "</think>", "Question:",
    "\nQuestion:", "\nQ:", "final answer is ", "option", "choice", " to the question",
    "most likely",
    " is ", ":", ";", "\n",
]

/// Shapes on which backtracking, looking back or copying the rest would be quadratic.
private let shapes: [FuzzShape] =
    [
        "1", "1 ", "1,", "1,000", "1,00", "{,}1", ".", ".5", "1.", "$", "-", "−", "1/", "1/0", "0",
        "1 1/", "\\frac{1", "\\frac{1}{", "\\boxed{", "\\boxed{1", "{", "}", "**", "**a", "**1**",
        "* ", "#", "#### ", "#### 1", "####", "answer", "answer is ", "answer is (", "answer: ",
        "Answer:", "Answer: A ", "answer is A", "answer to the question ", "The answer is ", "A:",
        "\nA:", "\n A:", "A ", "I ", "A b", "A  ", "(A", "(A)", "(A)\n", "\n", " ", "\t", "\n ",
        "<think>", "</think>", "<", "Question:", "1Question:", "\nQ:", "=", "1=", "(1", "step ",
        "**Step 1** ", "1;", "é", "\u{301}", "你", "💥", "a", "_", "'",
    ].map { FuzzShape(repeating: $0) } + [
        FuzzShape(repeating: " ", from: "The answer is", to: "x"),
        FuzzShape(repeating: " ", from: "answer:", to: "1"),
        FuzzShape(repeating: "\n", from: "The answer is", to: "18"),
        FuzzShape(repeating: "answer: ", to: "\nA"),
        FuzzShape(repeating: " ", from: "1\n", to: "A"),
        FuzzShape(repeating: "\t", from: "Answer", to: ":"),
        FuzzShape(repeating: "7", from: "#### ", to: "/3"),
        FuzzShape(repeating: "0", from: "1/", to: "x"),
        FuzzShape(repeating: "(A)\n \n", to: "x"),
        FuzzShape(repeating: "1", from: "A: .", to: "."),
    ]
