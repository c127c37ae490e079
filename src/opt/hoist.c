/*
 * hoist: asks a test once, first or last, if every packet that is accepted passes it
 * and it decides other tests of its value.
 *     n1: load.4 26 == 7 ? n2 : n3            n0: load.1 23 == 6 ? n1 : ret 0
 *     n2: load.1 23 == 6 ? a : n3         ->  n1: load.4 26 == 7 ? a : n3
 *     n3: load.4 30 == 7 ? n4 : ret 0         n3: load.4 30 == 7 ? a : ret 0
 *     n4: load.1 23 == 6 ? a : ret 0
 * Kept if the program costs less once thread has used what is known then, so the
 * pass ends.
 *
 *         t --no--> u                   q --no--> ret 0
 *         |yes      |yes                |yes
 *         q         q       becomes     t --no--> u
 *         |yes      |yes                |yes      |yes
 *         x         y                   x         y
 *
 * sink does the opposite: it moves q from the top to each way on.
 * Exits: the test passes either the inputs that it selects or all others, and all ways
 * to acceptance must agree on which. way_past() tells, and asserts it of what is made.
 * Keeps: a packet that is accepted passes the test and loads the same as before. All
 * others are rejected, or end by a fault, which is the same.
 */
#include <assert.h>

#include "opt/opt.h"

enum {
	LARGEST = 400, /* nodes of a graph that is tried at all */
	MOST_TRIES = 8,
};

struct hoister {
	struct opt *o;
	struct ir_order order;
	uint32_t *asked;  /* by value id: how many tests look at that load */
	bool *accepts;    /* by node id: leads to anything but ret 0 */
	bool *may_accept; /* the same for inputs that fail the question at hand */
};

/*
 * Find the load that N tests; NULL if its value depends on the path, or N tests
 * more.
 */
static const struct ir_value *asked_load(const struct ir_node *n)
{
	const struct ir_value *v;
	uint32_t mask;

	if (n->kind != IR_SET && (n->kind != IR_TEST || !ir_is_const(n->rhs)))
		return NULL;
	v = opt_unmasked(n->lhs, &mask);
	return ir_is_load(v) && !v->may_divide && !v->params ? v : NULL;
}

/*
 * Count the nodes that test each load, and find the nodes from where a packet
 * may be accepted.
 */
static void look(struct hoister *h)
{
	struct ir_graph *g = h->o->graph;
	uint32_t ids = g->root->id + 1;

	h->order = opt_order(h->o);
	h->asked = arena_array(&h->o->tmp, uint32_t, g->values.n);
	h->accepts = arena_array(&h->o->tmp, bool, ids);
	h->may_accept = arena_array(&h->o->tmp, bool, ids);
	for (uint32_t i = 0; i < h->order.n; i++) {
		const struct ir_node *n = h->order.v[i];
		const struct ir_value *v = asked_load(n);

		if (v)
			h->asked[v->id]++;
		h->accepts[n->id] = n->kind == IR_RET && !opt_is_reject(n);
		for (uint32_t s = 0; s < ir_nsucc(n); s++)
			h->accepts[n->id] |= h->accepts[ir_succ(n, s)->id];
	}
}

/* --- tests by what they ask ----------------------------------------------------- */

/*
 * Find where inputs go that pass N, a test or a set: those that N selects (all
 * exits but the last) if SELECTED, the others if not. NULL if they go to
 * several places, or if N does not reject the rest.
 */
static const struct ir_node *way_past(const struct ir_node *n, bool selected)
{
	uint32_t last = ir_nsucc(n) - 1;
	const struct ir_node *way = ir_succ(n, selected ? 0 : last);

	for (uint32_t i = 0; i <= last; i++) {
		const struct ir_node *s = ir_succ(n, i);

		if ((i < last) == selected ? s != way : !opt_is_reject(s))
			return NULL;
	}
	return opt_is_reject(way) ? NULL : way;
}

/*
 * Build the test of N with other exits: inputs that N selects go to PASS if
 * SELECTED, all others are rejected; the other way round if not.
 */
static const struct ir_node *question(struct hoister *h, const struct ir_node *n,
                                      bool selected, const struct ir_node *pass)
{
	struct ir_graph *g = h->o->graph;
	const struct ir_node *reject = ir_ret_const(g, 0), *q;
	struct ir_interval *v;

	if (n->kind == IR_TEST) {
		q = ir_test(g, n->cmp, n->lhs, n->rhs, selected ? pass : reject,
		            selected ? reject : pass);
	} else {
		v = arena_memdup(&h->o->tmp, n->set, n->n * sizeof *v);
		for (uint32_t i = 0; i < n->n; i++)
			v[i].to = selected ? pass : reject;
		q = ir_set(g, n->lhs, v, n->n, selected ? reject : pass);
	}
	assert(way_past(q, selected) == pass);
	return q;
}

/*
 * Tell whether A and B select the same inputs. Where these go, and the others, may
 * differ.
 */
