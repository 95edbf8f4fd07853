import Foundation
import RefluxPluginHost

// How the cases of the manifest are made.

/// A sound plugin whose folder is changed afterwards.
func manifestSpoiled(
    _ name: String, _ check: PluginCheck, _ message: String,
    _ spoil: @escaping @Sendable (_ plugin: String) throws -> Void
) -> CorpusCase {
    CorpusCase(
        "manifest/\(name)", stage: .manifest, check: check, message: message,
        make: { folder in
            let plugin = try PluginBuilder().build(in: folder)
            try spoil(plugin)
            return plugin
        })
}

/// A sound plugin whose manifest has other bytes.
func manifestBytes(
    _ name: String, _ check: PluginCheck, _ message: String,
    _ change: @escaping @Sendable (Data) -> Data
) -> CorpusCase {
    manifestSpoiled(name, check, message) { plugin in
        let file = URL(fileURLWithPath: "\(plugin)/plugin.json")
        try change(try Data(contentsOf: file)).write(to: file)
    }
}

/// A sound plugin with other values in its manifest.
func manifestField(
    _ name: String, _ check: PluginCheck, _ message: String,
    _ change: @escaping @Sendable (inout [String: Any]) -> Void
) -> CorpusCase {
    CorpusCase(
        "manifest/\(name)", stage: .manifest, check: check, message: message,
        make: { folder in
            var plugin = PluginBuilder()
            plugin.manifest = change
            return try plugin.build(in: folder)
        })
}

/// A sound plugin whose library is listed with other values.
func manifestLibrary(
    _ name: String, _ check: PluginCheck, _ message: String,
    _ change: @escaping @Sendable (inout [String: Any]) -> Void
) -> CorpusCase {
    first("libraries", name, check, message, change)
}

/// A sound plugin whose extension is listed with other values.
func manifestProvided(
    _ name: String, _ check: PluginCheck, _ message: String,
    _ change: @escaping @Sendable (inout [String: Any]) -> Void
) -> CorpusCase {
    first("provides", name, check, message, change)
}

private func first(
    _ list: String, _ name: String, _ check: PluginCheck, _ message: String,
    _ change: @escaping @Sendable (inout [String: Any]) -> Void
) -> CorpusCase {
    manifestField(name, check, message) { values in
        var items = values[list] as? [[String: Any]] ?? []
        guard !items.isEmpty else { return }
        change(&items[0])
        values[list] = items
    }
}

/// A sound plugin with one setting.
func manifestSetting(
    _ name: String, _ message: String,
    _ property: @autoclosure @escaping @Sendable () -> [String: Any?],
    name key: String = "scale", required: Bool = false
) -> CorpusCase {
    manifestProvided(name, .manifestSchema, message) { values in
        var given = property()
        if given["description"] == nil { given["description"] = "What it does." }
        values["config_schema"] =
            [
                "type": "object", "properties": [key: given.compactMapValues { $0 }],
                "required": required ? [key] : [],
            ] as [String: Any]
    }
}

func discard(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

extension Data {
    /// The bytes with a text replaced by others.
    func replacing(_ text: String, with bytes: [UInt8]) -> Data {
        guard let range = range(of: Data(text.utf8)) else { return self }
        var copy = self
        copy.replaceSubrange(range, with: bytes)
        return copy
    }

    func replacing(_ text: String, with other: String) -> Data {
        replacing(text, with: Array(other.utf8))
    }
}
