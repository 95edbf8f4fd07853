import RefluxCore
import RefluxTesting

@testable import RefluxPluginHost

/// Values of every type that crosses to a worker, drawn at random, odd ones among them.
struct WireValues {
    private var stream: RandomStream

    init(seed: UInt64) { stream = RandomKey(seed: seed, stage: .reinforce).stream }

    /// One frame of each type.
    mutating func frames() -> [any WireCodable] {
        [
            prompt(), example(), response(), group(), judgement(), grade(), plan(), item(),
            training(), rollouts(), advantages(), batch(), loss(), error(), request(), setUp(),
            WorkerHello(), traits(),
        ]
    }

    mutating func text() -> String {
        let texts = ["", "4", "It is 4.", "ä\u{308}", "👩‍👩‍👧", "\u{0}", "a\nb", "\u{FFFD}"]
        return texts[Int.random(in: 0..<texts.count, using: &stream)]
    }
    mutating func count() -> Int { Int.random(in: 0...4, using: &stream) }
    mutating func integer() -> Int {
        [0, -1, 7, .max, .min][Int.random(in: 0..<5, using: &stream)]
    }
    mutating func double() -> Double {
        [0, -0.0, 0.1, .infinity, .nan, .init(nan: 3, signaling: false), .leastNonzeroMagnitude][
            Int.random(in: 0..<7, using: &stream)]
    }
    mutating func floats() -> [Float] {
        (0..<count()).map { _ in
            Float(bitPattern: UInt32.random(in: 0...(.max), using: &stream))
        }
    }
    mutating func maybe<T>(_ body: (inout Self) -> T) -> T? {
        Bool.random(using: &stream) ? body(&self) : nil
    }
    mutating func list<T>(_ body: (inout Self) -> T) -> [T] {
        (0..<count()).map { _ in body(&self) }
    }
    mutating func table() -> [String: Double] {
        Dictionary(list { ($0.text(), $0.double()) }, uniquingKeysWith: { $1 })
    }

    mutating func prompt() -> Prompt {
        let content: Prompt.Content =
            Bool.random(using: &stream)
            ? .text(text()) : .chat(list { ChatMessage(.assistant, $0.text()) })
        return Prompt(
            id: text(), index: integer(), content: content, stops: list { $0.text() })
    }
    mutating func example() -> Example {
        Example(
            id: text(), index: integer(), question: text(), gold: maybe { $0.text() },
            solution: maybe { $0.text() }, category: maybe { $0.text() },
            options: maybe { $0.list { $0.text() } })
    }
    mutating func response() -> Response {
        Response(
            promptID: text(), text: text(), role: .student, source: text(), model: text(),
            sample: integer(), temperature: maybe { $0.double() },
            seed: maybe { _ in .max }, finish: .length, tokenCount: maybe { $0.integer() },
            meanLogProbability: maybe { $0.double() },
            weight: [0, 1, 2.5][Int.random(in: 0..<3, using: &stream)])
    }
    mutating func group() -> ResponseGroup {
        ResponseGroup(
            prompt: prompt(), responses: list { $0.response() },
            answers: list { $0.maybe { $0.text() } }, gold: maybe { $0.text() })
    }
    mutating func judgement() -> GroupJudgement {
        GroupJudgement(
            label: maybe { $0.text() }, abstention: maybe { $0.text() },
            verdicts: list { $0.maybe { .reward($0.double()) } ?? .abstain($0.text()) },
            metrics: table())
    }
    mutating func grade() -> Grade {
        Grade(correct: ["exact": true, text(): false], parsed: Bool.random(using: &stream))
    }
    mutating func plan() -> SamplingPlan {
        SamplingPlan(
            samplesPerTemperature: integer(), temperatures: list { $0.double() },
            settings: SamplingSettings(
                temperature: double(), topK: integer(), topP: double(), minP: double(),
                maxTokens: integer(), stops: list { $0.text() }), seed: 1)
    }
    mutating func item() -> ScoringItem {
        ScoringItem(prompt: prompt(), text: text(), finished: Bool.random(using: &stream))
    }
    mutating func training() -> RewardTrainingData {
        RewardTrainingData(
            groups: list {
                $0.list {
                    .init(
                        item: $0.item(), reward: $0.double(), weight: $0.double(), role: .teacher)
                }
            }, seed: .max)
    }
    mutating func rollouts() -> RolloutBatch {
        RolloutBatch(
            offsets: list { $0.integer() }, groups: list { $0.integer() },
            rewards: list { $0.double() }, oldLogProbabilities: floats(),
            referenceLogProbabilities: floats(), values: floats())
    }
    mutating func advantages() -> AdvantageBatch {
        AdvantageBatch(advantages: floats(), returns: floats(), metrics: table())
    }
    mutating func batch() -> PolicyLossBatch {
        PolicyLossBatch(
            offsets: list { $0.integer() }, logProbabilities: floats(),
            oldLogProbabilities: floats(), referenceLogProbabilities: floats(), values: floats(),
            oldValues: floats(), entropies: floats(), advantages: floats(), returns: floats(),
            totalTokens: integer(), totalSequences: integer())
    }
    mutating func loss() -> PolicyLoss {
        PolicyLoss(
            value: double(), byLogProbability: floats(), byValue: floats(), byEntropy: floats(),
            metrics: table())
    }
    mutating func error() -> RefluxError {
        RefluxError(
            .numeric, found: text(),
            at: maybe {
                SourceLocation(
                    path: $0.text(), line: $0.maybe { $0.integer() },
                    column: $0.maybe { $0.integer() }, key: $0.maybe { $0.text() })
            }, wanted: maybe { $0.text() }, remedy: maybe { $0.text() }, check: maybe { $0.text() })
    }
    mutating func request() -> ExtensionRequest {
        ExtensionRequest(
            extensionID: text(), name: text(), configuration: text(), seed: .max,
            baseFolder: text(), load: maybe { $0.text() })
    }
    mutating func setUp() -> WorkerSetUp {
        WorkerSetUp(
            folder: text(), sha256: text(), memoryLimit: integer(),
            callLimit: maybe { _ in .milliseconds(2500) })
    }
    mutating func traits() -> PartTraits {
        var traits = PartTraits(name: text())
        traits.needsReference = Bool.random(using: &stream)
        traits.epochs = integer()
        traits.metrics = list { $0.text() }
        return traits
    }
}
