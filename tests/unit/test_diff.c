/* diff: what the differential tests share. */
#include "unit.h"

#include "tests/diff/graphs.h"

enum {
	LONG = 400
};

/* A chain of LONG tests. */
static struct ir_graph *long_chain(struct arena *a)
{
	struct ir_graph *g = ir_graph(a, &ir_input_packet);
	const struct ir_node *no = ir_ret_const(g, 0), *n = ir_ret_const(g, 1);
	const struct ir_value *v;

	for (uint32_t i = 0; i < LONG; i++) {
		v = ir_load(g, 1, i);
		n = ir_test(g, IR_EQ, v, ir_const(g, 7), n, no);
	}
	g->root = n;
	return g;
}

struct asked {
	uint32_t n;
	uint32_t every; /* how many are asked until one fails; 0: none does */
};

static bool fails(void *ctx, struct ir_graph *g)
{
	struct asked *asked = ctx;

	asked->n++;
	return asked->every && asked->n % asked->every == 0;
}

static void check_shrinking(uint32_t every)
{
	TEST_ARENA(a);
	struct asked asked = { .every = every };

	assert_non_null(graph_shrink(&a, long_chain(&a), fails, &asked));
	assert_in_range(asked.n, 1, GRAPH_TRIES);
	arena_free(&a);
}

static void a_graph_is_made_smaller_in_a_bounded_number_of_tries(void **state)
{
	check_shrinking(0);
	check_shrinking(1);
	check_shrinking(40);
}

/* True if a test of byte 200 is left. */
static bool asks_for_byte_200(void *ctx, struct ir_graph *g)
{
	TEST_ARENA(a);
	struct ir_order order = ir_postorder(&a, g, g->root);
	bool found = false;

	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_value *v = order.v[i]->lhs;

		found |= v->op == IR_LOAD && v->imm == 200;
	}
	arena_free(&a);
	return found;
}

static void what_is_left_of_a_graph_is_what_fails(void **state)
{
	TEST_ARENA(a);
	struct ir_graph *g = graph_shrink(&a, long_chain(&a), asks_for_byte_200, NULL);

	assert_true(asks_for_byte_200(NULL, g));
	assert_in_range(ir_postorder(&a, g, g->root).n, 1, LONG - 150);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_graph_is_made_smaller_in_a_bounded_number_of_tries),
		cmocka_unit_test(what_is_left_of_a_graph_is_what_fails),
	};

	if (setjmp(test_oom))
		return 99;
	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
