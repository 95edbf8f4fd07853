/* Reads text files line by line with limits: tables and JSON Lines files that settings name.
 *
 *     reflux_lines lines = reflux_lines_open(path);
 *     while (reflux_lines_next(&lines)) { use(lines.text, lines.number); }
 *     fault = reflux_lines_close(&lines);      // NULL, or what went wrong at lines.number
 */
#ifndef REFLUX_LINES_H
#define REFLUX_LINES_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helpers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The longest line, in bytes. */
#define REFLUX_LINES_LONGEST ((size_t)1 << 20)

/* A file that is being read. */
typedef struct reflux_lines {
    FILE *file;
    char *buffer;
    size_t capacity;
    /* The line, without its end; also ended by a NUL. Valid until the next one is read. */
    reflux_string text;
    /* Its number, from 1. */
    uint64_t number;
    /* What went wrong, or NULL. */
    const char *fault;
} reflux_lines;

/* Opens a file. What goes wrong is said by reflux_lines_close. */
static inline reflux_lines reflux_lines_open(const char *path) {
    reflux_lines lines;
    memset(&lines, 0, sizeof(lines));
    lines.file = fopen(path, "rb");
    if (lines.file == NULL) { lines.fault = strerror(errno); }
    return lines;
}

/* Makes room for one more byte and the NUL. */
static inline int reflux_lines_grow(reflux_lines *lines, size_t length) {
    char *larger;
    if (length > REFLUX_LINES_LONGEST) {
        lines->fault = "the line is longer than 1 MiB";
        return 0;
    }
    if (length + 2 <= lines->capacity) { return 1; }
    lines->capacity = lines->capacity == 0 ? 4096 : lines->capacity * 2;
    larger = (char *)realloc(lines->buffer, lines->capacity);
    if (larger == NULL) {
        lines->fault = "there is not enough memory";
        return 0;
    }
    lines->buffer = larger;
    return 1;
}

/* Reads the next line. Returns 0 behind the last one and when something is wrong. */
static inline int reflux_lines_next(reflux_lines *lines) {
    size_t length = 0;
    int c;
    if (lines->fault != NULL || lines->file == NULL) { return 0; }
    c = getc(lines->file);
    if (c == EOF) {
        if (ferror(lines->file)) { lines->fault = "the file cannot be read on"; }
        return 0;
    }
    lines->number += 1;
    for (; c != EOF && c != '\n'; c = getc(lines->file)) {
        if (c == '\0') {
            lines->fault = "the line holds a NUL";
            return 0;
        }
        if (!reflux_lines_grow(lines, length + 1)) { return 0; }
        lines->buffer[length] = (char)c;
        length += 1;
    }
    if (c == EOF && ferror(lines->file)) {
        lines->fault = "the file cannot be read on";
        return 0;
    }
    if (!reflux_lines_grow(lines, length)) { return 0; }
    if (length > 0 && lines->buffer[length - 1] == '\r') { length -= 1; }
    lines->buffer[length] = '\0';
    lines->text = reflux_slice(lines->buffer, length);
    return 1;
}

/* Closes the file. Returns NULL when the whole file was read, else what went wrong, a constant
 * text; lines->number says in which line, 0 for the file as a whole. */
static inline const char *reflux_lines_close(reflux_lines *lines) {
    if (lines->file != NULL) { fclose(lines->file); }
    free(lines->buffer);
    lines->file = NULL;
    lines->buffer = NULL;
    return lines->fault;
}

#ifdef __cplusplus
}
#endif

#endif
