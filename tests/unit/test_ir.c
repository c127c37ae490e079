/* ir: interning, sets, text and back, verifier, evaluator. */
#include "graphs.h"

static void reads_back(const char *text)
{
	TEST_ARENA(a);
	struct buf out = { .arena = &a };
	struct ir_graph *g = read_graph(&a, text);

	assert_null(ir_verify(g, &a));
	ir_print(&out, g);
	assert_string_equal(buf_str(&out), text);
	arena_free(&a);
}

static void every_kind_of_node_and_value_reads_back(void **state)
{
	reads_back("input packet\nn0: ret 0\n");
	reads_back("input packet exact\nn0: ret load.4 [load.1 3 + 0]\n");
	reads_back("input packet\n"
	           "n4: load.2 12 == 0x800 ? n3 : ret 0\n"
	           "n3: bind p0 = ((load.1 14 & 15) << 2) -> n2\n"
	           "n2: load.2 [p0 + 16] in { 80 -> ret 96, 0x1bb..0x1c0 -> "
	           "ret 96 } else ret 0\n");
	reads_back("input packet\n"
	           "n1: need ((len / load.4 0) % msh 14) -> n0\n"
	           "n0: ret (neg anc 44 + anc 12(len, (2 - 3)))\n");
	reads_back("input seccomp\n"
	           "n4: {load.4 20, load.4 16} > {0, 0xffffffff} ? n2 : "
	           "ret 0x7fff0000\n"
	           "n2: ((load.4 0 | 1) ^ (load.4 4 >> 3)) has (3 * 4) ? "
	           "ret 0 : ret 1\n");
	reads_back("input packet\n"
	           "n3: {load.4 22, load.4 26} in { {0, 1} -> ret 1, "
	           "{1, 0}..{2, 7} -> ret 2 } else ret 0\n");
}

static void a_long_set_reads_back_line_by_line(void **state)
{
	reads_back("input packet\n"
	           "n2: len in {\n\t1 -> ret 1,\n\t3 -> ret 1,\n\t5 -> ret 1,"
	           "\n\t7 -> ret 1,\n\t9 -> ret 1\n} else ret 0\n");
}

static void labels_are_any_numbers(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = read_graph(&a, "input packet\n"
	                                    "n4294967295: len > 3 ? n7 : ret 1\n"
	                                    "n7: ret len\n");

	assert_int_equal(g->root->kind, IR_TEST);
	assert_int_equal(g->root->yes->lhs->op, IR_LEN);
	arena_free(&a);
}

static void deep_values_need_no_deep_stack(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet), *again;
	const struct ir_value *v = ir_len(g), *one = ir_const(g, 1);
	struct buf out = { .arena = &a }, second = { .arena = &a };
	struct ir_data data = { .wire = 5 };
	uint32_t result;

	for (int i = 0; i < 100000; i++)
		v = i % 2 ? ir_op2(g, IR_ADD, v, one)
		          : ir_op2(g, IR_ADD, one, v);
	g->root = ir_ret(g, v);
	assert_null(ir_verify(g, &a));
	ir_print(&out, g);
	again = read_graph(&a, buf_str(&out));
	ir_print(&second, again);
	assert_string_equal(buf_str(&out), buf_str(&second));
	assert_int_equal(ir_eval(again, &data, &a, &result), IR_END_RET);
	assert_int_equal(result, 100005);
	arena_free(&a);
}

static void refuses(const char *text, const char *why)
{
	TEST_ARENA(a);
	struct diags d = { .arena = &a };
	uint32_t source = diag_source(&d, "graph", text, strlen(text));
	struct ir_graph *g = ir_read(&a, &d, source);

	if (g)
		assert_string_equal(ir_verify(g, &a), why);
	else
		assert_int_equal(d.errors, 1);
	assert_true(g || !why);
	arena_free(&a);
}

