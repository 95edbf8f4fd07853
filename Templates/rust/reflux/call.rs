use crate::abi::{self, reflux_call, reflux_host};
use crate::raw::string;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

/// The table that `init` was given.
static HOST: AtomicPtr<reflux_host> = AtomicPtr::new(std::ptr::null_mut());

pub(crate) fn set_host(host: *const reflux_host) {
    HOST.store(host.cast_mut(), Ordering::Release);
}

/// A service of a host, or `None` when that host does not have it: when the field lies behind the
/// table's `struct_size`, or is NULL.
macro_rules! service {
    ($name:ident) => {
        service!($name, HOST.load(Ordering::Acquire).cast_const())
    };
    ($name:ident, $host:expr) => {{
        let host: *const reflux_host = $host;
        let end = std::mem::offset_of!(reflux_host, $name) + std::mem::size_of::<usize>();
        // The table lives as long as the process; the field is read only where it exists.
        unsafe {
            if !host.is_null() && (*host).struct_size as usize >= end {
                (*host).$name
            } else {
                None
            }
        }
    }};
}

/// Whether a host has random numbers; for the tests of this file.
#[cfg(test)]
pub(crate) fn has_random_words(host: &reflux_host) -> bool {
    service!(random_words, host).is_some()
}

/// How severe a log line is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(i32)]
pub enum Level {
    /// For the author.
    Debug = abi::LOG_DEBUG,
    /// For whoever wants to know.
    Info = abi::LOG_INFO,
    /// Something is odd.
    Warning = abi::LOG_WARNING,
    /// Something failed.
    Error = abi::LOG_ERROR,
}

/// One call of the host into the plugin, and the services that the host has for it. May be used from
/// any thread until the call returns. What a host does not have gives `None`, or does nothing.
pub struct Call<'a> {
    raw: *mut reflux_call,
    lifetime: PhantomData<&'a reflux_call>,
}

// The header: every service may be used from any thread while the call is running.
unsafe impl Send for Call<'_> {}
unsafe impl Sync for Call<'_> {}

impl Call<'_> {
    pub(crate) fn new(raw: *mut reflux_call) -> Self {
        Call { raw, lifetime: PhantomData }
    }

    pub(crate) fn set_error(&self, text: &str) {
        if let Some(set_error) = service!(set_error) {
            unsafe { set_error(self.raw, string(text)) }
        }
    }

    pub(crate) fn set_configuration(&self, json: &str) {
        if let Some(set_configuration) = service!(set_configuration) {
            unsafe { set_configuration(self.raw, string(json)) }
        }
    }

    /// A line for people.
    pub fn log(&self, level: Level, text: &str) {
        if let Some(log) = service!(log) {
            unsafe { log(self.raw, level as i32, string(text)) }
        }
    }

    /// Whether the call should end soon with [`crate::Failure::Cancelled`]. Cheap.
    pub fn is_cancelled(&self) -> bool {
        service!(is_cancelled).is_some_and(|is_cancelled| unsafe { is_cancelled(self.raw) != 0 })
    }

    /// The time that the call has left, zero when it is over; `None` when there is no limit.
    pub fn remaining(&self) -> Option<Duration> {
        let remaining_nanoseconds = service!(remaining_nanoseconds)?;
        let left = unsafe { remaining_nanoseconds(self.raw) };
        (left != i64::MAX).then(|| Duration::from_nanos(left.max(0) as u64))
    }

    /// Four independent uniform words: a pure function of the run's seed, the extension, the item
    /// that is being worked on, stream and position. The one source of random numbers of an
    /// extension that calls itself deterministic.
    pub fn random_words(&self, stream: u64, position: u64) -> Option<[u32; 4]> {
        let random_words = service!(random_words)?;
        let mut words = [0; 4];
        unsafe { random_words(self.raw, stream, position, words.as_mut_ptr()) };
        Some(words)
    }

    /// A uniform number in [0, 1) with 53 random bits.
    pub fn uniform(&self, stream: u64, position: u64) -> Option<f64> {
        let words = self.random_words(stream, position)?;
        let bits = u64::from(words[0]) << 32 | u64::from(words[1]);
        Some((bits >> 11) as f64 / (1u64 << 53) as f64)
    }

    /// A named number for the metrics file. `step` counts from 0 in `fit` and is ignored elsewhere.
    pub fn metric(&self, step: i64, name: &str, value: f64) {
        if let Some(metric) = service!(metric) {
            unsafe { metric(self.raw, step, string(name), value) }
        }
    }

    /// Tells how far a long call is; `unit` says what is counted.
    pub fn progress(&self, done: u64, total: u64, unit: &str) {
        if let Some(progress) = service!(progress) {
            unsafe { progress(self.raw, done, total, string(unit)) }
        }
    }
}
