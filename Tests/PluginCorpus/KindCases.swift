import RefluxCore
import RefluxPluginHost

private let author = "This is a fault of the plugin: tell its author."

private typealias Use = @Sendable (any PluginRuntime) async throws -> Void

private func result(
    _ name: String, _ found: String, wanted: String,
    make: @escaping @Sendable (String) throws -> String, use: @escaping Use
) -> CorpusCase {
    CorpusCase(
        name, stage: .call, check: .callResult,
        message: "$PLUGIN: \(found); wanted \(wanted). \(author) [call.result]", make: make,
        use: use)
}

private func building(
    _ kind: String, _ id: String, _ macro: String, _ function: String
) -> @Sendable (String) throws -> String {
    { folder in
        try PluginBuilder.kind(kind, id: id, code: function, definitions: [macro: "mine"])
            .build(in: folder)
    }
}

// Optimizers.

private func optimizer(_ macro: String, _ function: String) -> @Sendable (String) throws -> String {
    building("policy-optimizer", "optimizer", macro, function)
}

private let useOptimizer: Use = { runtime in
    let optimizer = try runtime.makeOptimizer(
        ExtensionRequest(extensionID: "optimizer", name: "optimizer"))
    let batch = RolloutBatch(
        offsets: [0, 2, 3], groups: [0, 0], rewards: [1, 0], oldLogProbabilities: [-1, -2, -3],
        referenceLogProbabilities: [-1, -2, -3], values: [0, 0, 0])
    let advantages = try optimizer.advantages(for: batch)
    _ = try optimizer.loss(
        for: PolicyLossBatch(
            offsets: [0, 2, 3], logProbabilities: [-1, -2, -3], oldLogProbabilities: [-1, -2, -3],
            referenceLogProbabilities: [-1, -2, -3], values: [0, 0, 0], oldValues: [0, 0, 0],
            entropies: [1, 1, 1], advantages: advantages.advantages, returns: advantages.returns,
            totalTokens: 3, totalSequences: 2))
}

private func advantages(_ lines: String) -> String {
    """
    static int32_t mine(void *instance, reflux_call *call, const reflux_rollout_batch *batch,
                        const reflux_advantages *out) {
        int32_t status = sound_compute_advantages(instance, call, batch, out);
        \(lines)
        return status;
    }
    """
}

private func loss(_ lines: String) -> String {
    """
    static int32_t mine(void *instance, reflux_call *call, const reflux_loss_batch *batch,
                        reflux_loss *out) {
        int32_t status = sound_compute_loss(instance, call, batch, out);
        \(lines)
        return status;
    }
    """
}

/// Optimizers that break their contract.
let optimizerCases = [
    result(
        "call/epochs-zero", "optimizer: epochs is 0", wanted: "a number from 1 to 1000",
        make: { folder in
            try PluginBuilder.kind(
                "policy-optimizer", id: "optimizer", definitions: ["EPOCHS": "0"]
            ).build(in: folder)
        }, use: useOptimizer),
    result(
        "call/advantage-nan", "optimizer: advantages: advantage of token 1 is *nan",
        wanted: "a finite number",
        make: optimizer("COMPUTE_ADVANTAGES", advantages("out->advantages[1] = NAN;")),
        use: useOptimizer),
    result(
        "call/advantage-missing", "optimizer: advantages: advantage of token 0 was not set",
        wanted: "a finite number",
        make: optimizer(
            "COMPUTE_ADVANTAGES",
            """
            static int32_t mine(void *instance, reflux_call *call,
                                const reflux_rollout_batch *batch, const reflux_advantages *out) {
                return 0;
            }
            """), use: useOptimizer),
    result(
        "call/return-infinite", "optimizer: advantages: return of token 2 is inf",
        wanted: "a finite number",
        make: optimizer("COMPUTE_ADVANTAGES", advantages("out->returns[2] = INFINITY;")),
        use: useOptimizer),
    CorpusCase(
        "call/advantages-past", stage: .call, check: .callBounds,
        message: "$PLUGIN: optimizer: advantages: compute_advantages wrote past the end of "
            + "advantages; wanted writes inside the host's buffers only. \(author) [call.bounds]",
        make: optimizer("COMPUTE_ADVANTAGES", advantages("out->advantages[3] = 0;")),
        use: useOptimizer),
    CorpusCase(
        "call/changes-floats", stage: .call, check: .callInput,
        message: "$PLUGIN: optimizer: loss: compute_loss changed its inputs; wanted inputs that "
            + "are only read. \(author) [call.input]",
        make: optimizer("COMPUTE_LOSS", loss("((float *)batch->logprobs)[2] = 0;")),
        use: useOptimizer),
    CorpusCase(
        "call/changes-loss-pointers", stage: .call, check: .callInput,
        message: "$PLUGIN: optimizer: loss: compute_loss changed the pointers of reflux_loss; "
            + "wanted numbers in the buffers to which they lead. \(author) [call.input]",
        make: optimizer("COMPUTE_LOSS", loss("out->by_value = NULL;")), use: useOptimizer),
    result(
        "call/loss-nan", "optimizer: loss: value is *nan", wanted: "a finite number",
        make: optimizer("COMPUTE_LOSS", loss("out->value = NAN;")), use: useOptimizer),
    result(
        "call/derivative-infinite", "optimizer: loss: by_logprob of token 2 is -inf",
        wanted: "a finite number",
        make: optimizer("COMPUTE_LOSS", loss("out->by_logprob[2] = -INFINITY;")),
        use: useOptimizer),
]

