/// What is done to the advantages of a step, over all its response tokens.
public enum AdvantageScaling: String, Sendable, CaseIterable {
    /// (A - mean) / (deviation + floor).
    case whiten
    /// A / (deviation + floor): keeps the signs.
    case scale
    /// Nothing.
    case none

    /// Scales advantages. Where all are equal there is no deviation to divide by: whitening makes
    /// them 0, scaling leaves them as they are.
    ///
    /// - Parameters:
    ///   - advantages: A of all tokens of the step. `[tokens]`
    ///   - floor: added to the deviation.
    /// - Returns: the advantages to learn from. `[tokens]`
    func apply(to advantages: [Double], floor: Double) -> [Double] {
        guard self != .none else { return advantages }
        let statistics = SampleStatistics(advantages)
        let centre = self == .whiten ? statistics.mean : 0
        let divisor = statistics.isConstant ? 1 : statistics.deviation + floor
        return advantages.map { ($0 - centre) / divisor }
    }
}
