import RefluxCore

/// Refuses numbers that are not finite, where they enter or leave the engine.
enum FiniteCheck {
    /// Checks what a model read.
    ///
    /// - Throws: ``RefluxError`` of kind `numeric`.
    static func check(_ readings: TokenReadings) throws {
        let values = readings.logProbabilities + readings.entropies + readings.headValues
        guard let value = values.first(where: { !$0.isFinite }) else { return }
        throw RefluxError(
            .numeric, found: "the model gives \(value) for a token", wanted: "a finite number",
            remedy: "Its weights have diverged: go back to an earlier checkpoint and lower the "
                + "learning rate.")
    }

    /// Checks the counts of a loss's derivatives and that everything is finite.
    ///
    /// - Throws: ``RefluxError`` of kind `numeric`, or `internalFault` for a wrong count.
    static func check(_ gradients: TokenGradients, for readings: TokenReadings) throws {
        guard gradients.loss.isFinite else {
            throw notFinite("the loss is \(gradients.loss)")
        }
        try check(
            gradients.byLogProbability, "log-probability", wanted: readings.logProbabilities)
        try check(gradients.byEntropy, "entropy", wanted: readings.entropies)
        try check(gradients.byHeadValue, "head value", wanted: readings.headValues)
    }

    private static func check(_ values: [Float], _ name: String, wanted: [Float]) throws {
        guard values.isEmpty || values.count == wanted.count else {
            throw RefluxError(
                .internalFault,
                found: "\(values.count) derivatives by \(name) for \(wanted.count) readings",
                wanted: "as many as were read, or none")
        }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw notFinite("the loss's derivative by \(name) \(index) is \(values[index])")
        }
    }

    private static func notFinite(_ found: String) -> RefluxError {
        RefluxError(
            .numeric, found: found, wanted: "a finite number",
            remedy: "Lower the learning rate, or look for broken rewards.")
    }
}
