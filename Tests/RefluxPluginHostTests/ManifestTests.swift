import Foundation
import PluginCorpus
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxPluginHost

@Suite struct ManifestTests {
    private static let description = PluginDescription(
        id: "sample", name: "Sample", version: "1.2.0-rc.1+build.5", license: "MIT",
        description: "Two\nlines.", language: "C", toolchain: "cc 12", abiMinor: 0,
        minimumHostMinor: 0,
        extensions: [
            PluginExtension(
                kind: .policyOptimizer, id: "own-ppo", title: "An optimizer",
                description: "What it does.",
                configurationSchema: """
                    {"type": "object", "properties": {"clip": {"type": "number",
                     "default": 1, "description": "where it is clipped", "minimum": 0}}}
                    """, concurrency: .parallel, isDeterministic: true, stability: .stable),
            PluginExtension(
                kind: .rewardModel, id: "own-ppo", title: "A model", description: "None.",
                configurationSchema: "", concurrency: .serial, isDeterministic: false,
                stability: .experimental),
        ])
    private static let library = PluginManifest.Library(
        os: "linux", architecture: PluginBuilder.architecture, path: "lib/sample.so",
        sha256: String(repeating: "ab", count: 32), size: 7)

    private func plugin(_ text: String, in folder: String) throws -> String {
        try FileManager.default.createDirectory(
            atPath: "\(folder)/sample", withIntermediateDirectories: true)
        try write(text, to: "\(folder)/sample/plugin.json")
        return "\(folder)/sample"
    }

