//! The teachers' votes and how they are spread.

/// How often each answer was given.
pub struct Votes<'a> {
    /// Answers with their votes, in the order of their first vote.
    counts: Vec<(&'a str, usize)>,
    /// Responses without an answer.
    unread: usize,
}

impl<'a> Votes<'a> {
    /// Counts answers; `None` is a response without one.
    pub fn count(answers: impl Iterator<Item = Option<&'a str>>) -> Votes<'a> {
        let mut votes = Votes { counts: Vec::new(), unread: 0 };
        for answer in answers {
            let Some(answer) = answer else {
                votes.unread += 1;
                continue;
            };
            match votes.counts.iter_mut().find(|(known, _)| *known == answer) {
                Some((_, count)) => *count += 1,
                None => votes.counts.push((answer, 1)),
            }
        }
        votes
    }

    /// Responses with an answer.
    pub fn answered(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// The one most frequent answer; `None` when there is a tie or nothing.
    pub fn leader(&self) -> Option<&'a str> {
        let mut leaders = self.counts.iter().filter(|(_, count)| *count == self.most());
        match (leaders.next(), leaders.next()) {
            (Some((answer, _)), None) => Some(answer),
            _ => None,
        }
    }

    /// The most frequent answer's fraction of all responses, also of those without an answer.
    pub fn share(&self) -> f64 {
        let all = self.answered() + self.unread;
        if all == 0 {
            0.0
        } else {
            self.most() as f64 / all as f64
        }
    }

    /// Shannon's entropy of the answers over that of as many different answers: 0 when all agree, 1
    /// when all differ, 0 for fewer than two.
    ///
    /// With `count_unread` every response without an answer counts as an answer of its own. The sum
    /// runs in the order of the counts, so that the order of the responses does not change a bit.
    pub fn normalised_entropy(&self, count_unread: bool) -> f64 {
        let mut counts: Vec<usize> = self.counts.iter().map(|(_, count)| *count).collect();
        if count_unread {
            counts.resize(counts.len() + self.unread, 1);
        }
        counts.sort_unstable();
        let total: usize = counts.iter().sum();
        if total < 2 || counts.len() < 2 {
            return 0.0;
        }
        let entropy: f64 = counts
            .iter()
            .map(|count| {
                let p = *count as f64 / total as f64;
                -p * p.ln()
            })
            .sum();
        (entropy / (total as f64).ln()).clamp(0.0, 1.0)
    }

    fn most(&self) -> usize {
        self.counts.iter().map(|(_, count)| *count).max().unwrap_or(0)
    }
}