static void what_is_malformed_is_refused(void **state)
{
	refuses("", NULL);
	refuses("input packet\n", NULL);
	refuses("input packet\nn0: ret\n", NULL);
	refuses("input packet\nn0: ret 99999999999\n", NULL);
	refuses("input packet\nn0: len == 1 ? n1 : ret 0\n", NULL);
	refuses("input packet\nn0: len = 1 ? ret 1 : ret 0\n", NULL);
	refuses("input packet\nn0: len == {1, 2} ? ret 1 : ret 0\n", NULL);
	refuses("input packet\nn0: ret load.3 0\n", NULL);
	refuses("input packet header 33\nn0: ret 0\n", NULL);
	refuses("input packet header 16 15:2\nn0: ret 0\n", NULL);
	refuses("input packet header 16 0:3\nn0: ret 0\n", NULL);
	refuses("input packet header 16 0:1 1:1 2:1 3:1 4:1\nn0: ret 0\n", NULL);
	refuses("input packet\nn0: len in { 5..4 -> ret 1 } else ret 0\n", NULL);
	refuses("input packet\nn1: len == 1 ? n0 : ret 0\nn0: ret len\n"
	        "n0: ret 0\n",
	        NULL);
}

static void the_verifier_sees_what_the_reader_lets_through(void **state)
{
	refuses("input packet\nn0: ret p3\n",
	        "a parameter that is not bound on every path");
	refuses("input packet\nn1: len == 1 ? n3 : n0\nn3: bind p0 = 1 -> n0\n"
	        "n0: ret p0\n",
	        "a parameter that is not bound on every path");
	refuses("input seccomp\nn0: ret load.1 0\n",
	        "a load of a width that the input does not have");
	refuses("input seccomp\nn0: ret load.4 2\n",
	        "a load that is not aligned");
}

/* What ir_verify says of a graph with a header once MADE is in it, too. */
static const char *verdict_with(const struct ir_value *(*made)(struct ir_graph *g))
{
	TEST_ARENA(a);
	struct ir_graph *g = read_graph(&a, "input packet header 16 0:2 14:2\n"
	                                    "n0: ret load.1 5\n");
	const char *wrong;

	made(g);
	wrong = ir_verify(g, &a);
	arena_free(&a);
	return wrong;
}

static const struct ir_value *whole_field(struct ir_graph *g)
{
	return ir_load(g, 2, 14);
}

static const struct ir_value *behind_the_header(struct ir_graph *g)
{
	return ir_loadx(g, 4, ir_msh(g, 16), 16);
}

/* The text asks for this one itself. */
static const struct ir_value *byte_of_the_text(struct ir_graph *g)
{
	return ir_load(g, 1, 5);
}

static const struct ir_value *half_a_field(struct ir_graph *g)
{
	return ir_load(g, 1, 14);
}

static const struct ir_value *across_its_end(struct ir_graph *g)
{
	return ir_load(g, 4, 14);
}

static const struct ir_value *no_field(struct ir_graph *g)
{
	return ir_load(g, 2, 2);
}

static const struct ir_value *field_by_index(struct ir_graph *g)
{
	return ir_loadx(g, 2, ir_len(g), 0);
}

static const struct ir_value *length_in_the_header(struct ir_graph *g)
{
	return ir_msh(g, 5);
}

static void a_header_is_loaded_by_whole_fields(void **state)
{
	static const char wrong[] = "a load of the header that is not a whole field";

	assert_null(verdict_with(whole_field));
	assert_null(verdict_with(behind_the_header));
	assert_null(verdict_with(byte_of_the_text));
	assert_string_equal(verdict_with(half_a_field), wrong);
	assert_string_equal(verdict_with(across_its_end), wrong);
	assert_string_equal(verdict_with(no_field), wrong);
	assert_string_equal(verdict_with(field_by_index), wrong);
	assert_string_equal(verdict_with(length_in_the_header), wrong);
}

static void equal_values_and_nodes_are_one_object(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet);
	const struct ir_node *no = ir_ret_const(g, 0), *yes = ir_ret_const(g, 1);
	const struct ir_value *v = ir_load(g, 2, 12), *c = ir_const(g, 0x800);

	assert_ptr_equal(v, ir_load(g, 2, 12));
	assert_ptr_not_equal(v, ir_load(g, 4, 12));
	assert_ptr_equal(ir_test(g, IR_EQ, v, c, yes, no),
	                 ir_test(g, IR_EQ, v, c, yes, no));
	assert_ptr_equal(ir_test(g, IR_EQ, v, c, no, no), no);
	arena_free(&a);
}

