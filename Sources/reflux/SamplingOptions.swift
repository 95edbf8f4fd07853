public import ArgumentParser
public import RefluxCore

extension ModelOptions.Precision: ExpressibleByArgument {
    /// What the help says of each.
    public static var allValueDescriptions: [String: String] {
        allCases.reduce(into: [:]) { descriptions, precision in
            descriptions[precision.rawValue] =
                switch precision {
                case .automatic: "bf16 where the processor has instructions for it, else f32"
                case .float32: "32-bit floats"
                case .bfloat16: "products in bf16"
                case .int8: "8-bit weights, the fastest and the least exact"
                }
        }
    }
}

/// How a model draws its answers.
struct SamplingOptions: ParsableArguments {
    @Option(name: .long, help: "0 is greedy.") var temperature = 0.0
    @Option(name: .long, help: "Keep the k most probable tokens; 0 keeps all.") var topK = 0
    @Option(name: .long, help: "Keep the most probable tokens up to this sum.") var topP = 1.0
    @Option(name: .long, help: "Keep tokens of this fraction of the largest probability.")
    var minP = 0.0
    @Option(name: .long, help: "The most new tokens of an answer; 256, in a conversation 1024.")
    var maxTokens: Int?
    @Option(name: .long, help: "The arithmetic.") var precision: ModelOptions.Precision = .automatic

    func validate() throws {
        guard maxTokens ?? 1 >= 1 else {
            throw ValidationError("--max-tokens must be at least 1.")
        }
        guard temperature >= 0, topK >= 0, topP > 0, topP <= 1, minP >= 0, minP <= 1 else {
            throw ValidationError(
                "--temperature and --top-k must be at least 0, --top-p above 0 and at most 1, "
                    + "--min-p from 0 to 1.")
        }
    }

    /// The settings.
    func settings(maxTokens otherwise: Int = 256, stops: [String] = []) -> SamplingSettings {
        SamplingSettings(
            temperature: temperature, topK: topK, topP: topP, minP: minP,
            maxTokens: maxTokens ?? otherwise, stops: stops)
    }

    /// The options that were given, by their names.
    var given: [String] {
        [
            ("--temperature", temperature != 0), ("--top-k", topK != 0), ("--top-p", topP != 1),
            ("--min-p", minP != 0), ("--max-tokens", maxTokens != nil),
            ("--precision", precision != .automatic),
        ].filter(\.1).map(\.0)
    }
}
