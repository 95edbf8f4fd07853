/// What a model is asked.
public struct Prompt: Sendable, Equatable {
    /// The id of the example that it asks.
    public var id: String
    /// The example's position in its split, from 0.
    public var index: Int
    /// The text to be continued; for a conversation, its messages joined by blank lines.
    public var text: String
    /// The messages of a conversation, which the model's own template renders; none for a text.
    public var messages: [Message]
    /// Texts at which generation stops.
    public var stops: [String]

    /// Makes a prompt.
    public init(
        id: String = "prompt", index: Int = 0, text: String, messages: [Message] = [],
        stops: [String] = []
    ) {
        self.id = id
        self.index = index
        self.text = text
        self.messages = messages
        self.stops = stops
    }
}

/// One message of a conversation.
public struct Message: Sendable, Equatable {
    /// Who speaks.
    public enum Speaker: Sendable {
        /// Instructions above the conversation.
        case system
        /// The person who asks.
        case user
        /// The model.
        case assistant
    }

    /// Who speaks.
    public var speaker: Speaker
    /// What is said.
    public var content: String

    /// Makes a message.
    public init(_ speaker: Speaker, _ content: String) {
        self.speaker = speaker
        self.content = content
    }
}
