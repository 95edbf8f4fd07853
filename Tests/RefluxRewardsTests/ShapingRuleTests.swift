import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxRewards

/// A group of student responses with the given texts and lengths; all have an answer.
private func group(_ texts: [String], tokens: [Int?]? = nil) -> ResponseGroup {
    var group = PseudoRewardRuleConformance.group(texts.map { _ in "7" }, teachers: 0)
    for (place, text) in texts.enumerated() {
        group.responses[place].text = text
        group.responses[place].tokenCount = tokens?[place] ?? nil
    }
    return group
}

/// What others compute (Tests/Scripts/make_shaping_fixture.py).
private struct ShapingFixture: Decodable {
    struct Overlong: Decodable {
        let maxTokens: Int
        let buffer: Int
        let tokens: [Int]
        let punishment: [Double]
    }
    struct Repetition: Decodable {
        let ngram: Int
        let text: String
        let penalty: Double
    }
    struct Cosine: Decodable {
        let maxTokens: Int
        let short: Double
        let long: Double
        let every: Int
        let values: [Double]
    }
    let overlong: [Overlong]
    let repetition: [Repetition]
    let cosine: [Cosine]

    static func read() throws -> ShapingFixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: tests.appending(path: "Fixtures/shaping.json"))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(ShapingFixture.self, from: data)
    }
}

struct ShapingReferenceTests {
    @Test func overlongIsTheReferenceMovedByOne() throws {
        for part in try ShapingFixture.read().overlong {
            let rule = try OverlongPenalty(maxTokens: part.maxTokens, buffer: part.buffer)
            for (tokens, punishment) in zip(part.tokens, part.punishment) {
                #expect(abs(rule.reward(tokens: tokens) - (1 + punishment)) < 1e-12)
            }
        }
    }

    @Test func repetitionIsOneMinusTheReferencesPenalty() throws {
        for part in try ShapingFixture.read().repetition {
            let found = RepetitionPenalty(words: part.ngram).reward(text: part.text)
            #expect(abs(found - (1 + part.penalty)) < 1e-12, "\(part.ngram): \(part.text)")
        }
    }

    @Test func cosineIsTheReferencesCurve() throws {
        for part in try ShapingFixture.read().cosine {
            let curve = CosineLength.Curve(short: part.short, long: part.long)
            for (place, value) in part.values.enumerated() {
                let fraction = Double(place * part.every) / Double(part.maxTokens)
                #expect(abs(curve.value(fraction) - value) < 1e-9)
            }
        }
    }
}

struct FormatRewardTests {
    @Test func countsWhatIsThere() throws {
        let rule = try FormatReward(markers: ["####"], patterns: [#"(?s)\AStep.*\d\z"#])
        let judgement = rule.judge(group(["Step 1\n#### 7", "#### 7", "Step 7", "so 7."]))
        #expect(judgement.label == nil && judgement.abstention == nil)
        #expect(judgement.verdicts.map(\.reward) == [1, 0.5, 0.5, 0])
        #expect(judgement.metrics == ["mean": 0.5, "barred": 0])
    }

    @Test func withoutDemandsAReadableAnswerIsInForm() throws {
        var group = group(["so 7", "well"])
        group.answers[1] = nil
        #expect(try FormatReward().judge(group).verdicts.map(\.reward) == [1, 0])
    }

    @Test func saysWhatIsWrong() {
        for keys: [String: ConfigurationValue] in [
            ["patterns": .string("(")], ["markers": .string("")], ["needs_answer": .bool(false)],
        ] {
            let error = #expect(throws: RefluxError.self) {
                _ = try rule(keys.merging(["use": .string("format")]) { $1 })
            }
            #expect(error?.location != nil && error?.kind == .usage)
        }
    }
}

struct OverlongPenaltyTests {
    @Test func fallsOverTheBuffer() throws {
        let rule = try OverlongPenalty(maxTokens: 100, buffer: 20)
        let judgement = rule.judge(
            group(["a", "a", "a", "a", "a", "a"], tokens: [80, 85, 100, 101, nil, 0]))
        #expect(judgement.verdicts.map(\.reward) == [1, 0.75, 0, 0, nil, 1])
        #expect(judgement.verdicts[4] == .abstain("unknown length"))
    }

