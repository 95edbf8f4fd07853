import Foundation
import RefluxCore
import RefluxFiles

/// Divides the questions of one file into training prompts and test problems by their text, so that a
/// question that stands there twice is not learnt in one split and asked in the other.
struct TextDivision: Sendable {
    private let trainFraction: Double
    private let seed: UInt64

    /// Reads the keys `train_fraction` and `split_seed`.
    init(_ reader: ConfigurationReader) throws {
        trainFraction = try reader.double("train_fraction", default: 0.5, in: 0...1)
        seed = UInt64(try reader.int("split_seed", default: 0))
    }

    /// Whether a question belongs to a split, `train` or `test`.
    func assigns(_ question: String, to split: Split) -> Bool {
        let text = question.trimmingCharacters(in: .whitespacesAndNewlines)
        return (Files.share(of: "\(seed):\(text)") < trainFraction) == (split == .train)
    }
}
