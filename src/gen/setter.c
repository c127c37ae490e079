/*
 * Setters: a bind by way of X leaves A alone, so the test before it can do it
 * ahead of its jump. That saves the ja that all but one of the ways into
 * shared code would need.
 */
#include "gen/gen.h"

struct setters {
	const struct ir_graph *g;
	struct ir_order order;
	const uint32_t *index;
	const struct gen_cells *cells;
	uint32_t *live;   /* by place: bits of parameters that are read from there on */
	uint32_t *preds;  /* by place: edges that lead there */
	uint32_t *pred;   /* by place: the place of one of them */
	const struct ir_node **out;
};

static const struct ir_node *node_at(const struct setters *s, uint32_t place)
{
	return s->order.v[s->order.n - 1 - place];
}

/* Bits of parameters are unique while there are no more of them than bits. */
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

/* True if the test before bind B, at PLACE, can do it, and that saves a jump. */
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
	/* The other way may need no setter, as X is 0 from the start; spare it. */
	if (other->kind == IR_BIND && other->yes == b->yes &&
	    ir_is_const(other->rhs) && !other->rhs->imm)
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
	find_live(&s);
	for (uint32_t place = 0; place < order.n; place++) {
		const struct ir_node *n = node_at(&s, place);

		if (n->kind == IR_BIND && can_set(&s, n, place))
			s.out[place] = s.out[s.pred[place]] = n;
	}
	return s.out;
}
