/*
 * reorder: of conditions that all must hold, the one that fails most for what
 * it costs is asked first.
 *     load.2 12 == 0x800 ? n1 : ret 0        load.4 30 == 7 ? n2 : ret 0
 *     n1: load.4 30 == 7 ? n2 : ret 0    ->  n2: load.2 12 == 0x800 ? ... : ret 0
 * A condition is a part of the graph with one way in and one way on, all other
 * ways being ret 0. Kept if the program costs less, so the pass ends.
 * Exits: the nodes of a part keep theirs, within the part and to ret 0; all others
 * led to the next part, and lead to the one that is next now.
 * Keeps: a packet that is not rejected passes all of them and loads the same in
 * any order; every other one is rejected, or faults, which is the same. What
 * may divide by zero stays where it is, and what reads a parameter stays after
 * what binds it.
 */
#include <assert.h>
#include <string.h>

#include "opt/opt.h"

enum {
	LARGEST = 400, /* nodes of a graph that is tried at all */
	MOST_TRIES = 16,
	PARTS = LIMIT(16, 3), /* conditions in a row */
};

/* One condition: the nodes at places FROM .. TO - 1. */
struct part {
	uint32_t from, to;
	bool fixed;
	uint32_t binds, reads; /* bits of parameters */
	uint16_t behind;       /* parts that must stay before it */
	/* By kind of packets, times OPT_SURE: what it costs, and how many come through. */
	uint32_t *cost, *pass;
	const struct ir_value *index;        /* what it wants in X */
	const struct ir_value *first, *last; /* asked about first and last */
};

struct reorderer {
	struct opt *o;
	struct ir_order order; /* of what is reachable from HEAD */
	uint32_t *place;       /* by id: in the direction of execution, plus 1 */
	uint32_t *effort;      /* by value id: what it costs to compute */
	struct part part[PARTS];
	unsigned n;
};

static const struct ir_node *node_at(const struct reorderer *r, uint32_t place)
{
	return r->order.v[r->order.n - 1 - place];
}

/* --- finding conditions ------------------------------------------------------------ */

/* Return the farthest place that N leads to, ret 0 apart. */
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
	return n->kind == IR_NEED || n->kind == IR_RET || n->lhs->may_divide ||
	       (n->rhs && n->rhs->may_divide);
}

/*
 * Find which parts must stay after which: those that share a parameter that one
 * of them binds.
 */
static void find_deps(struct reorderer *r)
{
	for (unsigned i = 0; i < r->n; i++)
		for (unsigned k = 0; k < i; k++) {
			const struct part *a = &r->part[k], *b = &r->part[i];

			if (a->binds & (b->binds | b->reads) || b->binds & a->reads)
				r->part[i].behind |= (uint16_t)(1u << k);
		}
}

static bool in_one(const struct ir_value *v)
{
	return v->op == IR_MSH || v->op == IR_PARAM;
}

/* Return what V wants in X; NULL if nothing. */
static const struct ir_value *index_of(const struct ir_value *v)
{
	for (; ir_nargs(v); v = v->arg[0])
		for (unsigned i = 0; i < ir_nargs(v); i++)
			if (in_one(v->arg[i]))
				return v->arg[i];
	return NULL;
}

static void add_node(struct part *part, const struct ir_node *n)
{
	part->fixed |= is_fixed(n);
	if (!part->index && n->kind != IR_RET)
		part->index = index_of(n->lhs);
	if (n->kind == IR_BIND)
		part->binds |= n->lhs->params;
	else
		part->reads |= n->lhs->params;
	if (n->rhs)
		part->reads |= n->rhs->params;
}

/*
 * Cut what is below HEAD into parts, at nodes that all ways but those to ret 0
 * go through.
 */
static void find_parts(struct reorderer *r, const struct ir_node *head,
                       uint32_t ids)
{
	struct arena *tmp = &r->o->tmp;
	struct part part = { 0 };
	uint32_t far = 0;

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
			part.to = p;
			r->part[r->n++] = part;
			part = (struct part){ .from = p };
		}
		add_node(&part, n);
		far = max_u32(far, farthest(r, n));
	}
	find_deps(r);
}

