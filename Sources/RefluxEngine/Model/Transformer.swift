import CKernels
import RefluxCore

/// A model's weights, all in one flat buffer, and its layers as views of it.
///
/// Whoever changes ``parameters`` calls ``refresh()`` before the next product. The class does not
/// lock: the engine that owns it serialises its calls.
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

    /// One layer's weights.
    struct Layer {
        /// `[width]`
        let attentionNorm: UnsafePointer<Float>
        /// q, k, v: `[projectionWidth, width]`
        let projection: WeightMatrix
        /// Biases of q, k, v: `[projectionWidth]`
        let projectionBias: UnsafePointer<Float>?
        /// Norms of the query heads, then of the key heads: `[2, headWidth]`
        let headNorms: UnsafePointer<Float>?
        /// `[width, queryWidth]`
        let output: WeightMatrix
        /// `[width]`
        let feedForwardNorm: UnsafePointer<Float>
        /// gate, up: `[2 feedForward, width]`
        let gateUp: WeightMatrix
        /// `[width, feedForward]`
        let down: WeightMatrix

        /// All matrices.
        var matrices: [WeightMatrix] { [projection, output, gateUp, down] }
    }

    /// Makes a model of zeros; only a `trainable` one has gradients.
    ///
    /// Throws ``RefluxError`` of kind `system` when memory is short.
    init(
        _ configuration: ModelConfiguration, arithmetic: Arithmetic, pool: ComputePool,
        trainable: Bool
    ) throws {
        let c = configuration
        let layout = ParameterLayout(c)
        let parameters = try FloatBuffer.allocate(layout.count, for: "the weights")
        let base = UnsafePointer(parameters.baseAddress ?? FloatBuffer.empty)
        func matrix(_ offset: Int, _ outputs: Int, _ inputs: Int) throws -> WeightMatrix {
            try WeightMatrix(
                outputs: outputs, inputs: inputs, weights: base + offset, arithmetic: arithmetic,
                trainable: trainable)
        }
        self.configuration = c
        self.layout = layout
        self.arithmetic = arithmetic
        self.pool = pool
        self.parameters = parameters
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
            arithmetic: arithmetic, trainable: trainable)
        rope = try RotaryTable(c)
        _ = Product.singleThreadedBLAS
    }

    deinit { FloatBuffer.free(parameters) }

    /// `[vocabularySize, width]`
    var embedding: UnsafePointer<Float> { base + layout.embedding }
    /// `[width]`
    var finalNorm: UnsafePointer<Float> { base + layout.finalNorm }
    private var base: UnsafePointer<Float> {
        UnsafePointer(parameters.baseAddress ?? FloatBuffer.empty)
    }

    /// Takes over the present parameters into the packed matrices.
    func refresh() {
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
