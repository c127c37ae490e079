/*
 * merge: two questions about neighbouring fields become one about a wider load.
 *     load.1 23 == 6 ? n1 : c              (load.4 20 & 0x1fff00ff) == 6 ? a : c
 *     n1: load.2 20 has 0x1fff ? c : a  ->
 * Both fail to the same node, and only the first leads to the second. The first
 * may have several answers if all of them lead to the same second question, with
 * one answer; then it is asked once instead of after each of them:
 *     load.1 23 in { 6 -> n1, 17 -> n2 } else c
 *     n1: load.2 20 has 0x1fff ? c : a       (load.4 20 & 0x1fff00ff) in
 *     n2: load.2 20 has 0x1fff ? c : b   ->      { 6 -> a, 17 -> b } else c
 * Or the second question comes first, which is the better one where it rejects more.
 * Kept if the program costs less; each merge removes a node, so the pass ends.
 * Exits: struct masked says which of them a question's points lead to and which one
 * all else does; "has" with several bits selects what is not its point. Both
 * questions must fail by their exit for all else, to one node.
 * Keeps: the wide load ends no later than the first one, or what fails returns
 * 0, as it does where the load is past the end of the packet.
 */
#include <assert.h>

#include "opt/opt.h"

enum {
	LARGEST = 4000, /* nodes of a graph that is tried at all */
	MOST_TRIES = 24,
	MOST_POINTS = LIMIT(64, 4),
};

/* "(load & mask) is point i": good[i], is none of them: bad. Points are within MASK. */
struct masked {
	const struct ir_value *load;
	uint32_t mask;
	uint32_t *point;
	const struct ir_node **good;
	uint32_t n;
	const struct ir_node *bad;
};

static void make_room(struct opt *o, struct masked *m, uint32_t points)
{
	m->point = arena_array(&o->tmp, uint32_t, points);
	m->good = arena_array(&o->tmp, const struct ir_node *, points);
	m->n = points;
}

static bool set_points(struct opt *o, const struct ir_node *n, struct masked *m)
{
	if (n->n > MOST_POINTS)
		return false;
	make_room(o, m, n->n);
	for (uint32_t i = 0; i < n->n; i++) {
		if (n->set[i].lo[0] != n->set[i].hi[0] || n->set[i].lo[0] & ~m->mask)
			return false;
		m->point[i] = n->set[i].lo[0];
		m->good[i] = n->set[i].to;
	}
	m->bad = n->no;
	return true;
}

/*
 * Read N as a test of bits of a load. If SINGLE, a test of one bit is whether
 * it is 1, else whether it is 0.
 */
static bool as_masked(struct opt *o, const struct ir_node *n, struct masked *m,
                      bool single)
{
	const struct ir_value *v = n->lhs;

	if (n->kind == IR_TEST && !ir_is_const(n->rhs))
		return false;
	v = opt_unmasked(v, &m->mask);
	if (!ir_is_load(v))
		return false;
	m->load = v;
	m->mask &= ir_load_bits(v);
	if (n->kind == IR_SET)
		return set_points(o, n, m);
	if (n->kind != IR_TEST || (n->cmp != IR_EQ && n->cmp != IR_ANY))
		return false;
	make_room(o, m, 1);
	m->good[0] = n->yes;
	m->bad = n->no;
	m->point[0] = n->rhs->imm;
	if (n->cmp == IR_EQ)
		return !(m->point[0] & ~m->mask);
	m->mask &= n->rhs->imm;
	/* One bit is set, or all of them are not. */
	if (single && m->mask && !(m->mask & (m->mask - 1))) {
		m->point[0] = m->mask;
		return true;
	}
	m->point[0] = 0;
	m->good[0] = n->no;
	m->bad = n->yes;
	return true;
}

/*
 * Find a load that covers both; false if none does, if it may not be there, or
 * if the input does not have it.
 */
static bool widen(const struct opt *o, const struct masked *a,
                  const struct masked *b, uint32_t *offset, unsigned *width)
{
	uint32_t a_end = a->load->imm + a->load->width;
	uint32_t b_end = b->load->imm + b->load->width;
	uint32_t start = min_u32(a->load->imm, b->load->imm);
	uint32_t end = max_u32(a_end, b_end);

	if (a->load->op != b->load->op || a->load->arg[0] != b->load->arg[0] ||
	    (a->load->imm | b->load->imm) > 0x7ffffff0 || end - start > 4)
		return false;
	if (end > a_end && !opt_is_reject(a->bad))
		return false;
	if (end - start == 3) {
		if (!start)
			return false;
		start--;
	}
	*offset = start;
	*width = end - start;
	return ir_loads(&o->graph->input, ir_base(a->load), *width, start);
}

/* Return how far a load's bits lie from the low end of the wide one. */
static unsigned shift_of(const struct ir_value *load, uint32_t offset,
                         unsigned width)
{
	return 8 * (offset + width - load->imm - load->width);
}

/*
 * Merge test A and, after its answer I, B[I]; these differ only in targets.
 * NULL if that is not possible.
 */
