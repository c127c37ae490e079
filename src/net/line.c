/*
 * A packet as one short line: "10.0.0.7:40000 > 192.0.2.1:443 tcp SYN len 0".
 * Each layer is a row of a table and a function that reads its header and
 * names the next one, so that any bytes end after a bounded number of steps.
 */
#include "config.h"

#include "net/net.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

/* A text that is cut at its end rather than overrun. */
struct line {
	char *at, *end; /* at END there is still room for the NUL */
};

static void __attribute__((format(printf, 2, 3)))
put(struct line *l, const char *fmt, ...)
{
	size_t room = (size_t)(l->end - l->at) + 1;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->at, room, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	l->at += (size_t)n < room ? (size_t)n : room - 1;
}

static void put_text(struct line *l, const char *s)
{
	while (*s && l->at < l->end)
		*l->at++ = *s++;
	*l->at = '\0';
}

/*
 * Write V as a decimal number, without the cost of printf: every line has
 * several.
 */
static void put_number(struct line *l, uint32_t v)
{
	char digits[11], *d = digits + sizeof digits - 1;

	*d = '\0';
	do
		*--d = (char)('0' + v % 10);
	while (v /= 10);
	put_text(l, d);
}

/* What is left of the packet, and what has been found out about it. */
struct walk {
	struct line *out;
	const uint8_t *at;
	uint32_t left;  /* captured bytes from AT on */
	uint32_t wire;  /* the same on the wire, as far as headers tell */
	bool cut;       /* a header was not captured in full */
	bool fragment;  /* not the first one: no ports */
	uint8_t family; /* of ADDRESSES: 4, 6, or 0 before any */
	const uint8_t *src, *dst;
	const uint8_t *mac_src, *mac_dst;
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* Return the next N bytes, or NULL and the note that the packet is cut there. */
static const uint8_t *have(struct walk *w, uint32_t n)
{
	if (w->left < n) {
		w->cut = true;
		return NULL;
	}
	return w->at;
}

static void skip(struct walk *w, uint32_t n)
{
	if (n > w->left)
		n = w->left;
	w->at += n;
	w->left -= n;
	w->wire = w->wire > n ? w->wire - n : 0;
}

/*
 * Limit the packet to the LEN bytes that a header gives it; padding is not
 * counted.
 */
static void limit(struct walk *w, uint32_t len)
{
	if (w->left > len)
		w->left = len;
	w->wire = len;
}

/* --- addresses -------------------------------------------------------------------- */

static void put_mac(struct line *l, const uint8_t *p)
{
	put(l, "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2], p[3], p[4], p[5]);
}

static void put_ip4(struct line *l, const uint8_t *p)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			put_text(l, ".");
		put_number(l, p[i]);
	}
}

static void put_ip6(struct line *l, const uint8_t *p)
{
	char text[INET6_ADDRSTRLEN];

	put_text(l, inet_ntop(AF_INET6, p, text, sizeof text));
}

/* Write an address; IPv6 is in brackets if a port follows. */
static void put_address(struct line *l, uint8_t family, const uint8_t *p, int port)
{
	if (family == 4) {
		put_ip4(l, p);
	} else {
		put_text(l, port < 0 ? "" : "[");
		put_ip6(l, p);
		put_text(l, port < 0 ? "" : "]");
	}
	if (port >= 0) {
		put_text(l, ":");
		put_number(l, (uint32_t)port);
	}
}

/* Write "src > dst ", with the ports that are not negative. */
static void put_pair(struct walk *w, int sport, int dport)
{
	put_address(w->out, w->family, w->src, sport);
	put_text(w->out, " > ");
	put_address(w->out, w->family, w->dst, dport);
	put_text(w->out, " ");
}

/* --- the layers --------------------------------------------------------------------- */

/* What comes next: a kind of header and the number of the protocol in it. */
enum layer {
	DONE,
	LINK_TYPE,
	NETWORK,
	TRANSPORT
};

struct next {
	enum layer layer;
	uint32_t protocol;
};

static const struct next done = { DONE, 0 };

static void put_length(struct walk *w)
{
	put_text(w->out, "len ");
	put_number(w->out, w->wire);
}

static void put_tcp_flags(struct line *l, uint8_t flags)
{
	static const char *const names[8] = {
		"FIN",
		"SYN",
		"RST",
		"PSH",
		"ACK",
		"URG",
		"ECE",
		"CWR",
	};
	const char *sep = "";

	for (int i = 0; i < 8; i++) {
		if (!(flags & 1 << i))
			continue;
		put_text(l, sep);
		put_text(l, names[i]);
		sep = ",";
	}
	put_text(l, flags ? " " : "no flags ");
}

