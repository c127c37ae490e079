/* gen: programs do what their graphs say, and reuse what registers hold. */
#include "graphs.h"

#include <stdlib.h>

#include "cbpf/cbpf.h"
#include "gen/gen.h"

/* Small numbers in most bytes, so that tests come out both ways. */
static void fill(uint8_t *bytes, uint32_t len, uint64_t *seed)
{
	for (uint32_t i = 0; i < len; i++) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(*seed >> 60 < 13 ? *seed >> 40 & 7
		                                      : *seed >> 40);
	}
}

/* The program of G, checked, and equal to G on RUNS inputs; its length. */
static uint32_t same_as_graph(struct arena *a, struct ir_graph *g,
                              const struct gen_options *o, int runs)
{
	struct gen_code code;
	struct cbpf_verdict verdict;
	uint8_t bytes[64];
	uint64_t seed = 1;

	assert_null(ir_verify(g, a));
	assert_true(gen_program(g, o, a, &code));
	if (!cbpf_check(a, code.insns, code.n, CBPF_SOCKET, CBPF_ANY_LENGTH,
	                &verdict))
		fail_msg("%s at %u", verdict.reason, verdict.at);
	for (int i = 0; i < runs; i++) {
		uint32_t len = g->input.size ? 64 : (uint32_t)i % 65, expected;
		struct cbpf_input in = {
			.bytes = bytes,
			.captured = len,
			.wire = len + (uint32_t)i % 3,
		};
		struct ir_data data = {
			.bytes = bytes,
			.captured = len,
			.wire = in.wire,
		};

		fill(bytes, len, &seed);
		ir_eval(g, &data, a, &expected);
		assert_int_equal(cbpf_run(code.insns, &in), expected);
	}
	return code.n;
}

static uint32_t length_with(const char *text, const struct gen_options *o)
{
	TEST_ARENA(a);
	uint32_t n = same_as_graph(&a, read_graph(&a, text), o, 3000);

	arena_free(&a);
	return n;
}

/* The program for TEXT with OPTIONS is right, and of this length with the usual limits. */
#define LENGTH_IS(text, options, length)                          \
	do {                                                      \
		uint32_t has = length_with(text, options);        \
                                                                  \
		WITH_USUAL_LIMITS(assert_int_equal(has, length)); \
	} while (0)

/* TEXT does what it says with every option, and has LENGTH without any. */
static void gives(const char *text, uint32_t length)
{
	static const struct gen_options linear = { .linear = true },
					leaf = { .leaf = 1 },
					no_entry = { .no_entry = true },
					none = { 0 };

	length_with(text, &linear);
	length_with(text, &leaf);
	length_with(text, &no_entry);
	LENGTH_IS(text, &none, length);
}

static void a_loaded_value_is_tested_twice(void **state)
{
	gives("n1: load.2 12 == 1 ? ret 1 : n2\n"
	      "n2: load.2 12 == 2 ? ret 2 : ret 0\n",
	      6);
}

static void who_holds_the_value_enters_behind_the_load(void **state)
{
	/* n1 goes to n3 with byte 0 in A, n2 with another */
	gives("n1: load.1 0 == 1 ? n2 : n3\n"
	      "n2: load.1 1 > 3 ? n3 : ret 7\n"
	      "n3: (load.1 0 & 3) has 2 ? ret 1 : ret 0\n",
	      10);
}

static void x_stays_for_the_next_indexed_load(void **state)
{
	gives("n1: load.1 [msh 0 + 2] == 3 ? ret 5 : n2\n"
	      "n2: load.1 [msh 0 + 4] == 3 ? ret 5 : ret 0\n",
	      7);
}

static void a_parameter_needs_no_cell_while_x_holds_it(void **state)
{
	/* ldx #4 on one path; on the other X is still 0, as it was at the start */
	gives("n1: load.1 0 == 1 ? n2 : n3\n"
	      "n2: bind p0 = 4 -> n4\n"
	      "n3: bind p0 = 0 -> n4\n"
	      "n4: load.1 [p0 + 1] == 2 ? ret 1 : ret 0\n",
	      7);
}

