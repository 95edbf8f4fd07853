/// One item of a task: a question and, where the dataset has it, its gold answer.
public struct Example: Sendable, Codable, Equatable, Identifiable {
    /// The item's name inside its split, for instance `gsm8k/train/17`.
    public var id: String
    /// The item's position in the split, from 0; it keys the random numbers.
    public var index: Int
    /// The question, as the dataset has it.
    public var question: String
    /// The gold answer in the task's normal form; used by evaluation and audits only.
    public var gold: String?
    /// A worked solution, where the dataset has one; used to train a teacher from nothing.
    public var solution: String?
    /// The category for tables by category.
    public var category: String?
    /// The options of a multiple-choice question.
    public var options: [String]?

    /// Makes an item.
    public init(
        id: String, index: Int, question: String, gold: String? = nil, solution: String? = nil,
        category: String? = nil, options: [String]? = nil
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
public enum Split: String, Sendable, Codable, CaseIterable {
    /// The prompts that a run learns from.
    case train
    /// The held-out problems of the final table.
    case test
    /// Few-shot examples.
    case validation
}
