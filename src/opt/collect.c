/*
 * collect: questions about one value become one set.
 *     load.2 36 == 80 ? a : n1          load.2 36 in { 80 -> a,
 *     n1: load.2 36 > 1023 ? b : c  ->      1024..0xffff -> b } else c
 * A node takes in a successor that only it leads to and that asks about the
 * same value, or about a prefix of it: (v & 0xff000000) == k is an interval.
 * Exits: pieces say where each number leads, so those of the successor take the place
 * of the pieces that led to it; which one is the set's "else" is a matter of length.
 * Each rewrite removes a node, so the pass ends.
 * Keeps: the value is evaluated where the first question was.
 */
#include <assert.h>
#include <string.h>

#include "opt/opt.h"

/* A map that would have more pieces than this is left in parts. */
enum {
	MOST_PIECES = LIMIT(64, 4)
};

struct piece {
	uint32_t lo, hi;
	const struct ir_node *to;
	struct span at;
	bool placed;
};

/* Where a value leads: pieces that cover 0 .. its greatest number, in order. */
struct pieces {
	const struct ir_value *v;
	ARRAY(struct piece) p;
};

struct collector {
	struct opt *o;
	const struct ir_node **map; /* by old id */
	uint32_t *preds;            /* by old id */
};

static void add(struct collector *c, struct pieces *all, struct piece p)
{
	struct piece *last = all->p.n ? &all->p.v[all->p.n - 1] : NULL;

	if (last && last->to == p.to)
		last->hi = p.hi;
	else
		array_push(&c->o->tmp, &all->p, p);
}

/* Lead LO .. HI to YES and all else of the value to NO. */
static void split(struct collector *c, struct pieces *out, uint32_t lo,
                  uint32_t hi, const struct ir_node *n,
                  const struct ir_node *yes, const struct ir_node *no)
{
	const struct ir_place *place = ir_places(c->o->graph, n);
	struct piece p = { .to = no };

	if (place) {
		p.placed = true;
		p.at = place->at;
	}
	if (lo) {
		p.lo = 0;
		p.hi = lo - 1;
		add(c, out, p);
	}
	p.lo = lo;
	p.hi = hi;
	p.to = yes;
	add(c, out, p);
	if (hi != UINT32_MAX) {
		p.lo = hi + 1;
		p.hi = UINT32_MAX;
		p.to = no;
		add(c, out, p);
	}
}

/* Tell whether MASK keeps some upper bits of V and cuts off all that are below. */
static bool is_prefix(const struct ir_value *v, uint32_t mask)
{
	uint32_t low = opt_possible_bits(v) & ~mask;

	return !(low & (low + 1));
}

static bool test_pieces(struct collector *c, const struct ir_node *n,
                        struct pieces *out)
{
	const struct ir_value *v = n->lhs;
	uint32_t k = n->rhs->imm, low = 0;

	if (!ir_is_const(n->rhs) || ir_is_const(v))
		return false;
	if (n->cmp == IR_EQ && v->op == IR_AND && ir_is_const(v->arg[1]) &&
	    !(k & ~v->arg[1]->imm) && is_prefix(v->arg[0], v->arg[1]->imm)) {
		v = v->arg[0];
		low = opt_possible_bits(v) & ~n->lhs->arg[1]->imm;
	}
	out->v = v;
	switch (n->cmp) {
	case IR_EQ:
		split(c, out, k, k | low, n, n->yes, n->no);
		return true;
	case IR_GT:
		if (k == UINT32_MAX)
			return false;
		split(c, out, k + 1, UINT32_MAX, n, n->yes, n->no);
		return true;
	case IR_GE:
		split(c, out, k, UINT32_MAX, n, n->yes, n->no);
		return true;
	case IR_ANY:
		break;
	}
	return false;
}

static void set_pieces(struct collector *c, const struct ir_node *n,
                       struct pieces *out)
{
	struct piece gap = { .to = n->no };

