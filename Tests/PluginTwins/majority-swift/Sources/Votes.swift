/// The votes of the teachers: `VoteCount` of `RefluxRewards`.
struct Votes {
    /// The answers, most votes first; equal ones in the order of their first vote.
    private(set) var ranking: [(answer: String, votes: Int)] = []
    /// Teacher responses, with or without an answer.
    let voters: Int
    /// Teacher responses with an answer.
    let answered: Int

    init(_ answers: [String?]) {
        voters = answers.count
        answered = answers.count { $0 != nil }
        for case .some(let answer) in answers {
            if let place = ranking.firstIndex(where: { $0.answer == answer }) {
                ranking[place].votes += 1
            } else {
                ranking.append((answer, 1))
            }
        }
        // Sorting is stable.
        ranking.sort { $0.votes > $1.votes }
    }

    var leaders: [String] {
        ranking.prefix { $0.votes == ranking[0].votes }.map(\.answer)
    }

    var share: Double { fraction(ranking.first?.votes ?? 0) }

    var margin: Double {
        fraction((ranking.first?.votes ?? 0) - (ranking.dropFirst().first?.votes ?? 0))
    }

    private func fraction(_ votes: Int) -> Double {
        voters == 0 ? 0 : Double(votes) / Double(voters)
    }
}
