import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// `adapter_config.json` and what stands beside it: what is taken and what is refused.
@Suite struct AdapterFolderTests {
    /// What opening a copy of a fixture's adapter says, with some keys changed to values of JSON.
    private func open(
        _ changes: [String: String], removing file: String? = nil
    ) async throws -> String {
        try await withTemporaryFolder { folder in
            let adapter = "\(folder)/a"
            try FileManager.default.copyItem(atPath: Fixture.path("lora_llama"), toPath: adapter)
            let path = "\(adapter)/adapter_config.json"
            var fields = try #require(
                try JSONSerialization.jsonObject(with: Files.read(path)) as? [String: Any])
            fields["base_model_name_or_path"] = Fixture.path("parity_llama_untied")
            for (key, value) in changes {
                fields[key] = try JSONSerialization.jsonObject(
                    with: Data(value.utf8), options: .fragmentsAllowed)
            }
            try Files.writeAtomically(JSONSerialization.data(withJSONObject: fields), to: path)
            if let file { try Files.remove("\(adapter)/\(file)") }
            return message(in: folder) {
                let model = try ModelFolder.open(adapter)
                let settings = try #require(model.adapter).settings
                _ = try model.adapter?.file(AdapterLayout(model.configuration, settings))
            }
        }
    }

    private func quoted(_ fixture: String) -> String { "\"\(Fixture.path(fixture))\"" }

    @Test func whatSaysNothingIsTaken() async throws {
        let harmless = [
            [:], ["modules_to_save": "[]"], ["rank_pattern": "{}"], ["a_later_key": "null"],
            ["revision": "\"main\""], ["init_lora_weights": "\"gaussian\""],
            ["target_modules": "\"all-linear\""], ["use_dora": "false"], ["lora_dropout": "0.5"],
        ]
        for changes in harmless {
            #expect(try await open(changes) == "no error", "\(changes)")
        }
    }

    @Test(arguments: [
        ("peft_type", "\"IA3\""), ("modules_to_save", "[\"lm_head\"]"), ("bias", "\"all\""),
        ("use_dora", "true"), ("fan_in_fan_out", "true"), ("rank_pattern", "{\"q_proj\": 2}"),
        ("alpha_pattern", "{\"q_proj\": 2}"), ("layers_to_transform", "[0]"),
        ("init_lora_weights", "\"pissa\""), ("r", "0"), ("r", "2.5"), ("lora_alpha", "\"8\""),
        ("lora_dropout", "1.5"), ("target_modules", "[\"lm_head\"]"),
        ("target_modules", "\".*_proj\""), ("target_modules", "[]"), ("use_rslora", "3"),
        ("a_later_key", "true"), ("base_model_name_or_path", "\"org/name\""),
        ("base_model_name_or_path", "3"), ("trainable_token_indices", "[1]"),
    ])
    func whatChangesTheResultIsRefused(_ key: String, _ value: String) async throws {
        let text = try await open([key: value])
        #expect(text.contains("F/a/adapter_config.json"), "\(text)")
        #expect(text.contains(key), "\(text)")
    }

    @Test func weightsMustBeThoseOfTheConfiguration() async throws {
        let rank = try await open(["r": "5"])
        #expect(rank.contains("adapter_model.safetensors") && rank.contains("[4, 24]"), "\(rank)")
        let stray = try await open(["target_modules": "[\"q_proj\"]"])
        #expect(stray.contains("lora_A") && stray.contains("nothing else"), "\(stray)")
        let missing = try await open([:], removing: "adapter_model.safetensors")
        #expect(missing.contains("no adapter_model.safetensors"), "\(missing)")
        let base = try await open(["base_model_name_or_path": quoted("lora_qwen2")])
        #expect(base.contains("on top of"), "\(base)")
        let other = try await open(["base_model_name_or_path": quoted("parity_qwen2")])
        #expect(other.contains("do not belong together"), "\(other)")
    }

    /// PEFT loads what Reflux wrote: Tests/Scripts/check_export.py, run by the Python that the
    /// environment variable REFLUX_PYTHON names.
    @Test(
        .enabled(if: ExportCheck.python != nil, "optional: set REFLUX_PYTHON"),
        arguments: AdapterParityTests.adapters)
    func peftLoadsAnExportedAdapter(_ name: String) async throws {
        try await withTemporaryFolder { folder in
            let engine = try await NativeEngineProvider().open(
                Fixture.path("lora_\(name)"), options: ModelOptions(precision: .float32))
            try await engine.exportModel(to: "\(folder)/out")
            let batch = try Fixture.read(
                AdapterParityTests.Expected.self, "lora_\(name)/expected.json"
            ).batch
            let readings = try await engine.logProbabilities(of: batch, reading: TokenReading())
            let check = ExportCheck(
                sequences: batch.map { .init(tokens: $0.tokens, prompt: $0.promptCount) },
                logProbabilities: readings.logProbabilities, text: "Tom has 37 apples.",
                ids: engine.tokenizer.encode("Tom has 37 apples.", parseSpecial: false))
            #expect(try check.run(model: "\(folder)/out", in: folder) == "ok\n")
        }
    }
}
