import CRefluxPlugin
import RefluxPluginKit

// The kit's values as the structs that a host lends to a plugin.

extension Arena {
    func prompt(_ prompt: Prompt) -> reflux_prompt {
        let messages = prompt.messages.map { message in
            reflux_message(
                struct_size: structSize(through: \reflux_message.content),
                speaker: message.speaker.code, content: string(message.content))
        }
        return reflux_prompt(
            struct_size: structSize(through: \reflux_prompt.stop_count), reserved: 0,
            id: string(prompt.id), index: Int64(prompt.index), text: string(prompt.text),
            messages: messages.isEmpty ? nil : pointers(to: messages),
            message_count: UInt64(messages.count), stops: array(prompt.stops.map { string($0) }),
            stop_count: UInt64(prompt.stops.count))
    }

    func response(_ response: Response) -> reflux_response {
        reflux_response(
            struct_size: structSize(through: \reflux_response.weight),
            role: response.role.code, text: string(response.text),
            answer: string(response.answer), source: string(response.source),
            model: string(response.model), sample: Int64(response.sample),
            finish: response.finish.code, reserved: 0, temperature: response.temperature ?? .nan,
            token_count: response.tokenCount.map { Int64($0) } ?? -1,
            mean_logprob: response.meanLogProbability ?? .nan, weight: response.weight)
    }

    func example(_ example: Example) -> reflux_example {
        reflux_example(
            struct_size: structSize(through: \reflux_example.option_count), reserved: 0,
            id: string(example.id), index: Int64(example.index),
            question: string(example.question), gold: string(example.gold),
            solution: string(example.solution), category: string(example.category),
            options: array(example.options.map { string($0) }),
            option_count: UInt64(example.options.count))
    }

    func item(_ item: ScoringItem) -> reflux_scoring_item {
        reflux_scoring_item(
            struct_size: structSize(through: \reflux_scoring_item.text),
            finished: item.finished ? 1 : 0, prompt: pointer(to: prompt(item.prompt)),
            text: string(item.text))
    }

    /// 64-bit counts.
    func counts(_ values: [Int]) -> UnsafePointer<UInt64>? {
        array(values.map { UInt64($0) }, emptyIsNull: false)
    }
}
