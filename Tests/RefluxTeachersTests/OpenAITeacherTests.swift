import Foundation
import RefluxCore
import RefluxNetwork
import RefluxTesting
import TestServer
import Testing

@testable import RefluxTeachers

@Suite("A teacher behind a server")
struct OpenAITeacherTests {
    private let key = "sk-very-secret-1234"

    @Test("keeps the promises of a teacher")
    func conformance() async throws {
        var call = Call()
        call.prompts = (0..<4).map(Call.prompt)
        call.samples = 3
        call.temperatures = [0, 1]
        try await ScriptedServer.serving({ _, request in echo(request) }) { server in
            try await TeacherSourceConformance.check(
                call.teacher(server.url), prompts: call.prompts, plan: call.plan)
        }
    }

    @Test("every response says where it comes from")
    func provenance() async throws {
        var call = Call()
        call.prompts = (0..<2).map(Call.prompt)
        call.samples = 2
        call.temperatures = [0.5, 1]
        let answers = try await ScriptedServer.serving({ _, request in echo(request) }) { server in
            try await call(server)
        }
        for (index, responses) in answers.enumerated() {
            #expect(responses.map(\.sample) == [0, 1, 2, 3])
            #expect(responses.map(\.temperature) == [0.5, 0.5, 1, 1])
            #expect(responses.allSatisfy { $0.promptID == "p/\(index)" && $0.seed == 7 })
            #expect(responses.allSatisfy { $0.source == "tiny" && $0.model == "served" })
            #expect(responses.allSatisfy { $0.finish == .stop && $0.tokenCount == 2 })
        }
    }

    @Test(
        "each sample has a seed of its own, from 1 to 2^31 - 1, that does not depend on the chunk")
    func seeds() async throws {
        var call = Call()
        call.prompts = (0..<8).map(Call.prompt)
        call.samples = 4
        call.temperatures = [0.5, 1]
        let asked = try await seeds(of: call)
        #expect(Set(asked).count == 64)
        #expect(asked.allSatisfy { (1...0x7FFF_FFFF).contains($0) })
        var half = call
        half.prompts = Array(call.prompts[4...])
        #expect(Set(try await seeds(of: half)).isSubset(of: asked))
        var renamed = call
        renamed.change = { $0.name = "other" }
        #expect(Set(try await seeds(of: renamed)).isDisjoint(with: asked))
    }

    private func seeds(of call: Call) async throws -> [Int] {
        try await ScriptedServer.serving({ _, request in echo(request) }) { server in
            _ = try await call(server)
            return server.requests.map(\.seed)
        }
    }

    @Test("a server that gives fewer choices than asked for is asked for the rest")
    func tooFew() async throws {
        var call = Call()
        call.samples = 4
        call.change = { $0.samplesPerRequest = 4 }
        try await ScriptedServer.serving({ _, request in
            .reply(200, chat("\(request.seed)"))
        }) { server in
            let answers = try await call(server)
            #expect(server.requests.map(\.count) == [4, 3, 2, 1])
            #expect(Set(server.requests.map(\.seed)).count == 4)
            #expect(answers[0].map(\.text) == server.requests.map { "\($0.seed)" })
        }
    }

    @Test("of more choices than asked for the first are kept")
    func tooMany() async throws {
        var call = Call()
        call.samples = 2
        call.change = { $0.samplesPerRequest = 2 }
        try await ScriptedServer.serving({ _, _ in .reply(200, chat("a", "b", "c")) }) { server in
            let answers = try await call(server)
            #expect(answers[0].map(\.text) == ["a", "b"])
            #expect(server.requests.count == 1)
        }
    }

    @Test("as many requests are under way as allowed, and no more")
    func concurrency() async throws {
        var call = Call()
        call.prompts = (0..<24).map(Call.prompt)
        call.change = { $0.concurrency = 5 }
        try await ScriptedServer.serving({ _, _ in .late(0.2, chat("a")) }) { server in
            _ = try await call(server)
            // How many meet at once is the machine's affair; never more than allowed.
            #expect(server.busiest > 1 && server.busiest <= 5)
            #expect(server.requests.count == 24)
        }
    }

