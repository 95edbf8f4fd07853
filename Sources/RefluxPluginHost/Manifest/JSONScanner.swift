/// Follows the structure of JSON text byte by byte: how deep it is nested, and on which line each
/// value begins. Never fails; of text that is not JSON the answers mean nothing.
struct JSONScanner {
    /// Objects and lists that are open.
    private(set) var depth = 0
    /// The line of the last byte, from 1.
    private(set) var line = 1
    /// The column of the last byte in characters, from 1.
    private(set) var column = 0
    /// The line of each value, in the order in which they begin. Keys are not values.
    private(set) var valueLines: [Int] = []

    private var inString = false
    private var isEscaped = false
    private var inScalar = false
    private var afterLineFeed = false
    /// Where a value and not a key begins: whether each open object or list is a list.
    private var lists: [Bool] = []
    private var afterColon = false

    /// Takes the next byte.
    mutating func take(_ byte: UInt8) {
        count(byte)
        if inString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                inString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            beginValue()
            depth += 1
            lists.append(byte == UInt8(ascii: "["))
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            _ = lists.popLast()
            endValue()
        case UInt8(ascii: "\""):
            if lists.last ?? true || afterColon { beginValue() }
            inString = true
        case UInt8(ascii: ":"): afterColon = true
        case UInt8(ascii: ","): endValue()
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            inScalar = false
        default:
            if !inScalar { beginValue() }
            inScalar = true
        }
    }

    private mutating func beginValue() {
        valueLines.append(line)
        afterColon = false
    }

    private mutating func endValue() {
        inScalar = false
        afterColon = false
    }

    private mutating func count(_ byte: UInt8) {
        if afterLineFeed {
            line += 1
            column = 0
        }
        afterLineFeed = byte == UInt8(ascii: "\n")
        // Continuation bytes belong to the character before them.
        if byte & 0xC0 != 0x80 { column += 1 }
    }
}

/// The first byte of a text that is NUL or no UTF-8 (RFC 3629).
struct JSONTextFault: Equatable {
    /// Whether it is a NUL; otherwise it is not UTF-8.
    var isNUL: Bool
    /// From 1.
    var line: Int
    /// In characters, from 1.
    var column: Int

    /// The first fault, or `nil`.
    static func first(in bytes: [UInt8]) -> JSONTextFault? {
        if !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil { return nil }
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var line = 1
        var column = 1
        while true {
            switch decoder.decode(&iterator) {
            case .emptyInput: return nil
            case .error: return JSONTextFault(isNUL: false, line: line, column: column)
            case .scalarValue("\0"): return JSONTextFault(isNUL: true, line: line, column: column)
            case .scalarValue("\n"):
                line += 1
                column = 1
            case .scalarValue: column += 1
            }
        }
    }
}
