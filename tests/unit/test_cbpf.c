/* cbpf: table, checker, forecast, interpreter, assembler, formats. */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>

#include "cbpf/cbpf.h"
#include "unit.h"

/* --- what the tests share ----------------------------------------------------- */

static void keep_message(void *ctx, const struct diags *d, const struct diag *one)
{
	struct buf *out = ctx;

	diag_render(out, d, one);
}

/* Reads TEXT, LEN bytes; what is wrong with it goes to *MESSAGES. */
static bool read_text(struct arena *a, const char *text, size_t len,
                      struct cbpf_program *out, char **messages)
{
	struct buf said = { .arena = a };
	struct diags d = { .arena = a, .emit = keep_message, .ctx = &said };
	bool ok = cbpf_read(a, &d, diag_source(&d, "text", text, len), out);

	*messages = buf_str(&said);
	assert_int_equal(ok, d.errors == 0);
	return ok;
}

static struct cbpf_program program(struct arena *a, const char *text)
{
	struct cbpf_program p = { 0 };
	char *messages;

	if (!read_text(a, text, strlen(text), &p, &messages))
		fail_msg("%s", messages);
	return p;
}

static char *printed(struct arena *a, const char *format,
                     const struct cbpf_program *p, const struct cbpf_notes *notes)
{
	struct buf out = { .arena = a };

	assert_true(cbpf_print(&out, format, p, notes));
	return buf_str(&out);
}

static uint32_t random_word(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 16);
}

/* --- checker -------------------------------------------------------------------- */

static const struct {
	const char *text, *reason;
	enum cbpf_use use;
	enum cbpf_gate gate;
	uint32_t at;
} refused[] = {
	{ "ld #1\ntax\n", "the last instruction is not a ret",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 1 },
	{ "div #0\nret a\n", "division by the constant 0",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ "neg\nmod #0\nret a\n", "division by the constant 0",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 1 },
	{ "lsh #32\nret a\n", "shift by 32: a word has 32 bits",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ "st M[16]\nret a\n", "no scratch cell M[16]: there are 16",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ "ld M[3]\nret a\n", "scratch cell M[3] may be read before it is written",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ "jeq #1, L\nst M[2]\nL: ldx M[2]\nret a\n",
	  "scratch cell M[2] may be read before it is written",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 2 },
	{ ".insn 0x05, 0, 0, 7\nret a\n",
	  "jump past the end: to instruction 8 of a program of 2",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ ".insn 0x15, 0, 1, 7\nret a\n",
	  "jump past the end: to instruction 2 of a program of 2",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ ".insn 0x05, 0, 0, 0xffffffff\nret a\n",
	  "jump past the end: to instruction 4294967296 of a program of 2",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ ".insn 0x0e, 0, 0, 0\n", "unknown instruction code 0xe",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ ".insn 0x106, 0, 0, 0\n", "unknown instruction code 0x106",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ "ldb [-4032]\nret a\n", "no ancillary word at -4032 (SKF_AD_OFF + 64)",
	  CBPF_SOCKET, CBPF_BAD_CLASSIC, 0 },
	{ "ldh [0]\nret a\n", "seccomp has no 'ldh' of this form",
	  CBPF_SECCOMP, CBPF_BAD_SECCOMP, 0 },
	{ "ld [x + 0]\nret a\n", "seccomp has no 'ld' of this form",
	  CBPF_SECCOMP, CBPF_BAD_SECCOMP, 0 },
	{ "ld [64]\nret a\n", "load at 64: struct seccomp_data has 64 bytes",
	  CBPF_SECCOMP, CBPF_BAD_SECCOMP, 0 },
	{ "ld [18]\nret a\n", "load at 18: seccomp loads words, at multiples of 4",
	  CBPF_SECCOMP, CBPF_BAD_SECCOMP, 0 },
	{ "ld cpu\nret a\n", "load at -4060: struct seccomp_data has 64 bytes",
	  CBPF_SECCOMP, CBPF_BAD_SECCOMP, 0 },
	{ "mod x\nret a\n", "seccomp has no 'mod' of this form",
	  CBPF_SECCOMP, CBPF_BAD_SECCOMP, 0 },
};

static void the_checker_names_the_instruction_and_the_reason(void **state)
{
	TEST_ARENA(a);

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct cbpf_program p = program(&a, refused[i].text);
		struct cbpf_verdict v;

		assert_false(cbpf_check(&a, p.insns, p.n, refused[i].use, 0, &v));
		assert_string_equal(v.reason, refused[i].reason);
		assert_int_equal(v.at, refused[i].at);
		assert_int_equal(v.gate, refused[i].gate);
	}
	arena_free(&a);
}

static void the_checker_takes_what_is_only_unusual(void **state)
{
	static const char *const texts[] = {
		"ret a",
		"ja L\nL: ret #0",
		/* What no path reaches may read any cell, as in Linux. */
		"ja L\nld M[1]\nL: ret #0",
		"ldb rand\nret a",
		"ld [-1048576]\nret a",
		".insn 0x87, 1, 2, 3\nret a", /* fields that it does not use */
	};
	TEST_ARENA(a);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct cbpf_program p = program(&a, texts[i]);
		struct cbpf_verdict v;

		if (!cbpf_check(&a, p.insns, p.n, CBPF_SOCKET, 0, &v))
			fail_msg("%s: %s", texts[i], v.reason);
	}
	arena_free(&a);
}

/* N times ONE and then a ret. */
static struct sock_filter *repeated(struct arena *a, struct sock_filter one, size_t n)
{
	struct sock_filter *p = arena_array(a, struct sock_filter, n + 1);

	for (size_t i = 0; i < n; i++)
		p[i] = one;
	p[n].code = CBPF_RET_A;
	return p;
}

