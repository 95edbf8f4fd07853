/// One item of a task.
public struct Example: Sendable, Equatable {
    /// The item's name, of its own within the split.
    public var id: String
    /// The position in the split, from 0. The host sets it.
    public var index: Int
    /// The question.
    public var question: String
    /// The right answer in the task's normal form; `nil` where the dataset has none.
    public var gold: String?
    /// A worked solution; `nil` where the dataset has none.
    public var solution: String?
    /// For tables by category; `nil` where the dataset has none.
    public var category: String?
    /// The options of a multiple-choice question.
    public var options: [String]

    /// Makes an item.
    public init(
        id: String, index: Int = 0, question: String, gold: String? = nil, solution: String? = nil,
        category: String? = nil, options: [String] = []
    ) {
        self.id = id
        self.index = index
        self.question = question
        self.gold = gold
        self.solution = solution
        self.category = category
        self.options = options
    }
}

/// A part of a dataset.
public enum Split: String, Sendable, CaseIterable {
    /// The prompts that a run learns from.
    case train
    /// The held-out problems of the final table.
    case test
    /// Few-shot examples.
    case validation
}

/// The marks of one response.
public struct Grade: Sendable, Equatable {
    /// Whether an answer could be read.
    public var parsed: Bool
    /// Right or wrong by the name of the metric.
    public var correct: [String: Bool]

    /// Makes a grade.
    public init(parsed: Bool, correct: [String: Bool]) {
        self.parsed = parsed
        self.correct = correct
    }
}

/// What a task asks for an example: either one text or messages.
public struct PromptDraft: Sendable, Equatable {
    /// The text to be continued; `nil` for messages.
    public var text: String?
    /// The messages of a conversation.
    public var messages: [Message]
    /// Texts at which generation stops.
    public var stops: [String]

    /// A text to be continued as it is.
    public static func text(_ text: String, stops: [String] = []) -> PromptDraft {
        PromptDraft(text: text, messages: [], stops: stops)
    }

    /// Messages that the model's own template renders.
    public static func chat(_ messages: [Message], stops: [String] = []) -> PromptDraft {
        PromptDraft(text: nil, messages: messages, stops: stops)
    }
}
