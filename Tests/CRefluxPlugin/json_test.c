/* Tests of reflux/json.h, reflux/settings.h, reflux/helpers.h and reflux/lines.h, in C and C++. */
#include "reflux/lines.h"
#include "reflux/settings.h"
#include "reflux/testing.h"

static const char *check(const char *text) { return reflux_json_check(reflux_text(text)); }

static void test_accepts(void) {
    static const char *const good[] = {
        "{}", " { } ", "{\"a\":1}", "{\"a\":-0.5e+10,\"b\":[1,[2,{}],\"x\"],\"c\":null}\n",
        "{\"a\":true,\"b\":false}", "{\"\":\"\"}", "{\"k\":\"\\u00e9\\ud83d\\ude00\\n\\\"\"}",
        "{\"k\":\"\xc3\xa9\xf0\x9f\x98\x80\"}", "{\"a\":{\"a\":1},\"b\":0}",
    };
    size_t index;
    for (index = 0; index < sizeof(good) / sizeof(good[0]); index += 1) {
        REFLUX_EXPECT_TEXT(check(good[index]), NULL);
    }
}

static void test_refuses(void) {
    static const char *const bad[] = {
        "", " ", "[]", "1", "\"x\"", "{", "}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
        "{\"a\":1}{", "{\"a\":1} x", "{\"a\":01}", "{\"a\":+1}", "{\"a\":1.}", "{\"a\":.5}",
        "{\"a\":1e}", "{\"a\":-}", "{\"a\":NaN}", "{\"a\":tru}", "{\"a\":\"x}", "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\x01\"}",
        "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xf4\x90\x80\x80\"}", "{\"a\":\"\xc3\"}", "{\"a\":1,\"a\":2}", "{\"a\":[1,]}",
        "{\"a\":[1}", "{\"a\":[}", "{\"a\":1]", "{,}", "{\"a\":[,]}", "{\"a\":1 \"b\":2}", "nul",
    };
    size_t index;
    for (index = 0; index < sizeof(bad) / sizeof(bad[0]); index += 1) {
        if (!REFLUX_EXPECT(check(bad[index]) != NULL)) { fprintf(stderr, "  %s\n", bad[index]); }
    }
    REFLUX_EXPECT(reflux_json_check(reflux_text(NULL)) != NULL);
    /* A text that is cut anywhere is refused, and nothing is read behind its end. */
    {
        const char *whole = "{\"a\":[1.5e-3,\"\\ud83d\\ude00\xc3\xa9\",{\"b\":null}],\"c\":true}";
        for (index = 0; index < strlen(whole); index += 1) {
            char *cut = (char *)malloc(index == 0 ? 1 : index);
            if (index > 0) { memcpy(cut, whole, index); }
            REFLUX_EXPECT(reflux_json_check(reflux_slice(cut, index)) != NULL);
            free(cut);
        }
        REFLUX_EXPECT_TEXT(check(whole), NULL);
    }
    /* Depth and length have limits. */
    {
        char deep[200];
        size_t depth;
        for (depth = 31; depth <= 32; depth += 1) {
            size_t at = 0, level;
            at += (size_t)snprintf(deep, sizeof(deep), "{\"a\":");
            for (level = 0; level < depth; level += 1) { deep[at++] = '['; }
            for (level = 0; level < depth; level += 1) { deep[at++] = ']'; }
            deep[at++] = '}';
            REFLUX_EXPECT((reflux_json_check(reflux_slice(deep, at)) == NULL) == (depth == 31));
        }
    }
}

