import Foundation
import RefluxCore
import RefluxFiles

/// Draws a model's answers to questions into a file that the recorded form reads, chunk by chunk.
///
/// A file that an interrupted call left is gone on with, if it was made for the same question of the
/// same model.
struct ModelAnswers {
    /// A drawn answer: a line of the file.
    struct Line: Sendable, Codable {
        var prompt: String
        var model: String
        var sample: Int
        var text: String
        var finish: Response.FinishReason
        var tokens: Int
        var temperature: Double
        var meanLogProbability: Double

        enum CodingKeys: String, CodingKey {
            case prompt, model, sample, text, finish, tokens, temperature
            case meanLogProbability = "mean_logprob"
        }
    }

    /// What determines the answers.
    private struct Plan: Codable, Equatable {
        var model: [String: String]
        var task: String
        var questions: String
        var samples: Int
        var sampling: SamplingSettings
        var precision: String
        var seed: UInt64
    }

    /// Responses that are drawn, and written, together.
    private static let chunk = 256

    let asked: ModelEvaluation
    let parts: RecordedParts
    let questions: [Example]
    let console: Console
    /// The file of answers.
    let path: String

    private var planPath: String { "\(path).plan" }
    private var log: ChunkedLog<Line> { ChunkedLog(path: path) }

    /// Draws what is missing.
    ///
    /// - Throws: ``RefluxError``: the model, a prompt, or a file of another evaluation;
    ///   `CancellationError`, after which the whole chunks stay.
    func draw() async throws {
        try checkPlan()
        let done = try log.resume()
        let chunks = questions.chunks(of: max(1, Self.chunk / asked.samples))
        guard done < chunks.count else { return }
        let engine = try await parts.context.models.open(
            Files.expand(asked.model), options: ModelOptions(precision: asked.precision))
        defer { console.endProgress() }
        for chunk in chunks[done...] {
            try Task.checkCancellation()
            let drawn = try await engine.responses(
                to: chunk.map { try parts.task.prompt(for: $0) }, settings: asked.sampling,
                count: asked.samples,
                observer: progress.part(
                    done: chunk.startIndex * asked.samples, of: questions.count * asked.samples,
                    unit: "answers")
            ) { RandomKey(seed: parts.context.seed, stage: .evaluate, prompt: $0.index) }
            try log.append(zip(chunk, drawn).flatMap { lines(to: $0, $1) })
        }
    }

    /// Removes the file and what stands beside it.
    func remove() throws {
        for file in [path, "\(path).progress", planPath] { try Files.remove(file) }
    }

    private var progress: RunObserver {
        RunObserver(progress: { console.progress("evaluate", done: $0, total: $1, unit: $2) })
    }

    private func lines(to example: Example, _ samples: [SampledResponse]) -> [Line] {
        samples.enumerated().map { index, sample in
            Line(
                prompt: example.id, model: asked.model, sample: index, text: sample.text,
                finish: sample.finish, tokens: sample.tokens.count,
                temperature: asked.sampling.temperature,
                meanLogProbability: sample.meanLogProbability)
        }
    }

    private func checkPlan() throws {
        let plan = Plan(
            model: try Fingerprints().hashes(of: [asked.model]),
            task: YAMLWriter.inline(parts.resolved.value),
            questions: Files.sha256(of: try JSONLines.data(questions)),
            samples: asked.samples, sampling: asked.sampling,
            precision: asked.precision.rawValue, seed: parts.context.seed)
        if Files.exists(planPath) {
            let old = try JSONText.decode(Plan.self, from: Files.read(planPath), path: planPath)
            guard old == plan else {
                throw RefluxError(
                    .usage,
                    found: "an interrupted evaluation with other settings, or of another "
                        + "model, left this file",
                    at: SourceLocation(path: path),
                    remedy: "Call that one again to finish it, name another --output, or remove "
                        + "the file and \(planPath).")
            }
            return
        }
        try remove()
        let text = try JSONText.encode(plan, pretty: true)
        try Files.writeAtomically(Data(text.utf8), to: planPath)
    }
}
