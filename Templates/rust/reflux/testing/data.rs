//! Prompts and responses for tests, and their C side.

use crate::abi;
use crate::raw::{optional_string, string};
use crate::{Finish, Role};

/// A response.
#[derive(Debug, Clone)]
pub struct Response {
    /// Whose it is.
    pub role: Role,
    /// What was said.
    pub text: String,
    /// What the task read in it.
    pub answer: Option<String>,
    /// Why it ended.
    pub finish: Finish,
    /// Generated tokens.
    pub token_count: Option<i64>,
    /// The mean log-probability.
    pub mean_logprob: Option<f64>,
    /// How much it counts in votes.
    pub weight: f64,
}

fn response(role: Role, text: &str, answer: Option<&str>) -> Response {
    Response {
        role,
        text: text.to_owned(),
        answer: answer.map(str::to_owned),
        finish: Finish::Stop,
        token_count: None,
        mean_logprob: None,
        weight: 1.0,
    }
}

/// A teacher's response.
pub fn teacher(text: &str, answer: Option<&str>) -> Response {
    response(Role::Teacher, text, answer)
}

/// A response of the student.
pub fn student(text: &str, answer: Option<&str>) -> Response {
    response(Role::Student, text, answer)
}

/// A prompt with its responses.
#[derive(Debug, Clone)]
pub struct Group {
    /// What was asked.
    pub prompt: String,
    /// The position of the example.
    pub index: i64,
    /// The dataset's answer.
    pub gold: Option<String>,
    /// What was answered.
    pub responses: Vec<Response>,
}

impl Group {
    /// A group about some prompt.
    pub fn new(responses: impl IntoIterator<Item = Response>) -> Group {
        let responses = responses.into_iter().collect();
        Group { prompt: "Q".to_owned(), index: 0, gold: None, responses }
    }
}

/// The C side of a prompt that is one text.
pub(crate) fn raw_prompt(text: &str, index: i64) -> abi::reflux_prompt {
    abi::reflux_prompt {
        struct_size: abi::reflux_prompt::STRUCT_SIZE,
        reserved: 0,
        id: string("test"),
        index,
        text: string(text),
        messages: std::ptr::null(),
        message_count: 0,
        stops: std::ptr::null(),
        stop_count: 0,
    }
}

/// The C side of a response.
pub(crate) fn raw_response(response: &Response, sample: usize) -> abi::reflux_response {
    let is_teacher = response.role == Role::Teacher;
    abi::reflux_response {
        struct_size: abi::reflux_response::STRUCT_SIZE,
        role: if is_teacher { abi::ROLE_TEACHER } else { abi::ROLE_STUDENT },
        text: string(&response.text),
        answer: optional_string(response.answer.as_deref()),
        source: string(if is_teacher { "teacher" } else { "student" }),
        model: string("test"),
        sample: sample as i64,
        finish: response.finish as i32,
        reserved: 0,
        temperature: f64::NAN,
        token_count: response.token_count.unwrap_or(-1),
        mean_logprob: response.mean_logprob.unwrap_or(f64::NAN),
        weight: response.weight,
    }
}

/// Pointers to structs, as the boundary wants lists.
pub(crate) fn pointers<T>(values: &[T]) -> Vec<*const T> {
    values.iter().map(|value| value as *const T).collect()
}
