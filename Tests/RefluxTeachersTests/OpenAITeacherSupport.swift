import Foundation
import RefluxCore
import RefluxNetwork
import Synchronization
import TestServer

@testable import RefluxTeachers

/// A reply of a chat with these texts.
func chat(_ texts: String..., finish: String = "stop") -> String { chat(texts, finish: finish) }

/// A reply of a chat with these texts, and three tokens of prompt and two of each answer.
func chat(_ texts: [String], finish: String = "stop") -> String {
    let choices = texts.enumerated().map { index, text in
        [
            "index": index, "finish_reason": finish,
            "message": ["role": "assistant", "content": text],
        ] as [String: Any]
    }
    let reply: [String: Any] = [
        "choices": choices, "model": "served",
        "usage": ["prompt_tokens": 3, "completion_tokens": 2 * texts.count],
    ]
    let data = try? JSONSerialization.data(withJSONObject: reply, options: .sortedKeys)
    return String(decoding: data ?? Data(), as: UTF8.self)
}

/// Answers a request with texts that hold its question and its seed.
func echo(_ request: ScriptedServer.Request) -> ScriptedServer.Action {
    .reply(200, chat((0..<request.count).map { "\(request.question) \(request.seed)+\($0)" }))
}

/// What a call of a teacher needs, with its defaults.
struct Call {
    var prompts = [Call.prompt(0)]
    var samples = 1
    var temperatures = [0.5]
    var sampling = SamplingSettings(maxTokens: 16)
    var policy = RetryPolicy(retries: 3, firstPause: 0.01, longestPause: 0.02, longestWait: 5)
    var environment: [String: String] = [:]
    var cache: String?
    var change: (inout OpenAISettings) -> Void = { _ in }

    static func prompt(_ index: Int) -> Prompt {
        Prompt(id: "p/\(index)", index: index, content: .chat([ChatMessage(.user, "q\(index)")]))
    }

    func teacher(_ url: String) -> OpenAITeacher {
        var settings = OpenAISettings(baseURL: url, model: "org/tiny")
        settings.timeout = 10
        change(&settings)
        return OpenAITeacher(
            settings: settings, cachePath: cache, policy: policy, environment: environment)
    }

    var plan: SamplingPlan {
        SamplingPlan(
            samplesPerTemperature: samples, temperatures: temperatures, settings: sampling, seed: 7)
    }

    func callAsFunction(
        _ server: ScriptedServer, observer: RunObserver = .silent
    ) async throws -> [[Response]] {
        try await teacher(server.url).respond(to: prompts, plan: plan, observer: observer)
    }
}

/// Collects what an observer is told.
final class Told: Sendable {
    private let state = Mutex((notes: [String](), metrics: [String: Double]()))

    var notes: String { state.withLock { $0.notes.joined(separator: "\n") } }
    var metrics: [String: Double] { state.withLock { $0.metrics } }

    var observer: RunObserver {
        RunObserver(
            metrics: { _, values in self.state.withLock { $0.metrics.merge(values) { $1 } } },
            note: { note in self.state.withLock { $0.notes.append(note) } })
    }
}
