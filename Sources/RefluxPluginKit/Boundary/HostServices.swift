package import CRefluxPlugin
import Synchronization

/// The services of the host, read once from its table; what it does not have is `nil`.
package struct HostServices: @unchecked Sendable {
    var minorVersion = 0
    var name = ""
    var setError: (@convention(c) (OpaquePointer?, reflux_string) -> Void)?
    var setConfiguration: (@convention(c) (OpaquePointer?, reflux_string) -> Void)?
    var log: (@convention(c) (OpaquePointer?, Int32, reflux_string) -> Void)?
    var isCancelled: (@convention(c) (OpaquePointer?) -> Int32)?
    var remainingNanoseconds: (@convention(c) (OpaquePointer?) -> Int64)?
    var randomWords:
        (@convention(c) (OpaquePointer?, UInt64, UInt64, UnsafeMutablePointer<UInt32>?) -> Void)?
    var metric: (@convention(c) (OpaquePointer?, Int64, reflux_string, Double) -> Void)?
    var progress: (@convention(c) (OpaquePointer?, UInt64, UInt64, reflux_string) -> Void)?

    /// The services that `init` of the plugin was given.
    static let current = Mutex(HostServices())

    private init() {}

    /// Reads a table; fields behind its `struct_size` are not touched.
    package init(_ host: UnsafePointer<reflux_host>) {
        let size = host.pointee.struct_size
        func has<Value>(_ field: KeyPath<reflux_host, Value>) -> Bool {
            structSize(through: field) <= size
        }
        minorVersion = Int(host.pointee.abi_minor)
        name = host.pointee.name.text ?? ""
        setError = host.pointee.set_error
        setConfiguration = host.pointee.set_configuration
        if has(\.log) { log = host.pointee.log }
        if has(\.is_cancelled) { isCancelled = host.pointee.is_cancelled }
        if has(\.remaining_nanoseconds) {
            remainingNanoseconds = host.pointee.remaining_nanoseconds
        }
        if has(\.random_words) { randomWords = host.pointee.random_words }
        if has(\.metric) { metric = host.pointee.metric }
        if has(\.progress) { progress = host.pointee.progress }
    }
}
