import Foundation
import RefluxCore
import TestServer
import Testing

@testable import RefluxPipeline

/// `reflux model pull` of the tiny committed model, from a hub on this machine.
@Suite struct ModelPullTests {
    private static let fixture =
        "\(RunFileManual.root)/Tests/RefluxEngineTests/Fixtures/parity_llama_tied"
    private static let names = [
        "config.json", "generation_config.json", "model.safetensors", "tokenizer.json",
        "tokenizer_config.json",
    ]

    private let folder: TemporaryFolder
    private let files: [String: Data]

    init() throws {
        folder = try TemporaryFolder()
        files = try Dictionary(
            uniqueKeysWithValues: Self.names.map {
                ($0, try Data(contentsOf: URL(filePath: "\(Self.fixture)/\($0)")))
            })
    }

    private var weights: Data { files["model.safetensors"] ?? Data() }

    private func pull(_ script: HubScript, _ arguments: String...) throws -> Program.Outcome {
        try Program.call(
            ["model", "pull", "owner/tiny", "--endpoint", script.hub.origin] + arguments,
            in: folder.path)
    }

    private func expectWhole(in name: String = "models/tiny") throws {
        for file in Self.names {
            let data = try Data(contentsOf: URL(filePath: "\(folder.path)/\(name)/\(file)"))
            #expect(data == files[file], "\(file)")
        }
        #expect(!folder.exists("\(name)/model.safetensors.part"))
    }

    @Test func aModelIsDownloadedCheckedAndShown() async throws {
        try await HubScript.serving(files, large: ["model.safetensors"]) { script in
            let first = try pull(script)
            #expect(first.code == 0, "\(first)")
            #expect(first.output.contains("llama (safetensors)"))
            #expect(first.errors.contains("owner/tiny at main (0123456789ab) to models/tiny:"))
            #expect(first.errors.contains("model.safetensors"))
            // Plain lines, for standard error is no terminal.
            #expect(!first.errors.contains("\u{1B}"))
            try expectWhole()
            let again = try pull(script, "--json")
            #expect(again.code == 0, "\(again)")
            #expect(again.errors.contains("all 5 files"))
            #expect(again.output.contains("\"downloaded_bytes\" : 0"))
            #expect(again.output.contains("\"family\" : \"llama\""))
            let quiet = try pull(script, "--quiet", "-o", "else")
            #expect(quiet.errors.isEmpty)
            try expectWhole(in: "else")
        }
    }

    @Test func theEnvironmentNamesTheServerAndTheToken() async throws {
        try await HubScript.serving(files, large: []) { script in
            let outcome = try Program.run(
                "/usr/bin/env",
                [
                    "HF_ENDPOINT=\(script.hub.origin)", "MY_TOKEN=hf_secret", Program.path, "model",
                    "pull", "owner/tiny", "--token-env", "MY_TOKEN",
                ], in: folder.path)
            #expect(outcome.code == 0, "\(outcome)")
            #expect(!"\(outcome)".contains("hf_secret"))
            #expect(
                script.hub.requests.allSatisfy {
                    $0.headers["authorization"] == "Bearer hf_secret"
                })
            let missing = try pull(script, "--token-env", "NO_SUCH_TOKEN")
            #expect(missing.code == 2)
            #expect(missing.errors.contains("NO_SUCH_TOKEN is not set"))
        }
    }

    @Test func killedHalfWayItGoesOn() async throws {
        let weights = weights
        let third = weights.count / 3
        try await HubScript.serving(
            files, large: ["model.safetensors"],
            network: { number, _ in
                // The first time so slowly that it can be killed in between.
                number == 0
                    ? .slow(
                        200, weights, piece: third, seconds: 60, ["etag": HubScript.tag]) : nil
            },
            { script in
                let process = try Program.start(
                    ["model", "pull", "owner/tiny", "--endpoint", script.hub.origin],
                    in: folder.path)
                let part = "\(folder.path)/models/tiny/model.safetensors.part"
                var size = 0
                for _ in 0..<8000 where size == 0 {
                    try await Task.sleep(for: .milliseconds(25))
                    let facts = try? FileManager.default.attributesOfItem(atPath: part)
                    size = (facts?[.size] as? NSNumber)?.intValue ?? 0
                }
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                #expect(size == third)
                #expect(!folder.exists("models/tiny/.reflux-pull.json"))
                let outcome = try pull(script)
                #expect(outcome.code == 0, "\(outcome)")
                let last = try #require(script.network.requests.last)
                #expect(last.headers["range"] == "bytes=\(third)-")
                #expect(last.headers["if-range"] == HubScript.tag)
            })
        try expectWhole()
    }

    @Test func aModelThatCannotBeUsedIsToldAtOnce() async throws {
        var files = files
        let config = String(decoding: files["config.json"] ?? Data(), as: UTF8.self)
        files["config.json"] = Data(
            config.replacing("LlamaForCausalLM", with: "MambaForCausalLM").utf8)
        try await HubScript.serving(files, large: []) { script in
            let outcome = try pull(script)
            #expect(outcome.code == 1)
            #expect(outcome.errors.contains("config.json: architectures"), "\(outcome)")
        }
    }

    @Test func wrongUse() throws {
        let cases = [
            (["model", "pull", "tiny"], "OWNER/NAME"),
            (["model", "pull", "a/b", "--file", "x", "--include", "y"], "exclude each other"),
            (["model", "pull", "a/b", "--endpoint", "nowhere"], "--endpoint"),
        ]
        for (arguments, part) in cases {
            let outcome = try Program.call(arguments, in: folder.path)
            #expect(outcome.code == 2)
            #expect(outcome.errors.contains(part), "\(outcome)")
        }
        #expect(!folder.exists("models"))
    }
}
