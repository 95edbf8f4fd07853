import RefluxCore
import Synchronization

/// The training problems that stand before a question, read on first use.
final class DrawnShots: Sendable {
    private struct Pool {
        let problems: [(question: String, answer: String)]
        let draws: [Split: FewShotDraws]
    }

    private let count: Int
    private let files: GSM8KFiles
    private let pool = Mutex<Pool?>(nil)

    /// Shows so many problems; none are read when it is 0.
    init(count: Int, files: GSM8KFiles) {
        self.count = count
        self.files = files
    }

    /// The problems before an example.
    func before(_ example: Example) throws -> [(question: String, answer: String)] {
        guard count > 0 else { return [] }
        let isTraining = example.id.hasPrefix("gsm8k/train/")
        return try pool.withLock { kept in
            if kept == nil { kept = try read() }
            guard let kept else { return [] }
            let draws = kept.draws[isTraining ? .train : .test]
            return (draws?.shots(at: example.index) ?? []).map { kept.problems[$0] }
        }
    }

    private func read() throws -> Pool {
        let problems = try files.rawTrainingProblems()
        let draws: [Split: FewShotDraws] = [
            .train: FewShotDraws(count, of: problems.count, excludesItself: true),
            .test: FewShotDraws(count, of: problems.count, excludesItself: false),
        ]
        return Pool(problems: problems, draws: draws)
    }
}
