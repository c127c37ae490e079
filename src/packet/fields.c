/* Fields of headers, compared with values. */
#include "packet/primitive.h"

const struct formula *packet_equal(struct packet *p, enum base base, uint32_t offset,
                                   unsigned width, uint32_t value)
{
	const struct ir_value *v = layout_load(p, base, offset, width);

	return formula_masked(p, v, 0xffffffff, value);
}

const struct formula *packet_ip_proto(struct packet *p, uint32_t number)
{
	return packet_equal(p, BASE_NET, 9, 1, number);
}

const struct formula *packet_ip6_proto(struct packet *p, uint32_t number)
{
	return packet_equal(p, BASE_NET, 6, 1, number);
}

const struct formula *packet_first_fragment(struct packet *p)
{
	const struct ir_value *offset = layout_load(p, BASE_NET, 6, 2);
	const struct formula *later;

	later = formula_has(p, offset, 0x1fff);
	return formula_not(p, later);
}

/* Return where load V begins in the packet. */
static const struct ir_value *place_of(struct packet *p, const struct ir_value *v)
{
	const struct ir_value *k = ir_const(p->g, v->imm);

	return v->op == IR_LOADX ? ir_op2(p->g, IR_ADD, v->arg[0], k) : k;
}

const struct formula *packet_member(struct packet *p, unsigned set,
                                    const struct ir_value *key)
{
	const struct ir_value *a = key, *x;

	if (ir_words(key) == 1) {
		x = ir_const(p->g, 0);
	} else if (ir_words(key) == 2) {
		a = ir_word(key, 0);
		x = ir_word(key, 1);
	} else { /* too long: where it is, and its end, for whether all is there */
		a = place_of(p, ir_word(key, 0));
		x = ir_word(key, IR_WORDS - 1);
	}
	return formula_test(p, IR_EQ, ir_ancx(p->g, IR_ANC_SETS + set, a, x), ir_const(p->g, 1));
}
