/// What `plugin.json` says of a plugin, checked. Reading it runs no code of the plugin.
public struct PluginManifest: Sendable, Equatable {
    /// The plugin's id, equal to its folder's name.
    public var id: String
    /// The name for people.
    public var name: String
    /// SemVer.
    public var version: String
    /// SPDX.
    public var license: String
    /// One paragraph.
    public var description: String
    /// The ABI major that the plugin speaks.
    public var abiMajor: Int
    /// The lowest host minor with which it works.
    public var abiMinimumMinor: Int
    /// The libraries, one a platform.
    public var libraries: [Library]
    /// What it was built with: `language`, `toolchain`, `stdlib`.
    public var runtime: [String: String]
    /// Its extensions.
    public var provides: [PluginExtension]
    /// Host services that it cannot do without.
    public var requiredServices: [String]
    /// Processor features that it cannot do without, as `/proc/cpuinfo` names them.
    public var requiredProcessorFeatures: [String]
    /// Golden cases for `reflux plugin check`, as paths in the folder.
    public var tests: [String]
    /// What is odd but no reason to refuse it: unknown keys, with the nearest known name.
    public var warnings: [String]
    /// The absolute path of the plugin's folder, with symbolic links resolved.
    public var folder: String
    /// SHA-256 of the bytes of `plugin.json`, in hexadecimal digits.
    public var sha256: String

    /// A library of one platform.
    public struct Library: Sendable, Equatable {
        /// `linux`.
        public var os: String
        /// `x86_64` or `aarch64`.
        public var architecture: String
        /// Relative to the plugin's folder.
        public var path: String
        /// SHA-256 in hexadecimal digits.
        public var sha256: String
        /// Bytes.
        public var size: Int
    }

    /// The path of `plugin.json`.
    public var path: String { "\(folder)/plugin.json" }
}

/// An extension as manifest and binary describe it.
public struct PluginExtension: Sendable, Equatable, Codable {
    /// Whether the functions of an instance may be called from several threads at once.
    public enum Concurrency: String, Sendable, Codable, CaseIterable {
        /// One call at a time.
        case serial
        /// Several at once.
        case parallel
    }
    /// What the author promises.
    public enum Stability: String, Sendable, Codable, CaseIterable {
        /// May change.
        case experimental
        /// Keeps its meaning within the plugin's major version.
        case stable
    }

    /// What it is.
    public var kind: PluginKind
    /// The id for run files.
    public var id: String
    /// One line.
    public var title: String
    /// A paragraph.
    public var description: String
    /// What its configuration may be, as the text of a JSON schema.
    public var configurationSchema: String
    /// Whether instances may be called from several threads.
    public var concurrency: Concurrency
    /// Whether equal inputs give equal outputs in every process.
    public var isDeterministic: Bool
    /// What the author promises.
    public var stability: Stability

    /// Makes a description.
    public init(
        kind: PluginKind, id: String, title: String, description: String,
        configurationSchema: String, concurrency: Concurrency, isDeterministic: Bool,
        stability: Stability
    ) {
        self.kind = kind
        self.id = id
        self.title = title
        self.description = description
        self.configurationSchema = configurationSchema
        self.concurrency = concurrency
        self.isDeterministic = isDeterministic
        self.stability = stability
    }
}

/// What the entry table of a loaded library says.
public struct PluginDescription: Sendable, Equatable, Codable {
    /// The plugin's id.
    public var id: String
    /// The name for people.
    public var name: String
    /// SemVer.
    public var version: String
    /// SPDX.
    public var license: String
    /// One paragraph.
    public var description: String
    /// The language it is written in.
    public var language: String
    /// What built it.
    public var toolchain: String
    /// The ABI minor it was built with.
    public var abiMinor: Int
    /// The lowest host minor with which it works.
    public var minimumHostMinor: Int
    /// Its extensions.
    public var extensions: [PluginExtension]
}
