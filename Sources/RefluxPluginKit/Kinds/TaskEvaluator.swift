/// A task: its examples, how they are asked, how an answer is read, and whether it is right.
///
/// **Who calls it.** The host: the examples once a split, the answers for every response.
/// **Cost.** Making an instance is cheap, files are read by ``examples(in:call:)``. Reading an answer
/// takes linear time on any input.
/// **Errors.** Loading throws with file and line. An answer that cannot be read is `nil`.
public protocol TaskEvaluator: PluginExtension {
    /// The names of the metrics, at least one, the most telling one first.
    var metrics: [String] { get }

    /// The examples of a split, in a fixed order; the host numbers them.
    func examples(in split: Split, call: Call) throws -> [Example]

    /// What a model is asked for an example.
    func prompt(for example: Example, call: Call) throws -> PromptDraft

    /// The normalised answer of a response, or `nil`: what votes and what rewards compare.
    func answer(in response: String, call: Call) throws -> String?

    /// Whether a response is right, by every metric.
    func grade(_ response: String, for example: Example, call: Call) throws -> Grade
}
