import Synchronization

/// One call from its start to its end, so that it can be cancelled from any thread, and nothing else
/// is.
final class WorkerTicket: Sendable {
    private enum State {
        case waiting
        case running(socket: Int32)
        case cancelled
        case done
    }
    private let state = Mutex(State.waiting)

    /// Makes a ticket.
    init() {}

    /// Notes that the call runs.
    ///
    /// - Returns: `false` when it was cancelled before.
    func begin(socket: Int32) -> Bool {
        state.withLock { state in
            if case .cancelled = state { return false }
            state = .running(socket: socket)
            return true
        }
    }

    /// Notes that the call is over: the socket may be closed.
    func end() {
        state.withLock { state in
            if case .running = state { state = .done }
        }
    }

    /// Asks the plugin to stop.
    func cancel() {
        state.withLock { state in
            switch state {
            case .running(let socket):
                WorkerSystem.endSending(socket)
                state = .cancelled
            case .waiting: state = .cancelled
            case .cancelled, .done: break
            }
        }
    }

    /// Whether the call was cancelled.
    var isCancelled: Bool {
        state.withLock { state in
            if case .cancelled = state { true } else { false }
        }
    }
}
