import Foundation
import {{Module}}
import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("{{title}}") struct {{Module}}Tests {
    let host: MockHost
    let answers: JSONValue

    init() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        host = try MockHost(entry: refluxPluginEntry())
        answers = .text(tests.appending(path: "answers.jsonl").path)
    }

    private let prompts = [Prompt(text: "2 + 2?"), Prompt(id: "test/9", text: "9 + 9?")]

    @Test("a prompt without an answer gets none")
    func lenient() throws {
        let teacher = try host.teacher("{{id}}", settings: ["answers": answers])
        let responses = try teacher.respond(
            to: prompts, plan: SamplingPlan(samplesPerTemperature: 3))
        #expect(responses.map { $0.map(\.text) } == [["It is 4."], []])
        #expect(responses[0][0].model == "{{id}}")
    }

    @Test("where the table has to be complete, a missing prompt is an error that names it")
    func strict() throws {
        let teacher = try host.teacher(
            "{{id}}", settings: ["answers": answers, "complete": true])
        #expect { try teacher.respond(to: prompts) } throws: { "\($0)".contains("test/9") }
    }

    @Test("a missing file is an error that names it")
    func missing() throws {
        let teacher = try host.teacher("{{id}}", settings: ["answers": "/nowhere"])
        #expect { try teacher.respond(to: prompts) } throws: { "\($0)".contains("/nowhere") }
    }

    @Test("a cancelled call ends as cancelled")
    func cancelled() throws {
        let teacher = try host.teacher("{{id}}", settings: ["answers": answers])
        host.isCancelled = true
        #expect { try teacher.respond(to: prompts) } throws: {
            ($0 as? MockHostError)?.kind == .cancelled
        }
    }
}
