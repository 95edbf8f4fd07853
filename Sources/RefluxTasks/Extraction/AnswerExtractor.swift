/// Reads the answer out of a response.
///
/// An extractor is versioned: whoever changes what it reads from any text raises the number, so
/// that results stay comparable. The same extractor object serves the pseudo-reward rule and the
/// evaluator. Linear time on any input; any thread; never fails.
public protocol AnswerExtractor: Sendable {
    /// The name and the version, for instance `robust-number/1`.
    static var identity: String { get }

    /// The answer with the place where it stands, or `nil` when the response has none.
    func trace(of response: String) -> AnswerTrace?

    /// The part of a response that is looked at, in UTF-8 bytes from its start; by default all of it.
    func scope(of response: String) -> Range<Int>
}

extension AnswerExtractor {
    /// The answer, or `nil` when the response has none.
    public func answer(in response: String) -> String? { trace(of: response)?.answer }

    /// All of it.
    public func scope(of response: String) -> Range<Int> { 0..<response.utf8.count }
}

/// An answer, what gave it away, and where that stands.
public struct AnswerTrace: Sendable, Equatable {
    /// The answer as the extractor gives it.
    public var answer: String
    /// Which of the extractor's patterns found it, in words for people.
    public var level: String
    /// Where the match stands, in UTF-8 bytes from the start of the response.
    public var range: Range<Int>

    /// Makes a trace.
    public init(answer: String, level: String, range: Range<Int>) {
        self.answer = answer
        self.level = level
        self.range = range
    }
}
