/* Reading questions from JSON Lines files. */
#ifndef MULTIPLE_CHOICE_QUESTIONS_H
#define MULTIPLE_CHOICE_QUESTIONS_H

#include "reflux/reflux.h"

/* The most options of a question: one a letter. */
#define CHOICE_MOST 26

/* Loads the questions of a file into a list. Every line is an object with question, options, answer
 * (a letter, or an index from 0) and perhaps category; other keys are ignored, empty lines skipped.
 * name is the split's, for the ids ("test/0"). Linear in the file.
 * Returns a status; on failure the host was told file and line. */
int32_t choice_load(
    const reflux_host *host, reflux_call *call, const char *path, const char *name,
    const reflux_example_list *out);

#endif
