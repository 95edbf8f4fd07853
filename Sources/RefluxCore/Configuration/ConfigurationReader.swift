/// Reads one table of a configuration: typed, ranged, and complete.
///
/// A factory takes every key it knows, with its default, and then calls ``finish()``, which refuses
/// keys that nobody took and suggests the nearest known one. What was read, defaults included, is
/// afterwards in ``resolved`` and goes to the run folder.
///
/// ```swift
/// let minShare = try reader.double("min_share", default: 0.5, in: 0...1)
/// let tie = try reader.choice("tie", default: TiePolicy.abstain)
/// try reader.finish()
/// ```
///
/// Not thread-safe: a reader belongs to the one factory call that got it.
public final class ConfigurationReader {
    /// Where the table stood.
    public let location: SourceLocation
    private var entries: [ConfigurationEntry]
    private var known: [String] = []
    private var effective: [ConfigurationEntry] = []

    /// Reads a node, which must be a table (or nothing, which is an empty table).
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when the node is neither.
    public init(_ node: ConfigurationNode) throws {
        location = node.location
        switch node.value {
        case .table(let entries): self.entries = entries
        case .null: entries = []
        default:
            throw RefluxError(
                .usage, found: "found \(node.value.kindName)", at: node.location,
                wanted: "a table of keys")
        }
    }

    /// An empty table; every key takes its default.
    public static func empty(at location: SourceLocation) -> ConfigurationReader {
        ConfigurationReader(entries: [], location: location)
    }

    private init(entries: [ConfigurationEntry], location: SourceLocation) {
        self.entries = entries
        self.location = location
    }

    /// The table with every default filled in, in the order in which the keys were read.
    public var resolved: ConfigurationNode { ConfigurationNode(.table(effective), at: location) }

    /// The keys of the table that nobody has taken yet, in the order of the file.
    public var remainingKeys: [String] {
        entries.map(\.key).filter { !known.contains($0) }
    }

    /// Whether the table holds a key.
    public func contains(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// Where a key stands, or would stand.
    public func place(of key: String) -> SourceLocation {
        if let node = entries.first(where: { $0.key == key })?.node { return node.location }
        var place = location
        place.key = location.key.map { "\($0).\(key)" } ?? key
        return place
    }

    /// Takes a key's raw node, or `nil` when it is absent or null.
    public func node(_ key: String) -> ConfigurationNode? {
        if !known.contains(key) { known.append(key) }
        guard let node = entries.first(where: { $0.key == key })?.node, node.value != .null
        else { return nil }
        return node
    }

    /// Notes the effective value of a key that was read by ``node(_:)``.
    public func record(_ key: String, _ value: ConfigurationValue) {
        effective.removeAll { $0.key == key }
        effective.append(ConfigurationEntry(key, ConfigurationNode(value, at: place(of: key))))
    }

    /// Refuses the keys that nobody took.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` naming the key, its place and the nearest known key.
    public func finish() throws {
        guard let stray = entries.first(where: { !known.contains($0.key) }) else { return }
        throw RefluxError(
            .usage, found: "unknown key \"\(stray.key)\"", at: stray.node.location,
            remedy: suggestion(for: stray.key, known: known))
    }

    /// A wrong value of a key, as an error to throw.
    public func wrong(_ key: String, wanted: String, remedy: String? = nil) -> RefluxError {
        let found = entries.first { $0.key == key }?.node.value.kindName ?? "nothing"
        return RefluxError(
            .usage, found: "found \(found)", at: place(of: key), wanted: wanted, remedy: remedy)
    }
}

extension ConfigurationReader {
    /// An optional text.
    public func optionalString(_ key: String) throws -> String? {
        guard let node = node(key) else { return nil }
        guard case .string(let text) = node.value else { throw wrong(key, wanted: "a text") }
        record(key, .string(text))
        return text
    }

    /// A text with a default.
    public func string(_ key: String, default value: String) throws -> String {
        if let text = try optionalString(key) { return text }
        record(key, .string(value))
        return value
    }

    /// A text that must be there.
    public func requiredString(_ key: String, meaning: String) throws -> String {
        guard let text = try optionalString(key) else { throw wrong(key, wanted: meaning) }
        return text
    }

    /// A truth value with a default.
    public func bool(_ key: String, default value: Bool) throws -> Bool {
        guard let node = node(key) else {
            record(key, .bool(value))
            return value
        }
        guard case .bool(let found) = node.value else { throw wrong(key, wanted: "true or false") }
        record(key, .bool(found))
        return found
    }

