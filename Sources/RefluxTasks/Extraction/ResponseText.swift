/// The part of a response in which an answer may stand.
enum ResponseText {
    /// Cuts thinking away: everything up to the last `</think>`, and everything from a `<think>`
    /// that is never closed.
    ///
    /// Then cuts run-on text: base models go on with problems of their own invention, so the text
    /// ends at the first `Question:` (or `Q:` at the start of a line) that has a digit before it.
    static func answerPart(of response: String) -> ArraySlice<UInt8> {
        withoutRunOn(withoutThinking(response))
    }

    /// The same for answers that are letters: the text ends at the first line that begins with
    /// `Question:` or `Q:`, with or without a digit before it.
    static func choicePart(of response: String) -> ArraySlice<UInt8> {
        let part = withoutThinking(response)
        let long = firstIndex(of: "\nQuestion:", in: part) ?? part.endIndex
        let short = firstIndex(of: "\nQ:", in: part) ?? part.endIndex
        return part[..<min(long, short)]
    }

    private static func withoutThinking(_ response: String) -> ArraySlice<UInt8> {
        let bytes = Array(response.utf8)
        var part = bytes[...]
        if let close = lastIndex(of: "</think>", in: part) { part = part[(close + 8)...] }
        if let open = firstIndex(of: "<think>", in: part) { part = part[..<open] }
        return part
    }

    private static func withoutRunOn(_ part: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let digit = part.firstIndex(where: { $0 >= 0x30 && $0 <= 0x39 }) else { return part }
        let behind = part[digit...]
        let long = firstIndex(of: "Question:", in: behind) ?? part.endIndex
        let short = firstIndex(of: "\nQ:", in: behind) ?? part.endIndex
        return part[..<min(long, short)]
    }

    /// The first place of a short ASCII text. Linear for texts whose first byte does not recur in
    /// them.
    private static func firstIndex(of text: String, in bytes: ArraySlice<UInt8>) -> Int? {
        let wanted = Array(text.utf8)
        var at = bytes.startIndex
        while at + wanted.count <= bytes.endIndex {
            if bytes[at] == wanted[0], stands(wanted, at, in: bytes) { return at }
            at += 1
        }
        return nil
    }

    private static func lastIndex(of text: String, in bytes: ArraySlice<UInt8>) -> Int? {
        let wanted = Array(text.utf8)
        var at = bytes.endIndex - wanted.count
        while at >= bytes.startIndex {
            if bytes[at] == wanted[0], stands(wanted, at, in: bytes) { return at }
            at -= 1
        }
        return nil
    }

    private static func stands(_ wanted: [UInt8], _ at: Int, in bytes: ArraySlice<UInt8>) -> Bool {
        for (offset, byte) in wanted.enumerated() where bytes[at + offset] != byte { return false }
        return true
    }
}
