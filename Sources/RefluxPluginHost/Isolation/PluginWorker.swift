import Foundation
import RefluxCore

/// The program of a worker process: what the hidden verb `reflux plugin-worker` runs.
public enum PluginWorker {
    /// Serves one plugin on file descriptor 3 until the host ends the connection. Call it first thing
    /// on the first thread, and end the process with what it returns.
    ///
    /// - Returns: 0 when all went well; 2, at once, when descriptor 3 is not a socket of a host.
    public static func run() -> Int32 {
        run(load: load)
    }

    /// Loads the plugin that a host means.
    @Sendable package static func load(
        _ setUp: WorkerSetUp, _ services: PluginServices
    ) throws -> any PluginRuntime {
        let library = try PluginLibrary.verify(PluginManifest.read(folder: setUp.folder))
        guard library.sha256 == setUp.sha256 else {
            throw PluginCheck.libraryChanged.error(
                found: "the library is not the one that the host has checked",
                at: SourceLocation(path: library.path), wanted: "SHA-256 \(setUp.sha256)",
                remedy: "Let plugins be while a run uses them.")
        }
        return try InProcessPlugin.load(library, services: services)
    }

    /// Serves what a function loads.
    package static func run(
        load: @escaping @Sendable (WorkerSetUp, PluginServices) throws -> any PluginRuntime
    ) -> Int32 {
        guard WorkerSystem.isSocket(WorkerProtocol.socket),
            let words = LastWords(descriptor: WorkerProtocol.lastWords)
        else { return 2 }
        words.listen()
        WorkerSystem.bufferLines()
        let server = WorkerServer(WorkerChannel(WorkerProtocol.socket, words: words), load: load)
        watch(server)
        return server.run()
    }

    /// Sees, on a thread of its own, that the host has ended the connection or is gone: then a
    /// running call is cancelled, and after two seconds the process ends, whatever the plugin does.
    private static func watch(_ server: WorkerServer) {
        Thread.detachNewThread {
            guard WorkerSystem.waitForEnd(of: WorkerProtocol.socket) else { return }
            server.cancel()
            WorkerSystem.sleep(milliseconds: 2000)
            WorkerSystem.killOwnGroup()
        }
    }
}
