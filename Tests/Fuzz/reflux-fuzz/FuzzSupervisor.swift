import Foundation
import RefluxFuzz

/// Runs a worker, takes its death or its silence for a finding, and goes on behind the input that
/// caused it.
struct FuzzSupervisor {
    /// An input that takes longer is a hang, in seconds.
    private static let longestInput = 30.0

    /// The worker's arguments but for where it begins.
    let arguments: [String]
    /// How many inputs there are.
    let inputs: Int

    /// Runs all inputs.
    func run() throws -> [FuzzLoop.Finding] {
        let folder = NSTemporaryDirectory() + "reflux-fuzz-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let worker = FuzzWorker(folder: folder)
        var start = 0
        while start < inputs {
            guard let end = try ending(of: worker, from: start) else { break }
            guard let index = worker.noted() else {
                throw FuzzFinding("the worker \(end) before its first input")
            }
            try worker.append(FuzzLoop.Finding(index: index, message: end))
            start = index + 1
            if try worker.found().count >= FuzzWorker.mostFindings { break }
        }
        return try worker.found()
    }

    /// How a worker ended too early; `nil` when it came to its end.
    private func ending(of worker: FuzzWorker, from start: Int) throws -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments + ["--worker", worker.folder, "--from", "\(start)"]
        try process.run()
        var last = -1
        var since = Date()
        var isHanging = false
        while process.isRunning {
            Thread.sleep(forTimeInterval: 0.05)
            let index = worker.noted() ?? -1
            if index != last { (last, since) = (index, Date()) }
            if last >= 0, Date().timeIntervalSince(since) > Self.longestInput {
                isHanging = true
                kill(process.processIdentifier, SIGKILL)
                break
            }
        }
        process.waitUntilExit()
        if isHanging { return "took longer than \(Int(Self.longestInput)) s" }
        switch process.terminationReason {
        case .uncaughtSignal: return "ended by signal \(process.terminationStatus)"
        default:
            return process.terminationStatus == 0
                ? nil : "ended with exit code \(process.terminationStatus)"
        }
    }
}
