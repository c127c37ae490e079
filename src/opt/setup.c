/*
 * setup: a parameter is bound once in front of a question, not behind each of
 * the answers that want it.
 *     load.1 20 in { 6 -> n1, 17 -> n1 } else c     n1: bind p0 = 40 -> n2
 *     n1: bind p0 = 40 -> n3                     -> n2: load.1 20 in { 6 -> n3, 17 -> n3 } else c
 * Kept if the program costs less (X may hold a 0 that another answer wants);
 * a bind moves up and never down, so the pass ends.
 * Keeps: the value is constant, and no other answer reads the parameter.
 */
#include "opt/opt.h"

enum { LARGEST = 4000, MOST_TRIES = 8 };

struct mover {
	struct opt *o;
	uint32_t *live; /* by node id of the old graph: bits of parameters read */
};

static uint32_t own_reads(const struct ir_node *n)
{
	uint32_t reads = n->kind == IR_BIND ? 0 : n->lhs->params;

	return n->rhs ? reads | n->rhs->params : reads;
}

static void find_live(struct mover *m, struct ir_order order)
{
	/* Bits stand for one parameter each while there are no more of them. */
	bool unique = m->o->graph->params <= 32;

	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];
		uint32_t live = 0;

		for (uint32_t s = 0; s < ir_nsucc(n); s++)
			live |= m->live[ir_succ(n, s)->id];
		if (n->kind == IR_BIND && unique)
			live &= ~n->lhs->params;
		m->live[n->id] = live | own_reads(n);
	}
}

/* The bind of a constant that at least two answers of set N lead to; NULL if none. */
static const struct ir_node *wanted(const struct ir_node *n)
{
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ir_node *t = n->set[i].to;
		uint32_t count = 0;

		if (t->kind != IR_BIND || !ir_is_const(t->rhs))
			continue;
		for (uint32_t k = 0; k < n->n; k++)
			count += n->set[k].to == t;
		if (count > 1)
			return t;
	}
	return NULL;
}

/* Whether B can be done in front of N. */
static bool can_move(const struct mover *m, const struct ir_node *n,
                     const struct ir_node *b)
{
	if (n->lhs->op != IR_LOAD ||
	    ir_uses_param(n->lhs, b->lhs))
		return false;
	for (uint32_t i = 0; i < ir_nsucc(n); i++) {
		const struct ir_node *t = ir_succ(n, i);

		if (t != b && m->live[t->id] & b->lhs->params)
			return false;
	}
	return true;
}

/* Set N with bind B in front of it. */
static const struct ir_node *move(struct mover *m, const struct ir_node *n,
                                  const struct ir_node *b)
{
	ARRAY(const struct ir_node *) to = { 0 };
	const struct ir_node *now;

	for (uint32_t i = 0; i < ir_nsucc(n); i++) {
		const struct ir_node *t = ir_succ(n, i);

		array_push(&m->o->tmp, &to, t == b ? b->yes : t);
	}
	now = opt_with_succ(m->o, n, to.v);
	ir_inherit(m->o->graph, now, n);
	return ir_bind(m->o->graph, b->lhs, b->rhs, now);
}

/* Moves one bind for the better; true if the graph changed. */
static bool move_one(struct opt *o, unsigned *tries)
{
	struct ir_graph *g = o->graph;
	const struct ir_node *was = g->root, *root;
	struct ir_order order = ir_postorder(&o->tmp, g, was);
	struct mover m = { .o = o };

	m.live = arena_array(&o->tmp, uint32_t, was->id + 1);
	find_live(&m, order);
	for (uint32_t i = 0; i < order.n && *tries; i++) {
		const struct ir_node *n = order.v[i];
		const struct ir_node *b = n->kind == IR_SET ? wanted(n) : NULL;

		if (!b || !can_move(&m, n, b))
			continue;
		if (!opt_rewrite(o))
			return false;
		root = opt_replaced(o, order, n, move(&m, n, b));
		if (opt_try(o, root, tries))
			return true;
	}
	return false;
}

bool opt_setup(struct opt *o)
{
	if (!o->graph->params)
		return false;
	return opt_trials(o, move_one, LARGEST, MOST_TRIES);
}
