import Foundation
import RefluxCore
import RefluxFiles

/// What a folder has of the files that are wanted.
struct PulledFolder {
    /// The files that have to be downloaded, at least in part.
    let missing: [HubFile]
    /// The tags of parts that may be gone on with.
    let tags: [String: String]

    private let folder: String
    private let wanted: [HubFile]
    private let old: PullRecord?
    private let parts: [String: Int]

    /// Verifies the files that are there, and drops parts of other contents.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` where the folder belongs to something else, or a file
    ///   in it is neither the wanted one nor one that an earlier call brought.
    init(_ folder: String, repository: HubRepository, files: [HubFile]) throws {
        self.folder = folder
        wanted = files
        old = try PullRecord.read(folder)
        if let old, old.repository != "\(repository)" {
            throw RefluxError(
                .usage, found: "the folder holds the files of \(old.repository)",
                at: SourceLocation(path: folder), wanted: "a folder for \(repository)",
                remedy: "Name another folder with --output.")
        }
        let unfinished = PullRecord.readUnfinished(folder)
        var missing: [HubFile] = []
        var parts: [String: Int] = [:]
        for file in files where try Self.isMissing(file, in: folder, old: old) {
            missing.append(file)
            let part = PartFile.partPath(of: "\(folder)/\(file.name)")
            if unfinished?.files.contains(file) == true {
                parts[file.name] = Files.exists(part) ? try Files.size(ofFile: part) : 0
            } else {
                try Files.remove(part)
            }
        }
        self.missing = missing
        self.parts = parts
        tags = (unfinished?.tags ?? [:]).filter { parts[$0.key] ?? 0 > 0 }
    }

    /// The files of the folder's record that belong to the same commit and are not asked for now.
    func otherFiles(ofCommit commit: String) -> [HubFile] {
        guard let old, old.commit == commit else { return [] }
        let names = Set(wanted.map(\.name))
        return old.files.filter { !names.contains($0.name) }
    }

    /// The plan for people, a line each.
    func plan(of record: PullRecord) -> [String] {
        let source = "\(record.repository) at \(record.revision) (\(record.commit.prefix(12)))"
        guard !missing.isEmpty else {
            let total = wanted.reduce(0) { $0 + $1.size }
            return [
                "\(source): all \(wanted.count) files (\(sizeInWords(total))) are in \(folder), "
                    + "verified"
            ]
        }
        let width = wanted.map(\.name.count).max() ?? 0
        let lines = wanted.map { file in
            let name = file.name.padding(toLength: width, withPad: " ", startingAt: 0)
            return "  \(name)  \(sizeInWords(file.size))\(remark(on: file))"
        }
        return ["\(source) to \(folder):"] + lines + ["  to download: \(sizeInWords(rest))"]
    }

    /// Checks that the disk has room for what is missing.
    ///
    /// - Throws: ``RefluxError`` of kind `system`.
    func checkSpace() throws {
        let free = try Files.freeBytes(at: folder)
        guard rest <= free else {
            throw RefluxError(
                .system, found: "\(sizeInWords(free)) are free on its disk",
                at: SourceLocation(path: folder), wanted: sizeInWords(rest),
                remedy: "Free some space, or name a folder on another disk with --output.")
        }
    }

    private var rest: Int {
        missing.reduce(0) { $0 + max(0, $1.size - (parts[$1.name] ?? 0)) }
    }

    private func remark(on file: HubFile) -> String {
        guard missing.contains(file) else { return "  is there" }
        let part = parts[file.name] ?? 0
        return part > 0 ? "  has \(sizeInWords(part))" : ""
    }

    /// Whether a file must be downloaded. What stands in its place is replaced only if an earlier
    /// call brought it and nobody has changed it since.
    private static func isMissing(
        _ file: HubFile, in folder: String, old: PullRecord?
    ) throws -> Bool {
        let path = "\(folder)/\(file.name)"
        guard Files.exists(path) else { return true }
        if try file.isContent(of: path) { return false }
        if let before = old?.files.first(where: { $0.name == file.name }),
            try before.isContent(of: path)
        {
            return true
        }
        throw RefluxError(
            .usage, found: "the file is there with another content than the hub's",
            at: SourceLocation(path: path), wanted: file.digest.description,
            remedy: "Move it away or remove it, or name another folder with --output.")
    }
}

/// Bytes in words: `269.1 MB`, with decimal units as the hub shows them.
func sizeInWords(_ bytes: Int) -> String {
    let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
    guard let (scale, unit) = units.first(where: { Double(bytes) >= $0.0 }) else {
        return "\(bytes) bytes"
    }
    return String(format: "%.1f ", Double(bytes) / scale) + unit
}
