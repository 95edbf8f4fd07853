import Foundation
import PluginCorpus
import RefluxPluginHost

@testable import RefluxPipeline

/// A plugin in C with a rule and an optimizer, compiled on the spot.
struct PartsPlugin {
    /// Its id and its folder's name.
    var id = "parts"
    /// The id of its rule.
    var rule = "agreement"
    /// The id of its optimizer.
    var optimizer = "plain"
    /// Its version, which is in the library as well.
    var version = "1.0.0"

    /// Builds `FOLDER/ID` with the library and a manifest made from it; returns its path.
    @discardableResult
    func build(in folder: String) throws -> String {
        let plugin = "\(folder)/\(id)"
        let library = "\(plugin)/lib/linux-\(PluginBuilder.architecture)/\(id).so"
        try FileManager.default.createDirectory(
            atPath: (library as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        let source = "\(folder)/\(id)-\(UUID().uuidString).c"
        try Data(Self.source.utf8).write(to: URL(filePath: source))
        defer { try? FileManager.default.removeItem(atPath: source) }
        // A new file, not new bytes in the old one, which may be loaded.
        try? FileManager.default.removeItem(atPath: library)
        try PluginBuilder.run(
            "cc",
            [
                "-std=gnu11", "-O1", "-shared", "-fPIC", "-I", PluginBuilder.include,
                "-DID=\"\(id)\"", "-DRULE=\"\(rule)\"", "-DOPTIMIZER=\"\(optimizer)\"",
                "-DVERSION=\"\(version)\"", "-o", library, source,
            ])
        try ManifestWriter(probe: DescriptionProbe(program: Program.path)).write(
            library: library, output: "\(plugin)/plugin.json")
        return plugin
    }

    /// The rule accepts what the teachers say most often. The optimizer is REINFORCE with the mean of
    /// the group as baseline. Both fail as they are told to.
    private static let source = #"""
        #include "reflux/reflux.h"
        #include "reflux/settings.h"
        #include <math.h>
        #include <unistd.h>
        static const reflux_host *host;
        static int32_t start(const reflux_host *given, reflux_call *call) {
            (void)call;
            host = given;
            return REFLUX_OK;
        }
        typedef struct { double weight; char *fault; int64_t fails_at, calls; } part;
        static void destroy(void *instance) { free(((part *)instance)->fault); free(instance); }
        static int32_t create_rule(
            reflux_call *call, const reflux_creation *creation, void **out) {
            reflux_settings settings = reflux_settings_begin(host, call, creation);
            part *rule = calloc(1, sizeof *rule);
            rule->weight = reflux_setting_number(&settings, "weight");
            rule->fails_at = reflux_setting_integer(&settings, "fails_at");
            rule->fault = reflux_setting_text(&settings, "fault");
            free(reflux_setting_text(&settings, "table"));
            if (settings.status != REFLUX_OK) { destroy(rule); return settings.status; }
            char text[80];
            snprintf(text, sizeof text, "{\"weight\":%g,\"method\":\"counting\"}", rule->weight);
            host->set_configuration(call, reflux_text(text));
            host->log(call, 1, reflux_text("counts answers"));
            host->log(call, 0, reflux_text("for the author"));
            *out = rule;
            return REFLUX_OK;
        }
        static int32_t judge(
            void *instance, reflux_call *call, const reflux_group *group,
            const reflux_judgement *out) {
            part *rule = instance;
            int fails = group->prompt->index == rule->fails_at;
            if (fails && strcmp(rule->fault, "error") == 0) {
                host->set_error(call, reflux_text("this prompt is beyond me"));
                return REFLUX_ERROR;
            }
            if (fails && strcmp(rule->fault, "crash") == 0) *(volatile int *)8 = 1;
            if (fails && strcmp(rule->fault, "hang") == 0) for (;;) usleep(1000);
            uint64_t best = 0, most = 0;
            for (uint64_t i = 0; i < group->response_count; i++) {
                reflux_string answer = group->responses[i]->answer;
                if (answer.data == NULL || group->responses[i]->role != REFLUX_ROLE_TEACHER) continue;
                uint64_t count = 0;
                for (uint64_t j = 0; j < group->response_count; j++) {
                    count += group->responses[j]->role == REFLUX_ROLE_TEACHER
                        && reflux_equal(answer, group->responses[j]->answer);
                }
                if (count > most) { most = count; best = i; }
            }
            if (most == 0) out->set_abstention(call, reflux_text("no answers"));
            else out->set_label(call, group->responses[best]->answer);
            for (uint64_t i = 0; i < group->response_count; i++) {
                reflux_string answer = group->responses[i]->answer;
                if (most == 0 || answer.data == NULL) {
                    out->abstain(call, i, reflux_text("no answer"));
                } else {
                    out->rewards[i] = reflux_equal(answer, group->responses[best]->answer)
                        ? rule->weight : 0;
                }
            }
            if (fails && strcmp(rule->fault, "nan") == 0) out->rewards[0] = NAN;
            return REFLUX_OK;
        }
        static int32_t create_optimizer(
            reflux_call *call, const reflux_creation *creation, void **out) {
            reflux_settings settings = reflux_settings_begin(host, call, creation);
            part *optimizer = calloc(1, sizeof *optimizer);
            optimizer->fails_at = reflux_setting_integer(&settings, "fails_at");
            if (settings.status != REFLUX_OK) { free(optimizer); return settings.status; }
            *out = optimizer;
            return REFLUX_OK;
        }
        static int32_t traits(void *instance, reflux_call *call, reflux_optimizer_traits *out) {
            (void)instance, (void)call;
            out->epochs = 1;
            return REFLUX_OK;
        }
        static int32_t advantages(
            void *instance, reflux_call *call, const reflux_rollout_batch *batch,
            const reflux_advantages *out) {
            part *optimizer = instance;
            if (++optimizer->calls == optimizer->fails_at) {
                host->set_error(call, reflux_text("out of ideas"));
                return REFLUX_ERROR;
            }
            for (uint64_t s = 0; s < batch->sequence_count; s++) {
                double sum = 0, count = 0;
                for (uint64_t t = 0; t < batch->sequence_count; t++) {
                    if (batch->groups[t] != batch->groups[s]) continue;
                    sum += batch->rewards[t];
                    count += 1;
                }
                for (uint64_t i = batch->offsets[s]; i < batch->offsets[s + 1]; i++) {
                    out->advantages[i] = (float)(batch->rewards[s] - sum / count);
                }
            }
            return REFLUX_OK;
        }
        static int32_t loss(
            void *instance, reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out) {
            (void)instance, (void)call;
            out->value = 0;
            for (uint64_t i = 0; i < batch->token_count; i++) {
                out->value -= batch->advantages[i] * batch->logprobs[i] / batch->total_tokens;
                out->by_logprob[i] = -batch->advantages[i] / batch->total_tokens;
            }
            return REFLUX_OK;
        }
        #define FAILS_AT \
            "\"fails_at\":{\"type\":\"integer\",\"default\":-1,\"description\":\"when\"}"
        static const reflux_rule_table rule_table = {
            .struct_size = REFLUX_STRUCT_SIZE(reflux_rule_table, judge), .create = create_rule,
            .destroy = destroy, .judge = judge};
        static const reflux_extension rule = {
            .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table), .deterministic = 1,
            .kind = REFLUX_LITERAL(REFLUX_KIND_PSEUDO_REWARD_RULE), .id = REFLUX_LITERAL(RULE),
            .title = REFLUX_LITERAL("Counts answers"),
            .description = REFLUX_LITERAL("Accepts what the teachers say most often."),
            .config_schema = REFLUX_LITERAL(
                "{\"type\":\"object\",\"properties\":{"
                "\"weight\":{\"type\":\"number\",\"default\":1,\"minimum\":0,\"maximum\":1,"
                "\"description\":\"the reward of an accepted answer\"},"
                "\"table\":{\"type\":\"string\",\"format\":\"path\",\"default\":\"\","
                "\"description\":\"a file\"},"
                "\"fault\":{\"type\":\"string\",\"default\":\"none\","
                "\"enum\":[\"none\",\"error\",\"nan\",\"crash\",\"hang\"],"
                "\"description\":\"how it fails\"}," FAILS_AT "}}"),
            .table = &rule_table};
        static const reflux_optimizer_table optimizer_table = {
            .struct_size = REFLUX_STRUCT_SIZE(reflux_optimizer_table, compute_loss),
            .create = create_optimizer, .destroy = destroy, .get_traits = traits,
            .compute_advantages = advantages, .compute_loss = loss};
        static const reflux_extension optimizer = {
            .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table), .deterministic = 1,
            .kind = REFLUX_LITERAL(REFLUX_KIND_POLICY_OPTIMIZER),
            .id = REFLUX_LITERAL(OPTIMIZER), .title = REFLUX_LITERAL("Plain REINFORCE"),
            .description = REFLUX_LITERAL("The mean of the group is the baseline."),
            .config_schema = REFLUX_LITERAL(
                "{\"type\":\"object\",\"properties\":{" FAILS_AT "}}"),
            .table = &optimizer_table};
        static const reflux_extension *const extensions[] = {&rule, &optimizer};
        static const reflux_plugin plugin = {
            .magic = REFLUX_PLUGIN_MAGIC,
            .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
            .abi_minor = REFLUX_ABI_MINOR, .id = REFLUX_LITERAL(ID),
            .name = REFLUX_LITERAL("Parts"), .version = REFLUX_LITERAL(VERSION),
            .license = REFLUX_LITERAL("Apache-2.0"),
            .description = REFLUX_LITERAL("A rule and an optimizer for tests."),
            .language = REFLUX_LITERAL("C"), .toolchain = REFLUX_LITERAL("cc"), .init = start,
            .extensions = extensions, .extension_count = 2};
        REFLUX_EXPORT const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }

        """#
}
