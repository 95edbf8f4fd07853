import RefluxCore

/// The pipeline's own keys of the section `task`; the others belong to the task that `use` names.
struct TaskSettings: Sendable {
    /// The most training prompts; `nil` takes all.
    let train: Int?
    /// The most test prompts; `nil` takes all.
    let test: Int?
    /// The fraction of the training prompts that nothing learns from: see ``HeldOutPrompts``.
    let heldOut: Double

    /// Takes the keys of the pipeline and leaves the task's.
    init(_ reader: ConfigurationReader) throws {
        train = try reader.optionalInt("train", in: 1...Int.max)
        test = try reader.optionalInt("test", in: 1...Int.max)
        heldOut = try reader.double("held_out", default: 0.1, in: 0.001...0.9)
    }
}
