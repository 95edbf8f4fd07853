import Foundation
import PluginCorpus
import RefluxCore
import RefluxPluginHost
import Testing

@Suite("Plugins that end their process")
struct WorkerCorpusTests {
    private let options = WorkerFixtures.options(
        memory: 256 << 20, call: .seconds(3), start: .seconds(4))

    private func load(_ folder: String, _ services: PluginServices) throws -> IsolatedPlugin {
        let library = try PluginLibrary.verify(PluginManifest.read(folder: folder))
        return IsolatedPlugin(library, services: services, options: options)
    }

    @Test(
        "are contained, with the exact error, and others go on", arguments: workerCases.map(\.name))
    func contained(name: String) async throws {
        let corpusCase = try #require(workerCases.first { $0.name == name })
        try await withTemporaryFolder { folder in
            let path = try corpusCase.make(folder)
            let text = await WorkerFixtures.text {
                try await corpusCase.use(load(path, PluginServices()))
            }
            if let check = corpusCase.check {
                #expect(corpusCase.matches(text, folder: path), "\(text)")
                #expect(text.hasSuffix("[\(check.rawValue)]"))
            } else {
                #expect(text == "no error")
            }
            var sound = PluginBuilder()
            sound.id = "sound"
            try await judgeAsSound(load(sound.build(in: folder), PluginServices()))
        }
    }

    @Test("much memory of the host's own does not make a death one for lack of memory")
    func memoryOfTheHost() async throws {
        let corpusCase = try #require(workerCases.first { $0.name == "isolated/abort" })
        let ballast = [UInt8](repeating: 1, count: 600 << 20)
        try await withTemporaryFolder { folder in
            let path = try corpusCase.make(folder)
            let text = await WorkerFixtures.text {
                try await corpusCase.use(load(path, PluginServices()))
            }
            #expect(corpusCase.matches(text, folder: path), "\(text)")
        }
        #expect(ballast.last == 1)
    }

    @Test("a crash while an instance is freed is told in the log")
    func destroy() async throws {
        let corpusCase = try #require(workerCases.first { $0.name == "isolated/destroy-crashes" })
        try await withTemporaryFolder { folder in
            let lines = Lines()
            let path = try corpusCase.make(folder)
            try await corpusCase.use(load(path, lines.services))
            let line = await lines.wait(for: "[worker.crash]")
            #expect(line?.hasPrefix("sample warning: \(path): rule: the plugin's process") == true)
            #expect(line?.contains("in destroy") == true)
        }
    }

    @Test("a library that changed behind the host's back is not loaded")
    func changed() async throws {
        try await withTemporaryFolder { folder in
            let path = try PluginBuilder().build(in: folder)
            let plugin = try load(path, PluginServices())
            var other = PluginBuilder()
            other.code = "static const char changed[] __attribute__((used)) = \"changed\";"
            #expect(try other.build(in: folder) == path)
            let text = await WorkerFixtures.text { try await judgeAsSound(plugin) }
            #expect(text.hasSuffix("Let plugins be while a run uses them. [library.changed]"))
        }
    }

    private func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "reflux-\(UUID().uuidString)").resolvingSymlinksInPath()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.path)
    }
}
