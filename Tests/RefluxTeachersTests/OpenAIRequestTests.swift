import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxTeachers

@Suite("The body of a request")
struct OpenAIRequestTests {
    private let chat = Prompt(
        id: "p", index: 0,
        content: .chat([ChatMessage(.system, "Be brief."), ChatMessage(.user, "2+2?")]))
    private let text = Prompt(id: "p", index: 0, content: .text("2+2="), stops: ["\n"])

    private func body(
        _ prompt: Prompt, temperature: Double = 0.5, count: Int = 1,
        sampling: SamplingSettings = SamplingSettings(topP: 0.9, maxTokens: 64),
        _ change: (inout OpenAISettings) -> Void
    ) throws -> String {
        var settings = OpenAISettings(baseURL: "http://h/v1", model: "m")
        change(&settings)
        let body = try RequestBody(
            prompt, sampling: sampling, temperature: temperature, settings: settings)
        return String(decoding: try body.bytes(seed: 5, count: count), as: UTF8.self)
    }

    @Test("a generic server is sent the protocol's parameters alone")
    func generic() throws {
        #expect(
            try body(chat) { _ in } == """
                {"max_tokens":64,"messages":[{"content":"Be brief.","role":"system"},\
                {"content":"2+2?","role":"user"}],"model":"m","seed":5,"temperature":0.5,\
                "top_p":0.9}
                """)
        #expect(
            try body(text, count: 3) {
                $0.api = .completions
                $0.logprobs = true
            } == """
                {"logprobs":1,"max_tokens":64,"model":"m","n":3,"prompt":"2+2=","seed":5,\
                "stop":["\\n"],"temperature":0.5,"top_p":0.9}
                """)
    }

    @Test(
        "every family is sent what it needs to draw as the plan says",
        arguments: [
            (
                .vllm,
                #""min_p":0,"model":"m","repetition_penalty":1,"seed":5,"temperature":0.5,"top_k":-1"#
            ),
            (.sglang, #""repetition_penalty":1,"seed":5,"temperature":0.5,"top_k":-1,"top_p":0.9"#),
            (.llamaCpp, #""repeat_penalty":1,"seed":5,"temperature":0.5,"top_k":0,"top_p":0.9"#),
            (.llamaCpp, #"{"cache_prompt":false,"max_tokens":64"#),
            (.openai, #"{"max_completion_tokens":64"#),
            (
                .transformers,
                #"{"generation_config":"{\"do_sample\":true,\"max_new_tokens\":64,\"min_p\":0,\"repetition_penalty\":1,\"temperature\":0.5,\"top_k\":0,\"top_p\":0.9}""#
            ),
        ] as [(ServerFamily, String)])
    func families(family: ServerFamily, part: String) throws {
        #expect(try body(chat) { $0.server = family }.contains(part))
    }

    @Test("greedy requests to transformers do not draw")
    func greedy() throws {
        let body = try body(chat, temperature: 0) { $0.server = .transformers }
        #expect(body.contains(#"\"do_sample\":false"#) && !body.contains("top_k"))
    }

    @Test("what the user adds is sent as given; a seed can be left out")
    func extra() throws {
        let body = try body(chat) {
            $0.server = .llamaCpp
            $0.seeds = false
            $0.extra = ["cache_prompt": .bool(true), "nested": .table(["a": .list([.integer(1)])])]
        }
        #expect(body.contains(#""cache_prompt":true"#) && body.contains(#""nested":{"a":[1]}"#))
        #expect(!body.contains("seed"))
    }

    @Test("OpenAI is sent four stop texts at most")
    func stops() throws {
        let sampling = SamplingSettings(stops: ["a", "b", "c", "d", "e", ""])
        #expect(
            try body(text, sampling: sampling) { $0.server = .openai }
                .contains(#""stop":["a","b","c","d"]"#))
        #expect(
            try body(text, sampling: sampling) { _ in }
                .contains(#""stop":["a","b","c","d","e","\n"]"#))
    }

    @Test("a text is one message of a user in a chat")
    func textInChat() throws {
        #expect(try body(text) { _ in }.contains(#"[{"content":"2+2=","role":"user"}]"#))
    }

    @Test(
        "filters that cannot be sent are refused",
        arguments: [ServerFamily.generic, .openai, .ollama])
    func refusals(family: ServerFamily) {
        for (sampling, key) in [
            (SamplingSettings(topK: 5), "top_k"), (SamplingSettings(minP: 0.1), "min_p"),
        ] {
            let error = #expect(throws: RefluxError.self) {
                _ = try body(chat, sampling: sampling) { $0.server = family }
            }
            #expect(error?.location?.key == key)
        }
    }
}

@Suite("The keys of a teacher behind a server")
struct OpenAISettingsTests {
    private let place = SourceLocation(path: "run.yaml", key: "teachers.0")

    private func settings(_ keys: [String: ConfigurationValue]) throws -> OpenAISettings {
        var all: [String: ConfigurationValue] = [
            "base_url": .string("http://localhost:8000/v1/"), "model": .string("org/name"),
        ]
        all.merge(keys) { $1 }
        let reader = try ConfigurationReader(node(.table(entries(all))))
        let settings = try OpenAISettings(reader)
        try reader.finish()
        return settings
    }

    private func entries(_ keys: [String: ConfigurationValue]) -> [ConfigurationEntry] {
        keys.sorted { $0.key < $1.key }.map { ConfigurationEntry($0.key, node($0.value)) }
    }

    private func node(_ value: ConfigurationValue) -> ConfigurationNode {
        ConfigurationNode(value, at: place)
    }

    private func table(_ keys: [String: ConfigurationValue]) -> ConfigurationValue {
        .table(entries(keys))
    }

    @Test("addresses lose their last slash, and names the owner of the model")
    func defaults() throws {
        let settings = try settings([:])
        #expect(settings == OpenAISettings(baseURL: "http://localhost:8000/v1", model: "org/name"))
        #expect(settings.name == "name")
    }

    @Test("all keys are read")
    func all() throws {
        let settings = try settings([
            "name": .string("n"), "api": .string("completions"), "server": .string("llama.cpp"),
            "api_key_env": .string("KEY_1"), "api_key_header": .string("api-key"),
            "headers": table(["X-Title": .string("t")]), "extra": table(["top_a": .number(0.5)]),
            "concurrency": .integer(3), "requests_per_minute": .integer(60),
            "tokens_per_minute": .integer(1000), "timeout": .integer(5), "retries": .integer(0),
            "logprobs": .bool(true), "seeds": .bool(false), "samples_per_request": .integer(4),
            "on_error": .string("skip"),
            "price_per_million": table(["prompt": .number(0.5), "completion": .integer(2)]),
        ])
        #expect(settings.extra == ["top_a": .number(0.5)] && settings.headers == ["X-Title": "t"])
        #expect(settings.price == .init(prompt: 0.5, completion: 2))
        #expect(settings.server == .llamaCpp && settings.api == .completions)
        #expect(settings.tokensPerMinute == 1000 && settings.requestsPerMinute == 60)
    }

    @Test("secrets, addresses of nothing and keys that Reflux sends itself are refused")
    func refusals() throws {
        let wrong: [(String, ConfigurationValue)] = [
            ("base_url", .string("localhost:8000")), ("base_url", .string("ftp://h/v1")),
            ("base_url", .string("http://")), ("base_url", .string("https://me:secret@h/v1")),
            ("base_url", .string("http://h/v1?key=secret")),
            ("base_url", .string("http://h/v1/chat/completions")),
            ("api_key_env", .string("sk-secret")), ("api_key_header", .string("a b")),
            ("headers", table(["Authorization": .string("Bearer secret")])),
            ("headers", table(["A": .string("a\r\nB: secret")])), ("headers", .string("x")),
            ("extra", table(["temperature": .integer(1)])), ("extra", .list([])),
            ("extra", table(["stream": .bool(true)])), ("concurrency", .integer(0)),
            ("retries", .integer(-1)), ("price_per_million", table(["promt": .integer(1)])),
            ("server", .string("vlm")), ("on_error", .string("ignore")),
        ]
        for (key, value) in wrong {
            let error = #expect(throws: RefluxError.self, "\(key)") { try settings([key: value]) }
            #expect(error?.kind == .usage)
            #expect(error?.description.contains("sk-secret") == false)
            #expect(error?.description.contains("me:secret") == false || key != "base_url")
        }
    }
}
