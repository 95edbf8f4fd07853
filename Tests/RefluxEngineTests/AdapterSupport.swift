import RefluxCore

@testable import RefluxEngine

/// Small models with an adapter, and what an adapter's tests share.
enum AdapterModel {
    /// Shapes that differ in everything that the code asks about.
    static let shapes = [
        AdapterSettings(rank: 4, alpha: 6),
        AdapterSettings(
            rank: 3, alpha: 5, targets: [.query, .value, .up, .down], isRankStabilized: true),
        AdapterSettings(rank: 1, alpha: 1, targets: [.key, .output, .gate]),
    ]

    /// A model with an adapter on a frozen body, whose numbers are those of a ``TrainingModel``. The
    /// adapter's are of size `deviation`; without one it is new.
    static func make(
        _ settings: AdapterSettings = shapes[0],
        _ configuration: ModelConfiguration = TrainingModel.configuration(),
        precision: ModelOptions.Precision = .float32, library: Arithmetic.Library? = nil,
        threads: Int = 2, head: ModelOptions.Head? = nil, deviation: Float? = 0.4,
        seed: UInt64 = 0, keeping extent: TapeExtent = .everything
    ) throws -> Scorer {
        let arithmetic = try Arithmetic.choose(precision, library: library)
        let numbers = try TrainingModel.make(configuration, threads: 1).model
        let body = try Transformer(
            configuration, arithmetic: arithmetic, pool: ComputePool(threads: threads),
            trainable: false)
        _ = body.parameters.update(fromContentsOf: numbers.parameters)
        let adapter = try LowRankAdapter(
            settings, of: configuration, arithmetic: arithmetic, trainable: true)
        if let deviation {
            for (i, number) in TrainingModel.weights(adapter.layout.count, seed: 21).enumerated() {
                adapter.parameters[i] = deviation * number
            }
        } else {
            adapter.initialize(seed: 3)
        }
        let model = Transformer(body, adapter: adapter)
        try model.prepareBackward()
        model.refresh()
        let scalar = try head.map {
            try ScalarHead(width: configuration.width, options: $0, seed: 4)
        }
        return Scorer(
            model: model, head: scalar, optimizer: try AdamW(model, head: scalar),
            keeping: extent, seed: seed)
    }
}
