/* ir/outcome: what programs return, read from their diagrams. */
#include "unit.h"

#include <linux/seccomp.h>

#include "cbpf/cbpf.h"
#include "gen/gen.h"
#include "ir/outcome.h"

enum {
	STEPS = 1 << 16,
	PROGRAMS = 300,
	CALLS = 40,
	LENGTH = 14,
};

static uint32_t word(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 32);
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
	return word(seed) % n;
}

/* A small number, or any. */
static uint32_t number(uint64_t *seed)
{
	return below(seed, 4) ? below(seed, 9) : word(seed);
}

/* The outcome of the N instructions at P, in diagrams of its own. */
static uint32_t outcome(struct arena *a, const struct sock_filter *p, uint32_t n,
                        struct diagrams **d)
{
	struct ir_graph *g = ir_graph(a, &ir_input_seccomp_le);
	struct outcome_families f = outcome_alone;

	assert_true(gen_lift(g, p, n, a, NULL));
	outcome_unite(a, g, &f);
	*d = outcome_diagrams(a, &f, STEPS);
	return outcome_of(a, *d, g);
}

/* The pair of DATA and RESULT is in SET. */
static bool has(const struct diagrams *d, uint32_t set, const struct seccomp_data *data,
                uint32_t result)
{
	uint64_t bits[DIAGRAM_MOST_WORDS] = { 0 };

	bits[0] = (uint32_t)data->nr | (uint64_t)data->arch << 32;
	bits[1] = data->instruction_pointer;
	for (int i = 0; i < OUTCOME_NARGS; i++)
		bits[2 + i] = data->args[i];
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		for (int i = 1; i < 8; i++)
			bits[i] = bits[i] << 32 | bits[i] >> 32;
	bits[OUTCOME_RESULT / 64] = result;
	return diagram_has(d, set, bits);
}

static struct sock_filter random_insn(uint64_t *seed, uint32_t left)
{
	static const uint16_t codes[] = {
		BPF_ALU | BPF_ADD | BPF_K,
		BPF_ALU | BPF_SUB | BPF_K,
		BPF_ALU | BPF_MUL | BPF_K,
		BPF_ALU | BPF_DIV | BPF_K,
		BPF_ALU | BPF_AND | BPF_K,
		BPF_ALU | BPF_OR | BPF_K,
		BPF_ALU | BPF_XOR | BPF_K,
		BPF_ALU | BPF_LSH | BPF_K,
		BPF_ALU | BPF_RSH | BPF_K,
		BPF_ALU | BPF_AND | BPF_X,
		BPF_ALU | BPF_XOR | BPF_X,
		BPF_ALU | BPF_NEG,
		BPF_ALU | BPF_ADD | BPF_X,
		BPF_MISC | BPF_TAX,
		BPF_MISC | BPF_TXA,
		BPF_ST,
		BPF_LD | BPF_MEM,
		BPF_LD | BPF_W | BPF_LEN,
		BPF_LDX | BPF_IMM,
	};
	static const uint16_t jumps[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	struct sock_filter f = { .k = 1 + below(seed, 7) };

	if (!below(seed, 3))
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		                                    4 * below(seed, 8));
	if (!below(seed, 3))
		return (struct sock_filter)BPF_JUMP(
			BPF_JMP | jumps[below(seed, 4)] | (below(seed, 5) ? BPF_K : BPF_X),
			number(seed), (uint8_t)below(seed, left),
			(uint8_t)below(seed, left));
	f.code = codes[below(seed, ARRAY_LEN(codes))];
	if (f.code == BPF_ST || f.code == (BPF_LD | BPF_MEM))
		f.k = 0;
	return f;
}

