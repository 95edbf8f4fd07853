import RefluxCore

/// The vocabulary of a GGUF file: texts, kinds and scores of the tokens, and the merges.
struct GGUFTokens {
    /// The kinds of token, by the numbers that GGUF gives them.
    enum Kind: Int {
        case normal = 1
        case unknown, control, userDefined, unused, byte
    }

    let metadata: GGUFMetadata
    /// The texts by id.
    let texts: [String]
    /// The kinds by id.
    let kinds: [Kind]

    /// Reads the vocabulary.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the key.
    init(_ metadata: GGUFMetadata) throws {
        self.metadata = metadata
        let texts = try metadata.required(Self.key("tokens"), "a list of texts") {
            if case .texts(let texts) = $0, !texts.isEmpty { texts } else { nil }
        }
        let numbers = try metadata.optional(Self.key("token_type"), "a list of whole numbers") {
            if case .integers(let numbers) = $0 { numbers } else { nil }
        }
        kinds = (numbers ?? texts.map { _ in Kind.normal.rawValue }).map {
            Kind(rawValue: $0) ?? .normal
        }
        self.texts = texts
        guard kinds.count == texts.count else {
            throw metadata.wrong(
                Self.key("token_type"), "\(kinds.count) kinds of token",
                "\(texts.count), one a token")
        }
    }

    /// The full name of a key.
    static func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }

    /// An id from the metadata.
    ///
    /// - Throws: `RefluxError` of kind `input` when there is no such token.
    func id(_ name: String) throws -> Int32? {
        guard let id = try metadata.integer(Self.key(name)) else { return nil }
        guard texts.indices.contains(id), let number = Int32(exactly: id) else {
            throw metadata.wrong(Self.key(name), "\(id)", "an id below \(texts.count)")
        }
        return number
    }

    /// The tokens that are looked for in the text before anything else.
    func addedTokens() -> [TokenizerFile.AddedToken] {
        zip(texts, kinds).enumerated().compactMap { id, token in
            guard [.control, .userDefined, .unknown].contains(token.1), !token.0.isEmpty else {
                return nil
            }
            return TokenizerFile.AddedToken(
                id: Int32(id), content: token.0, special: token.1 != .userDefined)
        }
    }

    /// The tokens of some kinds with their ids; of equal texts the first.
    func vocabulary(_ wanted: Set<Kind>) -> TokenizerVocabulary {
        var seen = Set<ByteKey>(minimumCapacity: texts.count)
        return TokenizerVocabulary(
            texts.indices.compactMap { id in
                guard wanted.contains(kinds[id]), seen.insert(ByteKey(texts[id])).inserted else {
                    return nil
                }
                return (texts[id], Int32(id))
            })
    }

    /// What sets the beginning-of-text token before a text, where the file asks for that.
    func template(begin: Int32?, otherwise isWanted: Bool) throws -> TokenizerFile.Component? {
        guard try metadata.truth(Self.key("add_bos_token")) ?? isWanted, let begin else {
            return nil
        }
        let text = texts[Int(begin)]
        func sequence(_ id: String, _ type: Int) -> [TokenizerFile.TemplatePiece] {
            [
                .init(specialToken: .init(id: text, type: type)),
                .init(sequence: .init(id: id, type: type)),
            ]
        }
        return TokenizerFile.Component(
            type: "TemplateProcessing", single: sequence("A", 0),
            pair: sequence("A", 0) + sequence("B", 1),
            specialTokens: [text: .init(id: text, ids: [begin], tokens: [text])])
    }
}
