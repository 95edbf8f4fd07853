/* Tests of reflux/testing.h: a plugin that breaks one promise at a time, each of which the mock
 * host must see, and a good one, of which it must say nothing. */
#include "reflux/testing.h"

/* What the plugin does wrong. */
static const char *mode = "";
static const reflux_host *host;

static int is(const char *name) { return strcmp(mode, name) == 0; }

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    static int made;
    if (is("create fails")) { return reflux_fail(host, call, "no such file"); }
    if (is("create fails silently")) { return REFLUX_ERROR; }
    if (is("unknown status")) { return 99; }
    host->set_configuration(
        call, is("effective configuration") ? reflux_text("{") : creation->configuration);
    if (!is("no instance")) { *instance = &made; }
    return REFLUX_OK;
}

static void destroy(void *instance) { (void)instance; }

static int32_t judge(
    void *instance, reflux_call *call, const reflux_group *group, const reflux_judgement *out) {
    uint64_t index;
    uint32_t words[4] = { 0, 0, 0, 0 };
    (void)instance;
    if (reflux_is_cancelled(host, call)) { return REFLUX_CANCELLED; }
    reflux_log(host, call, REFLUX_LOG_INFO, "judging %d responses", (int)group->response_count);
    reflux_metric(host, call, "share", is("metric") ? (double)NAN : 0.5);
    reflux_progress(host, call, 1, 2, "groups");
    if (REFLUX_HAS_FUNCTION(reflux_host, host, random_words)) {
        host->random_words(call, 0, 0, words);
    }
    if (is("service behind the table")) { host->log(call, 0, reflux_text("x")); }
    for (index = 0; index < group->response_count; index += 1) {
        if (is("missing verdict") && index == 1) { continue; }
        out->rewards[index] = is("reward too large") ? 1.5 : 0.25;
    }
    if (is("overrun")) { out->rewards[group->response_count] = 1; }
    if (is("underrun")) { *(out->rewards - 1) = 1; }
    if (is("input")) { ((char *)(uintptr_t)group->responses[0]->text.data)[0] = '!'; }
    if (is("abstains")) { out->abstain(call, 1, reflux_text("tie")); }
    if (is("abstains out of range")) { out->abstain(call, 7, reflux_text("tie")); }
    if (is("abstains without a reason")) { out->abstain(call, 0, reflux_text("")); }
    if (is("label")) { out->set_label(call, reflux_slice("\xff", 1)); }
    if (!is("abstains")) { out->set_label(call, reflux_text("4")); }
    return REFLUX_OK;
}

static int32_t get_traits(void *instance, reflux_call *call, reflux_optimizer_traits *out) {
    (void)instance;
    (void)call;
    out->needs_values = 1;
    out->needs_entropy = 1;
    return REFLUX_OK;
}

static int32_t compute_advantages(
    void *instance, reflux_call *call, const reflux_rollout_batch *batch,
    const reflux_advantages *out) {
    uint64_t sequence, token;
    (void)instance;
    (void)call;
    for (sequence = 0; sequence < batch->sequence_count; sequence += 1) {
        for (token = batch->offsets[sequence]; token < batch->offsets[sequence + 1]; token += 1) {
            out->advantages[token] = (float)batch->rewards[sequence];
            out->returns[token] = (float)batch->rewards[sequence];
        }
    }
    if (is("advantage") && batch->token_count > 0) { out->advantages[0] = (float)INFINITY; }
    return batch->reference_logprobs == NULL && batch->values != NULL ? REFLUX_OK : 77;
}

/* -A logp + (V - R)^2 - 0.1 H, over all tokens. */
static int32_t compute_loss(
    void *instance, reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out) {
    double share = 1 / (double)(is("shares") ? batch->token_count : batch->total_tokens);
    uint64_t token;
    (void)instance;
    (void)call;
    out->value = 0;
    for (token = 0; token < batch->token_count; token += 1) {
        double advantage = (double)batch->advantages[token];
        double error = (double)batch->values[token] - (double)batch->returns[token];
        out->value += share * (error * error - advantage * (double)batch->logprobs[token]
                               - 0.1 * (double)batch->entropies[token]);
        out->by_logprob[token] = (float)(-share * advantage * (is("derivative") ? 2 : 1));
        out->by_value[token] = (float)(share * 2 * error);
        out->by_entropy[token] = (float)(-0.1 * share);
    }
    return REFLUX_OK;
}

static const reflux_rule_table rule_table = {
    REFLUX_STRUCT_SIZE(reflux_rule_table, judge), 0, create, destroy, judge,
};
static const reflux_optimizer_table optimizer_table = {
    REFLUX_STRUCT_SIZE(reflux_optimizer_table, compute_loss), 0, create, destroy, get_traits,
    compute_advantages, compute_loss,
};

#define SCHEMA \
    "{\"type\":\"object\",\"properties\":{\"share\":{\"type\":\"number\",\"default\":0.5," \
    "\"description\":\"d\"},\"path\":{\"type\":\"string\",\"description\":\"d\"}}," \
    "\"additionalProperties\":false}"

