/// Reads the answer out of a response.
///
/// An extractor is versioned: whoever changes what it reads from any text raises the number, so
/// that results stay comparable. The same extractor object serves the pseudo-reward rule and the
/// evaluator. Linear time on any input; any thread; never fails.
public protocol AnswerExtractor: Sendable {
    /// The name and the version, for instance `robust-number/1`.
    static var identity: String { get }

    /// The answer, or `nil` when the response has none.
    func answer(in response: String) -> String?
}
