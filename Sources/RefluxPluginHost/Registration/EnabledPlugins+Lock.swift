import Foundation
import RefluxFiles

extension PluginLock {
    /// The lock file that belongs to a run file.
    public static func path(beside runFile: String) -> String {
        let folder = (runFile as NSString).deletingLastPathComponent
        return folder.isEmpty ? fileName : "\(folder)/\(fileName)"
    }
}

extension EnabledPlugins {
    /// Compares the plugins with the lock file beside a run file, if there is one.
    ///
    /// - Throws: `RefluxError`: `plugin.lock`.
    public func checkLock(beside runFile: String) throws {
        let path = PluginLock.path(beside: runFile)
        guard Files.exists(path), !manifests.isEmpty else { return }
        let lock = try PluginLock(readFrom: path)
        for manifest in manifests { try lock.check(manifest) }
    }
}
