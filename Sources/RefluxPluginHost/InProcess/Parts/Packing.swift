import CRefluxPlugin
import RefluxCore

// The values of Core as structs of the boundary, in the memory of a call.

extension CallArena {
    /// A prompt.
    func prompt(_ prompt: Prompt, moreStops: [String] = []) -> UnsafePointer<reflux_prompt> {
        var raw = reflux_prompt()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_prompt.stop_count))
        raw.id = text(prompt.id)
        raw.index = Int64(prompt.index)
        raw.text = text(prompt.displayText)
        if case .chat(let messages) = prompt.content {
            let packed = messages.map { message($0) }
            raw.messages = pointers(count: packed.count) { packed[$0] }
            raw.message_count = UInt64(packed.count)
        }
        let stops = prompt.stops + moreStops.filter { !prompt.stops.contains($0) }
        raw.stops = texts(stops)
        raw.stop_count = UInt64(stops.count)
        return put(raw)
    }

    private func message(_ message: ChatMessage) -> UnsafePointer<reflux_message> {
        var raw = reflux_message()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_message.content))
        raw.speaker =
            switch message.role {
            case .system: Speaker.system
            case .user: Speaker.user
            case .assistant: Speaker.assistant
            }
        raw.content = text(message.content)
        return put(raw)
    }

    /// A response with its answer.
    func response(_ response: Response, answer: String?) -> UnsafePointer<reflux_response> {
        var raw = reflux_response()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_response.weight))
        raw.role = response.role.boundary
        raw.text = text(response.text)
        raw.answer = text(answer)
        raw.source = text(response.source)
        raw.model = text(response.model)
        raw.sample = Int64(response.sample)
        raw.finish =
            switch response.finish {
            case .stop: Finish.stop
            case .length: Finish.length
            case .unknown: Finish.unknown
            }
        raw.temperature = response.temperature ?? .nan
        raw.token_count = response.tokenCount.map(Int64.init) ?? -1
        raw.mean_logprob = response.meanLogProbability ?? .nan
        raw.weight = response.weight
        return put(raw)
    }

    /// An example.
    func example(_ example: Example) -> UnsafePointer<reflux_example> {
        var raw = reflux_example()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_example.option_count))
        raw.id = text(example.id)
        raw.index = Int64(example.index)
        raw.question = text(example.question)
        raw.gold = text(example.gold)
        raw.solution = text(example.solution)
        raw.category = text(example.category)
        raw.options = texts(example.options ?? [])
        raw.option_count = UInt64(example.options?.count ?? 0)
        return put(raw)
    }
}

extension Response.Role {
    /// The number of the role in the header.
    var boundary: Int32 {
        switch self {
        case .teacher: Role.teacher
        case .student: Role.student
        }
    }
}

/// What stands in output buffers beforehand: numbers that no computation gives.
enum Unset {
    /// A NaN whose payload spells "REFLUX".
    static let double = Double(bitPattern: 0x7FF8_5245_464C_5558)
    /// A NaN whose payload spells "RLX" in part.
    static let float = Float(bitPattern: 0x7FD2_4C58)
    /// A mark that was not given.
    static let mark: Int32 = -1

    /// How a bad number is told: unset or what it is.
    static func describe(_ value: Double) -> String {
        value.bitPattern == double.bitPattern ? "was not set" : "is \(value)"
    }

    /// How a bad number is told: unset or what it is.
    static func describe(_ value: Float) -> String {
        value.bitPattern == float.bitPattern ? "was not set" : "is \(value)"
    }
}
