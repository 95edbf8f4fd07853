import Foundation

extension PluginBuilder {
    /// A sound plugin with one extension of a kind, in the manner of the rule of ``init()``: C of
    /// `code` stands before the table, and the table's functions are macros (`COMPUTE_LOSS`,
    /// `GRADE`, `RESPOND`, `SCORE`, …) whose defaults are the sound functions.
    ///
    /// - Parameters:
    ///   - kind: `policy-optimizer`, `task-evaluator`, `teacher-source` or `reward-model`.
    ///   - id: the extension's id.
    ///   - code: more C.
    ///   - definitions: which functions are replaced.
    /// - Returns: the builder.
    public static func kind(
        _ kind: String, id: String, code: String = "", definitions: [String: String] = [:]
    ) -> PluginBuilder {
        var builder = PluginBuilder()
        builder.definitions = definitions
        builder.definitions["EXTENSION_ID"] = "\"\(id)\""
        builder.definitions["EXTENSION_KIND"] = "\"\(kind)/1\""
        let sources = [
            "policy-optimizer": soundOptimizer, "task-evaluator": soundTask,
            "teacher-source": soundTeacher, "reward-model": soundRewardModel,
        ]
        let parts = (sources[kind] ?? "").components(separatedBy: "// TABLE")
        builder.source = [soundStart, parts[0], code, parts.last ?? "", soundEnd]
            .joined(separator: "\n")
        builder.manifest = { manifest in
            guard var provides = manifest["provides"] as? [[String: Any]] else { return }
            provides[0]["kind"] = "\(kind)/1"
            provides[0]["id"] = id
            manifest["provides"] = provides
        }
        return builder
    }
}

private let soundStart = """
    #include "reflux/reflux.h"
    #include <math.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #define TEXT(literal) {(literal), sizeof(literal) - 1}
    #define UNUSED __attribute__((unused))
    static const reflux_host *host;
    UNUSED static reflux_string text(const char *data) {
        reflux_string string = {data, strlen(data)};
        return string;
    }
    #ifdef CANARY
    __attribute__((constructor)) static void sing(void) {
        FILE *file = fopen(CANARY, "w");
        if (file != NULL) fclose(file);
    }
    #endif
    static int32_t init(const reflux_host *given, reflux_call *call) {
        (void)call;
        host = given;
        return REFLUX_OK;
    }
    static int32_t sound_create(
        reflux_call *call, const reflux_creation *creation, void **instance) {
        (void)call, (void)creation;
        *instance = calloc(1, 64);
        return REFLUX_OK;
    }
    static void sound_destroy(void *instance) { free(instance); }
    """

private let soundEnd = """
    static const reflux_extension extension = {
        .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
        .concurrency = REFLUX_CONCURRENCY_SERIAL, .deterministic = 1,
        .stability = REFLUX_STABILITY_EXPERIMENTAL, .kind = TEXT(EXTENSION_KIND),
        .id = TEXT(EXTENSION_ID), .title = TEXT("A rule"),
        .description = TEXT("Accepts what the first response answers."),
        .config_schema = TEXT("{\\"type\\":\\"object\\",\\"properties\\":{}}"), .table = &table};
    static const reflux_extension *const extensions[] = {&extension};
    static const reflux_plugin plugin = {
        .magic = REFLUX_PLUGIN_MAGIC,
        .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
        .id = TEXT("sample"), .name = TEXT("Sample"), .version = TEXT("1.0.0"),
        .license = TEXT("Apache-2.0"), .description = TEXT("A plugin for tests."),
        .language = TEXT("C"), .toolchain = TEXT("cc"), .init = init, .extensions = extensions,
        .extension_count = 1};
    const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }

    """

