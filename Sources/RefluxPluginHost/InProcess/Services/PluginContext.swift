import RefluxCore

/// What all calls into one loaded plugin share.
final class PluginContext: Sendable {
    /// The plugin's id.
    let id: String
    /// The plugin's version.
    let version: String
    /// Its folder, where errors point to.
    let folder: String
    /// Where it says things.
    let services: PluginServices
    /// Its log lines.
    let log: LogGate

    /// Makes the context of a plugin.
    init(id: String, version: String, folder: String, services: PluginServices) {
        self.id = id
        self.version = version
        self.folder = folder
        self.services = services
        log = LogGate(plugin: id, sink: services.log)
    }
}

/// An extension that is called: the context of its errors and of its random numbers.
struct CallSite: Sendable {
    /// The plugin.
    let plugin: PluginContext
    /// The extension; `nil` for calls of the plugin as a whole.
    let extensionID: String?
    /// The seed of its random numbers.
    let seed: UInt64

    /// Makes the site of an extension.
    init(plugin: PluginContext, extensionID: String?, runSeed: UInt64) {
        self.plugin = plugin
        self.extensionID = extensionID
        seed = runSeed ^ fnv1a("\(plugin.id):\(extensionID ?? "")".utf8)
    }

    /// Where an error happened: the plugin's folder, then the extension and the item.
    func place(_ item: String? = nil) -> SourceLocation {
        let key = [extensionID, item.map(LogGate.clean)].compactMap { $0 }.joined(separator: ": ")
        return SourceLocation(path: plugin.folder, key: key.isEmpty ? nil : key)
    }

    /// An error of this extension's.
    func error(
        _ check: PluginCheck, _ kind: RefluxError.Kind = .broken, item: String?, found: String,
        wanted: String, remedy: String = "This is a fault of the plugin: tell its author."
    ) -> RefluxError {
        check.error(kind, found: found, at: place(item), wanted: wanted, remedy: remedy)
    }
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo, 1991): the same in every process, unlike `Hasher`.
func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
}
