import CRefluxPlugin

/// A teacher behind a handle.
final class TeacherInstance: Sendable {
    let teacher: any TeacherSource

    init(_ teacher: any TeacherSource) {
        self.teacher = teacher
    }
}

/// The function table of a teacher.
func teacherTable(create: @escaping Creator) -> reflux_teacher_table {
    reflux_teacher_table(
        struct_size: structSize(through: \reflux_teacher_table.respond), reserved: 0,
        create: create, destroy: Slots.destroy,
        respond: { handle, call, prompts, count, plan, out in
            answer(call) { scope in
                let teacher = try instance(handle, as: TeacherInstance.self).teacher
                let prompts = try structs(prompts, count).map(Prompt.init)
                let plan = SamplingPlan(try required(plan, "the plan"))
                let out = try required(out, "the list of responses")
                let responses = try teacher.respond(to: prompts, plan: plan, call: scope)
                guard responses.count == prompts.count else {
                    throw PluginError(
                        "It gave the responses of \(responses.count) prompts, wanted those of "
                            + "\(prompts.count).")
                }
                for (index, responses) in responses.enumerated() {
                    for response in responses { response.lend { out.add(call, UInt64(index), $0) } }
                }
            }
        })
}

extension SamplingPlan {
    fileprivate init(_ plan: reflux_sampling_plan) {
        self.init(
            samplesPerTemperature: Int(plan.samples_per_temperature),
            temperatures: array(plan.temperatures, plan.temperature_count),
            maxTokens: Int(plan.max_tokens), topK: Int(plan.top_k), topP: plan.top_p,
            minP: plan.min_p, seed: plan.seed)
    }
}
