/// What a conformance suite found wrong: which promise of a protocol was broken, and how.
///
/// The suites throw it, so they work in any test framework:
/// ```swift
/// @Test func keepsThePromisesOfARule() async throws {
///     try await PseudoRewardRuleConformance.check(MyRule())
/// }
/// ```
public struct ConformanceFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The promise that was broken.
    public var promise: String
    /// What was seen instead.
    public var found: String

    /// Makes a failure.
    public init(_ promise: String, found: String) {
        self.promise = promise
        self.found = found
    }

    /// Both as one line.
    public var description: String { "\(promise), but \(found)" }
}

/// Throws a failure unless a condition holds.
func require(
    _ condition: Bool, _ promise: String, found: @autoclosure () -> String
) throws {
    guard condition else { throw ConformanceFailure(promise, found: found()) }
}