static const struct ir_node *merged(struct opt *o, const struct masked *a,
                                    const struct masked *b)
{
	struct ir_graph *g = o->graph;
	struct ir_interval *set;
	const struct ir_value *v;
	unsigned width, as, bs;
	uint32_t offset, mask, n = 0;

	if (!widen(o, a, b, &offset, &width))
		return NULL;
	as = shift_of(a->load, offset, width);
	bs = shift_of(b->load, offset, width);
	mask = a->mask << as | b->mask << bs;
	if ((a->mask << as) & (b->mask << bs))
		return NULL;
	set = arena_array(&o->tmp, struct ir_interval, a->n > 1 ? a->n : b->n);
	for (uint32_t i = 0; i < a->n; i++) {
		assert(b[i].bad == a->bad && !(a->point[i] & ~a->mask));
		for (uint32_t k = 0; k < b[i].n; k++, n++) {
			assert(!(b[i].point[k] & ~b->mask));
			set[n].lo[0] = a->point[i] << as | b[i].point[k] << bs;
			set[n].hi[0] = set[n].lo[0];
			set[n].to = b[i].good[k];
		}
	}
	v = opt_load_at(o, a->load, width, offset);
	if (mask != ir_load_bits(v))
		v = ir_op2(g, IR_AND, v, ir_const(g, mask));
	if (n > 1)
		return ir_set(g, v, set, n, a->bad);
	return ir_test(g, IR_EQ, v, ir_const(g, set[0].lo[0]), set[0].to, a->bad);
}

/* Put the second question after each answer of A into B; false if they differ. */
static bool second_questions(struct opt *o, const uint32_t *preds,
                             const struct masked *a, struct masked *b)
{
	for (uint32_t i = 0; i < a->n; i++) {
		const struct ir_node *t = a->good[i];

		if (preds[t->id] != 1 || !as_masked(o, t, &b[i], t->yes != a->bad) ||
		    b[i].bad != a->bad || b[i].load != b[0].load ||
		    b[i].mask != b[0].mask)
			return false;
		if (a->n > 1 && (b[i].n > 1 || b[i].point[0] != b[0].point[0]))
			return false;
	}
	return true;
}

/* Tell whether N may fail to BAD. */
static bool leads_to_failing(const struct ir_node *n, const struct ir_node *bad)
{
	return n && (n->kind == IR_TEST || n->kind == IR_SET) &&
	       (n->yes == bad || n->no == bad);
}

/* Return set N, asked after B, which all its answers ask next. */
static const struct ir_node *swapped(struct opt *o, const struct ir_node *n,
                                     const struct masked *b)
{
	const struct ir_node **to =
		arena_array(&o->tmp, const struct ir_node *, n->n + 1);
	const struct ir_node *second = n->set[0].to, *now;

	for (uint32_t i = 0; i < n->n; i++) {
		assert(b[i].n == 1 && b[i].bad == n->no);
		to[i] = b[i].good[0];
	}
	to[n->n] = n->no;
	now = opt_with_succ(o, n, to);
	ir_inherit(o->graph, now, n);
	to = arena_array(&o->tmp, const struct ir_node *, ir_nsucc(second));
	for (uint32_t i = 0; i < ir_nsucc(second); i++) {
		assert(ir_succ(second, i) == n->no || ir_succ(second, i) == b[0].good[0]);
		to[i] = ir_succ(second, i) == n->no ? n->no : now;
	}
	now = opt_with_succ(o, second, to);
	for (uint32_t i = 0; i < n->n; i++)
		ir_inherit(o->graph, now, n->set[i].to);
	return now;
}

/*
 * Try to swap N, a test all of whose answers test B next, with B: then B is
 * tested once, too. If only length counts, include what unify makes of that.
 */
static bool try_swapped(struct opt *o, struct ir_order order, const struct ir_node *n,
                        const struct masked *b, unsigned *tries)
{
	const struct ir_node *was = o->graph->root, *root;

	/* A packet that is let through by failing leaves sooner by the first question. */
	if (n->n < 2 || (o->level != OPT_SIZE && !opt_is_reject(n->no)) || !*tries ||
	    !opt_rewrite(o))
		return false;
	root = opt_replaced(o, order, n, swapped(o, n, b));
	if (o->level == OPT_SIZE) {
		o->graph->root = root;
		opt_unify(o);
		root = o->graph->root;
		o->graph->root = was;
	}
	return opt_try(o, root, tries);
}

/* Merge one pair if that is cheaper; true if the graph changed. */
static bool merge_one(struct opt *o, unsigned *tries)
{
	struct ir_graph *g = o->graph;
	struct ir_order order = opt_order(o);
	uint32_t *preds = opt_preds(o, order, g->root);
	struct masked a, *b;
	bool better;

	for (uint32_t i = 0; i < order.n && *tries; i++) {
		const struct ir_node *n = order.v[i], *wide, *root;

		if (!as_masked(o, n, &a, leads_to_failing(n->yes, n->no)))
			continue;
		b = arena_array(&o->tmp, struct masked, a.n);
		if (!second_questions(o, preds, &a, b))
			continue;
		wide = merged(o, &a, b);
		if (!wide)
			continue;
		if (!opt_rewrite(o))
			return false;
		ir_inherit(g, wide, n);
		for (uint32_t k = 0; k < a.n; k++)
			ir_inherit(g, wide, a.good[k]);
		root = opt_replaced(o, order, n, wide);
		better = opt_try(o, root, tries);
		if (try_swapped(o, order, n, b, tries) || better)
			return true;
	}
	return false;
}

bool opt_merge(struct opt *o)
{
	if (o->graph->input.aligned || o->graph->input.exact_faults)
		return false;
	return opt_trials(o, merge_one, LARGEST, MOST_TRIES);
}
