public import RefluxCore

/// Checks that a teacher keeps the promises of ``TeacherSource``.
public enum TeacherSourceConformance {
    /// Checks a teacher.
    ///
    /// - Parameters:
    ///   - teacher: the teacher.
    ///   - prompts: prompts that it can answer; at least two.
    ///   - plan: how often to ask.
    ///   - deterministic: whether equal calls must give equal responses, as all but remote teachers
    ///     must.
    /// - Throws: ``ConformanceFailure``, or what the teacher throws.
    public static func check(
        _ teacher: any TeacherSource, prompts: [Prompt], plan: SamplingPlan,
        deterministic: Bool = true
    ) async throws {
        try require(!teacher.name.isEmpty, "A teacher has a name", found: "it is empty")
        let none = try await teacher.respond(to: [], plan: plan, observer: .silent)
        try require(none.isEmpty, "No prompts have no responses", found: "there are \(none.count)")

        let all = try await teacher.respond(to: prompts, plan: plan, observer: .silent)
        try require(
            all.count == prompts.count, "Every prompt has its list of responses",
            found: "there are \(all.count) lists for \(prompts.count) prompts")
        for (prompt, responses) in zip(prompts, all) {
            try check(responses, of: prompt, plan: plan)
        }
        guard deterministic else { return }
        let again = try await teacher.respond(to: prompts, plan: plan, observer: .silent)
        try require(again == all, "Equal calls give equal responses", found: "they differ")
        var apart: [[Response]] = []
        for prompt in prompts {
            apart += try await teacher.respond(to: [prompt], plan: plan, observer: .silent)
        }
        try require(
            apart.map { $0.map(\.text) } == all.map { $0.map(\.text) },
            "A prompt is answered alike in any chunk", found: "the texts differ")
    }

    private static func check(
        _ responses: [Response], of prompt: Prompt, plan: SamplingPlan
    ) throws {
        try require(
            responses.count <= plan.samplesPerPrompt, "A teacher answers no oftener than planned",
            found: "\(prompt.id) has \(responses.count) responses")
        try require(
            responses.allSatisfy { $0.promptID == prompt.id && $0.role == .teacher },
            "Responses name their prompt and are a teacher's", found: "one of \(prompt.id) is not")
        try require(
            Set(responses.map { "\($0.source)#\($0.sample)" }).count == responses.count,
            "The samples of a prompt have different indexes", found: "one of \(prompt.id) repeats")
        let numbers = responses.compactMap(\.meanLogProbability)
        try require(
            numbers.allSatisfy { $0.isFinite && $0 <= 1e-3 },
            "Log-probabilities are finite and not positive", found: "one of \(prompt.id) is not")
    }
}
