/* opt: the passes that move, join and share tests, each alone, on graph text. */
#include "passes.h"

/* As the frontend does: each alternative begins with the question for the host. */
static bool marked_pairs(struct opt *o)
{
	struct ir_graph *g = o->graph;

	o->level = OPT_2;
	for (uint32_t i = 0; i < g->nodes.n; i++)
		if (g->nodes.v[i]->kind == IR_TEST && g->nodes.v[i]->lhs->imm == 26)
			ir_mark(g, g->nodes.v[i], IR_MARK_PAIRS);
	return opt_pairs(o);
}

static void pairs_asks_one_field_after_the_other(void **state)
{
	/* The guard is alike and comes first; 2 and 4 have one class. */
	check_pass(marked_pairs,
	           "n9: load.4 26 == 1 ? n8 : n6\n"
	           "n8: load.1 23 == 6 ? n7 : n6\n"
	           "n7: load.2 36 == 80 ? ret 1 : n6\n"
	           "n6: load.4 26 == 2 ? n5 : n3\n"
	           "n5: load.1 23 == 6 ? n4 : n3\n"
	           "n4: load.2 36 == 22 ? ret 1 : n3\n"
	           "n3: load.4 26 == 4 ? n2 : ret 0\n"
	           "n2: load.1 23 == 6 ? n1 : ret 0\n"
	           "n1: load.2 36 == 22 ? ret 1 : ret 0\n",
	           "n4: load.1 23 == 6 ? n3 : ret 0\n"
	           "n3: load.4 26 in { 1 -> n2, 2 -> n1, 4 -> n1 } else ret 0\n"
	           "n2: load.2 36 in { 80 -> ret 1 } else ret 0\n"
	           "n1: load.2 36 in { 22 -> ret 1 } else ret 0\n");
}

static void pairs_reads_the_second_class_last(void **state)
{
	/* That of 1, which comes first, is licensed; that of 2 waits for the second key's. */
	check_pass(marked_pairs,
	           "n8: load.4 26 == 1 ? n6 : n7\n"
	           "n7: load.4 30 == 1 ? n6 : n4\n"
	           "n6: load.2 36 == 80 ? ret 1 : n5\n"
	           "n5: load.2 38 == 80 ? ret 1 : n4\n"
	           "n4: load.4 26 == 2 ? n2 : n3\n"
	           "n3: load.4 30 == 2 ? n2 : ret 0\n"
	           "n2: load.2 36 == 22 ? ret 1 : n1\n"
	           "n1: load.2 38 == 22 ? ret 1 : ret 0\n",
	           "n14: load.4 26 in { 1 -> n13, 2 -> n11 } else n10\n"
	           "n13: load.2 36 in { 80 -> ret 1 } else n12\n"
	           "n12: load.2 38 in { 80 -> ret 1 } else n10\n"
	           "n10: bind p1 = 0x10000 -> n7\n"
	           "n11: bind p3 = 22 -> n9\n"
	           "n9: bind p1 = p3 -> n8\n"
	           "n8: load.2 36 == p1 ? ret 1 : n7\n"
	           "n7: load.4 30 in { 1 -> n6, 2 -> n5 } else n1\n"
	           "n6: bind p3 = 80 -> n4\n"
	           "n5: bind p3 = 22 -> n4\n"
	           "n4: bind p2 = p3 -> n3\n"
	           "n3: load.2 36 == p2 ? ret 1 : n2\n"
	           "n2: load.2 38 == p2 ? ret 1 : n1\n"
	           "n1: load.2 38 == p1 ? ret 1 : ret 0\n");
}

static void pairs_takes_sets_for_classes(void **state)
{
	check_pass(marked_pairs,
	           "n6: load.4 26 == 1 ? n5 : n4\n"
	           "n5: load.2 36 in { 22 -> ret 1, 80..90 -> ret 1 } else n4\n"
	           "n4: load.4 26 == 2 ? n3 : n2\n"
	           "n3: load.2 36 in { 100..110 -> ret 1, 443 -> ret 1 } else n2\n"
	           "n2: load.4 26 == 4 ? n1 : ret 0\n"
	           "n1: load.2 36 in { 22 -> ret 1, 80..90 -> ret 1 } else ret 0\n",
	           "n3: load.4 26 in { 1 -> n1, 2 -> n2, 4 -> n1 } else ret 0\n"
	           "n2: load.2 36 in { 100..110 -> ret 1, 443 -> ret 1 } else ret 0\n"
	           "n1: load.2 36 in { 22 -> ret 1, 80..90 -> ret 1 } else ret 0\n");
}

static void pairs_leaves_other_lists_alone(void **state)
{
	/* Something follows the list that may say yes. */
	check_left(marked_pairs, "n5: load.4 26 == 1 ? n4 : n3\n"
	                         "n4: load.2 36 == 80 ? ret 1 : n3\n"
	                         "n3: load.4 26 == 2 ? n2 : n1\n"
	                         "n2: load.2 36 == 22 ? ret 1 : n1\n"
	                         "n1: load.1 23 == 1 ? ret 1 : ret 0\n");
}

static void cluster_moves_no_load_up(void **state)
{
	const char *text = "n3: load.2 6 > 82 ? ret 1 : n2\n"
			   "n2: load.4 11 has 0x40001 ? ret 1 : n1\n"
			   "n1: load.2 6 > load.2 31 ? ret 1 : ret 0\n";

	check_left(opt_cluster, text);
	text = "n3: {load.2 6, load.4 40} == {1, 2} ? ret 1 : n2\n"
	       "n2: load.4 11 has 0x40001 ? ret 1 : n1\n"
	       "n1: {load.2 6, load.4 40} == {3, 4} ? ret 1 : ret 0\n";
	check_left(opt_cluster, text);
}

