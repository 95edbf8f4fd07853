/// What a model is asked.
public struct Prompt: Sendable, Codable, Equatable, Identifiable {
    /// How the text reaches the model.
    public enum Content: Sendable, Codable, Equatable {
        /// A text to be continued as it is: base models, few-shot prompts.
        case text(String)
        /// Messages that the model's own chat template renders.
        case chat([ChatMessage])
    }

    /// The id of the example that this prompt asks.
    public var id: String
    /// The example's position in its split; it keys the random numbers.
    public var index: Int
    /// The text or the messages.
    public var content: Content
    /// Texts at which generation stops; they are not part of the response.
    public var stops: [String]

    /// Makes a prompt.
    public init(id: String, index: Int, content: Content, stops: [String] = []) {
        self.id = id
        self.index = index
        self.content = content
        self.stops = stops
    }

    /// The prompt as plain text, for people to read.
    public var displayText: String {
        switch content {
        case .text(let text): text
        case .chat(let messages): messages.map(\.content).joined(separator: "\n\n")
        }
    }
}

/// One message of a conversation.
public struct ChatMessage: Sendable, Codable, Equatable {
    /// Who speaks.
    public enum Role: String, Sendable, Codable {
        /// Instructions above the conversation.
        case system
        /// The person who asks.
        case user
        /// The model.
        case assistant
    }

    /// Who speaks.
    public var role: Role
    /// What is said.
    public var content: String

    /// Makes a message.
    public init(_ role: Role, _ content: String) {
        self.role = role
        self.content = content
    }
}
