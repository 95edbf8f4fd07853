import Foundation
import RefluxCore
import RefluxNetwork
import TestServer
import Testing

@testable import RefluxTeachers

@Suite("A server that does not answer as it should")
struct OpenAITeacherFaultTests {
    /// What comes of a server that replies by these actions in turn, the last one again and again.
    private func outcome(
        _ actions: [ScriptedServer.Action], _ call: Call = Call()
    ) async throws -> (result: Result<[[Response]], any Error>, requests: Int) {
        let script: ScriptedServer.Script = { number, _ in
            actions[min(number, actions.count - 1)]
        }
        return try await ScriptedServer.serving(script) { server in
            do {
                return (.success(try await call(server)), server.requests.count)
            } catch {
                return (.failure(error), server.requests.count)
            }
        }
    }

    private func failure(
        _ actions: [ScriptedServer.Action], _ call: Call = Call()
    ) async throws -> (error: RefluxError, requests: Int) {
        let outcome = try await outcome(actions, call)
        let error = try #require(throws: RefluxError.self) { try outcome.result.get() }
        return (error, outcome.requests)
    }

    @Test(
        "what passes is asked again",
        arguments: [
            .reply(408, ""), .reply(429, "slow down"), .reply(500, "{}"), .reply(502, "<html>"),
            .reply(503, #"{"error": {"message": "Loading model", "code": 503}}"#),
            .reply(504, ""), .reply(529, ""), .cut(#"{"choices": [{"message""#), .close,
            .reply(200, #"{"choices": [{"message": {"conte"#), .reply(200, #"{"choices": []}"#),
            .reply(200, #"{"error": {"message": "upstream is busy", "code": 502}}"#),
        ] as [ScriptedServer.Action])
    func passing(action: ScriptedServer.Action) async throws {
        let outcome = try await outcome([action, .reply(200, chat("well"))])
        #expect(try outcome.result.get().first?.map(\.text) == ["well"])
        #expect(outcome.requests == 2)
    }

    @Test("a server that never recovers is asked as often as the policy says, and no run is lost")
    func exhausted() async throws {
        let found = try await failure([.reply(500, #"{"error": {"message": "out of memory"}}"#)])
        #expect(found.requests == 4)
        #expect(found.error.kind == .system)
        #expect(found.error.found == "status 500: out of memory; the request was sent 4 times")
    }

    @Test("a server that sends nothing, or stops in the middle, is left when the time is up")
    func timeouts() async throws {
        var call = Call()
        call.policy.retries = 1
        call.change = { $0.timeout = 1.5 }
        for action in [ScriptedServer.Action.hang, .stall(#"{"choices""#)] {
            let found = try await failure([action], call)
            #expect(found.requests == 2)
            #expect(
                found.error.found == "no answer within 1.5 seconds; the request was sent 2 times")
        }
        let late = try await outcome([.hang, .late(0.05, chat("late"))], call)
        #expect(try late.result.get().first?.map(\.text) == ["late"])
    }

    @Test(
        "Retry-After is obeyed, in seconds and as a date",
        arguments: ["1", "date"])
    func retryAfter(value: String) async throws {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = .gmt
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        // Dates have whole seconds: two of them are at least one.
        let header = value == "date" ? formatter.string(from: Date(timeIntervalSinceNow: 2)) : value
        let clock = ContinuousClock()
        let start = clock.now
        let outcome = try await outcome(
            [.reply(429, "", ["retry-after": header]), .reply(200, chat("well"))])
        #expect(outcome.requests == 2)
        #expect(throws: Never.self) { try outcome.result.get() }
        #expect(clock.now - start >= .seconds(0.95))
    }

    @Test("a pause that is too long ends the run at once")
    func longPause() async throws {
        let found = try await failure([.reply(429, "quota", ["retry-after": "86400"])])
        #expect(found.requests == 1)
        #expect(
            found.error.found == "the server wants a pause of 86400 seconds (status 429: quota)")
    }

    @Test(
        "what does not pass is told with the server's words after one request",
        arguments: [
            (401, #"{"error": {"message": "Incorrect API key"}}"#, "Incorrect API key"),
            (403, #"{"detail": "not yours"}"#, "not yours"),
            (404, #"{"object": "error", "message": "no model x", "code": 404}"#, "no model x"),
            (501, "not implemented", "not implemented"),
            (429, #"{"error": {"message": "no money", "code": "insufficient_quota"}}"#, "no money"),
            (307, "", "base_url"), (200, "<html>Welcome</html>", "base_url"),
            (200, #"{"error": {"message": "bad model", "code": 404}}"#, "bad model"),
        ])
    func final(status: Int, body: String, mention: String) async throws {
        let found = try await failure([.reply(status, body)])
        #expect(found.requests == 1)
        #expect(found.error.kind == .input)
        #expect(found.error.description.contains(mention))
        #expect(found.error.location?.path.hasSuffix("/v1/chat/completions") == true)
    }

    @Test("a prompt that the server refuses is named", arguments: [400, 413, 422])
    func refused(status: Int) async throws {
        let found = try await failure(
            [.reply(status, #"{"error": {"message": "maximum context length is 2048"}}"#)])
        #expect(found.requests == 1)
        #expect(found.error.found.contains("p/0"))
        #expect(found.error.found.contains("maximum context length is 2048"))
        #expect(found.error.remedy?.contains("on_error: skip") == true)
    }

    @Test("a prompt that the server refuses can be left out, and is counted")
    func skipped() async throws {
        let told = Told()
        var call = Call()
        call.prompts = (0..<4).map(Call.prompt)
        call.change = { $0.onError = .skip }
        let script: ScriptedServer.Script = { _, request in
            request.question == "q2" ? .reply(400, "too long") : echo(request)
        }
        let answers = try await ScriptedServer.serving(script) { server in
            try await call(server, observer: told.observer)
        }
        #expect(answers.map(\.count) == [1, 1, 0, 1])
        #expect(told.metrics["refused_requests"] == 1)
        #expect(told.notes.contains("1 refused by the server"))
    }

    @Test("a server that refuses everything ends the run even where prompts may be left out")
    func hopeless() async throws {
        var call = Call()
        call.prompts = (0..<40).map(Call.prompt)
        call.change = {
            $0.onError = .skip
            $0.concurrency = 1
        }
        let found = try await failure([.reply(400, "unknown model")], call)
        #expect(found.requests == 10)
        #expect(found.error.found.contains("unknown model"))
    }

    @Test("nobody listens: told at once, with the address")
    func unreachable() async throws {
        let server = try await ScriptedServer { _, _ in .hang }
        let url = server.url
        try await server.stop()
        let error = try await #require(throws: RefluxError.self) {
            try await Call().teacher(url)
                .respond(to: [Call.prompt(0)], plan: Call().plan, observer: .silent)
        }
        #expect(error.kind == .system)
        #expect(error.location?.path == "\(url)/chat/completions")
        #expect(error.found == "no server answers for the teacher tiny: connection refused")
        #expect(error.remedy == "Start the server, or correct base_url.")
    }

    @Test("a stop ends waiting requests promptly")
    func cancellation() async throws {
        try await ScriptedServer.serving({ _, _ in .hang }) { server in
            var call = Call()
            call.change = { $0.timeout = 600 }
            let (teacher, plan) = (call.teacher(server.url), call.plan)
            let task = Task {
                try await teacher.respond(to: [Call.prompt(0)], plan: plan, observer: .silent)
            }
            while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let clock = ContinuousClock()
            let start = clock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(clock.now - start < .seconds(60))
        }
    }
}
