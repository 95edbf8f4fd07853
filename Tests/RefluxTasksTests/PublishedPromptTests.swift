import Foundation
import RefluxCore
import RefluxFiles
import RefluxTesting
import Testing

@testable import RefluxTasks

/// The prompts equal those of the published harnesses byte for byte (fixture by
/// `Tests/Scripts/make_prompt_fixtures.py` from lm-evaluation-harness 0.4.13).
struct PublishedPromptTests {
    struct Variant: Decodable {
        let stops: [String]
        let prompts: [String]
        let ids: [Int]?
    }

    static let data = SharedData.folder

    static func fixture() throws -> [String: Variant] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Fixtures/prompts.json").path
        return try JSONText.decode([String: Variant].self, from: Files.read(path), path: path)
    }

    @Test(
        "the first 200 test prompts of each GSM8K variant are lm-eval's",
        .enabled(if: Files.exists(data)),
        arguments: ["gsm8k", "gsm8k_cot", "gsm8k_cot_zeroshot", "gsm8k_cot_llama"])
    func gsm8k(_ name: String) throws {
        let variant = try #require(Self.fixture()[name])
        let task = try Self.task(
            [("data", .string("\(Self.data)/gsm8k")), ("prompt", .string(name))],
            GSM8KTask.init)
        let examples = try task.examples(in: .test).prefix(200)
        // The last prompt first: what is drawn for a question depends on its place alone.
        let prompts = try examples.reversed().map { try task.prompt(for: $0) }.reversed()
        #expect(prompts.map { Self.digest($0) } == variant.prompts)
        #expect(prompts.allSatisfy { $0.stops == variant.stops })
    }

    @Test(
        "the prompts of 200 MMLU-Pro questions are those of the script and of lm-eval",
        .enabled(if: Files.exists(data)), arguments: ["official", "lm-eval"])
    func mmluPro(_ name: String) throws {
        let variant = try #require(Self.fixture()[name])
        let task = try Self.task(
            [
                ("data", .string("\(Self.data)/mmlu_pro")), ("prompt", .string(name)),
                ("train_fraction", .integer(0)),
            ], MMLUProTask.init)
        let byID = Dictionary(
            try task.examples(in: .test).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let prompts = try #require(variant.ids).map { id in
            try task.prompt(for: #require(byID["mmlu-pro/\(id)"]))
        }
        #expect(prompts.count == 200)
        #expect(prompts.map { Self.digest($0) } == variant.prompts)
        #expect(prompts.allSatisfy { $0.stops == variant.stops })
    }

    private static func digest(_ prompt: Prompt) -> String {
        String(Files.sha256(of: Data(prompt.displayText.utf8)).prefix(16))
    }

    private static func task<Made>(
        _ keys: [(String, ConfigurationValue)],
        _ make: (ConfigurationReader, BuildContext) throws -> Made
    ) throws -> Made {
        let place = SourceLocation(path: "run.yaml", key: "task")
        let table = ConfigurationNode(
            .table(keys.map { ConfigurationEntry($0.0, ConfigurationNode($0.1, at: place)) }),
            at: place)
        let reader = try ConfigurationReader(table)
        let made = try make(
            reader, BuildContext(seed: 1, baseFolder: "/", models: LinearEngineProvider()))
        try reader.finish()
        return made
    }
}

/// The real data beside the repository.
enum SharedData {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../shared/data").standardized.path
}
