import CRefluxPlugin
import Synchronization

/// The calls that are running. A plugin holds a number disguised as a pointer, so that one that it
/// uses too late, or makes up, finds nothing instead of freed memory.
enum LiveCalls {
    private struct Table {
        var last: UInt = 0
        var calls: [UInt: PluginCall] = [:]
    }

    private static let table = Mutex(Table())

    /// Lists a call and gives it its number.
    static func add(_ call: PluginCall) -> OpaquePointer? {
        table.withLock { table in
            table.last += 1
            table.calls[table.last] = call
            return OpaquePointer(bitPattern: table.last)
        }
    }

    /// The call of a number, while it runs.
    static func find(_ number: OpaquePointer?) -> PluginCall? {
        table.withLock { $0.calls[UInt(bitPattern: number)] }
    }

    /// Ends a call.
    static func remove(_ number: OpaquePointer?) {
        _ = table.withLock { $0.calls.removeValue(forKey: UInt(bitPattern: number)) }
    }
}
