/*
 * The order of places: a postorder, in which a bind that no test can do ahead
 * of its jump comes right before the code it leads to, so that control can
 * fall through.
 */
#include "gen/gen.h"

/* Return how much a bind gains from a place right before its successor. */
static unsigned wants_to_fall(const struct ir_node *b)
{
	if (!ir_is_const(b->rhs))
		return 3;
	return b->rhs->imm ? 2 : 1; /* 0 may be in X already */
}

struct ir_order gen_order(struct arena *tmp, const struct ir_graph *g,
                          const struct ir_node *root)
{
	struct ir_order order = ir_postorder(tmp, g, root), out = { 0 };
	const struct ir_node **falls;
	bool *done;

	if (!g->params)
		return order;
	falls = arena_array(tmp, const struct ir_node *, root->id + 1);
	done = arena_array(tmp, bool, root->id + 1);
	out.v = arena_array(tmp, const struct ir_node *, order.n);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i], **best;

		if (n->kind != IR_BIND)
			continue;
		best = &falls[n->yes->id];
		if (!*best || wants_to_fall(n) > wants_to_fall(*best))
			*best = n;
	}
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];

		/* A bind's successor is all that has to be placed before it. */
		for (; n && !done[n->id]; n = falls[n->id]) {
			done[n->id] = true;
			out.v[out.n++] = n;
		}
	}
	return out;
}
