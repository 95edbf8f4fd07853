import CRefluxPlugin
import RefluxCore

/// A task of a plugin.
final class PluginTask: TaskEvaluator, @unchecked Sendable {
    let name: String
    let metrics: [String]
    private let instance: PluginInstance
    private let table: reflux_task_table

    /// Makes an instance and asks for its metrics.
    init(_ origin: InstanceOrigin, _ table: reflux_task_table) throws {
        instance = try PluginInstance(origin, create: table.create, destroy: table.destroy)
        name = origin.request.name
        self.table = table
        metrics = try Self.metrics(of: instance, table)
    }

    private static func metrics(
        of instance: PluginInstance, _ table: reflux_task_table
    ) throws -> [String] {
        guard let list = table.list_metrics else { throw instance.site.missing("list_metrics") }
        let arena = CallArena()
        var raw = reflux_metric_list()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_metric_list.add))
        raw.add = { call, name in LiveCalls.find(call)?.addMetricName(name) }
        let sink = arena.put(raw)
        let frame = CallFrame(function: "list_metrics")
        let names = try instance.perform(frame, arena: arena) { list($0, $1, sink) }.metricNames
        guard !names.isEmpty else {
            throw instance.site.error(
                .callResult, item: nil, found: "list_metrics named no metric",
                wanted: "at least one metric")
        }
        if let name = firstRepeated(names) {
            throw instance.site.error(
                .callResult, item: nil, found: "list_metrics named \(quoted(name)) twice",
                wanted: "metrics with names of their own")
        }
        return names
    }

    func examples(in split: Split) throws -> [Example] {
        guard let load = table.load_examples else { throw instance.site.missing("load_examples") }
        let arena = CallArena()
        var raw = reflux_example_list()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_example_list.add))
        raw.add = { call, example in LiveCalls.find(call)?.addExample(example) }
        let sink = arena.put(raw)
        let number =
            switch split {
            case .train: SplitNumber.train
            case .test: SplitNumber.test
            case .validation: SplitNumber.validation
            }
        let frame = CallFrame(function: "load_examples", item: split.rawValue)
        var examples = try instance.perform(frame, arena: arena) {
            load($0, $1, number, sink)
        }.examples
        if let id = firstRepeated(examples.map(\.id)) {
            throw instance.site.error(
                .callResult, item: split.rawValue, found: "two examples have the id \(quoted(id))",
                wanted: "ids of their own")
        }
        for index in examples.indices { examples[index].index = index }
        return examples
    }

    func prompt(for example: Example) throws -> Prompt {
        guard let write = table.write_prompt else { throw instance.site.missing("write_prompt") }
        let arena = CallArena()
        let input = arena.example(example)
        var raw = reflux_prompt_draft()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_prompt_draft.add_stop))
        raw.set_text = { call, text in LiveCalls.find(call)?.setPromptText(text) }
        raw.add_message = { call, speaker, text in
            LiveCalls.find(call)?.addMessage(speaker, text)
        }
        raw.add_stop = { call, text in LiveCalls.find(call)?.addStop(text) }
        let sink = arena.put(raw)
        let frame = CallFrame(
            function: "write_prompt", item: example.id, promptIndex: example.index)
        let draft = try instance.perform(frame, arena: arena) { write($0, $1, input, sink) }.prompt
        return Prompt(
            id: example.id, index: example.index, content: try content(of: draft, example),
            stops: draft.stops)
    }

    private func content(
        of draft: CallOutputs.PromptDraft, _ example: Example
    ) throws -> Prompt.Content {
        switch (draft.text, draft.messages.isEmpty) {
        case (let text?, true): return .text(text)
        case (nil, false): return .chat(draft.messages)
        case (_, let isEmpty):
            throw instance.site.error(
                .callResult, item: example.id,
                found: "write_prompt gave \(isEmpty ? "nothing" : "a text and messages")",
                wanted: "either a text or messages")
        }
    }

    func answer(in response: String) throws -> String? {
        guard let read = table.read_answers else { throw instance.site.missing("read_answers") }
        let arena = CallArena()
        let input = arena.texts([response])
        var raw = reflux_answer_list()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_answer_list.set_answer))
        raw.set_answer = { call, index, text in LiveCalls.find(call)?.setAnswer(index, text) }
        let sink = arena.put(raw)
        let frame = CallFrame(function: "read_answers", itemCount: 1)
        return try instance.perform(frame, arena: arena) { read($0, $1, input, 1, sink) }.answers[0]
    }

    func grade(_ response: String, for example: Example) throws -> Grade {
        guard let grade = table.grade else { throw instance.site.missing("grade") }
        let arena = CallArena()
        let texts = arena.texts([response])
        let packed = arena.example(example)
        let examples = arena.pointers(count: 1) { _ in packed }
        let parsed = arena.output("parsed", count: 1, filledWith: Unset.mark)
        let correct = arena.output("correct", count: metrics.count, filledWith: Unset.mark)
        var raw = reflux_grades()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_grades.metric_count))
        raw.parsed = parsed
        raw.correct = correct
        raw.metric_count = UInt64(metrics.count)
        let sink = arena.put(raw)
        let frame = CallFrame(
            function: "grade", item: example.id, promptIndex: example.index, itemCount: 1)
        _ = try instance.perform(frame, arena: arena) { grade($0, $1, texts, examples, 1, sink) }
        let isParsed = try mark("parsed", parsed.pointee, example)
        let marks = try metrics.indices.map {
            (metrics[$0], try mark("the metric \(quoted(metrics[$0]))", correct[$0], example))
        }
        return Grade(correct: Dictionary(uniqueKeysWithValues: marks), parsed: isParsed)
    }

    private func mark(_ name: String, _ value: Int32, _ example: Example) throws -> Bool {
        guard value == 0 || value == 1 else {
            let found = value == Unset.mark ? "was not set" : "is \(value)"
            throw instance.site.error(
                .callResult, item: example.id, found: "\(name) \(found)", wanted: "0 or 1")
        }
        return value == 1
    }
}

private func firstRepeated(_ names: [String]) -> String? {
    var seen: Set<String> = []
    return names.first { !seen.insert($0).inserted }
}