static void length_is_limited_for_the_kernel_only(void **state)
{
	TEST_ARENA(a);
	struct sock_filter *p = repeated(&a, (struct sock_filter){ CBPF_NEG, 0, 0, 0 },
	                                 100000);
	struct cbpf_verdict v;

	assert_false(cbpf_check(&a, p, 0, CBPF_SOCKET, CBPF_ANY_LENGTH, &v));
	assert_string_equal(v.reason, "the program is empty");
	assert_true(cbpf_check(&a, p + 100001 - 4096, 4096, CBPF_SOCKET, 0, &v));
	assert_false(cbpf_check(&a, p + 100001 - 4097, 4097, CBPF_SOCKET, 0, &v));
	assert_string_equal(v.reason, "4097 instructions: Linux accepts 4096");
	assert_true(cbpf_check(&a, p, 100001, CBPF_SOCKET, CBPF_ANY_LENGTH, &v));
	arena_free(&a);
}

static void a_jump_too_far_for_ebpf_is_refused_where_it_stands(void **state)
{
	TEST_ARENA(a);
	struct sock_filter *p = repeated(&a, (struct sock_filter){ CBPF_LD_H_ABS, 0, 0, 12 },
	                                 4000);
	struct cbpf_verdict v;

	p[7] = (struct sock_filter){ CBPF_JA, 0, 0, 3900 };
	assert_false(cbpf_check(&a, p, 4001, CBPF_SOCKET, 0, &v));
	assert_int_equal(v.gate, CBPF_BAD_CONVERT);
	assert_int_equal(v.at, 7);
	/* However short it is, beyond 16 bits of the start. */
	p[7] = p[6];
	p[3900] = (struct sock_filter){ CBPF_JEQ_K, 0, 1, 5 };
	assert_false(cbpf_check(&a, p, 4001, CBPF_SOCKET, 0, &v));
	assert_int_equal(v.at, 3900);
	assert_true(cbpf_check(&a, p, 4001, CBPF_SOCKET, CBPF_ANY_LENGTH, &v));
	arena_free(&a);
}

static void unset_cells_are_for_who_asks(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ld M[3]\nadd #5\nret a");
	struct cbpf_verdict v;

	assert_false(cbpf_check(&a, p.insns, p.n, CBPF_SOCKET, 0, &v));
	assert_true(cbpf_check(&a, p.insns, p.n, CBPF_SOCKET, CBPF_UNSET_CELLS, &v));
	assert_int_equal(cbpf_run(p.insns, &(struct cbpf_input){ 0 }), 5);
	arena_free(&a);
}

/* --- forecast --------------------------------------------------------------------- */

static const struct {
	const char *text;
	uint32_t converted, longest, cells, unreachable;
} costs[] = {
	{ "ret #0", 3 + 2, 1, 0, 0 },
	{ "ret a", 3 + 1, 1, 0, 0 },
	{ "ldh [12]\nret a", 7 + 14 + 1, 2, 0, 0 },
	{ "ldh [0]\nret a", 7 + 13 + 1, 2, 0, 0 },
	{ "ldh [32768]\nret a", 7 + 16 + 1, 2, 0, 0 },
	{ "ldb [-1048576]\nret a", 7 + 8 + 1, 2, 0, 0 },
	{ "ldxb 4*([14]&0xf)\nret a", 7 + 19 + 1, 2, 0, 0 },
	{ "ld [x + 0]\nret a", 7 + 8 + 1, 2, 0, 0 },
	{ "ld [x + 1]\nret a", 7 + 9 + 1, 2, 0, 0 },
	{ "ld vlan_avail\nret a", 3 + 3 + 1, 2, 0, 0 },
	{ "jeq #1, L\nL: ret a", 3 + 1 + 1, 2, 0, 0 },
	{ "jeq #0x80000000, L\nL: ret a", 3 + 2 + 1, 2, 0, 0 },
	{ "jneq x, L\nst M[1]\nstx M[1]\nst M[7]\nL: ret a", 3 + 1 + 3 + 1, 5, 2, 0 },
	{ "jset #1, K, L\nK: neg\nL: ret a", 3 + 2 + 1 + 1, 3, 0, 0 },
	{ "jgt #1, L, K\nneg\nK: neg\nL: ret a", 3 + 2 + 1 + 1 + 1, 3, 0, 1 },
	{ "div x\nret a", 3 + 5 + 1, 2, 0, 0 },
	{ "ret #1\nneg\nret #2", 3 + 2 + 1 + 2, 1, 0, 2 },
};

static void cost_counts_what_linux_makes_of_a_program(void **state)
{
	TEST_ARENA(a);

	for (size_t i = 0; i < ARRAY_LEN(costs); i++) {
		struct cbpf_program p = program(&a, costs[i].text);
		struct cbpf_cost cost;

		cbpf_cost(&a, p.insns, p.n, CBPF_SOCKET, &cost);
		assert_int_equal(cost.converted, costs[i].converted);
		assert_int_equal(cost.memory, 96 + 8 * costs[i].converted);
		assert_int_equal(cost.longest_path, costs[i].longest);
		assert_int_equal(cost.cells, costs[i].cells);
		assert_int_equal(cost.unreachable, costs[i].unreachable);
	}
	arena_free(&a);
}

static void seccomp_loads_convert_to_one_instruction(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ld [4]\nld #len\nret a");
	struct cbpf_cost cost;

	cbpf_cost(&a, p.insns, p.n, CBPF_SECCOMP, &cost);
	assert_int_equal(cost.converted, 3 + 1 + 1 + 1);
	assert_int_equal(cost.memory, 0); /* nothing is charged */
	arena_free(&a);
}

