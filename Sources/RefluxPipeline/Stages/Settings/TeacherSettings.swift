import RefluxCore

/// The pipeline's keys of one entry of `teachers`: how often and how the teacher is asked. The other
/// keys belong to the teacher that `use` names.
struct TeacherSettings: Sendable {
    /// Samples of each prompt at each temperature.
    let samples: Int
    /// The temperatures.
    let temperatures: [Double]
    /// Everything else about sampling.
    let sampling: SamplingSettings
    /// Prompts that are answered, and written, together.
    let batchPrompts: Int
    /// How much a response of the teacher counts in votes.
    let weight: Double

    /// Takes the keys of the sampling plan and leaves the teacher's.
    init(_ reader: ConfigurationReader) throws {
        samples = try reader.int("samples", default: 6, in: 1...100_000)
        temperatures = try reader.doubles("temperatures", default: [0.8])
        sampling = SamplingSettings(
            topK: try reader.int("top_k", default: 0, in: 0...10_000_000),
            topP: try reader.double("top_p", default: 1, in: 1e-6...1),
            minP: try reader.double("min_p", default: 0, in: 0...1),
            maxTokens: try reader.int("max_tokens", default: 256, in: 1...1_048_576))
        batchPrompts = try reader.int("batch_prompts", default: 256, in: 1...1_000_000)
        weight = try reader.double("weight", default: 1, in: 0...1_000_000)
        guard !temperatures.isEmpty, temperatures.allSatisfy({ $0 >= 0 && $0 <= 100 }) else {
            throw reader.wrong("temperatures", wanted: "one or more numbers from 0 to 100")
        }
        guard Set(temperatures).count == temperatures.count else {
            throw reader.wrong(
                "temperatures", wanted: "each temperature once",
                remedy: "`samples` says how often a prompt is asked at each temperature.")
        }
    }

    /// The plan that a teacher is given.
    func plan(seed: UInt64) -> SamplingPlan {
        SamplingPlan(
            samplesPerTemperature: samples, temperatures: temperatures, settings: sampling,
            seed: seed)
    }
}
