import CRefluxPlugin
import Synchronization

/// How a function table makes an instance.
typealias Creator =
    @convention(c) (
        OpaquePointer?, UnsafePointer<reflux_creation>?,
        UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Int32

/// The extensions of this library, by slot.
///
/// `create` is a plain C function: it is not told which extension it makes, and Swift cannot form a C
/// function from a closure that captures a type. So there is one C function a slot.
enum Slots {
    /// What a slot makes.
    struct Content: Sendable {
        var about: About
        var make: @Sendable (Settings, HostInfo) throws -> AnyObject
    }

    private static let contents = Mutex<[Content]>([])

    /// The most extensions of a library.
    static var limit: Int { creators.count }

    /// Takes the next slot; `nil` when none is left.
    static func take(_ content: Content) -> Creator? {
        let slot = contents.withLock { contents in
            contents.append(content)
            return contents.count - 1
        }
        return slot < limit ? creators[slot] : nil
    }

    static func create(
        _ slot: Int, _ call: OpaquePointer?, _ creation: UnsafePointer<reflux_creation>?,
        _ instance: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Int32 {
        answer(call) { call in
            let content = contents.withLock { $0[slot] }
            let creation = try required(creation, "the creation")
            let json = try JSONValue(parsing: creation.configuration.text ?? "{}")
            let settings = try Settings(json, for: content.about)
            let host = HostInfo(
                name: call.scope.host.name, minorVersion: call.scope.host.minorVersion,
                seed: creation.seed, baseFolder: creation.base_folder.text ?? "/", call: call)
            let made = try content.make(settings, host)
            call.scope.setConfiguration(settings.json.description)
            instance?.pointee = Unmanaged.passRetained(made).toOpaque()
        }
    }

    /// Frees an instance of any slot.
    static let destroy: @convention(c) (UnsafeMutableRawPointer?) -> Void = { instance in
        if let instance { Unmanaged<AnyObject>.fromOpaque(instance).release() }
    }

    private static let creators: [Creator] = [
        { create(0, $0, $1, $2) },
        { create(1, $0, $1, $2) },
        { create(2, $0, $1, $2) },
        { create(3, $0, $1, $2) },
        { create(4, $0, $1, $2) },
        { create(5, $0, $1, $2) },
        { create(6, $0, $1, $2) },
        { create(7, $0, $1, $2) },
        { create(8, $0, $1, $2) },
        { create(9, $0, $1, $2) },
        { create(10, $0, $1, $2) },
        { create(11, $0, $1, $2) },
        { create(12, $0, $1, $2) },
        { create(13, $0, $1, $2) },
        { create(14, $0, $1, $2) },
        { create(15, $0, $1, $2) },
        { create(16, $0, $1, $2) },
        { create(17, $0, $1, $2) },
        { create(18, $0, $1, $2) },
        { create(19, $0, $1, $2) },
        { create(20, $0, $1, $2) },
        { create(21, $0, $1, $2) },
        { create(22, $0, $1, $2) },
        { create(23, $0, $1, $2) },
        { create(24, $0, $1, $2) },
        { create(25, $0, $1, $2) },
        { create(26, $0, $1, $2) },
        { create(27, $0, $1, $2) },
        { create(28, $0, $1, $2) },
        { create(29, $0, $1, $2) },
        { create(30, $0, $1, $2) },
        { create(31, $0, $1, $2) },
    ]
}

/// The instance behind a handle of the host.
func instance<Instance: AnyObject>(
    _ handle: UnsafeMutableRawPointer?, as type: Instance.Type
) throws -> Instance {
    guard let handle else { throw PluginError("The host gave NULL for the instance.") }
    return Unmanaged<Instance>.fromOpaque(handle).takeUnretainedValue()
}