	out->v = n->lhs;
	for (uint32_t i = 0; i < n->n; i++) {
		const struct ir_interval *v = &n->set[i];

		if (v->lo[0] > gap.lo || (!i && v->lo[0])) {
			gap.hi = v->lo[0] - 1;
			add(c, out, gap);
		}
		add(c, out, (struct piece){
				    v->lo[0],
				    v->hi[0],
				    v->to,
				    v->at,
				    v->placed,
			    });
		gap.lo = v->hi[0] + 1;
	}
	if (n->set[n->n - 1].hi[0] != UINT32_MAX) {
		gap.hi = UINT32_MAX;
		add(c, out, gap);
	}
}

/* Give what N asks as pieces; false if N is not such a question. */
static bool as_pieces(struct collector *c, const struct ir_node *n,
                      struct pieces *out)
{
	*out = (struct pieces){ 0 };
	if (ir_words(n->lhs) > 1)
		return false;
	if (n->kind == IR_TEST)
		return test_pieces(c, n, out);
	if (n->kind != IR_SET || n->n > MOST_PIECES)
		return false;
	set_pieces(c, n, out);
	return true;
}

/*
 * Tell whether OLD, a node of the graph before, may take in its successor that
 * became M: nothing else leads to it.
 */
static bool may_take_in(struct collector *c, const struct ir_node *old,
                        const struct ir_node *m)
{
	for (uint32_t i = 0; i < ir_nsucc(old); i++) {
		const struct ir_node *s = ir_succ(old, i);

		if (c->map[s->id] == m)
			return c->preds[s->id] == 1;
	}
	return false;
}

/* Tell whether each number is in one piece. */
static bool cover(struct pieces *all)
{
	uint32_t next = 0;

	array_each(p, &all->p) {
		if (p->lo != next || p->hi < p->lo)
			return false;
		next = p->hi + 1;
	}
	return all->p.n && !next;
}

/* Return the pieces of ALL with those that lead to M resolved by M's own. */
static struct pieces take_in(struct collector *c, struct pieces *all,
                             const struct ir_node *m, struct pieces *his)
{
	struct pieces out = { .v = all->v };

	array_each(p, &all->p) {
		if (p->to != m) {
			add(c, &out, *p);
			continue;
		}
		array_each(q, &his->p) {
			struct piece part = *q;

			part.lo = max_u32(p->lo, q->lo);
			part.hi = min_u32(p->hi, q->hi);
			if (part.lo <= part.hi)
				add(c, &out, part);
		}
	}
	assert(cover(&out));
	return out;
}

/*
 * Count the comparisons in a line of tests for ALL if what leads to OTHER needs
 * none.
 */
static uint32_t comparisons(struct pieces *all, const struct ir_node *other)
{
	uint32_t n = 0;

	array_each(p, &all->p)
		if (p->to != other)
			n += 1 + (p->lo != p->hi && p->lo && p->hi != UINT32_MAX);
	return n;
}

/* Return the target that is best told by not being any of the others. */
static const struct ir_node *best_else(struct pieces *all)
{
	const struct ir_node *best = all->p.v[all->p.n - 1].to;
	uint32_t least = comparisons(all, best), n;

	for (uint32_t i = 0; i + 1 < all->p.n && i < 8; i++) {
		n = comparisons(all, all->p.v[i].to);
		if (n < least) {
			least = n;
			best = all->p.v[i].to;
		}
	}
	return best;
}

static const struct ir_node *as_set(struct collector *c, struct pieces *all)
{
	const struct ir_node *other = best_else(all);
	ARRAY(struct ir_interval) set = { 0 };

	array_each(p, &all->p) {
		struct ir_interval v = {
			.lo = { p->lo },
			.hi = { p->hi },
			.to = p->to,
			.at = p->at,
			.placed = p->placed,
		};

		if (p->to != other)
			array_push(&c->o->tmp, &set, v);
	}
	return ir_set(c->o->graph, all->v, set.v, set.n, other);
}

/* Tell whether N and a question that follows it are about one value. */
static bool may_meet(const struct ir_node *n)
{
	uint32_t mask;
	const struct ir_value *v = opt_unmasked(n->lhs, &mask);

	for (uint32_t i = 0; i < ir_nsucc(n); i++)
		if (opt_unmasked(ir_succ(n, i)->lhs, &mask) == v)
			return true;
	return false;
}

