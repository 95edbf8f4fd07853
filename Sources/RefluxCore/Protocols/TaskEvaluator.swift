/// A task: its examples, how they are asked, how an answer is read and whether it is right.
///
/// **Who calls it.** Every stage, for prompts and extracted answers; `evaluate` for the final table.
/// The same extractor serves the rule and the evaluator.
///
/// **The smallest conforming type**:
/// ```swift
/// struct Echo: TaskEvaluator {
///     let name = "echo"
///     let metrics = ["exact"]
///     func examples(in split: Split) -> [Example] {
///         [Example(id: "echo/0", index: 0, question: "Say hi.", gold: "hi")]
///     }
///     func prompt(for example: Example) -> Prompt {
///         Prompt(id: example.id, index: example.index, content: .text(example.question + "\n"))
///     }
///     func answer(in response: String) -> String? { response }
///     func grade(_ response: String, for example: Example) -> Grade {
///         Grade(correct: ["exact": response == example.gold], parsed: true)
///     }
/// }
/// ```
///
/// **Cost.** Extraction runs on every response of every step: linear time on any input.
/// **Threads.** Any thread, several at once: keep no mutable state.
/// **Errors.** Loading throws with file and line. An answer that cannot be read is nil, never an
/// error; what throws elsewhere is a part that broke (a plugin's process, for instance), and ends the
/// stage.
public protocol TaskEvaluator: Sendable {
    /// The task's name, for instance `gsm8k`.
    var name: String { get }
    /// The names of the metrics, the most telling one first.
    var metrics: [String] { get }

    /// The examples of a split, in a fixed order.
    func examples(in split: Split) throws -> [Example]

    /// What is odd about a split's data without being wrong, a line each: items that are left out.
    func warnings(in split: Split) throws -> [String]

    /// What a model is asked for an example.
    func prompt(for example: Example) throws -> Prompt

    /// The normalised answer of a response, or `nil`: what votes and what rewards compare.
    func answer(in response: String) throws -> String?

    /// Whether a response is right, by every metric.
    func grade(_ response: String, for example: Example) throws -> Grade
}

/// The marks of one response.
public struct Grade: Sendable, Codable, Equatable {
    /// Right or wrong, by metric name.
    public var correct: [String: Bool]
    /// Whether an answer could be read at all.
    public var parsed: Bool

    /// Makes a grade.
    public init(correct: [String: Bool], parsed: Bool) {
        self.correct = correct
        self.parsed = parsed
    }
}

extension TaskEvaluator {
    /// Nothing is odd unless a task says so.
    public func warnings(in split: Split) throws -> [String] { [] }

    /// The accuracy of many graded responses by metric name.
    public func aggregate(_ grades: [Grade]) -> [String: Accuracy] {
        Dictionary(
            uniqueKeysWithValues: metrics.map { metric in
                let right = grades.count { $0.correct[metric] == true }
                return (metric, Accuracy(right: right, of: grades.count))
            })
    }

    /// The fraction of responses without a readable answer.
    public func unparsedRate(_ grades: [Grade]) -> Double {
        grades.isEmpty ? 0 : Double(grades.count { !$0.parsed }) / Double(grades.count)
    }
}
