/* Tests of multiple-choice on the mock host. Run in the project's folder. */
#include "reflux/reflux.h"
#include "reflux/testing.h"

#define ID "multiple-choice"
#define FILES "\"train_file\": \"tests/train.jsonl\", \"test_file\": \"tests/test.jsonl\""

static reflux_mock mock;

static reflux_mock_instance make(const char *configuration) {
    return reflux_mock_create(&mock, REFLUX_KIND_TASK_EVALUATOR, ID, configuration);
}

static void test_examples(void) {
    reflux_mock_instance task = make("{" FILES "}");
    reflux_mock_examples examples = reflux_mock_load(&task, REFLUX_SPLIT_TEST);
    REFLUX_EXPECT(examples.status == REFLUX_OK && examples.count == 2);
    REFLUX_EXPECT(reflux_mock_says(examples.items[0]->id, "test/0"));
    REFLUX_EXPECT(reflux_mock_says(examples.items[0]->gold, "B"));
    REFLUX_EXPECT(reflux_mock_says(examples.items[0]->category, "chemistry"));
    REFLUX_EXPECT(examples.items[0]->option_count == 4);
    REFLUX_EXPECT(reflux_mock_says(examples.items[0]->options[3], "Zinc"));
    REFLUX_EXPECT(reflux_mock_says(examples.items[1]->question, "What does \"caf\xc3\xa9\" mean?"));
    REFLUX_EXPECT(reflux_mock_says(examples.items[1]->gold, "A"));
    REFLUX_EXPECT(reflux_mock_says(examples.items[1]->category, NULL));
    REFLUX_EXPECT_TEXT(
        reflux_mock_write_prompt(&task, examples.items[1]),
        "What does \"caf\xc3\xa9\" mean?\n\nA. Coffee house\nB. Tea\n\nThink step by step. End with"
        " a line that says \"Answer: \" and the letter of the right option.");
    REFLUX_EXPECT(reflux_mock_count(&mock, REFLUX_NOTE_MESSAGE) == 1);
    REFLUX_EXPECT(reflux_mock_load(&task, REFLUX_SPLIT_TRAIN).count == 2);
    REFLUX_EXPECT(reflux_mock_load(&task, REFLUX_SPLIT_VALIDATION).status == REFLUX_UNSUPPORTED);
    reflux_mock_destroy(&task);
    task = make("{" FILES ", \"prompt\": \"text\", \"instruction\": \"\"}");
    examples = reflux_mock_load(&task, REFLUX_SPLIT_TRAIN);
    REFLUX_EXPECT_TEXT(
        reflux_mock_write_prompt(&task, examples.items[1]), "What is 3 + 4?\n\nA. 6\nB. 7\n");
    REFLUX_EXPECT(reflux_mock_count(&mock, REFLUX_NOTE_TEXT) == 1);
    reflux_example *none = reflux_mock_example(&mock, "Q", "A");
    REFLUX_EXPECT(reflux_mock_write_prompt(&task, none) == NULL);
    REFLUX_EXPECT_TEXT(reflux_mock_error(&mock), "the example has 0 options; wanted 2 to 26");
    reflux_mock_destroy(&task);
}

/* The error for a file whose second line is this one. */
static const char *error_of(const char *line) {
    FILE *file = fopen("tests/bad.tmp", "wb");
    if (!REFLUX_EXPECT(file != NULL)) { return ""; }
    fprintf(file, "{\"question\": \"Q\", \"options\": [\"a\", \"b\"], \"answer\": 0}\n%s\n", line);
    fclose(file);
    reflux_mock_instance task =
        make("{\"train_file\": \"tests/bad.tmp\", \"test_file\": \"tests/absent.jsonl\"}");
    REFLUX_EXPECT(reflux_mock_load(&task, REFLUX_SPLIT_TRAIN).status == REFLUX_ERROR);
    reflux_mock_destroy(&task);
    remove("tests/bad.tmp");
    return reflux_mock_error(&mock);
}

