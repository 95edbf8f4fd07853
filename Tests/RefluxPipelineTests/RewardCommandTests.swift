import Foundation
import RefluxFiles
import RefluxRewards
import Testing

@testable import RefluxPipeline

/// The verbs of `reflux reward` as they are called, on the responses of a teacher of a few thousand
/// parameters, which also is the body.
@Suite(.serialized) struct RewardCommandTests {
    private static let task = [
        "--set", "task.max_number=6", "--set", "task.max_start=4", "--set", "task.max_steps=1",
        "--set", "task.train_size=100", "--set", "task.test_size=10",
        "--set", "task.validation_size=0",
    ]
    private static let runFile = """
        run: {name: tiny, seed: 3}
        prepare:
          vocabulary: 300
          corpus: 100
          teacher: {layers: 1, width: 16, heads: 2, context: 96}
          student: {layers: 1, width: 16, heads: 2, context: 96}
          train: {problems: 60, batch: 16, steps: 120, learning_rate: 0.02, warmup_steps: 5}
        task: {use: word-problems, max_number: 6, max_start: 4, max_steps: 1, train_size: 100,
               test_size: 10, validation_size: 0, train: 30}
        teachers: [{use: local-model, model: prepared, samples: 4, temperatures: [0.8, 1.2],
                    max_tokens: 24}]
        student: {model: prepared, precision: f32}

        """
    private static let responses = "runs/tiny/teach/responses.jsonl"

    private func call(_ verb: String, _ arguments: String..., in folder: TemporaryFolder)
        throws -> Program.Outcome
    {
        try Program.call(["reward", verb] + arguments + ["--quiet"], in: folder.path)
    }

    private func recorded(_ arguments: String...) -> [String] {
        ["--task", "word-problems", "--responses", Self.responses] + Self.task + arguments
    }

    private func fit(_ arguments: String..., in folder: TemporaryFolder) throws -> Program.Outcome {
        try Program.call(
            ["reward", "fit", "--quiet"]
                + recorded(
                    "--body", "runs/tiny/prepare/student", "--held-out", "0.4", "--out", "fit",
                    "--set", "reward.steps=4", "--set", "reward.batch_pairs=4",
                    "--set", "reward.precision=f32", "--set", "reward.max_tokens=96")
                + arguments, in: folder.path)
    }

    @Test("fit, score and report work on recorded responses and end with the right codes")
    func verbs() throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.runFile, to: "run.yaml")
        for stage in ["prepare", "teach"] {
            let outcome = try Program.call(stage, "run.yaml", "--quiet", in: folder.path)
            try #require(outcome.code == 0, "\(outcome.errors)")
        }
        let fitted = try fit("--json", in: folder)
        try #require(fitted.code == 0, "\(fitted.errors)")
        let report = try JSONText.decode(
            RecordedRewardReport.self, from: Data(fitted.output.utf8), path: "output")
        #expect(report.evaluation.heldOut.pseudo.all.count > 0)
        #expect(report.evaluation.heldOut.gold != nil)
        for name in ["model/reward.json", "record.json", "split.json", "report.html"] {
            #expect(folder.exists("fit/\(name)"), "\(name)")
        }

        // The same call again finds the fit finished; another one is refused; floors decide.
        #expect(try fit("--json", in: folder).output == fitted.output)
        #expect(try fit("--split-seed", "9", in: folder).code == 1)
        let told = try call("report", "--model", "fit", "--json", in: folder)
        #expect(told.code == 0 && told.output == fitted.output)
        let missed = try call(
            "report", "--model", "fit", "--floor", "accuracy=1.1", in: folder)
        #expect(missed.code == 1 && missed.errors.contains("accuracy is"))
        #expect(missed.output.contains("within-prompt AUC"))

        let scored = try Program.call(
            ["reward", "score", "--model", "fit", "--output", "scored.jsonl", "--quiet"]
                + recorded(), in: folder.path)
        #expect(scored.code == 0, "\(scored.errors)")
        let lines = try folder.read("scored.jsonl").split(separator: "\n")
        let given = try folder.read(Self.responses).split(separator: "\n")
        #expect(lines.count == given.count && !given.isEmpty)
        for (line, own) in zip(lines, given) {
            #expect(line.hasPrefix("\(own.dropLast()),\"score\":"))
        }
        let measured = try Program.call(
            ["reward", "report", "--model", "fit", "--html", "page.html", "--json", "--quiet"]
                + recorded(), in: folder.path)
        try #require(measured.code == 0, "\(measured.errors)")
        let again = try JSONText.decode(
            RecordedRewardReport.self, from: Data(measured.output.utf8), path: "output")
        #expect(again.evaluation.heldOut.pseudo.all.auc == report.evaluation.heldOut.pseudo.all.auc)
        #expect(folder.exists("page.html"))
    }

    @Test("wrong calls are code 2 and say what to give")
    func wrongUse() throws {
        let folder = try TemporaryFolder()
        for (arguments, part) in [
            (["fit", "--out", "x"], "--task"),
            (["fit", "--task", "gsm8k", "--out", "x"], "--responses"),
            (["fit", "--task", "gsm8k", "--responses", "r"], "--out"),
            (["score", "--task", "gsm8k", "--responses", "r"], "--model"),
            (["report", "--model", "x", "--by", "model"], "--responses"),
            (["report", "--model", "x", "--floor", "acuracy=1"], "\"accuracy\""),
            (
                ["fit", "--task", "gsm8k", "--responses", "r", "--out", "x", "--held-out", "2"],
                "--held-out"
            ),
            (
                ["fit", "--task", "gsm8k", "--responses", "r", "--out", "x", "--runs", "y"],
                "--runs"
            ),
        ] {
            let outcome = try Program.call(["reward"] + arguments, in: folder.path)
            #expect(outcome.code == 2, "\(arguments): \(outcome)")
            #expect(outcome.errors.contains(part), "\(arguments): \(outcome.errors)")
        }
        // The stage goes on to be the verb without a name.
        let stage = try Program.call("reward", "missing.yaml", in: folder.path)
        #expect(stage.code == 2 || stage.code == 1)
        #expect(stage.errors.contains("missing.yaml"), "\(stage.errors)")
    }
}
