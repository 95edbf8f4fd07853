import RefluxCore

/// How a question of a file of any form is put to a model: a header, examples, and the question, each
/// by a template.
struct TemplatePrompt: Sendable {
    /// What a task puts where the user gives no template.
    struct Defaults {
        /// The question.
        let template: String
        /// An example with its solution.
        let shot: String
        /// The places that both may have.
        let places: [PromptTemplate.Place]
    }

    /// How many examples stand before the question.
    let shots: Int
    private let isChat: Bool
    private let header: PromptTemplate
    private let template: PromptTemplate
    private let shot: PromptTemplate
    private let byCategory: Bool
    private let stops: [String]
    private let window: PromptWindow?
    private let place: SourceLocation

    /// Reads the keys `chat`, `header`, `template`, `shot_template`, `shots`, `shots_by_category`,
    /// `stops`, `shot_tokenizer` and `shot_tokens`.
    init(_ reader: ConfigurationReader, context: BuildContext, _ defaults: Defaults) throws {
        isChat = try reader.bool("chat", default: true)
        header = try PromptTemplate(reader, "header", default: "", allowed: [.category])
        template = try PromptTemplate(
            reader, "template", default: defaults.template, allowed: defaults.places,
            required: .question)
        shot = try PromptTemplate(
            reader, "shot_template", default: defaults.shot,
            allowed: defaults.places + [.answer, .solution], required: .question)
        shots = try reader.int("shots", default: 0, in: 0...1000)
        byCategory = try reader.bool("shots_by_category", default: false)
        stops = try reader.strings("stops", default: [])
        window = try PromptWindow(reader, context: context)
        place = reader.place(of: "shots")
    }

    /// What a model is asked.
    ///
    /// - Parameters:
    ///   - example: the question.
    ///   - pool: the examples that may be shown; read only where the prompt shows some.
    ///   - solution: the solution of an example that has none of its own.
    /// - Returns: the prompt.
    /// - Throws: `RefluxError` of kind `usage` when there are no examples to show.
    func prompt(
        for example: Example, pool: () throws -> [Example],
        solution: @escaping (Example) -> String
    ) throws -> Prompt {
        let shown = shots == 0 ? [] : try chosen(from: pool(), for: example)
        let content = { (shown: [Example]) -> Prompt.Content in
            let text =
                header.filled { value(of: $0, in: example, solution: solution) }
                + shown.map { shot in
                    self.shot.filled { value(of: $0, in: shot, solution: solution) }
                }.joined()
                + template.filled { value(of: $0, in: example, solution: solution) }
            return isChat ? .chat([ChatMessage(.user, text)]) : .text(text)
        }
        return Prompt(
            id: example.id, index: example.index,
            content: try window?.fitting(shown, content) ?? content(shown), stops: stops)
    }

    private func chosen(from pool: [Example], for example: Example) throws -> [Example] {
        guard !pool.isEmpty else {
            throw RefluxError(
                .usage, found: "\(shots) examples are to be shown, and there are none", at: place,
                remedy:
                    "Name their file with shots_data, put a validation.jsonl into the folder, or "
                    + "set shots to 0.")
        }
        return Array(
            pool.filter {
                $0.id != example.id && (!byCategory || $0.category == example.category)
            }.prefix(shots))
    }

    private func value(
        of place: PromptTemplate.Place, in example: Example, solution: (Example) -> String
    ) -> String {
        switch place {
        case .question: example.question
        case .options: Self.listing(example.options ?? [])
        case .category: example.category ?? "other"
        case .answer: example.gold ?? ""
        case .solution: example.solution ?? solution(example)
        }
    }

    /// `A. …`, an option a line.
    private static func listing(_ options: [String]) -> String {
        options.enumerated().map { "\(ChoiceLetters.letter($0) ?? "?"). \($1)" }
            .joined(separator: "\n")
    }
}