    @Test func theGroupAbstainsWhereAllDo() throws {
        let rule = try OverlongPenalty(maxTokens: 100, buffer: 20)
        let unknown = rule.judge(group(["a", " "], tokens: [nil, nil]))
        #expect(unknown.verdicts == [.abstain("unknown length"), .reward(0)])
        #expect(unknown.abstention == "unknown length")
        #expect(rule.judge(group([" "], tokens: [nil])).abstention == nil)
    }

    @Test func theBufferLiesWithinTheLimit() {
        #expect(throws: RefluxError.self) {
            _ = try rule(["use": .string("overlong"), "max_tokens": .integer(10)])
        }
        #expect(throws: RefluxError.self) { try OverlongPenalty(maxTokens: 10, buffer: 11) }
    }
}

struct CosineLengthTests {
    @Test func acceptedAndOtherResponsesHaveTheirCurves() async throws {
        let rule = CosineLength(of: SelfMajority(), maxTokens: 100)
        var group = group(
            ["a", "a", "a", "a", "a", "a", "a"], tokens: [0, 50, 100, 0, 50, 130, nil])
        group.answers = ["7", "7", "7", "8", "8", "7", "7"]
        let judgement = try await rule.judge(group)
        #expect(judgement.label == "7" && judgement.metrics["voters"] == 7)
        #expect(judgement.verdicts[6] == .abstain("unknown length"))
        for (verdict, wanted) in zip(judgement.verdicts, [1, 0.75, 0, 0, 0.125, 0]) {
            #expect(abs((verdict.reward ?? .nan) - wanted) < 1e-12)
        }
    }

    @Test func noAnswerEarnsNothingHoweverLong() async throws {
        var group = group(["a", "a"], tokens: [90, 90])
        group.answers[1] = nil
        let judgement = try await CosineLength(of: SelfMajority(), maxTokens: 100).judge(group)
        #expect(judgement.verdicts[1] == .reward(0))
    }

    @Test func passesAbstentionsOn() async throws {
        let judgement = try await rule(["use": .string("cosine-length")]).judge(group(["a"]))
        #expect(judgement.verdicts == [.abstain("no teacher response")])
        #expect(judgement.abstention == "no teacher response")
    }
}

struct EarningGateTests {
    static let ids = ["format", "overlong", "repetition"]

    @Test(arguments: ids)
    func whatHasNoAnswerOrWasCutOrIsBlankEarnsNothing(id: String) async throws {
        var group = group(["so 7", "well", "so 7", " \n"], tokens: [2, 2, 2, 2])
        group.answers[1] = nil
        group.responses[2].finish = .length
        let strict = try await rule(["use": .string(id)]).judge(group)
        #expect(strict.verdicts.map(\.reward) == [1, 0, 0, 0])
        #expect(strict.metrics["barred"] == 0.75)
        var keys: [String: ConfigurationValue] = [
            "use": .string(id), "needs_answer": .bool(false), "cut": .string("vote"),
        ]
        if id == "format" { keys["patterns"] = .string(".") }
        let open = try await rule(keys).judge(group)
        #expect(open.verdicts.map(\.reward) == [1, 1, 1, 0])
    }

    @Test(arguments: ids + ["cosine-length"])
    func shapingRulesKeepThePromisesOfARule(id: String) async throws {
        try await PseudoRewardRuleConformance.check(rule(["use": .string(id)]))
        for group in PseudoRewardRuleConformance.groups {
            let judgement = try await rule(["use": .string(id)]).judge(group)
            for (verdict, answer) in zip(judgement.verdicts, group.answers) {
                #expect((0...1).contains(verdict.reward ?? 0))
                #expect(answer != nil || (verdict.reward ?? 0) == 0)
            }
        }
    }
}
