import Synchronization
import Testing

@testable import RefluxPluginHost

/// How often the function below was called; a C function cannot capture anything.
private let ends = Atomic(0)

@Suite("The end of a plugin")
struct LoadLifeTests {
    @Test("deinit is called when no instance is left, and not before")
    func end() {
        let life = PluginLife(deinitialise: { ends.add(1, ordering: .relaxed) })
        life.begin()
        life.begin()
        life.finish()
        life.end()
        #expect(ends.load(ordering: .relaxed) == 0)
        life.finish()
        life.end()
        #expect(ends.load(ordering: .relaxed) == 1)
    }
}
