import Foundation
import Testing

@testable import RefluxTasks

/// Where extractors find their answers.
@Suite struct AnswerTraceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let extractor: any AnswerExtractor
        let response: String
        let answer: String
        let level: String
        let match: String

        var testDescription: String { "\(type(of: extractor)): \(level)" }
    }

    static let cases: [Case] = {
        let made = try? [
            Case(
                extractor: AnswerIsChoice(), response: "É: the answer is (C).", answer: "C",
                level: "answer is", match: "answer is (C)"),
            Case(
                extractor: OfficialChoice(), response: "é answer is H2", answer: "H",
                level: "answer is", match: "answer is H"),
            Case(
                extractor: OfficialChoice(), response: "é\nAnswer: B", answer: "B",
                level: "answer:", match: "Answer:"),
            Case(
                extractor: OfficialChoice(), response: "é, thus A or D!", answer: "D",
                level: "last letter", match: "D"),
            Case(
                extractor: RobustChoice(),
                response: "<think>The answer is (A).</think>é: the answer is (B).", answer: "B",
                level: "marker", match: "answer is (B)"),
            Case(
                extractor: RobustChoice(), response: "é **C** is it", answer: "C", level: "bold",
                match: "**C**"),
            Case(
                extractor: StrictNumber(), response: "é #### 1,200.", answer: "1,200.",
                level: "marker", match: "#### 1,200."),
            Case(
                extractor: FlexibleNumber(), response: "é 3 then 14 apples", answer: "14",
                level: "last number", match: "14"),
            Case(
                extractor: RobustNumber(), response: "<think>#### 3</think>é #### 1,200",
                answer: "1200", level: "marker", match: "####"),
            Case(
                extractor: RobustNumber(), response: "<think>3</think>é **$18** each",
                answer: "18", level: "bold", match: "**$18**"),
            Case(
                extractor: RobustNumber(), response: "<think>3</think>é 7 and 1,500 more",
                answer: "1500", level: "last number", match: "1,500"),
        ]
        return made ?? []
    }()

    @Test(arguments: cases) func theMatchStandsWhereTheTraceSays(_ item: Case) throws {
        let trace = try #require(item.extractor.trace(of: item.response))
        #expect(trace.answer == item.answer)
        #expect(trace.level == item.level)
        let bytes = Array(item.response.utf8)[trace.range]
        #expect(String(decoding: bytes, as: UTF8.self) == item.match)
        #expect(item.extractor.answer(in: item.response) == item.answer)
    }

    @Test func thereAreCases() { #expect(Self.cases.count == 11) }
}
