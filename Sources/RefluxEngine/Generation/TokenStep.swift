import CKernels
import RefluxCore

/// One token that goes through the model and looks back into the cache.
struct TokenRow {
    let token: Int32
    /// Its position in its sequence, from 0.
    let position: Int
    /// Blocks of the prompt, then of the response.
    let table: BlockTable
    /// Visible tokens in the prompt's blocks; the others are in the response's.
    let prompt: Int
}

/// Takes rows of tokens through all layers: the forward pass of generation.
///
/// A row's result depends on its own sequence only, as far as the products of the arithmetic give a
/// row the same sums whatever other rows they are given. Where the library compiles a product for each
/// count of rows, rows are padded to a few counts.
final class TokenStep {
    /// The most rows whose logits are held at a time; fewer than the products spread by rows.
    private static let headRows = 96
    /// Models up to this size stay in the processor's caches: there each thread takes some rows
    /// through all layers alone, without waiting for the others.
    private static let smallModelBytes = 16 << 20

    /// The most rows of a step.
    let capacity: Int
    private let model: Transformer
    private let configuration: ModelConfiguration
    private let shape: reflux_cache_shape
    private let isSmall: Bool
    private let buffer: UnsafeMutableBufferPointer<Float>
    private let hidden: UnsafeMutablePointer<Float>  // [capacity, width]
    private let projection: UnsafeMutablePointer<Float>  // [capacity, projectionWidth]
    private let tokens: UnsafeMutablePointer<Int32>
    private let positions: UnsafeMutablePointer<Int32>
    private let rows: UnsafeMutablePointer<reflux_cache_row>
    private var count = 0
    private var longest = 0

    /// Makes room for steps of up to `capacity` rows.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when memory is short.
    init(_ model: Transformer, cache: KeyValueCache, capacity: Int) throws {
        let c = model.configuration
        let padded = Self.padded(capacity, model)
        self.model = model
        self.capacity = capacity
        configuration = c
        shape = cache.shape
        isSmall = model.layout.count * model.arithmetic.elementBytes <= Self.smallModelBytes
        buffer = try FloatBuffer.allocate(
            padded * (c.width + c.projectionWidth), for: "the rows of a step")
        hidden = buffer.baseAddress ?? FloatBuffer.empty
        projection = hidden + padded * c.width
        tokens = .allocate(capacity: padded)
        tokens.initialize(repeating: 0, count: padded)
        positions = .allocate(capacity: padded)
        rows = .allocate(capacity: capacity)
    }

    deinit {
        FloatBuffer.free(buffer)
        tokens.deallocate()
        positions.deallocate()
        rows.deallocate()
    }

    /// Runs rows of which one may look back at another before it: the rows of prompts.
    func runPrompts(_ new: ArraySlice<TokenRow>) throws {
        take(new)
        if isSmall || count >= 128 {
            for layer in model.layers.indices {
                model.pool.runBlocks(count, size: 64) { project(layer, $0) }
                model.pool.runBlocks(count, size: 64) { finish(layer, $0) }
            }
        } else {
            runTogether()
        }
        try Product.throwFailure()
    }

    /// Runs rows of different sequences.
    func runSequences(_ new: ArraySlice<TokenRow>) throws {
        take(new)
        if isSmall {
            let share = (count + model.pool.threads - 1) / model.pool.threads
            model.pool.runBlocks(count, size: min(64, (share + 15) / 16 * 16)) { range in
                for layer in model.layers.indices {
                    project(layer, range)
                    finish(layer, range)
                }
            }
        } else {
            runTogether()
        }
        try Product.throwFailure()
    }

