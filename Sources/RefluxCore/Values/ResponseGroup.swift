/// Every response to one prompt, the teacher's and the student's, with their extracted answers.
public struct ResponseGroup: Sendable, Equatable {
    /// The prompt.
    public var prompt: Prompt
    /// The responses.
    public var responses: [Response]
    /// The normalised answer of each response; `nil` where none could be extracted. Same count as
    /// `responses`.
    public var answers: [String?]
    /// The dataset's answer; filled in only for rules that say they need it.
    public var gold: String?

    /// Makes a group.
    public init(
        prompt: Prompt, responses: [Response], answers: [String?], gold: String? = nil
    ) {
        self.prompt = prompt
        self.responses = responses
        self.answers = answers
        self.gold = gold
    }
}

/// What a rule makes of one group.
public struct GroupJudgement: Sendable, Equatable {
    /// The pseudo-label of the prompt, or `nil` when the rule has none (see `abstention`).
    public var label: String?
    /// Why there is no label, in a few words that can be counted: `tie`, `share below 0.5`.
    public var abstention: String?
    /// One verdict for each response of the group, in its order.
    public var verdicts: [Verdict]
    /// Named numbers for the metrics file, for instance `share` and `margin`.
    public var metrics: [String: Double]

    /// Makes a judgement.
    public init(
        label: String?, abstention: String? = nil, verdicts: [Verdict],
        metrics: [String: Double] = [:]
    ) {
        self.label = label
        self.abstention = abstention
        self.verdicts = verdicts
        self.metrics = metrics
    }
}

/// The pseudo-reward of one response, or the reason why there is none.
public enum Verdict: Sendable, Codable, Equatable {
    /// A pseudo-reward; 1 is acceptance, 0 is rejection.
    case reward(Double)
    /// No pseudo-reward; the reason in a few words that can be counted.
    case abstain(String)

    /// The pseudo-reward, or `nil`.
    public var reward: Double? {
        if case .reward(let value) = self { value } else { nil }
    }
}

/// A response with its extracted answer and its pseudo-reward: what reward models learn from. One
/// line of JSON in a run folder.
public struct LabelledResponse: Sendable, Codable, Equatable {
    /// The response.
    public var response: Response
    /// The position of its prompt in the split.
    public var promptIndex: Int
    /// The extracted, normalised answer.
    public var answer: String?
    /// The pseudo-label of the prompt.
    public var label: String?
    /// The pseudo-reward; `nil` for an abstention.
    public var reward: Double?
    /// Why there is no pseudo-reward.
    public var abstention: String?
    /// Whether the response is right by the dataset's answer; for audits only, never for training.
    public var correct: Bool?

    /// Makes a labelled response.
    public init(
        response: Response, promptIndex: Int, answer: String?, label: String?, reward: Double?,
        abstention: String? = nil, correct: Bool? = nil
    ) {
        self.response = response
        self.promptIndex = promptIndex
        self.answer = answer
        self.label = label
        self.reward = reward
        self.abstention = abstention
        self.correct = correct
    }

    enum CodingKeys: String, CodingKey {
        case response
        case promptIndex = "prompt_index"
        case answer, label, reward, abstention, correct
    }
}
