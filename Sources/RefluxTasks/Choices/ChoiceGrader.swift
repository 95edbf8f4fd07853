import RefluxCore

/// The readings of a multiple-choice task's responses and their marks.
///
/// `robust` is our own reading, `official` and `lm-eval` are the published ones. Only `official` counts
/// a guess where nothing could be read, as the published script does: it seeds Python's generator
/// with 12345 before every guess, so that the guess depends on the number of options alone.
struct ChoiceGrader: Sendable {
    /// Which reading votes, earns rewards and is compared with labels.
    enum Reading: String, Sendable, CaseIterable {
        case robust
        case official
        case lmEval = "lm-eval"
    }

    /// The metrics, the most telling one first.
    static let metrics = ["robust", "official", "lm-eval"]
    /// The versions of the extractors in one text, for run files and records.
    static let identity = [
        RobustChoice.identity, OfficialChoice.identity, AnswerIsChoice.identity,
    ].joined(separator: " ")

    private let reading: Reading
    private let robust: RobustChoice
    private let official: OfficialChoice
    private let answerIs: AnswerIsChoice

    /// Compiles the extractors.
    init(reading: Reading) throws {
        self.reading = reading
        robust = try RobustChoice()
        official = try OfficialChoice()
        answerIs = try AnswerIsChoice()
    }

    /// Reads the keys `extractor`, which reading votes and earns, and `extractors`, which pins the
    /// versions.
    init(_ reader: ConfigurationReader) throws {
        try reader.pin("extractors", to: Self.identity)
        try self.init(reading: reader.choice("extractor", default: .robust))
    }

    /// Every reading by the name of its metric.
    var readings: [NamedReading] {
        [
            NamedReading("robust", robust), NamedReading("official", official),
            NamedReading("lm-eval", answerIs),
        ]
    }

    /// The name of the reading that votes.
    var votingReading: String { reading.rawValue }

    /// The letter that votes and earns rewards.
    func answer(in response: String) -> String? {
        switch reading {
        case .robust: robust.answer(in: response)
        case .official: official.answer(in: response)
        case .lmEval: answerIs.answer(in: response)
        }
    }

    /// The marks of a response. It is parsed when the reading in use finds a letter.
    func grade(_ response: String, for example: Example) -> Grade {
        let robust = robust.answer(in: response)
        let official = official.answer(in: response)
        let answerIs = answerIs.answer(in: response)
        let gold = example.gold
        let guess = Self.guess(options: example.options?.count ?? 0)
        let read: String? =
            switch reading {
            case .robust: robust
            case .official: official
            case .lmEval: answerIs
            }
        return Grade(
            correct: [
                "robust": robust != nil && robust == gold,
                "official": gold != nil && (official ?? guess) == gold,
                "lm-eval": answerIs != nil && answerIs == gold,
            ],
            parsed: read != nil)
    }

    /// The letter that the official script guesses for a number of options; `nil` without options.
    static func guess(options: Int) -> String? {
        guard options > 0 else { return nil }
        var random = PythonRandom(seed: 12_345)
        return ChoiceLetters.letter(random.below(options))
    }
}

extension ConfigurationReader {
    /// Reads a key that pins the versions of extractors; another version is refused.
    func pin(_ key: String, to identity: String) throws {
        guard try string(key, default: identity) != identity else { return }
        throw wrong(
            key, wanted: "the text \"\(identity)\"",
            remedy: "This version of Reflux reads answers in another way; results would not be "
                + "comparable. Use the version of the earlier run, or remove the key.")
    }
}