/// REINFORCE with a value as its baseline, a pull to the reference and a push to entropy.
private let soundOptimizer = """
    #ifndef EPOCHS
    #define EPOCHS 2
    #endif
    #ifndef NEEDS
    #define NEEDS 1
    #endif
    UNUSED static int32_t sound_get_traits(
        void *instance, reflux_call *call, reflux_optimizer_traits *out) {
        (void)instance, (void)call;
        out->needs_values = out->needs_reference = out->needs_entropy = NEEDS;
        out->epochs = EPOCHS;
        return REFLUX_OK;
    }
    UNUSED static int32_t sound_compute_advantages(
        void *instance, reflux_call *call, const reflux_rollout_batch *batch,
        const reflux_advantages *out) {
        (void)instance;
        for (uint64_t s = 0; s < batch->sequence_count; s++) {
            for (uint64_t t = batch->offsets[s]; t < batch->offsets[s + 1]; t++) {
                float value = batch->values != NULL ? batch->values[t] : 0;
                out->advantages[t] = (float)batch->rewards[s] - value;
                if (out->returns != NULL) out->returns[t] = (float)batch->rewards[s];
            }
        }
        host->metric(call, 0, text("sequences"), (double)batch->sequence_count);
        return REFLUX_OK;
    }
    UNUSED static int32_t sound_compute_loss(
        void *instance, reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out) {
        (void)instance;
        double n = (double)batch->total_tokens, value = 0;
        for (uint64_t t = 0; t < batch->token_count; t++) {
            value -= (double)batch->advantages[t] * batch->logprobs[t];
            out->by_logprob[t] = (float)(-batch->advantages[t] / n);
            if (out->by_value != NULL) {
                double gap = (double)batch->values[t] - batch->returns[t];
                value += 0.5 * gap * gap;
                out->by_value[t] = (float)(gap / n);
            }
            if (batch->reference_logprobs != NULL) {
                double gap = (double)batch->logprobs[t] - batch->reference_logprobs[t];
                value += 0.05 * gap * gap;
                out->by_logprob[t] += (float)(0.1 * gap / n);
            }
            if (out->by_entropy != NULL) {
                value -= 0.01 * batch->entropies[t];
                out->by_entropy[t] = (float)(-0.01 / n);
            }
        }
        out->value = value / n;
        host->metric(call, 0, text("share"), (double)batch->token_count / n);
        return REFLUX_OK;
    }
    // TABLE
    #ifndef GET_TRAITS
    #define GET_TRAITS sound_get_traits
    #endif
    #ifndef COMPUTE_ADVANTAGES
    #define COMPUTE_ADVANTAGES sound_compute_advantages
    #endif
    #ifndef COMPUTE_LOSS
    #define COMPUTE_LOSS sound_compute_loss
    #endif
    static const reflux_optimizer_table table = {
        .struct_size = REFLUX_STRUCT_SIZE(reflux_optimizer_table, compute_loss),
        .create = sound_create, .destroy = sound_destroy, .get_traits = GET_TRAITS,
        .compute_advantages = COMPUTE_ADVANTAGES, .compute_loss = COMPUTE_LOSS};
    """

