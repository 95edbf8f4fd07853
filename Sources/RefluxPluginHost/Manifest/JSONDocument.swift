package import RefluxCore

/// Reads JSON text (RFC 8259) that a third party wrote, with Jansson, and says where a fault stands.
///
/// The text is one object or list of at most ``sizeLimit`` bytes, nested at most ``depthLimit``
/// deep, in UTF-8 without byte order mark and NUL, without a key twice in one object. The checks are
/// made in this order: size, text, depth, JSON, duplicate keys. Linear time.
package enum JSONDocument {
    /// Bytes.
    package static let sizeLimit = 1 << 20
    /// Objects and lists inside each other.
    package static let depthLimit = 32

    /// The checks under which faults are reported.
    package struct Checks: Sendable {
        var size: PluginCheck
        var text: PluginCheck
        var depth: PluginCheck
        var json: PluginCheck
        var duplicateKey: PluginCheck

        /// Those of a manifest.
        package static let manifest = Checks(
            size: .manifestSize, text: .manifestText, depth: .manifestDepth, json: .manifestJSON,
            duplicateKey: .manifestDuplicateKey)

        /// One check for every fault.
        package static func all(_ check: PluginCheck) -> Checks {
            Checks(size: check, text: check, depth: check, json: check, duplicateKey: check)
        }
    }

    /// Parses a document.
    ///
    /// - Parameters:
    ///   - bytes: the text.
    ///   - location: the file, for errors, and the line in it at which the bytes begin.
    ///   - checks: under which checks faults are reported.
    /// - Returns: the value at the top; its nodes know their lines.
    /// - Throws: ``RefluxError`` of kind `input` with line and column.
    package static func parse(
        _ bytes: [UInt8], at location: SourceLocation, checks: Checks = .manifest
    ) throws -> JSONNode {
        var place = location
        place.column = nil
        guard bytes.count <= sizeLimit else {
            throw checks.size.error(
                found: "\(bytes.count) bytes", at: place, wanted: "at most \(sizeLimit) bytes",
                remedy: "Leave out what does not belong there.")
        }
        try checkText(bytes, at: location, check: checks.text)
        let lines = try scan(bytes, at: location, check: checks.depth)
        switch janssonTree(bytes, lines: lines, firstLine: location.line ?? 1) {
        case .success(let node): return node
        case .failure(let fault):
            let check = fault.isDuplicateKey ? checks.duplicateKey : checks.json
            throw check.error(
                found: fault.isDuplicateKey
                    ? fault.text : "it is not valid JSON: \(fault.text)",
                at: shifted(location, line: fault.line, column: fault.column),
                wanted: fault.isDuplicateKey ? "every key once" : "one JSON object",
                remedy: fault.isDuplicateKey
                    ? "Remove one of the two." : "Correct the text at that place.")
        }
    }

    /// A place in the bytes as a place in the file that holds them.
    private static func shifted(
        _ location: SourceLocation, line: Int, column: Int
    ) -> SourceLocation {
        var place = location
        place.line = line + (location.line ?? 1) - 1
        place.column = column
        return place
    }

    private static func checkText(
        _ bytes: [UInt8], at location: SourceLocation, check: PluginCheck
    ) throws {
        guard !bytes.isEmpty else {
            throw check.error(
                found: "it is empty", at: location, wanted: "one JSON object",
                remedy: "Write or generate it again.")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw check.error(
                found: "a byte order mark", at: shifted(location, line: 1, column: 1),
                wanted: "UTF-8 text without one", remedy: "Save the file as UTF-8 without it.")
        }
        guard let fault = JSONTextFault.first(in: bytes) else { return }
        throw check.error(
            found: fault.isNUL ? "a NUL byte" : "bytes that are not UTF-8",
            at: shifted(location, line: fault.line, column: fault.column),
            wanted: "UTF-8 text without NUL", remedy: "Save the file as UTF-8.")
    }

    /// The lines, from 1, of all values in the order of the text, whose nesting is checked. Of text
    /// that is not JSON the lines mean nothing.
    private static func scan(
        _ bytes: [UInt8], at location: SourceLocation, check: PluginCheck
    ) throws -> [Int] {
        var scanner = JSONScanner()
        for byte in bytes {
            scanner.take(byte)
            guard scanner.depth <= depthLimit else {
                throw check.error(
                    found: "objects and lists nested deeper than \(depthLimit)",
                    at: shifted(location, line: scanner.line, column: scanner.column),
                    wanted: "at most \(depthLimit) levels", remedy: "Make it flatter.")
            }
        }
        return scanner.valueLines
    }
}
