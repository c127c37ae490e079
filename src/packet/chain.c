/*
 * protochain, unrolled. libpcap makes a loop, which no kernel takes; this
 * follows a chain of headers to a stated depth, and where it goes deeper the
 * program returns 0, under `not` as well: that is neither yes nor no.
 */
#include "packet/primitive.h"

enum {
	DEPTH = 8,
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AUTHENTICATION = 51,
	NO_NEXT = 59,
	DESTINATION = 60,
};

/* Where the chain is: the header's protocol, and its start after BASE. */
struct chain {
	const struct ir_value *type, *at;
	uint32_t base;
	uint32_t wanted;
	bool six;
};

static const struct ir_value *op(struct packet *p, enum ir_op o,
                                 const struct ir_value *a, uint32_t k)
{
	const struct ir_value *c = ir_const(p->g, k);

	return ir_op2(p->g, o, a, c);
}

static const struct formula *is(struct packet *p, const struct ir_value *v, uint32_t k)
{
	return formula_masked(p, v, 0xffffffff, k);
}

/* Go to the next header: TYPE from its first byte, AT as given; then REST. */
static const struct formula *advance(struct packet *p, const struct chain *c,
                                     const struct ir_value *at,
                                     const struct formula *rest)
{
	const struct ir_value *next = ir_param(p->g),
			      *type = ir_loadx(p->g, 1, c->at, c->base);
	const struct formula *f;

	/* Both are read before either is written. */
	f = formula_bind(p, next, at);
	f = formula_and(p, f, formula_bind(p, c->type, type));
	f = formula_and(p, f, formula_bind(p, c->at, next));
	return formula_and(p, f, rest);
}

/* Take one step: found, at the end, or on to REST. */
static const struct formula *step(struct packet *p, const struct chain *c,
                                  const struct formula *rest)
{
	static const uint8_t extensions[] = { HOP_BY_HOP, DESTINATION, ROUTING,
		                              FRAGMENT };
	const struct ir_value *length, *at;
	const struct formula *f, *extension = p->no;

	/* AH counts words, less 2. libpcap forgets where the header was; so do we. */
	length = ir_loadx(p->g, 1, c->at, c->base + 1);
	at = op(p, IR_MUL, op(p, IR_ADD, length, 2), 4);
	f = advance(p, c, at, rest);
	f = formula_if(p, is(p, c->type, AUTHENTICATION), f, p->no);
	if (c->six) {
		at = op(p, IR_MUL, op(p, IR_ADD, length, 1), 8);
		at = ir_op2(p->g, IR_ADD, at, c->at);
		for (unsigned i = 0; i < ARRAY_LEN(extensions); i++)
			extension =
				formula_or(p, extension, is(p, c->type, extensions[i]));
		f = formula_if(p, extension, advance(p, c, at, rest), f);
	}
	f = formula_if(p, is(p, c->type, NO_NEXT), p->no, f);
	return formula_if(p, is(p, c->type, c->wanted), p->yes, f);
}

static const struct formula *chain(struct packet *p, uint32_t number, bool six)
{
	unsigned depth = p->o->depth ? p->o->depth : DEPTH;
	struct chain c = {
		.type = ir_param(p->g),
		.at = ir_param(p->g),
		.wanted = number,
		.six = six,
		.base = p->at.payload.k + p->at.nl,
	};
	const struct formula *f = formula_stop(p), *start, *link;

	link = packet_linkproto(p, six ? ETHERTYPE_IP6 : ETHERTYPE_IP);
	for (unsigned i = 0; i < depth; i++)
		f = step(p, &c, f);
	start = formula_bind(p, c.type, layout_load(p, BASE_NET, six ? 6 : 9, 1));
	start = formula_and(
		p, start,
		formula_bind(p, c.at, six ? ir_const(p->g, 40) : layout_ihl(p)));
	return formula_and(p, link, formula_and(p, start, f));
}

const struct formula *packet_protochain(struct packet *p, struct span at,
                                        uint32_t number, enum proto proto)
{
	const struct formula *four = p->no, *six = p->no;

	if (proto != Q_DEFAULT && proto != Q_IP && proto != Q_IP6) {
		packet_fail(p, p->span,
		            E_SYNTAX "'protochain' cannot follow '%s', only 'ip' and 'ip6'",
		            packet_proto_text(proto));
		return p->no;
	}
	if (!packet_at_most(p, at, "IP protocol", number, 0xff))
		return p->no;
	if (p->at.payload.varies) {
		packet_fail(p, p->span,
		            E_INEXPRESSIBLE "'protochain' needs a link layer header of fixed length; "
		                            "the length of %s headers varies here",
		            p->at.link->name);
		return p->no;
	}
	if (proto != Q_IP6)
		four = chain(p, number, false);
	if (proto != Q_IP)
		six = chain(p, number, true);
	return formula_or(p, four, six);
}