/// Two sums a split; the answer is the number behind the last `#### `.
private let soundTask = """
    UNUSED static int32_t sound_list_metrics(
        void *instance, reflux_call *call, const reflux_metric_list *out) {
        (void)instance;
        out->add(call, text("exact"));
        out->add(call, text("contains"));
        return REFLUX_OK;
    }
    UNUSED static reflux_example some_example(const char *id, const char *question) {
        reflux_example example = {.struct_size = REFLUX_STRUCT_SIZE(reflux_example, option_count)};
        example.id = text(id);
        example.question = text(question);
        example.gold = text("4");
        return example;
    }
    UNUSED static int32_t sound_load_examples(
        void *instance, reflux_call *call, int32_t split, const reflux_example_list *out) {
        (void)instance;
        static const reflux_string options[] = {TEXT("4"), TEXT("5")};
        char id[32];
        for (int i = 0; i < 2; i++) {
            snprintf(id, sizeof id, "sum/%d/%d", split, i);
            reflux_example example = some_example(id, i == 0 ? "2 + 2" : "1 + 3");
            if (i == 1) {
                example.options = options;
                example.option_count = 2;
                example.category = text("hard");
                example.solution = text("1 + 3 = 4");
            }
            out->add(call, &example);
        }
        return REFLUX_OK;
    }
    UNUSED static int32_t sound_write_prompt(
        void *instance, reflux_call *call, const reflux_example *example,
        const reflux_prompt_draft *out) {
        (void)instance;
        if (example->index == 0) {
            out->set_text(call, example->question);
        } else {
            out->add_message(call, REFLUX_SPEAKER_SYSTEM, text("Add."));
            out->add_message(call, REFLUX_SPEAKER_USER, example->question);
        }
        out->add_stop(call, text("\\n"));
        return REFLUX_OK;
    }
    static reflux_string read_answer(reflux_string response) {
        reflux_string answer = {NULL, 0};
        for (uint64_t i = 0; i + 5 <= response.length; i++) {
            if (memcmp(response.data + i, "#### ", 5) != 0) continue;
            uint64_t end = i + 5;
            while (end < response.length && response.data[end] >= '0'
                && response.data[end] <= '9') end++;
            answer.data = end > i + 5 ? response.data + i + 5 : NULL;
            answer.length = end - i - 5;
        }
        return answer;
    }
    UNUSED static int32_t sound_read_answers(
        void *instance, reflux_call *call, const reflux_string *responses, uint64_t count,
        const reflux_answer_list *out) {
        (void)instance;
        for (uint64_t i = 0; i < count; i++) {
            reflux_string answer = read_answer(responses[i]);
            if (answer.data != NULL) out->set_answer(call, i, answer);
        }
        return REFLUX_OK;
    }
    UNUSED static int32_t sound_grade(
        void *instance, reflux_call *call, const reflux_string *responses,
        const reflux_example *const *examples, uint64_t count, const reflux_grades *out) {
        (void)instance, (void)call;
        for (uint64_t i = 0; i < count; i++) {
            reflux_string answer = read_answer(responses[i]), gold = examples[i]->gold;
            out->parsed[i] = answer.data != NULL;
            out->correct[2 * i] = answer.data != NULL && answer.length == gold.length
                && memcmp(answer.data, gold.data, gold.length) == 0;
            out->correct[2 * i + 1] =
                memmem(responses[i].data, responses[i].length, gold.data, gold.length) != NULL;
        }
        return REFLUX_OK;
    }
    // TABLE
    #ifndef LIST_METRICS
    #define LIST_METRICS sound_list_metrics
    #endif
    #ifndef LOAD_EXAMPLES
    #define LOAD_EXAMPLES sound_load_examples
    #endif
    #ifndef WRITE_PROMPT
    #define WRITE_PROMPT sound_write_prompt
    #endif
    #ifndef READ_ANSWERS
    #define READ_ANSWERS sound_read_answers
    #endif
    #ifndef GRADE
    #define GRADE sound_grade
    #endif
    static const reflux_task_table table = {
        .struct_size = REFLUX_STRUCT_SIZE(reflux_task_table, grade), .create = sound_create,
        .destroy = sound_destroy, .list_metrics = LIST_METRICS, .load_examples = LOAD_EXAMPLES,
        .write_prompt = WRITE_PROMPT, .read_answers = READ_ANSWERS, .grade = GRADE};
    """

