public import RefluxCore

/// A task that can say how it reads a response: which pattern found the answer, and where.
///
/// The built-in tasks do. Audits count the patterns and compare readings; nothing else needs it.
public protocol TracingTask: TaskEvaluator {
    /// Every reading of the task by its name, the names of the metrics included.
    var readings: [NamedReading] { get }
    /// The name of the reading that votes and earns rewards: what ``TaskEvaluator/answer(in:)`` gives.
    var votingReading: String { get }
}

/// One way to read a response.
public struct NamedReading: Sendable {
    /// The name, for instance `official`.
    public let name: String
    /// The extractor.
    public let extractor: any AnswerExtractor
    /// Brings the extractor's answers into the task's normal form, so that readings can be compared.
    public let normalForm: @Sendable (String) -> String

    /// Makes a reading.
    public init(
        _ name: String, _ extractor: any AnswerExtractor,
        normalForm: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.name = name
        self.extractor = extractor
        self.normalForm = normalForm
    }

    /// The answer in normal form with its place.
    public func trace(of response: String) -> AnswerTrace? {
        extractor.trace(of: response).map { found in
            var found = found
            found.answer = normalForm(found.answer)
            return found
        }
    }
}

extension NumberGrader {
    /// The three readings; equal numbers are equal answers.
    var readings: [NamedReading] {
        let normal: @Sendable (String) -> String = { CanonicalNumber.text(of: $0) ?? $0 }
        return [
            NamedReading("robust", robust),
            NamedReading("strict", strict, normalForm: normal),
            NamedReading("flexible", flexible, normalForm: normal),
        ]
    }
}

extension GSM8KTask: TracingTask {
    /// `robust`, `strict`, `flexible`.
    public var readings: [NamedReading] { grader.readings }
    /// `robust`.
    public var votingReading: String { "robust" }
}

extension WordProblemsTask: TracingTask {
    /// `robust`, `strict`, `flexible`.
    public var readings: [NamedReading] { grader.readings }
    /// `robust`.
    public var votingReading: String { "robust" }
}

extension MMLUProTask: TracingTask {
    /// `robust`, `official`, `lm-eval`.
    public var readings: [NamedReading] { grader.readings }
    /// The one that the key `extractor` names.
    public var votingReading: String { grader.votingReading }
}
