/*
 * split: where a parameter is one of few numbers, which one it is is asked, so that
 * loads are at constant offsets.
 *     n1: load.4 [p0 + 26] in { ... } else b       n1: p0 == 2 ? n2 : n3
 *                                              ->  n2: bind p1 = load.4 28 -> n4
 *                                                  n3: bind p1 = load.4 26 -> n4
 *                                                  n4: p1 in { ... } else b
 * What asks one thing is copied instead of binding. thread then leads each bind of
 * the parameter past the question that it answers.
 * Kept if the program is better, so the pass ends.
 *
 *      bind p = 0    bind p = 2           bind p = 0           bind p = 2
 *               \    /                             \           /
 *           n1: load [p + 26]                      p == 2 ? --no--+
 *               |              becomes              |yes          |
 *               n2                          bind q = load 28   bind q = load 26
 *                                                         \    /
 *                                                         n1: q
 *                                                          |
 *                                                          n2
 *
 * Exits: the copies of a node keep its exits; each is reached where the parameter is
 * the number that it was made for.
 * Keeps: the parameter is one of the numbers that opt_numbers() found on all ways to
 * the node; if it may be others, the node stays as it is after the questions. The same
 * bytes are loaded where they were.
 */
#include <assert.h>

#include "opt/opt.h"

enum {
	LARGEST = 4000,
	MOST_TRIES = 8,
	COPIED = 2, /* numbers of a set that is copied */
};

struct splitter {
	struct opt *o;
	struct ir_order order;
	const struct ir_value *param;
	struct opt_numbers all, *at;               /* that it is anywhere; by node id */
	const struct ir_value **with[OPT_NUMBERS]; /* by value id, where it is all.k[i] */
	bool *loads;                               /* by value id: a load counts from it */
	const struct ir_node **map;                /* by node id */
};

/* --- what is split ---------------------------------------------------------------- */

/* Find the values with a load whose place depends on the parameter. */
static void find_loads(struct splitter *s)
{
	const struct ir_graph *g = s->o->graph;

	s->loads = arena_array(&s->o->tmp, bool, g->values.n);
	for (uint32_t id = 0; id < g->values.n; id++) {
		const struct ir_value *v = g->values.v[id];

		s->loads[id] = v->op == IR_LOADX && ir_uses_param(v->arg[0], s->param);
		for (unsigned i = 0; i < ir_nargs(v); i++)
			s->loads[id] |= s->loads[v->arg[i]->id];
	}
}

static bool is_split(const struct splitter *s, const struct ir_node *n)
{
	return s->at[n->id].n &&
	       ((n->kind != IR_BIND && s->loads[n->lhs->id]) ||
	        (n->rhs && s->loads[n->rhs->id]));
}

/* --- the new graph ----------------------------------------------------------------- */

/* Return the map of values for number K. */
static const struct ir_value *const *values_for(const struct splitter *s, uint32_t k)
{
	unsigned i = 0;

	while (s->all.k[i] != k)
		i++;
	assert(i < s->all.n);
	return s->with[i];
}

/*
 * Return set N of what VALUE, by id, has for its value; SHARED is the same set
 * of Q.
 */
static const struct ir_node *asked(struct splitter *s, const struct ir_node *n,
                                   const struct ir_value *const *value,
                                   const struct ir_value *q, const struct ir_node *shared)
{
	const struct ir_value *lhs = value ? value[n->lhs->id] : n->lhs;

	if (q)
		return ir_bind(s->o->graph, q, lhs, shared);
	return value ? opt_rebuilt(s->o, n, s->map, value)
	             : opt_mapped_succ(s->o, n, s->map);
}

/* Return N after tests of its parameter. */
static const struct ir_node *split(struct splitter *s, const struct ir_node *n)
{
	struct ir_graph *g = s->o->graph;
	const struct opt_numbers *at = &s->at[n->id];
	const struct ir_value *q = NULL;
	const struct ir_node *shared = NULL, *now;
	unsigned i = at->n;

	if (n->kind == IR_SET && n->n > COPIED && ir_words(n->lhs) == 1 &&
	    at->n + at->others > 1) {
		q = ir_param(g);
		shared = opt_mapped_succ(s->o, opt_with_values(s->o, n, q, NULL), s->map);
		ir_inherit(g, shared, n);
	}
	now = at->others ? asked(s, n, NULL, q, shared)
	                 : asked(s, n, values_for(s, at->k[--i]), q, shared);
	while (i-- > 0)
		now = ir_test(g, IR_EQ, s->param, ir_const(g, at->k[i]),
		              asked(s, n, values_for(s, at->k[i]), q, shared), now);
	ir_inherit(g, now, n);
	return now;
}

/*
 * Return the root of the graph in which the parameter is split; NULL if it is
 * split nowhere.
 */
static const struct ir_node *without_indexes(struct splitter *s)
{
	struct opt *o = s->o;
	bool any = false;

	s->at = opt_numbers(o, s->order, s->param, &s->all);
	if (!s->at || !s->all.n)
		return NULL;
	find_loads(s);
	for (uint32_t i = 0; i < s->order.n && !any; i++)
		any = is_split(s, s->order.v[i]);
	if (!any)
		return NULL;
	for (unsigned i = 0; i < s->all.n; i++)
		s->with[i] = opt_substitute(o, s->param, ir_const(o->graph, s->all.k[i]));
	s->map = arena_array(&o->tmp, const struct ir_node *, o->graph->root->id + 1);
	for (uint32_t i = 0; i < s->order.n; i++) {
		const struct ir_node *n = s->order.v[i];

		s->map[n->id] = is_split(s, n) ? split(s, n) : opt_mapped_succ(o, n, s->map);
	}
	return s->map[o->graph->root->id];
}

const struct ir_node *opt_split_by(struct opt *o, const struct ir_value *param)
{
	struct splitter s = { .o = o, .order = opt_order(o), .param = param };

	return without_indexes(&s);
}

/* --- the pass ----------------------------------------------------------------------- */

static bool split_one(struct opt *o, unsigned *tries)
{
	struct ir_graph *g = o->graph;
	uint32_t params = g->params;

	for (uint32_t p = 0; p < params && *tries; p++) {
		const struct ir_node *root = opt_split_by(o, ir_param_n(g, p));

		if (!root)
			continue;
		if (!opt_rewrite(o))
			return false;
		if (opt_try(o, root, tries)) {
			o->grown = true;
			return true;
		}
	}
	return false;
}

bool opt_split(struct opt *o)
{
	return opt_indexed_is_dear(o) && !o->plain &&
	       opt_trials(o, split_one, LARGEST, MOST_TRIES);
}
