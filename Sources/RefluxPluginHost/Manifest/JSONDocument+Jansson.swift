import CJansson

// Every call to Jansson stands in this file.

extension JSONDocument {
    /// Why Jansson refused a text.
    struct Fault: Error {
        var isDuplicateKey: Bool
        /// In words.
        var text: String
        /// From 1.
        var line: Int
        /// In characters, from 1.
        var column: Int
    }

    /// Parses text whose depth was checked.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - lines: the line of each value, in the order in which values begin.
    ///   - firstLine: the line of the file on which the bytes begin.
    /// - Returns: the tree, or why there is none.
    static func janssonTree(
        _ bytes: [UInt8], lines: [Int], firstLine: Int
    ) -> Result<JSONNode, Fault> {
        var error = json_error_t()
        let root = bytes.withUnsafeBytes { buffer in
            json_loadb(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count,
                Int(JSON_REJECT_DUPLICATES), &error)
        }
        guard let root else { return .failure(fault(error)) }
        defer { json_delete(root) }
        var cursor = LineCursor(lines: lines[...], offset: firstLine - 1)
        return .success(node(root, &cursor))
    }

    private struct LineCursor {
        var lines: ArraySlice<Int>
        var offset: Int
        mutating func next() -> Int { (lines.popFirst() ?? 1) + offset }
    }

    private static func node(_ json: UnsafeMutablePointer<json_t>, _ lines: inout LineCursor)
        -> JSONNode
    {
        let line = lines.next()
        switch json.pointee.type {
        case JSON_OBJECT: return JSONNode(.object(members(json, &lines)), line: line)
        case JSON_ARRAY:
            let elements = (0..<json_array_size(json)).compactMap { index in
                json_array_get(json, index).map { node($0, &lines) }
            }
            return JSONNode(.array(elements), line: line)
        case JSON_STRING:
            return JSONNode(
                .string(text(json_string_value(json), json_string_length(json))), line: line)
        case JSON_INTEGER: return JSONNode(.integer(Int(json_integer_value(json))), line: line)
        case JSON_REAL: return JSONNode(.number(json_real_value(json)), line: line)
        case JSON_TRUE: return JSONNode(.bool(true), line: line)
        case JSON_FALSE: return JSONNode(.bool(false), line: line)
        default: return JSONNode(.null, line: line)
        }
    }

    /// Jansson iterates in the order of insertion, which is that of the text.
    private static func members(
        _ json: UnsafeMutablePointer<json_t>, _ lines: inout LineCursor
    ) -> [JSONMember] {
        var members: [JSONMember] = []
        var iterator = json_object_iter(json)
        while let current = iterator {
            let key = text(json_object_iter_key(current), json_object_iter_key_len(current))
            if let value = json_object_iter_value(current) {
                members.append(JSONMember(key: key, node: node(value, &lines)))
            }
            iterator = json_object_iter_next(json, current)
        }
        return members
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        String(
            decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count),
            as: UTF8.self)
    }

    private static func fault(_ error: json_error_t) -> Fault {
        let bytes = withUnsafeBytes(of: error.text) { Array($0) }
        let message = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        // Jansson keeps the code in the last byte of the text (jansson.h, json_error_code).
        let isDuplicateKey = bytes.last.map(UInt32.init) == json_error_duplicate_key.rawValue
        return Fault(
            isDuplicateKey: isDuplicateKey,
            text: isDuplicateKey ? secondKey(message) : printable(message),
            line: max(1, Int(error.line)), column: max(1, Int(error.column)))
    }

    /// Jansson says: duplicate object key near '"id"'.
    private static func secondKey(_ message: String) -> String {
        let parts = message.split(separator: "'", maxSplits: 1)
        return parts.count == 2
            ? "a second key " + printable(String(parts[1].dropLast())) : "a key a second time"
    }

    private static func printable(_ text: String) -> String {
        String(
            quoted(text.replacing(" without JSON_ALLOW_NUL", with: "")).dropFirst().dropLast())
    }
}
