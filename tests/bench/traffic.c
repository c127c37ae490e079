/*
 * The traffic mixes. By packets, the IPv4-heavy one is 70% IPv4 TCP (web, ssh,
 * mail, high ports), 12% IPv4 UDP (DNS, QUIC, NTP, high ports), 10% IPv6, 2%
 * ICMP, 1% fragments, 3% ARP and 2% VLAN-tagged IPv4; the IPv6-heavy one has
 * IPv6 in the place of 58% of the untagged TCP and UDP. The rare one has what the
 * other two have little or nothing of: 5% IPv4 headers with options, 5% fragments,
 * 20% with one VLAN tag, 2% with two. Sizes are trimodal; 256 clients talk to about
 * 4,000 servers. Every packet is drawn by itself from a generator with a fixed seed.
 */
#include <string.h>

#include "tests/bench/bench.h"
#include "tests/diff/diff.h"
#include "tests/net/bytes.h"

enum {
	ETHER = 14,
	VLAN_TAG = 4,
	FRAME_MAX = 1514,
	IPPROTO_OF_ICMP = 1,
	IPPROTO_OF_TCP = 6,
	IPPROTO_OF_UDP = 17,
	IPPROTO_OF_ICMP6 = 58,
	SWAPPED_PERCENT = 58, /* of IPv4 TCP and UDP, in the IPv6-heavy mix */
};

/* --- what a mix is made of ------------------------------------------------------ */

enum kind {
	V4_TCP,
	V4_UDP,
	V4_ICMP,
	V4_FRAGMENT,
	V6,
	ARP,
	TAGGED_TCP,
	TAGGED_UDP,
	TAGGED_V6,
	TWICE_TAGGED_TCP,
	V4_OPTIONS
};

/* A value, or one from a range, with its share in percent; the last takes the rest. */
struct share {
	uint32_t percent, from, span;
};

static const struct share kinds[] = {
	{ 70, V4_TCP, 1 },
	{ 12, V4_UDP, 1 },
	{ 2, V4_ICMP, 1 },
	{ 1, V4_FRAGMENT, 1 },
	{ 10, V6, 1 },
	{ 3, ARP, 1 },
	{ 2, TAGGED_TCP, 1 },
};
static const struct share rare_kinds[] = {
	{ 33, V4_TCP, 1 },
	{ 8, V4_UDP, 1 },
	{ 2, V4_ICMP, 1 },
	{ 5, V4_FRAGMENT, 1 },
	{ 5, V4_OPTIONS, 1 },
	{ 22, V6, 1 },
	{ 3, ARP, 1 },
	{ 12, TAGGED_TCP, 1 },
	{ 3, TAGGED_UDP, 1 },
	{ 5, TAGGED_V6, 1 },
	{ 2, TWICE_TAGGED_TCP, 1 },
};
static const struct share protocols_of_v6[] = {
	{ 70, IPPROTO_OF_TCP, 1 },
	{ 20, IPPROTO_OF_UDP, 1 },
	{ 10, IPPROTO_OF_ICMP6, 1 },
};
static const struct share sizes[] = {
	{ 45, 54, 37 },
	{ 15, 200, 701 },
	{ 15, 1200, 315 },
	{ 25, FRAME_MAX, 1 },
};
static const struct share tcp_ports[] = {
	{ 60, 443, 1 },
	{ 12, 80, 1 },
	{ 5, 22, 1 },
	{ 3, 25, 1 },
	{ 20, 1024, 64000 },
};
static const struct share udp_ports[] = {
	{ 50, 53, 1 },
	{ 30, 443, 1 },
	{ 8, 123, 1 },
	{ 12, 1024, 64000 },
};
static const struct share tcp_flags[] = {
	{ 3, 0x02, 1 },
	{ 3, 0x12, 1 },
	{ 3, 0x11, 1 },
	{ 1, 0x04, 1 },
	{ 30, 0x18, 1 },
	{ 60, 0x10, 1 },
};

static uint32_t draw(struct rng *r, const struct share *s, size_t n)
{
	uint32_t at = rng_below(r, 100);
	size_t i = 0;

	while (i + 1 < n && at >= s[i].percent)
		at -= s[i++].percent;
	return s[i].from + rng_below(r, s[i].span);
}

#define DRAW(r, table) draw(r, table, ARRAY_LEN(table))

/* --- a packet --------------------------------------------------------------------- */

struct talk {
	uint32_t client, server;
	bool out; /* from the client */
};

static struct talk talk(struct rng *r)
{
	struct talk t = { .out = rng_one_in(r, 2) };

	t.client = 0x0a000000 | rng_below(r, 256);
	t.server = 0xc6000000 | rng_below(r, 64) << 16;
	t.server |= rng_below(r, 63) << 8 | 7;
	return t;
}

static uint32_t frame_size(struct rng *r, uint32_t at_least)
{
	return max_u32(DRAW(r, sizes), at_least);
}