static void a_parameter_gets_its_value_from_another_one_in_x(void **state)
{
	gives("n1: bind p1 = msh 14 -> n2\n"
	      "n2: load.1 23 == 6 ? n3 : n4\n"
	      "n3: bind p0 = p1 -> n5\n"
	      "n4: load.1 23 == 17 ? n6 : ret 0\n"
	      "n6: bind p0 = 8 -> n5\n"
	      "n5: load.2 [p0 + 14] == 80 ? ret 1 : ret 0\n",
	      9);
}

static void a_parameter_is_kept_in_a_cell_across_other_uses(void **state)
{
	gives("n1: bind p0 = (load.1 0 + 1) -> n2\n"
	      "n2: load.1 [msh 1 + 1] == 2 ? n3 : ret 0\n"
	      "n3: load.1 [p0 + 1] == (p0 * load.1 2) ? ret 1 : ret 2\n",
	      17);
}

static void a_parameter_is_bound_anew(void **state)
{
	gives("n1: bind p0 = 0 -> n2\n"
	      "n2: load.1 0 == 1 ? n3 : n4\n"
	      "n3: bind p0 = (p0 + 4) -> n4\n"
	      "n4: load.1 [p0 + 1] == 2 ? n5 : ret 0\n"
	      "n5: bind p0 = (p0 + 1) -> n6\n"
	      "n6: load.1 [p0 + 1] > 1 ? ret 1 : ret 3\n",
	      18);
}

static void an_index_held_in_a_still_goes_to_x(void **state)
{
	/* n2 is entered with its value in A; n4 wants it in X */
	gives("n0: bind p1 = 0 -> n1\n"
	      "n1: load.1 5 == 7 ? n2 : n3\n"
	      "n2: bind p2 = load.1 5 -> n4\n"
	      "n3: bind p2 = 24 -> n4\n"
	      "n4: bind p1 = (p1 / p2) -> ret 0x40000\n",
	      8);
}

static void linux_sees_every_cell_written(void **state)
{
	/* the ret that n1 shares would hide the store from what is behind it */
	gives("n1: load.1 0 == 9 ? ret 1 : n2\n"
	      "n2: bind p3 = load.1 1 -> n3\n"
	      "n3: load.1 2 == 1 ? ret 1 : n4\n"
	      "n4: p3 in { 1..4 -> ret 2 } else ret 0\n",
	      13);
}

static void both_operands_may_be_deep(void **state)
{
	gives("n1: ret (((load.1 0 * load.1 1) - (load.1 2 * load.1 3)) ^ "
	      "((load.1 [load.1 4 + 0] % load.1 5) << (load.1 6 / load.1 7)))\n",
	      30);
}

static void a_division_by_constant_zero_faults_when_it_runs(void **state)
{
	gives("n1: len > 30 ? n2 : ret 4\n"
	      "n2: (len / 0) == 0 ? ret 1 : ret 2\n",
	      7);
}

static void a_set_becomes_tests(void **state)
{
	gives("n1: load.1 1 in { 0 -> ret 1, 2..4 -> ret 2, 6 -> ret 1, 8 -> "
	      "ret 3, 10 -> ret 1, 20..255 -> ret 2 } else ret 0\n",
	      12);
	gives("n1: load.1 1 in { 0..1 -> ret 1, 2 -> ret 2, 3..0xffffffff -> "
	      "ret 3 } else ret 9\n",
	      6);
}

static void single_numbers_in_a_run_cost_one_test_each(void **state)
{
	/* > 40, == 7, == 21, == 30 */
	gives("n1: load.1 1 in { 0..6 -> ret 1, 8..20 -> ret 1, 21 -> ret 2, "
	      "22..29 -> ret 1, 31..40 -> ret 1 } else ret 0\n",
	      8);
	/* two runs: >= 50, == 7, == 60 */
	gives("n1: load.1 1 in { 0..6 -> ret 1, 8..49 -> ret 1, 60 -> ret 1 } "
	      "else ret 0\n",
	      6);
}

static void numbers_above_a_load_s_width_are_not_asked_for(void **state)
{
	gives("n1: load.2 0 in { 7..0xffff -> ret 1, 0x10000 -> ret 2 } else ret 0\n",
	      4);
	gives("n1: load.1 0 in { 256..300 -> ret 1 } else ret 2\n",
	      2);
}