static void cluster_brings_questions_about_one_value_together(void **state)
{
	check_pass(opt_cluster,
	           "n1: load.2 36 == 80 ? ret 1 : n2\n"
	           "n2: load.2 38 == 80 ? ret 1 : n3\n"
	           "n3: load.2 36 == 443 ? ret 1 : ret 0\n",
	           "n1: load.2 36 == 80 ? ret 1 : n3\n"
	           "n3: load.2 36 == 443 ? ret 1 : n2\n"
	           "n2: load.2 38 == 80 ? ret 1 : ret 0\n");
	/* What the only way into the chain has asked comes first. */
	check_pass(opt_cluster,
	           "n1: load.4 26 == 7 ? ret 1 : n2\n"
	           "n2: load.4 30 == 7 ? n3 : ret 0\n"
	           "n3: load.4 26 == 9 ? ret 1 : ret 0\n",
	           "n1: load.4 26 == 7 ? ret 1 : n3\n"
	           "n3: load.4 26 == 9 ? n2 : ret 0\n"
	           "n2: load.4 30 == 7 ? ret 1 : ret 0\n");
}

static void cluster_moves_nothing_past_a_division(void **state)
{
	check_left(opt_cluster, "n1: load.2 36 == 80 ? ret 1 : n2\n"
	                        "n2: (1 / load.1 0) == 1 ? ret 1 : n3\n"
	                        "n3: load.2 36 == 443 ? ret 1 : ret 0\n");
}

static void collect_makes_a_set_of_what_is_asked_in_turn(void **state)
{
	check_pass(opt_collect,
	           "n1: load.2 36 == 80 ? ret 1 : n2\n"
	           "n2: load.2 36 == 443 ? ret 1 : n3\n"
	           "n3: load.2 36 > 1023 ? ret 2 : ret 0\n",
	           "n1: load.2 36 in { 80 -> ret 1, 443 -> ret 1, "
	           "1024..0xffffffff -> ret 2 } else ret 0\n");
	check_pass(opt_collect,
	           "n1: (load.4 26 & 0xff000000) == 0xa000000 ? ret 1 : n2\n"
	           "n2: (load.4 26 & 0xfff00000) == 0xac100000 ? ret 1 : ret 0\n",
	           "n1: load.4 26 in { 0xa000000..0xaffffff -> ret 1, "
	           "0xac100000..0xac1fffff -> ret 1 } else ret 0\n");
}

static void collect_leaves_what_others_lead_to(void **state)
{
	check_left(opt_collect, "n1: load.1 0 == 1 ? n2 : n3\n"
	                        "n2: load.1 1 == 1 ? ret 1 : n4\n"
	                        "n3: load.1 2 == 1 ? ret 1 : n4\n"
	                        "n4: load.1 1 == 2 ? ret 1 : ret 0\n");
}

static void hoist_asks_first_what_all_must_pass(void **state)
{
	check_pass(opt_hoist,
	           "n1: load.4 26 == 7 ? n2 : n4\n"
	           "n2: load.1 23 in { 6 -> n3, 17 -> n3 } else n4\n"
	           "n3: load.2 34 == 80 ? n6 : n4\n"
	           "n4: load.1 23 in { 6 -> n5, 17 -> n5 } else ret 0\n"
	           "n5: load.2 36 == 80 ? n6 : ret 0\n"
	           "n6: load.1 23 == 6 ? ret 1 : ret 0\n",
	           "n0: load.1 23 == 6 ? n1 : ret 0\n"
	           "n1: load.4 26 == 7 ? n3 : n5\n"
	           "n3: load.2 34 == 80 ? ret 1 : n5\n"
	           "n5: load.2 36 == 80 ? ret 1 : ret 0\n");
}

static void hoist_leaves_what_some_pass_by(void **state)
{
	const char *text = "n1: load.4 26 == 7 ? n2 : n3\n"
			   "n2: load.1 23 == 6 ? ret 1 : n3\n"
			   "n3: load.4 30 == 7 ? n4 : ret 2\n"
			   "n4: load.1 23 == 6 ? ret 1 : ret 0\n";

	check_left(opt_hoist, text);
	check_left(opt_sink, text);
}

static void sink_asks_last_what_all_must_pass(void **state)
{
	check_pass(opt_sink,
	           "n1: load.4 26 == 7 ? n2 : n4\n"
	           "n2: load.2 20 has 0x1fff ? n4 : n3\n"
	           "n3: load.2 34 == 80 ? ret 1 : n4\n"
	           "n4: load.4 30 == 7 ? n5 : ret 0\n"
	           "n5: load.2 20 has 0x1fff ? ret 0 : n6\n"
	           "n6: load.2 36 == 80 ? ret 1 : ret 0\n",
	           "n1: load.4 26 == 7 ? n3 : n4\n"
	           "n3: load.2 34 == 80 ? n0 : n4\n"
	           "n4: load.4 30 == 7 ? n6 : ret 0\n"
	           "n6: load.2 36 == 80 ? n0 : ret 0\n"
	           "n0: load.2 20 has 0x1fff ? ret 0 : ret 1\n");
}

/*
 * n11 lets pass what is not in its set. Asked first, ahead of n8, it leaves n15 as the
 * highest test of that set, and that one lets pass what is in it.
 */
