import RefluxCore

/// The three readings of a number task's responses and their marks; GSM8K and the word problems
/// share it.
///
/// `robust` compares numbers, `strict` and `flexible` are the published metrics (see the
/// extractors). A response is parsed when the robust reading finds an answer.
struct NumberGrader: Sendable {
    /// The metrics, the most telling one first.
    static let metrics = ["robust", "strict", "flexible"]
    /// The versions of the extractors in one text, for run files and records.
    static let identity = [
        RobustNumber.identity, StrictNumber.identity, FlexibleNumber.identity,
    ].joined(separator: " ")

    let strict: StrictNumber
    let flexible: FlexibleNumber
    let robust: RobustNumber

    /// Compiles the extractors.
    init(lastNumber: Bool) throws {
        strict = try StrictNumber()
        flexible = try FlexibleNumber()
        robust = try RobustNumber(lastNumber: lastNumber)
    }

    /// Reads the keys that number tasks have in common: `last_number`, and `extractors`, which pins
    /// the versions.
    init(_ reader: ConfigurationReader, lastNumber: Bool) throws {
        let wanted = try reader.string("extractors", default: Self.identity)
        guard wanted == Self.identity else {
            throw reader.wrong(
                "extractors", wanted: "the text \"\(Self.identity)\"",
                remedy: "This version of Reflux reads answers in another way; results would not be "
                    + "comparable. Use the version of the earlier run, or remove the key.")
        }
        try self.init(lastNumber: reader.bool("last_number", default: lastNumber))
    }

    /// The marks of a response. The published metrics compare with the dataset's own answer text,
    /// which ends in `#### N`, the robust one with the gold number.
    func grade(_ response: String, for example: Example) -> Grade {
        let answer = robust.answer(in: response)
        let gold = example.gold.map { CanonicalNumber.text(of: $0) ?? $0 }
        let reference = example.solution ?? example.gold
        let isPublished = { (found: String?) in
            guard let found, let reference else { return false }
            return PublishedComparison.areEqual(found, reference)
        }
        return Grade(
            correct: [
                "robust": answer != nil && answer == gold,
                "strict": isPublished(strict.answer(in: response)),
                "flexible": isPublished(flexible.answer(in: response)),
            ],
            parsed: answer != nil)
    }
}
