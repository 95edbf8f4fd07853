import Foundation
import RefluxCore
import RefluxFiles

/// Checks the fields of a manifest, one after the other.
struct ManifestReader {
    private let top: JSONFieldReader
    private let file: String
    private let host: HostPlatform

    init(_ root: JSONNode, file: String, host: HostPlatform) throws {
        guard case .object = root.value else {
            throw PluginCheck.manifestJSON.error(
                found: root.value.inWords, at: SourceLocation(path: file, line: root.line),
                wanted: "one JSON object", remedy: PluginManifest.remedy)
        }
        self.file = file
        self.host = host
        top = try JSONFieldReader(
            root, file: file,
            known: [
                "manifest_version", "id", "name", "version", "license", "description", "abi",
                "libraries", "runtime", "provides", "requires", "tests",
            ], check: .manifestField, remedy: PluginManifest.remedy)
    }

    /// The manifest, without its own digest.
    func read(folder: String) throws -> PluginManifest {
        var unknown = top.unknown(ownFields: true)
        try checkVersion()
        let id = try id(folder: folder)
        let abi = try abi(&unknown)
        let name = try top.text("name")
        let version = try top.text("version")
        guard PluginName.isVersion(version) else {
            throw top.wrong(
                "version", wanted: "a version by SemVer, for instance 1.0.0",
                remedy: "See semver.org.")
        }
        let license = try top.text("license")
        let description = try top.text("description", lines: true)
        let libraries = try libraries(&unknown)
        let runtime = try runtime(&unknown)
        let provides = try ExtensionsReader(top: top, file: file).read(&unknown)
        let requires = try requires(&unknown)
        return PluginManifest(
            id: id, name: name, version: version, license: license, description: description,
            abiMajor: abi.major, abiMinimumMinor: abi.minor, libraries: libraries,
            runtime: runtime, provides: provides, requiredServices: requires.services,
            requiredProcessorFeatures: requires.features, tests: try tests(),
            warnings: unknown.sorted { $0.location?.line ?? 0 < $1.location?.line ?? 0 }
                .map(\.description),
            folder: folder, sha256: "")
    }

    private func checkVersion() throws {
        let version = try top.integer("manifest_version", in: 1...Int.max)
        guard version == 1 else {
            throw top.wrong(
                "manifest_version", wanted: "1", check: .manifestVersion,
                remedy: "The plugin is newer than this reflux: install a newer reflux.")
        }
    }

    private func id(folder: String) throws -> String {
        guard case .string(let id) = try top.required("id", "a text").value else {
            throw top.wrong("id", wanted: "a text")
        }
        guard PluginName.isPluginID(id) else {
            throw top.wrong(
                "id",
                wanted: "lower-case words and digits joined by hyphens or dots, at most "
                    + "64 bytes", check: .manifestID, remedy: "Rename the plugin and its folder.")
        }
        let name = folder.split(separator: "/").last.map(String.init) ?? ""
        guard id == name else {
            throw top.wrong(
                "id", wanted: "the name of the folder, \(quoted(name))", check: .manifestFolder,
                remedy: "Rename the folder to \"\(id)\".")
        }
        return id
    }

    private func abi(_ unknown: inout [RefluxError]) throws -> (major: Int, minor: Int) {
        let abi = try top.object("abi", known: ["major", "min_minor"])
        unknown += abi.unknown()
        let major = try abi.integer("major", in: 0...Int.max)
        let minor = try abi.integer("min_minor", in: 0...Int.max)
        let spoken = "ABI \(host.abiMajor).\(host.abiMinor), which this reflux speaks"
        if major < host.abiMajor {
            throw abi.wrong(
                "major", wanted: spoken, check: .manifestABI,
                found: "a plugin for the older ABI \(major)",
                remedy: "Build the plugin again with the headers of this reflux, or use a reflux "
                    + "of ABI \(major).")
        }
        if major > host.abiMajor || minor > host.abiMinor {
            throw abi.wrong(
                major > host.abiMajor ? "major" : "min_minor", wanted: spoken,
                check: .manifestABI, found: "a plugin that needs the newer ABI \(major).\(minor)",
                remedy: "Install a newer reflux, or an older version of the plugin.")
        }
        return (major, minor)
    }

    private func libraries(_ unknown: inout [RefluxError]) throws -> [PluginManifest.Library] {
        var libraries: [PluginManifest.Library] = []
        for reader in try top.objects("libraries", known: ["os", "arch", "path", "sha256", "size"])
        {
            unknown += reader.unknown()
            let library = PluginManifest.Library(
                os: try reader.text("os"), architecture: try reader.text("arch"),
                path: try reader.text("path"), sha256: try reader.text("sha256"),
                size: try reader.integer("size", in: 1...Int.max))
            let digits = Set("0123456789abcdef")
            guard library.sha256.count == 64, library.sha256.allSatisfy(digits.contains) else {
                throw reader.wrong("sha256", wanted: "64 lower-case hexadecimal digits")
            }
            guard
                !libraries.contains(where: {
                    $0.os == library.os && $0.architecture == library.architecture
                })
            else {
                throw reader.wrong(
                    "arch", wanted: "one library for each platform",
                    found: "a second library for \(library.os) \(library.architecture)",
                    remedy: "Remove one of the two.")
            }
            libraries.append(library)
        }
        return libraries
    }

    private func runtime(_ unknown: inout [RefluxError]) throws -> [String: String] {
        let reader = try top.object("runtime", known: ["language", "toolchain", "stdlib"])
        unknown += reader.unknown()
        var runtime = [
            "language": try reader.text("language"), "toolchain": try reader.text("toolchain"),
        ]
        if reader["stdlib"] != nil { runtime["stdlib"] = try reader.text("stdlib") }
        return runtime
    }

    private func requires(_ unknown: inout [RefluxError]) throws
        -> (services: [String], features: [String])
    {
        guard top["requires"] != nil else { return ([], []) }
        let reader = try top.object("requires", known: ["services", "cpu_features"])
        unknown += reader.unknown()
        let services = try reader.texts("services")
        if let missing = services.first(where: { !host.services.contains($0) }) {
            throw reader.wrong(
                "services", wanted: "services that this reflux offers", check: .manifestRequires,
                found: "the service \(quoted(missing))",
                remedy: suggestion(for: missing, known: host.services)
                    + " A newer reflux may offer more.")
        }
        let features = try reader.texts("cpu_features")
        if let missing = features.first(where: { !host.processorFeatures.contains($0) }) {
            throw reader.wrong(
                "cpu_features", wanted: "features that this processor has",
                check: .manifestRequires, found: "the processor feature \(quoted(missing))",
                remedy: "Use the plugin on another machine, or a version of it that does without.")
        }
        return (services, features)
    }

    private func tests() throws -> [String] {
        let tests = try top.texts("tests")
        if let stray = tests.first(where: {
            $0.utf8.first == UInt8(ascii: "/") || Files.parts(of: $0).contains("..")
        }) {
            throw top.wrong(
                "tests", wanted: "paths in the plugin's folder", found: "the path \(quoted(stray))")
        }
        return tests
    }
}
