/// How a part of a run tells what it is doing. Callbacks may come from any thread.
public struct RunObserver: Sendable {
    /// Items done, items in all, and what an item is (`responses`, `steps`).
    public var progress: @Sendable (_ done: Int, _ total: Int, _ unit: String) -> Void
    /// Named numbers of one step; they go to `metrics.jsonl`.
    public var metrics: @Sendable (_ step: Int, _ values: [String: Double]) -> Void
    /// A line for people.
    public var note: @Sendable (_ text: String) -> Void

    /// Makes an observer; the callbacks left out do nothing.
    public init(
        progress: @escaping @Sendable (Int, Int, String) -> Void = { _, _, _ in },
        metrics: @escaping @Sendable (Int, [String: Double]) -> Void = { _, _ in },
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.progress = progress
        self.metrics = metrics
        self.note = note
    }

    /// An observer that does nothing.
    public static let silent = RunObserver()
}
