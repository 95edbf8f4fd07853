/// Text to token ids and back, as the model's own files define it. Safe to use from any thread.
public protocol Tokenizer: Sendable {
    /// The number of ids, added tokens included.
    var vocabularySize: Int { get }
    /// The ids that end a response.
    var endTokens: Set<Int32> { get }
    /// Whether the model's files have a chat template, readable here or not. A template that is not
    /// known here is an error when a chat is encoded, never a reason to fall back to plain text.
    var hasChatTemplate: Bool { get }

    /// Encodes text; special tokens written in it are recognised only if `parseSpecial` is true.
    func encode(_ text: String, parseSpecial: Bool) -> [Int32]

    /// Decodes ids; bytes that are not UTF-8 become U+FFFD.
    func decode(_ ids: [Int32], skipSpecial: Bool) -> String

    /// The tokens of a prompt, ready for a response to follow.
    ///
    /// - Throws: ``RefluxError`` when the prompt is a chat and the model has no chat template that
    ///   is known here.
    func encode(_ prompt: Prompt.Content) throws -> [Int32]

    /// The tokens of a response as training wants them: the text and, when it was finished by its
    /// model, the token that ends a response.
    func encodeResponse(_ text: String, finished: Bool) -> [Int32]
}

extension Tokenizer {
    /// By default: whether a chat can be encoded.
    public var hasChatTemplate: Bool {
        (try? encode(.chat([ChatMessage(.user, "a")]))) != nil
    }
}
