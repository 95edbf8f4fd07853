import Dispatch
import Foundation
import RefluxCore
import Synchronization

/// A part that lives in worker processes: chooses one for each call.
final class RemotePart: Sendable {
    /// The part's properties, as the first process said.
    let traits: PartTraits
    private let slots: [WorkerSlot]
    private let loads: Mutex<[Int]>

    /// Makes the part in a first process.
    init(_ kind: PluginKind, _ request: ExtensionRequest, host: WorkerHost) throws {
        let isParallel = host.parallel.contains(request.extensionID) && kind != .rewardModel
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let count = isParallel ? max(1, min(IsolatedPlugin.Options.mostWorkers, cores)) : 1
        let slots = (0..<count).map { _ in WorkerSlot(kind, request, host: host) }
        self.slots = slots
        loads = Mutex([Int](repeating: 0, count: count))
        traits = try slots[0].queue.sync { try slots[0].start() }
    }

    /// Does a call and waits for it.
    func call<T>(_ call: RemoteCall<T>) throws -> T {
        try onSlot { slot in
            try slot.queue.sync { try slot.perform(call, ticket: WorkerTicket()) }
        }
    }

    /// Does a call away from the pool of threads; cancelling the task cancels it.
    func callAway<T: Sendable>(_ call: RemoteCall<T>) async throws -> T {
        let place = take()
        defer { give(place) }
        let slot = slots[place]
        let ticket = WorkerTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                slot.queue.async {
                    continuation.resume(
                        with: Result { try slot.perform(call, ticket: ticket) })
                }
            }
        } onCancel: {
            ticket.cancel()
        }
    }

    /// The process that serves a part of one process.
    func currentGeneration() -> Int {
        slots[0].queue.sync { slots[0].generation }
    }

    private func onSlot<T>(_ body: (WorkerSlot) throws -> T) rethrows -> T {
        let place = take()
        defer { give(place) }
        return try body(slots[place])
    }

    /// The process with the least to do; the first among equals, so that few are started.
    private func take() -> Int {
        loads.withLock { loads in
            let place = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
            loads[place] += 1
            return place
        }
    }

    private func give(_ place: Int) { loads.withLock { $0[place] -= 1 } }
}
