/*
 * What is put into open sets: addresses, networks, numbers and ranges, one a line,
 * as `in "file"` has them. Names are not looked up.
 */
#include <string.h>

#include "packet/parse.h"

struct reading {
	struct diags *diags;
	unsigned kinds;
};

static bool takes(const struct reading *r, enum packet_set_kind kind)
{
	return r->kinds >> kind & 1;
}

/* Say why ID is not an item; return false. */
static bool wrong(const struct reading *r, const struct id *id, const char *what)
{
	diag_error(r->diags, id->at, "%s", what);
	return false;
}

/* --- addresses ------------------------------------------------------------------ */

/* Tell whether all bits of OUT after its prefix are 0. */
static bool is_network(const struct packet_item *out, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		unsigned bits = out->prefix <= 8 * i ? 0 : min_u32(out->prefix - 8 * i, 8);

		if (out->bytes[i] & 0xff >> bits)
			return false;
	}
	return true;
}

/* Give an address of BYTES bytes, of which the prefix counts, to a set of HOST or NET. */
static bool give(const struct reading *r, const struct id *id, unsigned bytes,
                 enum packet_set_kind host, enum packet_set_kind net,
                 struct packet_item *out)
{
	bool whole = out->prefix == 8 * bytes;

	out->kind = takes(r, net) ? net : host;
	if (!takes(r, net) && !takes(r, host))
		return wrong(r, id, bytes == 4 ? "this set holds no IPv4 addresses" : "this set holds no IPv6 addresses");
	if (!whole && !takes(r, net))
		return wrong(r, id, "this set holds hosts, and no networks; 'net in @NAME' asks "
		                    "about those");
	return is_network(out, bytes) ||
	       wrong(r, id, "non-zero host bits after the prefix");
}

/* Return the bits of MASK, or -1 if it has holes. */
static int prefix_of(uint32_t mask)
{
	int bits = 0;

	while (bits < 32 && mask << bits & 0x80000000)
		bits++;
	return bits == 32 || !(mask << bits) ? bits : -1;
}

static bool ipv4(const struct reading *r, const struct id *id, struct packet_item *out)
{
	uint32_t address, mask = 0;
	int bits = packet_read_ipv4(id->text, id->len, &address);

	if (bits < 0)
		return wrong(r, id, "not an IPv4 address: its parts are decimal numbers up to 255");
	if (id->kind == ID_IPV4 && bits < 32)
		return wrong(r, id, "this IPv4 address has fewer than four parts");
	address <<= 32 - bits;
	if (id->kind == ID_IPV4_PREFIX)
		bits = id->number > 32 ? -1 : (int)id->number;
	else if (id->kind == ID_IPV4_MASK)
		bits = packet_read_ipv4(id->text2, id->len2, &mask) == 32 ? prefix_of(mask) : -1;
	if (bits < 0)
		return wrong(r, id, "expected a prefix of 0 to 32 bits");
	out->prefix = (uint8_t)bits;
	for (unsigned i = 0; i < 4; i++)
		out->bytes[i] = (uint8_t)(address >> (24 - 8 * i));
	return give(r, id, 4, PACKET_SET_IP4, PACKET_SET_NET4, out);
}

static bool ipv6(const struct reading *r, const struct id *id, struct packet_item *out)
{
	uint32_t bits = id->kind == ID_IPV6_PREFIX ? id->number : 128;

	if (bits > 128)
		return wrong(r, id, "expected a prefix of 0 to 128 bits");
	packet_read_ipv6(id->text, id->len, out->bytes);
	out->prefix = (uint8_t)bits;
	return give(r, id, 16, PACKET_SET_IP6, PACKET_SET_NET6, out);
}

/* --- the rest ----------------------------------------------------------------------- */

static bool number(const struct reading *r, const struct id *id, struct packet_item *out)
{
	uint32_t last = id->kind == ID_RANGE ? id->number2 : id->number;
	uint32_t most = takes(r, PACKET_SET_PORT) ? 0xffff : 0xfff;

	out->kind = takes(r, PACKET_SET_PORT) ? PACKET_SET_PORT : PACKET_SET_VLAN;
	if (!takes(r, out->kind))
		return wrong(r, id, "this set holds no numbers");
	if (last > most) {
		diag_error(r->diags, id->at, E_RANGE "%s %u is above %u",
		           out->kind == PACKET_SET_PORT ? "port" : "VLAN", last, most);
		return false;
	}
	out->first = (uint16_t)id->number;
	out->last = (uint16_t)last;
	return true;
}

static bool item(const struct reading *r, const struct id *id, struct packet_item *out)
{
	switch (id->kind) {
	case ID_NUM:
	case ID_RANGE:
		return number(r, id, out);
	case ID_IPV4:
	case ID_IPV4_PREFIX:
	case ID_IPV4_MASK:
		return ipv4(r, id, out);
	case ID_IPV6:
	case ID_IPV6_PREFIX:
		return ipv6(r, id, out);
	case ID_MAC:
		out->kind = PACKET_SET_MAC;
		packet_read_mac(id->text, id->len, out->bytes);
		return takes(r, PACKET_SET_MAC) || wrong(r, id, "this set holds no MAC addresses");
	case ID_NONE:
	case ID_NAME:
	case ID_MAC8:
	case ID_SET:
	case ID_OPEN:
		break;
	}
	return wrong(r, id, "expected an address, a network or a number; names are not looked up");
}

bool packet_read_items(struct arena *arena, struct diags *d, uint32_t source, unsigned kinds,
                       struct packet_items *out)
{
	struct packet_options o = { 0 };
	struct tree *tree = arena_new(arena, struct tree);
	struct parser p = {
		.tree = tree,
		.arena = arena,
		.diags = d,
		.o = &o,
	};
	struct reading r = { d, kinds };
	struct source text = d->sources.v[source];
	struct id set = { 0 };

	if (!parse_items(&p, source, text.name, text.text, text.len, &set))
		return false;
	for (uint32_t i = 0; i < set.number; i++) {
		struct packet_item one = { 0 };

		if (!item(&r, &tree->ids.v[set.number2 + i], &one))
			return false;
		array_push(arena, &out->v, one);
	}
	return true;
}
