import ArgumentParser
import RefluxPipeline

/// `reflux cache list`.
struct CacheListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show answers in the order in which they were kept.")

    @OptionGroup var options: CacheOptions
    @Option(name: .long, help: "Show at most so many.") var limit = 10
    @Flag(name: .long, help: "Print JSON with every field.") var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        let (listing, total) = try await CacheFile(options.cache).answers(
            server: options.server, model: options.model, limit: limit)
        try printResult(listing, text: listing.text, asJSON: json)
        if listing.count < total {
            Console.standardError("\(listing.count) of \(total) are shown: --limit shows more.\n")
        }
    }
}
