/* opt: the passes that are plainly better, each alone, on graph text. */
#include "passes.h"

static void fold_computes_constants(void **state)
{
	check_test(opt_fold, "ret ((2 + 3) * (8 - 1))", "ret 35");
	check_test(opt_fold, "ret ((len + 1) + 2)", "ret (len + 3)");
	check_test(opt_fold, "ret (5 + (len - 3))", "ret (len + 2)");
	check_test(opt_fold, "ret ((len & 12) & 10)", "ret (len & 8)");
	check_test(opt_fold, "ret (1 << 33)", "ret 2");
	check_test(opt_fold, "ret neg neg len", "ret len");
}

static void fold_removes_what_does_nothing(void **state)
{
	check_test(opt_fold, "ret (((len + 0) * 1) | 0)", "ret len");
	check_test(opt_fold, "ret (load.1 3 & 255)", "ret load.1 3");
	check_test(opt_fold, "ret (load.1 3 & 0xf0f)", "ret (load.1 3 & 15)");
	check_test(opt_fold, "ret (load.2 3 >> 16)", "ret 0");
	check_test(opt_fold, "ret (len ^ len)", "ret 0");
	check_test(opt_fold, "ret (len & len)", "ret len");
	check_test(opt_fold, "ret (0 << len)", "ret 0");
	check_test(opt_fold, "ret (0 >> (len / load.1 0))", "ret (0 >> (len / load.1 0))");
}

static void fold_finds_cheaper_operations(void **state)
{
	check_test(opt_fold, "ret (len * 8)", "ret (len << 3)");
	check_test(opt_fold, "ret (len / 16)", "ret (len >> 4)");
	check_test(opt_fold, "ret (len % 16)", "ret (len & 15)");
	check_test(opt_fold, "ret ((load.1 14 & 15) << 2)", "ret msh 14");
	check_test(opt_fold, "ret ((15 & load.1 14) * 4)", "ret msh 14");
}

static void fold_gives_the_base_s_constant_to_the_offset(void **state)
{
	check_test(opt_fold, "ret load.2 [(msh 14 + 14) + 2]",
	           "ret load.2 [msh 14 + 16]");
	check_test(opt_fold, "ret load.2 [(10 + 4) + 2]", "ret load.2 16");
	check_test(opt_fold, "ret load.2 [(len + 14) + 2]",
	           "ret load.2 [(len + 14) + 2]");
	check_test(opt_fold, "ret load.2 [0xfffffff0 + 2]",
	           "ret load.2 [0xfffffff0 + 2]");
}

static void fold_knows_what_is_certain_to_fault(void **state)
{
	check_test(opt_fold, "(len / (2 - 2)) == 3 ? ret 1 : ret 2", "ret 0");
	check_test(opt_fold, "ret (((len % 0) + 1) & 7)", "ret 0");
	check_test(opt_fold, "ret (len * (load.1 0 / load.1 1))",
	           "ret (len * (load.1 0 / load.1 1))");
	check_test(opt_fold, "((len / load.1 0) ^ (len / load.1 0)) == 0 ? "
	                     "ret 1 : ret 2",
	           "((len / load.1 0) ^ (len / load.1 0)) == 0 ? ret 1 : "
	           "ret 2");
}

static void fold_drops_equal_words_of_keys(void **state)
{
	check_test(opt_fold, "{load.4 0, 5} == {7, 5} ? ret 1 : ret 2",
	           "load.4 0 == 7 ? ret 1 : ret 2");
	check_test(opt_fold, "{load.4 0, 5} == {7, 6} ? ret 1 : ret 2",
	           "ret 2");
	check_test(opt_fold, "{1, 5} == {1, 5} ? ret 1 : ret 2", "ret 1");
}

static void fold_makes_bases_that_differ_in_a_constant_one(void **state)
{
	check_pass(opt_fold,
	           "n1: load.1 [(msh 14 + (load.1 30 + 5)) + 14] == 1 ? ret 1 : ret 0\n",
	           "n1: load.1 [(msh 14 + load.1 30) + 19] == 1 ? ret 1 : ret 0\n");
}

static void fold_keeps_exact_faults(void **state)
{
	check_pass(opt_fold,
	           "input packet exact\nn1: (load.1 9 & 0) == 0 ? ret 1 : ret 2\n",
	           "input packet exact\nn1: (load.1 9 & 0) == 0 ? ret 1 : ret 2\n");
}

