import ArgumentParser
import RefluxPluginHost

/// `reflux plugin manifest LIBRARY`.
struct PluginManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest", abstract: "Make plugin.json from a library.",
        discussion: "Loads the library in a process of its own.")

    @Argument(help: "The library, in the plugin's folder.") var library: String
    @Option(
        name: .long, help: ArgumentHelp("Where the manifest goes.", valueName: "ID/plugin.json"))
    var output: String
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "A file of golden cases, as a path in the plugin's folder; may be repeated.",
            valueName: "path"))
    var test: [String] = []
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "A host service that the plugin cannot do without; may be repeated.",
            valueName: "service"))
    var requiresService: [String] = []
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "A processor feature that it cannot do without; may be repeated.",
            valueName: "feature"))
    var cpuFeature: [String] = []

    func run() throws {
        let writer = ManifestWriter(
            probe: DescriptionProbe(program: PluginMeans().program), tests: test,
            requiredServices: requiresService, requiredProcessorFeatures: cpuFeature)
        let manifest = try writer.write(library: library, output: output)
        let ids = manifest.provides.map(\.id).joined(separator: ", ")
        print("\(output): \(manifest.id) \(manifest.version) with \(ids)")
    }
}
