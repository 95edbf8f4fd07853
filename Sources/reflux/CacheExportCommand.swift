import ArgumentParser
import RefluxPipeline

/// `reflux cache export`.
struct CacheExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write answers, one a line of JSON, as the teacher `recorded` reads them.")

    @Argument(help: "The file to write.") var file: String
    @OptionGroup var options: CacheOptions

    func run() async throws {
        let count = try await CacheFile(options.cache).export(
            server: options.server, model: options.model, to: file)
        print("\(count) responses in \(file)")
    }
}
