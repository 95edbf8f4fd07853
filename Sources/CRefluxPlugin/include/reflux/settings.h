/* The settings of an extension, read from the JSON object in reflux_creation.configuration. The
 * host has checked it against the extension's schema and filled in the defaults; a key that is
 * missing or of another type is therefore a fault of the schema, and is said as an error.
 *
 *     reflux_settings settings = reflux_settings_begin(host, call, creation);
 *     rule->share = reflux_setting_number(&settings, "min_share");
 *     rule->file = reflux_setting_text(&settings, "file");           // malloc, yours to free
 *     if (settings.status != REFLUX_OK) { destroy(rule); return settings.status; }
 * / */
#ifndef REFLUX_SETTINGS_H
#define REFLUX_SETTINGS_H

#include <stdlib.h>

#include "helpers.h"
#include "json.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A reader of settings. Its status stays at the first thing that went wrong, which the host has
 * been told; the readers then return 0 or NULL. */
typedef struct reflux_settings {
    const reflux_host *host;
    reflux_call *call;
    reflux_string json;
    /* REFLUX_OK, or what create should return. */
    int32_t status;
} reflux_settings;

/* Begins to read the configuration of an instance. */
static inline reflux_settings reflux_settings_begin(
    const reflux_host *host, reflux_call *call, const reflux_creation *creation) {
    reflux_settings settings;
    const char *fault = reflux_json_check(creation->configuration);
    settings.host = host;
    settings.call = call;
    settings.json = creation->configuration;
    settings.status = REFLUX_OK;
    if (fault != NULL) {
        settings.status = reflux_fail(host, call, "the configuration cannot be read: %s", fault);
    }
    return settings;
}

/* Finds a value of a type; tells the host when it is not there. Returns 0 then. */
static inline int reflux_setting(
    reflux_settings *settings, const char *key, int type, const char *wanted, reflux_json *value) {
    if (settings->status != REFLUX_OK) { return 0; }
    if (reflux_json_find(settings->json, key, value) && value->type == type) { return 1; }
    settings->status = reflux_fail(
        settings->host, settings->call, "the configuration has no %s called \"%s\"", wanted, key);
    return 0;
}

/* A number; 0 when it cannot be read. */
static inline double reflux_setting_number(reflux_settings *settings, const char *key) {
    reflux_json value;
    double number = 0;
    if (!reflux_setting(settings, key, REFLUX_JSON_NUMBER, "number", &value)) { return 0; }
    if (!reflux_json_number(value, &number)) {
        settings->status = reflux_fail(
            settings->host, settings->call, "the setting \"%s\" does not fit a double", key);
        return 0;
    }
    return number;
}

/* A whole number; 0 when it cannot be read. 3.0 and 3e2 count as whole. */
static inline int64_t reflux_setting_integer(reflux_settings *settings, const char *key) {
    reflux_json value;
    int64_t number = 0;
    double real = 0;
    if (!reflux_setting(settings, key, REFLUX_JSON_NUMBER, "whole number", &value)) { return 0; }
    if (reflux_json_integer(value, &number)) { return number; }
    if (reflux_json_number(value, &real) && real >= -9007199254740992.0
        && real <= 9007199254740992.0 && (double)(int64_t)real == real) {
        return (int64_t)real;
    }
    settings->status = reflux_fail(
        settings->host, settings->call, "the setting \"%s\" is not a whole number of 64 bits", key);
    return 0;
}

/* 1 for true, 0 for false, 0 when it cannot be read. */
static inline int reflux_setting_boolean(reflux_settings *settings, const char *key) {
    reflux_json value;
    if (!reflux_setting(settings, key, REFLUX_JSON_BOOLEAN, "true or false", &value)) { return 0; }
    return value.text.data[0] == 't';
}

/* A copy of a text value that ends with a NUL; the caller frees it. NULL without memory. */
static inline char *reflux_setting_copy(reflux_settings *settings, reflux_json value) {
    size_t capacity = (size_t)value.text.length + 1;
    char *copy = (char *)malloc(capacity);
    if (copy == NULL) {
        settings->status = REFLUX_OUT_OF_MEMORY;
        return NULL;
    }
    reflux_json_text(value, copy, capacity);
    return copy;
}

/* A text, ended by a NUL; the caller frees it. NULL when it cannot be read. */
static inline char *reflux_setting_text(reflux_settings *settings, const char *key) {
    reflux_json value;
    if (!reflux_setting(settings, key, REFLUX_JSON_TEXT, "text", &value)) { return NULL; }
    return reflux_setting_copy(settings, value);
}

/* Which of the choices (ended by a NULL) a text is; 0 when it cannot be read. */
static inline int reflux_setting_choice(
    reflux_settings *settings, const char *key, const char *const *choices) {
    reflux_json value;
    int index;
    if (!reflux_setting(settings, key, REFLUX_JSON_TEXT, "text", &value)) { return 0; }
    for (index = 0; choices[index] != NULL; index += 1) {
        if (reflux_json_equals(value, choices[index])) { return index; }
    }
    settings->status = reflux_fail(
        settings->host, settings->call, "the setting \"%s\" is none of its choices", key);
    return 0;
}

/* An array, whose elements reflux_json_next goes through, from reflux_json_start(array.text) on.
 * Returns 0 when it cannot be read. */
static inline int reflux_setting_array(
    reflux_settings *settings, const char *key, reflux_json *array) {
    return reflux_setting(settings, key, REFLUX_JSON_ARRAY, "list", array);
}

#ifdef __cplusplus
}
#endif

#endif
