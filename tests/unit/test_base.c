/* base: arena, array, string buffer, diagnostics, suggestions. */
#include "unit.h"

static void arena_grows_the_newest_block_in_place(void **state)
{
	TEST_ARENA(a);
	char *p = arena_alloc(&a, 10), *q;

	memcpy(p, "123456789", 10);
	q = arena_grow(&a, p, 10, 100);
	WITH_USUAL_LIMITS(assert_ptr_equal(p, q));
	assert_string_equal(q, "123456789");
	assert_int_equal(q[99], 0);
	arena_free(&a);
}

static void arena_moves_an_older_block_and_zeroes_what_is_new(void **state)
{
	TEST_ARENA(a);
	char *p = arena_alloc(&a, 10), *q;

	memcpy(p, "123456789", 10);
	arena_alloc(&a, 1);
	q = arena_grow(&a, p, 10, 5000);
	assert_ptr_not_equal(p, q);
	assert_string_equal(q, "123456789");
	for (int i = 10; i < 5000; i++)
		assert_int_equal(q[i], 0);
	arena_free(&a);
}

static void a_reset_arena_uses_its_memory_again(void **state)
{
	TEST_ARENA(a);
	char *p;

	for (int i = 0; i < 1000; i++)
		p = arena_alloc(&a, 100);
	arena_reset(&a);
	assert_int_equal(a.used, 0);
	p = arena_alloc(&a, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	arena_reset(&a);
	assert_ptr_equal(arena_alloc(&a, 10), p);
	arena_free(&a);
	arena_reset(&a);
}

static void an_arena_goes_back_to_a_mark(void **state)
{
	TEST_ARENA(a);
	struct arena_mark empty = arena_mark(&a), mark;
	char *kept, *p;

	kept = arena_alloc(&a, 16);
	memcpy(kept, "kept", 5);
	mark = arena_mark(&a);
	p = arena_alloc(&a, 16);
	memset(p, 1, 16);
	for (int i = 0; i < 1000; i++)
		arena_alloc(&a, 1000);
	arena_back(&a, mark);
	assert_int_equal(a.used, mark.used);
	assert_ptr_equal(arena_alloc(&a, 16), p);
	assert_int_equal(p[0], 0);
	assert_string_equal(kept, "kept");
	arena_back(&a, empty);
	assert_int_equal(a.used, 0);
	assert_non_null(arena_alloc(&a, 10));
	arena_free(&a);
}

static void a_product_that_overflows_is_out_of_memory(void **state)
{
	jmp_buf oom;
	struct arena a = { .oom = &oom };

	if (setjmp(oom)) {
		arena_free(&a);
		return;
	}
	arena_alloc_n(&a, SIZE_MAX / 2, 3);
	fail_msg("arena_alloc_n returned");
}

static void array_keeps_what_was_pushed(void **state)
{
	TEST_ARENA(a);
	ARRAY(int) v = { 0 };
	int i = 0;

	for (int k = 0; k < 1000; k++)
		array_push(&a, &v, k * 3);
	assert_int_equal(v.n, 1000);
	array_each(it, &v)
		assert_int_equal(*it, 3 * i++);
	arena_free(&a);
}

static void buf_terminates_without_counting(void **state)
{
	TEST_ARENA(a);
	struct buf b = { .arena = &a };

	assert_string_equal(buf_str(&b), "");
	for (int i = 0; i < 100; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(strlen(buf_str(&b)), b.len);
	assert_memory_equal(b.s + b.len - 3, "99,", 3);
	arena_free(&a);
}

static void a_diagnostic_shows_place_line_and_caret(void **state)
{
	TEST_ARENA(a);
	struct diags d = { .arena = &a };
	static const char text[] = "default kill\n\tallow raed\n";
	struct diag one = {
		.severity = DIAG_ERROR,
		.placed = true,
		.text = "no such call",
	};
	struct buf out = { .arena = &a };

	one.at.source = diag_source(&d, "web.policy", text, sizeof text - 1);
	one.at.start = 20;
	one.at.end = 24;
	diag_render(&out, &d, &one);
	assert_string_equal(buf_str(&out),
	                    "web.policy:2:8: error: no such call\n"
	                    "  \tallow raed\n"
	                    "  \t      ^~~~\n");
	arena_free(&a);
}

static void a_long_line_is_shown_in_part(void **state)
{
	TEST_ARENA(a);
	struct diags d = { .arena = &a };
	static char text[1000];
	struct diag one = { .severity = DIAG_WARNING, .placed = true, .text = "here" };
	struct buf out = { .arena = &a };

	memset(text, 'x', sizeof text);
	text[500] = '!';
	one.at.source = diag_source(&d, "expression", text, sizeof text);
	one.at.start = 500;
	one.at.end = 501;
	diag_render(&out, &d, &one);
	assert_true(out.len < 600);
	assert_non_null(strstr(buf_str(&out), "xx!xx"));
	arena_free(&a);
}

static void diagnostics_are_counted_and_handed_on(void **state)
{
	TEST_ARENA(a);
	struct diags d = { .arena = &a };
	struct span at = { diag_source(&d, "x", "abc", 3), 0, 1 };

	diag_error(&d, at, "a %d", 1);
	diag_warning(&d, DIAG_W_SIBLING, at, "b");
	diag_note(&d, at, "c");
	diag_plain(&d, DIAG_ERROR, "d");
	assert_int_equal(d.errors, 2);
	assert_int_equal(d.warnings, 1);
	arena_free(&a);
}

static const char *nearest(const char *word)
{
	static const char *const known[] = { "family", "type", "protocol" };
	struct suggest s;

	suggest_start(&s, word, strlen(word));
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		suggest_offer(&s, known[i]);
	return suggest_best(&s);
}

static void a_near_name_is_suggested_and_a_far_one_is_not(void **state)
{
	assert_string_equal(nearest("fmaily"), "family");
	assert_string_equal(nearest("tpye"), "type");
	assert_string_equal(nearest("protcol"), "protocol");
	assert_null(nearest("x"));
	assert_null(nearest("something"));
	assert_string_equal(nearest("FAMILY"), "family");
	assert_string_equal(nearest("fxmxly"), "family");
	assert_null(nearest("fxyzly"));
	assert_string_equal(nearest("protocoooool"), "protocol");
	assert_null(nearest("protocooooool"));
	assert_string_equal(nearest("rpotcool"), "protocol");
}

static void a_near_name_ends_a_message(void **state)
{
	TEST_ARENA(a);
	struct suggest s;

	suggest_start(&s, "tpye", 4);
	assert_string_equal(suggest_text(&a, &s), "");
	suggest_offer(&s, "type");
	assert_string_equal(suggest_text(&a, &s), "; did you mean 'type'?");
	arena_free(&a);
}

/* --- tokens ---------------------------------------------------------------- */

static void letters_are_the_same_in_either_case(void **state)
{
	assert_true(same_letters("x86_64", "X86_64", 6));
	assert_true(same_letters("YES", "yes", 3));
	assert_false(same_letters("yes", "ye", 2));
	assert_false(same_letters("ye", "yes", 3));
	assert_false(same_letters("1", "\x11", 1));
	assert_false(same_letters("@", "`", 1));
}

static bool reads(const char *text, const char *prefixes, uint64_t *n)
{
	size_t len = strlen(text), skip;
	unsigned base = number_base(text, len, prefixes, &skip);

	return read_digits(text + skip, len - skip, base, n);
}

static void numbers_are_read_in_the_base_that_they_begin_with(void **state)
{
	uint64_t n;

	assert_true(reads("0", "xX", &n) && n == 0);
	assert_true(reads("017", "xX", &n) && n == 15);
	assert_true(reads("0xfF", "xX", &n) && n == 255);
	assert_true(reads("0b101", "xb", &n) && n == 5);
	assert_true(reads("18446744073709551615", "", &n) && n == UINT64_MAX);
	assert_false(reads("18446744073709551616", "", &n));
	assert_false(reads("0XF", "xb", &n));
	assert_false(reads("08", "xX", &n));
	assert_false(reads("0x", "xX", &n));
	assert_false(reads("", "xX", &n));
}

/* "a b" on one line, "c" on the next. */
static const struct scan_token tokens[] = {
	{ .kind = SCAN_NAME, .newline = true, .start = 0, .end = 1 },
	{ .kind = SCAN_NAME, .start = 2, .end = 3 },
	{ .kind = SCAN_NAME, .newline = true, .start = 4, .end = 5 },
	{ .kind = SCAN_END, .start = 5, .end = 5 },
};

static struct scan_reader begin(struct diags *d, bool lines)
{
	diag_source(d, "text", "a b\nc", 5);
	return (struct scan_reader){
		.diags = d, .start = tokens, .token = tokens, .lines = lines
	};
}

static void a_line_ends_before_the_first_token_of_the_next(void **state)
{
	struct arena a = { 0 };
	struct diags d = { .arena = &a };
	struct scan_reader s = begin(&d, true);

	assert_true(scan_take_word(&s, "a"));
	assert_false(scan_take_word(&s, "a"));
	assert_true(scan_take(&s, SCAN_NAME));
	assert_true(scan_at_end(&s));
	assert_false(scan_next_is(&s, SCAN_NAME));
	assert_int_equal(scan_here(&s).start, 3);
	s.start = s.token;
	assert_true(scan_next_word(&s, "c"));
	arena_free(&a);
}

static void nothing_comes_after_an_error_and_one_is_reported(void **state)
{
	struct arena a = { 0 };
	struct diags d = { .arena = &a };
	struct scan_reader s = begin(&d, false);

	s.token += 2;
	assert_false(scan_want(&s, SCAN_NUMBER, "a number"));
	assert_false(scan_next_is(&s, SCAN_NAME));
	assert_true(scan_at_end(&s));
	scan_expected(&s, "a name");
	assert_int_equal(d.errors, 1);
	s.failed = false;
	assert_true(scan_take(&s, SCAN_NAME));
	assert_true(scan_at_end(&s));
	arena_free(&a);
}

/* The examples of FIPS 180-2: one block, and one where the length needs a second. */
static void sha256_is_that_of_the_standard(void **state)
{
	static const struct {
		const char *text;
		uint8_t first[4], last[4];
	} known[] = {
		{ "", { 0xe3, 0xb0, 0xc4, 0x42 }, { 0x78, 0x52, 0xb8, 0x55 } },
		{ "abc", { 0xba, 0x78, 0x16, 0xbf }, { 0xf2, 0x00, 0x15, 0xad } },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  { 0x24, 0x8d, 0x6a, 0x61 },
		  { 0x19, 0xdb, 0x06, 0xc1 } },
	};
	uint8_t hash[SHA256_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		sha256(known[i].text, strlen(known[i].text), hash);
		assert_memory_equal(hash, known[i].first, 4);
		assert_memory_equal(hash + 28, known[i].last, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_grows_the_newest_block_in_place),
		cmocka_unit_test(arena_moves_an_older_block_and_zeroes_what_is_new),
		cmocka_unit_test(a_reset_arena_uses_its_memory_again),
		cmocka_unit_test(an_arena_goes_back_to_a_mark),
		cmocka_unit_test(a_product_that_overflows_is_out_of_memory),
		cmocka_unit_test(array_keeps_what_was_pushed),
		cmocka_unit_test(buf_terminates_without_counting),
		cmocka_unit_test(a_diagnostic_shows_place_line_and_caret),
		cmocka_unit_test(a_long_line_is_shown_in_part),
		cmocka_unit_test(diagnostics_are_counted_and_handed_on),
		cmocka_unit_test(a_near_name_is_suggested_and_a_far_one_is_not),
		cmocka_unit_test(letters_are_the_same_in_either_case),
		cmocka_unit_test(numbers_are_read_in_the_base_that_they_begin_with),
		cmocka_unit_test(a_line_ends_before_the_first_token_of_the_next),
		cmocka_unit_test(nothing_comes_after_an_error_and_one_is_reported),
		cmocka_unit_test(a_near_name_ends_a_message),
		cmocka_unit_test(sha256_is_that_of_the_standard),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
