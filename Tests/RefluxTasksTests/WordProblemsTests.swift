import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxTasks

@Suite struct WordProblemsTests {
    private static func task(_ keys: [(String, ConfigurationValue)] = []) throws -> WordProblemsTask
    {
        let sizes: [(String, ConfigurationValue)] = [
            ("train_size", .integer(2_000)), ("test_size", .integer(400)),
            ("validation_size", .integer(100)),
        ]
        let given = Set(keys.map(\.0))
        let reader = try reader(keys + sizes.filter { !given.contains($0.0) })
        let task = try WordProblemsTask(reader)
        try reader.finish()
        return task
    }

    @Test func everySolutionIsRightAndLeadsToGold() throws {
        let task = try Self.task()
        for example in try task.examples(in: .train) {
            let solution = try #require(example.solution)
            var lines = solution.split(separator: "\n").map(String.init)
            #expect(lines.removeLast() == "#### \(example.gold ?? "")")
            for line in lines {
                #expect(try Equation(line).isRight, "\(line)")
            }
            #expect(try reaches(example.gold, lines, from: start(of: example)), "\(example)")
            #expect(task.answer(in: solution) == example.gold)
            let grade = task.grade(solution, for: example)
            #expect(grade.parsed && grade.correct.allSatisfy(\.value))
            let gold = try #require(example.gold.flatMap { Int($0) })
            #expect((1...40).contains(gold))
        }
    }

    /// Works the question out from its numbers and its words, apart from the solution.
    @Test func everyQuestionSaysWhatItsGoldSays() throws {
        for example in try Self.task().examples(in: .test) {
            #expect(try String(QuestionReader.count(in: example.question)) == example.gold)
        }
    }

    @Test func splitsShareNoQuestion() throws {
        let task = try Self.task()
        let all = try Split.allCases.flatMap { try task.examples(in: $0) }
        #expect(all.count == 2_500)
        #expect(Set(all.map(\.question)).count == all.count)
        #expect(Set(all.map(\.id)).count == all.count)
    }

    @Test func splitsStayDisjointWhenQuestionsCollide() throws {
        // One step, small numbers: many draws collide.
        let task = try Self.task([
            ("max_steps", .integer(1)), ("max_start", .integer(2)), ("max_number", .integer(4)),
        ])
        let all = try Split.allCases.flatMap { try task.examples(in: $0) }
        #expect(Set(all.map(\.question)).count == all.count)
    }

    @Test func tooNarrowSettingsAreRefused() throws {
        var settings = WordProblemSettings()
        settings.maxSteps = 1
        settings.maxStart = 2
        settings.maxNumber = 4
        // With one attempt the first collision ends it.
        var generator = WordProblemGenerator(settings, attempts: 1)
        let error = #expect(throws: RefluxError.self) { try generator.problems(in: .test) }
        #expect(error?.kind == .usage)
        #expect(error?.remedy?.contains("max_number") == true)
    }

    @Test func problemsDependOnTheirSeedAlone() throws {
        let first = try Self.task()
        let second = try Self.task()
        // Another order of asking, another size of the training split: the same problems.
        let train = try second.examples(in: .train)
        #expect(try second.examples(in: .test) == first.examples(in: .test))
        #expect(try first.examples(in: .train) == train)
        let longer = try Self.task([("train_size", .integer(2_100))])
        #expect(try longer.examples(in: .test) == first.examples(in: .test))
        #expect(try Array(longer.examples(in: .train).prefix(2_000)) == train)
        let other = try Self.task([("problems_seed", .integer(7))])
        #expect(try other.examples(in: .test) != first.examples(in: .test))
    }

    @Test func stepsAreUniformAndOperationsWeighted() throws {
        let examples = try Self.task().examples(in: .train)
        let bySteps = Dictionary(grouping: examples, by: \.category).mapValues(\.count)
        #expect(bySteps.count == 4)
        for (steps, count) in bySteps {
            // 500 expected, standard deviation 19.4.
            #expect((400...600).contains(count), "\(steps ?? "")")
        }
        let single = examples.filter { $0.category == "1 step" }.compactMap(\.solution)
        func share(_ sign: String) -> Double {
            Double(single.count { $0.contains(" \(sign) ") }) / Double(single.count)
        }
        // The weights 3 3 2 1 of 9, shifted by the range: minus is refused more often than plus.
        #expect((0.30...0.60).contains(share("+")))
        #expect((0.10...0.40).contains(share("-")))
        #expect((0.10...0.40).contains(share("*")))
        #expect((0.03...0.20).contains(share("/")))
    }

