import RefluxCore
import RefluxPluginHost
import RefluxTesting

/// What the checker does with task evaluators.
struct TaskExercise: Exercise {
    /// Splits, and then the texts whose answers are read.
    private let texts: [String]
    private static let splits = Split.allCases

    init(seed: UInt64) {
        var samples = Samples(seed: seed)
        texts = (0..<20).map { _ in samples.text() } + TaskEvaluatorConformance.texts
    }

    var inputCount: Int { Self.splits.count + texts.count }

    func make(_ bench: Bench) throws -> any TaskEvaluator {
        try bench.runtime.makeTask(bench.request)
    }

    func output(of input: Int, from task: any TaskEvaluator) async throws -> String {
        guard input < Self.splits.count else {
            return try task.answer(in: texts[input - Self.splits.count]) ?? "no answer"
        }
        let examples = try task.examples(in: Self.splits[input])
        let first = try examples.prefix(5).map { example in
            let grades = try texts.prefix(20).map {
                Self.text(of: try task.grade($0, for: example))
            }
            return "\(try task.prompt(for: example).displayText) \(grades)"
        }
        return
            "\(task.metrics) \(examples.map { "\($0.id) \($0.question) \($0.gold ?? "")" }) \(first)"
    }

    func longCall(_ task: any TaskEvaluator) async throws {
        for turn in 0..<200 {
            try Task.checkCancellation()
            _ = try task.answer(in: texts[turn % texts.count])
            if turn % 20 == 0 { _ = try? task.examples(in: .train) }
        }
    }

    var behaviours: [Behaviour<any TaskEvaluator>] {
        [
            Behaviour("ordinary", "there are metrics, and a split with examples that can be asked")
            {
                task, bench in
                let splits = try usableSplits(of: task)
                guard !splits.isEmpty else {
                    throw bench.failure(
                        "behaviour.ordinary", found: "no split with examples",
                        wanted: "examples in at least one of train, test and validation",
                        remedy: "If the data comes from a setting, give a golden case that sets it."
                    )
                }
                for split in splits {
                    for example in try task.examples(in: split).prefix(3) {
                        _ = try task.prompt(for: example)
                        _ = try task.grade("", for: example)
                    }
                }
            },
            Behaviour(
                "examples", "examples have ids of their own, prompts and marks, in a fixed order"
            ) { task, bench in
                try await conforming(bench, "behaviour.examples") {
                    try await TaskEvaluatorConformance.check(
                        task, splits: try usableSplits(of: task))
                }
            },
            Behaviour("unusual-texts", "any text is read in linear time, without an error") {
                task, bench in
                try checkTexts(task, bench)
            },
        ]
    }

    /// The splits whose examples can be listed and are not empty.
    private func usableSplits(of task: any TaskEvaluator) throws -> [Split] {
        try Self.splits.filter { split in
            do {
                return try !task.examples(in: split).isEmpty
            } catch let error as RefluxError
                where error.kind == .input && error.check == "call.status"
            {
                return false
            }
        }
    }

    /// Reading 400,000 characters must not take much longer than four times 100,000.
    private func checkTexts(_ task: any TaskEvaluator, _ bench: Bench) throws {
        for text in TaskEvaluatorConformance.texts + Samples.unusualTexts {
            _ = try task.answer(in: text)
        }
        for unit in ["#", "9", "answer: ", "{", "\\boxed{", "1,", "(", " \n", "<think>"] {
            let short = String(repeating: unit, count: 100_000 / unit.utf8.count)
            let once = try time { _ = try task.answer(in: short) }
            let whole = try time {
                _ = try task.answer(in: short + short + short + short)
            }
            guard whole <= once * 10 + .milliseconds(250) else {
                throw bench.failure(
                    "behaviour.linear-time",
                    found: "\(once) for 100,000 characters of \"\(unit)\" and \(whole) for 400,000",
                    wanted: "linear time on any input", remedy: "Read the text in one pass.",
                    item: "read_answers")
            }
        }
    }

    private func time(_ body: () throws -> Void) rethrows -> Duration {
        try ContinuousClock().measure(body)
    }

    /// A grade as a text, its metrics sorted by name.
    static func text(of grade: Grade) -> String {
        let marks = grade.correct.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "parsed=\(grade.parsed) \(marks.joined(separator: " "))"
    }
}
