/*
 * Scratch cells for parameters: a linear scan over the order, in which every
 * path only goes forward. A cell is taken from the first bind of its parameter
 * to the last node that reads it.
 */
#include <assert.h>
#include <string.h>

#include "gen/gen.h"

struct scan {
	struct arena *tmp;
	const struct ir_graph *g;
	struct ir_order order;
	struct gen_cells *out;
	uint32_t *stamp; /* by value id: seen at this place already */
	ARRAY(const struct ir_value *) todo;
};

/* Return the node at PLACE; places run in the direction of execution. */
static const struct ir_node *node_at(const struct scan *s, uint32_t place)
{
	return s->order.v[s->order.n - 1 - place];
}

/* Note which parameters V reads, and which of them it wants in X. */
static void note_reads(struct scan *s, const struct ir_value *v, uint32_t place)
{
	array_push(s->tmp, &s->todo, v);
	while (s->todo.n) {
		v = s->todo.v[--s->todo.n];
		if (!v->params || s->stamp[v->id] == place + 1)
			continue;
		s->stamp[v->id] = place + 1;
		if (v->op == IR_PARAM && !s->out->last[v->imm])
			s->out->last[v->imm] = place + 1;
		for (unsigned i = 0; i < ir_nargs(v); i++) {
			const struct ir_value *arg = v->arg[i];

			if (arg->op == IR_PARAM && (v->op == IR_LOADX || i == 1))
				s->out->indexes[arg->imm] = true;
			array_push(s->tmp, &s->todo, arg);
		}
	}
}

/*
 * Find where parameters are read. Go from the end, so that what a parameter is
 * bound to is wanted where the parameter is.
 */
static void find_ranges(struct scan *s)
{
	for (uint32_t place = s->order.n; place-- > 0;) {
		const struct ir_node *n = node_at(s, place);

		if (n->kind != IR_BIND)
			note_reads(s, n->lhs, place);
		if (n->rhs)
			note_reads(s, n->rhs, place);
		if (n->rhs && n->rhs->op == IR_PARAM &&
		    (n->kind == IR_TEST || s->out->indexes[n->lhs->imm]))
			s->out->indexes[n->rhs->imm] = true;
	}
	/* What is bound to a parameter that is wanted in X is, too. */
	for (uint32_t place = s->order.n; place-- > 0;) {
		const struct ir_node *n = node_at(s, place);

		if (n->kind == IR_BIND && n->rhs->op == IR_PARAM)
			s->out->indexes[n->rhs->imm] |= s->out->indexes[n->lhs->imm];
	}
}

bool gen_cells(struct arena *tmp, const struct ir_graph *g, struct ir_order order,
               struct gen_cells *out)
{
	struct scan s = { .tmp = tmp, .g = g, .order = order, .out = out };
	uint32_t holder[BPF_MEMWORDS], taken = 0;

	out->of = arena_array(tmp, uint8_t, g->params);
	out->indexes = arena_array(tmp, bool, g->params);
	out->busy = arena_array(tmp, uint16_t, order.n);
	out->last = arena_array(tmp, uint32_t, g->params);
	if (!g->params)
		return true;
	memset(out->of, GEN_NO_CELL, g->params);
	s.stamp = arena_array(tmp, uint32_t, g->values.n);
	find_ranges(&s);

	for (uint32_t place = 0; place < order.n; place++) {
		const struct ir_node *n = node_at(&s, place);
		uint32_t p = n->kind == IR_BIND ? n->lhs->imm : 0;
		unsigned cell = 0;

		for (unsigned c = 0; c < BPF_MEMWORDS; c++)
			if (taken >> c & 1 && out->last[holder[c]] < place + 1)
				taken &= ~(1u << c);
		if (n->kind == IR_BIND && out->last[p] > place + 1 &&
		    out->of[p] == GEN_NO_CELL) {
			while (cell < BPF_MEMWORDS && taken >> cell & 1)
				cell++;
			if (cell == BPF_MEMWORDS)
				return false;
			assert(p < g->params && cell < BPF_MEMWORDS);
			out->of[p] = (uint8_t)cell;
			holder[cell] = p;
			taken |= 1u << cell;
		}
		out->busy[place] = (uint16_t)taken;
	}
	return true;
}
