/*
 * A failing graph made smaller: one change at a time, kept if it still fails, until
 * GRAPH_TRIES have been tried.
 */
#include "tests/diff/graphs.h"

#include <string.h>

/* A change: node or value AT becomes its part PART. */
struct change {
	bool value;
	uint32_t at, part;
};

struct copying {
	const struct ir_graph *from;
	struct ir_graph *to;
	const struct change *change;
	const struct ir_value **value; /* by id in FROM */
	const struct ir_node **node;
};

/* --- copying with a change ---------------------------------------------------------- */

static const struct ir_value *changed_value(struct copying *c,
                                            const struct ir_value *v)
{
	uint32_t part = c->change->part;

	if (part < ir_nargs(v) && v->op != IR_KEY)
		return c->value[v->arg[part]->id];
	if (v->op == IR_CONST || v->op == IR_KEY)
		return NULL;
	return ir_const(c->to, part & 1);
}

static const struct ir_value *copied_value(struct copying *c,
                                           const struct ir_value *v)
{
	const struct ir_value *arg[IR_WORDS] = { NULL };

	for (unsigned i = 0; i < ir_nargs(v); i++)
		arg[i] = c->value[v->arg[i]->id];
	switch (v->op) {
	case IR_CONST:
		return ir_const(c->to, v->imm);
	case IR_LOAD:
		return ir_load(c->to, v->width, v->imm);
	case IR_LOADX:
		return ir_loadx(c->to, v->width, arg[0], v->imm);
	case IR_MSH:
		return ir_msh(c->to, v->imm);
	case IR_LEN:
		return ir_len(c->to);
	case IR_ANC:
		return ir_anc(c->to, v->imm);
	case IR_ANCX:
		return ir_ancx(c->to, v->imm, arg[0], arg[1]);
	case IR_PARAM:
		return ir_param_n(c->to, v->imm);
	case IR_KEY:
		return ir_key(c->to, arg, v->width);
	case IR_NEG:
		return ir_neg(c->to, arg[0]);
	default:
		return ir_op2(c->to, v->op, arg[0], arg[1]);
	}
}

static const struct ir_node *copied_set(struct copying *c, const struct ir_node *n)
{
	struct ir_interval *set = arena_array(c->to->arena, struct ir_interval, n->n);
	bool drop = c->change && !c->change->value && c->change->at == n->id;
	uint32_t count = 0;

	for (uint32_t i = 0; i < n->n; i++) {
		if (drop && i + ir_nsucc(n) == c->change->part)
			continue;
		set[count] = n->set[i];
		set[count++].to = c->node[n->set[i].to->id];
	}
	return ir_set(c->to, c->value[n->lhs->id], set, count, c->node[n->no->id]);
}

static const struct ir_node *copied_node(struct copying *c, const struct ir_node *n)
{
	const struct ir_value *lhs = c->value[n->lhs->id];
	const struct ir_value *rhs = n->rhs ? c->value[n->rhs->id] : NULL;
	const struct ir_node *yes = n->yes ? c->node[n->yes->id] : NULL;

	switch (n->kind) {
	case IR_RET:
		return ir_ret(c->to, lhs);
	case IR_TEST:
		return ir_test(c->to, n->cmp, lhs, rhs, yes, c->node[n->no->id]);
	case IR_SET:
		return copied_set(c, n);
	case IR_BIND:
		return ir_bind(c->to, lhs, rhs, yes);
	case IR_NEED:
		return ir_need(c->to, lhs, yes);
	}
	return NULL;
}

static bool is_here(const struct copying *c, bool value, uint32_t id)
{
	return c->change && c->change->value == value && c->change->at == id;
}

