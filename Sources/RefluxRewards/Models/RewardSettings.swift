public import RefluxCore

/// The settings of ``LanguageModelReward``. They are saved with the model.
public struct RewardSettings: Sendable, Codable, Equatable {
    /// Where the score of a response is read.
    public enum Reading: String, Sendable, Codable, CaseIterable {
        /// At its last token.
        case last
        /// At every token: the loss asks each prefix for the reward of the whole, and the score is
        /// the last token's (the token-level verifier of Cobbe et al., arXiv 2110.14168).
        case tokens
        /// The mean over its tokens.
        case pooled
    }

    /// What a score is made of.
    public enum Feature: String, Sendable, Codable, CaseIterable {
        /// A linear head over the body's last hidden state.
        case hidden
        /// The mean, the sum and the minimum of the body's own log-probabilities of the response.
        case logProbabilities = "logprobs"
    }

    /// The body that is trained: a role of the run (`teacher`, `student`) or a path.
    public var body = "teacher"
    /// What the score is made of.
    public var form = ScoreForm.features
    /// Where the score is read; of form `features`.
    public var reading = Reading.pooled
    /// Which features it is made of; of form `features`.
    public var features = [Feature.hidden, .logProbabilities]
    /// The weight of the pair loss (Bradley-Terry inside a prompt); 0 leaves it out.
    public var pairs = 1.0
    /// What the better response's score must be ahead by in the pair loss.
    public var margin = 0.0
    /// The weight, inside the pair loss, of (z+ + z-)^2, which keeps scores centred.
    public var centre = 0.0
    /// The weight of the pointwise loss (binary cross-entropy); 0 leaves it out.
    public var pointwise = 0.5
    /// The weight of the language-modelling loss on accepted responses, or of the cross-entropy of
    /// verdicts over the whole vocabulary; 0 leaves it out.
    public var languageModel = 1.0
    /// Updates; ignored where `epochs` is set.
    public var steps = 150
    /// Passes over the training data (prompts with a contrast, or single responses); 0 leaves the
    /// body as it is.
    public var epochs: Double?
    /// Pairs in an update; without a pair loss, twice as many single responses.
    public var batchPairs = 32
    /// The largest learning rate.
    public var learningRate = 5e-4
    /// The same for the head; `nil` is the body's.
    public var headLearningRate: Double?
    /// The same for the bias and the weights of the standardised log-probabilities. They are a few
    /// numbers of order 1: at a body's rate they would never move.
    public var featureLearningRate = 0.01
    /// Steps of linear warm-up.
    public var warmupSteps = 30
    /// What follows the warm-up; the last learning rate is a tenth of the peak.
    public var shape = LearningRateSchedule.Shape.cosine
    /// Decoupled weight decay of the body's matrices.
    public var weightDecay = 0.05
    /// Where the gradient is clipped; 0 does not clip.
    public var maxGradientNorm = 1.0
    /// The most tokens in memory at once; a longer pair goes alone.
    public var microBatchTokens = 4096
    /// The most tokens of prompt and response; longer responses are cut at their end. Without it a
    /// finished response that does not fit the body's context is an error.
    public var maxTokens: Int?
    /// The arithmetic; `nil` is the run's.
    public var precision: ModelOptions.Precision?
    /// Whether training trades time for memory; `nil` is as the run does.
    public var gradientCheckpointing: Bool?
    /// The adapter that is trained in place of the body's weights; `nil` trains the weights, or the
    /// adapter of a body that is one.
    public var adapter: AdapterSettings?
    /// Updates between saved states.
    public var checkpointEvery = 50

    /// The recipe that was measured to rank answers to one question: pairs and pointwise, a pooled
    /// hidden state and log-probabilities, a language-modelling loss, the teacher as body.
    public static let languageModel = RewardSettings()

    /// The paper's plain recipe: binary cross-entropy at the last token, the student as body. It
    /// tends to learn which prompts are easy; look at the within-prompt AUC.
    public static let pointwise: RewardSettings = {
        var settings = RewardSettings()
        settings.body = "student"
        settings.reading = .last
        settings.features = [.hidden]
        settings.pairs = 0
        settings.pointwise = 1
        settings.languageModel = 0
        return settings
    }()

    /// Bradley-Terry alone, on the body and the features that were measured to rank answers. The
    /// centring of Eisenstein et al. (arXiv 2312.09244) with their .01 keeps the two scores of a pair
    /// about 0, where the loss itself leaves any constant free.
    public static let pairwise: RewardSettings = {
        var settings = RewardSettings()
        settings.pointwise = 0
        settings.languageModel = 0
        settings.centre = 0.01
        return settings
    }()

    /// The log-probability of the response above that under the initial body.
    public static let implicit: RewardSettings = {
        var settings = RewardSettings()
        settings.form = .implicit(ImplicitScore())
        settings.languageModel = 0
        return settings
    }()

    /// The body's verdict, trained by cross-entropy of the two words beside pairs.
    public static let verdict: RewardSettings = {
        var settings = RewardSettings()
        settings.form = .verdict(VerdictPrompt())
        settings.languageModel = 0
        return settings
    }()

    enum CodingKeys: String, CodingKey {
        case body, form, reading, features, pairs, margin, centre, pointwise
        case languageModel = "language_model"
        case steps, epochs
        case batchPairs = "batch_pairs"
        case learningRate = "learning_rate"
        case headLearningRate = "head_learning_rate"
        case featureLearningRate = "feature_learning_rate"
        case warmupSteps = "warmup_steps"
        case shape
        case weightDecay = "weight_decay"
        case maxGradientNorm = "max_gradient_norm"
        case microBatchTokens = "micro_batch_tokens"
        case maxTokens = "max_tokens"
        case precision, adapter
        case gradientCheckpointing = "gradient_checkpointing"
        case checkpointEvery = "checkpoint_every"
    }
}
