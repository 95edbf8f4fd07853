import RefluxCore

/// Reads the fields of one JSON object: typed, and complete. Fields that nobody asked for are the
/// unknown ones.
struct JSONFieldReader {
    /// The check under which missing and mistyped fields are reported.
    let check: PluginCheck
    /// What the user can do about a field.
    let remedy: String
    private let file: String
    private let key: String
    private let line: Int
    private let members: [JSONMember]
    private let known: [String]

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - node: the object.
    ///   - key: its dotted key in the file; empty for the top.
    ///   - file: the path of the file.
    ///   - known: the fields that there may be.
    ///   - check: under which check faults are reported.
    ///   - remedy: what the user can do about a missing or mistyped field.
    /// - Throws: `RefluxError` when the node is no object.
    init(
        _ node: JSONNode, key: String = "", file: String, known: [String], check: PluginCheck,
        remedy: String
    ) throws {
        (self.file, self.key, self.known) = (file, key, known)
        (self.check, self.remedy, line) = (check, remedy, node.line)
        guard case .object(let members) = node.value else {
            throw check.error(
                found: node.value.inWords,
                at: SourceLocation(path: file, line: node.line, key: key.isEmpty ? nil : key),
                wanted: "an object", remedy: remedy)
        }
        self.members = members
    }

    /// Where a field stands; of a missing one, where its object begins.
    func place(of field: String) -> SourceLocation {
        SourceLocation(path: file, line: self[field]?.line ?? line, key: dotted(field))
    }

    /// The dotted key of a field.
    func dotted(_ field: String) -> String { key.isEmpty ? field : "\(key).\(field)" }

    /// A field's node, if it is there.
    subscript(field: String) -> JSONNode? { members.first { $0.key == field }?.node }

    /// The fields that are not known, with the nearest known name, the first 20 one by one; those
    /// that begin with `x-` are everybody's own where `ownFields` says so.
    func unknown(ownFields: Bool = false) -> [RefluxError] {
        let stray = members.filter {
            !known.contains($0.key) && !(ownFields && $0.key.hasPrefix("x-"))
        }
        let remedy = ownFields ? "Begin the names of keys of your own with \"x-\"." : "Remove it."
        var errors = stray.prefix(20).map { member in
            unknown(
                "unknown key \(quoted(member.key))", line: member.node.line,
                remedy: nearest(to: member.key).map { "Did you mean \"\($0)\"?" } ?? remedy)
        }
        if stray.count > 20 {
            errors.append(
                unknown(
                    "\(stray.count - 20) more unknown keys", line: stray[20].node.line,
                    remedy: remedy))
        }
        return errors
    }

    private func unknown(_ found: String, line: Int, remedy: String) -> RefluxError {
        PluginCheck.manifestKeys.error(
            found: found,
            at: SourceLocation(path: file, line: line, key: key.isEmpty ? nil : key),
            wanted: "only known keys", remedy: remedy)
    }

    /// The known field that a key most likely meant. Long keys are no slips of the pen, and
    /// comparing them would take long.
    private func nearest(to key: String) -> String? {
        key.utf8.count <= PluginName.limit ? nearestName(to: key, in: known) : nil
    }

    /// A field that must be there; `wanted` says what it must be.
    func required(_ field: String, _ wanted: String) throws -> JSONNode {
        if let node = self[field] { return node }
        let mistyped = members.prefix(100).map(\.key).first {
            !known.contains($0) && nearest(to: $0) == field
        }
        throw check.error(
            found: "the field is missing", at: place(of: field), wanted: wanted,
            remedy: mistyped.map { "Rename \(quoted($0)) to \"\(field)\"." } ?? remedy)
    }

    /// The error of a field's value.
    func wrong(
        _ field: String, wanted: String, check other: PluginCheck? = nil, found: String? = nil,
        remedy otherRemedy: String? = nil
    ) -> RefluxError {
        (other ?? check).error(
            found: found ?? self[field]?.value.inWords ?? "nothing", at: place(of: field),
            wanted: wanted, remedy: otherRemedy ?? remedy)
    }

    /// A text that is not empty and holds no control characters; line feeds only where they may.
    func text(_ field: String, lines: Bool = false) throws -> String {
        let wanted = lines ? "a text that is not empty" : "one line of text that is not empty"
        guard case .string(let text) = try required(field, wanted).value,
            text.contains(where: { !$0.isWhitespace })
        else { throw wrong(field, wanted: wanted) }
        guard !text.unicodeScalars.contains(where: { isControl($0) && !(lines && $0 == "\n") })
        else { throw wrong(field, wanted: wanted + ", without control characters") }
        return text
    }

    /// A whole number in a range.
    func integer(_ field: String, in range: ClosedRange<Int>) throws -> Int {
        let wanted = "a whole number of at least \(range.lowerBound)"
        guard case .integer(let value) = try required(field, wanted).value, range.contains(value)
        else { throw wrong(field, wanted: wanted) }
        return value
    }

    /// A truth value.
    func bool(_ field: String) throws -> Bool {
        guard case .bool(let value) = try required(field, "true or false").value else {
            throw wrong(field, wanted: "true or false")
        }
        return value
    }

    /// One of the cases of an enumeration.
    func choice<Choice>(_ field: String) throws -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        let names = Choice.allCases.map(\.rawValue)
        let wanted = "one of \(names.joined(separator: ", "))"
        guard case .string(let text) = try required(field, wanted).value else {
            throw wrong(field, wanted: wanted)
        }
        guard let value = Choice(rawValue: text) else {
            throw wrong(
                field, wanted: wanted,
                remedy: nearestName(to: text, in: names).map { "Did you mean \"\($0)\"?" })
        }
        return value
    }

    /// The elements of a list; none when the field is not there and need not be.
    func list(_ field: String, isRequired: Bool = true, isEmptyFine: Bool = false) throws
        -> [JSONNode]
    {
        if !isRequired, self[field] == nil { return [] }
        guard case .array(let nodes) = try required(field, "a list").value else {
            throw wrong(field, wanted: "a list")
        }
        guard !isRequired || isEmptyFine || !nodes.isEmpty else {
            throw wrong(field, wanted: "a list that is not empty", found: "an empty list")
        }
        return nodes
    }

    /// A list of different texts; none when the field is not there.
    func texts(_ field: String) throws -> [String] {
        var texts: [String] = []
        var seen: Set<String> = []
        for (index, node) in try list(field, isRequired: false).enumerated() {
            let place = SourceLocation(
                path: file, line: node.line, key: "\(dotted(field))[\(index)]")
            guard case .string(let text) = node.value, !text.isEmpty else {
                throw check.error(
                    found: node.value.inWords, at: place, wanted: "a text that is not empty",
                    remedy: remedy)
            }
            guard seen.insert(text).inserted else {
                throw check.error(
                    found: "\(quoted(text)) a second time", at: place, wanted: "every text once",
                    remedy: "Remove one of the two.")
            }
            texts.append(text)
        }
        return texts
    }

    /// The readers of a list of objects.
    func objects(_ field: String, known: [String]) throws -> [JSONFieldReader] {
        try list(field).enumerated().map { index, node in
            try JSONFieldReader(
                node, key: "\(dotted(field))[\(index)]", file: file, known: known, check: check,
                remedy: remedy)
        }
    }

    /// The reader of an object.
    func object(_ field: String, known: [String]) throws -> JSONFieldReader {
        try JSONFieldReader(
            try required(field, "an object"), key: dotted(field), file: file, known: known,
            check: check,
            remedy: remedy)
    }
}
