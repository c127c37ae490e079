/*
 * Loads and tests in words: the fields of headers that the bits of a load are, as far as
 * earlier tests tell. What is not certain is not said.
 */
#include <linux/filter.h>

#include "packet/say.h"

enum header {
	ETHER,
	VLAN,
	IP,
	IP6,
	FRAG6,
	ARP,
	TCP,
	UDP,
	SCTP,
	PORTS,
	ICMP,
	ICMP6,
	NO_HEADER
};

enum kind {
	NUMBER,
	WORDS, /* of 4 bytes, said in bytes */
	HEX,
	ADDRESS,
	ETHERTYPE,
	IPPROTO,
	TCPFLAGS,
	KIND_ICMP,
	KIND_ICMP6,
	GROUP, /* of fields with rows of their own: named if all of them are loaded */
};

struct field {
	enum header header;
	uint8_t at, width;
	uint32_t mask;
	const char *text;
	enum kind kind;
};

/* The kinds that have the names of headers are written KIND_. */
#define KIND_NUMBER    NUMBER
#define KIND_WORDS     WORDS
#define KIND_HEX       HEX
#define KIND_ADDRESS   ADDRESS
#define KIND_ETHERTYPE ETHERTYPE
#define KIND_IPPROTO   IPPROTO
#define KIND_TCPFLAGS  TCPFLAGS
#define KIND_GROUP     GROUP
static const struct field fields[] = {
#define FIELD(header, at, width, mask, text, kind) \
	{ header, at, width, mask, text, KIND_##kind },
#include "packet/headers.def"
};

#define IF_PORTS ", if it has ports"

static const struct field ethertype = { NO_HEADER, 0, 2, 0, "ethertype", ETHERTYPE };
static const struct field direction = { NO_HEADER, 0, 4, 0, "direction", NUMBER };

/* --- bits of a load ------------------------------------------------------------- */

/* Tell whether V is OP with a constant on its right; set *NUMBER to that. */
static bool has_constant(const struct ir_value *v, enum ir_op op, uint32_t *number)
{
	if (v->op != op || !ir_is_const(v->arg[1]))
		return false;
	*number = v->arg[1]->imm;
	return true;
}

bool say_bits(struct say_bits *b, const struct ir_value *v)
{
	uint32_t selected = UINT32_MAX, shift = 0, number;

	/* From the outside in: which bits of V count. */
	for (;; v = v->arg[0])
		if (has_constant(v, IR_AND, &number)) {
			selected &= number;
		} else if (has_constant(v, IR_RSH, &number) && number + shift < 32) {
			selected <<= number;
			shift += number;
		} else {
			break;
		}
	if (!ir_is_load(v))
		return false;
	*b = (struct say_bits){
		.base = ir_base(v),
		.offset = v->imm,
		.width = v->width,
		.selected = selected & ir_load_bits(v),
		.shift = (uint8_t)shift,
	};
	return b->selected;
}

/* --- where they are ------------------------------------------------------------------ */

/* The bits of a load, in a header. */
struct spot {
	enum header header; /* NO_HEADER: in ONE */
	const struct field *one;
	uint32_t offset; /* from the header's start */
	uint8_t width;
	uint32_t selected;
};

/* Return the transport header that T tells; NO_HEADER: not known. */
static enum header transport_of(const struct packet_told *t)
{
	static const struct {
		uint16_t set;
		enum header header;
	} known[] = {
		{ SAY_TCP, TCP },
		{ SAY_UDP, UDP },
		{ SAY_SCTP, SCTP },
		{ SAY_TCP | SAY_UDP | SAY_SCTP, PORTS },
		{ SAY_ICMP, ICMP },
		{ SAY_ICMP6, ICMP6 },
		{ SAY_FRAG6, FRAG6 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(known); i++)
		if (!(t->transport & ~known[i].set))
			return known[i].header;
	return NO_HEADER;
}

static bool in_transport(struct spot *p, const struct packet_told *t, uint32_t offset)
{
	p->header = transport_of(t);
	p->offset = offset;
	return p->header != NO_HEADER;
}

/* Tell whether OFFSET is one from the start of the packet. */
static bool in_network(struct spot *p, const struct packet_told *t, uint32_t offset)
{
	uint32_t from = offset - t->at;

	p->offset = from;
	if (t->type == NOT_SET && !from && p->width == 1 && p->selected == 0xf0) {
		p->header = IP; /* both families begin with the version */
		return true;
	}
	switch (t->net) {
	case SAY_IP:
		p->header = IP;
		return from < 20 ||
		       (t->ip_size && from >= t->ip_size && in_transport(p, t, from - t->ip_size));
	case SAY_IP6:
		p->header = IP6;
		return from < 40 || in_transport(p, t, from - 40);
	case SAY_ARP:
	case SAY_RARP:
	case SAY_ARP | SAY_RARP:
		p->header = ARP;
		return from < 28;
	}
	return false;
}

static bool in_link(struct spot *p, const struct packet_linktype *l,
                    const struct packet_told *t, uint32_t offset)
{
	uint32_t first = t->type - 4 * t->tags;

	p->header = NO_HEADER;
	p->offset = 0;
	p->one = &ethertype;
	if (p->width == 2 && t->type != NOT_SET && offset >= first && offset <= t->type &&
	    (offset - first) % 4 == 0)
		return true;
	p->one = &direction;
	if (l->direction.width == p->width && l->direction.offset == offset)
		return true;
	p->header = VLAN;
	p->offset = (offset - first - 2) % 4;
	if (t->type != NOT_SET && offset > first && offset < t->type)
		return true;
	p->header = ETHER;
	p->offset = offset;
	return l->address == ADDR_MAC48 && l->dst == 0 && l->src == 6 && offset < 12;
}

/* Set *OFFSET to where X + OFFSET is in the IPv4 payload, if X is the header's length. */
static bool is_behind_ip(const struct packet_told *t, const struct ir_value *x,
                         uint32_t *offset)
{
	uint32_t more = 0;

	for (unsigned i = 0; x->op == IR_ADD && i < 2; i++)
		if (ir_is_const(x->arg[i])) {
			more = x->arg[i]->imm;
			x = x->arg[1 - i];
		}
	if (x->op != IR_MSH || x->imm != t->at || t->net != SAY_IP)
		return false;
	*offset += more - t->at;
	return true;
}

static bool locate(struct spot *p, const struct packet_linktype *l,
                   const struct packet_told *t, const struct say_bits *b)
{
	uint32_t offset = b->offset;

	*p = (struct spot){ .width = b->width, .selected = b->selected };
	if (b->base && ir_is_const(b->base))
		offset += b->base->imm;
	else if (b->base)
		return is_behind_ip(t, b->base, &offset) && in_transport(p, t, offset);
	if (t->at != NOT_SET && offset >= t->at)
		return in_network(p, t, offset);
	return in_link(p, l, t, offset);
}

/*
 * Find the bits of a port in B when only the network of the packet is told: the
 * optimizer may test a port before the protocol.
 */
static bool locate_port(struct spot *p, const struct packet_linktype *l,
                        const struct packet_told *t, const struct say_bits *b)
{
	struct packet_told with = *t;

	if (t->transport != SAY_TRANSPORTS)
		return false;
	with.transport = SAY_TCP | SAY_UDP | SAY_SCTP;
	return locate(p, l, &with, b) && p->header == PORTS && p->width == 2 &&
	       (!p->offset || p->offset == 2);
}

/* --- fields ------------------------------------------------------------------------- */

/* A field, or a part of it, among the selected bits of a load. */
struct part {
	const struct field *field;
	uint32_t bits; /* of it in the load, selected or not */
	uint32_t got;  /* those that are selected */
	uint8_t first; /* the first byte of the field that the load has, */
	uint8_t bytes; /* and how many of them */
	uint8_t shift; /* the place of its lowest bit */
};

enum {
	MOST_PARTS = 4
};

struct parts {
	struct part v[MOST_PARTS];
	unsigned n;
	bool all; /* they have all that is selected */
};

/* Find the bits of F that a load of P has. */
static bool find_part(struct part *part, const struct spot *p, const struct field *f)
{
	uint32_t from = max_u32(f->at, p->offset);
	uint32_t to = min_u32(f->at + f->width, p->offset + p->width);
	uint64_t mask = f->mask ? f->mask : UINT64_MAX, bits;
	uint8_t low;

	if (from >= to)
		return false;
	low = (uint8_t)(8 * (p->offset + p->width - to));
	/* Bytes of F after those in the load do not count. */
	mask >>= 8 * (f->at + f->width - to > 4 ? 4 : f->at + f->width - to);
	bits = mask & ((UINT64_C(1) << 8 * (to - from)) - 1);
	if (!bits)
		return false;
	part->field = f;
	part->first = (uint8_t)(from - f->at);
	part->bytes = (uint8_t)(to - from);
	part->bits = (uint32_t)(bits << low);
	part->got = part->bits & p->selected;
	part->shift = (uint8_t)__builtin_ctz(part->bits);
	return part->got;
}

static void find_parts(struct parts *parts, const struct spot *p)
{
	uint32_t found = 0;

	parts->n = 0;
	if (p->header == NO_HEADER)
		parts->n += find_part(&parts->v[0], p, p->one);
	for (unsigned i = ARRAY_LEN(fields); p->header != NO_HEADER && i-- > 0;)
		if (fields[i].header == p->header && fields[i].kind != GROUP &&
		    parts->n < MOST_PARTS)
			parts->n += find_part(&parts->v[parts->n], p, &fields[i]);
	for (unsigned i = 0; i < parts->n; i++)
		found |= parts->v[i].got;
	parts->all = found == p->selected;
}

/* Return the group that P covers exactly, or NULL. */
static const struct field *find_group(const struct spot *p)
{
	struct part part;

	for (unsigned i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].header == p->header && fields[i].kind == GROUP &&
		    find_part(&part, p, &fields[i]) && part.got == p->selected &&
		    part.got == part.bits && part.bytes == fields[i].width)
			return &fields[i];
	return NULL;
}

static void put_name(struct buf *out, const struct part *part)
{
	const struct field *f = part->field;

	buf_puts(out, f->text);
	if (part->bytes < f->width && part->bytes == 1)
		buf_printf(out, "[%u]", part->first);
	else if (part->bytes < f->width)
		buf_printf(out, "[%u:%u]", part->first, part->bytes);
}

/* --- values of fields ------------------------------------------------------------------- */

static const struct {
	const char *text;
	uint32_t value;
} constants[] = {
#define CONSTANT(text, value) { text, value },
#include "packet/constants.def"
};

/* Return the name of VALUE among those that begin with PREFIX. */
static const char *constant_name(const char *prefix, uint32_t value)
{
	for (unsigned i = 0; i < ARRAY_LEN(constants); i++)
		if (constants[i].value == value &&
		    !strncmp(constants[i].text, prefix, strlen(prefix)))
			return constants[i].text;
	return NULL;
}

static void put_flags(struct buf *out, uint32_t value)
{
	bool one = !(value & (value - 1));
	const char *join = one ? "" : "(";

	for (uint32_t bit = 1; bit <= value && bit; bit <<= 1)
		if (value & bit) {
			buf_printf(out, "%s%s", join, constant_name("tcp-", bit));
			join = "|";
		}
	buf_puts(out, one ? "" : ")");
}

static void put_address(struct buf *out, uint32_t value)
{
	buf_printf(out, "%u.%u.%u.%u", value >> 24, value >> 16 & 0xff, value >> 8 & 0xff,
	           value & 0xff);
}

static const char *name_of(enum kind kind, uint32_t value)
{
	switch (kind) {
	case ETHERTYPE:
		return packet_number_name(PACKET_ETHERTYPE, value);
	case IPPROTO:
		return packet_number_name(PACKET_IPPROTO, value);
	case KIND_ICMP:
		return constant_name("icmp-", value);
	case KIND_ICMP6:
		return constant_name("icmp6-", value);
	case NUMBER:
	case WORDS:
	case HEX:
	case ADDRESS:
	case TCPFLAGS:
	case GROUP:
		break;
	}
	return NULL;
}

/* Write VALUE as the part's field would have it. */
static void put_number(struct buf *out, const struct part *part, uint32_t value)
{
	enum kind kind = part->field->kind;
	bool whole = part->bytes == part->field->width;
	const char *name = whole ? name_of(kind, value) : NULL;

	if (name)
		buf_puts(out, name);
	else if (whole && kind == WORDS)
		buf_printf(out, "%u", 4 * value);
	else if (whole && kind == ADDRESS)
		put_address(out, value);
	else if (whole && kind == TCPFLAGS && value && value < 0x100)
		put_flags(out, value);
	else if (kind == HEX || kind == ETHERTYPE || kind == TCPFLAGS)
		buf_printf(out, "0x%x", value);
	else
		buf_printf(out, "%u", value);
}

/* Write "tcp flags", or "tcp flags & tcp-syn" if only that bit is selected. */
static void put_bits(struct buf *out, const struct part *part)
{
	uint32_t got = part->got >> part->shift;

	put_name(out, part);
	if (part->got == part->bits)
		return;
	buf_puts(out, " & ");
	if (part->field->kind == TCPFLAGS)
		put_flags(out, got);
	else
		buf_printf(out, "0x%x", got);
}

/* --- metadata -------------------------------------------------------------------------- */

static const char *metadata_name(const struct ir_value *v)
{
	static const struct {
		uint32_t which;
		const char *text;
	} words[] = {
		{ SKF_AD_PROTOCOL, "protocol (metadata)" },
		{ SKF_AD_PKTTYPE, "packet type" },
		{ SKF_AD_IFINDEX, "interface index" },
		{ SKF_AD_MARK, "mark" },
		{ SKF_AD_QUEUE, "queue" },
		{ SKF_AD_HATYPE, "hardware type" },
		{ SKF_AD_RXHASH, "hash" },
		{ SKF_AD_CPU, "cpu" },
		{ SKF_AD_VLAN_TAG, "vlan tag (metadata)" },
		{ SKF_AD_VLAN_TAG_PRESENT, "vlan present (metadata)" },
		{ SKF_AD_PAY_OFFSET, "payload offset" },
		{ SKF_AD_RANDOM, "a random number" },
		{ SKF_AD_VLAN_TPID, "vlan protocol (metadata)" },
	};

	for (unsigned i = 0; v->op == IR_ANC && i < ARRAY_LEN(words); i++)
		if (words[i].which == v->imm)
			return words[i].text;
	return v->op == IR_LEN ? "packet length" : NULL;
}

/* Write the name of V, metadata or some bits of it; false if V is something else. */
static bool put_metadata(struct buf *out, const struct ir_value *v)
{
	uint32_t mask = UINT32_MAX, number;
	const char *name;

	for (; has_constant(v, IR_AND, &number); v = v->arg[0])
		mask &= number;
	name = metadata_name(v);
	if (name)
		buf_puts(out, name);
	if (name && mask != UINT32_MAX)
		buf_printf(out, " & 0x%x", mask);
	return name;
}

static bool put_metadata_test(struct buf *out, enum ir_cmp cmp, const struct ir_value *v,
                              uint32_t number)
{
	static const char *const words[] = {
		[IR_EQ] = "==",
		[IR_GT] = ">",
		[IR_GE] = ">=",
		[IR_ANY] = "&",
	};

	if (!put_metadata(out, v))
		return false;
	buf_printf(out, " %s %u", words[cmp], number);
	return true;
}

/* --- the whole --------------------------------------------------------------------------- */

void packet_put_value(struct buf *out, const struct packet_linktype *l,
                      const struct packet_told *t, const struct ir_value *v)
{
	const struct field *group;
	bool guess;
	struct parts parts;
	struct say_bits b;
	struct spot p;

	if (put_metadata(out, v))
		return;
	if (v->op == IR_MSH && t->net == SAY_IP && v->imm == t->at)
		buf_puts(out, "ip header length");
	if (!say_bits(&b, v))
		return;
	guess = !locate(&p, l, t, &b);
	if (guess && !locate_port(&p, l, t, &b))
		return;
	group = find_group(&p);
	if (group)
		buf_puts(out, group->text);
	find_parts(&parts, &p);
	for (unsigned i = parts.n; !group && parts.all && i-- > 0;) {
		put_bits(out, &parts.v[i]);
		buf_puts(out, i ? ", " : guess ? IF_PORTS
		                               : "");
	}
}

/* Write an equality, such as "ip ttl == 1 and ip proto == tcp". */
static void put_equal(struct buf *out, const struct parts *parts, uint32_t number)
{
	for (unsigned i = parts->n; i-- > 0;) {
		const struct part *part = &parts->v[i];

		put_bits(out, part);
		buf_puts(out, " == ");
		put_number(out, part, (number & part->got) >> part->shift);
		buf_puts(out, i ? " and " : "");
	}
}

/* Write a test of bits, such as "tcp flags & tcp-syn != 0". */
static void put_any(struct buf *out, const struct parts *parts)
{
	for (unsigned i = parts->n; i-- > 0;) {
		put_bits(out, &parts->v[i]);
		buf_puts(out, i ? " != 0 or " : " != 0");
	}
}

static void put_order(struct buf *out, const struct part *part, enum ir_cmp cmp,
                      uint32_t number)
{
	put_name(out, part);
	buf_puts(out, cmp == IR_GT ? " > " : " >= ");
	put_number(out, part, number >> part->shift);
}

void packet_put_test(struct buf *out, const struct packet_linktype *l,
                     const struct packet_told *t, enum ir_cmp cmp,
                     const struct ir_value *v, uint32_t number)
{
	uint64_t placed = number;
	struct parts parts;
	const char *name, *guess = "";
	uint32_t less;

	for (; cmp == IR_EQ && has_constant(v, IR_SUB, &less); v = v->arg[0])
		placed = number += less;
	struct say_bits b;
	struct spot p;

	if (put_metadata_test(out, cmp, v, number) || !say_bits(&b, v))
		return;
	if (!locate(&p, l, t, &b)) {
		/* Or for the protocol before it asks for IP. */
		name = cmp == IR_EQ ? packet_value_name(l->dlt, v, number) : NULL;
		if (name && t->net == SAY_NETS)
			buf_printf(out, "%s, if ip", name);
		guess = IF_PORTS;
		if (!locate_port(&p, l, t, &b))
			return;
	}
	placed <<= b.shift;
	if (cmp == IR_ANY)
		p.selected &= (uint32_t)placed;
	find_parts(&parts, &p);
	if (!parts.all || !parts.n || (cmp == IR_EQ && placed & ~(uint64_t)p.selected))
		return;
	if (cmp == IR_EQ)
		put_equal(out, &parts, (uint32_t)placed);
	else if (cmp == IR_ANY)
		put_any(out, &parts);
	else if (parts.n == 1 && parts.v[0].got == parts.v[0].bits &&
	         placed >> parts.v[0].shift << parts.v[0].shift == placed)
		put_order(out, &parts.v[0], cmp, (uint32_t)placed);
	buf_puts(out, guess);
}
