import Foundation
import RefluxCore

/// What happens to text before it is split: nothing, or Unicode's canonical composition.
enum Normalizer: Sendable {
    case none
    case composed

    /// Reads the normalizer of a file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names a normalizer which is not supported.
    init(_ component: TokenizerFile.Component?, path: String) throws {
        self = .none
        let isSequence = component?.type == "Sequence"
        for part in isSequence ? component?.normalizers ?? [] : component.map({ [$0] }) ?? [] {
            guard part.type == "NFC" else {
                throw RefluxError(
                    .input, found: "the normalizer \"\(part.type)\"",
                    at: SourceLocation(path: path, key: "normalizer"), wanted: "none or NFC",
                    remedy: "Choose a model with a byte-level BPE tokenizer.")
            }
            self = .composed
        }
    }

    /// The normalised text.
    func normalize(_ text: String) -> String {
        self == .none ? text : text.precomposedStringWithCanonicalMapping
    }

    /// The normalised text as UTF-8.
    func normalize(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard self == .composed, text.contains(where: { $0 >= 0x80 }) else { return text }
        return Array(normalize(String(decoding: text, as: UTF8.self)).utf8)[...]
    }
}
