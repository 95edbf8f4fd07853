import Foundation
import RefluxCore
import RefluxFiles
import RefluxTesting
import Testing

@testable import RefluxPipeline

@Suite("Several teachers of one run")
struct SeveralTeachersTests {
    private static let data = "\(RunFileManual.root)/../shared/data/mmlu_pro"
    private static let isThere = FileManager.default.fileExists(atPath: data)

    /// Carries out the stages `teach` and `label` of ``SevenRun`` with other sections.
    private func label(
        _ run: SevenRun, task: String = "{use: seven}", teachers: [String],
        label: String = "{use: teacher-majority}"
    ) async throws {
        let text = """
            run: {name: seven, seed: 3}
            task: \(task)
            teachers: [\(teachers.joined(separator: ", "))]
            student: {model: \(run.folder.path)/student}
            label: \(label)
            reward: {body: student}

            """
        let pipeline = try Pipeline.open(
            runFile: run.folder.write(text, to: "seven.yaml"),
            options: Pipeline.Options(runsFolder: "\(run.folder.path)/runs", isQuiet: true),
            registry: run.registry, models: SabotagedProvider())
        _ = try await pipeline.run(only: .teach)
        _ = try await pipeline.run(only: .label)
    }

    private func lines<Line: Decodable>(_ type: Line.Type, _ name: String, of run: SevenRun) throws
        -> [Line]
    {
        try JSONLines.read(type, from: "\(run.folder.path)/runs/seven/\(name)")
    }

    /// A file with answers to every training prompt.
    private func recording(_ name: String, _ answers: [String], in run: SevenRun) throws -> String {
        let lines = (0..<24).flatMap { index in
            answers.map { #"{"prompt": "\#(index)", "text": "\#($0)"}"# }
        }
        return try run.folder.write(lines.joined(separator: "\n"), to: "\(name).jsonl")
    }

    @Test("a teacher votes with its weight, and another weight asks nobody again")
    func weights() async throws {
        let run = try await SevenRun()
        let many = try recording("many", ["7", "7", "7"], in: run)
        let one = try recording("one", ["3"], in: run)
        let teachers = { (weight: String) in
            ["{use: recorded, path: \(many)}", "{use: recorded, path: \(one)\(weight)}"]
        }
        try await label(run, teachers: teachers(""))
        let plain = try lines(PromptLabel.self, "label/labels.jsonl", of: run)
        #expect(plain.allSatisfy { $0.label == "7" && $0.share == 0.75 && $0.margin == 0.5 })
        let taught = try run.read("teach/stage.json")
        let labelled = try run.read("label/stage.json")
        #expect(try !run.read("label/labelled.jsonl").contains("weight"))

        try await label(run, teachers: teachers(", weight: 1"))
        #expect(try run.read("label/stage.json") == labelled)

        try await label(run, teachers: teachers(", weight: 5"))
        #expect(try run.read("teach/stage.json") == taught)
        let weighted = try lines(PromptLabel.self, "label/labels.jsonl", of: run)
        #expect(weighted.allSatisfy { $0.label == "3" && $0.share == 0.625 && $0.margin == 0.25 })
        let responses = try lines(LabelledResponse.self, "label/labelled.jsonl", of: run)
        #expect(
            responses.allSatisfy { $0.response.weight == ($0.response.source == "one" ? 5 : 1) })

        try await label(run, teachers: teachers(", weight: 0"))
        let silent = try lines(PromptLabel.self, "label/labels.jsonl", of: run)
        #expect(silent.allSatisfy { $0.label == "7" && $0.share == 1 && $0.rewarded == 4 })
    }

