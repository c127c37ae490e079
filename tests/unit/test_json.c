/* base: JSON, read and written. */
#include "unit.h"

#include "base/json.h"

/* --- reading ------------------------------------------------------------------ */

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

/* --- writing ------------------------------------------------------------------ */

static void strings_are_escaped(void **state)
{
	TEST_ARENA(a);
	struct buf b = { .arena = &a };
	struct json_writer w = { .out = &b };
	const char text[] = "a\"\\\n\t\x01\xc3\xa9\xff\xed\xa0\x80";

	json_put_bytes(&w, NULL, text, sizeof text - 1);
	assert_string_equal(buf_str(&b),
	                    "\"a\\\"\\\\\\n\\t\\u0001\xc3\xa9"
	                    "\\ufffd\\ufffd\\ufffd\\ufffd\"");
	arena_free(&a);
}

/* Write an object, and in it a list, one value of each kind and what is empty. */
static const char *written(struct arena *a, enum json_layout layout)
{
	struct buf b = { .arena = a };
	struct json_writer w = { .out = &b };

	json_begin_object(&w, NULL, layout);
	json_begin_array(&w, "list", layout);
	json_put_unsigned(&w, NULL, UINT64_MAX);
	json_put_signed(&w, NULL, INT64_MIN);
	json_put_bool(&w, NULL, true);
	json_end(&w);
	json_put_string(&w, "text", "x");
	json_put_string(&w, "none", NULL);
	json_begin_array(&w, "empty", layout);
	json_end(&w);
	buf_printf(json_begin_value(&w, "real"), "%.1f", 0.5);
	json_end(&w);
	return buf_str(&b);
}

static void members_are_laid_out_as_asked(void **state)
{
	TEST_ARENA(a);

	assert_string_equal(written(&a, JSON_PACKED),
	                    "{\"list\":[18446744073709551615,-9223372036854775808,true],"
	                    "\"text\":\"x\",\"none\":null,\"empty\":[],\"real\":0.5}");
	assert_string_equal(written(&a, JSON_SPACED),
	                    "{\"list\": [18446744073709551615, -9223372036854775808, true], "
	                    "\"text\": \"x\", \"none\": null, \"empty\": [], \"real\": 0.5}");
	assert_string_equal(written(&a, JSON_LINES),
	                    "{\n\"list\":[\n18446744073709551615,\n-9223372036854775808,\n"
	                    "true\n],\n\"text\":\"x\",\n\"none\":null,\n\"empty\":[],\n"
	                    "\"real\":0.5\n}");
	assert_string_equal(written(&a, JSON_INDENTED),
	                    "{\n\t\"list\": [\n\t\t18446744073709551615,\n"
	                    "\t\t-9223372036854775808,\n\t\ttrue\n\t],\n\t\"text\": \"x\",\n"
	                    "\t\"none\": null,\n\t\"empty\": [],\n\t\"real\": 0.5\n}");
	arena_free(&a);
}

static void a_filled_list_breaks_where_a_line_is_full(void **state)
{
	TEST_ARENA(a);
	struct buf b = { .arena = &a };
	struct json_writer w = { .out = &b };

	json_begin_array(&w, NULL, JSON_FILLED);
	for (int i = 0; i < 6; i++)
		json_put_string(&w, NULL, "0123456789");
	json_end(&w);
	assert_string_equal(buf_str(&b), "[\n\t\"0123456789\", \"0123456789\", \"0123456789\",\n"
	                                 "\t\"0123456789\", \"0123456789\", \"0123456789\"\n]");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_keeps_kinds_and_places),
		cmocka_unit_test(json_refuses_what_two_readers_could_read_differently),
		cmocka_unit_test(json_numbers_are_whole_up_to_64_bits),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(members_are_laid_out_as_asked),
		cmocka_unit_test(a_filled_list_breaks_where_a_line_is_full),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
