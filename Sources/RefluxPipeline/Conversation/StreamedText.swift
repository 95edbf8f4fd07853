import RefluxCore

/// The text of a response while its tokens come: whole characters, and nothing that a stop text
/// could still take back.
///
/// What ``add(_:)`` and ``finish(_:)`` return is, one after another, the text of the response. A step
/// decodes the last tokens only.
struct StreamedText {
    /// The most tokens that may hold one unfinished character; after that its bytes are broken.
    private static let longestCharacter = 8

    private let tokenizer: any Tokenizer
    private let stops: [[UInt8]]
    /// Tokens that are decoded again, because the next one may depend on them; those before
    /// `read` are written.
    private var window: [Int32] = []
    private var read = 0
    /// Bytes that may be the beginning of a stop text.
    private var held: [UInt8] = []
    private var isStopped = false
    /// The bytes that were returned.
    private var written = 0

    /// Begins a response.
    init(tokenizer: any Tokenizer, stops: [String]) {
        self.tokenizer = tokenizer
        self.stops = stops.map { Array($0.utf8) }
    }

    /// Takes a token.
    ///
    /// - Returns: the text that can be shown now; often empty.
    mutating func add(_ token: Int32) -> String {
        guard !isStopped, !tokenizer.endTokens.contains(token) else { return "" }
        window.append(token)
        let known = tokenizer.decode(Array(window[..<read]), skipSpecial: true).utf8.count
        let text = tokenizer.decode(window, skipSpecial: true)
        if text.hasSuffix("\u{FFFD}"), window.count - read < Self.longestCharacter { return "" }
        held += Array(text.utf8.dropFirst(known))
        window.removeFirst(read)
        read = window.count
        return show()
    }

    /// What is still missing of the whole text.
    mutating func finish(_ whole: String) -> String {
        String(decoding: whole.utf8.dropFirst(written), as: UTF8.self)
    }

    private mutating func show() -> String {
        let hits = stops.compactMap { Self.first($0, in: held) }
        let safe = hits.min() ?? held.count - Self.openEnd(of: held, stops)
        isStopped = !hits.isEmpty
        let text = held[..<safe]
        held.removeFirst(safe)
        written += text.count
        return String(decoding: text, as: UTF8.self)
    }

    /// How many bytes at the end could be the beginning of a stop text.
    private static func openEnd(of bytes: [UInt8], _ stops: [[UInt8]]) -> Int {
        stops.map { stop in
            (0..<stop.count).last {
                bytes.suffix($0).elementsEqual(stop.prefix($0)) && $0 <= bytes.count
            }
                ?? 0
        }.max() ?? 0
    }

    private static func first(_ part: [UInt8], in whole: [UInt8]) -> Int? {
        guard !part.isEmpty, part.count <= whole.count else { return nil }
        return (0...(whole.count - part.count)).first {
            whole[$0..<($0 + part.count)].elementsEqual(part)
        }
    }
}
