import CKernels

/// The way back from normalised final states to the final states, shared by both heads.
///
/// It leaves the gradients in the order of the readings: several of them may be of one row, the last
/// one of a prompt, so they are added to the rows when all are there (``ComputePool/addRows``).
struct FinalStates {
    let model: Transformer

    /// Writes d loss / d final state for each reading to `changes` and adds the norm's gradient to
    /// `norm`.
    ///
    /// - Parameters:
    ///   - final: all final states. `[rows, width]`
    ///   - ids: the rows that were read.
    ///   - scale: 1 / RMS of the states that were read. `[ids]`
    ///   - gradient: d loss / d normalised state. `[ids, width]`
    ///   - changes: `[ids, width]`
    ///   - norm: `[width]`; `nil` where the norm is not trained.
    func backward(
        _ final: UnsafePointer<Float>, ids: ArraySlice<Int32>, scale: UnsafePointer<Float>,
        by gradient: UnsafePointer<Float>, changes: UnsafeMutablePointer<Float>,
        norm: UnsafeMutablePointer<Float>?
    ) {
        let (count, width) = (ids.count, model.configuration.width)
        let states = ThreadScratch.rows.floats(count * width)
        changes.update(repeating: 0, count: count * width)
        ids.withUnsafeBufferPointer { ids in
            guard let ids = ids.baseAddress else { return }
            reflux_gather(final, ids, Int32(count), Int32(width), states)
            reflux_rmsnorm_backward(
                states, model.finalNorm, scale, gradient, Int32(count), Int32(width), changes, norm)
        }
    }
}
