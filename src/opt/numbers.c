/* What numbers a parameter can be, by the binds on the ways to a node. */
#include <assert.h>

#include "opt/opt.h"

static void add_number(struct opt_numbers *to, uint32_t k)
{
	for (unsigned i = 0; i < to->n; i++)
		if (to->k[i] == k)
			return;
	if (to->n == OPT_NUMBERS)
		to->others = true;
	else
		to->k[to->n++] = k;
}

static void join(struct opt_numbers *to, const struct opt_numbers *from)
{
	to->others |= from->others;
	for (unsigned i = 0; i < from->n; i++)
		add_number(to, from->k[i]);
}

/*
 * Return what PARAM can be after BIND, which binds it, if it could be WAS
 * before.
 */
static struct opt_numbers bound(const struct ir_value *param, const struct ir_node *bind,
                                const struct opt_numbers *was)
{
	const struct ir_value *v = bind->rhs;
	struct opt_numbers is = { .n = 0 };

	if (ir_is_const(v)) {
		add_number(&is, v->imm);
		return is;
	}
	is.others = true;
	if (v->op == IR_ADD && v->arg[0] == param && ir_is_const(v->arg[1])) {
		is.others = was->others;
		for (unsigned i = 0; i < was->n; i++)
			add_number(&is, was->k[i] + v->arg[1]->imm);
	}
	return is;
}

/* Return what is left of WAS after N, perhaps a test of PARAM, is left by EXIT. */
static struct opt_numbers answered(const struct ir_value *param, const struct ir_node *n,
                                   uint32_t exit, const struct opt_numbers *was)
{
	struct opt_numbers is = *was;

	if (n->kind != IR_TEST || n->cmp != IR_EQ || n->lhs != param || !ir_is_const(n->rhs))
		return is;
	is.n = 0;
	for (unsigned i = 0; i < was->n; i++)
		if ((was->k[i] == n->rhs->imm) == !exit)
			is.k[is.n++] = was->k[i];
	/* Of no number that a bind gives, none is made: it stays one of the others. */
	if (!exit && is.n)
		is.others = false;
	return is;
}

struct opt_numbers *opt_numbers(struct opt *o, struct ir_order order,
                                const struct ir_value *param, struct opt_numbers *all)
{
	const struct ir_node *root = order.v[order.n - 1];
	struct opt_numbers *at;
	bool any = false;

	*all = (struct opt_numbers){ .n = 0 };
	for (uint32_t i = 0; i < order.n && !any; i++)
		any = order.v[i]->kind == IR_BIND && order.v[i]->lhs == param;
	if (!any)
		return NULL;
	at = arena_array(&o->tmp, struct opt_numbers, root->id + 1);
	for (uint32_t i = order.n; i-- > 0;) {
		const struct ir_node *n = order.v[i];
		struct opt_numbers out = at[n->id];

		if (n->kind == IR_BIND && n->lhs == param) {
			out = bound(param, n, &out);
			join(all, &out);
		}
		for (uint32_t e = 0; e < ir_nsucc(n); e++) {
			struct opt_numbers is = answered(param, n, e, &out);

			join(&at[ir_succ(n, e)->id], &is);
		}
	}
	/* More of them than there is room for: nothing is said of any. */
	for (uint32_t i = 0; all->others && all->n == OPT_NUMBERS && i < order.n; i++)
		at[order.v[i]->id].n = 0;
	return at;
}
