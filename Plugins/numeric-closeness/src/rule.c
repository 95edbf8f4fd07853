/* The vote of the teachers, and the reward by distance. */
#include "rule.h"

#include <math.h>
#include <stdlib.h>

/* An answer that votes. */
typedef struct vote {
    reflux_string answer;
    int is_number;
    double number;
    /* How much it counts. */
    double weight;
    uint64_t response;
} vote;

/* The votes for one answer: 4, 4.0 and 4e0 are the same. They lie together once sorted. */
typedef struct result {
    const vote *first;
    double votes;
    int is_tied;
} result;

/* Numbers by value, before texts by their bytes. */
static int compare_answers(const vote *a, const vote *b) {
    if (a->is_number != b->is_number) { return b->is_number - a->is_number; }
    if (a->is_number) { return (a->number > b->number) - (a->number < b->number); }
    return reflux_compare(a->answer, b->answer);
}

/* The same, and then by the position in the group, so that the order is one of a kind. */
static int compare_votes(const void *left, const void *right) {
    const vote *a = left;
    const vote *b = right;
    int order = compare_answers(a, b);
    return order != 0 ? order : (a->response > b->response) - (a->response < b->response);
}

static vote read_vote(reflux_string answer, uint64_t response) {
    vote read = { .answer = answer, .weight = 1, .response = response };
    read.is_number = reflux_parse_decimal(answer, &read.number);
    return read;
}

/* Adds up sorted votes. The first answer with the most votes wins: the lowest one. Votes without
 * weight elect nobody. */
static result count_votes(const vote *votes, uint64_t count) {
    result best = { 0 };
    for (uint64_t start = 0, end = 0; start < count; start = end) {
        double sum = 0;
        for (end = start; end < count && compare_answers(&votes[start], &votes[end]) == 0;) {
            sum += votes[end].weight;
            end += 1;
        }
        if (sum > best.votes) {
            best.first = &votes[start];
            best.votes = sum;
            best.is_tied = 0;
        } else if (sum == best.votes && sum > 0) {
            best.is_tied = 1;
        }
    }
    return best;
}

double closeness_reward(const closeness_rule *rule, double label, double answer) {
    if (answer == label) { return 1; }
    if (rule->tolerance <= 0) { return 0; }
    double scale = label == 0 ? 1 : fabs(label);
    /* Divided before it is subtracted, so that large numbers do not overflow. */
    double distance = fabs(answer / scale - label / scale) / rule->tolerance;
    if (rule->is_exponential) { return exp(-distance); }
    return distance < 1 ? 1 - distance : 0;
}

static void abstain(
    reflux_call *call, const reflux_group *group, const reflux_judgement *out,
    const char *reason) {
    out->set_abstention(call, reflux_text(reason));
    for (uint64_t index = 0; index < group->response_count; index += 1) {
        out->abstain(call, index, reflux_text(reason));
    }
}

/* Rewards every response by its distance from the label. */
static void reward_all(
    const closeness_rule *rule, const vote *label, const reflux_group *group, double *rewards) {
    for (uint64_t index = 0; index < group->response_count; index += 1) {
        reflux_string answer = group->responses[index]->answer;
        if (answer.data == NULL) {
            rewards[index] = 0;
            continue;
        }
        vote given = read_vote(answer, index);
        rewards[index] = given.is_number && label->is_number
            ? closeness_reward(rule, label->number, given.number)
            : compare_answers(&given, label) == 0;
    }
}

int32_t closeness_judge(
    const closeness_rule *rule, const reflux_host *host, reflux_call *call,
    const reflux_group *group, const reflux_judgement *out) {
    if (group->response_count > SIZE_MAX / sizeof(vote) - 1) { return REFLUX_OUT_OF_MEMORY; }
    vote *votes = malloc(((size_t)group->response_count + 1) * sizeof(*votes));
    if (votes == NULL) { return REFLUX_OUT_OF_MEMORY; }
    double teachers = 0;
    uint64_t voters = 0;
    for (uint64_t index = 0; index < group->response_count; index += 1) {
        const reflux_response *response = group->responses[index];
        if (response->role != REFLUX_ROLE_TEACHER) { continue; }
        double weight = reflux_weight(response);
        teachers += weight;
        if (response->answer.data == NULL || !(weight > 0)) { continue; }
        votes[voters] = read_vote(response->answer, index);
        votes[voters].weight = weight;
        voters += 1;
    }
    qsort(votes, (size_t)voters, sizeof(*votes), compare_votes);
    result best = count_votes(votes, voters);
    double share = teachers > 0 ? best.votes / teachers : 0;
    reflux_metric(host, call, "share", share);
    reflux_metric(host, call, "voters", (double)voters);
    if (!(teachers > 0)) {
        abstain(call, group, out, "no teacher response");
    } else if (voters == 0) {
        abstain(call, group, out, "no teacher answer");
    } else if (best.is_tied && !rule->takes_lowest) {
        abstain(call, group, out, "tie");
    } else if (share < rule->min_share) {
        char reason[64];
        snprintf(reason, sizeof(reason), "share below %g", rule->min_share);
        abstain(call, group, out, reason);
    } else {
        out->set_label(call, best.first->answer);
        reward_all(rule, best.first, group, out->rewards);
    }
    free(votes);
    return REFLUX_OK;
}
