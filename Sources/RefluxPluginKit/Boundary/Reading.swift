package import CRefluxPlugin

// What the host lends becomes plain values.

extension Prompt {
    init(_ prompt: reflux_prompt) throws {
        self.init(
            id: prompt.id.text ?? "", index: Int(prompt.index), text: prompt.text.text ?? "",
            messages: try structs(prompt.messages, prompt.message_count).map { message in
                Message(Message.Speaker(message.speaker), message.content.text ?? "")
            },
            stops: array(prompt.stops, prompt.stop_count).map { $0.text ?? "" })
    }
}

extension Message.Speaker {
    package init(_ code: Int32) {
        switch code {
        case Code.speakerSystem: self = .system
        case Code.speakerAssistant: self = .assistant
        default: self = .user
        }
    }

    package var code: Int32 {
        switch self {
        case .system: Code.speakerSystem
        case .user: Code.speakerUser
        case .assistant: Code.speakerAssistant
        }
    }
}

extension Response.Role {
    package init(_ code: Int32) { self = code == Code.roleStudent ? .student : .teacher }

    package var code: Int32 { self == .student ? Code.roleStudent : Code.roleTeacher }
}

extension Response.Finish {
    package init(_ code: Int32) {
        switch code {
        case Code.finishStop: self = .stop
        case Code.finishLength: self = .length
        default: self = .unknown
        }
    }

    package var code: Int32 {
        switch self {
        case .stop: Code.finishStop
        case .length: Code.finishLength
        case .unknown: Code.finishUnknown
        }
    }
}

extension Response {
    package init(_ response: reflux_response) {
        self.init(
            response.text.text ?? "", role: Role(response.role), answer: response.answer.text,
            source: response.source.text ?? "", model: response.model.text ?? "",
            sample: Int(response.sample), finish: Finish(response.finish),
            temperature: response.temperature.isNaN ? nil : response.temperature,
            tokenCount: response.token_count < 0 ? nil : Int(response.token_count),
            meanLogProbability: response.mean_logprob.isNaN ? nil : response.mean_logprob,
            weight: response.struct_size < structSize(through: \reflux_response.weight)
                ? 1 : response.weight)
    }
}

extension Example {
    package init(_ example: reflux_example) {
        self.init(
            id: example.id.text ?? "", index: Int(example.index),
            question: example.question.text ?? "", gold: example.gold.text,
            solution: example.solution.text, category: example.category.text,
            options: array(example.options, example.option_count).map { $0.text ?? "" })
    }
}

extension ScoringItem {
    init(_ item: reflux_scoring_item) throws {
        self.init(
            prompt: try Prompt(required(item.prompt, "a prompt")), text: item.text.text ?? "",
            finished: item.finished != 0)
    }
}
