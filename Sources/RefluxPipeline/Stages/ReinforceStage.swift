import RefluxCore
import RefluxFiles

/// Stage 6: the student is reinforced against the reward model, the rule, or both. Leaves `model`, the
/// metrics of every step and a sample of the rollouts.
struct ReinforceStage: Stage {
    let id = StageID.reinforce

    func inputs(_ context: StageContext) throws -> StageInputs {
        context.inputs(
            of: "task", "label", "reinforce", heldOut: true, adapter: true,
            stages: [.label, .warmup] + (context.configuration.includes(.reward) ? [.reward] : []))
    }

    func run(_ context: StageContext) async throws {
        let settings = context.configuration.reinforce
        let hasModel = context.configuration.includes(.reward)
        if settings.reward != .rule {
            let reward = context.configuration.reward
            try RewardFloor(floor: reward.floor, isOverridden: reward.overrideFloor).check(
                reportAt: "\(context.folder(.reward))/report.json", observer: context.observer)
        }
        let folder = context.folder(.reinforce)
        // The model appears when it is whole: then only the tidying was cut.
        if !Files.isFolder("\(folder)/model") {
            let model = hasModel ? try context.savedRewardModel() : nil
            let loop = try await loop(context, settings: settings, rewardModel: model)
            let end = try await loop.run()
            try await exportModel(loop, end: end, context: context)
        }
        for name in ["checkpoints", "best", "votes"] { try Files.remove("\(folder)/\(name)") }
    }

    /// Puts the parts of the loop together.
    private func loop(
        _ context: StageContext, settings: ReinforceSettings, rewardModel: (any RewardModel)?
    ) async throws -> ReinforcementLoop {
        let seed = context.configuration.seed
        let optimizer = try context.makeOptimizer()
        let (policy, reference) = try await engines(context, optimizer: optimizer)
        let pool = try TeacherPool(context)
        let judge = try context.makeJudge()
        let prompts = try ReinforcementPrompts(context, settings: settings, pool: pool)
        let folder = context.folder(.reinforce)
        let source = RolloutSource(
            policy: policy, task: context.task, sampling: settings.sampling,
            samplesPerPrompt: settings.samplesPerPrompt, seed: seed)
        let labels = try JSONLines.read(
            PromptLabel.self, from: "\(context.folder(.label))/labels.jsonl")
        return ReinforcementLoop(
            settings: settings, folder: folder, policy: policy,
            order: PromptOrder(
                examples: prompts.training, perStep: settings.promptsPerStep, seed: seed),
            source: source,
            rewards: RolloutRewards(
                settings: settings, model: rewardModel, judge: judge, pool: pool, seed: seed),
            update: PolicyUpdate(
                policy: policy, reference: reference, optimizer: optimizer, settings: settings),
            heldOut: HeldOutReward(
                examples: prompts.heldOut, judge: judge, pool: pool,
                maxTokens: settings.sampling.maxTokens, seed: seed),
            refresh: LabelRefresh(
                every: settings.labelRefresh, folder: "\(folder)/votes",
                examples: prompts.training, source: source),
            labels: Dictionary(labels.map { ($0.prompt, $0) }, uniquingKeysWith: { $1 }),
            observer: context.observer, metrics: context.metrics)
    }

    /// The policy, with a value head if the method wants one, and the frozen reference: both start as
    /// the warmed-up student. A policy that trains an adapter goes on with that of the warm-up.
    private func engines(
        _ context: StageContext, optimizer: any PolicyOptimizer
    ) async throws -> (policy: any LanguageModelEngine, reference: (any LanguageModelEngine)?) {
        let settings = context.configuration.reinforce
        let path = try context.model("student")
        let precision = context.configuration.student.precision
        let seed = context.configuration.seed
        let head =
            optimizer.needsValues ? ModelOptions.Head(detached: settings.detachValues) : nil
        let policy = try await context.models.open(
            path,
            options: context.configuration.student.trainable(
                drawingIn: settings.rolloutPrecision, head: head, seed: seed))
        guard optimizer.needsReference || settings.watchReference else { return (policy, nil) }
        let reference = try await context.models.open(
            path, options: ModelOptions(precision: precision, seed: seed))
        return (policy, reference)
    }

    /// The last student, or the best one by held-out rule reward where the run file wants it or
    /// reinforcement has collapsed.
    private func exportModel(
        _ loop: ReinforcementLoop, end: ReinforcementLoop.State, context: StageContext
    ) async throws {
        let folder = context.folder(.reinforce)
        var engine = loop.policy
        if loop.settings.keepBest || end.hasCollapsed, let best = end.best,
            best.step < loop.settings.steps
        {
            let path = best.step == 0 ? try context.model("student") : "\(folder)/best"
            context.observer.note(
                "the student after \(best.step) steps is kept: its held-out rule reward, "
                    + "\(best.reward), is the best")
            engine = try await context.models.open(
                path, options: ModelOptions(precision: context.configuration.student.precision))
        }
        let chosen = engine
        try await Files.writeFolderAtomically("\(folder)/model") { temporary in
            try await chosen.exportModel(to: temporary)
        }
    }
}
