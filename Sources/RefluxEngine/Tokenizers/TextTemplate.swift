import RefluxCore

/// What a post-processor sets before a text; what it sets behind is left out, for a response is to
/// follow.
struct TextTemplate {
    private let path: String
    private var names: [String] = []

    /// Reads the post-processor of a file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names one which is not supported.
    init(_ component: TokenizerFile.Component?, path: String) throws {
        self.path = path
        let isSequence = component?.type == "Sequence"
        for part in isSequence ? component?.processors ?? [] : component.map({ [$0] }) ?? [] {
            switch part.type {
            case "ByteLevel": break  // It corrects offsets only.
            case "TemplateProcessing":
                names += (part.single ?? []).prefix { $0.sequence == nil }
                    .compactMap { $0.specialToken?.id }
            default:
                throw RefluxError(
                    .input, found: "the post-processor \"\(part.type)\"",
                    at: SourceLocation(path: path, key: "post_processor"),
                    wanted: "ByteLevel or TemplateProcessing",
                    remedy: "Choose a model with a byte-level BPE tokenizer.")
            }
        }
    }

    /// The ids of the tokens it names.
    ///
    /// - Throws: `RefluxError` of kind `input` when one is not an added token.
    func ids(_ added: [String: Int32]) throws -> [Int32] {
        try names.map { name in
            guard let id = added[name] else {
                throw RefluxError(
                    .input, found: "the template's token \"\(name)\" is not an added token",
                    at: SourceLocation(path: path, key: "post_processor"),
                    remedy: "Download the file again.")
            }
            return id
        }
    }
}
