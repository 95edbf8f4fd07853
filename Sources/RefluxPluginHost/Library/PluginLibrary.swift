/// A library that passed every check that can be made without running it.
public struct PluginLibrary: Sendable, Equatable {
    /// The manifest that names it.
    public var manifest: PluginManifest
    /// The absolute path of the library.
    public var path: String
    /// SHA-256 in hexadecimal digits.
    public var sha256: String
    /// Device, inode, size and times when it was hashed, so that a swap is seen.
    public var identity: [Int64]
}
