/*
 * Plausible packets to start from, so that flips need not invent a whole
 * header. Headers are as the RFCs and libpcap's link-type pages have them.
 */
#include "tests/diff/diff.h"

#include <string.h>

struct writer {
	struct input *in;
	struct rng *rng;
	uint32_t at;
};

static void put(struct writer *w, unsigned width, uint32_t v)
{
	for (unsigned i = width; i-- > 0;)
		w->in->bytes[w->at++] = v >> 8 * i;
}

static void put_random(struct writer *w, unsigned n)
{
	while (n--)
		put(w, 1, rng_next(w->rng));
}

static uint32_t pick(struct writer *w, const uint32_t *v, uint32_t n)
{
	return v[rng_below(w->rng, n)];
}

#define PICK(w, ...)                               \
	pick(w, (const uint32_t[]){ __VA_ARGS__ }, \
	     ARRAY_LEN(((const uint32_t[]){ __VA_ARGS__ })))

/* --- transport --------------------------------------------------------------- */

static void put_ports(struct writer *w)
{
	put(w, 2, PICK(w, 22, 53, 80, 443, 1024, 8080, 65535));
	put(w, 2, PICK(w, 22, 53, 80, 443, 1024, 8080, 65535));
}

static void put_transport(struct writer *w, uint32_t proto)
{
	switch (proto) {
	case 6: /* TCP */
		put_ports(w);
		put_random(w, 8);
		put(w, 1, PICK(w, 0x50, 0x60, 0x80));
		put(w, 1, PICK(w, 2, 0x12, 0x10, 0x18, 0x11, 4));
		put_random(w, 6);
		break;
	case 17:  /* UDP */
	case 132: /* SCTP */
		put_ports(w);
		put_random(w, 4);
		break;
	case 1: /* ICMP */
	case 58:
		put(w, 1, PICK(w, 0, 3, 8, 128, 129, 135));
		put(w, 1, PICK(w, 0, 1, 4));
		break;
	}
	put_random(w, rng_below(w->rng, 40));
}

/* --- network ------------------------------------------------------------------- */

static void put_ip4_address(struct writer *w)
{
	put(w, 4, PICK(w, 0x0a000001, 0x0a000002, 0xc0000201, 0xac100505, 0xe0000001, 0xffffffff, 0x7f000001));
}

static void put_ip4(struct writer *w)
{
	uint32_t words = PICK(w, 5, 5, 5, 6, 15);
	uint32_t proto = PICK(w, 6, 6, 17, 1, 132, 50, 51, 103, 2);

	put(w, 1, 0x40 | words);
	put_random(w, 5);
	put(w, 2, PICK(w, 0, 0, 0x4000, 0x2000, 0x2001, 0x1fff));
	put(w, 1, 64);
	put(w, 1, proto);
	put(w, 2, 0);
	put_ip4_address(w);
	put_ip4_address(w);
	put_random(w, 4 * (words - 5));
	put_transport(w, proto);
}

static void put_ip6_address(struct writer *w)
{
	put(w, 4, PICK(w, 0x20010db8, 0xfe800000, 0xff020000, 0));
	put(w, 4, 0);
	put(w, 4, 0);
	put(w, 4, PICK(w, 1, 2, 0x12345678));
}

static void put_ip6(struct writer *w)
{
	uint32_t proto = PICK(w, 6, 17, 58, 132, 50);
	bool fragment = rng_one_in(w->rng, 4);

	put(w, 4, 0x60000000);
	put(w, 2, 64);
	put(w, 1, fragment ? 44 : proto);
	put(w, 1, 64);
	put_ip6_address(w);
	put_ip6_address(w);
	if (fragment) {
		put(w, 1, proto);
		put_random(w, 7);
	}
	put_transport(w, proto);
}

static void put_arp(struct writer *w)
{
	put(w, 2, 1);
	put(w, 2, 0x0800);
	put(w, 2, 0x0604);
	put(w, 2, PICK(w, 1, 2));
	put_random(w, 6);
	put_ip4_address(w);
	put_random(w, 6);
	put_ip4_address(w);
}

