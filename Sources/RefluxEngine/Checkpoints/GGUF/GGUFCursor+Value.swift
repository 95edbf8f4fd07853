import RefluxCore

/// The kinds of values, by the numbers that GGUF gives them.
private enum Kind: UInt32 {
    case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64
    case float64

    /// The least bytes of a value.
    var bytes: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .string, .uint64, .int64, .float64: 8
        case .array: 12
        }
    }
}

extension GGUFCursor {
    /// The next value of the metadata: its kind, then itself.
    ///
    /// - Throws: `RefluxError` of kind `input`: the file ends, or the kind is not known.
    mutating func value(of key: String, path: String) throws -> GGUFValue {
        let kind = try self.kind(key, path)
        guard kind == .array else { return try single(kind, key) }
        let element = try self.kind(key, path)
        let count = try count(ofItems: element.bytes, "the items of \(key)")
        switch element {
        case .string:
            return .texts(try list(count) { try $0.text("an item of \(key)") })
        case .bool: return .truths(try list(count) { try $0.number(UInt8.self, key) != 0 })
        case .float32, .float64:
            return .numbers(
                try list(count) {
                    guard case .number(let value) = try $0.single(element, key) else { return 0 }
                    return Float(value)
                })
        case .array:
            throw RefluxError(
                .input, found: "a list of lists", at: SourceLocation(path: path, key: key),
                wanted: "a list of values", remedy: "Choose another file of the model.")
        default:
            return .integers(
                try list(count) {
                    guard case .integer(let value) = try $0.single(element, key) else { return 0 }
                    return value
                })
        }
    }

    private mutating func list<T>(
        _ count: Int, _ next: (inout GGUFCursor) throws -> T
    ) throws -> [T] {
        var items: [T] = []
        // The count was checked against the file's size, not against the bytes at hand.
        items.reserveCapacity(min(count, 1 << 18))
        for _ in 0..<count { items.append(try next(&self)) }
        return items
    }

    private mutating func kind(_ key: String, _ path: String) throws -> Kind {
        let number = try number(UInt32.self, "the kind of \(key)")
        guard let kind = Kind(rawValue: number) else {
            throw RefluxError(
                .input, found: "a value of unknown kind \(number)",
                at: SourceLocation(path: path, key: key), wanted: "0 to 12",
                remedy: "The file is damaged; download or copy it again.")
        }
        return kind
    }

    private mutating func single(_ kind: Kind, _ key: String) throws -> GGUFValue {
        switch kind {
        case .uint8: .integer(Int(try number(UInt8.self, key)))
        case .int8: .integer(Int(try number(Int8.self, key)))
        case .uint16: .integer(Int(try number(UInt16.self, key)))
        case .int16: .integer(Int(try number(Int16.self, key)))
        case .uint32: .integer(Int(try number(UInt32.self, key)))
        case .int32: .integer(Int(try number(Int32.self, key)))
        // Larger ones are out of every bound that is checked later.
        case .uint64: .integer(Int(clamping: try number(UInt64.self, key)))
        case .int64: .integer(Int(try number(Int64.self, key)))
        case .float32: .number(Double(Float(bitPattern: try number(UInt32.self, key))))
        case .float64: .number(Double(bitPattern: try number(UInt64.self, key)))
        case .bool: .truth(try number(UInt8.self, key) != 0)
        case .string, .array: .text(try text(key))
        }
    }
}