static void calls_allowed_whatever_their_arguments_are_cached(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a,
		"	ld [4]\n"
		"	jneq #0xc000003e, kill\n"
		"	ld [0]\n"
		"	jset #0x40000000, kill\n"
		"	jeq #1, allow\n"
		"	jeq #2, look\n"
		"	jeq #3, alu\n"
		"	jgt #0x1fe, allow\n"
		"	jge #0x1fe, look\n"
		"	ja on\n"
		"	neg\n"
		"on:"
		"	and #0xf0\n"
		"	jeq #0x20, allow, kill\n"
		"look:	ld [16]\n"
		"	jeq #0, allow, kill\n"
		"alu:	add #1\n"
		"allow:	ret #0x7fff0000\n"
		"kill:	ret #0x80000000\n");
	const uint32_t arch = AUDIT_ARCH_X86_64;

	assert_true(cbpf_seccomp_cached(p.insns, arch, 1));
	assert_false(cbpf_seccomp_cached(p.insns, arch, 2)); /* an argument */
	assert_false(cbpf_seccomp_cached(p.insns, arch, 3)); /* add: Linux gives up */
	assert_true(cbpf_seccomp_cached(p.insns, arch, 0x2f));
	assert_false(cbpf_seccomp_cached(p.insns, arch, 0x30)); /* not allowed */
	assert_false(cbpf_seccomp_cached(p.insns, arch, 0x1fe));
	assert_true(cbpf_seccomp_cached(p.insns, arch, 0x1ff));
	assert_false(cbpf_seccomp_cached(p.insns, AUDIT_ARCH_I386, 1));
	/* 1, 0x20 to 0x2f, 0x120 to 0x12f, 0x1ff */
	assert_int_equal(cbpf_seccomp_cacheable(p.insns, arch, 512), 1 + 16 + 16 + 1);
	arena_free(&a);
}

/* --- interpreter ---------------------------------------------------------------------- */

static const uint8_t packet[] = {
	0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
	0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
};

static uint32_t some_word(void *ctx, uint32_t which, uint32_t a, uint32_t x)
{
	return 1000 * which + 10 * a + x;
}

static const struct {
	const char *text;
	uint32_t result;
	enum cbpf_end end;
} runs[] = {
	{ "ret #7", 7, CBPF_END_RET },
	{ "ld [0]\nret a", 0x00112233, CBPF_END_RET },
	{ "ldh [14]\nret a", 0xeeff, CBPF_END_RET },
	{ "ldb [15]\nret a", 0xff, CBPF_END_RET },
	{ "ldb [16]\nret #1", 0, CBPF_END_LOAD },
	{ "ldh [15]\nret #1", 0, CBPF_END_LOAD },
	{ "ld [13]\nret #1", 0, CBPF_END_LOAD },
	{ "ld [0x7fffffff]\nret #1", 0, CBPF_END_LOAD },
	{ "ld [-1]\nret #1", 0, CBPF_END_LOAD + 10 }, /* the checker refuses it */
	{ "ldx #3\nldb [x + 2]\nret a", 0x55, CBPF_END_RET },
	{ "ldx #3\nldh [x + 2]\nret a", 0x5566, CBPF_END_RET },
	{ "ldx #3\nld [x + 2]\nret a", 0x55667788, CBPF_END_RET },
	{ "ldx #3\nldb [x + -1]\nret a", 0x22, CBPF_END_RET }, /* X + k wraps */
	{ "ldx #-1\nldb [x + 0]\nret #1", 0, CBPF_END_LOAD },
	{ "ldxb 4*([15]&0xf)\ntxa\nret a", 60, CBPF_END_RET },
	{ "ld #pktlen\nret a", 100, CBPF_END_RET },
	{ "ldx #pktlen\ntxa\nret a", 100, CBPF_END_RET },
	/* The network header is at 4, the link-layer one at 0. */
	{ "ldb [-1048576]\nret a", 0x44, CBPF_END_RET },
	{ "ldb [-2097151]\nret a", 0x11, CBPF_END_RET },
	{ "ldx #0\nldb [x + -2097152]\nret a", 0x00, CBPF_END_RET },
	{ "ldh [-1048564]\nret a", 0, CBPF_END_LOAD },
	{ "ldb [-2097153]\nret a", 0, CBPF_END_LOAD },
	{ "ld #3\nldx #4\nld type\nret a", 4034, CBPF_END_RET },
	{ "ld #6\nldx #5\nld xor_x\nret a", 3, CBPF_END_RET },
	{ "ld #7\nldx #2\ndiv x\nret a", 3, CBPF_END_RET },
	{ "ld #7\ndiv x\nret #1", 0, CBPF_END_DIVIDE },
	{ "ld #7\nmod x\nret #1", 0, CBPF_END_DIVIDE },
	{ "ld #7\nldx #4\nmod x\nret a", 3, CBPF_END_RET },
	{ "ld #7\nmod #4\nret a", 3, CBPF_END_RET },
	{ "ld #-7\ndiv #2\nret a", 0x7ffffffc, CBPF_END_RET },
	{ "ld #1\nldx #33\nlsh x\nret a", 2, CBPF_END_RET },
	{ "ld #4\nldx #33\nrsh x\nret a", 2, CBPF_END_RET },
	{ "ld #1\nlsh #31\nrsh #30\nret a", 2, CBPF_END_RET },
	{ "ld #5\nneg\nret a", -5u, CBPF_END_RET },
	{ "ld #5\nadd #-6\nret a", UINT32_MAX, CBPF_END_RET },
	{ "ld #5\nsub #6\nret a", UINT32_MAX, CBPF_END_RET },
	{ "ld #5\nldx #6\nsub x\nret a", UINT32_MAX, CBPF_END_RET },
	{ "ld #0x10001\nmul #0x10001\nret a", 0x20001, CBPF_END_RET },
	{ "ld #6\nldx #7\nmul x\nadd x\nret a", 49, CBPF_END_RET },
	{ "ld #12\nor #3\nand #5\nxor #1\nret a", 4, CBPF_END_RET },
	{ "ld #12\nldx #3\nor x\nldx #5\nand x\nldx #1\nxor x\nret a", 4, CBPF_END_RET },
	{ "ld #9\nst M[15]\nldx #8\nstx M[0]\nld M[0]\nldx M[15]\nsub x\nret a",
	  UINT32_MAX, CBPF_END_RET },
	{ "ld #9\ntax\nld #1\ntxa\nret a", 9, CBPF_END_RET },
	{ "ja L\nret #1\nL: ret #2", 2, CBPF_END_RET },
	{ "ld #5\njeq #5, L\nret #1\nL: ret #2", 2, CBPF_END_RET },
	{ "ld #5\njgt #5, L\nret #1\nL: ret #2", 1, CBPF_END_RET },
	{ "ld #5\njge #5, L\nret #1\nL: ret #2", 2, CBPF_END_RET },
	{ "ld #5\njset #2, L\nret #1\nL: ret #2", 1, CBPF_END_RET },
	{ "ld #5\nldx #5\njeq x, L\nret #1\nL: ret #2", 2, CBPF_END_RET },
	{ "ld #-1\nldx #5\njgt x, L\nret #1\nL: ret #2", 2, CBPF_END_RET },
	{ "ld #4\nldx #5\njge x, L\nret #1\nL: ret #2", 1, CBPF_END_RET },
	{ "ld #4\nldx #5\njset x, L\nret #1\nL: ret #2", 2, CBPF_END_RET },
};

