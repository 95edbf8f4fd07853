/* A strict reader of small JSON objects, without a library and without allocation: what a
 * configuration or one line of a JSON Lines file needs.
 *
 *     const char *fault = reflux_json_check(line);        // the whole syntax, once
 *     reflux_json value;
 *     if (reflux_json_find(line, "question", &value) && value.type == REFLUX_JSON_TEXT) {
 *         length = reflux_json_text(value, buffer, sizeof(buffer));
 *     }
 *
 * Check a text before anything else: the other functions rely on it. Every function takes linear
 * time. Limits: nesting of 32, numbers of 127 bytes. */
#ifndef REFLUX_JSON_H
#define REFLUX_JSON_H

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The deepest nesting. */
#define REFLUX_JSON_DEPTH 32

/* Types of values. */
#define REFLUX_JSON_NULL 0
#define REFLUX_JSON_BOOLEAN 1
#define REFLUX_JSON_NUMBER 2
#define REFLUX_JSON_TEXT 3
#define REFLUX_JSON_ARRAY 4
#define REFLUX_JSON_OBJECT 5

/* A value in a JSON text that was checked: its type and its own text, quotes included. Borrowed. */
typedef struct reflux_json {
    int type;
    reflux_string text;
} reflux_json;

/* Where a reader stands. */
typedef struct reflux_json_cursor {
    const char *at;
    const char *end;
    const char *fault;
} reflux_json_cursor;

static inline int reflux_json_is_digit(int c) { return c >= '0' && c <= '9'; }

/* The byte at the cursor, or -1 at the end. */
static inline int reflux_json_peek(const reflux_json_cursor *cursor) {
    return cursor->at < cursor->end ? (unsigned char)*cursor->at : -1;
}

/* Remembers the first fault; always 0. */
static inline int reflux_json_refuse(reflux_json_cursor *cursor, const char *fault) {
    if (cursor->fault == NULL) { cursor->fault = fault; }
    return 0;
}

static inline void reflux_json_skip_space(reflux_json_cursor *cursor) {
    for (;;) {
        int c = reflux_json_peek(cursor);
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') { return; }
        cursor->at += 1;
    }
}

static inline int reflux_json_hexadecimal(int c) {
    if (c >= '0' && c <= '9') { return c - '0'; }
    if (c >= 'a' && c <= 'f') { return c - 'a' + 10; }
    if (c >= 'A' && c <= 'F') { return c - 'A' + 10; }
    return -1;
}

/* Reads four hexadecimal digits; -1 when they are not there. */
static inline int32_t reflux_json_code_unit(reflux_json_cursor *cursor) {
    int32_t unit = 0;
    int index;
    if (cursor->end - cursor->at < 4) { return -1; }
    for (index = 0; index < 4; index += 1) {
        int digit = reflux_json_hexadecimal((unsigned char)cursor->at[index]);
        if (digit < 0) { return -1; }
        unit = unit * 16 + digit;
    }
    cursor->at += 4;
    return unit;
}