static void what_may_divide_by_zero_stays_as_a_need(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet);
	const struct ir_node *no = ir_ret_const(g, 0), *n;
	const struct ir_value *v =
		ir_op2(g, IR_DIV, ir_const(g, 1), ir_load(g, 1, 0));

	n = ir_test(g, IR_EQ, ir_len(g), v, no, no);
	assert_int_equal(n->kind, IR_NEED);
	assert_ptr_equal(n->lhs, v);
	arena_free(&a);
}

static void of_overlapping_intervals_the_earlier_wins(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet);
	const struct ir_node *r[4];
	struct buf out = { .arena = &a };
	struct ir_interval in[4] = {
		{ .lo = { 50 }, .hi = { 60 } },
		{ .lo = { 10 }, .hi = { 100 } },
		{ .lo = { 90 }, .hi = { UINT32_MAX } },
		{ .lo = { 55 }, .hi = { 57 } },
	};

	for (uint32_t i = 0; i < 4; i++)
		in[i].to = r[i] = ir_ret_const(g, i);
	g->root = ir_set(g, ir_len(g), in, 4, ir_ret_const(g, 9));
	assert_null(ir_verify(g, &a));
	ir_print(&out, g);
	assert_non_null(strstr(buf_str(&out),
	                       "in { 10..49 -> ret 1, 50..60 -> ret 0, "
	                       "61..100 -> ret 1, 101..0xffffffff -> ret 2 } "
	                       "else ret 9\n"));
	arena_free(&a);
}

static void neighbours_with_one_target_become_one(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet);
	const struct ir_node *no = ir_ret_const(g, 0), *n;
	struct ir_interval in[3] = {
		{ .lo = { 7 }, .hi = { 9 } },
		{ .lo = { 5 }, .hi = { 6 } },
		{ .lo = { 11 }, .hi = { 11 } },
	};

	for (uint32_t i = 0; i < 3; i++)
		in[i].to = ir_ret_const(g, 1);
	n = ir_set(g, ir_len(g), in, 3, no);
	assert_int_equal(n->n, 2);
	assert_int_equal(n->set[0].lo[0], 5);
	assert_int_equal(n->set[0].hi[0], 9);
	assert_ptr_equal(ir_set(g, ir_len(g), in, 3, ir_ret_const(g, 1)),
	                 ir_ret_const(g, 1));
	arena_free(&a);
}

static void evaluates(const char *text, const char *bytes, uint32_t len,
                      enum ir_end end, uint32_t expected)
{
	TEST_ARENA(a);
	struct ir_graph *g = read_graph(&a, text);
	struct ir_data data = { .bytes = (const uint8_t *)bytes,
		                .captured = len,
		                .wire = 99,
		                .network = 2 };
	uint32_t result = 77;

	assert_int_equal(ir_eval(g, &data, &a, &result), end);
	assert_int_equal(result, expected);
	arena_free(&a);
}

static void the_evaluator_does_what_the_operations_say(void **state)
{
	evaluates("input packet\nn0: ret load.4 1\n", "\1\2\3\4\5", 5,
	          IR_END_RET, 0x02030405);
	evaluates("input seccomp\nn0: ret load.4 0\n", "\1\2\3\4", 4,
	          IR_END_RET, 0x04030201);
	evaluates("input packet\nn0: ret load.4 2\n", "\1\2\3\4\5", 5,
	          IR_END_LOAD, 0);
	evaluates("input packet\nn0: ret load.2 [load.1 0 + 0xffffffff]\n",
	          "\1\2\3", 3, IR_END_RET, 0x0102);
	evaluates("input packet\nn0: ret load.1 0xfff00000\n", "\1\2\3", 3,
	          IR_END_RET, 3);
	evaluates("input packet\nn0: ret msh 0\n", "\x45", 1, IR_END_RET, 20);
	evaluates("input packet\nn0: ret (len / (1 - 1))\n", "", 0,
	          IR_END_DIVIDE, 0);
	evaluates("input packet\nn0: ret (1 << 33)\n", "", 0, IR_END_RET, 2);
	evaluates("input packet\nn9: bind p0 = 1 -> n8\n"
	          "n8: bind p0 = (p0 + 4) -> n7\nn7: ret (p0 * 2)\n",
	          "", 0, IR_END_RET, 10);
	evaluates("input packet\nn1: {1, len} in { {1, 90}..{1, 100} -> ret 5 } "
	          "else ret 6\n",
	          "", 0, IR_END_RET, 5);
}

