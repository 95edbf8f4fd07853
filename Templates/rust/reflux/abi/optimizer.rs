//! policy-optimizer/1: the arithmetic of a policy-gradient method on plain arrays.
//!
//! Per-token arrays are flat: sequence s owns the tokens offsets[s] .. offsets[s + 1] - 1. The host
//! turns the derivatives by log-probability, value and entropy into gradients of the weights.

use super::*;

pub const KIND_POLICY_OPTIMIZER: &str = "policy-optimizer/1";

/// What a method needs. The host sets struct_size and zeroes the rest; epochs is 1 beforehand.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_optimizer_traits {
    pub struct_size: u32,
    /// Not 0 when every token needs a value (a value head on the policy).
    pub needs_values: u32,
    /// Not 0 when the reference's log-probabilities are needed.
    pub needs_reference: u32,
    /// Not 0 when the loss needs the entropy of every token's distribution.
    pub needs_entropy: u32,
    /// How often the rollouts of one step are gone through; at least 1.
    pub epochs: u32,
    /// Not 0 when the derivatives leave out a part of the loss on purpose (a stop-gradient).
    pub stops_gradient: u32,
}
layout!(
    reflux_optimizer_traits, 24,
    struct_size 0, needs_values 4, needs_reference 8, needs_entropy 12, epochs 16, stops_gradient 20
);

/// The rollouts of one step.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_rollout_batch {
    pub struct_size: u32,
    pub reserved: u32,
    pub sequence_count: u64,
    pub token_count: u64,
    /// Where each sequence's tokens begin. [sequence_count + 1]
    pub offsets: *const u64,
    /// The index of each sequence's group (its prompt), from 0. [sequence_count]
    pub groups: *const u64,
    /// The reward of each sequence. [sequence_count]
    pub rewards: *const f64,
    /// log pi_old of the sampled tokens. [token_count]
    pub old_logprobs: *const f32,
    /// log pi_ref of the sampled tokens; NULL unless needed. [token_count]
    pub reference_logprobs: *const f32,
    /// V of the state before each token; NULL unless needed. [token_count]
    pub values: *const f32,
}
layout!(
    reflux_rollout_batch, 72,
    struct_size 0, reserved 4, sequence_count 8, token_count 16, offsets 24, groups 32, rewards 40,
    old_logprobs 48, reference_logprobs 56, values 64
);

/// Where advantages go: the host's buffers, NaN beforehand.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_advantages {
    pub struct_size: u32,
    pub reserved: u32,
    /// A of each token. [token_count]
    pub advantages: *mut f32,
    /// The value target of each token; NULL unless values are needed. [token_count]
    pub returns: *mut f32,
}
layout!(reflux_advantages, 24, struct_size 0, reserved 4, advantages 8, returns 16);

/// A micro-batch of whole sequences.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_loss_batch {
    pub struct_size: u32,
    pub reserved: u32,
    pub sequence_count: u64,
    pub token_count: u64,
    /// Where each sequence's tokens begin. [sequence_count + 1]
    pub offsets: *const u64,
    /// log pi, now. [token_count]
    pub logprobs: *const f32,
    /// log pi_old. [token_count]
    pub old_logprobs: *const f32,
    /// log pi_ref; NULL unless needed. [token_count]
    pub reference_logprobs: *const f32,
    /// V, now; NULL unless needed. [token_count]
    pub values: *const f32,
    /// V when the rollouts were made; NULL unless needed. [token_count]
    pub old_values: *const f32,
    /// The entropy of each token's distribution; NULL unless needed. [token_count]
    pub entropies: *const f32,
    /// A of each token. [token_count]
    pub advantages: *const f32,
    /// The value targets; NULL unless values are needed. [token_count]
    pub returns: *const f32,
    /// Tokens and sequences of the whole update to which this micro-batch belongs: divide by these,
    /// not by the micro-batch's own counts.
    pub total_tokens: u64,
    pub total_sequences: u64,
}
layout!(
    reflux_loss_batch, 112,
    struct_size 0, reserved 4, sequence_count 8, token_count 16, offsets 24, logprobs 32,
    old_logprobs 40, reference_logprobs 48, values 56, old_values 64, entropies 72, advantages 80,
    returns 88, total_tokens 96, total_sequences 104
);

/// Where the loss goes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_loss {
    pub struct_size: u32,
    pub reserved: u32,
    /// This micro-batch's share of the loss; NaN beforehand.
    pub value: f64,
    /// d loss / d log pi; NaN beforehand. [token_count]
    pub by_logprob: *mut f32,
    /// d loss / d V; NaN beforehand; NULL unless values are needed. [token_count]
    pub by_value: *mut f32,
    /// d loss / d entropy; NaN beforehand; NULL unless the entropy is needed. [token_count]
    pub by_entropy: *mut f32,
}
layout!(
    reflux_loss, 40,
    struct_size 0, reserved 4, value 8, by_logprob 16, by_value 24, by_entropy 32
);

/// The functions of an optimizer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_optimizer_table {
    pub struct_size: u32,
    pub reserved: u32,
    /// [load] Makes an instance. State: ready; instances are independent of each other.
    /// Ownership: creation is borrowed; *instance is the plugin's until destroy, and not NULL.
    pub create: Option<
        unsafe extern "C" fn(
            call: *mut reflux_call,
            creation: *const reflux_creation,
            instance: *mut *mut c_void,
        ) -> i32,
    >,
    /// [load] Frees an instance. State: no function of the instance is running, none will be called.
    /// Ownership: ends the plugin's hold on the instance.
    pub destroy: Option<unsafe extern "C" fn(instance: *mut c_void)>,
    /// [instance-serial] Says what the method needs. Called once, right after create.
    /// State: between create and destroy. Ownership: out is the host's.
    pub get_traits: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            out: *mut reflux_optimizer_traits,
        ) -> i32,
    >,
    /// [instance-serial] Turns the rollouts of one step into advantages. Keep no state: the same
    /// batch gives the same advantages. State: between create and destroy.
    /// Ownership: batch and out are borrowed.
    pub compute_advantages: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            batch: *const reflux_rollout_batch,
            out: *const reflux_advantages,
        ) -> i32,
    >,
    /// [instance-serial] The loss of a micro-batch and its derivatives. Keep no state.
    /// State: between create and destroy. Ownership: batch and out are borrowed.
    pub compute_loss: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            batch: *const reflux_loss_batch,
            out: *mut reflux_loss,
        ) -> i32,
    >,
}
layout!(
    reflux_optimizer_table, 48,
    struct_size 0, reserved 4, create 8, destroy 16, get_traits 24, compute_advantages 32,
    compute_loss 40
);
