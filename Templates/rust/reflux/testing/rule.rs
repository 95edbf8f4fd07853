use super::buffer::Buffer;
use super::data::{pointers, raw_prompt, raw_response};
use super::host::{checked, Instance};
use super::services::{owned, Record};
use super::{Fault, Group};
use crate::abi::{self, reflux_call, reflux_string};
use crate::raw::optional_string;
use std::collections::BTreeMap;

/// A rule under test.
pub struct TestRule(pub(crate) Instance<abi::reflux_rule_table>);

/// What a rule made of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The pseudo-label.
    pub label: Option<String>,
    /// Why there is none.
    pub abstention: Option<String>,
    /// The reward of each response; `None` where it abstained.
    pub rewards: Vec<Option<f64>>,
    /// Why a response has no reward.
    pub reasons: BTreeMap<u64, String>,
    /// Named numbers.
    pub metrics: BTreeMap<String, f64>,
}

unsafe extern "C" fn set_label(call: *mut reflux_call, label: reflux_string) {
    Record::of(call).said().label = Some(owned(label));
}

unsafe extern "C" fn set_abstention(call: *mut reflux_call, reason: reflux_string) {
    Record::of(call).said().abstention = Some(owned(reason));
}

unsafe extern "C" fn abstain(call: *mut reflux_call, response: u64, reason: reflux_string) {
    Record::of(call).said().abstentions.insert(response, owned(reason));
}

impl TestRule {
    /// The configuration that the rule says is in effect.
    pub fn configuration(&self) -> Option<&str> {
        self.0.configuration.as_deref()
    }

    /// Judges a group; a reward out of range and a response without a verdict are faults.
    pub fn judge(&self, group: &Group) -> Result<Judged, Fault> {
        let prompt = raw_prompt(&group.prompt, group.index);
        let responses: Vec<_> =
            group.responses.iter().enumerate().map(|(i, r)| raw_response(r, i)).collect();
        let count = responses.len();
        let list = pointers(&responses);
        let raw = abi::reflux_group {
            struct_size: abi::reflux_group::STRUCT_SIZE,
            reserved: 0,
            prompt: &prompt,
            responses: list.as_ptr(),
            response_count: count as u64,
            gold: optional_string(group.gold.as_deref().filter(|_| self.0.table.needs_gold != 0)),
        };
        let mut rewards = Buffer::new(count, f64::NAN, -7.0);
        let out = abi::reflux_judgement {
            struct_size: abi::reflux_judgement::STRUCT_SIZE,
            reserved: 0,
            rewards: rewards.pointer(),
            set_label: Some(set_label),
            set_abstention: Some(set_abstention),
            abstain: Some(abstain),
        };
        let record = Record { item: group.index as u64, ..Record::default() };
        let judge = self.0.table.judge.expect("a judge");
        checked(&record, |call| unsafe { judge(self.0.handle, call, &raw, &out) })?;
        let mut said = record.said();
        let reasons = std::mem::take(&mut said.abstentions);
        let mut verdicts = Vec::new();
        for (place, reward) in rewards.take().into_iter().enumerate() {
            let abstains = reasons.contains_key(&(place as u64));
            if !abstains && !(0.0..=1.0).contains(&reward) {
                return Err(Fault::contract(format!("the reward of response {place} is {reward}")));
            }
            verdicts.push((!abstains).then_some(reward));
        }
        Ok(Judged {
            label: said.label.take(),
            abstention: said.abstention.take(),
            rewards: verdicts,
            reasons,
            metrics: std::mem::take(&mut said.metrics),
        })
    }
}
