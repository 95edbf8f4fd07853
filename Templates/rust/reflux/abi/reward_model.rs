//! reward-model/1: scores responses; higher is better. A score is a logit: its sigmoid is the
//! probability that the response is accepted. A model that only scores (a scorer that exists already)
//! leaves fit, save and load NULL.

use super::*;

pub const KIND_REWARD_MODEL: &str = "reward-model/1";

/// A response to be scored.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_scoring_item {
    pub struct_size: u32,
    /// Not 0 when the model ended the response, 0 when a limit cut it.
    pub finished: i32,
    pub prompt: *const reflux_prompt,
    pub text: reflux_string,
}
layout!(reflux_scoring_item, 32, struct_size 0, finished 4, prompt 8, text 16);

/// A response with its pseudo-reward.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_training_item {
    pub struct_size: u32,
    /// One of REFLUX_ROLE_*.
    pub role: i32,
    pub item: *const reflux_scoring_item,
    /// The pseudo-reward, from 0 to 1.
    pub reward: f64,
    /// The weight in the loss.
    pub weight: f64,
}
layout!(reflux_training_item, 32, struct_size 0, role 4, item 8, reward 16, weight 24);

/// What a reward model learns from.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_training_data {
    pub struct_size: u32,
    pub reserved: u32,
    /// The items of all prompts, prompt after prompt. [item_count]
    pub items: *const *const reflux_training_item,
    pub item_count: u64,
    /// Where the items of each prompt begin. [group_count + 1]
    pub group_offsets: *const u64,
    pub group_count: u64,
    /// The run's seed.
    pub seed: u64,
}
layout!(
    reflux_training_data, 48,
    struct_size 0, reserved 4, items 8, item_count 16, group_offsets 24, group_count 32, seed 40
);

/// The functions of a reward model.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_reward_model_table {
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
    /// [instance-serial] Learns from labelled responses. checkpoint is an existing folder for states to
    /// resume from, or absent. May be NULL. State: between create and destroy.
    /// Ownership: everything is borrowed.
    pub fit: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            data: *const reflux_training_data,
            checkpoint: reflux_string,
        ) -> i32,
    >,
    /// [instance-serial] Scores responses. scores is the host's, NaN beforehand. [count]
    /// State: between create and destroy. Ownership: everything is borrowed.
    pub score: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            items: *const *const reflux_scoring_item,
            count: u64,
            scores: *mut f64,
        ) -> i32,
    >,
    /// [instance-serial] Writes all that score needs into an existing, empty folder. May be NULL when
    /// the configuration is all that score needs. State: between create and destroy.
    /// Ownership: the path is borrowed.
    pub save: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            folder: reflux_string,
        ) -> i32,
    >,
    /// [instance-serial] Reads what save wrote. NULL exactly when save is.
    /// State: after create, before anything else. Ownership: the path is borrowed.
    pub load: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            folder: reflux_string,
        ) -> i32,
    >,
}
layout!(
    reflux_reward_model_table, 56,
    struct_size 0, reserved 4, create 8, destroy 16, fit 24, score 32, save 40, load 48
);
