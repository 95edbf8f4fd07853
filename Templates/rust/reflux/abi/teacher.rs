//! teacher-source/1: answers prompts several times.

use super::*;

pub const KIND_TEACHER_SOURCE: &str = "teacher-source/1";

/// How often and how each prompt is answered: samples_per_temperature times at each temperature.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_sampling_plan {
    pub struct_size: u32,
    pub reserved: u32,
    pub samples_per_temperature: u64,
    /// 0 is greedy. [temperature_count]
    pub temperatures: *const f64,
    pub temperature_count: u64,
    /// The most tokens of a response.
    pub max_tokens: i64,
    /// 0 is off.
    pub top_k: i64,
    /// 1 is off.
    pub top_p: f64,
    /// 0 is off.
    pub min_p: f64,
    /// The run's seed.
    pub seed: u64,
}
layout!(
    reflux_sampling_plan, 72,
    struct_size 0, reserved 4, samples_per_temperature 8, temperatures 16, temperature_count 24,
    max_tokens 32, top_k 40, top_p 48, min_p 56, seed 64
);

/// Where responses go.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_response_list {
    pub struct_size: u32,
    pub reserved: u32,
    /// [any-thread] Adds a response to a prompt. role, source and answer are ignored; sample has to be
    /// of its own among the prompt's responses, from 0. State: during respond.
    /// Ownership: everything in it is copied.
    pub add: Option<
        unsafe extern "C" fn(call: *mut reflux_call, prompt: u64, response: *const reflux_response),
    >,
}
layout!(reflux_response_list, 16, struct_size 0, reserved 4, add 8);

/// The functions of a teacher.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_teacher_table {
    pub struct_size: u32,
    pub reserved: u32,
    /// [load] Makes an instance; cheap, expensive things wait for respond. State: ready; instances are
    /// independent of each other. Ownership: creation is borrowed; *instance is the plugin's until
    /// destroy, and not NULL.
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
    /// [instance-serial] Answers the prompts. A source that has fewer responses than planned gives
    /// what it has. Look at is_cancelled between items. State: between create and destroy.
    /// Ownership: everything is borrowed.
    pub respond: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            prompts: *const *const reflux_prompt,
            count: u64,
            plan: *const reflux_sampling_plan,
            out: *const reflux_response_list,
        ) -> i32,
    >,
}
layout!(reflux_teacher_table, 32, struct_size 0, reserved 4, create 8, destroy 16, respond 24);
