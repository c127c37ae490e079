/* What the public library's optimizer makes of programs and expressions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "compile.h"

static char said[200];

static void keep_said(void *ctx, const struct weir_diag *d)
{
	snprintf(said, sizeof said, "%s", d->message);
}

/* The length of what comes out of the N instructions, optimized; what was said is kept. */
static size_t length_optimized(const struct sock_filter *insns, size_t n)
{
	const struct weir_compile_options o = {
		.size = sizeof o,
		.diag = keep_said,
		.verbose = true,
	};
	struct weir_program *was, *is;
	size_t after;
	int err;

	*said = '\0';
	assert_int_equal(weir_program_new(&was, WEIR_PACKET, insns, n), 0);
	err = weir_program_optimize(&is, was, &o);
	/* With small limits much is bound and searched anew: that may take too much. */
	if (LIMIT(0, -EDQUOT) && err == -EDQUOT) {
		weir_program_free(was);
		return n;
	}
	assert_int_equal(err, 0);
	weir_program_insns(is, &after);
	if (*said) {
		assert_int_equal(after, n);
		assert_memory_equal(weir_program_insns(is, &n), insns, n * sizeof *insns);
	}
	weir_program_free(was);
	weir_program_free(is);
	return after;
}

/* --- programs from elsewhere ------------------------------------------------------- */

static void a_load_that_may_fail_stays(void **state)
{
	static const struct sock_filter guard[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 60), /* for its fault only */
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x800, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x800, 0, 1), /* decided */
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	assert_int_equal(length_optimized(guard, ARRAY_LEN(guard)), 5);
	assert_string_equal(said, "");
}

static void what_is_good_already_is_kept(void **state)
{
	static const struct sock_filter good[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x800, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	assert_int_equal(length_optimized(good, ARRAY_LEN(good)), 4);
	assert_string_equal(said, "kept as it is: nothing shorter and no slower was found");
}

static void two_random_numbers_stay_two(void **state)
{
	static const struct sock_filter dice[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_RANDOM),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_RANDOM),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	assert_int_equal(length_optimized(dice, ARRAY_LEN(dice)), ARRAY_LEN(dice));
	assert_non_null(strstr(said, "random number"));
}

