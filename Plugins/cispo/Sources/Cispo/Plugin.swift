import RefluxPluginKit

let plugin = Plugin(
    id: "cispo", name: "CISPO", version: "1.0.0", license: "Apache-2.0",
    description:
        "Clips the importance weight instead of the update (MiniMax-M1, arXiv 2506.13585).",
    extensions: [.optimizer(Cispo.self)])

/// The one function that reflux looks for in the library.
@c(reflux_plugin_entry_v1)
public func refluxPluginEntry() -> PluginTable { plugin.table }
