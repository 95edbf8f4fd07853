import Dispatch
import Glibc

/// Hears Ctrl-C (SIGINT) in place of the process's end, as long as this value lives; afterwards it is
/// ignored, because one that was pressed before may still be on its way.
package final class InterruptWatch {
    private let source: any DispatchSourceSignal

    /// Begins to listen.
    ///
    /// - Parameter handler: called on a thread of its own each time.
    package init(_ handler: @escaping @Sendable () -> Void) {
        // The source sees the signal only when its default action is off.
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler(handler: handler)
        source.resume()
    }

    deinit { source.cancel() }
}
