import RefluxCore

/// How an MMLU-Pro question is put to a model.
enum MMLUProPrompt: String, Sendable, CaseIterable {
    /// A message with our own instructions, for models that follow them.
    case chat
    /// The prompt of MMLU-Pro's own script for local models (`evaluate_from_local.py`).
    case official
    /// The prompt of lm-evaluation-harness' `mmlu_pro`, version 3.1.
    case lmEval = "lm-eval"

    /// How many validation questions the published prompts show first.
    var defaultShots: Int { self == .chat ? 0 : 5 }

    /// The text that is to be continued, or the message.
    func content(of example: Example, shots: [Example]) -> Prompt.Content {
        switch self {
        case .chat:
            let shown = shots.map { listing(of: $0) + "Answer: " + ($0.solution ?? "") + "\n\n" }
            return .chat([
                ChatMessage(
                    .user,
                    shown.joined() + listing(of: example) + "\n" + Self.instructions)
            ])
        case .official:
            let shown = shots.map { shot in
                listing(of: shot) + (shot.solution ?? "").answering(by: "Answer: ") + "\n\n"
            }
            return .text(header(of: example) + shown.joined() + listing(of: example) + Self.opening)
        case .lmEval:
            // The harness asks with the opening and answers behind one space with the rest.
            let shown = shots.map { shot in
                listing(of: shot) + Self.opening + " " + (shot.solution ?? "").answering(by: nil)
                    + "\n\n"
            }
            return .text(header(of: example) + shown.joined() + listing(of: example) + Self.opening)
        }
    }

    private func header(of example: Example) -> String {
        "The following are multiple choice questions (with answers) about "
            + (example.category ?? "other")
            + ". Think step by step and then finish your answer with \"the answer is (X)\" where X "
            + "is the correct letter choice.\n"
    }

    /// The harness shows options that are `N/A`, which fill the lists of some validation questions; the
    /// script removes them.
    private func listing(of example: Example) -> String {
        var text = "Question:\n\(example.question)\nOptions:\n"
        let options = (example.options ?? []).filter { self == .lmEval || $0 != "N/A" }
        for (index, option) in options.enumerated() {
            text += "\(ChoiceLetters.letter(index) ?? "?"). \(option)\n"
        }
        return text
    }

    private static let opening = "Answer: Let's think step by step."
    /// What a message asks for.
    static let instructions = """
        Reason step by step, then finish with one last line of the form "The answer is (X).", where \
        X is the letter of the right option.
        """
}

extension String {
    /// A chain of thought of the dataset, which begins with `A: Let's think step by step. `, with
    /// another beginning; without that sentence where there is none.
    fileprivate func answering(by beginning: String?) -> String {
        let mark = "A: Let's think step by step."
        guard let beginning else { return replacing(mark + " ", with: "") }
        return replacing(mark, with: beginning + "Let's think step by step.")
    }
}
