/* cbpf: checker, forecast, interpreter. */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>

#include "programs.h"

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
	struct sock_filter *p = repeated(&a, (struct sock_filter){
						     CBPF_LD_H_ABS,
						     0,
						     0,
						     12,
					     },
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
	0x00,
	0x11,
	0x22,
	0x33,
	0x44,
	0x55,
	0x66,
	0x77,
	0x88,
	0x99,
	0xaa,
	0xbb,
	0xcc,
	0xdd,
	0xee,
	0xff,
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

static uint32_t run_decoded(const struct cbpf_program *p, const struct cbpf_input *in)
{
	struct cbpf_code *code = malloc(cbpf_code_size(p->n));
	uint32_t result;

	assert_non_null(code);
	cbpf_decode(code, p->insns, p->n);
	result = cbpf_run_code(code, in->bytes, in->captured, in->wire, in);
	free(code);
	return result;
}

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
		if (run_decoded(&p, &in) != runs[i].result)
			fail_msg("decoded: %s\n -> %u", runs[i].text, run_decoded(&p, &in));
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

/* --- what for --------------------------------------------------------------------- */

static void a_program_says_what_it_is_for_or_could_be_either(void **state)
{
	static const struct {
		const char *text;
		enum cbpf_guess guess;
	} cases[] = {
		{ "ldh [12]\nret #0", CBPF_FOR_PACKETS },
		{ "ld [4]\nret #262144", CBPF_FOR_PACKETS },
		{ "ld #len\nret a", CBPF_FOR_EITHER },
		{ "ld [4]\njeq #1, x\nret #0x7fff0000\nx: ret #0", CBPF_FOR_SECCOMP },
		{ "ld [0]\njeq #1, x\nret #0x50001\nx: ret #0x80000000", CBPF_FOR_SECCOMP },
		/* Kills whatever the data, or accepts as much as fits 16 bits. */
		{ "ld [0]\njeq #1, x\nret #65535\nx: ret #0", CBPF_FOR_EITHER },
		{ "ld [16]\njeq #1, x\nret #0x7fff0000\nx: ret #0", CBPF_FOR_EITHER },
		{ "ld [0]\njeq #1, x\nret #0x7fff0000\nx: ret a", CBPF_FOR_EITHER },
		{ "ret #0", CBPF_FOR_EITHER },
		{ "ld M[1]\nret #0x7fff0000", CBPF_FOR_PACKETS },
	};
	TEST_ARENA(a);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cbpf_program p = program(&a, cases[i].text);

		if (cbpf_guess(&a, p.insns, p.n) != cases[i].guess)
			fail_msg("%s", cases[i].text);
	}
	arena_free(&a);
}

/* --- what never runs ---------------------------------------------------------------------- */

static void what_tests_exclude_never_runs(void **state)
{
	static const struct {
		const char *text, *dead; /* its instructions, 'x' for those that never run */
	} cases[] = {
		{ "ldh [12]\njeq #1, yes\njeq #1, no\nyes: ret #1\nno: ret #2", "....x" },
		{ "ldh [12]\njgt #70000, no\nret #1\nno: ret #2", "...x" },
		{ "ldb [0]\njge #10, yes\njgt #9, no\nyes: ret #1\nno: ret #2", "....x" },
		{ "ldb [0]\njset #0x100, no\nret #1\nno: ret #2", "...x" },
		/* The same word again, and by way of registers and cells. */
		{ "ld [0]\njeq #1, yes, other\nother: ldb [8]\nld [0]\njeq #1, no\nyes: ret #1\n"
		  "no: ret #2",
		  "......x" },
		{ "ld [0]\nst M[1]\ntax\njgt #5, a, b\na: ld M[1]\njeq #5, no, yes\n"
		  "b: txa\njeq #6, no, yes\nyes: ret #1\nno: ret #2",
		  ".........x" },
		{ "ldb [0]\nand #0xf0\njgt #0xf0, no\nrsh #4\njgt #15, no\nadd #1\n"
		  "jeq #0, no\nret #1\nno: ret #2",
		  "........x" },
		{ "ld #3\ntax\njeq x, yes, no\nyes: ret #1\nno: ret #2", "....x" },
		{ "ldxb 4*([14]&0xf)\ntxa\njgt #60, no\nret #1\nno: ret #2", "....x" },
		/* Paths that join know less. */
		{ "ld [0]\njeq #1, a, b\na: ja on\nb: jeq #2, on, yes\non: jeq #3, no\n"
		  "yes: ret #1\nno: ret #2",
		  "......x" },
		{ "ld [0]\njeq #1, on, b\nb: jgt #7, on, yes\non: jeq #9, no\nyes: ret #1\n"
		  "no: ret #2",
		  "......" },
		/* A word that is another one each time. */
		{ "ld rand\njeq #1, yes\nld rand\njeq #1, no\nyes: ret #1\nno: ret #2", "......" },
		{ "ja on\nret #1\non: ret #2", ".x." },
	};
	TEST_ARENA(a);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cbpf_program p = program(&a, cases[i].text);
		bool *live = cbpf_runs(&a, p.insns, p.n);

		assert_int_equal(p.n, strlen(cases[i].dead));
		for (uint32_t k = 0; k < p.n; k++)
			if (live[k] == (cases[i].dead[k] == 'x'))
				fail_msg("%s: instruction %u", cases[i].text, k);
	}
	arena_free(&a);
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

