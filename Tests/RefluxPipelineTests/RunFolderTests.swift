import Foundation
import RefluxCore
import Testing

@testable import RefluxPipeline

@Suite struct RunLockTests {
    @Test func aSecondHolderIsRefusedUntilTheFirstIsGone() throws {
        let folder = try TemporaryFolder()
        var lock: RunLock? = try RunLock(folder: folder.path)
        let error = try #require(throws: RefluxError.self) { _ = try RunLock(folder: folder.path) }
        #expect(error.kind == .system)
        #expect(error.found.contains("\(ProcessInfo.processInfo.processIdentifier)"))
        withExtendedLifetime(lock) {}
        lock = nil
        _ = try RunLock(folder: folder.path)
    }
}

@Suite struct RunFolderTests {
    @Test func aVariantBorrowsStagesOfItsRun() {
        let run = RunFolder(path: "/runs/a")
        let variant = run.variant("b", borrowing: [.teach])
        #expect(variant.folder(of: .teach) == "/runs/a/teach")
        #expect(variant.folder(of: .warmup) == "/runs/a/variants/b/warmup")
    }
}

@Suite struct MetricsFileTests {
    @Test func linesAreAppendedAndCutBackToAStep() throws {
        let folder = try TemporaryFolder()
        let file = MetricsFile(path: "\(folder.path)/metrics.jsonl")
        for step in 0..<4 { try file.append(step: step, values: ["a": Double(step) / 2]) }
        try file.truncate(fromStep: 2)
        try file.append(step: 2, values: ["a": 9, "b": .nan])
        let lines = try MetricsFile.lines(at: file.path)
        #expect(lines == [["step": 0, "a": 0], ["step": 1, "a": 0.5], ["step": 2, "a": 9]])
    }

    @Test func aCutLastLineIsLeftOut() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("{\"step\":0,\"a\":1}\n{\"step\":1,", to: "metrics.jsonl")
        #expect(try MetricsFile.lines(at: path) == [["step": 0, "a": 1]])
    }

    @Test func aFailureOfACallbackIsKept() throws {
        let file = MetricsFile(path: "/proc/nowhere/metrics.jsonl")
        file.record(step: 0, values: [:])
        #expect(throws: RefluxError.self) { try file.check() }
    }
}

@Suite struct FingerprintTests {
    private func fingerprint(_ files: [String], settings: ConfigurationValue = .null) throws
        -> String
    {
        try Fingerprints().fingerprint(
            of: .teach, inputs: StageInputs(settings: settings, files: files), seed: 1, data: "",
            earlier: [:])
    }

    @Test func everyFileOfAModelFolderCounts() throws {
        let folder = try TemporaryFolder()
        try folder.write("a", to: "model/config.json")
        try folder.write("b", to: "model/sub/weights")
        let first = try fingerprint(["\(folder.path)/model"])
        #expect(try fingerprint(["\(folder.path)/model"]) == first)
        try folder.write("c", to: "model/sub/weights")
        #expect(try fingerprint(["\(folder.path)/model"]) != first)
    }

    @Test func settingsCount() throws {
        #expect(
            try fingerprint([], settings: .integer(1)) != fingerprint([], settings: .integer(2)))
        #expect(
            try fingerprint([], settings: .integer(1))
                != fingerprint([], settings: .string("1")))
    }

    @Test func aMissingInputIsNamed() throws {
        let error = try #require(throws: RefluxError.self) { _ = try fingerprint(["/no/such"]) }
        #expect("\(error)".contains("/no/such"))
    }
}
