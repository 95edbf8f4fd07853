import Foundation
import RefluxCore
import RefluxRewards
import RefluxTesting
import Testing

struct RewardReportTests {
    private func report(
        _ scores: [Double], _ rewards: [Double], prompts: [String]? = nil,
        roles: [Response.Role]? = nil, lengths: [Int]? = nil
    ) throws -> RewardReport {
        try RewardReport(
            scores: scores, rewards: rewards, promptIDs: prompts ?? scores.map { _ in "p" },
            roles: roles ?? scores.map { _ in .teacher }, lengths: lengths ?? scores.map { _ in 1 })
    }

    /// All pairs one by one, as the definition says.
    private func bruteForce(
        _ scores: [Double], _ rewards: [Double], _ comparable: (Int, Int) -> Bool
    ) -> (area: Double, pairs: Int) {
        var (won, count) = (0.0, 0)
        for a in scores.indices {
            for b in scores.indices
            where rewards[a] >= 0.5 && rewards[b] < 0.5 && comparable(a, b) {
                count += 1
                won += scores[a] > scores[b] ? 1 : scores[a] == scores[b] ? 0.5 : 0
            }
        }
        return (won / Double(count), count)
    }

    @Test(arguments: 0..<20)
    func areasAgreeWithCountingAllPairs(seed: Int) throws {
        var stream = RandomKey(seed: UInt64(seed), stage: .prepare).stream
        let count = 60
        // Few different scores, so that there are many ties.
        let scores = (0..<count).map { _ in Double(Int.random(in: -6...6, using: &stream)) / 2 }
        let levels = [0, 0.3, 0.5, 1]
        let rewards = (0..<count).map { _ in levels[Int.random(in: 0..<4, using: &stream)] }
        let prompts = (0..<count).map { _ in "p\(Int.random(in: 0..<9, using: &stream))" }
        let roles = (0..<count).map { _ in
            Bool.random(using: &stream) ? Response.Role.teacher : .student
        }
        let report = try report(scores, rewards, prompts: prompts, roles: roles)
        let all = bruteForce(scores, rewards) { _, _ in true }
        let within = bruteForce(scores, rewards) { prompts[$0] == prompts[$1] }
        let student = bruteForce(scores, rewards) {
            prompts[$0] == prompts[$1] && roles[$0] == .student && roles[$1] == .student
        }
        #expect(abs((report.all.auc ?? 0) - all.area) < 1e-12)
        #expect(abs((report.all.withinPromptAUC ?? 0) - within.area) < 1e-12)
        #expect(report.all.pairs == within.pairs && report.student.pairs == student.pairs)
        #expect(
            student.pairs == 0 || abs((report.student.withinPromptAUC ?? 0) - student.area) < 1e-12)
        #expect(report.teacher.count + report.student.count == count)
    }

    /// A model that knows easy prompts only: the ordinary AUC is high, the telling one is chance.
    @Test func tellsEasyPromptsFromGoodAnswers() throws {
        let report = try report(
            [2, 2, 2, 2, -2, -2, -2, -2], [1, 1, 1, 0, 1, 0, 0, 0],
            prompts: ["a", "a", "a", "a", "b", "b", "b", "b"])
        #expect(report.all.auc == 0.75)
        #expect(report.all.withinPromptAUC == 0.5 && report.all.pairs == 6)
    }

    /// Probabilities .12, .18 (one bin, rewards 0, 1) and .95 (another, reward 1):
    /// (|.15 - .5| * 2 + |.95 - 1|) / 3 = .25.
    @Test func measuresCalibrationByHand() throws {
        let logits = [0.12, 0.18, 0.95].map { log($0 / (1 - $0)) }
        let part = try report(logits, [0, 1, 1]).all
        #expect(abs((part.calibrationError ?? 0) - 0.25) < 1e-12)
        #expect(abs((part.brier ?? 0) - (0.0144 + 0.6724 + 0.0025) / 3) < 1e-12)
        #expect(part.accuracy == 2.0 / 3)
        #expect(part.meanReward == 2.0 / 3)
    }

    @Test func certaintyBelongsToTheLastBin() throws {
        #expect(try report([1e4, 1e4], [1, 1]).all.calibrationError == 0)
        #expect(try report([-1e4], [0]).all.brier == 0)
    }

    @Test func showsScoresByLength() throws {
        let part = try report(
            [0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 0, 1, 0, 1, 1, 1],
            lengths: [8, 7, 6, 5, 4, 3, 2, 1]
        ).all
        #expect(part.byLength.map(\.shortest) == [1, 3, 5, 7])
        #expect(part.byLength.map(\.longest) == [2, 4, 6, 8])
        #expect(part.byLength.map(\.meanScore) == [6.5, 4.5, 2.5, 0.5])
        #expect(part.byLength.map(\.gap) == [nil, 1, 1, 1])
    }

    @Test func hasNoNumbersWithoutResponses() throws {
        let part = try report([], []).all
        #expect(part.count == 0 && part.auc == nil && part.withinPromptAUC == nil)
        #expect(part.brier == nil && part.byLength.isEmpty)
    }

    @Test func refusesWhatDoesNotFit() {
        #expect(throws: RefluxError.self) { try report([1, 2], [1]) }
        #expect(throws: RefluxError.self) { try report([.nan], [1]) }
        #expect(throws: RefluxError.self) { try report([1], [2]) }
    }

    @Test func survivesJSON() throws {
        let report = try report([1, -1], [1, 0])
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(RewardReport.self, from: data) == report)
        #expect(String(decoding: data, as: UTF8.self).contains("\"within_prompt_auc\":1"))
    }

    @Test func setsBaselinesAndGoldBeside() throws {
        let responses = [("aa", 1.0, true), ("a", 0, false), ("aaa", 0, true)].enumerated().map {
            place, entry in
            LabelledResponse(
                response: Response(
                    promptID: "p", text: entry.0, role: .student, source: "s", model: "m",
                    sample: place, tokenCount: entry.0.count,
                    meanLogProbability: -Double(place)),
                promptIndex: 0, answer: "x", label: "x", reward: place == 2 ? nil : entry.1,
                correct: entry.2)
        }
        let section = try RewardEvaluation.Section(responses, scores: [1, 0, -1])
        #expect(section.pseudo.all.count == 2 && section.gold?.all.count == 3)
        #expect(section.pseudo.all.withinPromptAUC == 1 && section.gold?.all.withinPromptAUC == 0.5)
        #expect(section.baselines["mean_logprob"]?.withinPromptAUC == 1)
        #expect(section.baselines["shortness"]?.withinPromptAUC == 0)
        #expect(section.goldBaselines?["mean_logprob"]?.auc == 0.5)
    }
}
