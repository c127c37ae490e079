/*
 * Lowering: sets become search trees (or lines of tests), keys become words.
 * Works from the results up, so no walk recurses but the halving of a set
 * (depth log n) and the words of its key (4 at most).
 */
#include <string.h>

#include "gen/gen.h"

enum {
	DEFAULT_LEAF = 4, /* the knee of length against executed tests */
	SMALL_SET = 6,    /* up to here a line is as fast as a tree */
};

struct lower {
	struct ir_graph *g;
	struct arena *tmp;
	bool linear;
	uint32_t leaf;
	const struct ir_node **map; /* by id of the old node: the new one */
};

/* --- sets of one word --------------------------------------------------------- */

/* LO .. HI of one word -> TO. */
struct cell {
	uint32_t lo, hi;
	const struct ir_node *to;
	const struct ir_interval *why;
};

/* A set of one word while it is expanded. */
struct cells {
	const struct ir_value *v;
	const struct cell *c;
	const struct ir_node *no;
	const struct ir_node *set; /* the node that the tests are made for */
};

static const struct ir_node *compare(struct lower *l, const struct cells *s,
                                     const struct cell *c, enum ir_cmp cmp,
                                     uint32_t k, const struct ir_node *yes,
                                     const struct ir_node *no)
{
	const struct ir_value *rhs = ir_const(l->g, k);
	const struct ir_node *n = ir_test(l->g, cmp, s->v, rhs, yes, no);

	ir_inherit(l->g, n, s->set);
	if (c && c->why->placed)
		ir_at(l->g, n, c->why->at);
	return n;
}

/* Whether one_cell() asks only "is it this number". */
static bool asks_equality(const struct cell *c, uint32_t lo, uint32_t hi)
{
	return c->lo == c->hi && lo != hi;
}

/* The least that v can be behind cell C, if it was at least LO before. */
static uint32_t least_after(const struct cell *c, uint32_t lo, uint32_t hi)
{
	/* Not to be a number in the middle proves no order. */
	return asks_equality(c, lo, hi) && c->lo != lo ? lo : c->hi + 1;
}

/*
 * Is v, known to be in LO .. HI, in cell C? Then C->to, else NEXT; below the
 * cell nothing follows, as cells are sorted.
 */
static const struct ir_node *one_cell(struct lower *l, const struct cells *s,
                                      const struct cell *c, uint32_t lo,
                                      uint32_t hi, const struct ir_node *next)
{
	const struct ir_node *n = c->to;

	if (asks_equality(c, lo, hi))
		return compare(l, s, c, IR_EQ, c->lo, n, next);
	if (c->hi < hi)
		n = compare(l, s, c, IR_GT, c->hi, next, n);
	if (c->lo > lo)
		n = compare(l, s, c, IR_GE, c->lo, n, s->no);
	return n;
}

/* Cells FROM .. TO - 1 in turn, for a v that is known to be in LO .. HI. */
static const struct ir_node *in_turn(struct lower *l, const struct cells *s,
                                     uint32_t from, uint32_t to, uint32_t lo,
                                     uint32_t hi)
{
	uint32_t *least = arena_array(l->tmp, uint32_t, to - from + 1);
	const struct ir_node *n = s->no;

	least[0] = lo;
	for (uint32_t i = from; i < to; i++)
		least[i - from + 1] = least_after(&s->c[i], least[i - from], hi);
	for (uint32_t i = to; i-- > from;)
		n = one_cell(l, s, &s->c[i], least[i - from], hi, n);
	return n;
}

/* The same as a balanced tree whose leaves are lines. */
static const struct ir_node *tree(struct lower *l, const struct cells *s,
                                  uint32_t from, uint32_t to, uint32_t lo,
                                  uint32_t hi)
{
	const struct ir_node *below, *above;
	uint32_t mid = from + (to - from) / 2;

	if (to - from <= l->leaf)
		return in_turn(l, s, from, to, lo, hi);
	below = tree(l, s, from, mid, lo, s->c[mid].lo - 1);
	above = tree(l, s, mid, to, s->c[mid].lo, hi);
	return compare(l, s, NULL, IR_GE, s->c[mid].lo, above, below);
}

static const struct ir_node *expand_cells(struct lower *l, const struct cells *s,
                                          uint32_t n)
{
	if (l->linear || n <= SMALL_SET)
		return in_turn(l, s, 0, n, 0, UINT32_MAX);
	return tree(l, s, 0, n, 0, UINT32_MAX);
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
	ARRAY(struct cell) c;
	ARRAY(struct ir_interval) point; /* what shares word W == AT so far */
	uint32_t at;
};

/* The intervals collected for one value of word W become a cell of their own. */
static void close_point(struct lower *l, const struct trie *t, unsigned w,
                        struct cell_list *list)
{
	struct cell c = { list->at, list->at, NULL, NULL };
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
	struct cells s = { .no = t->no, .set = t->set };
	struct cell_list list = { 0 };

	if (w == words)
		return v->to;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t lo = v[i].lo[w], hi = v[i].hi[w];
		bool low_part = !all_words(v[i].lo, w + 1, words, 0);
		bool high_part = !all_words(v[i].hi, w + 1, words, UINT32_MAX);
		struct cell whole = { lo + low_part, hi - high_part, v[i].to,
			              &v[i] };

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
	s.v = ir_word(t->key, w);
	s.c = list.c.v;
	if (!list.c.n)
		return t->no;
	return expand_cells(l, &s, list.c.n);
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
		.linear = options->linear,
		.leaf = options->leaf ? options->leaf : DEFAULT_LEAF,
	};

	l.map = arena_array(tmp, const struct ir_node *, g->nodes.n);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];

		l.map[n->id] = lower_node(&l, n);
		ir_inherit(g, l.map[n->id], n);
	}
	return mapped(&l, g->root);
}
