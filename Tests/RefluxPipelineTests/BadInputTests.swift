import Foundation
import Testing

@testable import RefluxPipeline

/// Everything that can be wrong with what a user gives: one line of error, an exit code, and nothing
/// that existed is touched.
@Suite struct BadInputTests {
    private let inputs: WorkingInputs

    init() async throws { inputs = try await WorkingInputs() }

    @Test(arguments: [
        (
            "use: gsm8k", "use: gsm9k",
            "task.use: unknown task \"gsm9k\"", "\"gsm8k\"", "word-problems"
        ),
        (
            "use: gold", "use: majority",
            "label.use: unknown pseudo-reward rule", "teacher-majority", "gold"
        ),
        (
            "reinforce: {", "reinforce: {use: ppo2, ",
            "reinforce.use: unknown", "ppo", "grpo"
        ),
        ("epochs: 300", "epochs: many", "warmup.epochs", "a whole number", "many"),
        ("epochs: 300", "epoch: 30", "warmup.epoch", "\"epochs\"", "run.yaml:6"),
        (
            "reinforce: {", "reinforce: {use: grpo, samples_per_prompt: 1, ",
            "reinforce.samples_per_prompt", "at least 2", "Raise"
        ),
        ("model: teacher", "model: prepared", "teachers.0.model", "\"prepare\"", "Add prepare"),
    ])
    func aWrongRunFileIsCodeTwo(
        _ old: String, _ new: String, _ place: String, _ found: String, _ help: String
    ) throws {
        try inputs.replace(old, by: new, in: "run.yaml")
        try inputs.expectError(
            code: 2, ["run.yaml:", place, found, help], from: ["run", "run.yaml"])
    }

