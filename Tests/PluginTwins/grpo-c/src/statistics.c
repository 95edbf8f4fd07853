#include "statistics.h"

#include <math.h>
#include <stdlib.h>

/* A sequence and its group, to be sorted. */
typedef struct {
    uint64_t group;
    uint64_t sequence;
} member;

static int by_group_then_sequence(const void *left, const void *right) {
    const member *a = left;
    const member *b = right;
    if (a->group != b->group) { return a->group < b->group ? -1 : 1; }
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* The statistics of the rewards of some sequences, in two passes over them in their order. */
static statistics of(const double *rewards, const member *members, uint64_t count) {
    statistics result = {0, 0, 1};
    if (count == 0) { return result; }
    double first = rewards[members[0].sequence];
    double sum = 0;
    for (uint64_t i = 0; i < count; i += 1) {
        sum += rewards[members[i].sequence];
        if (rewards[members[i].sequence] != first) { result.is_constant = 0; }
    }
    result.mean = sum / (double)count;
    if (result.is_constant) {
        result.mean = first;
        return result;
    }
    double squares = 0;
    for (uint64_t i = 0; i < count; i += 1) {
        double difference = rewards[members[i].sequence] - result.mean;
        squares = squares + difference * difference;
    }
    result.deviation = sqrt(squares / (double)(count - 1));
    return result;
}

int measure(const reflux_rollout_batch *batch, group_statistics *out) {
    uint64_t count = batch->sequence_count;
    member *members = malloc((count + 1) * sizeof(*members));
    *out = (group_statistics){.by_sequence = malloc((count + 1) * sizeof(statistics))};
    if (members == NULL || out->by_sequence == NULL) {
        free(members);
        free(out->by_sequence);
        return 0;
    }
    for (uint64_t i = 0; i < count; i += 1) { members[i] = (member){batch->groups[i], i}; }
    /* Before the sort the sequences stand in their own order. */
    out->all = of(batch->rewards, members, count);
    qsort(members, count, sizeof(*members), by_group_then_sequence);
    for (uint64_t start = 0, end = 0; start < count; start = end) {
        while (end < count && members[end].group == members[start].group) { end += 1; }
        statistics group = of(batch->rewards, members + start, end - start);
        for (uint64_t i = start; i < end; i += 1) {
            out->by_sequence[members[i].sequence] = group;
        }
        out->groups += 1;
        out->constant_groups += group.is_constant != 0;
    }
    free(members);
    return 1;
}
