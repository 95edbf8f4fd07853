import RefluxCore
import Synchronization

/// Stage 1: the teachers answer every training prompt several times. Leaves `responses.jsonl`,
/// teacher by teacher, in chunks of fixed composition.
struct TeachStage: Stage {
    let id = StageID.teach

    func inputs(_ context: StageContext) throws -> StageInputs {
        context.inputs(
            of: "task", "teachers",
            files: context.givenFiles(named("path", of: "recorded", in: context)),
            models: try context.givenModels(named("model", of: "local-model", in: context)),
            stages: context.preparation)
    }

    func run(_ context: StageContext) async throws {
        let prompts = try context.trainExamples().map(context.task.prompt)
        guard !prompts.isEmpty else {
            throw RefluxError(.input, found: "the task has no training prompts")
        }
        let log = ChunkedLog<Response>(path: "\(context.folder(.teach))/responses.jsonl")
        let done = try log.resume()
        try context.metrics.truncate(fromStep: done)
        let chunks = context.configuration.teachers.map { prompts.chunks(of: $0.batchPrompts) }
        var first = 0
        for (index, chunks) in chunks.enumerated() {
            if done < first + chunks.count {
                // Made anew for each turn, so that the model of the teacher before is let go.
                let (settings, teacher) = try context.makeTeachers()[index]
                for (place, chunk) in chunks.enumerated() where first + place >= done {
                    let observer = context.observer.part(
                        done: chunks[..<place].reduce(0) { $0 + $1.count } * settings.samplesInAll,
                        of: prompts.count * settings.samplesInAll, unit: "responses")
                    let responses = try await answer(
                        Array(chunk), by: teacher, settings: settings, context: context,
                        observer: observer, step: first + place)
                    try log.append(responses)
                }
            }
            first += chunks.count
        }
    }

    private func answer(
        _ prompts: [Prompt], by teacher: any TeacherSource, settings: TeacherSettings,
        context: StageContext, observer: RunObserver, step: Int
    ) async throws -> [Response] {
        try Task.checkCancellation()
        let clock = ContinuousClock()
        let start = clock.now
        let counted = Mutex<[String: Double]>([:])
        var observer = observer
        // What the teacher counts stands in the line of its chunk.
        observer.metrics = { _, values in counted.withLock { $0.merge(values) { $1 } } }
        let answers = try await teacher.respond(
            to: prompts, plan: settings.plan(seed: context.configuration.seed), observer: observer)
        guard answers.count == prompts.count else {
            throw RefluxError(
                .internalFault,
                found: "teacher \(teacher.name) answered \(answers.count) prompts",
                wanted: "a list of responses for each of the \(prompts.count) prompts")
        }
        let responses = answers.flatMap(\.self)
        let tokens = responses.reduce(0) { $0 + ($1.tokenCount ?? 0) }
        let seconds = (clock.now - start).inSeconds
        var values = counted.withLock { $0 }
        values["prompts"] = Double(prompts.count)
        values["responses"] = Double(responses.count)
        values["tokens"] = Double(tokens)
        values["seconds"] = seconds
        values["tokens_per_second"] = Double(tokens) / max(seconds, 1e-9)
        values["truncated_rate"] = fraction(responses) { $0.finish == .length }
        context.observer.metrics(step, values)
        return responses
    }

    /// The paths under a key of the tables of one kind of teacher: model folders or recorded files.
    private func named(_ key: String, of id: String, in context: StageContext) -> [String] {
        guard case .list(let teachers) = context.configuration.resolved("teachers") else {
            return []
        }
        let build = context.buildContext()
        return teachers.compactMap { teacher in
            guard teacher["use"]?.value == .string(id),
                case .string(let name)? = teacher[key]?.value
            else { return nil }
            return build.modelPath(name)
        }
    }
}

extension TeacherSettings {
    /// Responses of each prompt, as planned.
    var samplesInAll: Int { samples * temperatures.count }
}