static void programs_return_what_linux_returns(void **state)
{
	TEST_ARENA(a);
	const struct cbpf_input in = {
		.bytes = packet,
		.captured = sizeof packet,
		.wire = 100,
		.network = 4,
		.ancillary = some_word,
	};
	bool ran[256] = { false };

	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		struct cbpf_program p = program(&a, runs[i].text);
		struct cbpf_trace trace = { 0 };
		struct cbpf_verdict v;

		if (!cbpf_check(&a, p.insns, p.n, CBPF_SOCKET, 0, &v)) {
			assert_int_equal(runs[i].end, CBPF_END_LOAD + 10);
			continue;
		}
		for (uint32_t k = 0; k < p.n; k++)
			ran[p.insns[k].code] = true;
		if (cbpf_run(p.insns, &in) != runs[i].result)
			fail_msg("%s\n -> %u", runs[i].text, cbpf_run(p.insns, &in));
		assert_int_equal(cbpf_run_traced(p.insns, &in, &trace),
		                 runs[i].result);
		assert_int_equal(trace.end, runs[i].end);
	}
	for (uint16_t code = 0; code < 256; code++)
		if (cbpf_insn(code) && !ran[code])
			fail_msg("no test runs instruction 0x%x", code);
	arena_free(&a);
}

static void keep_step(void *ctx, const struct cbpf_step *s)
{
	buf_printf(ctx, "%u>%d a=%u x=%u m0=%u\n", s->at, (int)s->next, s->a, s->x,
	           s->m[0]);
}

static void a_trace_shows_every_step_and_where_it_went(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ldb [1]\nst M[0]\ntax\n"
	                                    "jgt #16, L\nret #1\nL: div x\nret a");
	struct buf steps = { .arena = &a };
	struct cbpf_trace trace = { .step = keep_step, .ctx = &steps };
	struct cbpf_input in = { .bytes = packet, .captured = 16 };

	assert_int_equal(cbpf_run_traced(p.insns, &in, &trace), 1);
	assert_string_equal(buf_str(&steps), "0>1 a=17 x=0 m0=0\n"
	                                     "1>2 a=17 x=0 m0=17\n"
	                                     "2>3 a=17 x=17 m0=17\n"
	                                     "3>5 a=17 x=17 m0=17\n"
	                                     "5>6 a=1 x=17 m0=17\n"
	                                     "6>-1 a=1 x=17 m0=17\n");
	assert_int_equal(trace.executed, 6);
	assert_int_equal(trace.end, CBPF_END_RET);
	arena_free(&a);
}

static void seccomp_programs_see_words_of_this_machine(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ld [20]\ntax\nld [16]\nadd x\n"
	                                    "ldx #len\nadd x\nret a");
	struct seccomp_data data = { .args[0] = 0x0000000500000007 };
	struct cbpf_trace trace = { 0 };

	assert_int_equal(cbpf_run_seccomp(p.insns, &data), 5 + 7 + 64);
	assert_int_equal(cbpf_run_seccomp_traced(p.insns, &data, &trace), 5 + 7 + 64);
	assert_int_equal(trace.executed, 7);
	arena_free(&a);
}

/* --- listing and assembler ----------------------------------------------------------- */

static void some_note(void *ctx, uint32_t at, struct buf *out)
{
	if (at == 1)
		buf_puts(out, "ip");
	if (at == 2)
		buf_puts(out, "two\nlines \n");
}

static void quoting_note(void *ctx, uint32_t at, struct buf *out)
{
	if (at == 1)
		buf_puts(out, "\"a\\b\"");
}

static void a_listing_reads_like_tcpdump_and_adds_what_is_known(void **state)
{
	TEST_ARENA(a);
	const struct cbpf_notes notes = { .note = some_note };
	struct cbpf_program p = program(&a,
		"{ 0x28, 0, 0, 0x0000000c },\n"
		"{ 0x15, 0, 8, 0x00000800 },\n"
		"{ 0x30, 0, 0, 0x00000017 },\n"
		"{ 0xb1, 0, 0, 0x0000000e },\n"
		"{ 0x48, 0, 0, 0x00000010 },\n"
		"{ 0x1d, 1, 2, 0x00000000 },\n"
		"{ 0x30, 0, 0, 0xfffff030 },\n"
		"{ 0x87, 0, 0, 0x00000000 },\n"
		"{ 0x5, 0, 0, 0x00000000 },\n"
		"{ 0x6, 0, 0, 0x00040000 },\n"
		"{ 0x6, 1, 0, 0x00000000 },\n");
	assert_string_equal(p.format, "c");
	assert_string_equal(printed(&a, "listing", &p, &notes),
		"(000) ldh      [12]\n"
		"(001) jeq      #0x800           jt 2\tjf 10  ; ip\n"
		"(002) ldb      [23]                            ; two lines\n"
		"(003) ldxb     4*([14]&0xf)\n"
		"(004) ldh      [x + 16]\n"
		"(005) jeq      x                jt 7\tjf 8\n"
		"(006) ldb      [vlan_avail]\n"
		"(007) txa\n"
		"(008) ja       9\n"
		"(009) ret      #262144\n"
		"(010) .insn    0x6, 1, 0, 0x0                  ; ret\n");
	arena_free(&a);
}

