/* The rule of numeric-closeness. */
#ifndef NUMERIC_CLOSENESS_RULE_H
#define NUMERIC_CLOSENESS_RULE_H

#include "reflux/reflux.h"
#include "reflux/settings.h"

/* The settings; never written to after create, so that any thread may judge. */
typedef struct closeness_rule {
    double tolerance;
    int is_exponential;
    int takes_lowest;
    double min_share;
} closeness_rule;

/* The reward of a number where another one is the label: 1 at the label, falling with the relative
 * distance |answer - label| / |label| (the absolute one where the label is 0). Within [0, 1]. */
double closeness_reward(const closeness_rule *rule, double label, double answer);

/* Judges a group; n log n in the responses. */
int32_t closeness_judge(
    const closeness_rule *rule, const reflux_host *host, reflux_call *call,
    const reflux_group *group, const reflux_judgement *out);

#endif
