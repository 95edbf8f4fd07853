import RefluxCore

extension RunObserver {
    /// The same observer; with the first step that it is told of, lines of the file behind the state
    /// that the work goes on from are dropped.
    func goingOn(with file: MetricsFile) -> RunObserver {
        var observer = self
        let outer = self
        let steps = Counter()
        observer.metrics = { step, values in
            if steps.increment() == 1 {
                do {
                    try file.truncate(fromStep: step)
                } catch {
                    outer.note("the metrics of an earlier attempt could not be dropped: \(error)")
                }
            }
            outer.metrics(step, values)
        }
        return observer
    }
}
