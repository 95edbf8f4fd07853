import CRefluxPlugin
public import RefluxPluginKit

extension MockHost {
    /// Makes a task. Settings that are left out have their defaults.
    public func task(_ id: String, settings: JSONValue = [:]) throws -> MockTask {
        try MockTask(
            instance: MockInstance(
                self, kind: REFLUX_KIND_TASK_EVALUATOR, id: id, settings: settings
            ) { ($0.create, $0.destroy) })
    }
}

/// A task behind the boundary.
public struct MockTask: Sendable {
    let instance: MockInstance<reflux_task_table>
    /// The names of the metrics.
    public let metrics: [String]

    init(instance: MockInstance<reflux_task_table>) throws {
        self.instance = instance
        let arena = Arena()
        let out = reflux_metric_list(
            struct_size: structSize(through: \reflux_metric_list.add), reserved: 0,
            add: { call, name in
                let name = name.text ?? ""
                CallRecord.note(call) { $0.names.append(name) }
            })
        let list = try function(instance.table.list_metrics, "list_metrics")
        let (state, _) = try instance.call(arena) {
            (list(instance.handle, $0.pointer, arena.pointer(to: out)), ())
        }
        metrics = state.names
        guard !metrics.isEmpty, Set(metrics).count == metrics.count, !metrics.contains("") else {
            throw MockHostError.contract(
                "The metrics are \(metrics), wanted at least one, each with a name of its own.")
        }
    }

    /// The examples of a split, numbered from 0.
    public func examples(in split: Split) throws -> [Example] {
        let arena = Arena()
        let out = reflux_example_list(
            struct_size: structSize(through: \reflux_example_list.add), reserved: 0,
            add: { call, example in
                guard let example else { return }
                let copy = Example(example.pointee)
                CallRecord.note(call) { $0.examples.append(copy) }
            })
        let load = try function(instance.table.load_examples, "load_examples")
        let (state, _) = try instance.call(arena) {
            (load(instance.handle, $0.pointer, split.code, arena.pointer(to: out)), ())
        }
        guard Set(state.examples.map(\.id)).count == state.examples.count else {
            throw MockHostError.contract("Two examples of the split have one id.")
        }
        return state.examples.enumerated().map { index, example in
            var example = example
            example.index = index
            return example
        }
    }

    /// What a model is asked for an example.
    public func prompt(for example: Example) throws -> PromptDraft {
        let arena = Arena()
        let out = reflux_prompt_draft(
            struct_size: structSize(through: \reflux_prompt_draft.add_stop), reserved: 0,
            set_text: { call, text in
                let text = text.text
                CallRecord.note(call) { $0.text = text }
            },
            add_message: { call, speaker, content in
                let message = Message(Message.Speaker(speaker), content.text ?? "")
                CallRecord.note(call) { $0.messages.append(message) }
            },
            add_stop: { call, text in
                let text = text.text ?? ""
                CallRecord.note(call) { $0.stops.append(text) }
            })
        let write = try function(instance.table.write_prompt, "write_prompt")
        let input = arena.pointer(to: arena.example(example))
        let (state, _) = try instance.call(item: example.index, arena) {
            (write(instance.handle, $0.pointer, input, arena.pointer(to: out)), ())
        }
        guard (state.text == nil) != state.messages.isEmpty else {
            throw MockHostError.contract("A prompt is either a text or messages.")
        }
        return state.text.map { .text($0, stops: state.stops) }
            ?? .chat(state.messages, stops: state.stops)
    }

    /// The answers of responses, `nil` where none can be read.
    public func answers(in responses: [String]) throws -> [String?] {
        let arena = Arena()
        let out = reflux_answer_list(
            struct_size: structSize(through: \reflux_answer_list.set_answer), reserved: 0,
            set_answer: { call, index, answer in
                let answer = answer.text
                CallRecord.note(call) { $0.answers[Int(index)] = answer }
            })
        let read = try function(instance.table.read_answers, "read_answers")
        let texts = arena.array(responses.map { arena.string($0) })
        let count = UInt64(responses.count)
        let (state, _) = try instance.call(arena) {
            (read(instance.handle, $0.pointer, texts, count, arena.pointer(to: out)), ())
        }
        if let wrong = state.answers.keys.first(where: { !responses.indices.contains($0) }) {
            throw MockHostError.contract("It gave an answer to response \(wrong), out of range.")
        }
        return responses.indices.map { state.answers[$0] }
    }

    /// The answer of one response.
    public func answer(in response: String) throws -> String? {
        try answers(in: [response])[0]
    }

    /// The marks of one response.
    public func grade(_ response: String, for example: Example) throws -> Grade {
        let arena = Arena()
        let out = reflux_grades(
            struct_size: structSize(through: \reflux_grades.metric_count), reserved: 0,
            parsed: arena.buffer(-1, count: 1, "parsed"),
            correct: arena.buffer(-1, count: metrics.count, "correct"),
            metric_count: UInt64(metrics.count))
        let grade = try function(instance.table.grade, "grade")
        let text = arena.array([arena.string(response)])
        let examples = arena.pointers(to: [arena.example(example)])
        let (_, marks) = try instance.call(item: example.index, arena) { record in
            let status = grade(
                instance.handle, record.pointer, text, examples, 1, arena.pointer(to: out))
            return (status, [out.parsed[0]] + metrics.indices.map { out.correct[$0] })
        }
        guard marks.allSatisfy({ $0 == 0 || $0 == 1 }) else {
            throw MockHostError.contract("The marks are \(marks), wanted 0 or 1 everywhere.")
        }
        let correct = zip(metrics, marks.dropFirst()).map { ($0, $1 == 1) }
        return Grade(parsed: marks[0] == 1, correct: Dictionary(uniqueKeysWithValues: correct))
    }
}