static void places_are_kept_in_order_and_united(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet);
	const struct ir_node *x = ir_ret_const(g, 1), *y = ir_ret_const(g, 2);
	const struct ir_place *p;

	ir_at(g, x, (struct span){ 0, 8, 9 });
	ir_at(g, y, (struct span){ 0, 3, 4 });
	ir_at(g, y, (struct span){ 0, 8, 9 });
	ir_inherit(g, x, y);
	p = ir_places(g, x);
	assert_int_equal(p->at.start, 3);
	assert_int_equal(p->next->at.start, 8);
	assert_null(p->next->next);
	arena_free(&a);
}

static void classes_of_operations_are_those_of_the_table(void **state)
{
	for (enum ir_op op = 0; op < IR_NOPS; op++) {
		bool infix = false, source = false;

		switch (op) {
		case IR_INFIX_OPS:
			infix = true;
			break;
		case IR_SOURCE_OPS:
			source = true;
			break;
		case IR_NEG:
		case IR_NOPS:
			break;
		}
		assert_int_equal(infix, !!(ir_ops[op].flags & IR_INFIX));
		assert_int_equal(source, !infix && op != IR_NEG);
	}
}

static const struct ir_node *asks_for(struct ir_graph *g, uint32_t k)
{
	return ir_test(g, IR_EQ, ir_load(g, 2, 12), ir_const(g, k), ir_ret_const(g, 1),
	               ir_ret_const(g, 0));
}

static void a_draft_leaves_nothing(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = ir_graph(&a, &ir_input_packet);
	const struct ir_node *kept = asks_for(g, 7), *made;
	uint32_t nodes = g->nodes.n, values = g->values.n;
	struct ir_draft draft;
	size_t used = a.used;

	/* More than the tables have room for, so that they grow meanwhile. */
	ir_draft(g, &draft);
	for (uint32_t k = 0; k < 1000; k++)
		ir_at(g, asks_for(g, k), (struct span){ .end = 1 });
	assert_ptr_equal(asks_for(g, 7), kept);
	ir_undraft(g, &draft);
	assert_int_equal(g->nodes.n, nodes);
	assert_int_equal(g->values.n, values);
	assert_int_equal(a.used, used);
	assert_null(ir_places(g, kept));

	assert_ptr_equal(asks_for(g, 7), kept);
	made = asks_for(g, 8);
	assert_int_equal(made->id, nodes);
	assert_ptr_equal(asks_for(g, 8), made);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_of_operations_are_those_of_the_table),
		cmocka_unit_test(every_kind_of_node_and_value_reads_back),
		cmocka_unit_test(a_long_set_reads_back_line_by_line),
		cmocka_unit_test(labels_are_any_numbers),
		cmocka_unit_test(deep_values_need_no_deep_stack),
		cmocka_unit_test(what_is_malformed_is_refused),
		cmocka_unit_test(the_verifier_sees_what_the_reader_lets_through),
		cmocka_unit_test(a_header_is_loaded_by_whole_fields),
		cmocka_unit_test(equal_values_and_nodes_are_one_object),
		cmocka_unit_test(what_may_divide_by_zero_stays_as_a_need),
		cmocka_unit_test(of_overlapping_intervals_the_earlier_wins),
		cmocka_unit_test(neighbours_with_one_target_become_one),
		cmocka_unit_test(the_evaluator_does_what_the_operations_say),
		cmocka_unit_test(places_are_kept_in_order_and_united),
		cmocka_unit_test(a_draft_leaves_nothing),
	};

	return cmocka_run_group_tests_name("ir", tests, NULL, NULL);
}
