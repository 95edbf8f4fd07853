//! What stands between the host's call and the author's code: panics and failures become statuses.

use crate::abi::{self, reflux_call};
use crate::{Call, Failure, Result};
use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Remembers the text and the place of panics, instead of printing them to the user's terminal. The
/// hook belongs to this library's own copy of the standard library.
pub(crate) fn remember_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !INSIDE.get() {
                return before(info);
            }
            let place = info
                .location()
                .map_or(String::new(), |l| format!("{}:{}:{}: ", l.file(), l.line(), l.column()));
            let text = format!("panic at {place}{}", payload(info.payload()));
            LAST_PANIC.with(|last| *last.borrow_mut() = Some(text));
        }));
    });
}

thread_local! {
    /// Whether a call of the host is running on this thread.
    static INSIDE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

fn payload(any: &(dyn std::any::Any + Send)) -> &str {
    any.downcast_ref::<&str>()
        .copied()
        .or_else(|| any.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no text)")
}

/// Runs a function of the author. Nothing unwinds out of it.
pub(crate) fn run(call: *mut reflux_call, body: impl FnOnce(&Call) -> Result<()>) -> i32 {
    let call = Call::new(call);
    let outside = INSIDE.replace(true);
    let result = catch_unwind(AssertUnwindSafe(|| body(&call)));
    INSIDE.set(outside);
    match result {
        Ok(Ok(())) => abi::OK,
        Ok(Err(Failure::Error(text))) => {
            call.set_error(&text);
            abi::ERROR
        }
        Ok(Err(Failure::Cancelled)) => abi::CANCELLED,
        Ok(Err(Failure::Unsupported)) => abi::UNSUPPORTED,
        Ok(Err(Failure::OutOfMemory)) => abi::OUT_OF_MEMORY,
        Err(panic) => {
            let text = LAST_PANIC.with(|last| last.borrow_mut().take());
            call.set_error(&text.unwrap_or_else(|| format!("panic: {}", payload(&*panic))));
            drop_quietly(panic);
            abi::ERROR
        }
    }
}

/// Drops a value whose destructor may panic.
pub(crate) fn drop_quietly<T>(value: T) {
    let outside = INSIDE.replace(true);
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        std::mem::forget(panic);
    }
    INSIDE.set(outside);
}
