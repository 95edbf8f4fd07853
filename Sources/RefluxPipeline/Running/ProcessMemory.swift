import Foundation

/// The memory of this process, as the Linux kernel counts it. Elsewhere nothing is known.
enum ProcessMemory {
    /// The most resident memory since the start, or since ``resetPeak()``, in bytes.
    static var peak: Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let words = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }) ?? []
        return words.count > 1 ? Int(words[1]).map { $0 * 1024 } : nil
    }

    /// Starts the count anew (proc(5), clear_refs 5); where that is not permitted the peak goes on
    /// counting from the start.
    static func resetPeak() {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
        try? file.write(contentsOf: Data("5".utf8))
        try? file.close()
    }
}
