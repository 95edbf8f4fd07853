import Foundation
import PluginCorpus
import RefluxCore
import Testing

@testable import RefluxPluginHost

@Suite("Parts of plugins")
struct AdapterTests {
    @Test("a rule sees the whole group, and its judgement comes back whole")
    func wholeGroup() async throws {
        try await withTemporaryFolder { folder in
            var builder = PluginBuilder()
            builder.code = """
                static int32_t my_judge(
                    void *instance, reflux_call *call, const reflux_group *g,
                    const reflux_judgement *out) {
                    char line[2000];
                    const reflux_prompt *p = g->prompt;
                    const reflux_response *r = g->responses[0];
                    snprintf(line, sizeof line,
                        "%.*s|%ld|%.*s|%lu|%d:%.*s|%lu|%.*s|gold %d|%d|%.*s|%.*s|%.*s|%.*s|%ld|%d"
                        "|%g|%ld|%g|%g|%g|%d",
                        (int)p->id.length, p->id.data, p->index, (int)p->text.length,
                        p->text.data, p->message_count, p->messages[1]->speaker,
                        (int)p->messages[1]->content.length, p->messages[1]->content.data,
                        p->stop_count, (int)p->stops[1].length, p->stops[1].data,
                        g->gold.data != NULL, r->role, (int)r->text.length, r->text.data,
                        (int)r->answer.length, r->answer.data, (int)r->source.length,
                        r->source.data, (int)r->model.length, r->model.data, r->sample, r->finish,
                        r->temperature, r->token_count, r->mean_logprob, r->weight,
                        g->responses[1]->weight,
                        g->responses[1]->answer.data == NULL
                            && g->responses[1]->token_count == -1
                            && isnan(g->responses[1]->mean_logprob)
                            && isnan(g->responses[1]->temperature));
                    out->set_label(call, text(line));
                    out->set_abstention(call, text("not told"));
                    out->rewards[0] = 0.25;
                    out->abstain(call, 1, text("no answer"));
                    host->metric(call, 5, text("share"), 0.5);
                    return REFLUX_OK;
                }
                """
            builder.definitions["JUDGE"] = "my_judge"
            let rule = try loadPlugin(builder, in: folder).makeRule(.of("rule"))
            let prompt = Prompt(
                id: "q/5", index: 5, content: .chat([.init(.system, "Do."), .init(.user, "2+2")]),
                stops: ["a", "bc"])
            let group = ResponseGroup(
                prompt: prompt,
                responses: [
                    Response(
                        promptID: "q/5", text: "vier", role: .student, source: "warmup",
                        model: "m", sample: 3, temperature: 0.5, finish: .length, tokenCount: 9,
                        meanLogProbability: -2, weight: 2.5),
                    Response(
                        promptID: "q/5", text: "", role: .teacher, source: "", model: "",
                        sample: 0),
                ], answers: ["4", nil], gold: "4")
            let judgement = try await rule.judge(group)
            #expect(
                judgement
                    == GroupJudgement(
                        label: "q/5|5|Do.\n\n2+2|2|1:2+2|2|bc|gold 0|1|vier|4|warmup|m|3|1|0.5|9"
                            + "|-2|2.5|1|1",
                        verdicts: [.reward(0.25), .abstain("no answer")],
                        metrics: ["share": 0.5]))
        }
    }

    @Test("a rule that needs gold sees it")
    func gold() async throws {
        try await withTemporaryFolder { folder in
            var builder = ruleBuilder(
                "out->set_label(call, group->gold); return sound(group, out);")
            builder.code =
                """
                static int32_t sound(const reflux_group *group, const reflux_judgement *out) {
                    for (uint64_t i = 0; i < group->response_count; i++) out->rewards[i] = 1;
                    return REFLUX_OK;
                }
                """ + builder.code + """

                    static const reflux_rule_table golden = {
                        .struct_size = RULE_SIZE, .needs_gold = 1, .create = CREATE,
                        .destroy = DESTROY, .judge = JUDGE};
                    """
            builder.definitions["TABLE"] = "&golden"
            let rule = try loadPlugin(builder, in: folder).makeRule(.of("rule"))
            #expect(rule.needsGold)
            var group = sampleGroup()
            group.gold = "42"
            #expect(try await rule.judge(group).label == "42")
        }
    }

    @Test("an instance is destroyed once, when its part goes")
    func destroys() async throws {
        try await withTemporaryFolder { folder in
            var builder = PluginBuilder()
            builder.code = """
                static void my_destroy(void *instance) {
                    FILE *file = fopen("\(folder)/destroyed", "a");
                    fputs("x", file);
                    fclose(file);
                    free(instance);
                }
                """
            builder.definitions["DESTROY"] = "my_destroy"
            let plugin = try loadPlugin(builder, in: folder)
            func use() async throws {
                let rule = try plugin.makeRule(.of("rule"))
                _ = try await rule.judge(sampleGroup())
                #expect(!FileManager.default.fileExists(atPath: "\(folder)/destroyed"))
            }
            try await use()
            _ = try plugin.makeRule(.of("rule"))
            #expect(try String(contentsOfFile: "\(folder)/destroyed", encoding: .utf8) == "xx")
        }
    }

    @Test("a serial rule is called once at a time")
    func turns() async throws {
        try await withTemporaryFolder { folder in
            let builder = ruleBuilder(
                """
                int now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
                usleep(200);
                host->metric(call, 0, text("inside"), now);
                __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
                """, before: "static int inside;")
            let rule = try loadPlugin(builder, in: folder).makeRule(.of("rule"))
            let most = try await withThrowingTaskGroup(of: Double.self) { tasks in
                for index in 0..<32 {
                    tasks.addTask {
                        try await rule.judge(sampleGroup("q", index: index)).metrics["inside"] ?? 0
                    }
                }
                return try await tasks.reduce(0, max)
            }
            #expect(most == 1)
        }
    }

    @Test("an optimizer's batch that does not fit its traits never reaches the plugin")
    func wrongBatch() async throws {
        try await withTemporaryFolder { folder in
            let plugin = try loadPlugin(.kind("policy-optimizer", id: "optimizer"), in: folder)
            let optimizer = try plugin.makeOptimizer(.of("optimizer"))
            func found(_ batch: RolloutBatch) -> String? {
                #expect(throws: RefluxError.self) { try optimizer.advantages(for: batch) }?.found
            }
            let sound = RolloutBatch(
                offsets: [0, 2, 3], groups: [0, 0], rewards: [1, 0],
                oldLogProbabilities: [-1, -2, -3], referenceLogProbabilities: [-1, -2, -3],
                values: [0, 0, 0])
            #expect(try optimizer.advantages(for: sound).advantages == [1, 1, 0])
            #expect(try optimizer.advantages(for: sound).metrics == ["sequences": 2])
            var batch = sound
            batch.values = [0]
            #expect(found(batch) == "the batch has 1 values")
            batch = sound
            batch.groups = []
            #expect(found(batch) == "the batch has 0 groups")
            for offsets in [[0, 2, 9], [0, 5, 3], [1, 2, 3], [0, 3], []] {
                batch = sound
                batch.offsets = offsets
                #expect(found(batch) == "the offsets of the batch do not fit")
            }
        }
    }

    @Test("a failed loss names its function, and is an honest failure")
    func failedLoss() async throws {
        try await withTemporaryFolder { folder in
            let builder = PluginBuilder.kind(
                "policy-optimizer", id: "optimizer",
                code: """
                    static int32_t mine(void *instance, reflux_call *call,
                                        const reflux_loss_batch *batch, reflux_loss *out) {
                        host->set_error(call, text("no tokens"));
                        return REFLUX_UNSUPPORTED;
                    }
                    """, definitions: ["COMPUTE_LOSS": "mine", "NEEDS": "0"])
            let path = try builder.build(in: folder)
            let optimizer = try InProcessPlugin.load(
                verifiedLibrary(path), services: PluginServices()
            ).makeOptimizer(.of("optimizer"))
            let batch = PolicyLossBatch(
                offsets: [0], logProbabilities: [], oldLogProbabilities: [], advantages: [],
                totalTokens: 1, totalSequences: 1)
            let error = #expect(throws: RefluxError.self) { try optimizer.loss(for: batch) }
            #expect(error?.kind == .input)
            #expect(
                error?.description == "\(path): optimizer: loss: compute_loss is not supported: "
                    + "no tokens; wanted a result. Use another extension for this. [call.status]")
        }
    }
}

