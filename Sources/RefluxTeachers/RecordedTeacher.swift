import Foundation
public import RefluxCore
import RefluxFiles
import Synchronization

/// A teacher whose responses were recorded before: a file with one response a line.
///
/// The file is read with the first prompts. A prompt gets the responses that were recorded for it, in
/// the order of the file and at most as many as the plan has in all; its temperatures and limits do
/// not apply. A prompt without any gets none. Lines that belong to no prompt of the call are not an
/// error, since a run may use a part of a data set. What is left out is told.
///
/// **Threads.** Called from one task at a time, as ``TeacherSource`` says.
/// **Errors.** ``RefluxError`` of kind `input` with file and line.
public final class RecordedTeacher: TeacherSource {
    /// The teacher's name.
    public let name: String
    private let settings: RecordedSettings
    private let recording = Mutex<Recording?>(nil)
    private let used = Mutex(0)

    /// Makes a teacher; nothing is read yet.
    public init(settings: RecordedSettings) {
        name = settings.name
        self.settings = settings
    }

    /// Looks up the responses of every prompt.
    public func respond(
        to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
    ) async throws -> [[Response]] {
        let recording = try loaded()
        let known = prompts.map(recording.responses)
        let found = zip(prompts, known).map { prompt, responses in
            Self.numbered(responses.prefix(plan.samplesPerPrompt)).map { recorded in
                var response = recorded
                response.promptID = prompt.id
                return response
            }
        }
        tell(known: known, found: found, of: recording.count, observer: observer)
        observer.progress(prompts.count, prompts.count, "prompts")
        return found
    }

    /// Responses with the numbers of their lines, or, where not all have one of their own (a file of
    /// several models), in the order of the file.
    private static func numbered(_ responses: ArraySlice<Response>) -> [Response] {
        let given = Set(responses.map(\.sample))
        guard given.contains(where: { $0 < 0 }) || given.count < responses.count else {
            return Array(responses)
        }
        return responses.enumerated().map { index, response in
            var response = response
            response.sample = index
            return response
        }
    }

    /// Tells what is missing and what is left over.
    private func tell(
        known: [[Response]], found: [[Response]], of lines: Int, observer: RunObserver
    ) {
        let silent = known.count(where: \.isEmpty)
        if silent > 0 {
            observer.note(
                "teacher \(name): no recorded response for \(silent) of \(known.count) prompts")
        }
        let surplus = zip(known, found).reduce(0) { $0 + $1.0.count - $1.1.count }
        if surplus > 0 {
            observer.note(
                "teacher \(name): \(surplus) recorded responses are more than planned and left "
                    + "out; raise samples to have them")
        }
        let used = used.withLock { used in
            used += found.reduce(0) { $0 + $1.count }
            return used
        }
        observer.note("teacher \(name): \(used) of \(lines) recorded responses used so far")
    }

    private func loaded() throws -> Recording {
        if let known = recording.withLock({ $0 }) { return known }
        let read = try Recording(settings)
        recording.withLock { $0 = read }
        return read
    }
}

/// The lines of a recording by what identifies their prompts.
private struct Recording: Sendable {
    /// How many lines there are.
    private(set) var count = 0
    private var byPrompt: [String: [Response]] = [:]
    private var questions: QuestionIndex?

    /// Reads the file.
    init(_ settings: RecordedSettings) throws {
        let decoder = JSONDecoder()
        var models: Set<String> = []
        try JSONLines.forEach(in: settings.path) { data, number in
            let line = try RecordedLine(
                data, at: SourceLocation(path: settings.path, line: number), settings: settings,
                decoder: decoder)
            models.insert(line.response.model)
            guard settings.onlyModel == nil || line.response.model == settings.onlyModel else {
                return
            }
            byPrompt[line.prompt, default: []].append(line.response)
            count += 1
        }
        if let model = settings.onlyModel, count == 0 {
            throw Self.unknown(model, models, settings)
        }
        if settings.match == .question { questions = QuestionIndex(byPrompt.keys) }
    }

    private static func unknown(
        _ model: String, _ models: Set<String>, _ settings: RecordedSettings
    ) -> RefluxError {
        RefluxError(
            .input, found: "no line of the model \"\(model)\"",
            at: SourceLocation(path: settings.path),
            wanted: "lines with it in the field \"\(settings.fields.model)\"",
            remedy: suggestion(for: model, known: Array(models)))
    }

    /// The responses that were recorded for a prompt.
    func responses(to prompt: Prompt) -> [Response] {
        if let questions {
            return questions.question(in: prompt.displayText).flatMap { byPrompt[$0] } ?? []
        }
        if let exact = byPrompt[prompt.id] { return exact }
        return prompt.id.split(separator: "/").last.flatMap { byPrompt[String($0)] } ?? []
    }
}
