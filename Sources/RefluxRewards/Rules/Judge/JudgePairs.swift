import RefluxCore

/// Which texts are compared: all pairs, or, where they are too many, each text with its next ones
/// in a circle that the seed and the prompt draw.
struct JudgePairs {
    /// Pairs of indexes of texts, each pair once.
    let all: [(Int, Int)]

    /// Chooses pairs.
    ///
    /// - Parameters:
    ///   - count: how many texts there are.
    ///   - rivals: the texts behind each one in the circle that it is compared with.
    ///   - seed: the run's seed.
    ///   - prompt: the index of the prompt.
    init(count: Int, rivals: Int, seed: UInt64, prompt: Int) {
        guard 2 * rivals < count - 1 else {
            all = (0..<count).flatMap { first in
                (first + 1..<max(count, first + 1)).map { (first, $0) }
            }
            return
        }
        // Step 1, since step 0 draws between tied answers.
        var stream = RandomKey(seed: seed, stage: .label, step: 1, prompt: prompt).stream
        let circle = (0..<count).shuffled(using: &stream)
        all = circle.indices.flatMap { place in
            (1...rivals).map { (circle[place], circle[(place + $0) % count]) }
        }
    }
}
