/*
 * likely: how often tests hold, as far as one can say without knowing the
 * traffic. Somewhat less than half of it is IPv6; most packets are TCP or UDP
 * and no fragments; an address or a port is seldom the one asked for.
 * Where the IP header is shows in what the graph asks: a byte that is a protocol
 * number in one kind of packets is part of an address in another.
 */
#include "opt/opt.h"

enum kind {
	IPV4,
	IPV6,
	OTHER,
	KINDS
};

enum {
	UNKNOWN = UINT32_MAX
};

static const uint32_t shares[KINDS] = { [IPV4] = 520, [IPV6] = 380, [OTHER] = 100 };

/* The byte AT from the start of the IP header is K. */
static const struct byte_row {
	uint8_t kinds, at, k; /* a bit for each kind */
	uint16_t likely;
} byte_rows[] = {
	{ 1 << IPV4, 9, 6, 650 },
	{ 1 << IPV4, 9, 17, 250 },
	{ 1 << IPV4, 0, 0x45, 950 },
	{ 1 << IPV4, 6, 0x40, 600 },
	{ 1 << IPV4, 6, 0, 380 },
	{ 1 << IPV6, 6, 6, 650 },
	{ 1 << IPV6, 6, 17, 250 },
	{ 1 << IPV6, 6, 58, 60 },
};

/* Any other number there. */
static const struct byte_row other_rows[] = {
	{ 1 << IPV4, 9, 0, 20 },
	{ 1 << IPV6, 6, 0, 10 },
	{ 1 << IPV4, 6, 0, 2 },
	{ 1 << IPV6, 9, 0, 4 },
};

/* --- the kinds ------------------------------------------------------------------ */

static bool asks_for(const struct ir_node *n, uint32_t k)
{
	if (n->kind == IR_TEST)
		return n->cmp == IR_EQ && ir_is_const(n->rhs) && n->rhs->imm == k;
	for (uint32_t i = 0; n->kind == IR_SET && i < n->n && i < 8; i++)
		if (n->set[i].lo[0] == k && n->set[i].hi[0] == k)
			return true;
	return false;
}

/* Return where the IP header must be if N asks about its kind, UNKNOWN if it does not. */
static uint32_t network_of(const struct ir_node *n)
{
	uint32_t mask;
	const struct ir_value *v = n->lhs;

	if (n->kind != IR_TEST && n->kind != IR_SET)
		return UNKNOWN;
	v = opt_unmasked(v, &mask);
	if (v->op != IR_LOAD)
		return UNKNOWN;
	if (v->width == 2 && mask == UINT32_MAX &&
	    (asks_for(n, 0x800) || asks_for(n, 0x86dd)))
		return v->imm + 2;
	if (v->width == 1 && mask == 0xf0 && (asks_for(n, 0x40) || asks_for(n, 0x60)))
		return v->imm;
	return UNKNOWN;
}

unsigned opt_kinds(struct opt *o)
{
	struct ir_order order;

	if (o->kinds)
		return o->kinds;
	o->network = UNKNOWN;
	if (o->samples)
		return o->kinds = o->samples;
	if (o->graph->input.loads_indexed && !o->graph->input.little_endian) {
		order = opt_order(o);
		for (uint32_t i = 0; i < order.n; i++)
			o->network = min_u32(o->network, network_of(order.v[i]));
	}
	o->kinds = o->network == UNKNOWN ? 1 : KINDS;
	return o->kinds;
}

uint32_t opt_share(const struct opt *o, unsigned kind)
{
	if (o->samples)
		return max_u32(OPT_SURE / o->samples, 1);
	return o->kinds == 1 ? OPT_SURE : shares[kind];
}

/* --- equality ------------------------------------------------------------------- */

static unsigned bits_of(uint32_t mask)
{
	unsigned n = 0;

	for (; mask; mask &= mask - 1)
		n++;
	return n;
}

/* Estimate how likely BITS bits are all as asked: the more, the less likely. */
static uint32_t equal_bits(unsigned bits)
{
	static const uint16_t by_byte[] = { 150, 50, 40, 20, 10 };

	if (bits == 1)
		return OPT_SURE / 2;
	return by_byte[bits / 8];
}

static uint32_t equal_type(uint32_t k, enum kind kind)
{
	switch (kind) {
	case IPV4:
		return k == 0x800 ? OPT_SURE : 0;
	case IPV6:
		return k == 0x86dd ? OPT_SURE : 0;
	case OTHER:
	case KINDS:
		break;
	}
	return k == 0x806 ? 400 : k == 0x800 || k == 0x86dd ? 0
	                                                    : 50;
}

