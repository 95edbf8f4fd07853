import Foundation
import RefluxCore
import Testing

@testable import RefluxTesting

/// The doubles that other tests stand on.
struct LinearEngineTests {
    private let batch = [
        TokenSequence(prompt: [112, 58], response: [97, 98, 97, 128]),
        TokenSequence(prompt: [112], response: []),
        TokenSequence(prompt: [58, 58, 58], response: [98]),
    ]

    @Test(arguments: [TokenReading.HeadPosition.beforeToken, .afterToken])
    func gradientsAgreeWithFiniteDifferences(position: TokenReading.HeadPosition) throws {
        var model = LinearModel(vocabularySize: 129)
        var generator = RolloutGenerator(seed: 4)
        model.parameters = generator.numbers(model.parameters.count, in: -1...1).map(Double.init)
        let reading = TokenReading(entropies: true, head: position)
        let factors = (0..<3).map { _ in generator.numbers(5, in: -1...1) }
        let gradients = TokenGradients(
            loss: 0, byLogProbability: factors[0], byEntropy: factors[1], byHeadValue: factors[2])
        let gradient = model.gradient(batch, reading, gradients)
        let touched = gradient.indices.filter { gradient[$0] != 0 }
        #expect(touched.count > 300)
        let start = model.headStart
        let samples = touched.filter { $0 % 37 == 0 || $0 >= start } + [3, start + 5]
        for index in samples {
            let differences = [1e-2, -1e-2].map { step in
                var moved = model
                moved.parameters[index] += step
                let readings = moved.read(batch, reading)
                return zip(readings.logProbabilities, factors[0]).reduce(0.0) {
                    $0 + Double($1.0 * $1.1)
                }
                    + zip(readings.entropies, factors[1]).reduce(0.0) { $0 + Double($1.0 * $1.1) }
                    + zip(readings.headValues, factors[2]).reduce(0.0) { $0 + Double($1.0 * $1.1) }
            }
            let quotient = (differences[0] - differences[1]) / 2e-2
            #expect(abs(quotient - gradient[index]) < 2e-4)
        }
    }

    @Test func learnsWhatItIsRewardedFor() async throws {
        let engine = LinearEngine()
        for _ in 0..<30 {
            try await engine.accumulateGradient(of: batch, reading: TokenReading()) { readings in
                TokenGradients(
                    loss: -readings.logProbabilities.reduce(0) { $0 + Double($1) },
                    byLogProbability: readings.logProbabilities.map { _ in -1 })
            }
            try await engine.applyUpdate(UpdateSettings(learningRate: 0.5))
        }
        let readings = try await engine.logProbabilities(of: batch, reading: TokenReading())
        #expect(readings.offsets == [0, 4, 4, 5])
        // After ":" come "a" and "b", after "a" come "b" and the end; after "b" comes "a" only.
        let expected = [log(0.5), log(0.5), 0, log(0.5), log(0.5)]
        #expect(zip(readings.logProbabilities, expected).allSatisfy { abs(Double($0) - $1) < 0.05 })
    }

    @Test func samplesDependOnTheKeyAlone() async throws {
        let engine = LinearEngine(corpus: [("p:", "abab"), ("p:", "ba")])
        func request(_ count: Int, sample: Int) -> SampleRequest {
            SampleRequest(
                id: "p", prompt: [112, 58], settings: SamplingSettings(maxTokens: 12), count: count,
                key: RandomKey(seed: 1, stage: .sample, sample: sample))
        }
        let together = try await engine.sample([request(4, sample: 0)])[0]
        let apart = try await engine.sample((0..<4).map { request(1, sample: $0) }).map { $0[0] }
        #expect(together == apart)
        #expect(Set(together.map(\.tokens)).count > 1)
        let sequences = together.map { TokenSequence(prompt: [112, 58], response: $0.tokens) }
        let readings = try await engine.logProbabilities(of: sequences, reading: TokenReading())
        #expect(readings.logProbabilities == together.flatMap(\.logProbabilities))
    }

    @Test func stopsAtStopTextsAndAtTheEndToken() async throws {
        let engine = LinearEngine(corpus: (0..<50).map { _ in ("p:", "abc") })
        let greedy = SampleRequest(
            id: "p", prompt: [112, 58], settings: .greedy(maxTokens: 9),
            key: RandomKey(seed: 1, stage: .sample))
        let whole = try await engine.sample([greedy])[0][0]
        #expect(whole.text == "abc" && whole.finish == .stop)
        #expect(whole.tokens.last == ToyTokenizer.end)
        var stopped = greedy
        stopped.settings.stops = ["c"]
        #expect(try await engine.sample([stopped])[0][0].text == "ab")
        var cut = greedy
        cut.settings.maxTokens = 2
        #expect(try await engine.sample([cut])[0][0].finish == .length)
    }

    @Test func savedStatesGoOnExactly() async throws {
        try await RefluxTesting.withFolder { folder in
            func step(_ engine: LinearEngine) async throws {
                try await engine.accumulateGradient(of: batch, reading: TokenReading()) {
                    TokenGradients(
                        loss: 0, byLogProbability: $0.logProbabilities.map { -1 - $0 })
                }
                try await engine.applyUpdate(UpdateSettings(learningRate: 0.1, weightDecay: 0.1))
            }
            let engine = LinearEngine()
            try await step(engine)
            try await engine.save(to: folder)
            try await step(engine)
            let again = LinearEngine()
            try await again.load(from: folder)
            try await step(again)
            #expect(await again.model == (await engine.model))
        }
    }

