/* A list of weighted phrases, and what a text scores by it. */
#ifndef PHRASE_SCORER_PHRASES_H
#define PHRASE_SCORER_PHRASES_H

#include "reflux/helpers.h"

/* The most phrases, and the longest one in bytes: so scoring stays linear in the text. */
#define PHRASES_MOST 1000
#define PHRASES_LONGEST 200

/* A phrase and what it adds to the score each time. */
typedef struct phrase {
    double weight;
    size_t length;
    char text[PHRASES_LONGEST + 1];
} phrase;

/* A list. */
typedef struct phrase_list {
    phrase *items;
    size_t count;
    int ignores_case;
} phrase_list;

/* Reads a list: a line is a weight, a tab and a phrase; empty lines and lines that begin with # are
 * skipped. Returns a status; on failure the host was told file and line. Free with phrases_free,
 * also after a failure. */
int32_t phrases_read(
    const reflux_host *host, reflux_call *call, const char *path, phrase_list *list);

/* Frees what phrases_read made. */
void phrases_free(phrase_list *list);

/* The sum of the weights of all occurrences, those of one phrase not overlapping and at most
 * most_counted of each. */
double phrases_score(const phrase_list *list, reflux_string text, uint64_t most_counted);

#endif
