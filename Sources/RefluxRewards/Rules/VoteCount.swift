/// The votes of some responses: how often each answer was given.
///
/// A response without an answer casts no vote, but it counts among the `voters`, by which shares and
/// margins are divided: a majority of the few that could be read is no majority.
public struct VoteCount: Sendable, Equatable {
    /// An answer and its votes.
    public struct Entry: Sendable, Equatable {
        /// The answer.
        public var answer: String
        /// How many responses gave it.
        public var votes: Int
    }

    /// The answers, most votes first; equal ones in the order of their first vote.
    public private(set) var ranking: [Entry] = []
    /// The responses that were asked, with or without an answer.
    public let voters: Int

    /// Counts the answers of all voters; `nil` is no answer.
    public init(_ answers: some Collection<String?>) {
        voters = answers.count
        var places: [String: Int] = [:]
        for case .some(let answer) in answers {
            if let place = places[answer] {
                ranking[place].votes += 1
            } else {
                places[answer] = ranking.count
                ranking.append(Entry(answer: answer, votes: 1))
            }
        }
        // Sorting is stable, so that equal answers keep the order of their first votes.
        ranking.sort { $0.votes > $1.votes }
    }

    /// The answers that share the most votes, in the order of their first vote.
    public var leaders: [String] {
        ranking.prefix { $0.votes == ranking[0].votes }.map(\.answer)
    }

    /// The fraction of the voters that gave the most frequent answer.
    public var share: Double { fraction(ranking.first?.votes ?? 0) }

    /// The votes between the first two answers, as a fraction of the voters; 0 for a tie.
    public var margin: Double {
        let second = ranking.dropFirst().first?.votes ?? 0
        return fraction((ranking.first?.votes ?? 0) - second)
    }

    private func fraction(_ votes: Int) -> Double {
        voters == 0 ? 0 : Double(votes) / Double(voters)
    }
}
