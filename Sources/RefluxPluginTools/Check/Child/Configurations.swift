import RefluxCore
import RefluxFiles
import RefluxPluginHost

/// The configurations with which an extension is tried.
struct Configurations {
    let manifest: PluginManifest
    let subject: PluginExtension
    let schema: SettingsSchema

    /// Reads the extension's schema, which reading the manifest has checked.
    init(_ subject: PluginExtension, in manifest: PluginManifest) throws {
        self.manifest = manifest
        self.subject = subject
        schema = try SettingsSchema(
            subject.configurationSchema, for: subject.kind,
            at: SourceLocation(path: manifest.path, key: "\(subject.id): config_schema"))
    }

    /// The whole configuration for given settings; the others get their defaults.
    ///
    /// - Throws: `RefluxError` when the schema does not allow them.
    func whole(_ given: ConfigurationNode) throws -> String {
        let reader = try ConfigurationReader(given)
        let settings = try schema.read(reader, baseFolder: manifest.folder)
        try reader.finish()
        return settings.json
    }

    /// The settings with which the extension is tried: those of its first golden case, else the
    /// defaults.
    func ordinary() throws -> String {
        let first = try GoldenFile.cases(of: manifest).first { $0.extensionID == subject.id }
        return try whole(first?.configuration ?? table([]))
    }

    /// Whether the ordinary settings differ from the defaults.
    func defaults() throws -> String? {
        schema.properties.contains(where: \.isRequired) ? nil : try schema.defaults()
    }

    /// Settings that the schema must refuse, each with what is wrong with it.
    var wrong: [(what: String, settings: ConfigurationNode)] {
        var all = [("an unknown key", table([("no_such_setting_", .integer(1))]))]
        for property in schema.properties {
            let value: ConfigurationValue =
                property.type == .boolean || property.type == .array
                ? .table([]) : property.type == .string ? .bool(true) : .string("wrong")
            all.append(("a wrong type of \(property.name)", table([(property.name, value)])))
            if let least = property.minimum {
                all.append(("too small a \(property.name)", number(property, least - 1)))
            }
            if let most = property.maximum {
                all.append(("too large a \(property.name)", number(property, most + 1)))
            }
            if !property.choices.isEmpty {
                let value = ConfigurationValue.string("no such choice")
                all.append(("no choice of \(property.name)", table([(property.name, value)])))
            }
        }
        return all
    }

    /// Settings at the edge of what the schema allows, each with its name.
    var limits: [(what: String, settings: ConfigurationNode)] {
        schema.properties.flatMap { property -> [(String, ConfigurationNode)] in
            let name = property.name
            if property.isPath { return [("a missing \(name)", text(name, "/no/such/file"))] }
            switch property.type {
            case .number, .integer:
                let whole = property.type == .integer ? 1e6 : 1e30
                return [
                    ("the least \(name)", number(property, property.minimum ?? -whole)),
                    ("the largest \(name)", number(property, property.maximum ?? whole)),
                ]
            case .boolean:
                return [false, true].map { ("\(name) \($0)", table([(name, .bool($0))])) }
            case .string where !property.choices.isEmpty:
                return property.choices.map { ("\(name) \($0)", text(name, $0)) }
            case .string:
                return [
                    ("an empty \(name)", text(name, "")),
                    ("an odd \(name)", text(name, "\"\\\n é")),
                ]
            case .array: return [("an empty \(name)", table([(name, .list([]))]))]
            }
        }
    }

    private var place: SourceLocation { SourceLocation(path: manifest.folder, key: subject.id) }

    private func table(_ values: [(String, ConfigurationValue)]) -> ConfigurationNode {
        ConfigurationNode(
            .table(values.map { ConfigurationEntry($0.0, ConfigurationNode($0.1, at: place)) }),
            at: place)
    }

    private func text(_ name: String, _ value: String) -> ConfigurationNode {
        table([(name, .string(value))])
    }

    private func number(_ property: SettingsSchema.Property, _ value: Double) -> ConfigurationNode {
        let isWhole = property.type == .integer && abs(value) < 1e15
        return table([(property.name, isWhole ? .integer(Int(value)) : .number(value))])
    }
}

extension RefluxError {
    /// Whether a plugin refused in words, as it may, instead of breaking its contract.
    var isHonestRefusal: Bool {
        kind == .input && ["call.status", "instance.create"].contains(check ?? "")
            && !found.contains(RefluxError.noReason)
    }

    /// What the host says when a plugin gives no text for its error.
    static let noReason = "gave no reason"
}