    @Test func refusesWhatItCannotDo() async throws {
        let frozen = LinearEngine(options: ModelOptions(trainable: false))
        await #expect(throws: RefluxError.self) {
            try await frozen.accumulateGradient(of: batch, reading: TokenReading()) {
                TokenGradients(loss: 0, byLogProbability: $0.logProbabilities)
            }
        }
        let engine = LinearEngine()
        await #expect(throws: RefluxError.self) {
            try await engine.accumulateGradient(of: batch, reading: TokenReading()) {
                TokenGradients(loss: .nan, byLogProbability: $0.logProbabilities)
            }
        }
        await #expect(throws: RefluxError.self) {
            try await engine.logProbabilities(
                of: batch, reading: TokenReading(head: .afterToken))
        }
        await #expect(throws: RefluxError.self) {
            try await LinearEngineProvider(corpora: ["x": []]).open("y", options: ModelOptions())
        }
    }
}

struct TinyTaskTests {
    @Test func keepsThePromisesOfATask() async throws {
        try await TaskEvaluatorConformance.check(TinyTask())
    }

    @Test func readsTheLastNumber() {
        #expect(TinyTask().answer(in: "3 and 4 make 007.") == "7")
        #expect(TinyTask().answer(in: "none") == nil && TinyTask().answer(in: "00") == "0")
    }
}

struct ScriptedTeacherTests {
    private let plan = SamplingPlan(
        samplesPerTemperature: 2, temperatures: [0.5, 1], settings: SamplingSettings(), seed: 3)

    @Test func keepsThePromisesOfATeacher() async throws {
        let task = TinyTask()
        let prompts = task.examples(in: .train).map(task.prompt)
        try await TeacherSourceConformance.check(
            ScriptedTeacher(table: ["tiny/train/0": ["0", "1"]]), prompts: prompts, plan: plan)
    }

    @Test func goesThroughItsTexts() async throws {
        let prompt = Prompt(id: "p", index: 0, content: .text("?"))
        let responses = try await ScriptedTeacher(table: ["p": ["x", "y", "z"]]).respond(
            to: [prompt], plan: plan, observer: .silent)[0]
        #expect(responses.map(\.text) == ["x", "y", "z", "x"])
        #expect(responses.map(\.temperature) == [0.5, 0.5, 1, 1])
    }

    /// Answers two prompts with one list: the suite must notice.
    struct Careless: TeacherSource {
        let name = "careless"
        func respond(
            to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
        ) async throws -> [[Response]] { prompts.isEmpty ? [] : [[]] }
    }

    @Test func theSuiteFindsMissingLists() async throws {
        let prompts = (0..<2).map { Prompt(id: "\($0)", index: $0, content: .text("?")) }
        let failure = await #expect(throws: ConformanceFailure.self) {
            try await TeacherSourceConformance.check(Careless(), prompts: prompts, plan: plan)
        }
        #expect(failure?.description.contains("list of responses") == true)
    }
}

/// The suites must find what they promise to find.
struct TaskConformanceTests {
    enum Fault: String, CaseIterable {
        case sameIDs = "different ids"
        case promptID = "example's id"
        case metrics = "mark for every metric"
        case emptyAnswer = "empty text"
    }

    struct Task: TaskEvaluator {
        let fault: Fault
        let sound = TinyTask()
        var name: String { sound.name }
        var metrics: [String] { sound.metrics }

        func examples(in split: Split) -> [Example] {
            sound.examples(in: split).map { example in
                var example = example
                if fault == .sameIDs { example.id = "same" }
                return example
            }
        }

        func prompt(for example: Example) -> Prompt {
            var prompt = sound.prompt(for: example)
            if fault == .promptID { prompt.id = "other" }
            return prompt
        }

        func answer(in response: String) -> String? {
            sound.answer(in: response) ?? (fault == .emptyAnswer ? "" : nil)
        }

        func grade(_ response: String, for example: Example) -> Grade {
            fault == .metrics
                ? Grade(correct: [:], parsed: true) : sound.grade(response, for: example)
        }
    }

    @Test(arguments: Fault.allCases)
    func findsBrokenTasks(fault: Fault) async throws {
        let failure = await #expect(throws: ConformanceFailure.self) {
            try await TaskEvaluatorConformance.check(Task(fault: fault))
        }
        #expect(failure?.description.contains(fault.rawValue) == true)
    }
}

struct RewardModelConformanceTests {
    enum Fault: String, CaseIterable {
        case missing = "has a score"
        case infinite = "finite"
        case moody = "twice"
        case placeBound = "change places"
    }

    struct Model: RewardModel {
        let fault: Fault
        func fit(_ data: RewardTrainingData, checkpoint: String?, observer: RunObserver) {}
        func save(to folder: String) {}

        func score(_ items: [ScoringItem]) -> [Double] {
            switch fault {
            case .missing: items.dropLast().map { _ in 0 }
            case .infinite: items.map { _ in .infinity }
            case .moody: items.map { _ in .random(in: 0...1) }
            case .placeBound: items.indices.map { Double($0) }
            }
        }
    }

    @Test(arguments: Fault.allCases)
    func findsBrokenModels(fault: Fault) async throws {
        let data = RewardTrainingData(groups: labelledGroups(0..<3), seed: 1)
        let failure = await #expect(throws: ConformanceFailure.self) {
            try await RewardModelConformance.check(data: data) { Model(fault: fault) }
        }
        #expect(failure?.description.contains(fault.rawValue) == true)
    }
}