static void put_network(struct writer *w, uint32_t ethertype)
{
	w->in->network = w->at;
	switch (ethertype) {
	case 0x0800:
		put_ip4(w);
		break;
	case 0x86dd:
		put_ip6(w);
		break;
	case 0x0806:
	case 0x8035:
		put_arp(w);
		break;
	default:
		put_random(w, 30);
	}
}

/* --- link ------------------------------------------------------------------------ */

static uint32_t any_ethertype(struct writer *w)
{
	return PICK(w, 0x0800, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806, 0x8035,
	            0x88cc, 0x0040, 0x0003);
}

static void put_mac(struct writer *w)
{
	put(w, 2, PICK(w, 0x0011, 0xffff, 0x0100, 0x3333));
	put(w, 4, PICK(w, 0x22334455, 0xffffffff, 0x5e000001, 1));
}

static void put_tags(struct writer *w, uint32_t ethertype)
{
	for (uint32_t n = rng_one_in(w->rng, 3) ? rng_below(w->rng, 4) : 0; n; n--) {
		put(w, 2, PICK(w, 0x8100, 0x88a8, 0x9100));
		put(w, 2, PICK(w, 1, 100, 0x2064, 200));
	}
	put(w, 2, ethertype);
}

static void put_ethernet(struct writer *w)
{
	uint32_t ethertype = any_ethertype(w);

	put_mac(w);
	put_mac(w);
	put_tags(w, ethertype);
	put_network(w, ethertype);
}

static void put_raw(struct writer *w)
{
	put_network(w, rng_one_in(w->rng, 3) ? 0x86dd : 0x0800);
}

/*
 * Only IPv4 in this machine's byte order: libpcap 1.10 and later ones agree on
 * no other family.
 */
static void put_null(struct writer *w)
{
	uint32_t family = 2;

	w->in->pinned = 4;
	memcpy(&w->in->bytes[w->at], &family, 4);
	w->at += 4;
	put_network(w, 0x0800);
}

static void put_sll(struct writer *w)
{
	uint32_t ethertype = any_ethertype(w);

	put(w, 2, PICK(w, 0, 1, 2, 3, 4));
	put(w, 2, 1);
	put(w, 2, 6);
	put_mac(w);
	put_random(w, 2);
	put_tags(w, rng_one_in(w->rng, 6) ? PICK(w, 1, 3, 4) : ethertype);
	put_network(w, ethertype);
}

static void put_sll2(struct writer *w)
{
	uint32_t ethertype = any_ethertype(w);

	put(w, 2, ethertype);
	put(w, 2, 0);
	put(w, 4, PICK(w, 1, 2, 3));
	put(w, 2, 1);
	put(w, 1, PICK(w, 0, 1, 2, 3, 4));
	put(w, 1, 6);
	put_mac(w);
	put_random(w, 2);
	put_network(w, ethertype);
}

/* A header that is always the same, in hex, then the packet. */
static void put_hex(struct writer *w, const char *hex)
{
	for (; hex[0]; hex += 2) {
		const char *digits = "0123456789abcdef";
		uint32_t hi = strchr(digits, hex[0]) - digits;
		uint32_t lo = strchr(digits, hex[1]) - digits;

		put(w, 1, hi << 4 | lo);
	}
}

/* An 802.11 data frame, or one of another type, after what precedes it. */
static void put_wlan(struct writer *w, const char *before, uint32_t zeros)
{
	uint32_t ethertype = any_ethertype(w);
	uint32_t control = PICK(w, 0x0800, 0x0801, 0x8802, 0x0803, 0x8000, 0xb400,
	                        0x8803, 0xc400);

	put_hex(w, before);
	while (zeros--)
		put(w, 1, 0);
	put(w, 2, control);
	put(w, 2, 0);
	for (int i = 0; i < 3; i++)
		put_mac(w);
	put(w, 2, 0);
	if ((control & 3) == 3)
		put_mac(w);
	if (control >> 12 == 8)
		put(w, 2, 0);
	put_hex(w, "aaaa03000000");
	put(w, 2, ethertype);
	put_network(w, ethertype);
}

