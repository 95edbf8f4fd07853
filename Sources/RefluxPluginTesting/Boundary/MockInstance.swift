import CRefluxPlugin
import RefluxPluginKit
import Synchronization

/// An instance of an extension, destroyed when nobody holds it any more.
final class MockInstance<Table>: @unchecked Sendable {
    let host: MockHost
    let id: String
    let table: Table
    let handle: UnsafeMutableRawPointer
    private let destroy: @convention(c) (UnsafeMutableRawPointer?) -> Void

    typealias Creator =
        @convention(c) (
            OpaquePointer?, UnsafePointer<reflux_creation>?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        ) -> Int32

    /// Makes an instance.
    ///
    /// - Parameters:
    ///   - host: whose services it gets.
    ///   - kind: the kind that the extension has to have.
    ///   - id: the extension.
    ///   - settings: what the user wrote.
    ///   - functions: the two functions that every table has.
    /// - Throws: ``MockHostError`` without such an extension, or when `create` fails.
    init(
        _ host: MockHost, kind: String, id: String, settings: JSONValue,
        functions: (Table) -> (Creator?, (@convention(c) (UnsafeMutableRawPointer?) -> Void)?)
    ) throws {
        guard let declared = host.extensions.first(where: { $0.id == id && $0.kind == kind })
        else {
            let known = host.extensions.map { "\($0.id) (\($0.kind))" }.joined(separator: ", ")
            throw MockHostError(
                kind: .usage, text: "There is no \(kind) \"\(id)\"; the plugin has \(known).")
        }
        self.host = host
        self.id = id
        table = declared.table.assumingMemoryBound(to: Table.self).pointee
        guard case (.some(let create), .some(let destroy)) = functions(table) else {
            throw MockHostError.contract("The table of \(id) lacks create or destroy.")
        }
        self.destroy = destroy
        let arena = Arena()
        let creation = reflux_creation(
            struct_size: structSize(through: \reflux_creation.base_folder), reserved: 0,
            configuration: arena.string(try declared.fillIn(settings).description),
            seed: host.seed, base_folder: arena.string(host.baseFolder))
        var made: UnsafeMutableRawPointer?
        try host.call(id) { create($0.pointer, arena.pointer(to: creation), &made) }
        try arena.check()
        guard let made else { throw MockHostError.contract("create of \(id) gave no handle.") }
        handle = made
    }

    deinit {
        destroy(handle)
    }

    /// Calls a function of the table, and checks inputs and guards.
    func call<Result>(
        item: Int = 0, _ arena: Arena, _ body: (CallRecord) throws -> (Int32, Result)
    ) throws -> (CallRecord.State, Result) {
        var result: Result?
        let record = try host.call(id, item: item) { record in
            let (status, value) = try body(record)
            result = value
            return status
        }
        try arena.check()
        guard let result else { throw MockHostError.contract("The call gave nothing.") }
        return (record.state.withLock { $0 }, result)
    }
}

/// A function that a table has to have.
func function<Function>(_ function: Function?, _ name: String) throws -> Function {
    guard let function else { throw MockHostError.contract("The function \(name) is NULL.") }
    return function
}
