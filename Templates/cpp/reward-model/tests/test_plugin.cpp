/* Tests of {{id}} on a mock host, which checks every call against the promises of the boundary. */
#include "reflux/reflux.h"
#include "reflux/testing.h"

static reflux_mock mock;

static void test_scores() {
    reflux_mock_instance model = reflux_mock_create(
        &mock, REFLUX_KIND_REWARD_MODEL, "{{id}}",
        "{\"phrases\": [\"so\", \"\\u00e9\"], \"length_target\": 4}");
    reflux_mock_items items = { NULL, 0 };
    reflux_mock_add_item(&mock, &items, "Why?", "so, ");
    reflux_mock_add_item(&mock, &items, "Why?", "caf\xc3\xa9 so");
    reflux_mock_add_item(&mock, &items, "Why?", "");
    reflux_mock_scores scores = reflux_mock_score(&model, items);
    REFLUX_EXPECT_NEAR(scores.scores[0], 1, 0);
    REFLUX_EXPECT_NEAR(scores.scores[1], 1, 0);
    REFLUX_EXPECT_NEAR(scores.scores[2], -1, 0);
    mock.patience = 1;
    REFLUX_EXPECT(reflux_mock_score(&model, items).status == REFLUX_CANCELLED);
    mock.patience = -1;
    reflux_mock_destroy(&model);
}

static void test_no_phrases() {
    reflux_mock_instance model = reflux_mock_create(
        &mock, REFLUX_KIND_REWARD_MODEL, "{{id}}", "{\"phrases\": []}");
    reflux_mock_items items = { NULL, 0 };
    REFLUX_EXPECT(reflux_mock_score(&model, items).status == REFLUX_OK);
    reflux_mock_destroy(&model);
}

int main() {
    for (int host = 0; host < 2; host += 1) {
        reflux_mock_init(&mock);
        /* The second host offers as little as it may, but for cancelling. */
        if (host == 1) {
            reflux_mock_leave_out(&mock, REFLUX_MOCK_EVERYTHING & ~REFLUX_MOCK_CANCELLATION);
        }
        REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
        test_scores();
        test_no_phrases();
        reflux_mock_stop(&mock);
    }
    return reflux_test_result("{{id}}");
}
