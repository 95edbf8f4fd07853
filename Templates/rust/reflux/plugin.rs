//! What [`plugin!`](crate::plugin!) expands to.

use crate::abi::{self, reflux_call, reflux_extension, reflux_host, reflux_plugin};
use crate::raw::string;
use crate::{call, guard};

#[doc(hidden)]
pub use crate::{
    optimizer::Raw as RawOptimizer, reward_model::Raw as RawRewardModel, rule::Raw as RawRule,
    task::Raw as RawTask, teacher::Raw as RawTeacher,
};

/// A constant table with pointers in it, which nobody ever writes to.
#[doc(hidden)]
#[repr(transparent)]
pub struct Constant<T>(pub T);

unsafe impl<T> Sync for Constant<T> {}

/// What the compiler is, for the manifest; the Makefile of the template sets it.
pub const TOOLCHAIN: &str = match option_env!("REFLUX_TOOLCHAIN") {
    Some(toolchain) => toolchain,
    None => "rustc",
};

/// The `init` of every plugin in Rust.
///
/// # Safety
/// Called by the host as the header says.
#[doc(hidden)]
pub unsafe extern "C" fn init(host: *const reflux_host, call: *mut reflux_call) -> i32 {
    if host.is_null() {
        return abi::ERROR;
    }
    call::set_host(host);
    guard::remember_panics();
    guard::run(call, |_| Ok(()))
}

/// The table of a plugin.
#[doc(hidden)]
pub const fn table(
    texts: [&'static str; 5],
    extensions: &'static [Constant<*const reflux_extension>],
) -> Constant<reflux_plugin> {
    Constant(reflux_plugin {
        magic: abi::PLUGIN_MAGIC,
        struct_size: reflux_plugin::STRUCT_SIZE,
        abi_minor: abi::ABI_MINOR,
        min_host_minor: 0,
        reserved: 0,
        id: string(texts[0]),
        name: string(texts[1]),
        version: string(texts[2]),
        license: string(texts[3]),
        description: string(texts[4]),
        language: string("Rust"),
        toolchain: string(TOOLCHAIN),
        init: Some(init),
        deinit: None,
        extensions: extensions.as_ptr().cast(),
        extension_count: extensions.len() as u64,
    })
}

/// Makes the entry of a plugin. Every extension is named with its kind: `rule`, `optimizer`, `task`,
/// `teacher` or `reward_model`.
#[macro_export]
macro_rules! plugin {
    (
        id: $id:expr, name: $name:expr, version: $version:expr, license: $license:expr,
        description: $description:expr, extensions: [$($kind:ident $type:ty),+ $(,)?] $(,)?
    ) => {
        /// The entry of the plugin.
        #[allow(unsafe_code)]
        #[no_mangle]
        pub extern "C" fn reflux_plugin_entry_v1() -> *const $crate::abi::reflux_plugin {
            type Pointer = $crate::plugin::Constant<*const $crate::abi::reflux_extension>;
            static EXTENSIONS: &[Pointer] =
                &[$($crate::plugin::Constant($crate::plugin!(@$kind $type))),+];
            static PLUGIN: $crate::plugin::Constant<$crate::abi::reflux_plugin> =
                $crate::plugin::table([$id, $name, $version, $license, $description], EXTENSIONS);
            &PLUGIN.0
        }
    };
    (@rule $type:ty) => { $crate::plugin::RawRule::<$type>::EXTENSION };
    (@optimizer $type:ty) => { $crate::plugin::RawOptimizer::<$type>::EXTENSION };
    (@task $type:ty) => { $crate::plugin::RawTask::<$type>::EXTENSION };
    (@teacher $type:ty) => { $crate::plugin::RawTeacher::<$type>::EXTENSION };
    (@reward_model $type:ty) => { $crate::plugin::RawRewardModel::<$type>::EXTENSION };
}
