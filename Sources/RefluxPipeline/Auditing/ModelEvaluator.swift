import Foundation
package import RefluxCore
import RefluxFiles

/// Lets a model answer the questions of a task and grades the answers as recorded ones are:
/// `reflux evaluate --model`.
package struct ModelEvaluator: Sendable {
    private let asked: ModelEvaluation
    private let parts: RecordedParts
    private let questions: [Example]
    private let console: Console
    /// What is odd about the questions' file, a line each.
    package let warnings: [String]

    /// Makes the parts and reads the questions.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` or `input`, for a damaged model too.
    package init(
        _ asked: ModelEvaluation, registry: ExtensionRegistry, models: any LanguageModelProvider,
        console: Console = Console()
    ) throws {
        self.asked = asked
        self.console = console
        parts = try asked.recorded(in: asked.output ?? "").parts(
            registry: registry, models: models,
            baseFolder: FileManager.default.currentDirectoryPath, console: console)
        let (all, warnings) = try Self.questions(of: parts.task)
        questions = Array(all.prefix(asked.limit ?? all.count))
        self.warnings = warnings
        guard !questions.isEmpty else {
            throw RefluxError(
                .input, found: "the task \(parts.task.name) has no questions",
                remedy: "Name their file or folder with --questions.")
        }
        guard questions.contains(where: { $0.gold != nil }) else {
            throw RefluxError(
                .input, found: "the questions of \(parts.task.name) have no answers")
        }
        try models.check(Files.expand(asked.model))
    }

    /// Draws the answers, or what is missing of them, and grades them.
    ///
    /// - Parameter opponent: what the model is compared with: recorded answers of another one.
    /// - Returns: the numbers, and each graded answer.
    /// - Throws: ``RefluxError``; `CancellationError`.
    package func evaluation(
        against opponent: String? = nil
    ) async throws -> (evaluation: RecordedEvaluation, samples: [GradedResponse]) {
        let path = asked.output.map { "\($0).part" } ?? Self.temporaryFile()
        let answers = ModelAnswers(
            asked: asked, parts: parts, questions: questions, console: console, path: path)
        defer { if asked.output == nil { try? answers.remove() } }
        try await answers.draw()
        let auditor = try RecordedAuditor(
            asked.recorded(in: path), parts: parts, console: console, questions: questions)
        let result = try await auditor.evaluation(against: opponent.map(Opponent.file))
        if let output = asked.output {
            try JSONLines.write(result.samples, to: output)
            try answers.remove()
        }
        return result
    }

    /// The test questions; a task whose data hold one split only has them as its training split.
    private static func questions(
        of task: any TaskEvaluator
    ) throws -> (examples: [Example], warnings: [String]) {
        do {
            return (try task.examples(in: .test), try task.warnings(in: .test))
        } catch let error as RefluxError where error.kind == .usage {
            guard let examples = try? task.examples(in: .train) else { throw error }
            return (examples, try task.warnings(in: .train))
        }
    }

    private static func temporaryFile() -> String {
        FileManager.default.temporaryDirectory
            .appending(path: "reflux-evaluate-\(UUID().uuidString).jsonl").path
    }
}
