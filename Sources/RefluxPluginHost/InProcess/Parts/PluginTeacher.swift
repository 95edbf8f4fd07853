import CRefluxPlugin
import RefluxCore
import Synchronization

/// A teacher of a plugin. A call holds its thread for as long as the plugin takes.
final class PluginTeacher: TeacherSource, @unchecked Sendable {
    let name: String
    private let instance: PluginInstance
    private let table: reflux_teacher_table

    /// Makes an instance.
    init(_ origin: InstanceOrigin, _ table: reflux_teacher_table) throws {
        instance = try PluginInstance(origin, create: table.create, destroy: table.destroy)
        name = origin.request.name
        self.table = table
    }

    func respond(
        to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
    ) async throws -> [[Response]] {
        guard let respond = table.respond else { throw instance.site.missing("respond") }
        let arena = CallArena()
        let packed = prompts.map { arena.prompt($0, moreStops: plan.settings.stops) }
        let input = arena.pointers(count: packed.count) { packed[$0] }
        let rawPlan = arena.plan(plan)
        var raw = reflux_response_list()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_response_list.add))
        raw.add = { call, prompt, response in LiveCalls.find(call)?.addResponse(prompt, response) }
        let sink = arena.put(raw)
        let frame = CallFrame(
            function: "respond", itemCount: prompts.count, isLimited: false, observer: observer)
        let outputs = try instance.perform(frame, arena: arena) {
            respond($0, $1, input, UInt64(prompts.count), rawPlan, sink)
        }
        return try prompts.enumerated().map { index, prompt in
            try checked(outputs.responses[index] ?? [], of: prompt, plan)
        }
    }

    /// The responses of a prompt in the order of their samples.
    private func checked(
        _ responses: [Response], of prompt: Prompt, _ plan: SamplingPlan
    ) throws -> [Response] {
        guard responses.count <= plan.samplesPerPrompt else {
            throw instance.site.error(
                .callResult, item: prompt.id, found: "it has \(responses.count) responses",
                wanted: "at most \(plan.samplesPerPrompt), as planned")
        }
        let sorted = responses.sorted { $0.sample < $1.sample }
        for (one, next) in zip(sorted, sorted.dropFirst()) where one.sample == next.sample {
            throw instance.site.error(
                .callResult, item: prompt.id, found: "two responses are the sample \(one.sample)",
                wanted: "samples with numbers of their own")
        }
        return sorted.map { response in
            var response = response
            response.promptID = prompt.id
            response.source = name
            response.seed = plan.seed
            return response
        }
    }
}

extension CallArena {
    /// A sampling plan.
    fileprivate func plan(_ plan: SamplingPlan) -> UnsafePointer<reflux_sampling_plan> {
        var raw = reflux_sampling_plan()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_sampling_plan.seed))
        raw.samples_per_temperature = UInt64(clamping: plan.samplesPerTemperature)
        raw.temperatures = array(plan.temperatures)
        raw.temperature_count = UInt64(plan.temperatures.count)
        raw.max_tokens = Int64(plan.settings.maxTokens)
        raw.top_k = Int64(plan.settings.topK)
        raw.top_p = plan.settings.topP
        raw.min_p = plan.settings.minP
        raw.seed = plan.seed
        return put(raw)
    }
}

extension PluginCall {
    fileprivate func addResponse(_ prompt: UInt64, _ pointer: UnsafePointer<reflux_response>?) {
        guard prompt < UInt64(itemCount) else {
            return refuse(
                "a response names prompt \(prompt)",
                wanted: "the index of one of the \(itemCount) prompts")
        }
        let name = "a response to prompt \(prompt)"
        guard
            let raw = copy(
                pointer, name, through: \reflux_response.mean_logprob, into: reflux_response()),
            let finish = finish(raw.finish, name), isPlausible(raw, name)
        else { return }
        guard let text = take("the text of \(name)", raw.text) else {
            return refuse("\(name) has no text", wanted: "a text")
        }
        let response = Response(
            promptID: "", text: text, role: .teacher, source: "",
            model: take("the model of \(name)", raw.model) ?? "", sample: Int(raw.sample),
            temperature: raw.temperature.isNaN ? nil : raw.temperature, finish: finish,
            tokenCount: raw.token_count < 0 ? nil : Int(raw.token_count),
            meanLogProbability: raw.mean_logprob.isNaN ? nil : raw.mean_logprob)
        outputs.withLock { $0.responses[Int(prompt), default: []].append(response) }
    }

    private func finish(_ value: Int32, _ name: String) -> Response.FinishReason? {
        switch value {
        case Finish.stop: return .stop
        case Finish.length: return .length
        case Finish.unknown: return .unknown
        default:
            refuse("finish of \(name) is \(value)", wanted: "one of REFLUX_FINISH_*")
            return nil
        }
    }

    /// Whether its numbers can be; the first one that cannot is noted.
    private func isPlausible(_ raw: reflux_response, _ name: String) -> Bool {
        if raw.sample < 0 {
            refuse("sample of \(name) is \(raw.sample)", wanted: "a number of at least 0")
        } else if raw.token_count < -1 {
            refuse("token_count of \(name) is \(raw.token_count)", wanted: "a count, or -1")
        } else if raw.temperature < 0 || raw.temperature.isInfinite {
            refuse(
                "temperature of \(name) is \(raw.temperature)",
                wanted: "a number of at least 0, or NaN")
        } else if raw.mean_logprob > 1e-3 || raw.mean_logprob.isInfinite {
            refuse(
                "mean_logprob of \(name) is \(raw.mean_logprob)",
                wanted: "a number of at most 0, or NaN")
        } else {
            return true
        }
        return false
    }
}
