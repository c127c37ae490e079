/*
 * again: a question that one of its answers asks again, about another value, is
 * asked once, about whichever it is.
 *     n1: load.1 20 in { 44 -> n2, 58 -> a } else c   n1: load.1 20 == 44 ? n2 : n3
 *     n2: load.1 54 == 58 ? a : c                 ->  n2: bind p0 = load.1 54 -> n4
 *                                                     n3: bind p0 = load.1 20 -> n4
 *                                                     n4: p0 == 58 ? a : c
 * The second question may be shared, and its place be bound on the way to it: then all
 * other nodes that ask it bind p0 as well.
 * Kept if the program costs less; each rewrite takes answers from a set, so the
 * pass ends.
 * Exits: of the second question, which are those of the first but for the answer that
 * leads to it; asks_again() compares each of them, and where all else goes.
 * Keeps: the values are loaded where they were.
 */
#include <assert.h>

#include "opt/opt.h"

enum {
	LARGEST = 4000,
	MOST_TRIES = 8
};

/* Return where answer I of set N leads, past what is bound on the way. */
static const struct ir_node *second(const struct ir_node *n, uint32_t i)
{
	const struct ir_node *t = n->set[i].to;

	while (t->kind == IR_BIND)
		t = t->yes;
	return t;
}

/*
 * Tell whether answer I of set N leads to where all other answers of N are
 * tested again, for another value.
 */
static bool asks_again(const struct ir_node *n, uint32_t i)
{
	const struct ir_node *t = second(n, i);
	uint32_t k = 0;

	if (t->no != n->no || !t->lhs || ir_words(t->lhs) > 1)
		return false;
	if (t->kind == IR_TEST)
		return n->n == 2 && t->cmp == IR_EQ && ir_is_const(t->rhs) &&
		       n->set[!i].lo[0] == t->rhs->imm &&
		       n->set[!i].hi[0] == t->rhs->imm && n->set[!i].to == t->yes;
	if (t->kind != IR_SET || t->n != n->n - 1)
		return false;
	for (uint32_t at = 0; at < n->n; at++) {
		const struct ir_interval *a = &n->set[at], *b = &t->set[k];

		if (at == i)
			continue;
		if (a->lo[0] != b->lo[0] || a->hi[0] != b->hi[0] || a->to != b->to)
			return false;
		k++;
	}
	return true;
}

/*
 * Return the root of the graph in which set N and its answer I, at place AT of
 * ORDER, share one question. Others that lead to the second question get there
 * with its value, too.
 */
static const struct ir_node *asked_once(struct opt *o, struct ir_order order, uint32_t at,
                                        uint32_t i)
{
	struct ir_graph *g = o->graph;
	const struct ir_node *n = order.v[at], *t = second(n, i), *shared;
	const struct ir_node **map = arena_array(&o->tmp, const struct ir_node *, g->root->id + 1);
	const struct ir_value *p = ir_param(g);

	assert(asks_again(n, i));
	shared = opt_with_values(o, t, p, t->rhs);
	ir_inherit(g, shared, t);
	ir_inherit(g, shared, n);
	for (uint32_t k = 0; k < order.n; k++) {
		const struct ir_node *x = order.v[k];

		if (x == t) {
			map[x->id] = ir_bind(g, p, t->lhs, shared);
		} else if (x == n) {
			struct ir_interval a = n->set[i];

			a.to = map[a.to->id];
			map[x->id] = ir_set(g, n->lhs, &a, 1, ir_bind(g, p, n->lhs, shared));
		} else {
			map[x->id] = opt_mapped_succ(o, x, map);
		}
	}
	return map[g->root->id];
}

static bool again_one(struct opt *o, unsigned *tries)
{
	struct ir_order order = opt_order(o);

	for (uint32_t k = 0; k < order.n && *tries; k++) {
		const struct ir_node *n = order.v[k];

		if (n->kind != IR_SET || ir_words(n->lhs) > 1)
			continue;
		for (uint32_t i = 0; i < n->n && *tries; i++) {
			if (!asks_again(n, i))
				continue;
			if (!opt_rewrite(o))
				return false;
			if (opt_try(o, asked_once(o, order, k, i), tries))
				return true;
		}
	}
	return false;
}

bool opt_again(struct opt *o)
{
	return opt_may_matter(o, 0) && opt_trials(o, again_one, LARGEST, MOST_TRIES);
}
