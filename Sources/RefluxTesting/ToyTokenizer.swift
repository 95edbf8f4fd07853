public import RefluxCore

/// A tokenizer for tests: one token a byte of ASCII, and a token that ends a response.
///
/// Ids 0 to 126 are the bytes; 127 stands for any other byte and decodes to U+FFFD; 128 ends.
public struct ToyTokenizer: Tokenizer {
    /// The id that ends a response.
    public static let end: Int32 = 128

    /// Makes the tokenizer.
    public init() {}

    /// 129.
    public var vocabularySize: Int { 129 }
    /// The one end token.
    public var endTokens: Set<Int32> { [Self.end] }

    /// Encodes bytes; `</s>` is the end token where special tokens are recognised.
    public func encode(_ text: String, parseSpecial: Bool) -> [Int32] {
        guard parseSpecial else { return text.utf8.map { $0 < 127 ? Int32($0) : 127 } }
        let pieces = text.split(separator: "</s>", omittingEmptySubsequences: false)
        return Array(
            pieces.map { encode(String($0), parseSpecial: false) }.joined(separator: [Self.end]))
    }

    /// Decodes ids; what is no byte of ASCII becomes U+FFFD.
    public func decode(_ ids: [Int32], skipSpecial: Bool) -> String {
        ids.map { id in
            switch id {
            case 0..<127: String(UnicodeScalar(UInt8(id)))
            case Self.end: skipSpecial ? "" : "</s>"
            default: "\u{FFFD}"
            }
        }.joined()
    }

    /// Renders a chat as one line a message, `role: content`, and then `assistant:`.
    public func encode(_ prompt: Prompt.Content) throws -> [Int32] {
        switch prompt {
        case .text(let text): encode(text, parseSpecial: false)
        case .chat(let messages):
            encode(
                messages.map { "\($0.role.rawValue): \($0.content)\n" }.joined() + "assistant:",
                parseSpecial: false)
        }
    }

    /// The text's bytes and, for a finished response, the end token.
    public func encodeResponse(_ text: String, finished: Bool) -> [Int32] {
        encode(text, parseSpecial: false) + (finished ? [Self.end] : [])
    }
}
