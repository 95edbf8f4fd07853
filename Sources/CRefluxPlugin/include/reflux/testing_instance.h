/* Instances of extensions on the mock host, and the inputs that several kinds share: prompts and
 * texts. Part of testing.h. */
#ifndef REFLUX_TESTING_INSTANCE_H
#define REFLUX_TESTING_INSTANCE_H

#include "reflux.h"
#include "testing_host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An instance. handle is NULL when create failed. */
typedef struct reflux_mock_instance {
    reflux_mock *mock;
    const reflux_extension *extension;
    void *handle;
    /* What create returned. */
    int32_t status;
} reflux_mock_instance;

/* The first functions of every table, whatever its kind. */
typedef struct reflux_mock_table {
    uint32_t struct_size;
    uint32_t word;
    int32_t (*create)(reflux_call *call, const reflux_creation *creation, void **instance);
    void (*destroy)(void *instance);
} reflux_mock_table;

/* A text for the plugin to read, of exactly its bytes; absent for NULL. */
static inline reflux_string reflux_mock_text(reflux_mock *mock, const char *text) {
    reflux_string result = reflux_text(text);
    result.data = (const char *)reflux_arena_copy(&mock->arena, text, (size_t)result.length);
    return result;
}

/* A pointer list with one more element. */
static inline void *reflux_mock_append(
    reflux_mock *mock, const void *list, uint64_t count, const void *element) {
    const void **longer = (const void **)reflux_arena_input(
        &mock->arena, ((size_t)count + 1) * sizeof(*longer));
    if (count > 0) { memcpy((void *)longer, list, (size_t)count * sizeof(*longer)); }
    longer[count] = element;
    return (void *)longer;
}

/* The extension of a kind and id, or a failure and NULL. */
static inline const reflux_extension *reflux_mock_extension(
    reflux_mock *mock, const char *kind, const char *id) {
    uint64_t index;
    for (index = 0; mock->plugin != NULL && index < mock->plugin->extension_count; index += 1) {
        const reflux_extension *extension = mock->plugin->extensions[index];
        if (reflux_equal(extension->kind, reflux_text(kind))
            && reflux_equal(extension->id, reflux_text(id))) {
            return extension;
        }
    }
    reflux_mock_fault(mock, "the plugin has no extension %s of the kind %s", id, kind);
    return NULL;
}

/* A growing text. */
typedef struct reflux_mock_builder {
    char *data;
    size_t length;
} reflux_mock_builder;

static inline void reflux_mock_build(
    reflux_mock_builder *builder, const char *data, size_t length) {
    char *longer = (char *)reflux_arena_allocate(builder->length + length + 1);
    if (builder->length > 0) { memcpy(longer, builder->data, builder->length); }
    if (length > 0) { memcpy(longer + builder->length, data, length); }
    free(builder->data);
    builder->data = longer;
    builder->length += length;
    longer[builder->length] = '\0';
}

/* The configuration as the host would hand it over: what is given, then the schema's defaults for
 * the keys that are not. Keys that the schema does not know are faults. The builder's data is
 * malloc's. */
