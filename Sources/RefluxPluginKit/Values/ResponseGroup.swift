/// A prompt with all its responses, the teacher's and the student's.
public struct ResponseGroup: Sendable, Equatable {
    /// What was asked.
    public var prompt: Prompt
    /// What was answered.
    public var responses: [Response]
    /// The dataset's answer; `nil` unless the rule says that it needs it.
    public var gold: String?

    /// Makes a group.
    public init(prompt: Prompt = Prompt(text: "Q"), responses: [Response], gold: String? = nil) {
        self.prompt = prompt
        self.responses = responses
        self.gold = gold
    }

    /// The responses of the teachers.
    public var teachers: [Response] { responses.filter { $0.role == .teacher } }
    /// The responses of the student.
    public var students: [Response] { responses.filter { $0.role == .student } }
}
