import ArgumentParser
import Foundation
import RefluxCore
import RefluxFiles
import RefluxPipeline
import RefluxPluginTools

/// `reflux plugin check FOLDER`.
struct PluginCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Test a plugin as its users will use it.",
        discussion: """
            Every test that needs the plugin's code runs in a process of its own; a crash or a hang \
            is that test's failure. Each failure names the command that repeats it.

            Exit codes: 0 nothing failed, 1 something failed, 2 wrong use.
            """)

    @Argument(help: "The plugin's folder, with plugin.json in it.") var folder: String
    @Flag(name: .long, help: "Print the report as JSON.") var json = false
    @Option(name: .long, help: "The seed of the random inputs.") var seed: UInt64 = 1
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Run one test, or those whose ids begin with it before a slash or a dot.",
            valueName: "test-id"))
    var only: String?
    @Option(name: .long, help: ArgumentHelp("The time of one test.", valueName: "seconds"))
    var timeout = 60
    @Flag(name: .long, help: "List the tests and run none.") var list = false
    @Flag(name: .long, help: .hidden) var inChild = false
    @Option(name: .long, help: .hidden) var result: String?

    func validate() throws {
        guard timeout >= 1 else { throw ValidationError("--timeout must be at least 1.") }
        guard !inChild || (only != nil && result != nil) else {
            throw ValidationError("--in-child needs --only and --result.")
        }
    }

    func run() async throws {
        if inChild, let only, let result {
            let child = PluginCheckChild(
                folder: folder, test: only, seed: seed, callLimit: .milliseconds(timeout * 500))
            return try await child.run(result: result)
        }
        let options = PluginChecker.Options(
            seed: seed, timeout: .seconds(timeout), only: only)
        let checker = PluginChecker(
            folder: folder, options: options, program: RunningProgram.path)
        if list {
            for (id, description) in try checker.list() { print("\(id): \(description)") }
            return
        }
        let json = json
        let report = try await interruptible {
            try await checker.run { if !json { print($0.text) } }
        }
        print(json ? try JSONText.encode(report, pretty: true) : report.summary)
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }
}
