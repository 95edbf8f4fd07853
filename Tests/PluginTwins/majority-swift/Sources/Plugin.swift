public import RefluxPluginKit

let plugin = Plugin(
    id: "majority-swift", name: "Majority in Swift", version: "1.0.0", license: "Apache-2.0",
    description: "The built-in rule teacher-majority as a plugin in Swift.",
    extensions: [.rule(Majority.self)])

/// The one symbol of the plugin.
@c(reflux_plugin_entry_v1)
public func refluxPluginEntry() -> PluginTable { plugin.table }