static const struct {
	int dlt;
	const char *before;
	uint32_t zeros;
} wlans[] = {
	{ 105, "", 0 },
	{ 119, "000000000000000000000000", 132 },
	{ 127, "0000080000000000", 0 },
	{ 163, "8021100100000040", 56 },
	{ 192, "0000080069000000", 0 },
};

/* Other headers, with IPv4 behind them. */
static const struct {
	int dlt;
	const char *header;
} headers[] = {
	{ 6, "100000112233445500112233445566aaaa030000000800" },
	{ 8, "" },
	{ 9, "0021" },
	{ 9, "ff030021" },
	{ 10, "5000112233445500112233445566aaaa030000000800" },
	{ 11, "aaaa030000000800" },
	{ 15, "000000000000000000000000000000000000000000000000" },
	{ 16, "000000000000000000000000000000000000000000000021" },
	{ 19, "aaaa030000000800" },
	{ 50, "ff030021" },
	{ 51, "110000010000"
	      "0021" },
	{ 99, "00000000000000000000000000000000000000000800" },
	{ 99, "000000000000080000000000000000000000"
	      "0800" },
	{ 104, "0f000800" },
	{ 107, "184103cc" },
	{ 108, "00000002" },
	{ 109, "020000000000000000000000" },
	{ 117, "3d020000657468300000000000000000" },
	{ 122, "0000001122334455000000112233445566aaaa030000000800" },
	{ 123, "02000064aaaa030000000800" },
	{ 123, "01000064000000112233445500112233445566"
	       "0800" },
	{ 129, "0102000000d4" },
	{ 138, "000102030405060708090a0b0c0d0e0f0800" },
	{ 139, "00000000010500800300850102030405" },
	{ 140, "010500850102030405060708" },
	{ 166, "00ff030021" },
	{ 178, "4d47430100000000000011223344550011223344550800" },
	{ 228, "" },
	{ 229, "" },
	{ 240, "00000000"
	       "0011223344550011223344550800" },
	{ 241, "00000000"
	       "55555555555555d5"
	       "0011223344550011223344550800" },
	{ 281, "001122334455001122334455"
	       "20000001"
	       "0800" },
	{ 284, "001122334455001122334455"
	       "c0000001"
	       "0800" },
};

/* False if nothing is known of DLT. */
static bool put_other(struct writer *w, int dlt)
{
	uint32_t start = rng_below(w->rng, ARRAY_LEN(headers));

	for (size_t i = 0; i < ARRAY_LEN(wlans); i++) {
		if (wlans[i].dlt != dlt)
			continue;
		put_wlan(w, wlans[i].before, wlans[i].zeros);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		size_t at = (start + i) % ARRAY_LEN(headers);

		if (headers[at].dlt != dlt)
			continue;
		put_hex(w, headers[at].header);
		put_network(w, dlt == 229 ? 0x86dd : 0x0800);
		return true;
	}
	return false;
}

static const struct {
	int dlt; /* libpcap's number */
	void (*put)(struct writer *w);
} links[] = {
	{ 0, put_null },
	{ 1, put_ethernet },
	{ 12, put_raw },
	{ 113, put_sll },
	{ 276, put_sll2 },
};

void packet_template(struct input *in, int dlt, struct rng *r)
{
	struct writer w = { .in = in, .rng = r };

	memset(in, 0, sizeof(*in));
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (links[i].dlt == dlt)
			links[i].put(&w);
	if (!w.at && !put_other(&w, dlt))
		put_random(&w, 100);
	in->captured = w.at;
	in->wire = w.at + (rng_one_in(r, 4) ? rng_below(r, 2000) : 0);
}
