import RefluxPluginKit

// One small extension of each kind, for the tests of the boundary.

/// Rewards answers and uses every service.
struct AnyAnswer: PseudoRewardRule {
    static let about = About(
        id: "any-answer", title: "Any answer", description: "Accepts whatever has an answer.",
        settings: [
            .number("otherwise", default: 0.25, in: 0...1, "the reward without an answer"),
            .text("mode", default: "plain", oneOf: Mode.allCases.map(\.rawValue), "what to do"),
            .text("teacher", default: "", "a text"),
            .integer("limit", default: 3, in: 0...10, "a whole number"),
            .boolean("strict", default: false, "a truth value"),
            .numbers("weights", default: [0.5, 1], "numbers"),
            .texts("names", default: ["ä", "\"b\""], "texts"),
        ])
    static let needsGold = true

    enum Mode: String, CaseIterable {
        case plain, fail, cancel, random, short, wrong, undeclared, everything
    }
    let otherwise: Double
    let mode: Mode

    init(_ settings: Settings, host: HostInfo) throws {
        otherwise = try settings.number("otherwise")
        mode = try settings.choice("mode")
        if mode == .undeclared { _ = try settings.number("otherwhise") }
        host.call.log("made for seed \(host.seed) by \(host.name)", level: .debug)
    }

    func judge(_ group: ResponseGroup, call: Call) throws -> Judgement {
        var verdicts = group.responses.map { Verdict.reward($0.answer == nil ? otherwise : 1) }
        switch mode {
        case .plain, .undeclared: break
        case .fail: throw PluginError("no idea")
        case .cancel:
            while true { try call.checkCancellation() }
        case .random:
            verdicts = try group.responses.indices.map { position in
                .reward(try call.uniform(position: UInt64(position)))
            }
        case .short: verdicts.removeLast()
        case .wrong: verdicts[0] = .reward(.nan)
        case .everything:
            call.log("judging \(group.prompt.text)", level: .warning)
            call.progress(1, of: 2, unit: "groups")
            verdicts[0] = .abstain("first")
        }
        return Judgement(
            label: group.gold, verdicts: verdicts, metrics: ["count": Double(verdicts.count)])
    }
}

/// The loss is the sum of everything that a method can need.
struct Sums: PolicyOptimizer {
    static let about = About(
        id: "sums", title: "Sums", description: "Adds up.",
        settings: [.boolean("all", default: true, "whether it needs everything")])
    let all: Bool
    init(_ settings: Settings, host: HostInfo) throws { all = try settings.boolean("all") }

    var needs: OptimizerNeeds {
        OptimizerNeeds(values: all, reference: all, entropy: all, epochs: 2)
    }

    func advantages(for batch: RolloutBatch, call: Call) -> Advantages {
        Advantages(batch.perToken { batch.rewards[$0] }, returns: batch.values)
    }

    func loss(for batch: LossBatch, call: Call) -> Loss {
        let parts = [
            batch.logProbabilities, batch.oldLogProbabilities, batch.referenceLogProbabilities,
            batch.values, batch.oldValues, batch.entropies, batch.advantages, batch.returns,
        ]
        let ones = [Float](repeating: 1, count: batch.tokenCount)
        return Loss(
            value: parts.joined().reduce(0) { $0 + Double($1) }, byLogProbability: ones,
            byValue: ones, byEntropy: ones, metrics: ["total": Double(batch.totalTokens)])
    }
}

/// Repeats its examples' questions.
struct Echo: TaskEvaluator {
    static let about = About(id: "echo", title: "Echo", description: "Repeats.")
    init(_ settings: Settings, host: HostInfo) {}
    let metrics = ["exact", "length"]

    func examples(in split: Split, call: Call) -> [Example] {
        [
            Example(
                id: "\(split.rawValue)/a", index: 7, question: "Sag «hé».", gold: "hé",
                solution: "hé", category: "easy", options: ["hé", "", "ho"]),
            Example(id: "b", question: ""),
        ]
    }

    func prompt(for example: Example, call: Call) -> PromptDraft {
        example.gold == nil
            ? .chat([Message(.system, "Be brief."), Message(.user, example.question)])
            : .text(example.question, stops: ["\n", "END"])
    }

    func answer(in response: String, call: Call) -> String? {
        response.isEmpty ? nil : response
    }

    func grade(_ response: String, for example: Example, call: Call) -> Grade {
        Grade(
            parsed: !response.isEmpty,
            correct: ["exact": response == example.gold, "length": response.count == 2])
    }
}

/// Answers with the prompt's text and the number of the sample.
struct Parrot: TeacherSource {
    static let about = About(id: "parrot", title: "Parrot", description: "Repeats.")
    init(_ settings: Settings, host: HostInfo) {}

    func respond(to prompts: [Prompt], plan: SamplingPlan, call: Call) throws -> [[Response]] {
        prompts.map { prompt in
            (0..<plan.samplesPerPrompt).map { sample in
                Response(
                    "\(prompt.text) \(sample)", model: "bird", sample: sample, finish: .length,
                    temperature: plan.temperatures[sample % plan.temperatures.count],
                    tokenCount: plan.maxTokens)
            }
        }
    }
}

/// Scores by a bias that it learns.
struct Bias: TrainableRewardModel {
    static let about = About(id: "bias", title: "Bias", description: "The mean reward.")
    private var bias = 0.0
    init(_ settings: Settings, host: HostInfo) {}

    func score(_ items: [ScoringItem], call: Call) -> [Double] {
        items.map { Double($0.text.utf8.count) + bias + ($0.finished ? 0 : -100) }
    }

    mutating func fit(_ data: TrainingData, checkpoint: String?, call: Call) throws {
        let items = data.groups.joined()
        bias = items.reduce(0) { $0 + $1.reward * $1.weight } / Double(max(1, items.count))
        for step in 0..<3 { call.metric("loss", 1 / Double(step + 1), step: step) }
        call.log("groups \(data.groups.map(\.count)), checkpoint \(checkpoint ?? "none")")
    }

    func save(to folder: String, call: Call) throws {
        throw PluginError("\(folder) cannot be written", isUnsupported: true)
    }

    mutating func load(from folder: String, call: Call) throws { bias = Double(folder) ?? .nan }
}

/// The plugin of the tests.
let samples = Plugin(
    id: "samples", name: "Samples", version: "1.2.3", license: "Apache-2.0",
    description: "For tests.",
    extensions: [
        .rule(AnyAnswer.self), .optimizer(Sums.self), .task(Echo.self), .teacher(Parrot.self),
        .rewardModel(Bias.self),
    ])
