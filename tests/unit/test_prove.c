/* prove: wrong programs are found, and right ones are never taken for wrong. */
#include "graphs.h"

#include "gen/gen.h"
#include "prove/prove.h"

/* What the check says of the N instructions at INSNS, which are to mean TEXT. */
static bool passes(const char *text, const struct sock_filter *insns, uint32_t n,
                   uint64_t work)
{
	TEST_ARENA(a);
	struct ir_graph *g = read_graph(&a, text);
	struct prove_case of = { .graph = g, .root = g->root, .program = { insns, n } };
	struct prove_found found, again;
	bool right;

	prove_budget(&of);
	of.work = work ? work : of.work;
	right = prove_check(&of, &a, &found);
	assert_true(found.work <= of.work);
	assert_true(work || !right || found.inputs >= 100);
	assert_int_equal(prove_check(&of, &a, &again), right);
	assert_int_equal(again.inputs, found.inputs);
	assert_int_equal(again.work, found.work);
	assert_true(right || found.meant != found.written);
	arena_free(&a);
	return right;
}

/* 'port 53 || not 22 and 22' on JUNIPER_ATM2, as the frontend means it. */
static const char ports[] =
	"input packet\n"
	"n28: (load.4 0 & 0xffffff00) == 0x4d474300 ? n27 : n24\n"
	"n27: load.1 14 in { 6 -> n26, 17 -> n26, 132 -> n26 } else n24\n"
	"n26: load.2 48 == 53 ? n10 : n25\n"
	"n25: load.2 50 == 53 ? n10 : n24\n"
	"n24: (load.4 0 & 0xffffff00) == 0x4d474300 ? n23 : n19\n"
	"n23: load.1 17 in { 6 -> n22, 17 -> n22, 132 -> n22 } else n19\n"
	"n22: load.2 14 has 0x1fff ? n19 : n21\n"
	"n21: load.2 [msh 8 + 8] == 53 ? n10 : n20\n"
	"n20: load.2 [msh 8 + 10] == 53 ? n10 : n19\n"
	"n19: (load.4 0 & 0xffffff00) == 0x4d474300 ? n18 : n15\n"
	"n18: load.1 14 in { 6 -> n17, 17 -> n17, 132 -> n17 } else n15\n"
	"n17: load.2 48 == 22 ? ret 0 : n16\n"
	"n16: load.2 50 == 22 ? ret 0 : n15\n"
	"n15: (load.4 0 & 0xffffff00) == 0x4d474300 ? n14 : n10\n"
	"n14: load.1 17 in { 6 -> n13, 17 -> n13, 132 -> n13 } else n10\n"
	"n13: load.2 14 has 0x1fff ? n10 : n12\n"
	"n12: load.2 [msh 8 + 8] == 22 ? ret 0 : n11\n"
	"n11: load.2 [msh 8 + 10] == 22 ? ret 0 : n10\n"
	"n10: (load.4 0 & 0xffffff00) == 0x4d474300 ? n9 : n6\n"
	"n9: load.1 14 in { 6 -> n8, 17 -> n8, 132 -> n8 } else n6\n"
	"n8: load.2 48 == 22 ? ret 200 : n7\n"
	"n7: load.2 50 == 22 ? ret 200 : n6\n"
	"n6: (load.4 0 & 0xffffff00) == 0x4d474300 ? n5 : ret 0\n"
	"n5: load.1 17 in { 6 -> n4, 17 -> n4, 132 -> n4 } else ret 0\n"
	"n4: load.2 14 has 0x1fff ? ret 0 : n3\n"
	"n3: load.2 [msh 8 + 8] == 22 ? ret 200 : n2\n"
	"n2: load.2 [msh 8 + 10] == 22 ? ret 200 : ret 0\n";

/* What -O2 made of it, before a question that is asked again kept its sense. */
static const struct sock_filter wrong_ports[] = {
	{ 32, 0, 0, 0 },
	{ 84, 0, 0, 4294967040 },
	{ 21, 0, 33, 1296515840 },
	{ 177, 0, 0, 8 },
	{ 48, 0, 0, 14 },
	{ 21, 2, 0, 6 },
	{ 21, 1, 0, 17 },
	{ 21, 0, 15, 132 },
	{ 40, 0, 0, 48 },
	{ 21, 0, 2, 53 },
	{ 40, 0, 0, 50 },
	{ 21, 23, 4, 22 },
	{ 40, 0, 0, 50 },
	{ 21, 0, 9, 53 },
	{ 40, 0, 0, 48 },
	{ 21, 19, 0, 22 },
	{ 32, 0, 0, 14 },
	{ 84, 0, 0, 536805631 },
	{ 21, 17, 0, 6 },
	{ 21, 16, 0, 17 },
	{ 21, 15, 0, 132 },
	{ 72, 0, 0, 8 },
	{ 21, 12, 10, 22 },
	{ 32, 0, 0, 14 },
	{ 84, 0, 0, 536805631 },
	{ 21, 2, 0, 6 },
	{ 21, 1, 0, 17 },
	{ 21, 0, 8, 132 },
	{ 72, 0, 0, 8 },
	{ 21, 0, 2, 22 },
	{ 72, 0, 0, 10 },
	{ 21, 3, 4, 53 },
	{ 21, 0, 3, 53 },
	{ 72, 0, 0, 10 },
	{ 21, 0, 1, 22 },
	{ 6, 0, 0, 200 },
	{ 6, 0, 0, 0 },
};

static void the_question_whose_sense_was_turned_is_found(void **state)
{
	assert_false(passes(ports, wrong_ports, ARRAY_LEN(wrong_ports), 0));
}

