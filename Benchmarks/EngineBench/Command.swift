import Foundation
import RefluxEngine

/// One line of the driver: what to do, and with what. Unknown keys are ignored, because both sides of a
/// comparison are sent the same line.
struct Command: Decodable {
    enum Work: String, Decodable {
        case open, sft, sample, read, grpo, encode, quit
    }

    let work: Work
    /// A model folder, or a text file for `encode`.
    var path: String?
    /// `auto`, `f32`, `bf16` or `int8`
    var precision: String?
    /// The same for what a trained model draws.
    var samplingPrecision: String?
    /// What multiplies matrices, instead of what suits the processor: `openblas`, `onednn`, `reflux`.
    var library: NativeEngineProvider.MatrixLibrary?
    /// Whether the model will be trained.
    var trainable: Bool?
    var gradientCheckpointing: Bool?
    /// The rank of the adapter that is trained in place of the weights.
    var adapterRank: Int?
    /// Token ids: sequences to train on or to read, or prompts to answer.
    var sequences: [[Int32]]?
    /// New tokens of each response.
    var tokens: Int?
    /// Responses of each prompt.
    var samples: Int?
    /// 0 is greedy.
    var temperature: Double?
    var learningRate: Double?
    /// Tokens of a micro-batch.
    var microBatch: Int?
    var seed: UInt64?

    enum CodingKeys: String, CodingKey {
        case work, path, precision, library, trainable, sequences, tokens, samples, temperature,
            seed
        case gradientCheckpointing = "gradient_checkpointing"
        case samplingPrecision = "sampling_precision"
        case adapterRank = "adapter_rank"
        case learningRate = "learning_rate"
        case microBatch = "micro_batch"
    }
}

/// What a command gave.
struct Answer: Encodable {
    var seconds: Double
    /// Tokens that were trained on, drawn or encoded.
    var tokens = 0
    /// The loss before the update, in nats a token.
    var loss: Double?
    /// Drawn tokens.
    var sequences: [[Int32]]?
    /// Of the tokens that were drawn or read.
    var logProbabilities: [Float]?
    /// Seconds of the parts.
    var parts: [String: Double]?
    /// The largest resident memory so far, in bytes.
    var peakBytes = 0
    /// What the engine says of itself.
    var arithmetic: String?

    enum CodingKeys: String, CodingKey {
        case seconds, tokens, loss, sequences, parts, arithmetic
        case logProbabilities = "log_probabilities"
        case peakBytes = "peak_bytes"
    }
}
