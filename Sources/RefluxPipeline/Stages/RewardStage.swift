import Foundation
import RefluxCore
import RefluxFiles
import RefluxRewards

/// Stage 5: the reward model learns the pseudo-rewards of both pools, the teachers' responses and the
/// student's. Leaves `model`, `report.html` and `report.json`, whose held-out within-prompt AUC
/// decides whether reinforcement may start.
struct RewardStage: Stage {
    let id = StageID.reward

    func inputs(_ context: StageContext) throws -> StageInputs {
        let bodies = context.configuration.rewardBodies.map {
            context.buildContext().modelPath($0.name)
        }
        return context.inputs(
            of: "task", "reward", heldOut: true, models: try context.givenModels(bodies),
            stages: context.preparation + [.label, .warmup, .sample])
    }

    func run(_ context: StageContext) async throws {
        let folder = context.folder(.reward)
        // The report appears last: then only the tidying was cut.
        if Files.exists("\(folder)/report.json") {
            return try Files.remove("\(folder)/checkpoints")
        }
        let data = try RewardPools(context)
        let model = try context.makeRewardModel()
        context.observer.note(
            "\(data.training.count) prompts to learn from, \(data.heldOut.count) held out")
        try await model.fit(
            RewardTrainingData(
                groups: data.training.map(data.items), seed: context.configuration.seed),
            checkpoint: "\(folder)/checkpoints",
            observer: context.observer.goingOn(with: context.metrics))
        try await Files.writeFolderAtomically("\(folder)/model") { temporary in
            try await model.save(to: temporary)
        }
        // As many training prompts as held-out ones: enough to see whether the model memorised.
        let evaluation = RewardEvaluation(
            heldOut: try await section(data.heldOut, of: data, by: model, context: context),
            training: try await section(
                Array(data.training.prefix(data.heldOut.count)), of: data, by: model,
                context: context))
        let page = RewardPage(
            title: "Reward model of \(context.configuration.name)",
            blocks: RewardSummary(evaluation).blocks, evaluation: evaluation)
        try Files.writeAtomically(Data(page.html.utf8), to: "\(folder)/report.html")
        let text = try JSONText.encode(evaluation, pretty: true)
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/report.json")
        try Files.remove("\(folder)/checkpoints")
        tell(evaluation, context: context)
    }

    private func section(
        _ groups: [[LabelledResponse]], of data: RewardPools, by model: any RewardModel,
        context: StageContext
    ) async throws -> RewardEvaluation.Section {
        let responses = groups.flatMap(\.self)
        var scores: [Double] = []
        for chunk in responses.chunks(of: 512) {
            try Task.checkCancellation()
            scores += try await model.score(chunk.map(data.item))
            context.observer.progress(scores.count, responses.count, "responses scored")
        }
        return try RewardEvaluation.Section(responses, scores: scores)
    }

    private func tell(_ evaluation: RewardEvaluation, context: StageContext) {
        let heldOut = evaluation.heldOut.pseudo.all
        let within = heldOut.withinPromptAUC.map { String(format: "%.3f", $0) } ?? "unknown"
        context.observer.note(
            "held-out within-prompt AUC \(within) over \(heldOut.pairs) pairs "
                + "(the floor is \(context.configuration.reward.floor))")
    }
}
