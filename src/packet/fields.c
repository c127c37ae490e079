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
