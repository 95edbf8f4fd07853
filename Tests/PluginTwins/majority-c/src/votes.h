/* The votes of the teachers: VoteCount of RefluxRewards, in C. Answers are compared as bytes; the
 * built-in rule holds canonically equivalent texts for equal, which differs beyond ASCII only. */
#ifndef VOTES_H
#define VOTES_H

#include <reflux/reflux.h>

/* An answer and its votes. */
typedef struct {
    reflux_string answer;
    uint64_t votes;
} entry;

/* The answers, most votes first; equal ones in the order of their first vote. */
typedef struct {
    entry *ranking;
    uint64_t answers;
    /* Teacher responses, with or without an answer. */
    uint64_t voters;
    /* Teacher responses with an answer. */
    uint64_t answered;
} votes;

/* Counts the teachers' answers of a group. Returns 0 without memory. */
int votes_count(const reflux_group *group, votes *out);

/* Frees what votes_count took. */
void votes_free(votes *count);

/* How many answers share the most votes. */
uint64_t votes_leaders(const votes *count);

/* The fraction of the voters that gave the most frequent answer. */
double votes_share(const votes *count);

/* The votes between the first two answers, as a fraction of the voters. */
double votes_margin(const votes *count);

#endif
