import RefluxCore
import RefluxFiles

/// Stage 2: the rule looks at the teachers' responses to each prompt. Leaves `labelled.jsonl`, every
/// response with its pseudo-reward, and `labels.jsonl`, the pseudo-label of every prompt.
struct LabelStage: Stage {
    let id = StageID.label

    func inputs(_ context: StageContext) throws -> StageInputs {
        var inputs = context.inputs(of: "task", "label", stages: [.teach])
        inputs.settings = try context.teacherWeights().adding(to: inputs.settings)
        return inputs
    }

    func run(_ context: StageContext) async throws {
        let judge = try context.makeJudge()
        if judge.rule.needsGold {
            context.observer.note("the rule \(judge.rule.name) reads gold answers")
        }
        let weights = try context.teacherWeights()
        let path = "\(context.folder(.teach))/responses.jsonl"
        let byPrompt = Dictionary(
            grouping: try JSONLines.read(Response.self, from: path), by: \.promptID)
        var tally = JudgementTally(observer: context.observer)
        let examples = try context.trainExamples()
        for (index, example) in examples.enumerated() {
            try Task.checkCancellation()
            let group = try await judge.judge(
                example, responses: weights.weighing(byPrompt[example.id] ?? []))
            tally.add(group, labelled: group.labelled())
            context.observer.progress(index + 1, examples.count, "prompts")
        }
        let folder = context.folder(.label)
        try JSONLines.write(tally.responses, to: "\(folder)/labelled.jsonl")
        try JSONLines.write(tally.labels, to: "\(folder)/labels.jsonl")
        try context.metrics.truncate(fromStep: 0)
        context.observer.metrics(0, tally.metrics.values)
        tally.tell()
    }
}