/* Take all successors that can be taken in into N, which was made from OLD. */
static const struct ir_node *collect(struct collector *c,
                                     const struct ir_node *old,
                                     const struct ir_node *n)
{
	struct pieces all, his;
	bool any = false;

	if (!may_meet(n) || !as_pieces(c, n, &all))
		return n;
	for (uint32_t i = 0; i < all.p.n; i++) {
		const struct ir_node *m = all.p.v[i].to;

		if (all.p.n > MOST_PIECES || !may_take_in(c, old, m) ||
		    !as_pieces(c, m, &his) || his.v != all.v ||
		    !opt_rewrite(c->o))
			continue;
		all = take_in(c, &all, m, &his);
		any = true;
		i = UINT32_MAX; /* from the start: pieces have moved */
	}
	return any ? as_set(c, &all) : n;
}

/* --- long chains ------------------------------------------------------------------ */

typedef ARRAY(struct ir_interval) intervals_t;

/* Add what question N leads to, by what it has become. */
static void add_question(struct collector *c, const struct ir_node *n, intervals_t *out)
{
	const struct ir_place *place = ir_places(c->o->graph, n);
	struct ir_interval v = { .placed = place != NULL };

	if (n->kind == IR_TEST) {
		v.lo[0] = v.hi[0] = n->rhs->imm;
		v.to = c->map[n->yes->id];
		if (place)
			v.at = place->at;
		array_push(&c->o->tmp, out, v);
	}
	for (uint32_t i = 0; n->kind == IR_SET && i < n->n; i++) {
		v = n->set[i];
		v.to = c->map[v.to->id];
		array_push(&c->o->tmp, out, v);
	}
}

/*
 * Make one set of N and of the questions that come after it in its chain, which nothing
 * else leads to, OWNED of them. Of those about one number the first answers.
 */
static const struct ir_node *chain_as_set(struct collector *c, const struct ir_node *n,
                                          uint32_t owned)
{
	intervals_t set = { 0 };
	const struct ir_node *last = n;

	add_question(c, n, &set);
	for (uint32_t i = 0; i < owned; i++) {
		last = last->no;
		assert(last->lhs == n->lhs && c->preds[last->id] == 1);
		add_question(c, last, &set);
	}
	return ir_set(c->o->graph, n->lhs, set.v, set.n, c->map[last->no->id]);
}

/* Return, by id, how many questions each node takes in; UINT32_MAX: one takes it in. */
static uint32_t *find_owned(struct collector *c, struct ir_order order)
{
	struct opt_chains *chains = opt_chains(c->o, order);
	uint32_t *owned = arena_array(&c->o->tmp, uint32_t, c->o->graph->root->id + 1);

	for (uint32_t i = order.n; chains && i-- > 0;) {
		const struct ir_node *n = order.v[i];

		if (owned[n->id])
			continue;
		owned[n->id] = opt_chain_owned(chains, n, c->preds);
		if (owned[n->id] && !opt_rewrite(c->o))
			owned[n->id] = 0;
		for (uint32_t k = owned[n->id]; k > 0; k--) {
			n = n->no;
			owned[n->id] = UINT32_MAX;
		}
	}
	return owned;
}

/* Return what N becomes. */
static const struct ir_node *collected(struct collector *c, const struct ir_node *n,
                                       uint32_t owned)
{
	if (owned == UINT32_MAX)
		return n;
	if (owned)
		return chain_as_set(c, n, owned);
	return collect(c, n, opt_mapped_succ(c->o, n, c->map));
}

bool opt_collect(struct opt *o)
{
	struct ir_graph *g = o->graph;
	const struct ir_node *was = g->root;
	struct ir_order order = opt_order(o);
	struct collector c = { .o = o };
	uint32_t *owned;

	c.map = arena_array(&o->tmp, const struct ir_node *, was->id + 1);
	c.preds = opt_preds(o, order, was);
	owned = find_owned(&c, order);
	for (uint32_t i = 0; i < order.n; i++) {
		struct arena_mark mark = arena_mark(&o->tmp);
		const struct ir_node *n = order.v[i];

		c.map[n->id] = collected(&c, n, owned[n->id]);
		arena_back(&o->tmp, mark);
		ir_inherit(g, c.map[n->id], n);
	}
	g->root = c.map[was->id];
	return g->root != was;
}
