use crate::abi::{self, reflux_call, reflux_creation};
use crate::creation::{create, destroy};
use crate::guard;
use crate::raw::{slice, slice_mut};
use crate::{Call, Creation, Extension, Result};
use std::ffi::c_void;
use std::ops::Range;

/// An optimizer: the arithmetic of a policy-gradient method on plain arrays.
///
/// Keep no state: the same batch gives the same result. The host turns the derivatives into gradients
/// of the weights.
pub trait Optimizer: Sized + Send + 'static {
    /// What the optimizer says of itself.
    const EXTENSION: Extension;
    /// Makes an instance.
    fn create(creation: &Creation) -> Result<Self>;
    /// What the method needs.
    fn traits(&self) -> OptimizerTraits {
        OptimizerTraits::default()
    }
    /// Turns the rollouts of one step into advantages.
    fn advantages(&self, call: &Call, batch: &RolloutBatch, out: &mut Advantages) -> Result<()>;
    /// The loss of a micro-batch and its derivatives.
    fn loss(&self, call: &Call, batch: &LossBatch, out: &mut Loss) -> Result<()>;
}

/// What a method needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptimizerTraits {
    /// A value for every token (a value head on the policy).
    pub needs_values: bool,
    /// The reference's log-probabilities.
    pub needs_reference: bool,
    /// The entropy of every token's distribution.
    pub needs_entropy: bool,
    /// How often the rollouts of one step are gone through; at least 1.
    pub epochs: u32,
    /// Whether the derivatives leave out a part of the loss on purpose (a stop-gradient).
    pub stops_gradient: bool,
}

impl Default for OptimizerTraits {
    fn default() -> Self {
        OptimizerTraits {
            needs_values: false,
            needs_reference: false,
            needs_entropy: false,
            epochs: 1,
            stops_gradient: false,
        }
    }
}

/// The tokens of a sequence.
fn tokens(offsets: &[u64], sequence: usize) -> Range<usize> {
    offsets[sequence] as usize..offsets[sequence + 1] as usize
}

/// The rollouts of one step. What was not asked for in [`OptimizerTraits`] is empty.
pub struct RolloutBatch<'a> {
    /// Where each sequence's tokens begin. `[sequences + 1]`
    pub offsets: &'a [u64],
    /// The index of each sequence's group (its prompt), from 0. `[sequences]`
    pub groups: &'a [u64],
    /// The reward of each sequence. `[sequences]`
    pub rewards: &'a [f64],
    /// log pi_old of the sampled tokens. `[tokens]`
    pub old_logprobs: &'a [f32],
    /// log pi_ref of the sampled tokens. `[tokens]`
    pub reference_logprobs: &'a [f32],
    /// V of the state before each token. `[tokens]`
    pub values: &'a [f32],
}

impl RolloutBatch<'_> {
    /// The tokens of a sequence.
    pub fn tokens(&self, sequence: usize) -> Range<usize> {
        tokens(self.offsets, sequence)
    }
}

/// Where advantages go: the host's buffers, NaN beforehand. Fill all of them.
pub struct Advantages<'a> {
    /// A of each token. `[tokens]`
    pub advantages: &'a mut [f32],
    /// The value target of each token; empty unless values are needed. `[tokens]`
    pub returns: &'a mut [f32],
}

/// A micro-batch of whole sequences. What was not asked for is empty.
pub struct LossBatch<'a> {
    /// Where each sequence's tokens begin. `[sequences + 1]`
    pub offsets: &'a [u64],
    /// log pi, now. `[tokens]`
    pub logprobs: &'a [f32],
    /// log pi_old. `[tokens]`
    pub old_logprobs: &'a [f32],
    /// log pi_ref. `[tokens]`
    pub reference_logprobs: &'a [f32],
    /// V, now. `[tokens]`
    pub values: &'a [f32],
    /// V when the rollouts were made. `[tokens]`
    pub old_values: &'a [f32],
    /// The entropy of each token's distribution. `[tokens]`
    pub entropies: &'a [f32],
    /// A of each token. `[tokens]`
    pub advantages: &'a [f32],
    /// The value targets. `[tokens]`
    pub returns: &'a [f32],
    /// Tokens of the whole update: divide by it, not by the micro-batch's own count.
    pub total_tokens: u64,
    /// Sequences of the whole update.
    pub total_sequences: u64,
}

impl LossBatch<'_> {
    /// The tokens of a sequence.
    pub fn tokens(&self, sequence: usize) -> Range<usize> {
        tokens(self.offsets, sequence)
    }
}

