import CRefluxPlugin
import Synchronization

/// The host's context of one call, which is forgotten when the call returns, so that a ``Call`` that
/// somebody keeps cannot reach freed memory.
package final class CallScope: Sendable {
    private let services: HostServices
    private let address: Mutex<UInt>

    package init(_ call: OpaquePointer?, services: HostServices) {
        self.services = services
        address = Mutex(UInt(bitPattern: call))
    }

    package func end() {
        address.withLock { $0 = 0 }
    }

    private func whileOpen<Result: Sendable>(_ body: (OpaquePointer) -> Result) -> Result? {
        address.withLock { address in OpaquePointer(bitPattern: address).map(body) }
    }

    var host: (name: String, minorVersion: Int) { (services.name, services.minorVersion) }

    func setError(_ text: String) {
        whileOpen { call in lend(text) { services.setError?(call, $0) } }
    }

    func setConfiguration(_ json: String) {
        whileOpen { call in lend(json) { services.setConfiguration?(call, $0) } }
    }

    func log(_ text: String, level: Int32) {
        whileOpen { call in lend(text) { services.log?(call, level, $0) } }
    }

    var isCancelled: Bool { whileOpen { (services.isCancelled?($0) ?? 0) != 0 } ?? false }

    var remainingNanoseconds: Int64? {
        let left = whileOpen { services.remainingNanoseconds?($0) ?? .max } ?? .max
        return left == .max ? nil : left
    }

    func metric(_ name: String, _ value: Double, step: Int64) {
        whileOpen { call in lend(name) { services.metric?(call, step, $0, value) } }
    }

    func progress(_ done: UInt64, of total: UInt64, unit: String) {
        whileOpen { call in lend(unit) { services.progress?(call, done, total, $0) } }
    }

    func randomWords(stream: UInt64, position: UInt64) -> [UInt32]? {
        guard let randomWords = services.randomWords else { return nil }
        return whileOpen { call in
            [UInt32](unsafeUninitializedCapacity: 4) { buffer, count in
                buffer.initialize(repeating: 0)
                randomWords(call, stream, position, buffer.baseAddress)
                count = 4
            }
        }
    }
}

extension Call {
    /// A call outside of the boundary: for the tests of this package.
    package init(_ call: OpaquePointer?, services: HostServices) {
        scope = CallScope(call, services: services)
    }
}

/// Runs a function of the plugin: what it throws becomes a status and the text of the error.
func answer(_ call: OpaquePointer?, _ body: (Call) throws -> Void) -> Int32 {
    let scope = CallScope(call, services: HostServices.current.withLock { $0 })
    defer { scope.end() }
    do {
        try body(Call(scope: scope))
        return Code.ok
    } catch is Cancelled {
        scope.setError("cancelled")
        return Code.cancelled
    } catch is CancellationError {
        scope.setError("cancelled")
        return Code.cancelled
    } catch let error as PluginError {
        scope.setError(error.description)
        return error.isUnsupported ? Code.unsupported : Code.error
    } catch {
        scope.setError("\(error)")
        return Code.error
    }
}

extension Call {
    /// Gives named numbers to the host, by name, so that their order is the same everywhere.
    func metrics(_ metrics: [String: Double]) {
        for (name, value) in metrics.sorted(by: { $0.key < $1.key }) { metric(name, value) }
    }
}
