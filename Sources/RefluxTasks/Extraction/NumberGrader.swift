import RefluxCore

/// The three readings of a number task's responses and their marks; GSM8K and the word problems
/// share it.
///
/// `robust` compares numbers, `strict` and `flexible` are the published metrics (see the
/// extractors). A response is parsed when the robust reading finds an answer.
struct NumberGrader: Sendable {
    /// Which reading votes and earns rewards.
    enum Reading: String, Sendable, CaseIterable {
        case robust, strict, flexible
    }

    /// The metrics, the most telling one first.
    static let metrics = Reading.allCases.map(\.rawValue)
    /// The versions of the extractors in one text, for run files and records.
    static func identity(strict: String = StrictNumber.identity) -> String {
        [RobustNumber.identity, strict, FlexibleNumber.identity].joined(separator: " ")
    }

    let strict: StrictNumber
    let flexible: FlexibleNumber
    let robust: RobustNumber

    /// Compiles the extractors.
    init(lastNumber: Bool, strict: StrictNumber? = nil) throws {
        self.strict = try strict ?? StrictNumber()
        flexible = try FlexibleNumber()
        robust = try RobustNumber(lastNumber: lastNumber)
    }

    /// Reads the keys that number tasks have in common: `last_number`, and `extractors`, which pins
    /// the versions.
    init(
        _ reader: ConfigurationReader, lastNumber: Bool, strict: StrictNumber? = nil,
        strictIdentity: String = StrictNumber.identity
    ) throws {
        try reader.pin("extractors", to: Self.identity(strict: strictIdentity))
        try self.init(
            lastNumber: reader.bool("last_number", default: lastNumber), strict: strict)
    }

    /// The answer in normal form by a reading.
    func answer(in response: String, by reading: Reading) -> String? {
        let found =
            switch reading {
            case .robust: robust.answer(in: response)
            case .strict: strict.answer(in: response)
            case .flexible: flexible.answer(in: response)
            }
        return found.map { CanonicalNumber.text(of: $0) ?? $0 }
    }

    /// The marks of a response. The published metrics compare with the dataset's own answer text,
    /// which ends in `#### N`, the robust one with the gold number.
    func grade(_ response: String, for example: Example) -> Grade {
        grade(response, for: example, reference: example.solution ?? example.gold, by: .robust)
    }

    /// The same with another text for the published metrics, parsed when a reading finds an answer.
    func grade(
        _ response: String, for example: Example, reference: String?, by reading: Reading
    ) -> Grade {
        let answer = robust.answer(in: response)
        let gold = example.gold.map { CanonicalNumber.text(of: $0) ?? $0 }
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
            parsed: reading == .robust
                ? answer != nil : self.answer(in: response, by: reading) != nil)
    }
}