/// Where the loss goes. Everything is NaN beforehand; fill all of it.
pub struct Loss<'a> {
    /// This micro-batch's share of the loss.
    pub value: &'a mut f64,
    /// d loss / d log pi. `[tokens]`
    pub by_logprob: &'a mut [f32],
    /// d loss / d V; empty unless values are needed. `[tokens]`
    pub by_value: &'a mut [f32],
    /// d loss / d entropy; empty unless the entropy is needed. `[tokens]`
    pub by_entropy: &'a mut [f32],
}

/// The C side of an optimizer.
#[doc(hidden)]
pub struct Raw<T>(T);

impl<T: Optimizer> Raw<T> {
    pub const EXTENSION: &'static abi::reflux_extension = &T::EXTENSION.raw(
        abi::KIND_POLICY_OPTIMIZER,
        Self::TABLE as *const abi::reflux_optimizer_table as *const c_void,
    );

    const TABLE: &'static abi::reflux_optimizer_table = &abi::reflux_optimizer_table {
        struct_size: abi::reflux_optimizer_table::STRUCT_SIZE,
        reserved: 0,
        create: Some(Self::create),
        destroy: Some(destroy::<T>),
        get_traits: Some(Self::get_traits),
        compute_advantages: Some(Self::compute_advantages),
        compute_loss: Some(Self::compute_loss),
    };

    unsafe extern "C" fn create(
        call: *mut reflux_call,
        creation: *const reflux_creation,
        instance: *mut *mut c_void,
    ) -> i32 {
        create(call, creation, instance, T::create)
    }

    unsafe extern "C" fn get_traits(
        instance: *mut c_void,
        call: *mut reflux_call,
        out: *mut abi::reflux_optimizer_traits,
    ) -> i32 {
        guard::run(call, |_| {
            let traits = (*instance.cast::<T>()).traits();
            (*out).needs_values = traits.needs_values.into();
            (*out).needs_reference = traits.needs_reference.into();
            (*out).needs_entropy = traits.needs_entropy.into();
            (*out).epochs = traits.epochs;
            (*out).stops_gradient = traits.stops_gradient.into();
            Ok(())
        })
    }

    unsafe extern "C" fn compute_advantages(
        instance: *mut c_void,
        call: *mut reflux_call,
        batch: *const abi::reflux_rollout_batch,
        out: *const abi::reflux_advantages,
    ) -> i32 {
        guard::run(call, |services| {
            let raw = &*batch;
            let (sequences, tokens) = (raw.sequence_count, raw.token_count);
            let batch = RolloutBatch {
                offsets: slice(raw.offsets, sequences + 1),
                groups: slice(raw.groups, sequences),
                rewards: slice(raw.rewards, sequences),
                old_logprobs: slice(raw.old_logprobs, tokens),
                reference_logprobs: slice(raw.reference_logprobs, tokens),
                values: slice(raw.values, tokens),
            };
            let mut out = Advantages {
                advantages: slice_mut((*out).advantages, tokens),
                returns: slice_mut((*out).returns, tokens),
            };
            (*instance.cast::<T>()).advantages(services, &batch, &mut out)
        })
    }

    unsafe extern "C" fn compute_loss(
        instance: *mut c_void,
        call: *mut reflux_call,
        batch: *const abi::reflux_loss_batch,
        out: *mut abi::reflux_loss,
    ) -> i32 {
        guard::run(call, |services| {
            let raw = &*batch;
            let tokens = raw.token_count;
            let batch = LossBatch {
                offsets: slice(raw.offsets, raw.sequence_count + 1),
                logprobs: slice(raw.logprobs, tokens),
                old_logprobs: slice(raw.old_logprobs, tokens),
                reference_logprobs: slice(raw.reference_logprobs, tokens),
                values: slice(raw.values, tokens),
                old_values: slice(raw.old_values, tokens),
                entropies: slice(raw.entropies, tokens),
                advantages: slice(raw.advantages, tokens),
                returns: slice(raw.returns, tokens),
                total_tokens: raw.total_tokens,
                total_sequences: raw.total_sequences,
            };
            let out = &mut *out;
            let mut loss = Loss {
                value: &mut out.value,
                by_logprob: slice_mut(out.by_logprob, tokens),
                by_value: slice_mut(out.by_value, tokens),
                by_entropy: slice_mut(out.by_entropy, tokens),
            };
            (*instance.cast::<T>()).loss(services, &batch, &mut loss)
        })
    }
}