static void sink_takes_the_sense_of_the_test_that_it_moves(void **state)
{
	check_pass(opt_sink,
	           "n1: bind p5 = msh 8 -> n2\n"
	           "n2: load.1 14 in { 6 -> n3, 17 -> n3 } else n5\n"
	           "n3: load.2 48 == 53 ? n14 : n4\n"
	           "n4: load.2 50 == 53 ? n13 : n5\n"
	           "n5: (load.4 14 & 0x1fff00ff) in { 6 -> n6, 17 -> n6 } else n8\n"
	           "n6: load.2 [p5 + 8] == 53 ? n17 : n7\n"
	           "n7: load.2 [p5 + 10] == 53 ? n16 : ret 0\n"
	           "n8: load.1 14 in { 6 -> n9, 17 -> n9 } else n11\n"
	           "n9: load.2 48 == 22 ? ret 0 : n10\n"
	           "n10: load.2 50 == 22 ? ret 0 : n11\n"
	           "n11: (load.4 14 & 0x1fff00ff) in { 6 -> ret 0, 17 -> ret 0 } else n12\n"
	           "n12: load.1 14 in { 6 -> n13, 17 -> n13 } else n15\n"
	           "n13: load.2 48 == 22 ? ret 200 : n14\n"
	           "n14: load.2 50 == 22 ? ret 200 : n15\n"
	           "n15: (load.4 14 & 0x1fff00ff) in { 6 -> n16, 17 -> n16 } else ret 0\n"
	           "n16: load.2 [p5 + 8] == 22 ? ret 200 : n17\n"
	           "n17: load.2 [p5 + 10] == 22 ? ret 200 : ret 0\n",
	           "n1: bind p5 = msh 8 -> n2\n"
	           "n2: load.1 14 in { 6 -> n3, 17 -> n3 } else n7\n"
	           "n3: load.2 48 == 53 ? n4 : n5\n"
	           "n4: load.2 50 == 22 ? ret 200 : n15\n"
	           "n5: load.2 50 == 53 ? n6 : n7\n"
	           "n6: load.2 48 == 22 ? ret 200 : n15\n"
	           "n7: (load.4 14 & 0x1fff00ff) in { 6 -> n8, 17 -> n8 } else ret 0\n"
	           "n8: load.2 [p5 + 8] == 53 ? n17 : n9\n"
	           "n9: load.2 [p5 + 10] == 53 ? n16 : ret 0\n"
	           "n15: (load.4 14 & 0x1fff00ff) in { 6 -> n16, 17 -> n16 } else ret 0\n"
	           "n16: load.2 [p5 + 8] == 22 ? ret 200 : n17\n"
	           "n17: load.2 [p5 + 10] == 22 ? ret 200 : ret 0\n");
}

static void merge_asks_about_neighbours_at_once(void **state)
{
	check_pass(opt_merge,
	           "n1: load.1 23 == 6 ? n2 : ret 0\n"
	           "n2: load.2 20 has 0x1fff ? ret 0 : ret 1\n",
	           "n1: (load.4 20 & 0x1fff00ff) == 6 ? ret 1 : ret 0\n");
	/* One guard behind several answers. */
	check_pass(opt_merge,
	           "n1: load.1 23 in { 6 -> n2, 17 -> n3 } else ret 0\n"
	           "n2: load.2 20 has 0x1fff ? ret 0 : ret 1\n"
	           "n3: load.2 20 has 0x1fff ? ret 0 : ret 2\n",
	           "n1: (load.4 20 & 0x1fff00ff) in { 6 -> ret 1, 17 -> ret 2 } "
	           "else ret 0\n");
}

/* What a load cannot be stays so: its bits would be another point's. */
static void merge_leaves_points_that_no_load_has(void **state)
{
	const char *set = "n1: load.2 36 == 207 ? n2 : ret 0\n"
			  "n2: load.2 34 in { 80 -> ret 1, 0x10051 -> ret 2 } else ret 0\n";
	const char *test = "n1: load.2 36 == 207 ? n2 : ret 0\n"
			   "n2: load.2 34 == 0x10050 ? ret 1 : ret 0\n";
	const char *masked = "n1: load.2 36 == 207 ? n2 : ret 0\n"
			     "n2: (load.2 34 & 0xf0) == 0x51 ? ret 1 : ret 0\n";

	check_pass(opt_merge, set, set);
	check_pass(opt_merge, test, test);
	check_pass(opt_merge, masked, masked);
}

static void narrow_leaves_what_no_masked_load_is(void **state)
{
	check_left(opt_narrow, "n1: (load.2 34 & 0xff00) == 1 ? ret 1 : ret 0\n");
}

static void collect_leaves_what_no_masked_value_is(void **state)
{
	check_left(opt_collect, "n1: (load.4 30 & 0xff000000) == 1 ? ret 1 : n2\n"
	                        "n2: load.4 30 == 7 ? ret 2 : ret 0\n");
}

static void merge_asks_for_one_bit_that_is_set(void **state)
{
	check_pass(opt_merge,
	           "n1: load.1 16 has 1 ? n2 : ret 0\n"
	           "n2: (load.1 18 & 240) == 64 ? ret 1 : ret 0\n",
	           "n1: (load.4 15 & 0x100f0) == 0x10040 ? ret 1 : ret 0\n");
}

static void merge_asks_the_second_question_first(void **state)
{
	check_at(OPT_2, opt_merge,
	         "n1: load.2 12 in { 0x8100 -> n2, 0x88a8 -> n2, 0x9100 -> n2 } else ret 0\n"
	         "n2: (load.2 14 & 0xfff) == 100 ? ret 1 : ret 0\n",
	         "n2: (load.2 14 & 0xfff) == 100 ? n1 : ret 0\n"
	         "n1: load.2 12 in { 0x8100 -> ret 1, 0x88a8 -> ret 1, 0x9100 -> ret 1 } "
	         "else ret 0\n");
}

