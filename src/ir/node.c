/* Nodes: made once each; sets put in order. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ir/ir.h"

static uint32_t hash_node(const struct ir_node *n)
{
	uint32_t w[] = {
		n->kind,
		n->cmp,
		n->n,
		n->lhs->id,
		n->rhs ? n->rhs->id + 1 : 0,
		n->yes ? n->yes->id + 1 : 0,
		n->no ? n->no->id + 1 : 0,
	};
	uint32_t h = hash_words(w, ARRAY_LEN(w), 1);
	unsigned words = ir_words(n->lhs);

	for (uint32_t i = 0; i < n->n; i++) {
		h = hash_words(n->set[i].lo, words, h);
		h = hash_words(n->set[i].hi, words, h);
		h = hash_words(&n->set[i].to->id, 1, h);
	}
	return h;
}

static bool same_interval(const struct ir_interval *a,
                          const struct ir_interval *b)
{
	return a->to == b->to && !memcmp(a->lo, b->lo, sizeof a->lo) &&
	       !memcmp(a->hi, b->hi, sizeof a->hi);
}

static bool same_node(const struct ir_node *a, const struct ir_node *b)
{
	if (a->kind != b->kind || a->cmp != b->cmp || a->lhs != b->lhs ||
	    a->rhs != b->rhs || a->yes != b->yes || a->no != b->no ||
	    a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (!same_interval(&a->set[i], &b->set[i]))
			return false;
	return true;
}

static void rehash(struct ir_graph *g)
{
	uint32_t cap = g->node_cap ? g->node_cap * 2 : LIMIT(256, 2);

	g->node_slots = arena_array(g->arena, uint32_t, cap);
	g->node_cap = cap;
	for (uint32_t id = 0; id < g->nodes.n; id++) {
		uint32_t hash = hash_node(g->nodes.v[id]);

		g->node_slots[ir_slot(g->node_slots, cap, hash, id)] = id + 1;
	}
}

/*
 * Unite the places of a set that was made again: each interval keeps the text
 * that asked for it first.
 */
static void unite_set_places(const struct ir_node *old, const struct ir_node *n)
{
	struct ir_interval *into = (struct ir_interval *)old->set;

	for (uint32_t i = 0; i < n->n; i++)
		if (!into[i].placed && n->set[i].placed) {
			into[i].placed = true;
			into[i].at = n->set[i].at;
		}
}

/* Tell whether N is of graph G. Ids are dense, and those of successors are smaller. */
static bool is_ours(const struct ir_graph *g, const struct ir_node *n)
{
	return n->id < g->nodes.n && g->nodes.v[n->id] == n;
}

/* Return N, which is made if there is none. Only then are its intervals copied, if COPY. */
static const struct ir_node *intern_set(struct ir_graph *g, struct ir_node n, bool copy)
{
	struct ir_node *made;
	uint32_t at;

	arena_work(g->arena, 1 + n.n);
	if (g->nodes.n * 2 >= g->node_cap)
		rehash(g);
	at = hash_node(&n) & (g->node_cap - 1);
	for (; g->node_slots[at]; at = (at + 1) & (g->node_cap - 1)) {
		const struct ir_node *old = g->nodes.v[g->node_slots[at] - 1];

		if (!same_node(old, &n))
			continue;
		unite_set_places(old, &n);
		return old;
	}

	if (copy)
		n.set = arena_memdup(g->arena, n.set, n.n * sizeof *n.set);
	made = arena_memdup(g->arena, &n, sizeof n);
	made->id = g->nodes.n;
	assert(n.lhs->id < g->values.n && (!n.rhs || n.rhs->id < g->values.n));
	for (uint32_t i = 0; i < ir_nsucc(made); i++)
		assert(is_ours(g, ir_succ(made, i)));
	array_push(g->arena, &g->nodes, made);
	g->node_slots[at] = made->id + 1;
	return made;
}

static const struct ir_node *intern(struct ir_graph *g, struct ir_node n)
{
	return intern_set(g, n, false);
}

void ir_forget_nodes(const struct ir_graph *g, struct ir_graph *was)
{
	/* The newest first: what is older was there when its place was found. */
	for (uint32_t id = g->nodes.n; was->node_cap && id-- > was->nodes.n;) {
		uint32_t hash = hash_node(g->nodes.v[id]);

		was->node_slots[ir_slot(was->node_slots, was->node_cap, hash, id)] = 0;
	}
}

const struct ir_node *ir_ret(struct ir_graph *g, const struct ir_value *v)
{
	return intern(g, (struct ir_node){ .kind = IR_RET, .lhs = v });
}

