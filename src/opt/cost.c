/*
 * What a graph costs as a program: the measure of rewrites that are tried.
 * Expected execution is counted for each kind of packets (likely.c) by itself,
 * as their tests' answers hang together, and added up by how many there are.
 */
#include "opt/opt.h"

/* How often each node is reached by packets of KIND, of SHARE of them; by id. */
static void find_reach(const struct opt *o, struct ir_order order, unsigned kind,
                       uint32_t share, uint32_t *reach)
{
	reach[order.v[order.n - 1]->id] = share;
	for (uint32_t i = order.n; i-- > 0;) {
		const struct ir_node *n = order.v[i];
		uint32_t there = reach[n->id], yes = there;

		if (n->kind == IR_TEST)
			yes = (uint32_t)((uint64_t)there *
			                 opt_likely(o, n, 0, kind) / OPT_SURE);
		if (n->yes)
			reach[n->yes->id] += yes;
		if (n->no)
			reach[n->no->id] += there - yes;
	}
}

/* Instructions that run on average, times OPT_SURE. */
static uint64_t expected(struct opt *o, const struct gen_code *code)
{
	struct ir_order order = ir_postorder(&o->tmp, o->graph, code->root);
	unsigned kinds = opt_kinds(o);
	uint64_t sum = 0;

	for (unsigned kind = 0; kind < kinds; kind++) {
		uint32_t *reach = arena_array(&o->tmp, uint32_t, code->root->id + 1);

		find_reach(o, order, kind, 1000 * opt_share(o, kind), reach);
		for (uint32_t i = 0; i < code->n; i++)
			if (code->origin[i])
				sum += reach[code->origin[i]->id];
	}
	return sum / 1000;
}

/* The cost of the program for ROOT, in the measure of O->level; UINT64_MAX if none. */
static uint64_t cost_of(struct opt *o, const struct ir_node *root)
{
	const struct ir_node *was = o->graph->root;
	struct gen_code code;
	uint64_t cost = UINT64_MAX;

	o->graph->root = root;
	if (gen_program(o->graph, &o->gen, &o->tmp, &code)) {
		cost = expected(o, &code);
		if (o->level == OPT_2)
			cost *= code.n;
		else if (o->level != OPT_3)
			cost = (uint64_t)code.n << 40 | cost;
	}
	o->graph->root = was;
	return cost;
}

bool opt_try(struct opt *o, const struct ir_node *root, unsigned *tries)
{
	uint64_t cost;

	if (o->costed != o->graph->root) {
		o->costed = o->graph->root;
		o->cost = cost_of(o, o->costed);
	}
	--*tries;
	cost = cost_of(o, root);
	if (cost >= o->cost)
		return false;
	o->graph->root = o->costed = root;
	o->cost = cost;
	return true;
}

bool opt_trials(struct opt *o, bool (*one)(struct opt *o, unsigned *tries),
                uint32_t largest, unsigned tries)
{
	const struct ir_node *was = o->graph->root;

	if (ir_postorder(&o->tmp, o->graph, was).n > largest)
		return false;
	while (tries && one(o, &tries))
		;
	return o->graph->root != was;
}