static inline reflux_mock_builder reflux_mock_fill_in(
    reflux_mock *mock, const reflux_extension *extension, const char *given) {
    reflux_mock_builder builder = { NULL, 0 };
    reflux_string configuration = reflux_text(given == NULL ? "{}" : given);
    reflux_json properties, value, known;
    reflux_json_cursor cursor;
    reflux_string key;
    const char *comma = "";
    reflux_mock_build(&builder, "{", 1);
    if (reflux_json_check(configuration) != NULL
        || !reflux_json_find(extension->config_schema, "properties", &properties)) {
        reflux_mock_fault(mock, "the configuration or the schema is not an object");
        reflux_mock_build(&builder, "}", 1);
        return builder;
    }
    cursor = reflux_json_start(configuration);
    while (reflux_json_peek(&cursor) != '{') { cursor.at += 1; }
    while (reflux_json_next(&cursor, &key, &value)) {
        char name[256];
        reflux_json quoted;
        quoted.type = REFLUX_JSON_TEXT;
        quoted.text = key;
        reflux_json_text(quoted, name, sizeof(name));
        if (!reflux_json_find(properties.text, name, &known)) {
            reflux_mock_fault(mock, "the schema has no setting %s", name);
        }
        reflux_mock_build(&builder, comma, strlen(comma));
        reflux_mock_build(&builder, key.data, (size_t)key.length);
        reflux_mock_build(&builder, ":", 1);
        reflux_mock_build(&builder, value.text.data, (size_t)value.text.length);
        comma = ",";
    }
    cursor = reflux_json_start(properties.text);
    while (reflux_json_next(&cursor, &key, &value)) {
        char name[256];
        reflux_json quoted, standard;
        quoted.type = REFLUX_JSON_TEXT;
        quoted.text = key;
        reflux_json_text(quoted, name, sizeof(name));
        if (reflux_json_find(configuration, name, &known)) { continue; }
        if (!reflux_json_find(value.text, "default", &standard)) { continue; }
        reflux_mock_build(&builder, comma, strlen(comma));
        reflux_mock_build(&builder, key.data, (size_t)key.length);
        reflux_mock_build(&builder, ":", 1);
        reflux_mock_build(&builder, standard.text.data, (size_t)standard.text.length);
        comma = ",";
    }
    reflux_mock_build(&builder, "}", 1);
    return builder;
}

/* Makes an instance. configuration is a JSON object with what differs from the defaults, or NULL.
 * */
static inline reflux_mock_instance reflux_mock_create(
    reflux_mock *mock, const char *kind, const char *id, const char *configuration) {
    reflux_mock_instance instance;
    reflux_mock_builder filled;
    reflux_creation *creation;
    const reflux_mock_table *table;
    reflux_call *call;
    memset(&instance, 0, sizeof(instance));
    instance.mock = mock;
    instance.status = REFLUX_ERROR;
    instance.extension = reflux_mock_extension(mock, kind, id);
    if (instance.extension == NULL) { return instance; }
    filled = reflux_mock_fill_in(mock, instance.extension, configuration);
    creation = (reflux_creation *)reflux_arena_input(&mock->arena, sizeof(*creation));
    creation->struct_size = REFLUX_STRUCT_SIZE(reflux_creation, base_folder);
    creation->configuration = reflux_mock_text(mock, filled.data);
    free(filled.data);
    creation->seed = mock->seed;
    creation->base_folder = reflux_mock_text(mock, mock->base_folder);
    table = (const reflux_mock_table *)instance.extension->table;
    mock->configuration = NULL;
    call = reflux_mock_begin(mock, "create");
    instance.status = reflux_mock_end(mock, table->create(call, creation, &instance.handle));
    if (instance.status == REFLUX_OK && instance.handle == NULL) {
        reflux_mock_fault(mock, "create says OK and makes no instance");
    }
    if (instance.status != REFLUX_OK) { instance.handle = NULL; }
    return instance;
}

/* Destroys an instance, if there is one. */
static inline void reflux_mock_destroy(reflux_mock_instance *instance) {
    const reflux_mock_table *table;
    if (instance->handle == NULL) { return; }
    table = (const reflux_mock_table *)instance->extension->table;
    table->destroy(instance->handle);
    instance->handle = NULL;
}

/* A prompt of one text. Its index is 0: change it before it is used. */
static inline reflux_prompt *reflux_mock_prompt(reflux_mock *mock, const char *text) {
    reflux_prompt *prompt = (reflux_prompt *)reflux_arena_input(&mock->arena, sizeof(*prompt));
    prompt->struct_size = REFLUX_STRUCT_SIZE(reflux_prompt, stop_count);
    prompt->id = reflux_mock_text(mock, "prompt/0");
    prompt->text = reflux_mock_text(mock, text);
    return prompt;
}

#ifdef __cplusplus
}
#endif

#endif
