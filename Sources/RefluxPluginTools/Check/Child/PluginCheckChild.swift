import Foundation
import RefluxCore
import RefluxFiles
import RefluxPluginHost

/// The side of `reflux plugin check` that runs in a process of its own: it loads the plugin, carries
/// out one test, and writes what came of it to a file.
public struct PluginCheckChild: Sendable {
    /// The plugin's folder.
    public var folder: String
    /// The test's id; `load` for loading alone.
    public var test: String
    /// The seed of the inputs.
    public var seed: UInt64
    /// The limit of one call.
    public var callLimit: Duration

    /// Makes the child's side of a test.
    public init(folder: String, test: String, seed: UInt64, callLimit: Duration) {
        self.folder = folder
        self.test = test
        self.seed = seed
        self.callLimit = callLimit
    }

    /// Carries the test out and writes the answer.
    ///
    /// - Parameter result: the file of the answer.
    /// - Throws: `RefluxError` when the file cannot be written.
    public func run(result: String) async throws {
        var answer: ChildAnswer
        do {
            answer = try await self.answer()
        } catch let error as RefluxError {
            answer = ChildAnswer(problem: PluginProblem(error, test: test))
        } catch {
            answer = ChildAnswer(problem: PluginProblem(check: test, found: "\(error)"))
        }
        let text = try JSONText.encode(answer, pretty: false)
        try Files.writeAtomically(Data(text.utf8), to: result)
    }

    private func answer() async throws -> ChildAnswer {
        let manifest = try PluginManifest.read(folder: folder)
        let library = try PluginLibrary.verify(manifest)
        ChildLimits.set()
        let plugin = try InProcessPlugin.load(
            library, services: PluginServices(callLimit: callLimit))
        if test == Self.load { return ChildAnswer() }
        if test == DescriptionTest.id {
            try DescriptionTest(manifest: manifest, library: library).run()
            return ChildAnswer()
        }
        guard let slash = test.firstIndex(of: "/"),
            let subject = manifest.provides.first(where: { $0.id == test[..<slash] })
        else { throw RefluxError(.usage, found: "no test \"\(test)\"") }
        let configurations = try Configurations(subject, in: manifest)
        let bench = Bench(
            runtime: plugin, manifest: manifest, subject: subject, seed: seed,
            configuration: try configurations.ordinary())
        let name = String(test[test.index(after: slash)...])
        return try await ChildTest(bench: bench, configurations: configurations, name: name).run()
    }

    /// The test that loads the plugin and does nothing else.
    static let load = "load"
}
