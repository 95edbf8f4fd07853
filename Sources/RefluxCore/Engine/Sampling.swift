/// A prompt and how many responses to draw for it.
public struct SampleRequest: Sendable {
    /// The prompt's id, for error messages.
    public var id: String
    /// The prompt's tokens.
    public var prompt: [Int32]
    /// How to draw.
    public var settings: SamplingSettings
    /// How many responses.
    public var count: Int
    /// The random numbers: sample i uses `key.with(sample: key.sample + i)`, token t position t.
    public var key: RandomKey

    /// Makes a request.
    public init(
        id: String, prompt: [Int32], settings: SamplingSettings, count: Int = 1, key: RandomKey
    ) {
        self.id = id
        self.prompt = prompt
        self.settings = settings
        self.count = count
        self.key = key
    }
}

/// One drawn response.
public struct SampledResponse: Sendable, Equatable {
    /// The generated tokens; an end-of-text token, when drawn, is the last one.
    public var tokens: [Int32]
    /// The log-probability of each token under the model's own distribution: temperature 1, no
    /// filter. Same count as `tokens`.
    public var logProbabilities: [Float]
    /// The text, without special tokens and without a stop text and what follows it.
    public var text: String
    /// Why generation ended.
    public var finish: Response.FinishReason

    /// Makes a response.
    public init(
        tokens: [Int32], logProbabilities: [Float], text: String, finish: Response.FinishReason
    ) {
        self.tokens = tokens
        self.logProbabilities = logProbabilities
        self.text = text
        self.finish = finish
    }

    /// The mean log-probability of the tokens; 0 for an empty response.
    public var meanLogProbability: Double {
        logProbabilities.isEmpty
            ? 0 : logProbabilities.reduce(0) { $0 + Double($1) } / Double(logProbabilities.count)
    }
}
