import Foundation

extension LearningRateSchedule {
    /// The learning rate of a step, from 0. Constant time.
    public func rate(at step: Int) -> Double {
        if step < warmupSteps { return peak * Double(step + 1) / Double(warmupSteps) }
        let span = max(1, totalSteps - warmupSteps)
        let progress = min(1, Double(step - warmupSteps) / Double(span))
        let remaining: Double =
            switch shape {
            case .constant: 1
            case .linear: 1 - progress
            case .cosine: 0.5 * (1 + cos(.pi * progress))
            }
        return peak * (floor + (1 - floor) * remaining)
    }
}
