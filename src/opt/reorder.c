/*
 * reorder: of conditions that all must hold, the one that fails most for what
 * it costs is asked first.
 *     load.2 12 == 0x800 ? n1 : ret 0        load.4 30 == 7 ? n2 : ret 0
 *     n1: load.4 30 == 7 ? n2 : ret 0    ->  n2: load.2 12 == 0x800 ? ... : ret 0
 * A condition is a part of the graph with one way in and one way on, all other
 * ways being ret 0. Kept if the program costs less, so the pass ends.
 * Keeps: a packet that is not rejected passes all of them and loads the same in
 * any order; every other one is rejected, or faults, which is the same. What
 * may divide by zero, and what binds a parameter, stays where it is.
 */
#include <stdlib.h>
#include <string.h>

#include "opt/opt.h"

enum {
	LARGEST = 400,  /* nodes of a graph that is tried at all */
	MOST_TRIES = 16,
	PARTS = 32,     /* conditions in a row */
};

/* One condition: the nodes at places FROM .. TO - 1. */
struct part {
	uint32_t from, to;
	bool fixed;
	uint64_t rank; /* what it costs for what it rejects */
};

struct reorderer {
	struct opt *o;
	struct ir_order order; /* of what is reachable from HEAD */
	uint32_t *place;       /* by id: in the direction of execution, plus 1 */
	struct part part[PARTS];
	unsigned n;
};

static const struct ir_node *node_at(const struct reorderer *r, uint32_t place)
{
	return r->order.v[r->order.n - 1 - place];
}

/* --- finding conditions ------------------------------------------------------------ */

/* The farthest place that N leads to, ret 0 apart. */
static uint32_t farthest(const struct reorderer *r, const struct ir_node *n)
{
	uint32_t far = 0;

	for (uint32_t i = 0; i < ir_nsucc(n); i++)
		if (!opt_is_reject(ir_succ(n, i)))
			far = max_u32(far, r->place[ir_succ(n, i)->id] - 1);
	return far;
}

static bool is_fixed(const struct ir_node *n)
{
	return n->kind == IR_BIND || n->kind == IR_NEED || n->kind == IR_RET ||
	       n->lhs->may_divide || (n->rhs && n->rhs->may_divide);
}

/* Cuts what is below HEAD where all ways but those to ret 0 go through one node. */
static void find_parts(struct reorderer *r, const struct ir_node *head,
                       uint32_t ids)
{
	struct arena *tmp = &r->o->tmp;
	uint32_t far = 0, start = 0;
	bool fixed = false;

	r->order = ir_postorder(tmp, r->o->graph, head);
	r->place = arena_array(tmp, uint32_t, ids);
	r->n = 0;
	for (uint32_t p = 0; p < r->order.n; p++)
		r->place[node_at(r, p)->id] = p + 1;
	for (uint32_t p = 0; p < r->order.n && r->n < PARTS; p++) {
		const struct ir_node *n = node_at(r, p);

		if (opt_is_reject(n))
			continue;
		if (p && far == p) {
			r->part[r->n++] = (struct part){ start, p, fixed, 0 };
			start = p;
			fixed = false;
		}
		fixed |= is_fixed(n);
		far = max_u32(far, farthest(r, n));
	}
}

/* True if only the nodes below HEAD lead to what the parts are made of. */
static bool stands_alone(const struct reorderer *r, const uint32_t *preds)
{
	uint32_t end = r->n ? r->part[r->n - 1].to : 0;
	uint32_t *inside = arena_array(&r->o->tmp, uint32_t, r->order.n);

	for (uint32_t p = 0; p < end; p++) {
		const struct ir_node *n = node_at(r, p), *last = NULL;

		for (uint32_t i = 0; i < ir_nsucc(n); i++) {
			const struct ir_node *s = ir_succ(n, i);
			bool again = s == last;

			for (uint32_t k = 0; !again && k < i; k++)
				again = ir_succ(n, k) == s;
			last = s;
			inside[r->place[s->id] - 1] += !again;
		}
	}
	for (uint32_t p = 1; p < end; p++)
		if (!opt_is_reject(node_at(r, p)) &&
		    preds[node_at(r, p)->id] != inside[p])
			return false;
	return preds[node_at(r, 0)->id] == 1;
}

/* --- ranking --------------------------------------------------------------------------- */

static uint32_t effort(const struct ir_value *v)
{
	uint32_t sum = v->op == IR_LOADX || v->op == IR_MSH ? 2 : 1;

	for (unsigned i = 0; i < ir_nargs(v); i++)
		if (!ir_is_const(v->arg[i]))
			sum += effort(v->arg[i]);
	return sum;
}