/* Tell whether only the nodes below HEAD lead to what the parts are made of. */
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

/* --- what a part costs ------------------------------------------------------------------ */

enum {
	MOST_EFFORT = 1 << 16
};

/* Return what it costs to compute V, where X holds what one instruction may put there. */
static uint32_t effort(const struct reorderer *r, const struct ir_value *v)
{
	bool loads = ir_is_load(v) || v->op == IR_MSH;
	uint32_t sum = loads ? opt_load_weight(r->o, v->op) : 1;

	for (unsigned i = 0; i < ir_nargs(v); i++)
		if (!ir_is_const(v->arg[i]) && !in_one(v->arg[i]))
			sum += r->effort[v->arg[i]->id] + (v->op == IR_LOADX);
	return min_u32(sum, MOST_EFFORT);
}

/* Compute the effort of each value; operands have smaller ids. */
static void find_efforts(struct reorderer *r)
{
	const struct ir_graph *g = r->o->graph;

	r->effort = arena_array(&r->o->tmp, uint32_t, g->values.n);
	for (uint32_t id = 0; id < g->values.n; id++)
		r->effort[id] = effort(r, g->values.v[id]);
}

/* Return the number of jumps that N takes. */
static uint32_t jumps(const struct ir_node *n)
{
	uint32_t k = 1;

	if (n->kind != IR_SET)
		return 1;
	if (n->n <= 6)
		return n->n;
	for (uint32_t left = n->n; left; left /= 2)
		k++;
	return k;
}

/* Add what reaches node P of a part to where each of its exits leads. */
static void spread(struct reorderer *r, struct part *part, uint32_t p,
                   uint32_t *reach, bool *again, unsigned kind)
{
	const struct ir_node *n = node_at(r, p);

	for (uint32_t i = 0; i < ir_nsucc(n); i++) {
		const struct ir_node *s = ir_succ(n, i);
		uint32_t to = r->place[s->id] - 1, go = reach[p];

		if (n->kind == IR_TEST || n->kind == IR_SET)
			go = go * opt_likely(r->o, n, i, kind) / OPT_SURE;

		if (opt_is_reject(s))
			continue;
		if (to >= part->to) {
			part->pass[kind] += go;
			continue;
		}
		reach[to] += go;
		again[to] &= s->lhs == n->lhs;
	}
}

/*
 * Compute what PART costs and how many packets of KIND come through, both times
 * OPT_SURE.
 */
static void weigh(struct reorderer *r, struct part *part, unsigned kind)
{
	uint32_t *reach = arena_array(&r->o->tmp, uint32_t, part->to + 1);
	bool *again = arena_array(&r->o->tmp, bool, part->to + 1);

	memset(again, true, part->to + 1);
	reach[part->from] = OPT_SURE;
	again[part->from] = false;
	part->first = node_at(r, part->from)->lhs;
	for (uint32_t p = part->from; p < part->to; p++) {
		const struct ir_node *n = node_at(r, p);

		if (n->kind == IR_RET)
			continue;
		if (n->kind != IR_TEST && n->kind != IR_SET)
			part->cost[kind] += reach[p];
		else
			part->cost[kind] += reach[p] *
			                    (jumps(n) + (again[p] ? 0 : r->effort[n->lhs->id]));
		part->last = n->lhs;
		spread(r, part, p, reach, again, kind);
	}
}

static void weigh_all(struct reorderer *r)
{
	unsigned kinds = opt_kinds(r->o);

	for (unsigned i = 0; i < r->n; i++) {
		struct part *part = &r->part[i];

		part->cost = arena_array(&r->o->tmp, uint32_t, kinds);
		part->pass = arena_array(&r->o->tmp, uint32_t, kinds);
		for (unsigned kind = 0; kind < kinds; kind++)
			weigh(r, part, kind);
	}
}

/* --- the best order --------------------------------------------------------------------- */

/* Tell whether a part before ORDER[I] has put into X what that wants. */
static bool has_index(const struct reorderer *r, const uint8_t *order, unsigned i)
{
	const struct ir_value *index = r->part[order[i]].index;

	for (unsigned k = 0; index && k < i; k++)
		if (r->part[order[k]].index == index)
			return true;
	return !index;
}

