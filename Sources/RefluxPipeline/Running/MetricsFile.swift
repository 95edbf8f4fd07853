import Foundation
import RefluxCore
import RefluxFiles
import Synchronization

/// The numbers of every step of a stage, one line of JSON a step: `metrics.jsonl`.
///
/// A line holds `step` and the metrics' names. Each line is on the disk when ``append(step:values:)``
/// returns. Safe to use from any thread.
final class MetricsFile: Sendable {
    /// The path of the file.
    let path: String
    private let writer = Mutex<JSONLinesWriter?>(nil)
    private let failure = Mutex<(any Error)?>(nil)

    /// Names the file; it is created with the first line.
    init(path: String) { self.path = path }

    /// Adds the numbers of a step. Numbers that are not finite are left out of the line.
    ///
    /// - Throws: ``RefluxError`` when the line cannot be written.
    func append(step: Int, values: [String: Double]) throws {
        var line = values.filter { $0.value.isFinite }
        line["step"] = Double(step)
        try writer.withLock { writer in
            if writer == nil { writer = try JSONLinesWriter(appendingTo: path) }
            try writer?.append(contentsOf: [line])
        }
    }

    /// Adds the numbers of a step; a failure is kept for ``check()``. For callbacks that cannot throw.
    func record(step: Int, values: [String: Double]) {
        do {
            try append(step: step, values: values)
        } catch {
            failure.withLock { $0 = $0 ?? error }
        }
    }

    /// Throws the first failure of ``record(step:values:)``, if there was one.
    func check() throws {
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// Drops the lines of a step and of all later ones: for a stage that goes back to a checkpoint.
    ///
    /// - Throws: ``RefluxError`` when the file cannot be read or written.
    func truncate(fromStep step: Int) throws {
        try writer.withLock { writer in
            try writer?.close()
            writer = nil
            guard Files.exists(path) else { return }
            let kept = try Self.lines(at: path).filter { ($0["step"] ?? 0) < Double(step) }
            try JSONLines.write(kept, to: path)
        }
    }

    /// The lines of a metrics file; a cut last line is left out. A file that is not there is empty.
    static func lines(at path: String) throws -> [[String: Double]] {
        guard Files.exists(path) else { return [] }
        return try JSONLines.readWhole([String: Double].self, from: path, repair: false)
    }
}
