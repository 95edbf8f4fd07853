import Foundation
import RefluxCore
import RefluxFiles

/// A file of lines that grows by whole chunks and can be gone on with after a kill.
///
/// Chunks may have any number of lines, none included, so a small file beside it says how many
/// chunks and lines are whole. Lines behind that number belong to a chunk that was cut; they are
/// dropped and the chunk is made again, so that its composition is that of an uninterrupted run.
struct ChunkedLog<Line: Codable & Sendable>: Sendable {
    /// The file of lines.
    let path: String

    private struct Progress: Codable {
        var chunks: Int
        var lines: Int
    }

    private var progressPath: String { "\(path).progress" }

    /// Drops what a killed process left of an unfinished chunk.
    ///
    /// - Returns: how many chunks are whole.
    /// - Throws: ``RefluxError`` when the files cannot be read or written.
    func resume() throws -> Int {
        let progress = try readProgress()
        let lines = try JSONLines.readWhole(Line.self, from: path, repair: true)
        guard lines.count >= progress.lines else {
            throw RefluxError(
                .input, found: "\(lines.count) lines", at: SourceLocation(path: path),
                wanted: "the \(progress.lines) lines of \(progress.chunks) finished chunks",
                remedy: "Lines were removed from the file: delete the stage's folder.")
        }
        if lines.count > progress.lines || !Files.exists(path) {
            try JSONLines.write(Array(lines.prefix(progress.lines)), to: path)
        }
        return progress.chunks
    }

    /// Adds the next chunk; it counts when this returns.
    func append(_ lines: [Line]) throws {
        var progress = try readProgress()
        let writer = try JSONLinesWriter(appendingTo: path)
        try writer.append(contentsOf: lines)
        try writer.close()
        progress.chunks += 1
        progress.lines += lines.count
        let text = try JSONText.encode(progress, pretty: false)
        try Files.writeAtomically(Data(text.utf8), to: progressPath)
    }

    /// All lines of whole chunks.
    func read() throws -> [Line] { try JSONLines.read(Line.self, from: path) }

    private func readProgress() throws -> Progress {
        guard Files.exists(progressPath) else { return Progress(chunks: 0, lines: 0) }
        return try JSONText.decode(
            Progress.self, from: Files.read(progressPath), path: progressPath)
    }
}

extension Collection where Index == Int {
    /// The parts of at most `size` elements, in order.
    func chunks(of size: Int) -> [SubSequence] {
        stride(from: startIndex, to: endIndex, by: Swift.max(1, size)).map {
            self[$0..<Swift.min($0 + Swift.max(1, size), endIndex)]
        }
    }
}
