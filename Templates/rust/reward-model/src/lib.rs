//! {{title}}: scores responses by the phrases they have and by their length. It learns nothing.
#![deny(unsafe_code)]

use reflux::{Call, Creation, Extension, Result, RewardModel, ScoringItem};

struct {{Module}} {
    phrases: Vec<String>,
    phrase_weight: f64,
    length_weight: f64,
}

impl RewardModel for {{Module}} {
    const EXTENSION: Extension = Extension {
        id: "{{id}}",
        title: "Phrases and length",
        description: "phrase_weight for each phrase that occurs, minus length_weight for each 100 \
            bytes, minus 1 for a response that a limit cut.",
        config_schema: r#"{
            "type": "object",
            "properties": {
                "phrases": {
                    "type": "array", "items": {"type": "string"},
                    "default": ["answer is"], "description": "What a good response says."
                },
                "phrase_weight": {
                    "type": "number", "default": 1, "description": "The worth of a phrase."
                },
                "length_weight": {
                    "type": "number", "default": 0.1, "minimum": 0,
                    "description": "What 100 bytes cost."
                }
            },
            "additionalProperties": false
        }"#,
        ..Extension::DEFAULT
    };

    fn create(creation: &Creation) -> Result<Self> {
        let settings = &creation.settings;
        Ok({{Module}} {
            phrases: settings.texts("phrases")?.into_iter().map(str::to_owned).collect(),
            phrase_weight: settings.number("phrase_weight")?,
            length_weight: settings.number("length_weight")?,
        })
    }

    fn score(&mut self, _: &Call, items: &[ScoringItem], scores: &mut [f64]) -> Result<()> {
        for (item, score) in items.iter().zip(scores) {
            let found = self.phrases.iter().filter(|phrase| item.text().contains(*phrase)).count();
            *score = self.phrase_weight * found as f64
                - self.length_weight * item.text().len() as f64 / 100.0
                - f64::from(!item.finished());
        }
        Ok(())
    }
}

reflux::plugin! {
    id: "{{id}}",
    name: "{{title}}",
    version: "0.1.0",
    license: "Apache-2.0",
    description: "Scores responses by phrases and length.",
    extensions: [reward_model {{Module}}],
}

#[cfg(test)]
mod tests;
