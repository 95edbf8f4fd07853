import RefluxPluginHost

extension PluginMeans {
    /// The same means, with what plugins say on a console: `plugin ID: text`. Lines for the author of
    /// a plugin are left to `reflux plugin check`.
    func telling(_ console: Console) -> PluginMeans {
        var means = self
        means.log = { plugin, level, text in
            if level != .debug { console.note("plugin \(plugin): \(text)") }
        }
        return means
    }
}