/* FROM with CHANGE (NULL: none), in memory of A; NULL if that is no graph. */
static struct ir_graph *copy(struct arena *a, const struct ir_graph *from,
                             const struct change *change)
{
	struct copying c = { .from = from, .change = change };
	struct ir_order order;
	struct arena tmp;

	test_arena(&tmp);
	c.to = ir_graph(a, &from->input);
	c.value = arena_array(&tmp, const struct ir_value *, from->values.n);
	c.node = arena_array(&tmp, const struct ir_node *, from->nodes.n);
	for (uint32_t i = 0; i < from->values.n; i++) {
		const struct ir_value *v = from->values.v[i];

		c.value[i] = is_here(&c, true, i) ? changed_value(&c, v) : NULL;
		if (!c.value[i])
			c.value[i] = copied_value(&c, v);
	}
	order = ir_postorder(&tmp, from, from->root);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];

		c.node[n->id] = is_here(&c, false, n->id) &&
		                                change->part < ir_nsucc(n)
		                        ? c.node[ir_succ(n, change->part)->id]
		                        : copied_node(&c, n);
	}
	c.to->root = c.node[from->root->id];
	if (ir_verify(c.to, &tmp))
		c.to = NULL;
	arena_free(&tmp);
	return c.to;
}

/* --- the search ------------------------------------------------------------------------ */

/* How large G is: nodes, intervals and values that are reached. */
static uint64_t weight(const struct ir_graph *g)
{
	struct arena tmp;
	struct buf text;
	size_t len;

	test_arena(&tmp);
	text = (struct buf){ .arena = &tmp };
	ir_print(&text, g);
	len = text.len;
	arena_free(&tmp);
	return len;
}

struct search {
	struct arena *arena;
	struct ir_graph *graph; /* the smallest so far */
	uint64_t weight;        /* its */
	uint32_t tries;
	bool (*fails)(void *ctx, struct ir_graph *g);
	void *ctx;
};

static bool is_over(const struct search *s)
{
	return s->tries == GRAPH_TRIES;
}

static bool try(struct search *s, struct change change)
{
	struct ir_graph *smaller;
	uint64_t now;

	if (is_over(s))
		return false;
	s->tries++;
	smaller = copy(s->arena, s->graph, &change);
	now = smaller ? weight(smaller) : UINT64_MAX;
	if (now >= s->weight || !s->fails(s->ctx, smaller))
		return false;
	s->graph = smaller;
	s->weight = now;
	return true;
}

/* Tries what may become of N; true if the graph did get smaller. */
static bool shrink_node(struct search *s, const struct ir_node *n)
{
	uint32_t parts = ir_nsucc(n) + (n->kind == IR_SET ? n->n : 0);

	for (uint32_t part = 0; part < parts; part++)
		if (try(s, (struct change){ false, n->id, part }))
			return true;
	return false;
}

/*
 * Goes through the nodes from the root on. What was tried before a change is not
 * tried again in the same round: most of it would fail as it did.
 */
static bool shrink_nodes(struct search *s)
{
	struct ir_order order = ir_postorder(s->arena, s->graph, s->graph->root);
	bool any = false;

	for (uint32_t i = 0; i < order.n && !is_over(s);) {
		if (!shrink_node(s, order.v[order.n - 1 - i])) {
			i++;
			continue;
		}
		any = true;
		order = ir_postorder(s->arena, s->graph, s->graph->root);
	}
	return any;
}

static bool shrink_values(struct search *s)
{
	bool any = false;

	/* A copy has the values in the same order, but may have less of them. */
	for (uint32_t left = s->graph->values.n; left-- > 0 && !is_over(s);)
		for (uint32_t part = 0; part < 4; part++)
			if (left < s->graph->values.n &&
			    try(s, (struct change){ true, left, part }))
				any = true;
	return any;
}

struct ir_graph *graph_shrink(struct arena *a, struct ir_graph *g,
                              bool (*fails)(void *ctx, struct ir_graph *g),
                              void *ctx)
{
	struct search s = {
		.arena = a,
		.graph = g,
		.weight = weight(g),
		.fails = fails,
		.ctx = ctx,
	};

	while (shrink_nodes(&s) | shrink_values(&s))
		;
	return copy(a, s.graph, NULL);
}
