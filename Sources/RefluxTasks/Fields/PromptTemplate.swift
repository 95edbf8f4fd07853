import RefluxCore

/// A text with places for the parts of a question: `Question: {question}\nAnswer:`. Two braces stand
/// for one.
struct PromptTemplate: Sendable {
    /// What may be put in.
    enum Place: String, Sendable, CaseIterable {
        case question, options, category, answer, solution
    }

    private enum Piece: Sendable {
        case text(String)
        case place(Place)
    }

    private var pieces: [Piece] = []

    /// Reads a key.
    ///
    /// - Parameters:
    ///   - reader: the task's keys.
    ///   - key: the key.
    ///   - value: its default.
    ///   - allowed: the places that the text may have.
    ///   - required: the place that it must have.
    /// - Throws: `RefluxError` of kind `usage` for an unknown place or a missing one.
    init(
        _ reader: ConfigurationReader, _ key: String, default value: String, allowed: [Place],
        required: Place? = nil
    ) throws {
        let text = try reader.string(key, default: value)
        try parse(text, allowed: allowed, at: reader.place(of: key))
        if let required, !holds(required) {
            throw RefluxError(
                .usage, found: "no {\(required.rawValue)}", at: reader.place(of: key),
                wanted: "a text with {\(required.rawValue)} where it goes")
        }
    }

    /// Whether a place stands in the text.
    func holds(_ place: Place) -> Bool {
        pieces.contains { if case .place(place) = $0 { true } else { false } }
    }

    /// The text with its places filled.
    func filled(_ value: (Place) -> String) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .place(let place): value(place)
            }
        }.joined()
    }

    private mutating func parse(
        _ text: String, allowed: [Place], at location: SourceLocation
    ) throws {
        var plain = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            if character == "{" || character == "}", rest.first == character {
                plain.append(rest.removeFirst())
                continue
            }
            guard character == "{", let name = Self.name(at: rest) else {
                plain.append(character)
                continue
            }
            guard let place = Place(rawValue: name), allowed.contains(place) else {
                throw RefluxError(
                    .usage, found: "the place {\(name)}", at: location,
                    wanted: "some of "
                        + allowed.map { "{\($0.rawValue)}" }.joined(separator: ", "),
                    remedy: "Write two braces for one that is meant as it stands. "
                        + suggestion(for: name, known: allowed.map(\.rawValue)))
            }
            pieces.append(.text(plain))
            pieces.append(.place(place))
            plain = ""
            rest = rest.dropFirst(name.count + 1)
        }
        pieces.append(.text(plain))
    }

    /// A word of small letters up to a closing brace.
    private static func name(at text: Substring) -> String? {
        let word = text.prefix { ("a"..."z").contains($0) }
        return !word.isEmpty && text.dropFirst(word.count).first == "}" ? String(word) : nil
    }
}
