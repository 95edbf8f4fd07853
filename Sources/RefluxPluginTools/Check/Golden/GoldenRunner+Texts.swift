import RefluxCore
import RefluxPluginHost

extension GoldenRunner {
    /// A case of a task: a split, the reading of a response, or its marks.
    func runTask(_ reader: GoldenReader, _ compare: GoldenComparison, _ bench: Bench) throws {
        let task = try bench.runtime.makeTask(bench.request)
        let expect = try reader.requiredTable("expect")
        if let split = try reader.text("split") {
            guard let split = Split(rawValue: split) else {
                throw GoldenFile.error(
                    "the split \"\(split)\"", at: reader.place(of: "split"),
                    wanted: "train, test or validation")
            }
            try compareSplit(split, of: task, expect, compare)
        }
        if let response = try reader.text("response") {
            if expect.contains("answer") {
                let answer = try expect.text("answer")
                try compare.text(
                    try task.answer(in: response), answer, at: expect.place(of: "answer"))
            }
            if let example = try reader.table("example") {
                let grade = try task.grade(response, for: try self.example(example))
                if let parsed = try expect.bool("parsed") {
                    try compare.value(grade.parsed, parsed, at: expect.place(of: "parsed"))
                }
                for (metric, mark) in try expect.namedBools("correct") ?? [] {
                    var place = expect.place(of: "correct")
                    place.key = "expect.correct.\(metric)"
                    try compare.text(
                        grade.correct[metric].map { "\($0)" }, "\(mark)", at: place)
                }
            }
        }
        try expect.finish()
    }

    private func compareSplit(
        _ split: Split, of task: any TaskEvaluator, _ expect: GoldenReader,
        _ compare: GoldenComparison
    ) throws {
        let examples = try task.examples(in: split)
        if let count = try expect.integer("count") {
            try compare.value(examples.count, count, at: expect.place(of: "count"))
        }
        if let first = try expect.table("first") {
            let example = examples.first
            for (key, found) in [
                ("id", example?.id), ("question", example?.question), ("gold", example?.gold),
                ("solution", example?.solution), ("category", example?.category),
            ] where first.contains(key) {
                let wanted = try first.text(key)
                try compare.text(found, wanted, at: first.place(of: key))
            }
            try first.finish()
        }
        if let text = try expect.text("prompt") {
            let prompt = try examples.first.map { try task.prompt(for: $0).displayText }
            try compare.text(prompt, text, at: expect.place(of: "prompt"))
        }
    }

    private func example(_ reader: GoldenReader) throws -> Example {
        let example = Example(
            id: try reader.text("id") ?? "golden", index: try reader.integer("index") ?? 0,
            question: try reader.text("question") ?? "", gold: try reader.text("gold"),
            solution: try reader.text("solution"), category: try reader.text("category"),
            options: try reader.texts("options"))
        try reader.finish()
        return example
    }

    /// A case of a teacher.
    func runTeacher(_ reader: GoldenReader, _ compare: GoldenComparison, _ bench: Bench)
        async throws
    {
        let prompts = (try reader.texts("prompts") ?? []).enumerated().map { index, text in
            Prompt(id: "case/\(index)", index: index, content: .text(text))
        }
        let table = try reader.requiredTable("plan")
        let plan = SamplingPlan(
            samplesPerTemperature: try table.integer("samples") ?? 1,
            temperatures: try table.numbers("temperatures") ?? [1],
            settings: SamplingSettings(
                topK: try table.integer("top_k") ?? 0, topP: try table.number("top_p") ?? 1,
                minP: try table.number("min_p") ?? 0,
                maxTokens: try table.integer("max_tokens") ?? 256),
            seed: UInt64(clamping: try table.integer("seed") ?? 0))
        try table.finish()
        let expect = try reader.requiredTable("expect")
        let teacher = try bench.runtime.makeTeacher(bench.request)
        let all = try await teacher.respond(to: prompts, plan: plan, observer: .silent)
        if let counts = try expect.integers("counts") {
            try compare.value(all.map(\.count), counts, at: expect.place(of: "counts"))
        }
        if let texts = try expect.textLists("texts") {
            try compare.value(all.map { $0.map(\.text) }, texts, at: expect.place(of: "texts"))
        }
        try expect.finish()
    }

    /// A case of a reward model.
    func runRewardModel(_ reader: GoldenReader, _ compare: GoldenComparison, _ bench: Bench)
        async throws
    {
        let items = try (try reader.tables("items") ?? []).enumerated().map { index, table in
            let item = ScoringItem(
                prompt: Prompt(
                    id: "case/\(index)", index: index,
                    content: .text(try table.text("prompt") ?? "Q")),
                text: try table.text("text") ?? "", finished: try table.bool("finished") ?? true)
            try table.finish()
            return item
        }
        let expect = try reader.requiredTable("expect")
        let model = try bench.runtime.makeRewardModel(bench.request)
        let scores = try await model.score(items)
        if let wanted = try expect.numbers("scores") {
            try compare.numbers(scores, wanted, at: expect.place(of: "scores"))
        }
        try expect.finish()
    }
}
