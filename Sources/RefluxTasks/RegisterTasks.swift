public import RefluxCore

/// Registers the built-in tasks: `gsm8k`, `mmlu-pro` and `word-problems`, and `choices` and `numeric`
/// for files of any form.
///
/// - Throws: `RefluxError` of kind `usage` when one of the ids is taken.
public func registerTasks(in registry: inout ExtensionRegistry) throws {
    try registry.register(
        .task, id: "gsm8k", title: "Grade-school mathematics in words, from files in GSM8K's form"
    ) { try GSM8KTask($0, context: $1) }
    try registry.register(
        .task, id: "mmlu-pro", title: "Multiple-choice questions of 14 fields (MMLU-Pro)"
    ) { try MMLUProTask($0, context: $1) }
    try registry.register(
        .task, id: "choices", title: "Multiple-choice questions from JSON lines with named fields"
    ) { try ChoicesTask($0, context: $1) }
    try registry.register(
        .task, id: "numeric", title: "Questions with a number for an answer, from JSON lines"
    ) { try NumericTask($0, context: $1) }
    try registry.register(
        .task, id: "word-problems", title: "Generated arithmetic stories of a few steps"
    ) { reader, _ in try WordProblemsTask(reader) }
}
