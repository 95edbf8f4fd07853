import Foundation
import RefluxCore
import RefluxNetwork
import Testing

@testable import RefluxTeachers

@Suite("What servers reply")
struct ServerReplyTests {
    private func reply(_ text: String) throws -> ServerReply {
        try ServerReply(parsing: Data(text.utf8))
    }

    /// Replies as servers sent them, shortened: vLLM's legacy shape, llama.cpp's chat, a list of
    /// parts.
    private static let replies = [
        #"""
        {"id":"cmpl-1","object":"text_completion","model":"Qwen","choices":[{"index":0,"text":" 4",
        "logprobs":{"text_offset":[0,2],"token_logprobs":[-0.5,null,-1.5],"tokens":[" 4","",""],
        "top_logprobs":[{" 4":-0.5}]},"finish_reason":"stop","stop_reason":null}],
        "usage":{"prompt_tokens":5,"total_tokens":7,"completion_tokens":2}}
        """#,
        #"""
        {"choices":[{"finish_reason":"length","index":0,"message":{"role":"assistant",
        "content":"é 😀"},"logprobs":{"content":[{"id":1,"token":"\u00e9","bytes":[195,169],
        "logprob":-0.25,"top_logprobs":[]},{"token":"x","logprob":-0.75}]}}],"created":1,
        "model":"smollm2.gguf","usage":{"completion_tokens":2,"prompt_tokens":3}}
        """#,
        #"""
        {"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"image"},
        {"type":"text","text":"b"}]},"finish_reason":null},{"message":{"content":null,
        "refusal":"I must not."},"finish_reason":"stop","logprobs":null}]}
        """#,
    ]

    @Test("both shapes of log-probabilities are read")
    func logProbabilities() throws {
        let legacy = try reply(Self.replies[0])
        #expect(
            legacy.choices == [
                .init(text: " 4", finish: "stop", tokenCount: 3, meanLogProbability: -1)
            ])
        #expect(legacy.promptTokens == 5 && legacy.completionTokens == 2 && legacy.model == "Qwen")
        let chat = try reply(Self.replies[1])
        #expect(
            chat.choices == [
                .init(text: "é 😀", finish: "length", tokenCount: 2, meanLogProbability: -0.5)
            ])
    }

    @Test("a message may be a list of parts, a refusal, or nothing")
    func messages() throws {
        let found = try reply(Self.replies[2])
        #expect(found.choices.map(\.text) == ["ab", "I must not."])
        #expect(found.choices.map(\.finish) == [nil, "stop"])
        #expect(try reply(#"{"choices":[{"message":{"content":null}}]}"#).choices[0].text == "")
    }

    @Test(
        "numbers that cannot be are absent",
        arguments: [
            #""logprobs":{"content":[{"logprob":0.5}]}"#,
            #""logprobs":{"token_logprobs":[1e999]}"#, #""logprobs":{"token_logprobs":[]}"#,
            #""logprobs":{"token_logprobs":["x",null]}"#, #""logprobs":7"#,
        ])
    func oddNumbers(field: String) throws {
        let text = #"{"choices":[{"text":"a",\#(field)}],"usage":{"prompt_tokens":-1}}"#
        guard let found = try? reply(text) else { return #expect(field.contains("1e999")) }
        #expect(found.choices[0].meanLogProbability == nil && found.promptTokens == nil)
    }

    @Test(
        "what is no reply is told with its beginning",
        arguments: [
            ("", "not the JSON"), ("<html>\n <b>Hello</b>", "<html> <b>Hello</b>"),
            ("[]", "not the JSON"), ("{}", "no list"), (#"{"choices":{}}"#, "no list"),
            (#"{"choices":[]}"#, "no answers"), (#"{"choices":[{}]}"#, "no text"),
            (#"{"choices":[null]}"#, "no text"), (#"{"choices":[{"text":1}]}"#, "no text"),
            (String(repeating: "[", count: 100_000), "not the JSON"),
            (#"{"choices":"# + String(repeating: #"[{"message":"#, count: 5000), "not the JSON"),
        ])
    func unreadable(text: String, mention: String) throws {
        let error = try #require(throws: RefluxError.self) { try reply(text) }
        #expect(error.kind == .input)
        #expect(error.found.contains(mention))
        #expect(error.found.utf8.count < 400)
    }

    @Test("damaged replies are read or refused, and log-probabilities stay what they are")
    func damaged() {
        var random = RandomKey(seed: 3, stage: .generate).stream
        var read = 0
        for round in 0..<6000 {
            var bytes = Array(Self.replies[round % Self.replies.count].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + 20))
                default:
                    let piece = [#"{"choices":["#, "1e308", "null", #"\ud800"#, "]"].randomElement(
                        using: &random)
                    bytes.insert(contentsOf: Array((piece ?? "").utf8), at: place)
                }
                if bytes.isEmpty { break }
            }
            let data = Data(bytes)
            _ = ServerFailure(parsing: data)
            guard let reply = try? ServerReply(parsing: data) else { continue }
            read += 1
            #expect(!reply.choices.isEmpty)
            let means = reply.choices.compactMap(\.meanLogProbability)
            #expect(means.allSatisfy { $0.isFinite && $0 <= 0 })
        }
        #expect(read > 100 && read < 6000)
    }
}

@Suite("What servers say about failures")
struct ServerFailureTests {
    private func failure(_ text: String) -> ServerFailure {
        ServerFailure(parsing: Data(text.utf8))
    }

    @Test(
        "the four shapes of bodies are read",
        arguments: [
            (#"{"error":{"message":"m","type":"t","param":null,"code":"c"}}"#, "m", "c", "t"),
            (#"{"error":{"message":"m","code":404}}"#, "m", "404", nil),
            (#"{"error":"m"}"#, "m", nil, nil),
            (
                #"{"object":"error","message":"m","type":"t","param":null,"code":400}"#, "m", "400",
                "t"
            ),
            (#"{"detail":"m"}"#, "m", nil, nil),
            (#"{"detail":{"message":"m","code":7}}"#, "m", "7", nil),
            (
                #"{"detail":[{"loc":["body","top_k",0],"msg":"too small","type":"x"},{"msg":"n"}]}"#,
                "body.top_k.0 too small; n", nil, nil
            ),
        ] as [(String, String, String?, String?)])
    func structured(body: String, message: String, code: String?, type: String?) {
        let found = failure(body)
        #expect(found.message == message && found.code == code && found.type == type)
        #expect(found.isStructured)
    }

    @Test("plain text is shown on one line, not too long and without control characters")
    func plain() {
        #expect(
            failure("Internal\n\t Server Error\u{1B}[2K ").message == "Internal Server Error [2K")
        #expect(failure("").message == "")
        #expect(failure(String(repeating: "é", count: 9000)).message.count == 501)
        #expect(!failure(#"{"choices":[]}"#).isStructured)
    }

    @Test("a code is a status where it can be one")
    func statuses() {
        #expect(failure(#"{"error":{"message":"m","code":"503"}}"#).status == 503)
        #expect(failure(#"{"error":{"message":"m","code":7}}"#).status == nil)
    }
}

@Suite("When a request is sent again")
struct RetryPolicyTests {
    @Test("pauses double up to the longest, with a part that the seed draws")
    func pauses() {
        let policy = RetryPolicy(retries: 10, firstPause: 1, longestPause: 60)
        let key = RandomKey(seed: 1, stage: .teach, prompt: 3)
        for (attempt, whole) in zip(1...9, [1.0, 2, 4, 8, 16, 32, 60, 60, 60]) {
            let pause = policy.pause(before: attempt, key: key)
            #expect((whole / 2...whole).contains(pause))
            #expect(pause == policy.pause(before: attempt, key: key))
            #expect(pause != policy.pause(before: attempt, key: key.with(sample: 1)))
        }
        #expect(policy.pause(before: 5000, key: key) <= 60)
    }

    @Test(
        "Retry-After is read in both forms",
        arguments: [
            ("7", 7), (" 0.5 ", 0.5), ("-3", 0), ("Sun, 06 Nov 1994 08:49:47 GMT", 10),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("soon", nil), ("", nil), ("inf", nil),
        ] as [(String, Double?)])
    func retryAfter(text: String, expected: Double?) {
        // RFC 9110's example: Sun, 06 Nov 1994 08:49:37 GMT.
        let now = Date(timeIntervalSince1970: 784_111_777)
        #expect(RetryPolicy.seconds(retryAfter: text, now: now) == expected)
    }

    @Test("the statuses that pass")
    func statuses() {
        let passing = (100...599).filter(RetryPolicy.isPassing)
        #expect(passing == [408, 429] + Array(500...599).filter { $0 != 501 && $0 != 505 })
    }
}

@Suite("Rate limits")
struct RateLimitTests {
    @Test("no minute has more than allowed, and little less")
    func spacing() {
        var bucket = TokenBucket(perMinute: 30, depth: 1, now: 0)
        var now = 0.0
        var starts: [Double] = []
        while starts.count < 100 {
            now += bucket.take(1, now: now)
            starts.append(now)
        }
        for start in starts {
            #expect(starts.count { $0 >= start && $0 < start + 59.999 } <= 30)
        }
        #expect(abs(starts[99] - 198) < 1e-6)
    }

    @Test("debts are waited for, and what was reserved too much comes back")
    func debts() {
        var bucket = TokenBucket(perMinute: 600, depth: 100, now: 0)
        #expect(bucket.take(100, now: 0) == 0)
        #expect(abs(bucket.take(50, now: 0) - 5) < 1e-9)
        bucket.correct(by: 50, now: 0)
        #expect(abs(bucket.take(10, now: 0) - 1) < 1e-9)
        #expect(bucket.take(10, now: 3) == 0)
        #expect(bucket.take(100, now: 1000) == 0)
    }

    @Test("a pause holds back every request")
    func pause() async throws {
        let limits = RateLimits(requestsPerMinute: nil, tokensPerMinute: nil)
        await limits.pause(for: 0.3)
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<5 { group.addTask { _ = try await limits.admit(guess: 1) } }
            try await group.waitForAll()
        }
        #expect(clock.now - start >= .seconds(0.29))
    }
}
