public import ArgumentParser
import Foundation
import RefluxCore
import RefluxPipeline
public import RefluxPluginHost
public import RefluxPluginTools

extension PluginLanguage: ExpressibleByArgument {}

extension PluginKind: ExpressibleByArgument {
    /// Reads the name, with its revision or without.
    public init?(argument: String) {
        guard let kind = Self.allCases.first(where: { [$0.name, $0.rawValue].contains(argument) })
        else { return nil }
        self = kind
    }

    /// The names without their revisions.
    public static var allValueStrings: [String] { allCases.map(\.name) }
}

/// `reflux plugin new NAME`.
struct PluginNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Write the project of a new plugin.",
        discussion: """
            The project builds with make, passes its own tests with make test and the checker with \
            make check as it is. Nothing that is there already is lost.
            """)

    @Argument(help: "The plugin's name: words of a-z and 0-9 joined by hyphens.") var name: String
    @Option(name: .long, help: "The language to write it in.") var language: PluginLanguage
    @Option(name: .long, help: "What it provides.") var kind: PluginKind
    @Option(name: .long, help: "The name for people; made of NAME when left out.")
    var title: String?
    @Option(name: .long, help: "Who holds the rights; the user's name when left out.")
    var author: String?
    @Option(name: .long, help: "The project's folder; NAME when left out.") var folder: String?
    @Option(name: .long, help: .hidden) var templates: String?
    @Flag(name: .long, help: "Move a folder that is in the way to FOLDER.old.") var force = false

    func run() throws {
        let registry = try builtInRegistry()
        let builtIns =
            registry.list(.rule).map(\.id) + registry.list(.optimizer).map(\.id)
            + registry.list(.task).map(\.id) + registry.list(.teacher).map(\.id)
            + registry.list(.rewardModel).map(\.id)
        let program = RunningProgram.path
        var resources = try PluginResources.locate(executable: program)
        if let templates { resources.templates = templates }
        let scaffold = try PluginScaffold(
            name: ScaffoldName(name, builtIns: builtIns), language: language, kind: kind,
            title: title, author: author ?? userName,
            year: Calendar(identifier: .gregorian).component(.year, from: .now))
        let folder = folder ?? name
        if let old = try scaffold.write(to: folder, resources: resources, force: force) {
            print("What stood there is in \(old).")
        }
        print(
            """
            \(folder) holds a \(kind.name) in \(language.rawValue). Go on with:

                cd \(folder)\(RunningProgram.isOnPath ? "" : "\n    export REFLUX=\(program)")
                make            # build the library and its manifest
                make test       # run the project's own tests
                make check      # run reflux plugin check on it

            README.md says what to change.
            """)
    }

    private var userName: String {
        let name = NSFullUserName()
        return name.isEmpty ? ProcessInfo.processInfo.userName : name
    }
}

/// The binary that runs.
enum RunningProgram {
    /// Its absolute path.
    static var path: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    }

    /// Whether `reflux` on the search path is this binary.
    static var isOnPath: Bool {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let first = folders.lazy.map { "\($0)/reflux" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        return first.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path } == path
    }
}
