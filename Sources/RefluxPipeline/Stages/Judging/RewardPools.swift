import RefluxCore
import RefluxFiles

/// Both pools of labelled responses, split by prompt: what the reward model learns from, and what it
/// is measured on.
struct RewardPools: Sendable {
    /// The responses of each training prompt that have pseudo-rewards, brought into 0 to 1, in random
    /// order of prompts.
    let training: [[LabelledResponse]]
    /// The same of the prompts that are held out (``HeldOutPrompts``), in the task's order.
    let heldOut: [[LabelledResponse]]
    private let prompts: [String: Prompt]

    /// Reads what `label` and `sample` left. A prompt that the student answered has its judgement
    /// from there, where the rule saw both pools.
    ///
    /// - Throws: ``RefluxError`` of kind `refused` when one of the two sides has no rewards.
    init(_ context: StageContext) throws {
        let judgedByTeachers = try Self.read("\(context.folder(.label))/labelled.jsonl")
        let judgedByBoth = try Self.read("\(context.folder(.sample))/labelled.jsonl")
        let byPrompt = judgedByTeachers.merging(judgedByBoth) { $1 }
        let examples = try context.trainExamples()
        prompts = Dictionary(
            try examples.map { ($0.id, try context.task.prompt(for: $0)) }, uniquingKeysWith: { $1 }
        )
        let groups = examples.compactMap { example in
            byPrompt[example.id]?.compactMap(Self.withProbability)
        }.filter { !$0.isEmpty }
        let aside = try context.heldOutPrompts().ids
        var stream = RandomKey(
            seed: context.configuration.seed, stage: .reward, step: 1, prompt: Int(UInt32.max)
        ).stream
        training = groups.filter { !aside.contains($0[0].response.promptID) }
            .shuffled(using: &stream)
        heldOut = groups.filter { aside.contains($0[0].response.promptID) }
        guard !training.isEmpty, !heldOut.isEmpty else {
            throw RefluxError(
                .refused,
                found: "\(training.count) prompts to learn from and \(heldOut.count) held-out ones "
                    + "have pseudo-rewards",
                at: SourceLocation(path: "\(context.folder(.label))/labels.jsonl"),
                wanted: "at least 1 of each",
                remedy: "Lower label.min_share, take more prompts, raise task.held_out, or ask the "
                    + "teachers more often.")
        }
    }

    /// A reward model learns probabilities of acceptance, while rules may give any number; `nil` for
    /// an abstention.
    private static func withProbability(_ labelled: LabelledResponse) -> LabelledResponse? {
        guard let reward = labelled.reward else { return nil }
        var labelled = labelled
        labelled.reward = min(max(reward, 0), 1)
        return labelled
    }

    private static func read(_ path: String) throws -> [String: [LabelledResponse]] {
        Dictionary(
            grouping: try JSONLines.read(LabelledResponse.self, from: path),
            by: \.response.promptID)
    }

    /// A response as it is scored.
    func item(_ labelled: LabelledResponse) -> ScoringItem {
        let id = labelled.response.promptID
        return ScoringItem(
            prompt: prompts[id]
                ?? Prompt(id: id, index: labelled.promptIndex, content: .text("")),
            text: labelled.response.text, finished: labelled.response.finish != .length)
    }

    /// The responses of a prompt as they are learnt.
    func items(_ group: [LabelledResponse]) -> [RewardTrainingData.Item] {
        group.compactMap { labelled in
            labelled.reward.map { reward in
                RewardTrainingData.Item(
                    item: item(labelled), reward: reward, role: labelled.response.role)
            }
        }
    }
}
