import RefluxCore

/// The way back to an adapter's numbers; one set of factors serves all layers in turn.
///
///     h = s x Aᵀ,  u = s dy B              [rows, ranks]
///     dB += dyᵀ h,  dA += uᵀ x             over all rows
struct AdapterGradients {
    /// What the gradients of one product are made of.
    struct Factors {
        /// h. Operand `[rows, ranks]`
        let lowered: UnsafeMutableRawPointer
        /// u. Operand `[rows, ranks]`
        let raised: UnsafeMutableRawPointer
        /// The inputs that dropout left; absent where it drops none. Operand `[rows, inputs]`
        let dropped: UnsafeMutableRawPointer?
    }

    /// The two ends of one product on the way back.
    struct Ends {
        let product: AdapterLayout.Product
        /// d loss / d output. Operand `[rows, outputs]`
        let byOutput: UnsafeRawPointer
        /// The input. Operand `[rows, inputs]`
        let input: UnsafeRawPointer
    }

    private let adapter: LowRankAdapter
    /// In the layout's order.
    private let gradient: UnsafeMutablePointer<Float>
    private let dropout: AdapterDropout?
    /// By ``AdapterLayout/Product``.
    private let factors: [Factors?]
    private let arithmetic: Arithmetic

    /// Takes memory for the way back over a batch.
    init(
        _ arena: inout Arena, of adapter: LowRankAdapter, rows: Int,
        gradient: UnsafeMutablePointer<Float>, dropout: AdapterDropout?, arithmetic: Arithmetic
    ) throws {
        self.adapter = adapter
        self.gradient = gradient
        self.dropout = dropout
        self.arithmetic = arithmetic
        var factors: [Factors?] = []
        for place in adapter.layout.layers.first ?? [] {
            guard let place else {
                factors.append(nil)
                continue
            }
            factors.append(
                Factors(
                    lowered: try arena.operand(rows * place.ranks, arithmetic),
                    raised: try arena.operand(rows * place.ranks, arithmetic),
                    dropped: dropout == nil
                        ? nil : try arena.operand(rows * place.inputs, arithmetic)))
        }
        self.factors = factors
    }

    /// Adds the gradients of one layer.
    func add(layer: Int, ends: [Ends], rows: Int, pool: ComputePool) {
        let work = ends.compactMap { ends -> Work? in
            guard let matrix = adapter.layers[layer][ends.product.rawValue],
                let factors = factors[ends.product.rawValue]
            else { return nil }
            return Work(matrix: matrix, ends: ends, factors: factors)
        }
        pool.runBlocks(rows, size: Transformer.blockRows) { range in
            for part in work { keepFactors(part, range) }
        }
        let tiles = work.flatMap(gradientTiles)
        pool.run(tiles.count) { task in add(tiles[task], rows: rows) }
    }

    private struct Work {
        let matrix: LowRankMatrix
        let ends: Ends
        let factors: Factors

        var place: AdapterLayout.Place { matrix.place }
    }

    /// A piece of a gradient: the sum over the rows of outer products.
    private struct Tile {
        let left: UnsafeRawPointer
        let leftStride: Int
        let right: UnsafeRawPointer
        let rightStride: Int
        let rows: Int
        let columns: Int
        let gradient: UnsafeMutablePointer<Float>
    }

    private func keepFactors(_ work: Work, _ rows: Range<Int>) {
        let (place, bytes) = (work.place, arithmetic.elementBytes)
        work.matrix.keepFactors(
            input: work.ends.input + rows.lowerBound * place.inputs * bytes,
            byOutput: work.ends.byOutput + rows.lowerBound * place.outputs * bytes, rows: rows,
            in: work.factors, dropout: dropout?.rows(rows))
    }

    private func gradientTiles(of work: Work) -> [Tile] {
        let (place, bytes) = (work.place, arithmetic.elementBytes)
        let input = work.factors.dropped.map { UnsafeRawPointer($0) } ?? work.ends.input
        var tiles = [
            Tile(
                left: work.factors.raised, leftStride: place.ranks, right: input,
                rightStride: place.inputs, rows: place.ranks, columns: place.inputs,
                gradient: gradient + place.down)
        ]
        for (index, part) in place.parts.enumerated() {
            let size = WeightGradient.tile(part.outputs.count)
            for first in stride(from: 0, to: part.outputs.count, by: size) {
                tiles.append(
                    Tile(
                        left: work.ends.byOutput + (part.outputs.lowerBound + first) * bytes,
                        leftStride: place.outputs,
                        right: work.factors.lowered + index * place.rank * bytes,
                        rightStride: place.ranks, rows: min(size, part.outputs.count - first),
                        columns: place.rank, gradient: gradient + part.up + first * place.rank))
            }
        }
        return tiles
    }

    private func add(_ tile: Tile, rows: Int) {
        Product.addOuter(
            arithmetic, m: tile.rows, n: tile.columns, depth: rows, tile.left,
            aStride: tile.leftStride, tile.right, bStride: tile.rightStride, into: tile.gradient)
    }
}
