import Foundation
import PluginCorpus
import RefluxCore
import RefluxPluginHost
import RefluxTesting
import Testing

@testable import RefluxPipeline

/// What a run file may say of plugins; no stage is carried out.
@Suite struct PluginConfigurationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Checks a run file with the plugins of the folder `installed` on the search path.
    private func configuration(
        _ text: String, added: [String] = [], builtIns: ExtensionRegistry? = nil
    ) throws -> RunConfiguration {
        let path = "\(folder.path)/installed"
        let search = PluginSearch(
            variable: { $0 == "REFLUX_PLUGIN_PATH" ? path : nil }, home: folder.path,
            executable: Program.path)
        return try RunConfiguration.read(
            fileAt: folder.write(RunFiles.small + text, to: "run.yaml"), addedPlugins: added,
            runsFolder: "\(folder.path)/runs", baseFolder: folder.path,
            registry: builtIns ?? builtInRegistry(),
            plugins: PluginMeans(program: Program.path, search: search),
            models: LinearEngineProvider())
    }

    private func refusal(
        _ text: String, added: [String] = [], builtIns: ExtensionRegistry? = nil
    ) throws -> RefluxError {
        try #require(throws: RefluxError.self) {
            _ = try self.configuration(text, added: added, builtIns: builtIns)
        }
    }

    @discardableResult
    private func install(_ plugin: PartsPlugin = PartsPlugin()) throws -> String {
        let root = "\(folder.path)/installed"
        try FileManager.default.createDirectory(
            atPath: root, withIntermediateDirectories: true)
        return try plugin.build(in: root)
    }

    @Test("settings of a plugin are read like those of a built-in part, and read back")
    func settings() throws {
        try install()
        let text = "plugins: [parts]\nlabel: {use: agreement, weight: 0.5}\n"
        let configuration = try configuration(text)
        #expect(configuration.resolved["label"]?["weight"]?.value == .number(0.5))
        #expect(configuration.resolved["label"]?["fails_at"]?.value == .integer(-1))
        let resolved = YAMLWriter.text(of: configuration.resolved)
        try folder.write(resolved, to: "resolved.yaml")
        #expect(resolved.contains("  - use: parts\n    isolation: none\n"))
        let start = resolved.range(of: "plugins:")?.lowerBound ?? resolved.endIndex
        let again = try self.configuration(
            "label: {use: \"parts:agreement\", weight: 0.5}\n" + resolved[start...])
        #expect(YAMLWriter.text(of: again.resolved).contains(resolved[start...]))
        #expect(again.plugins.used.map(\.parts) == configuration.plugins.used.map(\.parts))
    }

    @Test("wrong settings are refused with their place before any code is loaded")
    func wrongSettings() throws {
        try install()
        for (key, help) in [("weight: 2", "from 0 to 1"), ("weigth: 1", "\"weight\"")] {
            let error = try refusal("plugins: [parts]\nlabel: {use: agreement, \(key)}\n")
            #expect(error.kind == .usage)
            #expect(error.location?.line == 6)
            #expect("\(error)".contains(help), "\(error)")
        }
    }

    @Test("a part of a plugin that is found but not enabled is refused with what to add")
    func notEnabled() throws {
        try install()
        try folder.write("{", to: "installed/broken/plugin.json")
        for use in ["agreement", "parts:agreement"] {
            let error = try refusal("label: {use: \"\(use)\"}\n")
            #expect(error.kind == .usage)
            #expect(
                error.remedy == "The plugin \"parts\" has it: add parts to plugins, or call with "
                    + "--plugin parts.")
        }
        #expect(try refusal("label: {use: majority}\n").remedy?.contains("Known: ") == true)
        // The broken one matters only when it is named.
        _ = try configuration("plugins: [parts]\nlabel: {use: agreement}\n")
        let error = try refusal("plugins: [parts, broken]\nlabel: {use: agreement}\n")
        #expect(error.check == "manifest.json")
    }

    @Test("two plugins with one id of an extension need the long form")
    func clash() throws {
        try install()
        try install(PartsPlugin(id: "others", optimizer: "fancy"))
        let plugins = "plugins: [parts, others]\n"
        let error = try refusal(plugins + "label: {use: agreement}\n")
        #expect(error.found == "2 plugins have a pseudo-reward rule \"agreement\"")
        #expect(error.wanted == "one of parts:agreement, others:agreement")
        #expect(error.location?.key == "label.use")
        let run = try configuration(
            plugins + "label: {use: \"others:agreement\"}\nreinforce: {use: fancy}\n")
        #expect(run.plugins.used.map(\.id) == ["others"])
    }

    @Test("the id of a built-in part is refused, and so is a plugin that is enabled twice")
    func shadowAndDuplicate() throws {
        try install()
        try install(PartsPlugin(id: "greedy", rule: "teacher-majority"))
        let shadow = try refusal("plugins: [greedy]\n")
        #expect(shadow.check == "plugin.shadow")
        #expect(shadow.location?.path.hasSuffix("installed/greedy/plugin.json") == true)
        let duplicate = try refusal("plugins: [parts, ./installed/parts]\n")
        #expect(duplicate.check == "plugin.duplicate")
        #expect(duplicate.location?.key == "plugins.1")
    }

    @Test("--plugin adds a plugin, or takes the place of the one with its id")
    func added() throws {
        try install()
        let work = try PartsPlugin(version: "2.0.0").build(in: "\(folder.path)/installed/../work")
        let label = "label: {use: agreement}\n"
        #expect(try configuration(label, added: ["parts"]).plugins.used[0].version == "1.0.0")
        let run = try configuration(
            "plugins: [{use: parts, call_limit: 5}]\n" + label, added: ["./work/parts"])
        #expect(run.plugins.used[0].version == "2.0.0")
        #expect(run.plugins.used[0].folder == (work as NSString).standardizingPath)
        let resolved = YAMLWriter.text(of: run.resolved)
        #expect(resolved.contains("- use: \"./work/parts\"\n    isolation: none\n"), "\(resolved)")
        #expect(resolved.contains("call_limit: 5.0"))
    }

    @Test("a lock beside the run file refuses what changed and what is not in it")
    func lock() throws {
        let plugin = try install()
        let text = "plugins: [parts]\n"
        let run = try configuration(text)
        let lock = PluginLock(run.plugins.manifests, path: "\(folder.path)/reflux.lock")
        try lock.write()
        _ = try configuration(text)
        try install(PartsPlugin(id: "others", rule: "other", optimizer: "fancy"))
        let unknown = try refusal("plugins: [parts, others]\n")
        #expect(unknown.check == "plugin.lock")
        #expect(unknown.found == "the plugin \"others\" is not in it")
        try install(PartsPlugin(version: "1.0.1"))
        let changed = try refusal(text)
        #expect(changed.check == "plugin.lock")
        #expect(changed.found.contains("the plugin in \(plugin) has the version 1.0.1, not 1.0.0"))
        #expect(changed.exitCode == 1)
    }

    @Test("what a part of a plugin is made from is among the inputs of the stages that use it")
    func inputs() throws {
        let plugin = try install()
        try folder.write("1", to: "table.txt")
        let run = try configuration(
            "plugins: [parts]\nlabel: {use: agreement, table: table.txt}\n")
        let session = RunSession(
            configuration: run, run: RunFolder(path: "\(folder.path)/runs/small"),
            means: RunMeans(
                models: LinearEngineProvider(), console: Console(style: .quiet),
                fingerprints: Fingerprints(), stages: allStages))
        let files = [
            "\(plugin)/lib/linux-\(PluginBuilder.architecture)/parts.so", "\(plugin)/plugin.json",
            "\(folder.path)/table.txt",
        ]
        for stage in allStages where stage.id != .prepare {
            let uses = [StageID.label, .sample, .reinforce].contains(stage.id)
            let inputs = try stage.inputs(session.context(for: stage.id)).files
            #expect(files.allSatisfy(inputs.contains) == uses, "\(stage.id): \(inputs)")
        }
    }
}
