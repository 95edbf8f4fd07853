//! Agreement with the teachers' majority, weighted by how certain the teachers are.
//!
//! Self-consistency (Wang et al., arXiv 2203.11171) takes the most frequent answer of many samples.
//! How the other answers are spread says how far to trust it: the entropy of the answers tells right
//! from made-up ones (semantic entropy: Kuhn et al., arXiv 2302.09664; Farquhar et al., Nature 630,
//! 2024). Here answers that the task normalises to one text have one meaning.
#![deny(unsafe_code)]

mod votes;

use reflux::{Call, Creation, Extension, Group, Judgement, Result, Role, Rule};
use votes::Votes;

struct AnswerEntropy {
    max_entropy: f64,
    min_voters: usize,
    count_unread: bool,
    weighting: Weighting,
}

/// What certainty c does to the reward of a response.
#[derive(Clone, Copy)]
enum Weighting {
    /// c for agreement, 0 for disagreement.
    Scale,
    /// 1/2 + c/2 and 1/2 - c/2: a label that nobody is certain of says nothing.
    Soften,
    /// 1 and 0.
    None,
}

impl Weighting {
    fn reward(self, agrees: bool, certainty: f64) -> f64 {
        match (self, agrees) {
            (Weighting::Scale, true) => certainty,
            (Weighting::Soften, true) => 0.5 + 0.5 * certainty,
            (Weighting::Soften, false) => 0.5 - 0.5 * certainty,
            (_, agrees) => f64::from(agrees),
        }
    }
}

impl Rule for AnswerEntropy {
    const EXTENSION: Extension = Extension {
        id: "answer-entropy",
        title: "Agreement with the teachers' majority, weighted by their certainty",
        description: "The teachers' most frequent answer is the label. The normalised Shannon \
            entropy of their answers scales the reward, and above max_entropy the prompt abstains.",
        config_schema: include_str!("schema.json"),
        parallel: true,
        deterministic: true,
        stable: true,
    };

    fn create(creation: &Creation) -> Result<Self> {
        let settings = &creation.settings;
        Ok(AnswerEntropy {
            max_entropy: settings.number("max_entropy")?,
            min_voters: settings.integer("min_voters")?.max(1) as usize,
            count_unread: settings.boolean("count_unread")?,
            weighting: match settings.text("weighting")? {
                "scale" => Weighting::Scale,
                "soften" => Weighting::Soften,
                "none" => Weighting::None,
                other => return Err(format!("weighting is '{other}'").into()),
            },
        })
    }

    fn judge(&self, call: &Call, group: &Group, out: &mut Judgement) -> Result<()> {
        let teachers = group.responses().filter(|r| r.role() == Role::Teacher);
        let votes = Votes::count(teachers.map(|r| r.answer()));
        let entropy = votes.normalised_entropy(self.count_unread);
        call.metric(0, "entropy", entropy);
        call.metric(0, "share", votes.share());
        if votes.answered() < self.min_voters {
            out.abstain_all("too few teacher answers");
            return Ok(());
        }
        let Some(label) = votes.leader() else {
            out.abstain_all("tie");
            return Ok(());
        };
        if entropy > self.max_entropy {
            out.abstain_all(&format!("entropy above {}", self.max_entropy));
            return Ok(());
        }
        out.label(label);
        for (place, response) in group.responses().enumerate() {
            let agrees = response.answer() == Some(label);
            out.reward(place, self.weighting.reward(agrees, 1.0 - entropy));
        }
        Ok(())
    }
}

reflux::plugin! {
    id: "answer-entropy",
    name: "Answer entropy",
    version: "1.0.0",
    license: "Apache-2.0",
    description: "A rule: agreement with the teachers' majority, weighted by the entropy of their \
        answers.",
    extensions: [rule AnswerEntropy],
}

#[cfg(test)]
mod tests;
