import RefluxCore

/// The inputs of a target: mutations of its seeds, each a pure function of seed and index.
package struct FuzzInputs {
    private let target: FuzzTarget
    private let seed: UInt64
    private let step: Int

    /// The inputs of a seed.
    package init(_ target: FuzzTarget, seed: UInt64) {
        self.target = target
        self.seed = seed
        // Targets do not share random numbers (FNV-1a of the name).
        step = Int(
            target.name.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 })
    }

    /// The input at an index. The first inputs are the seeds as they are.
    package subscript(index: Int) -> [UInt8] {
        if index < target.seeds.count { return target.seeds[index] }
        let key = RandomKey(seed: seed, stage: .prepare, step: step, prompt: index)
        var mutation = Mutation(random: key.stream, target: target)
        return mutation.mutated()
    }
}

/// Changes a seed a few times, by bytes and by words of the grammar.
private struct Mutation {
    private var random: RandomStream
    private let target: FuzzTarget
    private var bytes: [UInt8] = []

    init(random: RandomStream, target: FuzzTarget) {
        self.random = random
        self.target = target
    }

    mutating func mutated() -> [UInt8] {
        bytes = anySeed()
        // Mostly a few changes, so that much of the form stays; sometimes many.
        let changes = below(8) == 0 ? 1 + below(32) : 1 + below(4)
        for _ in 0..<changes { change() }
        if bytes.count > target.longest { bytes.removeLast(bytes.count - target.longest) }
        return bytes
    }

    private mutating func change() {
        switch below(16) {
        case 0: if let at = place() { bytes[at] ^= 1 << UInt8(below(8)) }
        case 1: if let at = place() { bytes[at] = UInt8(below(256)) }
        case 2: bytes.removeSubrange(range())
        case 3: repeatRange()
        case 4: insert((0..<(1 + below(8))).map { _ in UInt8(below(256)) })
        case 5: bytes.removeSubrange(below(bytes.count + 1)...)
        case 6: splice()
        case 7: growDigits()
        case 8: swapLines()
        case 9, 10: insert(Self.oddities[below(Self.oddities.count)])
        case 11: if let at = place() { bytes.replaceSubrange(at...at, with: anyWord()) }
        case 12:
            let word = anyWord()
            insert(Array(repeatElement(word, count: 1 + below(64)).joined()))
        default: insert(anyWord())
        }
    }

    private mutating func below(_ bound: Int) -> Int {
        Int.random(in: 0..<max(1, bound), using: &random)
    }

    private mutating func anySeed() -> [UInt8] { target.seeds[below(target.seeds.count)] }

    private mutating func anyWord() -> [UInt8] {
        target.words.isEmpty ? [UInt8(below(256))] : target.words[below(target.words.count)]
    }

    private mutating func place() -> Int? { bytes.isEmpty ? nil : below(bytes.count) }

    private mutating func range() -> Range<Int> {
        let start = below(bytes.count + 1)
        let length = below(4) == 0 ? below(bytes.count - start + 1) : below(16)
        return start..<min(bytes.count, start + length)
    }

    private mutating func insert(_ new: [UInt8]) {
        bytes.insert(contentsOf: new, at: below(bytes.count + 1))
    }

    private mutating func repeatRange() {
        let piece = bytes[range()]
        guard !piece.isEmpty else { return }
        let times = min(1 + below(32), max(1, target.longest / piece.count))
        insert(Array(repeatElement(piece, count: times).joined()))
    }

    private mutating func splice() {
        let other = anySeed()
        guard !other.isEmpty else { return }
        let start = below(other.count)
        insert(Array(other[start..<min(other.count, start + 1 + below(64))]))
    }

    /// Makes a number longer than any integer, or a length larger than any file.
    private mutating func growDigits() {
        let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
        guard !digits.isEmpty else { return insert(Array("9223372036854775808".utf8)) }
        let at = digits[below(digits.count)]
        let digit = UInt8(0x30 + below(10))
        bytes.insert(contentsOf: repeatElement(digit, count: 1 + below(400)), at: at)
    }

    private mutating func swapLines() {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        lines.swapAt(below(lines.count), below(lines.count))
        bytes = Array(lines.joined(separator: [0x0A]))
    }

    /// Bytes that readers of text trip over.
    private static let oddities: [[UInt8]] =
        [
            "\u{0}", "\r", "\r\n", "\n", "\n\n", "\t", " ", "\u{A0}", "\u{2028}", "\u{FEFF}",
            "\u{200B}", "\u{202E}", "\u{301}", "e\u{301}", "ﬁ", "İ", "ß", "−", "–", "’", "٣", "½",
            "Ⅷ", "💥", "👩‍👩‍👧", "\u{10FFFF}", "\u{1F1E9}", "你",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x88],
            [0xEF, 0xBB, 0xBF], [0x80], [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF],
            [0, 0, 0, 0, 0, 0, 0, 0x80], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
        ]
}
