import CRefluxPlugin
import Synchronization
import Testing

@testable import RefluxPluginKit

private let lines = Mutex<[String]>([])

@Suite("Calls") struct CallTests {
    /// A host with nothing but what has to be there, and `log`.
    private func table(size: UInt32) -> HostServices {
        var host = reflux_host()
        host.struct_size = size
        host.set_error = { _, _ in }
        host.set_configuration = { _, _ in }
        host.log = { _, _, text in
            let text = text.text ?? ""
            lines.withLock { $0.append(text) }
        }
        return HostServices(&host)
    }

    @Test("services that the host lacks do nothing, random numbers throw")
    func missing() {
        let services = table(size: structSize(through: \reflux_host.set_configuration))
        let call = Call(OpaquePointer(bitPattern: 8), services: services)
        call.log("never seen")
        call.metric("a", 1)
        call.progress(1, of: 2, unit: "steps")
        #expect(!call.isCancelled)
        #expect(call.remainingTime == nil)
        #expect(throws: PluginError.self) { try call.randomWords(position: 0) }
        #expect(throws: PluginError.self) { try call.generator() }
        #expect(!lines.withLock { $0.contains("never seen") })
    }

    @Test("a call that is over reaches the host no more")
    func over() {
        let services = table(size: structSize(through: \reflux_host.progress))
        let call = Call(OpaquePointer(bitPattern: 8), services: services)
        call.log("during")
        call.scope.end()
        call.log("afterwards")
        #expect(lines.withLock { $0.contains("during") && !$0.contains("afterwards") })
        #expect(throws: PluginError.self) { try call.randomWords(position: 0) }
    }

    @Test("a struct's size ends with its last field")
    func sizes() {
        #expect(structSize(through: \reflux_extension.table) == 104)
        #expect(
            structSize(through: \reflux_host.progress) == UInt32(MemoryLayout<reflux_host>.size))
    }
}
