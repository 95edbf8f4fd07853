import Foundation
import {{Module}}
import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("{{title}}") struct {{Module}}Tests {
    let host: MockHost
    let task: MockTask

    init() throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        host = try MockHost(entry: refluxPluginEntry())
        task = try host.task(
            "{{id}}", settings: ["questions": .text(tests.appending(path: "questions").path)])
    }

    @Test("the examples have normalised answers")
    func examples() throws {
        #expect(try task.examples(in: .test).map(\.gold) == ["paris", "lima"])
        #expect(try task.examples(in: .validation).isEmpty)
    }

    @Test("a missing folder is an error that names the file")
    func missing() throws {
        let task = try host.task("{{id}}", settings: ["questions": "/nowhere"])
        #expect { try task.examples(in: .test) } throws: { "\($0)".contains("/nowhere/test.jsonl") }
    }

    @Test(
        "the answer is the last one that is marked, or the last line",
        arguments: [
            ("Answer: a\nAnswer:  The  B.", "the b"), ("First.\nParis.\n", "paris"),
            ("Answer:\n", nil), ("", nil), ("\n\n", nil),
        ])
    func answers(_ response: String, _ answer: String?) throws {
        #expect(try task.answer(in: response) == answer)
    }

    @Test("no answer is wrong, even where there is no gold")
    func grades() throws {
        let example = Example(id: "x", question: "?")
        #expect(try task.grade("", for: example) == Grade(parsed: false, correct: ["exact": false]))
    }
}