    @Test("requests keep to the rate limit")
    func rateLimit() async throws {
        var call = Call()
        call.prompts = (0..<6).map(Call.prompt)
        call.change = { $0.requestsPerMinute = 600 }
        try await ScriptedServer.serving({ _, _ in .reply(200, chat("a")) }) { server in
            let clock = ContinuousClock()
            let start = clock.now
            _ = try await call(server)
            #expect(clock.now - start >= .seconds(0.49))
        }
    }

    @Test("an answer that a filter keeps back is recorded and counted; a stop text is cut off")
    func finishes() async throws {
        let told = Told()
        var call = Call()
        call.prompts = (0..<4).map(Call.prompt)
        call.sampling.stops = ["\n\n", "END"]
        let bodies = [
            "q0": chat("I", finish: "content_filter"), "q1": chat("a END b\n\nc", finish: "length"),
            "q2": chat("cut", finish: "length"),
            "q3": #"{"choices": [{"finish_reason": "tool_calls", "message": {"content": null}}]}"#,
        ]
        let answers = try await ScriptedServer.serving({ _, request in
            .reply(200, bodies[request.question] ?? "", ["content-type": "text/plain"])
        }) { server in
            try await call(server, observer: told.observer)
        }
        #expect(answers.map { $0.map(\.text) } == [["I"], ["a "], ["cut"], [""]])
        #expect(answers.flatMap { $0.map(\.finish) } == [.unknown, .stop, .length, .unknown])
        #expect(told.metrics["filtered"] == 1)
        #expect(told.notes.contains("1 responses kept back by a filter"))
    }

    @Test("requests, tokens and their cost are told")
    func costs() async throws {
        let told = Told()
        var call = Call()
        call.samples = 10
        call.change = { $0.price = .init(prompt: 1e6, completion: 1e5) }
        try await ScriptedServer.serving({ number, request in
            number == 0 ? .reply(429, "") : echo(request)
        }) { server in
            _ = try await call(server, observer: told.observer)
        }
        #expect(told.metrics["requests"] == 11 && told.metrics["retries"] == 1)
        #expect(told.metrics["rate_limited"] == 1)
        #expect(told.metrics["prompt_tokens"] == 30 && told.metrics["completion_tokens"] == 20)
        #expect(told.metrics["cost"] == 32)
        #expect(told.notes.contains("cost 32"))
    }

    @Test("missing log-probabilities are told once and are not made up")
    func logProbabilities() async throws {
        let told = Told()
        var call = Call()
        call.prompts = (0..<3).map(Call.prompt)
        call.change = { $0.logprobs = true }
        let answers = try await ScriptedServer.serving({ _, request in echo(request) }) { server in
            let answers = try await call(server, observer: told.observer)
            #expect(server.requests[0]["logprobs"] as? Bool == true)
            return answers
        }
        #expect(answers.allSatisfy { $0[0].meanLogProbability == nil })
        #expect(told.notes.components(separatedBy: "no log-probabilities").count == 2)
    }

