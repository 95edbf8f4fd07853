/// Finds the added tokens of a tokenizer in text: the leftmost first, of those the longest.
struct AddedTokens: Sendable {
    /// A part of a text.
    enum Part: Equatable, Sendable {
        /// Text between added tokens.
        case text(Range<Int>)
        /// An added token.
        case token(Int32)
    }

    private struct Candidate: Sendable {
        let bytes: [UInt8]
        let token: TokenizerFile.AddedToken
    }

    /// The candidates by their first byte, the longest first. `[256]`
    private var candidates = [[Candidate]](repeating: [], count: 256)
    private var isEmpty = true

    /// Makes a finder; texts are compared byte by byte.
    init(_ tokens: [TokenizerFile.AddedToken]) {
        for token in tokens {
            let bytes = Array(token.content.utf8)
            guard let first = bytes.first else { continue }
            candidates[Int(first)].append(Candidate(bytes: bytes, token: token))
            isEmpty = false
        }
        for index in candidates.indices {
            candidates[index].sort { $0.bytes.count > $1.bytes.count }
        }
    }

    /// Cuts text at its added tokens.
    ///
    /// - Parameters:
    ///   - text: UTF-8.
    ///   - allowsSpecial: whether a special token may stand in a range of the text.
    /// - Returns: the parts in order; none is empty.
    func split(_ text: ArraySlice<UInt8>, allowsSpecial: (Range<Int>) -> Bool) -> [Part] {
        guard !isEmpty else { return text.isEmpty ? [] : [.text(text.indices)] }
        var parts: [Part] = []
        var done = text.startIndex
        var position = text.startIndex
        while position < text.endIndex {
            guard let found = longest(in: text, at: position) else {
                position += 1
                continue
            }
            let match = position..<position + found.bytes.count
            position = match.upperBound
            guard !found.token.special || allowsSpecial(match),
                let range = extent(of: found.token, match, in: text, from: done)
            else { continue }
            if done < range.lowerBound { parts.append(.text(done..<range.lowerBound)) }
            parts.append(.token(found.token.id))
            done = range.upperBound
            position = max(position, done)
        }
        if done < text.endIndex { parts.append(.text(done..<text.endIndex)) }
        return parts
    }

    private func longest(in text: ArraySlice<UInt8>, at position: Int) -> Candidate? {
        let known = candidates[Int(text[position])]
        return known.isEmpty ? nil : known.first { text[position...].starts(with: $0.bytes) }
    }

    /// The range a token takes, spaces it strips included; `nil` when it must be a word of its own
    /// and is not.
    private func extent(
        of token: TokenizerFile.AddedToken, _ match: Range<Int>, in text: ArraySlice<UInt8>,
        from start: Int
    ) -> Range<Int>? {
        var (lower, upper) = (match.lowerBound, match.upperBound)
        guard token.singleWord || token.lstrip || token.rstrip else { return match }
        let before = String(decoding: text[start..<lower], as: UTF8.self).unicodeScalars
        let after = String(decoding: text[upper...], as: UTF8.self).unicodeScalars
        if token.singleWord {
            let touches = [before.last, after.first].contains { $0.map(isWord) ?? false }
            guard !touches else { return nil }
        }
        if token.lstrip {
            for scalar in before.reversed() {
                guard scalar.properties.isWhitespace else { break }
                lower -= UTF8.width(scalar)
            }
        }
        if token.rstrip {
            for scalar in after {
                guard scalar.properties.isWhitespace else { break }
                upper += UTF8.width(scalar)
            }
        }
        return lower..<upper
    }

    private func isWord(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .decimalNumber, .connectorPunctuation, .nonspacingMark, .spacingMark, .enclosingMark:
            return true
        default: return properties.isAlphabetic || properties.isJoinControl
        }
    }
}