    /// Draws tokens from the logits of rows of the last step.
    ///
    /// - Parameters:
    ///   - draws: the draws, those of one row side by side; their logits and results are set here.
    ///   - wanted: rows of the last step.
    ///   - first: where each wanted row's draws begin, and at the end the number of draws.
    /// - Throws: ``RefluxError`` of kind `system` when a product fails.
    func draw(_ draws: inout [reflux_draw], of wanted: [Int32], first: [Int]) throws {
        let threads = isSmall ? model.pool.threads : 1
        let share = (wanted.count + threads - 1) / threads
        let size = max(16, min(Self.headRows, (share + 15) / 16 * 16))
        draws.withUnsafeMutableBufferPointer { draws in
            guard let base = draws.baseAddress else { return }
            if isSmall {
                model.pool.runBlocks(wanted.count, size: size) { range in
                    draw(base, of: wanted, first: first, in: range)
                }
            } else {
                for start in stride(from: 0, to: wanted.count, by: size) {
                    let range = start..<min(wanted.count, start + size)
                    draw(base, of: wanted, first: first, in: range)
                }
            }
        }
        try Product.throwFailure()
    }

    // MARK: Rows

    private func padded(_ count: Int) -> Int { Self.padded(count, model) }

    /// The count that a number of rows is padded to.
    private static func padded(_ count: Int, _ model: Transformer) -> Int {
        guard model.dependsOnRows else { return count }
        return switch count {
        case ...2: count
        case ...4: 4
        case ...8: 8
        case ..<128: (count + 15) / 16 * 16
        default: (count + 63) / 64 * 64
        }
    }

    private func take(_ new: ArraySlice<TokenRow>) {
        let c = configuration
        count = new.count
        longest = (new.map(\.position).max() ?? 0) + 1
        for (i, row) in new.enumerated() {
            tokens[i] = row.token
            positions[i] = Int32(row.position)
            let from = UnsafePointer(projection + i * c.projectionWidth)
            (rows + i).initialize(
                to: reflux_cache_row(
                    query: from, key: from + c.queryWidth,
                    value: from + c.queryWidth + c.keyValueWidth, blocks: row.table.addresses,
                    prompt: Int32(row.prompt), own: Int32(row.position + 1 - row.prompt)))
        }
        let padded = padded(count)
        (tokens + count).update(repeating: 0, count: padded - count)
        model.pool.runBlocks(padded, size: 256) { range in
            reflux_gather(
                model.embedding, tokens + range.lowerBound, Int32(range.count), Int32(c.width),
                hidden + range.lowerBound * c.width)
        }
    }

    // MARK: Layers

    private func runTogether() {
        for layer in model.layers.indices {
            project(layer, 0..<count)
            finish(layer, 0..<count)
        }
    }

    /// Queries, keys and values of the rows; keys and values go to the cache.
    private func project(_ index: Int, _ range: Range<Int>) {
        let c = configuration
        let layer = model.layers[index]
        let normed = ThreadScratch.generation.floats(padded(range.count) * c.width)
        normalise(range, weight: layer.attentionNorm, into: normed)
        layer.projection.multiply(
            normed, rows: padded(range.count),
            into: projection + range.lowerBound * c.projectionWidth, pool: model.pool)
        model.pool.runBlocks(range.count, size: rowsOfTask(range.count)) { part in
            let first = range.lowerBound + part.lowerBound
            let from = projection + first * c.projectionWidth
            if let bias = layer.projectionBias {
                reflux_add_bias(
                    from, c.projectionWidth, bias, Int32(part.count), Int32(c.projectionWidth))
            }
            HeadNorms(c, layer)?.forward(from, rows: part.count)
            reflux_rope(
                from, c.projectionWidth, positions + first, Int32(part.count),
                Int32(c.heads + c.keyValueHeads), Int32(c.headWidth), model.rope.cosines,
                model.rope.sines, 0)
            withUnsafePointer(to: shape) {
                reflux_cache_store($0, Int32(index), rows + first, Int32(part.count))
            }
        }
    }

