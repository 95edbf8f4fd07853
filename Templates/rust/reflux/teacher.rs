use crate::abi::{self, reflux_call, reflux_creation};
use crate::creation::{create, destroy};
use crate::guard;
use crate::raw::{optional_string, slice, string};
use crate::{Call, Creation, Extension, Finish, Prompt, Result};
use std::ffi::c_void;

/// A teacher: answers prompts several times.
pub trait Teacher: Sized + Send + 'static {
    /// What the teacher says of itself.
    const EXTENSION: Extension;
    /// Makes an instance; cheap, expensive things wait for `respond`.
    fn create(creation: &Creation) -> Result<Self>;
    /// Answers the prompts. A source that has fewer responses than planned gives what it has. Look at
    /// [`Call::is_cancelled`] between items.
    fn respond(
        &mut self,
        call: &Call,
        prompts: &[Prompt],
        plan: &SamplingPlan,
        out: &mut ResponseList,
    ) -> Result<()>;
}

/// How often and how each prompt is answered: `samples_per_temperature` times at each temperature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SamplingPlan<'a> {
    /// Samples of each prompt at each temperature.
    pub samples_per_temperature: u64,
    /// 0 is greedy.
    pub temperatures: &'a [f64],
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

/// A response that a teacher gives.
#[derive(Debug, Clone, PartialEq)]
pub struct NewResponse<'a> {
    /// What was said.
    pub text: &'a str,
    /// The model that produced it; `None` for the extension's own name.
    pub model: Option<&'a str>,
    /// Of its own among the prompt's responses, from 0.
    pub sample: i64,
    /// Why it ended.
    pub finish: Finish,
    /// The sampling temperature, when it is known.
    pub temperature: Option<f64>,
    /// Generated tokens, when they are known.
    pub token_count: Option<i64>,
    /// The mean log-probability of the tokens, when it is known.
    pub mean_logprob: Option<f64>,
}

impl<'a> NewResponse<'a> {
    /// A text of which nothing else is known.
    pub fn new(text: &'a str, sample: i64) -> Self {
        NewResponse {
            text,
            model: None,
            sample,
            finish: Finish::Unknown,
            temperature: None,
            token_count: None,
            mean_logprob: None,
        }
    }
}

/// Where responses go.
pub struct ResponseList<'a> {
    raw: &'a abi::reflux_response_list,
    call: *mut reflux_call,
    prompts: usize,
}

impl ResponseList<'_> {
    /// Adds a response to a prompt, which is counted from 0. One that does not exist panics, which
    /// becomes an error of the call.
    pub fn add(&mut self, prompt: usize, response: &NewResponse) {
        assert!(prompt < self.prompts, "there is no prompt {prompt}");
        let raw = abi::reflux_response {
            struct_size: abi::reflux_response::STRUCT_SIZE,
            role: abi::ROLE_TEACHER,
            text: string(response.text),
            answer: optional_string(None),
            source: optional_string(None),
            model: optional_string(response.model),
            sample: response.sample,
            finish: response.finish as i32,
            reserved: 0,
            temperature: response.temperature.unwrap_or(f64::NAN),
            token_count: response.token_count.unwrap_or(-1),
            mean_logprob: response.mean_logprob.unwrap_or(f64::NAN),
            weight: 1.0,
        };
        if let Some(add) = self.raw.add {
            unsafe { add(self.call, prompt as u64, &raw) }
        }
    }
}

/// The C side of a teacher.
#[doc(hidden)]
pub struct Raw<T>(T);

impl<T: Teacher> Raw<T> {
    pub const EXTENSION: &'static abi::reflux_extension = &T::EXTENSION.raw(
        abi::KIND_TEACHER_SOURCE,
        Self::TABLE as *const abi::reflux_teacher_table as *const c_void,
    );

    const TABLE: &'static abi::reflux_teacher_table = &abi::reflux_teacher_table {
        struct_size: abi::reflux_teacher_table::STRUCT_SIZE,
        reserved: 0,
        create: Some(Self::create),
        destroy: Some(destroy::<T>),
        respond: Some(Self::respond),
    };

    unsafe extern "C" fn create(
        call: *mut reflux_call,
        creation: *const reflux_creation,
        instance: *mut *mut c_void,
    ) -> i32 {
        create(call, creation, instance, T::create)
    }

    unsafe extern "C" fn respond(
        instance: *mut c_void,
        call: *mut reflux_call,
        prompts: *const *const abi::reflux_prompt,
        count: u64,
        plan: *const abi::reflux_sampling_plan,
        out: *const abi::reflux_response_list,
    ) -> i32 {
        guard::run(call, |services| {
            let prompts: Vec<Prompt> = slice(prompts, count).iter().map(|p| Prompt(&**p)).collect();
            let raw = &*plan;
            let plan = SamplingPlan {
                samples_per_temperature: raw.samples_per_temperature,
                temperatures: slice(raw.temperatures, raw.temperature_count),
                max_tokens: raw.max_tokens,
                top_k: raw.top_k,
                top_p: raw.top_p,
                min_p: raw.min_p,
                seed: raw.seed,
            };
            let mut out = ResponseList { raw: &*out, call, prompts: prompts.len() };
            (*instance.cast::<T>()).respond(services, &prompts, &plan, &mut out)
        })
    }
}
