use crate::abi;
use crate::raw::string;
use std::ffi::c_void;

/// What an extension says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    /// The name by which run files use it: lower-case letters, digits and hyphens.
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// A paragraph.
    pub description: &'static str,
    /// A JSON Schema of the configuration; see the description of plugins for what it may hold.
    pub config_schema: &'static str,
    /// Whether the functions of one instance may be called from several threads at once. Rules and
    /// tasks only.
    pub parallel: bool,
    /// Whether equal inputs give equal outputs, bit for bit, in every process.
    pub deterministic: bool,
    /// Whether its meaning stays within the plugin's major version.
    pub stable: bool,
}

impl Extension {
    /// No settings, serial, deterministic, experimental; id, title and description are empty.
    pub const DEFAULT: Extension = Extension {
        id: "",
        title: "",
        description: "",
        config_schema: r#"{"type":"object","properties":{},"additionalProperties":false}"#,
        parallel: false,
        deterministic: true,
        stable: false,
    };

    /// The entry of the plugin's list.
    pub(crate) const fn raw(
        &self,
        kind: &'static str,
        table: *const c_void,
    ) -> abi::reflux_extension {
        abi::reflux_extension {
            struct_size: abi::reflux_extension::STRUCT_SIZE,
            concurrency: self.parallel as i32,
            deterministic: self.deterministic as i32,
            stability: self.stable as i32,
            kind: string(kind),
            id: string(self.id),
            title: string(self.title),
            description: string(self.description),
            config_schema: string(self.config_schema),
            table,
        }
    }
}