static const reflux_extension rule = {
    REFLUX_STRUCT_SIZE(reflux_extension, table), REFLUX_CONCURRENCY_PARALLEL, 1,
    REFLUX_STABILITY_STABLE, REFLUX_LITERAL(REFLUX_KIND_PSEUDO_REWARD_RULE),
    REFLUX_LITERAL("rule"), REFLUX_LITERAL("t"), REFLUX_LITERAL("d"), REFLUX_LITERAL(SCHEMA),
    &rule_table,
};
static const reflux_extension optimizer = {
    REFLUX_STRUCT_SIZE(reflux_extension, table), REFLUX_CONCURRENCY_SERIAL, 1,
    REFLUX_STABILITY_STABLE, REFLUX_LITERAL(REFLUX_KIND_POLICY_OPTIMIZER),
    REFLUX_LITERAL("optimizer"), REFLUX_LITERAL("t"), REFLUX_LITERAL("d"), REFLUX_LITERAL(SCHEMA),
    &optimizer_table,
};
static const reflux_extension *const extensions[] = { &rule, &optimizer };

static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

static const reflux_plugin plugin = {
    REFLUX_PLUGIN_MAGIC, REFLUX_STRUCT_SIZE(reflux_plugin, extension_count), REFLUX_ABI_MINOR, 0, 0,
    REFLUX_LITERAL("bad"), REFLUX_LITERAL("Bad"), REFLUX_LITERAL("1.0.0"), REFLUX_LITERAL("MIT"),
    REFLUX_LITERAL("d"), REFLUX_LITERAL("C"), REFLUX_LITERAL("cc"), init, NULL, extensions, 2,
};

static reflux_group *small_group(reflux_mock *mock) {
    reflux_group *group = reflux_mock_group(mock, "2 + 2?");
    reflux_mock_teacher(mock, group, "4");
    reflux_mock_student(mock, group, "5");
    reflux_mock_student(mock, group, NULL);
    return group;
}

/* Runs the rule in a mode. Returns the number of faults; the last one is in words. */
static uint64_t faults_of_rule(const char *wrong, char words[512]) {
    reflux_mock mock;
    reflux_mock_instance instance;
    uint64_t faults;
    mode = wrong;
    reflux_mock_init(&mock);
    mock.quiet = 1;
    REFLUX_EXPECT(reflux_mock_start(&mock, &plugin) == REFLUX_OK);
    instance = reflux_mock_create(&mock, REFLUX_KIND_PSEUDO_REWARD_RULE, "rule", NULL);
    if (instance.handle != NULL) { reflux_mock_judge(&instance, small_group(&mock)); }
    reflux_mock_destroy(&instance);
    faults = mock.faults;
    memcpy(words, mock.fault, 512);
    reflux_mock_stop(&mock);
    mode = "";
    return faults;
}

static void test_rules(void) {
    static const char *const wrong[][2] = {
        { "create fails silently", "it failed without a word; use set_error" },
        { "unknown status", "99 is no status" },
        { "no instance", "create says OK and makes no instance" },
        { "effective configuration", "the configuration in effect: a key in quotes is missing" },
        { "missing verdict", "judge: response 1 has the reward nan and no abstention" },
        { "reward too large", "judge: response 2 has the reward 1.5 and no abstention" },
        { "overrun", "an output was written past its end" },
        { "underrun", "an output was written past its end" },
        { "input", "an input was written to" },
        { "abstains out of range", "there is no response 7" },
        { "abstains without a reason", "the reason of an abstention is empty" },
        { "label", "the label is not UTF-8 or has a NUL" },
        { "metric", "a metric is not finite" },
    };
    char words[512];
    size_t index;
    REFLUX_EXPECT(faults_of_rule("", words) == 0);
    REFLUX_EXPECT(faults_of_rule("create fails", words) == 0);
    REFLUX_EXPECT(faults_of_rule("abstains", words) == 0);
    for (index = 0; index < sizeof(wrong) / sizeof(wrong[0]); index += 1) {
        REFLUX_EXPECT(faults_of_rule(wrong[index][0], words) > 0);
        REFLUX_EXPECT_TEXT(words, wrong[index][1]);
    }
}

