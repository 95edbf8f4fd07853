import Foundation
import RefluxCore

/// Learns a byte-level BPE vocabulary from texts, with the merges, ids and tie-breaking of the
/// `tokenizers` library's `BpeTrainer`: the most frequent pair first, of equally frequent ones the
/// one with the smallest ids.
///
/// Ids: special tokens, the 256 bytes in the order of their characters, then one for each merge.
struct BytePairTrainer {
    /// A learnt vocabulary.
    struct Vocabulary: Sendable, Equatable {
        /// Special tokens, bytes and merges; a token's index is its id.
        var tokens: [String]
        /// The merges in the order in which they were learnt, as texts.
        var merges: [[String]]
    }

    private struct Word {
        var symbols: [Int32]
        let count: Int
    }

    private var tokens: [String]
    private var idOfToken: [ByteKey: Int32] = [:]
    private var words: [Word] = []
    /// How often each pair of neighbours occurs in the corpus.
    private var counts: [TokenPair: Int] = [:]
    private var queue = SmallestFirst<MergeCandidate>()

    /// Learns a vocabulary.
    ///
    /// - Parameters:
    ///   - corpus: the texts.
    ///   - size: the number of tokens wanted. Fewer result when no pair is left to merge.
    ///   - specialTokens: tokens that are never made by merging; they take the first ids.
    ///   - preTokenizer: splits the texts; no token crosses a split.
    /// - Returns: the tokens and merges; equal corpora give equal ones, in whatever order.
    /// - Throws: `RefluxError` of kind `usage` when `size` does not even hold the bytes.
    static func train(
        _ corpus: [String], size: Int, specialTokens: [String], preTokenizer: PreTokenizer
    ) throws -> Vocabulary {
        let least = specialTokens.count + 256
        guard (least...1 << 20).contains(size) else {
            throw RefluxError(
                .usage, found: "a vocabulary of \(size) tokens", wanted: "\(least) to \(1 << 20)",
                remedy: "The bytes alone take 256.")
        }
        var trainer = BytePairTrainer(specialTokens: specialTokens)
        trainer.addWords(corpus, preTokenizer)
        trainer.countPairs()
        let merges = trainer.learn(size: size)
        return Vocabulary(tokens: trainer.tokens, merges: merges)
    }

    private init(specialTokens: [String]) {
        tokens = specialTokens + ByteAlphabet.characters.sorted().map { String($0) }
        for (id, token) in tokens.enumerated() { idOfToken[ByteKey(token)] = Int32(id) }
    }

    private mutating func addWords(_ corpus: [String], _ preTokenizer: PreTokenizer) {
        var known: [ByteKey: Int] = [:]
        for text in corpus {
            for piece in preTokenizer.pieces(of: Array(text.utf8)[...]) {
                known[ByteKey(piece), default: 0] += 1
            }
        }
        let idOfByte = ByteAlphabet.characters.map { idOfToken[ByteKey(String($0))] ?? 0 }
        words = known.map { piece, count in
            Word(symbols: piece.bytes.map { idOfByte[Int($0)] }, count: count)
        }
    }

    private mutating func countPairs() {
        var places: [TokenPair: Set<Int>] = [:]
        for (index, word) in words.enumerated() {
            for (left, right) in zip(word.symbols, word.symbols.dropFirst()) {
                let pair = TokenPair(left: left, right: right)
                counts[pair, default: 0] += word.count
                places[pair, default: []].insert(index)
            }
        }
        offer(places)
    }

    private mutating func offer(_ places: [TokenPair: Set<Int>]) {
        for (pair, indices) in places {
            guard let count = counts[pair], count > 0 else { continue }
            queue.push(MergeCandidate(pair: pair, count: count, places: indices))
        }
    }

    private mutating func learn(size: Int) -> [[String]] {
        var learnt: [TokenPair] = []
        while tokens.count < size, var best = queue.pop() {
            let count = counts[best.pair] ?? 0
            guard best.count == count else {
                // Counts fall while a candidate waits; it queues again with what is left.
                best.count = count
                queue.push(best)
                continue
            }
            guard count > 0 else { break }
            // A token that two pairs can make keeps its first id.
            learnt.removeAll { $0 == best.pair }
            learnt.append(best.pair)
            merge(best)
        }
        return learnt.map { [tokens[Int($0.left)], tokens[Int($0.right)]] }
    }

    private mutating func merge(_ candidate: MergeCandidate) {
        let pair = candidate.pair
        let text = tokens[Int(pair.left)] + tokens[Int(pair.right)]
        let id = idOfToken[ByteKey(text)] ?? Int32(tokens.count)
        if id == tokens.count {
            tokens.append(text)
            idOfToken[ByteKey(text)] = id
        }
        var places: [TokenPair: Set<Int>] = [:]
        for index in candidate.places {
            for (changed, change) in words[index].symbols.merge(pair, into: id) {
                counts[changed, default: 0] += change * words[index].count
                if change > 0 { places[changed, default: []].insert(index) }
            }
        }
        offer(places)
    }
}

/// Two neighbouring tokens.
private struct TokenPair: Hashable {
    let left: Int32
    let right: Int32
}

/// A pair that may be merged next.
private struct MergeCandidate: Comparable {
    let pair: TokenPair
    var count: Int
    /// The words in which it occurs.
    let places: Set<Int>

    static func < (a: MergeCandidate, b: MergeCandidate) -> Bool {
        (b.count, a.pair.left, a.pair.right) < (a.count, b.pair.left, b.pair.right)
    }
}

extension [Int32] {
    /// Replaces a pair by a token everywhere, from the left.
    ///
    /// - Returns: how the number of each neighbouring pair changes.
    fileprivate mutating func merge(
        _ pair: TokenPair, into token: Int32
    ) -> [(TokenPair, Int)] {
        var changes: [(TokenPair, Int)] = []
        var result: [Int32] = []
        var index = 0
        while index < count {
            guard index + 1 < count, self[index] == pair.left, self[index + 1] == pair.right else {
                result.append(self[index])
                index += 1
                continue
            }
            if let before = result.last {
                changes.append((TokenPair(left: before, right: pair.left), -1))
                changes.append((TokenPair(left: before, right: token), 1))
            }
            index += 2
            if index < count {
                changes.append((TokenPair(left: pair.right, right: self[index]), -1))
                changes.append((TokenPair(left: token, right: self[index]), 1))
            }
            result.append(token)
        }
        self = result
        return changes
    }
}
