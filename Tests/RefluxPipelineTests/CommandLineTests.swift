import Foundation
import RefluxCore
import Testing

@testable import RefluxPipeline

@Suite struct CommandLineTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func expectOneLine(_ outcome: Program.Outcome, code: Int32, _ parts: String...) {
        #expect(outcome.code == code, "\(outcome)")
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("error: "))
        #expect(outcome.errors.count { $0 == "\n" } == 1, "\(outcome.errors)")
        for part in parts { #expect(outcome.errors.contains(part), "\(outcome.errors)") }
    }

    @Test func theVersionIsAResult() throws {
        let outcome = try Program.call("--version", in: folder.path)
        #expect(outcome.code == 0)
        #expect(outcome.output == "reflux \(refluxVersion)\n")
        #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: ["run", "teach", "resume", "inspect", "report", "generate", "doctor"])
    func everyVerbHasHelp(_ verb: String) throws {
        let outcome = try Program.call(verb, "--help", in: folder.path)
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("USAGE: reflux \(verb)"))
    }

    @Test func wrongUseIsCodeTwo() throws {
        expectOneLine(try Program.call("run", "--sets", "a=b", in: folder.path), code: 2, "--sets")
        expectOneLine(try Program.call("rum", in: folder.path), code: 2, "rum")
        expectOneLine(
            try Program.call("inspect", ".", "labels", "--limit", "0", in: folder.path), code: 2,
            "--limit")
    }

    @Test func anUnknownKeyIsCodeTwoWithItsPlaceAndTheNearestKey() throws {
        try folder.write(RunFiles.small + "warmup: {epoch: 3}\n", to: "bad.yaml")
        expectOneLine(
            try Program.call("run", "bad.yaml", in: folder.path), code: 2,
            "bad.yaml:5:10: warmup.epoch", "\"epochs\"")
        #expect(!folder.exists("runs"))
    }

    @Test func anUnknownKeyOfAnOverrideIsCodeTwo() throws {
        try folder.write(RunFiles.small, to: "run.yaml")
        expectOneLine(
            try Program.call("run", "run.yaml", "--set", "warmup.epoch=3", in: folder.path),
            code: 2, "--set: warmup.epoch", "\"epochs\"")
    }

    @Test func wrongYAMLIsCodeTwoWithItsLine() throws {
        try folder.write("run: {name: a\ntask: b\n", to: "bad.yaml")
        expectOneLine(try Program.call("run", "bad.yaml", in: folder.path), code: 2, "bad.yaml:2")
    }

    @Test func missingFilesAreCodeOneAndNamed() throws {
        expectOneLine(try Program.call("run", "no.yaml", in: folder.path), code: 1, "no.yaml")
        try folder.write(RunFiles.small, to: "run.yaml")
        expectOneLine(
            try Program.call("run", "run.yaml", in: folder.path), code: 1,
            "teacher-folder: there is no such folder")
        #expect(!folder.exists("runs"))
        expectOneLine(try Program.call("resume", "nowhere", in: folder.path), code: 1, "nowhere")
        expectOneLine(
            try Program.call("report", "nowhere", in: folder.path), code: 1, "result.json")
        expectOneLine(
            try Program.call("inspect", "runs/small", "labels", in: folder.path), code: 1,
            "no labels")
        expectOneLine(
            try Program.call("generate", "--model", "nowhere", "hello", in: folder.path), code: 1,
            "nowhere")
    }

    @Test func aLockedRunFolderIsRefused() throws {
        try folder.write(RunFiles.small, to: "run.yaml")
        try folder.write("", to: "runs/small/x")
        let lock = try RunLock(folder: "\(folder.path)/runs/small")
        expectOneLine(
            try Program.call("run", "run.yaml", in: folder.path), code: 1, "in use by process")
        withExtendedLifetime(lock) {}
    }

    @Test func aFullDiskLeavesTheOldFilesUntouched() throws {
        // Models that the run makes itself: there is nothing to check before it begins.
        let text = RunFiles.small.replacing("teacher-folder", with: "prepared")
            .replacing("student-folder", with: "prepared")
        try folder.write(text + "prepare: {}\n", to: "run.yaml")
        let old = "run: {name: older}\n"
        try folder.write(old, to: "runs/small/resolved.yaml")
        let outcome = try Program.callWithFullDisk(
            blocks: 1, "run", "run.yaml", "--quiet", "--set", "run.seed=5", in: folder.path)
        expectOneLine(outcome, code: 1, "resolved.yaml")
        #expect(try folder.read("runs/small/resolved.yaml") == old)
        let names = try FileManager.default.contentsOfDirectory(
            atPath: "\(folder.path)/runs/small")
        #expect(!names.contains { $0.hasSuffix(".partial") })
    }

    @Test func reportsOfSeveralRunsAreAveraged() throws {
        for (name, accuracy) in [("a", 0.4), ("b", 0.6)] {
            try folder.write(
                """
                {"rows": [{"model": "base", "split": "test", "metric": "strict",
                           "accuracy": \(accuracy), "standard_error": 0.05, "n": 100}]}
                """, to: "runs/\(name)/result.json")
        }
        let one = try Program.call("report", "runs/a", in: folder.path)
        #expect(one.output.contains("0.400 ± 0.050"))
        let both = try Program.call("report", "runs/a", "runs/b", "--json", in: folder.path)
        #expect(both.code == 0)
        #expect(both.output.contains("\"accuracy\" : 0.5"))
        #expect(both.output.contains("\"runs\" : 2"))
    }
}
