import Foundation
import RefluxCore
import RefluxFiles

/// The tokenizer of a model folder: text to ids, chats as the model's template writes them, and the
/// tokens that end a response. Safe to use from any thread.
struct FolderTokenizer: Tokenizer {
    private let base: BytePairTokenizer
    private let chat: Result<ChatTemplate, RefluxError>
    /// The token that training sets behind a finished response.
    private let closing: Int32
    let endTokens: Set<Int32>
    /// The family of the chat template; `nil` without one, or with one that is not known.
    var chatFamily: ChatTemplate.Family? { (try? chat.get())?.family }
    /// What merges tokens, for people.
    var kind: String { base.isByteLevel ? "byte-level BPE" : "BPE with byte fallback" }
    let hasChatTemplate: Bool

    var vocabularySize: Int { base.vocabularySize }

    /// Opens the tokenizer of a folder.
    ///
    /// - Parameters:
    ///   - folder: the model's folder.
    ///   - endTokens: end tokens that the model's other files name.
    /// - Returns: the tokenizer with its template and end tokens.
    /// - Throws: `RefluxError` of kind `input`: a file is missing or damaged, a component is not
    ///   supported, no end token is known.
    static func open(_ folder: String, endTokens: [Int32]) throws -> FolderTokenizer {
        let path = "\(folder)/tokenizer.json"
        guard Files.exists(path) else {
            throw RefluxError(
                .input, found: "no tokenizer.json", at: SourceLocation(path: folder),
                wanted: "a tokenizer of the `tokenizers` library",
                remedy: "Save the tokenizer with transformers' save_pretrained.")
        }
        return try FolderTokenizer(
            try TokenizerFile.read(path), path: path,
            texts: try TokenizerConfig.read(folder: folder), endTokens: endTokens, folder: folder)
    }

    /// Makes the tokenizer of a file.
    ///
    /// - Parameters:
    ///   - file: the tokenizer.
    ///   - path: where it comes from, for errors.
    ///   - texts: special tokens by their texts, and the chat template with the file it is in.
    ///   - endTokens: end tokens that the model's other files name.
    ///   - folder: the model, for errors.
    /// - Throws: as ``open(_:endTokens:)``.
    init(
        _ file: TokenizerFile, path: String, texts: TokenizerConfig.Texts, endTokens: [Int32],
        folder: String
    ) throws {
        let base = try BytePairTokenizer(file, path: path)
        let chat = Self.recogniseChat(texts, folder: folder)
        let end = texts.end.flatMap(base.id(ofAdded:))
        let turnEnd = (try? chat.get()).flatMap { base.id(ofAdded: $0.turnEnd) }
        let all = Set(endTokens + [end, turnEnd].compactMap { $0 })
        guard let closing = turnEnd ?? end ?? endTokens.first else {
            throw RefluxError(
                .input, found: "no end-of-text token", at: SourceLocation(path: folder),
                wanted: "eos_token_id in generation_config.json or config.json",
                remedy: "Add the id of the token that ends a text.")
        }
        if let wrong = all.first(where: { !(0..<base.vocabularySize).contains(Int($0)) }) {
            let isFolder = Files.isFolder(folder)
            throw RefluxError(
                .input, found: "the end token \(wrong)",
                at: SourceLocation(
                    path: isFolder ? "\(folder)/generation_config.json" : folder,
                    key: isFolder ? "eos_token_id" : "tokenizer.ggml.eos_token_id"),
                wanted: "an id below \(base.vocabularySize)",
                remedy: "The file belongs to another tokenizer; copy the right one.")
        }
        self.base = base
        self.chat = chat
        self.closing = closing
        self.endTokens = all
        hasChatTemplate = texts.template != nil
    }

    func encode(_ text: String, parseSpecial: Bool) -> [Int32] {
        base.encode(text, parseSpecial: parseSpecial)
    }

    func decode(_ ids: [Int32], skipSpecial: Bool) -> String {
        base.decode(ids, skipSpecial: skipSpecial)
    }

    /// A plain text gets what the tokenizer's post-processor sets before texts; special tokens
    /// written in it, or in a message, are not recognised: a question cannot end its own turn.
    func encode(_ prompt: Prompt.Content) throws -> [Int32] {
        switch prompt {
        case .text(let text): return base.beginning + base.encode(text, parseSpecial: false)
        case .chat(let messages):
            let rendered = try chat.get().render(messages)
            return base.encode(rendered.text) { range in
                !rendered.contents.contains { $0.overlaps(range) }
            }
        }
    }

    func encodeResponse(_ text: String, finished: Bool) -> [Int32] {
        base.encode(text, parseSpecial: false) + (finished ? [closing] : [])
    }

    private static func recogniseChat(
        _ texts: TokenizerConfig.Texts, folder: String
    ) -> Result<ChatTemplate, RefluxError> {
        guard let template = texts.template else {
            return .failure(
                RefluxError(
                    .input, found: "the model has no chat template",
                    at: SourceLocation(path: folder), wanted: "a plain text prompt",
                    remedy: "Ask with plain text prompts, or choose an instruction-tuned model."))
        }
        do {
            return .success(
                try ChatTemplate.recognise(
                    template.text, begin: texts.begin, end: texts.end, path: template.path))
        } catch let error as RefluxError {
            return .failure(error)
        } catch {
            return .failure(RefluxError(.internalFault, found: "\(error)"))
        }
    }
}
