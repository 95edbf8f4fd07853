import Foundation
package import RefluxCore
import RefluxFiles
import RefluxTasks

/// Reads recorded responses by a task and has a rule judge them, without a run: what the commands
/// `label`, `evaluate` and `reward` do with files.
package struct RecordedAuditor: Sendable {
    /// Where responses come from.
    private enum Origin: Sendable {
        /// A file of any form.
        case file(RecordedSource)
        /// What a run left behind.
        case run([RunGroup])
    }

    private let origin: Origin
    /// The task.
    let task: any TaskEvaluator
    /// The rule.
    let rule: any PseudoRewardRule
    /// The seconds that it may take for a question, if that is limited.
    let timeout: Double?
    /// The questions.
    let examples: [Example]
    /// Where notes go.
    let console: Console
    /// What is odd about the questions' file, a line each.
    package let warnings: [String]

    /// Makes the parts and reads the questions.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` or `input`.
    package init(
        _ source: RecordedSource, registry: ExtensionRegistry, models: any LanguageModelProvider,
        console: Console = Console()
    ) throws {
        try self.init(
            source,
            parts: try source.parts(
                registry: registry, models: models,
                baseFolder: FileManager.default.currentDirectoryPath, console: console),
            console: console)
    }

    /// Reads the questions of parts that were made before, or takes those that are given.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` or `input`.
    init(
        _ source: RecordedSource, parts: RecordedParts, console: Console,
        questions given: [Example]? = nil
    ) throws {
        origin = .file(source)
        self.console = console
        task = parts.task
        rule = parts.rule
        timeout = parts.timeout
        if let given {
            (examples, warnings) = (given, [])
        } else {
            (examples, warnings) = try Self.questions(of: task)
        }
        guard !examples.isEmpty else {
            throw RefluxError(
                .input, found: "the task \(task.name) has no questions",
                remedy: "Name their file or folder with --questions.")
        }
    }

    /// What the responses stand in, for errors.
    var place: String {
        switch origin {
        case .file(let source): source.responses
        case .run: "the run"
        }
    }

    /// Audits what a run left behind.
    init(
        task: any TaskEvaluator, rule: any PseudoRewardRule, timeout: Double?, groups: [RunGroup],
        console: Console
    ) {
        origin = .run(groups)
        self.task = task
        self.rule = rule
        self.timeout = timeout
        self.console = console
        examples = groups.map(\.example)
        warnings = []
    }

    /// The questions of both splits. A task whose data hold one split only says so by an error of
    /// kind `usage` for the other.
    private static func questions(
        of task: any TaskEvaluator
    ) throws -> (examples: [Example], warnings: [String]) {
        var examples: [Example] = []
        var warnings: [String] = []
        for split in [Split.train, .test] {
            do {
                examples += try task.examples(in: split)
                warnings += try task.warnings(in: split)
            } catch let error as RefluxError where error.kind == .usage && !examples.isEmpty {
                continue
            }
        }
        return (examples, FinalTable.unique(warnings))
    }

    /// The responses, read by the task.
    ///
    /// - Parameters:
    ///   - path: another file than the source's own.
    ///   - graded: whether the marks of every metric are wanted.
    /// - Returns: the responses by question.
    /// - Throws: ``RefluxError`` of kind `input`.
    func responses(at path: String? = nil, graded: Bool = false) async throws -> RecordedResponses {
        let task = task
        let voting = (task as? any TracingTask).flatMap { tracing in
            tracing.readings.first { $0.name == tracing.votingReading }
        }
        let read = {
            @Sendable (response: Response, line: Int, example: Example) throws -> ReadResponse in
            let trace = voting?.trace(of: response.text)
            return ReadResponse(
                response: response, line: line,
                answer: voting == nil ? try task.answer(in: response.text) : trace?.answer,
                level: trace?.level,
                grade: graded ? try task.grade(response.text, for: example) : nil)
        }
        switch origin {
        case .file(let source):
            return try await RecordedResponses(
                path: path ?? source.responses, fields: source.fields, examples: examples,
                read: read)
        case .run(let groups):
            let found = try await inParallel(groups, by: 16) { groups in
                try groups.map { group in
                    RecordedGroup(
                        example: group.example,
                        responses: try group.items.map {
                            try read($0.response, $0.line, group.example)
                        })
                }
            }
            var counts = PairingCounts()
            counts.lines = found.map(\.responses.count).reduce(0, +)
            counts.questions = Set(groups.map(\.example.id)).count
            counts.models = FinalTable.unique(
                found.flatMap { $0.responses.map(\.response.model) })
            return RecordedResponses(groups: found, counts: counts)
        }
    }

    /// Reads the responses and has the rule judge the group of each question.
    ///
    /// - Throws: ``RefluxError`` of kind `input`; `broken` where a part broke its contract.
    package func judged() async throws -> JudgedRecording {
        let read = try await responses()
        if rule.needsGold { console.note("the rule \(rule.name) reads gold answers") }
        let judge = GroupJudge(task: task, rule: rule, timeout: timeout)
        var groups: [AuditedGroup] = []
        groups.reserveCapacity(read.groups.count)
        for group in read.groups {
            try Task.checkCancellation()
            let judged = try await judge.judge(
                group.example, responses: group.responses.map(\.response),
                answers: group.responses.map(\.answer))
            groups.append(AuditedGroup(judged, readings: group.responses))
        }
        return JudgedRecording(
            task: task.name, rule: rule.name, counts: read.counts, groups: groups)
    }
}