    @Test("a generated manifest reads back as it was meant, without warnings")
    func generated() throws {
        try withPluginFolder { folder in
            let text = try PluginManifest.text(
                of: Self.description, libraries: [Self.library], tests: ["tests/cases.jsonl"],
                standardLibrary: "libstdc++")
            let path = try plugin(text, in: folder)
            let manifest = try PluginManifest.read(folder: path)
            #expect(manifest.warnings == [])
            #expect(manifest.id == "sample")
            #expect(manifest.version == "1.2.0-rc.1+build.5")
            #expect(manifest.description == "Two\nlines.")
            #expect(manifest.libraries == [Self.library])
            #expect(
                manifest.runtime == [
                    "language": "C", "toolchain": "cc 12", "stdlib": "libstdc++",
                ])
            #expect(manifest.tests == ["tests/cases.jsonl"])
            #expect(manifest.provides.map(\.kind) == [.policyOptimizer, .rewardModel])
            #expect(
                manifest.provides[0].configurationSchema
                    == #"{"type":"object","properties":{"clip":{"type":"number","default":1,"#
                    + #""description":"where it is clipped","minimum":0}}}"#)
            #expect(manifest.provides[0].concurrency == .parallel)
            #expect(manifest.provides[0].isDeterministic)
            #expect(manifest.provides[0].stability == .stable)
            #expect(manifest.folder == path)
            #expect(manifest.path == "\(path)/plugin.json")
            #expect(manifest.sha256 == Files.sha256(of: Data(text.utf8)))
        }
    }

    @Test("a schema that is no JSON is not written into a manifest")
    func brokenSchema() throws {
        var description = Self.description
        description.extensions[0].configurationSchema = "{"
        #expect(
            refusal { _ = try PluginManifest.text(of: description, libraries: [Self.library]) }
                == "sample:1:1: own-ppo: it is not valid JSON: string or '}' expected near end "
                + "of file; wanted one JSON object. Correct the text at that place. "
                + "[manifest.schema]")
    }

    @Test("unknown keys are warnings with the nearest known name, and x- keys are the author's")
    func unknownKeys() throws {
        try withPluginFolder { folder in
            var builder = PluginBuilder()
            builder.manifest = { values in
                values["homepage"] = "https://example.org"
                values["test"] = ["a"]
                values["x-anything"] = ["deep": [1, 2]]
                values["abi"] = ["major": 1, "min_minor": 0, "minor": 3]
            }
            let path = try builder.build(in: folder)
            #expect(
                try PluginManifest.read(folder: path).warnings == [
                    "\(path)/plugin.json:5: abi: unknown key \"minor\"; wanted only known keys. "
                        + "Did you mean \"major\"? [manifest.keys]",
                    "\(path)/plugin.json:8: unknown key \"homepage\"; wanted only known keys. "
                        + "Begin the names of keys of your own with \"x-\". [manifest.keys]",
                    "\(path)/plugin.json:43: unknown key \"test\"; wanted only known keys. "
                        + "Did you mean \"tests\"? [manifest.keys]",
                ])
        }
    }

    @Test("a manifest that may not be read is refused")
    func unreadable() throws {
        try withPluginFolder { folder in
            let path = try PluginBuilder().build(in: folder)
            try PluginBuilder.run("chmod", ["000", "\(path)/plugin.json"])
            #expect(
                try withoutSuperuser { refusal { _ = try PluginManifest.read(folder: path) } }
                    == "\(path)/plugin.json: no permission to read it; wanted a regular file in "
                    + "the plugin's folder that can be read. Put the manifest itself there. "
                    + "[manifest.read]")
        }
    }

    @Test("a relative path with links and dots leads to the real folder")
    func folderIsResolved() throws {
        try withPluginFolder { folder in
            let path = try PluginBuilder().build(in: folder)
            try PluginBuilder.run("ln", ["-s", path, "\(folder)/sample-link"])
            #expect(try PluginManifest.read(folder: "\(folder)/sample-link/").folder == path)
            #expect(try PluginManifest.read(folder: "\(folder)/./sample/lib/..").folder == path)
        }
    }

    @Test("a link within the folder is followed")
    func innerLink() throws {
        try withPluginFolder { folder in
            let path = try PluginBuilder().build(in: folder)
            try PluginBuilder.run("mv", ["\(path)/plugin.json", "\(path)/real.json"])
            try PluginBuilder.run("ln", ["-s", "real.json", "\(path)/plugin.json"])
            #expect(try PluginManifest.read(folder: path).id == "sample")
        }
    }

    @Test("what the host offers decides: platform, services, processor, ABI")
    func host() throws {
        try withPluginFolder { folder in
            var builder = PluginBuilder()
            builder.manifest = { values in
                values["requires"] = ["services": ["log"], "cpu_features": ["avx2", "fma"]]
                values["abi"] = ["major": 2, "min_minor": 1]
            }
            let path = try builder.build(in: folder)
            var host = HostPlatform.current
            host.abiMajor = 2
            host.abiMinor = 1
            host.processorFeatures = ["avx2", "fma"]
            let manifest = try PluginManifest.read(folder: path, host: host)
            #expect(manifest.requiredServices == ["log"])
            #expect(manifest.requiredProcessorFeatures == ["avx2", "fma"])
            #expect(manifest.abiMajor == 2 && manifest.abiMinimumMinor == 1)
            host.services = ["random"]
            #expect(
                refusal { _ = try PluginManifest.read(folder: path, host: host) }
                    .contains("the service \"log\"; wanted services that this reflux offers"))
            host.services = ["log"]
            host.processorFeatures = ["avx2"]
            #expect(
                refusal { _ = try PluginManifest.read(folder: path, host: host) }
                    .contains("the processor feature \"fma\"; wanted features that this"))
            host.processorFeatures = ["avx2", "fma"]
            host.architecture = "riscv64"
            #expect(
                refusal { _ = try PluginManifest.read(folder: path, host: host) }.hasSuffix(
                    "wanted one for linux riscv64. Install a version of the plugin for this "
                        + "platform, or build it here. [manifest.platform]"))
        }
    }

    @Test("the processor's features are those of the kernel's list")
    func processorFeatures() throws {
        let text = try contents("/proc/cpuinfo")
        let features = HostPlatform.current.processorFeatures
        #expect(features.count > 5)
        #expect(features.allSatisfy { text.contains($0) })
    }

    @Test(
        "versions are SemVer",
        arguments: [
            ("0.0.0", true), ("1.2.3-alpha.1+b-1", true), ("1.2.3--", true), ("1.0.0+001", true),
            ("1.2", false), ("01.2.3", false), ("1.2.3-", false), ("1.2.3-01", false),
            ("1.2.3+", false), ("v1.2.3", false), ("1.2.3-a..b", false), ("", false),
            ("1.2.3-é", false), ("1.2.3 ", false),
        ])
    func versions(text: String, isVersion: Bool) {
        #expect(PluginName.isVersion(text) == isVersion)
    }

    @Test(
        "ids are lower-case words",
        arguments: [
            ("a", true), ("org.example.my-rule2", true), ("", false), ("a.", false), ("-a", false),
            ("a--b", false), ("a/b", false), ("a_b", false), ("ä", false), ("a b", false),
            ("..", false), ("A", false), ("a\n", false),
        ])
    func ids(text: String, isID: Bool) {
        #expect(PluginName.isPluginID(text) == isID)
    }

    @Test(
        "a manifest that is as large as it may be takes no long time",
        .timeLimit(.minutes(1)), arguments: ["tests", "keys", "required", "key", "numbers"])
    func largest(part: String) throws {
        let many: @Sendable ((Int) -> String) -> String = { item in
            (0..<60_000).map(item).joined(separator: ",")
        }
        try withPluginFolder { folder in
            var builder = PluginBuilder()
            builder.manifestText = { text in
                let more =
                    switch part {
                    case "tests": "\"tests\":[\(many { "\"t\($0)\"" })]"
                    case "keys": many { "\"n\($0)\":1" }
                    case "numbers": "\"x-numbers\":[\(many { "\($0)" })]"
                    case "key": "\"\(String(repeating: "k", count: 900_000))\":1"
                    default: ""
                    }
                guard part != "required" else {
                    return text.replacing(
                        "\"properties\" : {",
                        with: "\"required\":[\(many { "\"r\($0)\"" })],\"properties\":{")
                }
                return text.replacing("{\n  \"abi\"", with: "{\(more),\n  \"abi\"")
            }
            let path = try builder.build(in: folder)
            guard part != "required" else {
                let text = refusal { _ = try PluginManifest.read(folder: path) }
                #expect(text.contains("required: \"r0\"; wanted only names of properties"))
                return
            }
            let manifest = try PluginManifest.read(folder: path)
            #expect(manifest.tests.count == (part == "tests" ? 60_000 : 0))
            #expect(manifest.warnings.count == (part == "keys" ? 21 : part == "key" ? 1 : 0))
            #expect(manifest.warnings.allSatisfy { $0.utf8.count < 400 })
            if part == "keys" {
                #expect(manifest.warnings[20].contains(": 59980 more unknown keys; wanted"))
            }
        }
    }

    @Test("every prefix of a manifest is refused, and no change of a byte traps")
    func mutations() throws {
        try withPluginFolder { folder in
            let text = try PluginManifest.text(of: Self.description, libraries: [Self.library])
            let path = try plugin(text, in: folder)
            let file = URL(fileURLWithPath: "\(path)/plugin.json")
            let bytes = Data(text.utf8)
            for length in stride(from: 0, to: bytes.count - 2, by: 7) {
                try bytes.prefix(length).write(to: file)
                #expect(throws: RefluxError.self) { try PluginManifest.read(folder: path) }
            }
            var random = SeededNumbers(seed: 1)
            for _ in 0..<500 {
                var changed = bytes
                changed[random.below(changed.count)] = UInt8(random.below(256))
                try changed.write(to: file)
                do { _ = try PluginManifest.read(folder: path) } catch {
                    #expect(error is RefluxError)
                }
            }
        }
    }
}
