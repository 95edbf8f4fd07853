/// Who makes an instance of an extension, and for which run.
public struct HostInfo: Sendable {
    /// The host's name and version, for instance `reflux 0.2.0`.
    public let name: String
    /// The minor version of the boundary that it speaks.
    public let minorVersion: Int
    /// The run's seed. Draw random numbers from ``Call`` rather than from generators of your own.
    public let seed: UInt64
    /// The absolute folder against which relative paths of the run were resolved.
    public let baseFolder: String
    /// The services, for log lines while the instance is being made. Not to be kept.
    public let call: Call
}