@Suite("Saved reward models of plugins")
struct AdapterSavingTests {
    @Test("one that another extension saved is refused; one of another version is told of")
    func strangers() async throws {
        try await withTemporaryFolder { folder in
            let heard = Heard()
            let plugin = try loadPlugin(
                .kind("reward-model", id: "model"), in: folder, services: heard.services())
            let saved = "\(folder)/saved"
            try FileManager.default.createDirectory(
                atPath: saved, withIntermediateDirectories: true)
            let model = try plugin.makeRewardModel(.of("model", configuration: #"{"a":1}"#))
            try await model.fit(trainingData, checkpoint: nil, observer: .silent)
            try await model.save(to: saved)

            var record = try SavedExtension.read(saved)
            #expect(record.configuration == #"{"a":1}"#)
            record.version = "0.9.0"
            try record.write(saved)
            let again = try plugin.makeRewardModel(.of("model", load: saved))
            let items = trainingData.groups[0].map(\.item)
            #expect(try await again.score(items) == model.score(items))
            #expect(
                heard.logged == [
                    "the reward model in \(saved) was saved by version 0.9.0, this is 1.0.0"
                ])

            record.plugin = "other"
            try record.write(saved)
            let error = #expect(throws: RefluxError.self) {
                try plugin.makeRewardModel(.of("model", load: saved))
            }
            #expect(
                error?.description
                    == "\(saved)/extension.json: it was saved by other:model; wanted "
                    + "a reward model of sample:model. Name the extension that saved it, or fit a "
                    + "new one. [instance.create]")
        }
    }

    @Test("a folder without the record, or without the state, is refused")
    func incomplete() async throws {
        try await withTemporaryFolder { folder in
            let plugin = try loadPlugin(.kind("reward-model", id: "model"), in: folder)
            let missing = #expect(throws: RefluxError.self) {
                try plugin.makeRewardModel(.of("model", load: folder))
            }
            #expect(missing?.location?.path == "\(folder)/extension.json")
            try await plugin.makeRewardModel(.of("model")).save(to: folder)
            try FileManager.default.removeItem(atPath: "\(folder)/state/length")
            let unread = #expect(throws: RefluxError.self) {
                try plugin.makeRewardModel(.of("model", load: folder))
            }
            #expect(unread?.found == "load failed: cannot read")
            try FileManager.default.removeItem(atPath: "\(folder)/state")
            let stateless = #expect(throws: RefluxError.self) {
                try plugin.makeRewardModel(.of("model", load: folder))
            }
            #expect(stateless?.location?.path == "\(folder)/state")
        }
    }
}