/* Reads what follows a backslash; the character's number, or -1. */
static inline int32_t reflux_json_escape(reflux_json_cursor *cursor) {
    int c = reflux_json_peek(cursor);
    int32_t unit, low;
    if (c < 0) { return -1; }
    cursor->at += 1;
    switch (c) {
    case '"': case '\\': case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': break;
    default: return -1;
    }
    unit = reflux_json_code_unit(cursor);
    if (unit <= 0 || (unit >= 0xDC00 && unit <= 0xDFFF)) { return -1; }
    if (unit < 0xD800 || unit > 0xDBFF) { return unit; }
    if (cursor->end - cursor->at < 2 || cursor->at[0] != '\\' || cursor->at[1] != 'u') {
        return -1;
    }
    cursor->at += 2;
    low = reflux_json_code_unit(cursor);
    if (low < 0xDC00 || low > 0xDFFF) { return -1; }
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

/* The number of bytes of the well-formed character at the cursor, which is not ASCII; 0 when it is
 * not UTF-8. */
static inline int reflux_json_character(const reflux_json_cursor *cursor) {
    const unsigned char *bytes = (const unsigned char *)cursor->at;
    ptrdiff_t left = cursor->end - cursor->at;
    int count = bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : 2;
    int index;
    if (bytes[0] < 0xC2 || bytes[0] > 0xF4 || left < count) { return 0; }
    for (index = 1; index < count; index += 1) {
        if ((bytes[index] & 0xC0u) != 0x80u) { return 0; }
    }
    if (bytes[0] == 0xE0 && bytes[1] < 0xA0) { return 0; }
    if (bytes[0] == 0xED && bytes[1] > 0x9F) { return 0; }
    if (bytes[0] == 0xF0 && bytes[1] < 0x90) { return 0; }
    if (bytes[0] == 0xF4 && bytes[1] > 0x8F) { return 0; }
    return count;
}

/* Goes past a text whose quote is at the cursor. */
static inline int reflux_json_pass_text(reflux_json_cursor *cursor) {
    cursor->at += 1;
    for (;;) {
        int c = reflux_json_peek(cursor);
        if (c < 0) { return reflux_json_refuse(cursor, "a text is not ended by a quote"); }
        if (c == '"') {
            cursor->at += 1;
            return 1;
        }
        if (c < 0x20) {
            return reflux_json_refuse(cursor, "a text holds a bare control character");
        }
        if (c == '\\') {
            cursor->at += 1;
            if (reflux_json_escape(cursor) < 0) {
                return reflux_json_refuse(cursor, "a text holds an escape that is not valid");
            }
        } else if (c < 0x80) {
            cursor->at += 1;
        } else {
            int count = reflux_json_character(cursor);
            if (count == 0) { return reflux_json_refuse(cursor, "a text is not UTF-8"); }
            cursor->at += count;
        }
    }
}

/* Goes past digits; how many there were. */
static inline int reflux_json_pass_digits(reflux_json_cursor *cursor) {
    const char *start = cursor->at;
    while (reflux_json_is_digit(reflux_json_peek(cursor))) { cursor->at += 1; }
    return cursor->at > start;
}

static inline int reflux_json_pass_number(reflux_json_cursor *cursor) {
    const char *start = cursor->at;
    int c, whole;
    if (reflux_json_peek(cursor) == '-') { cursor->at += 1; }
    whole = reflux_json_peek(cursor) == '0';
    if (whole) {
        cursor->at += 1;
        whole = !reflux_json_is_digit(reflux_json_peek(cursor));
    } else {
        whole = reflux_json_pass_digits(cursor);
    }
    if (whole && reflux_json_peek(cursor) == '.') {
        cursor->at += 1;
        whole = reflux_json_pass_digits(cursor);
    }
    c = reflux_json_peek(cursor);
    if (whole && (c == 'e' || c == 'E')) {
        cursor->at += 1;
        c = reflux_json_peek(cursor);
        if (c == '+' || c == '-') { cursor->at += 1; }
        whole = reflux_json_pass_digits(cursor);
    }
    if (!whole) { return reflux_json_refuse(cursor, "a number is not well formed"); }
    if (cursor->at - start > 127) { return reflux_json_refuse(cursor, "a number is too long"); }
    return 1;
}

static inline int reflux_json_pass_word(reflux_json_cursor *cursor, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length) != 0) {
        return reflux_json_refuse(cursor, "a value is not JSON");
    }
    cursor->at += length;
    return 1;
}

