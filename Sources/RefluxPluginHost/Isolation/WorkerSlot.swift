import Dispatch
import RefluxCore

/// The place of one worker process of a part: serves one call after the other, and replaces a
/// process that died.
///
/// Its state is touched on ``queue`` only.
final class WorkerSlot: @unchecked Sendable {
    /// Where everything happens.
    let queue = DispatchQueue(label: "reflux.plugin-worker")
    private let host: WorkerHost
    private let kind: PluginKind
    private let request: ExtensionRequest
    private var process: WorkerProcess?
    private var lastDeath: RefluxError?
    /// Counts the processes; says whether a part is still the one that learnt.
    private(set) var generation = 0

    init(_ kind: PluginKind, _ request: ExtensionRequest, host: WorkerHost) {
        self.kind = kind
        self.request = request
        self.host = host
    }

    deinit {
        guard let process else { return }
        let host = host
        let place = place(nil, .make)
        DispatchQueue.global(qos: .utility).async {
            let failure = process.retire(
                within: IsolatedPlugin.Options.retirementGrace, listener: host.listener())
            guard let failure else { return }
            host.services.log(host.id, .warning, "\(failure.error(at: place, during: "destroy"))")
        }
    }

    private func place(_ item: String?, _ operation: WorkerOperation) -> WorkerPlace {
        WorkerPlace(
            folder: host.folder, extensionID: request.extensionID, item: item,
            operation: operation)
    }

    /// Starts a process and makes the part in it.
    ///
    /// - Returns: the part's properties.
    func start() throws -> PartTraits {
        process = nil
        generation += 1
        let options = host.options
        let listener = host.listener()
        var stage = place(nil, .setUp)
        try host.checkDeaths(at: stage)
        do throws(WorkerFailure) {
            let process = try WorkerProcess(options)
            try process.greet(limit: options.startLimit, listener: listener)
            let setUp = WorkerSetUp(
                folder: host.folder, sha256: host.sha256, memoryLimit: options.memoryLimit,
                callLimit: options.callLimit)
            try process.exchange(
                .setUp, limit: options.startLimit, ticket: WorkerTicket(), listener: listener,
                encode: { $0.write(setUp) }, decode: { _ in })
            stage.operation = .make
            let traits = try process.exchange(
                .make, limit: options.startLimit, ticket: WorkerTicket(), listener: listener,
                encode: {
                    $0.write(raw: kind)
                    $0.write(request)
                },
                decode: { reader throws(WireError) in try reader.read(PartTraits.self) })
            self.process = process
            return traits
        } catch {
            throw noted(error, at: stage)
        }
    }

    /// Does one call.
    func perform<T>(_ call: RemoteCall<T>, ticket: WorkerTicket) throws -> T {
        let place = place(call.item, call.operation)
        if let needed = call.neededGeneration, process == nil || generation != needed {
            throw forgotten(at: place)
        }
        if process == nil { _ = try start() }
        guard let process else { throw CancellationError() }
        let didBegin = !ticket.isCancelled
        // A cancelled call has ended the connection, whatever came back.
        defer { if didBegin && ticket.isCancelled { drop() } }
        do throws(WorkerFailure) {
            return try process.exchange(
                call.operation, limit: call.hasLimit ? host.options.callLimit : nil,
                ticket: ticket, listener: host.listener(call.observer), encode: call.encode,
                decode: call.decode)
        } catch {
            throw noted(error, at: place)
        }
    }

    private func drop() {
        process?.end(listener: host.listener())
        process = nil
    }

    private func noted(_ failure: WorkerFailure, at place: WorkerPlace) -> any Error {
        let error = failure.error(at: place)
        switch failure {
        case .refused, .declined: return error
        case .cancelled: lastDeath = nil
        case .start, .death, .time, .nonsense:
            host.noteDeath(error)
            lastDeath = error as? RefluxError
        }
        drop()
        return error
    }

    private func forgotten(at place: WorkerPlace) -> RefluxError {
        RefluxError(
            .broken,
            found: "the reward model has lost what it had learnt, because its process "
                + (lastDeath == nil ? "was ended when a call was cancelled" : "died before"),
            at: place.location, wanted: "a reward model that has learnt",
            remedy: lastDeath?.remedy ?? "Fit it again.",
            check: lastDeath?.check ?? PluginCheck.workerExit.rawValue)
    }
}

/// One call of a part, whatever thread it is done on.
struct RemoteCall<T>: Sendable {
    /// What to do.
    var operation: WorkerOperation
    /// What is worked on, for errors.
    var item: String?
    /// Whether the limit of calls holds.
    var hasLimit = true
    /// The process that has to serve it, when no other can.
    var neededGeneration: Int?
    /// Hears of progress and metrics.
    var observer = RunObserver.silent
    /// Writes the request.
    var encode: @Sendable (inout WireWriter) -> Void
    /// Reads the answer.
    var decode: @Sendable (inout WireReader) throws(WireError) -> T

    init(
        _ operation: WorkerOperation, item: String?,
        encode: @escaping @Sendable (inout WireWriter) -> Void,
        decode: @escaping @Sendable (inout WireReader) throws(WireError) -> T
    ) {
        self.operation = operation
        self.item = item
        self.encode = encode
        self.decode = decode
    }
}
