import Foundation
import Glibc
import RefluxCore
import RefluxFiles

/// Runs one test in a process of its own: `PROGRAM ARGUMENTS… --result FILE`.
struct ChildProcess: Sendable {
    /// The program.
    let program: String
    /// The arguments before `--result`.
    let arguments: [String]
    /// How long it may take.
    let limit: Duration
    /// What the process works on, for problems.
    let place: String

    /// How a run went.
    struct Outcome: Sendable {
        var ending: ChildEnding
        var answer: ChildAnswer
    }

    /// Runs the process to its end, or kills it and what it started when its time is over.
    ///
    /// - Returns: its answer; an ending without one is a problem in it.
    /// - Throws: `RefluxError` when the process cannot be started, `CancellationError`.
    func run() async throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("reflux-check-\(UUID().uuidString)").path
        try Files.makeFolder(folder)
        defer { try? Files.remove(folder) }
        let (result, output) = ("\(folder)/result.json", "\(folder)/output")
        let ending = try await end(of: process(result: result, output: output))
        try Task.checkCancellation()
        if ending == .exit(0), Files.exists(result) {
            let data = try Files.read(result)
            return Outcome(
                ending: ending,
                answer: try JSONText.decode(ChildAnswer.self, from: data, path: result))
        }
        let problem = ending.problem(at: place, limit: limit, output: lastLine(of: output))
        return Outcome(ending: ending, answer: ChildAnswer(problem: problem))
    }

    private func process(result: String, output: String) throws -> Process {
        try Files.writeAtomically(Data(), to: output)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments + ["--result", result]
        // A backtrace of a crash takes seconds, and hides what the plugin said last.
        process.environment = ProcessInfo.processInfo.environment
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        let handle = FileHandle(forWritingAtPath: output)
        process.standardOutput = handle
        process.standardError = handle
        return process
    }

    private func end(of process: Process) async throws -> ChildEnding {
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in continuation.finish() }
        do {
            try process.run()
        } catch {
            throw RefluxError(
                .system, found: "the process of a test could not be started",
                at: SourceLocation(path: program), remedy: "Check the installation.")
        }
        let identifier = process.processIdentifier
        let clock = Task {
            try await Task.sleep(for: limit)
            Self.end(identifier)
            return true
        }
        await withTaskCancellationHandler {
            for await _ in ended {}
            // A cancelled task leaves the loop early; the process is gone soon.
            process.waitUntilExit()
        } onCancel: {
            Self.end(identifier)
        }
        clock.cancel()
        if case .success(true) = await clock.result { return .timeout }
        return process.terminationReason == .exit
            ? .exit(process.terminationStatus) : .signal(process.terminationStatus)
    }

    /// Kills a process that was started here, and its group when it leads one.
    private static func end(_ process: Int32) {
        if getpgid(process) == process { kill(-process, SIGKILL) }
        kill(process, SIGKILL)
    }

    /// The last line that is not blank, without control characters, at most 200 characters.
    private func lastLine(of path: String) -> String {
        guard let data = try? Files.read(path) else { return "" }
        let lines = String(decoding: data.suffix(4_096), as: UTF8.self).split(separator: "\n")
        let scalars = (lines.last ?? "").unicodeScalars.map { scalar in
            scalar.value < 32 || (127..<160).contains(scalar.value) ? " " : String(scalar)
        }
        return String(scalars.joined().prefix(200))
    }
}
