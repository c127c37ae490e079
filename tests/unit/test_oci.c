/* oci: what JSON is read, and the words and runtimes of profiles. */
#include "unit.h"

#include "oci/oci.h"

static const struct json *parse(struct arena *a, struct diags *d, const char *text)
{
	*d = (struct diags){ .arena = a };
	return json_read(a, d, diag_source(d, "text", text, strlen(text)));
}

static void json_keeps_kinds_and_places(void **state)
{
	TEST_ARENA(a);
	struct diags d;
	const struct json *j = parse(&a, &d, "{\"a\": [1, \"x\\u00e9\"], \"b\": null}");
	const struct json *list;

	assert_non_null(j);
	list = json_get(j, "a");
	assert_non_null(list);
	assert_int_equal(list->kind, JSON_IS_ARRAY);
	assert_int_equal(list->n, 2);
	assert_int_equal(list->first->number, 1);
	assert_true(json_is(list->last, "x\xc3\xa9"));
	assert_int_equal(list->last->at.start, 10);
	assert_int_equal(list->last->at.end, 19);
	assert_null(json_get(j, "b"));
	assert_null(json_get(j, "c"));
	arena_free(&a);
}

static void json_refuses_what_two_readers_could_read_differently(void **state)
{
	static const char *const wrong[] = {
		"",
		"{\"a\":1,\"a\":2}",
		"[1,]",
		"{\"a\":1,}",
		"[01]",
		"[0x1]",
		"[1.]",
		"\"\\ud800\"",
		"\"\\x\"",
		"\"\t\"",
		"\"\xff\"",
		"[1] 2",
		"{'a':1}",
		"// c\n1",
		"\xef\xbb\xbf"
		"1",
		"nul",
		"[1 2]",
		"{\"a\" 1}",
	};
	TEST_ARENA(a);
	struct diags d;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_null(parse(&a, &d, wrong[i]));
		assert_int_equal(d.errors, 1);
	}
	arena_free(&a);
}

static void json_numbers_are_whole_up_to_64_bits(void **state)
{
	TEST_ARENA(a);
	struct diags d;

	assert_true(parse(&a, &d, "18446744073709551615")->whole);
	assert_int_equal(parse(&a, &d, "18446744073709551615")->number, UINT64_MAX);
	assert_false(parse(&a, &d, "18446744073709551616")->whole);
	assert_false(parse(&a, &d, "-1")->whole);
	assert_false(parse(&a, &d, "1e0")->whole);
	arena_free(&a);
}

static void a_runtime_is_its_row(void **state)
{
	TEST_ARENA(a);
	struct diags d = { .arena = &a };
	const struct oci_runtime *runc = oci_runtime(&d, NULL);
	const struct oci_runtime *crun = oci_runtime(&d, "crun");
	const struct oci_arch *m68k = oci_arch("SCMP_ARCH_M68K", 14);

	assert_string_equal(runc->name, "runc");
	assert_false(oci_runtime_takes(runc, m68k));
	assert_true(oci_runtime_takes(crun, m68k));
	assert_true(oci_runtime_stubs(runc, RULES_ERRNO));
	assert_false(oci_runtime_stubs(runc, RULES_ALLOW));
	assert_false(oci_runtime_stubs(crun, RULES_ERRNO));
	assert_null(oci_runtime(&d, "runsc"));
	assert_int_equal(d.errors, 1);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_keeps_kinds_and_places),
		cmocka_unit_test(json_refuses_what_two_readers_could_read_differently),
		cmocka_unit_test(json_numbers_are_whole_up_to_64_bits),
		cmocka_unit_test(a_runtime_is_its_row),
	};

	return cmocka_run_group_tests_name("oci", tests, NULL, NULL);
}