/*
 * Estimate how likely the byte at AT of the IP header is K; UNKNOWN if it is
 * not in the tables.
 */
static uint32_t equal_byte(uint32_t at, uint32_t k, enum kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(byte_rows); i++)
		if (byte_rows[i].kinds >> kind & 1 && byte_rows[i].at == at &&
		    byte_rows[i].k == k)
			return byte_rows[i].likely;
	for (size_t i = 0; i < ARRAY_LEN(other_rows); i++)
		if (other_rows[i].kinds >> kind & 1 && other_rows[i].at == at)
			return other_rows[i].likely;
	return UNKNOWN;
}

/* Return how likely V equals K. */
static uint32_t equal(const struct opt *o, const struct ir_value *v, uint32_t k,
                      enum kind kind)
{
	uint32_t mask, at, likely = UNKNOWN;

	v = opt_unmasked(v, &mask);
	if (!ir_is_load(v))
		return 50;
	mask &= ir_load_bits(v);
	at = v->imm - o->network;
	/* The length of TCP's header, without options and with a timestamp. */
	if (v->width == 1 && mask == 0xf0 && at && (k == 0x50 || k == 0x80))
		return k == 0x50 ? 550 : 400;
	if (v->op == IR_LOAD && o->network != UNKNOWN) {
		if (v->width == 2 && at == (uint32_t)-2 && mask == 0xffff)
			return equal_type(k, kind);
		/* Networks that are asked for are near. */
		if (v->width == 4 && (at == 8 || at == 24) && kind == IPV6)
			return 150;
		/* A byte, perhaps with what guards it in one word. */
		if ((mask & 0xff) == 0xff && k < 256)
			likely = equal_byte(at + v->width - 1, k, kind);
	}
	return likely != UNKNOWN ? likely : equal_bits(bits_of(mask));
}

/* --- other questions ------------------------------------------------------------- */

/* Estimate how likely V has at least one bit of MASK. */
static uint32_t any(const struct opt *o, const struct ir_value *v, uint32_t mask,
                    enum kind kind)
{
	/* A fragment's offset is nearly always 0. */
	if (mask == 0x1fff || mask == 0x3fff)
		return v->op == IR_LOAD && v->imm == o->network + 6 &&
		                       o->network != UNKNOWN && kind == IPV6
		               ? 980
		               : 20;
	return 250;
}

static uint32_t test_holds(const struct opt *o, const struct ir_node *n,
                           enum kind kind)
{
	if (!ir_is_const(n->rhs) || ir_words(n->lhs) > 1)
		return n->cmp == IR_EQ ? 20 : OPT_SURE / 2;
	switch (n->cmp) {
	case IR_EQ:
		return equal(o, n->lhs, n->rhs->imm, kind);
	case IR_ANY:
		return any(o, n->lhs, n->rhs->imm, kind);
	case IR_GT:
	case IR_GE:
		break;
	}
	return 400;
}

/* Estimate how likely answer I of set N is. */
static uint32_t answered(const struct opt *o, const struct ir_node *n, uint32_t i,
                         enum kind kind)
{
	const struct ir_interval *v = &n->set[i];

	if (ir_words(n->lhs) > 1)
		return 20;
	if (v->lo[0] == v->hi[0])
		return equal(o, n->lhs, v->lo[0], kind);
	return v->hi[0] - v->lo[0] > 0xff ? 150 : 50;
}

enum {
	FEW = 8
};

static uint32_t set_leaves(const struct opt *o, const struct ir_node *n, uint32_t i,
                           enum kind kind)
{
	uint32_t sum = 0;

	if (n->n > FEW)
		return i < n->n ? 600 / n->n : 400;
	for (uint32_t k = 0; k < n->n; k++)
		sum += answered(o, n, k, kind);
	if (i == n->n)
		return sum < OPT_SURE ? OPT_SURE - sum : 0;
	return sum <= OPT_SURE ? answered(o, n, i, kind)
	                       : answered(o, n, i, kind) * OPT_SURE / sum;
}

uint32_t opt_likely(const struct opt *o, const struct ir_node *n, uint32_t i,
                    unsigned kind)
{
	uint32_t yes, exit = OPT_UNKNOWN;

	if (o->samples)
		exit = opt_sample_exit(n, &o->sample[kind]);
	if (exit != OPT_UNKNOWN)
		return exit == i ? OPT_SURE : 0;
	if (o->samples)
		kind = OTHER;
	if (n->kind == IR_SET)
		return set_leaves(o, n, i, kind);
	yes = test_holds(o, n, kind);
	return i ? OPT_SURE - yes : yes;
}
