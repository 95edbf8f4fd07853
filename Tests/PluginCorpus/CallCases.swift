import RefluxCore
import RefluxPluginHost

/// Plugins that load and then break their contract, in this process.
public let callCases: [CorpusCase] =
    createCases + statusCases + rewardCases + textCases + memoryCases + serviceCases
    + optimizerCases + taskCases + teacherCases + rewardModelCases

private let author = "This is a fault of the plugin: tell its author."

/// A rule whose `create` is these lines of C.
private func creating(_ lines: String) -> @Sendable (String) throws -> String {
    { folder in
        var plugin = PluginBuilder()
        plugin.code = """
            static int32_t my_create(
                reflux_call *call, const reflux_creation *creation, void **instance) {
                (void)call, (void)creation, (void)instance;
                \(lines)
            }
            """
        plugin.definitions["CREATE"] = "my_create"
        return try plugin.build(in: folder)
    }
}

/// A rule whose `judge` does these lines of C and then what the sound one does, unless they return.
private func judging(
    _ lines: String, before: String = "", finally: String = ""
) -> @Sendable (String) throws -> String {
    { folder in
        var plugin = PluginBuilder()
        plugin.code = """
            \(before)
            static int32_t my_judge(
                void *instance, reflux_call *call, const reflux_group *group,
                const reflux_judgement *out) {
                \(lines)
                int32_t status = sound_judge(instance, call, group, out);
                \(finally)
                return status;
            }
            """
        plugin.definitions["JUDGE"] = "my_judge"
        return try plugin.build(in: folder)
    }
}

private let createCases = [
    CorpusCase(
        "create/fails", stage: .create, check: .instanceCreate,
        message: "$PLUGIN: rule: create failed: no model at that path; wanted an instance. "
            + "Check the extension's settings in the run file. [instance.create]",
        make: creating("host->set_error(call, text(\"no model at that path\")); return 1;")),
    CorpusCase(
        "create/fails-silently", stage: .create, check: .instanceCreate,
        message: "$PLUGIN: rule: create failed and gave no reason; wanted an instance. "
            + "Check the extension's settings in the run file. [instance.create]",
        make: creating("return REFLUX_ERROR;")),
    CorpusCase(
        "create/no-handle", stage: .create, check: .instanceHandle,
        message: "$PLUGIN: rule: create returned REFLUX_OK, but no handle; wanted a handle that is "
            + "not NULL. \(author) [instance.handle]",
        make: creating("return REFLUX_OK;")),
    CorpusCase(
        "create/status-unknown", stage: .create, check: .callStatus,
        message: "$PLUGIN: rule: create returned the unknown status 99; wanted a status from 0 to "
            + "4. \(author) [call.status]",
        make: creating("return 99;")),
    CorpusCase(
        "create/configuration-not-json", stage: .create, check: .instanceCreate,
        message: "$PLUGIN: rule: the configuration in effect is not a JSON object; wanted the text "
            + "of a JSON object. \(author) [instance.create]",
        make: creating(
            "host->set_configuration(call, text(\"[1]\")); *instance = malloc(1); return 0;")),
    CorpusCase(
        "create/changes-configuration", stage: .create, check: .callInput,
        message: "$PLUGIN: rule: create changed its inputs; wanted inputs that are only read. "
            + "\(author) [call.input]",
        make: creating(
            "((char *)creation->configuration.data)[0] = '['; *instance = malloc(1); return 0;")),
]

