/* Small helpers for authors in C and C++: texts, errors, log lines and optional services. Nothing
 * of it is part of the boundary; a plugin may do without.
 *
 *     if (rate < 0) { return reflux_fail(host, call, "the rate is %g; give one from 0 up", rate); }
 * / */
#ifndef REFLUX_HELPERS_H
#define REFLUX_HELPERS_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "data.h"
#include "host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The initializer of a reflux_string that holds a literal, for constant tables. */
#define REFLUX_LITERAL(text) { (text), sizeof(text) - 1 }

#if defined(__GNUC__) || defined(__clang__)
#define REFLUX_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define REFLUX_PRINTF(text, first)
#endif

/* A text that ends with a NUL, borrowed; absent for NULL. */
static inline reflux_string reflux_text(const char *text) {
    reflux_string result;
    result.data = text;
    result.length = text == NULL ? 0 : strlen(text);
    return result;
}

/* A text of a known length, borrowed. */
static inline reflux_string reflux_slice(const char *data, size_t length) {
    reflux_string result;
    result.data = data;
    result.length = length;
    return result;
}

/* Whether two texts have the same bytes. An absent text equals an absent text only. */
static inline int reflux_equal(reflux_string a, reflux_string b) {
    if (a.data == NULL || b.data == NULL) { return a.data == NULL && b.data == NULL; }
    if (a.length != b.length) { return 0; }
    return a.length == 0 || memcmp(a.data, b.data, (size_t)a.length) == 0;
}

/* The order of the bytes of two texts: negative, 0 or positive. An absent text comes first. */
static inline int reflux_compare(reflux_string a, reflux_string b) {
    size_t shorter = (size_t)(a.length < b.length ? a.length : b.length);
    int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);
    if (order != 0) { return order; }
    if (a.length != b.length) { return a.length < b.length ? -1 : 1; }
    return (a.data != NULL) - (b.data != NULL);
}

/* The length of the longest beginning of a text of at most limit bytes that splits no character. */
static inline size_t reflux_whole_length(const char *data, size_t length, size_t limit) {
    if (length <= limit) { return length; }
    while (limit > 0 && ((unsigned char)data[limit] & 0xC0u) == 0x80u) { limit -= 1; }
    return limit;
}

/* Formats into a buffer and cuts what does not fit, between characters. */
static inline reflux_string reflux_format_into(
    char *buffer, size_t capacity, const char *format, va_list arguments) REFLUX_PRINTF(3, 0);
static inline reflux_string reflux_format_into(
    char *buffer, size_t capacity, const char *format, va_list arguments) {
    int written = vsnprintf(buffer, capacity, format, arguments);
    size_t length = written < 0 ? 0 : (size_t)written;
    if (length >= capacity) {
        /* The cut may have gone through a character: drop its beginning. */
        size_t start = capacity - 1;
        while (start > 0 && ((unsigned char)buffer[start - 1] & 0xC0u) == 0x80u) { start -= 1; }
        if (start > 0 && ((unsigned char)buffer[start - 1] & 0x80u) != 0) { start -= 1; }
        length = start;
    }
    return reflux_slice(buffer, length);
}

/* Gives the host the reason of a failure.
 * Returns REFLUX_ERROR, so that a function can end with return reflux_fail(...). */
static inline int32_t reflux_fail(
    const reflux_host *host, reflux_call *call, const char *format, ...) REFLUX_PRINTF(3, 4);
static inline int32_t reflux_fail(
    const reflux_host *host, reflux_call *call, const char *format, ...) {
    char buffer[2048];
    va_list arguments;
    reflux_string text;
    va_start(arguments, format);
    text = reflux_format_into(buffer, sizeof(buffer), format, arguments);
    va_end(arguments);
    host->set_error(call, text);
    return REFLUX_ERROR;
}

/* How much a response counts in votes; 1 in a host that does not say. */
static inline double reflux_weight(const reflux_response *response) {
    return REFLUX_HAS_FIELD(reflux_response, response, weight) ? response->weight : 1;
}

/* Writes a log line, if the host has a log. level is one of REFLUX_LOG_*. */
static inline void reflux_log(
    const reflux_host *host, reflux_call *call, int32_t level, const char *format, ...)
    REFLUX_PRINTF(4, 5);
static inline void reflux_log(
    const reflux_host *host, reflux_call *call, int32_t level, const char *format, ...) {
    char buffer[2048];
    va_list arguments;
    reflux_string text;
    if (!REFLUX_HAS_FUNCTION(reflux_host, host, log)) { return; }
    va_start(arguments, format);
    text = reflux_format_into(buffer, sizeof(buffer), format, arguments);
    va_end(arguments);
    host->log(call, level, text);
}

/* Not 0 when the call should end with REFLUX_CANCELLED; 0 on a host that cannot say. */
static inline int reflux_is_cancelled(const reflux_host *host, reflux_call *call) {
    return REFLUX_HAS_FUNCTION(reflux_host, host, is_cancelled) && host->is_cancelled(call) != 0;
}

/* Gives a named number to the metrics file, if the host keeps one. */
static inline void reflux_metric(
    const reflux_host *host, reflux_call *call, const char *name, double value) {
    if (!REFLUX_HAS_FUNCTION(reflux_host, host, metric)) { return; }
    host->metric(call, 0, reflux_text(name), value);
}

/* Tells how far a long call is, if the host wants to know. */
static inline void reflux_progress(
    const reflux_host *host, reflux_call *call, uint64_t done, uint64_t total, const char *unit) {
    if (!REFLUX_HAS_FUNCTION(reflux_host, host, progress)) { return; }
    host->progress(call, done, total, reflux_text(unit));
}

#ifdef __cplusplus
}
#endif

#endif