static void the_program_of_a_graph_is_right(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = read_graph(&a, ports);
	struct gen_code code;

	assert_true(gen_program(g, &(struct gen_options){ .leaf = 0 }, &a, &code));
	assert_true(passes(ports, code.insns, code.n, 0));
	arena_free(&a);
}

static void a_check_ends_with_its_work(void **state)
{
	assert_true(passes(ports, wrong_ports, ARRAY_LEN(wrong_ports), 3));
}

/* --- what equivalence allows ---------------------------------------------------- */

static void a_later_load_may_go_first_where_it_faults(void **state)
{
	/* What matches reads both, so either may fail first. */
	static const struct sock_filter p[] = {
		{ 0x30, 0, 0, 900 },
		{ 0x15, 0, 3, 2 },
		{ 0x30, 0, 0, 0 },
		{ 0x15, 0, 1, 1 },
		{ 0x06, 0, 0, 7 },
		{ 0x06, 0, 0, 0 },
	};

	assert_true(passes("input packet\n"
	                   "n2: load.1 0 == 1 ? n1 : ret 0\n"
	                   "n1: load.1 900 == 2 ? ret 7 : ret 0\n",
	                   p, ARRAY_LEN(p), 0));
}

static void a_load_that_a_match_does_not_need_is_found(void **state)
{
	static const struct sock_filter p[] = {
		{ 0x30, 0, 0, 60 },
		{ 0x07, 0, 0, 0 },
		{ 0x30, 0, 0, 0 },
		{ 0x15, 0, 1, 1 },
		{ 0x06, 0, 0, 7 },
		{ 0x06, 0, 0, 0 },
	};

	assert_false(passes("input packet\nn1: load.1 0 == 1 ? ret 7 : ret 0\n", p,
	                    ARRAY_LEN(p), 0));
}

/* --- each kind of question --------------------------------------------------------- */

/* PROGRAM's constant at AT, one more, is found; as it is, it is right. */
static void finds_step(const char *text, const struct sock_filter *program, uint32_t n,
                       uint32_t at)
{
	struct sock_filter p[16];

	memcpy(p, program, n * sizeof *p);
	assert_true(passes(text, p, n, 0));
	p[at].k++;
	assert_false(passes(text, p, n, 0));
}

static void every_bound_is_approached(void **state)
{
	static const struct sock_filter p[] = {
		{ 0x20, 0, 0, 4 },
		{ 0x35, 0, 3, 1000 },
		{ 0x25, 2, 0, 2000000 },
		{ 0x15, 1, 0, 77777 },
		{ 0x06, 0, 0, 7 },
		{ 0x06, 0, 0, 0 },
	};
	static const char text[] =
		"input packet\n"
		"n1: load.4 4 in { 1000..77776 -> ret 7, 77778..2000000 -> ret 7 } else ret 0\n";

	for (uint32_t at = 1; at <= 3; at++)
		finds_step(text, p, ARRAY_LEN(p), at);
}

static void words_of_a_key_are_given_together(void **state)
{
	static const struct sock_filter p[] = {
		{ 0x20, 0, 0, 4 },
		{ 0x15, 0, 3, 0x20010db8 },
		{ 0x20, 0, 0, 8 },
		{ 0x15, 0, 1, 0x12345 },
		{ 0x06, 0, 0, 7 },
		{ 0x06, 0, 0, 0 },
	};
	static const char text[] =
		"input packet\n"
		"n1: {load.4 4, load.4 8} == {0x20010db8, 0x12345} ? ret 7 : ret 0\n";

	finds_step(text, p, ARRAY_LEN(p), 1);
	finds_step(text, p, ARRAY_LEN(p), 3);
}

static void parameters_are_traced_to_where_they_were_bound(void **state)
{
	/* x = 4 * (byte 0 & 15); byte x + 1 decides. */
	static const struct sock_filter p[] = {
		{ 0xb1, 0, 0, 0 },
		{ 0x50, 0, 0, 1 },
		{ 0x15, 0, 1, 99 },
		{ 0x06, 0, 0, 7 },
		{ 0x06, 0, 0, 0 },
	};

	finds_step("input packet\n"
	           "n2: bind p0 = msh 0 -> n1\n"
	           "n1: load.1 [p0 + 1] == 99 ? ret 7 : ret 0\n",
	           p, ARRAY_LEN(p), 2);
}

static void calls_are_given_in_their_host_s_order(void **state)
{
	static const struct sock_filter p[] = {
		{ 0x20, 0, 0, 4 },
		{ 0x15, 0, 3, 0xc000003e },
		{ 0x20, 0, 0, 0 },
		{ 0x15, 0, 1, 257 },
		{ 0x06, 0, 0, 0x7fff0000 },
		{ 0x06, 0, 0, 0x50001 },
	};
	static const char text[] =
		"input seccomp little\n"
		"n2: load.4 4 == 0xc000003e ? n1 : ret 0x50001\n"
		"n1: load.4 0 == 257 ? ret 0x7fff0000 : ret 0x50001\n";

	finds_step(text, p, ARRAY_LEN(p), 1);
	finds_step(text, p, ARRAY_LEN(p), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_question_whose_sense_was_turned_is_found),
		cmocka_unit_test(the_program_of_a_graph_is_right),
		cmocka_unit_test(a_check_ends_with_its_work),
		cmocka_unit_test(a_later_load_may_go_first_where_it_faults),
		cmocka_unit_test(a_load_that_a_match_does_not_need_is_found),
		cmocka_unit_test(every_bound_is_approached),
		cmocka_unit_test(words_of_a_key_are_given_together),
		cmocka_unit_test(parameters_are_traced_to_where_they_were_bound),
		cmocka_unit_test(calls_are_given_in_their_host_s_order),
	};

	return cmocka_run_group_tests_name("prove", tests, NULL, NULL);
}
