import CKernels
import RefluxCore

/// The forward pass of a packed batch, and the way back.
///
/// Between two attentions everything is row-wise, so it is one job of the pool: each task takes a
/// block of rows through the output projection, the feed-forward and the next layer's projection,
/// with all of its activations in the cache.
struct Passes {
    let model: Transformer
    /// The masks on an adapter's inputs, in training.
    var dropout: AdapterDropout?

    private var configuration: ModelConfiguration { model.configuration }
    private static let blockRows = Transformer.blockRows

    private func attention(_ layer: Int) -> AttentionLayer {
        AttentionLayer(
            configuration: configuration, arithmetic: model.arithmetic, rope: model.rope,
            weights: model.layers[layer], dropout: dropout)
    }

    private func feedForward(_ layer: Int) -> FeedForwardLayer {
        FeedForwardLayer(
            configuration: configuration, arithmetic: model.arithmetic,
            weights: model.layers[layer], dropout: dropout)
    }

    /// Tokens to final states, all rows.
    func forward(_ batch: PackedBatch, _ tape: Tape) {
        let width = configuration.width
        clearUnusedRows(batch, tape)
        batch.positions.withUnsafeBufferPointer { positions in
            batch.tokens.withUnsafeBufferPointer { tokens in
                guard let positions = positions.baseAddress, let tokens = tokens.baseAddress
                else { return }
                model.pool.runBlocks(batch.rows, size: Self.blockRows) { rows in
                    reflux_gather(
                        model.embedding, tokens + rows.lowerBound, Int32(rows.count),
                        Int32(width), tape.layers[0].hidden + rows.lowerBound * width)
                    attention(0).project(tape.layers[0], rows, positions: positions)
                }
                for layer in model.layers.indices {
                    forward(layer, batch, tape, positions)
                }
            }
        }
    }

    /// One layer's attention, then everything up to the next one's.
    private func forward(
        _ layer: Int, _ batch: PackedBatch, _ tape: Tape, _ positions: UnsafePointer<Int32>
    ) {
        let here = attention(layer)
        attend(layer, batch, tape)
        let isLast = layer == model.layers.count - 1
        let out = isLast ? tape.final : tape.layers[layer + 1].hidden
        model.pool.runBlocks(batch.rows, size: Self.blockRows) { rows in
            here.output(tape.layers[layer], rows)
            feedForward(layer).forward(tape.layers[layer], rows, into: out)
            if !isLast {
                attention(layer + 1).project(tape.layers[layer + 1], rows, positions: positions)
            }
        }
    }

    private func attend(_ layer: Int, _ batch: PackedBatch, _ tape: Tape) {
        let (here, heads) = (attention(layer), configuration.keyValueHeads)
        model.pool.run(batch.groups.count * heads) { task in
            here.attend(tape.layers[layer], batch.groups[task / heads], head: task % heads)
        }
    }

    /// Computes once more, from a layer's input, what its way back reads: the same products of the
    /// same rows, so the same bits.
    private func recompute(_ layer: Int, _ batch: PackedBatch, _ tape: Tape) {
        let here = attention(layer)
        batch.positions.withUnsafeBufferPointer { positions in
            nonisolated(unsafe) let positions = positions.baseAddress
            guard let positions else { return }
            model.pool.runBlocks(batch.rows, size: Self.blockRows) { rows in
                here.project(tape.layers[layer], rows, positions: positions)
            }
        }
        attend(layer, batch, tape)
        model.pool.runBlocks(batch.rows, size: Self.blockRows) { rows in
            here.output(tape.layers[layer], rows)
            feedForward(layer).activate(tape.layers[layer], rows)
        }
    }

    /// Rows of no sequence are attended by nothing and get zeros.
    private func clearUnusedRows(_ batch: PackedBatch, _ tape: Tape) {
        let unused = batch.rows - batch.usedRows
        let rowBytes = configuration.queryWidth * model.arithmetic.elementBytes
        for layer in tape.layers {
            (layer.attended + batch.usedRows * rowBytes)
                .initializeMemory(as: UInt8.self, repeating: 0, count: unused * rowBytes)
        }
    }

    /// d loss / d final states, in `gradients.hidden`, to the gradients of everything below, added
    /// to `parameters` (the layout's order; `nil` where only an adapter is trained).
    func backward(
        _ batch: PackedBatch, _ tape: Tape, _ gradients: LayerGradients,
        parameters: UnsafeMutablePointer<Float>?
    ) {
        let unused = (batch.rows - batch.usedRows) * configuration.projectionWidth
        let used = batch.usedRows * configuration.projectionWidth
        (gradients.projected + used).update(repeating: 0, count: unused)
        let bytes = model.arithmetic.elementBytes
        (gradients.projectedOperand + used * bytes)
            .initializeMemory(as: UInt8.self, repeating: 0, count: unused * bytes)
        for layer in model.layers.indices.reversed() {
            if tape.extent == .inputs, layer < model.layers.count - 1 {
                recompute(layer, batch, tape)
            }
            backward(layer, batch, tape, gradients, parameters)
        }
        guard let parameters else { return }
        model.pool.runBlocks(batch.rows, size: Self.blockRows) { rows in
            let sums = blockSums(gradients, rows)
            sums.clear(configuration)
            attention(0).projectBackward(tape.layers[0], gradients, rows, sums: sums)
        }
        addSums(gradients, batch, attention: 0, feedForward: nil, parameters)
        model.pool.addRows(
            gradients.hidden, to: parameters + model.layout.embedding,
            ids: batch.tokens.prefix(batch.usedRows), width: configuration.width)
    }

