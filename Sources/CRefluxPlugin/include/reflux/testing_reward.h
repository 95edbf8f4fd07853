/* Reward models on the mock host: items, scores, training data, saving. Part of testing.h. */
#ifndef REFLUX_TESTING_REWARD_H
#define REFLUX_TESTING_REWARD_H

#include "testing_instance.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Responses to be scored. */
typedef struct reflux_mock_items {
    const reflux_scoring_item *const *items;
    uint64_t count;
} reflux_mock_items;

/* Adds a response. Returns it, to be changed further. */
static inline reflux_scoring_item *reflux_mock_add_item(
    reflux_mock *mock, reflux_mock_items *items, const char *prompt, const char *text) {
    reflux_scoring_item *item =
        (reflux_scoring_item *)reflux_arena_input(&mock->arena, sizeof(*item));
    item->struct_size = REFLUX_STRUCT_SIZE(reflux_scoring_item, text);
    item->finished = 1;
    item->prompt = reflux_mock_prompt(mock, prompt);
    item->text = reflux_mock_text(mock, text);
    items->items = (const reflux_scoring_item *const *)reflux_mock_append(
        mock, (const void *)items->items, items->count, item);
    items->count += 1;
    return item;
}

/* Scores; all finite when the status is REFLUX_OK. */
typedef struct reflux_mock_scores {
    int32_t status;
    const double *scores;
    uint64_t count;
} reflux_mock_scores;

/* Scores responses. */
static inline reflux_mock_scores reflux_mock_score(
    reflux_mock_instance *instance, reflux_mock_items items) {
    reflux_mock *mock = instance->mock;
    const reflux_reward_model_table *table =
        (const reflux_reward_model_table *)instance->extension->table;
    double *scores =
        (double *)reflux_arena_output(&mock->arena, (size_t)items.count * sizeof(*scores));
    reflux_mock_scores result;
    reflux_call *call;
    uint64_t index;
    for (index = 0; index < items.count; index += 1) { scores[index] = (double)NAN; }
    call = reflux_mock_begin(mock, "score");
    result.status = reflux_mock_end(
        mock, table->score(instance->handle, call, items.items, items.count, scores));
    result.scores = scores;
    result.count = items.count;
    for (index = 0; result.status == REFLUX_OK && index < items.count; index += 1) {
        if (!(fabs(scores[index]) <= 1.7976931348623157e308)) {
            reflux_mock_fault(
                mock, "score: item %llu has the score %g", (unsigned long long)index,
                scores[index]);
        }
    }
    return result;
}

/* Lets a reward model learn; every item is a prompt of its own, with its reward. checkpoint is a
 * folder or NULL. Returns REFLUX_UNSUPPORTED for a model that only scores. */
static inline int32_t reflux_mock_fit(
    reflux_mock_instance *instance, reflux_mock_items items, const double *rewards,
    const char *checkpoint) {
    reflux_mock *mock = instance->mock;
    const reflux_reward_model_table *table =
        (const reflux_reward_model_table *)instance->extension->table;
    reflux_training_data *data =
        (reflux_training_data *)reflux_arena_input(&mock->arena, sizeof(*data));
    uint64_t *offsets = (uint64_t *)reflux_arena_input(
        &mock->arena, ((size_t)items.count + 1) * sizeof(*offsets));
    const void **list =
        (const void **)reflux_arena_input(&mock->arena, (size_t)items.count * sizeof(*list));
    reflux_string folder = reflux_mock_text(mock, checkpoint);
    reflux_call *call;
    uint64_t index;
    if (table->fit == NULL) { return REFLUX_UNSUPPORTED; }
    for (index = 0; index < items.count; index += 1) {
        reflux_training_item *item =
            (reflux_training_item *)reflux_arena_input(&mock->arena, sizeof(*item));
        item->struct_size = REFLUX_STRUCT_SIZE(reflux_training_item, weight);
        item->role = REFLUX_ROLE_TEACHER;
        item->item = items.items[index];
        item->reward = rewards[index];
        item->weight = 1;
        list[index] = item;
        offsets[index + 1] = index + 1;
    }
    data->struct_size = REFLUX_STRUCT_SIZE(reflux_training_data, seed);
    data->items = (const reflux_training_item *const *)(const void *)list;
    data->item_count = items.count;
    data->group_offsets = offsets;
    data->group_count = items.count;
    data->seed = mock->seed;
    call = reflux_mock_begin(mock, "fit");
    return reflux_mock_end(mock, table->fit(instance->handle, call, data, folder));
}

/* Saves into an existing, empty folder. */
static inline int32_t reflux_mock_save(reflux_mock_instance *instance, const char *folder) {
    const reflux_reward_model_table *table =
        (const reflux_reward_model_table *)instance->extension->table;
    reflux_string path = reflux_mock_text(instance->mock, folder);
    reflux_call *call;
    if (table->save == NULL) { return REFLUX_UNSUPPORTED; }
    call = reflux_mock_begin(instance->mock, "save");
    return reflux_mock_end(instance->mock, table->save(instance->handle, call, path));
}

/* Loads what save wrote. */
static inline int32_t reflux_mock_load_model(reflux_mock_instance *instance, const char *folder) {
    const reflux_reward_model_table *table =
        (const reflux_reward_model_table *)instance->extension->table;
    reflux_string path = reflux_mock_text(instance->mock, folder);
    reflux_call *call;
    if (table->load == NULL) { return REFLUX_UNSUPPORTED; }
    call = reflux_mock_begin(instance->mock, "load");
    return reflux_mock_end(instance->mock, table->load(instance->handle, call, path));
}

#ifdef __cplusplus
}
#endif

#endif
