//! What is asked and what is answered. All of it is borrowed: valid until the call returns, and not to
//! be written to. Arrays of structs are arrays of pointers, so that the structs can grow.

use super::*;

/// Who speaks in a message.
pub const SPEAKER_SYSTEM: i32 = 0;
pub const SPEAKER_USER: i32 = 1;
pub const SPEAKER_ASSISTANT: i32 = 2;
/// Whose response it is.
pub const ROLE_TEACHER: i32 = 0;
pub const ROLE_STUDENT: i32 = 1;
/// Why a response ended: the model ended it, the limit on tokens did, or nobody knows.
pub const FINISH_STOP: i32 = 0;
pub const FINISH_LENGTH: i32 = 1;
pub const FINISH_UNKNOWN: i32 = 2;
/// Parts of a dataset.
pub const SPLIT_TRAIN: i32 = 0;
pub const SPLIT_TEST: i32 = 1;
pub const SPLIT_VALIDATION: i32 = 2;

/// One message of a conversation.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_message {
    pub struct_size: u32,
    /// One of REFLUX_SPEAKER_*.
    pub speaker: i32,
    pub content: reflux_string,
}
layout!(reflux_message, 24, struct_size 0, speaker 4, content 8);

/// What a model is asked.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_prompt {
    pub struct_size: u32,
    pub reserved: u32,
    /// The id of the example that it asks.
    pub id: reflux_string,
    /// The example's position in its split, from 0.
    pub index: i64,
    /// The text to be continued; for a conversation, its messages joined by blank lines.
    pub text: reflux_string,
    /// The messages of a conversation, which the model's own template renders; none for a text.
    pub messages: *const *const reflux_message,
    pub message_count: u64,
    /// Texts at which generation stops.
    pub stops: *const reflux_string,
    pub stop_count: u64,
}
layout!(
    reflux_prompt, 80,
    struct_size 0, reserved 4, id 8, index 24, text 32, messages 48, message_count 56, stops 64,
    stop_count 72
);

/// One answer of a teacher or of the student.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_response {
    pub struct_size: u32,
    /// One of REFLUX_ROLE_*.
    pub role: i32,
    pub text: reflux_string,
    /// The answer that the task read in it, normalised; absent when there is none to be read.
    pub answer: reflux_string,
    /// The name of the teacher, or of the student's stage.
    pub source: reflux_string,
    /// The model that produced it.
    pub model: reflux_string,
    /// The index among the source's samples for the prompt.
    pub sample: i64,
    /// One of REFLUX_FINISH_*.
    pub finish: i32,
    pub reserved: u32,
    /// The sampling temperature; NaN when unknown.
    pub temperature: f64,
    /// Generated tokens; -1 when unknown.
    pub token_count: i64,
    /// The mean log-probability of the tokens under their model; NaN when unknown.
    pub mean_logprob: f64,
    /// How much it counts in votes, at least 0: the weight of its teacher, else 1. Since minor 1; not
    /// read in responses that a teacher adds.
    pub weight: f64,
}
layout!(
    reflux_response, 120,
    struct_size 0, role 4, text 8, answer 24, source 40, model 56, sample 72, finish 80,
    reserved 84, temperature 88, token_count 96, mean_logprob 104, weight 112
);

/// One item of a task.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_example {
    pub struct_size: u32,
    pub reserved: u32,
    /// The item's name, of its own within the split.
    pub id: reflux_string,
    /// The position in the split, from 0. The host sets it.
    pub index: i64,
    pub question: reflux_string,
    /// The right answer in the task's normal form; absent where the dataset has none.
    pub gold: reflux_string,
    /// A worked solution; absent where the dataset has none.
    pub solution: reflux_string,
    /// For tables by category; absent where the dataset has none.
    pub category: reflux_string,
    /// The options of a multiple-choice question.
    pub options: *const reflux_string,
    pub option_count: u64,
}
layout!(
    reflux_example, 112,
    struct_size 0, reserved 4, id 8, index 24, question 32, gold 48, solution 64, category 80,
    options 96, option_count 104
);
