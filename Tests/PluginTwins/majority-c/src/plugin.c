/* The twin of the built-in rule teacher-majority: a run with it gives the same bits. */
#include <reflux/reflux.h>
#include <reflux/settings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "votes.h"

enum { TIE_ABSTAIN, TIE_RANDOM, TIE_FIRST };

/* An instance: the settings. */
typedef struct {
    double min_share;
    double min_margin;
    int tie;
    uint64_t seed;
} majority;

static const reflux_host *host;

static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

static void destroy(void *instance) { free(instance); }

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    static const char *const ties[] = {"abstain", "random", "first", NULL};
    majority *rule = calloc(1, sizeof(*rule));
    if (rule == NULL) { return REFLUX_OUT_OF_MEMORY; }
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    rule->min_share = reflux_setting_number(&settings, "min_share");
    rule->min_margin = reflux_setting_number(&settings, "min_margin");
    rule->tie = reflux_setting_choice(&settings, "tie", ties);
    rule->seed = creation->seed;
    if (settings.status != REFLUX_OK) {
        destroy(rule);
        return settings.status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = rule;
    return REFLUX_OK;
}

/* "name below 0.5", with the number as Swift writes it: the fewest digits that mean the same. */
static void write_below(char *out, size_t capacity, const char *name, double number) {
    int precision = 1;
    char digits[40];
    do {
        snprintf(digits, sizeof(digits), "%.*g", precision, number);
        precision += 1;
    } while (precision <= 17 && strtod(digits, NULL) != number);
    const char *point = strpbrk(digits, ".e") == NULL ? ".0" : "";
    snprintf(out, capacity, "%s below %s%s", name, digits, point);
}

/* The leader that a random tie picks, whatever the order of the responses. */
static reflux_string pick(const votes *count, uint64_t leaders, uint64_t seed, int64_t prompt) {
    uint64_t place = label_random_below(seed, prompt, leaders);
    for (uint64_t i = 0; i < leaders; i += 1) {
        uint64_t smaller = 0;
        for (uint64_t j = 0; j < leaders; j += 1) {
            smaller += reflux_compare(count->ranking[j].answer, count->ranking[i].answer) < 0;
        }
        if (smaller == place) { return count->ranking[i].answer; }
    }
    return count->ranking[0].answer;
}

/* Finds the label, or writes the reason why there is none. */
static int decide(
    const majority *rule, const votes *count, int64_t prompt, reflux_string *label, char *reason,
    size_t capacity) {
    uint64_t leaders = votes_leaders(count);
    if (leaders == 0) {
        const char *what = count->voters == 0 ? "no teacher response" : "no teacher answer";
        snprintf(reason, capacity, "%s", what);
        return 0;
    }
    *label = count->ranking[0].answer;
    if (leaders > 1) {
        if (rule->tie == TIE_ABSTAIN) {
            snprintf(reason, capacity, "tie");
            return 0;
        }
        if (rule->tie == TIE_RANDOM) { *label = pick(count, leaders, rule->seed, prompt); }
    }
    if (votes_share(count) < rule->min_share) {
        write_below(reason, capacity, "share", rule->min_share);
        return 0;
    }
    if (votes_margin(count) < rule->min_margin) {
        write_below(reason, capacity, "margin", rule->min_margin);
        return 0;
    }
    return 1;
}

static int32_t judge(
    void *instance, reflux_call *call, const reflux_group *group, const reflux_judgement *out) {
    const majority *rule = instance;
    reflux_string label = {NULL, 0};
    char reason[80];
    votes count;
    if (!votes_count(group, &count)) { return REFLUX_OUT_OF_MEMORY; }
    reflux_metric(host, call, "share", votes_share(&count));
    reflux_metric(host, call, "margin", votes_margin(&count));
    reflux_metric(host, call, "voters", (double)count.answered);
    if (decide(rule, &count, group->prompt->index, &label, reason, sizeof(reason))) {
        out->set_label(call, label);
        for (uint64_t i = 0; i < group->response_count; i += 1) {
            out->rewards[i] = reflux_equal(group->responses[i]->answer, label) ? 1 : 0;
        }
    } else {
        out->set_abstention(call, reflux_text(reason));
        for (uint64_t i = 0; i < group->response_count; i += 1) {
            out->abstain(call, i, reflux_text(reason));
        }
    }
    votes_free(&count);
    return REFLUX_OK;
}

static const reflux_rule_table table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_rule_table, judge),
    .create = create,
    .destroy = destroy,
    .judge = judge,
};

static const reflux_extension extension = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_PARALLEL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_STABLE,
    .kind = REFLUX_LITERAL(REFLUX_KIND_PSEUDO_REWARD_RULE),
    .id = REFLUX_LITERAL("majority-c"),
    .title = REFLUX_LITERAL("Agreement with the teacher's majority answer"),
    .description = REFLUX_LITERAL("The twin of the built-in rule teacher-majority, in C."),
    .config_schema = REFLUX_LITERAL(
        "{\"type\":\"object\",\"properties\":{"
        "\"min_share\":{\"type\":\"number\",\"default\":0,\"minimum\":0,\"maximum\":1,"
        "\"description\":\"The smallest share of the teacher responses that makes a label.\"},"
        "\"min_margin\":{\"type\":\"number\",\"default\":0,\"minimum\":0,\"maximum\":1,"
        "\"description\":\"The smallest lead over the second answer, as such a share.\"},"
        "\"tie\":{\"type\":\"string\",\"default\":\"abstain\","
        "\"enum\":[\"abstain\",\"random\",\"first\"],"
        "\"description\":\"What to do when several answers share the most votes.\"}},"
        "\"additionalProperties\":false}"),
    .table = &table,
};

static const reflux_extension *const extensions[] = {&extension};

static const reflux_plugin plugin = {
    .magic = REFLUX_PLUGIN_MAGIC,
    .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
    .abi_minor = REFLUX_ABI_MINOR,
    .min_host_minor = 0,
    .id = REFLUX_LITERAL("majority-c"),
    .name = REFLUX_LITERAL("Majority in C"),
    .version = REFLUX_LITERAL("1.0.0"),
    .license = REFLUX_LITERAL("Apache-2.0"),
    .description = REFLUX_LITERAL("The built-in rule teacher-majority as a plugin in C."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL(__VERSION__),
    .init = init,
    .extensions = extensions,
    .extension_count = 1,
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