/* Every second number from 0 to 2N, and what is above. */
static void a_long_set_takes_its_tests(uint32_t n, bool linear, uint32_t length)
{
	struct gen_options o = { .linear = linear };
	TEST_ARENA(a);
	struct buf text = { .arena = &a };

	buf_puts(&text, "n1: load.4 0 in { ");
	for (uint32_t i = 0; i < n; i++)
		buf_printf(&text, "%s%u -> ret 1", i ? ", " : "", 2 * i);
	buf_puts(&text, " } else ret 0\n");
	LENGTH_IS(buf_str(&text), &o, length);
	arena_free(&a);
}

static void a_long_set_is_a_line_where_short_counts(void **state)
{
	a_long_set_takes_its_tests(40, true, 1 + 40 + 2);
	a_long_set_takes_its_tests(200, true, 1 + 200 + 2);
	a_long_set_takes_its_tests(200, false, 242);
}

static void lines_get_longer_where_the_program_would_not_fit(void **state)
{
	struct gen_options o = { .room = 250 };
	TEST_ARENA(a);
	struct buf text = { .arena = &a };
	uint32_t length;

	buf_puts(&text, "n1: load.4 0 in { ");
	for (uint32_t i = 0; i < 220; i++)
		buf_printf(&text, "%s%u -> ret 1", i ? ", " : "", 2 * i);
	buf_puts(&text, " } else ret 0\n");
	length = length_with(buf_str(&text), &o);
	WITH_USUAL_LIMITS(assert_in_range(length, 230, 250));
	o.room = 225;
	LENGTH_IS(buf_str(&text), &o, 223);
	o.room = 100; /* no way to fit: fast, then */
	length = length_with(buf_str(&text), &o);
	WITH_USUAL_LIMITS(assert_in_range(length, 255, 280));
	arena_free(&a);
}

static void nets_of_one_length_are_numbers_behind_a_mask(void **state)
{
	gives("n1: load.4 0 in { 0x100..0x1ff -> ret 1, 0x300..0x3ff -> ret 1, "
	      "0x7000000..0x70000ff -> ret 1, 0x7000200..0x70002ff -> ret 1 } "
	      "else ret 0\n",
	      8);
	/* the mask would cost more than it saves */
	gives("n1: load.4 0 in { 0x100..0x1ff -> ret 1 } else ret 0\n",
	      5);
}

static void numbers_that_differ_in_two_bits_are_one_test(void **state)
{
	gives("n1: load.2 0 in { 1 -> ret 1, 5 -> ret 1, 257 -> ret 1, "
	      "261 -> ret 1, 0xffff -> ret 1 } else ret 0\n",
	      6);
	/* but not where they lead to different nodes */
	gives("n1: load.2 0 in { 1 -> ret 1, 5 -> ret 2, 257 -> ret 1, "
	      "261 -> ret 1 } else ret 0\n",
	      8);
}

/* icmp echo or echo reply: no bit but one is set */
static void zero_and_a_bit_are_one_test(void **state)
{
	gives("n1: load.1 34 in { 0 -> ret 1, 8 -> ret 1 } else ret 0\n",
	      4);
	gives("n1: load.1 34 in { 0 -> ret 1, 8 -> ret 2 } else ret 0\n",
	      6);
}

static void a_bit_tells_what_order_does_not(void **state)
{
	gives("n1: load.4 0 in { 7..0xff -> ret 1, "
	      "0x40000000..0x7fffffff -> ret 1, "
	      "0xc0000000..0xfffffffe -> ret 1 } else ret 0\n",
	      7);
}

static void what_a_bit_marks_shares_the_tests_of_what_it_does_not(void **state)
{
	struct gen_options o = { 0 };
	TEST_ARENA(a);
	struct buf text = { .arena = &a };

	buf_puts(&text, "n1: load.4 0 in { ");
	for (unsigned i = 0; i < 20; i++)
		buf_printf(&text, "%u..%u -> ret %u, ", 5 * i, 5 * i + 1, 1 + i % 3);
	for (unsigned i = 0; i < 20; i++)
		buf_printf(&text, "%u..%u -> ret %u%s", 0x40000000 + 5 * i,
		           0x40000001 + 5 * i, i == 7 ? 9 : 1 + i % 3,
		           i < 19 ? ", " : " } else ret 0\n");
	/* ld, jset, two for what is different, and, 39 for the rest, 5 rets */
	LENGTH_IS(buf_str(&text), &o, 1 + 1 + 2 + 1 + 39 + 5);
	arena_free(&a);
}

