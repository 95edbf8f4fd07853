/// How a model draws its next token.
public struct SamplingSettings: Sendable, Codable, Equatable {
    /// Divides the logits; 0 means greedy.
    public var temperature: Double
    /// Keeps only the k most probable tokens; 0 keeps all.
    public var topK: Int
    /// Keeps the smallest set of tokens whose probabilities sum to at least p; 1 keeps all.
    public var topP: Double
    /// Keeps the tokens with at least this fraction of the largest probability; 0 keeps all.
    public var minP: Double
    /// The most tokens a response may have.
    public var maxTokens: Int
    /// Texts that end a response; they and what follows are cut off its text.
    public var stops: [String]

    /// Makes settings; the defaults sample from the model's own distribution.
    public init(
        temperature: Double = 1, topK: Int = 0, topP: Double = 1, minP: Double = 0,
        maxTokens: Int = 256, stops: [String] = []
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.maxTokens = maxTokens
        self.stops = stops
    }

    /// Greedy decoding.
    public static func greedy(maxTokens: Int, stops: [String] = []) -> SamplingSettings {
        SamplingSettings(temperature: 0, maxTokens: maxTokens, stops: stops)
    }
}
