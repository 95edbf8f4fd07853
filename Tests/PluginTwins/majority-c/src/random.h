/* The random tie of the built-in rule: RandomKey(seed, stage .label, prompt).stream of RefluxCore, and
 * randomElement(using:) of the Swift library. The service random_words draws other numbers, by
 * extension; a plugin that is nobody's twin should use that. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

/* A uniform number below bound, which is not 0, for a prompt of a run. */
uint64_t label_random_below(uint64_t seed, int64_t prompt, uint64_t bound);

#endif
