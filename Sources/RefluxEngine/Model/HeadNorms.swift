import CKernels

/// RMSNorm of each query and key head with a weight of its own kind (Qwen3: Yang et al.,
/// arXiv 2505.09388), forward beside backward.
struct HeadNorms {
    private let configuration: ModelConfiguration
    /// Of the query heads, then of the key heads. `[2, headWidth]`
    private let weights: UnsafePointer<Float>

    /// The norms of a layer; `nil` in families without them.
    init?(_ configuration: ModelConfiguration, _ layer: Transformer.Layer) {
        guard let weights = layer.headNorms else { return nil }
        self.configuration = configuration
        self.weights = weights
    }

    /// Normalises the queries and keys of rows in place.
    ///
    /// - Parameters:
    ///   - projected: the rows' q, k and v. `[rows, projectionWidth]`
    ///   - rows: how many.
    ///   - kept: gets q and k as they were, for the way back. `[rows, queryKeyWidth]`
    func forward(
        _ projected: UnsafeMutablePointer<Float>, rows: Int,
        keeping kept: UnsafeMutablePointer<Float>? = nil
    ) {
        let c = configuration
        for (start, heads, weight) in [
            (0, c.heads, weights), (c.queryWidth, c.keyValueHeads, weights + c.headWidth),
        ] {
            reflux_head_norm(
                projected + start, c.projectionWidth, weight, c.normEpsilon, Int32(rows),
                Int32(heads), Int32(c.headWidth), kept.map { $0 + start }, c.queryKeyWidth)
        }
    }

    /// d loss / d normalised q and k to d loss / d q and k, in place, for one key-value head and the
    /// query heads that share it; adds the weights' gradients to `sums`.
    ///
    /// - Parameters:
    ///   - kept: q and k as they were. `[rows, queryKeyWidth]`
    ///   - gradient: of q, k and v. `[rows, projectionWidth]`
    ///   - rows: how many.
    ///   - head: the key-value head.
    ///   - sums: `[2, headWidth]`
    func backward(
        _ kept: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>, rows: Int,
        head: Int, sums: UnsafeMutablePointer<Float>
    ) {
        let c = configuration
        let query = head * c.group * c.headWidth
        let key = c.queryWidth + head * c.headWidth
        for (start, heads, at) in [(query, c.group, 0), (key, 1, c.headWidth)] {
            reflux_head_norm_backward(
                kept + start, c.queryKeyWidth, weights + at, c.normEpsilon, Int32(rows),
                Int32(heads), Int32(c.headWidth), gradient + start, c.projectionWidth, sums + at)
        }
    }
}
