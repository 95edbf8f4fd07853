import ArgumentParser
import RefluxPipeline

/// `reflux cache clear`.
struct CacheClearCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear", abstract: "Remove answers; the next run asks again.")

    @OptionGroup var options: CacheOptions
    @Flag(name: .long, help: "Remove all of them.") var all = false

    func validate() throws {
        guard all != (options.server != nil || options.model != nil) else {
            throw ValidationError("Say which answers: --server, --model, or --all for all.")
        }
    }

    func run() async throws {
        let count = try await CacheFile(options.cache).clear(
            server: options.server, model: options.model)
        print("\(count) responses removed")
    }
}
