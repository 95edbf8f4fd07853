/// Mean and deviation of the rewards of one prompt's responses.
struct GroupScale {
    /// The mean.
    let mean: Double
    /// The unbiased standard deviation; 0 for one reward, or for equal ones.
    let deviation: Double

    init(_ rewards: [Double]) {
        let mean = rewards.reduce(0, +) / Double(max(1, rewards.count))
        let squares = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        deviation = rewards.count > 1 ? (squares / Double(rewards.count - 1)).squareRoot() : 0
    }
}
