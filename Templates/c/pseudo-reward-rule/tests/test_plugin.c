/* Tests of {{id}} on a mock host, which checks every call against the promises of the boundary. */
#include "reflux/reflux.h"
#include "reflux/testing.h"

static reflux_mock mock;

static void test_majority(void) {
    reflux_mock_instance rule =
        reflux_mock_create(&mock, REFLUX_KIND_PSEUDO_REWARD_RULE, "{{id}}", NULL);
    reflux_group *group = reflux_mock_group(&mock, "What is 2 + 2?");
    reflux_mock_teacher(&mock, group, "4");
    reflux_mock_teacher(&mock, group, "4");
    reflux_mock_teacher(&mock, group, "5");
    reflux_mock_student(&mock, group, "4");
    reflux_mock_student(&mock, group, NULL);
    reflux_mock_judgement judgement = reflux_mock_judge(&rule, group);
    static const double wanted[] = { 1, 1, 0, 1, 0 };
    REFLUX_EXPECT_TEXT(judgement.label, "4");
    for (int index = 0; index < 5; index += 1) {
        REFLUX_EXPECT_NEAR(judgement.rewards[index], wanted[index], 0);
    }
    reflux_mock_destroy(&rule);
}

static void test_abstentions(void) {
    reflux_mock_instance rule = reflux_mock_create(
        &mock, REFLUX_KIND_PSEUDO_REWARD_RULE, "{{id}}", "{\"min_share\": 0.9}");
    reflux_group *group = reflux_mock_group(&mock, "What is 2 + 2?");
    REFLUX_EXPECT_TEXT(reflux_mock_judge(&rule, group).abstention, "no teacher answer");
    reflux_mock_teacher(&mock, group, "4");
    reflux_mock_teacher(&mock, group, "5");
    REFLUX_EXPECT_TEXT(reflux_mock_judge(&rule, group).reasons[1], "tie");
    reflux_mock_teacher(&mock, group, "5");
    REFLUX_EXPECT_TEXT(reflux_mock_judge(&rule, group).abstention, "share too small");
    reflux_mock_destroy(&rule);
}

int main(void) {
    for (int host = 0; host < 2; host += 1) {
        reflux_mock_init(&mock);
        /* The second host offers as little as it may, but for cancelling. */
        if (host == 1) {
            reflux_mock_leave_out(&mock, REFLUX_MOCK_EVERYTHING & ~REFLUX_MOCK_CANCELLATION);
        }
        REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
        test_majority();
        test_abstentions();
        reflux_mock_stop(&mock);
    }
    return reflux_test_result("{{id}}");
}
