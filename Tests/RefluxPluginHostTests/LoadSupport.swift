import Foundation
import PluginCorpus
import RefluxCore
import Synchronization

@testable import RefluxPluginHost

/// A folder for one test, removed afterwards.
func withTemporaryFolder<Result>(
    _ body: (_ path: String) async throws -> Result
) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "reflux-host-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// The checked library of a plugin's folder.
func verifiedLibrary(_ folder: String) throws -> PluginLibrary {
    try PluginLibrary.verify(PluginManifest.read(folder: folder))
}

/// What plugins said to the host.
final class Heard: Sendable {
    private let lines = Mutex<[(level: PluginServices.Level, text: String)]>([])
    private let configurations = Mutex<[String]>([])

    /// The texts of the log lines.
    var logged: [String] { lines.withLock { $0.map(\.text) } }
    /// The levels of the log lines.
    var levels: [PluginServices.Level] { lines.withLock { $0.map(\.level) } }
    /// The configurations in effect.
    var effective: [String] { configurations.withLock { $0 } }

    /// Services that are listened to.
    func services(limit: Duration? = .seconds(60)) -> PluginServices {
        PluginServices(
            log: { _, level, text in self.lines.withLock { $0.append((level, text)) } },
            effectiveConfiguration: { id, json in
                self.configurations.withLock { $0.append("\(id) \(json)") }
            }, callLimit: limit)
    }
}

/// Compiles a plugin and loads it.
func loadPlugin(
    _ builder: PluginBuilder, in folder: String, services: PluginServices = PluginServices()
) throws -> InProcessPlugin {
    try InProcessPlugin.load(verifiedLibrary(builder.build(in: folder)), services: services)
}

/// The rule `rule` of a plugin that does these lines of C and then judges like the sound one.
func ruleBuilder(_ lines: String, before: String = "") -> PluginBuilder {
    var builder = PluginBuilder()
    builder.code = """
        \(before)
        static int32_t my_judge(
            void *instance, reflux_call *call, const reflux_group *group,
            const reflux_judgement *out) {
            \(lines)
            return sound_judge(instance, call, group, out);
        }
        """
    builder.definitions["JUDGE"] = "my_judge"
    return builder
}

extension ExtensionRequest {
    /// A request for the extension of an id, named like it.
    static func of(
        _ id: String, configuration: String = "{}", seed: UInt64 = 7, load: String? = nil
    ) -> ExtensionRequest {
        ExtensionRequest(
            extensionID: id, name: id, configuration: configuration, seed: seed, load: load)
    }
}
