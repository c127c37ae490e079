/*
 * cluster: in a chain, questions about one value come to stand together.
 *     load.2 36 == 80 ? a : n1          load.2 36 == 80 ? a : n3
 *     n1: load.2 38 == 80 ? a : n2      n3: load.2 36 == 443 ? a : n1
 *     n2: load.2 36 == 443 ? a : b  ->  n1: load.2 38 == 80 ? a : b
 * A chain is nodes that lead to one common exit or to the next of them, and
 * only from the one before. Its links commute. A link moves up to the first
 * that asks about its value, or to the front if the only way into the chain
 * has just asked about it. Fewer neighbours then differ, so the pass ends.
 * Exits: each link keeps its own. It leads to the common exit as before, and by all
 * others to the link that is next now.
 * Keeps: a value is evaluated no earlier than it was; what may divide by zero
 * stays where it is, and where faults are exact so does what may fault.
 */
#include <assert.h>

#include "opt/opt.h"

struct link {
	const struct ir_node *n;
	const struct ir_value *about; /* its value, without a mask */
	uint32_t rank;                /* where it shall stand */
};

struct chain {
	const struct ir_node *common, *rest; /* the exit of all, and what follows the last */
	ARRAY(struct link) link;
};

struct clusterer {
	struct opt *o;
	const struct ir_node **map;  /* by old id */
	uint32_t *preds;             /* by old id */
	bool *done;                  /* by old id: is in a chain already */
	const struct ir_node **pred; /* by old id: one that leads there */
	bool *seen[2];               /* by old id: looked at in a chain of this kind */
	uint32_t *rank, *of;         /* by value id: its rank in chain number OF */
	uint32_t chains;
};

/* Return what N asks about: for a key the first word, so that its tests meet. */
static const struct ir_value *subject(const struct ir_node *n)
{
	uint32_t mask;

	return opt_unmasked(n->lhs, &mask);
}

static bool may_move(const struct opt *o, const struct ir_node *n)
{
	return opt_may_drop(o, n->lhs) && (!n->rhs || opt_may_drop(o, n->rhs));
}

/*
 * Return the exit of N that is not COMMON if there is exactly one other, else
 * NULL.
 */
static const struct ir_node *other_exit(const struct ir_node *n,
                                        const struct ir_node *common)
{
	const struct ir_node *other = NULL;

	for (uint32_t i = 0; i < ir_nsucc(n); i++) {
		const struct ir_node *s = ir_succ(n, i);

		if (s == common || s == other)
			continue;
		if (other)
			return NULL;
		other = s;
	}
	return other;
}

static bool is_question(const struct ir_node *n)
{
	return n->kind == IR_TEST || n->kind == IR_SET;
}

/* Return the chain from N on whose links share exit COMMON. */
static struct chain follow(struct clusterer *c, const struct ir_node *n,
                           const struct ir_node *common, bool *seen)
{
	struct chain chain = { .common = common };

	for (;;) {
		const struct ir_node *next = other_exit(n, common);
		struct link link = { .n = n, .about = subject(n) };

		if (!next)
			break;
		array_push(&c->o->tmp, &chain.link, link);
		seen[n->id] = true;
		chain.rest = next;
		if (!is_question(next) || c->preds[next->id] != 1 ||
		    !may_move(c->o, next) || c->done[next->id])
			break;
		n = next;
	}
	return chain;
}

/*
 * Tell whether N loads nothing but its first word. Whatever tested that word
 * before has loaded it, too, so N may move up to there.
 */
static bool loads_only_subject(const struct ir_node *n)
{
	for (unsigned i = 1; i < ir_words(n->lhs); i++)
		if (ir_word(n->lhs, i)->may_fault)
			return false;
	return !n->rhs || !n->rhs->may_fault;
}

/* Return the rank of what asks about V, RANK if it is the first in this chain. */
static uint32_t rank_of(struct clusterer *c, const struct ir_value *v,
                        uint32_t rank)
{
	if (c->of[v->id] != c->chains) {
		c->of[v->id] = c->chains;
		c->rank[v->id] = rank;
	}
	return c->rank[v->id];
}

/* Rank links by the first that tests their value; true if that moves any. */
static bool rank(struct clusterer *c, struct chain *chain)
{
	const struct ir_node *head = chain->link.v[0].n, *pred = c->pred[head->id];
	bool moves = false;

	c->chains++;
	if (c->preds[head->id] == 1 && pred && is_question(pred))
		rank_of(c, subject(pred), 1);
	for (uint32_t i = 0; i < chain->link.n; i++) {
		struct link *l = &chain->link.v[i];

		l->rank = rank_of(c, l->about, i + 2);
		if (!loads_only_subject(l->n))
			l->rank = i + 2;
		moves |= i && l->rank < chain->link.v[i - 1].rank;
	}
	return moves;
}

