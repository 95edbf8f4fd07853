import RefluxCore
import RefluxFiles

/// Responses of the current student that vote beside the teachers', by prompt.
struct VotePool: Sendable {
    private var byPrompt: [String: [LabelledResponse]] = [:]

    /// Nobody votes.
    init() {}

    /// These vote.
    init(_ votes: [LabelledResponse]) {
        byPrompt = Dictionary(grouping: votes, by: \.response.promptID)
    }

    /// The votes of a prompt with their answers.
    func group(of prompt: String) -> (responses: [Response], answers: [String?]) {
        let lines = byPrompt[prompt] ?? []
        return (lines.map(\.response), lines.map(\.answer))
    }
}

/// The option `label_refresh`: every so many steps the current student answers all prompts, and its
/// answers join the teachers' votes until the next refresh.
///
/// To the rule they are teacher responses, since that is what they now are; their source says which
/// step they come from. The votes of a refresh are a file that is whole or not there, so that a run
/// that goes on from a checkpoint finds those it had.
struct LabelRefresh: Sendable {
    /// Steps between two refreshes; 0 never refreshes.
    let every: Int
    /// Where the votes are kept.
    let folder: String
    /// All prompts of the reinforcement.
    let examples: [Example]
    /// Draws from the student.
    let source: RolloutSource
    private var current: (step: Int, votes: VotePool)?

    /// Makes a refresh.
    init(every: Int, folder: String, examples: [Example], source: RolloutSource) {
        self.every = every
        self.folder = folder
        self.examples = examples
        self.source = source
    }

    /// The votes that count in a step.
    mutating func votes(at step: Int) async throws -> VotePool {
        guard every > 0, step >= every else { return VotePool() }
        let latest = step / every * every
        if let current, current.step == latest { return current.votes }
        let path = "\(folder)/votes-\(latest).jsonl"
        if !Files.exists(path) {
            try Files.makeFolder(folder)
            try JSONLines.write(try await draw(at: latest), to: path)
        }
        let votes = VotePool(try JSONLines.read(LabelledResponse.self, from: path))
        current = (latest, votes)
        return votes
    }

    private func draw(at step: Int) async throws -> [LabelledResponse] {
        // Samples are numbered from a million, so that rollouts never share their random numbers.
        let rollouts = try await source.rollouts(of: examples, step: step, firstSample: 1_000_000)
        return rollouts.enumerated().map { index, rollout in
            var response = rollout.response(seed: source.seed, step: step, sample: index)
            response.role = .teacher
            response.source = "refresh-\(step)"
            return LabelledResponse(
                response: response, promptIndex: rollout.example.index, answer: rollout.answer,
                label: nil, reward: nil)
        }
    }
}
