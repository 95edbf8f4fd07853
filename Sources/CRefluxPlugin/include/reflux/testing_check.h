/* Expectations: each prints file and line when it does not hold, and is counted. A test program
 * ends with return reflux_test_result("what was tested"). Part of testing.h. */
#ifndef REFLUX_TESTING_CHECK_H
#define REFLUX_TESTING_CHECK_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many expectations there were, and how many did not hold. */
typedef struct reflux_test_counts {
    uint64_t checks;
    uint64_t failures;
} reflux_test_counts;

/* The counts of this source file. */
static inline reflux_test_counts *reflux_test(void) {
    static reflux_test_counts counts;
    return &counts;
}

/* Counts an expectation; returns whether it holds. */
static inline int reflux_expect(int holds, const char *file, int line, const char *text) {
    reflux_test()->checks += 1;
    if (holds) { return 1; }
    reflux_test()->failures += 1;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, text);
    return 0;
}

/* The same for two texts, of which NULL is none. */
static inline int reflux_expect_text(
    const char *found, const char *wanted, const char *file, int line) {
    int same = found == NULL || wanted == NULL ? found == wanted : strcmp(found, wanted) == 0;
    reflux_test()->checks += 1;
    if (same) { return 1; }
    reflux_test()->failures += 1;
    fprintf(
        stderr, "%s:%d: found \"%s\", wanted \"%s\"\n", file, line,
        found == NULL ? "(none)" : found, wanted == NULL ? "(none)" : wanted);
    return 0;
}

/* The same for two numbers; NaN is near nothing. */
static inline int reflux_expect_near(
    double found, double wanted, double tolerance, const char *file, int line) {
    reflux_test()->checks += 1;
    if (fabs(found - wanted) <= tolerance) { return 1; }
    reflux_test()->failures += 1;
    fprintf(
        stderr, "%s:%d: found %.9g, wanted %.9g within %.3g\n", file, line, found, wanted,
        tolerance);
    return 0;
}

/* A condition. */
#define REFLUX_EXPECT(condition) reflux_expect((condition) ? 1 : 0, __FILE__, __LINE__, #condition)
/* Two texts that end with NULs; NULL is no text. */
#define REFLUX_EXPECT_TEXT(found, wanted) reflux_expect_text(found, wanted, __FILE__, __LINE__)
/* Two numbers and how far apart they may be. */
#define REFLUX_EXPECT_NEAR(found, wanted, tolerance) \
    reflux_expect_near((double)(found), (double)(wanted), tolerance, __FILE__, __LINE__)

/* Prints the counts. Returns what main should: 0, or 1 after a failure or when nothing was checked.
 * */
static inline int reflux_test_result(const char *what) {
    reflux_test_counts counts = *reflux_test();
    printf(
        "%s: %llu checks, %llu failures\n", what, (unsigned long long)counts.checks,
        (unsigned long long)counts.failures);
    return counts.failures == 0 && counts.checks > 0 ? 0 : 1;
}

#ifdef __cplusplus
}
#endif

#endif
