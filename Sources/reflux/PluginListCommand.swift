import ArgumentParser
import RefluxPipeline
import RefluxPluginHost

/// `reflux plugin list`.
struct PluginListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the plugins on the search path.",
        discussion: "Reads manifests; no code of a plugin runs.")

    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() throws {
        let listing = PluginListing(PluginMeans())
        try printResult(listing, text: listing.text, asJSON: json)
    }
}
