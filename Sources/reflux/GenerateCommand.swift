import ArgumentParser
import Foundation
import RefluxCore
import RefluxFiles
import RefluxPipeline
import RefluxTerminal

extension Generation.Mode: ExpressibleByArgument {}

/// `reflux generate --model FOLDER [PROMPT]`.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Let a model answer prompts, or talk with it.",
        discussion: """
            Without a prompt, a terminal gets a conversation (/help lists its commands); elsewhere \
            the prompt is all of standard input, or with --lines every line of it.
            """)

    @Argument(help: "The prompt.") var prompt: String?
    @Option(name: .long, help: "The model: a folder or a GGUF file.") var model: String
    @Option(
        name: .long,
        help: """
            How the prompt reaches the model: as a text to be continued, as a user's message, or \
            auto: as a message where the model has a chat template.
            """)
    var mode: Generation.Mode = .auto
    @Option(name: .long, help: "Answers to each prompt.") var samples = 1
    @OptionGroup var sampling: SamplingOptions
    @Option(name: .long, parsing: .singleValue, help: "A text that ends an answer.")
    var stop: [String] = []
    @Option(name: .long, help: "The seed of the random numbers.") var seed: UInt64 = 17
    @Flag(name: .long, help: "Every line of standard input is a prompt.") var lines = false
    @Flag(name: .long, help: "Print a line of JSON for each answer.") var json = false

    func validate() throws {
        guard samples >= 1 else { throw ValidationError("--samples must be at least 1.") }
        guard prompt == nil || !lines else {
            throw ValidationError("A prompt and --lines exclude each other.")
        }
    }

    func run() async throws {
        if prompt == nil, !lines, !json, samples == 1, Terminal.isInteractive {
            return try await generation(maxTokens: 1024).converse(models: builtInModels())
        }
        let prompts = try prompt.map { [$0] } ?? standardInput()
        let generation = generation(maxTokens: 256)
        if prompts.count == 1, !json, samples == 1, Terminal.isOutputTerminal {
            let speed = try await interruptible {
                try await generation.stream(prompts[0], models: builtInModels())
            }
            return Terminal.note(speed)
        }
        guard !prompts.isEmpty else { return }
        let answers = try await interruptible {
            try await generation.answers(to: prompts, models: builtInModels())
        }
        for answer in answers {
            print(json ? try JSONText.encode(answer, pretty: false) : answer.text)
        }
    }

    private func generation(maxTokens: Int) -> Generation {
        Generation(
            model: model, mode: mode,
            settings: sampling.settings(maxTokens: maxTokens, stops: stop), samples: samples,
            seed: seed, precision: sampling.precision)
    }

    /// The prompts of standard input. A line feed at its end belongs to the shell, not to the prompt.
    private func standardInput() throws -> [String] {
        if lines {
            var lines: [String] = []
            while let line = readLine() { lines.append(line) }
            return lines
        }
        let data = try FileHandle.standardInput.readToEnd() ?? Data()
        guard var text = String(data: data, encoding: .utf8) else {
            throw RefluxError(
                .input, found: "the text is not UTF-8",
                at: SourceLocation(path: "standard input"))
        }
        if text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else {
            throw RefluxError(
                .usage, found: "no prompt", wanted: "a prompt as an argument or on standard input")
        }
        return [text]
    }
}
