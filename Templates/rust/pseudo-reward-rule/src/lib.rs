//! {{title}}: a response earns what its answer has of the teachers' votes.
#![deny(unsafe_code)]

use reflux::{Call, Creation, Extension, Group, Judgement, Result, Role, Rule};

struct {{Module}} {
    min_share: f64,
}

impl Rule for {{Module}} {
    const EXTENSION: Extension = Extension {
        id: "{{id}}",
        title: "Agreement with the teachers' majority",
        description: "The teachers' most frequent answer is the label; responses with it earn 1.",
        config_schema: r#"{
            "type": "object",
            "properties": {
                "min_share": {
                    "type": "number", "default": 0.5, "minimum": 0, "maximum": 1,
                    "description": "The smallest share of the teachers' responses for a label."
                }
            },
            "additionalProperties": false
        }"#,
        parallel: true,
        ..Extension::DEFAULT
    };

    fn create(creation: &Creation) -> Result<Self> {
        Ok({{Module}} { min_share: creation.settings.number("min_share")? })
    }

    fn judge(&self, call: &Call, group: &Group, out: &mut Judgement) -> Result<()> {
        let teachers = group.responses().filter(|r| r.role() == Role::Teacher);
        let total = teachers.clone().count();
        // Answers with their votes, in the order of their first vote.
        let mut votes: Vec<(&str, usize)> = Vec::new();
        for answer in teachers.filter_map(|r| r.answer()) {
            match votes.iter_mut().find(|(known, _)| *known == answer) {
                Some((_, count)) => *count += 1,
                None => votes.push((answer, 1)),
            }
        }
        let Some(&(label, most)) = votes.iter().max_by_key(|(_, count)| *count) else {
            out.abstain_all("no teacher answer");
            return Ok(());
        };
        let share = most as f64 / total as f64;
        call.metric(0, "share", share);
        if votes.iter().filter(|(_, count)| *count == most).count() > 1 {
            out.abstain_all("tie");
        } else if share < self.min_share {
            out.abstain_all("share too small");
        } else {
            out.label(label);
            for (place, response) in group.responses().enumerate() {
                out.reward(place, f64::from(response.answer() == Some(label)));
            }
        }
        Ok(())
    }
}

reflux::plugin! {
    id: "{{id}}",
    name: "{{title}}",
    version: "0.1.0",
    license: "Apache-2.0",
    description: "Rewards agreement with the teachers' majority answer.",
    extensions: [rule {{Module}}],
}

#[cfg(test)]
mod tests;
