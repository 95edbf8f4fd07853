import Foundation
import Testing

/// The built command line.
struct Program {
    /// What a call printed, and how it ended.
    struct Outcome {
        let code: Int32
        let output: String
        let errors: String
    }

    /// The binary beside the tests' own.
    static let path = Bundle.main.bundleURL.appending(path: "reflux").path

    /// Calls the program and waits for its end.
    static func call(_ arguments: String..., in folder: String, input: String = "") throws
        -> Outcome
    {
        try run(path, arguments, in: folder, input: input)
    }

    /// Calls the program and waits for its end.
    static func call(_ arguments: [String], in folder: String) throws -> Outcome {
        try run(path, arguments, in: folder)
    }

    /// Calls the program from a shell that limits files to so many blocks of 1024 bytes: writing more
    /// fails as on a full disk.
    static func callWithFullDisk(
        blocks: Int, _ arguments: String..., in folder: String
    ) throws -> Outcome {
        let script = "ulimit -f \(blocks); trap '' XFSZ; exec \"$0\" \"$@\""
        return try run("/bin/bash", ["-c", script, path] + arguments, in: folder)
    }

    /// Starts the program and does not wait.
    static func start(_ arguments: [String], in folder: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = FileHandle.nullDevice
        let log = "\(folder)/log-\(UUID().uuidString)"
        try Data().write(to: URL(filePath: log))
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(forWritingAtPath: log)
        try process.run()
        return process
    }

    /// Calls any program and waits for its end.
    static func run(
        _ program: String, _ arguments: [String], in folder: String, input: String = ""
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        // Files, not pipes: nothing has to be read while the program runs.
        let names = ["in", "out", "err"].map { "\(folder)/.\(UUID().uuidString).\($0)" }
        defer { for name in names { try? FileManager.default.removeItem(atPath: name) } }
        try Data(input.utf8).write(to: URL(filePath: names[0]))
        for name in names[1...] { try Data().write(to: URL(filePath: name)) }
        process.standardInput = FileHandle(forReadingAtPath: names[0])
        process.standardOutput = FileHandle(forWritingAtPath: names[1])
        process.standardError = FileHandle(forWritingAtPath: names[2])
        try process.run()
        process.waitUntilExit()
        return Outcome(
            code: process.terminationReason == .exit ? process.terminationStatus : -1,
            output: try String(contentsOfFile: names[1], encoding: .utf8),
            errors: try String(contentsOfFile: names[2], encoding: .utf8))
    }
}
