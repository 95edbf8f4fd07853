import RefluxCore

extension RunSession {
    /// Tells what is odd about the task's data, once for a run: questions that are left out.
    ///
    /// - Throws: ``RefluxError`` when the data cannot be read.
    func tellWarnings() throws {
        let task = context(for: .teach).task
        let warnings = try [Split.train, .test].flatMap { try task.warnings(in: $0) }
        for warning in FinalTable.unique(warnings) { means.console.note("task: \(warning)") }
    }
}
