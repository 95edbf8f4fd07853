/* Tests of phrase-scorer on the mock host. Run in the project's folder. */
#include "reflux/reflux.h"
#include "reflux/testing.h"

#define ID "phrase-scorer"

static reflux_mock mock;

static reflux_mock_instance make(const char *configuration) {
    return reflux_mock_create(&mock, REFLUX_KIND_REWARD_MODEL, ID, configuration);
}

/* The score of one response. */
static double score(const char *configuration, const char *text, int finished) {
    reflux_mock_instance model = make(configuration);
    reflux_mock_items items = { NULL, 0 };
    reflux_mock_add_item(&mock, &items, "Why?", text)->finished = finished;
    reflux_mock_scores scores = reflux_mock_score(&model, items);
    reflux_mock_destroy(&model);
    return scores.scores[0];
}

static void test_scores(void) {
    const char *plain = "{\"phrases\": \"tests/phrases.tsv\"}";
    REFLUX_EXPECT_NEAR(score(plain, "It rains, therefore it is wet.", 1), 0.5, 0);
    REFLUX_EXPECT_NEAR(score(plain, "As an AI, therefore", 1), -1.5, 0);
    REFLUX_EXPECT_NEAR(score(plain, "Therefore", 1), 0, 0);
    REFLUX_EXPECT_NEAR(score(plain, "", 1), 0, 0);
    REFLUX_EXPECT_NEAR(score(plain, "", 0), -1, 0);
    /* Occurrences do not overlap, and three of a phrase count. */
    REFLUX_EXPECT_NEAR(score(plain, "aaa", 1), 0.25, 0);
    REFLUX_EXPECT_NEAR(score(plain, "aaaaaaaaaaaaaaaa", 1), 0.75, 0);
    /* A phrase at the very end, and one that is cut by the end. */
    REFLUX_EXPECT_NEAR(score(plain, "xaa", 1), 0.25, 0);
    REFLUX_EXPECT_NEAR(score(plain, "thereforetherefor", 1), 0.5, 0);
    const char *other =
        "{\"phrases\": \"tests/phrases.tsv\", \"ignore_case\": true, \"most_counted\": 2,"
        " \"length_weight\": 1, \"length_target\": 8, \"bias\": 1, \"unfinished\": -4}";
    REFLUX_EXPECT_NEAR(score(other, "aaaaaaaa", 1), 1.5, 0);
    REFLUX_EXPECT_NEAR(score(other, "AAAA", 0), -3, 0);
    REFLUX_EXPECT_NEAR(score(other, "caf\xc3\xa9", 1), 0.625, 0);
}

static void test_instance(void) {
    reflux_mock_instance model = make("{\"phrases\": \"tests/phrases.tsv\"}");
    reflux_mock_items items = { NULL, 0 };
    REFLUX_EXPECT(reflux_mock_score(&model, items).status == REFLUX_OK);
    REFLUX_EXPECT(reflux_mock_fit(&model, items, NULL, NULL) == REFLUX_UNSUPPORTED);
    REFLUX_EXPECT(reflux_mock_save(&model, "/nowhere") == REFLUX_UNSUPPORTED);
    for (int index = 0; index < 101; index += 1) {
        reflux_mock_add_item(&mock, &items, "Why?", "therefore");
    }
    reflux_mock_scores scores = reflux_mock_score(&model, items);
    REFLUX_EXPECT_NEAR(scores.scores[100], 0.5, 0);
    mock.patience = 3;
    REFLUX_EXPECT(reflux_mock_score(&model, items).status == REFLUX_CANCELLED);
    mock.patience = -1;
    reflux_mock_destroy(&model);
}

/* The error for a list whose second line is this one. */
static const char *error_of(const char *line) {
    FILE *file = fopen("tests/bad.tmp", "wb");
    if (!REFLUX_EXPECT(file != NULL)) { return ""; }
    fprintf(file, "1\tgood\n%s\n", line);
    fclose(file);
    REFLUX_EXPECT(make("{\"phrases\": \"tests/bad.tmp\"}").status == REFLUX_ERROR);
    remove("tests/bad.tmp");
    return reflux_mock_error(&mock);
}

static void test_bad_lists(void) {
    REFLUX_EXPECT(strstr(error_of("1 x"), "tests/bad.tmp:2: there is no tab") != NULL);
    REFLUX_EXPECT(strstr(error_of("\tx"), ":2: the weight is no number") != NULL);
    REFLUX_EXPECT(strstr(error_of("1e7\tx"), ":2: the weight is no number") != NULL);
    REFLUX_EXPECT(strstr(error_of("nan\tx"), ":2: the weight is no number") != NULL);
    REFLUX_EXPECT(strstr(error_of("1\t"), ":2: the phrase is empty") != NULL);
    char line[300] = "1\t";
    memset(line + 2, 'x', 201);
    line[203] = '\0';
    REFLUX_EXPECT(strstr(error_of(line), ":2: the phrase is longer than 200 bytes") != NULL);
    REFLUX_EXPECT(make("{\"phrases\": \"tests/absent\"}").status == REFLUX_ERROR);
    REFLUX_EXPECT(strstr(reflux_mock_error(&mock), "tests/absent:0: No such file") != NULL);
}

int main(void) {
    for (int host = 0; host < 2; host += 1) {
        reflux_mock_init(&mock);
        if (host == 1) { reflux_mock_shorten(&mock); }
        REFLUX_EXPECT(reflux_mock_start(&mock, reflux_plugin_entry_v1()) == REFLUX_OK);
        test_scores();
        test_bad_lists();
        if (host == 0) { test_instance(); }
        reflux_mock_stop(&mock);
    }
    return reflux_test_result(ID);
}