static void test_values(void) {
    reflux_string object = reflux_text(
        "{\"n\": -2.5e2, \"i\": 9223372036854775807, \"m\": -9223372036854775808,"
        " \"big\": 9223372036854775808, \"t\": \"a\\u00e9\\ud83d\\ude00\\t\", \"\\u0062\": true,"
        " \"list\": [1, \"two\", [3]], \"huge\": 1e999, \"inner\": {\"n\": 7}}");
    reflux_json value, element;
    reflux_json_cursor cursor;
    char buffer[64];
    double number = 0;
    int64_t whole = 0;
    REFLUX_EXPECT_TEXT(reflux_json_check(object), NULL);
    REFLUX_EXPECT(reflux_json_find(object, "n", &value) && reflux_json_number(value, &number));
    REFLUX_EXPECT_NEAR(number, -250, 0);
    REFLUX_EXPECT(!reflux_json_integer(value, &whole));
    REFLUX_EXPECT(reflux_json_find(object, "i", &value) && reflux_json_integer(value, &whole));
    REFLUX_EXPECT(whole == INT64_MAX);
    REFLUX_EXPECT(reflux_json_find(object, "m", &value) && reflux_json_integer(value, &whole));
    REFLUX_EXPECT(whole == INT64_MIN);
    REFLUX_EXPECT(reflux_json_find(object, "big", &value) && !reflux_json_integer(value, &whole));
    REFLUX_EXPECT(reflux_json_find(object, "huge", &value) && !reflux_json_number(value, &number));
    REFLUX_EXPECT(reflux_json_find(object, "b", &value) && value.type == REFLUX_JSON_BOOLEAN);
    REFLUX_EXPECT(!reflux_json_find(object, "absent", &value));
    REFLUX_EXPECT(reflux_json_find(object, "t", &value));
    REFLUX_EXPECT(reflux_json_text(value, buffer, sizeof(buffer)) == 8);
    REFLUX_EXPECT_TEXT(buffer, "a\xc3\xa9\xf0\x9f\x98\x80\t");
    REFLUX_EXPECT(reflux_json_equals(value, buffer) && !reflux_json_equals(value, "a"));
    REFLUX_EXPECT(reflux_json_text(value, buffer, 3) == 8);
    REFLUX_EXPECT(reflux_json_text(value, NULL, 0) == 8);
    REFLUX_EXPECT(reflux_json_find(object, "list", &value) && reflux_json_count(value) == 3);
    cursor = reflux_json_start(value.text);
    REFLUX_EXPECT(reflux_json_next(&cursor, NULL, &element));
    REFLUX_EXPECT(reflux_json_integer(element, &whole) && whole == 1);
    REFLUX_EXPECT(reflux_json_next(&cursor, NULL, &element) && reflux_json_equals(element, "two"));
    REFLUX_EXPECT(reflux_json_next(&cursor, NULL, &element) && element.type == REFLUX_JSON_ARRAY);
    REFLUX_EXPECT(!reflux_json_next(&cursor, NULL, &element));
}

static void test_decimals(void) {
    double number = 0;
    static const char *const bad[] = {
        "", "-", ".", "1.2.3", "1e", "0x10", "inf", "nan", " 1", "1 ", "1,000", "--1", "1-2", "e5",
        "1e999", "1e5.5",
    };
    size_t index;
    for (index = 0; index < sizeof(bad) / sizeof(bad[0]); index += 1) {
        if (!REFLUX_EXPECT(!reflux_parse_decimal(reflux_text(bad[index]), &number))) {
            fprintf(stderr, "  %s\n", bad[index]);
        }
    }
    REFLUX_EXPECT(reflux_parse_decimal(reflux_text("+.5"), &number) && number == 0.5);
    REFLUX_EXPECT(reflux_parse_decimal(reflux_text("-12.50e1"), &number) && number == -125);
    REFLUX_EXPECT(reflux_parse_decimal(reflux_text("0.1"), &number) && number == 0.1);
}

static void test_texts(void) {
    reflux_mock mock;
    reflux_call *call;
    char long_text[3000];
    size_t index;
    reflux_mock_init(&mock);
    /* Two-byte characters behind one byte: the cut must fall between two of them. */
    long_text[0] = 'a';
    for (index = 1; index + 2 < sizeof(long_text); index += 2) {
        long_text[index] = (char)0xC3;
        long_text[index + 1] = (char)0xA9;
    }
    long_text[index] = '\0';
    call = reflux_mock_begin(&mock, "test");
    REFLUX_EXPECT(reflux_fail(&mock.host, call, "%s", long_text) == REFLUX_ERROR);
    REFLUX_EXPECT(strlen(reflux_mock_error(&mock)) > 2000);
    REFLUX_EXPECT(reflux_fail(&mock.host, call, "%d of %s", 3, "x") == REFLUX_ERROR);
    REFLUX_EXPECT_TEXT(reflux_mock_error(&mock), "3 of x");
    reflux_mock_end(&mock, REFLUX_ERROR);
    REFLUX_EXPECT(mock.faults == 0);
    REFLUX_EXPECT(reflux_compare(reflux_text("a"), reflux_text("b")) < 0);
    REFLUX_EXPECT(reflux_compare(reflux_text("ab"), reflux_text("a")) > 0);
    REFLUX_EXPECT(reflux_compare(reflux_text(NULL), reflux_text("")) < 0);
    REFLUX_EXPECT(!reflux_equal(reflux_text(NULL), reflux_text("")));
    reflux_mock_stop(&mock);
}

