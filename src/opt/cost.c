/*
 * What a graph costs as a program: the measure of rewrites that are tried.
 * Expected execution comes from a table of how likely tests hold on traffic of
 * which half is IPv4 and half IPv6 (facts of the field, not of one network:
 * most packets are TCP or UDP, an address or a port is seldom the one asked for).
 */
#include "opt/opt.h"

/* Of 1000 times. */
enum { SURE = 1000 };

static uint32_t equal_byte(uint32_t k)
{
	return k == 6 ? 600 : k == 17 ? 250 : 40;
}

static uint32_t equal_half(uint32_t k)
{
	return k == 0x800 || k == 0x86dd ? 550 : 40;
}

/* How likely V, seldom anything special, equals K. */
static uint32_t equal(const struct ir_value *v, uint32_t k)
{
	uint32_t mask;

	v = opt_unmasked(v, &mask);
	if (!ir_is_load(v))
		return 50;
	if (v->width == 1)
		return mask == UINT32_MAX ? equal_byte(k) : 150;
	if (v->width == 2)
		return mask == UINT32_MAX ? equal_half(k) : 100;
	/* A byte and what guards it, in one word. */
	if ((mask & 0xff) == 0xff && k < 256)
		return equal_byte(k);
	return mask == UINT32_MAX ? 10 : 50;
}

uint32_t opt_likelihood(const struct ir_node *n)
{
	if (!ir_is_const(n->rhs) || ir_words(n->lhs) > 1)
		return n->cmp == IR_EQ ? 20 : SURE / 2;
	switch (n->cmp) {
	case IR_EQ:
		return equal(n->lhs, n->rhs->imm);
	case IR_ANY:
		/* A fragment's offset is nearly always 0. */
		return n->rhs->imm == 0x1fff ? 20 : 250;
	case IR_GT:
	case IR_GE:
		break;
	}
	return 400;
}

/* Instructions that run on average, times SURE; by how likely each node is reached. */
static uint64_t expected(struct opt *o, const struct gen_code *code)
{
	struct ir_order order = ir_postorder(&o->tmp, o->graph, code->root);
	uint32_t *reach = arena_array(&o->tmp, uint32_t, code->root->id + 1);
	uint64_t sum = 0;

	reach[code->root->id] = 1000 * SURE;
	for (uint32_t i = order.n; i-- > 0;) {
		const struct ir_node *n = order.v[i];
		uint32_t yes = n->kind == IR_TEST ? opt_likelihood(n) : SURE;
		uint32_t there = reach[n->id];
		uint32_t to_yes = (uint32_t)((uint64_t)there * yes / SURE);

		if (n->yes)
			reach[n->yes->id] += to_yes;
		if (n->no)
			reach[n->no->id] += there - to_yes;
	}
	for (uint32_t i = 0; i < code->n; i++)
		if (code->origin[i])
			sum += reach[code->origin[i]->id];
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
