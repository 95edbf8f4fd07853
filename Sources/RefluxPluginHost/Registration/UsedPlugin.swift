/// A plugin of which parts were made: what the record of a run says of it.
public struct UsedPlugin: Sendable, Equatable {
    /// A part that was made.
    public struct Part: Sendable, Equatable {
        /// What it is.
        public var kind: PluginKind
        /// The extension's id.
        public var id: String
        /// What the part said is in effect, or else what it was given, as JSON.
        public var configuration: String
    }

    /// The plugin's id.
    public var id: String
    /// Its version.
    public var version: String
    /// Its folder.
    public var folder: String
    /// SHA-256 of `plugin.json`.
    public var manifestSHA256: String
    /// SHA-256 of the library that was loaded.
    public var librarySHA256: String
    /// Where its code ran.
    public var isolation: PluginChoice.Isolation
    /// The parts, each with each of its configurations once.
    public var parts: [Part]
}