// Tasks.

private func task(_ macro: String, _ function: String) -> @Sendable (String) throws -> String {
    building("task-evaluator", "task", macro, function)
}

private let useTask: Use = { runtime in
    let task = try runtime.makeTask(ExtensionRequest(extensionID: "task", name: "task"))
    for example in try task.examples(in: .test) {
        _ = try task.prompt(for: example)
        _ = try task.answer(in: "#### 4")
        _ = try task.grade("#### 4", for: example)
    }
}

private func examples(_ lines: String) -> String {
    """
    static int32_t mine(void *instance, reflux_call *call, int32_t split,
                        const reflux_example_list *out) {
        reflux_example example = some_example("a", "2 + 2");
        \(lines)
        return REFLUX_OK;
    }
    """
}

private func prompt(_ lines: String) -> String {
    """
    static int32_t mine(void *instance, reflux_call *call, const reflux_example *example,
                        const reflux_prompt_draft *out) {
        \(lines)
        return REFLUX_OK;
    }
    """
}

private func answers(_ lines: String) -> String {
    """
    static int32_t mine(void *instance, reflux_call *call, const reflux_string *responses,
                        uint64_t count, const reflux_answer_list *out) {
        \(lines)
        return REFLUX_OK;
    }
    """
}

private func grades(_ lines: String) -> String {
    """
    static int32_t mine(void *instance, reflux_call *call, const reflux_string *responses,
                        const reflux_example *const *examples, uint64_t count,
                        const reflux_grades *out) {
        \(lines)
        return REFLUX_OK;
    }
    """
}

private func metrics(_ lines: String) -> String {
    """
    static int32_t mine(void *instance, reflux_call *call, const reflux_metric_list *out) {
        \(lines)
        return REFLUX_OK;
    }
    """
}

/// Tasks that break their contract.
let taskCases = [
    result(
        "call/no-metrics", "task: list_metrics named no metric", wanted: "at least one metric",
        make: task("LIST_METRICS", metrics("")), use: useTask),
    result(
        "call/metric-twice", "task: list_metrics named \"exact\" twice",
        wanted: "metrics with names of their own",
        make: task(
            "LIST_METRICS",
            metrics("out->add(call, text(\"exact\")); out->add(call, text(\"exact\"));")),
        use: useTask),
    result(
        "call/example-twice", "task: test: two examples have the id \"a\"",
        wanted: "ids of their own",
        make: task(
            "LOAD_EXAMPLES", examples("out->add(call, &example); out->add(call, &example);")),
        use: useTask),
    result(
        "call/example-null", "task: test: example 0 is NULL", wanted: "a struct",
        make: task("LOAD_EXAMPLES", examples("out->add(call, NULL);")), use: useTask),
    result(
        "call/example-size", "task: test: the struct_size of example 0 is 12",
        wanted: "from 112 to 65536",
        make: task(
            "LOAD_EXAMPLES", examples("example.struct_size = 12; out->add(call, &example);")),
        use: useTask),
    result(
        "call/example-without-id", "task: test: the id of example 0 is empty", wanted: "a text",
        make: task("LOAD_EXAMPLES", examples("example.id = text(\"\"); out->add(call, &example);")),
        use: useTask),
    result(
        "call/example-options-null", "task: test: the options of example 0 are NULL",
        wanted: "at most 10000 options",
        make: task(
            "LOAD_EXAMPLES", examples("example.option_count = 3; out->add(call, &example);")),
        use: useTask),
    result(
        "call/prompt-missing", "task: sum/1/0: write_prompt gave nothing",
        wanted: "either a text or messages", make: task("WRITE_PROMPT", prompt("")), use: useTask),
    result(
        "call/prompt-twofold", "task: sum/1/0: write_prompt gave a text and messages",
        wanted: "either a text or messages",
        make: task(
            "WRITE_PROMPT",
            prompt(
                "out->set_text(call, text(\"a\")); out->add_message(call, 1, text(\"b\"));")),
        use: useTask),
    result(
        "call/speaker-unknown", "task: sum/1/0: the speaker of a message is 5",
        wanted: "one of REFLUX_SPEAKER_*",
        make: task("WRITE_PROMPT", prompt("out->add_message(call, 5, text(\"b\"));")),
        use: useTask),
    result(
        "call/answer-out-of-range", "task: set_answer names response 1",
        wanted: "the index of one of the 1 responses",
        make: task("READ_ANSWERS", answers("out->set_answer(call, 1, text(\"4\"));")),
        use: useTask),
    result(
        "call/answer-empty", "task: the answer of response 0 is empty", wanted: "a text",
        make: task("READ_ANSWERS", answers("out->set_answer(call, 0, text(\"\"));")),
        use: useTask),
    result(
        "call/mark-missing", "task: sum/1/0: the metric \"contains\" was not set",
        wanted: "0 or 1",
        make: task("GRADE", grades("out->parsed[0] = out->correct[0] = 1;")), use: useTask),
    result(
        "call/mark-two", "task: sum/1/0: parsed is 2", wanted: "0 or 1",
        make: task("GRADE", grades("out->parsed[0] = 2;")), use: useTask),
    CorpusCase(
        "call/marks-past", stage: .call, check: .callBounds,
        message:
            "$PLUGIN: task: sum/1/0: grade wrote past the end of correct; wanted writes inside "
            + "the host's buffers only. \(author) [call.bounds]",
        make: task("GRADE", grades("out->correct[2] = 1;")), use: useTask),
]

