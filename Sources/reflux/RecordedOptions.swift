import ArgumentParser
import RefluxPipeline

/// The options of commands that read recorded responses in place of a run file.
struct RecordedOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("The task that was answered.", valueName: "id"))
    var task: String?
    @Option(
        name: .long, help: ArgumentHelp("Its questions: the task's key data.", valueName: "path"))
    var questions: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The recorded responses, one a line of JSON, possibly with gzip.", valueName: "file"))
    var responses: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The reading that votes: the task's key extractor.", valueName: "name"))
    var extractor: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The field of the question's id; else question_id, prompt or id.", valueName: "name"))
    var idField: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The field of the question's text, to find the question by it.", valueName: "name"))
    var questionField: String?
    @Option(
        name: .long, help: ArgumentHelp("The field of the model; else model.", valueName: "name"))
    var modelField: String?
    @Option(
        name: .long,
        help: ArgumentHelp("The field of the response; else response or text.", valueName: "name"))
    var responseField: String?

    /// The options that were given, by their names.
    var given: [String] {
        [
            ("--task", task), ("--questions", questions), ("--responses", responses),
            ("--extractor", extractor), ("--id-field", idField),
            ("--question-field", questionField), ("--model-field", modelField),
            ("--response-field", responseField),
        ].compactMap { $1 == nil ? nil : $0 }
    }

    /// The options that only recorded responses have and that were given, by their names.
    var ofResponses: [String] {
        [
            ("--id-field", idField), ("--question-field", questionField),
            ("--model-field", modelField), ("--response-field", responseField),
        ].compactMap { $1 == nil ? nil : $0 }
    }

    /// The source, when the command was called without a run file.
    func source(rule: String? = nil, tie: String? = nil, options: RunOptions) -> RecordedSource? {
        guard let task, let responses else { return nil }
        return RecordedSource(
            task: task, questions: questions, responses: responses,
            fields: ResponseFields(
                id: idField, question: questionField, model: modelField, response: responseField),
            extractor: extractor, rule: rule ?? "teacher-majority", tie: tie,
            overrides: options.set,
            plugins: options.plugin)
    }

    /// Refuses calls that are none of a command's forms, or several.
    ///
    /// - Parameters:
    ///   - file: the run file of the one form.
    ///   - run: the run folder of the second one.
    ///   - further: further options of the other forms that were given.
    ///   - runOnly: options of a run that were given.
    /// - Throws: `ValidationError` that says what to give.
    func validate(
        file: String?, run: AuditedRunOptions? = nil, further: [String], runOnly: [String]
    ) throws {
        if run?.run != nil {
            guard let other = file.map({ "the run file \($0)" }) ?? (given + runOnly).first else {
                return
            }
            throw ValidationError("--run and \(other) are two forms of this command.")
        }
        let recorded = given + (run?.given ?? []) + further
        if let file {
            guard let first = recorded.first else { return }
            throw ValidationError(
                "The run file \(file) and \(first) are two forms of this command: give a run file, "
                    + "or --task and --responses for recorded responses.")
        }
        guard task != nil, responses != nil else {
            throw ValidationError(
                recorded.isEmpty
                    ? "Give a run file, or --task and --responses for recorded responses."
                    : "Recorded responses need \(task == nil ? "--task" : "--responses").")
        }
        if let first = runOnly.first {
            throw ValidationError("\(first) belongs to a run file; recorded responses have none.")
        }
        guard questionField == nil || idField == nil else {
            throw ValidationError("--id-field and --question-field exclude each other.")
        }
    }
}

extension RunOptions {
    /// Where notes go.
    var console: Console { Console(style: quiet ? .quiet : nil) }

    /// Tells what a person should know beside the result, unless nothing but errors is wanted.
    func tell(_ notes: [String]) {
        guard !quiet else { return }
        for note in notes { Console.standardError("\(note)\n") }
    }
}
