import Foundation
import RefluxCore

/// A BPE tokenizer, of bytes or of characters with bytes to fall back to, as a `tokenizer.json` defines it: the same ids as `tokenizers`.
///
/// Text goes through: added tokens that are looked for in the raw text, the normalizer, added
/// tokens of the normalised text, the pre-tokenizer, merging. Nothing is added at the ends; what a
/// post-processor would set before a text is in ``beginning``.
final class BytePairTokenizer: Sendable {
    private let encoder: BytePairEncoder
    private let preTokenizer: PreTokenizer
    private let normalizer: Normalizer
    private let rawTokens: AddedTokens
    private let normalizedTokens: AddedTokens
    private let cache = PieceCache()
    /// Joins tokens that are texts; `nil` where they are bytes.
    private let decoder: TokenDecoder?
    /// The bytes of each id; empty for ids that do not exist.
    private let bytes: [[UInt8]]
    private let special: Set<Int32>
    private let added: [String: Int32]
    /// What the post-processor sets before a text: a beginning-of-text token, if any.
    let beginning: [Int32]

    /// Whether pieces are merged from bytes, not from characters.
    var isByteLevel: Bool { decoder == nil }
    /// The number of ids: the largest one and 1.
    var vocabularySize: Int { bytes.count }

    /// Makes the tokenizer of a file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the component which is not supported.
    init(_ file: TokenizerFile, path: String) throws {
        normalizer = try Normalizer(file.normalizer, path: path)
        preTokenizer = try PreTokenizer(file.preTokenizer, path: path)
        let isByteLevel = preTokenizer.isByteLevel
        encoder = try BytePairEncoder(
            file.model, isByteLevel ? .bytes : .characters, path: path)
        if isByteLevel { try Self.checkByteDecoder(file.decoder, path: path) }
        decoder = isByteLevel ? nil : try TokenDecoder(file.decoder, path: path)
        rawTokens = AddedTokens(file.addedTokens.filter { !$0.normalized })
        normalizedTokens = AddedTokens(
            file.addedTokens.filter(\.normalized).map { [normalizer] token in
                var token = token
                token.content = normalizer.normalize(token.content)
                return token
            })
        bytes = try Self.byteTable(file, normalizer, isByteLevel: isByteLevel, path: path)
        special = Set(file.addedTokens.filter(\.special).map(\.id))
        added = Dictionary(
            file.addedTokens.map { ($0.content, $0.id) }, uniquingKeysWith: { first, _ in first })
        beginning = try TextTemplate(file.postProcessor, path: path).ids(added)
    }

    /// The id of an added token.
    func id(ofAdded content: String) -> Int32? { added[content] }

    /// The ids of a text; special tokens written in it are recognised only if `parseSpecial`.
    func encode(_ text: String, parseSpecial: Bool) -> [Int32] {
        encode(text, allowsSpecial: { _ in parseSpecial })
    }

    /// The ids of a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - allowsSpecial: whether a special token may stand in a range of the text's UTF-8.
    /// - Returns: the ids, without anything at the ends.
    func encode(_ text: String, allowsSpecial: (Range<Int>) -> Bool) -> [Int32] {
        let bytes = Array(text.utf8)
        var ids: [Int32] = []
        for part in rawTokens.split(bytes[...], allowsSpecial: allowsSpecial) {
            switch part {
            case .token(let id): ids.append(id)
            case .text(let range):
                encodeNormalized(normalizer.normalize(bytes[range]), range, allowsSpecial, &ids)
            }
        }
        return ids
    }

    private func encodeNormalized(
        _ text: ArraySlice<UInt8>, _ origin: Range<Int>, _ allowsSpecial: (Range<Int>) -> Bool,
        _ ids: inout [Int32]
    ) {
        // Normalising moves bytes, so the question is asked of the whole part.
        for part in normalizedTokens.split(text, allowsSpecial: { _ in allowsSpecial(origin) }) {
            switch part {
            case .token(let id): ids.append(id)
            case .text(let range):
                let isStart = origin.lowerBound == 0 && range.lowerBound == text.startIndex
                for piece in preTokenizer.pieces(of: text[range], isStart: isStart) {
                    ids += cache.tokens(of: piece, encoder.encode)
                }
            }
        }
    }

    /// The text of ids; ids that do not exist are left out.
    func decode(_ ids: [Int32], skipSpecial: Bool) -> String {
        let tokens = ids.filter {
            bytes.indices.contains(Int($0)) && !(skipSpecial && special.contains($0))
        }.map { bytes[Int($0)] }
        return decoder?.decode(tokens) ?? String(decoding: tokens.joined(), as: UTF8.self)
    }

    private static func byteTable(
        _ file: TokenizerFile, _ normalizer: Normalizer, isByteLevel: Bool, path: String
    ) throws -> [[UInt8]] {
        let ids = file.model.vocab.entries.map(\.id) + file.addedTokens.map(\.id)
        // No published vocabulary has more than a few hundred thousand ids.
        guard let largest = ids.max(), let smallest = ids.min(), smallest >= 0, largest < 1 << 24
        else {
            throw RefluxError(
                .input, found: ids.isEmpty ? "an empty vocabulary" : "ids out of bounds",
                at: SourceLocation(path: path, key: "model.vocab"),
                wanted: "ids from 0 to 16777215", remedy: "Download the file again.")
        }
        var table = [[UInt8]](repeating: [], count: Int(largest) + 1)
        for (token, id) in file.model.vocab.entries {
            table[Int(id)] = (isByteLevel ? ByteAlphabet.decode(token) : nil) ?? Array(token.utf8)
        }
        for token in file.addedTokens {
            let text = token.normalized ? normalizer.normalize(token.content) : token.content
            table[Int(token.id)] = Array(text.utf8)
        }
        return table
    }

    private static func checkByteDecoder(
        _ decoder: TokenizerFile.Component?, path: String
    ) throws {
        let parts = TokenDecoder.parts(decoder)
        guard parts.count == 1, parts.first?.type == "ByteLevel" else {
            throw RefluxError(
                .input,
                found: parts.isEmpty
                    ? "no decoder" : "the decoder \(parts.map(\.type).joined(separator: ", "))",
                at: SourceLocation(path: path, key: "decoder"), wanted: "ByteLevel",
                remedy: "Choose a model with a byte-level BPE tokenizer.")
        }
    }
}
