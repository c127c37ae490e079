/*
 * apart: a parameter that is one of few numbers goes, and the code below its binds is
 * copied for each of them.
 *     n1: bind p0 = 0 -> n3                        n4: load.2 16 == 80 ? a : b
 *     n2: bind p0 = 4 -> n3                    ->  n5: load.2 20 == 80 ? a : b
 *     n3: load.2 [p0 + 16] == 80 ? a : b
 * It is what unify does, the other way round, and for what frontends bind. Kept if the
 * program is better; each rewrite takes a parameter, so the pass ends.
 *
 *      bind p = 0    bind p = 4
 *               \    /                          n1 where       n1 where
 *                n1         becomes              p is 0         p is 4
 *               /  \                           /    \         /    \
 *              n2   a                     n2, p is 0  a   n2, p is 4  a
 *
 * Exits: a copy of a node leads to the copies of its successors for the same number; a
 * bind, to those for the number that it binds. Nodes below which nothing reads the
 * parameter have one copy.
 * Keeps: a copy computes what the node does where the parameter is that number, which
 * it is on all ways there.
 */
#include <assert.h>

#include "opt/opt.h"

enum {
	LARGEST = 400,
	MOST_TRIES = 4,
};

struct copier {
	struct opt *o;
	struct ir_order order;
	const struct ir_value *param;
	struct opt_numbers all; /* that it is anywhere */
	/* By number: values, by id, where it is that; and nodes. OTHER is for the rest. */
	const struct ir_value **value[OPT_NUMBERS];
	const struct ir_node **copy[OPT_NUMBERS], **other;
};

/*
 * Return what BIND, with VALUE for its right side, leads to; MAP is for other
 * numbers.
 */
static const struct ir_node *after_bind(struct copier *c, const struct ir_node *bind,
                                        const struct ir_value *value)
{
	const struct ir_node *now;

	for (unsigned i = 0; i < c->all.n; i++)
		if (ir_is_const(value) && value->imm == c->all.k[i])
			return c->copy[i][bind->yes->id];
	now = ir_bind(c->o->graph, c->param, value, c->other[bind->yes->id]);
	ir_inherit(c->o->graph, now, bind);
	return now;
}

/* Make the copies of N. */
static void copy(struct copier *c, const struct ir_node *n)
{
	bool binds = n->kind == IR_BIND && n->lhs == c->param;

	for (unsigned i = 0; i < c->all.n; i++)
		c->copy[i][n->id] = binds ? after_bind(c, n, c->value[i][n->rhs->id])
		                          : opt_rebuilt(c->o, n, c->copy[i], c->value[i]);
	c->other[n->id] = binds ? after_bind(c, n, n->rhs)
	                        : opt_mapped_succ(c->o, n, c->other);
}

/*
 * Return the root of the graph without the parameter; NULL if it is not always
 * a known number.
 */
static const struct ir_node *copied(struct copier *c)
{
	struct opt *o = c->o;
	uint32_t ids = o->graph->root->id + 1;

	if (!opt_numbers(o, c->order, c->param, &c->all) || !c->all.n || c->all.others)
		return NULL;
	for (unsigned i = 0; i < c->all.n; i++) {
		c->value[i] = opt_substitute(o, c->param, ir_const(o->graph, c->all.k[i]));
		c->copy[i] = arena_array(&o->tmp, const struct ir_node *, ids);
	}
	c->other = arena_array(&o->tmp, const struct ir_node *, ids);
	for (uint32_t i = 0; i < c->order.n; i++)
		copy(c, c->order.v[i]);
	return c->other[o->graph->root->id];
}

static bool copy_one(struct opt *o, unsigned *tries)
{
	struct copier c = { .o = o, .order = opt_order(o) };
	uint32_t params = o->graph->params;

	for (uint32_t p = 0; p < params && *tries; p++) {
		const struct ir_node *root;

		c.param = ir_param_n(o->graph, p);
		root = copied(&c);
		if (!root)
			continue;
		if (!opt_rewrite(o))
			return false;
		if (opt_try(o, root, tries))
			return true;
	}
	return false;
}

bool opt_apart(struct opt *o)
{
	return opt_trials(o, copy_one, LARGEST, MOST_TRIES);
}
