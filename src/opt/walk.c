/* Rebuilding the graph: nodes are never changed, they are made anew. */
#include <assert.h>

#include "opt/opt.h"

bool opt_rewrite(struct opt *o)
{
	if (!o->fuel)
		return false;
	if (o->fuel != UINT64_MAX)
		o->fuel--;
	return true;
}

struct ir_order opt_order(struct opt *o)
{
	struct ir_graph *g = o->graph;

	if (o->ordered != g->root) {
		o->order = ir_postorder(&o->tmp, g, g->root);
		/* It outlives the pass. */
		o->order.v = arena_memdup(g->arena, o->order.v,
		                          o->order.n * sizeof *o->order.v);
		o->ordered = g->root;
	}
	return o->order;
}

const struct ir_node *opt_with_succ(struct opt *o, const struct ir_node *n,
                                    const struct ir_node *const *to)
{
	struct ir_graph *g = o->graph;
	struct ir_interval *v;
	uint32_t i;

	for (i = 0; i < ir_nsucc(n) && to[i] == ir_succ(n, i); i++)
		;
	if (i == ir_nsucc(n))
		return n;
	switch (n->kind) {
	case IR_RET:
		break;
	case IR_TEST:
		return ir_test(g, n->cmp, n->lhs, n->rhs, to[0], to[1]);
	case IR_BIND:
		return ir_bind(g, n->lhs, n->rhs, to[0]);
	case IR_NEED:
		return ir_need(g, n->lhs, to[0]);
	case IR_SET:
		v = arena_memdup(&o->tmp, n->set, n->n * sizeof *v);
		for (i = 0; i < n->n; i++)
			v[i].to = to[i];
		return ir_set(g, n->lhs, v, n->n, to[n->n]);
	}
	return n;
}

const struct ir_node *opt_with_values(struct opt *o, const struct ir_node *n,
                                      const struct ir_value *lhs,
                                      const struct ir_value *rhs)
{
	struct ir_graph *g = o->graph;

	if (lhs == n->lhs && rhs == n->rhs)
		return n;
	switch (n->kind) {
	case IR_RET:
		return ir_ret(g, lhs);
	case IR_TEST:
		return ir_test(g, n->cmp, lhs, rhs, n->yes, n->no);
	case IR_BIND:
		return ir_bind(g, lhs, rhs, n->yes);
	case IR_NEED:
		return ir_need(g, lhs, n->yes);
	case IR_SET:
		return ir_set_of(g, lhs, n);
	}
	return n;
}

const struct ir_value *opt_with_args(struct opt *o, const struct ir_value *v,
                                     const struct ir_value *const *arg)
{
	struct ir_graph *g = o->graph;

	if (ir_ops[v->op].flags & IR_INFIX)
		return ir_op2(g, v->op, arg[0], arg[1]);
	switch (v->op) {
	case IR_LOADX:
		return ir_loadx(g, v->width, arg[0], v->imm);
	case IR_ANCX:
		return ir_ancx(g, v->imm, arg[0], arg[1]);
	case IR_KEY:
		return ir_key(g, arg, v->width);
	case IR_NEG:
		return ir_neg(g, arg[0]);
	case IR_CONST:
	case IR_LOAD:
	case IR_MSH:
	case IR_LEN:
	case IR_ANC:
	case IR_PARAM:
	case IR_INFIX_OPS:
	case IR_NOPS:
		break;
	}
	return v;
}

/* Return V with operands ARG, which are simpler; compute what they decide. */
static const struct ir_value *simplified(struct opt *o, const struct ir_value *v,
                                         const struct ir_value *const *arg)
{
	struct ir_graph *g = o->graph;
	uint32_t k;

	if (v->op == IR_LOADX && ir_is_const(arg[0])) {
		k = arg[0]->imm + v->imm;
		if (k >= v->imm && k < 0x7fff0000 && ir_loads(&g->input, false, v->width, k))
			return ir_load(g, v->width, k);
	}
	if (ir_ops[v->op].flags & IR_INFIX && ir_is_const(arg[0]) && ir_is_const(arg[1]) &&
	    ir_fold2(v->op, arg[0]->imm, arg[1]->imm, &k))
		return ir_const(g, k);
	return opt_with_args(o, v, arg);
}

