import RefluxCore

/// SentencePiece's BPE: tokens of characters with scores, and no merges.
extension GGUFTokens {
    /// The tokenizer of a vocabulary of characters.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the key.
    func characterFile(begin: Int32?) throws -> TokenizerFile {
        let space = "\u{2581}"
        let hasPrefix = try metadata.truth(Self.key("add_space_prefix")) ?? true
        let ids = vocabulary([.normal, .unknown, .control, .userDefined, .byte])
        typealias Component = TokenizerFile.Component
        let toSpace = Component(type: "Replace", pattern: .init(string: " "), content: space)
        let prefix = Component(type: "Prepend", prepend: space)
        let fromSpace = Component(type: "Replace", pattern: .init(string: space), content: " ")
        let strip = Component(type: "Strip", content: " ", start: 1, stop: 0)
        let join = [fromSpace, Component(type: "ByteFallback"), Component(type: "Fuse")]
        let unknown = try id("unknown_token_id").map { texts[Int($0)] }
        return TokenizerFile(
            addedTokens: addedTokens(),
            normalizer: Component(
                type: "Sequence", normalizers: hasPrefix ? [prefix, toSpace] : [toSpace]),
            postProcessor: try template(begin: begin, otherwise: true),
            decoder: Component(type: "Sequence", decoders: hasPrefix ? join + [strip] : join),
            model: TokenizerFile.Model(
                type: "BPE", vocab: ids, merges: TokenizerFile.Merges(try merges()),
                unkToken: unknown, fuseUnknown: true, byteFallback: true, ignoreMerges: false))
    }

    private struct Merge {
        let left: String
        let right: String
        let score: Float
        let leftID: Int32
        let rightID: Int32
    }

    /// The merges that give the same tokens as the scores: every way in which a token is the join of
    /// two others, the token of the highest score first.
    private func merges() throws -> [(String, String)] {
        let key = Self.key("scores")
        let scores = try metadata.required(key, "a list of numbers") {
            if case .numbers(let scores) = $0 { scores } else { nil }
        }
        guard scores.count == texts.count else {
            throw metadata.wrong(key, "\(scores.count) scores", "\(texts.count), one a token")
        }
        var ids: [ByteKey: Int32] = [:]
        for (id, text) in texts.enumerated() where kinds[id] == .normal {
            ids[ByteKey(text)] = Int32(id)
        }
        var merges: [Merge] = []
        for (id, text) in texts.enumerated() where kinds[id] == .normal {
            merges += Self.splits(text, score: scores[id], ids)
        }
        // The order of `tokenizers` conversions: score, then the lengths of the parts, descending.
        let order = merges.indices.sorted { a, b in
            let (x, y) = (merges[a], merges[b])
            if x.score != y.score { return x.score > y.score }
            let (left, other) = (x.left.unicodeScalars.count, y.left.unicodeScalars.count)
            if left != other { return left > other }
            let (right, another) = (x.right.unicodeScalars.count, y.right.unicodeScalars.count)
            return right != another ? right > another : a < b
        }
        return order.map { (merges[$0].left, merges[$0].right) }
    }

    private static func splits(
        _ text: String, score: Float, _ ids: [ByteKey: Int32]
    ) -> [Merge] {
        let characters = text.unicodeScalars
        guard characters.count > 1 else { return [] }
        return characters.indices.dropFirst().compactMap { index in
            let left = String(characters[..<index])
            let right = String(characters[index...])
            guard let first = ids[ByteKey(left)], let second = ids[ByteKey(right)] else {
                return nil
            }
            return Merge(left: left, right: right, score: score, leftID: first, rightID: second)
        }.sorted { ($0.leftID, $0.rightID) < ($1.leftID, $1.rightID) }
    }
}
