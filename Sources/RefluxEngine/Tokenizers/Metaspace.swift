import RefluxCore

/// SentencePiece's way with spaces: they become a visible character, mostly U+2581, of which one may
/// be set before the text; pieces begin with it (Kudo and Richardson, arXiv 1808.06226).
struct Metaspace: Sendable {
    /// Where one is set before.
    enum Scheme: String, Sendable {
        case always, first, never
    }

    /// What stands for a space.
    let replacement: [UInt8]
    let scheme: Scheme
    /// Whether pieces are split before each space.
    let splits: Bool

    /// Reads a `Metaspace` component.
    ///
    /// - Throws: `RefluxError` of kind `input` when its options are not known.
    init(_ part: TokenizerFile.Component, at place: SourceLocation) throws {
        let older = part.addPrefixSpace ?? true ? "always" : "never"
        guard let scheme = Scheme(rawValue: part.prependScheme ?? older) else {
            throw RefluxError(
                .input, found: "the prepend_scheme \"\(part.prependScheme ?? "")\"", at: place,
                wanted: "always, first or never", remedy: "Download the file again.")
        }
        self.scheme = scheme
        replacement = Array((part.replacement ?? "\u{2581}").utf8)
        splits = part.split ?? true
        guard !replacement.isEmpty else {
            throw RefluxError(
                .input, found: "an empty replacement", at: place, wanted: "a character",
                remedy: "Download the file again.")
        }
    }

    /// The pieces of a text.
    ///
    /// - Parameters:
    ///   - text: UTF-8, not empty.
    ///   - isStart: whether it stands at the start of the whole text.
    /// - Returns: the pieces in order; none is empty.
    func pieces(of text: ArraySlice<UInt8>, isStart: Bool) -> [ArraySlice<UInt8>] {
        var bytes = text.replacing([UInt8(ascii: " ")], with: replacement)
        if scheme == .always || (scheme == .first && isStart), !bytes.starts(with: replacement) {
            bytes = replacement + bytes
        }
        guard splits else { return [bytes[...]] }
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        for position in bytes.indices.dropFirst()
        where bytes[position] == replacement[0] && bytes[position...].starts(with: replacement) {
            pieces.append(bytes[start..<position])
            start = position
        }
        return pieces + [bytes[start...]]
    }
}
