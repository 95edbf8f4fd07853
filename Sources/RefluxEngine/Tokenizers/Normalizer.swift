import Foundation
import RefluxCore

/// What happens to text before it is split: Unicode's canonical composition, texts that are replaced
/// or set before (SentencePiece writes spaces as U+2581), or nothing.
struct Normalizer: Sendable {
    private enum Step: Sendable {
        case composed
        case prepend([UInt8])
        case replace([UInt8], with: [UInt8])
    }

    private var steps: [Step] = []

    /// Reads the normalizer of a file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names a normalizer which is not supported.
    init(_ component: TokenizerFile.Component?, path: String) throws {
        let place = SourceLocation(path: path, key: "normalizer")
        let isSequence = component?.type == "Sequence"
        for part in isSequence ? component?.normalizers ?? [] : component.map({ [$0] }) ?? [] {
            switch part.type {
            case "NFC": steps.append(.composed)
            case "Prepend": steps.append(.prepend(Array((part.prepend ?? "").utf8)))
            case "Replace":
                let (old, new) = try part.replacementOfText(at: place)
                steps.append(.replace(old, with: new))
            default:
                throw RefluxError(
                    .input, found: "the normalizer \"\(part.type)\"", at: place,
                    wanted: "none, NFC, Prepend or Replace",
                    remedy: "Choose a model with a byte-level BPE tokenizer.")
            }
        }
    }

    /// The normalised text.
    func normalize(_ text: String) -> String {
        String(decoding: normalize(Array(text.utf8)[...]), as: UTF8.self)
    }

    /// The normalised text as UTF-8.
    func normalize(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        steps.reduce(text) { text, step in
            switch step {
            case .composed:
                guard text.contains(where: { $0 >= 0x80 }) else { return text }
                let composed = String(decoding: text, as: UTF8.self)
                    .precomposedStringWithCanonicalMapping
                return Array(composed.utf8)[...]
            case .prepend(let start): return text.isEmpty ? text : (start + text)[...]
            case .replace(let old, let new): return text.replacing(old, with: new)[...]
            }
        }
    }
}

extension TokenizerFile.Component {
    /// The texts of a `Replace`, old and new, as UTF-8.
    ///
    /// - Throws: `RefluxError` of kind `input` when it replaces matches of a regular expression.
    func replacementOfText(at place: SourceLocation) throws -> (old: [UInt8], new: [UInt8]) {
        guard let old = pattern?.string, !old.isEmpty, let content else {
            throw RefluxError(
                .input, found: "a Replace without a text", at: place,
                wanted: "a String that is replaced, and its content",
                remedy: "Choose a model with a byte-level BPE tokenizer.")
        }
        return (Array(old.utf8), Array(content.utf8))
    }
}

extension Collection<UInt8> {
    /// The bytes with each occurrence of others replaced, from the left.
    func replacing(_ old: [UInt8], with new: [UInt8]) -> [UInt8] {
        guard let first = old.first, contains(first) else { return Array(self) }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var rest = self[...]
        while let byte = rest.first {
            if byte == first, rest.starts(with: old) {
                result += new
                rest = rest.dropFirst(old.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
