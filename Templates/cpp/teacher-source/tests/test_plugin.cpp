/* Tests of {{id}} on a mock host, which checks every call against the promises of the boundary. Run
 * in the project's folder. */
#include "reflux/reflux.h"
#include "reflux/testing.h"

static const char *const prompts[] = { "What is 2 + 2?\nThink.", "What else?" };
static reflux_mock mock;

static void test_answers() {
    reflux_mock_instance teacher = reflux_mock_create(
        &mock, REFLUX_KIND_TEACHER_SOURCE, "{{id}}", "{\"answers\": \"tests/answers.tsv\"}");
    reflux_sampling_plan *plan = reflux_mock_plan(&mock, 2, 0.7);
    REFLUX_EXPECT(reflux_mock_respond(&teacher, prompts, 2, plan) == REFLUX_OK);
    REFLUX_EXPECT_TEXT(reflux_mock_answered(&mock, 0, 0), "Answer: 4");
    REFLUX_EXPECT_TEXT(reflux_mock_answered(&mock, 0, 1), "It is 4.");
    REFLUX_EXPECT_TEXT(reflux_mock_answered(&mock, 0, 2), NULL);
    REFLUX_EXPECT_TEXT(reflux_mock_answered(&mock, 1, 0), NULL);
    mock.patience = 1;
    REFLUX_EXPECT(reflux_mock_respond(&teacher, prompts, 2, plan) == REFLUX_CANCELLED);
    mock.patience = -1;
    reflux_mock_destroy(&teacher);
}

static void test_errors() {
    reflux_mock_instance teacher = reflux_mock_create(
        &mock, REFLUX_KIND_TEACHER_SOURCE, "{{id}}", "{\"answers\": \"tests/absent.tsv\"}");
    reflux_sampling_plan *plan = reflux_mock_plan(&mock, 1, 0);
    REFLUX_EXPECT(reflux_mock_respond(&teacher, prompts, 1, plan) == REFLUX_ERROR);
    REFLUX_EXPECT(strstr(reflux_mock_error(&mock), "tests/absent.tsv:0: ") != NULL);
    reflux_mock_destroy(&teacher);
}

int main() {
    for (int host = 0; host < 2; host += 1) {
        reflux_mock_init(&mock);
        /* The second host offers as little as it may, but for cancelling. */
        if (host == 1) {
            reflux_mock_leave_out(&mock, REFLUX_MOCK_EVERYTHING & ~REFLUX_MOCK_CANCELLATION);
        }
        REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
        test_answers();
        test_errors();
        reflux_mock_stop(&mock);
    }
    return reflux_test_result("{{id}}");
}
