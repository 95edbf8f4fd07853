import Foundation
import RefluxCore
import RefluxFiles
import RefluxPluginHost

/// A run folder whose settings were read again: those that the run was begun with, and what replaces
/// them now.
struct ReopenedRun: Sendable {
    /// The absolute path of the run folder.
    let folder: String
    /// The folder of run folders.
    let runsFolder: String
    /// The overrides of the first call, and those that were added.
    let overrides: [String]
    /// The plugins that were added in the first call, and now.
    let addedPlugins: [String]
    /// The checked settings.
    let configuration: RunConfiguration

    /// Reads a run folder. Nothing is written.
    ///
    /// - Parameters:
    ///   - path: the run folder.
    ///   - added: values that replace those of the run, as in `--set`.
    ///   - plugins: plugins to enable beside those of the run.
    ///   - registry: the built-in parts.
    ///   - means: how plugins are found and run.
    ///   - models: opens models; nothing is opened here.
    /// - Throws: ``RefluxError`` of kind `input` when the folder is no run folder, of kind `usage` for
    ///   wrong settings.
    init(
        _ path: String, adding added: [String], plugins: [String], registry: ExtensionRegistry,
        means: PluginMeans, models: any LanguageModelProvider
    ) throws {
        folder = absolutePath(path)
        guard let record = try RunRecord.read(in: folder), Files.exists("\(folder)/run.yaml") else {
            throw RefluxError(
                .input, found: "no run.yaml and record.json", at: SourceLocation(path: path),
                wanted: "a run folder", remedy: "Name a folder that reflux run made.")
        }
        overrides = record.overrides + added
        // Those of the first call were relative to the base folder; those of this one are to the
        // folder in which it is made.
        let now = plugins.map { $0.contains("/") ? absolutePath($0) : $0 }
        let known = record.addedPlugins ?? []
        addedPlugins = known + now.filter { !known.contains($0) }
        runsFolder = (folder as NSString).deletingLastPathComponent
        let name = (folder as NSString).lastPathComponent
        configuration = try RunConfiguration.read(
            fileAt: "\(folder)/run.yaml",
            overrides: (overrides + ["run.name=\"\(name)\""]).map(
                ConfigurationOverride.init(parsing:)),
            addedPlugins: addedPlugins, runsFolder: runsFolder, baseFolder: record.baseFolder,
            registry: registry, plugins: means, models: models)
    }
}

/// A path as an absolute one, from the folder in which the command was called.
func absolutePath(_ path: String) -> String {
    let base = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    return URL(fileURLWithPath: Files.expand(path), relativeTo: base).standardizedFileURL.path
}