static void merge_reads_no_further_where_failing_is_no_reject(void **state)
{
	check_left(opt_merge, "n1: load.2 20 == 6 ? n2 : ret 3\n"
	                      "n2: load.2 22 == 7 ? ret 1 : ret 3\n");
}

static void narrow_turns_a_byte_mask_into_a_byte_load(void **state)
{
	check_test(opt_narrow,
	           "(load.4 26 & 0xff000000) == 0xa000000 ? ret 1 : ret 0",
	           "load.1 26 == 10 ? ret 1 : ret 0");
	check_test(opt_narrow, "(load.4 [len + 2] & 0xffff00) == 0x1200 ? ret 1 : ret 0",
	           "load.2 [len + 3] == 18 ? ret 1 : ret 0");
	check_test(opt_narrow, "(load.4 [len + 2] & 0xfff) == 0x120 ? ret 1 : ret 0",
	           "(load.4 [len + 2] & 0xfff) == 0x120 ? ret 1 : ret 0");
	check_test(opt_narrow, "(load.4 [len + 2] & 0xffff) == 0x1200 ? ret 1 : ret 0",
	           "load.2 [len + 4] == 0x1200 ? ret 1 : ret 0");
	check_test(opt_narrow,
	           "load.4 26 in { 0xac100000..0xac1fffff -> ret 1 } else ret 0",
	           "load.2 26 in { 0xac10..0xac1f -> ret 1 } else ret 0");
	check_test(opt_narrow,
	           "load.4 26 in { 0xac100000..0xac1ffffe -> ret 1 } else ret 0",
	           "load.4 26 in { 0xac100000..0xac1ffffe -> ret 1 } else ret 0");
}

static void merge_leaves_whole_fields_of_a_header(void **state)
{
	static const char *const across = "n1: load.2 14 == 0x800 ? n2 : ret 0\n"
					  "n2: load.2 16 == 0x4500 ? ret 1 : ret 0\n";

	check_kept(opt_merge, sll, across);
	check_kept(opt_merge, sll2, "n1: load.1 10 == 4 ? n2 : ret 0\n"
	                            "n2: load.1 11 == 6 ? ret 1 : ret 0\n");
	/* Where it ends, all bytes are alike again. */
	check_pass(opt_merge,
	           "input packet header 16 0:2 14:2\n"
	           "n1: load.1 16 == 0x45 ? n2 : ret 0\n"
	           "n2: load.1 17 == 0 ? ret 1 : ret 0\n",
	           "input packet header 16 0:2 14:2\n"
	           "n1: load.2 16 == 0x4500 ? ret 1 : ret 0\n");
}

static void narrow_leaves_whole_fields_of_a_header(void **state)
{
	check_kept(opt_narrow, sll,
	           "n1: (load.2 14 & 0xff00) == 0x800 ? ret 1 : ret 0\n");
	check_kept(opt_narrow, sll2,
	           "n1: load.4 4 in { 0x100..0x1ff -> ret 1 } else ret 0\n");
}

#define TWO_PLACES                                                  \
	"n1: load.1 40 == 1 ? n2 : n4\n"                            \
	"n2: load.2 0 in { 80 -> ret 1, 99 -> ret 2 } else n3\n"    \
	"n3: load.2 2 in { 80 -> ret 1, 99 -> ret 2 } else ret 0\n" \
	"n4: load.2 30 in { 80 -> ret 1, 99 -> ret 2 } else n5\n"   \
	"n5: load.2 32 in { 80 -> ret 1, 99 -> ret 2 } else ret 0\n"

static void unify_leaves_whole_fields_of_a_header(void **state)
{
	check_pass(opt_unify, TWO_PLACES,
	           "n1: load.1 40 == 1 ? n2 : n4\n"
	           "n2: bind p0 = 0 -> n3\n"
	           "n4: bind p0 = 30 -> n3\n"
	           "n3: load.2 [p0 + 0] in { 80 -> ret 1, 99 -> ret 2 } else n5\n"
	           "n5: load.2 [p0 + 2] in { 80 -> ret 1, 99 -> ret 2 } else ret 0\n");
	check_kept(opt_unify, "4 0:2 2:2", TWO_PLACES);
}

static void unify_shares_code_that_differs_in_its_base(void **state)
{
	check_pass(opt_unify,
	           "n1: load.2 12 == 0x800 ? n2 : n3\n"
	           "n2: load.2 [msh 14 + 14] == 80 ? ret 1 : n4\n"
	           "n4: load.2 [msh 14 + 16] == 80 ? ret 1 : n5\n"
	           "n5: load.2 [msh 14 + 18] == 80 ? ret 1 : ret 0\n"
	           "n3: load.2 54 == 80 ? ret 1 : n6\n"
	           "n6: load.2 56 == 80 ? ret 1 : n7\n"
	           "n7: load.2 58 == 80 ? ret 1 : ret 0\n",
	           "n1: load.2 12 == 0x800 ? n2 : n3\n"
	           "n2: bind p0 = msh 14 -> n4\n"
	           "n3: bind p0 = 40 -> n4\n"
	           "n4: load.2 [p0 + 14] == 80 ? ret 1 : n5\n"
	           "n5: load.2 [p0 + 16] == 80 ? ret 1 : n6\n"
	           "n6: load.2 [p0 + 18] == 80 ? ret 1 : ret 0\n");
}

