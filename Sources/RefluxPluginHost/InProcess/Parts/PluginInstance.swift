import CRefluxPlugin
import RefluxCore
import Synchronization

/// What an instance is made from.
struct InstanceOrigin: Sendable {
    /// Who is called.
    let site: CallSite
    /// Whether its functions may only be called once at a time.
    let isSerial: Bool
    /// The name, the configuration and the seed.
    var request: ExtensionRequest
    /// The functions.
    let table: ExtensionTable
    /// The library's instances.
    let life: PluginLife
}

/// One instance of an extension: made by `create`, freed by `destroy` when the part that holds it
/// goes. Instances that are serial are called once at a time.
final class PluginInstance: @unchecked Sendable {
    /// The type of every kind's `create`.
    typealias Create =
        @convention(c) (
            OpaquePointer?, UnsafePointer<reflux_creation>?,
            UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        ) -> Int32
    /// The type of every kind's `destroy`.
    typealias Destroy = @convention(c) (UnsafeMutableRawPointer?) -> Void

    /// Who is called.
    let site: CallSite
    private let handle: UnsafeMutableRawPointer
    private let destroy: Destroy
    private let life: PluginLife
    private let isSerial: Bool
    private let turn = Mutex(())

    /// Makes an instance.
    ///
    /// - Throws: `RefluxError` of the checks `instance.create` and `instance.handle`, or of one of a
    ///   call.
    init(_ origin: InstanceOrigin, create: Create?, destroy: Destroy?) throws {
        site = origin.site
        let request = origin.request
        guard let create, let destroy else { throw site.missing("create or destroy") }
        let arena = CallArena()
        var creation = reflux_creation()
        creation.struct_size = UInt32(TableCopy.size(through: \reflux_creation.base_folder))
        creation.configuration = arena.text(request.configuration)
        creation.seed = request.seed
        creation.base_folder = arena.text(request.baseFolder)
        let input = arena.put(creation)
        let slot = arena.output(
            "the handle", count: 1, filledWith: UnsafeMutableRawPointer?.none)
        let frame = CallFrame(function: "create", isLimited: false)
        let outputs = try site.perform(frame, failure: .instanceCreate, arena: arena) {
            create($0, input, slot)
        }
        guard let handle = slot.pointee else {
            throw site.error(
                .instanceHandle, item: nil, found: "create returned REFLUX_OK, but no handle",
                wanted: "a handle that is not NULL")
        }
        if let json = outputs.configuration {
            guard JSONMeaning.isObject(json) else {
                destroy(handle)
                throw site.error(
                    .instanceCreate, item: nil,
                    found: "the configuration in effect is not a JSON object",
                    wanted: "the text of a JSON object")
            }
            site.plugin.services.effectiveConfiguration(request.extensionID, json)
        }
        self.handle = handle
        self.destroy = destroy
        isSerial = origin.isSerial
        life = origin.life
        life.begin()
    }

    deinit {
        destroy(handle)
        life.finish()
    }

    /// Calls a function of the instance, in turn when it is serial.
    func perform(
        _ frame: CallFrame, arena: CallArena? = nil,
        _ body: (UnsafeMutableRawPointer, OpaquePointer?) -> Int32
    ) throws -> CallOutputs {
        guard isSerial else {
            return try site.perform(frame, arena: arena) { body(handle, $0) }
        }
        return try turn.withLock { _ in
            try site.perform(frame, arena: arena) { body(handle, $0) }
        }
    }
}

extension CallSite {
    /// A function that the loader found, and that is not there.
    func missing(_ function: String) -> RefluxError {
        error(
            .loadFunction, item: nil, found: "\(function) is NULL",
            wanted: "a function table whose required functions are all there")
    }
}