static void assembler_text_names_its_targets(void **state)
{
	TEST_ARENA(a);
	static const char text[] = "\tldh [12]\n"
	                           "\tjneq #0x800, L8\n"
	                           "\tld #len\n"
	                           "\tldh vlan_tci\n"
	                           "\tjset x, L5, L8\n"
	                           "L5:\tjlt #0x40, L7\n"
	                           "\tja L8\n"
	                           "L7:\tret #-1\n"
	                           "L8:\tret a\n";
	struct cbpf_program p = program(&a, text);

	assert_string_equal(p.format, "asm");
	assert_string_equal(printed(&a, "asm", &p, NULL), text);
	arena_free(&a);
}

static void numbers_are_written_as_tcpdump_does(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ldh [12]\njneq #0x800, L\nL: ret #-1");

	assert_string_equal(printed(&a, "c", &p, NULL),
	                    "{ 0x28, 0, 0, 0x0000000c },\n"
	                    "{ 0x15, 0, 0, 0x00000800 },\n"
	                    "{ 0x6, 0, 0, 0xffffffff },\n");
	assert_string_equal(printed(&a, "decimal", &p, NULL),
	                    "3\n40 0 0 12\n21 0 0 2048\n6 0 0 4294967295\n");
	assert_string_equal(printed(&a, "bytecode", &p, NULL),
	                    "3,40 0 0 12,21 0 0 2048,6 0 0 4294967295\n");
	arena_free(&a);
}

static void seccomp_results_are_listed_as_bit_fields(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ret #0x80000000");

	assert_string_equal(printed(&a, "listing", &p, NULL),
	                    "(000) ret      #-2147483648\n");
	p.use = CBPF_SECCOMP;
	assert_string_equal(printed(&a, "listing", &p, NULL),
	                    "(000) ret      #0x80000000\n");
	arena_free(&a);
}

/* Texts of other tools, and what they mean. */
static const struct {
	const char *text, *format, *decimal;
} foreign[] = {
	{ "  ldh [12] ; type\n  jne #0x0806, drop /* ARP */\n  ret #-1\ndrop: ret #0",
	  "asm", "4\n40 0 0 12\n21 0 1 2054\n6 0 0 4294967295\n6 0 0 0\n" },
	{ "ld #proto\njle #5, a\nldx 4*([14]&0xf)\na: b: jmp c\nc: ret %a",
	  "asm", "5\n32 0 0 4294963200\n37 0 1 5\n177 0 0 14\n5 0 0 0\n22 0 0 0\n" },
	{ "ldb [%x+3]\nldb [x]\nld [vlan_tci]\nret", "asm",
	  "4\n80 0 0 3\n80 0 0 0\n32 0 0 4294963244\n22 0 0 0\n" },
	{ "/* c */ ld M[0x3]\nld #017\nret %a", "asm", "3\n96 0 0 3\n0 0 0 15\n22 0 0 0\n" },
	{ "(000) ld       #pktlen\r\n(001) jgt      #0x5dc           jt 2\tjf 3\r\n"
	  "(002) ret      #0\r\n(003) ret      #1\r\n",
	  "listing", "4\n128 0 0 0\n37 0 1 1500\n6 0 0 0\n6 0 0 1\n" },
	{ "static struct sock_filter code[] = {\n\t{ 0x28, 0, 0, 0xc },\n\t"
	  "{ 6, 0, 0, 0, }\n};\n", "c", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "'2,40 0 0 12,6 0 0 0'", "bytecode", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "2 , 40 0 0 12 ,6 0 0 0", "bytecode", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "// by hand\n{ 0x28, 0, 0, 12 },\n{ 6, 0, 0, 0 }, // none\n", "c",
	  "2\n40 0 0 12\n6 0 0 0\n" },
	{ "ldh [12] /* two\nlines */ ret #0 // done", "asm", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "2,40 0 0 12,6 0 0 0,\n", "bytecode", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "[[40, 0, 0, 12], [6,0,0,0]]", "json", "2\n40 0 0 12\n6 0 0 0\n" },
	{ "{\"a\":{\"b\":[1,\"]}\\\"\"]},\"cbpf\":[[40,0,0,12],{\"k\":1,\"x\":[],\"code\":6}]}",
	  "json", "2\n40 0 0 12\n6 0 0 1\n" },
	{ "2\n40 0 0 12\n6 0 0 0", "decimal", "2\n40 0 0 12\n6 0 0 0\n" },
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	{ "KAAAAAwAAAAG\nAAAAAAAAAA==\n", "base64", "2\n40 0 0 12\n6 0 0 0\n" },
#endif
};

static void texts_of_other_tools_are_read(void **state)
{
	TEST_ARENA(a);

	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		struct cbpf_program p = program(&a, foreign[i].text);

		assert_string_equal(p.format, foreign[i].format);
		assert_string_equal(printed(&a, "decimal", &p, NULL),
		                    foreign[i].decimal);
	}
	arena_free(&a);
}