/* The first question by itself: nothing has to be set up where it decides. */
static void unify_passes_on_the_value_that_is_asked_about_first(void **state)
{
	check_pass(opt_unify,
	           "n1: load.2 12 == 0x800 ? n2 : n5\n"
	           "n2: load.1 23 in { 6 -> n3, 17 -> n3, 132 -> n3 } else ret 0\n"
	           "n3: load.2 [msh 14 + 14] in { 80 -> ret 1, 99 -> ret 1 } else n4\n"
	           "n4: load.2 [msh 14 + 16] in { 80 -> ret 1, 99 -> ret 1 } else ret 0\n"
	           "n5: load.1 20 in { 6 -> n6, 17 -> n6, 132 -> n6 } else ret 0\n"
	           "n6: load.2 54 in { 80 -> ret 1, 99 -> ret 1 } else n7\n"
	           "n7: load.2 56 in { 80 -> ret 1, 99 -> ret 1 } else ret 0\n",
	           "n1: load.2 12 == 0x800 ? n2 : n5\n"
	           "n2: bind p0 = msh 14 -> n8\n"
	           "n8: bind p1 = load.1 23 -> n9\n"
	           "n5: bind p0 = 40 -> n10\n"
	           "n10: bind p1 = load.1 20 -> n9\n"
	           "n9: p1 in { 6 -> n6, 17 -> n6, 132 -> n6 } else ret 0\n"
	           "n6: load.2 [p0 + 14] in { 80 -> ret 1, 99 -> ret 1 } else n7\n"
	           "n7: load.2 [p0 + 16] in { 80 -> ret 1, 99 -> ret 1 } else ret 0\n");
}

/* What is passed on has been loaded, so nobody need load it for its fault any more. */
static void unify_drops_the_need_of_what_is_passed_on(void **state)
{
	check_pass(opt_unify,
	           "input packet exact\n"
	           "n1: load.2 12 in { 0x800 -> n2, 0x806 -> n5 } else ret 0\n"
	           "n2: load.4 26 in { 7 -> ret 1, 9 -> ret 2 } else n3\n"
	           "n3: need load.4 26 -> n4\n"
	           "n4: load.4 30 in { 7 -> ret 1, 9 -> ret 2 } else ret 0\n"
	           "n5: load.4 28 in { 7 -> ret 1, 9 -> ret 2 } else n6\n"
	           "n6: need load.4 28 -> n7\n"
	           "n7: load.4 38 in { 7 -> ret 1, 9 -> ret 2 } else ret 0\n",
	           "input packet exact\n"
	           "n1: load.2 12 in { 0x800 -> n2, 0x806 -> n5 } else ret 0\n"
	           "n2: bind p0 = 0 -> n3\n"
	           "n3: bind p1 = load.4 26 -> n7\n"
	           "n5: bind p0 = 8 -> n6\n"
	           "n6: bind p1 = load.4 28 -> n7\n"
	           "n7: p1 in { 7 -> ret 1, 9 -> ret 2 } else n8\n"
	           "n8: load.4 [p0 + 30] in { 7 -> ret 1, 9 -> ret 2 } else ret 0\n");
}

static void unify_shares_only_what_is_asked_last(void **state)
{
	check_pass(opt_unify,
	           "n1: load.2 12 in { 0x800 -> n2, 0x806 -> n3 } else ret 0\n"
	           "n2: load.4 26 == 7 ? ret 1 : n4\n"
	           "n4: load.4 30 == 7 ? ret 1 : ret 0\n"
	           "n3: load.4 28 == 7 ? ret 1 : n5\n"
	           "n5: load.4 38 == 7 ? ret 1 : ret 0\n",
	           "n1: load.2 12 in { 0x800 -> n2, 0x806 -> n3 } else ret 0\n"
	           "n2: load.4 26 == 7 ? ret 1 : n4\n"
	           "n4: bind p2 = 0 -> n6\n"
	           "n3: load.4 28 == 7 ? ret 1 : n5\n"
	           "n5: bind p2 = 8 -> n6\n"
	           "n6: load.4 [p2 + 30] == 7 ? ret 1 : ret 0\n");
}

/* What only one of the instances asks last keeps the rest of them apart. */
static void defer_lets_unify_find_more(void **state)
{
	const char *text =
		"n1: load.2 12 == 0x800 ? n2 : n5\n"
		"n2: load.2 [msh 14 + 14] == 80 ? n4 : n3\n"
		"n3: load.2 [msh 14 + 16] == 80 ? n4 : ret 0\n"
		"n4: load.1 26 == 10 ? ret 0 : ret 1\n"
		"n5: load.2 54 == 80 ? ret 1 : n6\n"
		"n6: load.2 56 == 80 ? ret 1 : ret 0\n";

	check_left(opt_unify, text);
	check_pass(opt_defer, text,
	           "n1: load.2 12 == 0x800 ? n2 : n5\n"
	           "n2: load.1 26 == 10 ? ret 0 : n3\n"
	           "n3: bind p0 = msh 14 -> n6\n"
	           "n5: bind p0 = 40 -> n6\n"
	           "n6: load.2 [p0 + 14] == 80 ? ret 1 : n7\n"
	           "n7: load.2 [p0 + 16] == 80 ? ret 1 : ret 0\n");
}

