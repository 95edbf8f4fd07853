use super::buffer::Buffer;
use super::data::{pointers, raw_prompt};
use super::host::{checked, Instance};
use super::services::Record;
use super::Fault;
use crate::abi;
use crate::raw::string;

/// A reward model under test.
pub struct TestRewardModel(pub(crate) Instance<abi::reflux_reward_model_table>);

impl TestRewardModel {
    /// Scores responses, each a prompt, a text and whether its model ended it; a score that is not
    /// finite is a fault.
    pub fn score(&self, items: &[(&str, &str, bool)]) -> Result<Vec<f64>, Fault> {
        let prompts: Vec<_> =
            items.iter().enumerate().map(|(i, item)| raw_prompt(item.0, i as i64)).collect();
        let raws: Vec<_> = (0..items.len())
            .map(|i| abi::reflux_scoring_item {
                struct_size: abi::reflux_scoring_item::STRUCT_SIZE,
                finished: items[i].2.into(),
                prompt: &prompts[i],
                text: string(items[i].1),
            })
            .collect();
        let list = pointers(&raws);
        let mut scores = Buffer::new(items.len(), f64::NAN, -7.0);
        let record = Record::default();
        let score = self.0.table.score.expect("a score");
        checked(&record, |call| unsafe {
            score(self.0.handle, call, list.as_ptr(), items.len() as u64, scores.pointer())
        })?;
        let scores = scores.take();
        match scores.iter().position(|s| !s.is_finite()) {
            Some(i) => Err(Fault::contract(format!("the score of item {i} is {}", scores[i]))),
            None => Ok(scores),
        }
    }
}
