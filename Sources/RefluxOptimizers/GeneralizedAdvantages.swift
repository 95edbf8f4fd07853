/// Generalised advantage estimation of one sequence (Schulman et al., arXiv 1506.02438):
/// delta_t = r_t + gamma V_{t+1} - V_t, A_t = delta_t + gamma lambda A_{t+1}, where V after the last
/// token is 0.
///
/// - Parameters:
///   - rewards: r_t of each token. `[tokens]`
///   - values: V of the state before each token. `[tokens]`
///   - discount: gamma.
///   - smoothing: lambda.
/// - Returns: A_t of each token; the value targets are A_t + V_t. `[tokens]`
func generalizedAdvantages(
    rewards: [Double], values: [Double], discount: Double, smoothing: Double
) -> [Double] {
    var advantages = [Double](repeating: 0, count: rewards.count)
    var next = (advantage: 0.0, value: 0.0)
    for token in rewards.indices.reversed() {
        let delta = rewards[token] + discount * next.value - values[token]
        next = (delta + discount * smoothing * next.advantage, values[token])
        advantages[token] = next.advantage
    }
    return advantages
}