static void test_what_is_collected(void) {
    reflux_mock mock;
    reflux_mock_instance instance;
    reflux_mock_judgement judgement;
    mode = "abstains";
    reflux_mock_init(&mock);
    REFLUX_EXPECT(reflux_mock_start(&mock, &plugin) == REFLUX_OK);
    instance = reflux_mock_create(
        &mock, REFLUX_KIND_PSEUDO_REWARD_RULE, "rule", "{\"path\": \"/x\"}");
    REFLUX_EXPECT_TEXT(mock.configuration, "{\"path\":\"/x\",\"share\":0.5}");
    judgement = reflux_mock_judge(&instance, small_group(&mock));
    REFLUX_EXPECT(judgement.status == REFLUX_OK && judgement.label == NULL);
    REFLUX_EXPECT_TEXT(judgement.reasons[1], "tie");
    REFLUX_EXPECT_TEXT(judgement.reasons[0], NULL);
    REFLUX_EXPECT_NEAR(judgement.rewards[0], 0.25, 0);
    REFLUX_EXPECT(judgement.rewards[1] != judgement.rewards[1]);
    REFLUX_EXPECT_NEAR(reflux_mock_metric(&mock, "share"), 0.5, 0);
    REFLUX_EXPECT(reflux_mock_metric(&mock, "x") != reflux_mock_metric(&mock, "x"));
    REFLUX_EXPECT(reflux_mock_logged(&mock, "judging 3"));
    REFLUX_EXPECT(reflux_mock_count(&mock, REFLUX_NOTE_PROGRESS) == 1);
    mock.patience = 0;
    judgement = reflux_mock_judge(&instance, small_group(&mock));
    REFLUX_EXPECT(judgement.status == REFLUX_CANCELLED);
    reflux_mock_destroy(&instance);
    reflux_mock_stop(&mock);
    mode = "";
}

static void test_smaller_hosts(void) {
    int shortened;
    for (shortened = 0; shortened < 2; shortened += 1) {
        reflux_mock mock;
        reflux_mock_instance instance;
        reflux_mock_init(&mock);
        if (shortened) {
            reflux_mock_shorten(&mock);
        } else {
            reflux_mock_leave_out(&mock, REFLUX_MOCK_EVERYTHING);
        }
        REFLUX_EXPECT(reflux_mock_start(&mock, &plugin) == REFLUX_OK);
        instance = reflux_mock_create(&mock, REFLUX_KIND_PSEUDO_REWARD_RULE, "rule", NULL);
        REFLUX_EXPECT(reflux_mock_judge(&instance, small_group(&mock)).status == REFLUX_OK);
        REFLUX_EXPECT(mock.note_count == 1);
        REFLUX_EXPECT(mock.faults == 0);
        reflux_mock_destroy(&instance);
        reflux_mock_stop(&mock);
    }
}

/* Runs the optimizer in a mode. Returns the number of faults. */
static uint64_t faults_of_optimizer(const char *wrong) {
    static const uint64_t lengths[] = { 3, 0, 2, 4 };
    static const uint64_t groups[] = { 0, 0, 1, 1 };
    static const double rewards[] = { 1, 0, 0.5, -1 };
    reflux_mock mock;
    reflux_mock_instance instance;
    reflux_rollout_batch *rollouts;
    reflux_mock_advantages estimate;
    reflux_loss_batch *update;
    uint64_t faults;
    mode = wrong;
    reflux_mock_init(&mock);
    mock.quiet = 1;
    REFLUX_EXPECT(reflux_mock_start(&mock, &plugin) == REFLUX_OK);
    instance = reflux_mock_create(&mock, REFLUX_KIND_POLICY_OPTIMIZER, "optimizer", NULL);
    rollouts = reflux_mock_rollouts(&mock, 4, lengths, groups, rewards, 7);
    estimate = reflux_mock_estimate(&instance, rollouts);
    REFLUX_EXPECT(estimate.status == REFLUX_OK && estimate.count == 9);
    if (mock.faults == 0) {
        update = reflux_mock_update(&mock, rollouts, estimate, 0.1, 3);
        reflux_mock_check_derivatives(&instance, update, 0);
        reflux_mock_check_shares(&instance, update);
    }
    faults = mock.faults;
    reflux_mock_destroy(&instance);
    reflux_mock_stop(&mock);
    mode = "";
    return faults;
}

static void test_optimizers(void) {
    REFLUX_EXPECT(faults_of_optimizer("") == 0);
    REFLUX_EXPECT(faults_of_optimizer("advantage") == 1);
    REFLUX_EXPECT(faults_of_optimizer("derivative") == 1);
    REFLUX_EXPECT(faults_of_optimizer("shares") == 1);
}

static void test_entry(void) {
    reflux_mock mock;
    reflux_plugin other = plugin;
    reflux_mock_init(&mock);
    mock.quiet = 1;
    other.magic = 1;
    REFLUX_EXPECT(reflux_mock_start(&mock, NULL) == REFLUX_ERROR);
    REFLUX_EXPECT(reflux_mock_start(&mock, &other) == REFLUX_ERROR);
    other = plugin;
    other.struct_size = 8;
    REFLUX_EXPECT(reflux_mock_start(&mock, &other) == REFLUX_ERROR);
    REFLUX_EXPECT(reflux_mock_open(&mock, "/nowhere/plugin.so") == REFLUX_ERROR);
    REFLUX_EXPECT(strstr(mock.fault, "/nowhere/plugin.so") != NULL);
    REFLUX_EXPECT(mock.faults == 4);
    reflux_mock_stop(&mock);
}

int main(void) {
    test_rules();
    test_what_is_collected();
    test_smaller_hosts();
    test_optimizers();
    test_entry();
    return reflux_test_result("mock host");
}
