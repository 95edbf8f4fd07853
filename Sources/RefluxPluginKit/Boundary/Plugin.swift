public import CRefluxPlugin
import Synchronization

/// What the entry function of a plugin returns.
public typealias PluginTable = UnsafePointer<reflux_plugin>

/// A plugin: its name and its extensions. Make one as a global constant, and return its table from
/// the one function that a plugin exports:
/// ```swift
/// let plugin = Plugin(
///     id: "any-answer", version: "1.0.0", license: "MIT", description: "Accepts whatever answers.",
///     extensions: [.rule(AnyAnswer.self)])
///
/// @c(reflux_plugin_entry_v1)
/// public func refluxPluginEntry() -> PluginTable { plugin.table }
/// ```
///
/// A library can hold 32 extensions. What is wrong with the declarations, for instance a default out
/// of its bounds, is told to the host when it starts the plugin.
public struct Plugin: Sendable {
    private let address: UInt

    /// Makes a plugin and the tables that the host reads. They are never freed.
    ///
    /// - Parameters:
    ///   - id: equal to the name of the plugin's folder: lower-case letters, digits, hyphens, dots.
    ///   - name: for people; the id, if it is left out.
    ///   - version: three numbers, as SemVer has them.
    ///   - license: an SPDX expression.
    ///   - description: one paragraph.
    ///   - extensions: what the plugin offers.
    public init(
        id: String, name: String? = nil, version: String, license: String, description: String,
        extensions: [Extension]
    ) {
        var problems = extensions.flatMap(\.about.problems)
        let tables = extensions.compactMap { part -> UnsafePointer<reflux_extension>? in
            guard let creator = Slots.take(.init(about: part.about, make: part.make)) else {
                problems.append("A library holds at most \(Slots.limit) extensions.")
                return nil
            }
            return pointer(to: part.declaration(creator))
        }
        let list = UnsafeMutablePointer<UnsafePointer<reflux_extension>?>.allocate(
            capacity: max(1, tables.count))
        for (index, table) in tables.enumerated() { list[index] = table }
        Self.problems.withLock { $0 += problems }
        let plugin = reflux_plugin(
            magic: Code.pluginMagic,
            struct_size: structSize(through: \reflux_plugin.extension_count),
            abi_minor: UInt32(REFLUX_ABI_MINOR), min_host_minor: 0, reserved: 0,
            id: .immortal(id), name: .immortal(name ?? id), version: .immortal(version),
            license: .immortal(license), description: .immortal(description),
            language: .immortal("swift"), toolchain: .immortal(Self.toolchain),
            init: problems.isEmpty ? start : refuse, deinit: nil,
            extensions: UnsafePointer(list), extension_count: UInt64(tables.count))
        address = UInt(bitPattern: pointer(to: plugin))
    }

    /// The table for the host; always the same one.
    public var table: PluginTable {
        // The address is the one of the memory that init allocated.
        PluginTable(bitPattern: address).unsafelyUnwrapped
    }

    /// What is wrong with the declarations of this library's plugins.
    static let problems = Mutex<[String]>([])

    private static var toolchain: String {
        #if compiler(>=6.5)
            "swift 6.5 or newer"
        #elseif compiler(>=6.4)
            "swift 6.4"
        #else
            "swift 6.3"
        #endif
    }
}

private typealias Start = @convention(c) (UnsafePointer<reflux_host>?, OpaquePointer?) -> Int32

private let start: Start = { host, call in
    if let host { HostServices.current.withLock { $0 = HostServices(host) } }
    return answer(call) { _ in
        guard host != nil else { throw PluginError("The host gave no table of services.") }
    }
}

private let refuse: Start = { host, call in
    if let host { HostServices.current.withLock { $0 = HostServices(host) } }
    return answer(call) { _ in
        throw PluginError(Plugin.problems.withLock { $0.joined(separator: " ") })
    }
}

private func pointer<Value>(to value: Value) -> UnsafePointer<Value> {
    let pointer = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    pointer.initialize(to: value)
    return UnsafePointer(pointer)
}

extension Extension {
    fileprivate func declaration(_ creator: Creator) -> reflux_extension {
        reflux_extension(
            struct_size: structSize(through: \reflux_extension.table),
            concurrency: about.concurrency == .parallel
                ? Code.concurrencyParallel : Code.concurrencySerial,
            deterministic: about.isDeterministic ? 1 : 0,
            stability: about.stability == .stable
                ? Code.stabilityStable : Code.stabilityExperimental,
            kind: .immortal(kind), id: .immortal(about.id), title: .immortal(about.title),
            description: .immortal(about.description),
            config_schema: .immortal(about.schema.description), table: table(creator))
    }
}