const struct ir_node *ir_ret_const(struct ir_graph *g, uint32_t result)
{
	return ir_ret(g, ir_const(g, result));
}

/* Tell whether evaluating V decides something even if its result is not used. */
static bool must_evaluate(const struct ir_graph *g, const struct ir_value *v)
{
	return v->may_divide || (v->may_fault && g->input.exact_faults);
}

/*
 * Keep what a decided test would have evaluated. Of a key, only the first word
 * is sure to be; the verifier sees to it that no other word may fault.
 */
static const struct ir_node *undecided(struct ir_graph *g,
                                       const struct ir_value *lhs,
                                       const struct ir_value *rhs,
                                       const struct ir_node *next)
{
	lhs = ir_word(lhs, 0);
	rhs = rhs ? ir_word(rhs, 0) : NULL;
	if (rhs && must_evaluate(g, rhs))
		next = ir_need(g, rhs, next);
	if (must_evaluate(g, lhs))
		next = ir_need(g, lhs, next);
	return next;
}

const struct ir_node *ir_test(struct ir_graph *g, enum ir_cmp cmp,
                              const struct ir_value *lhs,
                              const struct ir_value *rhs,
                              const struct ir_node *yes,
                              const struct ir_node *no)
{
	if (yes == no)
		return undecided(g, lhs, rhs, yes);
	return intern(g, (struct ir_node){ .kind = IR_TEST,
	                                   .cmp = cmp,
	                                   .lhs = lhs,
	                                   .rhs = rhs,
	                                   .yes = yes,
	                                   .no = no });
}

const struct ir_node *ir_bind(struct ir_graph *g, const struct ir_value *param,
                              const struct ir_value *v,
                              const struct ir_node *next)
{
	return intern(g, (struct ir_node){ .kind = IR_BIND,
	                                   .lhs = param,
	                                   .rhs = v,
	                                   .yes = next });
}

const struct ir_node *ir_need(struct ir_graph *g, const struct ir_value *v,
                              const struct ir_node *next)
{
	if (!v->may_fault && !v->may_divide)
		return next;
	return intern(g, (struct ir_node){ .kind = IR_NEED,
	                                   .lhs = v,
	                                   .yes = next });
}

const struct ir_node *ir_choose(struct ir_graph *g, enum ir_cmp cmp,
                                const struct ir_value *lhs,
                                const struct ir_value *rhs,
                                const struct ir_value *param,
                                const struct ir_value *a,
                                const struct ir_value *b,
                                const struct ir_node *next)
{
	const struct ir_node *no = ir_bind(g, param, b, next);
	const struct ir_node *yes = ir_bind(g, param, a, next);

	return ir_test(g, cmp, lhs, rhs, yes, no);
}

/* --- sets -------------------------------------------------------------------- */