/* Goes past the value at the cursor. Nested values are followed without recursion. */
static inline int reflux_json_pass_value(reflux_json_cursor *cursor) {
    char closers[REFLUX_JSON_DEPTH];
    int depth = 0;
    for (;;) {
        int c, opened = 0;
        reflux_json_skip_space(cursor);
        c = reflux_json_peek(cursor);
        if (c == '{' || c == '[') {
            if (depth == REFLUX_JSON_DEPTH) {
                return reflux_json_refuse(cursor, "values are nested too deeply");
            }
            closers[depth] = c == '{' ? '}' : ']';
            depth += 1;
            cursor->at += 1;
            reflux_json_skip_space(cursor);
            opened = reflux_json_peek(cursor) != closers[depth - 1];
        } else if (c == '"') {
            if (!reflux_json_pass_text(cursor)) { return 0; }
        } else if (c == '-' || reflux_json_is_digit(c)) {
            if (!reflux_json_pass_number(cursor)) { return 0; }
        } else {
            const char *word = c == 't' ? "true" : c == 'f' ? "false" : "null";
            if (!reflux_json_pass_word(cursor, word)) { return 0; }
        }
        /* Behind a value: close what ends here, then go to the next value or stop. */
        while (!opened) {
            if (depth == 0) { return 1; }
            reflux_json_skip_space(cursor);
            c = reflux_json_peek(cursor);
            if (c == ',') {
                cursor->at += 1;
                opened = 1;
            } else if (c == closers[depth - 1]) {
                cursor->at += 1;
                depth -= 1;
            } else {
                return reflux_json_refuse(cursor, "a comma or a closing bracket is missing");
            }
        }
        if (closers[depth - 1] == '}') {
            reflux_json_skip_space(cursor);
            if (reflux_json_peek(cursor) != '"') {
                return reflux_json_refuse(cursor, "a key in quotes is missing");
            }
            if (!reflux_json_pass_text(cursor)) { return 0; }
            reflux_json_skip_space(cursor);
            if (reflux_json_peek(cursor) != ':') {
                return reflux_json_refuse(cursor, "a colon is missing");
            }
            cursor->at += 1;
        }
    }
}

/* A cursor at the beginning of a text. */
static inline reflux_json_cursor reflux_json_start(reflux_string text) {
    reflux_json_cursor cursor;
    cursor.at = text.data == NULL ? "" : text.data;
    cursor.end = cursor.at + (text.data == NULL ? 0 : text.length);
    cursor.fault = NULL;
    return cursor;
}

/* The value whose text goes from start to the cursor. */
static inline reflux_json reflux_json_taken(const char *start, const char *end) {
    reflux_json value;
    value.text.data = start;
    value.text.length = (uint64_t)(end - start);
    switch (*start) {
    case '{': value.type = REFLUX_JSON_OBJECT; break;
    case '[': value.type = REFLUX_JSON_ARRAY; break;
    case '"': value.type = REFLUX_JSON_TEXT; break;
    case 't': case 'f': value.type = REFLUX_JSON_BOOLEAN; break;
    case 'n': value.type = REFLUX_JSON_NULL; break;
    default: value.type = REFLUX_JSON_NUMBER; break;
    }
    return value;
}

/* Goes to the next element of a checked array (key is NULL) or member of a checked object.
 * The cursor starts at the bracket. Returns 0 behind the last one. */
static inline int reflux_json_next(
    reflux_json_cursor *cursor, reflux_string *key, reflux_json *value) {
    const char *start;
    int c = reflux_json_peek(cursor);
    if (c == '{' || c == '[' || c == ',') { cursor->at += 1; }
    reflux_json_skip_space(cursor);
    c = reflux_json_peek(cursor);
    if (c == '}' || c == ']' || c < 0) { return 0; }
    if (key != NULL) {
        start = cursor->at;
        if (!reflux_json_pass_text(cursor)) { return 0; }
        key->data = start;
        key->length = (uint64_t)(cursor->at - start);
        reflux_json_skip_space(cursor);
        cursor->at += 1;
        reflux_json_skip_space(cursor);
    }
    start = cursor->at;
    if (!reflux_json_pass_value(cursor)) { return 0; }
    *value = reflux_json_taken(start, cursor->at);
    reflux_json_skip_space(cursor);
    return 1;
}

