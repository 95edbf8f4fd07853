//! task-evaluator/1: the examples of a task, how they are asked, how an answer is read, and whether it
//! is right. Reading an answer takes linear time on any input, and never fails: an answer that cannot
//! be read is left out.

use super::*;

pub const KIND_TASK_EVALUATOR: &str = "task-evaluator/1";

/// Where the names of the metrics go.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_metric_list {
    pub struct_size: u32,
    pub reserved: u32,
    /// [any-thread] Adds a metric; the most telling one first. State: during list_metrics.
    /// Ownership: copied.
    pub add: Option<unsafe extern "C" fn(call: *mut reflux_call, name: reflux_string)>,
}
layout!(reflux_metric_list, 16, struct_size 0, reserved 4, add 8);

/// Where examples go.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_example_list {
    pub struct_size: u32,
    pub reserved: u32,
    /// [any-thread] Adds an example behind the others. State: during load_examples.
    /// Ownership: everything in it is copied.
    pub add: Option<unsafe extern "C" fn(call: *mut reflux_call, example: *const reflux_example)>,
}
layout!(reflux_example_list, 16, struct_size 0, reserved 4, add 8);

/// Where a prompt goes: either one text or messages.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_prompt_draft {
    pub struct_size: u32,
    pub reserved: u32,
    /// [any-thread] Sets the text to be continued. State: during write_prompt. Ownership: copied.
    pub set_text: Option<unsafe extern "C" fn(call: *mut reflux_call, text: reflux_string)>,
    /// [any-thread] Adds a message; speaker is one of REFLUX_SPEAKER_*. State: during write_prompt.
    /// Ownership: copied.
    pub add_message:
        Option<unsafe extern "C" fn(call: *mut reflux_call, speaker: i32, content: reflux_string)>,
    /// [any-thread] Adds a text at which generation stops. State: during write_prompt.
    /// Ownership: copied.
    pub add_stop: Option<unsafe extern "C" fn(call: *mut reflux_call, text: reflux_string)>,
}
layout!(
    reflux_prompt_draft, 32,
    struct_size 0, reserved 4, set_text 8, add_message 16, add_stop 24
);

/// Where answers go.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_answer_list {
    pub struct_size: u32,
    pub reserved: u32,
    /// [any-thread] Sets the normalised answer of a response. State: during read_answers.
    /// Ownership: copied.
    pub set_answer:
        Option<unsafe extern "C" fn(call: *mut reflux_call, response: u64, answer: reflux_string)>,
}
layout!(reflux_answer_list, 16, struct_size 0, reserved 4, set_answer 8);

/// Where marks go: the host's buffers, -1 beforehand.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_grades {
    pub struct_size: u32,
    pub reserved: u32,
    /// 1 when an answer could be read, else 0. [count]
    pub parsed: *mut i32,
    /// 1 when the response is right by a metric, else 0; the metrics of a response lie together.
    /// [count * metric_count]
    pub correct: *mut i32,
    pub metric_count: u64,
}
layout!(reflux_grades, 32, struct_size 0, reserved 4, parsed 8, correct 16, metric_count 24);

/// The functions of a task.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_task_table {
    pub struct_size: u32,
    pub reserved: u32,
    /// [load] Makes an instance; cheap, files are read by load_examples. State: ready; instances are
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
    /// [instance-serial] Names the metrics, at least one. Called once, right after create.
    /// State: between create and destroy. Ownership: out is borrowed.
    pub list_metrics: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            out: *const reflux_metric_list,
        ) -> i32,
    >,
    /// [instance-serial] Lists the examples of a split (REFLUX_SPLIT_*) in a fixed order.
    /// State: between create and destroy. Ownership: out is borrowed.
    pub load_examples: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            split: i32,
            out: *const reflux_example_list,
        ) -> i32,
    >,
    /// [instance-serial, or any-thread when the extension is parallel] Writes the prompt of an example.
    /// State: between create and destroy. Ownership: example and out are borrowed.
    pub write_prompt: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            example: *const reflux_example,
            out: *const reflux_prompt_draft,
        ) -> i32,
    >,
    /// [instance-serial, or any-thread when the extension is parallel] Reads the answers of responses.
    /// State: between create and destroy. Ownership: everything is borrowed.
    pub read_answers: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            responses: *const reflux_string,
            count: u64,
            out: *const reflux_answer_list,
        ) -> i32,
    >,
    /// [instance-serial, or any-thread when the extension is parallel] Marks responses, each to the
    /// example of the same index. State: between create and destroy.
    /// Ownership: everything is borrowed.
    pub grade: Option<
        unsafe extern "C" fn(
            instance: *mut c_void,
            call: *mut reflux_call,
            responses: *const reflux_string,
            examples: *const *const reflux_example,
            count: u64,
            out: *const reflux_grades,
        ) -> i32,
    >,
}
layout!(
    reflux_task_table, 64,
    struct_size 0, reserved 4, create 8, destroy 16, list_metrics 24, load_examples 32,
    write_prompt 40, read_answers 48, grade 56
);
