/// The matrices of one product of a layer: the weights and, where there is one, what an adapter adds.
struct AdaptedMatrix: Sendable {
    let weights: WeightMatrix
    var adapter: LowRankMatrix?

    /// `y[rows, outputs] = x[rows, inputs] Wᵀ` and the adapter's share, or `+=`. `x` is of the
    /// arithmetic's type.
    func multiply(
        operand x: UnsafeRawPointer, rows: Int, into y: UnsafeMutablePointer<Float>,
        accumulate: Bool = false, dropout: AdapterDropout.Rows? = nil
    ) {
        weights.multiply(operand: x, rows: rows, into: y, accumulate: accumulate)
        adapter?.add(operand: x, rows: rows, into: y, dropout: dropout)
    }

    /// `dx[rows, inputs] = dy[rows, outputs] W` and the adapter's share. `dy` is of the arithmetic's
    /// type.
    func multiplyTransposed(
        operand dy: UnsafeRawPointer, rows: Int, into dx: UnsafeMutablePointer<Float>,
        dropout: AdapterDropout.Rows?
    ) {
        weights.multiplyTransposed(operand: dy, rows: rows, into: dx)
        adapter?.addTransposed(operand: dy, rows: rows, into: dx, dropout: dropout)
    }

    /// `y[rows, outputs] = x[rows, inputs] Wᵀ` and the adapter's share, or `+=`, of floats, on the
    /// pool.
    func multiply(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>,
        accumulate: Bool = false, pool: ComputePool
    ) {
        weights.multiply(x, rows: rows, into: y, accumulate: accumulate, pool: pool)
        adapter?.add(x, rows: rows, into: y, pool: pool)
    }
}
