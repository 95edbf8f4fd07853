import CKernels
import RefluxCore

/// A model's weights, all in one flat buffer, and its layers as views of it; or the weights of another
/// model, which several may share: with an adapter, or in another arithmetic.
///
/// Whoever changes ``parameters`` or the adapter's calls ``refresh()`` before the next product. The
/// class does not lock: the engines that own it serialise their calls, those with shared weights too.
final class Transformer: @unchecked Sendable {
    /// Rows that one task takes through the row-wise parts of a layer. Fixed, so that results do
    /// not depend on the number of threads.
    static let blockRows = 128

    let configuration: ModelConfiguration
    let layout: ParameterLayout
    let arithmetic: Arithmetic
    let pool: ComputePool
    /// All parameters, in the layout's order.
    let parameters: UnsafeMutableBufferPointer<Float>
    /// The layers, first to last.
    let layers: [Layer]
    /// `[vocabularySize, width]`: hidden states to logits.
    let head: VocabularyMatrix
    /// The rotations of the positions.
    let rope: RotaryTable
    /// What is added to the products of the layers.
    let adapter: LowRankAdapter?
    /// The model to whose products the adapter adds; `nil` without one.
    let body: Transformer?
    private let memory: Memory
    private var isPacked = false

    /// The parameters, freed with the last model that has them.
    private final class Memory: Sendable {
        nonisolated(unsafe) let parameters: UnsafeMutableBufferPointer<Float>

        init(_ count: Int) throws {
            parameters = try FloatBuffer.allocate(count, for: "the weights")
        }

        deinit { FloatBuffer.free(parameters) }
    }

    /// One layer's weights.
    struct Layer {
        /// `[width]`
        let attentionNorm: UnsafePointer<Float>
        /// q, k, v: `[projectionWidth, width]`
        var projection: AdaptedMatrix
        /// Biases of q, k, v: `[projectionWidth]`
        let projectionBias: UnsafePointer<Float>?
        /// Norms of the query heads, then of the key heads: `[2, headWidth]`
        let headNorms: UnsafePointer<Float>?
        /// `[width, queryWidth]`
        var output: AdaptedMatrix
        /// `[width]`
        let feedForwardNorm: UnsafePointer<Float>
        /// gate, up: `[2 feedForward, width]`
        var gateUp: AdaptedMatrix
        /// `[width, feedForward]`
        var down: AdaptedMatrix

        /// The weights of all matrices.
        var matrices: [WeightMatrix] { [projection, output, gateUp, down].map(\.weights) }

        /// The layer with an adapter's products, by ``AdapterLayout/Product``.
        func adapted(by matrices: [LowRankMatrix?]) -> Layer {
            var layer = self
            layer.projection.adapter = matrices[AdapterLayout.Product.projection.rawValue]
            layer.output.adapter = matrices[AdapterLayout.Product.output.rawValue]
            layer.gateUp.adapter = matrices[AdapterLayout.Product.gateUp.rawValue]
            layer.down.adapter = matrices[AdapterLayout.Product.down.rawValue]
            return layer
        }
    }

    /// Makes a model of zeros, or of another one's parameters; only a `trainable` one has gradients.
    ///
    /// Throws ``RefluxError`` of kind `system` when memory is short.
    init(
        _ configuration: ModelConfiguration, arithmetic: Arithmetic, pool: ComputePool,
        trainable: Bool, sharing other: Transformer? = nil
    ) throws {
        let c = configuration
        let layout = ParameterLayout(c)
        let memory = try other?.memory ?? Memory(layout.count)
        let parameters = memory.parameters
        let base = UnsafePointer(parameters.baseAddress ?? FloatBuffer.empty)
        func matrix(_ offset: Int, _ outputs: Int, _ inputs: Int) throws -> AdaptedMatrix {
            AdaptedMatrix(
                weights: try WeightMatrix(
                    outputs: outputs, inputs: inputs, weights: base + offset, index: offset,
                    arithmetic: arithmetic, trainable: trainable))
        }
        self.configuration = c
        self.layout = layout
        self.arithmetic = arithmetic
        self.pool = pool
        self.parameters = parameters
        self.memory = memory
        layers = try layout.layers.map { layer in
            Layer(
                attentionNorm: base + layer.attentionNorm,
                projection: try matrix(layer.projection, c.projectionWidth, c.width),
                projectionBias: layer.projectionBias.map { base + $0 },
                headNorms: layer.headNorms.map { base + $0 },
                output: try matrix(layer.output, c.width, c.queryWidth),
                feedForwardNorm: base + layer.feedForwardNorm,
                gateUp: try matrix(layer.gateUp, 2 * c.feedForward, c.width),
                down: try matrix(layer.down, c.width, c.feedForward))
        }
        head = try VocabularyMatrix(
            vocabulary: c.vocabularySize, width: c.width, weights: base + layout.head,
            index: layout.head, arithmetic: arithmetic, trainable: trainable)
        rope = try RotaryTable(c)
        adapter = nil
        body = nil
        _ = Product.singleThreadedBLAS
    }

    /// Makes a model of the weights of another, which must not be trained, and an adapter.
    init(_ body: Transformer, adapter: LowRankAdapter) {
        configuration = body.configuration
        layout = body.layout
        arithmetic = body.arithmetic
        pool = body.pool
        parameters = body.parameters
        memory = body.memory
        layers = zip(body.layers, adapter.layers).map { $0.adapted(by: $1) }
        head = body.head
        rope = body.rope
        self.adapter = adapter
        self.body = body
    }

    /// Whether a row's products may depend on how many rows there are.
    var dependsOnRows: Bool {
        arithmetic.library == .oneDNN || adapter?.arithmetic.library == .oneDNN
    }

    /// `[vocabularySize, width]`
    var embedding: UnsafePointer<Float> { base + layout.embedding }
    /// `[width]`
    var finalNorm: UnsafePointer<Float> { base + layout.finalNorm }
    private var base: UnsafePointer<Float> {
        UnsafePointer(parameters.baseAddress ?? FloatBuffer.empty)
    }

    /// Makes sure that the weights can be used on the way back.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when memory is short.
    func prepareBackward() throws {
        if let body { return try body.prepareBackward() }
        for matrix in layers.flatMap(\.matrices) {
            if try matrix.prepareBackward() { isPacked = false }
        }
        if try head.prepareBackward() { isPacked = false }
    }

    /// Notes that parameters have changed: of the adapter, where there is one.
    func invalidate() { isPacked = false }

    /// Takes over the parameters into the packed matrices, where they have changed since.
    func pack() {
        body?.pack()
        if !isPacked { refresh() }
    }

    /// Takes over the present parameters into the packed matrices.
    func refresh() {
        isPacked = true
        if let body, let adapter {
            body.pack()
            return adapter.refresh(pool: pool)
        }
        var tasks: [(WeightMatrix, Int)] = []
        for matrix in layers.flatMap(\.matrices) {
            tasks += (0..<matrix.refreshTasks).map { (matrix, $0) }
        }
        pool.run(tasks.count + head.refreshTasks) { task in
            if task < tasks.count {
                tasks[task].0.refresh(task: tasks[task].1)
            } else {
                head.refresh(task: task - tasks.count)
            }
        }
    }
}
