import Foundation
import RefluxCore
import RefluxFiles
import Synchronization

/// Hashes what determines the outcome of a stage.
///
/// Two runs whose stages have equal fingerprints have equal artefacts, on one machine with one
/// version of Reflux. Safe to use from any thread; the hash of a file is computed once a process as
/// long as its size and its time of change stay the same.
final class Fingerprints: Sendable {
    /// Changes whenever artefacts of older versions must not be taken for ours.
    static let format = 2

    private struct FileState: Hashable {
        let path: String
        let size: Int
        let changed: Date
    }
    private struct Content: Encodable {
        let format: Int
        let stage: StageID
        let seed: UInt64
        let settings: String
        let data: String
        let files: [[String]]
        let stages: [[String]]
    }

    private let known = Mutex<[FileState: String]>([:])
    private let data = Mutex<[String: String]>([:])

    /// The fingerprint of a stage.
    ///
    /// - Parameters:
    ///   - stage: the stage.
    ///   - inputs: what determines it.
    ///   - seed: the run's seed.
    ///   - data: the hash of the examples that the stage reads.
    ///   - earlier: the fingerprints of the earlier stages.
    /// - Returns: a SHA-256 in hexadecimal digits.
    /// - Throws: ``RefluxError`` when an input file is missing or cannot be read.
    func fingerprint(
        of stage: StageID, inputs: StageInputs, seed: UInt64, data: String,
        earlier: [StageID: String]
    ) throws -> String {
        let content = Content(
            format: Self.format, stage: stage, seed: seed,
            settings: YAMLWriter.inline(inputs.settings), data: data,
            files: try hashes(of: inputs.files).sorted { $0.key < $1.key }
                .map { [$0.key, $0.value] },
            stages: inputs.stages.map { [$0.rawValue, earlier[$0] ?? "absent"] })
        return Files.sha256(of: Data(try JSONText.encode(content, pretty: false).utf8))
    }

    /// The hash of all examples of a split, gold answers and solutions included. The context is that
    /// of any stage of the run; tasks with equal settings are hashed once.
    func hash(of split: Split, in context: StageContext) throws -> String {
        let task = YAMLWriter.inline(context.configuration.resolved("task"))
        let name = "\(split.rawValue) \(context.configuration.baseFolder) \(task)"
        if let hash = data.withLock({ $0[name] }) { return hash }
        var bytes = Data()
        for example in try context.task.examples(in: split) {
            let fields = [example.id, example.question, example.gold, example.solution]
            for field in fields + [example.category] + (example.options ?? []).map(Optional.some) {
                bytes.append(contentsOf: (field.map { "+\($0)" } ?? "-").utf8)
                bytes.append(0)
            }
            bytes.append(1)
        }
        let hash = Files.sha256(of: bytes)
        data.withLock { $0[name] = hash }
        return hash
    }

    /// The hashes of files, and of all files in folders, by path.
    func hashes(of paths: [String]) throws -> [String: String] {
        var result: [String: String] = [:]
        for path in paths.map(Files.expand) {
            for file in Files.isFolder(path) ? try files(in: path) : [path] {
                result[file] = try hash(of: file)
            }
        }
        return result
    }

    private func hash(of path: String) throws -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let changed = attributes?[.modificationDate] as? Date else {
            return try Files.sha256(ofFile: path)
        }
        let state = FileState(path: path, size: try Files.size(ofFile: path), changed: changed)
        if let hash = known.withLock({ $0[state] }) { return hash }
        let hash = try Files.sha256(ofFile: path)
        known.withLock { $0[state] = hash }
        return hash
    }

    /// The files below a folder; hidden ones are left out.
    private func files(in folder: String) throws -> [String] {
        try Files.list(folder).filter { !$0.hasPrefix(".") }.flatMap { name in
            let path = "\(folder)/\(name)"
            return Files.isFolder(path) ? try files(in: path) : [path]
        }
    }
}