    @Test("two names that share random numbers are refused")
    func names() async throws {
        let run = try await SevenRun()
        let path = try recording("many", ["7"], in: run)
        let error = await #expect(throws: RefluxError.self) {
            try await label(
                run,
                teachers: ["costarring", "liquid"].map {
                    "{use: recorded, path: \(path), name: \($0)}"
                })
        }
        #expect(error?.found.contains("have the same hash") == true)
    }

    @Test("the numbers of a rule's own are in the labels and the metrics")
    func ruleMetrics() async throws {
        let run = try await SevenRun()
        let path = try recording("many", ["7", "7", "x"], in: run)
        try await label(
            run, teachers: ["{use: recorded, path: \(path)}"], label: "{use: majority-pairs}")
        let labels = try lines(PromptLabel.self, "label/labels.jsonl", of: run)
        #expect(labels.allSatisfy { $0.metrics == ["weight": 0, "voters": 2] })
        #expect(try run.metrics(.label).first?["rule: voters"] == 2)
    }

    /// One line of the real responses.
    private struct Line: Decodable {
        let question: Int
        let model: String
        let response: String

        enum CodingKeys: String, CodingKey {
            case question = "question_id"
            case model, response
        }
    }

    @Test(
        "real responses of several models in one file are several teachers, or several samples",
        .enabled(if: isThere))
    func realResponses() async throws {
        let run = try await SevenRun()
        let file = "\(Self.data)/teacher_responses_A.jsonl.gz"
        let fields = "fields: {prompt: question_id, text: response}"
        try await label(
            run, task: "{use: mmlu-pro, data: \(Self.data), train: 40}",
            teachers: [
                "{use: recorded, path: \(file), only_model: Yi-34B, samples: 1, weight: 2, \(fields)}",
                "{use: recorded, path: \(file), only_model: Llama-2-7b-hf, samples: 1, \(fields)}",
                "{use: recorded, path: \(file), name: all, samples: 12, \(fields)}",
            ])
        let responses = try lines(Response.self, "teach/responses.jsonl", of: run)
        let known = Dictionary(
            grouping: try JSONLines.read(Line.self, from: file), by: { "\($0.question)" })
        let byPrompt = Dictionary(grouping: responses, by: \.promptID)
        #expect(byPrompt.count > 5)
        for (prompt, responses) in byPrompt {
            let id = try #require(prompt.split(separator: "/").last.map(String.init))
            let lines = try #require(known[id])
            let all = responses.filter { $0.source == "all" }
            #expect(all.map(\.text) == lines.map(\.response))
            #expect(all.map(\.model) == lines.map(\.model))
            #expect(all.map(\.sample) == Array(lines.indices))
            for model in ["Yi-34B", "Llama-2-7b-hf"] {
                let own = responses.filter { $0.source == model }
                let expected = lines.filter { $0.model == model }.map(\.response)
                #expect(own.map(\.text) == expected)
            }
        }
        // The vote is that of the heads, where the one of weight 2 stands twice.
        for (label, responses) in zip(
            try lines(PromptLabel.self, "label/labels.jsonl", of: run).filter { $0.responses > 0 },
            Dictionary(
                grouping: try lines(LabelledResponse.self, "label/labelled.jsonl", of: run),
                by: \.promptIndex
            ).sorted { $0.key < $1.key }.map(\.value))
        {
            let votes = responses.flatMap { labelled in
                [String?](
                    repeating: labelled.answer, count: labelled.response.source == "Yi-34B" ? 2 : 1)
            }
            let counts = Dictionary(grouping: votes.compactMap(\.self)) { $0 }.mapValues(\.count)
            let most = counts.values.max() ?? 0
            #expect(label.share == Double(most) / Double(votes.count))
            let leaders = counts.filter { $0.value == most }.keys
            #expect(label.label == (leaders.count == 1 ? leaders.first : nil))
        }
    }

    @Test("a model that the file does not have is an error that names those it has")
    func unknownModel() async throws {
        let run = try await SevenRun()
        let path = try run.folder.write(
            #"{"prompt": "0", "text": "7", "model": "small"}"#, to: "models.jsonl")
        let error = await #expect(throws: RefluxError.self) {
            try await label(run, teachers: ["{use: recorded, path: \(path), only_model: smal}"])
        }
        #expect(error?.description.contains("Did you mean \"small\"?") == true)
    }
}