static void the_lower_word_of_a_number_comes_first(void **state)
{
	gives("input seccomp\n"
	      "n1: {load.4 20, load.4 16} in { {0, 0}..{0, 37} -> ret 1, "
	      "{0, 39} -> ret 1, {0, 41}..{0xffffffff, 0xffffffff} -> ret 1 } "
	      "else ret 0\n",
	      7);
	gives("input seccomp\n"
	      "n1: {load.4 20, load.4 16} in { {1, 5}..{3, 7} -> ret 1, "
	      "{4, 0}..{4, 2} -> ret 2 } else ret 0\n",
	      14);
}

static void what_is_met_most_is_asked_for_first(void **state)
{
	static const char text[] =
		"n1: load.1 0 in { 1..10 -> ret 1, 20..25 -> ret 1, 30 -> ret 2, "
		"31..50 -> ret 1, 60..70 -> ret 3 } else ret 0\n";
	static const struct ir_weight weight[] = { { 5, 10 }, { 30, 100 } };
	TEST_ARENA(a);
	struct ir_graph *g = read_graph(&a, text);
	struct gen_options o = { 0 };
	struct ir_weights w;
	struct gen_code code;

	w = (struct ir_weights){ g->root->lhs, weight, ARRAY_LEN(weight) };
	ir_weigh(g, g->root, &w);
	same_as_graph(&a, g, &o, 3000);
	assert_true(gen_program(g, &o, &a, &code));
	assert_int_equal(code.insns[1].code, BPF_JMP | BPF_JEQ);
	assert_int_equal(code.insns[1].k, 30);
	arena_free(&a);
}

static void a_key_is_compared_word_by_word(void **state)
{
	gives("n1: {load.1 0, load.1 1, load.1 2} == {1, 2, 3} ? ret 1 : ret 0\n",
	      8);
	gives("n1: {load.1 0, load.1 1} > {3, 3} ? ret 1 : ret 0\n",
	      7);
	gives("n1: {load.1 0, load.1 1} >= {3, 3} ? ret 1 : ret 0\n",
	      7);
	gives("n1: {load.1 0, load.1 1} has {4, load.1 3} ? ret 1 : ret 0\n",
	      8);
	gives("n1: {load.1 0, load.1 1} in { {1, 4} -> ret 1, {2, 2}..{4, 1} -> "
	      "ret 2, {6, 0}..{6, 0xffffffff} -> ret 3 } else ret 0\n",
	      16);
}

static void a_need_is_evaluated_for_its_fault(void **state)
{
	gives("n1: need load.1 20 -> n2\n"
	      "n2: need msh 40 -> n3\nn3: ret len\n",
	      4);
}

/* A chain of N tests on different bytes, all with far exits. */
static void long_jumps_reach_over_255(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet);
	const struct ir_node *no = ir_ret_const(g, 0), *n = no;
	const struct ir_node *yes = ir_ret(g, ir_op2(g, IR_ADD, ir_len(g),
	                                             ir_const(g, 1)));
	struct gen_options o = { 0 };

	for (uint32_t i = 0; i < 3000; i++)
		n = ir_test(g, IR_EQ, ir_load(g, 1, i * 7 % 60),
		            ir_const(g, i % 8), i % 2 ? yes : n,
		            i % 2 ? n : i % 3 ? no
		                              : yes);
	g->root = n;
	same_as_graph(&a, g, &o, 1000);
	arena_free(&a);
}

/* The longest distance of a conditional jump. */
static uint32_t longest_jump(const struct gen_code *code)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < code->n; i++)
		if (BPF_CLASS(code->insns[i].code) == BPF_JMP &&
		    !cbpf_is_ja(&code->insns[i]))
			most = max_u32(most, max_u32(code->insns[i].jt, code->insns[i].jf));
	return most;
}

