public import RefluxPluginKit

let plugin = Plugin(
    id: "grpo-swift", name: "GRPO in Swift", version: "1.0.0", license: "Apache-2.0",
    description: "The built-in optimizer grpo as a plugin in Swift.",
    extensions: [.optimizer(GroupRelative.self)])

/// The one symbol of the plugin.
@c(reflux_plugin_entry_v1)
public func refluxPluginEntry() -> PluginTable { plugin.table }
