#include "votes.h"

#include <reflux/helpers.h>
#include <stdlib.h>

static void vote(votes *count, reflux_string answer) {
    for (uint64_t i = 0; i < count->answers; i += 1) {
        if (reflux_equal(count->ranking[i].answer, answer)) {
            count->ranking[i].votes += 1;
            return;
        }
    }
    count->ranking[count->answers] = (entry){answer, 1};
    count->answers += 1;
}

/* Insertion keeps the order of equal ones. */
static void sort(votes *count) {
    for (uint64_t i = 1; i < count->answers; i += 1) {
        entry moved = count->ranking[i];
        uint64_t place = i;
        while (place > 0 && count->ranking[place - 1].votes < moved.votes) {
            count->ranking[place] = count->ranking[place - 1];
            place -= 1;
        }
        count->ranking[place] = moved;
    }
}

int votes_count(const reflux_group *group, votes *out) {
    *out = (votes){0};
    out->ranking = calloc(group->response_count + 1, sizeof(entry));
    if (out->ranking == NULL) { return 0; }
    for (uint64_t i = 0; i < group->response_count; i += 1) {
        const reflux_response *response = group->responses[i];
        if (response->role != REFLUX_ROLE_TEACHER) { continue; }
        out->voters += 1;
        if (response->answer.data == NULL) { continue; }
        out->answered += 1;
        vote(out, response->answer);
    }
    sort(out);
    return 1;
}

void votes_free(votes *count) {
    free(count->ranking);
    count->ranking = NULL;
}

uint64_t votes_leaders(const votes *count) {
    uint64_t leaders = 0;
    while (leaders < count->answers && count->ranking[leaders].votes == count->ranking[0].votes) {
        leaders += 1;
    }
    return leaders;
}

static uint64_t votes_at(const votes *count, uint64_t place) {
    return place < count->answers ? count->ranking[place].votes : 0;
}

static double fraction(const votes *count, uint64_t votes) {
    return count->voters == 0 ? 0 : (double)votes / (double)count->voters;
}

double votes_share(const votes *count) { return fraction(count, votes_at(count, 0)); }

double votes_margin(const votes *count) {
    return fraction(count, votes_at(count, 0) - votes_at(count, 1));
}
