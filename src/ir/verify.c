/* The rules of docs/design/ir.md, checked. What breaks one is our own fault. */
#include <string.h>

#include "ir/ir.h"

static const char *check_value(const struct ir_graph *g,
                               const struct ir_value *v)
{
	for (unsigned i = 0; i < IR_WORDS; i++) {
		if (!v->arg[i] != (i >= ir_nargs(v)))
			return "a value with the wrong number of operands";
		if (v->arg[i] && v->arg[i]->id >= v->id)
			return "an operand that is younger than its user";
		if (v->arg[i] && v->arg[i]->op == IR_KEY)
			return "a key inside a value";
	}
	if (v->op == IR_KEY && (v->width < 2 || v->width > IR_WORDS))
		return "a key that is not 2 to 4 words wide";
	for (unsigned i = 1; v->op == IR_KEY && i < v->width; i++)
		if (v->arg[i]->may_divide ||
		    (v->arg[i]->may_fault && g->input.exact_faults))
			return "a key that may end the program behind its first word";
	if (v->op == IR_LOAD || v->op == IR_LOADX) {
		if (v->width != 1 && v->width != 2 && v->width != 4)
			return "a load that is not 1, 2 or 4 bytes wide";
		if (!(v->width & g->input.load_widths))
			return "a load of a width that the input does not have";
		if (g->input.aligned && v->imm % v->width)
			return "a load that is not aligned";
	}
	if ((v->op == IR_LOADX || v->op == IR_MSH) && !g->input.loads_indexed)
		return "an indexed load where the input has none";
	if (!ir_keeps_header(g, v))
		return "a load of the header that is not a whole field";
	if (v->op == IR_PARAM && v->imm >= g->params)
		return "a parameter that the graph did not make";
	return NULL;
}

static bool sorted_interval(const struct ir_node *n, uint32_t i)
{
	const struct ir_interval *v = n->set;

	if (!ir_compare(IR_GE, v[i].hi, v[i].lo, IR_WORDS))
		return false;
	for (unsigned w = ir_words(n->lhs); w < IR_WORDS; w++)
		if (v[i].lo[w] || v[i].hi[w])
			return false;
	return !i || ir_compare(IR_GT, v[i].lo, v[i - 1].hi, IR_WORDS);
}

static const char *check_set(const struct ir_node *n)
{
	if (!n->n)
		return "a set without intervals";
	for (uint32_t i = 0; i < n->n; i++) {
		if (!sorted_interval(n, i))
			return "a set that is not sorted";
		if (n->set[i].to == n->no)
			return "an interval that leads where the rest leads";
	}
	return NULL;
}

static const char *check_node(const struct ir_node *n)
{
	for (uint32_t i = 0; i < ir_nsucc(n); i++) {
		if (!ir_succ(n, i))
			return "an exit that leads nowhere";
		if (ir_succ(n, i)->id >= n->id)
			return "a successor that is younger than its node";
	}
	switch (n->kind) {
	case IR_RET:
		return ir_words(n->lhs) == 1 ? NULL : "a key as a result";
	case IR_TEST:
		if (n->yes == n->no)
			return "a test whose exits are equal";
		return ir_words(n->lhs) == ir_words(n->rhs)
		               ? NULL
		               : "a comparison of different widths";
	case IR_SET:
		return check_set(n);
	case IR_BIND:
		if (n->lhs->op != IR_PARAM)
			return "a bind of what is no parameter";
		return ir_words(n->rhs) == 1 ? NULL : "a parameter bound to a key";
	case IR_NEED:
		return NULL;
	}
	return "a node of no kind";
}

/* --- parameters: bound on every path that reads them ----------------------- */

/* Sets of parameters as bits, one row a node. */
struct rows {
	uint32_t words; /* per row */
	uint64_t *bits;
};

static uint64_t *row(const struct rows *r, uint32_t i)
{
	return r->bits + (size_t)i * r->words;
}

/* Adds the parameters that V reads to SET, each value once. */
struct reader {
	struct arena *tmp;
	uint32_t *stamp; /* by value id */
	uint32_t now;
	ARRAY(const struct ir_value *) todo;
};

static void read_params(struct reader *r, const struct ir_value *v,
                        uint64_t *set)
{
	array_push(r->tmp, &r->todo, v);
	while (r->todo.n) {
		v = r->todo.v[--r->todo.n];
		if (!v->params || r->stamp[v->id] == r->now)
			continue;
		r->stamp[v->id] = r->now;
		if (v->op == IR_PARAM)
			set[v->imm / 64] |= 1ull << v->imm % 64;
		for (unsigned i = 0; i < ir_nargs(v); i++)
			array_push(r->tmp, &r->todo, v->arg[i]);
	}
}

/*
 * Return what each node needs bound before it, from the results up: its successors'
 * needs, less what it binds, plus what it reads. The root may need nothing.
 */
static const char *check_params(const struct ir_graph *g,
                                struct ir_order order, struct arena *tmp)
{
	struct rows need = { .words = (g->params + 63) / 64 };
	uint32_t *index = arena_array(tmp, uint32_t, g->nodes.n);
	struct reader r = { .tmp = tmp };

	if (!g->params)
		return NULL;
	need.bits = arena_array(tmp, uint64_t, (size_t)order.n * need.words);
	r.stamp = arena_array(tmp, uint32_t, g->values.n);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];
		uint64_t *mine = row(&need, i);

		index[n->id] = i;
		for (uint32_t s = 0; s < ir_nsucc(n); s++) {
			const uint64_t *his = row(&need, index[ir_succ(n, s)->id]);

			for (uint32_t w = 0; w < need.words; w++)
				mine[w] |= his[w];
		}
		r.now = i + 1;
		if (n->kind == IR_BIND)
			mine[n->lhs->imm / 64] &= ~(1ull << n->lhs->imm % 64);
		else
			read_params(&r, n->lhs, mine);
		if (n->rhs)
			read_params(&r, n->rhs, mine);
	}
	for (uint32_t w = 0; w < need.words; w++)
		if (row(&need, order.n - 1)[w])
			return "a parameter that is not bound on every path";
	return NULL;
}

const char *ir_verify(const struct ir_graph *g, struct arena *tmp)
{
	struct ir_order order;
	const char *wrong;

	if (!g->root)
		return "a graph without a root";
	for (uint32_t i = 0; i < g->values.n; i++)
		if (g->values.v[i]->id != i)
			return "values that are not numbered in order";
	order = ir_postorder(tmp, g, g->root);
	for (uint32_t i = 0; i < order.n; i++) {
		wrong = check_node(order.v[i]);
		if (wrong)
			return wrong;
	}
	for (uint32_t i = 0; i < g->values.n; i++) {
		wrong = check_value(g, g->values.v[i]);
		if (wrong)
			return wrong;
	}
	return check_params(g, order, tmp);
}
