import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxTasks

/// The real data of MMLU-Pro, where it lies beside the repository.
struct MMLUProDataTests {
    static let folder = SharedData.folder + "/mmlu_pro"
    struct Row: Decodable {
        let response: String
    }
    struct Reference: Decodable {
        let l1: String?
        let pred: String?
        let level: Int
    }

    @Test(
        "every letter of 70,376 real outputs is read as the published scripts read it",
        .enabled(if: Files.exists(folder)))
    func official() throws {
        let rows = try JSONLines.read(
            Row.self, from: "\(Self.folder)/teacher_responses_A.jsonl.gz")
        let references = try JSONLines.read(
            Reference.self, from: "\(Self.folder)/extraction_reference_A.jsonl.gz")
        let official = try OfficialChoice()
        let answerIs = try AnswerIsChoice()
        var levels: [Int: Int] = [:]
        var differences = 0
        for (row, reference) in zip(rows, references) {
            let reading = official.reading(of: row.response)
            let level = reading?.level.rawValue ?? 0
            levels[level, default: 0] += 1
            let isEqual =
                reading?.letter == reference.pred && level == reference.level
                && answerIs.answer(in: row.response) == reference.l1
            if !isEqual { differences += 1 }
        }
        #expect(differences == 0)
        #expect(levels == [0: 4_381, 1: 61_649, 2: 168, 3: 4_178])
    }
}
