/// How often and how each prompt is answered: `samplesPerTemperature` times at each temperature.
public struct SamplingPlan: Sendable, Equatable {
    /// Samples of each prompt at each temperature.
    public var samplesPerTemperature: Int
    /// The temperatures; 0 is greedy.
    public var temperatures: [Double]
    /// The most tokens of a response.
    public var maxTokens: Int
    /// Draws from the k most probable tokens only; 0 is off.
    public var topK: Int
    /// Draws from the smallest set of tokens that has this probability; 1 is off.
    public var topP: Double
    /// Draws from tokens that have this fraction of the largest probability; 0 is off.
    public var minP: Double
    /// The run's seed.
    public var seed: UInt64

    /// Makes a plan.
    public init(
        samplesPerTemperature: Int = 1, temperatures: [Double] = [0], maxTokens: Int = 256,
        topK: Int = 0, topP: Double = 1, minP: Double = 0, seed: UInt64 = 17
    ) {
        self.samplesPerTemperature = samplesPerTemperature
        self.temperatures = temperatures
        self.maxTokens = maxTokens
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.seed = seed
    }

    /// Responses of each prompt.
    public var samplesPerPrompt: Int { samplesPerTemperature * temperatures.count }
}
