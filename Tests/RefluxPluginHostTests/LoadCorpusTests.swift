import PluginCorpus
import RefluxCore
import Testing

@testable import RefluxPluginHost

@Suite("The corpus in this process")
struct LoadCorpusTests {
    static let cases = (loadCases + callCases).map(\.name)

    @Test("each bad plugin is refused or survived with its exact error", arguments: cases)
    func refuses(name: String) async throws {
        let one = try #require((loadCases + callCases).first { $0.name == name })
        try await withTemporaryFolder { folder in
            let plugin = try one.make(folder)
            var caught: (any Error)?
            do {
                let runtime = try InProcessPlugin.load(
                    verifiedLibrary(plugin), services: PluginServices(callLimit: .seconds(1)))
                #expect(one.stage != .load, "it was loaded")
                try await one.use(runtime)
            } catch {
                caught = error
            }
            guard let check = one.check else { return #expect(caught == nil, "\(name)") }
            let error = try #require(caught as? RefluxError)
            #expect(error.check == check.rawValue)
            #expect(one.matches(error.description, folder: plugin), "\(error)")
        }
    }

    @Test("the names of the cases are their own")
    func names() {
        #expect(Set(Self.cases).count == Self.cases.count)
    }
}
