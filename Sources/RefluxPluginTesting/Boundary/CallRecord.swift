import CRefluxPlugin
import RefluxPluginKit
import Synchronization

/// One call into a plugin, as the services of the mock host see it: reflux_call points to it.
final class CallRecord: Sendable {
    struct State: Sendable {
        var errorText: String?
        var journal = Journal()
        var label: String?
        var abstention: String?
        var abstentions: [Int: String] = [:]
        var names: [String] = []
        var examples: [Example] = []
        var text: String?
        var messages: [Message] = []
        var stops: [String] = []
        var answers: [Int: String] = [:]
        var responses: [(prompt: Int, response: Response)] = []
    }

    let state = Mutex(State())
    let seed: UInt64
    let owner: String
    let item: Int
    let isCancelled: @Sendable () -> Bool
    let remaining: Duration?

    init(
        seed: UInt64, owner: String, item: Int, isCancelled: @escaping @Sendable () -> Bool,
        remaining: Duration?
    ) {
        self.seed = seed
        self.owner = owner
        self.item = item
        self.isCancelled = isCancelled
        self.remaining = remaining
    }

    /// What the plugin is handed; valid as long as the record lives.
    var pointer: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

    static func of(_ call: OpaquePointer?) -> CallRecord? {
        call.map {
            Unmanaged<CallRecord>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue()
        }
    }

    /// Changes the record of a call; does nothing for a NULL.
    static func note(_ call: OpaquePointer?, _ body: (inout State) -> Void) {
        of(call)?.state.withLock { body(&$0) }
    }

    /// Words that depend on seed, extension, item, stream and position only (SplitMix64).
    func words(stream: UInt64, position: UInt64) -> [UInt32] {
        var state = seed
        let parts = owner.utf8.map { UInt64($0) } + [UInt64(item), stream, position]
        for part in parts { state = Self.mix(state ^ Self.mix(part)) }
        return (UInt64(1)...4).map { UInt32(truncatingIfNeeded: Self.mix(state &+ $0) >> 32) }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