/*
 * Return the number of instructions on average of the parts in this ORDER, as far as one
 * can say.
 */
static uint64_t total(const struct reorderer *r, const uint8_t *order)
{
	int32_t extra[PARTS];
	uint64_t sum = 0;

	for (unsigned i = 0; i < r->n; i++) {
		extra[i] = has_index(r, order, i) ? 0 : OPT_SURE;
		/* It is in A already. */
		if (i && r->part[order[i]].first == r->part[order[i - 1]].last)
			extra[i] -= OPT_SURE;
	}
	for (unsigned kind = 0; kind < r->o->kinds; kind++) {
		uint64_t there = 1000 * opt_share(r->o, kind);

		for (unsigned i = 0; i < r->n; i++) {
			const struct part *part = &r->part[order[i]];

			sum += there * (uint32_t)((int32_t)part->cost[kind] + extra[i]);
			there = there * part->pass[kind] / OPT_SURE;
		}
	}
	return sum;
}

static void move(uint8_t *order, unsigned from, unsigned to)
{
	uint8_t moved = order[from];

	if (from < to)
		memmove(order + from, order + from + 1, to - from);
	else
		memmove(order + to + 1, order + to, from - to);
	order[to] = moved;
}

/*
 * Tell whether a part may move from FROM to TO: none of those between is fixed
 * or bound to it in order, nor is it fixed itself.
 */
static bool may_move(const struct reorderer *r, const uint8_t *order,
                     unsigned from, unsigned to)
{
	unsigned moved = order[from];

	for (unsigned i = min_u32(from, to); i <= max_u32(from, to); i++)
		if (r->part[order[i]].fixed ||
		    r->part[order[i]].behind >> moved & 1 ||
		    r->part[moved].behind >> order[i] & 1)
			return false;
	return true;
}

/* Make the best move of one part; false if none is any good. */
static bool improve(const struct reorderer *r, uint8_t *order, uint64_t *least)
{
	uint64_t was = *least;
	unsigned best_from = 0, best_to = 0;

	for (unsigned from = 0; from < r->n; from++)
		for (unsigned to = 0; to < r->n; to++) {
			uint64_t now;

			/* Neighbours are swapped only once. */
			if (from == to || from == to + 1 ||
			    !may_move(r, order, from, to))
				continue;
			move(order, from, to);
			now = total(r, order);
			move(order, to, from);
			if (now >= *least)
				continue;
			*least = now;
			best_from = from;
			best_to = to;
		}
	if (*least >= was)
		return false;
	move(order, best_from, best_to);
	return true;
}

/* Sort what is between fixed parts into ORDER; true if that moves any. */
static bool find_order(struct reorderer *r, uint8_t *order)
{
	uint64_t least;
	bool moves = false;

	weigh_all(r);
	for (unsigned i = 0; i < r->n; i++)
		order[i] = (uint8_t)i;
	least = total(r, order);
	while (improve(r, order, &least))
		moves = true;
	return moves;
}

/* --- the new graph ------------------------------------------------------------------------ */

/*
 * Tell whether the node at place P of PART leads within it, on to the next part, or to
 * ret 0.
 */
static bool stays_in(const struct reorderer *r, const struct part *part, uint32_t p)
{
	const struct ir_node *n = node_at(r, p);

	for (uint32_t i = 0; i < ir_nsucc(n); i++) {
		uint32_t to = r->place[ir_succ(n, i)->id] - 1;

		if (!opt_is_reject(ir_succ(n, i)) && (to <= p || to > part->to))
			return false;
	}
	return true;
}

