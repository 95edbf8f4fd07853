import RefluxCore

/// Splits a batch into runs of consecutive sequences that an engine can hold at once.
///
/// - Parameters:
///   - sequences: the batch.
///   - limit: the most tokens, prompts included; a longer sequence stands alone.
/// - Returns: ranges that cover the batch, in order.
func microBatches(of sequences: [TokenSequence], limit: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = 0
    var tokens = 0
    for (index, sequence) in sequences.enumerated() {
        if index > start, tokens + sequence.tokens.count > limit {
            result.append(start..<index)
            start = index
            tokens = 0
        }
        tokens += sequence.tokens.count
    }
    if start < sequences.count { result.append(start..<sequences.count) }
    return result
}
