import RefluxCore

/// The options of ``TeacherJudge``.
public struct JudgeSettings: Sendable, Equatable {
    /// What is asked of the teacher.
    public enum Mode: String, Sendable, CaseIterable {
        /// A score from 0 to 10 for each response.
        case score
        /// Which of two responses is better, in both orders.
        case compare
    }

    /// What is asked.
    public var mode = Mode.score
    /// What counts, in words.
    public var criteria = "Is it correct, complete and clear?"
    /// Whether the question is a text to be continued and not a message.
    public var asText = false
    /// Judgements of each response, or of each pair in each order.
    public var samples = 1
    /// The temperature of the judgements.
    public var temperature = 0.0
    /// The most tokens of a judgement.
    public var maxTokens = 512
    /// The next texts, in a circle drawn at random, that each text is compared with; so it takes part
    /// in twice as many comparisons. All pairs are compared where there are not more.
    public var rivals = 3
    /// Who may earn.
    public var gate = EarningGate(needsAnswer: false)
    /// The run's seed.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    /// Reads `mode`, `criteria`, `prompt`, `samples`, `temperature`, `max_tokens`, `rivals`,
    /// `needs_answer` and `cut`.
    init(_ reader: ConfigurationReader, seed: UInt64) throws {
        mode = try reader.choice("mode", default: mode)
        criteria = try reader.string("criteria", default: criteria)
        asText = try reader.choice("prompt", default: JudgePrompt.Form.chat) == .text
        samples = try reader.int("samples", default: samples, in: 1...1000)
        temperature = try reader.double("temperature", default: temperature, in: 0...100)
        maxTokens = try reader.int("max_tokens", default: maxTokens, in: 1...1_048_576)
        rivals = try reader.int("rivals", default: rivals, in: 1...100_000)
        gate = try EarningGate(reader, needsAnswer: false)
        self.seed = seed
    }

    /// How the teacher is asked.
    var plan: SamplingPlan {
        SamplingPlan(
            samplesPerTemperature: samples, temperatures: [temperature],
            settings: SamplingSettings(temperature: temperature, maxTokens: maxTokens), seed: seed)
    }

    /// The words.
    var prompt: JudgePrompt { JudgePrompt(form: asText ? .text : .chat, criteria: criteria) }
}
