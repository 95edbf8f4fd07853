import RefluxCore
import RefluxPluginHost
import Testing

@testable import RefluxPluginTools

@Suite("Golden cases")
struct GoldenTests {
    /// A case, and the key of the field that is wrong in it; none for a case that passes.
    struct Sample: Sendable, CustomTestStringConvertible {
        let kind: PluginKind
        let line: String
        let field: String?
        var testDescription: String { "\(kind.name): \(field ?? "right")" }

        init(_ kind: PluginKind, _ line: String, wrong field: String? = nil) {
            self.kind = kind
            self.line = line
            self.field = field
        }
    }

    private static let answers = #""responses":[{"answer":"4"},{"answer":"5"},{"answer":null}]"#
    private static let rollouts =
        #""rollouts":{"offsets":[0,2,3],"groups":[0,0],"rewards":[1,0.5],"old_logprobs":[-1,-1,-1]}"#
    private static let loss =
        #""loss":{"offsets":[0,2],"logprobs":[-1,-2],"old_logprobs":[-1,-2],"advantages":[1,0.5]}"#
    private static let plan = #""plan":{"samples":2,"temperatures":[0.7],"max_tokens":16,"seed":1}"#

    static let samples: [Sample] = [
        Sample(
            .pseudoRewardRule,
            #"{\#(answers),"expect":{"label":"4","abstention":null,"#
                + #""verdicts":[1,0,{"abstain":"no answer"}],"metrics":{"share":0.5}}}"#),
        Sample(.pseudoRewardRule, #"{\#(answers),"expect":{"label":null}}"#, wrong: "expect.label"),
        Sample(
            .pseudoRewardRule, #"{\#(answers),"expect":{"verdicts":[1,1,1]}}"#,
            wrong: "expect.verdicts.1"),
        Sample(
            .pseudoRewardRule, #"{\#(answers),"expect":{"verdicts":[1,0,0]}}"#,
            wrong: "expect.verdicts.2"),
        Sample(
            .pseudoRewardRule, #"{\#(answers),"expect":{"verdicts":[1]}}"#, wrong: "expect.verdicts"
        ),
        Sample(
            .pseudoRewardRule, #"{\#(answers),"expect":{"metrics":{"margin":1}}}"#,
            wrong: "expect.metrics.margin"),
        Sample(.pseudoRewardRule, #"{\#(answers),"expect":{"lable":"4"}}"#, wrong: "expect.lable"),
        Sample(.pseudoRewardRule, #"{\#(answers)}"#, wrong: "expect"),
        Sample(
            .policyOptimizer,
            #"{\#(rollouts),\#(loss),"expect":{"advantages":[1,1,0.5],"returns":[],"value":1.000001,"#
                + #""by_logprob":[-0.5,-0.25],"by_value":[]}}"#),
        Sample(
            .policyOptimizer, #"{\#(rollouts),"expect":{"advantages":[1,1,0.6]}}"#,
            wrong: "expect.advantages.2"),
        Sample(.policyOptimizer, #"{\#(loss),"expect":{"value":1.1}}"#, wrong: "expect.value"),
        Sample(
            .policyOptimizer,
            #"{"rollouts":{"offsets":[0,2],"groups":[0],"rewards":[1],"old_logprobs":[1]},"#
                + #""expect":{}}"#, wrong: "rollouts.old_logprobs"),
        Sample(
            .taskEvaluator,
            #"{"split":"test","expect":{"count":6,"first":{"id":"tiny/test/0","gold":"5","#
                + #""question":"5+0="},"prompt":"5+0="}}"#),
        Sample(
            .taskEvaluator, #"{"split":"test","expect":{"first":{"gold":"6"}}}"#,
            wrong: "expect.first.gold"),
        Sample(.taskEvaluator, #"{"split":"tset","expect":{"count":1}}"#, wrong: "split"),
        Sample(.taskEvaluator, #"{"response":"so 7","expect":{"answer":"7"}}"#),
        Sample(.taskEvaluator, #"{"response":"so","expect":{"answer":null}}"#),
        Sample(
            .taskEvaluator, #"{"response":"so 8","expect":{"answer":null}}"#, wrong: "expect.answer"
        ),
        Sample(
            .taskEvaluator,
            #"{"response":"7","example":{"gold":"7"},"expect":{"parsed":true,"correct":{"exact":true}}}"#
        ),
        Sample(
            .taskEvaluator,
            #"{"response":"7","example":{"gold":"8"},"expect":{"correct":{"exact":true}}}"#,
            wrong: "expect.correct.exact"),
        Sample(
            .teacherSource,
            #"{"prompts":["a"],\#(plan),"expect":{"counts":[2],"texts":[["a0","a1"]]}}"#),
        Sample(
            .teacherSource, #"{"prompts":["a"],\#(plan),"expect":{"texts":[["a0","a2"]]}}"#,
            wrong: "expect.texts"),
        Sample(
            .rewardModel,
            #"{"items":[{"prompt":"p","text":"abc","finished":true}],"expect":{"scores":[-3]}}"#),
        Sample(
            .rewardModel, #"{"items":[{"text":"abc"}],"expect":{"scores":[-4]}}"#,
            wrong: "expect.scores.0"),
    ]

    @Test("pass or name the field that is wrong", arguments: samples)
    func field(_ sample: Sample) async throws {
        let line = #"{"extension":"rule","# + sample.line.dropFirst()
        try await withBench(sample.kind, cases: "\n\(line)\n") { bench, configurations in
            let runner = GoldenRunner(bench: bench, configurations: configurations)
            guard let field = sample.field else {
                #expect(try await runner.run() == 1)
                return
            }
            let error = try await #require(throws: RefluxError.self) { _ = try await runner.run() }
            #expect(error.location?.key == field, "\(error)")
            #expect(error.location?.line == 2)
            #expect(error.location?.path == "\(bench.manifest.folder)/tests/cases.jsonl")
        }
    }

    @Test("may name the plugin's folder in their settings")
    func folder() async throws {
        let line = #"{"extension":"rule","configuration":{"path":"$PLUGIN/data"},"expect":{}}"#
        try await withBench(.pseudoRewardRule, cases: line) { bench, _ in
            let one = try #require(try GoldenFile.cases(of: bench.manifest).first)
            let path = try ConfigurationReader(one.configuration).requiredString(
                "path", meaning: "")
            #expect(path == "\(bench.manifest.folder)/data")
        }
    }
}
