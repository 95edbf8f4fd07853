/* Tests of numeric-closeness on the mock host. */
#include "reflux/reflux.h"
#include "reflux/testing.h"

#define KIND REFLUX_KIND_PSEUDO_REWARD_RULE
#define ID "numeric-closeness"

static reflux_mock mock;

/* A group of teachers' answers and then students' answers; "-" stands for no answer. */
static reflux_group *group_of(const char *const *teachers, const char *const *students) {
    reflux_group *group = reflux_mock_group(&mock, "How many?");
    for (; *teachers != NULL; teachers += 1) {
        reflux_mock_teacher(&mock, group, strcmp(*teachers, "-") == 0 ? NULL : *teachers);
    }
    for (; *students != NULL; students += 1) {
        reflux_mock_student(&mock, group, strcmp(*students, "-") == 0 ? NULL : *students);
    }
    return group;
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NOBODY ((const char *const[]){ NULL })

/* The reward of one student's answer where the teachers say label. */
static double reward(const char *configuration, const char *label, const char *answer) {
    reflux_mock_instance rule = reflux_mock_create(&mock, KIND, ID, configuration);
    reflux_mock_judgement judgement =
        reflux_mock_judge(&rule, group_of(LIST(label), LIST(answer)));
    reflux_mock_destroy(&rule);
    return judgement.rewards[1];
}

static void test_distance(void) {
    REFLUX_EXPECT_NEAR(reward(NULL, "100", "100"), 1, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "100", "95"), 0.5, 1e-12);
    REFLUX_EXPECT_NEAR(reward(NULL, "100", "105"), 0.5, 1e-12);
    REFLUX_EXPECT_NEAR(reward(NULL, "-100", "-95"), 0.5, 1e-12);
    REFLUX_EXPECT_NEAR(reward(NULL, "100", "111"), 0, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "100", "-100"), 0, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "4", "4.0"), 1, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "0", "0.05"), 0.5, 1e-12);
    REFLUX_EXPECT_NEAR(reward("{\"tolerance\": 1}", "10", "5"), 0.5, 1e-12);
    REFLUX_EXPECT_NEAR(reward("{\"tolerance\": 0}", "10", "10.0001"), 0, 0);
    REFLUX_EXPECT_NEAR(reward("{\"tolerance\": 0}", "10", "10"), 1, 0);
    REFLUX_EXPECT_NEAR(reward("{\"shape\": \"exponential\"}", "10", "11"), 0.367879441171, 1e-9);
    REFLUX_EXPECT_NEAR(reward("{\"shape\": \"exponential\"}", "10", "10"), 1, 0);
    /* The ends of what a double holds. */
    REFLUX_EXPECT_NEAR(reward(NULL, "1e308", "-1e308"), 0, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "1e-320", "1e308"), 0, 0);
    REFLUX_EXPECT_NEAR(reward("{\"shape\": \"exponential\"}", "1e-320", "1e308"), 0, 0);
}

static void test_texts(void) {
    REFLUX_EXPECT_NEAR(reward(NULL, "red", "red"), 1, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "red", "blue"), 0, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "4", "four"), 0, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "four", "4"), 0, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "4", "-"), 0, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "inf", "1e999"), 0, 0);
    REFLUX_EXPECT_NEAR(reward(NULL, "1,000", "1,000"), 1, 0);
}

/* The label, or the reason for none. */
static const char *vote(const char *configuration, reflux_group *group) {
    reflux_mock_instance rule = reflux_mock_create(&mock, KIND, ID, configuration);
    reflux_mock_judgement judgement = reflux_mock_judge(&rule, group);
    reflux_mock_destroy(&rule);
    REFLUX_EXPECT((judgement.label == NULL) == (judgement.abstention != NULL));
    for (uint64_t index = 0; index < judgement.count; index += 1) {
        REFLUX_EXPECT((judgement.reasons[index] == NULL) == (judgement.label != NULL));
    }
    return judgement.label != NULL ? judgement.label : judgement.abstention;
}

