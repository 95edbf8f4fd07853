import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// The whole engine against `transformers` 5.23.0 (Tests/Scripts/make_parity_fixtures.py).
struct ParityEngineTests {
    private func open(_ path: String) async throws -> any LanguageModelEngine {
        try await NativeEngineProvider().open(
            path, options: ModelOptions(precision: .float32, trainable: true))
    }

    @Test(arguments: ParityTests.models)
    func greedyTextIsThatOfTransformers(_ name: String) async throws {
        let engine = try await open(Fixture.path("parity_\(name)"))
        let expected = try Fixture.read(
            ParityTests.Expected.self, "parity_\(name)/expected.json")
        let requests = expected.greedy.enumerated().map { index, greedy in
            SampleRequest(
                id: "\(index)", prompt: greedy.prompt, settings: .greedy(maxTokens: 32),
                key: RandomKey(seed: 1, stage: .sample))
        }
        let samples = try await engine.sample(requests)
        for (sample, greedy) in zip(samples, expected.greedy) {
            #expect(sample.map(\.tokens) == [greedy.tokens])
        }
    }

    @Test(arguments: ParityTests.models)
    func anExportedModelReadsTheSame(_ name: String) async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(Fixture.path("parity_\(name)"))
            try await engine.exportModel(to: "\(folder)/m")
            let copy = try await open("\(folder)/m")
            let batch = try Fixture.read(
                ParityTests.Expected.self, "parity_\(name)/expected.json"
            ).batch
            let reading = TokenReading(entropies: true)
            let before = try await engine.logProbabilities(of: batch, reading: reading)
            let after = try await copy.logProbabilities(of: batch, reading: reading)
            #expect(before == after)
        }
    }

    /// `transformers` loads what Reflux wrote: Tests/Scripts/check_export.py, run by the Python that
    /// the environment variable REFLUX_PYTHON names.
    @Test(
        .enabled(if: ExportCheck.python != nil, "optional: set REFLUX_PYTHON"),
        arguments: ParityTests.models + ["fresh"] + GGUFModelTests.models.map { "gguf_\($0)" })
    func transformersLoadsAnExportedModel(_ name: String) async throws {
        try await withTemporaryFolder { folder in
            let (model, batch) = try await prepare(name, in: folder)
            let readings = try await model.logProbabilities(of: batch, reading: TokenReading())
            let text = "Tom has 37 apples. Wie geht's? 日本語"
            let check = ExportCheck(
                sequences: batch.map { .init(tokens: $0.tokens, prompt: $0.promptCount) },
                logProbabilities: readings.logProbabilities, text: text,
                ids: model.tokenizer.encode(text, parseSpecial: false))
            #expect(try check.run(model: "\(folder)/out", in: folder) == "ok\n")
        }
    }

    /// Exports a fixture, or a fresh model, to `folder/out`.
    private func prepare(
        _ name: String, in folder: String
    ) async throws -> (any LanguageModelEngine, [TokenSequence]) {
        if name.hasPrefix("gguf_") {
            let path = Fixture.path("\(name).gguf")
            _ = try await ModelConversion(dtype: .float32).convert(path, to: "\(folder)/out")
            let expected = try Fixture.read(
                ParityTests.Expected.self, "parity_\(name.dropFirst(5))/expected.json")
            return (try await open(path), expected.batch)
        }
        guard name == "fresh" else {
            let model = try await open(Fixture.path("parity_\(name)"))
            try await model.exportModel(to: "\(folder)/out")
            let expected = try Fixture.read(
                ParityTests.Expected.self, "parity_\(name)/expected.json")
            return (model, expected.batch)
        }
        try await ModelFolderFactory.create(
            at: "\(folder)/out", blueprint: .tiny, corpus: ["Tom has 37 apples and 37 pears."],
            seed: 5)
        let model = try await open("\(folder)/out")
        let ids = model.tokenizer.encode("Tom has 37 pears", parseSpecial: false)
        return (model, [TokenSequence(prompt: [0], response: ids)])
    }
}

/// What Tests/Scripts/check_export.py compares.
struct ExportCheck: Encodable {
    struct Sequence: Encodable { var tokens: [Int32], prompt: Int }

    var sequences: [Sequence]
    var logProbabilities: [Float]
    var text: String
    var ids: [Int32]

    enum CodingKeys: String, CodingKey {
        case sequences, text, ids
        case logProbabilities = "log_probs"
    }

    static let python = ProcessInfo.processInfo.environment["REFLUX_PYTHON"]

    /// The script's output.
    func run(model: String, in folder: String) throws -> String {
        let expected = "\(folder)/check.json"
        try Files.writeAtomically(
            Data(try JSONText.encode(self, pretty: false).utf8), to: expected)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Scripts/check_export.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python ?? "python3")
        process.arguments = ["-B", script, model, expected]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }
}