/*
 * Sort the links by rank, which is the place of the first of each kind; keep
 * the order within a rank.
 */
static void sort(struct clusterer *c, struct chain *chain)
{
	uint32_t n = chain->link.n;
	uint32_t *count = arena_array(&c->o->tmp, uint32_t, n + 3);
	struct link *sorted = arena_array(&c->o->tmp, struct link, n);

	array_each(l, &chain->link)
		count[l->rank + 1]++;
	for (uint32_t i = 1; i <= n + 2; i++)
		count[i] += count[i - 1];
	array_each(l, &chain->link)
		sorted[count[l->rank]++] = *l;
	chain->link.v = sorted;
}

/* Return N with its exits to COMMON and to the rest of the chain, where they are now. */
static const struct ir_node *relink(struct clusterer *c, const struct ir_node *n,
                                    const struct ir_node *common_old,
                                    const struct ir_node *common,
                                    const struct ir_node *rest)
{
	ARRAY(const struct ir_node *) to = { 0 };
	const struct ir_node *now;

	assert(other_exit(n, common_old));
	for (uint32_t i = 0; i < ir_nsucc(n); i++) {
		const struct ir_node *t =
			ir_succ(n, i) == common_old ? common : rest;

		array_push(&c->o->tmp, &to, t);
	}
	now = opt_with_succ(c->o, n, to.v);
	ir_inherit(c->o->graph, now, n);
	return now;
}

static const struct ir_node *rebuild(struct clusterer *c, struct chain *chain)
{
	const struct ir_node *common = c->map[chain->common->id];
	const struct ir_node *n = c->map[chain->rest->id];

	for (uint32_t i = chain->link.n; i-- > 0;)
		n = relink(c, chain->link.v[i].n, chain->common, common, n);
	return n;
}

/* Find the chains from the root down; each node is in one at most. */
static struct chain **find_chains(struct clusterer *c, struct ir_order order)
{
	uint32_t ids = order.v[order.n - 1]->id + 1;
	struct chain **at = arena_array(&c->o->tmp, struct chain *, ids);

	for (uint32_t i = order.n; i-- > 0;) {
		const struct ir_node *n = order.v[i];

		if (!is_question(n) || c->done[n->id] || !may_move(c->o, n))
			continue;
		for (uint32_t s = 0; s < 2; s++) {
			const struct ir_node *common =
				ir_succ(n, s ? ir_nsucc(n) - 1 : 0);
			struct chain chain;

			/* The rest of a chain is not a chain of its own. */
			if (c->seen[s][n->id])
				continue;
			chain = follow(c, n, common, c->seen[s]);
			if (chain.link.n < 2 || !rank(c, &chain) ||
			    !opt_rewrite(c->o))
				continue;
			array_each(l, &chain.link)
				c->done[l->n->id] = true;
			sort(c, &chain);
			at[n->id] = arena_memdup(&c->o->tmp, &chain,
			                         sizeof chain);
			break;
		}
	}
	return at;
}

bool opt_cluster(struct opt *o)
{
	struct ir_graph *g = o->graph;
	const struct ir_node *was = g->root;
	struct ir_order order = opt_order(o);
	struct clusterer c = { .o = o };
	struct chain **chain;

	c.map = arena_array(&o->tmp, const struct ir_node *, was->id + 1);
	c.done = arena_array(&o->tmp, bool, was->id + 1);
	c.seen[0] = arena_array(&o->tmp, bool, was->id + 1);
	c.seen[1] = arena_array(&o->tmp, bool, was->id + 1);
	c.rank = arena_array(&o->tmp, uint32_t, g->values.n);
	c.of = arena_array(&o->tmp, uint32_t, g->values.n);
	c.preds = opt_preds(o, order, was);
	c.pred = arena_array(&o->tmp, const struct ir_node *, was->id + 1);
	for (uint32_t i = 0; i < order.n; i++)
		for (uint32_t s = 0; s < ir_nsucc(order.v[i]); s++)
			c.pred[ir_succ(order.v[i], s)->id] = order.v[i];
	chain = find_chains(&c, order);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];

		c.map[n->id] = chain[n->id] ? rebuild(&c, chain[n->id])
		                            : opt_mapped_succ(o, n, c.map);
		ir_inherit(g, c.map[n->id], n);
	}
	g->root = c.map[was->id];
	return g->root != was;
}
