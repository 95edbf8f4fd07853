import RefluxCore

/// Lets one question at a time through to a teacher: rules are asked from several tasks at once,
/// teachers from one (``RefluxCore/TeacherSource``).
actor JudgeQueue {
    private let teacher: any TeacherSource
    private var last: Task<[[Response]], any Error>?

    /// Makes a queue before a teacher.
    init(_ teacher: any TeacherSource) { self.teacher = teacher }

    /// Asks when all earlier questions are answered.
    ///
    /// - Throws: what the teacher throws, and ``RefluxError`` when it leaves a prompt out.
    func ask(_ prompts: [Prompt], plan: SamplingPlan) async throws -> [[Response]] {
        guard !prompts.isEmpty else { return [] }
        let (earlier, teacher) = (last, teacher)
        let task = Task {
            _ = await earlier?.result
            try Task.checkCancellation()
            return try await teacher.respond(to: prompts, plan: plan, observer: .silent)
        }
        last = task
        let replies = try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
        guard replies.count == prompts.count else {
            throw RefluxError(
                .internalFault,
                found: "the judge \(teacher.name) answered \(replies.count) prompts",
                wanted: "all of the \(prompts.count)")
        }
        return replies
    }
}