static struct next tcp(struct walk *w)
{
	const uint8_t *h = have(w, 14);
	uint32_t len;

	if (!h) {
		put_pair(w, -1, -1);
		put_text(w->out, "tcp ");
		return done;
	}
	put_pair(w, get16(h), get16(h + 2));
	put_text(w->out, "tcp ");
	put_tcp_flags(w->out, h[13]);
	len = (uint32_t)(h[12] >> 4) * 4;
	if (len < 20)
		put(w->out, "(header of %u bytes) ", len);
	skip(w, len);
	put_length(w);
	return done;
}

/*
 * Write UDP, UDP-Lite, SCTP or DCCP: ports first, then a header of this many
 * bytes.
 */
static struct next ports(struct walk *w, const char *name, uint32_t header)
{
	const uint8_t *h = have(w, 4);

	if (h)
		put_pair(w, get16(h), get16(h + 2));
	else
		put_pair(w, -1, -1);
	put_text(w->out, name);
	put_text(w->out, " ");
	skip(w, header);
	put_length(w);
	return done;
}

static struct next udp(struct walk *w)
{
	return ports(w, "udp", 8);
}

static struct next sctp(struct walk *w)
{
	return ports(w, "sctp", 12);
}

struct code {
	uint8_t code;
	const char *name;
};

/* Return the name of CODE in a table that ends with a NULL. */
static const char *code_name(const struct code *table, uint8_t code)
{
	while (table->name && table->code != code)
		table++;
	return table->name;
}

static struct next icmp_any(struct walk *w, const char *protocol, const struct code *types)
{
	const uint8_t *h = have(w, 2);
	const char *name = h ? code_name(types, h[0]) : NULL;

	put_pair(w, -1, -1);
	put_text(w->out, protocol);
	put_text(w->out, " ");
	if (name)
		put_text(w->out, name);
	else if (h)
		put(w->out, "type %u code %u", h[0], h[1]);
	put_text(w->out, h ? " " : "");
	put_length(w);
	return done;
}

static struct next icmp(struct walk *w)
{
	static const struct code types[] = {
		{ 0, "echo reply" },
		{ 3, "unreachable" },
		{ 4, "source quench" },
		{ 5, "redirect" },
		{ 8, "echo request" },
		{ 9, "router advertisement" },
		{ 10, "router solicit" },
		{ 11, "time exceeded" },
		{ 12, "parameter problem" },
		{ 13, "timestamp" },
		{ 14, "timestamp reply" },
		{ 0, NULL },
	};

	return icmp_any(w, "icmp", types);
}

static struct next icmp6(struct walk *w)
{
	static const struct code types[] = {
		{ 1, "unreachable" },
		{ 2, "packet too big" },
		{ 3, "time exceeded" },
		{ 4, "parameter problem" },
		{ 128, "echo request" },
		{ 129, "echo reply" },
		{ 130, "listener query" },
		{ 131, "listener report" },
		{ 132, "listener done" },
		{ 133, "router solicit" },
		{ 134, "router advertisement" },
		{ 135, "neighbor solicit" },
		{ 136, "neighbor advertisement" },
		{ 137, "redirect" },
		{ 143, "listener report v2" },
		{ 0, NULL },
	};

	return icmp_any(w, "icmp6", types);
}

/*
 * Skip a header that names what follows, and its own length beyond 8 bytes in
 * UNITs.
 */
static struct next extension(struct walk *w, uint32_t unit)
{
	const uint8_t *h = have(w, 2);
	struct next n = { TRANSPORT, h ? h[0] : 59 };

	skip(w, h ? 8 + unit * h[1] : w->left);
	return n;
}

/*
 * Skip an IPv6 header before the transport's: hop-by-hop, routing or
 * destination options.
 */
static struct next options(struct walk *w)
{
	return extension(w, 8);
}

static struct next authentication(struct walk *w)
{
	return extension(w, 4);
}

static struct next fragment(struct walk *w)
{
	const uint8_t *h = have(w, 8);
	struct next n = { TRANSPORT, h ? h[0] : 59 };

	w->fragment = h && get16(h + 2) & 0xfff8;
	skip(w, 8);
	return n;
}

static struct next ip4(struct walk *w)
{
	const uint8_t *h = have(w, 20);
	uint32_t header, total;

