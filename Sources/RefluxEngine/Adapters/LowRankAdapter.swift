import Foundation
import RefluxCore

/// A low-rank adapter of a model: all its numbers in one flat buffer, and their products as views of
/// it.
///
/// Whoever changes ``parameters`` refreshes the model that has the adapter before the next product.
/// The class does not lock: the engine that owns it serialises its calls.
final class LowRankAdapter: @unchecked Sendable {
    let settings: AdapterSettings
    let layout: AdapterLayout
    /// What its products are computed in.
    let arithmetic: Arithmetic
    /// All A's and B's, in the layout's order.
    let parameters: UnsafeMutableBufferPointer<Float>
    /// The products by layer and ``AdapterLayout/Product``.
    let layers: [[LowRankMatrix?]]

    /// Makes an adapter of zeros; only a `trainable` one has the products of the way back.
    ///
    /// Throws ``RefluxError`` of kind `system` when memory is short.
    init(
        _ settings: AdapterSettings, of configuration: ModelConfiguration, arithmetic: Arithmetic,
        trainable: Bool
    ) throws {
        let layout = AdapterLayout(configuration, settings)
        let parameters = try FloatBuffer.allocate(layout.count, for: "the adapter")
        let base = UnsafePointer(parameters.baseAddress ?? FloatBuffer.empty)
        self.settings = settings
        self.layout = layout
        self.arithmetic = arithmetic
        self.parameters = parameters
        layers = try layout.layers.map { layer in
            try layer.map { place in
                try place.map {
                    try LowRankMatrix(
                        $0, parameters: base, scale: Float(settings.scale), arithmetic: arithmetic,
                        trainable: trainable)
                }
            }
        }
    }

    deinit { FloatBuffer.free(parameters) }

    /// Draws the numbers of a new adapter as PEFT does: A is Kaiming-uniform with a = sqrt 5 (He et
    /// al., arXiv 1502.01852), which is uniform within 1 / sqrt(inputs); B is zero.
    func initialize(seed: UInt64) {
        for (index, entry) in layout.entries.enumerated() where entry.name.contains(".lora_A.") {
            let bound = 1 / Double(entry.shape[1]).squareRoot()
            // A prompt index of its own keeps the numbers apart from those of weights and head.
            let key = RandomKey(seed: seed, stage: .prepare, step: index, prompt: 0x6c6f_7261)
            for i in 0..<entry.count {
                let word = key.words(at: i / 4)[i % 4]
                let uniform = (Double(word) + 0.5) * 0x1p-32
                parameters[entry.offset + i] = Float(bound * (2 * uniform - 1))
            }
        }
    }

    /// Takes over the present numbers into the packed matrices.
    func refresh(pool: ComputePool) {
        let matrices = layers.flatMap { $0.compactMap(\.self) }
        pool.run(matrices.count) { matrices[$0].refresh() }
    }
}
