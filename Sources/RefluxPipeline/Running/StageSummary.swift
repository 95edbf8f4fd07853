import Foundation

/// What a stage left behind, for the command line.
package struct StageSummary: Sendable, Encodable, CustomStringConvertible {
    /// The stage.
    package let stage: StageID
    /// Its folder.
    package let folder: String
    /// Seconds of work.
    package let seconds: Double
    /// The most memory of the process, in bytes.
    package let peakMemory: Int?
    /// The artefacts by name, in bytes.
    package let outputs: [String: Int]

    init(_ record: StageRecord, folder: String) {
        stage = record.stage
        self.folder = folder
        seconds = record.seconds
        peakMemory = record.peakMemory
        outputs = record.outputs
    }

    enum CodingKeys: String, CodingKey {
        case stage, folder, seconds
        case peakMemory = "peak_memory_bytes"
        case outputs
    }

    /// A line on the stage, and one for each artefact.
    package var description: String {
        let memory = peakMemory.map { ", \(megabytes($0)) of memory" } ?? ""
        let lines = outputs.sorted { $0.key < $1.key }.map { name, size in
            "  \(folder)/\(name)  \(megabytes(size))"
        }
        return (["\(stage.rawValue): \(duration(seconds))\(memory)"] + lines)
            .joined(separator: "\n")
    }
}

/// A number of bytes in words, in units of 1000.
func megabytes(_ bytes: Int) -> String {
    bytes < 1_000_000
        ? String(format: "%.1f kB", Double(bytes) / 1e3)
        : String(format: "%.1f MB", Double(bytes) / 1e6)
}
