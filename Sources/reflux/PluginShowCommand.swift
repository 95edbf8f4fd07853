import ArgumentParser
import RefluxPipeline
import RefluxPluginHost

/// `reflux plugin show ID|PATH`.
struct PluginShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a plugin provides, with all settings.",
        discussion: "Reads the manifest and the library's bytes; no code of the plugin runs.")

    @Argument(help: "The id of a plugin on the search path, or the path of a plugin's folder.")
    var plugin: String
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() throws {
        let card = try PluginCard(plugin, means: PluginMeans())
        try printResult(card, text: card.text, asJSON: json)
    }
}
