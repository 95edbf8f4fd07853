import Foundation
import PluginCorpus
import RefluxCore
import RefluxPluginHost
import Testing

/// The cases of the corpus that are refused before any code of the plugin runs.
@Suite struct ManifestCorpusTests {
    static let cases = Corpus.all.filter { $0.stage == .manifest || $0.stage == .library }

    @Test("is refused with the exact error, and its code never runs", arguments: cases.map(\.name))
    func isRefused(name: String) throws {
        let wrong = try #require(Self.cases.first { $0.name == name })
        try withPluginFolder { folder in
            let plugin = try wrong.make(folder)
            var error: RefluxError?
            do {
                let manifest = try PluginManifest.read(folder: plugin)
                if wrong.stage == .library { _ = try PluginLibrary.verify(manifest) }
            } catch let refusal as RefluxError {
                error = refusal
            }
            let check = wrong.check?.rawValue
            #expect(error?.check == check)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/canary"))
            guard let text = error?.description else { return }
            let isExact = wrong.matches(text, folder: plugin)
            #expect(isExact, "\(text)")
        }
    }

    @Test(
        "its constructor would have sung if the library had been loaded",
        arguments: [
            "manifest/id-of-another", "library/no-entry", "library/hidden-entry",
            "library/hash-of-another", "library/everybody-writes",
        ])
    func canarySings(name: String) throws {
        let wrong = try #require(Self.cases.first { $0.name == name })
        try withPluginFolder { folder in
            let library = "\(try wrong.make(folder))/\(PluginBuilder().libraryPath)"
            try PluginBuilder.run("env", ["LD_PRELOAD=\(library)", "true"])
            #expect(FileManager.default.fileExists(atPath: "\(folder)/canary"))
        }
    }

    @Test("names are given once")
    func names() {
        let names = Corpus.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test("has at least the cases that the design asks for")
    func counts() {
        #expect(Self.cases.count { $0.stage == .manifest } >= 30)
        #expect(Self.cases.count { $0.stage == .library } >= 22)
    }
}