/* How often a set's node, or a test's, takes exit I. */
static uint32_t likelihood(const struct ir_node *n, uint32_t i)
{
	uint32_t yes;

	if (n->kind != IR_SET) {
		yes = opt_likelihood(n);
		return i ? 1000 - yes : yes;
	}
	/* An answer more is one more that may come up. */
	yes = n->n > 8 ? 50 : 100;
	return i < n->n ? yes : n->n * yes < 900 ? 1000 - n->n * yes : 100;
}

static void rank_part(struct reorderer *r, struct part *part)
{
	uint64_t *reach = arena_array(&r->o->tmp, uint64_t, part->to + 1);
	uint64_t cost = 0, pass = 0;

	reach[part->from] = 1000;
	for (uint32_t p = part->from; p < part->to; p++) {
		const struct ir_node *n = node_at(r, p);

		if (n->kind != IR_TEST && n->kind != IR_SET)
			continue;
		cost += reach[p] * (1 + effort(n->lhs));
		for (uint32_t i = 0; i < ir_nsucc(n); i++) {
			const struct ir_node *s = ir_succ(n, i);
			uint64_t go = reach[p] * likelihood(n, i) / 1000;
			uint32_t to = r->place[s->id] - 1;

			if (opt_is_reject(s))
				continue;
			if (to >= part->to)
				pass += go;
			else
				reach[to] += go;
		}
	}
	part->rank = cost * 1000 / (pass < 999 ? 1000 - pass : 1);
}

static int by_rank(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->from < y->from ? -1 : 1;
}

/* Sorts what lies between fixed parts; true if that moves any. */
static bool sort_parts(struct reorderer *r)
{
	bool moves = false;

	for (unsigned i = 0; i < r->n; i++)
		rank_part(r, &r->part[i]);
	for (unsigned i = 0, end; i < r->n; i = end + 1) {
		for (end = i; end < r->n && !r->part[end].fixed; end++)
			;
		qsort(&r->part[i], end - i, sizeof *r->part, by_rank);
	}
	for (unsigned i = 1; i < r->n; i++)
		moves |= r->part[i].from < r->part[i - 1].from;
	return moves;
}

/* --- the new graph ------------------------------------------------------------------------ */

/* The parts in their new order, behind them what was behind the last. */
static const struct ir_node *rebuild(struct reorderer *r, uint32_t ids)
{
	struct arena *tmp = &r->o->tmp;
	const struct ir_node **map = arena_array(tmp, const struct ir_node *, ids);
	uint32_t end = 0;
	const struct ir_node *next;

	for (unsigned i = 0; i < r->n; i++)
		end = max_u32(end, r->part[i].to);
	next = node_at(r, end);
	for (unsigned i = r->n; i-- > 0;) {
		const struct part *part = &r->part[i];

		for (uint32_t p = 0; p < r->order.n; p++)
			map[node_at(r, p)->id] = node_at(r, p);
		map[node_at(r, part->to)->id] = next;
		for (uint32_t p = part->to; p-- > part->from;)
			if (!opt_is_reject(node_at(r, p)))
				map[node_at(r, p)->id] = opt_mapped_succ(
					r->o, node_at(r, p), map);
		next = map[node_at(r, part->from)->id];
	}
	return next;
}

/* --- the pass --------------------------------------------------------------------------------- */

/* Reorders one chain for the better; true if the graph changed. */
static bool reorder_one(struct opt *o, unsigned *tries)
{
	struct ir_graph *g = o->graph;
	struct ir_order order = ir_postorder(&o->tmp, g, g->root);
	uint32_t *preds = opt_preds(o, order, g->root), ids = g->root->id + 1;
	struct reorderer r = { .o = o };

	for (uint32_t i = order.n; i-- > 0 && *tries;) {
		const struct ir_node *head = order.v[i], *root, *new;

		if (head->kind != IR_TEST && head->kind != IR_SET)
			continue;
		find_parts(&r, head, ids);
		if (r.n < 2 || !stands_alone(&r, preds) || !sort_parts(&r))
			continue;
		if (!opt_rewrite(o))
			return false;
		new = rebuild(&r, ids);
		root = opt_replaced(o, order, head, new);
		if (opt_try(o, root, tries))
			return true;
	}
	return false;
}

bool opt_reorder(struct opt *o)
{
	if (o->graph->input.exact_faults)
		return false;
	return opt_trials(o, reorder_one, LARGEST, MOST_TRIES);
}