private let statusCases = [
    CorpusCase(
        "call/status-unknown", stage: .call, check: .callStatus,
        message: "$PLUGIN: rule: q/0: judge returned the unknown status 77; wanted a status from 0 "
            + "to 4. \(author) [call.status]",
        make: judging("return 77;")),
    CorpusCase(
        "call/fails", stage: .call, check: .callStatus,
        message: "$PLUGIN: rule: q/0: judge failed: cannot judge this; wanted a result. Check what "
            + "the plugin complains of, or ask its author. [call.status]",
        make: judging("host->set_error(call, text(\"cannot judge\\nthis\")); return 1;")),
    CorpusCase(
        "call/fails-silently", stage: .call, check: .callStatus,
        message: "$PLUGIN: rule: q/0: judge failed and gave no reason; wanted a result. Check what "
            + "the plugin complains of, or ask its author. [call.status]",
        make: judging("return REFLUX_ERROR;")),
    CorpusCase(
        "call/cancelled-by-nobody", stage: .call, check: .callStatus,
        message: "$PLUGIN: rule: q/0: judge returned REFLUX_CANCELLED, but nobody cancelled it; "
            + "wanted REFLUX_CANCELLED only after is_cancelled said so. \(author) [call.status]",
        make: judging("return REFLUX_CANCELLED;")),
    CorpusCase(
        "call/out-of-memory", stage: .call, check: .callStatus,
        message: "$PLUGIN: rule: q/0: judge ran out of memory; wanted a result. Free memory, or "
            + "make the task smaller. [call.status]",
        make: judging("return REFLUX_OUT_OF_MEMORY;")),
    CorpusCase(
        "call/too-slow", stage: .call, check: .callTime,
        message: "$PLUGIN: rule: q/0: judge took * s; wanted at most 1 s. A plugin in this process "
            + "cannot be stopped: use `isolation: process`, or raise `call_limit`. [call.time]",
        make: judging("while (host->remaining_nanoseconds(call) > -50000000) usleep(1000);")),
    CorpusCase(
        "call/stops-too-late", stage: .call, check: .callTime,
        message: "$PLUGIN: rule: q/0: judge took * s; wanted at most 1 s. A plugin in this process "
            + "cannot be stopped: use `isolation: process`, or raise `call_limit`. [call.time]",
        make: judging("while (!host->is_cancelled(call)) usleep(1000); return REFLUX_CANCELLED;")),
]

private func reward(_ name: String, _ assignment: String, _ found: String) -> CorpusCase {
    CorpusCase(
        "call/reward-\(name)", stage: .call, check: .callResult,
        message: "$PLUGIN: rule: q/0: the reward of response 1 \(found); wanted a number from 0 to "
            + "1, or an abstention. \(author) [call.result]",
        make: judging("", finally: assignment))
}

private let rewardCases = [
    reward("nan", "out->rewards[1] = NAN;", "is *nan"),
    reward("infinite", "out->rewards[1] = INFINITY;", "is inf"),
    reward("negative", "out->rewards[1] = -0.5;", "is -0.5"),
    reward("above-one", "out->rewards[1] = 1.5;", "is 1.5"),
    CorpusCase(
        "call/reward-missing", stage: .call, check: .callResult,
        message: "$PLUGIN: rule: q/0: the reward of response 2 was not set; wanted a number from 0 "
            + "to 1, or an abstention. \(author) [call.result]",
        make: judging("out->rewards[0] = out->rewards[1] = 1; return 0;")),
    CorpusCase(
        "call/abstain-out-of-range", stage: .call, check: .callResult,
        message: "$PLUGIN: rule: q/0: abstain names response 3; wanted the index of one of the 3 "
            + "responses. \(author) [call.result]",
        make: judging("out->abstain(call, 3, text(\"no\"));")),
    CorpusCase(
        "call/abstain-without-reason", stage: .call, check: .callResult,
        message: "$PLUGIN: rule: q/0: the abstention of response 0 is empty; wanted a text. "
            + "\(author) [call.result]",
        make: judging("reflux_string none = {NULL, 0}; out->abstain(call, 0, none);")),
]

private func label(_ name: String, _ text: String, _ found: String) -> CorpusCase {
    CorpusCase(
        "call/label-\(name)", stage: .call, check: .callResult,
        message:
            "$PLUGIN: rule: q/0: the label \(found); wanted UTF-8 without NUL of at most 1 MiB."
            + " \(author) [call.result]",
        make: judging("reflux_string bad = \(text); out->set_label(call, bad);"))
}

