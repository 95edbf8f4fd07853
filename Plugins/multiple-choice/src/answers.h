/* Reading the letter that a response has chosen. */
#ifndef MULTIPLE_CHOICE_ANSWERS_H
#define MULTIPLE_CHOICE_ANSWERS_H

#include "reflux/helpers.h"

/* The chosen letter, 'A' and up, or 0 when none can be read. By falling priority:
 *   1. the last "answer" that a letter follows ("Answer: B", "the answer is (b)", "**Answer:** B"),
 *   2. the last \boxed{B},
 *   3. the last letter in parentheses, "(B)",
 *   4. a letter that is the whole response, or begins it as "B." or "B)".
 * count is how many letters there are to choose from. One pass, linear in the bytes. */
char choice_read(reflux_string response, int count);

/* The letter of a response whose last line that is not empty is exactly "Answer: B", or 0. */
char choice_read_strictly(reflux_string response, int count);

#endif