/* An instruction of a program of N, at AT, with few words and few values. */
static struct sock_filter random_insn(uint32_t *seed, uint32_t at, uint32_t n)
{
	static const uint16_t tests[] = { CBPF_JEQ_K, CBPF_JGT_K, CBPF_JGE_K, CBPF_JSET_K,
		                          CBPF_JEQ_X, CBPF_JGT_X };
	static const uint16_t others[] = { CBPF_AND_K, CBPF_RSH_K, CBPF_ADD_K, CBPF_TAX, CBPF_TXA,
		                           CBPF_ST, CBPF_LD_MEM, CBPF_LD_IMM, CBPF_SUB_K, CBPF_NEG,
		                           CBPF_STX, CBPF_LDX_MEM, CBPF_ADD_X };
	uint32_t what = draw(seed, 8);

	if (at + 1 == n || what == 0)
		return (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, draw(seed, 3));
	if (what < 3)
		return (struct sock_filter)BPF_STMT(
			draw(seed, 2) ? CBPF_LD_B_ABS : CBPF_LD_H_ABS, draw(seed, 3));
	if (what < 4)
		return (struct sock_filter)BPF_STMT(others[draw(seed, ARRAY_LEN(others))],
		                                    draw(seed, 3));
	return (struct sock_filter)BPF_JUMP(tests[draw(seed, ARRAY_LEN(tests))], draw(seed, 5),
	                                    draw(seed, min_u32(n - at - 1, 4)),
	                                    draw(seed, min_u32(n - at - 1, 4)));
}

static void note_run(void *ctx, const struct cbpf_step *s)
{
	((bool *)ctx)[s->at] = true;
}

/* Count the instructions of a random program that never run, after seeing that. */
static uint32_t count_dead(struct arena *a, uint32_t *seed)
{
	uint32_t n = 4 + draw(seed, 20), dead = 0;
	struct sock_filter p[24];
	bool ran[24] = { false }, *live;
	uint8_t bytes[4];
	struct cbpf_input in = { .bytes = bytes, .captured = sizeof bytes };
	struct cbpf_trace trace = { .step = note_run, .ctx = ran };

	for (uint32_t k = 0; k < n; k++)
		p[k] = random_insn(seed, k, n);
	live = cbpf_runs(a, p, n);
	for (unsigned k = 0; k < 200; k++) {
		for (size_t b = 0; b < sizeof bytes; b++)
			bytes[b] = (uint8_t)(draw(seed, 3) ? draw(seed, 6) : draw(seed, 256));
		cbpf_run_traced(p, &in, &trace);
	}
	for (uint32_t k = 0; k < n; k++) {
		assert_true(live[k] || !ran[k]);
		dead += !live[k];
	}
	return dead;
}

static void what_is_said_never_to_run_does_not(void **state)
{
	static uint32_t seed = 1, dead;
	TEST_ARENA(a);

	for (unsigned i = 0; i < 3000; i++)
		dead += count_dead(&a, &seed);
	assert_true(dead > 3000);
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
		cmocka_unit_test(a_program_says_what_it_is_for_or_could_be_either),
		cmocka_unit_test(what_tests_exclude_never_runs),
		cmocka_unit_test(what_is_said_never_to_run_does_not),
	};

	return cmocka_run_group_tests_name("cbpf", tests, NULL, NULL);
}
