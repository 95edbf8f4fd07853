/// What a person did at a prompt.
package enum LineInput: Sendable, Equatable {
    /// A line, without its line feed.
    case line(String)
    /// Ctrl-C: the line is dropped.
    case interrupted
    /// Ctrl-D on an empty line, or the end of the input.
    case end
}
