import Foundation
import RefluxCore
import RefluxFiles

/// Carries out the stages of a run in order.
///
/// A stage that is whole and whose inputs are unchanged is skipped. A stage that was begun goes on.
/// A stage whose inputs changed starts anew, after a note.
struct StageRunner {
    /// The run.
    let session: RunSession
    /// The fingerprints of the run's stages.
    let fingerprints: [StageID: String]

    /// Hashes the inputs of all stages.
    ///
    /// - Throws: ``RefluxError`` when an input is missing.
    init(_ session: RunSession) throws {
        self.session = session
        fingerprints = try Self.fingerprints(of: session)
    }

    /// The stages of this run, in order.
    var stages: [any Stage] { Self.stages(of: session) }

    /// Carries out all stages.
    func runAll() async throws {
        for stage in stages { try await carryOut(stage) }
    }

    /// Carries out one stage whose earlier stages are whole.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` naming the stage that has to be run first.
    func run(only id: StageID) async throws {
        guard let stage = stages.first(where: { $0.id == id }) else {
            throw RefluxError(
                .usage, found: "this run has no stage \(id.rawValue)",
                at: session.configuration.source.location,
                wanted: "one of \(stages.map(\.id.rawValue).joined(separator: ", "))")
        }
        let needed = Set(try stage.inputs(session.context(for: id)).stages)
        for earlier in stages where needed.contains(earlier.id) { try demandWhole(earlier.id) }
        try await carryOut(stage)
    }

    /// The record of a stage that is whole and fresh; `nil` for one that is not.
    func wholeRecord(of id: StageID) throws -> StageRecord? {
        let record = try StageRecord.read(StageRecord.wholeName, in: session.run.folder(of: id))
        return record?.fingerprint == fingerprints[id] ? record : nil
    }

    private func demandWhole(_ id: StageID) throws {
        guard try wholeRecord(of: id) == nil else { return }
        let folder = session.run.folder(of: id)
        let isStale = Files.exists("\(folder)/\(StageRecord.wholeName)")
        throw RefluxError(
            .usage,
            found: isStale
                ? "the inputs of the stage \(id.rawValue) changed since it was run"
                : "the stage \(id.rawValue) is not finished",
            at: SourceLocation(path: folder), wanted: "its artefacts",
            remedy: "Run reflux \(id.rawValue) first, or reflux run for all stages.")
    }

    private func carryOut(_ stage: any Stage) async throws {
        try Task.checkCancellation()
        if try wholeRecord(of: stage.id) != nil { return }
        let folder = session.run.folder(of: stage.id)
        var record = try begin(stage.id, in: folder)
        let context = session.context(for: stage.id)
        let console = session.means.console
        let before = record.seconds
        let clock = ContinuousClock()
        let start = clock.now
        ProcessMemory.resetPeak()
        do {
            try await stage.run(context)
            try context.metrics.check()
            try Task.checkCancellation()
        } catch {
            console.endProgress()
            record.seconds = before + (clock.now - start).inSeconds
            // The failure matters; that its time could not be noted does not.
            try? record.write(StageRecord.begunName, in: folder)
            throw error
        }
        console.endProgress()
        record.seconds = before + (clock.now - start).inSeconds
        try finish(&record, in: folder)
        console.note("\(label(stage.id)): done in \(duration(record.seconds))")
    }

    /// Empties the folder of a stage whose inputs changed, and notes that the stage is begun.
    private func begin(_ id: StageID, in folder: String) throws -> StageRecord {
        let begun = try StageRecord.read(StageRecord.begunName, in: folder)
        let whole = try StageRecord.read(StageRecord.wholeName, in: folder)
        let isEmpty = try !Files.exists(folder) || Files.list(folder).isEmpty
        let fingerprint = fingerprints[id] ?? ""
        var record = StageRecord(
            stage: id, fingerprint: fingerprint, started: Self.now(), seconds: 0, attempts: 0,
            outputs: [:])
        if let begun, begun.fingerprint == fingerprint {
            record = begun
            session.means.console.note("\(label(id)): goes on where it was interrupted")
        } else if !isEmpty {
            let isKnown = begun != nil || whole != nil
            session.means.console.note(
                "\(label(id)): \(isKnown ? "its inputs changed" : "its record is missing"); the "
                    + "artefacts in \(folder) are removed and the stage runs again")
            try Files.remove(folder)
        }
        try Files.makeFolder(folder)
        record.attempts += 1
        try record.write(StageRecord.begunName, in: folder)
        return record
    }

    private func finish(_ record: inout StageRecord, in folder: String) throws {
        record.ended = Self.now()
        record.peakMemory = ProcessMemory.peak
        record.outputs = try Self.outputs(in: folder)
        try record.write(StageRecord.wholeName, in: folder)
        try Files.remove("\(folder)/\(StageRecord.begunName)")
    }

    private func label(_ id: StageID) -> String {
        session.variant.map { "\($0): \(id.rawValue)" } ?? id.rawValue
    }

    private static func now() -> String { Date.now.formatted(.iso8601) }

    private static func outputs(in folder: String) throws -> [String: Int] {
        var sizes: [String: Int] = [:]
        for name in try Files.list(folder) where name != StageRecord.begunName {
            sizes[name] = try size(of: "\(folder)/\(name)")
        }
        return sizes
    }

    private static func size(of path: String) throws -> Int {
        if Files.isFolder(path) {
            return try Files.list(path).reduce(0) { try $0 + size(of: "\(path)/\($1)") }
        }
        return try Files.size(ofFile: path)
    }
}

extension StageRunner {
    /// The stages that a run file asks for, in order.
    static func stages(of session: RunSession) -> [any Stage] {
        session.means.stages.filter { session.configuration.includes($0.id) }
    }

    /// The fingerprints of all stages of a run.
    static func fingerprints(of session: RunSession) throws -> [StageID: String] {
        var result: [StageID: String] = [:]
        for stage in stages(of: session) {
            let context = session.context(for: stage.id)
            let fingerprints = session.means.fingerprints
            result[stage.id] = try fingerprints.fingerprint(
                of: stage.id, inputs: stage.inputs(context), seed: session.configuration.seed,
                data: fingerprints.hash(of: stage.id.split, in: context), earlier: result)
        }
        return result
    }
}

extension StageID {
    /// The split whose examples a stage reads.
    var split: Split { self == .evaluate ? .test : .train }
}

extension Duration {
    /// The duration as a number of seconds.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