static void canon_spells_a_comparison_one_way(void **state)
{
	check_test(opt_canon, "5 >= len ? ret 1 : ret 2",
	           "len > 5 ? ret 2 : ret 1");
	check_test(opt_canon, "5 > len ? ret 1 : ret 2",
	           "len > 4 ? ret 2 : ret 1");
	check_test(opt_canon, "len >= 6 ? ret 1 : ret 2",
	           "len > 5 ? ret 1 : ret 2");
	check_test(opt_canon, "len >= 0 ? ret 1 : ret 2", "ret 1");
	check_test(opt_canon, "len > 0 ? ret 1 : ret 2",
	           "len == 0 ? ret 2 : ret 1");
	check_test(opt_canon, "load.1 0 > 254 ? ret 1 : ret 2",
	           "load.1 0 == 255 ? ret 1 : ret 2");
	check_test(opt_canon, "load.1 0 > 255 ? ret 1 : ret 2", "ret 2");
	check_test(opt_canon, "(load.1 0 | 5) == 2 ? ret 1 : ret 2", "ret 2");
	check_test(opt_canon, "(load.1 0 | 5) == 7 ? ret 1 : ret 2",
	           "(load.1 0 | 5) == 7 ? ret 1 : ret 2");
	check_test(opt_canon, "(load.1 0 & 0xc0) == 0xc0 ? ret 1 : ret 2",
	           "load.1 0 > 191 ? ret 1 : ret 2");
	check_test(opt_canon, "(load.1 0 & 0xf00) == 0 ? ret 1 : ret 2", "ret 1");
	check_test(opt_canon, "(load.2 0 & 0xc0) == 0xc0 ? ret 1 : ret 2",
	           "(load.2 0 & 192) == 192 ? ret 1 : ret 2");
	check_test(opt_canon, "load.1 0 == 256 ? ret 1 : ret 2", "ret 2");
	check_test(opt_canon, "len in { 7 -> ret 1 } else ret 2",
	           "len == 7 ? ret 1 : ret 2");
}

static void canon_asks_without_arithmetic(void **state)
{
	check_test(opt_canon, "(len + 4) == 10 ? ret 1 : ret 2",
	           "len == 6 ? ret 1 : ret 2");
	check_test(opt_canon, "(len ^ 4) == 10 ? ret 1 : ret 2",
	           "len == 14 ? ret 1 : ret 2");
	check_test(opt_canon, "(len & 2) == 2 ? ret 1 : ret 2",
	           "len has 2 ? ret 1 : ret 2");
	check_test(opt_canon, "(len & 6) == 0 ? ret 1 : ret 2",
	           "len has 6 ? ret 2 : ret 1");
	check_test(opt_canon, "(len & 6) > 0 ? ret 1 : ret 2",
	           "len has 6 ? ret 1 : ret 2");
	check_test(opt_canon, "(len & 6) == 1 ? ret 1 : ret 2", "ret 2");
	check_test(opt_canon, "(load.1 14 >> 4) == 4 ? ret 1 : ret 2",
	           "(load.1 14 & 0xfffffff0) == 64 ? ret 1 : ret 2");
	check_test(opt_canon, "(len >> 4) > 3 ? ret 1 : ret 2",
	           "len > 63 ? ret 1 : ret 2");
	check_test(opt_canon, "(load.4 0 & 0xffff0000) > 0x10000 ? ret 1 : ret 2",
	           "load.4 0 > 0x1ffff ? ret 1 : ret 2");
	check_test(opt_canon, "(load.4 0 & 0xf0f0) > 0x10 ? ret 1 : ret 2",
	           "(load.4 0 & 0xf0f0) > 0x10 ? ret 1 : ret 2");
	check_test(opt_canon, "(len - load.1 0) == 0 ? ret 1 : ret 2",
	           "len == load.1 0 ? ret 1 : ret 2");
	check_test(opt_canon, "load.1 0 has 0xff00 ? ret 1 : ret 2", "ret 2");
	check_test(opt_canon, "load.1 0 has 0xff ? ret 1 : ret 2",
	           "load.1 0 == 0 ? ret 2 : ret 1");
}

static void thread_skips_what_the_path_has_decided(void **state)
{
	check_pass(opt_thread,
	           "n1: load.2 12 == 5 ? n2 : ret 0\n"
	           "n2: load.2 12 == 6 ? ret 1 : n3\n"
	           "n3: load.2 12 > 4 ? ret 2 : ret 3\n",
	           "n1: load.2 12 == 5 ? ret 2 : ret 0\n");
}

static void thread_meets_facts_where_paths_join(void **state)
{
	/* Both ways leave the byte below 10, but only one at 3. */
	check_pass(opt_thread,
	           "n1: load.1 0 == 3 ? n4 : n2\n"
	           "n2: load.1 0 > 9 ? ret 0 : n3\n"
	           "n3: load.1 1 == 1 ? n4 : ret 5\n"
	           "n4: load.1 2 == 1 ? n5 : ret 6\n"
	           "n5: load.1 0 > 20 ? ret 1 : n6\n"
	           "n6: load.1 0 == 3 ? ret 2 : ret 3\n",
	           "n1: load.1 0 == 3 ? n4 : n2\n"
	           "n2: load.1 0 > 9 ? ret 0 : n3\n"
	           "n3: load.1 1 == 1 ? n4 : ret 5\n"
	           "n4: load.1 2 == 1 ? n6 : ret 6\n"
	           "n6: load.1 0 == 3 ? ret 2 : ret 3\n");
}