static void setup_puts_ahead_what_several_answers_want(void **state)
{
	check_pass(opt_setup,
	           "n0: load.1 [len + 0] == 1 ? n1 : n6\n"
	           "n1: load.1 20 in { 6 -> n2, 17 -> n2, 132 -> n2 } else ret 0\n"
	           "n2: bind p0 = 40 -> n3\n"
	           "n6: bind p0 = msh 14 -> n3\n"
	           "n3: load.2 [p0 + 14] == 80 ? ret 1 : ret 0\n",
	           "n0: load.1 [len + 0] == 1 ? n4 : n6\n"
	           "n4: bind p1 = 40 -> n1\n"
	           "n1: load.1 20 in { 6 -> n2, 17 -> n2, 132 -> n2 } else ret 0\n"
	           "n2: bind p0 = p1 -> n3\n"
	           "n6: bind p0 = msh 14 -> n3\n"
	           "n3: load.2 [p0 + 14] == 80 ? ret 1 : ret 0\n");
	check_pass(opt_setup,
	           "n1: load.1 23 in { 6 -> n2, 17 -> n3 } else ret 0\n"
	           "n2: load.2 [msh 14 + 14] == 80 ? ret 1 : ret 0\n"
	           "n3: load.2 [msh 14 + 14] == 53 ? ret 1 : ret 0\n",
	           "n4: bind p0 = msh 14 -> n1\n"
	           "n1: load.1 23 in { 6 -> n2, 17 -> n3 } else ret 0\n"
	           "n2: load.2 [p0 + 14] == 80 ? ret 1 : ret 0\n"
	           "n3: load.2 [p0 + 14] == 53 ? ret 1 : ret 0\n");
}

/* The header may be cut off where byte 12 is there. */
static void setup_loads_no_header_too_early(void **state)
{
	check_left(opt_setup, "n1: load.1 12 in { 6 -> n2, 17 -> n3 } else ret 2\n"
	                      "n2: load.2 [msh 14 + 14] == 80 ? ret 1 : ret 0\n"
	                      "n3: load.2 [msh 14 + 14] == 53 ? ret 1 : ret 0\n");
}

static void again_asks_once_about_either_value(void **state)
{
	check_pass(opt_again,
	           "n1: load.1 20 in { 17 -> ret 1, 44 -> n2, 58 -> ret 1 } else ret 0\n"
	           "n2: load.1 54 in { 17 -> ret 1, 58 -> ret 1 } else ret 0\n",
	           "n1: load.1 20 in { 44 -> n2 } else n3\n"
	           "n2: bind p0 = load.1 54 -> n4\n"
	           "n3: bind p0 = load.1 20 -> n4\n"
	           "n4: p0 in { 17 -> ret 1, 58 -> ret 1 } else ret 0\n");
}

/* IPv4 asks the second question as well, at another place. */
static void again_finds_a_question_that_is_shared(void **state)
{
	check_pass(opt_again,
	           "n5: load.2 12 == 2048 ? n4 : n3\n"
	           "n4: bind p0 = 0 -> n1\n"
	           "n3: load.1 20 in { 6 -> ret 1, 44 -> n2 } else ret 0\n"
	           "n2: bind p0 = 31 -> n1\n"
	           "n1: load.1 [p0 + 23] == 6 ? ret 1 : ret 0\n",
	           "n7: load.2 12 == 2048 ? n6 : n5\n"
	           "n6: bind p0 = 0 -> n2\n"
	           "n5: load.1 20 in { 44 -> n4 } else n3\n"
	           "n4: bind p0 = 31 -> n2\n"
	           "n2: bind p1 = load.1 [p0 + 23] -> n1\n"
	           "n3: bind p1 = load.1 20 -> n1\n"
	           "n1: p1 == 6 ? ret 1 : ret 0\n");
}

static void again_leaves_answers_that_differ(void **state)
{
	check_left(opt_again, "n1: load.1 20 in { 17 -> ret 1, 44 -> n2, 58 -> ret 1 } else ret 0\n"
	                      "n2: load.1 54 in { 17 -> ret 1, 58 -> ret 2 } else ret 0\n");
}

static void reorder_asks_first_what_fails_most(void **state)
{
	check_pass(opt_reorder,
	           "n1: load.2 12 == 0x800 ? n2 : ret 0\n"
	           "n2: load.4 26 == 7 ? n4 : n3\n"
	           "n3: load.4 30 == 7 ? n4 : ret 0\n"
	           "n4: load.1 23 == 6 ? ret 1 : ret 0\n",
	           "n1: load.1 23 == 6 ? n2 : ret 0\n"
	           "n2: load.4 26 == 7 ? n4 : n3\n"
	           "n3: load.4 30 == 7 ? n4 : ret 0\n"
	           "n4: load.2 12 == 0x800 ? ret 1 : ret 0\n");
}

/* Byte 20 is 6 in most IPv6 packets; in those of IPv4 it never is. */
static void reorder_knows_what_hangs_together(void **state)
{
	check_pass(opt_reorder,
	           "n1: load.2 12 == 0x86dd ? n2 : ret 0\n"
	           "n2: load.2 54 > 2000 ? n3 : ret 0\n"
	           "n3: load.1 20 == 6 ? ret 1 : ret 0\n",
	           "n1: load.1 20 == 6 ? n2 : ret 0\n"
	           "n2: load.2 54 > 2000 ? n3 : ret 0\n"
	           "n3: load.2 12 == 0x86dd ? ret 1 : ret 0\n");
}

