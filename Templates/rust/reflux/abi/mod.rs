//! The C header of the plugin boundary, file for file, with the header's own names.
//!
//! Nothing here is checked or safe; plugins use the types of the crate's root. Every struct is
//! followed by its layout as the C compiler has it, so that a drift from the header does not compile.
#![allow(non_camel_case_types)]
#![allow(missing_docs)]

use std::ffi::c_void;

/// Holds a struct against the layout of the C header: its size, and the offset of every field.
macro_rules! layout {
    ($name:ident, $size:literal, $($field:ident $offset:literal),+) => {
        const _: () = {
            assert!(std::mem::size_of::<$name>() == $size);
            $(assert!(std::mem::offset_of!($name, $field) == $offset);)+
        };
        impl $name {
            /// The value of `struct_size`. No struct has padding behind its last field.
            pub const STRUCT_SIZE: u32 = $size;
        }
    };
}

mod data;
mod host;
mod optimizer;
mod plugin;
mod reward_model;
mod rule;
mod task;
mod teacher;

pub use data::*;
pub use host::*;
pub use optimizer::*;
pub use plugin::*;
pub use reward_model::*;
pub use rule::*;
pub use task::*;
pub use teacher::*;

/// The major version stands in the entry's name, reflux_plugin_entry_v1. A plugin works in every host
/// of its major.
pub const ABI_MAJOR: u32 = 1;
/// Grows with every optional addition: a service at the end of reflux_host, a field at the end of a
/// struct, a new kind of extension.
pub const ABI_MINOR: u32 = 1;
/// What a function of a plugin returns. Any other number is reported as a fault of the plugin.
pub const OK: i32 = 0;
/// It failed; the reason was given to reflux_host.set_error.
pub const ERROR: i32 = 1;
/// It stopped because is_cancelled said so, or because its time was over.
pub const CANCELLED: i32 = 2;
/// It cannot do this at all.
pub const UNSUPPORTED: i32 = 3;
/// It ran out of memory.
pub const OUT_OF_MEMORY: i32 = 4;

/// A text in UTF-8 that is not ended by a NUL. data is NULL when there is no text, which is not the
/// same as an empty one. This struct is frozen.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_string {
    pub data: *const u8,
    pub length: u64,
}
layout!(reflux_string, 16, data 0, length 8);
