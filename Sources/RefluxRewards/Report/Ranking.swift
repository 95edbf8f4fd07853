/// How well scores tell accepted responses from rejected ones.
package enum Ranking {
    /// One scored response.
    package struct Item {
        var score: Double
        var isAccepted: Bool

        /// Makes an item.
        package init(score: Double, isAccepted: Bool) {
            self.score = score
            self.isAccepted = isAccepted
        }
    }

    /// Of the pairs of an accepted and a rejected response, how many there are and in how many the
    /// accepted one scores higher; equal scores count half. O(n log n).
    static func pairs(_ items: some Collection<Item>) -> (won: Double, count: Int) {
        let sorted = items.sorted { $0.score < $1.score }
        var won = 0.0
        var rejectedBelow = 0
        var start = 0
        while start < sorted.count {
            var end = start
            while end < sorted.count, sorted[end].score == sorted[start].score { end += 1 }
            let accepted = sorted[start..<end].count(where: \.isAccepted)
            let rejected = end - start - accepted
            won += Double(accepted) * (Double(rejectedBelow) + 0.5 * Double(rejected))
            rejectedBelow += rejected
            start = end
        }
        let accepted = sorted.count(where: \.isAccepted)
        return (won, accepted * (sorted.count - accepted))
    }

    /// The area under the ROC curve; `nil` without a pair.
    package static func area(_ items: some Collection<Item>) -> Double? {
        let (won, count) = pairs(items)
        return count == 0 ? nil : won / Double(count)
    }

    /// The same over the pairs of each prompt, all pairs counting alike; `nil` without a pair.
    static func areaWithin(_ groups: some Collection<[Item]>) -> (area: Double?, pairs: Int) {
        var total = (won: 0.0, count: 0)
        for group in groups {
            let (won, count) = pairs(group)
            total.won += won
            total.count += count
        }
        return (total.count == 0 ? nil : total.won / Double(total.count), total.count)
    }
}