static void random_program(struct sock_filter p[LENGTH], uint64_t *seed)
{
	p[0] = (struct sock_filter)BPF_STMT(BPF_ST, 0);
	for (uint32_t i = 1; i + 2 < LENGTH; i++)
		/* Most words are small, so that products are. */
		if (p[i - 1].code == (BPF_LD | BPF_W | BPF_ABS) && below(seed, 8))
			p[i] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
			                                    1 + below(seed, 31));
		else
			p[i] = random_insn(seed, LENGTH - 2 - i);
	p[LENGTH - 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	p[LENGTH - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

/* One random program; on how many calls it was followed. */
static unsigned follow_one(uint64_t *seed)
{
	TEST_ARENA(a);
	struct sock_filter p[LENGTH];
	struct cbpf_verdict v;
	struct diagrams *d;
	unsigned k = 0;
	uint32_t set;

	random_program(p, seed);
	if (!cbpf_check(&a, p, LENGTH, CBPF_SECCOMP, 0, &v))
		fail_msg("%u: %s", v.at, v.reason);
	set = outcome(&a, p, LENGTH, &d);
	for (; !diagrams_lost(d) && k < CALLS; k++) {
		struct seccomp_data data = {
			.nr = (int)number(seed),
			.arch = number(seed),
			.instruction_pointer = number(seed),
			.args = { number(seed), word(seed), number(seed) },
		};
		uint32_t result = cbpf_run_seccomp(p, &data);

		assert_true(has(d, set, &data, result));
		assert_false(has(d, set, &data, result ^ 1u << k % 32));
	}
	arena_free(&a);
	return k;
}

static void programs_return_what_their_outcome_has(void **state)
{
	uint64_t seed = 7;
	unsigned followed = 0;

	for (unsigned i = 0; i < PROGRAMS; i++)
		followed += follow_one(&seed);
	assert_true(followed > PROGRAMS * CALLS / 2);
}

/* Division by X, which may be zero: the program ends with 0 then. */
static void a_division_by_zero_has_the_result_0(void **state)
{
	static const struct sock_filter p[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 3),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_IMM, 12),
		BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	static const uint32_t results[] = { 0, 12, 6, 4 };
	TEST_ARENA(a);
	struct diagrams *d;
	uint32_t set = outcome(&a, p, ARRAY_LEN(p), &d);

	assert_false(diagrams_lost(d));
	for (int nr = 0; nr < 4; nr++) {
		struct seccomp_data data = { .nr = nr + 8 };
		uint32_t result;

		assert_true(has(d, set, &data, results[nr]));
		assert_true(outcome_result(d, outcome_given(d, set, OUTCOME_NR, (uint32_t)nr),
		                           &result));
		assert_int_equal(result, results[nr]);
	}
	assert_false(outcome_result(d, set, &(uint32_t){ 0 }));
	arena_free(&a);
}

/* Two ways to say that a word is at most 5, and one that is not. */
static void programs_that_answer_alike_have_one_outcome(void **state)
{
	static const struct sock_filter jgt[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 5, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 2),
	};
	static const struct sock_filter jge[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 6, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 2),
		BPF_STMT(BPF_RET | BPF_K, 1),
	};
	TEST_ARENA(a);
	struct diagrams *d;
	struct ir_graph *g = ir_graph(&a, &ir_input_seccomp_le);
	uint32_t set = outcome(&a, jgt, ARRAY_LEN(jgt), &d);

	assert_true(gen_lift(g, jge, ARRAY_LEN(jge), &a, NULL));
	assert_int_equal(outcome_of(&a, d, g), set);
	arena_free(&a);
}

/* Words that are compared have their bits in turn, so that takes few steps. */
static void words_that_are_compared_are_one_family(void **state)
{
	static const struct sock_filter p[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16 + 8 * 4),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16 + 8),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_X, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 1),
		BPF_STMT(BPF_RET | BPF_K, 2),
	};
	static const struct outcome_families expected = { { 0, 1, 2, 3, 1, 5 } };
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_seccomp_le);
	struct outcome_families f = outcome_alone;
	struct diagrams *d;

	assert_true(gen_lift(g, p, ARRAY_LEN(p), &a, NULL));
	outcome_unite(&a, g, &f);
	assert_memory_equal(&f, &expected, sizeof f);
	d = outcome_diagrams(&a, &f, 20000);
	outcome_of(&a, d, g);
	assert_false(diagrams_lost(d));
	d = outcome_diagrams(&a, &outcome_alone, 20000);
	outcome_of(&a, d, g);
	assert_true(diagrams_lost(d));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_return_what_their_outcome_has),
		cmocka_unit_test(a_division_by_zero_has_the_result_0),
		cmocka_unit_test(programs_that_answer_alike_have_one_outcome),
		cmocka_unit_test(words_that_are_compared_are_one_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