static void thread_sees_through_overlapping_loads(void **state)
{
	check_pass(opt_thread,
	           "n1: load.4 10 == 0x1020800 ? n2 : ret 0\n"
	           "n2: load.2 12 == 0x800 ? n3 : ret 1\n"
	           "n3: load.1 [msh 3 + 2] == 7 ? n4 : ret 0\n"
	           "n4: (load.2 [msh 3 + 1] & 127) == 7 ? ret 4 : ret 5\n",
	           "n1: load.4 10 == 0x1020800 ? n3 : ret 0\n"
	           "n3: load.1 [msh 3 + 2] == 7 ? ret 4 : ret 0\n");
}

static void thread_forgets_what_a_bind_changes(void **state)
{
	const char *text = "n1: bind p0 = load.1 0 -> n2\n"
			   "n2: load.1 [p0 + 1] == 7 ? n3 : ret 0\n"
			   "n3: bind p0 = 9 -> n4\n"
			   "n4: load.1 [p0 + 1] == 7 ? n5 : ret 1\n"
			   "n5: p0 == 9 ? ret 2 : ret 3\n";

	check_pass(opt_thread, text,
	           "n1: bind p0 = load.1 0 -> n2\n"
	           "n2: load.1 [p0 + 1] == 7 ? n3 : ret 0\n"
	           "n3: bind p0 = 9 -> n4\n"
	           "n4: load.1 [p0 + 1] == 7 ? ret 2 : ret 1\n");
}

static void thread_knows_where_a_set_leads(void **state)
{
	check_pass(opt_thread,
	           "n1: len in { 1..5 -> n2, 9 -> n2 } else n3\n"
	           "n2: len > 5 ? ret 1 : ret 2\n"
	           "n3: len == 9 ? ret 3 : ret 4\n",
	           "n1: len in { 1..5 -> ret 2, 9 -> ret 1 } else ret 4\n");
	check_pass(opt_thread,
	           "n1: len == 9 ? n2 : ret 0\n"
	           "n2: len in { 1..5 -> ret 1, 9 -> ret 2 } else ret 3\n",
	           "n1: len == 9 ? ret 2 : ret 0\n");
}

static void thread_removes_what_makes_no_difference(void **state)
{
	const char *farther = "n1: load.2 0 == 0xffff ? ret 1 : n2\n"
			      "n2: load.4 0 > 0x1000000 ? ret 1 : ret 0\n";

	check_pass(opt_thread,
	           "n1: {load.4 2, load.2 0} == {0xffffffff, 0xffff} ? ret 1 : n2\n"
	           "n2: load.1 0 has 1 ? ret 1 : ret 0\n",
	           "n2: load.1 0 has 1 ? ret 1 : ret 0\n");
	check_pass(opt_thread,
	           "n1: load.2 12 > 1500 ? n2 : ret 0\n"
	           "n2: load.2 12 == 0x800 ? ret 1 : ret 0\n",
	           "n2: load.2 12 == 0x800 ? ret 1 : ret 0\n");
	/* What it would have to load instead may not be there. */
	check_pass(opt_thread, farther, farther);
}

static void thread_keeps_exact_faults(void **state)
{
	check_left(opt_thread, "input packet exact\n"
	                       "n1: load.1 12 == 8 ? n2 : ret 0\n"
	                       "n2: load.2 12 > 0x8ff ? ret 1 : ret 2\n");
}

static void fold_meets_a_node_that_became_its_successor(void **state)
{
	/* n2 becomes n1, whose values are new by then */
	check_pass(opt_fold,
	           "n4: 0xff00 has 0x40000 ? n3 : n2\n"
	           "n3: 0xff00 == 0x771c ? ret 0 : n2\n"
	           "n2: (load.1 4 & 0x20001) == 12 ? ret 0 : n1\n"
	           "n1: bind p2 = 6 -> ret 0\n",
	           "n2: (load.1 4 & 1) == 12 ? ret 0 : n1\n"
	           "n1: bind p2 = 6 -> ret 0\n");
}

static void fold_keeps_what_a_key_loads_before_it_decides(void **state)
{
	const char *text = "input packet exact\n"
			   "n2: {3, 16} == {load.1 35, 70} ? ret 0 : ret 1\n";

	check_left(opt_fold, text);
	check_left(opt_thread, text);
}

