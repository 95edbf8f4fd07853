//! {{title}}: REINFORCE with the mean reward of the prompt's group as baseline.
//!
//! R. J. Williams, "Simple statistical gradient-following algorithms", Machine Learning 8, 1992.
#![deny(unsafe_code)]

use reflux::{
    Advantages, Call, Creation, Extension, Loss, LossBatch, Optimizer, OptimizerTraits, Result,
    RolloutBatch,
};

struct {{Module}} {
    epochs: u32,
}

impl Optimizer for {{Module}} {
    const EXTENSION: Extension = Extension {
        id: "{{id}}",
        title: "REINFORCE with the group's mean as baseline",
        description: "Every token has the advantage R minus the mean reward of its group.",
        config_schema: r#"{
            "type": "object",
            "properties": {
                "epochs": {
                    "type": "integer", "default": 1, "minimum": 1, "maximum": 100,
                    "description": "How often the rollouts of a step are gone through."
                }
            },
            "additionalProperties": false
        }"#,
        ..Extension::DEFAULT
    };

    fn create(creation: &Creation) -> Result<Self> {
        Ok({{Module}} { epochs: creation.settings.integer("epochs")? as u32 })
    }

    fn traits(&self) -> OptimizerTraits {
        OptimizerTraits { epochs: self.epochs, ..OptimizerTraits::default() }
    }

    fn advantages(&self, call: &Call, batch: &RolloutBatch, out: &mut Advantages) -> Result<()> {
        for (sequence, reward) in batch.rewards.iter().enumerate() {
            let group = batch.groups[sequence];
            let members = batch.groups.iter().zip(batch.rewards).filter(|(g, _)| **g == group);
            let (sum, count) = members.fold((0.0, 0.0), |(s, n), (_, r)| (s + r, n + 1.0));
            out.advantages[batch.tokens(sequence)].fill((reward - sum / count) as f32);
        }
        let total: f64 = batch.rewards.iter().sum();
        call.metric(0, "reward_mean", total / batch.rewards.len().max(1) as f64);
        Ok(())
    }

    /// The loss is minus the mean of A log pi over all tokens of the update.
    fn loss(&self, _: &Call, batch: &LossBatch, out: &mut Loss) -> Result<()> {
        let tokens = batch.total_tokens.max(1) as f64;
        *out.value = 0.0;
        for (token, advantage) in batch.advantages.iter().map(|a| f64::from(*a)).enumerate() {
            *out.value -= advantage * f64::from(batch.logprobs[token]) / tokens;
            out.by_logprob[token] = (-advantage / tokens) as f32;
        }
        Ok(())
    }
}

reflux::plugin! {
    id: "{{id}}",
    name: "{{title}}",
    version: "0.1.0",
    license: "Apache-2.0",
    description: "REINFORCE with the mean reward of the group as baseline.",
    extensions: [optimizer {{Module}}],
}

#[cfg(test)]
mod tests;
