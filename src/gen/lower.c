/*
 * Lowering: sets become search trees (or lines of tests), keys become words.
 * Works from the results up, so no walk recurses but the words of a set's key
 * (4 at most). What tests a word becomes is search.c's business.
 */
#include <assert.h>
#include <string.h>

#include "gen/gen.h"

struct lower {
	struct ir_graph *g;
	struct arena *tmp;
	const struct gen_options *options;
	const struct ir_node **map; /* by id of the old node: the new one */
};

/* --- sets of one word --------------------------------------------------------- */

enum {
	UNIT = 64
}; /* the weight of a piece if nothing is known */

typedef ARRAY(struct gen_piece) pieces_t;

/* Return the greatest number that V can be, as far as its width says. */
static uint32_t greatest(const struct ir_value *v)
{
	return ir_is_load(v) ? ir_load_bits(v) : UINT32_MAX;
}

static void add_piece(struct lower *l, pieces_t *out, uint32_t lo, uint32_t hi,
                      const struct ir_node *to, const struct ir_interval *why)
{
	struct gen_piece c = { .lo = lo, .hi = hi, .to = to, .why = why, .weight = UNIT };

	if (out->n && out->v[out->n - 1].to == to)
		out->v[out->n - 1].hi = hi;
	else
		array_push(l->tmp, out, c);
}

/*
 * Weigh the pieces by what SET, which tests V, knows of how often each number
 * is met.
 */
static void weigh_pieces(struct lower *l, const struct ir_node *set,
                         const struct ir_value *v, struct gen_piece *c, uint32_t n)
{
	const struct ir_weights *w = ir_weights(l->g, set);

	if (!w || w->of != v)
		return;
	for (uint32_t i = 0; i < n; i++)
		c[i].weight = 0;
	for (uint32_t i = 0, at = 0; i < w->n && at < n;) {
		assert(!i || w->v[i - 1].number <= w->v[i].number);
		if (w->v[i].number > c[at].hi)
			at++;
		else
			c[at].weight += w->v[i++].weight;
	}
}

/*
 * Make tests for the N intervals at C, sorted, and for what is between them,
 * which leads to NO.
 */