/* What is wrong with a text. */
static const struct {
	const char *text, *message;
} wrong[] = {
	{ "", "weir: error: 'text' contains no program\n" },
	{ " \n ; nothing\n", "weir: error: 'text' contains no instruction\n" },
	{ "ldhh [12]\nret a\n",
	  "text:1:1: error: unknown instruction 'ldhh'; did you mean 'ldh'?\n"
	  "  ldhh [12]\n  ^~~~\n" },
	{ "ldh #12\nret a\n",
	  "text:1:5: error: 'ldh' needs [k] or [x + k]\n  ldh #12\n      ^~~\n" },
	{ "ld protoo\nret a\n",
	  "text:1:4: error: unknown operand 'protoo'; did you mean 'proto'?\n"
	  "  ld protoo\n     ^~~~~~\n" },
	{ "ld 12\nret a\n",
	  "text:1:4: error: expected an operand such as #12 or [12], found a number\n"
	  "  ld 12\n     ^~\n" },
	{ "jeq #1, drpo\ndrop: ret #0\n",
	  "text:1:9: error: unknown label 'drpo'; did you mean 'drop'?\n"
	  "  jeq #1, drpo\n          ^~~~\n" },
	{ "L: neg\nL: ret a\n",
	  "text:2:1: error: duplicate label 'L'\n  L: ret a\n  ^\n"
	  "text:1:1: note: first defined here\n  L: neg\n  ^\n" },
	{ "L: neg\njeq #1, L\nret a\n",
	  "text:2:9: error: a test cannot jump backward, from 1 to 0\n"
	  "  jeq #1, L\n          ^\n" },
	{ "ja L\nL:\n",
	  "text:1:4: error: a jump to 1, but the program has 1 instructions\n"
	  "  ja L\n     ^\n" },
	{ "jeq #1\nret a\n",
	  "text:1:7: error: expected a target: ', label' or 'jt N jf N'\n  jeq #1\n        ^\n" },
	{ "ret #4294967296\n",
	  "text:1:6: error: 4294967296 is too large; the largest is 4294967295\n"
	  "  ret #4294967296\n       ^~~~~~~~~~\n" },
	{ "ldh [12\nret a\n",
	  "text:1:8: error: expected ']', found the end of the line\n"
	  "  ldh [12\n         ^\n" },
	{ "neg neg\nret a\n",
	  "text:1:5: error: unknown operand 'neg'\n  neg neg\n      ^~~\n" },
	{ "tax ; ok\nret a b\n",
	  "text:2:7: error: expected the end of the line, found 'b'\n"
	  "  ret a b\n        ^\n" },
	{ "(000) neg\n(002) ret a\n",
	  "text:2:1: error: expected instruction (001): one is missing or duplicate\n"
	  "  (002) ret a\n  ^~~~~\n" },
	{ "{ 0x28, 0, 0, 0xc },\n{ 0x28, 0, 0 },\n",
	  "text:2:14: error: expected ',', found '}'\n"
	  "  { 0x28, 0, 0 },\n               ^\n" },
	{ "{ 0x28, 0, 300, 0xc },\n",
	  "text:1:12: error: 300 is too large; the largest is 255\n"
	  "  { 0x28, 0, 300, 0xc },\n             ^~~\n" },
	{ "3\n6 0 0 0\n",
	  "text:1:1: error: the header says 3 instructions, but 1 follow\n  3\n  ^\n" },
	{ "1,6 0 0 0,6 0 0 0\n",
	  "text:1:1: error: the header says 1 instructions, but 2 follow\n"
	  "  1,6 0 0 0,6 0 0 0\n  ^\n" },
	{ "{\"a\":1}",
	  "text:1:1: error: the object has no list \"insns\"\n  {\"a\":1}\n  ^\n" },
	{ "[{\"k\":1}]",
	  "text:1:2: error: the instruction has no \"code\"\n  [{\"k\":1}]\n   ^~~~~~\n" },
	{ "[[6,0,0,0]] x",
	  "text:1:13: error: expected the end of the program, found 'x'\n"
	  "  [[6,0,0,0]] x\n              ^\n" },
	{ "ldxb 4*([14]&0x7)\nret a\n",
	  "text:1:14: error: the mask must be 0xf\n"
	  "  ldxb 4*([14]&0x7)\n               ^~~\n" },
	{ "ldxb 5*([14]&0xf)\nret a\n",
	  "text:1:6: error: expected an operand such as #5 or [5], found a number\n"
	  "  ldxb 5*([14]&0xf)\n       ^\n" },
	{ "ld ]\nret a\n",
	  "text:1:4: error: expected an operand, found ']'\n  ld ]\n     ^\n" },
	{ "ld #\nret a\n",
	  "text:1:5: error: expected a number, found the end of the line\n"
	  "  ld #\n      ^\n" },
	{ "ld #09\nret a\n", "text:1:5: error: '09' is not a number\n"
	                      "  ld #09\n      ^~\n" },
	{ "jeq #1, #2\nret a\n",
	  "text:1:9: error: expected a label, found '#'\n"
	  "  jeq #1, #2\n          ^\n" },
	{ "neg\n= 5\n",
	  "text:2:1: error: expected an instruction, found '='\n  = 5\n  ^\n" },
	{ "neg\n\x01\n",
	  "text:2:1: error: expected an instruction, found byte 0x01\n  ?\n  ^\n" },
	{ ".insn 6, 0, 0\n",
	  "text:1:14: error: expected ',', found the end of the line\n"
	  "  .insn 6, 0, 0\n               ^\n" },
	{ "{ 6, 0, 0, 0 } x\n",
	  "text:1:16: error: expected the end of the program, found 'x'\n"
	  "  { 6, 0, 0, 0 } x\n                 ^\n" },
	{ "struct x y[] = 5;\n", "text:1:16: error: expected '{', found '5'\n"
	                          "  struct x y[] = 5;\n                 ^\n" },
	{ "2\n6 0 0\n", "text:3:1: error: expected a number, found the end\n"
	                  "  \n  ^\n" },
	{ "[{\"code\":6,\"k\":\"x\"}]",
	  "text:1:16: error: expected a number, found '\"'\n"
	  "  [{\"code\":6,\"k\":\"x\"}]\n                 ^\n" },
	{ "[[6,0,0,0]", "text:1:11: error: expected ']', found the end\n"
	                "  [[6,0,0,0]\n            ^\n" },
	{ "{\"a\":\"x", "text:1:6: error: unterminated string\n"
	               "  {\"a\":\"x\n       ^\n" },
	{ "{\"a\":}", "text:1:6: error: expected a value, found '}'\n"
	             "  {\"a\":}\n       ^\n" },
	{ "[]", "weir: error: 'text' contains no instruction\n" },
	{ "/* open", "text:1:1: error: unterminated comment\n  /* open\n  ^~\n"
	  "weir: error: 'text' contains no program\n" },
};

