/* The rule against the mock host; that it is a twin is for Tests/RefluxPluginHostTests. */
#include <reflux/testing.h>

static reflux_mock_judgement judge(
    reflux_mock *mock, const char *settings, const char *const *answers) {
    reflux_mock_instance rule =
        reflux_mock_create(mock, REFLUX_KIND_PSEUDO_REWARD_RULE, "majority-c", settings);
    reflux_group *group = reflux_mock_group(mock, "How many?");
    for (; *answers != NULL; answers += 1) { reflux_mock_teacher(mock, group, *answers); }
    reflux_mock_student(mock, group, "7");
    reflux_mock_judgement judgement = reflux_mock_judge(&rule, group);
    reflux_mock_destroy(&rule);
    return judgement;
}

int main(void) {
    const char *const clear[] = {"7", "8", "7", "7", NULL};
    const char *const tied[] = {"8", "7", NULL};
    const char *const none[] = {NULL};
    reflux_mock mock;
    reflux_mock_init(&mock);
    REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);

    reflux_mock_judgement judgement = judge(&mock, "{}", clear);
    REFLUX_EXPECT_TEXT(judgement.label, "7");
    REFLUX_EXPECT_NEAR(judgement.rewards[1], 0, 0);
    REFLUX_EXPECT_NEAR(judgement.rewards[4], 1, 0);
    judgement = judge(&mock, "{\"min_share\":0.8}", clear);
    REFLUX_EXPECT_TEXT(judgement.abstention, "share below 0.8");
    judgement = judge(&mock, "{\"min_margin\":1}", clear);
    REFLUX_EXPECT_TEXT(judgement.abstention, "margin below 1.0");
    judgement = judge(&mock, "{}", tied);
    REFLUX_EXPECT_TEXT(judgement.reasons[2], "tie");
    judgement = judge(&mock, "{\"tie\":\"first\"}", tied);
    REFLUX_EXPECT_TEXT(judgement.label, "8");
    judgement = judge(&mock, "{}", none);
    REFLUX_EXPECT_TEXT(judgement.abstention, "no teacher response");

    reflux_mock_stop(&mock);
    return reflux_test_result("majority-c");
}
