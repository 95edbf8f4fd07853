/// The text behind a marker, up to the next marker or the end of the response.
struct MarkedScope {
    private let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// The number that a marker points at.
    func number(behind marker: String) -> String? {
        if marker == "####" { return immediate }
        if marker.hasSuffix("{") { return MarkedScope(insideBraces).result }
        return MarkedScope(sentence).result
    }

    /// The number that follows at once; only spaces, `*`, `:`, `=` and `$` may stand before it.
    private var immediate: String? {
        let filler = Array(" \t*:=".utf8)
        let start = bytes.firstIndex { !filler.contains($0) } ?? bytes.endIndex
        var scanner = NumberScanner(bytes[start...].prefix { $0 != 0x0A })
        // A dollar sign of a formula may stand before the number too: `$18$`.
        guard let found = scanner.next(), found.range.lowerBound == start else { return nil }
        return found.canonical
    }

    /// The number of a short statement: behind the last `=` where there is one that a number
    /// follows (`5 + 13 = 18`), else the first (`18 dollars for 3 days`).
    var result: String? {
        let equals = bytes.lastIndex(of: UInt8(ascii: "="))
        if let equals {
            var scanner = NumberScanner(bytes[(equals + 1)...])
            if let found = scanner.next() { return found.canonical }
        }
        var scanner = NumberScanner(bytes)
        return scanner.next()?.canonical
    }

    /// Up to the brace that closes one opened before the scope; up to the end of the line where
    /// none does.
    private var insideBraces: ArraySlice<UInt8> {
        var depth = 1
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"): depth -= 1
            case 0x0A where depth == 1: return bytes[..<index]
            default: break
            }
            if depth == 0 { return bytes[..<index] }
        }
        return bytes
    }

    /// The first sentence that has something in it: up to a full stop before white space, the end
    /// of its line, or a bracket behind a digit (`18 (3 * 6 = 18)`).
    private var sentence: ArraySlice<UInt8> {
        let start = bytes.firstIndex { !Self.filler[Int($0)] } ?? bytes.endIndex
        var sawDigit = false
        for index in start..<bytes.endIndex {
            let byte = bytes[index]
            let next = index + 1 < bytes.endIndex ? bytes[index + 1] : 0x0A
            let isStop = byte == UInt8(ascii: ".") || byte == UInt8(ascii: ";")
            if byte == 0x0A || (isStop && next <= 0x20) { return bytes[start..<index] }
            if byte == UInt8(ascii: "("), sawDigit { return bytes[start..<index] }
            sawDigit = sawDigit || (byte >= 0x30 && byte <= 0x39)
        }
        return bytes[start...]
    }

    /// White space and marks of emphasis or formulas that may stand between a marker and its
    /// answer.
    private static let filler: [Bool] = (0..<256).map { byte in
        byte <= 0x20 || "*_:#`[".utf8.contains(UInt8(byte))
    }
}
