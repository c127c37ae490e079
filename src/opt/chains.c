/*
 * Chains: questions about one value that lead to each other by "no", as lists have them
 * by the thousand. Where the value is known to be among a few numbers, an edge goes past
 * most of them; these are found by looking the numbers up, not one after the other.
 *     n1: v == 1 ? a : n2                 v is 9: n1 -> n9, or to what comes after all
 *     n2: v == 2 ? b : n3
 *     ...
 */
#include <assert.h>
#include <stdlib.h>

#include "opt/opt.h"

enum {
	LONG = LIMIT(65, 4), /* intervals; shorter chains are followed */
	LOOKED_AT = 64,      /* intervals that are looked at for one edge */
};

/* Question AT of its chain, counted from the end, is about LO .. HI. */
struct link {
	uint32_t lo, hi, at;
};

struct chain {
	const struct ir_node *end;              /* what comes after the last question */
	ARRAY(const struct ir_node *) question; /* the last one first */
	struct link *link;                      /* sorted, disjoint or equal; NULL: not looked up */
	uint32_t links;                         /* intervals of all questions */
};

struct opt_chains {
	ARRAY(struct chain) chain;
	uint32_t *of, *at; /* by node id: its chain + 1, or 0, and its place there */
};

static bool is_question(const struct ir_node *n)
{
	if (n->kind == IR_SET)
		return ir_words(n->lhs) == 1;
	return n->kind == IR_TEST && n->cmp == IR_EQ && ir_is_const(n->rhs);
}

/* Return how many intervals question N is about. */
static uint32_t intervals(const struct ir_node *n)
{
	return n->kind == IR_SET ? n->n : 1;
}

/* Put N, a question, in front of the chain that it leads to by "no", or into a new one. */
static void add(struct opt *o, struct opt_chains *c, const struct ir_node *n)
{
	const struct ir_node *no = n->no;
	struct chain *chain;
	uint32_t i = c->of[no->id];

	if (!i || no->lhs != n->lhs || c->at[no->id] + 1 < c->chain.v[i - 1].question.n) {
		array_push(&o->tmp, &c->chain, ((struct chain){ .end = no }));
		i = c->chain.n;
	}
	chain = &c->chain.v[i - 1];
	c->of[n->id] = i;
	c->at[n->id] = chain->question.n;
	chain->links += intervals(n);
	array_push(&o->tmp, &chain->question, n);
}

static int by_lo(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	if (x->hi != y->hi)
		return x->hi < y->hi ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Sort what the questions of CHAIN are about, unless intervals overlap. */
static void sort(struct opt *o, struct chain *chain)
{
	struct link *link = arena_array(&o->tmp, struct link, chain->links);
	uint32_t n = 0;

	for (uint32_t at = 0; at < chain->question.n; at++) {
		const struct ir_node *q = chain->question.v[at];

		if (q->kind == IR_TEST)
			link[n++] = (struct link){ q->rhs->imm, q->rhs->imm, at };
		for (uint32_t i = 0; q->kind == IR_SET && i < q->n; i++)
			link[n++] = (struct link){ q->set[i].lo[0], q->set[i].hi[0], at };
	}
	qsort(link, n, sizeof *link, by_lo);
	for (uint32_t i = 1; i < n; i++)
		if (link[i].lo <= link[i - 1].hi &&
		    (link[i].lo != link[i - 1].lo || link[i].hi != link[i - 1].hi))
			return;
	assert(n == chain->links);
	chain->link = link;
}

struct opt_chains *opt_chains(struct opt *o, struct ir_order order)
{
	struct opt_chains *c;
	uint32_t ids = o->graph->root->id + 1;

	if (order.n < LONG)
		return NULL;
	c = arena_new(&o->tmp, struct opt_chains);
	c->of = arena_array(&o->tmp, uint32_t, ids);
	c->at = arena_array(&o->tmp, uint32_t, ids);
	for (uint32_t i = 0; i < order.n; i++)
		if (is_question(order.v[i]))
			add(o, c, order.v[i]);
	array_each(chain, &c->chain)
		if (chain->question.n > 1 && chain->links >= LONG)
			sort(o, chain);
	return c;
}

/* Return the first interval of CHAIN that does not end before LO. */
static uint32_t first_from(const struct chain *chain, uint32_t lo)
{
	uint32_t from = 0, to = chain->links;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;

		if (chain->link[mid].hi < lo)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

const struct ir_node *opt_chain_next(const struct opt_chains *c, const struct ir_node *n,
                                     uint32_t lo, uint32_t hi)
{
	const struct chain *chain = c && c->of[n->id] ? &c->chain.v[c->of[n->id] - 1] : NULL;
	uint32_t from, best = 0;

	if (!chain || !chain->link)
		return n->no;
	from = first_from(chain, lo);
	for (uint32_t i = from; i < chain->links && chain->link[i].lo <= hi; i++) {
		if (i - from == LOOKED_AT)
			return n->no;
		if (chain->link[i].at < c->at[n->id])
			best = max_u32(best, chain->link[i].at + 1);
	}
	return best ? chain->question.v[best - 1] : chain->end;
}

uint32_t opt_chain_owned(const struct opt_chains *c, const struct ir_node *n,
                         const uint32_t *preds)
{
	const struct chain *chain = c && c->of[n->id] ? &c->chain.v[c->of[n->id] - 1] : NULL;
	uint32_t owned = 0, all = intervals(n);

	if (!chain || chain->links < LONG)
		return 0;
	for (uint32_t at = c->at[n->id]; at-- > 0; owned++) {
		const struct ir_node *q = chain->question.v[at];

		if (preds[q->id] != 1)
			break;
		all += intervals(q);
	}
	return all >= LONG ? owned : 0;
}
