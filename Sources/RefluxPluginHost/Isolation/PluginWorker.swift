import Foundation
import RefluxCore

/// The program of a worker process: what the hidden verb `reflux plugin-worker` runs.
public enum PluginWorker {
    /// Serves one plugin on file descriptor 3 until the host ends the connection. Call it first thing
    /// on the first thread, and end the process with what it returns.
    ///
    /// - Returns: 0 when all went well; 2, at once, when descriptor 3 is not a socket of a host.
    public static func run() -> Int32 {
        run { _, _ in
            throw RefluxError(.internalFault, found: "a worker that cannot load plugins yet")
        }
    }

    /// Serves what a function loads.
    package static func run(
        load: @escaping @Sendable (WorkerSetUp, PluginServices) throws -> any PluginRuntime
    ) -> Int32 {
        guard WorkerSystem.isSocket(WorkerProtocol.socket),
            let words = LastWords(descriptor: WorkerProtocol.lastWords)
        else { return 2 }
        words.listen()
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