static void reorder_keeps_binds_before_what_reads_them(void **state)
{
	check_pass(opt_reorder,
	           "n1: load.1 0 == 1 ? n2 : n3\n"
	           "n2: bind p0 = 4 -> n4\n"
	           "n3: bind p0 = 0 -> n4\n"
	           "n4: load.1 [p0 + 1] has 1 ? n5 : ret 0\n"
	           "n5: load.4 [p0 + 26] == 7 ? n6 : ret 0\n"
	           "n6: load.4 30 == 8 ? ret 1 : ret 0\n",
	           "n6: load.4 30 == 8 ? n1 : ret 0\n"
	           "n1: load.1 0 == 1 ? n2 : n3\n"
	           "n2: bind p0 = 4 -> n5\n"
	           "n3: bind p0 = 0 -> n5\n"
	           "n5: load.4 [p0 + 26] == 7 ? n4 : ret 0\n"
	           "n4: load.1 [p0 + 1] has 1 ? ret 1 : ret 0\n");
}

static void reorder_leaves_what_rejects_with_another_result(void **state)
{
	const char *accepts = "n1: load.2 12 == 0x800 ? n2 : ret 5\n"
			      "n2: load.4 26 == 7 ? ret 1 : ret 5\n";
	const char *divides = "n1: load.2 12 == 0x800 ? n2 : ret 0\n"
			      "n2: (len / load.4 26) == 7 ? ret 1 : ret 0\n";

	check_pass(opt_reorder, accepts, accepts);
	check_pass(opt_reorder, divides, divides);
}

static void suppose_asks_once_and_then_knows_the_offsets(void **state)
{
	check_at(OPT_3, opt_suppose,
	         "n3: load.1 23 == 6 ? n2 : ret 0\n"
	         "n2: load.2 [msh 14 + 14] == 80 ? ret 1 : n1\n"
	         "n1: load.2 [msh 14 + 16] == 80 ? ret 1 : ret 0\n",
	         "n6: load.1 23 == 6 ? n5 : ret 0\n"
	         "n5: load.1 14 == 69 ? n4 : n2\n"
	         "n4: load.2 34 == 80 ? ret 1 : n3\n"
	         "n3: load.2 36 == 80 ? ret 1 : ret 0\n"
	         "n2: load.2 [msh 14 + 14] == 80 ? ret 1 : n1\n"
	         "n1: load.2 [msh 14 + 16] == 80 ? ret 1 : ret 0\n");
}

/* TCP's header has options or none; where it is something else, its length is computed. */
static void suppose_knows_two_lengths_of_tcp(void **state)
{
	check_at(OPT_3, opt_suppose,
	         "n1: load.4 [((load.1 46 & 240) >> 2) + 34] == 7 ? ret 1 : ret 0\n",
	         "n5: (load.1 46 & 240) == 80 ? n2 : n4\n"
	         "n2: load.4 54 == 7 ? ret 1 : ret 0\n"
	         "n4: (load.1 46 & 240) == 128 ? n3 : n1\n"
	         "n3: load.4 66 == 7 ? ret 1 : ret 0\n"
	         "n1: load.4 [((load.1 46 & 240) >> 2) + 34] == 7 ? ret 1 : ret 0\n");
}

static void suppose_leaves_alone_what_no_load_counts_from(void **state)
{
	static const char *const arithmetic = "n1: msh 14 > 20 ? ret 1 : ret 0\n";
	/* The byte is seven bits of it, not four. */
	static const char *const other =
		"n1: load.4 [((load.1 46 & 254) >> 1) + 34] == 7 ? ret 1 : ret 0\n";
	/* The second word is not always computed, so its byte may be missing. */
	static const char *const word =
		"n1: {load.4 0, load.4 [msh 14 + 8]} == {1, 2} ? ret 1 : ret 0\n";

	check_at(OPT_3, opt_suppose, arithmetic, arithmetic);
	check_at(OPT_3, opt_suppose, other, other);
	check_at(OPT_3, opt_suppose, word, word);
}

/* Where length counts, and where indexed loads cost what others do. */
static void suppose_and_split_are_for_time(void **state)
{
	static const char *const text =
		"n5: load.2 12 == 2048 ? n4 : n3\n"
		"n4: bind p0 = msh 14 -> n2\n"
		"n3: bind p0 = 40 -> n2\n"
		"n2: load.2 [p0 + 14] == 80 ? ret 1 : n1\n"
		"n1: load.2 [msh 14 + 16] == 80 ? ret 1 : ret 0\n";

	check_at(OPT_SIZE, opt_suppose, text, text);
	check_at(OPT_SIZE, opt_split, text, text);
}

static void split_asks_which_number_it_is(void **state)
{
	check_at(OPT_3, opt_split,
	         "n6: load.2 12 == 2048 ? n5 : n4\n"
	         "n5: bind p0 = 0 -> n3\n"
	         "n4: bind p0 = 2 -> n3\n"
	         "n3: load.4 [p0 + 26] in { 1 -> ret 1, 5 -> ret 1, 9 -> ret 1 } else n2\n"
	         "n2: load.4 [p0 + 36] == 1 ? ret 1 : ret 0\n",
	         "n11: load.2 12 == 2048 ? n10 : n9\n"
	         "n10: bind p0 = 0 -> n8\n"
	         "n9: bind p0 = 2 -> n8\n"
	         "n8: p0 == 0 ? n7 : n6\n"
	         "n7: bind p1 = load.4 26 -> n5\n"
	         "n6: bind p1 = load.4 28 -> n5\n"
	         "n5: p1 in { 1 -> ret 1, 5 -> ret 1, 9 -> ret 1 } else n4\n"
	         "n4: p0 == 0 ? n3 : n2\n"
	         "n3: load.4 36 == 1 ? ret 1 : ret 0\n"
	         "n2: load.4 38 == 1 ? ret 1 : ret 0\n");
}

