extension JSONValue {
    /// Reads one value of JSON (RFC 8259). No name may stand twice in an object, and nothing may be
    /// nested more than 64 deep. Linear time.
    ///
    /// - Throws: ``PluginError`` with the place of what is wrong.
    public init(parsing text: some StringProtocol) throws {
        var reader = JSONReader(bytes: Array(text.utf8))
        self = try reader.document()
    }
}

/// Reads JSON from bytes.
struct JSONReader {
    let bytes: [UInt8]
    private var index = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw wrong("the end of the text") }
        return value
    }

    private func wrong(_ wanted: String) -> PluginError {
        PluginError("The JSON is wrong at byte \(index + 1) of \(bytes.count): wanted \(wanted).")
    }

    private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard byte == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth <= 64 else { throw wrong("at most 64 levels of nesting") }
        skipSpace()
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
        guard bytes[index...].starts(with: word.utf8) else { throw wrong("\"\(word)\"") }
        index += word.utf8.count
        return value
    }

    private mutating func list(depth: Int) throws -> JSONValue {
        index += 1
        var values: [JSONValue] = []
        skipSpace()
        if take("]") { return .list(values) }
        repeat {
            values.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw wrong("\",\" or \"]\"") }
        return .list(values)
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        index += 1
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        skipSpace()
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else { throw wrong("a name in quotes") }
            let name = try string()
            guard names.insert(name).inserted else {
                throw wrong("no second member with the name \"\(name)\"")
            }
            skipSpace()
            guard take(":") else { throw wrong("\":\"") }
            members.append(JSONValue.Member(name, try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw wrong("\",\" or \"}\"") }
        return .object(members)
    }

    private mutating func number() throws -> JSONValue {
        let start = index
        _ = take("-")
        let first = index
        try digits()
        guard bytes[first] != UInt8(ascii: "0") || index == first + 1 else {
            throw wrong("a number without leading zeros")
        }
        var isWhole = true
        if take(".") {
            isWhole = false
            try digits()
        }
        if take("e") || take("E") {
            isWhole = false
            _ = take("+") || take("-")
            try digits()
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw wrong("a number that a Double can hold")
        }
        return .number(value)
    }

    private mutating func digits() throws {
        let start = index
        while let byte, (0x30...0x39).contains(byte) { index += 1 }
        guard index > start else { throw wrong(start == 0 ? "a value" : "a digit or a value") }
    }

    private mutating func string() throws -> String {
        index += 1
        var text: [UInt8] = []
        while let next = byte, next != UInt8(ascii: "\"") {
            guard next >= 0x20 else { throw wrong("no control character in a text") }
            if next == UInt8(ascii: "\\") {
                text.append(contentsOf: String(try escape()).utf8)
            } else {
                text.append(next)
                index += 1
            }
        }
        guard take("\"") else { throw wrong("the end of the text") }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func escape() throws -> Unicode.Scalar {
        index += 1
        let plain: [UInt8: Unicode.Scalar] = [
            UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/",
            UInt8(ascii: "b"): "\u{8}", UInt8(ascii: "f"): "\u{C}", UInt8(ascii: "n"): "\n",
            UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
        ]
        if let byte, let scalar = plain[byte] {
            index += 1
            return scalar
        }
        let high = try codeUnit()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xDC00, take("\\") else { throw wrong("a pair of surrogates") }
        let low = try codeUnit()
        guard (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        else { throw wrong("a pair of surrogates") }
        return scalar
    }

    private mutating func codeUnit() throws -> UInt32 {
        guard take("u"), index + 4 <= bytes.count,
            bytes[index..<index + 4].allSatisfy({ $0 != UInt8(ascii: "+") && $0 != 0x2D }),
            let unit = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw wrong("an escape that JSON has") }
        index += 4
        return unit
    }
}
