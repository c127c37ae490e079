/*
 * dead: binds of parameters that nothing reads any more go.
 * Works from the results up, so what only dead binds read is dead as well.
 * Each rewrite removes a node, so the pass ends.
 * Keeps: a value that may divide by zero, or fault where faults are exact, is
 * still evaluated.
 */
#include "opt/opt.h"

/* A graph with more parameters times nodes than this is left alone. */
enum {
	MOST_WORDS = 1 << 22
};

struct reaper {
	struct opt *o;
	uint32_t words;  /* of a row of parameters */
	uint64_t **live; /* by node id: parameters read from there on; NULL: none */
	ARRAY(const struct ir_value *) todo;
};

static uint64_t *row_of(struct reaper *r, const struct ir_node *n)
{
	uint64_t **row = &r->live[n->id];

	if (!*row)
		*row = arena_array(&r->o->tmp, uint64_t, r->words);
	return *row;
}

static void read_params(struct reaper *r, const struct ir_value *v, uint64_t *row)
{
	r->todo.n = 0;
	array_push(&r->o->tmp, &r->todo, v);
	while (r->todo.n) {
		v = r->todo.v[--r->todo.n];
		if (!v->params)
			continue;
		if (v->op == IR_PARAM)
			row[v->imm / 64] |= 1ull << v->imm % 64;
		for (unsigned i = 0; i < ir_nargs(v); i++)
			array_push(&r->o->tmp, &r->todo, v->arg[i]);
	}
}

static bool is_read(const struct reaper *r, const struct ir_node *n,
                    const struct ir_value *param)
{
	const uint64_t *row = r->live[n->id];

	return row && row[param->imm / 64] >> param->imm % 64 & 1;
}

/* Note what N, which is in place already, reads and passes on. */
static void note_live(struct reaper *r, const struct ir_node *n)
{
	uint64_t *row = row_of(r, n);

	for (uint32_t s = 0; s < ir_nsucc(n); s++) {
		const uint64_t *his = r->live[ir_succ(n, s)->id];

		for (uint32_t w = 0; his && w < r->words; w++)
			row[w] |= his[w];
	}
	if (n->kind == IR_BIND)
		row[n->lhs->imm / 64] &= ~(1ull << n->lhs->imm % 64);
	else
		read_params(r, n->lhs, row);
	if (n->rhs)
		read_params(r, n->rhs, row);
}

/* Return what replaces dead bind N, which led to NEXT. */
static const struct ir_node *without(struct opt *o, const struct ir_node *n,
                                     const struct ir_node *next)
{
	if (!opt_may_drop(o, n->rhs))
		next = ir_need(o->graph, n->rhs, next);
	ir_inherit(o->graph, next, n);
	return next;
}

bool opt_dead(struct opt *o)
{
	struct ir_graph *g = o->graph;
	const struct ir_node *was = g->root;
	struct ir_order order = opt_order(o);
	struct reaper r = { .o = o, .words = (g->params + 63) / 64 };
	const struct ir_node **map;

	if (!g->params || (uint64_t)order.n * r.words > MOST_WORDS)
		return false;
	map = arena_array(&o->tmp, const struct ir_node *, was->id + 1);
	r.live = arena_array(&o->tmp, uint64_t *, was->id + 1);
	/* Rows belong to old nodes: what replaces one reads the same below it. */
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];
		bool drop = n->kind == IR_BIND && !is_read(&r, n->yes, n->lhs) &&
		            opt_rewrite(o);

		map[n->id] = drop ? without(o, n, map[n->yes->id])
		                  : opt_mapped_succ(o, n, map);
		if (drop && opt_may_drop(o, n->rhs))
			r.live[n->id] = r.live[n->yes->id];
		else
			note_live(&r, n);
	}
	g->root = map[was->id];
	return g->root != was;
}
