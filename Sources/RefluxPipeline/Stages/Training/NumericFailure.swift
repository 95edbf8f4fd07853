import RefluxCore

/// Carries out one training step; a computation that went wrong is told with the step's number and
/// with what is left to go on from.
///
/// - Parameters:
///   - step: the step, from 0.
///   - checkpoint: the updates of the last good checkpoint, if there is one.
///   - body: the step.
/// - Returns: what the step returns.
/// - Throws: what the step throws.
func namingStep<Value>(
    _ step: Int, checkpoint: Int?, _ body: () async throws -> Value
) async throws -> Value {
    do {
        return try await body()
    } catch var error as RefluxError where error.kind == .numeric {
        error.found = "step \(step): \(error.found)"
        let left = checkpoint.map { "The checkpoint step-\($0) is untouched. " } ?? ""
        error.remedy = left + "Lower learning_rate, raise warmup_steps, or use precision: f32."
        throw error
    }
}

/// Refuses a number that is not finite.
///
/// - Throws: ``RefluxError`` of kind `numeric`.
func checkFinite(_ value: Double, _ name: String) throws {
    guard value.isFinite else {
        throw RefluxError(.numeric, found: "the \(name) is \(value)", wanted: "a finite number")
    }
}