static void test_settings(void) {
    static const char *const choices[] = { "linear", "exponential", NULL };
    reflux_mock mock;
    reflux_creation creation;
    reflux_settings settings;
    reflux_json array;
    reflux_call *call;
    char *text;
    memset(&creation, 0, sizeof(creation));
    reflux_mock_init(&mock);
    call = reflux_mock_begin(&mock, "create");
    creation.configuration = reflux_text(
        "{\"share\":0.5,\"count\":3,\"round\":2.0,\"on\":true,\"off\":false,\"path\":\"/a b\","
        "\"shape\":\"exponential\",\"list\":[]}");
    settings = reflux_settings_begin(&mock.host, call, &creation);
    REFLUX_EXPECT_NEAR(reflux_setting_number(&settings, "share"), 0.5, 0);
    REFLUX_EXPECT(reflux_setting_integer(&settings, "count") == 3);
    REFLUX_EXPECT(reflux_setting_integer(&settings, "round") == 2);
    REFLUX_EXPECT(reflux_setting_boolean(&settings, "on") == 1);
    REFLUX_EXPECT(reflux_setting_boolean(&settings, "off") == 0);
    REFLUX_EXPECT(reflux_setting_choice(&settings, "shape", choices) == 1);
    REFLUX_EXPECT(reflux_setting_array(&settings, "list", &array));
    text = reflux_setting_text(&settings, "path");
    REFLUX_EXPECT_TEXT(text, "/a b");
    free(text);
    REFLUX_EXPECT(settings.status == REFLUX_OK);
    REFLUX_EXPECT(reflux_setting_integer(&settings, "share") == 0);
    REFLUX_EXPECT(settings.status == REFLUX_ERROR);
    REFLUX_EXPECT_TEXT(
        reflux_mock_error(&mock), "the setting \"share\" is not a whole number of 64 bits");
    /* The first error stays, and nothing is read after it. */
    REFLUX_EXPECT(reflux_setting_text(&settings, "path") == NULL);
    REFLUX_EXPECT(strstr(reflux_mock_error(&mock), "share") != NULL);
    settings = reflux_settings_begin(&mock.host, call, &creation);
    REFLUX_EXPECT(reflux_setting_number(&settings, "path") == 0);
    REFLUX_EXPECT_TEXT(
        reflux_mock_error(&mock), "the configuration has no number called \"path\"");
    creation.configuration = reflux_text("{");
    settings = reflux_settings_begin(&mock.host, call, &creation);
    REFLUX_EXPECT(settings.status == REFLUX_ERROR);
    reflux_mock_end(&mock, REFLUX_ERROR);
    reflux_mock_stop(&mock);
}

static void test_lines(void) {
    const char *path = "lines_test.txt";
    reflux_lines lines;
    FILE *file = fopen(path, "wb");
    size_t index;
    REFLUX_EXPECT(file != NULL);
    if (file == NULL) { return; }
    fputs("one\r\n\ntwo", file);
    fclose(file);
    lines = reflux_lines_open(path);
    REFLUX_EXPECT(reflux_lines_next(&lines) && reflux_equal(lines.text, reflux_text("one")));
    REFLUX_EXPECT(reflux_lines_next(&lines) && lines.text.length == 0 && lines.number == 2);
    REFLUX_EXPECT(reflux_lines_next(&lines) && reflux_equal(lines.text, reflux_text("two")));
    REFLUX_EXPECT(!reflux_lines_next(&lines) && lines.number == 3);
    REFLUX_EXPECT_TEXT(reflux_lines_close(&lines), NULL);
    file = fopen(path, "wb");
    if (file == NULL) { return; }
    fwrite("a\n\0b\n", 1, 5, file);
    fclose(file);
    lines = reflux_lines_open(path);
    while (reflux_lines_next(&lines)) {}
    REFLUX_EXPECT(lines.number == 2);
    REFLUX_EXPECT_TEXT(reflux_lines_close(&lines), "the line holds a NUL");
    file = fopen(path, "wb");
    if (file == NULL) { return; }
    for (index = 0; index <= REFLUX_LINES_LONGEST; index += 1) { putc('x', file); }
    fclose(file);
    lines = reflux_lines_open(path);
    while (reflux_lines_next(&lines)) {}
    REFLUX_EXPECT_TEXT(reflux_lines_close(&lines), "the line is longer than 1 MiB");
    remove(path);
    lines = reflux_lines_open(path);
    REFLUX_EXPECT(!reflux_lines_next(&lines) && lines.number == 0);
    REFLUX_EXPECT(reflux_lines_close(&lines) != NULL);
    lines = reflux_lines_open("/");
    REFLUX_EXPECT(!reflux_lines_next(&lines));
    REFLUX_EXPECT(reflux_lines_close(&lines) != NULL);
}

int main(void) {
    test_accepts();
    test_refuses();
    test_values();
    test_decimals();
    test_texts();
    test_settings();
    test_lines();
    return reflux_test_result("json, settings, helpers, lines");
}
