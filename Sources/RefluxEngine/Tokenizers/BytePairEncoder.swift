import Foundation
import RefluxCore

/// Bytes as a key: compared byte by byte, unlike `String`, for which texts that look alike are
/// equal.
struct ByteKey: Hashable, Sendable {
    let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
    init(_ text: String) { bytes = Array(text.utf8)[...] }

    static func == (a: ByteKey, b: ByteKey) -> Bool { a.bytes == b.bytes }

    func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

/// Byte-pair encoding: neighbours are merged, the pair that was learnt first (of equal ones the
/// leftmost) before the others (Sennrich et al., arXiv 1508.07909).
struct BytePairEncoder: Sendable {
    private struct Merge: Sendable {
        let rank: UInt32
        let result: Int32
    }

    /// What a piece is before anything is merged.
    enum Symbols: Sendable {
        /// Bytes in GPT-2's alphabet.
        case bytes
        /// Characters; those that are no tokens fall back to bytes, written `<0x00>` to `<0xFF>`.
        case characters
    }

    private let symbols: Symbols
    /// The token of each byte, or -1.
    private var tokenOfByte = [Int32](repeating: -1, count: 256)
    /// The tokens of characters.
    private var tokenOfCharacter: [UInt32: Int32] = [:]
    private var merges: [UInt64: Merge] = [:]
    /// Whole pieces that are tokens, where the file says that they need no merging.
    private var whole: [ByteKey: Int32] = [:]

    /// Reads the tables of a file.
    ///
    /// - Throws: `RefluxError` of kind `input`: options that this BPE does not have, bytes without
    ///   a token, merges of tokens that are not in the vocabulary.
    init(_ model: TokenizerFile.Model, _ symbols: Symbols, path: String) throws {
        try Self.refuseVariants(model, symbols, path: path)
        self.symbols = symbols
        var ids: [ByteKey: Int32] = [:]
        ids.reserveCapacity(model.vocab.entries.count)
        for (token, id) in model.vocab.entries { ids[ByteKey(token)] = id }
        switch symbols {
        case .bytes:
            for (byte, character) in ByteAlphabet.characters.enumerated() {
                tokenOfByte[byte] = ids[ByteKey(String(character))] ?? -1
            }
        case .characters: try addCharacters(model.vocab, ids, path: path)
        }
        try addMerges(model.merges.pairs, ids, path: path)
        if model.ignoreMerges ?? false {
            for (token, id) in model.vocab.entries {
                let bytes = symbols == .bytes ? ByteAlphabet.decode(token) : Array(token.utf8)
                if let bytes { whole[ByteKey(bytes[...])] = id }
            }
        }
    }

    private mutating func addCharacters(
        _ vocabulary: TokenizerVocabulary, _ ids: [ByteKey: Int32], path: String
    ) throws {
        for (token, id) in vocabulary.entries {
            let characters = token.unicodeScalars
            if let first = characters.first, characters.count == 1 {
                tokenOfCharacter[first.value] = id
            }
        }
        for byte in 0..<256 {
            let name = ByteToken.name(UInt8(byte))
            guard let id = ids[ByteKey(name)] else {
                throw RefluxError(
                    .input, found: "no token \"\(name)\"",
                    at: SourceLocation(path: path, key: "model.vocab"),
                    wanted: "a token for each byte, since byte_fallback is on",
                    remedy: "The file is damaged; download it again.")
            }
            tokenOfByte[byte] = id
        }
    }

    private mutating func addMerges(
        _ pairs: [(String, String)], _ ids: [ByteKey: Int32], path: String
    ) throws {
        merges.reserveCapacity(pairs.count)
        for (rank, pair) in pairs.enumerated() {
            guard let left = ids[ByteKey(pair.0)], let right = ids[ByteKey(pair.1)],
                let result = ids[ByteKey(pair.0 + pair.1)]
            else {
                throw RefluxError(
                    .input, found: "merge \(rank) (\"\(pair.0)\" and \"\(pair.1)\")",
                    at: SourceLocation(path: path, key: "model.merges"),
                    wanted: "tokens that are in the vocabulary, like their join",
                    remedy: "The file is damaged; download it again.")
            }
            merges[Self.key(left, right)] = Merge(rank: UInt32(rank), result: result)
        }
    }

