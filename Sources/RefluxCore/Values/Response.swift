/// One answer of a teacher or of the student, with its provenance. One line of JSON in a run folder.
public struct Response: Sendable, Codable, Equatable {
    /// Whose answer it is.
    public enum Role: String, Sendable, Codable {
        /// A teacher's.
        case teacher
        /// The student's.
        case student
    }

    /// Why generation ended.
    public enum FinishReason: String, Sendable, Codable {
        /// The model ended the response itself, or a stop text appeared.
        case stop
        /// The limit on new tokens was reached.
        case length
        /// Not recorded.
        case unknown
    }

    /// The id of the prompt that was answered.
    public var promptID: String
    /// The text of the answer.
    public var text: String
    /// Whose answer it is.
    public var role: Role
    /// The name of the teacher or of the student's stage.
    public var source: String
    /// The model that produced it, as far as it is known.
    public var model: String
    /// The index of the sample among the source's samples for this prompt.
    public var sample: Int
    /// The sampling temperature; `nil` when it is unknown.
    public var temperature: Double?
    /// The run seed under which it was sampled; `nil` when it is unknown.
    public var seed: UInt64?
    /// Why generation ended.
    public var finish: FinishReason
    /// The number of generated tokens; `nil` when it is unknown.
    public var tokenCount: Int?
    /// The mean log-probability of the generated tokens under their model; `nil` when it is unknown.
    public var meanLogProbability: Double?
    /// How much the response counts in votes: the weight of its teacher, at least 0; 1 unless it is
    /// given. Set when a group is judged; one of weight 0 is labelled and does not vote.
    public var weight: Double {
        get { unusualWeight ?? 1 }
        set { unusualWeight = newValue == 1 ? nil : newValue }
    }
    /// The weight where it is not 1, so that lines of JSON hold it only then.
    private var unusualWeight: Double?

    /// Makes a response.
    public init(
        promptID: String, text: String, role: Role, source: String, model: String, sample: Int,
        temperature: Double? = nil, seed: UInt64? = nil, finish: FinishReason = .unknown,
        tokenCount: Int? = nil, meanLogProbability: Double? = nil, weight: Double = 1
    ) {
        self.promptID = promptID
        self.text = text
        self.role = role
        self.source = source
        self.model = model
        self.sample = sample
        self.temperature = temperature
        self.seed = seed
        self.finish = finish
        self.tokenCount = tokenCount
        self.meanLogProbability = meanLogProbability
        self.weight = weight
    }

    enum CodingKeys: String, CodingKey {
        case promptID = "prompt"
        case text, role, source, model, sample, temperature, seed, finish
        case tokenCount = "tokens"
        case meanLogProbability = "mean_logprob"
        case unusualWeight = "weight"
    }
}
