import RefluxCore

/// How a body is asked for its verdict on a response, and with which two words it gives it.
///
///     z = bias + log p(accept | question) - log p(reject | question)
///
/// A generative verifier (Zhang et al., arXiv 2408.15240) without reasoning of its own. Words of
/// several tokens count with all of them.
public struct VerdictPrompt: Sendable, Codable, Equatable {
    /// How the question reaches the body.
    public enum Form: String, Sendable, Codable, CaseIterable {
        /// As a message, rendered by the body's chat template.
        case chat
        /// As a text to be continued.
        case text
    }

    /// The question, with the places `{prompt}` and `{response}`.
    public var template = """
        Question:
        {prompt}

        Answer:
        {response}

        Is the answer correct? Reply with one word, Yes or No.

        """
    /// The word that accepts.
    public var accept = "Yes"
    /// The word that rejects.
    public var reject = "No"
    /// How the question reaches the body; `nil` is a chat where the tokenizer has a template for it.
    public var form: Form?

    /// The default question.
    public init() {}

    /// What is to be asked about a response. Both texts are put in as they are; what one of them
    /// holds is never taken for a place of the template.
    func question(_ prompt: Prompt, response: String) -> String {
        template.split(separator: "{prompt}", omittingEmptySubsequences: false).map {
            $0.split(separator: "{response}", omittingEmptySubsequences: false)
                .joined(separator: response)
        }.joined(separator: prompt.displayText)
    }

    /// The tokens of the two words.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when one is empty or the beginning of the other:
    ///   their probabilities could not be compared.
    func words(_ tokenizer: any Tokenizer) throws -> (accept: [Int32], reject: [Int32]) {
        let words = (
            accept: tokenizer.encodeResponse(accept, finished: false),
            reject: tokenizer.encodeResponse(reject, finished: false)
        )
        guard !words.accept.isEmpty, !words.reject.isEmpty,
            !words.accept.starts(with: words.reject), !words.reject.starts(with: words.accept)
        else {
            throw RefluxError(
                .usage,
                found: "the verdicts \"\(accept)\" and \"\(reject)\" are the tokens "
                    + "\(words.accept) and \(words.reject) of the reward model's tokenizer",
                wanted: "two words of which neither begins with the other's tokens",
                remedy: "Set reward.accept and reward.reject to other words.")
        }
        return words
    }

    /// The tokens of a question, which the words follow.
    ///
    /// - Throws: what the tokenizer throws for a chat.
    func encode(_ question: String, _ tokenizer: any Tokenizer) throws -> [Int32] {
        switch form ?? (tokenizer.hasChatTemplate ? .chat : .text) {
        case .chat: try tokenizer.encode(.chat([ChatMessage(.user, question)]))
        case .text: try tokenizer.encode(.text(question))
        }
    }
}
