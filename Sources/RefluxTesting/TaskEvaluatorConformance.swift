public import RefluxCore

/// Checks that a task keeps the promises of ``TaskEvaluator``.
public enum TaskEvaluatorConformance {
    /// Checks a task.
    ///
    /// - Parameters:
    ///   - task: the task.
    ///   - splits: the splits that it has data for.
    ///   - limit: how many examples of a split are looked at.
    /// - Throws: ``ConformanceFailure``, or what loading throws.
    public static func check(
        _ task: any TaskEvaluator, splits: [Split] = Split.allCases, limit: Int = 100
    ) async throws {
        try require(!task.name.isEmpty, "A task has a name", found: "it is empty")
        try require(
            !task.metrics.isEmpty && Set(task.metrics).count == task.metrics.count,
            "A task has metrics with different names", found: "they are \(task.metrics)")
        for split in splits {
            let examples = try task.examples(in: split)
            try require(
                try task.examples(in: split) == examples, "Examples have a fixed order",
                found: "the second list of \(split.rawValue) differs")
            try require(
                Set(examples.map(\.id)).count == examples.count
                    && examples.map(\.index) == Array(examples.indices),
                "Examples have different ids and count from 0",
                found: "those of \(split.rawValue) do not")
            for example in examples.prefix(limit) { try check(example, of: task) }
            if let example = examples.first { try await checkTexts(of: task, example: example) }
        }
    }

    /// Responses that have led extractors astray.
    public static var texts: [String] {
        [
            "", " ", "\n", "\u{0}", "7", "The answer is (A).", "#### 7", "####", "#### ",
            "ä\u{308}",
            "\\boxed{", "\\boxed{\\boxed{7}}", "<think>7", "</think>", "1,2,3,", "-", ".", "$", "%",
            "99999999999999999999999999999999999999999", "-0.00", "٣", "1e999", "nan", "\r\n7\r\n",
            String(repeating: "#", count: 20_000), String(repeating: "9", count: 20_000),
            String(repeating: "answer: ", count: 2_500), String(repeating: "{", count: 20_000),
            String(repeating: "\\boxed{", count: 2_500), String(repeating: "1,", count: 10_000),
        ]
    }

    private static func check(_ example: Example, of task: any TaskEvaluator) throws {
        let prompt = try task.prompt(for: example)
        try require(
            prompt.id == example.id && prompt.index == example.index,
            "A prompt has its example's id and index", found: "that of \(example.id) has not")
        try require(
            !prompt.displayText.isEmpty, "A prompt asks something",
            found: "that of \(example.id) is empty")
        try checkGrade(of: "", for: example, task: task)
    }

    private static func checkGrade(
        of text: String, for example: Example, task: any TaskEvaluator
    ) throws {
        let grade = try task.grade(text, for: example)
        try require(
            Set(grade.correct.keys) == Set(task.metrics), "A grade has a mark for every metric",
            found: "it has \(grade.correct.keys.sorted())")
        try require(
            try grade == task.grade(text, for: example), "A response is graded alike every time",
            found: "\"\(text.prefix(40))\" is not")
    }

    /// Texts of 20,000 characters must be read in linear time: together well within ten seconds.
    private static func checkTexts(of task: any TaskEvaluator, example: Example) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let alone = try texts.map { try task.answer(in: $0) }
        for text in texts { try checkGrade(of: text, for: example, task: task) }
        let time = clock.now - start
        try require(
            time < .seconds(10), "Answers are read in linear time",
            found: "\(texts.count) texts took \(time)")
        try require(
            alone.allSatisfy { $0?.isEmpty != true }, "An unreadable answer is nil",
            found: "one is an empty text")
        let together = try await withThrowingTaskGroup(of: [String?].self) { tasks in
            for _ in 0..<4 {
                tasks.addTask { try texts.prefix(25).map { try task.answer(in: $0) } }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        try require(
            together.allSatisfy { $0 == Array(alone.prefix(25)) },
            "Answers are read alike from several threads", found: "they differ")
    }
}
