/* What is known of a value by itself, on every path. */
#include "opt/opt.h"

/* Return all bits up to the highest of V. */
static uint32_t fill_down(uint32_t v)
{
	for (unsigned shift = 1; shift < 32; shift *= 2)
		v |= v >> shift;
	return v;
}

/* One level deep per operand, and never more than this many. */
enum {
	DEPTH = LIMIT(6, 2)
};

static uint32_t possible(const struct ir_value *v, unsigned depth)
{
	uint32_t a, b, sum;

	if (!depth)
		return UINT32_MAX;
	a = v->arg[0] && v->op != IR_KEY ? possible(v->arg[0], depth - 1) : 0;
	b = v->arg[1] && v->op != IR_KEY ? possible(v->arg[1], depth - 1) : 0;
	switch (v->op) {
	case IR_CONST:
		return v->imm;
	case IR_LOAD:
	case IR_LOADX:
		return ir_load_bits(v);
	case IR_MSH:
		return 0x3c;
	case IR_AND:
		return a & b;
	case IR_OR:
	case IR_XOR:
		return a | b;
	case IR_ADD:
		sum = a + b;
		return sum < a ? UINT32_MAX : fill_down(sum);
	case IR_MUL:
		return a && b > UINT32_MAX / a ? UINT32_MAX : fill_down(a * b);
	case IR_LSH:
		return ir_is_const(v->arg[1]) ? a << v->arg[1]->imm % 32
		                              : UINT32_MAX;
	case IR_RSH:
		return ir_is_const(v->arg[1]) ? a >> v->arg[1]->imm % 32
		                              : fill_down(a);
	case IR_DIV:
		return fill_down(a);
	case IR_MOD:
		return min_u32(fill_down(a), fill_down(b));
	case IR_LEN:
	case IR_ANC:
	case IR_ANCX:
	case IR_PARAM:
	case IR_KEY:
	case IR_SUB:
	case IR_NEG:
	case IR_NOPS:
		break;
	}
	return UINT32_MAX;
}

uint32_t opt_possible_bits(const struct ir_value *v)
{
	return possible(v, DEPTH);
}

bool opt_may_drop(const struct opt *o, const struct ir_value *v)
{
	return !v->may_divide &&
	       !(v->may_fault && o->graph->input.exact_faults);
}

const struct ir_value *opt_unmasked(const struct ir_value *v, uint32_t *mask)
{
	*mask = UINT32_MAX;
	if (v->op != IR_AND || !ir_is_const(v->arg[1]))
		return v;
	*mask = v->arg[1]->imm;
	return v->arg[0];
}

static bool divides(const struct ir_value *v, unsigned depth)
{
	if (!v->may_divide || !depth)
		return false;
	if (ir_ops[v->op].flags & IR_DIVIDES && ir_is_const(v->arg[1]) &&
	    !v->arg[1]->imm)
		return true;
	for (unsigned i = 0; i < ir_nargs(v); i++)
		if (divides(v->arg[i], depth - 1))
			return true;
	return false;
}

bool opt_surely_divides(const struct ir_value *v)
{
	return divides(v, DEPTH);
}

bool opt_is_reject(const struct ir_node *n)
{
	return n->kind == IR_RET && ir_is_const(n->lhs) && !n->lhs->imm;
}
