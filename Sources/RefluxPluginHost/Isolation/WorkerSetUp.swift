/// What a worker is told before it loads the plugin.
package struct WorkerSetUp: Sendable, Equatable, WireCodable {
    /// The plugin's folder.
    package var folder: String
    /// SHA-256 of the library that the host has checked.
    package var sha256: String
    /// How much address space the plugin may take on top of the worker's own, in bytes.
    package var memoryLimit: Int
    /// The time of one call; `nil` for none.
    package var callLimit: Duration?

    init(folder: String, sha256: String, memoryLimit: Int, callLimit: Duration?) {
        self.folder = folder
        self.sha256 = sha256
        self.memoryLimit = memoryLimit
        self.callLimit = callLimit
    }

    func encode(to writer: inout WireWriter) {
        writer.write(folder)
        writer.write(sha256)
        writer.write(memoryLimit)
        writer.write(callLimit) { writer, limit in
            writer.write(limit.components.seconds)
            writer.write(limit.components.attoseconds)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        self.init(
            folder: try reader.read(), sha256: try reader.read(), memoryLimit: try reader.read(),
            callLimit: try reader.optional { reader throws(WireError) in
                Duration(
                    secondsComponent: try reader.read(), attosecondsComponent: try reader.read())
            })
    }
}

/// The first message of a worker.
struct WorkerHello: Sendable, Equatable, WireCodable {
    /// ``WorkerProtocol/version``.
    var version: UInt32 = WorkerProtocol.version
    /// The process's id.
    var process: Int32
    /// The address space that the worker takes by itself, in bytes.
    var addresses: Int
    /// The most memory that the worker has had before it loads the plugin, in bytes.
    var resident: Int

    /// The greeting of this process.
    init() {
        process = WorkerSystem.ownID
        let now = WorkerSystem.memoryInUse()
        (addresses, resident) = (now.addresses, max(now.resident, WorkerSystem.mostMemory))
    }

    func encode(to writer: inout WireWriter) {
        writer.write(version)
        writer.write(process)
        writer.write(addresses)
        writer.write(resident)
    }

    init(from reader: inout WireReader) throws(WireError) {
        version = try reader.read()
        process = try reader.read()
        addresses = try reader.read()
        resident = try reader.read()
    }
}

/// What a worker answers when it has made its part: the properties of the protocol's requirements.
struct PartTraits: Sendable, Equatable, WireCodable {
    /// The part's name.
    var name: String
    /// Of rules.
    var needsGold = false
    /// Of optimizers.
    var needsValues = false
    /// Of optimizers.
    var needsReference = false
    /// Of optimizers.
    var needsEntropy = false
    var stopsGradient = false
    /// Of optimizers.
    var epochs = 1
    /// Of tasks.
    var metrics: [String] = []

    /// Makes traits.
    init(name: String) { self.name = name }

    func encode(to writer: inout WireWriter) {
        writer.write(name)
        for flag in [needsGold, needsValues, needsReference, needsEntropy, stopsGradient] {
            writer.write(flag)
        }
        writer.write(epochs)
        writer.write(metrics) { $0.write($1) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        name = try reader.read()
        needsGold = try reader.read()
        needsValues = try reader.read()
        needsReference = try reader.read()
        needsEntropy = try reader.read()
        stopsGradient = try reader.read()
        epochs = try reader.read()
        metrics = try reader.texts()
    }
}
