import Foundation
import RefluxCore
import RefluxFiles

/// Divides recorded questions into those that a reward model learns from and those that measure it:
/// by the text of the question, never by id or by response.
///
/// Data sets repeat questions under several ids. All of one text (white space and case aside) stand
/// on one side. By fraction the side depends on the text and the seed alone, so that further
/// questions move none; by category a question of another category whose text a held-out one has as
/// well is on neither side.
struct QuestionSplit: Sendable {
    /// Where a question belongs.
    enum Side: String, Sendable, Codable {
        case training
        case heldOut = "held_out"
        /// Its text is held out under another category.
        case neither
    }

    /// What is held out.
    let choice: HeldOutChoice
    /// Another seed holds out another fraction.
    let seed: UInt64

    /// The side of each question.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` for a category that no question has.
    func sides(of examples: [Example]) throws -> [Side] {
        switch choice {
        case .fraction(let fraction):
            return examples.map { example in
                Files.share(of: "reward \(seed):\(Self.text(of: example))") < fraction
                    ? .heldOut : .training
            }
        case .categories(let names):
            let known = Set(examples.compactMap(\.category))
            if let stray = names.first(where: { !known.contains($0) }) {
                throw RefluxError(
                    .usage, found: "--held-out: no question of the category \"\(stray)\"",
                    remedy: suggestion(for: stray, known: known.sorted()))
            }
            let isHeldOut = examples.map { $0.category.map(names.contains) ?? false }
            let texts = Set(zip(examples, isHeldOut).filter(\.1).map { Self.text(of: $0.0) })
            return zip(examples, isHeldOut).map { example, isHeldOut in
                if isHeldOut { return .heldOut }
                return texts.contains(Self.text(of: example)) ? .neither : .training
            }
        }
    }

    /// What is compared of a question.
    static func text(of example: Example) -> String {
        example.question.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
