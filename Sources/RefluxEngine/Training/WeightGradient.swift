/// The gradients of a layer's matrices, in tiles of outputs that the pool shares out.
struct WeightGradient {
    /// `[outputs, inputs]`
    let gradient: UnsafeMutablePointer<Float>
    let outputs: Int
    let inputs: Int
    /// d loss / d output. Operand `[rows, outputs]`
    let byOutput: UnsafeRawPointer
    /// The layer's input. Operand `[rows, inputs]`
    let input: UnsafeRawPointer

    /// Outputs of one tile, from the matrix's shape alone.
    static func tile(_ outputs: Int) -> Int {
        min(256, max(64, (outputs / 8 + 63) / 64 * 64))
    }

    /// The number of tiles.
    var tiles: Int { (outputs + Self.tile(outputs) - 1) / Self.tile(outputs) }

    /// Adds one tile's gradient over all rows.
    func add(tile: Int, rows: Int, _ arithmetic: Arithmetic) {
        let size = Self.tile(outputs)
        let first = tile * size
        Product.addOuter(
            arithmetic, m: min(size, outputs - first), n: inputs, depth: rows,
            byOutput + first * arithmetic.elementBytes, aStride: outputs, input,
            into: gradient + first * inputs)
    }
}
