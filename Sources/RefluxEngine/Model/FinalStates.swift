import CKernels

/// The way back from normalised final states to the final states, shared by both heads.
struct FinalStates {
    let model: Transformer

    /// Adds d loss / d final state of the given rows to `hidden`, and the norm's gradient to
    /// `norm`.
    ///
    /// - Parameters:
    ///   - final: all final states. `[rows, width]`
    ///   - ids: the rows that were read; no row occurs twice among those in use.
    ///   - used: how many of `ids` are in use; more than there are means all.
    ///   - scale: 1 / RMS of the states that were read. `[ids]`
    ///   - gradient: d loss / d normalised state. `[ids, width]`
    ///   - hidden: d loss / d final states. `[rows, width]`
    ///   - norm: `[width]`; `nil` where the norm is not trained.
    func backward(
        _ final: UnsafePointer<Float>, ids: ArraySlice<Int32>, used: Int,
        scale: UnsafePointer<Float>, by gradient: UnsafePointer<Float>,
        hidden: UnsafeMutablePointer<Float>, norm: UnsafeMutablePointer<Float>?
    ) {
        let width = model.configuration.width
        let count = min(used, ids.count)
        guard count > 0 else { return }
        let states = ThreadScratch.rows.floats(2 * count * width)
        let changes = states + count * width
        changes.update(repeating: 0, count: count * width)
        ids.withUnsafeBufferPointer { ids in
            guard let ids = ids.baseAddress else { return }
            reflux_gather(final, ids, Int32(count), Int32(width), states)
            reflux_rmsnorm_backward(
                states, model.finalNorm, scale, gradient, Int32(count), Int32(width), changes, norm)
            reflux_scatter_add(
                hidden, ids, changes, Int32(count), Int32(width), 0, Int32(width))
        }
    }
}
