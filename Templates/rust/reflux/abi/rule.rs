//! pseudo-reward-rule/1: turns the structure of a prompt's responses into pseudo-rewards, without any
//! gold. One call judges one prompt with all its responses.

use super::*;

pub const KIND_PSEUDO_REWARD_RULE: &str = "pseudo-reward-rule/1";

/// A prompt with all its responses, the teacher's and the student's.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_group {
    pub struct_size: u32,
    pub reserved: u32,
    pub prompt: *const reflux_prompt,
    pub responses: *const *const reflux_response,
    pub response_count: u64,
    /// The dataset's answer; absent unless the table has needs_gold.
    pub gold: reflux_string,
}
layout!(
    reflux_group, 48,
    struct_size 0, reserved 4, prompt 8, responses 16, response_count 24, gold 32
);

/// Where a rule puts its judgement. Every response needs a reward or an abstention.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_judgement {
    pub struct_size: u32,
    pub reserved: u32,
    /// The reward of each response, from 0 (rejected) to 1 (accepted). [response_count], the host's;
    /// NaN beforehand.
    pub rewards: *mut f64,
    /// [any-thread] Sets the pseudo-label of the prompt. State: during judge. Ownership: copied.
    pub set_label: Option<unsafe extern "C" fn(call: *mut reflux_call, label: reflux_string)>,
    /// [any-thread] Says why there is no label, in a few words that can be counted ("tie").
    /// State: during judge. Ownership: copied.
    pub set_abstention: Option<unsafe extern "C" fn(call: *mut reflux_call, reason: reflux_string)>,
    /// [any-thread] Leaves a response without a reward, and says why. It wins over a reward.
    /// State: during judge. Ownership: copied.
    pub abstain:
        Option<unsafe extern "C" fn(call: *mut reflux_call, response: u64, reason: reflux_string)>,
}
layout!(
    reflux_judgement, 40,
    struct_size 0, reserved 4, rewards 8, set_label 16, set_abstention 24, abstain 32
);

/// The functions of a rule.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_rule_table {
    pub struct_size: u32,
    /// Not 0 when the rule reads reflux_group.gold; the run's report says so.
    pub needs_gold: u32,
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
    /// [instance-serial, or any-thread when the extension is parallel] Judges one group.
    /// State: between create and destroy. Ownership: group and out are borrowed.
    pub judge: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            group: *const reflux_group,
            out: *const reflux_judgement,
        ) -> i32,
    >,
}
layout!(reflux_rule_table, 32, struct_size 0, needs_gold 4, create 8, destroy 16, judge 24);
