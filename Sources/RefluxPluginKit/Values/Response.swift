/// One answer of a teacher or of the student.
public struct Response: Sendable, Equatable {
    /// Whose response it is.
    public enum Role: Sendable {
        /// A teacher's.
        case teacher
        /// The student's.
        case student
    }

    /// Why a response ended.
    public enum Finish: Sendable {
        /// The model ended it.
        case stop
        /// The limit on tokens cut it.
        case length
        /// Nobody knows.
        case unknown
    }

    /// The text.
    public var text: String
    /// Whose response it is.
    public var role: Role
    /// The answer that the task read in it, normalised; `nil` when there is none to be read.
    public var answer: String?
    /// The name of the teacher, or of the student's stage.
    public var source: String
    /// The model that produced it.
    public var model: String
    /// The index among the source's samples for the prompt.
    public var sample: Int
    /// Why it ended.
    public var finish: Finish
    /// The sampling temperature; `nil` when unknown.
    public var temperature: Double?
    /// Generated tokens; `nil` when unknown.
    public var tokenCount: Int?
    /// The mean log-probability of the tokens under their model; `nil` when unknown.
    public var meanLogProbability: Double?
    /// How much it counts in votes, at least 0: the weight of its teacher, else 1. A host of the ABI
    /// 1.0 does not tell it: 1. Hosts do not read it in what a teacher hands over.
    public var weight: Double

    /// Makes a response.
    public init(
        _ text: String, role: Role = .teacher, answer: String? = nil, source: String = "",
        model: String = "", sample: Int = 0, finish: Finish = .stop, temperature: Double? = nil,
        tokenCount: Int? = nil, meanLogProbability: Double? = nil, weight: Double = 1
    ) {
        self.text = text
        self.role = role
        self.answer = answer
        self.source = source
        self.model = model
        self.sample = sample
        self.finish = finish
        self.temperature = temperature
        self.tokenCount = tokenCount
        self.meanLogProbability = meanLogProbability
        self.weight = weight
    }
}
