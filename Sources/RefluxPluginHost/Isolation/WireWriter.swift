/// Writes values as the bytes of a frame. Reuse one writer: ``reset()`` keeps its memory.
struct WireWriter: Sendable {
    /// What was written.
    private(set) var bytes: [UInt8] = []

    /// Forgets what was written.
    mutating func reset() { bytes.removeAll(keepingCapacity: true) }

    /// Writes a number: integers, and floating-point numbers with all their bits.
    mutating func write(_ number: some BitwiseCopyable & Numeric) { bytes.appendRaw(number) }

    /// Writes a truth value.
    mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    /// Writes a text with its length.
    mutating func write(_ text: String) {
        let start = bytes.count
        bytes.appendRaw(UInt64(0))
        bytes.appendText(text)
        bytes.replaceRaw(UInt64(bytes.count - start - 8), at: start)
    }

    /// Writes an array of numbers with its length, at the speed of copying.
    mutating func write(numbers: [some BitwiseCopyable & Numeric]) {
        bytes.appendRaw(UInt64(numbers.count))
        bytes.appendRaw(contentsOf: numbers)
    }

    /// Writes the raw value of an enumeration.
    mutating func write(raw value: some RawRepresentable<String>) { write(value.rawValue) }

    /// Writes a value.
    mutating func write(_ value: some WireCodable) { value.encode(to: &self) }

    /// Writes whether there is a value, and the value.
    mutating func write<T>(_ value: T?, _ body: (inout Self, T) -> Void) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    /// Writes an array with its length.
    mutating func write<T>(_ values: [T], _ body: (inout Self, T) -> Void) {
        bytes.appendRaw(UInt64(values.count))
        for value in values { body(&self, value) }
    }

    /// Writes an array of values with its length.
    mutating func write(_ values: [some WireCodable]) { write(values) { $0.write($1) } }

    /// Writes a table of numbers.
    mutating func write(_ table: [String: Double]) {
        bytes.appendRaw(UInt64(table.count))
        for (key, value) in table {
            write(key)
            write(value)
        }
    }

    /// Appends bytes as they are.
    mutating func append(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    /// Replaces a number that was written before.
    mutating func replace(_ number: some BitwiseCopyable & Numeric, at offset: Int) {
        bytes.replaceRaw(number, at: offset)
    }
}