/* It may be something else as well, for which the load stays. */
static void split_keeps_the_load_for_other_numbers(void **state)
{
	check_at(OPT_3, opt_split,
	         "n4: load.2 12 == 2048 ? n3 : n2\n"
	         "n3: bind p0 = load.1 14 -> n1\n"
	         "n2: bind p0 = 40 -> n1\n"
	         "n1: load.2 [p0 + 14] == 80 ? ret 1 : ret 0\n",
	         "n6: load.2 12 == 2048 ? n5 : n4\n"
	         "n5: bind p0 = load.1 14 -> n3\n"
	         "n4: bind p0 = 40 -> n3\n"
	         "n3: p0 == 40 ? n2 : n1\n"
	         "n2: load.2 54 == 80 ? ret 1 : ret 0\n"
	         "n1: load.2 [p0 + 14] == 80 ? ret 1 : ret 0\n");
}

/* 0, and 4 more behind a tag: two offsets, and no parameter. */
static void apart_copies_what_differs(void **state)
{
	check_pass(opt_apart,
	           "n5: bind p0 = 0 -> n4\n"
	           "n4: load.2 12 == 33024 ? n3 : n1\n"
	           "n3: bind p0 = (p0 + 4) -> n1\n"
	           "n1: load.2 [p0 + 12] == 2048 ? ret 1 : ret 0\n",
	           "n3: load.2 12 == 33024 ? n2 : n1\n"
	           "n2: load.2 16 == 2048 ? ret 1 : ret 0\n"
	           "n1: load.2 12 == 2048 ? ret 1 : ret 0\n");
}

/* What it is may be anything, and copies of a long list are longer. */
static void apart_leaves_others_alone(void **state)
{
	static const char *const any = "n2: bind p0 = load.1 3 -> n1\n"
				       "n1: load.2 [p0 + 12] == 2048 ? ret 1 : ret 0\n";
	static const char *const list =
		"n4: load.2 12 == 2048 ? n3 : n2\n"
		"n3: bind p0 = 0 -> n1\n"
		"n2: bind p0 = 2 -> n1\n"
		"n1: load.4 [p0 + 26] in { 1 -> ret 1, 5 -> ret 1, 9 -> ret 1, 13 -> ret 1 } "
		"else ret 0\n";

	check_pass(opt_apart, any, any);
	check_pass(opt_apart, list, list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_asks_one_field_after_the_other),
		cmocka_unit_test(pairs_reads_the_second_class_last),
		cmocka_unit_test(pairs_takes_sets_for_classes),
		cmocka_unit_test(pairs_leaves_other_lists_alone),
		cmocka_unit_test(cluster_moves_no_load_up),
		cmocka_unit_test(cluster_brings_questions_about_one_value_together),
		cmocka_unit_test(cluster_moves_nothing_past_a_division),
		cmocka_unit_test(collect_makes_a_set_of_what_is_asked_in_turn),
		cmocka_unit_test(collect_leaves_what_others_lead_to),
		cmocka_unit_test(hoist_asks_first_what_all_must_pass),
		cmocka_unit_test(hoist_leaves_what_some_pass_by),
		cmocka_unit_test(sink_asks_last_what_all_must_pass),
		cmocka_unit_test(sink_takes_the_sense_of_the_test_that_it_moves),
		cmocka_unit_test(merge_asks_about_neighbours_at_once),
		cmocka_unit_test(merge_leaves_points_that_no_load_has),
		cmocka_unit_test(narrow_leaves_what_no_masked_load_is),
		cmocka_unit_test(collect_leaves_what_no_masked_value_is),
		cmocka_unit_test(merge_asks_for_one_bit_that_is_set),
		cmocka_unit_test(merge_asks_the_second_question_first),
		cmocka_unit_test(merge_reads_no_further_where_failing_is_no_reject),
		cmocka_unit_test(narrow_turns_a_byte_mask_into_a_byte_load),
		cmocka_unit_test(merge_leaves_whole_fields_of_a_header),
		cmocka_unit_test(narrow_leaves_whole_fields_of_a_header),
		cmocka_unit_test(unify_leaves_whole_fields_of_a_header),
		cmocka_unit_test(unify_shares_code_that_differs_in_its_base),
		cmocka_unit_test(unify_passes_on_the_value_that_is_asked_about_first),
		cmocka_unit_test(unify_drops_the_need_of_what_is_passed_on),
		cmocka_unit_test(unify_shares_only_what_is_asked_last),
		cmocka_unit_test(defer_lets_unify_find_more),
		cmocka_unit_test(setup_puts_ahead_what_several_answers_want),
		cmocka_unit_test(setup_loads_no_header_too_early),
		cmocka_unit_test(again_asks_once_about_either_value),
		cmocka_unit_test(again_finds_a_question_that_is_shared),
		cmocka_unit_test(again_leaves_answers_that_differ),
		cmocka_unit_test(reorder_asks_first_what_fails_most),
		cmocka_unit_test(reorder_knows_what_hangs_together),
		cmocka_unit_test(reorder_keeps_binds_before_what_reads_them),
		cmocka_unit_test(reorder_leaves_what_rejects_with_another_result),
		cmocka_unit_test(suppose_asks_once_and_then_knows_the_offsets),
		cmocka_unit_test(suppose_knows_two_lengths_of_tcp),
		cmocka_unit_test(suppose_leaves_alone_what_no_load_counts_from),
		cmocka_unit_test(suppose_and_split_are_for_time),
		cmocka_unit_test(split_asks_which_number_it_is),
		cmocka_unit_test(split_keeps_the_load_for_other_numbers),
		cmocka_unit_test(apart_copies_what_differs),
		cmocka_unit_test(apart_leaves_others_alone),
	};

	return cmocka_run_group_tests_name("tries", tests, NULL, NULL);
}