static int compare_words(const uint32_t *a, const uint32_t *b)
{
	for (unsigned i = 0; i < IR_WORDS; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

uint32_t ir_set_find(const struct ir_node *set, const uint32_t *key)
{
	uint32_t lo = 0, hi = set->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (compare_words(key, set->set[mid].hi) > 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint32_t ir_set_exit(const struct ir_node *set, const uint32_t *key)
{
	uint32_t i = ir_set_find(set, key);

	return i < set->n && compare_words(key, set->set[i].lo) < 0 ? set->n : i;
}

/* Add 1 to A, over its first WORDS words; false if that wraps. */
static bool next_key(uint32_t *a, unsigned words)
{
	for (unsigned i = words; i-- > 0;)
		if (++a[i])
			return true;
	return false;
}

static bool prev_key(uint32_t *a, unsigned words)
{
	for (unsigned i = words; i-- > 0;)
		if (a[i]--)
			return true;
	return false;
}

/* An interval and its rank: of those that cover a point the lowest rank wins. */
struct ranked {
	struct ir_interval i;
	uint32_t rank;
};

static int by_lo(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int c = compare_words(x->i.lo, y->i.lo);

	return c ? c : (x->rank > y->rank) - (x->rank < y->rank);
}

/* The intervals that cover the sweep's point, the lowest rank on top. */
struct heap {
	const struct ranked **v;
	uint32_t n;
};

static void heap_push(struct heap *h, const struct ranked *r)
{
	uint32_t at = h->n++;

	for (; at && h->v[(at - 1) / 2]->rank > r->rank; at = (at - 1) / 2)
		h->v[at] = h->v[(at - 1) / 2];
	h->v[at] = r;
}

static void heap_pop(struct heap *h)
{
	const struct ranked *r = h->v[--h->n];
	uint32_t at = 0, kid;

	while ((kid = 2 * at + 1) < h->n) {
		if (kid + 1 < h->n && h->v[kid + 1]->rank < h->v[kid]->rank)
			kid++;
		if (r->rank <= h->v[kid]->rank)
			break;
		h->v[at] = h->v[kid];
		at = kid;
	}
	h->v[at] = r;
}

struct set_builder {
	struct ir_interval *v;
	uint32_t n;
	unsigned words;
	const struct ir_node *no;
};

/* Tell whether B begins right after A ends. */
static bool adjacent(const struct ir_interval *a, const struct ir_interval *b,
                     unsigned words)
{
	uint32_t after[IR_WORDS];

	memcpy(after, a->hi, sizeof after);
	return next_key(after, words) && !compare_words(after, b->lo);
}

/*
 * Append LO .. HI with I's target, or extend the neighbour if its target is the
 * same.
 */
static void emit(struct set_builder *b, const uint32_t *lo, const uint32_t *hi,
                 const struct ir_interval *i)
{
	struct ir_interval *last = b->n ? &b->v[b->n - 1] : NULL;
	struct ir_interval new = *i;

	if (i->to == b->no)
		return;
	memcpy(new.lo, lo, sizeof new.lo);
	memcpy(new.hi, hi, sizeof new.hi);
	if (last && last->to == i->to && adjacent(last, &new, b->words))
		memcpy(last->hi, hi, sizeof last->hi);
	else
		b->v[b->n++] = new;
}

/*
 * Sweep R (sorted by lo) from left to right: at each stop the topmost interval
 * of the heap decides, up to its end or the next start.
 */
static void sweep(struct set_builder *b, struct heap *h,
                  const struct ranked *r, uint32_t n)
{
	uint32_t at[IR_WORDS] = { 0 }, end[IR_WORDS], next = 0;

	while (next < n || h->n) {
		if (!h->n)
			memcpy(at, r[next].i.lo, sizeof at);
		while (next < n && compare_words(r[next].i.lo, at) <= 0)
			heap_push(h, &r[next++]);
		while (h->n && compare_words(h->v[0]->i.hi, at) < 0)
			heap_pop(h);
		if (!h->n)
			continue;

		memcpy(end, h->v[0]->i.hi, sizeof end);
		if (next < n && compare_words(r[next].i.lo, end) <= 0) {
			memcpy(end, r[next].i.lo, sizeof end);
			prev_key(end, b->words);
		}
		emit(b, at, end, &h->v[0]->i);
		memcpy(at, end, sizeof at);
		if (!next_key(at, b->words))
			return;
	}
}

/* Tell whether the intervals are sorted, disjoint and as few as they can be. */
static bool in_order(const struct ir_interval *v, uint32_t n,
                     const struct set_builder *b)
{
	for (uint32_t i = 0; i < n; i++) {
		if (v[i].to == b->no)
			return false;
		if (i && compare_words(v[i - 1].hi, v[i].lo) >= 0)
			return false;
		if (i && v[i - 1].to == v[i].to &&
		    adjacent(&v[i - 1], &v[i], b->words))
			return false;
	}
	return true;
}

const struct ir_node *ir_set(struct ir_graph *g, const struct ir_value *v,
                             const struct ir_interval *interval, uint32_t n,
                             const struct ir_node *no)
{
	struct set_builder b = { .words = ir_words(v), .no = no };
	struct ranked *r;
	struct heap h = { 0 };
	bool ordered = in_order(interval, n, &b);

	if (ordered) {
		b.v = (struct ir_interval *)interval;
		b.n = n;
	} else {
		r = arena_array(g->arena, struct ranked, n);
		h.v = arena_array(g->arena, const struct ranked *, n);
		b.v = arena_array(g->arena, struct ir_interval, 2 * (size_t)n + 1);
		for (uint32_t i = 0; i < n; i++)
			r[i] = (struct ranked){ interval[i], i };
		qsort(r, n, sizeof *r, by_lo);
		sweep(&b, &h, r, n);
		assert(b.n < 2 * n + 1 && in_order(b.v, b.n, &b));
	}
	if (!b.n)
		return undecided(g, v, NULL, no);
	return intern_set(g, (struct ir_node){ .kind = IR_SET, .lhs = v, .set = b.v, .n = b.n, .no = no },
	                  ordered);
}

const struct ir_node *ir_set_of(struct ir_graph *g, const struct ir_value *v,
                                const struct ir_node *set)
{
	assert(set->kind == IR_SET && ir_words(v) == ir_words(set->lhs));
	return intern(g, (struct ir_node){ .kind = IR_SET,
	                                   .lhs = v,
	                                   .set = set->set,
	                                   .n = set->n,
	                                   .no = set->no });
}
