/* The mean and the unbiased deviation of numbers, by group: SampleStatistics and GroupStatistics of
 * RefluxOptimizers, in C, with the same order of additions. */
#ifndef STATISTICS_H
#define STATISTICS_H

#include <reflux/reflux.h>

/* The statistics of some numbers. */
typedef struct {
    double mean;
    double deviation;
    /* Whether all numbers are the same one. */
    int is_constant;
} statistics;

/* The statistics of every sequence's group, and of all sequences. */
typedef struct {
    /* [sequence_count] */
    statistics *by_sequence;
    statistics all;
    uint64_t groups;
    uint64_t constant_groups;
} group_statistics;

/* Measures the rewards of a batch. Returns 0 without memory. */
int measure(const reflux_rollout_batch *batch, group_statistics *out);

#endif