    /// From the projection of the layer above back to this layer's projection.
    private func backward(
        _ layer: Int, _ batch: PackedBatch, _ tape: Tape, _ gradients: LayerGradients,
        _ parameters: UnsafeMutablePointer<Float>?
    ) {
        let here = attention(layer)
        let above: Int? = layer + 1 < model.layers.count ? layer + 1 : nil
        model.pool.runBlocks(batch.rows, size: Self.blockRows) { rows in
            let sums = blockSums(gradients, rows)
            sums.clear(configuration)
            if let above {
                attention(above).projectBackward(tape.layers[above], gradients, rows, sums: sums)
            }
            feedForward(layer).backward(tape.layers[layer], gradients, rows, sums: sums)
            here.outputBackward(gradients, rows)
        }
        addSums(gradients, batch, attention: above, feedForward: layer, parameters)
        let heads = configuration.keyValueHeads
        let headNormWidth = configuration.headNorms ? 2 * configuration.headWidth : 0
        batch.positions.withUnsafeBufferPointer { positions in
            nonisolated(unsafe) let positions = positions.baseAddress
            guard let positions else { return }
            model.pool.run(batch.groups.count * heads) { task in
                here.attendBackward(
                    tape.layers[layer], gradients, batch.groups[task / heads], head: task % heads,
                    positions: positions,
                    sums: gradients.headNormSums + task * headNormWidth)
            }
        }
        if let parameters, let norms = model.layout.layers[layer].headNorms {
            for task in 0..<batch.groups.count * heads {
                reflux_add(
                    parameters + norms, gradients.headNormSums + task * headNormWidth,
                    headNormWidth)
            }
        }
        if let parameters { addWeightGradients(layer, batch, tape, gradients, parameters) }
        gradients.adapter?.add(
            layer: layer,
            ends: [
                .init(
                    product: .gateUp, byOutput: gradients.gateUp,
                    input: tape.layers[layer].feedForwardInput),
                .init(
                    product: .down, byOutput: gradients.output,
                    input: tape.layers[layer].activation),
                .init(
                    product: .projection, byOutput: gradients.projectedOperand,
                    input: tape.layers[layer].attentionInput),
                .init(
                    product: .output, byOutput: gradients.middle,
                    input: tape.layers[layer].attended),
            ], rows: batch.rows, pool: model.pool)
    }

    private func blockSums(_ gradients: LayerGradients, _ rows: Range<Int>) -> BlockSums {
        BlockSums(gradients, block: rows.lowerBound / Self.blockRows, configuration)
    }

    /// Adds the blocks' sums to the gradients of the vectors they belong to.
    private func addSums(
        _ gradients: LayerGradients, _ batch: PackedBatch, attention: Int?, feedForward: Int?,
        _ parameters: UnsafeMutablePointer<Float>?
    ) {
        guard let parameters else { return }
        let c = configuration
        for block in 0..<(batch.rows + Self.blockRows - 1) / Self.blockRows {
            let sums = BlockSums(gradients, block: block, c)
            if let attention {
                let layer = model.layout.layers[attention]
                reflux_add(parameters + layer.attentionNorm, sums.attentionNorm, c.width)
                if let bias = layer.projectionBias {
                    reflux_add(parameters + bias, sums.projectionBias, c.projectionWidth)
                }
            }
            if let feedForward {
                let layer = model.layout.layers[feedForward]
                reflux_add(parameters + layer.feedForwardNorm, sums.feedForwardNorm, c.width)
            }
        }
    }

    private func addWeightGradients(
        _ layer: Int, _ batch: PackedBatch, _ tape: Tape, _ gradients: LayerGradients,
        _ parameters: UnsafeMutablePointer<Float>
    ) {
        let (c, offsets, kept) = (configuration, model.layout.layers[layer], tape.layers[layer])
        let products = [
            WeightGradient(
                gradient: parameters + offsets.gateUp, outputs: 2 * c.feedForward, inputs: c.width,
                byOutput: gradients.gateUp, input: kept.feedForwardInput),
            WeightGradient(
                gradient: parameters + offsets.down, outputs: c.width, inputs: c.feedForward,
                byOutput: gradients.output, input: kept.activation),
            WeightGradient(
                gradient: parameters + offsets.projection, outputs: c.projectionWidth,
                inputs: c.width, byOutput: gradients.projectedOperand, input: kept.attentionInput),
            WeightGradient(
                gradient: parameters + offsets.output, outputs: c.width, inputs: c.queryWidth,
                byOutput: gradients.middle, input: kept.attended),
        ]
        let tiles = products.enumerated().flatMap { product in
            (0..<product.element.tiles).map { (product: product.offset, tile: $0) }
        }
        model.pool.run(tiles.count) { task in
            products[tiles[task].product].add(
                tile: tiles[task].tile, rows: batch.rows, model.arithmetic)
        }
    }
}
