//! The services of the test host. What a `reflux_call` points to is a [`Record`] of one call.

use crate::abi::{reflux_call, reflux_host, reflux_string, ABI_MINOR};
use crate::plugin::Constant;
use crate::raw::{string, text};
use crate::{NewExample, Speaker};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

/// Everything that a plugin says during one call.
#[derive(Default)]
pub(crate) struct Said {
    pub error: Option<String>,
    pub configuration: Option<String>,
    pub metrics: BTreeMap<String, f64>,
    pub label: Option<String>,
    pub abstention: Option<String>,
    pub abstentions: BTreeMap<u64, String>,
    pub names: Vec<String>,
    pub examples: Vec<NewExample>,
    pub prompt: super::TestPrompt,
    pub answers: BTreeMap<u64, String>,
    pub responses: Vec<(u64, super::Taught)>,
}

/// One call.
#[derive(Default)]
pub(crate) struct Record {
    pub said: Mutex<Said>,
    pub cancelled: bool,
    pub seed: u64,
    pub item: u64,
}

impl Record {
    pub(crate) fn pointer(&self) -> *mut reflux_call {
        (self as *const Record).cast_mut().cast()
    }

    pub(crate) fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(|broken| broken.into_inner())
    }

    /// The record behind a call.
    ///
    /// # Safety
    /// `call` is a pointer that this host gave, and its call is running.
    pub(crate) unsafe fn of<'a>(call: *mut reflux_call) -> &'a Record {
        &*call.cast::<Record>()
    }
}

pub(crate) fn owned(raw: reflux_string) -> String {
    unsafe { text(raw) }.to_owned()
}

pub(crate) fn optional(raw: reflux_string) -> Option<String> {
    (!raw.data.is_null()).then(|| owned(raw))
}

pub(crate) fn speaker(raw: i32) -> Speaker {
    let all = [Speaker::System, Speaker::User, Speaker::Assistant];
    all.into_iter().find(|s| *s as i32 == raw).expect("a speaker that there is")
}

unsafe extern "C" fn set_error(call: *mut reflux_call, text: reflux_string) {
    Record::of(call).said().error = Some(owned(text));
}

unsafe extern "C" fn set_configuration(call: *mut reflux_call, json: reflux_string) {
    Record::of(call).said().configuration = Some(owned(json));
}

unsafe extern "C" fn log(_: *mut reflux_call, level: i32, text: reflux_string) {
    println!("log {level}: {}", owned(text));
}

unsafe extern "C" fn is_cancelled(call: *mut reflux_call) -> i32 {
    Record::of(call).cancelled.into()
}

unsafe extern "C" fn remaining_nanoseconds(call: *mut reflux_call) -> i64 {
    if Record::of(call).cancelled {
        -1
    } else {
        i64::MAX
    }
}

/// Not the numbers of the real host, but a pure function of the same things.
unsafe extern "C" fn random_words(
    call: *mut reflux_call,
    stream: u64,
    position: u64,
    out: *mut u32,
) {
    let record = Record::of(call);
    let mut state = record.seed;
    for part in [record.item, stream, position] {
        state = mix(state ^ mix(part));
    }
    for place in 0..4 {
        *out.add(place) = mix(state.wrapping_add(place as u64)) as u32;
    }
}

/// The finaliser of SplitMix64.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

unsafe extern "C" fn metric(call: *mut reflux_call, _: i64, name: reflux_string, value: f64) {
    Record::of(call).said().metrics.insert(owned(name), value);
}

unsafe extern "C" fn progress(_: *mut reflux_call, done: u64, total: u64, unit: reflux_string) {
    println!("progress: {done} of {total} {}", owned(unit));
}

/// The table that plugins are initialised with.
pub(crate) static HOST: Constant<reflux_host> = Constant(reflux_host {
    struct_size: reflux_host::STRUCT_SIZE,
    abi_minor: ABI_MINOR,
    name: string("reflux test host"),
    set_error: Some(set_error),
    set_configuration: Some(set_configuration),
    log: Some(log),
    is_cancelled: Some(is_cancelled),
    remaining_nanoseconds: Some(remaining_nanoseconds),
    random_words: Some(random_words),
    metric: Some(metric),
    progress: Some(progress),
});