static void test_votes(void) {
    REFLUX_EXPECT_TEXT(vote(NULL, group_of(LIST("3", "4", "4"), LIST("7", "7", "7"))), "4");
    REFLUX_EXPECT_NEAR(reflux_mock_metric(&mock, "share"), 2.0 / 3, 1e-12);
    REFLUX_EXPECT_NEAR(reflux_mock_metric(&mock, "voters"), 3, 0);
    /* Numbers that are equal vote together, and the first way to write it is the label. */
    REFLUX_EXPECT_TEXT(vote(NULL, group_of(LIST("3", "4.0", "4", "3.5"), NOBODY)), "4.0");
    REFLUX_EXPECT_TEXT(vote(NULL, group_of(LIST("3", "4"), LIST("4"))), "tie");
    REFLUX_EXPECT_TEXT(
        vote("{\"tie\": \"lowest\"}", group_of(LIST("10", "9", "b", "-"), LIST("4"))), "9");
    REFLUX_EXPECT_TEXT(vote("{\"tie\": \"lowest\"}", group_of(LIST("b", "a"), NOBODY)), "a");
    REFLUX_EXPECT_TEXT(vote(NULL, group_of(LIST("-", "-"), LIST("4"))), "no teacher answer");
    REFLUX_EXPECT_TEXT(vote(NULL, group_of(NOBODY, LIST("4"))), "no teacher response");
    REFLUX_EXPECT_TEXT(vote(NULL, group_of(NOBODY, NOBODY)), "no teacher response");
    /* Teachers without an answer count in the share. */
    REFLUX_EXPECT_TEXT(
        vote("{\"min_share\": 0.5}", group_of(LIST("4", "-", "-"), LIST("4"))), "share below 0.5");
    REFLUX_EXPECT_TEXT(vote("{\"min_share\": 0.5}", group_of(LIST("4", "-"), LIST("4"))), "4");
}

/* Votes have the weight of their teachers. */
static void test_weights(void) {
    reflux_group *group = reflux_mock_group(&mock, "How many?");
    reflux_mock_teacher(&mock, group, "4")->weight = 2.5;
    reflux_mock_teacher(&mock, group, "5");
    reflux_mock_teacher(&mock, group, "5.0");
    reflux_mock_teacher(&mock, group, "6")->weight = 0;
    REFLUX_EXPECT_TEXT(vote(NULL, group), "4");
    REFLUX_EXPECT_NEAR(reflux_mock_metric(&mock, "share"), 2.5 / 4.5, 1e-12);
    REFLUX_EXPECT_NEAR(reflux_mock_metric(&mock, "voters"), 3, 0);
    reflux_group *nobody = reflux_mock_group(&mock, "How many?");
    reflux_mock_teacher(&mock, nobody, "4")->weight = 0;
    REFLUX_EXPECT_TEXT(vote(NULL, nobody), "no teacher response");
}

/* The judgement is a function of the group, whatever its size. */
static void test_large_group(void) {
    reflux_mock_instance rule = reflux_mock_create(&mock, KIND, ID, NULL);
    reflux_group *group = reflux_mock_group(&mock, "How many?");
    for (int index = 0; index < 501; index += 1) {
        char answer[16];
        snprintf(answer, sizeof(answer), "%d", index % 250);
        reflux_mock_teacher(&mock, group, answer);
    }
    reflux_mock_judgement first = reflux_mock_judge(&rule, group);
    REFLUX_EXPECT_TEXT(first.label, "0");
    reflux_mock_judgement second = reflux_mock_judge(&rule, group);
    REFLUX_EXPECT(memcmp(first.rewards, second.rewards, 501 * sizeof(double)) == 0);
    reflux_mock_destroy(&rule);
}

int main(void) {
    for (int host = 0; host < 3; host += 1) {
        reflux_mock_init(&mock);
        if (host == 1) { reflux_mock_leave_out(&mock, REFLUX_MOCK_EVERYTHING); }
        if (host == 2) { reflux_mock_shorten(&mock); }
        REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
        test_distance();
        test_texts();
        test_large_group();
        if (host == 0) {
            test_votes();
            test_weights();
        }
        reflux_mock_stop(&mock);
    }
    return reflux_test_result(ID);
}
