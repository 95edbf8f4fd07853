import Foundation
public import RefluxCore
import RefluxFiles

extension SettingsSchema {
    /// The checked settings of one extension.
    public struct Settings: Sendable, Equatable {
        /// The text of a JSON object: every key of the schema in its order, with the run file's
        /// values or the defaults; paths are absolute.
        public var json: String
        /// The absolute paths of the settings with the format `path` that are not empty, in the
        /// order of the schema.
        public var files: [String]
    }

    /// Takes every setting from a table of the run file. The caller then calls
    /// `ConfigurationReader.finish()`, as the registry does.
    ///
    /// - Parameters:
    ///   - reader: the table; every setting goes into its `resolved`, paths as they were written.
    ///   - baseFolder: the folder against which relative paths are resolved; `~/` is the home
    ///     folder.
    /// - Returns: the settings as plugins get them.
    /// - Throws: ``RefluxError`` of kind `usage` with the place of the key: a wrong type, out of
    ///   range, a required setting that is not there.
    public func read(_ reader: ConfigurationReader, baseFolder: String) throws -> Settings {
        var values: [String: JSONValue] = [:]
        var files: [String] = []
        for property in properties {
            let value = try property.read(reader)
            reader.record(
                property.name, ConfigurationValue(value, at: reader.place(of: property.name)))
            values[property.name] = value
            guard property.isPath, case .string(let text) = value, !text.isEmpty else { continue }
            let path = Self.absolute(text, in: baseFolder)
            values[property.name] = .string(path)
            files.append(path)
        }
        return Settings(json: json { values[$0.name] ?? .null }, files: files)
    }

    private static func absolute(_ path: String, in folder: String) -> String {
        let path = Files.expand(path)
        guard !path.hasPrefix("/") else { return path }
        let base = Files.expand(folder)
        let root =
            base.hasPrefix("/") ? base : FileManager.default.currentDirectoryPath + "/" + base
        return root.hasSuffix("/") ? root + path : "\(root)/\(path)"
    }
}

extension SettingsSchema.Property {
    fileprivate func read(_ reader: ConfigurationReader) throws -> JSONValue {
        guard let node = reader.node(name) else {
            guard let defaultValue else {
                let sentence = description.hasSuffix(".") ? description : description + "."
                throw reader.wrong(name, wanted: wanted, remedy: "It is required: \(sentence)")
            }
            return defaultValue
        }
        let given = JSONValue(node.value)
        if let index = firstWrongElement(of: given), case .list(let elements) = node.value {
            throw RefluxError(
                .usage, found: "found \(elements[index].value.kindName)",
                at: elements[index].location, wanted: wanted)
        }
        guard let value = accept(given), !(isPath && isRequired && value == .string("")) else {
            throw reader.wrong(name, wanted: wanted, remedy: nearestChoice(to: given))
        }
        return value
    }

    private func nearestChoice(to value: JSONValue) -> String? {
        guard case .string(let text) = value else { return nil }
        return nearestName(to: text, in: choices).map { "Did you mean \"\($0)\"?" }
    }
}

extension JSONValue {
    /// The value of a run file.
    init(_ value: ConfigurationValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let value): .bool(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .string(let value): .string(value)
            case .list(let nodes): .array(nodes.map { JSONValue($0.value) })
            case .table(let entries):
                .object(
                    entries.map { JSONMember(key: $0.key, node: JSONNode(.init($0.node.value))) })
            }
    }
}

extension ConfigurationValue {
    /// The value with one place for all of its parts.
    init(_ value: JSONValue, at place: SourceLocation) {
        self =
            switch value {
            case .null: .null
            case .bool(let value): .bool(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .string(let value): .string(value)
            case .array(let nodes):
                .list(nodes.map { ConfigurationNode(.init($0.value, at: place), at: place) })
            case .object(let members):
                .table(
                    members.map {
                        ConfigurationEntry(
                            $0.key, ConfigurationNode(.init($0.node.value, at: place), at: place))
                    })
            }
    }
}
