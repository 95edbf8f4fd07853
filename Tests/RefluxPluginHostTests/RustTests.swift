import Foundation
import PluginCorpus
import RefluxCore
import RefluxPluginHost
import RefluxTesting
import Testing

/// The Rust binding, its templates and the plugin `answer-entropy`, in the real host.
@Suite("Plugins in Rust", .serialized)
struct RustTests {
    /// Where rustc is: `RUSTC`, the search path, or where rustup puts it.
    static let compiler: String? = {
        let environment = ProcessInfo.processInfo.environment
        let folders = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let home = environment["HOME"] ?? "/"
        let places =
            (environment["RUSTC"].map { [$0] } ?? [])
            + (folders + ["\(home)/.cargo/bin"]).map { "\($0)/rustc" }
        return places.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// The products of `Tests/RustBinding/projects.sh`, made once; its own tests have passed then.
    private static let products = Result {
        let folder = "\(BuiltPlugin.root)/.build/plugin-rust"
        try? FileManager.default.removeItem(atPath: folder)
        let script = "\(BuiltPlugin.root)/Tests/RustBinding/projects.sh"
        try PluginBuilder.run("env", ["RUSTC=\(compiler ?? "rustc")", "sh", script, folder])
        return folder
    }

    private func load(_ id: String, in folder: String = "") throws -> InProcessPlugin {
        try BuiltPlugin(id: id, in: "\(Self.products.get())/\(folder)").load()
    }

    private func request(_ id: String, _ configuration: String) -> ExtensionRequest {
        ExtensionRequest(extensionID: id, name: "rust", configuration: configuration)
    }

    @Test("the binding has the structs of the C header, field by field")
    func layout() throws {
        try PluginBuilder.run("sh", ["\(BuiltPlugin.root)/Tests/RustBinding/layout.sh"])
    }

    @Test("answer-entropy keeps the promises of a rule", .enabled(if: compiler != nil))
    func answerEntropy() async throws {
        let plugin = try load("answer-entropy")
        for weighting in ["scale", "soften", "none"] {
            let rule = try plugin.makeRule(
                request(
                    "answer-entropy",
                    #"{"max_entropy":0.9,"min_voters":2,"count_unread":true,"weighting":"\#(weighting)"}"#
                ))
            try await PseudoRewardRuleConformance.check(rule)
        }
    }

    @Test("the template of a rule", .enabled(if: compiler != nil))
    func rule() async throws {
        let plugin = try load("my-part", in: "pseudo-reward-rule")
        let rule = try plugin.makeRule(request("my-part", #"{"min_share":0.5}"#))
        try await PseudoRewardRuleConformance.check(rule)
        let judgement = try await rule.judge(
            PseudoRewardRuleConformance.group(["4", "4", "5", "4", nil], teachers: 3))
        #expect(judgement.verdicts.map(\.reward) == [1, 1, 0, 1, 0])
    }

    @Test("the template of an optimizer", .enabled(if: compiler != nil))
    func optimizer() throws {
        let plugin = try load("my-part", in: "policy-optimizer")
        let optimizer = try plugin.makeOptimizer(request("my-part", #"{"epochs":2}"#))
        try PolicyOptimizerConformance.check(optimizer)
        #expect(optimizer.epochs == 2)
    }

    @Test("the template of a task", .enabled(if: compiler != nil))
    func task() async throws {
        let plugin = try load("my-part", in: "task-evaluator")
        let path = try "\(Self.products.get())/task-evaluator/my-part/tests/questions.tsv"
        let task = try plugin.makeTask(request("my-part", #"{"path":"\#(path)"}"#))
        try await TaskEvaluatorConformance.check(task)
        #expect(try task.examples(in: .test).first?.gold == "4")
    }

    @Test("the template of a teacher", .enabled(if: compiler != nil))
    func teacher() async throws {
        let plugin = try load("my-part", in: "teacher-source")
        let path = try "\(Self.products.get())/teacher-source/my-part/tests/answers.tsv"
        let teacher = try plugin.makeTeacher(request("my-part", #"{"path":"\#(path)"}"#))
        let prompt = Prompt(id: "a", index: 0, content: .text("What is two plus two?"))
        let plan = SamplingPlan(
            samplesPerTemperature: 2, temperatures: [0.7], settings: SamplingSettings(), seed: 1)
        let responses = try await teacher.respond(to: [prompt], plan: plan, observer: .silent)
        #expect(responses.map { $0.map(\.text) } == [["It is 4.", "Four."]])
    }

    @Test("the template of a reward model", .enabled(if: compiler != nil))
    func rewardModel() async throws {
        let plugin = try load("my-part", in: "reward-model")
        let model = try plugin.makeRewardModel(
            request("my-part", #"{"phrases":["answer is"],"phrase_weight":1,"length_weight":0}"#))
        let prompt = Prompt(id: "a", index: 0, content: .text("Q"))
        let scores = try await model.score([
            ScoringItem(prompt: prompt, text: "The answer is 4."),
            ScoringItem(prompt: prompt, text: "Four", finished: false),
        ])
        #expect(scores == [1, -1])
    }

    @Test("what create refuses reaches the user", .enabled(if: compiler != nil))
    func refusal() throws {
        let plugin = try load("my-part", in: "pseudo-reward-rule")
        let error = #expect(throws: RefluxError.self) {
            try plugin.makeRule(request("my-part", "{}"))
        }
        #expect(error?.found.contains("the setting 'min_share' is not there") == true)
    }
}