    @Test func languageIsVariedButSmall() throws {
        let examples = try Self.task().examples(in: .train)
        let words = examples.flatMap { $0.question.split(separator: " ").map(String.init) }
        #expect(Set(words.filter { Int($0) == nil }).count < 150)
        let first = Set(examples.compactMap { $0.question.split(separator: " ").first })
        #expect(first.count >= 14)
        // Numbers are words of their own.
        #expect(words.allSatisfy { word in Int(word) != nil || !word.contains(where: \.isNumber) })
        let lengths = examples.map { $0.question.split(separator: " ").count }
        #expect(lengths.reduce(0, +) / lengths.count <= 32)
    }

    @Test func variedPathsChangeOnlyTheSolution() throws {
        let plain = try Self.task([("varied_paths", .number(0))]).examples(in: .test)
        let varied = try Self.task([("varied_paths", .number(1))]).examples(in: .test)
        #expect(plain.map(\.question) == varied.map(\.question))
        #expect(plain.map(\.gold) == varied.map(\.gold))
        let different = zip(plain, varied).count { $0.solution != $1.solution }
        #expect(different > 100)
        // Step by step each line starts with the line before's result.
        for example in plain {
            #expect(try chains(example), "\(example)")
        }
    }

    @Test(arguments: [
        ("max_number", ConfigurationValue.integer(3)), ("max_start", .integer(41)),
        ("min_steps", .integer(0)), ("max_steps", .integer(0)), ("varied_paths", .number(1.5)),
        ("train_size", .integer(0)), ("problems_seed", .integer(-1)), ("seed", .integer(1)),
    ])
    func wrongKeysAreRefused(key: String, value: ConfigurationValue) throws {
        let error = #expect(throws: RefluxError.self) { try Self.task([(key, value)]) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains(key) == true)
    }

    @Test func theTaskConforms() async throws {
        let task = try Self.task()
        try await TaskEvaluatorConformance.check(task)
        let example = try #require(try task.examples(in: .test).first)
        #expect(task.prompt(for: example).content == .text(example.question + "\n"))
        #expect(task.grade("12 + 5 = 17", for: example).parsed == false)
    }

    @Test func allTasksAreRegistered() throws {
        var registry = ExtensionRegistry()
        try registerTasks(in: &registry)
        #expect(
            registry.list(.task).map(\.id) == [
                "choices", "gsm8k", "mmlu-pro", "numeric", "word-problems",
            ])
        let context = BuildContext(seed: 1, baseFolder: "/", models: LinearEngineProvider())
        let reader = try reader([("use", .string("word-problems"))])
        let task = try registry.make(.task, from: reader, context: context)
        #expect(task.name == "word-problems")
    }

    private func start(of example: Example) throws -> Int {
        try #require(example.question.split(separator: " ").lazy.compactMap { Int($0) }.first)
    }

    private func chains(_ example: Example) throws -> Bool {
        var value = try start(of: example)
        for line in (example.solution ?? "").split(separator: "\n").dropLast() {
            let equation = try Equation(String(line))
            guard equation.left == value else { return false }
            value = equation.result
        }
        return String(value) == example.gold
    }

    /// Whether some reading of the lines, each an update of the count or the net of two numbers of
    /// the question, leads from the start to gold.
    private func reaches(_ gold: String?, _ lines: [String], from start: Int) throws -> Bool {
        var counts: Set<Int> = [start]
        for line in lines {
            let equation = try Equation(line)
            // A net leaves the count; an update needs the count on its left.
            counts = counts.contains(equation.left) ? counts.union([equation.result]) : counts
        }
        return counts.contains { String($0) == gold }
    }
}
