package import RefluxCore
import RefluxRewards

/// What several samples of a question give, for some number k of samples.
package struct SampledAccuracy: Sendable, Encodable {
    /// How many samples are looked at.
    package let k: Int
    /// How many questions have so many.
    package let questions: Int
    /// pass@k by metric: the probability that at least one of k samples is right, by the unbiased
    /// estimator of Chen et al. (arXiv 2107.03374): 1 - C(n - c, k) / C(n, k) for c right ones among n.
    package let pass: [String: Accuracy]
    /// maj@k: whether the most frequent answer of the first k samples is the dataset's, by the reading
    /// that votes. Unreadable responses do not vote; of tied answers the one that came first counts.
    package let majority: Accuracy

    enum CodingKeys: String, CodingKey {
        case k, questions
        case pass = "pass_at_k"
        case majority = "maj_at_k"
    }

    /// The accuracies for k = 1, 2, 4, … and the largest number that half of the questions have.
    static func all(_ groups: [RecordedGroup], metrics: [String]) -> [SampledAccuracy] {
        let counts = groups.map(\.responses.count).sorted()
        guard let most = counts.isEmpty ? nil : counts[counts.count / 2], most > 1 else {
            return []
        }
        let sizes = sequence(first: 1) { $0 * 2 }.prefix { $0 < most } + [most]
        return sizes.map { k in
            SampledAccuracy(groups.filter { $0.responses.count >= k }, metrics: metrics, k: k)
        }
    }

    private init(_ groups: [RecordedGroup], metrics: [String], k: Int) {
        self.k = k
        questions = groups.count
        pass = metrics.reduce(into: [:]) { result, metric in
            result[metric] = Accuracy(
                means: groups.map { group in
                    Self.passProbability(
                        samples: group.responses.count,
                        right: group.responses.count { $0.isRight(by: metric) }, k: k)
                })
        }
        let right = groups.count { group in
            group.majority(ofFirst: k).map { $0 == group.example.gold } ?? false
        }
        majority = Accuracy(right: right, of: groups.count)
    }

    /// 1 - C(n - c, k) / C(n, k), as the product over i from n - c + 1 to n of 1 - k / i.
    static func passProbability(samples n: Int, right c: Int, k: Int) -> Double {
        guard n - c >= k else { return 1 }
        guard c > 0 else { return 0 }
        var allWrong = 1.0
        for i in (n - c + 1)...n { allWrong *= 1 - Double(k) / Double(i) }
        return 1 - allWrong
    }
}

extension RecordedGroup {
    /// The most frequent answer of the first responses; of tied ones the first that was given.
    func majority(ofFirst k: Int) -> String? {
        VoteCount(responses.prefix(k).map(\.answer)).leaders.first
    }
}