    @Test("the key comes from the environment, goes to the server, and appears nowhere else")
    func secrets() async throws {
        var call = Call()
        call.environment = ["MY_KEY": "\(key)\n"]
        call.change = { $0.keyVariable = "MY_KEY" }
        try await ScriptedServer.serving({ _, _ in
            .reply(401, #"{"error": {"message": "Incorrect key sk-very-secret-1234."}}"#)
        }) { server in
            let error = try await #require(throws: RefluxError.self) { try await call(server) }
            #expect(server.requests[0].headers["authorization"] == "Bearer \(key)")
            #expect(!error.description.contains(key))
            #expect(error.found == "status 401: Incorrect key [the key].")
            #expect(error.remedy == "Check the key in the variable MY_KEY.")
        }
        call.change = {
            $0.keyVariable = "MY_KEY"
            $0.keyHeader = "api-key"
        }
        try await ScriptedServer.serving({ _, request in echo(request) }) { server in
            _ = try await call(server)
            #expect(server.requests[0].headers["api-key"] == key)
            #expect(server.requests[0].headers["authorization"] == nil)
        }
    }

    @Test("a missing key is told before any request", arguments: [[:], ["MY_KEY": ""]])
    func missingKey(environment: [String: String]) async throws {
        var call = Call()
        call.environment = environment
        call.change = { $0.keyVariable = "MY_KEY" }
        try await ScriptedServer.serving({ _, request in echo(request) }) { server in
            let error = try await #require(throws: RefluxError.self) { try await call(server) }
            #expect(error.kind == .usage)
            #expect(error.found == "the environment variable MY_KEY is not set")
            #expect(server.requests.isEmpty)
        }
    }

    @Test("a plan that the server cannot be asked for is refused before any request")
    func impossiblePlans() async throws {
        var call = Call()
        call.sampling.topK = 40
        try await ScriptedServer.serving({ _, request in echo(request) }) { server in
            let error = try await #require(throws: RefluxError.self) { try await call(server) }
            #expect(error.kind == .usage && error.found.contains("top_k"))
            call.change = { $0.server = .vllm }
            _ = try await call(server)
            call.change = {
                $0.server = .vllm
                $0.api = .completions
            }
            let other = try await #require(throws: RefluxError.self) { try await call(server) }
            #expect(other.remedy?.contains("api: chat") == true)
            #expect(server.requests.count == 1)
        }
    }
}

@Suite("The response cache before a server")
struct OpenAITeacherCacheTests {
    private let path = FileManager.default.temporaryDirectory
        .appending(path: "responses-\(UUID().uuidString).sqlite").path

    private func call(_ prompts: Int) -> Call {
        var call = Call()
        call.prompts = (0..<prompts).map(Call.prompt)
        call.samples = 3
        call.temperatures = [0, 1]
        call.cache = path
        call.policy.retries = 0
        return call
    }

    private func removeCache() {
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }

    @Test("what was answered before a failure is not asked again, and nothing is lost")
    func resuming() async throws {
        defer { removeCache() }
        let call = call(10)
        try await ScriptedServer.serving({ number, request in
            number == 23 ? .reply(500, "") : echo(request)
        }) { server in
            await #expect(throws: RefluxError.self) { try await call(server) }
            let first = server.requests.count
            #expect(first >= 24 && first < 60)
            let answers = try await call(server)
            #expect(answers.map(\.count) == Array(repeating: 6, count: 10))
            // Only the failed request, and those that were under way beside it, are sent twice.
            let asked = Dictionary(grouping: server.requests, by: \.seed)
            #expect(asked.count == 60)
            #expect(asked.values.allSatisfy { $0.count <= 2 })
            #expect(server.requests.count <= 60 + 8)
            let again = try await call(server)
            #expect(again == answers)
            #expect(server.requests.count <= 60 + 8)
        }
    }

    @Test("a run whose answers are all there needs neither server nor key")
    func offline() async throws {
        defer { removeCache() }
        var call = call(3)
        let (url, answers) = try await ScriptedServer.serving({ _, request in echo(request) }) {
            (($0.url), try await call($0))
        }
        call.change = { $0.keyVariable = "NO_SUCH_KEY" }
        let told = Told()
        let again = try await call.teacher(url)
            .respond(to: call.prompts, plan: call.plan, observer: told.observer)
        #expect(again == answers)
        #expect(told.metrics["cached_responses"] == 18 && told.metrics["requests"] == 0)
    }

    @Test("whatever changes an answer is asked anew")
    func keys() async throws {
        defer { removeCache() }
        try await ScriptedServer.serving({ _, request in echo(request) }) { server in
            var call = call(1)
            _ = try await call(server)
            var expected = server.requests.count
            let changes: [(inout OpenAISettings) -> Void] = [
                { $0.model = "other" }, { $0.extra = ["logit_bias": .table([:])] },
                { $0.name = "other" }, { $0.logprobs = true }, { $0.server = .vllm },
            ]
            for change in changes {
                call.change = change
                _ = try await call(server)
                expected += 6
                #expect(server.requests.count == expected)
            }
            call.change = {
                $0.concurrency = 2
                $0.timeout = 3
                $0.price = .init(prompt: 1, completion: 1)
            }
            _ = try await call(server)
            #expect(server.requests.count == expected)
        }
    }
}
