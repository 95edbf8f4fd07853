/// Answers prompts several times: the first stage of every run.
///
/// **Who calls it.** The `teach` stage, with chunks of prompts that have no responses in the run
/// folder yet. Whatever a chunk yields is written before the next chunk is asked for.
///
/// **The smallest conforming type** answers from a table:
/// ```swift
/// struct TableTeacher: TeacherSource {
///     let name = "table"
///     let table: [String: String]
///     func respond(
///         to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
///     ) async throws -> [[Response]] {
///         prompts.map { prompt in
///             [Response(promptID: prompt.id, text: table[prompt.id] ?? "", role: .teacher,
///                       source: name, model: "table", sample: 0)]
///         }
///     }
/// }
/// ```
///
/// **Cost.** The expensive part of a run; the chunk is large enough for batching.
/// **Threads.** Called from one task at a time. Check for cancellation between items.
/// **Errors.** A throw ends the stage; the responses of earlier chunks are kept.
/// **Determinism.** Draw random numbers only from ``RandomKey`` with the plan's seed and the
/// prompt's index, so that the same chunk gives the same responses.
public protocol TeacherSource: Sendable {
    /// The teacher's name in provenance and reports.
    var name: String { get }

    /// Answers every prompt as often as the plan says.
    ///
    /// - Parameters:
    ///   - prompts: what to answer.
    ///   - plan: how often and how.
    ///   - observer: to be told of progress; metrics of any step stand in the line of this call.
    /// - Returns: the responses of each prompt, in the order of `prompts`; a source that has fewer
    ///   than planned (a recorded one) returns what it has.
    /// - Throws: whatever ends the stage; ``RefluxError`` is shown best.
    func respond(
        to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
    ) async throws -> [[Response]]
}

/// How often and how a teacher answers each prompt: `samplesPerTemperature` at each temperature.
public struct SamplingPlan: Sendable, Codable, Equatable {
    /// Samples of each prompt at each temperature.
    public var samplesPerTemperature: Int
    /// The temperatures.
    public var temperatures: [Double]
    /// All other sampling settings; their temperature is ignored.
    public var settings: SamplingSettings
    /// The run's seed.
    public var seed: UInt64

    /// Makes a plan.
    public init(
        samplesPerTemperature: Int, temperatures: [Double], settings: SamplingSettings,
        seed: UInt64
    ) {
        self.samplesPerTemperature = samplesPerTemperature
        self.temperatures = temperatures
        self.settings = settings
        self.seed = seed
    }

    /// Responses of each prompt.
    public var samplesPerPrompt: Int { samplesPerTemperature * temperatures.count }
}