    /// An optional whole number in a range.
    public func optionalInt(_ key: String, in range: ClosedRange<Int> = 0...Int.max) throws -> Int?
    {
        guard let node = node(key) else { return nil }
        guard case .integer(let found) = node.value, range.contains(found) else {
            throw wrong(key, wanted: "a whole number \(bounds(range, unbounded: Int.max))")
        }
        record(key, .integer(found))
        return found
    }

    /// A whole number in a range, with a default.
    public func int(
        _ key: String, default value: Int, in range: ClosedRange<Int> = 0...Int.max
    ) throws -> Int {
        if let found = try optionalInt(key, in: range) { return found }
        record(key, .integer(value))
        return value
    }

    /// An optional number in a range.
    public func optionalDouble(
        _ key: String, in range: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude
    ) throws -> Double? {
        guard let node = node(key) else { return nil }
        let found: Double? =
            switch node.value {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: nil
            }
        guard let found, found.isFinite, range.contains(found) else {
            throw wrong(
                key, wanted: "a number \(bounds(range, unbounded: Double.greatestFiniteMagnitude))")
        }
        record(key, .number(found))
        return found
    }

    /// A number in a range, with a default.
    public func double(
        _ key: String, default value: Double,
        in range: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude
    ) throws -> Double {
        if let found = try optionalDouble(key, in: range) { return found }
        record(key, .number(value))
        return value
    }

    /// One of the cases of an enumeration, by its raw value; of some of them where `choices` are given.
    public func choice<Choice>(
        _ key: String, default value: Choice, of choices: [Choice] = Array(Choice.allCases)
    ) throws -> Choice where Choice: RawRepresentable<String> & CaseIterable {
        if let found = try optionalChoice(key, of: choices) { return found }
        record(key, .string(value.rawValue))
        return value
    }

    /// One of the cases of an enumeration, as ``choice(_:default:of:)``, or `nil` without the key.
    public func optionalChoice<Choice>(
        _ key: String, of choices: [Choice] = Array(Choice.allCases)
    ) throws -> Choice? where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = try optionalString(key) else { return nil }
        guard let found = choices.first(where: { $0.rawValue == text }) else {
            let names = choices.map(\.rawValue)
            throw wrong(
                key, wanted: "one of \(names.joined(separator: ", "))",
                remedy: nearestName(to: text, in: names).map { "Did you mean \"\($0)\"?" })
        }
        return found
    }

    /// A list of texts, with a default. A single text counts as a list of one.
    public func strings(_ key: String, default value: [String]) throws -> [String] {
        let result = try elements(key, default: value, wanted: "a list of texts") { node in
            if case .string(let text) = node.value { text } else { nil }
        }
        record(key, .list(result.map { ConfigurationNode(.string($0), at: place(of: key)) }))
        return result
    }

    /// A list of numbers, with a default. A single number counts as a list of one.
    public func doubles(_ key: String, default value: [Double]) throws -> [Double] {
        let result = try elements(key, default: value, wanted: "a list of numbers") { node in
            switch node.value {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        }
        record(key, .list(result.map { ConfigurationNode(.number($0), at: place(of: key)) }))
        return result
    }

    /// A nested table; an absent one is empty. Its resolved form must be recorded by the caller with
    /// ``record(_:_:)`` once it was read.
    public func table(_ key: String) throws -> ConfigurationReader {
        guard let node = node(key) else { return .empty(at: place(of: key)) }
        return try ConfigurationReader(node)
    }

    /// A list of nested tables; a single table counts as a list of one.
    public func tables(_ key: String) throws -> [ConfigurationReader] {
        guard let node = node(key) else { return [] }
        switch node.value {
        case .list(let nodes): return try nodes.map(ConfigurationReader.init)
        case .table: return [try ConfigurationReader(node)]
        default: throw wrong(key, wanted: "a list of tables")
        }
    }

    private func elements<Element>(
        _ key: String, default value: [Element], wanted: String,
        convert: (ConfigurationNode) -> Element?
    ) throws -> [Element] {
        guard let node = node(key) else { return value }
        let nodes = if case .list(let list) = node.value { list } else { [node] }
        return try nodes.map { element in
            guard let converted = convert(element) else {
                throw RefluxError(
                    .usage, found: "found \(element.value.kindName)", at: element.location,
                    wanted: wanted)
            }
            return converted
        }
    }

    private func bounds<Bound>(_ range: ClosedRange<Bound>, unbounded: Bound) -> String {
        range.upperBound == unbounded
            ? "of at least \(range.lowerBound)"
            : "from \(range.lowerBound) to \(range.upperBound)"
    }
}