const struct ir_value **opt_substitute(struct opt *o, const struct ir_value *from,
                                       const struct ir_value *to)
{
	struct ir_graph *g = o->graph;
	uint32_t n = g->values.n; /* what is made meanwhile is not looked at */
	const struct ir_value **map = arena_array(&o->tmp, const struct ir_value *, n);

	for (uint32_t id = 0; id < n; id++) {
		const struct ir_value *v = g->values.v[id], *arg[IR_WORDS];
		bool same = true;

		for (unsigned i = 0; i < ir_nargs(v); i++) {
			arg[i] = map[v->arg[i]->id];
			same &= arg[i] == v->arg[i];
		}
		map[id] = v == from ? to : same ? v
		                                : simplified(o, v, arg);
	}
	return map;
}

const struct ir_value *opt_load_at(struct opt *o, const struct ir_value *like,
                                   unsigned width, uint32_t offset)
{
	assert(ir_loads(&o->graph->input, ir_base(like), width, offset));
	if (!ir_base(like))
		return ir_load(o->graph, width, offset);
	return ir_loadx(o->graph, width, ir_base(like), offset);
}

const struct ir_node *opt_mapped_succ(struct opt *o, const struct ir_node *n,
                                      const struct ir_node *const *map)
{
	uint32_t succ = ir_nsucc(n), same = 0;
	const struct ir_node *now, **to;

	while (same < succ && map[ir_succ(n, same)->id] == ir_succ(n, same))
		same++;
	if (same == succ)
		return n;
	to = arena_array(&o->tmp, const struct ir_node *, succ);
	for (uint32_t s = 0; s < succ; s++) {
		to[s] = map[ir_succ(n, s)->id];
		assert(to[s]); /* successors come first */
	}
	now = opt_with_succ(o, n, to);
	ir_inherit(o->graph, now, n);
	return now;
}

const struct ir_node *opt_rebuilt(struct opt *o, const struct ir_node *n,
                                  const struct ir_node *const *map,
                                  const struct ir_value *const *value)
{
	const struct ir_node *now;

	if (n->kind == IR_NEED) {
		now = ir_need(o->graph, value[n->lhs->id], map[n->yes->id]);
	} else {
		/* The values first: exits that became equal leave a node of another kind. */
		now = opt_with_values(o, n, n->kind == IR_BIND ? n->lhs : value[n->lhs->id],
		                      n->rhs ? value[n->rhs->id] : NULL);
		now = opt_mapped_succ(o, now, map);
	}
	ir_inherit(o->graph, now, n);
	return now;
}

const struct ir_node *opt_replaced(struct opt *o, struct ir_order order,
                                   const struct ir_node *old,
                                   const struct ir_node *new)
{
	const struct ir_node *root = order.v[order.n - 1];
	const struct ir_node **map =
		arena_array(&o->tmp, const struct ir_node *, root->id + 1);

	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];

		map[n->id] = n == old ? new : opt_mapped_succ(o, n, map);
	}
	return map[root->id];
}

uint32_t *opt_preds(struct opt *o, struct ir_order order,
                    const struct ir_node *root)
{
	uint32_t *preds = arena_array(&o->tmp, uint32_t, root->id + 1);
	uint32_t *last = arena_array(&o->tmp, uint32_t, root->id + 1);

	preds[root->id] = 1;
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];

		for (uint32_t s = 0; s < ir_nsucc(n); s++) {
			uint32_t to = ir_succ(n, s)->id;

			preds[to] += last[to] != n->id + 1;
			last[to] = n->id + 1;
		}
	}
	return preds;
}

bool opt_each_node(struct opt *o,
                   const struct ir_node *(*fn)(struct opt *o,
                                               const struct ir_node *n))
{
	struct ir_graph *g = o->graph;
	const struct ir_node *was = g->root;
	struct ir_order order = opt_order(o);
	const struct ir_node **map =
		arena_array(&o->tmp, const struct ir_node *, was->id + 1);

	arena_work(&o->tmp, order.n);
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];

		map[n->id] = fn(o, opt_mapped_succ(o, n, map));
		ir_inherit(g, map[n->id], n);
	}
	g->root = map[was->id];
	return g->root != was;
}
