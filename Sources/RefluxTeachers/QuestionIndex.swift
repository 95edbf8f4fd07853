/// Finds which of many known questions a prompt asks.
///
/// A prompt holds its question among instructions and, in few-shot prompts, after other questions.
/// The question that ends last is the one that is asked; of several that end there, the longest.
/// Cost: one look-up for each byte of the prompt.
struct QuestionIndex {
    private static let keyLength = 16
    private var byPrefix: [[UInt8]: [String]] = [:]
    private var short: [String] = []

    /// Indexes the questions; blank ones are never found.
    init(_ questions: some Sequence<String>) {
        for question in Set(questions) {
            let bytes = Array(question.utf8)
            if bytes.count >= Self.keyLength {
                byPrefix[Array(bytes.prefix(Self.keyLength)), default: []].append(question)
            } else if !bytes.isEmpty {
                short.append(question)
            }
        }
    }

    /// The question that a text asks, or `nil`.
    func question(in text: String) -> String? {
        let bytes = Array(text.utf8)
        var best: (question: String, end: Int)?
        for start in bytes.indices {
            for question in questions(at: start, of: bytes) {
                let end = start + question.utf8.count
                // Starts ascend, so the first question with an end is the longest with it.
                if end > (best?.end ?? 0) { best = (question, end) }
            }
        }
        return best?.question
    }

    private func questions(at start: Int, of bytes: [UInt8]) -> [String] {
        let rest = bytes[start...]
        let candidates = (byPrefix[Array(rest.prefix(Self.keyLength))] ?? []) + short
        return candidates.filter { rest.starts(with: $0.utf8) }
    }
}
