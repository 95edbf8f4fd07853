/// The votes of some responses: how often, or with how much weight, each answer was given.
///
/// A response without an answer casts no vote, but it counts among the `voters`, by whose weight
/// shares and margins are divided: a majority of the few that could be read is no majority.
public struct VoteCount: Sendable, Equatable {
    /// What a response says in the vote.
    public struct Ballot: Sendable, Equatable {
        /// Its answer; `nil` is none.
        public var answer: String?
        /// How much it counts; a response of no weight is not asked.
        public var weight: Double

        /// Makes a ballot.
        public init(_ answer: String?, weight: Double = 1) {
            self.answer = answer
            self.weight = weight
        }
    }

    /// An answer and its votes.
    public struct Entry: Sendable, Equatable {
        /// The answer.
        public var answer: String
        /// How many responses gave it, each with its weight.
        public var votes: Double
    }

    /// The answers, most votes first; equal ones in the order of their first vote.
    public let ranking: [Entry]
    /// The responses that were asked, with or without an answer.
    public let voters: Int
    /// The responses that were asked and had an answer.
    public let answered: Int
    /// The weight of all that were asked.
    public let total: Double

    /// Counts the answers of all voters, one vote each; `nil` is no answer.
    public init(_ answers: some Collection<String?>) {
        self.init(ballots: answers.map { Ballot($0) })
    }

    /// Counts ballots. Sums do not depend on the order of the ballots, and are rounded to 1e-9, so
    /// that .1 and .2 together tie with .3.
    public init(ballots: some Collection<Ballot>) {
        let cast = ballots.filter { $0.weight > 0 }
        var places: [String: Int] = [:]
        var sums: [(answer: String, sum: WeightSum)] = []
        var everybody = WeightSum()
        for ballot in cast {
            everybody.add(ballot.weight)
            guard let answer = ballot.answer else { continue }
            let place = places[answer] ?? sums.count
            if place == sums.count {
                places[answer] = place
                sums.append((answer, WeightSum()))
            }
            sums[place].sum.add(ballot.weight)
        }
        voters = cast.count
        answered = cast.count { $0.answer != nil }
        total = everybody.value
        // Sorting is stable, so that equal answers keep the order of their first votes.
        ranking = sums.map { Entry(answer: $0.answer, votes: $0.sum.value) }
            .sorted { $0.votes > $1.votes }
    }

    /// The answers that share the most votes, in the order of their first vote.
    public var leaders: [String] {
        ranking.prefix { $0.votes == ranking[0].votes }.map(\.answer)
    }

    /// The fraction of the voters' weight that the most frequent answer has.
    public var share: Double { fraction(ranking.first?.votes ?? 0) }

    /// The votes between the first two answers, as such a fraction; 0 for a tie.
    public var margin: Double {
        let second = ranking.dropFirst().first?.votes ?? 0
        return fraction((ranking.first?.votes ?? 0) - second)
    }

    /// The votes of an answer; 0 for none, and for one that nobody voted for.
    public func votes(for answer: String?) -> Double {
        ranking.first { $0.answer == answer }?.votes ?? 0
    }

    /// Votes as a fraction of the voters' weight; 0 where nobody was asked.
    public func fraction(_ votes: Double) -> Double { total == 0 ? 0 : votes / total }
}

/// A sum of weights in which the order of the additions does not show.
private struct WeightSum {
    private var counts: [Double: Int] = [:]

    mutating func add(_ weight: Double) { counts[weight, default: 0] += 1 }

    var value: Double {
        let sum = counts.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.key * Double($1.value) }
        return (sum * 1e9).rounded() / 1e9
    }
}
