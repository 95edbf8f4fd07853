import RefluxCore

/// Watches a growing response for stop texts, which may begin in one token and end in another.
///
/// Only the last few tokens are decoded at a step: the text of a token may depend on the one before
/// it (a leading space), and a character may be spread over several tokens.
struct StopScanner {
    /// The most tokens that may hold one unfinished character; after that the bytes are taken as
    /// broken and the scan goes on.
    private static let longestCharacter = 8

    private let stops: [[UInt8]]
    /// The end of the text read so far, as long as a stop text could reach back into it.
    private var tail: [UInt8] = []
    /// The first token of the window that is decoded again.
    private var start = 0
    /// How many tokens have been read for good.
    private var read = 0

    /// Makes a scanner; without stop texts it never finds one and decodes nothing.
    init(stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

    /// Reads the tokens that were added since the last call.
    ///
    /// - Returns: whether a stop text is complete now.
    mutating func findsStop(in tokens: [Int32], tokenizer: any Tokenizer) -> Bool {
        guard !stops.isEmpty, tokens.count > read else { return false }
        let known = tokenizer.decode(Array(tokens[start..<read]), skipSpecial: true)
        let window = tokenizer.decode(Array(tokens[start...]), skipSpecial: true)
        let text = tail + window.utf8.dropFirst(known.utf8.count)
        if stops.contains(where: { firstOffset(of: $0, in: text) != nil }) { return true }
        let isUnfinished = window.hasSuffix("\u{FFFD}")
        if isUnfinished, tokens.count - read < Self.longestCharacter { return false }
        tail = text.suffix((stops.map(\.count).max() ?? 1) - 1)
        start = read
        read = tokens.count
        return false
    }

    /// The text before the earliest stop text in it; the whole text if there is none.
    static func cut(_ text: String, at stops: [String]) -> String {
        guard !stops.isEmpty else { return text }
        let bytes = Array(text.utf8)
        let offsets = stops.compactMap { firstOffset(of: Array($0.utf8), in: bytes) }
        guard let first = offsets.min() else { return text }
        return String(decoding: bytes[..<first], as: UTF8.self)
    }
}

/// Where bytes first occur in others. O(product of the counts).
private func firstOffset(of part: [UInt8], in whole: [UInt8]) -> Int? {
    guard part.count <= whole.count else { return nil }
    return (0...(whole.count - part.count)).first {
        whole[$0..<($0 + part.count)].elementsEqual(part)
    }
}
