import CRefluxPlugin
import RefluxPluginKit

/// An extension of a plugin as its table declares it. The table is constant and never freed.
struct ExtensionTable: @unchecked Sendable {
    let kind: String
    let id: String
    let schema: JSONValue
    let isParallel: Bool
    let table: UnsafeRawPointer

    init(_ declaration: reflux_extension) throws {
        id = declaration.id.text ?? ""
        kind = declaration.kind.text ?? ""
        schema = try JSONValue(parsing: declaration.config_schema.text ?? "")
        isParallel = declaration.concurrency == Code.concurrencyParallel
        guard let table = declaration.table else {
            throw MockHostError.contract("The extension \(id) has no function table.")
        }
        self.table = table
        guard !id.isEmpty, id.utf8.allSatisfy(Self.isAllowed) else {
            throw MockHostError.contract(
                "The extension's id is \"\(id)\", wanted lower-case letters, digits and hyphens.")
        }
    }

    /// The settings with the defaults filled in, as a host hands them over.
    func fillIn(_ settings: JSONValue) throws -> JSONValue {
        let properties = schema["properties"]?.members ?? []
        let given = settings.members ?? []
        if let unknown = given.first(where: { key in
            !properties.contains { $0.name == key.name }
        }) {
            throw MockHostError(
                kind: .usage, text: "\(id) has no setting \"\(unknown.name)\".")
        }
        return .object(
            properties.compactMap { property in
                (settings[property.name] ?? property.value["default"]).map {
                    JSONValue.Member(property.name, $0)
                }
            })
    }

    static func all(of plugin: reflux_plugin) throws -> [ExtensionTable] {
        let list = UnsafeBufferPointer(
            start: plugin.extensions, count: Int(plugin.extension_count))
        return try list.map { declaration in
            guard let declaration else {
                throw MockHostError.contract("The plugin lists a NULL as an extension.")
            }
            return try ExtensionTable(declaration.pointee)
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
}