static bool same_question(const struct ir_node *a, const struct ir_node *b)
{
	if (a->kind != b->kind || a->cmp != b->cmp || a->lhs != b->lhs ||
	    a->rhs != b->rhs || a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (a->set[i].lo[0] != b->set[i].lo[0] ||
		    a->set[i].hi[0] != b->set[i].hi[0])
			return false;
	return true;
}

/*
 * Mark in may_accept the nodes from where an input may be accepted although it
 * fails N's test: N does not select it although SELECTED, or selects it
 * although not.
 */
static void fail(struct hoister *h, const struct ir_node *n, bool selected)
{
	for (uint32_t i = 0; i < h->order.n; i++) {
		const struct ir_node *at = h->order.v[i];
		uint32_t from = 0, to = ir_nsucc(at);
		bool may = at->kind == IR_RET && !opt_is_reject(at);

		if (same_question(at, n)) {
			from = selected ? to - 1 : 0;
			to = selected ? to : to - 1;
		}
		for (uint32_t s = from; s < to; s++)
			may |= h->may_accept[ir_succ(at, s)->id];
		h->may_accept[at->id] = may;
	}
}

/* --- where it goes ------------------------------------------------------------------ */

/*
 * Find the only exit of N that does not reject; NULL if there are more, or if N
 * tests V.
 */
static const struct ir_node *only_way(const struct ir_node *n, const struct ir_value *v)
{
	const struct ir_node *way = NULL;

	if ((n->kind != IR_TEST && n->kind != IR_SET) || asked_load(n) == v)
		return NULL;
	for (uint32_t i = 0; i < ir_nsucc(n); i++) {
		const struct ir_node *s = ir_succ(n, i);

		if (opt_is_reject(s) || s == way)
			continue;
		if (way)
			return NULL;
		way = s;
	}
	return way;
}

/*
 * Find the highest node from which every accepted input passes the test, and
 * step past the tests that only guard it. NULL if there is none.
 */
static const struct ir_node *highest(struct hoister *h, const struct ir_value *v)
{
	const struct ir_node *at = NULL, *next;

	for (uint32_t i = h->order.n; i-- > 0 && !at;) {
		const struct ir_node *n = h->order.v[i];

		if (h->accepts[n->id] && !h->may_accept[n->id])
			at = n;
	}
	while (at && (next = only_way(at, v)) && !h->may_accept[next->id])
		at = next;
	return at;
}

/*
 * Remove the first test below ROOT that does what question() made of N and
 * SELECTED, and put it last on each way on from there. Skip tests of the same
 * value that pass the opposite or lead to several places.
 */
static const struct ir_node *asked_last(struct hoister *h, const struct ir_node *root,
                                        const struct ir_node *n, bool selected)
{
	struct opt *o = h->o;
	struct ir_order order = ir_postorder(&o->tmp, o->graph, root), below;
	const struct ir_node **map, *q = NULL, *way = NULL;

	for (uint32_t i = order.n; i-- > 0 && !way;) {
		q = order.v[i];
		way = same_question(q, n) ? way_past(q, selected) : NULL;
	}
	if (!way)
		return root;
	below = ir_postorder(&o->tmp, o->graph, way);
	map = arena_array(&o->tmp, const struct ir_node *, root->id + 1);
	for (uint32_t i = 0; i < below.n; i++) {
		const struct ir_node *at = below.v[i];

		if (at->kind != IR_RET)
			map[at->id] = opt_mapped_succ(o, at, map);
		else
			map[at->id] = opt_is_reject(at)
			                      ? at
			                      : question(h, n, selected, at);
	}
	return opt_replaced(o, order, q, map[way->id]);
}

/*
 * Try to do N's test first, or LAST, and to pass what it selects if SELECTED,
 * the rest if not. True if the graph changed.
 */
static bool hoist(struct hoister *h, const struct ir_node *n, bool selected, bool last,
                  unsigned *tries)
{
	struct opt *o = h->o;
	struct ir_graph *g = o->graph;
	const struct ir_node *was = g->root, *at, *q, *root;

	fail(h, n, selected);
	at = highest(h, asked_load(n));
	if (!at || at->kind == IR_RET || same_question(at, n) || !opt_rewrite(o))
		return false;
	q = question(h, n, selected, at);
	ir_inherit(g, q, n);
	g->root = opt_replaced(o, h->order, at, q);
	opt_thread(o);
	root = last ? asked_last(h, g->root, n, selected) : g->root;
	g->root = was;
	return opt_try(o, root, tries);
}

/* --- the pass ----------------------------------------------------------------------- */

/* Tell whether an earlier node than place I of the order asks the same. */
static bool was_tried(const struct hoister *h, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (same_question(h->order.v[k], h->order.v[i]))
			return true;
	return false;
}

static bool ask_one(struct opt *o, bool last, unsigned *tries)
{
	struct hoister h = { .o = o };

	look(&h);
	for (uint32_t i = 0; i < h.order.n && *tries; i++) {
		const struct ir_node *n = h.order.v[i];
		const struct ir_value *v = asked_load(n);

		if (!v || h.asked[v->id] < 2 || was_tried(&h, i))
			continue;
		for (int selected = 1; selected >= 0 && *tries; selected--)
			if (hoist(&h, n, selected, last, tries))
				return true;
	}
	return false;
}

static bool hoist_one(struct opt *o, unsigned *tries)
{
	return ask_one(o, false, tries);
}

static bool sink_one(struct opt *o, unsigned *tries)
{
	return ask_one(o, true, tries);
}

bool opt_hoist(struct opt *o)
{
	return !o->graph->input.exact_faults &&
	       opt_trials(o, hoist_one, LARGEST, MOST_TRIES);
}

bool opt_sink(struct opt *o)
{
	return !o->graph->input.exact_faults &&
	       opt_trials(o, sink_one, LARGEST, MOST_TRIES);
}