static void a_text_that_is_no_program_gets_a_message(void **state)
{
	TEST_ARENA(a);

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct cbpf_program p = { 0 };
		char *messages;

		assert_false(read_text(&a, wrong[i].text, strlen(wrong[i].text), &p,
		                       &messages));
		assert_string_equal(messages, wrong[i].message);
	}
	arena_free(&a);
}

static void a_test_that_jumps_too_far_is_refused_by_the_assembler(void **state)
{
	TEST_ARENA(a);
	struct buf text = { .arena = &a };
	struct cbpf_program p = { 0 };
	char *messages;

	buf_puts(&text, "jeq #1, far\n");
	for (int i = 0; i < 256; i++)
		buf_puts(&text, "neg\n");
	buf_puts(&text, "far: ret a\n");
	assert_false(read_text(&a, text.s, text.len, &p, &messages));
	assert_non_null(strstr(messages, "a test cannot jump over 256 instructions, "
	                                 "at most 255; use ja"));
	arena_free(&a);
}

static void bytes_that_are_no_program_get_a_message(void **state)
{
	TEST_ARENA(a);
	struct sock_filter swapped = { __builtin_bswap16(CBPF_RET_K), 0, 0, 0 };
	struct cbpf_program p = { 0 };
	char *messages;

	assert_false(read_text(&a, (char *)&swapped, 7, &p, &messages));
	assert_non_null(strstr(messages, "7 bytes are not a whole number"));
	assert_false(read_text(&a, (char *)&swapped, 8, &p, &messages));
	assert_non_null(strstr(messages, "the byte order of another machine"));
	arena_free(&a);
}

static void errors_are_reported_line_by_line_up_to_a_limit(void **state)
{
	TEST_ARENA(a);
	struct buf text = { .arena = &a };
	struct cbpf_program p = { 0 };
	unsigned lines = 0;
	char *messages;

	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "bad\n");
	assert_false(read_text(&a, text.s, text.len, &p, &messages));
	for (char *s = messages; (s = strstr(s, "error:")); s++)
		lines++;
	assert_int_equal(lines, 20);
	arena_free(&a);
}

/* --- round trips ------------------------------------------------------------------------ */

static struct sock_filter random_insn(uint64_t *seed)
{
	static const uint32_t constants[] = {
		0, 1, 2, 14, 0x800, 0x7fffffff, 0x80000000, 0xfffff000, 0xfffff030,
		0xfff00000, 0xffffffff,
	};
	struct sock_filter f = { 0 };
	uint32_t dice = random_word(seed);

	do
		f.code = random_word(seed) % 256;
	while (dice % 16 && !cbpf_insn(f.code));
	if (dice % 64 == 1)
		f.code = (uint16_t)random_word(seed);
	if (cbpf_is_test(&f) || dice % 32 == 2) {
		f.jt = random_word(seed) % 4;
		f.jf = random_word(seed) % 4;
	}
	f.k = random_word(seed) % 2 ? constants[random_word(seed) % ARRAY_LEN(constants)]
	                            : random_word(seed) % 8;
	return f;
}

static void round_trip(struct arena *a, const char *format,
                       const struct cbpf_program *p, const struct cbpf_notes *notes)
{
	struct buf text = { .arena = a };
	struct cbpf_program q = { 0 };
	char *messages;

	assert_true(cbpf_print(&text, format, p, notes));
	if (!read_text(a, text.s, text.len, &q, &messages))
		fail_msg("%s\n%s", buf_str(&text), messages);
	assert_string_equal(q.format, format);
	assert_int_equal(q.n, p->n);
	if (memcmp(q.insns, p->insns, p->n * sizeof *p->insns))
		fail_msg("%s\n%s", printed(a, "c", p, NULL),
		         printed(a, "c", &q, NULL));
}

static void round_trips(uint64_t *seed, const struct cbpf_notes *notes)
{
	TEST_ARENA(a);
	struct sock_filter insns[20];
	struct cbpf_program p = { .insns = insns };

	p.n = 1 + random_word(seed) % ARRAY_LEN(insns);
	p.use = random_word(seed) % 2;
	for (uint32_t i = 0; i < p.n; i++)
		insns[i] = random_insn(seed);
	for (size_t i = 0; cbpf_format_names[i]; i++)
		if (strcmp(cbpf_format_names[i], "dot"))
			round_trip(&a, cbpf_format_names[i], &p, notes);
	arena_free(&a);
}

static void every_format_reads_back_as_it_was(void **state)
{
	const struct cbpf_notes notes = { .note = some_note };
	uint64_t seed = 42;

	for (int round = 0; round < 2000; round++)
		round_trips(&seed, round % 2 ? &notes : NULL);
}

static void jumps_backward_can_be_said(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "L: ldb [0]\nja L\nret a");

	assert_int_equal(p.insns[1].k, (uint32_t)-2);
	assert_string_equal(printed(&a, "listing", &p, NULL),
	                    "(000) ldb      [0]\n(001) ja       0\n(002) ret      a\n");
	arena_free(&a);
}

static void a_graph_has_a_box_for_each_run_of_instructions(void **state)
{
	TEST_ARENA(a);
	const struct cbpf_notes notes = { .note = some_note };
	struct cbpf_program p = program(&a, "ldh [12]\njneq #0x800, L\nret #1\nL: ret #0");

	assert_string_equal(printed(&a, "dot", &p, &notes),
		"digraph program {\n"
		"\tnode [shape=box, fontname=monospace];\n"
		"\tb0 [label=\"(000) ldh [12]\\l(001) jeq #0x800  ; ip\\l\"];\n"
		"\tb0 -> b2 [label=yes];\n"
		"\tb0 -> b3 [label=no, style=dashed];\n"
		"\tb2 [label=\"(002) ret #1  ; two lines\\l\"];\n"
		"\tb3 [label=\"(003) ret #0\\l\"];\n"
		"}\n");
	arena_free(&a);
}

