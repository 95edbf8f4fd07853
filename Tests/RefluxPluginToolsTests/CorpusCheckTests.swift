import Foundation
import PluginCorpus
import RefluxPluginHost
import RefluxPluginTools
import Testing

@Suite("The checker and the corpus of bad plugins", .serialized)
struct CorpusCheckTests {
    /// Cases that no checker of one plugin can see, with the reason.
    static let invisible = [
        "manifest/no-plugin-folder": "naming no folder is wrong use, not a failure",
        "manifest/file-as-plugin-folder": "naming a file is wrong use, not a failure",
        "isolated/sigterm": "the threads that run tests block this signal, as they do in a run",
        "isolated/third-group-crashes": "only one prompt's id makes it crash",
        "isolated/closes-descriptor-3": "the checker's processes have no socket there",
        "isolated/closes-everything": "the checker's processes need no open file",
    ]

    /// Cases that look otherwise in the checker's processes than in a worker.
    static let elsewhere: [String: PluginCheck] = [
        // What was forked holds on to the process that exits.
        "isolated/forks-and-exits": .workerTime,
        // The checker limits memory, and sees the crash that follows.
        "isolated/memory-bomb": .workerCrash,
        "isolated/huge-allocation": .workerCrash,
        "isolated/out-of-memory-abort": .workerCrash,
        // There is no socket to write to.
        "isolated/writes-to-descriptor-3": .workerExit,
    ]

    @Test(
        "fails every case with the case's check",
        arguments: Corpus.all.filter { $0.check != nil && invisible[$0.name] == nil }.map(\.name))
    func corpus(_ name: String) async throws {
        let bad = try #require(Corpus.all.first { $0.name == name })
        try await withFolder { folder in
            let plugin = try makeComplete(bad, in: folder)
            let report = try await check(
                plugin, only: Self.tests(of: bad, at: plugin),
                timeout: .seconds(Self.elsewhere[name] == .workerCrash ? 60 : 5))
            #expect(report.exitCode == 1)
            let wanted = try #require(Self.elsewhere[name] ?? bad.check)
            #expect(
                report.failedChecks.contains(wanted.rawValue),
                "\(report.tests.map(\.text).joined(separator: "\n"))")
        }
    }

    @Test(
        "fails what only it can see with exactly its test",
        arguments: Corpus.all.map(\.name).filter { $0.hasPrefix("checker/") })
    func checker(_ name: String) async throws {
        let bad = try #require(Corpus.all.first { $0.name == name })
        let test = try #require(name.split(separator: "/").dropFirst().first.map(String.init))
        let id = ["describe", "manifest.keys"].contains(test) ? test : "rule/\(test)"
        try await withFolder { folder in
            let plugin = try makeComplete(bad, in: folder)
            let report = try await check(plugin, only: id)
            #expect(
                report.failed == [id], "\(report.tests.map(\.text).joined(separator: "\n"))")
        }
    }

    /// The tests that can see a case: all of its stage, or those of the extension's behaviour.
    private static func tests(of bad: CorpusCase, at plugin: String) -> String? {
        let subject = (try? PluginManifest.read(folder: plugin))?.provides.first?.id ?? "rule"
        return switch bad.stage {
        case .manifest: "manifest"
        case .library: "library"
        case .load: "load"
        case .create: "\(subject)/create"
        case .call: "\(subject)/behaviour"
        case .isolated: "\(subject)/behaviour.ordinary"
        }
    }

    /// The case's plugin with the files that every plugin has.
    private func makeComplete(_ bad: CorpusCase, in folder: String) throws -> String {
        let plugin = try bad.make(folder)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: plugin, isDirectory: &isFolder),
            isFolder.boolValue,
            !FileManager.default.fileExists(atPath: "\(plugin)/README.md")
        {
            try? write("# Bad\n", to: "\(plugin)/README.md")
        }
        return plugin
    }
}
