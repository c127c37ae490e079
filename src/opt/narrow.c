/*
 * narrow: a load under a mask that leaves whole bytes becomes a load of those.
 *     (load.4 26 & 0xff000000) == 0xa000000           ->   load.1 26 == 10
 *     load.4 26 in { 0xac100000..0xac1fffff -> a } else b
 *                          ->   load.2 26 in { 0xac10..0xac1f -> a } else b
 * Each rewrite removes an operation or makes a load narrower and adds none, so
 * the pass ends.
 * Keeps: a narrower load reads no byte that the wide one did not.
 */
#include "opt/opt.h"

/*
 * Tell whether the bytes WIDTH wide at SHIFT bits from the low end are all that MASK
 * keeps.
 */
static bool fits(uint32_t mask, unsigned width, unsigned shift)
{
	uint32_t window = width == 2 ? 0xffff : 0xff;

	return mask == window << shift;
}

/*
 * Return the load of those bytes of LOAD; NULL if the input does not have it,
 * or if no rewrite is left.
 */
static const struct ir_value *narrower(struct opt *o, const struct ir_value *load,
                                       unsigned width, unsigned shift)
{
	uint32_t offset = load->imm + load->width - width - shift / 8;

	if (!ir_loads(&o->graph->input, ir_base(load), width, offset) ||
	    !opt_rewrite(o))
		return NULL;
	return opt_load_at(o, load, width, offset);
}

/* Count the low bits of one word that no interval of N tells apart. */
static unsigned low_bits(const struct ir_node *n)
{
	uint32_t edges = 0x80000000;

	for (uint32_t i = 0; i < n->n; i++)
		edges |= n->set[i].lo[0] | (n->set[i].hi[0] + 1);
	return (unsigned)__builtin_ctz(edges);
}

/* Narrow a set whose intervals end at byte boundaries to the upper bytes. */
static const struct ir_node *narrow_set(struct opt *o, const struct ir_node *n)
{
	const struct ir_value *v = n->lhs;
	struct ir_interval *set;
	unsigned width, shift;

	if (!ir_is_load(v) || v->width == 1)
		return n;
	width = v->width - low_bits(n) / 8;
	width = width > 2 ? v->width : width;
	shift = 8 * (v->width - width);
	v = shift ? narrower(o, v, width, shift) : NULL;
	if (!v)
		return n;
	set = arena_memdup(&o->tmp, n->set, n->n * sizeof *set);
	for (uint32_t i = 0; i < n->n; i++) {
		set[i].lo[0] >>= shift;
		set[i].hi[0] >>= shift;
	}
	return ir_set(o->graph, v, set, n->n, n->no);
}

static const struct ir_node *narrow(struct opt *o, const struct ir_node *n)
{
	const struct ir_value *v = n->lhs, *load;
	uint32_t mask;

	if (n->kind == IR_SET)
		return narrow_set(o, n);
	if (n->kind != IR_TEST || n->cmp != IR_EQ || v->op != IR_AND ||
	    !ir_is_const(v->arg[1]) || !ir_is_const(n->rhs))
		return n;
	load = v->arg[0];
	mask = v->arg[1]->imm;
	/* A number outside of the mask, which it cannot be, would become another. */
	if (!ir_is_load(load) || load->imm >= 0x7ffffff0 || n->rhs->imm & ~mask)
		return n;
	for (unsigned width = 1; width < load->width; width *= 2)
		for (unsigned shift = 0; shift < 32; shift += 8) {
			if (!fits(mask, width, shift))
				continue;
			v = narrower(o, load, width, shift);
			if (!v)
				continue;
			return ir_test(o->graph, IR_EQ, v,
			               ir_const(o->graph, n->rhs->imm >> shift),
			               n->yes, n->no);
		}
	return n;
}

bool opt_narrow(struct opt *o)
{
	if (o->graph->input.aligned || o->graph->input.exact_faults)
		return false;
	return opt_each_node(o, narrow);
}