/* Return the parts in this ORDER, after them what was after the last. */
static const struct ir_node *rebuild(struct reorderer *r, const uint8_t *order,
                                     uint32_t ids)
{
	struct arena *tmp = &r->o->tmp;
	const struct ir_node **map = arena_array(tmp, const struct ir_node *, ids);
	uint32_t end = 0;
	const struct ir_node *next;

	for (unsigned i = 0; i < r->n; i++)
		end = max_u32(end, r->part[i].to);
	next = node_at(r, end);
	for (unsigned i = r->n; i-- > 0;) {
		const struct part *part = &r->part[order[i]];

		for (uint32_t p = 0; p < r->order.n; p++)
			map[node_at(r, p)->id] = node_at(r, p);
		map[node_at(r, part->to)->id] = next;
		for (uint32_t p = part->to; p-- > part->from;) {
			if (opt_is_reject(node_at(r, p)))
				continue;
			assert(stays_in(r, part, p));
			map[node_at(r, p)->id] =
				opt_mapped_succ(r->o, node_at(r, p), map);
		}
		next = map[node_at(r, part->from)->id];
	}
	return next;
}

/* --- the pass --------------------------------------------------------------------------------- */

/*
 * Put what reads past headers of varying length after all else that may come
 * first, into ORDER; true if that moves anything.
 */
static bool put_behind(const struct reorderer *r, uint8_t *order)
{
	bool moves = false;

	for (unsigned i = 0; i < r->n; i++)
		order[i] = (uint8_t)i;
	for (unsigned i = 1; i < r->n; i++) {
		unsigned to = i;

		while (to && !r->part[order[i]].index && r->part[order[to - 1]].index &&
		       may_move(r, order, i, to - 1))
			to--;
		moves |= to != i;
		move(order, i, to);
	}
	return moves;
}

/*
 * Try to defer one chain in that way, with what unify makes of it; true if the
 * graph changed.
 */
static bool defer_one(struct opt *o, unsigned *tries)
{
	struct ir_graph *g = o->graph;
	const struct ir_node *was = g->root, *deferred, *root;
	struct ir_order order = opt_order(o);
	uint32_t *preds = opt_preds(o, order, was), ids = was->id + 1;
	struct reorderer r = { .o = o };
	uint8_t behind[PARTS];

	for (uint32_t i = order.n; i-- > 0 && *tries;) {
		const struct ir_node *head = order.v[i];

		if (head->kind != IR_TEST && head->kind != IR_SET)
			continue;
		find_parts(&r, head, ids);
		if (r.n < 2 || !put_behind(&r, behind) || !stands_alone(&r, preds))
			continue;
		if (!opt_rewrite(o))
			return false;
		deferred = opt_replaced(o, order, head, rebuild(&r, behind, ids));
		g->root = deferred;
		opt_unify(o);
		root = g->root;
		g->root = was;
		if (root != deferred && opt_try(o, root, tries))
			return true;
	}
	return false;
}

/* Reorder one chain for the better; true if the graph changed. */
static bool reorder_one(struct opt *o, unsigned *tries)
{
	struct ir_graph *g = o->graph;
	struct ir_order order = opt_order(o);
	uint32_t *preds = opt_preds(o, order, g->root), ids = g->root->id + 1;
	bool *in_chain = arena_array(&o->tmp, bool, ids);
	struct reorderer r = { .o = o };
	uint8_t best[PARTS];
	bool moves;

	find_efforts(&r);
	for (uint32_t i = order.n; i-- > 0 && *tries;) {
		const struct ir_node *head = order.v[i], *root, *new;

		if ((head->kind != IR_TEST && head->kind != IR_SET) ||
		    in_chain[head->id])
			continue;
		find_parts(&r, head, ids);
		moves = r.n > 1 && find_order(&r, best);
		/* What is best for a chain is best for its end. */
		for (unsigned k = 0; k < r.n && !moves; k++)
			in_chain[node_at(&r, r.part[k].from)->id] = r.n < PARTS;
		if (!moves || !stands_alone(&r, preds))
			continue;
		if (!opt_rewrite(o))
			return false;
		new = rebuild(&r, best, ids);
		root = opt_replaced(o, order, head, new);
		if (opt_try(o, root, tries))
			return true;
	}
	return false;
}

bool opt_defer(struct opt *o)
{
	if (o->graph->input.exact_faults || !o->graph->input.loads_indexed ||
	    !opt_may_matter(o, 0))
		return false;
	return opt_trials(o, defer_one, LARGEST, MOST_TRIES);
}

bool opt_reorder(struct opt *o)
{
	if (o->graph->input.exact_faults)
		return false;
	return opt_trials(o, reorder_one, LARGEST, MOST_TRIES);
}