/* A test over 1, 2, 3, ... others, so that every distance is met. */
static void jumps_of_every_length_are_right(void **state)
{
	TEST_ARENA(a);
	struct gen_options o = { 0 };
	uint32_t most = 0;

	for (uint32_t tests = 1; tests < GEN_FAR + 20; tests++) {
		struct ir_graph *g = ir_graph(&a, &ir_input_packet);
		const struct ir_value *v = ir_load(g, 1, 0);
		const struct ir_node *yes = ir_ret(g, ir_load(g, 2, 2));
		const struct ir_node *n = ir_ret_const(g, 0);
		struct gen_code code;

		for (uint32_t i = tests; i-- > 0;)
			n = ir_test(g, IR_EQ, v, ir_const(g, i + 1),
			            ir_ret_const(g, 1), n);
		g->root = ir_test(g, IR_EQ, v, ir_const(g, 0), yes, n);
		assert_true(gen_program(g, &o, &a, &code));
		most = max_u32(most, longest_jump(&code));
		same_as_graph(&a, g, &o, 10);
	}
	assert_int_equal(most, GEN_FAR);
	arena_free(&a);
}

static void a_hundred_thousand_alternatives_take_linear_memory(void **state)
{
	TEST_ARENA(a);
	TEST_ARENA(tmp);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet);
	const struct ir_node *no = ir_ret_const(g, 0), *yes = ir_ret_const(g, 9);
	struct ir_interval *v = calloc(100000, sizeof *v);
	struct gen_options o = { 0 };
	struct gen_code code;

	for (uint32_t i = 0; i < 100000; i++) {
		v[i].lo[0] = v[i].hi[0] = i * 2654435761u;
		v[i].to = yes;
	}
	g->root = ir_set(g, ir_load(g, 4, 26), v, 100000, no);
	free(v);
	assert_true(gen_program(g, &o, &tmp, &code));
	WITH_USUAL_LIMITS(assert_in_range(code.n, 100000, 160000));
	assert_true(a.used + tmp.used < 400u << 20);
	arena_free(&a);
	arena_free(&tmp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loaded_value_is_tested_twice),
		cmocka_unit_test(who_holds_the_value_enters_behind_the_load),
		cmocka_unit_test(x_stays_for_the_next_indexed_load),
		cmocka_unit_test(a_parameter_needs_no_cell_while_x_holds_it),
		cmocka_unit_test(a_parameter_gets_its_value_from_another_one_in_x),
		cmocka_unit_test(a_parameter_is_kept_in_a_cell_across_other_uses),
		cmocka_unit_test(a_parameter_is_bound_anew),
		cmocka_unit_test(an_index_held_in_a_still_goes_to_x),
		cmocka_unit_test(linux_sees_every_cell_written),
		cmocka_unit_test(both_operands_may_be_deep),
		cmocka_unit_test(a_division_by_constant_zero_faults_when_it_runs),
		cmocka_unit_test(a_set_becomes_tests),
		cmocka_unit_test(single_numbers_in_a_run_cost_one_test_each),
		cmocka_unit_test(numbers_above_a_load_s_width_are_not_asked_for),
		cmocka_unit_test(a_long_set_is_a_line_where_short_counts),
		cmocka_unit_test(lines_get_longer_where_the_program_would_not_fit),
		cmocka_unit_test(nets_of_one_length_are_numbers_behind_a_mask),
		cmocka_unit_test(numbers_that_differ_in_two_bits_are_one_test),
		cmocka_unit_test(zero_and_a_bit_are_one_test),
		cmocka_unit_test(a_bit_tells_what_order_does_not),
		cmocka_unit_test(what_a_bit_marks_shares_the_tests_of_what_it_does_not),
		cmocka_unit_test(the_lower_word_of_a_number_comes_first),
		cmocka_unit_test(what_is_met_most_is_asked_for_first),
		cmocka_unit_test(a_key_is_compared_word_by_word),
		cmocka_unit_test(a_need_is_evaluated_for_its_fault),
		cmocka_unit_test(long_jumps_reach_over_255),
		cmocka_unit_test(jumps_of_every_length_are_right),
		cmocka_unit_test(a_hundred_thousand_alternatives_take_linear_memory),
	};

	return cmocka_run_group_tests_name("gen", tests, NULL, NULL);
}
