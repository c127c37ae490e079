/*
 * Primitives with qualifiers: `[proto] [dir] type id`. First what an id says,
 * then what the qualifiers make of it; an error says which of them does not fit.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packet/primitive.h"

/* How messages show an id. */
#define SHOW(id) (int)(id)->len, (id)->text

/* --- qualifiers that fit -------------------------------------------------- */

/* Return what an id is, in words. */
static const char *kind_text(const struct id *id)
{
	switch (id->kind) {
	case ID_NUM:
		return "a number";
	case ID_NAME:
		return "a name";
	case ID_IPV4:
		return "an IPv4 address";
	case ID_IPV4_PREFIX:
	case ID_IPV4_MASK:
		return "an IPv4 network";
	case ID_IPV6:
		return "an IPv6 address";
	case ID_IPV6_PREFIX:
		return "an IPv6 network";
	case ID_MAC:
		return "a MAC address";
	case ID_MAC8:
		return "an 8-bit hardware address";
	case ID_RANGE:
		return "a range";
	case ID_NONE:
	case ID_SET:
	case ID_OPEN:
		break;
	}
	return "a set";
}

/* Return what a type takes, in words. */
static const char *wants_text(enum type type)
{
	switch (type) {
	case TYPE_DEFAULT:
	case TYPE_HOST:
		return "an address or a host name; for a network write 'net'";
	case TYPE_NET:
		return "an IP address or network";
	case TYPE_PORT:
		return "a port number or the name of a service";
	case TYPE_PORTRANGE:
		return "two ports with '-' between them";
	case TYPE_PROTO:
	case TYPE_PROTOCHAIN:
		return "a protocol number or name";
	case TYPE_GATEWAY:
		return "the name of a host";
	case TYPE_UNDEF:
		break;
	}
	return "something else";
}

static const struct formula *wrong_id(struct packet *p, const struct qual *q,
                                      const struct id *id)
{
	packet_fail(p, id->at, "this is %s, but '%s' needs %s", kind_text(id),
	            packet_type_text(q->type), wants_text(q->type));
	return p->no;
}

/* --- names ---------------------------------------------------------------- */

/*
 * Ask for a name: 0 and p->answer, -ENOENT, or another -errno, which is
 * reported.
 */
static int ask(struct packet *p, enum packet_name_kind kind, const struct id *id)
{
	const char *name = arena_strndup(p->arena, id->text, id->len);
	int result;

	if (!p->o->resolve)
		return -ENOENT;
	if (!p->answer)
		p->answer = arena_new(p->arena, struct packet_resolved);
	memset(p->answer, 0, sizeof *p->answer);
	result = p->o->resolve(p->o->ctx, kind, name, p->answer);
	if (result && result != -ENOENT)
		packet_fail(p, id->at, E_OUTSIDE "cannot look up '%s': %s", name,
		            strerror(-result));
	return result;
}

/* Tell whether the id looks like "80-90" where one port is wanted. */
static bool looks_like_range(const struct id *id)
{
	const char *dash = memchr(id->text, '-', id->len);

	if (!dash || dash == id->text || dash == id->text + id->len - 1)
		return false;
	for (const char *c = id->text; c < id->text + id->len; c++)
		if (c != dash && (*c < '0' || *c > '9'))
			return false;
	return true;
}

static const struct formula *unknown_name(struct packet *p, const struct id *id,
                                          const char *what)
{
	const char *near = packet_near_word(id->text, id->len);

	if (looks_like_range(id))
		packet_fail(p, id->at, "'%.*s' is not a %s; for a range of ports write "
		                       "'portrange %.*s'",
		            SHOW(id), what, SHOW(id));
	else if (!p->o->resolve)
		packet_fail(p, id->at, E_OUTSIDE "looking up the %s '%.*s' is not possible "
		                                 "here; write it as a number",
		            what, SHOW(id));
	else
		packet_fail(p, id->at, E_UNKNOWN "unknown %s '%.*s'%s%s%s", what, SHOW(id),
		            near ? "; did you mean the keyword '" : "", near ? near : "",
		            near ? "'?" : "");
	return p->no;
}

/* --- hosts and nets ------------------------------------------------------- */

static struct address ipv4_address(uint32_t address, uint32_t mask)
{
	return (struct address){ .word = { address }, .mask = { mask } };
}

