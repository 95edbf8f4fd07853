public import RefluxCore

/// One answer of a server as a ``ResponseCache`` keeps it, with what it cost.
public struct CachedResponse: Sendable, Codable, Equatable {
    /// The id of the prompt that was answered; no part of the key, for people and for export.
    public var promptID: String
    /// The prompt as plain text, for people and for export.
    public var question: String
    /// The text of the answer.
    public var text: String
    /// Why generation ended.
    public var finish: Response.FinishReason
    /// What the server called that, for instance `content_filter`; `nil` where it said nothing.
    public var reportedFinish: String?
    /// The index of the sample over the whole plan.
    public var sample: Int
    /// The sampling temperature.
    public var temperature: Double?
    /// The number of generated tokens; `nil` when it is unknown.
    public var tokenCount: Int?
    /// The mean log-probability of the generated tokens; `nil` when it is unknown.
    public var meanLogProbability: Double?
    /// The tokens of the prompt that the server counted for this answer; `nil` when it is unknown.
    public var promptTokens: Int?
    /// The model's name as the server reported it; `nil` when it said none.
    public var reportedModel: String?
    /// How long the request took, in seconds.
    public var seconds: Double

    /// Makes an answer.
    public init(
        promptID: String, question: String, text: String, finish: Response.FinishReason,
        reportedFinish: String? = nil, sample: Int, temperature: Double? = nil,
        tokenCount: Int? = nil, meanLogProbability: Double? = nil, promptTokens: Int? = nil,
        reportedModel: String? = nil, seconds: Double
    ) {
        self.promptID = promptID
        self.question = question
        self.text = text
        self.finish = finish
        self.reportedFinish = reportedFinish
        self.sample = sample
        self.temperature = temperature
        self.tokenCount = tokenCount
        self.meanLogProbability = meanLogProbability
        self.promptTokens = promptTokens
        self.reportedModel = reportedModel
        self.seconds = seconds
    }

    /// The names of Reflux's response files where those have the field.
    enum CodingKeys: String, CodingKey {
        case promptID = "prompt"
        case question, text, finish, sample, temperature, seconds
        case reportedFinish = "reported_finish"
        case tokenCount = "tokens"
        case meanLogProbability = "mean_logprob"
        case promptTokens = "prompt_tokens"
        case reportedModel = "reported_model"
    }
}