static void a_graph_follows_jumps_and_falls_through(void **state)
{
	TEST_ARENA(a);
	const struct cbpf_notes notes = { .note = quoting_note };
	struct cbpf_program p = program(&a, "ja L\nM: neg\nL: jeq #1, M2, M2\nM2: ret a");

	assert_string_equal(printed(&a, "dot", &p, &notes),
		"digraph program {\n"
		"\tnode [shape=box, fontname=monospace];\n"
		"\tb0 [label=\"(000) ja\\l\"];\n"
		"\tb0 -> b2;\n"
		"\tb1 [label=\"(001) neg  ; \\\"a\\\\b\\\"\\l\"];\n"
		"\tb1 -> b2;\n"
		"\tb2 [label=\"(002) jeq #0x1\\l\"];\n"
		"\tb2 -> b3 [label=yes];\n"
		"\tb2 -> b3 [label=no, style=dashed];\n"
		"\tb3 [label=\"(003) ret a\\l\"];\n"
		"}\n");
	arena_free(&a);
}

static void json_has_text_and_notes_beside_the_numbers(void **state)
{
	TEST_ARENA(a);
	const struct cbpf_notes notes = { .note = some_note };
	struct cbpf_program p = program(&a, "neg\njneq #0x800, L\nL: ret #0");

	assert_string_equal(printed(&a, "json", &p, &notes),
		"{\"use\":\"socket\",\"insns\":[\n"
		"{\"code\":132,\"jt\":0,\"jf\":0,\"k\":0,\"text\":\"neg\"},\n"
		"{\"code\":21,\"jt\":0,\"jf\":0,\"k\":2048,"
		"\"text\":\"jeq #0x800 jt 2 jf 2\",\"note\":\"ip\"},\n"
		"{\"code\":6,\"jt\":0,\"jf\":0,\"k\":0,\"text\":\"ret #0\","
		"\"note\":\"two lines\"}\n"
		"]}\n");
	arena_free(&a);
}

static void unknown_formats_are_not_printed(void **state)
{
	TEST_ARENA(a);
	struct cbpf_program p = program(&a, "ret #0");
	struct buf out = { .arena = &a };

	assert_false(cbpf_print(&out, "pdf", &p, NULL));
	assert_int_equal(out.len, 0);
	arena_free(&a);
}

static void long_programs_go_through_everything(void **state)
{
	TEST_ARENA(a);
	enum { N = 200000 };
	struct sock_filter *insns = repeated(&a, (struct sock_filter){ CBPF_JEQ_K, 0, 200, 9 },
	                                     N);
	struct cbpf_program p = { .insns = insns, .n = N + 1 }, q = { 0 };
	struct buf text = { .arena = &a };
	struct cbpf_verdict v;
	struct cbpf_cost cost;
	char *messages;

	for (int i = 0; i < 300; i++)
		insns[N - 1 - i] = (struct sock_filter){ CBPF_ADD_K, 0, 0, 1 };
	assert_true(cbpf_check(&a, insns, p.n, CBPF_SOCKET, CBPF_ANY_LENGTH, &v));
	cbpf_cost(&a, insns, p.n, CBPF_SOCKET, &cost);
	assert_int_equal(cost.longest_path, N + 1);
	assert_true(cbpf_print(&text, "asm", &p, NULL));
	if (!read_text(&a, text.s, text.len, &q, &messages))
		fail_msg("%s", messages);
	assert_int_equal(q.n, p.n);
	assert_memory_equal(q.insns, insns, p.n * sizeof *insns);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_checker_names_the_instruction_and_the_reason),
		cmocka_unit_test(the_checker_takes_what_is_only_unusual),
		cmocka_unit_test(length_is_limited_for_the_kernel_only),
		cmocka_unit_test(a_jump_too_far_for_ebpf_is_refused_where_it_stands),
		cmocka_unit_test(unset_cells_are_for_who_asks),
		cmocka_unit_test(cost_counts_what_linux_makes_of_a_program),
		cmocka_unit_test(seccomp_loads_convert_to_one_instruction),
		cmocka_unit_test(calls_allowed_whatever_their_arguments_are_cached),
		cmocka_unit_test(programs_return_what_linux_returns),
		cmocka_unit_test(a_trace_shows_every_step_and_where_it_went),
		cmocka_unit_test(seccomp_programs_see_words_of_this_machine),
		cmocka_unit_test(a_listing_reads_like_tcpdump_and_adds_what_is_known),
		cmocka_unit_test(assembler_text_names_its_targets),
		cmocka_unit_test(numbers_are_written_as_tcpdump_does),
		cmocka_unit_test(seccomp_results_are_listed_as_bit_fields),
		cmocka_unit_test(texts_of_other_tools_are_read),
		cmocka_unit_test(a_text_that_is_no_program_gets_a_message),
		cmocka_unit_test(a_test_that_jumps_too_far_is_refused_by_the_assembler),
		cmocka_unit_test(bytes_that_are_no_program_get_a_message),
		cmocka_unit_test(errors_are_reported_line_by_line_up_to_a_limit),
		cmocka_unit_test(every_format_reads_back_as_it_was),
		cmocka_unit_test(jumps_backward_can_be_said),
		cmocka_unit_test(a_graph_has_a_box_for_each_run_of_instructions),
		cmocka_unit_test(a_graph_follows_jumps_and_falls_through),
		cmocka_unit_test(json_has_text_and_notes_beside_the_numbers),
		cmocka_unit_test(unknown_formats_are_not_printed),
		cmocka_unit_test(long_programs_go_through_everything),
	};

	return cmocka_run_group_tests_name("cbpf", tests, NULL, NULL);
}
