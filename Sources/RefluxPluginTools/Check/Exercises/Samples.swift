import RefluxCore
import RefluxTesting

/// Inputs that several kinds share.
struct Samples {
    private var stream: RandomStream

    /// Starts the inputs of a seed.
    init(seed: UInt64) { stream = RandomKey(seed: seed, stage: .generate).stream }

    /// Texts that have led programs astray.
    static let unusualTexts = [
        "", " ", "\n\n", "\u{0}", "ä\u{308}", "👩‍👩‍👧", "\u{202E}abc", "\u{FEFF}x", "\r\n7\r\n",
        "%s%n%d",
        "\\", "\"", "{\"a\":", "\u{1B}[31m", "-0", "nan", "1e999", "٣",
        String(repeating: "9", count: 20_000), String(repeating: "\\boxed{", count: 2_500),
        String(repeating: "é", count: 100_000),
    ]

    /// A random group with answers of a few values, some of them missing.
    mutating func group(index: Int) -> ResponseGroup {
        let count = Int.random(in: 1...9, using: &stream)
        let answers: [String?] = (0..<count).map { _ in
            let number = Int.random(in: 0...4, using: &stream)
            return number == 4 ? nil : "\(number)"
        }
        let teachers = Int.random(in: 0...count, using: &stream)
        return PseudoRewardRuleConformance.group(answers, teachers: teachers, index: index)
    }

    /// A random text of a few words and a number.
    mutating func text() -> String {
        let words = ["so", "then", "we", "add", "the", "answer", "is", "therefore", "twice"]
        let count = Int.random(in: 1...30, using: &stream)
        let sentence = (0..<count).map { _ in words.randomElement(using: &stream) ?? "" }
        return sentence.joined(separator: " ") + " \(Int.random(in: 0...99, using: &stream))."
    }

    /// Random items to be scored.
    mutating func items(_ count: Int) -> [ScoringItem] {
        (0..<count).map { index in
            ScoringItem(
                prompt: Self.prompt(index / 2), text: text(),
                finished: Bool.random(using: &stream))
        }
    }

    /// A prompt; every other one is a conversation.
    static func prompt(_ index: Int) -> Prompt {
        let question = "What is \(index) + \(index + 1)?"
        return Prompt(
            id: "p/\(index)", index: index,
            content: index % 2 == 0
                ? .text(question + "\n")
                : .chat([ChatMessage(.system, "Be brief."), ChatMessage(.user, question)]),
            stops: index % 3 == 0 ? ["\n\n"] : [])
    }
}

/// A number as a text that tells apart every bit.
func bits(_ value: Double) -> String { "\(value)#" + String(value.bitPattern, radix: 16) }

/// Numbers as a text that tells apart every bit.
func bits(_ values: [Float]) -> String {
    values.map { "\($0)#" + String($0.bitPattern, radix: 16) }.joined(separator: " ")
}

/// Named numbers as a text that tells apart every bit, sorted by name.
func bits(_ values: [String: Double]) -> String {
    values.sorted { $0.key < $1.key }.map { "\($0.key)=\(bits($0.value))" }
        .joined(separator: " ")
}

/// Carries out a conformance suite; what it finds is a failure of a test.
func conforming(
    _ bench: Bench, _ check: String, _ body: () async throws -> Void
) async throws {
    do {
        try await body()
    } catch let failure as ConformanceFailure {
        throw bench.failure(
            check, found: failure.found, wanted: failure.promise,
            remedy: "Repair it; docs/plugins/checking.md tells what the inputs were.")
    }
}
