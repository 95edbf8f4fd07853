public import RefluxCore
import RefluxFiles

/// A reward model that is a language model, trained on pairs, on single responses, or on both. What
/// it says of a response is read in one of three forms (``ScoreForm``): a linear head over its hidden
/// state and its log-probabilities of the response; these alone; its verdict when it is asked.
///
/// It works through any ``LanguageModelEngine``. The body has its own tokenizer: what is scored is
/// text. Models are opened on first use. Scores do not depend on how the caller batches, as far as
/// the engine's do not.
///
/// ```swift
/// let reward = LanguageModelReward(settings: .languageModel, context: context)
/// try await reward.fit(data, checkpoint: folder, observer: .silent)
/// let scores = try await reward.score(items)
/// try await reward.save(to: saved)
/// let again = LanguageModelReward.load(saved, context: context)
/// ```
///
/// **Errors.** ``RefluxError`` of kind `input` for a prompt that does not fit the body's context (it
/// is named), `refused` when there is nothing to learn from, `numeric` for a loss or a score that is
/// not finite. **Threads.** Calls are serialised; call `fit` and `score` from one task at a time.
public actor LanguageModelReward: RewardModel {
    /// Where the model comes from.
    private enum Origin {
        /// A body that is still to be trained.
        case body
        /// A folder written by ``save(to:)``.
        case saved(String)
    }

    private let origin: Origin
    private let context: BuildContext
    private var bodies: RewardBodies?
    private(set) var settings: RewardSettings
    private(set) var learned = LearnedFeatureWeights()

    /// Makes a model that is to be trained.
    ///
    /// - Parameters:
    ///   - settings: the recipe.
    ///   - context: opens the body, and knows the roles `teacher` and `student`.
    public init(settings: RewardSettings = .languageModel, context: BuildContext) {
        self.init(origin: .body, settings: settings, context: context)
    }

    private init(origin: Origin, settings: RewardSettings, context: BuildContext) {
        self.origin = origin
        self.settings = settings
        self.context = context
    }

    /// Loads a saved model, on first use, to score with; it cannot be trained on.
    ///
    /// - Parameters:
    ///   - folder: what ``save(to:)`` wrote.
    ///   - context: opens the body.
    ///   - microBatchTokens: the most tokens in memory at once; `nil` is the training's.
    ///   - precision: the arithmetic; `nil` is the training's, or the run's where the training had
    ///     none of its own.
    /// - Returns: the model; a folder that is no saved model is found out on first use.
    public static func load(
        _ folder: String, context: BuildContext, microBatchTokens: Int? = nil,
        precision: ModelOptions.Precision? = nil
    ) -> LanguageModelReward {
        var settings = RewardSettings.languageModel
        settings.microBatchTokens = microBatchTokens ?? 0
        settings.precision = precision
        return LanguageModelReward(origin: .saved(folder), settings: settings, context: context)
    }

    /// Scores responses in micro-batches of the size that the settings say.
    public func score(_ items: [ScoringItem]) async throws -> [Double] {
        guard !items.isEmpty else { return [] }
        let bodies = try await openedBodies()
        let encoder = encoder(for: bodies.engine)
        var scores: [Double] = []
        for batch in MicroBatches.of(
            try items.map { try encoder.encode($0) }, limit: settings.microBatchTokens,
            size: \.tokenCount)
        {
            scores += try await bodies.score(batch, settings: settings, weights: learned.raw)
        }
        if let bad = scores.firstIndex(where: { !$0.isFinite }) {
            throw RefluxError(
                .numeric,
                found: "a response to prompt \(items[bad].prompt.id) scored \(scores[bad])",
                wanted: "a finite score",
                remedy: "Train the reward model anew with a smaller learning rate.")
        }
        return scores
    }

    /// Saves `reward.json`, the body in `model/` and a reference, if there is one, in `reference/`.
    public func save(to folder: String) async throws {
        let bodies = try await openedBodies()
        let models = [
            (SavedReward.modelFolder(in: folder), bodies.engine),
            (SavedReward.referenceFolder(in: folder), bodies.reference),
        ]
        for case (let path, let engine?) in models {
            try Files.makeFolder(path)
            try await engine.exportModel(to: path)
        }
        try SavedReward(settings: settings, weights: learned.weights, scale: learned.scale)
            .write(to: folder)
    }

    /// Encodes for an engine.
    func encoder(for engine: any LanguageModelEngine) -> RewardEncoder {
        RewardEncoder(
            tokenizer: engine.tokenizer, contextLength: engine.info.contextLength,
            maxTokens: settings.maxTokens, verdict: settings.verdictPrompt)
    }

    /// The body as training begins: opened anew, with the initial weights of the features.
    func freshBodies() async throws -> RewardBodies {
        guard case .body = origin else {
            throw RefluxError(
                .refused, found: "a loaded reward model was to be trained",
                wanted: "one that is made from a body",
                remedy: "Give \"body\" instead of \"load\".")
        }
        bodies = nil
        learned = LearnedFeatureWeights()
        return try await openedBodies()
    }

    /// Takes what was learnt.
    func take(_ learned: LearnedFeatureWeights) { self.learned = learned }

    private func openedBodies() async throws -> RewardBodies {
        if let bodies { return bodies }
        let body: String
        let initial: String
        switch origin {
        case .body:
            body = try bodyPath()
            initial = body
        case .saved(let folder):
            let folder = context.resolve(folder)
            let saved = try SavedReward.read(from: folder)
            let asked = settings
            settings = saved.settings
            if let precision = asked.precision { settings.precision = precision }
            if asked.microBatchTokens > 0 { settings.microBatchTokens = asked.microBatchTokens }
            learned.weights = saved.weights
            learned.scale = saved.scale
            body = SavedReward.modelFolder(in: folder)
            initial = SavedReward.referenceFolder(in: folder)
        }
        let opened = RewardBodies(
            engine: try await open(body, head: settings.hasHead, trainable: isTrainable),
            reference: settings.hasReference
                ? try await open(initial, head: false, trainable: false) : nil)
        bodies = opened
        return opened
    }

    /// Frozen models need no gradients and no moments: a third of the memory or less.
    private var isTrainable: Bool {
        if case .body = origin { settings.epochs != 0 } else { false }
    }

    /// Opens a body. The head starts at zero, so that a new model's scores are those of the
    /// log-probabilities alone.
    private func open(
        _ path: String, head: Bool, trainable: Bool
    ) async throws -> any LanguageModelEngine {
        let options = ModelOptions(
            precision: settings.precision ?? context.precision, trainable: trainable,
            gradientCheckpointing: settings.gradientCheckpointing ?? context.gradientCheckpointing,
            head: head ? ModelOptions.Head() : nil,
            adapter: trainable ? settings.adapter : nil, seed: context.seed)
        return try await context.models.open(path, options: options)
    }

    private func bodyPath() throws -> String {
        let body = settings.body
        guard context.roles[body] == nil, body == "teacher" || body == "student" else {
            return context.modelPath(body)
        }
        throw RefluxError(
            .usage, found: "this run has no local model in the role \"\(body)\"",
            wanted: "a body for the reward model",
            remedy: "Set reward.body to a model folder.")
    }
}