    @Test(arguments: [
        ("hello", "this is not JSON", "JSON"),
        (#"{"question": "?"}"#, "no field \"answer\"", "question_field and answer_field"),
        (#"{"question": "?", "answer": 7}"#, "field \"answer\" is not a text", "a text"),
        (#"{"question": "?", "answer": "7"}"#, "no gold answer", "Correct or remove the line"),
        (#"{"question": "?", "answer": "so #### x"}"#, "is \"x\"", "a number"),
    ])
    func aWrongLineOfTheDatasetIsNamed(_ line: String, _ found: String, _ help: String) throws {
        for split in ["train", "test"] {
            var lines = WorkingInputs.problems
            lines[2] = line
            try inputs.write(lines: lines, to: split)
            try inputs.expectError(
                code: 1, ["data/\(split).jsonl:3: ", found, help], from: ["run", "run.yaml"])
            try inputs.write(lines: WorkingInputs.problems, to: split)
        }
    }

    @Test(arguments: [[], [""], [" ", "", " "]])
    func anEmptyDatasetIsNamed(_ lines: [String]) throws {
        try inputs.write(lines: lines, to: "train")
        try inputs.expectError(
            code: 1, ["data/train.jsonl: the dataset is empty", "one problem a line"],
            from: ["run", "run.yaml"])
    }

    @Test func aMissingDatasetIsNamed() throws {
        try FileManager.default.removeItem(atPath: "\(inputs.folder.path)/data/test.jsonl")
        try inputs.expectError(
            code: 1, ["run.yaml:2", "task.data", "neither test.jsonl nor test.jsonl.gz"],
            from: ["run", "run.yaml"])
    }

    @Test(arguments: ModelDamage.allCases)
    func aDamagedModelFolderIsNamed(_ damage: ModelDamage) throws {
        try damage.apply(to: inputs)
        try inputs.expectError(code: 1, damage.parts, from: ["run", "run.yaml"])
        try inputs.expectError(
            code: 1, damage.parts, from: ["generate", "--model", "student", "How many?"])
    }

    @Test func aDamagedModelLeavesTheArtefactsOfAnEarlierRun() throws {
        let first = try Program.call("teach", "run.yaml", in: inputs.folder.path)
        try #require(first.code == 0, "\(first.errors)")
        try FileManager.default.copyItem(
            atPath: "\(inputs.folder.path)/student", toPath: "\(inputs.folder.path)/other")
        try ModelDamage.cutWeights.apply(to: inputs)
        // Another teacher means that the stage runs again, and that its artefacts are removed.
        try inputs.expectError(
            code: 1, ModelDamage.cutWeights.parts,
            from: ["run", "run.yaml", "--set", "teachers.0.model=student"])
        try inputs.expectError(
            code: 1, ["nowhere: there is no such folder"],
            from: [
                "run", "run.yaml", "--set", "student.model=other", "--set",
                "variants=[{name: v, set: {teachers.0.model: nowhere}}]",
            ])
    }

    @Test func aPromptLongerThanTheContextIsNamed() throws {
        let long = String(repeating: "many words ", count: 40)
        try inputs.expectError(
            code: 1, ["prompt \"prompt 1\" has", "at most 96", "Shorten the prompt"],
            from: ["generate", "--model", "student", long])
        var lines = WorkingInputs.problems
        lines[3] = #"{"question": "\#(long)", "answer": "\#(long)\n#### 1"}"#
        try inputs.write(lines: lines, to: "train")
        let outcome = try Program.call("run", "run.yaml", "--quiet", in: inputs.folder.path)
        #expect(outcome.code == 1)
        #expect(outcome.errors.hasPrefix("error: the prompt \"gsm8k/train/3\" has"), "\(outcome)")
        #expect(outcome.errors.count { $0 == "\n" } == 1)
    }

    @Test func aDiskThatFillsUpKeepsWhatIsThereAndTheRunGoesOn() throws {
        let folder = inputs.folder
        try inputs.replace("epochs: 300", by: "epochs: 2", in: "run.yaml")
        for stage in ["teach", "label"] {
            let outcome = try Program.call(stage, "run.yaml", in: folder.path)
            try #require(outcome.code == 0, "\(outcome.errors)")
        }
        let before = try inputs.snapshot()
        let full = try Program.callWithFullDisk(
            blocks: 12, "warmup", "run.yaml", "--quiet", in: folder.path)
        #expect(full.code == 1)
        #expect(full.errors.hasPrefix("error: "), "\(full)")
        #expect(full.errors.count { $0 == "\n" } == 1, "\(full)")
        #expect(full.errors.contains("File too large"), "\(full)")
        let after = try inputs.snapshot()
        for (name, content) in before where !name.hasSuffix("record.json") {
            #expect(after[name] == content, "\(name)")
        }
        #expect(!after.keys.contains { $0.contains("warmup/model") || $0.hasSuffix(".partial") })
        let again = try Program.call("warmup", "run.yaml", in: folder.path)
        #expect(again.code == 0, "\(again.errors)")
        #expect(folder.exists("runs/bad/warmup/model/model.safetensors"))
    }

    @Test func aLossThatIsNotFiniteNamesTheStepAndKeepsTheCheckpoint() throws {
        let process = try Program.start(["run", "run.yaml"], in: inputs.folder.path)
        let checkpoints = "\(inputs.folder.path)/runs/bad/warmup/checkpoints"
        while process.isRunning, !FileManager.default.fileExists(atPath: checkpoints + "/step-4") {
            Thread.sleep(forTimeInterval: 0.001)
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let names = try FileManager.default.contentsOfDirectory(atPath: checkpoints)
        for name in names {
            let state = "runs/bad/warmup/checkpoints/\(name)/engine/state.safetensors"
            guard inputs.folder.exists(state) else { continue }
            try inputs.poison(state)
        }
        let kept = try inputs.snapshot().filter { $0.key.contains("checkpoints/step-") }
        let outcome = try Program.call(
            "resume", "runs/bad", "--quiet", in: inputs.folder.path)
        #expect(outcome.code == 1)
        #expect(outcome.errors.hasPrefix("error: step "), "\(outcome)")
        #expect(outcome.errors.count { $0 == "\n" } == 1, "\(outcome)")
        for part in ["is untouched", "Lower learning_rate"] {
            #expect(outcome.errors.contains(part), "\(outcome)")
        }
        #expect(!inputs.folder.exists("runs/bad/warmup/model"))
        let after = try inputs.snapshot()
        for (name, content) in kept where !name.contains(".partial") {
            #expect(after[name] == content, "\(name)")
        }
    }
}

/// How `reflux generate` puts a prompt to a model.
@Suite struct GenerateModeTests {
    private static let template =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + "
        + "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

    private func answer(_ mode: String?, _ inputs: WorkingInputs) throws -> Program.Outcome {
        let mode = mode.map { ["--mode", $0] } ?? []
        return try Program.call(
            ["generate", "--model", "student", "--max-tokens", "8", "--precision", "f32"] + mode
                + ["How many?"], in: inputs.folder.path)
    }

    @Test func withoutATemplateThePromptIsAText() async throws {
        let inputs = try await WorkingInputs()
        let text = try answer("text", inputs)
        try #require(text.code == 0, "\(text.errors)")
        #expect(try answer(nil, inputs).output == text.output)
        #expect(try answer("auto", inputs).output == text.output)
        let chat = try answer("chat", inputs)
        #expect(chat.code == 1)
        #expect(chat.errors.contains("the model has no chat template"))
    }

    @Test func withATemplateThePromptIsAMessage() async throws {
        let inputs = try await WorkingInputs()
        try inputs.folder.write(Self.template, to: "student/chat_template.jinja")
        let (text, chat) = (try answer("text", inputs), try answer("chat", inputs))
        try #require(chat.code == 0, "\(chat.errors)")
        try #require(chat.output != text.output)
        #expect(try answer(nil, inputs).output == chat.output)
    }

    @Test func anUnknownTemplateIsNoReasonToFallBackToText() async throws {
        let inputs = try await WorkingInputs()
        try inputs.folder.write("{{ strange }}", to: "student/chat_template.jinja")
        let outcome = try answer(nil, inputs)
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("chat template of no known family"), "\(outcome)")
        #expect(try answer("text", inputs).code == 0)
    }
}