/* A value that is made of itself twice, again and again, has 2^N operations. */
static void what_doubles_does_not_explode(void **state)
{
	enum {
		TIMES = 4000
	};
	struct sock_filter *p = calloc(2 * TIMES + 2, sizeof *p);
	size_t n = 0;

	p[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0);
	for (unsigned i = 0; i < TIMES; i++) {
		p[n++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
		p[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0);
	}
	p[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	assert_true(length_optimized(p, n) <= n);
	free(p);
}

/* Every test joins all cells with other values than before. */
static void what_joins_with_too_many_values_is_kept(void **state)
{
	enum {
		TIMES = 2000
	};
	struct sock_filter *p = calloc(20 * TIMES + 40, sizeof *p);
	size_t n = 0;

	for (unsigned m = 0; m < BPF_MEMWORDS; m++)
		p[n++] = (struct sock_filter)BPF_STMT(BPF_ST, m);
	for (unsigned i = 0; i < TIMES; i++) {
		p[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, i);
		p[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 16);
		for (unsigned m = 0; m < BPF_MEMWORDS; m++)
			p[n++] = (struct sock_filter)BPF_STMT(BPF_ST, m);
	}
	for (unsigned m = 1; m < BPF_MEMWORDS; m++) {
		p[n++] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_MEM, m);
		p[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0);
	}
	p[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	assert_true(length_optimized(p, n) <= n);
	free(p);
}

static void what_the_checker_refuses_is_refused(void **state)
{
	static const struct sock_filter runs_off[] = { BPF_STMT(BPF_LD | BPF_LEN, 0) };
	struct weir_program *was, *is;

	assert_int_equal(weir_program_new(&was, WEIR_PACKET, runs_off, 1), 0);
	assert_int_equal(weir_program_optimize(&is, was, NULL), -EINVAL);
	assert_null(is);
	weir_program_free(was);
}

/* --- expressions ------------------------------------------------------------------- */

/* Where a program first looks whose sample are 1,000 packets of TYPE. */
static uint32_t first_load(uint32_t type)
{
	static uint8_t bytes[60];
	static struct weir_sample sample[1000];
	struct weir_compile_options o = {
		.size = sizeof o,
		.sample = sample,
		.nsample = ARRAY_LEN(sample),
	};
	const char *text = "host 192.0.2.1 and tcp port 80";
	struct weir_program *p;
	uint32_t at;
	size_t n;

	bytes[12] = (uint8_t)(type >> 8);
	bytes[13] = (uint8_t)type;
	bytes[23] = 6;
	for (size_t i = 0; i < ARRAY_LEN(sample); i++)
		sample[i] = (struct weir_sample){ bytes, sizeof bytes, sizeof bytes };
	assert_int_equal(compile_packet(&p, text, NULL, &o), 0);
	at = weir_program_insns(p, &n)[0].k;
	weir_program_free(p);
	return at;
}

static void a_sample_decides_what_comes_first(void **state)
{
	assert_int_equal(first_load(0x86dd), 12);
	assert_int_equal(first_load(0x800), 26);
}

/* True if EXPRESSION's program at LEVEL for DESTINATION loads at constant offset K. */
static bool loads_for(const char *expression, enum weir_level level,
                      enum weir_destination destination, uint32_t k)
{
	const struct weir_compile_options how = {
		.size = sizeof how, .level = level, .destination = destination
	};
	struct weir_expression *e;
	const struct sock_filter *f;
	struct weir_program *p;
	bool found = false;
	size_t n;

	assert_int_equal(weir_expression_read(&e, expression, strlen(expression), NULL), 0);
	assert_int_equal(weir_expression_compile(&p, e, &how), 0);
	weir_expression_free(e);
	f = weir_program_insns(p, &n);
	for (size_t i = 0; i < n; i++)
		found |= BPF_CLASS(f[i].code) == BPF_LD &&
		         BPF_MODE(f[i].code) == BPF_ABS && f[i].k == k;
	weir_program_free(p);
	return found;
}

/* The same for the default one. */
static bool loads_at(const char *expression, enum weir_level level, uint32_t k)
{
	return loads_for(expression, level, WEIR_FOR_DEFAULT, k);
}

/* The ports of IPv6 are at a known place; -Os shares the code for those of IPv4. */
static void indexed_loads_are_dear_where_time_counts(void **state)
{
	WITH_USUAL_LIMITS(assert_false(loads_at("tcp port 80", WEIR_OS, 54)));
	assert_true(loads_at("tcp port 80", WEIR_O2, 54));
	assert_true(loads_at("tcp port 80", WEIR_O3, 54));
	/* Those of IPv4 are where they nearly always are, too. */
	WITH_USUAL_LIMITS(assert_true(loads_at("tcp port 80", WEIR_O2, 34)));
	/* To ask where costs a test, and a load that is as dear as any other. */
	assert_false(loads_for("tcp port 80", WEIR_O2, WEIR_FOR_INTERPRETER, 34));
	assert_false(loads_for("tcp port 80", WEIR_O2, WEIR_FOR_EBPF, 34));
}

/* Ask for N words behind TCP's header, at different places. */
static void many_words(char *out, size_t room, unsigned n)
{
	size_t len = 0;

	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(out + len, room - len, "%stcp[%u:2] = %u",
		                        i ? " or " : "", 20 + i, i + 1);
}

/* With loads at constant offsets, too, 700 would be charged more than a socket may be. */
static void what_would_not_attach_has_no_second_copy(void **state)
{
	static char text[32 * 700];
	struct weir_verdict v = { .size = sizeof v };
	struct weir_program *p;

	many_words(text, sizeof text, 100);
	WITH_USUAL_LIMITS(assert_true(loads_at(text, WEIR_O3, 54)));
	many_words(text, sizeof text, 700);
	assert_false(loads_at(text, WEIR_O3, 54));
	assert_int_equal(weir_compile(&p, text, 1, 0, 0, WEIR_O3), 0);
	assert_int_equal(weir_program_check(p, &v), 0);
	WITH_USUAL_LIMITS(assert_true(v.ok && v.memory < 131072));
	weir_program_free(p);
}

/* Sets of networks have values of 32 bits, which pairs must not take for ports. */
static void pairs_of_wide_fields_are_factored(void **state)
{
	static const char text[] =
		"(net 10.0.0.0/16 and ip proto 191) or (net 10.18.0.0/16 and ip proto 143) "
		"or (net 10.8.0.0/16 and ip proto 199) or (net 10.17.0.0/16 and ip proto 146)";
	struct weir_compile_options o = { .size = sizeof o, .check = true };
	struct weir_program *p;

	assert_int_equal(compile_packet(&p, text, NULL, &o), 0);
	weir_program_free(p);
}

/* What passes report: the first name, and the last numbers. */
struct gains {
	const char *first;
	size_t times, insns;
	uint64_t cost;
};

static void gained(void *ctx, const char *pass, size_t insns, uint64_t cost)
{
	struct gains *g = ctx;

	if (!g->times++)
		g->first = pass;
	g->insns = insns;
	g->cost = cost;
}

static void passes_say_what_they_gain(void **state)
{
	static const char text[] = "tcp port 80";
	struct gains g = { 0 };
	struct weir_compile_options o = { .size = sizeof o, .ctx = &g, .pass = gained };
	struct weir_program *p;
	size_t n;

	assert_int_equal(compile_packet(&p, text, NULL, &o), 0);
	assert_string_equal(g.first, "frontend");
	assert_true(g.times > 1);
	weir_program_insns(p, &n);
	assert_int_equal(g.insns, n);
	assert_in_range(g.cost, 1000, 1000 * n);
	weir_program_free(p);
}

/* What N INSNS are expected to cost, in units of a hundredth. */
static void assert_expected(const struct sock_filter *insns, size_t n, int run, int ns)
{
	struct weir_expected e = { .size = sizeof e };
	struct weir_program *p;

	assert_int_equal(weir_program_new(&p, WEIR_PACKET, insns, n), 0);
	assert_int_equal(weir_program_expect(p, &e), 0);
	assert_int_equal((int)(e.insns * 100 + .5), run);
	assert_int_equal((int)(e.nanoseconds * 100 + .5), ns);
	weir_program_free(p);
}

static void what_a_program_costs_is_expected(void **state)
{
	static const struct sock_filter nothing[] = { { 0x06, 0, 0, 0 } };
	/* The first load at [x + k] is the dear one. */
	static const struct sock_filter indexed[] = {
		{ 0x01, 0, 0, 14 },
		{ 0x50, 0, 0, 0 },
		{ 0x50, 0, 0, 1 },
		{ 0x16, 0, 0, 0 },
	};
	/* What no packet reaches costs nothing. */
	static const struct sock_filter skipped[] = {
		{ 0x05, 0, 0, 1 },
		{ 0x30, 0, 0, 0 },
		{ 0x06, 0, 0, 0 },
	};
	static const struct sock_filter random[] = { { 0x20, 0, 0, 0xfffff038 }, { 0x16, 0, 0, 0 } };
	struct weir_expected e = { .size = sizeof e };
	struct weir_program *p;

	assert_expected(nothing, 1, 100, 15);
	assert_expected(indexed, 4, 400, 30 + 2 * 735 + 1200);
	assert_expected(skipped, 3, 200, 30);
	assert_int_equal(weir_program_new(&p, WEIR_PACKET, random, 2), 0);
	assert_int_equal(weir_program_expect(p, &e), -ENOTSUP);
	weir_program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_load_that_may_fail_stays),
		cmocka_unit_test(what_is_good_already_is_kept),
		cmocka_unit_test(two_random_numbers_stay_two),
		cmocka_unit_test(what_doubles_does_not_explode),
		cmocka_unit_test(what_joins_with_too_many_values_is_kept),
		cmocka_unit_test(what_the_checker_refuses_is_refused),
		cmocka_unit_test(a_sample_decides_what_comes_first),
		cmocka_unit_test(indexed_loads_are_dear_where_time_counts),
		cmocka_unit_test(what_would_not_attach_has_no_second_copy),
		cmocka_unit_test(pairs_of_wide_fields_are_factored),
		cmocka_unit_test(passes_say_what_they_gain),
		cmocka_unit_test(what_a_program_costs_is_expected),
	};

	return cmocka_run_group_tests_name("optimize", tests, NULL, NULL);
}
