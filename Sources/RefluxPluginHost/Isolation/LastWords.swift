import CRefluxWorker
import Glibc

/// The page that a worker shares with its host: written by a signal handler of the worker, read
/// after its death.
///
/// Used by one thread at a time.
final class LastWords: @unchecked Sendable {
    /// The descriptor that a worker is given; -1 where there is none any more.
    private(set) var descriptor: Int32
    private let page: UnsafeMutablePointer<reflux_last_words>

    /// Makes an empty page, or `nil` when the system refuses.
    init?() {
        descriptor = WorkerSystem.moved(reflux_last_words_make())
        guard let page = reflux_last_words_map(descriptor) else {
            WorkerSystem.close(descriptor)
            return nil
        }
        self.page = page
    }

    /// Maps the page of a worker's descriptor and closes it.
    init?(descriptor: Int32) {
        guard let page = reflux_last_words_map(descriptor) else { return nil }
        WorkerSystem.close(descriptor)
        self.descriptor = -1
        self.page = page
    }

    deinit {
        WorkerSystem.close(descriptor)
        reflux_last_words_unmap(page)
    }

    /// Closes the descriptor; the page stays.
    func closeDescriptor() {
        WorkerSystem.close(descriptor)
        descriptor = -1
    }

    /// Has the signals that end this process fill in the page.
    func listen() { _ = reflux_last_words_on_signals(page) }

    /// Notes that this process ends for want of a connection.
    func noteConnectionLost() { page.pointee.connection_lost = 1 }

    /// Whether the process ended for want of a connection.
    var connectionWasLost: Bool { page.pointee.connection_lost != 0 }

    /// The signal that was seen, 0 for none.
    var signal: Int32 { page.pointee.signal }

    /// Whether an allocation had failed in the thread that got the signal.
    var allocationHadFailed: Bool { page.pointee.error == ENOMEM }

    /// Whether the stack had overflowed.
    var stackHadOverflowed: Bool { page.pointee.stack_overflow != 0 }

    /// Bytes of address space in use when the signal came.
    var addresses: Int {
        Int(clamping: page.pointee.pages).multipliedReportingOverflow(by: WorkerSystem.pageSize)
            .partialValue
    }
}