static void test_bad_lines(void) {
    static const char *const bad[][2] = {
        { "{", "a key in quotes is missing" },
        { "[]", "it is not a JSON object" },
        { "{\"question\": \"Q\"} x", "something follows the object" },
        { "{}", "there is no \"question\"" },
        { "{\"question\": 1, \"options\": [], \"answer\": 0}", "\"question\" is empty or no text" },
        { "{\"question\": \"Q\", \"answer\": 0}", "there is no list \"options\"" },
        { "{\"question\": \"Q\", \"options\": [\"a\"], \"answer\": 0}", "fewer than two options" },
        { "{\"question\": \"Q\", \"options\": [\"a\", \"\"], \"answer\": 0}",
          "an option is empty" },
        { "{\"question\": \"Q\", \"options\": [\"a\", 2], \"answer\": 0}", "an option is empty" },
        { "{\"question\": \"Q\", \"options\": [\"a\", \"b\"]}", "there is no \"answer\"" },
        { "{\"question\": \"Q\", \"options\": [\"a\", \"b\"], \"answer\": 2}",
          "\"answer\" is neither" },
        { "{\"question\": \"Q\", \"options\": [\"a\", \"b\"], \"answer\": -1}",
          "\"answer\" is neither" },
        { "{\"question\": \"Q\", \"options\": [\"a\", \"b\"], \"answer\": \"C\"}",
          "\"answer\" is neither" },
        { "{\"question\": \"Q\", \"options\": [\"a\", \"b\"], \"answer\": \"AB\"}",
          "\"answer\" is neither" },
        { "{\"question\": \"Q\", \"options\": [\"a\", \"b\"], \"answer\": 0, \"category\": 1}",
          "\"category\" is no text" },
    };
    for (size_t index = 0; index < sizeof(bad) / sizeof(bad[0]); index += 1) {
        const char *error = error_of(bad[index][0]);
        REFLUX_EXPECT(strstr(error, "tests/bad.tmp:2: ") != NULL);
        if (!REFLUX_EXPECT(strstr(error, bad[index][1]) != NULL)) {
            fprintf(stderr, "  %s\n", error);
        }
    }
    char many[512] = "{\"question\": \"Q\", \"options\": [\"0\"";
    for (int index = 0; index < 26; index += 1) { strcat(many, ",\"x\""); }
    strcat(many, "], \"answer\": 0}");
    REFLUX_EXPECT(strstr(error_of(many), "there are more than 26 options") != NULL);
    reflux_mock_instance task =
        make("{\"train_file\": \"/dev/null\", \"test_file\": \"tests/absent.jsonl\"}");
    REFLUX_EXPECT(reflux_mock_load(&task, REFLUX_SPLIT_TEST).status == REFLUX_ERROR);
    REFLUX_EXPECT(strstr(reflux_mock_error(&mock), "tests/absent.jsonl:0: No such file") != NULL);
    REFLUX_EXPECT(reflux_mock_load(&task, REFLUX_SPLIT_TRAIN).status == REFLUX_ERROR);
    REFLUX_EXPECT_TEXT(reflux_mock_error(&mock), "/dev/null has no question");
    reflux_mock_destroy(&task);
    task = make("{" FILES "}");
    mock.patience = 1;
    REFLUX_EXPECT(reflux_mock_load(&task, REFLUX_SPLIT_TEST).status == REFLUX_CANCELLED);
    mock.patience = -1;
    reflux_mock_destroy(&task);
}

static void test_answers(void) {
    static const char *const cases[][2] = {
        { "Answer: B", "B" }, { "answer is C.", "C" }, { "The answer is (d)", "D" },
        { "**Answer:** A", "A" }, { "**Answer: A**", "A" }, { "Answer:\nB", "B" },
        { "the correct answer is option D", "D" }, { "Answer: A. Or rather, answer: B", "B" },
        { "so \\boxed{c}", "C" }, { "\\boxed{C} but (A)", "C" }, { "Both (A) and (b) fit", "B" },
        { "B", "B" }, { " B. Jupiter\n", "B" }, { "C) Tin", "C" }, { "Answer: Bob", NULL },
        { "The answer is a liquid", NULL }, { "Answer: K", NULL }, { "(z)", NULL }, { "", NULL },
        { "A man", NULL }, { "Answer: \xc3\xa9", NULL }, { "answer", NULL }, { "Answer: 2", NULL },
        { "The answer is I'm not sure", NULL }, { "\\boxed{", NULL }, { "(", NULL },
        { "  \n", NULL },
    };
    reflux_mock_instance task = make("{" FILES "}");
    for (size_t index = 0; index < sizeof(cases) / sizeof(cases[0]); index += 1) {
        REFLUX_EXPECT_TEXT(reflux_mock_read_answer(&task, cases[index][0]), cases[index][1]);
    }
    /* Any bytes, and in linear time: a megabyte of the costliest word. */
    REFLUX_EXPECT_TEXT(reflux_mock_read_bytes(&task, "\xff\0(b)", 5), "B");
    size_t length = 1 << 20;
    char *text = malloc(length);
    if (text == NULL) { return; }
    for (size_t index = 0; index < length; index += 1) { text[index] = "answer is "[index % 10]; }
    REFLUX_EXPECT_TEXT(reflux_mock_read_bytes(&task, text, length), NULL);
    memset(text, '(', length);
    REFLUX_EXPECT_TEXT(reflux_mock_read_bytes(&task, text, length), NULL);
    free(text);
    reflux_mock_destroy(&task);
    task = make("{" FILES ", \"letters\": 26}");
    REFLUX_EXPECT_TEXT(reflux_mock_read_answer(&task, "Answer: Z"), "Z");
    reflux_mock_destroy(&task);
}

static void test_grades(void) {
    reflux_mock_instance task = make("{" FILES "}");
    reflux_example *example = reflux_mock_example(&mock, "Q", "B");
    reflux_mock_grade grade = reflux_mock_grade_response(&task, "x\nAnswer: B\n", example);
    REFLUX_EXPECT(grade.parsed && grade.correct[0] && grade.correct[1]);
    grade = reflux_mock_grade_response(&task, "The answer is B.", example);
    REFLUX_EXPECT(grade.parsed && grade.correct[0] && !grade.correct[1]);
    grade = reflux_mock_grade_response(&task, "Answer: C", example);
    REFLUX_EXPECT(grade.parsed && !grade.correct[0] && !grade.correct[1]);
    grade = reflux_mock_grade_response(&task, "Who knows?", example);
    REFLUX_EXPECT(!grade.parsed && !grade.correct[0] && !grade.correct[1]);
    example->gold = reflux_text(NULL);
    grade = reflux_mock_grade_response(&task, "Answer: C", example);
    REFLUX_EXPECT(grade.parsed && !grade.correct[0]);
    reflux_mock_destroy(&task);
}

int main(void) {
    reflux_mock_init(&mock);
    REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
    test_examples();
    test_bad_lines();
    test_answers();
    test_grades();
    reflux_mock_stop(&mock);
    reflux_mock_init(&mock);
    reflux_mock_shorten(&mock);
    REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
    test_examples();
    reflux_mock_stop(&mock);
    return reflux_test_result(ID);
}
