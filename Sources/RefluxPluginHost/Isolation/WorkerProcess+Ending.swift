// How a worker process ends, by itself or not.

extension WorkerProcess {
    /// Finds out how a process ended whose socket is at its end.
    func death(_ listener: Listener) -> WorkerFailure {
        for _ in 0..<50 where !WorkerSystem.hasEnded(id) {
            WorkerSystem.sleep(milliseconds: 5)
        }
        guard WorkerSystem.hasEnded(id) else {
            return .death(WorkerDeath(cause: .connectionLost), lastLine: nil)
        }
        let death = end(listener: listener)
        return .death(death, lastLine: output.lastLine)
    }

    /// Ends the process and all that it started, and closes everything.
    ///
    /// - Returns: how it had ended before, if it had.
    @discardableResult
    func end(listener: Listener?) -> WorkerDeath {
        guard !isOver else { return WorkerDeath(cause: .unknown) }
        isOver = true
        WorkerSystem.killGroup(id)
        let end = WorkerSystem.reap(id)
        output.finish { listener?.log(.info, $0) }
        WorkerSystem.close(socket)
        return WorkerDeath(end: end, words: words, hello: hello, limit: memoryLimit)
    }

    /// Lets an idle process end by itself: the plugin frees what it has.
    ///
    /// - Returns: how it ended, unless it ended well or had to be ended.
    func retire(within limit: Duration, listener: Listener) -> WorkerFailure? {
        guard !isOver else { return nil }
        output.beginCall()
        WorkerSystem.endSending(socket)
        let deadline = Deadline(limit)
        while !deadline.isOver && !WorkerSystem.hasEnded(id) {
            output.drain { listener.log(.info, $0) }
            WorkerSystem.sleep(milliseconds: 5)
        }
        let endedByItself = WorkerSystem.hasEnded(id)
        let death = end(listener: listener)
        guard endedByItself else { return .time(limit) }
        return death.cause == .exit(0) ? nil : .death(death, lastLine: output.lastLine)
    }
}
