import RefluxCore

/// What `/save` writes.
struct SavedConversation: Sendable, Codable, Equatable {
    /// The model.
    var model: String
    /// How the next answer would be drawn.
    var sampling: SamplingSettings
    /// The seed.
    var seed: UInt64
    /// The messages, the system message first where there is one.
    var messages: [ChatMessage]
}