/// Draws its answers from the host's random numbers.
private let soundTeacher = """
    UNUSED static reflux_response some_response(const char *answer, int64_t sample) {
        reflux_response response = {
            .struct_size = REFLUX_STRUCT_SIZE(reflux_response, mean_logprob)};
        response.text = text(answer);
        response.model = text("dice");
        response.sample = sample;
        response.finish = REFLUX_FINISH_STOP;
        response.temperature = NAN;
        response.token_count = -1;
        response.mean_logprob = NAN;
        return response;
    }
    UNUSED static int32_t sound_respond(
        void *instance, reflux_call *call, const reflux_prompt *const *prompts, uint64_t count,
        const reflux_sampling_plan *plan, const reflux_response_list *out) {
        (void)instance;
        for (uint64_t p = 0; p < count; p++) {
            int64_t sample = 0;
            for (uint64_t k = 0; k < plan->temperature_count; k++) {
                for (uint64_t s = 0; s < plan->samples_per_temperature; s++, sample++) {
                    if (host->is_cancelled(call)) return REFLUX_CANCELLED;
                    uint32_t words[4];
                    host->random_words(call, (uint64_t)prompts[p]->index, (uint64_t)sample, words);
                    char answer[64];
                    snprintf(answer, sizeof answer, "It is %u.", words[0] % 1000);
                    reflux_response response = some_response(answer, sample);
                    response.temperature = plan->temperatures[k];
                    response.token_count = 4;
                    response.mean_logprob = -0.25;
                    out->add(call, p, &response);
                }
            }
            host->progress(call, p + 1, count, text("prompts"));
            host->metric(call, 0, text("prompts"), (double)(p + 1));
        }
        return REFLUX_OK;
    }
    // TABLE
    #ifndef RESPOND
    #define RESPOND sound_respond
    #endif
    static const reflux_teacher_table table = {
        .struct_size = REFLUX_STRUCT_SIZE(reflux_teacher_table, respond), .create = sound_create,
        .destroy = sound_destroy, .respond = RESPOND};
    """

/// Learns the length of what was accepted, and prefers it.
private let soundRewardModel = """
    UNUSED static int32_t sound_fit(
        void *instance, reflux_call *call, const reflux_training_data *data,
        reflux_string checkpoint) {
        (void)checkpoint;
        double sum = 0, weight = 0;
        for (uint64_t g = 0; g < data->group_count; g++) {
            for (uint64_t i = data->group_offsets[g]; i < data->group_offsets[g + 1]; i++) {
                const reflux_training_item *item = data->items[i];
                sum += item->reward * item->weight * (double)item->item->text.length;
                weight += item->reward * item->weight;
            }
            host->metric(call, (int64_t)g, text("weight"), weight);
            host->metric(call, (int64_t)g, text("sum"), sum);
            host->progress(call, g + 1, data->group_count, text("prompts"));
        }
        *(double *)instance = weight > 0 ? sum / weight : 0;
        return REFLUX_OK;
    }
    UNUSED static int32_t sound_score(
        void *instance, reflux_call *call, const reflux_scoring_item *const *items,
        uint64_t count, double *scores) {
        (void)call;
        double wanted = *(double *)instance;
        for (uint64_t i = 0; i < count; i++) {
            scores[i] = -fabs((double)items[i]->text.length - wanted) + items[i]->finished;
        }
        return REFLUX_OK;
    }
    UNUSED static FILE *state_file(reflux_string folder, const char *mode) {
        char path[4096];
        snprintf(path, sizeof path, "%.*s/length", (int)folder.length, folder.data);
        return fopen(path, mode);
    }
    UNUSED static int32_t sound_save(void *instance, reflux_call *call, reflux_string folder) {
        FILE *file = state_file(folder, "w");
        if (file == NULL) {
            host->set_error(call, text("cannot write"));
            return REFLUX_ERROR;
        }
        fwrite(instance, sizeof(double), 1, file);
        fclose(file);
        return REFLUX_OK;
    }
    UNUSED static int32_t sound_load(void *instance, reflux_call *call, reflux_string folder) {
        FILE *file = state_file(folder, "r");
        if (file == NULL || fread(instance, sizeof(double), 1, file) != 1) {
            host->set_error(call, text("cannot read"));
            return REFLUX_ERROR;
        }
        fclose(file);
        return REFLUX_OK;
    }
    // TABLE
    #ifndef FIT
    #define FIT sound_fit
    #endif
    #ifndef SCORE
    #define SCORE sound_score
    #endif
    #ifndef SAVE
    #define SAVE sound_save
    #endif
    #ifndef LOAD
    #define LOAD sound_load
    #endif
    #ifndef MODEL_SIZE
    #define MODEL_SIZE REFLUX_STRUCT_SIZE(reflux_reward_model_table, load)
    #endif
    static const reflux_reward_model_table table = {
        .struct_size = MODEL_SIZE, .create = sound_create, .destroy = sound_destroy, .fit = FIT,
        .score = SCORE, .save = SAVE, .load = LOAD};
    """