static void transport(struct rng *r, uint8_t *p, uint32_t protocol, uint32_t len, bool out)
{
	uint32_t service = protocol == IPPROTO_OF_UDP ? DRAW(r, udp_ports) : DRAW(r, tcp_ports);
	uint32_t own = 32768 + rng_below(r, 28000);

	put16(p, out ? own : service);
	put16(p + 2, out ? service : own);
	if (protocol == IPPROTO_OF_UDP) {
		put16(p + 4, len);
		put16(p + 6, 0);
		return;
	}
	p[12] = 0x50;
	p[13] = (uint8_t)DRAW(r, tcp_flags);
	put16(p + 14, 501);
	put32(p + 16, 0);
}

static uint32_t protocol_of(enum kind kind)
{
	if (kind == V4_UDP || kind == TAGGED_UDP)
		return IPPROTO_OF_UDP;
	return kind == V4_ICMP ? IPPROTO_OF_ICMP : IPPROTO_OF_TCP;
}

static uint32_t ipv4(struct rng *r, uint8_t *frame, uint32_t at, enum kind kind,
                     const struct talk *t)
{
	uint32_t protocol = protocol_of(kind), header = 20, len;
	uint8_t *ip = frame + at;

	if (kind == V4_OPTIONS)
		header += 4 + 4 * rng_below(r, 10);
	len = kind == V4_ICMP ? 98 : frame_size(r, at + header + 20);
	put16(ip - 2, 0x0800);
	ip[0] = (uint8_t)(0x40 | header / 4);
	ip[1] = 0;
	put16(ip + 2, len - at);
	put16(ip + 6, kind == V4_FRAGMENT ? 185 : 0x4000);
	ip[8] = 64;
	ip[9] = (uint8_t)protocol;
	put16(ip + 10, 0);
	put32(ip + 12, t->out ? t->client : t->server);
	put32(ip + 16, t->out ? t->server : t->client);
	if (kind == V4_ICMP)
		put16(ip + 20, t->out ? 8 << 8 : 0);
	else if (kind != V4_FRAGMENT)
		transport(r, ip + header, protocol, len - at - header, t->out);
	return len;
}

static uint32_t ipv6(struct rng *r, uint8_t *frame, uint32_t at, const struct talk *t)
{
	uint32_t protocol = DRAW(r, protocols_of_v6);
	uint32_t len = protocol == IPPROTO_OF_ICMP6 ? at + 72 : frame_size(r, at + 60);
	uint8_t *ip = frame + at;

	put16(ip - 2, 0x86dd);
	put32(ip, 0x60000000);
	put16(ip + 4, len - at - 40);
	ip[6] = (uint8_t)protocol;
	ip[7] = 64;
	memset(ip + 8, 0, 32);
	put32(ip + 8, 0x20010db8);
	put32(ip + 20, t->out ? t->client : t->server);
	put32(ip + 24, 0x20010db8);
	put32(ip + 36, t->out ? t->server : t->client);
	if (protocol == IPPROTO_OF_ICMP6)
		put16(ip + 40, (t->out ? 136 : 135) << 8);
	else
		transport(r, ip + 40, protocol, len - at - 40, t->out);
	return len;
}

static uint32_t arp(uint8_t *frame, const struct talk *t)
{
	static const uint8_t header[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	put16(frame + 12, 0x0806);
	memcpy(frame + 14, header, sizeof(header));
	put32(frame + 28, t->client);
	put32(frame + 38, 0x0a000001);
	memset(frame + 42, 0, 18);
	return 60;
}

/* Puts N tags, the outer of two a provider's; returns where what they carry begins. */
static uint32_t tags(struct rng *r, uint8_t *frame, uint32_t n)
{
	uint32_t at = ETHER;

	for (; n; n--, at += VLAN_TAG) {
		put16(frame + at - 2, n > 1 ? 0x88a8 : 0x8100);
		put16(frame + at, 100 + rng_below(r, 8));
	}
	return at;
}

/* What sets a mix apart. */
struct blend {
	const char *name;
	uint64_t seed;
	const struct share *kinds;
	size_t nkinds;
	uint32_t swapped; /* percent of IPv4 TCP and UDP that are IPv6 instead */
};

static const struct blend blends[BENCH_MIXES] = {
	{ "v4", 3, kinds, ARRAY_LEN(kinds), 0 },
	{ "v6", 3 + SWAPPED_PERCENT, kinds, ARRAY_LEN(kinds), SWAPPED_PERCENT },
	{ "rare", 4, rare_kinds, ARRAY_LEN(rare_kinds), 0 },
};

static uint32_t packet(struct rng *r, uint8_t *frame, const struct blend *b)
{
	static const uint8_t addresses[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	enum kind kind = (enum kind)draw(r, b->kinds, b->nkinds);
	struct talk t = talk(r);

	if ((kind == V4_TCP || kind == V4_UDP) && rng_below(r, 100) < b->swapped)
		kind = V6;
	memcpy(frame, addresses, sizeof(addresses));
	frame[t.out ? 5 : 11] = (uint8_t)t.client;
	switch (kind) {
	case V4_TCP:
	case V4_UDP:
	case V4_ICMP:
	case V4_FRAGMENT:
	case V4_OPTIONS:
		return ipv4(r, frame, ETHER, kind, &t);
	case TAGGED_TCP:
	case TAGGED_UDP:
		return ipv4(r, frame, tags(r, frame, 1), kind, &t);
	case TWICE_TAGGED_TCP:
		return ipv4(r, frame, tags(r, frame, 2), kind, &t);
	case V6:
		return ipv6(r, frame, ETHER, &t);
	case TAGGED_V6:
		return ipv6(r, frame, tags(r, frame, 1), &t);
	case ARP:
		break;
	}
	return arp(frame, &t);
}

static void make(struct arena *a, struct traffic *out, const struct blend *blend, uint32_t n)
{
	struct rng r = rng_seed(blend->seed);
	uint8_t frame[FRAME_MAX];

	*out = (struct traffic){ .name = blend->name, .n = n };
	out->frame = arena_array(a, struct frame, n);
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t b = 0; b < sizeof(frame); b += 2)
			put16(frame + b, rng_next(&r));
		out->frame[i].len = packet(&r, frame, blend);
		out->frame[i].bytes = arena_memdup(a, frame, out->frame[i].len);
	}
}

