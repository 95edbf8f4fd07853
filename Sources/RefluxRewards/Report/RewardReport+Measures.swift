import Foundation

extension RewardReport.Part {
    /// Measures some responses.
    init(_ items: [ScoredResponse]) {
        let groups = Dictionary(grouping: items, by: \.prompt).values
        let within = Ranking.areaWithin(groups.map { $0.map(\.ranked) })
        withinPromptAUC = within.area
        pairs = within.pairs
        auc = Ranking.area(items.map(\.ranked))
        accuracy = mean(items.map { ($0.score >= 0) == $0.isAccepted ? 1 : 0 })
        brier = mean(items.map { ($0.probability - $0.reward) * ($0.probability - $0.reward) })
        calibrationError = Self.calibrationError(items)
        meanScore = mean(items.map(\.score))
        meanReward = mean(items.map(\.reward))
        count = items.count
        byLength = Self.quarters(items)
    }

    private static func calibrationError(_ items: [ScoredResponse]) -> Double? {
        guard !items.isEmpty else { return nil }
        return ReliabilityBin.bins(items).reduce(0) { sum, bin in
            let gap = abs(bin.meanProbability - bin.meanReward)
            return sum + gap * Double(bin.count) / Double(items.count)
        }
    }

    private static func quarters(_ items: [ScoredResponse]) -> [RewardReport.LengthQuarter] {
        let sorted = items.sorted { $0.length < $1.length }
        return (0..<4).compactMap { quarter in
            let range = sorted.count * quarter / 4..<sorted.count * (quarter + 1) / 4
            return RewardReport.LengthQuarter(Array(sorted[range]))
        }
    }
}

extension RewardReport.LengthQuarter {
    /// Measures responses sorted by length; `nil` without any.
    init?(_ items: [ScoredResponse]) {
        guard let first = items.first, let last = items.last,
            let meanScore = mean(items.map(\.score)), let meanReward = mean(items.map(\.reward))
        else { return nil }
        shortest = first.length
        longest = last.length
        count = items.count
        self.meanScore = meanScore
        self.meanReward = meanReward
        let accepted = mean(items.filter(\.isAccepted).map(\.score))
        let rejected = mean(items.filter { !$0.isAccepted }.map(\.score))
        if let accepted, let rejected { gap = accepted - rejected }
    }
}

/// The mean, or `nil` without numbers.
func mean(_ numbers: [Double]) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
}
