import ArgumentParser
import Foundation
import RefluxCore
import RefluxPipeline

/// The command line: a file a verb, no logic. Results go to standard output, everything else to
/// standard error.
@main
struct RefluxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reflux",
        abstract: "Distils a large language model into a small one: its answers and its rewards.",
        discussion: """
            One run file names every part of a run; `reflux run FILE` carries it out in the folder \
            runs/NAME, prints a table of accuracies and writes report.md. Called again, it goes on \
            where it was interrupted. The stages can be carried out one by one as well, in the \
            order shown below.

            Exit codes: 0 done, 1 failed, 2 wrong use, 130 interrupted.
            """,
        version: "reflux \(refluxVersion)",
        groupedSubcommands: [
            CommandGroup(name: "Run", subcommands: [RunCommand.self, ResumeCommand.self]),
            CommandGroup(
                name: "Stage",
                subcommands: [
                    PrepareCommand.self, TeachCommand.self, LabelCommand.self, WarmupCommand.self,
                    SampleCommand.self, RewardCommand.self, ReinforceCommand.self,
                    EvaluateCommand.self,
                ]),
            CommandGroup(
                name: "Other",
                subcommands: [
                    InspectCommand.self, ReportCommand.self, GenerateCommand.self,
                    ModelCommand.self, CacheCommand.self, PluginCommand.self, DoctorCommand.self,
                    PluginWorkerCommand.self,
                ]),
        ])

    /// Parses and runs; turns whatever is thrown into one line on standard error and an exit code.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Foundation.exit(report(error))
        }
    }

    /// Tells of an error and returns the exit code.
    private static func report(_ error: any Error) -> Int32 {
        if let failure = error as? RefluxError {
            Console.standardError("error: \(failure)\n")
            return failure.exitCode
        }
        if let interruption = error as? Interrupted {
            Console.standardError("interrupted; resume with: \(interruption.resumeCommand)\n")
            return 130
        }
        if error is CancellationError {
            Console.standardError("interrupted\n")
            return 130
        }
        let code = exitCode(for: error)
        if code.isSuccess {
            print(fullMessage(for: error))
            return 0
        }
        Console.standardError("error: \(message(for: error))\n")
        return code == .validationFailure ? 2 : 1
    }
}

/// A run that a signal interrupted.
struct Interrupted: Error {
    /// How to go on.
    let resumeCommand: String
}
