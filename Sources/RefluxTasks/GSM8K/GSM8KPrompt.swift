import RefluxCore

/// How a GSM8K question is put to a model, and how its published metrics read the response.
///
/// The last four are the tasks of lm-evaluation-harness 0.4.13 by their names there, prompts equal byte
/// for byte.
enum GSM8KPrompt: String, Sendable, CaseIterable {
    /// A message with our own instructions, for models that follow them.
    case chat
    /// `Question: …\nAnswer:` to be continued, without shots.
    case text
    /// The same behind five training problems that are drawn anew for every question.
    case gsm8k
    /// Eight fixed shots with chains of thought (Wei et al., arXiv 2201.11903, appendix G).
    case chainOfThought = "gsm8k_cot"
    /// `Let's think step by step.` without shots (Kojima et al., arXiv 2205.11916).
    case zeroShotChain = "gsm8k_cot_zeroshot"
    /// The eight shots with instructions, as Llama 3's evaluation asks.
    case llama = "gsm8k_cot_llama"

    /// How many training problems are drawn for each question.
    var drawnShots: Int { self == .gsm8k ? 5 : 0 }

    /// Texts at which generation stops.
    var stops: [String] {
        switch self {
        case .chat: []
        case .text, .gsm8k: ["Question:", "</s>", "<|im_end|>"]
        case .chainOfThought, .zeroShotChain: ["Q:", "</s>", "<|im_end|>"]
        case .llama:
            [
                "<|eot_id|>", "<|start_header_id|>user<|end_header_id|>", "Q:", "</s>",
                "<|im_end|>",
            ]
        }
    }

    /// The text that is to be continued, or the message. A drawn shot is a question and the dataset's
    /// answer with its calculator marks.
    func content(
        of question: String, shots: [(question: String, answer: String)]
    ) -> Prompt.Content {
        switch self {
        case .chat:
            return .chat([
                ChatMessage(.user, Self.instructions + "\n\nProblem: " + question)
            ])
        case .text, .gsm8k:
            let shown = shots.map { "Question: \($0.question)\nAnswer: \($0.answer)\n\n" }
            return .text(shown.joined() + "Question: \(question)\nAnswer:")
        case .chainOfThought:
            let shown = WorkedShot.all.map {
                "Q: \($0.question)\nA: \($0.thought) The answer is \($0.answer).\n\n"
            }
            return .text(shown.joined() + "Q: \(question)\nA:")
        case .zeroShotChain:
            return .text("Q: \(question)\nA: Let's think step by step.")
        case .llama:
            let shown = WorkedShot.all.map {
                Self.llamaText($0.question) + "\($0.thought) The final answer is \($0.answer)\n\n"
            }
            return .text(shown.joined() + Self.llamaText(question))
        }
    }

    /// The pattern of the published strict reading, and whether the last match counts, not the first.
    var strict: (pattern: String, takesLast: Bool, identity: String) {
        switch self {
        case .chat, .text, .gsm8k:
            (#"#### (\-?[0-9\.\,]+)"#, false, "strict-number/1")
        case .chainOfThought, .zeroShotChain:
            // The full stop is not escaped there: "The answer is 18" at the very end reads as 1.
            (#"The answer is (\-?[0-9\.\,]+)."#, false, "strict-chain/1")
        case .llama:
            (#"The final answer is ((-?[$0-9.,]{2,})|(-?[0-9]+))"#, true, "strict-llama/1")
        }
    }

    private static func llamaText(_ question: String) -> String {
        "Given the following problem, reason and give a final answer to the problem.\nProblem: "
            + question + "\nYour response should end with \"The final answer is [answer]\" where "
            + "[answer] is the response to the problem.\n"
    }

    /// What a message asks for.
    static let instructions = """
        Solve the problem below. Reason step by step and write out each calculation. Then finish \
        with one last line of the form "#### N", where N is the final answer as a plain number \
        without a unit.
        """
}
