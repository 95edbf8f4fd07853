import Foundation
import PluginCorpus
import Testing

@testable import RefluxPipeline

/// The verbs of `reflux plugin`.
@Suite struct PluginCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Calls a verb with this test's folder as the only one of the environment.
    private func call(_ arguments: String...) throws -> Program.Outcome {
        let script = "REFLUX_PLUGIN_PATH=\"$PWD\" exec \"$0\" plugin \"$@\""
        return try Program.run(
            "/bin/sh", ["-c", script, Program.path] + arguments, in: folder.path)
    }

    private func json(_ outcome: Program.Outcome) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(outcome.output.utf8))
    }

    @Test("list shows sound and broken plugins and runs no code")
    func list() throws {
        try PluginBuilder().build(in: folder.path)
        try FileManager.default.removeItem(atPath: "\(folder.path)/canary", ifThere: true)
        try folder.write("no json", to: "broken/plugin.json")
        let plain = try call("list")
        #expect(plain.code == 0, "\(plain)")
        let line = plain.output.split(separator: "\n").first { $0.hasPrefix("sample ") }
        #expect(line?.contains("1.0.0    rule (pseudo-reward-rule) ") == true, "\(plain)")
        #expect(line?.hasSuffix(" \(folder.path)/sample") == true)
        #expect(plain.output.contains("[manifest.json]"))
        guard case .array(let plugins)? = try json(call("list", "--json"))["plugins"] else {
            Issue.record("no plugins")
            return
        }
        let broken = plugins.first { $0["folder"]?.text?.hasSuffix("/broken") == true }
        #expect(broken?["error"]?.text?.contains("[manifest.json]") == true)
        let sound = plugins.first { $0["id"]?.text == "sample" }
        #expect(sound?["origin"]?.text == "REFLUX_PLUGIN_PATH")
        _ = try call("show", "sample")
        #expect(!folder.exists("canary"))
    }

    @Test("show lists the settings of every extension")
    func show() throws {
        try PartsPlugin().build(in: folder.path)
        for reference in ["parts", "./parts"] {
            let card = try json(call("show", reference, "--json"))
            guard case .array(let extensions)? = card["extensions"],
                case .array(let settings)? = extensions.first?["settings"]
            else {
                Issue.record("no settings")
                continue
            }
            #expect(settings.first?["name"]?.text == "weight")
            #expect(settings.first?["default"] == .number(1))
            #expect(settings.first?["value"]?.text == "a number from 0 to 1")
            #expect(card["library"]?["sha256"]?.text?.count == 64)
        }
        let plain = try call("show", "parts")
        #expect(plain.output.contains("weight    a number from 0 to 1 "), "\(plain)")
        let unknown = try call("show", "part")
        #expect(unknown.code == 2)
        #expect(unknown.errors.contains("[plugin.found]"), "\(unknown)")
    }

    @Test("manifest makes a manifest that agrees with the library, tests and needs included")
    func manifest() throws {
        let plugin = try PartsPlugin().build(in: folder.path)
        let library = "\(plugin)/lib/linux-\(PluginBuilder.architecture)/parts.so"
        let outcome = try call(
            "manifest", library, "--output", "parts/plugin.json", "--test", "tests/cases.jsonl",
            "--requires-service", "log")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.output == "parts/plugin.json: parts 1.0.0 with agreement, plain\n")
        let text = try folder.read("parts/plugin.json")
        #expect(text.contains("\"tests\": [\"tests/cases.jsonl\"]"))
        #expect(text.contains("\"services\": [\"log\"]"))
        let outside = try call("manifest", library, "--output", "plugin.json")
        #expect(outside.code == 1 && outside.errors.contains("[manifest.folder]"), "\(outside)")
        #expect(!folder.exists("plugin.json"))
        let service = try call(
            "manifest", library, "--output", "parts/plugin.json", "--requires-service", "tea")
        #expect(service.code == 1, "\(service)")
        #expect(try folder.read("parts/plugin.json") == text)
    }

    @Test("a library that crashes, exits or hangs while it is loaded is an error")
    func crashingLibrary() throws {
        for (body, check) in [
            ("*(volatile int *)8 = 1;", "[worker.crash]"), ("_exit(0);", "[worker.exit]"),
        ] {
            var builder = PluginBuilder()
            builder.code = "__attribute__((constructor)) static void first(void) { \(body) }"
            let plugin = try builder.build(in: folder.path)
            let outcome = try call(
                "manifest", "\(plugin)/\(builder.libraryPath)", "--output",
                "\(plugin)/plugin.json")
            #expect(outcome.code == 1 && outcome.errors.contains(check), "\(outcome)")
        }
    }
}

extension FileManager {
    /// Removes a file that need not be there.
    fileprivate func removeItem(atPath path: String, ifThere: Bool) throws {
        if !ifThere || fileExists(atPath: path) { try removeItem(atPath: path) }
    }
}
