/* One line, one question: checked, decoded into one piece of memory, handed to the host. */
#include "questions.h"

#include "reflux/json.h"
#include "reflux/lines.h"

/* The decoded texts of a line. They are never longer than the line. */
typedef struct choice_memory {
    char *memory;
    size_t used;
} choice_memory;

/* Decodes a text value behind the others; absent for a value that is no text or is empty. */
static reflux_string decode(choice_memory *texts, reflux_json value) {
    char *start = texts->memory + texts->used;
    size_t length = reflux_json_text(value, start, (size_t)value.text.length + 1);
    if (value.type != REFLUX_JSON_TEXT || length == 0) { return reflux_text(NULL); }
    texts->used += length + 1;
    return reflux_slice(start, length);
}

/* Reads the options. Returns what is wrong with them, or NULL. */
static const char *read_options(
    choice_memory *texts, reflux_json array, reflux_string options[CHOICE_MOST], uint64_t *count) {
    reflux_json_cursor cursor = reflux_json_start(array.text);
    reflux_json element;
    *count = 0;
    while (reflux_json_next(&cursor, NULL, &element)) {
        if (*count == CHOICE_MOST) { return "there are more than 26 options"; }
        options[*count] = decode(texts, element);
        if (options[*count].data == NULL) { return "an option is empty or no text"; }
        *count += 1;
    }
    return *count < 2 ? "there are fewer than two options" : NULL;
}

/* The index of the right option, or -1: "B" or "b" is 1, and so is the number 1. */
static int64_t read_answer(reflux_json value) {
    int64_t index = -1;
    if (reflux_json_integer(value, &index)) { return index; }
    char letter[2];
    if (value.type != REFLUX_JSON_TEXT || reflux_json_text(value, letter, 2) != 1) { return -1; }
    if (letter[0] >= 'A' && letter[0] <= 'Z') { return letter[0] - 'A'; }
    if (letter[0] >= 'a' && letter[0] <= 'z') { return letter[0] - 'a'; }
    return -1;
}

/* Turns a line into an example and adds it. Returns what is wrong with the line, or NULL. */
static const char *add_line(
    reflux_call *call, reflux_string line, const char *name, uint64_t position,
    choice_memory *texts, const reflux_example_list *out) {
    const char *fault = reflux_json_check(line);
    if (fault != NULL) { return fault; }
    reflux_json question, array, answer, category;
    if (!reflux_json_find(line, "question", &question)) { return "there is no \"question\""; }
    if (!reflux_json_find(line, "options", &array) || array.type != REFLUX_JSON_ARRAY) {
        return "there is no list \"options\"";
    }
    if (!reflux_json_find(line, "answer", &answer)) { return "there is no \"answer\""; }

    reflux_string options[CHOICE_MOST];
    reflux_example example = { .struct_size = REFLUX_STRUCT_SIZE(reflux_example, option_count) };
    example.question = decode(texts, question);
    if (example.question.data == NULL) { return "\"question\" is empty or no text"; }
    fault = read_options(texts, array, options, &example.option_count);
    if (fault != NULL) { return fault; }
    int64_t right = read_answer(answer);
    if (right < 0 || (uint64_t)right >= example.option_count) {
        return "\"answer\" is neither the letter nor the index (from 0) of an option";
    }
    if (reflux_json_find(line, "category", &category)) {
        if (category.type != REFLUX_JSON_TEXT) { return "\"category\" is no text"; }
        example.category = decode(texts, category);
    }
    char id[64];
    int length = snprintf(id, sizeof(id), "%s/%llu", name, (unsigned long long)position);
    example.id = reflux_slice(id, (size_t)length);
    char letter = (char)('A' + right);
    example.gold = reflux_slice(&letter, 1);
    example.options = options;
    out->add(call, &example);
    return NULL;
}

int32_t choice_load(
    const reflux_host *host, reflux_call *call, const char *path, const char *name,
    const reflux_example_list *out) {
    reflux_lines lines = reflux_lines_open(path);
    const char *fault = NULL;
    int32_t status = REFLUX_OK;
    uint64_t position = 0;
    while (fault == NULL && status == REFLUX_OK && reflux_lines_next(&lines)) {
        if (lines.text.length == 0) { continue; }
        if (reflux_is_cancelled(host, call)) {
            status = REFLUX_CANCELLED;
            break;
        }
        choice_memory texts = { .memory = malloc(2 * (size_t)lines.text.length + 2) };
        if (texts.memory == NULL) {
            status = REFLUX_OUT_OF_MEMORY;
        } else {
            fault = add_line(call, lines.text, name, position, &texts, out);
            position += 1;
        }
        free(texts.memory);
    }
    uint64_t number = lines.number;
    const char *broken = reflux_lines_close(&lines);
    if (status != REFLUX_OK) { return status; }
    if (broken != NULL || fault != NULL) {
        return reflux_fail(
            host, call,
            "%s:%llu: %s; wanted {\"question\": ..., \"options\": [...], \"answer\": ...}", path, (unsigned long long)number, fault != NULL ? fault : broken);
    }
    if (position == 0) { return reflux_fail(host, call, "%s has no question", path); }
    return REFLUX_OK;
}
