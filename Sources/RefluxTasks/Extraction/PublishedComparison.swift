/// How lm-evaluation-harness compares GSM8K's answers: `exact_match` after `regexes_to_ignore`.
///
/// From both sides are deleted, in this order: every `,`, every `$`, everything up to the last
/// `#### `, a full stop at the end (before a final line feed too, as Python's `$` allows); then
/// lower case and equality of the texts. `18.00` is not `18`.
enum PublishedComparison {
    static func areEqual(_ answer: String, _ reference: String) -> Bool {
        normalised(answer) == normalised(reference)
    }

    static func normalised(_ text: String) -> [UInt8] {
        let comma = UInt8(ascii: ","), dollar = UInt8(ascii: "$"), stop = UInt8(ascii: ".")
        var bytes = text.lowercased().utf8.filter { $0 != comma && $0 != dollar }
        if let end = endOfLastMark(bytes) { bytes.removeFirst(end) }
        if bytes.last == stop {
            bytes.removeLast()
        } else if bytes.count > 1, bytes.last == 0x0A, bytes[bytes.count - 2] == stop {
            bytes.remove(at: bytes.count - 2)
        }
        return bytes
    }

    private static func endOfLastMark(_ bytes: [UInt8]) -> Int? {
        let mark = Array("#### ".utf8)
        guard bytes.count >= mark.count else { return nil }
        return stride(from: bytes.count, through: mark.count, by: -1).first {
            bytes[($0 - mark.count)..<$0].elementsEqual(mark)
        }
    }
}