static const struct formula *ipv4(struct packet *p, const struct qual *q,
                                  const struct id *id, uint32_t address, uint32_t mask)
{
	struct address a = ipv4_address(address, mask);

	if (q->proto == Q_LINK) {
		packet_fail(
			p, id->at,
			"this is an IP address, but a link layer has MAC addresses; "
			"remove 'ether' (link, wlan, ...), or write a MAC address");
		return p->no;
	}
	if (!packet_plain_dir(p, q))
		return p->no;
	if (q->proto != Q_DEFAULT && q->proto != Q_IP && q->proto != Q_ARP &&
	    q->proto != Q_RARP)
		return packet_wrong_proto(p, q, "an IPv4 address", "'ip', 'arp' and 'rarp'");
	return list_addresses(p, 4, *q, &a, 1, false);
}

/* Build a number as an address; for net, shift out its leading zero bytes. */
static const struct formula *number_address(struct packet *p, const struct qual *q,
                                            const struct id *id)
{
	uint32_t address = id->number, mask = 0xffffffff;

	while (q->type == TYPE_NET && address && !(address & 0xff000000)) {
		address <<= 8;
		mask <<= 8;
	}
	return ipv4(p, q, id, address, mask);
}

/* Read N.N, N.N.N or N.N.N.N and the mask that it implies; false after an error. */
static bool dotted(struct packet *p, const struct id *id, const char *text,
                   uint32_t len, uint32_t *address, uint32_t *mask)
{
	int bits = packet_read_ipv4(text, len, address);

	if (bits < 0) {
		packet_fail(
			p, id->at,
			"'%.*s' is not an IPv4 address: its parts are decimal numbers up to 255",
			(int)len, text);
		return false;
	}
	*address <<= 32 - bits;
	*mask = 0xffffffff << (32 - bits);
	return true;
}

static const struct formula *ipv4_net(struct packet *p, const struct qual *q,
                                      const struct id *id)
{
	uint32_t address, mask, ignored;

	if (!dotted(p, id, id->text, id->len, &address, &mask))
		return p->no;
	if (id->kind == ID_IPV4_MASK) {
		if (!dotted(p, id, id->text2, id->len2, &mask, &ignored))
			return p->no;
	} else {
		if (!packet_at_most(p, id->at, "prefix length", id->number, 32))
			return p->no;
		mask = id->number ? 0xffffffff << (32 - id->number) : 0;
	}
	if (address & ~mask) {
		packet_fail(
			p, id->at,
			"non-zero host bits; the network is %u.%u.%u.%u",
			(address & mask) >> 24, (address & mask) >> 16 & 255,
			(address & mask) >> 8 & 255, address & mask & 255);
		return p->no;
	}
	return ipv4(p, q, id, address, mask);
}

static struct address ipv6_address(const uint8_t bytes[16], uint32_t prefix)
{
	struct address a = { 0 };

