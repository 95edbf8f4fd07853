import Foundation
import RefluxCore

/// Splits text into the pieces within which tokens are merged.
struct PreTokenizer: Sendable {
    /// What becomes of the places that a pattern matches.
    enum Behavior: String, Sendable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    private enum Step: Sendable {
        case split(CompiledPattern, Behavior, invert: Bool)
        case prefixSpace
        case metaspace(Metaspace)
    }

    private var steps: [Step] = []
    /// Whether pieces are merged as bytes in GPT-2's alphabet, not as characters.
    private(set) var isByteLevel = false

    /// GPT-2's pattern, which `ByteLevel` uses unless told otherwise.
    static let gpt2Pattern =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    /// GPT-2's own: `ByteLevel` with its pattern and without a prefix space.
    static func gpt2() throws -> PreTokenizer {
        let place = SourceLocation(path: "GPT-2")
        var result = PreTokenizer()
        let pattern = try CompiledPattern(gpt2Pattern, at: place)
        result.steps = [.split(pattern, .isolated, invert: false)]
        result.isByteLevel = true
        return result
    }

    private init() {}

    /// Makes the splitter that a file describes.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the component which is not supported.
    init(_ component: TokenizerFile.Component?, path: String) throws {
        let place = SourceLocation(path: path, key: "pre_tokenizer")
        for part in try Self.flatten(component, at: place) {
            guard !isByteLevel else {
                throw RefluxError(
                    .input, found: "a \(part.type) after ByteLevel", at: place,
                    wanted: "ByteLevel as the last one")
            }
            switch part.type {
            case "Split": steps.append(try Self.split(part, at: place))
            case "Digits":
                let pattern = part.individualDigits ?? false ? #"\p{N}"# : #"\p{N}+"#
                let compiled = try CompiledPattern(pattern, at: place)
                steps.append(.split(compiled, .isolated, invert: false))
            case "Metaspace": steps.append(.metaspace(try Metaspace(part, at: place)))
            case "ByteLevel":
                isByteLevel = true
                if part.addPrefixSpace ?? true { steps.append(.prefixSpace) }
                if part.useRegex ?? true {
                    let pattern = try CompiledPattern(Self.gpt2Pattern, at: place)
                    steps.append(.split(pattern, .isolated, invert: false))
                }
            default: throw Self.unsupported(part.type, at: place)
            }
        }
    }

    /// The pieces of UTF-8 text.
    ///
    /// - Parameters:
    ///   - text: a text, or a part of one.
    ///   - isStart: whether it is the start of the whole text.
    /// - Returns: the pieces in order; none is empty.
    func pieces(of text: ArraySlice<UInt8>, isStart: Bool = true) -> [ArraySlice<UInt8>] {
        var pieces = text.isEmpty ? [] : [text]
        for step in steps {
            let startsHere = isStart && pieces.first?.startIndex == text.startIndex
            switch step {
            case .metaspace(let metaspace):
                pieces = pieces.enumerated().flatMap { index, piece in
                    metaspace.pieces(of: piece, isStart: startsHere && index == 0)
                }
            case .prefixSpace:
                let space = UInt8(ascii: " ")
                pieces = pieces.map { $0.first == space ? $0 : ([space] + $0)[...] }
            case .split(let pattern, let behavior, let invert):
                pieces = pieces.flatMap { Self.split($0, pattern, behavior, invert: invert) }
            }
        }
        return pieces
    }

    private static func split(
        _ text: ArraySlice<UInt8>, _ pattern: CompiledPattern, _ behavior: Behavior, invert: Bool
    ) -> [ArraySlice<UInt8>] {
        var parts: [(range: Range<Int>, isMatch: Bool)] = []
        var position = text.startIndex
        for match in pattern.matches(in: text) {
            if position < match.lowerBound { parts.append((position..<match.lowerBound, invert)) }
            parts.append((match, !invert))
            position = match.upperBound
        }
        if position < text.endIndex { parts.append((position..<text.endIndex, invert)) }
        return joined(parts, behavior).map { text[$0] }
    }

    private static func joined(
        _ parts: [(range: Range<Int>, isMatch: Bool)], _ behavior: Behavior
    ) -> [Range<Int>] {
        switch behavior {
        case .isolated: return parts.map(\.range)
        case .removed: return parts.filter { !$0.isMatch }.map(\.range)
        case .contiguous: return join(parts) { $0 == $1 }
        case .mergedWithPrevious: return join(parts) { !$0 && $1 }
        case .mergedWithNext: return join(parts) { $0 && !$1 }
        }
    }

    /// Joins neighbours for which `belong(isMatch of the first, of the second)`. Only one match is
    /// joined to one gap, unless all alike are joined.
    private static func join(
        _ parts: [(range: Range<Int>, isMatch: Bool)], _ belong: (Bool, Bool) -> Bool
    ) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var previous: Bool?
        for part in parts {
            if let before = previous, let last = result.last, belong(before, part.isMatch) {
                result[result.count - 1] = last.lowerBound..<part.range.upperBound
            } else {
                result.append(part.range)
            }
            previous = part.isMatch
        }
        return result
    }

    private static func split(
        _ part: TokenizerFile.Component, at place: SourceLocation
    ) throws -> Step {
        guard let behavior = Behavior(rawValue: part.behavior ?? "Isolated") else {
            throw RefluxError(
                .input, found: "the split behaviour \"\(part.behavior ?? "")\"", at: place,
                wanted: "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous")
        }
        let quoted = part.pattern?.string.map { NSRegularExpression.escapedPattern(for: $0) }
        guard let pattern = part.pattern?.regex ?? quoted else {
            throw RefluxError(
                .input, found: "a Split without a pattern", at: place, wanted: "a Regex or String")
        }
        return .split(
            try CompiledPattern(pattern, at: place), behavior, invert: part.invert ?? false)
    }

    private static func flatten(
        _ component: TokenizerFile.Component?, at place: SourceLocation
    ) throws -> [TokenizerFile.Component] {
        guard let component else { return [] }
        guard component.type == "Sequence" else { return [component] }
        return try (component.pretokenizers ?? []).flatMap { try flatten($0, at: place) }
    }

    private static func unsupported(_ type: String, at place: SourceLocation) -> RefluxError {
        RefluxError(
            .input, found: "the pre-tokenizer \"\(type)\"", at: place,
            wanted: "Sequence, Split, Digits, Metaspace or ByteLevel",
            remedy: "Choose a model with a byte-level BPE tokenizer.")
    }
}
