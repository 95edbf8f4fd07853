/// One language model, ready to sample, to score and, when it was opened so, to learn: the seam
/// between the method and whatever computes.
///
/// **Who calls it.** Teachers, reward models and the pipeline. Nothing above this seam sees a tensor
/// or assumes shared memory, so a client of a remote training service can conform as well.
///
/// **Arrays.** What is read of a batch is flat over the *response* tokens of its sequences, in
/// order: sequence s of `n_s` response tokens follows sequence s - 1.
///
/// **Threads.** Calls are serialised by the engine; they may come from any task.
/// **Errors.** A prompt that does not fit the context throws and names the prompt; a loss or a
/// gradient that is not finite throws of kind `numeric` and leaves the weights as they were.
/// **Determinism.** Equal calls in equal order give equal bits on one machine with one thread count.
public protocol LanguageModelEngine: Sendable {
    /// What the model is.
    var info: ModelInfo { get }
    /// The model's own tokenizer, chat template included.
    var tokenizer: any Tokenizer { get }

    /// Draws responses.
    ///
    /// - Parameters:
    ///   - requests: prompts, each with a number of samples, which share the prompt's computation.
    ///   - finished: called once for every finished response, for progress.
    /// - Returns: the samples of each request, in order.
    /// - Throws: ``RefluxError`` for a prompt that is empty or does not fit the context.
    func sample(
        _ requests: [SampleRequest], finished: @escaping @Sendable () -> Void
    ) async throws -> [[SampledResponse]]

    /// Draws one response and tells of its tokens as they come: for people who wait.
    ///
    /// The response is that of ``sample(_:finished:)``. An engine may keep what it computed of the
    /// prompt, so that the next turn of a conversation, whose prompt begins alike, begins sooner.
    ///
    /// - Parameters:
    ///   - request: the prompt; one response is drawn, whatever its count.
    ///   - drawn: called for each token, in order; may be called from any thread.
    /// - Returns: the response.
    /// - Throws: as ``sample(_:finished:)``; `CancellationError` between two tokens.
    func stream(
        _ request: SampleRequest, drawn: @escaping @Sendable (_ token: Int32) -> Void
    ) async throws -> SampledResponse

    /// Reads the log-probabilities (and, if asked, entropies and head values) of given responses.
    func logProbabilities(
        of batch: [TokenSequence], reading: TokenReading
    ) async throws -> TokenReadings

    /// Adds the gradient of a loss to the gradients collected since the last update.
    ///
    /// The engine runs the model forward, hands the readings to `loss`, and back-propagates the
    /// derivatives that come back. The whole batch is held in memory at once: callers form
    /// micro-batches.
    ///
    /// - Returns: the readings that the loss saw.
    @discardableResult
    func accumulateGradient(
        of batch: [TokenSequence], reading: TokenReading,
        loss: @escaping @Sendable (TokenReadings) throws -> TokenGradients
    ) async throws -> TokenReadings

    /// Applies the collected gradients with AdamW and clears them.
    ///
    /// - Returns: the gradient's norm before clipping and the like.
    @discardableResult
    func applyUpdate(_ update: UpdateSettings) async throws -> UpdateReport

    /// Saves weights, head and optimizer state into an existing folder, to go on from it exactly.
    func save(to folder: String) async throws

    /// Goes back to a state written by ``save(to:)``.
    func load(from folder: String) async throws

    /// Writes the model as a Hugging Face folder, or its adapter, where it has one, as an adapter
    /// folder of PEFT (and its head, if any, beside it).
    func exportModel(to folder: String) async throws
}

extension LanguageModelEngine {
    /// Draws responses without progress.
    public func sample(_ requests: [SampleRequest]) async throws -> [[SampledResponse]] {
        try await sample(requests, finished: {})
    }

    /// By default all tokens come at once, when the response is finished.
    public func stream(
        _ request: SampleRequest, drawn: @escaping @Sendable (_ token: Int32) -> Void
    ) async throws -> SampledResponse {
        var request = request
        request.count = 1
        guard let response = try await sample([request]).first?.first else {
            throw RefluxError(
                .broken, found: "the engine gave no response to \"\(request.id)\"",
                wanted: "one response")
        }
        response.tokens.forEach(drawn)
        return response
    }
}

/// Opens models by path: an engine's entry in the registry.
public protocol LanguageModelProvider: Sendable {
    /// The engine's name, for instance `native`.
    var name: String { get }

    /// Opens a model: a folder, or a file of a format that the engine reads.
    ///
    /// - Throws: ``RefluxError`` of kind `input` that names the file and what is wrong with it.
    func open(_ path: String, options: ModelOptions) async throws -> any LanguageModelEngine

    /// Looks at a model without reading its weights, so that a run learns of a damaged one
    /// before it begins.
    ///
    /// - Throws: as ``open(_:options:)``.
    func check(_ path: String) throws