	for (unsigned i = 0; i < IR_WORDS; i++) {
		uint32_t bits = prefix < 32 * i ? 0 : min_u32(prefix - 32 * i, 32);

		a.word[i] = (uint32_t)bytes[4 * i] << 24 |
		            (uint32_t)bytes[4 * i + 1] << 16 |
		            (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
		a.mask[i] = bits ? 0xffffffff << (32 - bits) : 0;
	}
	return a;
}

static const struct formula *ipv6(struct packet *p, const struct qual *q,
                                  const struct id *id, const uint8_t bytes[16],
                                  uint32_t prefix)
{
	struct address a = ipv6_address(bytes, prefix);

	for (unsigned i = 0; i < IR_WORDS; i++)
		if (a.word[i] & ~a.mask[i]) {
			packet_fail(p, id->at,
			            "non-zero host bits after a prefix of %u bits",
			            prefix);
			return p->no;
		}
	if (!packet_plain_dir(p, q))
		return p->no;
	if (q->proto != Q_DEFAULT && q->proto != Q_IP6)
		return packet_wrong_proto(p, q, "an IPv6 address", "only 'ip6'");
	return list_addresses(p, 6, *q, &a, 1, false);
}

static int by_address(const void *a, const void *b)
{
	return memcmp(((const struct address *)a)->word,
	              ((const struct address *)b)->word, sizeof(uint32_t[IR_WORDS]));
}

/*
 * Collect the addresses of one family from the resolver's answer, sorted;
 * return how many.
 */
static uint32_t answered(struct packet *p, unsigned family, struct address *out)
{
	uint32_t n = 0;

	for (size_t i = 0; i < p->answer->n && i < PACKET_MAX_ADDRESSES; i++) {
		if (p->answer->address[i].family != family)
			continue;
		out[n] = ipv6_address(p->answer->address[i].bytes,
		                      family == 4 ? 32 : 128);
		if (family == 4)
			out[n].word[1] = out[n].word[2] = out[n].word[3] = 0;
		n++;
	}
	qsort(out, n, sizeof *out, by_address);
	return n;
}

/* Build host NAME for both families, or for the one that is asked for. */
static const struct formula *named_host(struct packet *p, struct qual q,
                                        const struct id *id, bool six, bool negated)
{
	bool four = q.proto != Q_IP6;
	const struct formula *f = NULL, *g;
	struct address *a;
	uint32_t n;

	if (!packet_plain_dir(p, &q))
		return p->no;
	if (q.proto != Q_DEFAULT && q.proto != Q_IP && q.proto != Q_IP6 &&
	    q.proto != Q_ARP && q.proto != Q_RARP)
		return packet_wrong_proto(p, &q, "a host name",
		                          "'ip', 'ip6', 'arp', 'rarp' and 'ether'");
	if (ask(p, PACKET_NAME_HOST, id))
		return p->failed ? p->no : unknown_name(p, id, "host");
	a = arena_array(p->arena, struct address, PACKET_MAX_ADDRESSES);
	n = four ? answered(p, 4, a) : 0;
	if (n)
		f = list_addresses(p, 4, q, a, n, negated);
	six = six && (q.proto == Q_DEFAULT || q.proto == Q_IP6);
	n = six ? answered(p, 6, a) : 0;
	if (n) {
		g = list_addresses(p, 6, q, a, n, negated);
		f = f ? formula_or(p, f, g) : g;
	}
	if (f)
		return f;
	packet_fail(p, id->at, "'%.*s' has no %s address", SHOW(id),
	            q.proto == Q_IP6 ? "IPv6" : "IPv4");
	return p->no;
}

static const struct formula *named_net(struct packet *p, const struct qual *q,
                                       const struct id *id)
{
	uint32_t address, mask = 0xffffffff;

	if (ask(p, PACKET_NAME_NET, id) || !p->answer->number)
		return p->failed ? p->no : unknown_name(p, id, "network");
	address = p->answer->number;
	while (!(address & 0xff000000)) {
		address <<= 8;
		mask <<= 8;
	}
	return ipv4(p, q, id, address, mask);
}

static const struct formula *named_mac(struct packet *p, const struct id *id,
                                       enum dir dir)
{
	if (p->at.link->address != ADDR_MAC48 && p->at.link->address != ADDR_WLAN)
		return packet_not_here(p, "MAC addresses");
	if (ask(p, PACKET_NAME_ETHER, id))
		return p->failed ? p->no : unknown_name(p, id, "hardware address");
	return packet_mac(p, p->answer->mac, dir, id->at);
}

static const struct formula *gateway(struct packet *p, struct qual q,
                                     const struct id *id)
{
	const struct formula *mac, *not_host;

	if (q.proto != Q_DEFAULT && q.proto != Q_IP && q.proto != Q_ARP &&
	    q.proto != Q_RARP)
		return packet_wrong_proto(p, &q, "'gateway'", "'ip', 'arp' and 'rarp'");
	if (p->at.labels || p->at.encap) {
		packet_fail(
			p, p->span,
			"'gateway' must not follow 'mpls', 'vxlan' or 'geneve'");
		return p->no;
	}
	mac = named_mac(p, id, DIR_OR);
	if (p->failed)
		return p->no;
	q.dir = DIR_OR;
	not_host = named_host(p, q, id, false, true);
	return formula_and(p, mac, not_host);
}

/* --- ports ---------------------------------------------------------------- */

enum {
	ANY_TRANSPORT = -1
};

/*
 * Look up a service: its port, and the transport that has it. False after an
 * error.
 */
static bool service(struct packet *p, const struct id *id, uint32_t *port, int *ipproto)
{
	bool tcp = ask(p, PACKET_NAME_PORT_TCP, id) == 0, udp;
	uint32_t tcp_port = tcp ? p->answer->number : 0;

	udp = !p->failed && ask(p, PACKET_NAME_PORT_UDP, id) == 0;
	if (p->failed)
		return false;
	if (!tcp && !udp) {
		unknown_name(p, id, "port");
		return false;
	}
	*port = tcp ? tcp_port : p->answer->number;
	*ipproto = tcp && udp && tcp_port == p->answer->number ? ANY_TRANSPORT : tcp ? 6
	                                                                             : 17;
	return true;
}

/* Tell whether FOUND is what the name service knows, ASKED what the expression says. */
static bool same_transport(struct packet *p, const struct id *id, int asked, int *found)
{
	if (asked == ANY_TRANSPORT)
		return true;
	if (*found != ANY_TRANSPORT && *found != asked) {
		packet_fail(p, id->at, "'%.*s' is a service of %s, not of %s", SHOW(id),
		            packet_number_name(PACKET_IPPROTO, (uint32_t)*found),
		            packet_number_name(PACKET_IPPROTO, (uint32_t)asked));
		return false;
	}
	*found = asked;
	return true;
}

static const struct formula *ports(struct packet *p, const struct qual *q,
                                   const struct id *id, int ipproto, uint32_t a,
                                   uint32_t b)
{
	if (!packet_at_most(p, id->at, "port", a, 0xffff) ||
	    !packet_at_most(p, id->at, "port", b, 0xffff))
		return p->no;
	return list_ports(p, *q, ipproto, min_u32(a, b), max_u32(a, b));
}

/*
 * Read half of a range: a number, or the name of a service. False after an
 * error.
 */
static bool half_port(struct packet *p, const struct id *half, uint32_t *port,
                      int *ipproto)
{
	unsigned base;

	*ipproto = ANY_TRANSPORT;
	if (packet_read_number(half->text, half->len, port, &base) == NUMBER_OK)
		return true;
	return service(p, half, port, ipproto);
}

static bool named_range(struct packet *p, const struct id *id, uint32_t *a, uint32_t *b,
                        int *ipproto)
{
	const char *dash = memchr(id->text, '-', id->len), *more;
	struct id first = *id, second = *id;
	int second_proto;

	if (!dash) {
		packet_fail(p, id->at,
		            "'%.*s' is not a range of two ports with '-' between them",
		            SHOW(id));
		return false;
	}
	first.len = (uint32_t)(dash - id->text);
	second.text = dash + 1;
	second.len = id->len - first.len - 1;
	more = memchr(second.text, '-', second.len);
	if (!first.len || !second.len || more) {
		packet_fail(p, id->at,
		            "'%.*s' is not a range of two ports with one '-' between them",
		            SHOW(id));
		return false;
	}
	if (!half_port(p, &first, a, ipproto) ||
	    !half_port(p, &second, b, &second_proto))
		return false;
	if (*ipproto != second_proto)
		*ipproto = ANY_TRANSPORT;
	return true;
}

static const struct formula *named_port(struct packet *p, const struct qual *q,
                                        const struct id *id)
{
	uint32_t a, b;
	int asked, found;
	bool ok;

	if (!packet_transport(p, q, &asked))
		return p->no;
	if (q->type == TYPE_PORTRANGE) {
		ok = named_range(p, id, &a, &b, &found);
	} else {
		ok = service(p, id, &a, &found);
		b = a;
	}
	if (!ok || !same_transport(p, id, asked, &found))
		return p->no;
	return ports(p, q, id, found, a, b);
}

static const struct formula *numbered_port(struct packet *p, const struct qual *q,
                                           const struct id *id, uint32_t a, uint32_t b)
{
	int ipproto;

	return packet_transport(p, q, &ipproto) ? ports(p, q, id, ipproto, a, b) : p->no;
}

/* --- protocols ------------------------------------------------------------ */

static int proto_number(struct packet *p, const struct qual *q, const struct id *id)
{
	int n = -1;

	switch (q->proto) {
	case Q_DEFAULT:
	case Q_IP:
	case Q_IP6:
		if (!ask(p, PACKET_NAME_PROTO, id))
			return (int)p->answer->number;
		return packet_number_named(PACKET_IPPROTO, id->text, id->len);
	case Q_LINK:
		n = packet_number_named(PACKET_ETHERTYPE, id->text, id->len);
		return n >= 0 ? n
		              : packet_number_named(PACKET_LLCSAP, id->text, id->len);
	case Q_ISO:
		return packet_number_named(PACKET_NLPID, id->text, id->len);
	default:
		return -1;
	}
}

static const struct formula *unknown_proto(struct packet *p, const struct qual *q,
                                           const struct id *id)
{
	enum packet_number kind = q->proto == Q_LINK  ? PACKET_ETHERTYPE
	                          : q->proto == Q_ISO ? PACKET_NLPID
	                                              : PACKET_IPPROTO;
	const char *proto = q->proto ? packet_proto_text(q->proto) : "";

	packet_fail(p, id->at, E_UNKNOWN "unknown protocol '%.*s' after '%s%s%s'%s", SHOW(id), proto,
	            *proto ? " " : "", packet_type_text(q->type),
	            packet_number_near(p->arena, kind, id->text, id->len));
	return p->no;
}

static const struct formula *named_proto(struct packet *p, const struct qual *q,
                                         const struct id *id)
{
	int n = proto_number(p, q, id);

	if (n >= 0)
		return packet_proto(p, id->at, (uint32_t)n, q->proto);
	return p->failed ? p->no : unknown_proto(p, q, id);
}

/* --- hardware addresses --------------------------------------------------- */

const struct formula *packet_mac(struct packet *p, const uint8_t mac[6], enum dir dir,
                                 struct span at)
{
	struct qual q = { .proto = Q_LINK, .dir = dir, .type = TYPE_HOST };

