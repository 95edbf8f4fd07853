/* Reading the list and counting phrases. */
#include "phrases.h"

#include <stdlib.h>

#include "reflux/json.h"
#include "reflux/lines.h"

static unsigned char lower(unsigned char byte) {
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte - 'A' + 'a') : byte;
}

/* Reads a line into a phrase. Returns what is wrong with it, or NULL. */
static const char *read_line(reflux_string line, phrase *wanted) {
    const char *tab = memchr(line.data, '\t', (size_t)line.length);
    if (tab == NULL) { return "there is no tab behind the weight"; }
    size_t before = (size_t)(tab - line.data);
    wanted->length = (size_t)line.length - before - 1;
    if (!reflux_parse_decimal(reflux_slice(line.data, before), &wanted->weight)
        || wanted->weight < -1e6 || wanted->weight > 1e6) {
        return "the weight is no number from -1000000 to 1000000";
    }
    if (wanted->length == 0) { return "the phrase is empty"; }
    if (wanted->length > PHRASES_LONGEST) { return "the phrase is longer than 200 bytes"; }
    memcpy(wanted->text, tab + 1, wanted->length);
    wanted->text[wanted->length] = '\0';
    return NULL;
}

int32_t phrases_read(
    const reflux_host *host, reflux_call *call, const char *path, phrase_list *list) {
    list->items = malloc(PHRASES_MOST * sizeof(*list->items));
    if (list->items == NULL) { return REFLUX_OUT_OF_MEMORY; }
    reflux_lines lines = reflux_lines_open(path);
    const char *fault = NULL;
    while (fault == NULL && reflux_lines_next(&lines)) {
        if (lines.text.length == 0 || lines.text.data[0] == '#') { continue; }
        if (list->count == PHRASES_MOST) {
            fault = "there are more than 1000 phrases";
        } else {
            fault = read_line(lines.text, &list->items[list->count]);
            list->count += 1;
        }
    }
    uint64_t number = lines.number;
    const char *broken = reflux_lines_close(&lines);
    if (fault == NULL && broken == NULL) { return REFLUX_OK; }
    return reflux_fail(
        host, call, "%s:%llu: %s; wanted lines of a weight, a tab and a phrase", path,
        (unsigned long long)number, fault != NULL ? fault : broken);
}

void phrases_free(phrase_list *list) {
    free(list->items);
    list->items = NULL;
    list->count = 0;
}

/* Whether a phrase stands at a place that has room for it. */
static int stands_at(const phrase *wanted, const char *place, int ignores_case) {
    if (!ignores_case) { return memcmp(place, wanted->text, wanted->length) == 0; }
    for (size_t index = 0; index < wanted->length; index += 1) {
        if (lower((unsigned char)place[index]) != lower((unsigned char)wanted->text[index])) {
            return 0;
        }
    }
    return 1;
}

double phrases_score(const phrase_list *list, reflux_string text, uint64_t most_counted) {
    double score = 0;
    for (size_t index = 0; index < list->count; index += 1) {
        const phrase *wanted = &list->items[index];
        uint64_t counted = 0, at = 0;
        while (counted < most_counted && at + wanted->length <= text.length) {
            int found = stands_at(wanted, text.data + at, list->ignores_case);
            counted += (uint64_t)found;
            at += found ? wanted->length : 1;
        }
        score += wanted->weight * (double)counted;
    }
    return score;
}
