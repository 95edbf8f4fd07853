import Foundation
import RefluxCore
import RefluxPluginHost
import Synchronization

/// What tests of isolated plugins share.
enum WorkerFixtures {
    /// The worker program, beside the tests.
    static var executable: String {
        let bundle = Bundle.allBundles.map(\.bundlePath).first { $0.hasSuffix(".xctest") }
        let program = bundle ?? CommandLine.arguments.first ?? ""
        let folder = (program as NSString).deletingLastPathComponent
        return "\(folder)/RefluxWorkerForTests"
    }

    /// Options for the worker program.
    static func options(
        memory: Int = 512 << 20, call: Duration? = .seconds(30), start: Duration = .seconds(30)
    ) -> IsolatedPlugin.Options {
        IsolatedPlugin.Options(
            executable: executable, memoryLimit: memory, callLimit: call, startLimit: start)
    }

    /// The stand-ins in processes of their own.
    static func doubles(
        parallel: Set<String> = [], services: PluginServices = PluginServices(),
        options: IsolatedPlugin.Options = options()
    ) -> IsolatedPlugin {
        IsolatedPlugin(
            id: "doubles", folder: "/somewhere/doubles", parallel: parallel, services: services,
            options: options)
    }

    /// A request for a part that does what its id says.
    static func request(_ id: String, load: String? = nil) -> ExtensionRequest {
        ExtensionRequest(
            extensionID: id, name: "part of \(id)", configuration: "{\"a\":1}", seed: 3, load: load)
    }

    /// What an error says.
    static func text(of body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "no error"
        } catch {
            return "\(error)"
        }
    }
}

/// Collects what a plugin says.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }

    /// Services that collect log lines and configurations.
    var services: PluginServices {
        PluginServices(
            log: { [self] plugin, level, text in add("\(plugin) \(level): \(text)") },
            effectiveConfiguration: { [self] id, json in add("\(id) \(json)") })
    }

    /// Waits, at most ten seconds, until a line has a text in it.
    func wait(for text: String) async -> String? {
        for _ in 0..<500 {
            if let line = all.first(where: { $0.contains(text) }) { return line }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }
}
