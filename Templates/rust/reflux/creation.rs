use crate::abi::{reflux_call, reflux_creation};
use crate::guard;
use crate::raw::text;
use crate::{Call, Result, Settings};
use std::ffi::c_void;

/// What an instance is made from.
pub struct Creation<'a> {
    /// Every key of the extension's schema, with the user's values or the defaults.
    pub settings: Settings,
    /// The same as the host's JSON text.
    pub configuration: &'a str,
    /// The run's seed. Draw from [`Call::random_words`] rather than from generators of your own.
    pub seed: u64,
    /// The folder against which the host resolved relative paths.
    pub base_folder: &'a str,
    /// The services of the host.
    pub call: Call<'a>,
}

/// Makes an instance and hands it to the host, with the configuration for the run's record.
///
/// # Safety
/// The pointers are the host's, for a `create`.
pub(crate) unsafe fn create<T>(
    call: *mut reflux_call,
    creation: *const reflux_creation,
    instance: *mut *mut c_void,
    make: impl FnOnce(&Creation) -> Result<T>,
) -> i32 {
    guard::run(call, |services| {
        let raw = &*creation;
        let configuration = text(raw.configuration);
        let creation = Creation {
            settings: Settings::parse(configuration)?,
            configuration,
            seed: raw.seed,
            base_folder: text(raw.base_folder),
            call: Call::new(call),
        };
        let made = make(&creation)?;
        services.set_configuration(configuration);
        *instance = Box::into_raw(Box::new(made)).cast();
        Ok(())
    })
}

/// Frees an instance that [`create`] made.
///
/// # Safety
/// `instance` came from [`create`] with the same `T`, and nothing of it is running.
pub(crate) unsafe extern "C" fn destroy<T>(instance: *mut c_void) {
    if !instance.is_null() {
        guard::drop_quietly(Box::from_raw(instance.cast::<T>()));
    }
}
