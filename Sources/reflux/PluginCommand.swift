import ArgumentParser

/// `reflux plugin`: the verbs of plugins, a file each.
struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Look at plugins, pin them, and make manifests.",
        discussion: """
            A plugin is a folder with a manifest, plugin.json, and a shared library. Being found \
            enables nothing: a run names the plugins it uses under plugins, or with --plugin.
            """,
        subcommands: [
            PluginListCommand.self, PluginShowCommand.self, PluginLockCommand.self,
            PluginManifestCommand.self, PluginNewCommand.self, PluginCheckCommand.self,
        ])
}
