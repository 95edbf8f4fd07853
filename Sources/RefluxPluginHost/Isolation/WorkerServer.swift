import RefluxCore
import Synchronization

/// Serves one plugin to its host: loads it, makes one part, does one call after the other.
final class WorkerServer: Sendable {
    /// Loads the plugin.
    typealias Load = @Sendable (WorkerSetUp, PluginServices) throws -> any PluginRuntime

    private struct State {
        var runtime: (any PluginRuntime)?
        var part: WorkerPart?
        var task: Task<Void, Never>?
    }
    private let channel: WorkerChannel
    private let load: Load
    private let hello = WorkerHello()
    private let executor = WorkerExecutor()
    private let state = Mutex(State())

    init(_ channel: WorkerChannel, load: @escaping Load) {
        self.channel = channel
        self.load = load
    }

    /// Serves until the host ends the connection, then lets the plugin free what it has.
    ///
    /// - Returns: the status for the end of the process.
    func run() -> Int32 {
        var buffer = FrameBuffer()
        let hello = hello
        channel.send(.reply, code: WorkerFrame.ReplyCode.value.rawValue, sequence: 0) {
            $0.write(hello)
        }
        do {
            while let frame = try channel.receive(&buffer) { serve(frame) }
        } catch {
            return WorkerProtocol.connectionLostStatus
        }
        // First the part, then what made it.
        drop(\.part)
        drop(\.runtime)
        return 0
    }

    /// Cancels the call that is running.
    func cancel() { state.withLock { $0.task }?.cancel() }

    private func drop<T: Sendable>(_ path: any WritableKeyPath<State, T?> & Sendable) {
        // The value goes outside the lock: it runs code of the plugin.
        let value = state.withLock { state in
            defer { state[keyPath: path] = nil }
            return state[keyPath: path]
        }
        withExtendedLifetime(value) {}
    }

    private func serve(_ frame: WorkerFrame) {
        let sequence = frame.sequence
        guard frame.kind == .request, let operation = WorkerOperation(rawValue: frame.code) else {
            refuse(WireError("a request of an unknown sort"), sequence)
            return
        }
        let payload = frame.payload
        executor.run { task in
            state.withLock { $0.task = task }
        } _: { [self] in
            do {
                let answer = try await perform(operation, payload)
                channel.send(
                    .reply, code: WorkerFrame.ReplyCode.value.rawValue, sequence: sequence, answer)
            } catch {
                refuse(error, sequence)
            }
        }
    }

    private func refuse(_ error: any Error, _ sequence: UInt32) {
        if error is CancellationError {
            channel.send(
                .reply, code: WorkerFrame.ReplyCode.cancelled.rawValue, sequence: sequence
            ) { _ in }
            return
        }
        let error = error as? RefluxError ?? RefluxError(.input, found: Self.words(for: error))
        channel.send(.reply, code: WorkerFrame.ReplyCode.error.rawValue, sequence: sequence) {
            $0.write(error)
        }
    }

    private static func words(for error: any Error) -> String {
        if let error = error as? WireError { return "a request with \(error.found)" }
        return String(describing: error)
    }

    private func perform(
        _ operation: WorkerOperation, _ payload: WireReader
    ) async throws -> WorkerAnswer {
        var reader = payload
        switch operation {
        case .setUp:
            try setUp(try reader.whole())
            return { _ in }
        case .make:
            guard let runtime = state.withLock({ $0.runtime }) else {
                throw WireError("a part of no plugin")
            }
            let kind = try reader.read(raw: PluginKind.self)
            let request = try reader.whole(ExtensionRequest.self)
            let part = try WorkerPart(kind, request, by: runtime)
            state.withLock { $0.part = part }
            let traits = part.traits(name: request.name)
            return { $0.write(traits) }
        default:
            guard let part = state.withLock({ $0.part }) else {
                throw WireError("a call of no part")
            }
            return try await part.perform(operation, payload, observer: observer)
        }
    }

    private func setUp(_ setUp: WorkerSetUp) throws {
        WorkerSystem.limit(addresses: hello.addresses + setUp.memoryLimit)
        let channel = channel
        let services = PluginServices(
            log: { _, level, text in
                channel.send(.log) {
                    $0.write(level.rawValue)
                    $0.write(text)
                }
            },
            effectiveConfiguration: { extensionID, json in
                channel.send(.configuration) {
                    $0.write(extensionID)
                    $0.write(json)
                }
            }, callLimit: setUp.callLimit)
        let runtime = try load(setUp, services)
        state.withLock { $0.runtime = runtime }
    }

    private var observer: RunObserver {
        let channel = channel
        return RunObserver(
            progress: { done, total, unit in
                channel.send(.progress) {
                    $0.write(done)
                    $0.write(total)
                    $0.write(unit)
                }
            },
            metrics: { step, values in
                channel.send(.metrics) {
                    $0.write(step)
                    $0.write(values)
                }
            },
            note: { text in channel.send(.note) { $0.write(text) } })
    }
}