	if (p->at.link->address == ADDR_WLAN)
		return packet_wlan_host(p, mac, dir);
	if (p->at.link->address != ADDR_MAC48)
		return packet_not_here(p, "MAC addresses");
	if (!packet_plain_dir(p, &q))
		return p->no;
	return list_mac(p, q, mac);
}

struct mac8_arg {
	uint32_t mac;
};

static const struct formula *mac8_side(struct packet *p, void *arg, bool dst)
{
	const struct mac8_arg *a = arg;
	const struct packet_linktype *l = p->at.link;

	return formula_masked(p, layout_load(p, BASE_HDR, dst ? l->dst : l->src, 1),
	                      0xffffffff, a->mac);
}

const struct formula *packet_mac8(struct packet *p, uint32_t mac, enum dir dir)
{
	struct mac8_arg arg = { mac };

	if (p->at.link->address != ADDR_MAC8)
		return packet_not_here(p, "8-bit hardware addresses");
	return list_sides(p, dir, mac8_side, &arg);
}

static const struct formula *hardware(struct packet *p, const struct qual *q,
                                      const struct id *id)
{
	uint8_t mac[6];

	if (q->proto != Q_LINK || q->type > TYPE_HOST) {
		packet_fail(p, id->at, E_SYNTAX "%s must follow 'ether host'",
		            kind_text(id));
		return p->no;
	}
	if (id->kind == ID_MAC8) {
		uint32_t n = 0;

		for (uint32_t i = 1; i < id->len; i++)
			n = n << 4 |
			    (uint32_t)(id->text[i] <= '9'
			                       ? id->text[i] - '0'
			                       : (id->text[i] | 0x20) - 'a' + 10);
		return packet_plain_dir(p, q) ? packet_mac8(p, n, q->dir) : p->no;
	}
	packet_read_mac(id->text, id->len, mac);
	return packet_mac(p, mac, q->dir, id->at);
}

/* --- ids ------------------------------------------------------------------ */

static const struct formula *num_id(struct packet *p, const struct qual *q,
                                    const struct id *id)
{
	switch ((enum type)q->type) {
	case TYPE_DEFAULT:
	case TYPE_HOST:
	case TYPE_NET:
		return number_address(p, q, id);
	case TYPE_PORT:
	case TYPE_PORTRANGE:
		return numbered_port(p, q, id, id->number, id->number);
	case TYPE_PROTO:
		return packet_proto(p, id->at, id->number, q->proto);
	case TYPE_PROTOCHAIN:
		return packet_protochain(p, id->at, id->number, q->proto);
	case TYPE_GATEWAY:
	case TYPE_UNDEF:
		break;
	}
	return wrong_id(p, q, id);
}

static const struct formula *name_id(struct packet *p, const struct qual *q,
                                     const struct id *id)
{
	int n;

	switch ((enum type)q->type) {
	case TYPE_DEFAULT:
	case TYPE_HOST:
		return q->proto == Q_LINK ? named_mac(p, id, q->dir)
		                          : named_host(p, *q, id, true, false);
	case TYPE_NET:
		return named_net(p, q, id);
	case TYPE_PORT:
	case TYPE_PORTRANGE:
		return named_port(p, q, id);
	case TYPE_PROTO:
		return named_proto(p, q, id);
	case TYPE_PROTOCHAIN:
		n = proto_number(p, q, id);
		if (n >= 0)
			return packet_protochain(p, id->at, (uint32_t)n, q->proto);
		return p->failed ? p->no : unknown_proto(p, q, id);
	case TYPE_GATEWAY:
		return gateway(p, *q, id);
	case TYPE_UNDEF:
		break;
	}
	return wrong_id(p, q, id);
}

/* Build a range in a set. */
static const struct formula *range_id(struct packet *p, const struct qual *q,
                                      const struct id *id)
{
	if (q->type == TYPE_PORT || q->type == TYPE_PORTRANGE)
		return numbered_port(p, q, id, id->number, id->number2);
	if (q->type == TYPE_PROTO &&
	    (q->proto == Q_DEFAULT || q->proto == Q_IP || q->proto == Q_IP6))
		return packet_at_most(p, id->at, "IP protocol", id->number2, 0xff)
		               ? list_protos(p, *q, id->number, id->number2)
		               : p->no;
	return wrong_id(p, q, id);
}

static bool is_address_type(const struct qual *q)
{
	return q->type == TYPE_DEFAULT || q->type == TYPE_HOST || q->type == TYPE_NET;
}

static const struct formula *one_id(struct packet *p, const struct qual *q,
                                    const struct id *id)
{
	uint32_t address, mask;
	uint8_t bytes[16];

	if (q->proto == Q_DECNET && id->kind != ID_IPV6 && id->kind != ID_IPV6_PREFIX &&
	    id->kind != ID_MAC && id->kind != ID_MAC8)
		return packet_decnet(p, id, *q);
	switch (id->kind) {
	case ID_NUM:
		return num_id(p, q, id);
	case ID_NAME:
		return name_id(p, q, id);
	case ID_RANGE:
		return range_id(p, q, id);
	case ID_MAC:
	case ID_MAC8:
		return hardware(p, q, id);
	case ID_IPV4:
		if (!is_address_type(q))
			return wrong_id(p, q, id);
		if (!dotted(p, id, id->text, id->len, &address, &mask))
			return p->no;
		return ipv4(p, q, id, address, mask);
	case ID_IPV4_PREFIX:
	case ID_IPV4_MASK:
		if (q->type != TYPE_NET)
			return wrong_id(p, q, id);
		return ipv4_net(p, q, id);
	case ID_IPV6:
	case ID_IPV6_PREFIX:
		packet_read_ipv6(id->text, id->len, bytes);
		if (id->kind == ID_IPV6 && is_address_type(q))
			return ipv6(p, q, id, bytes, 128);
		if (id->kind == ID_IPV6_PREFIX &&
		    !packet_at_most(p, id->at, "prefix length", id->number, 128))
			return p->no;
		if (q->type == TYPE_NET || (is_address_type(q) && id->number == 128))
			return ipv6(p, q, id, bytes, id->number);
		return wrong_id(p, q, id);
	case ID_OPEN:
		return packet_open_set(p, q, id);
	case ID_NONE:
	case ID_SET:
		break;
	}
	return p->no;
}

const struct formula *packet_id(struct packet *p, const struct tree_node *t)
{
	const struct id *id = packet_id_of(p, t);
	const struct formula *f = p->no, *one;
	struct span all = p->span;

	if (id->kind != ID_SET)
		return one_id(p, &t->q, id);
	for (uint32_t i = 0; i < id->number && !p->failed; i++) {
		const struct id *item = &p->tree->ids.v[id->number2 + i];

		p->span = item->at;
		one = one_id(p, &t->q, item);
		p->span = all;
		f = formula_or(p, f, one);
	}
	if (f->kind == FORMULA_LIST)
		f->list->span = all;
	return f;
}
