import RefluxPluginKit

let plugin = Plugin(
    id: "{{id}}", name: "{{title}}", version: "0.1.0", license: "Apache-2.0",
    description: "{{title}}, by {{author}}.",
    extensions: [.teacher({{Module}}.self)])

/// The one function that reflux looks for in the library.
@c(reflux_plugin_entry_v1)
public func refluxPluginEntry() -> PluginTable { plugin.table }
