import ArgumentParser
import RefluxPipeline

/// `reflux cache info`.
struct CacheInfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Show size and counts by server and model.")

    @Option(name: .long, help: ArgumentHelp("The file.", valueName: "path")) var cache: String?
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() async throws {
        let contents = try await CacheFile(cache).contents()
        try printResult(contents, text: contents.text, asJSON: json)
    }
}