	if (!h) {
		put_text(w->out, "ip ");
		return done;
	}
	header = (uint32_t)(h[0] & 15) * 4;
	total = get16(h + 2);
	w->family = 4;
	w->src = h + 12;
	w->dst = h + 16;
	w->fragment = get16(h + 6) & 0x1fff;
	if (header < 20 || (total && total < header)) {
		put_pair(w, -1, -1);
		put_text(w->out, "ip with a bad length ");
		return done;
	}
	if (total) /* 0: the hardware cuts it up later */
		limit(w, total);
	skip(w, header);
	return (struct next){ TRANSPORT, h[9] };
}

static struct next ip6(struct walk *w)
{
	const uint8_t *h = have(w, 40);

	if (!h) {
		put_text(w->out, "ip6 ");
		return done;
	}
	w->family = 6;
	w->src = h + 8;
	w->dst = h + 24;
	skip(w, 40);
	if (get16(h + 4)) /* 0: a jumbogram */
		limit(w, get16(h + 4));
	return (struct next){ TRANSPORT, h[6] };
}

/* Write a tunnel, with both pairs of addresses. */
static struct next ip4_in_ip(struct walk *w)
{
	put_pair(w, -1, -1);
	put_text(w->out, "ip: ");
	return (struct next){ NETWORK, 0x0800 };
}

static struct next ip6_in_ip(struct walk *w)
{
	put_pair(w, -1, -1);
	put_text(w->out, "ip6: ");
	return (struct next){ NETWORK, 0x86dd };
}

static struct next arp(struct walk *w)
{
	static const struct code operations[] = {
		{ 3, "reverse request" },
		{ 4, "reverse reply" },
		{ 0, NULL },
	};
	const uint8_t *h = have(w, 8);
	const char *name;

	put_text(w->out, "arp ");
	if (!h)
		return done;
	if (get16(h + 2) != 0x0800 || h[4] != 6 || h[5] != 4) {
		put(w->out, "for protocol 0x%04x ", get16(h + 2));
		return done;
	}
	if (!have(w, 28))
		return done;
	if (get16(h + 6) == 1) {
		put_text(w->out, "who has ");
		put_ip4(w->out, h + 24);
		put_text(w->out, "? tell ");
		put_ip4(w->out, h + 14);
	} else if (get16(h + 6) == 2) {
		put_ip4(w->out, h + 14);
		put_text(w->out, " is at ");
		put_mac(w->out, h + 8);
	} else {
		name = get16(h + 6) < 256 ? code_name(operations, h[7]) : NULL;
		put(w->out, "%s (%u)", name ? name : "operation", get16(h + 6));
	}
	put_text(w->out, " ");
	return done;
}

static struct next vlan(struct walk *w)
{
	const uint8_t *h = have(w, 4);

	put_text(w->out, "vlan ");
	if (!h)
		return done;
	put_number(w->out, get16(h) & 0xfff);
	put_text(w->out, " ");
	skip(w, 4);
	return (struct next){ NETWORK, get16(h + 2) };
}

static struct next mpls(struct walk *w)
{
	const uint8_t *h = have(w, 4), *below;

	put_text(w->out, "mpls ");
	if (!h)
		return done;
	put_number(w->out, get32(h) >> 12);
	put_text(w->out, " ");
	skip(w, 4);
	if (!(h[2] & 1))
		return (struct next){ NETWORK, 0x8847 };
	below = have(w, 1);
	if (below && below[0] >> 4 == 4)
		return (struct next){ NETWORK, 0x0800 };
	if (below && below[0] >> 4 == 6)
		return (struct next){ NETWORK, 0x86dd };
	put_length(w);
	return done;
}

static struct next pppoe_session(struct walk *w)
{
	const uint8_t *h = have(w, 8);

	put_text(w->out, "pppoe ");
	if (!h)
		return done;
	put(w->out, "session %u ", get16(h + 2));
	skip(w, 8);
	if (get16(h + 6) == 0x0021)
		return (struct next){ NETWORK, 0x0800 };
	if (get16(h + 6) == 0x0057)
		return (struct next){ NETWORK, 0x86dd };
	put(w->out, "ppp 0x%04x ", get16(h + 6));
	put_length(w);
	return done;
}

static void put_macs(struct walk *w)
{
	if (!w->mac_src)
		return;
	put_mac(w->out, w->mac_src);
	put_text(w->out, " > ");
	put_mac(w->out, w->mac_dst);
	put_text(w->out, " ");
}

/* Write 802.3, where a number below 1536 in place of the EtherType is a length. */
static struct next llc(struct walk *w)
{
	const uint8_t *h = have(w, 3);