void traffic_make(struct arena *a, struct traffic mix[BENCH_MIXES], uint32_t n)
{
	for (unsigned m = 0; m < BENCH_MIXES; m++)
		make(a, &mix[m], &blends[m], n);
}

/* --- other links -------------------------------------------------------------------- */

enum {
	NOWHERE = -1
};

/* A header in front of what follows Ethernet's, and where it says what that is. */
static const struct link {
	int dlt;
	int type; /* where the Ethernet type goes; NOWHERE: IP alone is carried */
	uint32_t len;
	uint8_t header[40];
	int family; /* where the address family goes, if anywhere; host order */
} links[] = {
	{ .dlt = 0, .type = NOWHERE, .len = 4, .family = 0 },        /* NULL */
	{ .dlt = 1, .type = 12, .len = 14, .family = NOWHERE },      /* EN10MB */
	{ .dlt = 12, .type = NOWHERE, .len = 0, .family = NOWHERE }, /* RAW */
	{ .dlt = 113, .type = 14, .len = 16, .family = NOWHERE,      /* LINUX_SLL */
	  .header = { 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2 } },
	{ .dlt = 276, .type = 0, .len = 20, .family = NOWHERE, /* LINUX_SLL2 */
	  .header = { 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2 } },
	{ .dlt = 127, .type = 38, .len = 40, .family = NOWHERE, /* IEEE802_11_RADIO */
	  .header = {
		  0,
		  0,
		  8,
		  0,
		  0,
		  0,
		  0,
		  0,
		  8,
		  1,
		  0,
		  0,
		  2,
		  0,
		  0,
		  0,
		  0,
		  1,
		  2,
		  0,
		  0,
		  0,
		  0,
		  2,
		  2,
		  0,
		  0,
		  0,
		  0,
		  1,
		  0,
		  0,
		  0xaa,
		  0xaa,
		  3,
	  } },
};

static const struct link *link_of(int dlt)
{
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (links[i].dlt == dlt)
			return &links[i];
	return NULL;
}

static bool carries(const struct link *l, uint32_t type)
{
	return l->type != NOWHERE || type == 0x0800 || type == 0x86dd;
}

static struct frame relink(struct arena *a, const struct frame *f, const struct link *l,
                           uint32_t type)
{
	uint8_t *p = arena_alloc(a, l->len + f->len);
	uint32_t family = type == 0x0800 ? 2 : 10;

	memcpy(p, l->header, l->len);
	memcpy(p + l->len, f->bytes + ETHER, f->len - ETHER);
	if (l->type != NOWHERE)
		put16(p + l->type, type);
	if (l->family != NOWHERE)
		memcpy(p + l->family, &family, sizeof(family));
	return (struct frame){ p, l->len + f->len - ETHER };
}

bool traffic_convert(struct arena *a, const struct traffic *from, int dlt,
                     struct traffic *out)
{
	const struct link *l = link_of(dlt);

	if (!l)
		return false;
	*out = *from;
	if (dlt == 1)
		return true;
	out->frame = arena_array(a, struct frame, from->n);
	out->n = 0;
	for (uint32_t i = 0; i < from->n; i++) {
		const struct frame *f = &from->frame[i];
		uint32_t type = (uint32_t)f->bytes[12] << 8 | f->bytes[13];

		if (carries(l, type))
			out->frame[out->n++] = relink(a, f, l, type);
	}
	return true;
}
