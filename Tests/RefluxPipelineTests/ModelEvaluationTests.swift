import Foundation
import RefluxCore
import RefluxFiles
import RefluxTesting
import Testing

@testable import RefluxPipeline

/// `reflux evaluate --model`: without a run file.
@Suite struct ModelEvaluationTests {
    /// Questions that end in `=`, whose answer is 7, and a model that mostly knows it.
    private let folder: TemporaryFolder
    private let registry: ExtensionRegistry

    init() async throws {
        folder = try TemporaryFolder()
        var registry = try builtInRegistry()
        try registry.register(.task, id: "seven", title: "Always 7") { _, _ in SevenTask() }
        self.registry = registry
        let answers = ["7", "7", "7", "3", "5"].flatMap { answer in
            [String](repeating: answer, count: 20).map { (prompt: "q=", response: $0) }
        }
        try Files.makeFolder("\(folder.path)/model")
        try await LinearEngine(corpus: answers).exportModel(to: "\(folder.path)/model")
    }

    private func asked(
        limit: Int? = nil, samples: Int = 1, temperature: Double = 0, output: String? = nil
    ) -> ModelEvaluation {
        ModelEvaluation(
            model: "\(folder.path)/model", task: "seven", limit: limit, samples: samples,
            sampling: SamplingSettings(temperature: temperature, maxTokens: 4),
            output: output.map { "\(folder.path)/\($0)" })
    }

    private func evaluate(
        _ asked: ModelEvaluation, models: any LanguageModelProvider = LinearEngineProvider()
    ) async throws -> (evaluation: RecordedEvaluation, samples: [GradedResponse]) {
        try await ModelEvaluator(
            asked, registry: registry, models: models, console: Console(style: .quiet)
        ).evaluation()
    }

    @Test func theAnswersAreGraded() async throws {
        let (evaluation, samples) = try await evaluate(asked())
        let model = try #require(evaluation.models.first)
        #expect(evaluation.models.count == 1)
        #expect(model.model == "\(folder.path)/model")
        #expect(model.questions == 10)
        #expect(model.metrics["exact"]?.value == 1)
        #expect(samples.allSatisfy { $0.text == "7" && $0.tokens != nil })
        #expect(evaluation.pairing.notes.isEmpty)
        let few = try await evaluate(asked(limit: 3)).evaluation
        #expect(few.models.first?.questions == 3)
    }

    @Test func theRecordedFormReadsTheSamplesAgain() async throws {
        let request = asked(samples: 8, temperature: 1, output: "out.jsonl")
        let own = try await evaluate(request).evaluation
        let model = try #require(own.models.first)
        #expect(model.responses == 80)
        #expect(model.sampling.map(\.k) == [1, 2, 4, 8])
        let accuracy = try #require(model.metrics["exact"]?.value)
        #expect(accuracy > 0.3 && accuracy < 0.9)
        let again = try await RecordedAuditor(
            RecordedSource(task: "seven", responses: "\(folder.path)/out.jsonl"),
            registry: registry, models: LinearEngineProvider()
        ).evaluation().evaluation
        #expect(
            try JSONText.encode(again.models, pretty: false)
                == JSONText.encode(own.models, pretty: false))
        #expect(
            Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
                == ["model", "out.jsonl"])
    }

    @Test func anInterruptedEvaluationGoesOn() async throws {
        // 128 samples of a question: two questions a chunk.
        let whole = try await evaluate(asked(samples: 128, temperature: 1, output: "a.jsonl"))
        let cut = asked(samples: 128, temperature: 1, output: "b.jsonl")
        await #expect(throws: RefluxError.self) {
            try await evaluate(cut, models: SabotagedProvider(Sabotage(failingCall: 3)))
        }
        #expect(!folder.exists("b.jsonl"))
        #expect(try folder.read("b.jsonl.part").count { $0 == "\n" } == 512)
        var other = cut
        other.sampling.temperature = 0.5
        let refused = await #expect(throws: RefluxError.self) { try await evaluate(other) }
        #expect(refused?.kind == .usage)
        #expect(refused?.description.contains("b.jsonl.part") == true)
        let rest = SabotagedProvider()
        let resumed = try await evaluate(cut, models: rest)
        // Three of the five chunks.
        #expect(rest.calls.increment() == 4)
        #expect(try folder.read("a.jsonl") == folder.read("b.jsonl"))
        #expect(resumed.samples.count == whole.samples.count)
        #expect(!folder.exists("b.jsonl.part.plan"))
    }

    /// The numbers of the models of a result.
    private func models(_ json: String) throws -> NSArray {
        let result = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary
        return try #require(result?["models"] as? NSArray)
    }

    @Test func theCommand() async throws {
        let inputs = try await WorkingInputs()
        let arguments = [
            "evaluate", "--task", "gsm8k", "--questions", "data", "--set", "task.prompt=text",
        ]
        let drawing = [
            "--model", "student", "--max-tokens", "6", "--precision", "f32", "--samples", "2",
            "--temperature", "1",
        ]
        let json = try Program.call(
            arguments + drawing + ["--limit", "5", "--output", "out.jsonl", "--json"],
            in: inputs.folder.path)
        #expect(json.code == 0, "\(json)")
        #expect(json.output.contains("\"responses\" : 10"))
        #expect(json.output.contains("\"model\" : \"student\""))
        let again = try Program.call(
            arguments + ["--responses", "out.jsonl", "--json", "--quiet"], in: inputs.folder.path)
        #expect(try models(again.output).count == 1)
        #expect(try models(again.output) == models(json.output))
        let table = try Program.call(
            arguments + drawing + ["--against", "out.jsonl", "--quiet"], in: inputs.folder.path)
        #expect(table.code == 0, "\(table)")
        #expect(table.output.contains("questions of both: 5"))
        let wrong = [
            (["--model", "nowhere"], Int32(1), "nowhere"),
            (["--model", "student", "--samples", "x.jsonl"], 2, "--output writes"),
            (["--model", "student", "--id-field", "x"], 2, "--id-field"),
            (["--responses", "out.jsonl", "--limit", "3"], 2, "--limit belongs"),
            (["--limit", "3"], 2, "--responses"),
        ]
        for (extra, code, part) in wrong {
            let outcome = try Program.call(arguments + extra, in: inputs.folder.path)
            #expect(outcome.code == code, "\(outcome)")
            #expect(outcome.errors.contains(part), "\(outcome)")
        }
    }
}
