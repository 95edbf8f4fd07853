/// What went wrong between a mock host and a plugin.
public struct MockHostError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Kind: Sendable {
        /// The plugin said REFLUX_ERROR (or REFLUX_OUT_OF_MEMORY) and why.
        case failed
        /// The plugin said REFLUX_CANCELLED.
        case cancelled
        /// The plugin said REFLUX_UNSUPPORTED.
        case unsupported
        /// The plugin broke its contract: a host would refuse what it gave.
        case contract
        /// The test asked for something that the plugin does not have.
        case usage
    }

    /// What kind of failure it is.
    public var kind: Kind
    /// The plugin's text, or the mock host's.
    public var text: String

    /// Makes an error, to compare with.
    public init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }

    /// Kind and text.
    public var description: String { "\(kind): \(text)" }

    static func contract(_ text: String) -> MockHostError {
        MockHostError(kind: .contract, text: text)
    }
}
