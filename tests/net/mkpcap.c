/*
 * Writes a capture file to standard output, the same bytes for the same words:
 *
 *     mkpcap LINKTYPE FORMAT [PACKETS=100 [SEED=1]]
 *
 * Every link type that weir shows as lines, every file format that is read; the
 * packets are TCP, UDP, ICMP and fragments over both IPs, with options, extension
 * headers and VLAN tags, and ARP where the link type has it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

static uint64_t state;

/* A number below N (splitmix64). */
static uint32_t below(uint32_t n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) >> 32) % n;
}

/* --- packets ---------------------------------------------------------------------- */

enum {
	HEADROOM = 64,
	SIZE = 256
};

/* Built from the network header on; the link header goes before it. */
struct packet {
	uint8_t room[HEADROOM + SIZE];
	uint8_t *at; /* where it begins now */
	size_t len;
	uint16_t type; /* EtherType of what AT points to */
};

/* N zero bytes in front of the packet. */
static uint8_t *prepend(struct packet *p, size_t n)
{
	p->at -= n;
	p->len += n;
	memset(p->at, 0, n);
	return p->at;
}

static uint32_t some_port(void)
{
	static const uint16_t known[] = { 80, 443, 53, 22, 123, 8080 };

	return below(3) ? known[below(6)] : 1024 + below(60000);
}

static const uint8_t transports[] = { 6, 6, 6, 17, 17, 1, 132, 47 };

/* A transport header and some payload at P; gives its length. */
static size_t add_transport(uint8_t *p, uint8_t protocol)
{
	size_t payload = below(40), header = 8;

	switch (protocol) {
	case 6:
		header = 20 + 4 * below(4);
		p[12] = (uint8_t)(header / 4 << 4);
		p[13] = (uint8_t)(below(4) ? 0x10 : below(256));
		break;
	case 132:
		header = 12;
		break;
	case 1:
	case 58:
		p[0] = (uint8_t)(protocol == 1 ? below(16) : 128 + below(10));
		return header + payload;
	}
	put16(p, some_port());
	put16(p + 2, some_port());
	if (protocol == 17)
		put16(p + 4, (uint32_t)(header + payload));
	return header + payload;
}

static void build_ip4(struct packet *p)
{
	uint8_t *h = p->at, protocol = transports[below(sizeof transports)];
	size_t header = 20 + (below(8) ? 0 : 4 * below(6));

	p->len = header + add_transport(h + header, protocol);
	p->type = 0x0800;
	h[0] = (uint8_t)(0x40 | header / 4);
	put16(h + 2, (uint32_t)p->len);
	if (!below(10))
		put16(h + 6, below(2) ? 0x2000 : 1 + below(200));
	h[8] = 64;
	h[9] = protocol;
	put32(h + 12, 0x0a000000 | below(16));
	put32(h + 16, 0xc0000200 | below(16));
}

static void build_ip6(struct packet *p)
{
	static const uint8_t extensions[] = { 0, 43, 44, 60 };
	uint8_t *h = p->at, *next = h + 6, *t = h + 40;
	uint8_t protocol = transports[below(sizeof transports)];

	if (protocol == 1)
		protocol = 58;
	for (uint32_t n = below(4) ? 0 : below(3); n; n--) {
		*next = extensions[below(sizeof extensions)];
		next = t;
		t += 8;
	}
	*next = protocol;
	t += add_transport(t, protocol);
	p->len = (size_t)(t - h);
	p->type = 0x86dd;
	h[0] = 0x60;
	h[7] = 64;
	put16(h + 4, (uint32_t)p->len - 40);
	put32(h + 8, 0x20010db8);
	put32(h + 20, below(16));
	put32(h + 24, 0x20010db8);
	put32(h + 36, below(16));
}

static void build_arp(struct packet *p)
{
	uint8_t *h = p->at;

	p->len = 28;
	p->type = 0x0806;
	put16(h, 1);
	put16(h + 2, 0x0800);
	h[4] = 6;
	h[5] = 4;
	put16(h + 6, 1 + below(2));
	put32(h + 14, 0x0a000000 | below(16));
	put32(h + 24, 0x0a000000 | below(16));
}

static void add_tag(struct packet *p)
{
	uint8_t *h = prepend(p, 4);

	put16(h, 1 + below(200));
	put16(h + 2, p->type);
	p->type = below(4) ? 0x8100 : 0x88a8;
}

/* --- link types ---------------------------------------------------------------------- */

static bool swapped; /* the file is in the other byte order */

/* V as this file's byte order has it. */
static uint32_t in_order(uint32_t v)
{
	return swapped ? __builtin_bswap32(v) : v;
}

static void link_ethernet(struct packet *p)
{
	uint16_t type = p->type;
	uint8_t *h = prepend(p, 14);

	h[0] = h[6] = 2;
	h[5] = (uint8_t)below(4);
	h[11] = (uint8_t)below(4);
	put16(h + 12, type);
}

static void link_family(struct packet *p)
{
	uint32_t family = in_order(p->type == 0x0800 ? 2 : 30);

	memcpy(prepend(p, 4), &family, 4);
}

static void link_loop(struct packet *p)
{
	put32(prepend(p, 4), p->type == 0x0800 ? 2 : 30);
}

static void link_sll(struct packet *p)
{
	uint16_t type = p->type;
	uint8_t *h = prepend(p, 16);

	put16(h, below(5));
	put16(h + 2, 1);
	put16(h + 4, 6);
	put16(h + 14, type);
}