	put_macs(w);
	put_text(w->out, "llc ");
	if (!h)
		return done;
	if (h[0] == 0x42 && h[1] == 0x42)
		put_text(w->out, "stp ");
	else
		put(w->out, "dsap 0x%02x ssap 0x%02x ", h[0], h[1]);
	put_length(w);
	return done;
}

/* --- the tables ----------------------------------------------------------------------- */

struct protocol {
	uint32_t number;
	const char *name;
	struct next (*read)(struct walk *w); /* NULL: the name is all there is */
};

/* By EtherType. */
static const struct protocol networks[] = {
	{ 0x0800, "ip", ip4 },
	{ 0x86dd, "ip6", ip6 },
	{ 0x0806, "arp", arp },
	{ 0x8035, "rarp", arp },
	{ 0x8100, "vlan", vlan },
	{ 0x88a8, "vlan", vlan },
	{ 0x9100, "vlan", vlan },
	{ 0x8847, "mpls", mpls },
	{ 0x8848, "mpls", mpls },
	{ 0x8864, "pppoe", pppoe_session },
	{ 0x8863, "pppoe discovery", NULL },
	{ 0x888e, "eapol", NULL },
	{ 0x88cc, "lldp", NULL },
	{ 0x8809, "slow protocols", NULL },
	{ 0x88f7, "ptp", NULL },
	{ 0x9000, "loopback test", NULL },
};

/* By the protocol number of IPv4 and IPv6. */
static const struct protocol transports[] = {
	{ 0, "hop-by-hop options", options },
	{ 1, "icmp", icmp },
	{ 2, "igmp", NULL },
	{ 4, "ip", ip4_in_ip },
	{ 6, "tcp", tcp },
	{ 17, "udp", udp },
	{ 41, "ip6", ip6_in_ip },
	{ 43, "routing header", options },
	{ 44, "fragment", fragment },
	{ 47, "gre", NULL },
	{ 50, "esp", NULL },
	{ 51, "ah", authentication },
	{ 58, "icmp6", icmp6 },
	{ 59, "no next header", NULL },
	{ 60, "destination options", options },
	{ 88, "eigrp", NULL },
	{ 89, "ospf", NULL },
	{ 103, "pim", NULL },
	{ 112, "vrrp", NULL },
	{ 132, "sctp", sctp },
	{ 136, "udplite", udp },
};

static const struct protocol *find(const struct protocol *table, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].number == number)
			return &table[i];
	return NULL;
}

static struct next network(struct walk *w, uint32_t type)
{
	const struct protocol *p =
		find(networks, sizeof networks / sizeof *networks, type);

	if (type < 1536)
		return llc(w);
	if (p && p->read)
		return p->read(w);
	put_macs(w);
	if (p)
		put(w->out, "%s ", p->name);
	else
		put(w->out, "ethertype 0x%04x ", type);
	put_length(w);
	return done;
}

static struct next transport(struct walk *w, uint32_t number)
{
	const struct protocol *p =
		find(transports, sizeof transports / sizeof *transports, number);

	if (p && p->read && !w->fragment)
		return p->read(w);
	put_pair(w, -1, -1);
	if (p)
		put(w->out, "%s ", p->name);
	else
		put(w->out, "protocol %u ", number);
	if (w->fragment)
		put_text(w->out, "fragment ");
	put_length(w);
	return done;
}

/* --- link types ------------------------------------------------------------------------- */

/* Tell by the first nibble which IP it is. */
static struct next by_version(struct walk *w)
{
	const uint8_t *h = have(w, 1);

	if (h && h[0] >> 4 == 4)
		return (struct next){ NETWORK, 0x0800 };
	if (h && h[0] >> 4 == 6)
		return (struct next){ NETWORK, 0x86dd };
	put_text(w->out, "no ip packet ");
	put_length(w);
	return done;
}

static struct next ethernet(struct walk *w)
{
	const uint8_t *h = have(w, 14);

	if (!h) {
		put_text(w->out, "ethernet ");
		return done;
	}
	w->mac_dst = h;
	w->mac_src = h + 6;
	skip(w, 14);
	return (struct next){ NETWORK, get16(h + 12) };
}

/*
 * Tell what follows by the values of AF_INET and AF_INET6 on the systems that
 * write captures.
 */
static struct next address_family(struct walk *w)
{
	const uint8_t *h = have(w, 4);
	uint32_t family;

