import ArgumentParser

/// `reflux cache`: the verbs of the response cache, a file each.
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Look at the answers of servers that are kept, or drop them.",
        discussion: """
            Teachers that reach a server keep every answer in one SQLite file, so that nothing is \
            asked twice; docs/cache.md says how.
            """,
        subcommands: [
            CacheInfoCommand.self, CacheListCommand.self, CacheExportCommand.self,
            CacheClearCommand.self,
        ])
}

/// Which cache, and which of its answers.
struct CacheOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The file; $XDG_CACHE_HOME/reflux/responses.sqlite or ~/.cache/reflux/responses.sqlite "
                + "by default.", valueName: "path"))
    var cache: String?
    @Option(name: .long, help: ArgumentHelp("Only of this server.", valueName: "url"))
    var server: String?
    @Option(name: .long, help: ArgumentHelp("Only of this model.", valueName: "name"))
    var model: String?
}
