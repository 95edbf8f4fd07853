import Foundation
import {{Module}}
import RefluxPluginTesting
import Testing

@Test("the golden cases of tests/cases.jsonl hold")
func goldenCases() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let cases = try String(contentsOf: tests.appending(path: "cases.jsonl"), encoding: .utf8)
    let host = try MockHost(entry: refluxPluginEntry())
    let folder = tests.deletingLastPathComponent().path
    #expect(host.differences(fromCases: cases, folder: folder) == [])
}
