import Foundation
import RefluxCore
import RefluxNetwork
import RefluxTeachers

extension FuzzTargets {
    /// The readers of what a teacher's server sends: replies and errors.
    ///
    /// Beyond not trapping: a reply has answers, its log-probabilities are finite and not positive,
    /// its counts not negative; what is no reply is refused by a `RefluxError`; messages stand on one
    /// line, without control characters.
    @Sendable package static func serverReply(data: String?) throws -> FuzzTarget {
        FuzzTarget(
            name: "api-reply", seeds: replies.map { Array($0.utf8) }, words: words,
            timed: [
                ("reply", { _ = try? ServerReply(parsing: Data($0)) }),
                ("failure", { _ = ServerFailure(parsing: Data($0)) }),
            ],
            shapes: shapes
        ) { input in
            let bytes = Data(input)
            try check(ServerFailure(parsing: bytes))
            do {
                try check(try ServerReply(parsing: bytes))
            } catch let error as RefluxError {
                try check(line: error.found)
            } catch let finding as FuzzFinding {
                throw finding
            } catch {
                throw FuzzFinding("a \(type(of: error)) reached the caller: \(error)")
            }
        }
    }

    private static func check(_ reply: ServerReply) throws {
        guard !reply.choices.isEmpty else { throw FuzzFinding("a reply without answers") }
        for choice in reply.choices {
            guard choice.meanLogProbability.map({ $0.isFinite && $0 <= 0 }) ?? true else {
                throw FuzzFinding("the log-probability \(choice.meanLogProbability ?? 0)")
            }
            guard choice.tokenCount.map({ $0 > 0 }) ?? true else {
                throw FuzzFinding("\(choice.tokenCount ?? 0) tokens")
            }
        }
        for count in [reply.promptTokens, reply.completionTokens] where (count ?? 0) < 0 {
            throw FuzzFinding("\(count ?? 0) tokens")
        }
    }

    private static func check(_ failure: ServerFailure) throws {
        try check(line: failure.message)
        guard failure.message.count <= 501 else {
            throw FuzzFinding("a message of \(failure.message.count) characters")
        }
        guard failure.status.map({ (400...599).contains($0) }) ?? true else {
            throw FuzzFinding("the status \(failure.status ?? 0)")
        }
    }

    private static func check(line: String) throws {
        guard !line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw FuzzFinding("a control character in \(line.debugDescription)") }
    }
}

private let replies = [
    #"{"id":"cmpl-1","object":"text_completion","model":"Qwen","choices":[{"index":0,"text":" 4","#
        + #""logprobs":{"text_offset":[0],"token_logprobs":[-0.5,null],"tokens":[" 4",""],"#
        + #""top_logprobs":[{" 4":-0.5}]},"finish_reason":"stop","stop_reason":null}],"#
        + #""usage":{"prompt_tokens":5,"total_tokens":7,"completion_tokens":2}}"#,
    #"{"choices":[{"finish_reason":"length","index":0,"message":{"role":"assistant","#
        + #""content":"é 😀"},"logprobs":{"content":[{"id":1,"token":"\u00e9","bytes":[195,169],"#
        + #""logprob":-0.25,"top_logprobs":[]},{"token":"x","logprob":-0.75}]}}],"created":1,"#
        + #""model":"smollm2.gguf","usage":{"completion_tokens":2,"prompt_tokens":3}}"#,
    #"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"image"}]},"#
        + #""finish_reason":null},{"message":{"content":null,"refusal":"No."},"logprobs":null}]}"#,
    #"{"error":{"message":"m\nn","type":"invalid_request_error","param":null,"code":400}}"#,
    #"{"object":"error","message":"m","type":"BadRequest","param":null,"code":"400"}"#,
    #"{"detail":[{"loc":["body","top_k",0],"msg":"too small","type":"greater_than_equal"}]}"#,
    #"{"detail":{"message":"m","code":7}}"#, "Internal Server Error\r\n", "<html>\n<b>502</b>",
]

private let words = [
    "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud83d", "\\u0000", "null", "true", "NaN",
    "-Infinity", "-0", "1e999", "1e-999", "-1e308", "0.1", "9223372036854775808",
    "\"choices\"", "\"message\"", "\"content\"", "\"text\"", "\"logprobs\"", "\"token_logprobs\"",
    "\"logprob\"", "\"finish_reason\"", "\"usage\"", "\"prompt_tokens\"", "\"completion_tokens\"",
    "\"error\"", "\"detail\"", "\"loc\"", "\"msg\"", "\"code\"", "\"refusal\"", "\"model\"", "{}",
    "[[", "{\"a\":", "\u{1B}[2K", "\u{7F}", "\u{85}",
]

private let shapes: [FuzzShape] =
    ["1", "\"", "\\", "[", "{\"a\":", "{}", "\n", " ", "é", "\u{0}", "-", "x\n", "{\"error\":"].map
{
    FuzzShape(repeating: $0)
} + [
    FuzzShape(repeating: "a", from: #"{"choices":[{"text":""#, to: #""}]}"#),
    FuzzShape(repeating: #"\ud83d\ude00"#, from: #"{"choices":[{"text":""#, to: #""}]}"#),
    FuzzShape(repeating: #"{"text":"a"},"#, from: #"{"choices":["#, to: #"{"text":"b"}]}"#),
    FuzzShape(
        repeating: "-1,", from: #"{"choices":[{"text":"","logprobs":{"token_logprobs":["#,
        to: "-1]}}]}"),
    FuzzShape(
        repeating: #"{"token":"a","logprob":-1},"#,
        from: #"{"choices":[{"text":"","logprobs":{"content":["#, to: "{}]}}]}"),
    FuzzShape(
        repeating: #"{"text":"a"},"#, from: #"{"choices":[{"message":{"content":["#,
        to: "{}]}}]}"),
    FuzzShape(repeating: "{},", from: #"{"choices":["#, to: "{}]}"),
    FuzzShape(repeating: "m ", from: #"{"error":{"message":""#, to: #""}}"#),
    FuzzShape(repeating: #"{"loc":["body"],"msg":"m"},"#, from: #"{"detail":["#, to: "{}]}"),
    FuzzShape(repeating: #""a":1,"#, from: "{", to: #""choices":[{"text":"a"}]}"#),
]
