import CRefluxPlugin
import RefluxFiles

/// What this host offers to plugins: platform, ABI, services.
package struct HostPlatform: Sendable, Equatable {
    /// As manifests name it.
    package var os: String
    /// As manifests name it.
    package var architecture: String
    /// As `/proc/cpuinfo` names them.
    package var processorFeatures: Set<String>
    /// The ABI major that the host speaks.
    package var abiMajor: Int
    /// The ABI minor that the host speaks.
    package var abiMinor: Int
    /// The services that the host offers, by their names in manifests.
    package var services: [String]

    /// This host.
    package static let current = HostPlatform(
        os: "linux", architecture: architectureName, processorFeatures: readProcessorFeatures(),
        abiMajor: Int(REFLUX_ABI_MAJOR), abiMinor: Int(REFLUX_ABI_MINOR),
        services: ["log", "cancellation", "random", "metrics", "progress"])

    /// For instance `linux x86_64`.
    package var name: String { "\(os) \(architecture)" }

    private static var architectureName: String {
        #if arch(arm64)
            "aarch64"
        #else
            "x86_64"
        #endif
    }

    /// The first processor's `flags` (x86) or `Features` (Arm); none where they cannot be read.
    private static func readProcessorFeatures() -> Set<String> {
        guard let text = try? Files.readText("/proc/cpuinfo") else { return [] }
        for line in text.split(separator: "\n")
        where line.hasPrefix("flags") || line.hasPrefix("Features") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            return Set(line[line.index(after: colon)...].split(separator: " ").map(String.init))
        }
        return []
    }
}
