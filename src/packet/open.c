/*
 * Open sets: `host in @NAME` and the like. What a set holds follows from the
 * qualifiers; whether a packet has one of its members, only the finished program knows.
 */
#include <string.h>

#include "packet/primitive.h"

/* --- which sets there are ----------------------------------------------------- */

/* What a kind of set holds, in words. */
static const char *const kind_texts[] = {
	[PACKET_SET_IP4] = "addresses",
	[PACKET_SET_IP6] = "addresses",
	[PACKET_SET_NET4] = "networks",
	[PACKET_SET_NET6] = "networks",
	[PACKET_SET_PORT] = "ports",
	[PACKET_SET_MAC] = "MAC addresses",
	[PACKET_SET_VLAN] = "VLANs",
};

static bool is_named(const struct packet_set *s, const struct id *id)
{
	return strlen(s->name) == id->len && !memcmp(s->name, id->text, id->len);
}

unsigned packet_open_set_of(struct packet *p, const struct id *id,
                            enum packet_set_kind kind)
{
	struct packet_sets *all = p->sets;

	for (unsigned i = 0; i < all->n; i++) {
		if (!is_named(&all->v[i], id))
			continue;
		if (all->v[i].kind == kind)
			return i + 1;
		if (kind_texts[all->v[i].kind] == kind_texts[kind])
			continue;
		packet_fail(p, id->at, "'@%.*s' is a set of %s here, but of %s before",
		            (int)id->len, id->text, kind_texts[kind], kind_texts[all->v[i].kind]);
		return 0;
	}
	if (all->n == PACKET_MAX_SETS) {
		packet_fail(p, id->at, E_LIMIT "an expression has at most %d open sets; "
		                               "'host' and 'net' without 'ip' or 'ip6' need two",
		            PACKET_MAX_SETS);
		return 0;
	}
	all->v[all->n].kind = kind;
	memcpy(all->v[all->n].name, id->text, id->len);
	return ++all->n;
}

/* --- what qualifiers ask about ----------------------------------------------------- */

/* Build the test of hosts or networks: of the family that Q asks for, or of both. */
static const struct formula *addresses(struct packet *p, const struct qual *q,
                                       const struct id *id)
{
	bool net = q->type == TYPE_NET, four = q->proto != Q_IP6;
	bool six = q->proto == Q_DEFAULT || q->proto == Q_IP6;
	unsigned v4 = 0, v6 = 0;

	if (!packet_plain_dir(p, q))
		return p->no;
	if (q->proto != Q_DEFAULT && q->proto != Q_IP && q->proto != Q_IP6 &&
	    q->proto != Q_ARP && q->proto != Q_RARP)
		return packet_wrong_proto(p, q, net ? "a set of networks" : "a set of addresses",
		                          net ? "'ip', 'ip6', 'arp' and 'rarp'"
		                              : "'ip', 'ip6', 'arp', 'rarp' and 'ether'");
	if (four)
		v4 = packet_open_set_of(p, id, net ? PACKET_SET_NET4 : PACKET_SET_IP4);
	if (six && !p->failed)
		v6 = packet_open_set_of(p, id, net ? PACKET_SET_NET6 : PACKET_SET_IP6);
	return p->failed ? p->no : list_open(p, LIST_ADDRESS, *q, 0, v4, v6);
}

static const struct formula *macs(struct packet *p, const struct qual *q,
                                  const struct id *id)
{
	unsigned set;

	if (p->at.link->address != ADDR_MAC48)
		return packet_not_here(p, "MAC addresses that a set can hold");
	if (!packet_plain_dir(p, q))
		return p->no;
	set = packet_open_set_of(p, id, PACKET_SET_MAC);
	return set ? list_open(p, LIST_MAC, *q, 0, set, 0) : p->no;
}

static const struct formula *ports(struct packet *p, const struct qual *q,
                                   const struct id *id)
{
	unsigned set;
	int ipproto;

	if (!packet_transport(p, q, &ipproto))
		return p->no;
	set = packet_open_set_of(p, id, PACKET_SET_PORT);
	return set ? list_open(p, LIST_PORT, *q, ipproto, set, 0) : p->no;
}

/* Refuse "src and dst", which of a closed set means that both are the same member. */
static bool one_side(struct packet *p, const struct qual *q, const struct id *id)
{
	if (q->dir != DIR_AND)
		return true;
	packet_fail(p, id->at, "'src and dst' would ask whether both are the same member; write "
	                       "'src %s in @%.*s and dst %s in @%.*s'",
	            packet_type_text(q->type), (int)id->len, id->text, packet_type_text(q->type),
	            (int)id->len, id->text);
	return false;
}

const struct formula *packet_open_set(struct packet *p, const struct qual *q,
                                      const struct id *id)
{
	if (!one_side(p, q, id))
		return p->no;
	switch ((enum type)q->type) {
	case TYPE_DEFAULT:
	case TYPE_HOST:
		return q->proto == Q_LINK ? macs(p, q, id) : addresses(p, q, id);
	case TYPE_NET:
		return addresses(p, q, id);
	case TYPE_PORT:
		return ports(p, q, id);
	case TYPE_PORTRANGE:
	case TYPE_PROTO:
	case TYPE_PROTOCHAIN:
	case TYPE_GATEWAY:
	case TYPE_UNDEF:
		break;
	}
	packet_fail(p, id->at, "a set that changes holds hosts, networks, ports, MAC addresses "
	                       "or VLANs; '%s' cannot qualify one",
	            packet_type_text(q->type));
	return p->no;
}
