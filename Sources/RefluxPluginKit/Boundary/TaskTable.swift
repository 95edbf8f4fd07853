import CRefluxPlugin

/// A task behind a handle.
final class TaskInstance: Sendable {
    let task: any TaskEvaluator

    init(_ task: any TaskEvaluator) {
        self.task = task
    }
}

/// The function table of a task.
func taskTable(create: @escaping Creator) -> reflux_task_table {
    reflux_task_table(
        struct_size: structSize(through: \reflux_task_table.grade), reserved: 0, create: create,
        destroy: Slots.destroy,
        list_metrics: { handle, call, out in
            answer(call) { _ in
                let task = try instance(handle, as: TaskInstance.self).task
                let out = try required(out, "the list of metrics")
                for metric in task.metrics { lend(metric) { out.add(call, $0) } }
            }
        },
        load_examples: { handle, call, split, out in
            answer(call) { scope in
                let task = try instance(handle, as: TaskInstance.self).task
                let out = try required(out, "the list of examples")
                for example in try task.examples(in: Split(code: split), call: scope) {
                    example.lend { out.add(call, $0) }
                }
            }
        },
        write_prompt: { handle, call, example, out in
            answer(call) { scope in
                let task = try instance(handle, as: TaskInstance.self).task
                let example = Example(try required(example, "the example"))
                let out = try required(out, "the prompt")
                try task.prompt(for: example, call: scope).write(to: out, call: call)
            }
        },
        read_answers: { handle, call, responses, count, out in
            answer(call) { scope in
                let task = try instance(handle, as: TaskInstance.self).task
                let out = try required(out, "the list of answers")
                for (index, response) in array(responses, count).enumerated() {
                    let read = try task.answer(in: response.text ?? "", call: scope)
                    // Texts of the boundary have no NUL: such an answer is none.
                    guard let read, !read.utf8.contains(0) else { continue }
                    lend(read) { out.set_answer(call, UInt64(index), $0) }
                }
            }
        },
        grade: { handle, call, responses, examples, count, out in
            answer(call) { scope in
                let task = try instance(handle, as: TaskInstance.self).task
                let out = try required(out, "the grades")
                let responses = array(responses, count)
                for (index, example) in try structs(examples, count).enumerated() {
                    let grade = try task.grade(
                        responses[index].text ?? "", for: Example(example), call: scope)
                    try grade.write(to: out, at: index, metrics: task.metrics)
                }
            }
        })
}

extension Split {
    fileprivate init(code: Int32) throws {
        switch code {
        case Code.splitTrain: self = .train
        case Code.splitTest: self = .test
        case Code.splitValidation: self = .validation
        default: throw PluginError("The host asked for the split \(code), which is unknown.")
        }
    }

    package var code: Int32 {
        switch self {
        case .train: Code.splitTrain
        case .test: Code.splitTest
        case .validation: Code.splitValidation
        }
    }
}

extension PromptDraft {
    fileprivate func write(to out: reflux_prompt_draft, call: OpaquePointer?) {
        if let text { lend(text) { out.set_text(call, $0) } }
        for message in messages {
            lend(message.content) { out.add_message(call, message.speaker.code, $0) }
        }
        for stop in stops { lend(stop) { out.add_stop(call, $0) } }
    }
}

extension Grade {
    fileprivate func write(to out: reflux_grades, at index: Int, metrics: [String]) throws {
        guard out.metric_count == UInt64(metrics.count) else {
            throw PluginError(
                "The host asks for \(out.metric_count) metrics, the task has \(metrics.count).")
        }
        out.parsed[index] = parsed ? 1 : 0
        for (place, metric) in metrics.enumerated() {
            guard let right = correct[metric] else {
                throw PluginError("A grade has no mark for the metric \"\(metric)\".")
            }
            out.correct[index * metrics.count + place] = right ? 1 : 0
        }
    }
}