static void thread_knows_which_of_a_few_numbers_are_left(void **state)
{
	check_pass(opt_thread,
	           "n4: load.1 23 in { 6 -> n3, 17 -> n3 } else ret 0\n"
	           "n3: load.2 0 == 1 ? n2 : n1\n"
	           "n2: load.1 23 in { 6 -> ret 1, 17 -> ret 1 } else ret 2\n"
	           "n1: load.1 23 == 7 ? ret 3 : ret 4\n",
	           "n4: load.1 23 in { 6 -> n3, 17 -> n3 } else ret 0\n"
	           "n3: load.2 0 == 1 ? ret 1 : ret 4\n");
}

static void fold_leaves_whole_fields_of_a_header(void **state)
{
	check_kept(opt_fold, sll2,
	           "n1: ret ((load.1 10 & 15) << 2)\n");
	check_kept(opt_fold, sll, "n1: bind p0 = len -> n2\n"
	                          "n2: ret load.2 [(p0 + 16) + 16]\n");
	/* A source that reads the header by an index is no worse off with a constant. */
	check_pass(opt_fold,
	           "input packet header 16 0:2 14:2\nn1: ret load.1 [(2 + 13) + 0]\n",
	           "input packet header 16 0:2 14:2\nn1: ret load.1 15\n");
}

static void dead_removes_binds_that_only_dead_ones_read(void **state)
{
	check_pass(opt_dead,
	           "n1: bind p0 = load.1 0 -> n2\n"
	           "n2: bind p1 = (p0 + 1) -> n3\n"
	           "n3: len > 5 ? ret 1 : ret 0\n",
	           "n3: len > 5 ? ret 1 : ret 0\n");
	check_pass(opt_dead,
	           "n1: bind p0 = (1 / load.1 0) -> n2\nn2: ret len\n",
	           "n1: need (1 / load.1 0) -> n2\nn2: ret len\n");
}

static void fuel_stops_rewrites(void **state)
{
	TEST_ARENA(a);
	struct opt o = {
		.graph = read_graph(&a, "n1: ret ((1 + 2) + 3)\n"),
		.fuel = 1,
		.level = OPT_2,
		.verify = true,
	};

	o.tmp.oom = a.oom;
	opt_run(&o);
	assert_string_equal(normal(&a, o.graph), "input packet\nn0: ret (3 + 3)\n");
	arena_free(&o.tmp);
	arena_free(&a);
}

/* With memory that grows as the square of the chain this would need 13 GB. */
static void a_long_chain_takes_linear_memory(void **state)
{
	TEST_ARENA(a);
	struct opt o = { .graph = ir_graph(&a, &ir_input_packet),
		         .fuel = UINT64_MAX,
		         .level = OPT_2 };
	struct ir_graph *g = o.graph;
	const struct ir_node *yes = ir_ret_const(g, 1), *n = ir_ret_const(g, 0);

	for (uint32_t i = 0; i < 40000; i++)
		n = ir_test(g, IR_EQ, ir_load(g, 1, i), ir_const(g, i & 255), yes,
		            n);
	g->root = n;
	o.tmp.oom = a.oom;
	opt_run(&o);
	assert_true(a.used < 64u << 20);
	arena_free(&o.tmp);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold_computes_constants),
		cmocka_unit_test(fold_removes_what_does_nothing),
		cmocka_unit_test(fold_finds_cheaper_operations),
		cmocka_unit_test(fold_gives_the_base_s_constant_to_the_offset),
		cmocka_unit_test(fold_knows_what_is_certain_to_fault),
		cmocka_unit_test(fold_drops_equal_words_of_keys),
		cmocka_unit_test(fold_keeps_exact_faults),
		cmocka_unit_test(fold_makes_bases_that_differ_in_a_constant_one),
		cmocka_unit_test(canon_spells_a_comparison_one_way),
		cmocka_unit_test(canon_asks_without_arithmetic),
		cmocka_unit_test(thread_skips_what_the_path_has_decided),
		cmocka_unit_test(thread_meets_facts_where_paths_join),
		cmocka_unit_test(thread_sees_through_overlapping_loads),
		cmocka_unit_test(thread_forgets_what_a_bind_changes),
		cmocka_unit_test(thread_knows_where_a_set_leads),
		cmocka_unit_test(thread_keeps_exact_faults),
		cmocka_unit_test(thread_removes_what_makes_no_difference),
		cmocka_unit_test(fold_meets_a_node_that_became_its_successor),
		cmocka_unit_test(fold_keeps_what_a_key_loads_before_it_decides),
		cmocka_unit_test(thread_knows_which_of_a_few_numbers_are_left),
		cmocka_unit_test(fold_leaves_whole_fields_of_a_header),
		cmocka_unit_test(dead_removes_binds_that_only_dead_ones_read),
		cmocka_unit_test(fuel_stops_rewrites),
		cmocka_unit_test(a_long_chain_takes_linear_memory),
	};

	return cmocka_run_group_tests_name("opt", tests, NULL, NULL);
}
