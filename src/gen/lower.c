/*
 * Lowering: sets become search trees (or lines of tests), keys become words.
 * Works from the results up, so no walk recurses but the words of a set's key
 * (4 at most). What tests a word becomes is search.c's business.
 */
#include <string.h>

#include "gen/gen.h"

struct lower {
	struct ir_graph *g;
	struct arena *tmp;
	const struct gen_options *options;
	const struct ir_node **map; /* by id of the old node: the new one */
};

/* --- sets of one word --------------------------------------------------------- */

enum { UNIT = 64 }; /* the weight of a cell if nothing is known */

typedef ARRAY(struct gen_cell) cells_t;

/* The greatest number that V can be, as far as its width says. */
static uint32_t greatest(const struct ir_value *v)
{
	return ir_is_load(v) ? ir_load_bits(v) : UINT32_MAX;
}

static void add_cell(struct lower *l, cells_t *out, uint32_t lo, uint32_t hi,
                     const struct ir_node *to, const struct ir_interval *why)
{
	struct gen_cell c = { .lo = lo, .hi = hi, .to = to, .why = why,
		              .weight = UNIT };

	if (out->n && out->v[out->n - 1].to == to)
		out->v[out->n - 1].hi = hi;
	else
		array_push(l->tmp, out, c);
}

/* The N intervals at C, sorted, and what is between them, which leads to NO. */
static const struct ir_node *expand_cells(struct lower *l, const struct ir_node *set,
                                          const struct ir_value *v,
                                          const struct gen_cell *c, uint32_t n,
                                          const struct ir_node *no)
{
	cells_t all = { 0 };
	uint64_t at = 0, last = greatest(v);

	for (uint32_t i = 0; i < n && c[i].lo <= last; i++) {
		if (c[i].lo > at)
			add_cell(l, &all, (uint32_t)at, c[i].lo - 1, no, NULL);
		at = min_u32(c[i].hi, (uint32_t)last);
		add_cell(l, &all, c[i].lo, (uint32_t)at++, c[i].to, c[i].why);
	}
	if (at <= last)
		add_cell(l, &all, (uint32_t)at, (uint32_t)last, no, NULL);
	return gen_search(l->g, l->options, l->tmp, set, v, all.v, all.n);
}

/* --- sets of several words: a trie, one word a level ---------------------------- */

struct trie {
	const struct ir_value *key;
	const struct ir_node *no, *set;
};

static bool all_words(const uint32_t *w, unsigned from, unsigned words,
                      uint32_t value)
{
	for (unsigned i = from; i < words; i++)
		if (w[i] != value)
			return false;
	return true;
}

/* The part of intervals whose word W is exactly LO's: what is left of each. */
static struct ir_interval clip(const struct ir_interval *v, unsigned w,
                               unsigned words, uint32_t at)
{
	struct ir_interval c = *v;

	if (v->lo[w] < at)
		memset(c.lo + w + 1, 0, (words - w - 1) * sizeof *c.lo);
	if (v->hi[w] > at)
		memset(c.hi + w + 1, 0xff, (words - w - 1) * sizeof *c.hi);
	c.lo[w] = c.hi[w] = at;
	return c;
}

static const struct ir_node *expand(struct lower *l, const struct trie *t,
                                    unsigned w, const struct ir_interval *v,
                                    uint32_t n);

struct cell_list {
	cells_t c;
	ARRAY(struct ir_interval) point; /* what shares word W == AT so far */
	uint32_t at;
};

/* The intervals collected for one value of word W become a cell of their own. */
static void close_point(struct lower *l, const struct trie *t, unsigned w,
                        struct cell_list *list)
{
	struct gen_cell c = { .lo = list->at, .hi = list->at };
	struct ir_interval *kept;

	if (!list->point.n)
		return;
	kept = arena_memdup(l->tmp, list->point.v,
	                    list->point.n * sizeof *list->point.v);
	c.why = kept;
	c.to = expand(l, t, w + 1, kept, list->point.n);
	list->point.n = 0;
	if (c.to != t->no)
		array_push(l->tmp, &list->c, c);
}

static void add_point(struct lower *l, const struct trie *t, unsigned w,
                      struct cell_list *list, const struct ir_interval *v,
                      uint32_t at)
{
	struct ir_interval part = clip(v, w, ir_words(t->key), at);

	if (list->point.n && list->at != at)
		close_point(l, t, w, list);
	list->at = at;
	array_push(l->tmp, &list->point, part);
}

