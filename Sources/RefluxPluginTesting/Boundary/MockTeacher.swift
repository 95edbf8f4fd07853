import CRefluxPlugin
public import RefluxPluginKit

extension MockHost {
    /// Makes a teacher. Settings that are left out have their defaults.
    public func teacher(_ id: String, settings: JSONValue = [:]) throws -> MockTeacher {
        MockTeacher(
            instance: try MockInstance(
                self, kind: REFLUX_KIND_TEACHER_SOURCE, id: id, settings: settings
            ) { ($0.create, $0.destroy) })
    }
}

/// A teacher behind the boundary.
public struct MockTeacher: Sendable {
    let instance: MockInstance<reflux_teacher_table>

    /// Answers prompts.
    ///
    /// - Throws: ``MockHostError``, of kind `contract` for a response to a prompt that was not asked,
    ///   more responses than planned, or a sample's index that stands twice.
    public func respond(
        to prompts: [Prompt], plan: SamplingPlan = SamplingPlan()
    ) throws -> [[Response]] {
        let arena = Arena()
        let input = reflux_sampling_plan(
            struct_size: structSize(through: \reflux_sampling_plan.seed), reserved: 0,
            samples_per_temperature: UInt64(plan.samplesPerTemperature),
            temperatures: arena.array(plan.temperatures),
            temperature_count: UInt64(plan.temperatures.count), max_tokens: Int64(plan.maxTokens),
            top_k: Int64(plan.topK), top_p: plan.topP, min_p: plan.minP, seed: plan.seed)
        let out = reflux_response_list(
            struct_size: structSize(through: \reflux_response_list.add), reserved: 0,
            add: { call, prompt, response in
                guard let response else { return }
                let copy = Response(response.pointee)
                CallRecord.note(call) { $0.responses.append((Int(prompt), copy)) }
            })
        let respond = try function(instance.table.respond, "respond")
        let pointers = arena.pointers(to: prompts.map { arena.prompt($0) })
        let (state, _) = try instance.call(item: prompts.first?.index ?? 0, arena) { record in
            let status = respond(
                instance.handle, record.pointer, pointers, UInt64(prompts.count),
                arena.pointer(to: input), arena.pointer(to: out))
            return (status, ())
        }
        guard state.responses.allSatisfy({ prompts.indices.contains($0.prompt) }) else {
            throw MockHostError.contract("It gave a response to a prompt that was not asked.")
        }
        let result = prompts.indices.map { prompt in
            state.responses.filter { $0.prompt == prompt }.map(\.response)
        }
        for responses in result {
            let samples = Set(responses.map(\.sample))
            guard samples.count == responses.count, samples.allSatisfy({ $0 >= 0 }),
                responses.count <= plan.samplesPerPrompt
            else {
                throw MockHostError.contract(
                    "The samples of a prompt are \(responses.map(\.sample)), wanted at most "
                        + "\(plan.samplesPerPrompt) different numbers from 0.")
            }
        }
        return result
    }
}