    /// The tokenizer of a model, without its weights.
    ///
    /// - Throws: as ``open(_:options:)``.
    func tokenizer(_ path: String) throws -> any Tokenizer

    /// The models that a model is made of beside its own files: the one under an adapter.
    ///
    /// - Throws: as ``open(_:options:)``.
    func models(under path: String) throws -> [String]
}

extension LanguageModelProvider {
    /// By default nothing is looked at: what is wrong is told when the model is opened.
    public func check(_ path: String) throws {}

    /// By default a model's files are all there is.
    public func models(under path: String) throws -> [String] { [] }

    /// By default there is none without the model.
    public func tokenizer(_ path: String) throws -> any Tokenizer {
        throw RefluxError(
            .usage, found: "the engine \(name) has no tokenizers without their models",
            at: SourceLocation(path: path))
    }
}

/// How a model is opened.
public struct ModelOptions: Sendable, Equatable {
    /// The arithmetic of matrix products.
    public enum Precision: String, Sendable, Codable, CaseIterable {
        /// What the machine does best: bf16 where it has instructions for it, else f32.
        case automatic = "auto"
        /// 32-bit floats.
        case float32 = "f32"
        /// Products in bfloat16 with 32-bit accumulation and 32-bit master weights. A weight is rounded
        /// up or down by its place among all, so that changes smaller than a step of bf16 count.
        case bfloat16 = "bf16"
        /// Weights as 8-bit integers, scaled in groups of 64, and products of integers: the fastest way
        /// to draw from a model that is not trained, and the least exact.
        case int8 = "int8"

        /// Those that models can be trained in.
        public static let trainable: [Precision] = [.automatic, .float32, .bfloat16]
    }

    /// A scalar head that reads the last hidden state: a value head or a reward head.
    public struct Head: Sendable, Equatable {
        /// Whether gradients of the head stop before the body.
        public var detached: Bool
        /// The standard deviation of its initial weights; 0 starts at zero weights.
        public var initialDeviation: Double

        /// Makes a head; zero deviation starts with zero weights.
        public init(detached: Bool = false, initialDeviation: Double = 0) {
            self.detached = detached
            self.initialDeviation = initialDeviation
        }
    }

    /// The arithmetic.
    public var precision: Precision
    /// The arithmetic in which responses are drawn, of a model that is trained as well; `nil` draws in
    /// ``precision``. Log-probabilities of drawn tokens are then those of this arithmetic, and what
    /// ``LanguageModelEngine/logProbabilities(of:reading:)`` reads are not.
    public var samplingPrecision: Precision?
    /// Whether the model will be trained; frozen models need less memory.
    public var trainable: Bool
    /// Whether training keeps the layers' inputs alone and computes their activations once more on
    /// the way back: less memory, a third more time, the same results.
    public var gradientCheckpointing: Bool
    /// A scalar head, if one is wanted. A head saved in the folder is loaded.
    public var head: Head?
    /// The low-rank adapter that a trainable model learns in place of its weights; `nil` trains the
    /// weights. A folder that holds an adapter goes on with its own, which must then be of this
    /// shape; `nil` takes it as it is.
    public var adapter: AdapterSettings?
    /// The seed of new weights.
    public var seed: UInt64

    /// Makes options.
    public init(
        precision: Precision = .automatic, samplingPrecision: Precision? = nil,
        trainable: Bool = false, gradientCheckpointing: Bool = false, head: Head? = nil,
        adapter: AdapterSettings? = nil, seed: UInt64 = 0
    ) {
        self.precision = precision
        self.samplingPrecision = samplingPrecision
        self.trainable = trainable
        self.gradientCheckpointing = gradientCheckpointing
        self.head = head
        self.adapter = adapter
        self.seed = seed
    }
}

/// What a model is.
public struct ModelInfo: Sendable, Codable, Equatable {
    /// The path or name it was opened by.
    public var name: String
    /// The family, for instance `llama`.
    public var architecture: String
    /// The numbers of the weights, tied ones counted once, heads and adapters left out.
    public var parameterCount: Int
    /// The numbers of its adapter; absent without one.
    public var adapterParameterCount: Int?
    /// The most tokens of prompt and response together.
    public var contextLength: Int
    /// The number of token ids.
    public var vocabularySize: Int
    /// The arithmetic in use and the library that does it, for instance `bf16 (oneDNN)`.
    public var arithmetic: String

    /// Makes a description.
    public init(
        name: String, architecture: String, parameterCount: Int,
        adapterParameterCount: Int? = nil, contextLength: Int, vocabularySize: Int,
        arithmetic: String
    ) {
        self.name = name
        self.architecture = architecture
        self.parameterCount = parameterCount
        self.adapterParameterCount = adapterParameterCount
        self.contextLength = contextLength
        self.vocabularySize = vocabularySize
        self.arithmetic = arithmetic
    }
}
