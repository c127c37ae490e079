/*
 * Setters: a bind by way of X leaves A alone, so the test before it can do it
 * ahead of its jump. That saves the ja that all but one of the ways into
 * shared code would need.
 */
#include <string.h>

#include "gen/gen.h"

struct setters {
	const struct ir_graph *g;
	struct ir_order order;
	const uint32_t *index;
	const struct gen_cells *cells;
	uint32_t *live;  /* by place: bits of parameters that are read from there on */
	uint32_t *preds; /* by place: edges that lead there */
	uint32_t *pred;  /* by place: the place of one of them */
	bool *zero;      /* by place: X is still 0 */
	const struct ir_node **out;
};

static const struct ir_node *node_at(const struct setters *s, uint32_t place)
{
	return s->order.v[s->order.n - 1 - place];
}

/*
 * Find the parameters that are live at each place. Their bits are unique while
 * there are no more parameters than bits.
 */
static void find_live(struct setters *s)
{
	bool unique = s->g->params <= 32;

	for (uint32_t place = s->order.n; place-- > 0;) {
		const struct ir_node *n = node_at(s, place);
		uint32_t live = 0;

		for (uint32_t i = 0; i < ir_nsucc(n); i++) {
			uint32_t to = s->index[ir_succ(n, i)->id];

			live |= s->live[to];
			s->preds[to]++;
			s->pred[to] = place;
		}
		if (n->kind != IR_BIND)
			live |= n->lhs->params;
		else if (unique)
			live &= ~n->lhs->params;
		if (n->rhs)
			live |= n->rhs->params;
		s->live[place] = live;
	}
}

static bool is_zero(const struct ir_node *b)
{
	return b->kind == IR_BIND && ir_is_const(b->rhs) && !b->rhs->imm;
}

/* Tell whether computing V leaves X alone, as far as one can say without doing it. */
static bool spares_x(const struct ir_value *v)
{
	while (v->op == IR_AND && ir_is_const(v->arg[1]))
		v = v->arg[0];
	return v->op == IR_LOAD || v->op == IR_CONST || v->op == IR_LEN ||
	       v->op == IR_ANC;
}

/* Find where X still holds the 0 that it starts with. */
static void find_zero(struct setters *s)
{
	memset(s->zero, true, s->order.n);
	for (uint32_t place = 0; place < s->order.n; place++) {
		const struct ir_node *n = node_at(s, place);
		bool keeps = s->zero[place] &&
		             (n->kind == IR_BIND
		                      ? is_zero(n)
		                      : spares_x(n->lhs) &&
		                                (!n->rhs || ir_is_const(n->rhs)));

		for (uint32_t i = 0; !keeps && i < ir_nsucc(n); i++)
			s->zero[s->index[ir_succ(n, i)->id]] = false;
	}
}

/* Tell whether the test before bind B, at PLACE, can do it, and that saves a jump. */
static bool can_set(const struct setters *s, const struct ir_node *b,
                    uint32_t place)
{
	uint32_t before = s->pred[place];
	const struct ir_node *test = node_at(s, before), *other;

	if (!s->cells->indexes[b->lhs->imm] ||
	    s->cells->last[b->lhs->imm] <= place + 1 ||
	    (b->rhs->op != IR_CONST && b->rhs->op != IR_LEN))
		return false;
	if (s->index[b->yes->id] == place + 1 || s->preds[place] != 1)
		return false;
	if (test->kind != IR_TEST || !ir_is_const(test->rhs) || s->out[before])
		return false;
	other = test->yes == b ? test->no : test->yes;
	/* Neither way needs a setter for the 0 that X holds since the start. */
	if (s->zero[before] &&
	    (is_zero(b) || (is_zero(other) && other->yes == b->yes)))
		return false;
	return !(s->live[s->index[other->id]] & b->lhs->params);
}

const struct ir_node **gen_setters(struct arena *tmp, const struct ir_graph *g,
                                   struct ir_order order, const uint32_t *index,
                                   const struct gen_cells *cells)
{
	struct setters s = {
		.g = g, .order = order, .index = index, .cells = cells
	};

	s.out = arena_array(tmp, const struct ir_node *, order.n);
	if (!g->params)
		return s.out;
	s.live = arena_array(tmp, uint32_t, order.n);
	s.preds = arena_array(tmp, uint32_t, order.n);
	s.pred = arena_array(tmp, uint32_t, order.n);
	s.zero = arena_array(tmp, bool, order.n);
	find_live(&s);
	find_zero(&s);
	for (uint32_t place = 0; place < order.n; place++) {
		const struct ir_node *n = node_at(&s, place);

		if (n->kind == IR_BIND && can_set(&s, n, place))
			s.out[place] = s.out[s.pred[place]] = n;
	}
	return s.out;
}