static void link_sll2(struct packet *p)
{
	uint16_t type = p->type;
	uint8_t *h = prepend(p, 20);

	put16(h, type);
	put32(h + 4, 1 + below(3));
	put16(h + 8, 1);
	h[10] = (uint8_t)below(5);
	h[11] = 6;
}

static void link_none(struct packet *p)
{
}

static const struct link {
	const char *name;
	uint16_t number; /* LINKTYPE_, as it stands in files */
	bool ethertypes; /* it can say ARP and VLAN */
	bool ip4, ip6;
	void (*add)(struct packet *p);
} links[] = {
	{ "NULL", 0, false, true, true, link_family },
	{ "EN10MB", 1, true, true, true, link_ethernet },
	{ "RAW", 101, false, true, true, link_none },
	{ "LOOP", 108, false, true, true, link_loop },
	{ "LINUX_SLL", 113, true, true, true, link_sll },
	{ "IPV4", 228, false, true, false, link_none },
	{ "IPV6", 229, false, false, true, link_none },
	{ "LINUX_SLL2", 276, true, true, true, link_sll2 },
};

static void build(struct packet *p, const struct link *l)
{
	memset(p, 0, sizeof *p);
	p->at = p->room + HEADROOM;
	if (l->ethertypes && !below(12))
		build_arp(p);
	else if (l->ip4 && (!l->ip6 || below(3)))
		build_ip4(p);
	else
		build_ip6(p);
	if (l->ethertypes && !below(8))
		add_tag(p);
	l->add(p);
}

/* --- file formats ---------------------------------------------------------------------- */

static void out32(uint32_t v)
{
	v = in_order(v);
	fwrite(&v, 4, 1, stdout);
}

/* Two 16-bit fields. */
static void out16(uint16_t a, uint16_t b)
{
	uint16_t v[2] = { a, b };

	if (swapped) {
		v[0] = __builtin_bswap16(a);
		v[1] = __builtin_bswap16(b);
	}
	fwrite(v, 2, 2, stdout);
}

static void out_bytes(const struct packet *p, size_t padded)
{
	static const uint8_t zero[4];

	fwrite(p->at, 1, p->len, stdout);
	fwrite(zero, 1, padded - p->len, stdout);
}

static void pcap_start(const struct link *l, bool nano)
{
	out32(nano ? 0xa1b23c4d : 0xa1b2c3d4);
	out16(2, 4);
	out32(0);
	out32(0);
	out32(262144);
	out32(l->number);
}

static void pcap_packet(const struct packet *p, uint64_t ns, bool nano)
{
	out32((uint32_t)(ns / 1000000000));
	out32((uint32_t)(ns % 1000000000 / (nano ? 1 : 1000)));
	out32((uint32_t)p->len);
	out32((uint32_t)p->len);
	out_bytes(p, p->len);
}

static void pcapng_interface(uint16_t linktype)
{
	out32(1);
	out32(20);
	out16(linktype, 0);
	out32(262144);
	out32(20);
}

static void pcapng_start(const struct link *l)
{
	out32(0x0a0d0d0a);
	out32(28);
	out32(0x1a2b3c4d);
	out16(1, 0);
	out32(UINT32_MAX); /* the length of the section is not said */
	out32(UINT32_MAX);
	out32(28);
	pcapng_interface(l->number);
}

static void pcapng_packet(const struct packet *p, uint64_t ns, uint32_t interface)
{
	uint64_t us = ns / 1000;
	uint32_t padded = (uint32_t)(p->len + 3) & ~3u;

	out32(6);
	out32(32 + padded);
	out32(interface);
	out32((uint32_t)(us >> 32));
	out32((uint32_t)us);
	out32((uint32_t)p->len);
	out32((uint32_t)p->len);
	out_bytes(p, padded);
	out32(32 + padded);
}

static const struct format {
	const char *name;
	bool ng, nano, swapped, mixed;
} formats[] = {
	{ "pcap", .ng = false },
	{ "nano", .nano = true },
	{ "swapped", .swapped = true },
	{ "nano-swapped", .nano = true, .swapped = true },
	{ "pcapng", .ng = true },
	{ "pcapng-swapped", .ng = true, .swapped = true },
	/* Halfway through, an interface of another link type. */
	{ "pcapng-mixed", .ng = true, .mixed = true },
};

static void write_capture(const struct link *l, const struct format *f, uint64_t packets)
{
	uint64_t ns = 1700000000 * UINT64_C(1000000000);
	struct packet p;

	if (f->ng)
		pcapng_start(l);
	else
		pcap_start(l, f->nano);
	for (uint64_t i = 0; i < packets; i++) {
		if (f->mixed && i == packets / 2)
			pcapng_interface(l->number ^ 1);
		build(&p, l);
		ns += below(2000000);
		if (f->ng)
			pcapng_packet(&p, ns, f->mixed && i >= packets / 2);
		else
			pcap_packet(&p, ns, f->nano);
	}
}

int main(int argc, char **argv)
{
	const struct link *l = links;
	const struct format *f = formats;
	const struct link *no_link = links + sizeof links / sizeof *links;
	const struct format *no_format = formats + sizeof formats / sizeof *formats;

	while (argc > 2 && l < no_link && strcmp(l->name, argv[1]))
		l++;
	while (argc > 2 && f < no_format && strcmp(f->name, argv[2]))
		f++;
	if (argc < 3 || l == no_link || f == no_format) {
		fprintf(stderr, "usage: mkpcap LINKTYPE FORMAT [PACKETS [SEED]]\n");
		return 2;
	}
	state = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
	swapped = f->swapped;
	write_capture(l, f, argc > 3 ? strtoull(argv[3], NULL, 10) : 100);
	return fclose(stdout) ? 1 : 0;
}
