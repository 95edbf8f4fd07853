//! What the host offers to a plugin.
//!
//! Every call of the host into a plugin comes with a reflux_call: the context in which errors, log
//! lines, metrics and random numbers belong. It is valid until that call returns, on any thread that
//! the plugin uses for it, and is handed back to the services below.

use super::*;

/// One call of the host into the plugin. Opaque.
#[repr(C)]
pub struct reflux_call {
    _opaque: [u8; 0],
}

/// Levels of log lines.
pub const LOG_DEBUG: i32 = 0;
pub const LOG_INFO: i32 = 1;
pub const LOG_WARNING: i32 = 2;
pub const LOG_ERROR: i32 = 3;

/// The services. The table lives as long as the process; keep the pointer that init was given. A
/// function that is NULL, or that lies behind struct_size, is a service that this host does not
/// have: ask with REFLUX_HAS_FUNCTION. set_error and set_configuration are always there.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_host {
    pub struct_size: u32,
    /// The host's REFLUX_ABI_MINOR.
    pub abi_minor: u32,
    /// The host's name and version, for instance "reflux 0.2.0".
    pub name: reflux_string,
    /// [any-thread] Says why the function that is running will return something else than REFLUX_OK.
    /// State: during a call. Ownership: the text is copied. The last text counts.
    pub set_error: Option<unsafe extern "C" fn(call: *mut reflux_call, text: reflux_string)>,
    /// [any-thread] Gives the configuration that is in effect, as a JSON object; it goes to the
    /// record of the run. State: during create. Ownership: the text is copied.
    pub set_configuration:
        Option<unsafe extern "C" fn(call: *mut reflux_call, json: reflux_string)>,
    /// [any-thread] A line for people; level is one of REFLUX_LOG_*. Control characters are
    /// replaced, long lines cut, floods suppressed. State: during a call. Ownership: copied.
    pub log: Option<unsafe extern "C" fn(call: *mut reflux_call, level: i32, text: reflux_string)>,
    /// [any-thread] Not 0 when the call should end soon with REFLUX_CANCELLED. Cheap.
    /// State: during a call. Ownership: nothing is handed over.
    pub is_cancelled: Option<unsafe extern "C" fn(call: *mut reflux_call) -> i32>,
    /// [any-thread] The time that the call has left, in nanoseconds; negative when it is over,
    /// INT64_MAX when there is no limit. State: during a call. Ownership: nothing is handed over.
    pub remaining_nanoseconds: Option<unsafe extern "C" fn(call: *mut reflux_call) -> i64>,
    /// [any-thread] Four independent uniform 32-bit words: a pure function of the run's seed, the
    /// extension, the item that is being worked on (the prompt's index), stream and position. The
    /// one source of random numbers of an extension that calls itself deterministic.
    /// State: during a call. Ownership: out is the plugin's.
    pub random_words: Option<
        unsafe extern "C" fn(call: *mut reflux_call, stream: u64, position: u64, out: *mut u32),
    >,
    /// [any-thread] A named number for the metrics file. step counts from 0 in fit and is ignored
    /// elsewhere; in the loss of an optimizer the numbers of all micro-batches of an update are added
    /// up. State: during a call. Ownership: the name is copied.
    pub metric: Option<
        unsafe extern "C" fn(call: *mut reflux_call, step: i64, name: reflux_string, value: f64),
    >,
    /// [any-thread] Tells how far a long call is; unit says what is counted ("responses").
    /// State: during a call. Ownership: the unit is copied.
    pub progress: Option<
        unsafe extern "C" fn(call: *mut reflux_call, done: u64, total: u64, unit: reflux_string),
    >,
}
layout!(
    reflux_host, 88,
    struct_size 0, abi_minor 4, name 8, set_error 24, set_configuration 32, log 40, is_cancelled 48,
    remaining_nanoseconds 56, random_words 64, metric 72, progress 80
);