// Teachers.

private func teacher(_ lines: String) -> @Sendable (String) throws -> String {
    building(
        "teacher-source", "teacher", "RESPOND",
        """
        static int32_t mine(void *instance, reflux_call *call,
                            const reflux_prompt *const *prompts, uint64_t count,
                            const reflux_sampling_plan *plan, const reflux_response_list *out) {
            reflux_response response = some_response("4", 0);
            \(lines)
            return REFLUX_OK;
        }
        """)
}

private let useTeacher: Use = { runtime in
    let teacher = try runtime.makeTeacher(
        ExtensionRequest(extensionID: "teacher", name: "teacher"))
    _ = try await teacher.respond(
        to: [sampleGroup().prompt],
        plan: SamplingPlan(
            samplesPerTemperature: 2, temperatures: [0.7], settings: SamplingSettings(), seed: 1),
        observer: .silent)
}

/// Teachers that break their contract.
let teacherCases = [
    result(
        "call/prompt-out-of-range", "teacher: a response names prompt 1",
        wanted: "the index of one of the 1 prompts", make: teacher("out->add(call, 1, &response);"),
        use: useTeacher),
    result(
        "call/sample-twice", "teacher: q/0: two responses are the sample 0",
        wanted: "samples with numbers of their own",
        make: teacher("out->add(call, 0, &response); out->add(call, 0, &response);"),
        use: useTeacher),
    result(
        "call/too-many-responses", "teacher: q/0: it has 3 responses",
        wanted: "at most 2, as planned",
        make: teacher(
            "for (response.sample = 0; response.sample < 3; response.sample++) "
                + "out->add(call, 0, &response);"),
        use: useTeacher),
    result(
        "call/finish-unknown", "teacher: finish of a response to prompt 0 is 9",
        wanted: "one of REFLUX_FINISH_*",
        make: teacher("response.finish = 9; out->add(call, 0, &response);"), use: useTeacher),
    result(
        "call/response-without-text", "teacher: a response to prompt 0 has no text",
        wanted: "a text",
        make: teacher(
            "response.text.data = NULL; response.text.length = 0; "
                + "out->add(call, 0, &response);"),
        use: useTeacher),
    result(
        "call/logprob-positive", "teacher: mean_logprob of a response to prompt 0 is 3.0",
        wanted: "a number of at most 0, or NaN",
        make: teacher("response.mean_logprob = 3; out->add(call, 0, &response);"),
        use: useTeacher),
]

// Reward models.

private let useRewardModel: Use = { runtime in
    let model = try runtime.makeRewardModel(
        ExtensionRequest(extensionID: "model", name: "model"))
    let prompt = sampleGroup().prompt
    _ = try await model.score([
        ScoringItem(prompt: prompt, text: "It is 4."),
        ScoringItem(prompt: prompt, text: "It is 5."),
    ])
}

private func rewardModel(_ lines: String) -> @Sendable (String) throws -> String {
    building(
        "reward-model", "model", "SCORE",
        """
        static int32_t mine(void *instance, reflux_call *call,
                            const reflux_scoring_item *const *items, uint64_t count,
                            double *scores) {
            \(lines)
            return REFLUX_OK;
        }
        """)
}

/// Reward models that break their contract.
let rewardModelCases = [
    result(
        "call/score-missing", "model: q/0: score 1 was not set", wanted: "a finite number",
        make: rewardModel("scores[0] = 1;"), use: useRewardModel),
    result(
        "call/score-infinite", "model: q/0: score 0 is inf", wanted: "a finite number",
        make: rewardModel("scores[0] = INFINITY; scores[1] = 0;"), use: useRewardModel),
    CorpusCase(
        "call/scores-past", stage: .call, check: .callBounds,
        message: "$PLUGIN: model: score wrote past the end of scores; wanted writes inside the "
            + "host's buffers only. \(author) [call.bounds]",
        make: rewardModel("scores[2] = 1;"), use: useRewardModel),
]
