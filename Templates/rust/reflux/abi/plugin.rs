//! The entry of a plugin, and how it lists its extensions.
//!
//! A plugin is one shared library that exports one function, reflux_plugin_entry_v1, and lies in a
//! folder with its manifest, plugin.json.

use super::*;

/// "REFLUXP1", read as a big-endian number.
pub const PLUGIN_MAGIC: u64 = 0x5245_464c_5558_5031;
/// Whether the functions of one instance may be called from several threads at once.
pub const CONCURRENCY_SERIAL: i32 = 0;
pub const CONCURRENCY_PARALLEL: i32 = 1;
/// What the author promises about the extension's behaviour.
pub const STABILITY_EXPERIMENTAL: i32 = 0;
pub const STABILITY_STABLE: i32 = 1;

/// What a function table needs to make an instance.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_creation {
    pub struct_size: u32,
    pub reserved: u32,
    /// A JSON object: every key of the extension's schema, with the user's values or the defaults,
    /// checked by the host; settings with the format "path" are absolute.
    pub configuration: reflux_string,
    /// The run's seed. Draw from reflux_host.random_words rather than from generators of your own.
    pub seed: u64,
    /// The folder against which the host resolved relative paths; absolute.
    pub base_folder: reflux_string,
}
layout!(reflux_creation, 48, struct_size 0, reserved 4, configuration 8, seed 24, base_folder 32);

/// One extension: what it is, and the function table of its kind.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_extension {
    pub struct_size: u32,
    /// One of REFLUX_CONCURRENCY_*.
    pub concurrency: i32,
    /// Not 0 when equal inputs give equal outputs, bit for bit, in every process.
    pub deterministic: i32,
    /// One of REFLUX_STABILITY_*.
    pub stability: i32,
    /// The kind with its revision, one of the REFLUX_KIND_* texts. It decides the type of table.
    pub kind: reflux_string,
    /// The name by which run files use it: lower-case letters, digits and hyphens.
    pub id: reflux_string,
    /// One line.
    pub title: reflux_string,
    /// A paragraph.
    pub description: reflux_string,
    /// A JSON Schema of the configuration: an object whose properties have type, default, description
    /// and, as they fit, minimum, maximum, enum, items, format.
    pub config_schema: reflux_string,
    /// The function table of the kind, for instance reflux_rule_table. Constant, never freed.
    pub table: *const c_void,
}
layout!(
    reflux_extension, 104,
    struct_size 0, concurrency 4, deterministic 8, stability 12, kind 16, id 32, title 48,
    description 64, config_schema 80, table 96
);

/// The plugin. Constant, never freed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct reflux_plugin {
    /// REFLUX_PLUGIN_MAGIC.
    pub magic: u64,
    pub struct_size: u32,
    /// The REFLUX_ABI_MINOR that the plugin was built with.
    pub abi_minor: u32,
    /// The lowest minor of a host with which it works.
    pub min_host_minor: u32,
    pub reserved: u32,
    /// Equal to the name of its folder: lower-case letters, digits, hyphens and dots.
    pub id: reflux_string,
    /// The name for people.
    pub name: reflux_string,
    /// SemVer.
    pub version: reflux_string,
    /// SPDX.
    pub license: reflux_string,
    /// One paragraph.
    pub description: reflux_string,
    /// The language it is written in, and the toolchain, for the manifest.
    pub language: reflux_string,
    pub toolchain: reflux_string,
    /// [load] Called once, before anything else, from one thread. May be NULL.
    /// State: loaded -> ready; after anything but REFLUX_OK nothing else is called.
    /// Ownership: host lives as long as the process, call until the function returns.
    pub init: Option<unsafe extern "C" fn(host: *const reflux_host, call: *mut reflux_call) -> i32>,
    /// [load] Called at most once, after the last instance is gone and before the process ends; not
    /// called when the process is killed. The library stays loaded. May be NULL.
    /// State: ready -> loaded. Ownership: free what init made.
    pub deinit: Option<unsafe extern "C" fn()>,
    /// The extensions.
    pub extensions: *const *const reflux_extension,
    pub extension_count: u64,
}
layout!(
    reflux_plugin, 168,
    magic 0, struct_size 8, abi_minor 12, min_host_minor 16, reserved 20, id 24, name 40,
    version 56, license 72, description 88, language 104, toolchain 120, init 136, deinit 144,
    extensions 152, extension_count 160
);

/// [load] The one symbol that a plugin exports. May be called more than once and always returns the
/// same constant table; it does no work. State: any. Ownership: stays with the plugin.
pub type reflux_plugin_entry = extern "C" fn() -> *const reflux_plugin;

/// The name of the symbol.
pub const PLUGIN_ENTRY_SYMBOL: &str = "reflux_plugin_entry_v1";