	if (!h) {
		put_text(w->out, "null ");
		return done;
	}
	family = get32(h);
	if (family > 0xffff)
		family = (uint32_t)h[3] << 24 | (uint32_t)h[2] << 16 | (uint32_t)h[1] << 8 | h[0];
	skip(w, 4);
	switch (family) {
	case 2:
		return (struct next){ NETWORK, 0x0800 };
	case 10:
	case 24:
	case 28:
	case 30:
		return (struct next){ NETWORK, 0x86dd };
	}
	put(w->out, "address family %u ", family);
	put_length(w);
	return done;
}

/* Write which way a packet of a cooked capture went. */
static void put_direction(struct line *l, uint32_t type)
{
	static const char *const words[] = {
		"in",
		"broadcast",
		"multicast",
		"other",
		"out",
	};

	if (type < sizeof words / sizeof *words)
		put(l, "%s ", words[type]);
}

static struct next cooked(struct walk *w)
{
	const uint8_t *h = have(w, 16);

	if (!h) {
		put_text(w->out, "cooked ");
		return done;
	}
	put_direction(w->out, get16(h));
	skip(w, 16);
	return (struct next){ NETWORK, get16(h + 14) };
}

static struct next cooked2(struct walk *w)
{
	const uint8_t *h = have(w, 20);

	if (!h) {
		put_text(w->out, "cooked ");
		return done;
	}
	put(w->out, "if%u ", get32(h + 4));
	put_direction(w->out, h[10]);
	skip(w, 20);
	return (struct next){ NETWORK, get16(h) };
}

static const struct protocol links[] = {
	{ NET_NULL, "NULL", address_family },
	{ NET_EN10MB, "EN10MB", ethernet },
	{ NET_RAW, "RAW", by_version },
	{ NET_LOOP, "LOOP", address_family },
	{ NET_LINUX_SLL, "LINUX_SLL", cooked },
	{ NET_IPV4, "IPV4", by_version },
	{ NET_IPV6, "IPV6", by_version },
	{ NET_LINUX_SLL2, "LINUX_SLL2", cooked2 },
};

static struct next link_type(struct walk *w, uint32_t number)
{
	const struct protocol *p = find(links, sizeof links / sizeof *links, number);
	const char *name = weir_linktype_name((int)number);

	if (p)
		return p->read(w);
	if (name)
		put(w->out, "%s ", name);
	else
		put(w->out, "link type %u ", number);
	put_length(w);
	return done;
}

/* --- lines ------------------------------------------------------------------------------- */

/* Layers within layers that a line shows; tunnels and tags may nest without end. */
enum {
	DEPTH_MAX = 16
};

size_t net_line(char *out, size_t size, int linktype, const struct net_packet *p)
{
	struct line l = { .at = out, .end = out + size - 1 };
	struct walk w = {
		.out = &l,
		.at = p->bytes,
		.left = p->captured,
		.wire = p->wire,
	};
	struct next n = { LINK_TYPE, (uint32_t)linktype };

	*out = '\0';
	for (int depth = 0; depth < DEPTH_MAX && n.layer != DONE; depth++) {
		switch (n.layer) {
		case LINK_TYPE:
			n = link_type(&w, n.protocol);
			break;
		case NETWORK:
			n = network(&w, n.protocol);
			break;
		case TRANSPORT:
			n = transport(&w, n.protocol);
			break;
		case DONE:
			break;
		}
	}
	if (n.layer == TRANSPORT)
		put_pair(&w, -1, -1);
	if (n.layer != DONE)
		put_text(&l, "...");
	while (l.at > out && l.at[-1] == ' ')
		*--l.at = '\0';
	if (w.cut)
		put_text(&l, " [cut]");
	return (size_t)(l.at - out);
}

static void set_clock(struct net_clock *clock, int64_t second)
{
	time_t t = (time_t)second;
	struct tm tm;

	clock->second = second;
	clock->valid = true;
	if (!localtime_r(&t, &tm) || !strftime(clock->text, sizeof clock->text, "%H:%M:%S", &tm))
		memcpy(clock->text, "--:--:--", sizeof "--:--:--");
}

size_t net_timed_line(char *out, size_t size, int linktype, const struct net_packet *p,
                      struct net_clock *clock)
{
	struct line l = { .at = out, .end = out + size - 1 };

	if (!clock->valid || clock->second != p->seconds)
		set_clock(clock, p->seconds);
	put(&l, "%s.%06u ", clock->text, (unsigned)(p->nanoseconds / 1000 % 1000000));
	return (size_t)(l.at - out) +
	       net_line(l.at, (size_t)(l.end - l.at) + 1, linktype, p);
}
