package import RefluxCore
import RefluxFiles

/// Answers prompts outside of any run: `reflux generate`.
package struct Generation: Sendable {
    /// One answer, for the command line.
    package struct Answer: Sendable, Encodable {
        /// What was asked.
        package let prompt: String
        /// Which sample it is.
        package let sample: Int
        /// The answer.
        package let text: String
        /// Why it ended.
        package let finish: Response.FinishReason
        /// Its tokens.
        package let tokens: Int
        /// The mean log-probability of its tokens.
        package let meanLogProbability: Double

        enum CodingKeys: String, CodingKey {
            case prompt, sample, text, finish, tokens
            case meanLogProbability = "mean_logprob"
        }
    }

    /// How the prompts reach the model.
    package enum Mode: String, CaseIterable, Sendable {
        /// As a user's message where the model has a chat template, else as a text.
        case auto
        /// As texts to be continued.
        case text
        /// As a user's message, by the model's chat template.
        case chat
    }

    /// The model folder.
    package let model: String
    /// How the prompts reach the model.
    package let mode: Mode
    /// How answers are drawn.
    package let settings: SamplingSettings
    /// Answers to each prompt.
    package let samples: Int
    /// The seed.
    package let seed: UInt64
    /// The arithmetic.
    package let precision: ModelOptions.Precision

    /// Makes a generation.
    package init(
        model: String, mode: Mode, settings: SamplingSettings, samples: Int, seed: UInt64,
        precision: ModelOptions.Precision
    ) {
        self.model = model
        self.mode = mode
        self.settings = settings
        self.samples = samples
        self.seed = seed
        self.precision = precision
    }

    /// Answers prompts.
    ///
    /// - Returns: the answers, prompt by prompt.
    /// - Throws: ``RefluxError``: the model cannot be opened, or a prompt does not fit.
    package func answers(
        to prompts: [String], models: any LanguageModelProvider
    ) async throws -> [Answer] {
        let engine = try await open(models)
        let requests = try prompts.enumerated().map { index, prompt in
            try request(prompt, index: index, engine: engine)
        }
        let drawn = try await engine.sample(requests)
        return zip(prompts, drawn).flatMap { prompt, responses in
            responses.enumerated().map { sample, response in
                Answer(
                    prompt: prompt, sample: sample, text: response.text, finish: response.finish,
                    tokens: response.tokens.count,
                    meanLogProbability: response.meanLogProbability)
            }
        }
    }

    /// Opens the model.
    func open(_ models: any LanguageModelProvider) async throws -> any LanguageModelEngine {
        try await models.open(Files.expand(model), options: ModelOptions(precision: precision))
    }

    /// How a prompt is put to the model.
    func request(
        _ prompt: String, index: Int, engine: any LanguageModelEngine
    ) throws -> SampleRequest {
        let isChat = mode == .chat || mode == .auto && engine.tokenizer.hasChatTemplate
        let content: Prompt.Content = isChat ? .chat([ChatMessage(.user, prompt)]) : .text(prompt)
        return SampleRequest(
            id: "prompt \(index + 1)", prompt: try engine.tokenizer.encode(content),
            settings: settings, count: samples,
            key: RandomKey(seed: seed, stage: .generate, prompt: index))
    }
}