/* The tests for words W and on, of intervals that agree in the words before. */
static const struct ir_node *expand(struct lower *l, const struct trie *t,
                                    unsigned w, const struct ir_interval *v,
                                    uint32_t n)
{
	unsigned words = ir_words(t->key);
	struct cell_list list = { 0 };

	if (w == words)
		return v->to;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t lo = v[i].lo[w], hi = v[i].hi[w];
		bool low_part = !all_words(v[i].lo, w + 1, words, 0);
		bool high_part = !all_words(v[i].hi, w + 1, words, UINT32_MAX);
		struct gen_cell whole = { .lo = lo + low_part,
			                  .hi = hi - high_part,
			                  .to = v[i].to,
			                  .why = &v[i] };

		if (low_part || (lo == hi && high_part))
			add_point(l, t, w, &list, &v[i], lo);
		if (lo == hi && (low_part || high_part))
			continue;
		/* lo < hi, or one word whole: what is between the partial ends */
		if (lo + low_part <= hi - high_part) {
			close_point(l, t, w, &list);
			array_push(l->tmp, &list.c, whole);
		}
		if (high_part)
			add_point(l, t, w, &list, &v[i], hi);
	}
	close_point(l, t, w, &list);
	return expand_cells(l, t->set, ir_word(t->key, w), list.c.v, list.c.n,
	                    t->no);
}

/* --- nodes --------------------------------------------------------------------- */

static const struct ir_node *mapped(const struct lower *l,
                                    const struct ir_node *n)
{
	return l->map[n->id];
}

static const struct ir_node *lower_set(struct lower *l, const struct ir_node *n)
{
	struct trie t = { n->lhs, mapped(l, n->no), n };
	struct ir_interval *v =
		arena_memdup(l->tmp, n->set, n->n * sizeof *n->set);

	for (uint32_t i = 0; i < n->n; i++)
		v[i].to = mapped(l, v[i].to);
	return expand(l, &t, 0, v, n->n);
}

/* A comparison of keys, from the least significant word up. */
static const struct ir_node *lower_test(struct lower *l, const struct ir_node *n)
{
	const struct ir_node *yes = mapped(l, n->yes), *no = mapped(l, n->no);
	const struct ir_node *rest = NULL;

	for (unsigned i = ir_words(n->lhs); i-- > 0;) {
		const struct ir_value *a = ir_word(n->lhs, i);
		const struct ir_value *b = ir_word(n->rhs, i);

		if (!rest)
			rest = ir_test(l->g, n->cmp, a, b, yes, no);
		else if (n->cmp == IR_ANY)
			rest = ir_test(l->g, IR_ANY, a, b, yes, rest);
		else if (n->cmp == IR_EQ)
			rest = ir_test(l->g, IR_EQ, a, b, rest, no);
		else {
			rest = ir_test(l->g, IR_EQ, a, b, rest, no);
			ir_inherit(l->g, rest, n);
			rest = ir_test(l->g, IR_GT, a, b, yes, rest);
		}
		ir_inherit(l->g, rest, n);
	}
	return rest;
}

static const struct ir_node *lower_need(struct lower *l, const struct ir_node *n)
{
	const struct ir_node *next = mapped(l, n->yes);

	for (unsigned i = ir_words(n->lhs); i-- > 0;)
		next = ir_need(l->g, ir_word(n->lhs, i), next);
	return next;
}

static const struct ir_node *lower_node(struct lower *l, const struct ir_node *n)
{
	switch (n->kind) {
	case IR_RET:
		return n;
	case IR_TEST:
		return lower_test(l, n);
	case IR_SET:
		return lower_set(l, n);
	case IR_BIND:
		return ir_bind(l->g, n->lhs, n->rhs, mapped(l, n->yes));
	case IR_NEED:
		return lower_need(l, n);
	}
	return n;
}

const struct ir_node *gen_lower(struct ir_graph *g,
                                const struct gen_options *options,
                                struct arena *tmp)
{
	struct ir_order order = ir_postorder(tmp, g, g->root);
	struct lower l = {
		.g = g,
		.tmp = tmp,
		.options = options,
	};

	l.map = arena_array(tmp, const struct ir_node *, g->nodes.n);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];

		l.map[n->id] = lower_node(&l, n);
		ir_inherit(g, l.map[n->id], n);
	}
	return mapped(&l, g->root);
}
