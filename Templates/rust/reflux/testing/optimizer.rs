use super::buffer::Buffer;
use super::host::{checked, Instance};
use super::services::Record;
use super::Fault;
use crate::abi;
use crate::OptimizerTraits;
use std::collections::BTreeMap;

/// An optimizer under test.
pub struct TestOptimizer {
    instance: Instance<abi::reflux_optimizer_table>,
    /// What it says it needs.
    pub traits: OptimizerTraits,
}

/// The rollouts of one step.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Rollouts {
    pub offsets: Vec<u64>,
    pub groups: Vec<u64>,
    pub rewards: Vec<f64>,
    pub old_logprobs: Vec<f32>,
    pub reference_logprobs: Vec<f32>,
    pub values: Vec<f32>,
}

/// What an optimizer made of them.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct AdvantageResult {
    pub advantages: Vec<f32>,
    pub returns: Vec<f32>,
    pub metrics: BTreeMap<String, f64>,
}

/// A micro-batch.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct LossInput {
    pub offsets: Vec<u64>,
    pub logprobs: Vec<f32>,
    pub old_logprobs: Vec<f32>,
    pub reference_logprobs: Vec<f32>,
    pub values: Vec<f32>,
    pub old_values: Vec<f32>,
    pub entropies: Vec<f32>,
    pub advantages: Vec<f32>,
    pub returns: Vec<f32>,
    pub total_tokens: u64,
    pub total_sequences: u64,
}

/// A loss with its derivatives.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct LossResult {
    pub value: f64,
    pub by_logprob: Vec<f32>,
    pub by_value: Vec<f32>,
    pub by_entropy: Vec<f32>,
    pub metrics: BTreeMap<String, f64>,
}

/// The numbers of a buffer, all of which have to be finite.
fn finite(name: &str, buffer: Buffer<f32>) -> Result<Vec<f32>, Fault> {
    let values = buffer.take();
    match values.iter().position(|v| !v.is_finite()) {
        Some(place) => Err(Fault::contract(format!("{name}[{place}] is {}", values[place]))),
        None => Ok(values),
    }
}

/// An input that is lent only when it is needed.
fn lent(values: &[f32], needed: bool) -> *const f32 {
    if needed {
        values.as_ptr()
    } else {
        std::ptr::null()
    }
}

/// An output of `tokens` numbers when it is needed.
fn output(tokens: usize, needed: bool) -> Buffer<f32> {
    Buffer::new(if needed { tokens } else { 0 }, f32::NAN, -7.0)
}

fn pointer(buffer: &mut Buffer<f32>, needed: bool) -> *mut f32 {
    if needed {
        buffer.pointer()
    } else {
        std::ptr::null_mut()
    }
}

impl TestOptimizer {
    pub(crate) fn new(instance: Instance<abi::reflux_optimizer_table>) -> Result<Self, Fault> {
        let mut raw = abi::reflux_optimizer_traits {
            struct_size: abi::reflux_optimizer_traits::STRUCT_SIZE,
            needs_values: 0,
            needs_reference: 0,
            needs_entropy: 0,
            epochs: 1,
            stops_gradient: 0,
        };
        let get_traits = instance.table.get_traits.expect("a get_traits");
        let record = Record::default();
        checked(&record, |call| unsafe { get_traits(instance.handle, call, &mut raw) })?;
        if raw.epochs == 0 {
            return Err(Fault::contract("epochs is 0"));
        }
        let traits = OptimizerTraits {
            needs_values: raw.needs_values != 0,
            needs_reference: raw.needs_reference != 0,
            needs_entropy: raw.needs_entropy != 0,
            stops_gradient: raw.stops_gradient != 0,
            epochs: raw.epochs,
        };
        Ok(TestOptimizer { instance, traits })
    }

    /// The advantages of some rollouts; numbers that are not finite are faults.
    pub fn advantages(&self, rollouts: &Rollouts) -> Result<AdvantageResult, Fault> {
        let (tokens, needs) = (rollouts.old_logprobs.len(), self.traits);
        let raw = abi::reflux_rollout_batch {
            struct_size: abi::reflux_rollout_batch::STRUCT_SIZE,
            reserved: 0,
            sequence_count: rollouts.rewards.len() as u64,
            token_count: tokens as u64,
            offsets: rollouts.offsets.as_ptr(),
            groups: rollouts.groups.as_ptr(),
            rewards: rollouts.rewards.as_ptr(),
            old_logprobs: rollouts.old_logprobs.as_ptr(),
            reference_logprobs: lent(&rollouts.reference_logprobs, needs.needs_reference),
            values: lent(&rollouts.values, needs.needs_values),
        };
        let mut advantages = output(tokens, true);
        let mut returns = output(tokens, needs.needs_values);
        let out = abi::reflux_advantages {
            struct_size: abi::reflux_advantages::STRUCT_SIZE,
            reserved: 0,
            advantages: advantages.pointer(),
            returns: pointer(&mut returns, needs.needs_values),
        };
        let record = Record::default();
        let compute = self.instance.table.compute_advantages.expect("a compute_advantages");
        checked(&record, |call| unsafe { compute(self.instance.handle, call, &raw, &out) })?;
        let metrics = std::mem::take(&mut record.said().metrics);
        Ok(AdvantageResult {
            advantages: finite("advantages", advantages)?,
            returns: finite("returns", returns)?,
            metrics,
        })
    }

    /// The loss of a micro-batch; numbers that are not finite are faults.
    pub fn loss(&self, batch: &LossInput) -> Result<LossResult, Fault> {
        let (tokens, needs) = (batch.logprobs.len(), self.traits);
        let raw = abi::reflux_loss_batch {
            struct_size: abi::reflux_loss_batch::STRUCT_SIZE,
            reserved: 0,
            sequence_count: batch.offsets.len().saturating_sub(1) as u64,
            token_count: tokens as u64,
            offsets: batch.offsets.as_ptr(),
            logprobs: batch.logprobs.as_ptr(),
            old_logprobs: batch.old_logprobs.as_ptr(),
            reference_logprobs: lent(&batch.reference_logprobs, needs.needs_reference),
            values: lent(&batch.values, needs.needs_values),
            old_values: lent(&batch.old_values, needs.needs_values),
            entropies: lent(&batch.entropies, needs.needs_entropy),
            advantages: batch.advantages.as_ptr(),
            returns: lent(&batch.returns, needs.needs_values),
            total_tokens: batch.total_tokens,
            total_sequences: batch.total_sequences,
        };
        let mut by_logprob = output(tokens, true);
        let mut by_value = output(tokens, needs.needs_values);
        let mut by_entropy = output(tokens, needs.needs_entropy);
        let mut out = abi::reflux_loss {
            struct_size: abi::reflux_loss::STRUCT_SIZE,
            reserved: 0,
            value: f64::NAN,
            by_logprob: by_logprob.pointer(),
            by_value: pointer(&mut by_value, needs.needs_values),
            by_entropy: pointer(&mut by_entropy, needs.needs_entropy),
        };
        let record = Record::default();
        let compute = self.instance.table.compute_loss.expect("a compute_loss");
        checked(&record, |call| unsafe { compute(self.instance.handle, call, &raw, &mut out) })?;
        if !out.value.is_finite() {
            return Err(Fault::contract(format!("the loss is {}", out.value)));
        }
        let metrics = std::mem::take(&mut record.said().metrics);
        Ok(LossResult {
            value: out.value,
            by_logprob: finite("by_logprob", by_logprob)?,
            by_value: finite("by_value", by_value)?,
            by_entropy: finite("by_entropy", by_entropy)?,
            metrics,
        })
    }
}
