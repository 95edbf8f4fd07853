/// What a judge said about the texts of a group.
struct JudgeOpinions {
    /// The readable judgements of each text that was judged, from 0 to 1; empty where none could be
    /// read.
    private(set) var values: [String: [Double]] = [:]
    private var asked = 0
    private var unreadable = 0
    private var comparisons = 0
    private var contradictions = 0
    /// What the first place got, over all readable replies of comparisons.
    private var first: (sum: Double, count: Double) = (0, 0)

    /// Adds the scores of a text.
    mutating func add(_ scores: [Double?], of text: String) {
        count(scores)
        values[text, default: []] += scores.compactMap(\.self)
    }

    /// Adds the comparisons of a pair: what the answer in the first place got, sample by sample, in
    /// both orders. A sample counts where both of its orders are readable.
    mutating func add(
        forward: [Double?], backward: [Double?], of pair: (String, String)
    ) {
        count(forward)
        count(backward)
        for preference in (forward + backward).compactMap(\.self) {
            first.sum += preference
            first.count += 1
        }
        values[pair.0, default: []] += []
        values[pair.1, default: []] += []
        for case (.some(let there), .some(let back)) in zip(forward, backward) {
            let points = (there + 1 - back) / 2
            values[pair.0, default: []].append(points)
            values[pair.1, default: []].append(1 - points)
            comparisons += 1
            if there != 1 - back { contradictions += 1 }
        }
    }

    private mutating func count(_ replies: [Double?]) {
        asked += replies.count
        unreadable += replies.count { $0 == nil }
    }

    /// The numbers of the rule.
    var metrics: [String: Double] {
        var metrics = ["judgements": Double(asked)]
        if asked > 0 { metrics["unreadable"] = Double(unreadable) / Double(asked) }
        if first.count > 0 { metrics["first_preferred"] = first.sum / first.count }
        if comparisons > 0 {
            metrics["contradictions"] = Double(contradictions) / Double(comparisons)
        }
        return metrics
    }
}