    /// Attention and feed-forward of the rows, added to their hidden states.
    private func finish(_ index: Int, _ range: Range<Int>) {
        let c = configuration
        let layer = model.layers[index]
        let padded = padded(range.count)
        let wide = max(c.width, c.queryWidth)
        let first = ThreadScratch.generation.floats(padded * (wide + 3 * c.feedForward))
        let gateUp = first + padded * wide
        let activation = gateUp + padded * 2 * c.feedForward
        let residual = hidden + range.lowerBound * c.width
        attend(index, range, into: first)
        layer.output.multiply(
            first, rows: padded, into: residual, accumulate: true, pool: model.pool)
        normalise(range, weight: layer.feedForwardNorm, into: first)
        layer.gateUp.multiply(first, rows: padded, into: gateUp, pool: model.pool)
        model.pool.runBlocks(range.count, size: rowsOfTask(range.count)) { part in
            reflux_swiglu(
                gateUp + part.lowerBound * 2 * c.feedForward, Int32(part.count),
                Int32(c.feedForward), activation + part.lowerBound * c.feedForward, 0, nil)
        }
        layer.down.multiply(
            activation, rows: padded, into: residual, accumulate: true, pool: model.pool)
    }

    /// Rows of a task of the work between products: a share for each thread.
    private func rowsOfTask(_ count: Int) -> Int {
        min(64, max(4, (count + model.pool.threads - 1) / model.pool.threads))
    }

    private func normalise(
        _ range: Range<Int>, weight: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) {
        let width = configuration.width
        model.pool.runBlocks(range.count, size: rowsOfTask(range.count)) { part in
            reflux_rmsnorm(
                hidden + (range.lowerBound + part.lowerBound) * width, weight,
                configuration.normEpsilon, Int32(part.count), Int32(width),
                out + part.lowerBound * width, 0, nil)
        }
    }

    /// Few rows are spread by heads as well.
    private func attend(_ index: Int, _ range: Range<Int>, into out: UnsafeMutablePointer<Float>) {
        let heads = Int(shape.key_value_heads)
        let parts = range.count < 4 * model.pool.threads ? heads : 1
        let size = max(1, range.count / (4 * model.pool.threads))
        let chunks = (range.count + size - 1) / size
        model.pool.run(chunks * parts) { task in
            let start = task / parts * size
            let end = min(range.count, start + size)
            let part = task % parts
            withUnsafePointer(to: shape) { shape in
                let scratch = ThreadScratch.attention.floats(
                    reflux_cache_scratch(shape, Int32(longest)))
                reflux_cache_attend(
                    shape, Int32(index), rows + range.lowerBound + start, Int32(end - start),
                    Int32(parts == 1 ? 0 : part), Int32(parts == 1 ? heads : part + 1),
                    out + start * configuration.queryWidth, scratch)
            }
        }
    }

    // MARK: Draws

    private func draw(
        _ draws: UnsafeMutablePointer<reflux_draw>, of wanted: [Int32], first: [Int],
        in range: Range<Int>
    ) {
        let c = configuration
        let padded = padded(range.count)
        let gathered = ThreadScratch.generation.floats(2 * padded * c.width)
        let normed = gathered + padded * c.width
        wanted.withUnsafeBufferPointer { wanted in
            guard let ids = wanted.baseAddress else { return }
            reflux_gather(
                hidden, ids + range.lowerBound, Int32(range.count), Int32(c.width), gathered)
        }
        reflux_rmsnorm(
            gathered, model.finalNorm, c.normEpsilon, Int32(range.count), Int32(c.width), normed, 0,
            nil)
        let logits = ThreadScratch.logits.floats(padded * c.vocabularySize)
        model.head.multiply(normed, rows: padded, into: logits, pool: model.pool)
        for row in range {
            let own = logits + (row - range.lowerBound) * c.vocabularySize
            for draw in first[row]..<first[row + 1] { draws[draw].logits = UnsafePointer(own) }
        }
        let begin = first[range.lowerBound]
        let count = first[range.upperBound] - begin
        model.pool.runBlocks(count, size: max(1, 8192 / c.vocabularySize)) { part in
            let scratch = ThreadScratch.attention.bytes(
                reflux_draw_scratch(Int32(c.vocabularySize)))
            reflux_draw_tokens(
                draws + begin + part.lowerBound, Int32(part.count), Int32(c.vocabularySize),
                scratch)
        }
    }
}
