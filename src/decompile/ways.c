/*
 * The ways through a program, for programs that have no expression: on each the tests
 * that are made, but for those that earlier ones decide, as comparisons of bytes.
 */
#include "decompile/decompile.h"

#include "gen/gen.h"

enum {
	WAYS = 100,
	TESTS = 100, /* on a way */
	NODES = 400, /* recursion goes one node down */
	BOUND = 16
};

struct test {
	struct question asked;
	bool yes;
};

struct walk_ways {
	struct arena *arena;
	struct ir_graph *graph;
	struct test test[TESTS];
	unsigned ntests;
	ARRAY(struct decompile_way) ways;
	const struct ir_value *param[BOUND], *value[BOUND];
	unsigned nbound;
	bool cut; /* there are more, or too long ones */
};

/* --- values ------------------------------------------------------------------ */

/* Return V with the values that the way has bound to parameters. */
static const struct ir_value *value_on(struct walk_ways *w, const struct ir_value *v)
{
	const struct ir_value *arg[2] = { NULL, NULL };
	unsigned n = v->op == IR_KEY || v->op == IR_ANCX ? 0 : ir_ops[v->op].nargs;

	if (v->op == IR_PARAM) {
		for (unsigned i = w->nbound; i-- > 0;)
			if (w->param[i] == v)
				return w->value[i];
		return v;
	}
	if (!n || !v->params)
		return v;
	for (unsigned i = 0; i < n; i++)
		arg[i] = value_on(w, v->arg[i]);
	return facts_rebuilt(w->graph, v, arg[0], arg[1]);
}

/* --- what is known ------------------------------------------------------------- */

/* Tell whether the tests of the way decide Q, and how: *YES. */
static bool is_decided(const struct walk_ways *w, const struct question *q, bool *yes)
{
	if (ir_is_const(q->left) && ir_is_const(q->right)) {
		*yes = ir_compare(q->cmp, &q->left->imm, &q->right->imm, 1);
		return true;
	}
	for (unsigned i = 0; i < w->ntests; i++) {
		const struct test *t = &w->test[i];

		if (t->asked.left != q->left)
			continue;
		if (t->asked.cmp == q->cmp && t->asked.right == q->right) {
			*yes = t->yes;
			return true;
		}
		if (t->asked.cmp == IR_EQ && t->yes && ir_is_const(t->asked.right) &&
		    ir_is_const(q->right)) {
			*yes = ir_compare(q->cmp, &t->asked.right->imm, &q->right->imm, 1);
			return true;
		}
	}
	return false;
}

/* Tell whether a later test says what T says, and more: the value is a number. */
static bool is_idle(const struct walk_ways *w, const struct test *t)
{
	for (const struct test *u = t + 1; u < w->test + w->ntests; u++)
		if (u->asked.left == t->asked.left && u->asked.cmp == IR_EQ && u->yes)
			return true;
	return false;
}

/* --- ways ----------------------------------------------------------------------- */

static void end(struct walk_ways *w, const struct ir_value *result)
{
	struct buf condition = { .arena = w->arena }, text = { .arena = w->arena };

	for (unsigned i = 0; i < w->ntests; i++) {
		const struct test *t = &w->test[i];

		if (is_idle(w, t))
			continue;
		if (condition.len)
			buf_puts(&condition, " and ");
		relation_write(&condition, &t->asked, !t->yes);
	}
	relation_write_value(&text, value_on(w, result));
	w->cut = w->ways.n + 1 == WAYS;
	array_push(w->arena, &w->ways,
	           ((struct decompile_way){ buf_str(&condition), buf_str(&text), w->cut }));
}

static void follow(struct walk_ways *w, const struct ir_node *n);

static void bind(struct walk_ways *w, const struct ir_node *n)
{
	if (w->nbound == BOUND) {
		w->cut = true;
		return;
	}
	w->value[w->nbound] = value_on(w, n->rhs);
	w->param[w->nbound++] = n->lhs;
	follow(w, n->yes);
	w->nbound--;
}

static void ask(struct walk_ways *w, const struct ir_node *n)
{
	struct question q = { n->cmp, value_on(w, n->lhs), value_on(w, n->rhs) };
	bool yes;

	if (is_decided(w, &q, &yes)) {
		follow(w, yes ? n->yes : n->no);
		return;
	}
	if (w->ntests == TESTS) {
		w->cut = true;
		return;
	}
	w->test[w->ntests++] = (struct test){ q, true };
	follow(w, n->yes);
	w->test[w->ntests - 1].yes = false;
	if (!w->cut)
		follow(w, n->no);
	w->ntests--;
}

static void follow(struct walk_ways *w, const struct ir_node *n)
{
	arena_work(w->arena, 1);
	switch (n->kind) {
	case IR_RET:
		end(w, n->lhs);
		return;
	case IR_TEST:
		ask(w, n);
		return;
	case IR_BIND:
		bind(w, n);
		return;
	case IR_NEED:
		follow(w, n->yes);
		return;
	case IR_SET: /* gen_lift makes none */
		return;
	}
}

bool decompile_ways(const struct program *p, struct arena *arena, decompile_way_fn *fn,
                    void *ctx)
{
	struct walk_ways *w = arena_new(arena, struct walk_ways);

	w->arena = arena;
	w->graph = ir_graph(arena, &ir_input_packet);
	if (p->n > NODES || !gen_lift(w->graph, p->insns, p->n, arena, NULL))
		return false;
	follow(w, w->graph->root);
	if (w->cut && w->ways.n < WAYS)
		return false;
	array_each(way, &w->ways)
		fn(ctx, way);
	return true;
}
