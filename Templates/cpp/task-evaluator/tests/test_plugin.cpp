/* Tests of {{id}} on a mock host, which checks every call against the promises of the boundary. Run
 * in the project's folder. */
#include "reflux/reflux.h"
#include "reflux/testing.h"

#define FILES "{\"train_file\": \"tests/questions.jsonl\", \"test_file\": \"tests/absent.jsonl\"}"

static reflux_mock mock;

static void test_examples() {
    reflux_mock_instance task =
        reflux_mock_create(&mock, REFLUX_KIND_TASK_EVALUATOR, "{{id}}", FILES);
    reflux_mock_examples examples = reflux_mock_load(&task, REFLUX_SPLIT_TRAIN);
    REFLUX_EXPECT(examples.status == REFLUX_OK && examples.count == 2);
    REFLUX_EXPECT(reflux_mock_says(examples.items[0]->id, "train/0"));
    REFLUX_EXPECT(reflux_mock_says(examples.items[1]->gold, "Paris"));
    REFLUX_EXPECT_TEXT(
        reflux_mock_write_prompt(&task, examples.items[0]),
        "What is 2 + 2?\nEnd with a line that says \"Answer: \" and the answer.");
    REFLUX_EXPECT(reflux_mock_load(&task, REFLUX_SPLIT_TEST).status == REFLUX_ERROR);
    REFLUX_EXPECT(strstr(reflux_mock_error(&mock), "tests/absent.jsonl:0: ") != NULL);
    REFLUX_EXPECT(reflux_mock_load(&task, REFLUX_SPLIT_VALIDATION).status == REFLUX_UNSUPPORTED);
    reflux_mock_destroy(&task);
}

static void test_answers() {
    reflux_mock_instance task =
        reflux_mock_create(&mock, REFLUX_KIND_TASK_EVALUATOR, "{{id}}", FILES);
    REFLUX_EXPECT_TEXT(reflux_mock_read_answer(&task, "Answer: 3\nAnswer:  4 \n"), "4");
    REFLUX_EXPECT_TEXT(reflux_mock_read_answer(&task, "Answer:"), NULL);
    REFLUX_EXPECT_TEXT(reflux_mock_read_answer(&task, ""), NULL);
    reflux_example *example = reflux_mock_example(&mock, "What is 2 + 2?", "4");
    reflux_mock_grade grade = reflux_mock_grade_response(&task, "Answer: 4", example);
    REFLUX_EXPECT(grade.parsed == 1 && grade.correct[0] == 1);
    grade = reflux_mock_grade_response(&task, "Answer: 5", example);
    REFLUX_EXPECT(grade.parsed == 1 && grade.correct[0] == 0);
    grade = reflux_mock_grade_response(&task, "4", example);
    REFLUX_EXPECT(grade.parsed == 0 && grade.correct[0] == 0);
    reflux_mock_destroy(&task);
}

int main() {
    for (int host = 0; host < 2; host += 1) {
        reflux_mock_init(&mock);
        /* The second host offers as little as it may, but for cancelling. */
        if (host == 1) {
            reflux_mock_leave_out(&mock, REFLUX_MOCK_EVERYTHING & ~REFLUX_MOCK_CANCELLATION);
        }
        REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
        test_examples();
        test_answers();
        reflux_mock_stop(&mock);
    }
    return reflux_test_result("{{id}}");
}
