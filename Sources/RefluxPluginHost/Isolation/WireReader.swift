/// Reads values from the bytes of a frame. Whatever the bytes are, it returns or throws: lengths are
/// compared with what is left before anything is reserved.
struct WireReader: Sendable {
    private let bytes: [UInt8]
    private var offset: Int
    private let end: Int

    /// Reads a part of an array, all of it if nothing else is said.
    init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
        self.bytes = bytes
        let range = (range ?? bytes.indices).clamped(to: bytes.indices)
        offset = range.lowerBound
        end = range.upperBound
    }

    /// How many bytes are left.
    var remaining: Int { end - offset }

    /// Throws unless everything was read.
    func finish() throws(WireError) {
        guard remaining == 0 else { throw WireError("\(remaining) bytes too many") }
    }

    /// Reads a number.
    mutating func read<T: BitwiseCopyable & Numeric>(_ type: T.Type = T.self) throws(WireError) -> T
    {
        let start = try take(MemoryLayout<T>.size)
        return bytes.loadRaw(type, at: start)
    }

    /// Reads a truth value.
    mutating func read(_ type: Bool.Type = Bool.self) throws(WireError) -> Bool {
        switch try read(UInt8.self) {
        case 0: return false
        case 1: return true
        case let other: throw WireError("the truth value \(other)")
        }
    }

    /// Reads a text.
    mutating func read(_ type: String.Type = String.self) throws(WireError) -> String {
        let length = try count(ofSize: 1)
        let start = try take(length)
        guard let text = bytes.loadText(start..<start + length) else {
            throw WireError("a text that is not UTF-8")
        }
        return text
    }

    /// Reads an array of numbers.
    mutating func read<T: BitwiseCopyable & Numeric>(
        numbers type: T.Type = T.self
    ) throws(WireError) -> [T] {
        let count = try count(ofSize: MemoryLayout<T>.size)
        let start = try take(count * MemoryLayout<T>.size)
        return bytes.loadRaw(type, count: count, at: start)
    }

    /// Reads an enumeration.
    mutating func read<T: RawRepresentable<String>>(
        raw type: T.Type = T.self
    ) throws(WireError) -> T {
        let text = try read(String.self)
        guard let value = T(rawValue: text) else {
            throw WireError("\"\(text.prefix(40))\" as a \(T.self)")
        }
        return value
    }

    /// Reads a value.
    mutating func read<T: WireCodable>(_ type: T.Type = T.self) throws(WireError) -> T {
        try T(from: &self)
    }

    /// Reads a value that may be absent.
    mutating func optional<T>(
        _ body: (inout Self) throws(WireError) -> T
    ) throws(WireError) -> T? {
        try read(Bool.self) ? try body(&self) : nil
    }

    /// Reads an array; each element has at least one byte.
    mutating func array<T>(
        _ body: (inout Self) throws(WireError) -> T
    ) throws(WireError) -> [T] {
        let count = try count(ofSize: 1)
        var values: [T] = []
        // What is not there yet is not reserved: a few bytes may claim to be many elements.
        values.reserveCapacity(min(count, 4096))
        for _ in 0..<count { values.append(try body(&self)) }
        return values
    }

    /// Reads an array of values.
    mutating func array<T: WireCodable>(of type: T.Type = T.self) throws(WireError) -> [T] {
        try array { reader throws(WireError) in try reader.read(type) }
    }

    /// Reads a table of numbers.
    mutating func table() throws(WireError) -> [String: Double] {
        let count = try count(ofSize: 16)
        var table: [String: Double] = [:]
        for _ in 0..<count {
            let key = try read(String.self)
            table[key] = try read(Double.self)
        }
        return table
    }

    private mutating func take(_ count: Int) throws(WireError) -> Int {
        guard count <= remaining else {
            throw WireError("\(remaining) bytes where \(count) were announced")
        }
        defer { offset += count }
        return offset
    }

    private mutating func count(ofSize size: Int) throws(WireError) -> Int {
        let count = try read(UInt64.self)
        guard count <= UInt64(remaining / size) else {
            throw WireError("\(remaining) bytes where \(count) values of \(size) were announced")
        }
        return Int(count)
    }
}

/// Bytes that are no value.
struct WireError: Error, Equatable, Sendable {
    /// What was found, in words.
    var found: String

    /// Makes an error.
    init(_ found: String) { self.found = found }
}

/// A value that crosses to a worker process and back without a bit being lost.
protocol WireCodable: Sendable {
    /// Writes the value.
    func encode(to writer: inout WireWriter)

    /// Reads what ``encode(to:)`` wrote.
    init(from reader: inout WireReader) throws(WireError)
}
