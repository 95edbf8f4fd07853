/// Why something cannot be done: what was found, where, what was wanted, what to do. The host shows
/// the text, together with the plugin and the item that was worked on.
public struct PluginError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text for people.
    public var description: String
    /// Whether the plugin cannot do this at all, whatever the input.
    public var isUnsupported: Bool

    /// Makes an error.
    ///
    /// - Parameters:
    ///   - description: the text for people, in whole sentences.
    ///   - isUnsupported: whether the plugin cannot do this at all.
    public init(_ description: String, isUnsupported: Bool = false) {
        self.description = description
        self.isUnsupported = isUnsupported
    }
}

/// Thrown to end a call that was cancelled or whose time is over; see ``Call/checkCancellation()``.
public struct Cancelled: Error, Sendable, Equatable {
    /// Makes the error.
    public init() {}
}
