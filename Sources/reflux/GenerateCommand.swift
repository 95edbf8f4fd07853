public import ArgumentParser
public import RefluxCore
import RefluxFiles
import RefluxPipeline

extension Generation.Mode: ExpressibleByArgument {}
extension ModelOptions.Precision: ExpressibleByArgument {}

/// `reflux generate --model FOLDER [PROMPT]`.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Let a model answer prompts.",
        discussion: "Without a prompt, every line of standard input is one.")

    @Argument(help: "The prompt.") var prompt: String?
    @Option(name: .long, help: "The model folder.") var model: String
    @Option(
        name: .long,
        help: """
            How the prompt reaches the model: as a text to be continued, as a user's message, or \
            auto: as a message where the model has a chat template.
            """)
    var mode: Generation.Mode = .auto
    @Option(name: .long, help: "Answers to each prompt.") var samples = 1
    @Option(name: .long, help: "0 is greedy.") var temperature = 0.0
    @Option(name: .long, help: "Keep the k most probable tokens; 0 keeps all.") var topK = 0
    @Option(name: .long, help: "Keep the most probable tokens up to this sum.") var topP = 1.0
    @Option(name: .long, help: "Keep tokens of this fraction of the largest probability.")
    var minP = 0.0
    @Option(name: .long, help: "The most new tokens.") var maxTokens = 256
    @Option(name: .long, parsing: .singleValue, help: "A text that ends an answer.")
    var stop: [String] = []
    @Option(name: .long, help: "The seed of the random numbers.") var seed: UInt64 = 17
    @Option(name: .long, help: "The arithmetic.") var precision: ModelOptions.Precision = .automatic
    @Flag(name: .long, help: "Print a line of JSON for each answer.") var json = false

    func validate() throws {
        guard samples >= 1, maxTokens >= 1 else {
            throw ValidationError("--samples and --max-tokens must be at least 1.")
        }
        guard temperature >= 0, topK >= 0, topP > 0, topP <= 1, minP >= 0, minP <= 1 else {
            throw ValidationError(
                "--temperature and --top-k must be at least 0, --top-p above 0 and at most 1, "
                    + "--min-p from 0 to 1.")
        }
    }

    func run() async throws {
        let settings = SamplingSettings(
            temperature: temperature, topK: topK, topP: topP, minP: minP, maxTokens: maxTokens,
            stops: stop)
        let generation = Generation(
            model: model, mode: mode, settings: settings, samples: samples, seed: seed,
            precision: precision)
        for prompts in prompt.map({ [[$0]] }) ?? standardInputLines() {
            let answers = try await interruptible {
                try await generation.answers(to: prompts, models: builtInModels())
            }
            for answer in answers {
                print(json ? try JSONText.encode(answer, pretty: false) : answer.text)
            }
        }
    }

    private func standardInputLines() -> [[String]] {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        return lines.isEmpty ? [] : [lines]
    }
}