/* Writes a character as UTF-8; the number of bytes. */
static inline size_t reflux_json_encode(int32_t character, char bytes[4]) {
    uint32_t c = (uint32_t)character;
    if (c < 0x80) {
        bytes[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        bytes[0] = (char)(0xC0u | (c >> 6));
        bytes[1] = (char)(0x80u | (c & 0x3Fu));
        return 2;
    }
    if (c < 0x10000) {
        bytes[0] = (char)(0xE0u | (c >> 12));
        bytes[1] = (char)(0x80u | ((c >> 6) & 0x3Fu));
        bytes[2] = (char)(0x80u | (c & 0x3Fu));
        return 3;
    }
    bytes[0] = (char)(0xF0u | (c >> 18));
    bytes[1] = (char)(0x80u | ((c >> 12) & 0x3Fu));
    bytes[2] = (char)(0x80u | ((c >> 6) & 0x3Fu));
    bytes[3] = (char)(0x80u | (c & 0x3Fu));
    return 4;
}

/* Writes a text without its quotes and escapes into a buffer, ended by a NUL. Returns its length in
 * bytes without the NUL; nothing useful is in the buffer when that is not below the capacity. The
 * length is never above that of the value's own text, so a buffer of that size always suffices. */
static inline size_t reflux_json_text(reflux_json value, char *buffer, size_t capacity) {
    reflux_json_cursor cursor = reflux_json_start(value.text);
    size_t length = 0;
    if (capacity > 0) { buffer[0] = '\0'; }
    if (value.type != REFLUX_JSON_TEXT) { return 0; }
    cursor.at += 1;
    while (reflux_json_peek(&cursor) >= 0 && reflux_json_peek(&cursor) != '"') {
        char bytes[4];
        size_t count = 1, index;
        bytes[0] = *cursor.at;
        cursor.at += 1;
        if (bytes[0] == '\\') {
            int32_t character = reflux_json_escape(&cursor);
            count = character < 0 ? 0 : reflux_json_encode(character, bytes);
        }
        for (index = 0; index < count; index += 1) {
            if (length < capacity) { buffer[length] = bytes[index]; }
            length += 1;
        }
    }
    if (length < capacity) { buffer[length] = '\0'; }
    return length;
}

/* Whether a text value says the same as a text that ends with a NUL. */
static inline int reflux_json_equals(reflux_json value, const char *wanted) {
    reflux_json_cursor cursor = reflux_json_start(value.text);
    if (value.type != REFLUX_JSON_TEXT) { return 0; }
    cursor.at += 1;
    while (reflux_json_peek(&cursor) >= 0 && reflux_json_peek(&cursor) != '"') {
        char bytes[4];
        size_t count = 1, index;
        bytes[0] = *cursor.at;
        cursor.at += 1;
        if (bytes[0] == '\\') {
            int32_t character = reflux_json_escape(&cursor);
            count = character < 0 ? 0 : reflux_json_encode(character, bytes);
        }
        for (index = 0; index < count; index += 1) {
            if (*wanted == '\0' || *wanted != bytes[index]) { return 0; }
            wanted += 1;
        }
    }
    return *wanted == '\0';
}

/* Finds the value of a key of a checked object. Returns 0 when there is none. */
static inline int reflux_json_find(reflux_string object, const char *key, reflux_json *value) {
    reflux_json_cursor cursor = reflux_json_start(object);
    reflux_string found;
    reflux_json_skip_space(&cursor);
    if (reflux_json_peek(&cursor) != '{') { return 0; }
    while (reflux_json_next(&cursor, &found, value)) {
        reflux_json name;
        name.type = REFLUX_JSON_TEXT;
        name.text = found;
        if (reflux_json_equals(name, key)) { return 1; }
    }
    return 0;
}

/* The number of elements of a checked array. */
static inline uint64_t reflux_json_count(reflux_json array) {
    reflux_json_cursor cursor = reflux_json_start(array.text);
    reflux_json element;
    uint64_t count = 0;
    if (array.type != REFLUX_JSON_ARRAY) { return 0; }
    while (reflux_json_next(&cursor, NULL, &element)) { count += 1; }
    return count;
}

/* Reads a decimal number (sign, digits, point, exponent) that fills the whole text, whatever the
 * process's locale is. Returns 0 for anything else, and for what a double cannot hold. */
static inline int reflux_parse_decimal(reflux_string text, double *number) {
    char buffer[160];
    const char *point = localeconv()->decimal_point;
    size_t index, filled = 0, digits = 0, exponent_digits = 0;
    int seen_point = 0, seen_exponent = 0;
    char *end = NULL;
    double parsed;
    if (text.data == NULL || text.length == 0 || text.length > 127) { return 0; }
    for (index = 0; index < text.length; index += 1) {
        char c = text.data[index];
        char before = index == 0 ? 'e' : text.data[index - 1];
        if (reflux_json_is_digit(c)) {
            if (seen_exponent) { exponent_digits += 1; } else { digits += 1; }
        } else if (c == '-' || c == '+') {
            if (before != 'e' && before != 'E') { return 0; }
        } else if (c == '.') {
            if (seen_point || seen_exponent) { return 0; }
            seen_point = 1;
            if (filled + strlen(point) >= sizeof(buffer)) { return 0; }
            memcpy(buffer + filled, point, strlen(point));
            filled += strlen(point);
            continue;
        } else if (c == 'e' || c == 'E') {
            if (seen_exponent || digits == 0) { return 0; }
            seen_exponent = 1;
        } else {
            return 0;
        }
        if (filled + 1 >= sizeof(buffer)) { return 0; }
        buffer[filled] = c;
        filled += 1;
    }
    if (digits == 0 || (seen_exponent && exponent_digits == 0)) { return 0; }
    buffer[filled] = '\0';
    parsed = strtod(buffer, &end);
    if (end != buffer + filled || !(parsed - parsed == 0)) { return 0; }
    *number = parsed;
    return 1;
}

/* Reads a number. Returns 0 for a value of another type, and for what a double cannot hold. */
static inline int reflux_json_number(reflux_json value, double *number) {
    return value.type == REFLUX_JSON_NUMBER && reflux_parse_decimal(value.text, number);
}

/* Reads a whole number. Returns 0 for one with a point or an exponent, and for what does not fit.
 * */
static inline int reflux_json_integer(reflux_json value, int64_t *number) {
    uint64_t magnitude = 0, limit = (uint64_t)INT64_MAX;
    size_t index = 0;
    int negative;
    if (value.type != REFLUX_JSON_NUMBER) { return 0; }
    negative = value.text.data[0] == '-';
    if (negative) {
        index = 1;
        limit += 1;
    }
    for (; index < value.text.length; index += 1) {
        char c = value.text.data[index];
        uint64_t digit = (uint64_t)(unsigned char)c - '0';
        if (!reflux_json_is_digit(c) || magnitude > (limit - digit) / 10) { return 0; }
        magnitude = magnitude * 10 + digit;
    }
    if (!negative) {
        *number = (int64_t)magnitude;
    } else {
        *number = magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
    }
    return 1;
}

/* Checks that a text is one JSON object whose top has at most 256 keys, no two written alike. Costs
 * the text's length once for every such key. Returns NULL, or what is wrong with it. */
static inline const char *reflux_json_check(reflux_string text) {
    reflux_json_cursor cursor = reflux_json_start(text);
    reflux_json_cursor outer, inner;
    reflux_string key, other;
    reflux_json value;
    const char *start;
    int members = 0;
    reflux_json_skip_space(&cursor);
    start = cursor.at;
    if (reflux_json_peek(&cursor) != '{') { return "it is not a JSON object"; }
    if (!reflux_json_pass_value(&cursor)) { return cursor.fault; }
    reflux_json_skip_space(&cursor);
    if (reflux_json_peek(&cursor) >= 0) { return "something follows the object"; }
    outer = reflux_json_start(text);
    outer.at = start;
    while (reflux_json_next(&outer, &key, &value)) {
        members += 1;
        if (members > 256) { return "it has more than 256 keys"; }
        inner = outer;
        while (reflux_json_next(&inner, &other, &value)) {
            if (other.length == key.length
                && memcmp(other.data, key.data, (size_t)key.length) == 0) {
                return "a key is there twice";
            }
        }
    }
    return NULL;
}

#ifdef __cplusplus
}
#endif

#endif