private let textCases = [
    label("not-utf8", "{\"a\\xC0\\x80\", 3}", "is not UTF-8"),
    label("surrogate", "{\"\\xED\\xA0\\x80\", 3}", "is not UTF-8"),
    label("with-nul", "{\"4\\0\", 2}", "has a NUL in it"),
    label("too-long", "{calloc(1, 1048577), 1048577}", "has 1048577 bytes"),
    label("length-absurd", "{\"4\", UINT64_MAX}", "has 18446744073709551615 bytes"),
    label("without-data", "{NULL, 4}", "has no data for its 4 bytes"),
]

private func bounds(_ name: String, _ lines: String, _ found: String) -> CorpusCase {
    CorpusCase(
        "call/\(name)", stage: .call, check: .callBounds,
        message: "$PLUGIN: rule: q/0: judge wrote \(found) of rewards; wanted writes inside the "
            + "host's buffers only. \(author) [call.bounds]",
        make: judging("", finally: lines))
}

private func input(_ name: String, _ lines: String) -> CorpusCase {
    CorpusCase(
        "call/changes-\(name)", stage: .call, check: .callInput,
        message: "$PLUGIN: rule: q/0: judge changed its inputs; wanted inputs that are only read. "
            + "\(author) [call.input]",
        make: judging("", finally: lines))
}

private let memoryCases = [
    bounds("writes-past", "out->rewards[group->response_count] = 1;", "past the end"),
    bounds("writes-before", "out->rewards[-1] = 1;", "before the beginning"),
    bounds(
        "writes-one-byte-past", "((char *)(out->rewards + group->response_count))[0] ^= 1;",
        "past the end"),
    input("text", "((char *)group->responses[0]->text.data)[0] = 'X';"),
    input("number", "((reflux_response *)group->responses[2])->mean_logprob = 0;"),
    input("pointer", "((reflux_judgement *)out)->rewards = NULL;"),
    input("list", "((const reflux_response **)group->responses)[0] = group->responses[1];"),
]

private let serviceCases = [
    CorpusCase(
        "call/metric-nan", stage: .call, check: .callResult,
        message: "$PLUGIN: rule: q/0: the metric \"share\" is *nan; wanted a finite number. "
            + "\(author) [call.result]",
        make: judging("host->metric(call, 0, text(\"share\"), NAN);")),
    CorpusCase(
        "call/metric-without-name", stage: .call, check: .callResult,
        message: "$PLUGIN: rule: q/0: the name of a metric is empty; wanted a text. "
            + "\(author) [call.result]",
        make: judging("host->metric(call, 0, text(\"\"), 1);")),
    CorpusCase(
        "call/log-flood", stage: .call, check: nil, message: "",
        make: judging(
            """
            for (int i = 0; i < 100000; i++) {
                host->log(call, i % 7 - 1, text("\\x1b[2J\\x1b]0;owned\\x07\\r\\xff line"));
            }
            """)),
    CorpusCase(
        "call/stale-call", stage: .call, check: nil, message: "",
        make: judging(
            """
            if (kept != NULL) {
                uint32_t words[4];
                host->set_error(kept, text("late"));
                host->set_configuration(kept, text("{}"));
                host->log(kept, 1, text("late"));
                host->is_cancelled(kept);
                host->remaining_nanoseconds(kept);
                host->random_words(kept, 0, 0, words);
                host->metric(kept, 0, text("late"), NAN);
                host->progress(kept, 0, 0, text("late"));
                out->set_label(kept, text("late"));
                out->abstain(kept, 900, text("late"));
            }
            host->set_error(NULL, text("nobody"));
            host->log(NULL, 0, text("nobody"));
            host->random_words(call, 0, 0, NULL);
            kept = call;
            """, before: "static reflux_call *kept;"),
        use: { runtime in
            let rule = try runtime.makeRule(ExtensionRequest(extensionID: "rule", name: "rule"))
            for turn in 0..<3 { _ = try await rule.judge(sampleGroup("q/\(turn)", index: turn)) }
        }),
]
