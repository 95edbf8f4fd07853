/// Maps pieces of a list on all cores; the results stand in the order of the list.
///
/// - Parameters:
///   - items: what is worked on.
///   - size: how many items a piece has.
///   - work: maps a piece; called from any thread.
/// - Returns: the results, in the order of the items.
/// - Throws: what `work` throws, of the first piece that failed; `CancellationError`.
func inParallel<Item: Sendable, Result: Sendable>(
    _ items: [Item], by size: Int = 256,
    _ work: @escaping @Sendable (ArraySlice<Item>) throws -> [Result]
) async throws -> [Result] {
    let starts = Array(stride(from: 0, to: items.count, by: size))
    return try await withThrowingTaskGroup(of: (Int, [Result]).self) { group in
        for (piece, start) in starts.enumerated() {
            group.addTask {
                try Task.checkCancellation()
                return (piece, try work(items[start..<min(start + size, items.count)]))
            }
        }
        var results = [[Result]](repeating: [], count: starts.count)
        for try await (piece, result) in group { results[piece] = result }
        return results.flatMap(\.self)
    }
}
