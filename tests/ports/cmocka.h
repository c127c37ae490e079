/*
 * What tests/unit uses of cmocka, for machines that it is not packaged for: a header
 * that any compiler takes. tests/ports.sh says so to configure; native builds have
 * the real one, which also catches signals and checks what is allocated.
 */
#ifndef CMOCKA_H
#define CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*run)(void **state);
};

enum {
	CMOCKA_PASSED,
	CMOCKA_FAILED,
	CMOCKA_SKIPPED
};

/* Where a test goes that ends early; each program has one file that includes this. */
static jmp_buf cmocka_end;

__attribute__((noreturn, format(printf, 3, 4))) static inline void cmocka_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%s:%d: ", file, line);
	vprintf(format, args);
	printf("\n");
	va_end(args);
	longjmp(cmocka_end, CMOCKA_FAILED);
}

static inline void cmocka_equal(const char *file, int line, const char *text,
                                uintmax_t a, uintmax_t b, int want)
{
	if ((a == b) != want)
		cmocka_fail(file, line, "%s: %jd (%#jx), %jd (%#jx)", text, (intmax_t)a, a,
		            (intmax_t)b, b);
}

static inline int cmocka_within(uintmax_t a, uintmax_t low, uintmax_t high)
{
	return a >= low && a <= high;
}

static inline void cmocka_strings(const char *file, int line, const char *a, const char *b,
                                  int want)
{
	if ((strcmp(a, b) == 0) != want)
		cmocka_fail(file, line, "\"%s\" %s \"%s\"", a, want ? "!=" : "==", b);
}

#define cmocka_unit_test(f) \
	{                   \
#f, f       \
	}

#define fail_msg(...)      cmocka_fail(__FILE__, __LINE__, __VA_ARGS__)
#define fail()             fail_msg("fail()")
#define print_message(...) printf(__VA_ARGS__)
#define skip()             longjmp(cmocka_end, CMOCKA_SKIPPED)
#define assert_true(a)     ((a) ? (void)0 : fail_msg("not true: %s", #a))
#define assert_false(a)    ((a) ? fail_msg("true: %s", #a) : (void)0)
#define assert_null(a)     ((a) ? fail_msg("not NULL: %s", #a) : (void)0)
#define assert_non_null(a) ((a) ? (void)0 : fail_msg("NULL: %s", #a))
#define assert_int_equal(a, b) \
	cmocka_equal(__FILE__, __LINE__, #a " == " #b, (uintmax_t)(a), (uintmax_t)(b), 1)
#define assert_int_not_equal(a, b) \
	cmocka_equal(__FILE__, __LINE__, #a " != " #b, (uintmax_t)(a), (uintmax_t)(b), 0)
#define assert_ptr_equal(a, b)     assert_true((const void *)(a) == (const void *)(b))
#define assert_ptr_not_equal(a, b) assert_true((const void *)(a) != (const void *)(b))
#define assert_in_range(a, low, high) \
	assert_true(cmocka_within((uintmax_t)(a), (uintmax_t)(low), (uintmax_t)(high)))
#define assert_not_in_range(a, low, high) \
	assert_false(cmocka_within((uintmax_t)(a), (uintmax_t)(low), (uintmax_t)(high)))
#define assert_string_equal(a, b)        cmocka_strings(__FILE__, __LINE__, a, b, 1)
#define assert_string_not_equal(a, b)    cmocka_strings(__FILE__, __LINE__, a, b, 0)
#define assert_memory_equal(a, b, n)     assert_true(!memcmp(a, b, n))
#define assert_memory_not_equal(a, b, n) assert_true(memcmp(a, b, n))

/* Runs one, and says how it ended. */
static inline int cmocka_run(const struct CMUnitTest *test, void **state)
{
	static const char *const ends[] = { "OK", "FAILED", "SKIPPED" };
	int end = setjmp(cmocka_end);

	if (!end)
		test->run(state);
	printf("[ %s ] %s\n", ends[end], test->name);
	fflush(stdout);
	return end;
}

/* The number that failed, for main() to return. */
static inline int cmocka_run_tests(const struct CMUnitTest *tests, size_t n,
                                   int (*begin)(void **), int (*end)(void **))
{
	void *state = NULL;
	int failed = 0;

	if (begin && begin(&state))
		return 1;
	for (size_t i = 0; i < n; i++)
		failed += cmocka_run(&tests[i], &state) == CMOCKA_FAILED;
	if (end && end(&state))
		failed++;
	printf("%zu tests, %d failed\n", n, failed);
	return failed;
}

#define cmocka_run_group_tests(tests, begin, end) \
	cmocka_run_tests(tests, sizeof(tests) / sizeof(*(tests)), begin, end)
#define cmocka_run_group_tests_name(name, tests, begin, end) \
	cmocka_run_group_tests(tests, begin, end)

#endif
