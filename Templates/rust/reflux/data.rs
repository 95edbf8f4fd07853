//! What is asked and what is answered: views of what the host lends, and values that are handed back.

use crate::abi;
use crate::raw::{optional_text, slice, text};

/// Who speaks in a message.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(i32)]
pub enum Speaker {
    /// The instructions.
    System = abi::SPEAKER_SYSTEM,
    /// Who asks.
    User = abi::SPEAKER_USER,
    /// The model.
    Assistant = abi::SPEAKER_ASSISTANT,
}

/// Whose response it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Role {
    /// A teacher's.
    Teacher,
    /// The student's.
    Student,
}

/// Why a response ended.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(i32)]
pub enum Finish {
    /// The model ended it.
    Stop = abi::FINISH_STOP,
    /// The limit on tokens did.
    Length = abi::FINISH_LENGTH,
    /// Nobody knows.
    Unknown = abi::FINISH_UNKNOWN,
}

/// A part of a dataset.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(i32)]
pub enum Split {
    /// To learn from.
    Train = abi::SPLIT_TRAIN,
    /// For the final table.
    Test = abi::SPLIT_TEST,
    /// To choose by.
    Validation = abi::SPLIT_VALIDATION,
}

impl Split {
    pub(crate) fn from_raw(raw: i32) -> Option<Split> {
        [Split::Train, Split::Test, Split::Validation].into_iter().find(|s| *s as i32 == raw)
    }
}

/// What a model is asked.
#[derive(Clone, Copy)]
pub struct Prompt<'a>(pub(crate) &'a abi::reflux_prompt);

impl<'a> Prompt<'a> {
    /// The id of the example that it asks.
    pub fn id(&self) -> &'a str {
        unsafe { text(self.0.id) }
    }
    /// The example's position in its split, from 0.
    pub fn index(&self) -> i64 {
        self.0.index
    }
    /// The text to be continued; for a conversation, its messages joined by blank lines.
    pub fn text(&self) -> &'a str {
        unsafe { text(self.0.text) }
    }
    /// The messages of a conversation: the number of [`Speaker`] and the text. None for a text.
    pub fn messages(&self) -> impl ExactSizeIterator<Item = (i32, &'a str)> {
        let messages = unsafe { slice(self.0.messages, self.0.message_count) };
        messages.iter().map(|m| unsafe { ((**m).speaker, text((**m).content)) })
    }
    /// Texts at which generation stops.
    pub fn stops(&self) -> impl ExactSizeIterator<Item = &'a str> {
        unsafe { slice(self.0.stops, self.0.stop_count) }.iter().map(|s| unsafe { text(*s) })
    }
}

/// One answer of a teacher or of the student.
#[derive(Clone, Copy)]
pub struct Response<'a>(pub(crate) &'a abi::reflux_response);

impl<'a> Response<'a> {
    /// Whose it is.
    pub fn role(&self) -> Role {
        if self.0.role == abi::ROLE_TEACHER {
            Role::Teacher
        } else {
            Role::Student
        }
    }
    /// What was said.
    pub fn text(&self) -> &'a str {
        unsafe { text(self.0.text) }
    }
    /// The answer that the task read in it, normalised; `None` when there is none to be read.
    pub fn answer(&self) -> Option<&'a str> {
        unsafe { optional_text(self.0.answer) }
    }
    /// The name of the teacher, or of the student's stage.
    pub fn source(&self) -> &'a str {
        unsafe { text(self.0.source) }
    }
    /// The model that produced it.
    pub fn model(&self) -> &'a str {
        unsafe { text(self.0.model) }
    }
    /// The index among the source's samples for the prompt.
    pub fn sample(&self) -> i64 {
        self.0.sample
    }
    /// Why it ended.
    pub fn finish(&self) -> Finish {
        match self.0.finish {
            abi::FINISH_STOP => Finish::Stop,
            abi::FINISH_LENGTH => Finish::Length,
            _ => Finish::Unknown,
        }
    }
    /// The sampling temperature, when it is known.
    pub fn temperature(&self) -> Option<f64> {
        (!self.0.temperature.is_nan()).then_some(self.0.temperature)
    }
    /// Generated tokens, when they are known.
    pub fn token_count(&self) -> Option<i64> {
        (self.0.token_count >= 0).then_some(self.0.token_count)
    }
    /// How much it counts in votes, at least 0: the weight of its teacher, else 1. A host of the ABI
    /// 1.0 does not tell it: 1.
    pub fn weight(&self) -> f64 {
        // The struct of an older host ends before the field, so nothing but its size is read first.
        let raw = self.0 as *const abi::reflux_response;
        if self.0.struct_size < abi::reflux_response::STRUCT_SIZE {
            1.0
        } else {
            unsafe { std::ptr::addr_of!((*raw).weight).read() }
        }
    }
    /// The mean log-probability of the tokens under their model, when it is known.
    pub fn mean_logprob(&self) -> Option<f64> {
        (!self.0.mean_logprob.is_nan()).then_some(self.0.mean_logprob)
    }
}

/// One item of a task.
#[derive(Clone, Copy)]
pub struct Example<'a>(pub(crate) &'a abi::reflux_example);

impl<'a> Example<'a> {
    /// The item's name, of its own within the split.
    pub fn id(&self) -> &'a str {
        unsafe { text(self.0.id) }
    }
    /// The position in the split, from 0.
    pub fn index(&self) -> i64 {
        self.0.index
    }
    /// What is asked.
    pub fn question(&self) -> &'a str {
        unsafe { text(self.0.question) }
    }
    /// The right answer in the task's normal form, where the dataset has it.
    pub fn gold(&self) -> Option<&'a str> {
        unsafe { optional_text(self.0.gold) }
    }
    /// A worked solution, where the dataset has one.
    pub fn solution(&self) -> Option<&'a str> {
        unsafe { optional_text(self.0.solution) }
    }
    /// For tables by category, where the dataset has one.
    pub fn category(&self) -> Option<&'a str> {
        unsafe { optional_text(self.0.category) }
    }
    /// The options of a multiple-choice question.
    pub fn options(&self) -> impl ExactSizeIterator<Item = &'a str> {
        unsafe { slice(self.0.options, self.0.option_count) }.iter().map(|s| unsafe { text(*s) })
    }
}

/// An item that a task hands to the host, which numbers it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewExample {
    /// The item's name, of its own within the split.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// The right answer in the task's normal form.
    pub gold: Option<String>,
    /// A worked solution.
    pub solution: Option<String>,
    /// For tables by category.
    pub category: Option<String>,
    /// The options of a multiple-choice question.
    pub options: Vec<String>,
}
