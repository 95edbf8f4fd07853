import RefluxPluginKit

let plugin = Plugin(
    id: "length-aware-agreement", name: "Length-aware agreement", version: "1.0.0",
    license: "Apache-2.0",
    description: "Agreement with the teachers' majority, less a penalty for needless length.",
    extensions: [.rule(LengthAwareAgreement.self)])

/// The one function that reflux looks for in the library.
@c(reflux_plugin_entry_v1)
public func refluxPluginEntry() -> PluginTable { plugin.table }
