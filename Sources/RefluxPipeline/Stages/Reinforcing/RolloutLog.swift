import RefluxCore
import RefluxFiles

/// `reinforce/rollouts.jsonl`: the rollouts of one prompt of every step, for people.
struct RolloutLog: Sendable {
    /// The file.
    let path: String

    /// Drops the lines of a step and of all later ones.
    func truncate(fromStep step: Int) throws {
        guard Files.exists(path) else { return }
        let lines = try JSONLines.readWhole(RolloutLine.self, from: path, repair: true)
        try JSONLines.write(lines.filter { $0.step < step }, to: path)
    }

    /// Adds rollouts of a step.
    func append(_ rollouts: [Rollout], step: Int) throws {
        let writer = try JSONLinesWriter(appendingTo: path)
        try writer.append(contentsOf: rollouts.map { RolloutLine($0, step: step) })
        try writer.close()
    }
}
