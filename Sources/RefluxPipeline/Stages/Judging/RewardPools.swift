import RefluxCore
import RefluxFiles

/// Both pools of labelled responses, split by prompt: what the reward model learns from, and what it
/// is measured on.
struct RewardPools: Sendable {
    /// The responses of each training prompt that have pseudo-rewards, in random order of prompts.
    let training: [[LabelledResponse]]
    /// The same of the prompts that are held out.
    let heldOut: [[LabelledResponse]]
    private let prompts: [String: Prompt]

    /// Reads what `label` and `sample` left. A prompt that the student answered has its judgement
    /// from there, where the rule saw both pools.
    ///
    /// - Throws: ``RefluxError`` of kind `refused` when there are not two prompts with rewards.
    init(_ context: StageContext) throws {
        let judgedByTeachers = try Self.read("\(context.folder(.label))/labelled.jsonl")
        let judgedByBoth = try Self.read("\(context.folder(.sample))/labelled.jsonl")
        let byPrompt = judgedByTeachers.merging(judgedByBoth) { $1 }
        let examples = try context.trainExamples()
        prompts = Dictionary(
            examples.map { ($0.id, context.task.prompt(for: $0)) }, uniquingKeysWith: { $1 })
        let groups = examples.compactMap { example in
            byPrompt[example.id]?.filter { $0.reward != nil }
        }.filter { !$0.isEmpty }
        guard groups.count >= 2 else {
            throw RefluxError(
                .refused, found: "\(groups.count) prompts have pseudo-rewards",
                at: SourceLocation(path: "\(context.folder(.label))/labels.jsonl"),
                wanted: "at least 2",
                remedy: "Lower label.min_share, take more prompts, or ask the teachers more often.")
        }
        var stream = RandomKey(
            seed: context.configuration.seed, stage: .reward, prompt: Int(UInt32.max)
        ).stream
        let order = groups.shuffled(using: &stream)
        let wanted = Int((Double(groups.count) * context.configuration.reward.holdout).rounded())
        let count = min(max(1, wanted), groups.count - 1)
        heldOut = Array(order.prefix(count))
        training = Array(order.dropFirst(count))
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
                    item: item(labelled), reward: min(max(reward, 0), 1),
                    role: labelled.response.role)
            }
        }
    }
}