static const struct ir_node *expand_pieces(struct lower *l, const struct ir_node *set,
                                           const struct ir_value *v,
                                           const struct gen_piece *c, uint32_t n,
                                           const struct ir_node *no)
{
	pieces_t all = { 0 };
	uint64_t at = 0, last = greatest(v);

	for (uint32_t i = 0; i < n && c[i].lo <= last; i++) {
		if (c[i].lo > at)
			add_piece(l, &all, (uint32_t)at, c[i].lo - 1, no, NULL);
		at = min_u32(c[i].hi, (uint32_t)last);
		add_piece(l, &all, c[i].lo, (uint32_t)at++, c[i].to, c[i].why);
	}
	if (at <= last)
		add_piece(l, &all, (uint32_t)at, (uint32_t)last, no, NULL);
	weigh_pieces(l, set, v, all.v, all.n);
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

/* Return the part of intervals whose word W is exactly LO's: what is left of each. */
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

struct piece_list {
	pieces_t c;
	ARRAY(struct ir_interval) point; /* what shares word W == AT so far */
	uint32_t at;
};

/* Make one piece of the intervals collected for one value of word W. */
static void close_point(struct lower *l, const struct trie *t, unsigned w,
                        struct piece_list *list)
{
	struct gen_piece c = { .lo = list->at, .hi = list->at };
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
                      struct piece_list *list, const struct ir_interval *v,
                      uint32_t at)
{
	struct ir_interval part = clip(v, w, ir_words(t->key), at);

	if (list->point.n && list->at != at)
		close_point(l, t, w, list);
	list->at = at;
	array_push(l->tmp, &list->point, part);
}

/* Return the tests for words W and on, of intervals that agree in the words before. */
static const struct ir_node *expand(struct lower *l, const struct trie *t,
                                    unsigned w, const struct ir_interval *v,
                                    uint32_t n)
{
	unsigned words = ir_words(t->key);
	struct piece_list list = { 0 };

	if (w == words)
		return v->to;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t lo = v[i].lo[w], hi = v[i].hi[w];
		bool low_part = !all_words(v[i].lo, w + 1, words, 0);
		bool high_part = !all_words(v[i].hi, w + 1, words, UINT32_MAX);
		struct gen_piece whole = { .lo = lo + low_part,
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
	return expand_pieces(l, t->set, ir_word(t->key, w), list.c.v, list.c.n,
	                     t->no);
}

/* --- sets of two words, the low one first ------------------------------------------ */

enum {
	LOW_FIRST = LIMIT(12, 2)
}; /* intervals */

/* Tell whether the words may be evaluated in any order, and all of them. */
static bool any_order(const struct ir_value *key)
{
	return !key->may_fault && !key->may_divide;
}

/*
 * Return where V goes by its upper word if the lower one is LOW, which no interval cuts.
 */
static const struct ir_node *upper_word(struct lower *l, const struct trie *t,
                                        const struct ir_interval *v, uint32_t n,
                                        uint32_t low)
{
	pieces_t list = { 0 };

	for (uint32_t i = 0; i < n; i++) {
		uint64_t lo = (uint64_t)v[i].lo[0] + (low < v[i].lo[1]);
		uint64_t hi = (uint64_t)v[i].hi[0] + (low <= v[i].hi[1]);

		if (lo < hi)
			array_push(l->tmp, &list, ((struct gen_piece){
							  .lo = (uint32_t)lo,
							  .hi = (uint32_t)(hi - 1),
							  .to = v[i].to,
							  .why = &v[i],
						  }));
	}
	return expand_pieces(l, t->set, ir_word(t->key, 0), list.v, list.n, t->no);
}

/* Return where the lower word next tells something apart, from AT on; above all: 2^32. */
static uint64_t next_edge(const struct ir_interval *v, uint32_t n, uint64_t at)
{
	uint64_t edge = UINT64_C(1) << 32;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t lo = v[i].lo[1], hi = (uint64_t)v[i].hi[1] + 1;

		edge = lo >= at && lo < edge ? lo : edge;
		edge = hi >= at && hi < edge ? hi : edge;
	}
	return edge;
}

static const struct ir_node *expand_low_first(struct lower *l, const struct trie *t,
                                              const struct ir_interval *v, uint32_t n)
{
	pieces_t list = { 0 };

	for (uint64_t at = 0, next; at <= UINT32_MAX; at = next) {
		const struct ir_node *to = upper_word(l, t, v, n, (uint32_t)at);
		const struct ir_interval *why = v;

		next = next_edge(v, n, at + 1);
		while (why < v + n - 1 && why->hi[1] < at)
			why++;
		add_piece(l, &list, (uint32_t)at, (uint32_t)(next - 1), to, why);
	}
	return expand_pieces(l, t->set, ir_word(t->key, 1), list.v, list.n, t->no);
}

static bool is_target(const struct trie *t, const struct ir_interval *v, uint32_t n,
                      const struct ir_node *node)
{
	for (uint32_t i = 0; i < n; i++)
		if (v[i].to == node)
			return true;
	return node == t->no;
}

/*
 * Count the tests from ROOT on that were made of the set, whose N intervals are
 * V.
 */
static uint32_t count_tests(struct lower *l, const struct trie *t,
                            const struct ir_interval *v, uint32_t n,
                            const struct ir_node *root)
{
	bool *seen = arena_array(l->tmp, bool, l->g->nodes.n);
	ARRAY(const struct ir_node *) todo = { 0 };
	uint32_t tests = 0;

	array_push(l->tmp, &todo, root);
	while (todo.n) {
		const struct ir_node *node = todo.v[--todo.n];

		if (seen[node->id] || is_target(t, v, n, node))
			continue;
		seen[node->id] = true;
		tests++;
		array_push(l->tmp, &todo, node->yes);
		array_push(l->tmp, &todo, node->no);
	}
	return tests;
}

/*
 * Expand a number of two words by its lower word first if that takes no more
 * tests: the upper one is nearly always 0, so it ends sooner.
 */
static const struct ir_node *expand_pair(struct lower *l, const struct trie *t,
                                         const struct ir_interval *v, uint32_t n)
{
	const struct ir_node *low = expand_low_first(l, t, v, n);
	const struct ir_node *high = expand(l, t, 0, v, n);

	return count_tests(l, t, v, n, low) <= count_tests(l, t, v, n, high) ? low
	                                                                     : high;
}

/* --- nodes --------------------------------------------------------------------- */

static const struct ir_node *mapped(const struct lower *l,
                                    const struct ir_node *n)
{
	return l->map[n->id];
}

static const struct ir_node *lower_set(struct lower *l, const struct ir_node *n)
{
	struct arena_mark mark = arena_mark(l->tmp);
	struct trie t = { n->lhs, mapped(l, n->no), n };
	struct ir_interval *v =
		arena_memdup(l->tmp, n->set, n->n * sizeof *n->set);
	const struct ir_node *tests;

	for (uint32_t i = 0; i < n->n; i++)
		v[i].to = mapped(l, v[i].to);
	if (ir_words(n->lhs) == 2 && n->n <= LOW_FIRST && any_order(n->lhs))
		tests = expand_pair(l, &t, v, n->n);
	else
		tests = expand(l, &t, 0, v, n->n);
	/* The tests are the graph's; what they were planned with may be large. */
	gen_back(l->g, l->tmp, mark);
	return tests;
}

/*
 * Return a comparison of keys, from the least significant word up; where that is all the
 * same from the most significant one, as the lower ones tell more.
 */
static const struct ir_node *lower_test(struct lower *l, const struct ir_node *n)
{
	const struct ir_node *yes = mapped(l, n->yes), *no = mapped(l, n->no);
	const struct ir_node *rest = NULL;
	unsigned words = ir_words(n->lhs);
	bool down = (n->cmp == IR_EQ || n->cmp == IR_ANY) && words == 2 &&
	            any_order(n->lhs) && any_order(n->rhs);

	for (unsigned k = 0; k < words; k++) {
		unsigned i = down ? k : words - 1 - k;
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
