import Foundation
import RefluxCore
import RefluxFiles

/// Asks a library for its entry table in a process of its own: a library that is not checked yet may
/// crash or hang when it is loaded, and that must be an error and not the end of the command.
public struct DescriptionProbe: Sendable {
    /// The program of the process: `reflux`, called as
    /// `PROGRAM plugin-worker --describe LIBRARY --output FILE`.
    public var program: String
    /// How long it may take.
    public var limit: Duration

    /// Makes a probe.
    public init(program: String, limit: Duration = .seconds(30)) {
        self.program = program
        self.limit = limit
    }

    /// What crosses from the process: one of the two.
    private struct Outcome: Codable {
        var description: PluginDescription?
        var failure: Failure?
    }

    /// An error, as far as it can be written.
    private struct Failure: Codable {
        var kind: RefluxError.Kind
        var found: String
        var path: String?
        var key: String?
        var wanted: String?
        var remedy: String?
        var check: String?

        init(_ error: RefluxError) {
            kind = error.kind
            found = error.found
            path = error.location?.path
            key = error.location?.key
            wanted = error.wanted
            remedy = error.remedy
            check = error.check
        }

        var error: RefluxError {
            RefluxError(
                kind, found: found, at: path.map { SourceLocation(path: $0, key: key) },
                wanted: wanted, remedy: remedy, check: check)
        }
    }

    /// What the library's entry table says. Blocks for the time of the process.
    ///
    /// - Parameter path: the library.
    /// - Returns: the plugin and its extensions.
    /// - Throws: `RefluxError`: what loading threw, `worker.crash`, `worker.exit`, `worker.time`.
    public func description(ofLibraryAt path: String) throws -> PluginDescription {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("reflux-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try run(library: path, output: file)
        let outcome = try JSONText.decode(Outcome.self, from: Files.read(file), path: file)
        if let failure = outcome.failure { throw failure.error }
        guard let description = outcome.description else {
            throw RefluxError(.internalFault, found: "a description that says nothing")
        }
        return description
    }

    /// The other side: describes a library in this process and writes what came of it.
    ///
    /// - Throws: `RefluxError` when the file cannot be written.
    public static func answer(libraryAt path: String, to file: String) throws {
        var outcome = Outcome()
        do {
            outcome.description = try InProcessPlugin.describe(libraryAt: path)
        } catch let error as RefluxError {
            outcome.failure = Failure(error)
        }
        let text = try JSONText.encode(outcome, pretty: false)
        try Files.writeAtomically(Data(text.utf8), to: file)
    }

    private func run(library: String, output: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["plugin-worker", "--describe", library, "--output", output]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let end = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in end.signal() }
        do {
            try process.run()
        } catch {
            throw failure(.workerStart, "\(program) could not be started", library, "a process")
        }
        let seconds = Double(limit.components.seconds)
        if end.wait(timeout: .now() + seconds) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            end.wait()
            throw failure(
                .workerTime, "loading it took more than \(Int(seconds)) s", library,
                "constructors that do next to nothing")
        }
        if process.terminationReason == .uncaughtSignal {
            throw failure(
                .workerCrash,
                "loading it ended its process by signal "
                    + "\(process.terminationStatus)", library, "a library that can be loaded")
        }
        guard process.terminationStatus == 0, Files.exists(output) else {
            throw failure(
                .workerExit,
                "loading it ended its process with code "
                    + "\(process.terminationStatus)", library, "a library that does not exit")
        }
    }

    private func failure(
        _ check: PluginCheck, _ found: String, _ library: String, _ wanted: String
    ) -> RefluxError {
        check.error(
            found: found, at: SourceLocation(path: library), wanted: wanted,
            remedy: "Build it again, and look at what runs when it is loaded.")
    }
}