    /// The tokens of a piece. Bytes without a token are dropped, as `tokenizers` does.
    ///
    /// - Complexity: O(n log n) for n bytes.
    func encode(_ piece: ArraySlice<UInt8>) -> [Int32] {
        if !whole.isEmpty, let id = whole[ByteKey(piece)] { return [id] }
        let symbols = symbols(of: piece)
        guard symbols.count > 1 else { return symbols }
        var word = MergingWord(symbols)
        for position in 0..<symbols.count - 1 { offer(position, &word) }
        while let candidate = word.queue.pop() {
            let (rank, position) = (UInt32(candidate >> 32), Int(candidate & 0xFFFF_FFFF))
            guard let merge = merge(at: position, word), merge.rank == rank else { continue }
            word.join(position, to: merge.result)
            offer(position, &word)
            if let before = word.before(position) { offer(before, &word) }
        }
        return word.remaining
    }

    private func symbols(of piece: ArraySlice<UInt8>) -> [Int32] {
        guard symbols == .characters else {
            return piece.map { tokenOfByte[Int($0)] }.filter { $0 >= 0 }
        }
        return String(decoding: piece, as: UTF8.self).unicodeScalars.flatMap { character in
            tokenOfCharacter[character.value].map { [$0] }
                ?? UTF8.encode(character).map { $0.map { tokenOfByte[Int($0)] } } ?? []
        }
    }

    private func merge(at position: Int, _ word: MergingWord) -> Merge? {
        guard let pair = word.pair(at: position) else { return nil }
        return merges[Self.key(pair.0, pair.1)]
    }

    private func offer(_ position: Int, _ word: inout MergingWord) {
        guard let merge = merge(at: position, word) else { return }
        word.queue.push(UInt64(merge.rank) << 32 | UInt64(position))
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    private static func refuseVariants(
        _ model: TokenizerFile.Model, _ symbols: Symbols, path: String
    ) throws {
        func refuse(_ key: String, _ found: String, _ wanted: String) -> RefluxError {
            RefluxError(
                .input, found: found, at: SourceLocation(path: path, key: "model.\(key)"),
                wanted: wanted, remedy: "Choose a model with a byte-level BPE tokenizer.")
        }
        let fallsBack = model.byteFallback ?? false
        if symbols == .bytes, fallsBack {
            throw refuse("byte_fallback", "byte fallback after ByteLevel", "one of the two")
        }
        if symbols == .characters, !fallsBack {
            throw refuse(
                "byte_fallback", "BPE on characters without byte fallback",
                "the pre-tokenizer ByteLevel, or byte_fallback")
        }
        guard (model.dropout ?? 0) == 0 else { throw refuse("dropout", "a dropout", "none") }
        guard (model.continuingSubwordPrefix ?? "").isEmpty else {
            throw refuse("continuing_subword_prefix", "a prefix", "none")
        }
        guard (model.endOfWordSuffix ?? "").isEmpty else {
            throw refuse("end_of_word_suffix", "a suffix", "none")
        }
    }
}

/// The tokens of a piece while they are merged: a doubly linked list in arrays.
private struct MergingWord {
    private var symbols: [Int32]
    private var next: [Int]
    private var previous: [Int]
    /// Candidates as rank and position, the smallest first.
    var queue = SmallestFirst<UInt64>()

    init(_ symbols: [Int32]) {
        self.symbols = symbols
        next = Array(1...symbols.count)
        previous = Array(-1..<symbols.count - 1)
    }

    /// The tokens at a position and after it; `nil` when it was merged away or is the last.
    func pair(at position: Int) -> (Int32, Int32)? {
        guard symbols[position] >= 0, next[position] < symbols.count else { return nil }
        return (symbols[position], symbols[next[position]])
    }

    func before(_ position: Int) -> Int? { previous[position] >= 0 ? previous[position] : nil }

    /// Joins a position with the one after it.
    mutating func join(_ position: Int, to token: Int32) {
        let gone = next[position]
        symbols[position] = token
        symbols[gone] = -1
        next[position] = next[gone]
        if next[gone] < symbols.count { previous[next[gone]] = position }
    }

    var remaining: [Int32] { symbols.filter { $0 >= 0 } }
}
