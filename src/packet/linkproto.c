/*
 * Which protocol: the test that a link layer makes for an EtherType or LLC
 * SAP, a function for each way that links.def names.
 */
#include "packet/primitive.h"

/* Test that the field is at most MAX. */
static const struct formula *at_most(struct packet *p, enum base base, unsigned width,
                                     uint32_t max)
{
	const struct ir_value *v = layout_load(p, base, 0, width);
	const struct formula *above;

	above = formula_test(p, IR_GT, v, ir_const(p->g, max));
	return formula_not(p, above);
}

/* --- LLC ------------------------------------------------------------------ */

/*
 * Test for a SNAP header of that organization and type, reading its last word
 * first.
 */
static const struct formula *snap(struct packet *p, uint32_t org, uint32_t type)
{
	const struct formula *low, *high;

	low = packet_equal(p, BASE_LLC, 4, 4, org << 16 | type);
	high = packet_equal(p, BASE_LLC, 0, 4, 0xaaaa0300 | org >> 16);
	return formula_and(p, low, high);
}

static const struct formula *both_saps(struct packet *p, uint32_t sap)
{
	return packet_equal(p, BASE_LLC, 0, 2, sap << 8 | sap);
}

static bool fits_llc(struct packet *p, uint32_t proto)
{
	return proto > ETHER_MAX_LENGTH
	               ? packet_at_most(p, p->span, "EtherType", proto, 0xffff)
	               : packet_at_most(p, p->span, "LLC SAP", proto, 0xff);
}

const struct formula *link_llc(struct packet *p, uint32_t proto)
{
	switch (proto) {
	case LLCSAP_IP:
	case LLCSAP_ISO:
	case LLCSAP_NETBEUI:
		return both_saps(p, proto);
	case LLCSAP_IPX:
		return packet_equal(p, BASE_LLC, 0, 1, proto);
	case ETHERTYPE_ATALK:
		return snap(p, 0x080007, ETHERTYPE_ATALK);
	}
	if (!fits_llc(p, proto))
		return p->no;
	if (proto <= ETHER_MAX_LENGTH)
		return packet_equal(p, BASE_LLC, 0, 1, proto);
	/* The organization is not looked at. */
	return packet_equal(p, BASE_LLC, 6, 2, proto);
}

/* --- one function per way ------------------------------------------------- */

/*
 * Test that the type field announces an LLC header: by a length, or by a value
 * for it.
 */
static const struct formula *announces_llc(struct packet *p)
{
	if (p->at.link->proto == link_sll)
		return packet_equal(p, BASE_TYPE, 0, 2, 4); /* LINUX_SLL_P_802_2 */
	return at_most(p, BASE_TYPE, 2, ETHER_MAX_LENGTH);
}

/*
 * Test for IPX without its EtherType: IPX's SAP, SNAP, or 802.3 without an LLC
 * header.
 */
static const struct formula *novell(struct packet *p)
{
	const struct formula *sap = packet_equal(p, BASE_LLC, 0, 1, LLCSAP_IPX);
	const struct formula *f = snap(p, 0, ETHERTYPE_IPX), *raw;

	/* The order is libpcap's: what is tested first is what can end a short packet. */
	if (p->at.link->proto == link_sll) {
		f = formula_or(p, sap, f);
		f = formula_and(p, announces_llc(p), f);
		raw = packet_equal(p, BASE_TYPE, 0, 2, 1); /* LINUX_SLL_P_802_3 */
		return formula_or(p, raw, f);
	}
	raw = packet_equal(p, BASE_LLC, 0, 2, 0xffff);
	f = formula_or(p, f, formula_or(p, sap, raw));
	return formula_and(p, announces_llc(p), f);
}

/*
 * Test for a lone SAP where Ethernet has it and, on Linux cooked, where libpcap
 * looks.
 */
static const struct formula *lone_sap(struct packet *p, uint32_t sap)
{
	if (p->at.link->proto == link_sll)
		return packet_equal(p, BASE_HDR, p->at.payload.k, 1, sap);
	return packet_equal(p, BASE_TYPE, 2, 1, sap);
}

/*
 * Test PROTO on Ethernet and Linux cooked: an EtherType, or LLC and what
 * follows it.
 */
static const struct formula *ether_or_llc(struct packet *p, uint32_t proto)
{
	const struct formula *f, *g;

	switch (proto) {
	case LLCSAP_ISO:
	case LLCSAP_IP:
	case LLCSAP_NETBEUI:
		f = announces_llc(p);
		return formula_and(p, f, both_saps(p, proto));
	case LLCSAP_IPX:
		f = packet_equal(p, BASE_TYPE, 0, 2, ETHERTYPE_IPX);
		return formula_or(p, f, novell(p));
	case ETHERTYPE_ATALK:
	case ETHERTYPE_AARP:
		g = snap(p, proto == ETHERTYPE_ATALK ? 0x080007 : 0, proto);
		g = formula_and(p, announces_llc(p), g);
		f = packet_equal(p, BASE_TYPE, 0, 2, proto);
		return formula_or(p, f, g);
	}
	if (!fits_llc(p, proto))
		return p->no;
	if (proto > ETHER_MAX_LENGTH)
		return packet_equal(p, BASE_TYPE, 0, 2, proto);
	f = announces_llc(p);
	return formula_and(p, f, lone_sap(p, proto));
}

const struct formula *link_ether(struct packet *p, uint32_t proto)
{
	const struct formula *check = p->at.encap ? NULL : packet_outer_check(p);
	const struct formula *f = ether_or_llc(p, proto);

	return check ? formula_and(p, check, f) : f;
}

const struct formula *link_wlan(struct packet *p, uint32_t proto)
{
	const struct ir_value *control = layout_load(p, BASE_HDR, 0, 1);
	const struct formula *data = formula_masked(p, control, 0x0c, 0x08);

	return formula_and(p, data, link_llc(p, proto));
}

const struct formula *link_sunatm(struct packet *p, uint32_t proto)
{
	const struct ir_value *type = layout_load(p, BASE_HDR, 0, 1);
	const struct formula *llc = formula_masked(p, type, 0x0f, 0x02);

	return formula_and(p, llc, link_llc(p, proto));
}

static const struct formula *version(struct packet *p, enum base base, uint32_t v)
{
	return formula_masked(p, layout_load(p, base, 0, 1), 0xf0, v << 4);
}

const struct formula *link_version(struct packet *p, uint32_t proto)
{
	if (proto == ETHERTYPE_IP)
		return version(p, BASE_HDR, 4);
	if (proto == ETHERTYPE_IP6)
		return version(p, BASE_HDR, 6);
	return p->no;
}

const struct formula *link_chdlc(struct packet *p, uint32_t proto)
{
	if (!packet_at_most(p, p->span, "HDLC protocol", proto, 0xffff))
		return p->no;
	if (proto == LLCSAP_ISO)
		proto = LLCSAP_ISO << 8 | LLCSAP_ISO;
	return packet_equal(p, BASE_TYPE, 0, 2, proto);
}

static const struct {
	uint16_t ether, ppp;
} ppp_protos[] = {
	{ ETHERTYPE_IP, 0x0021 },
	{ ETHERTYPE_IP6, 0x0057 },
	{ ETHERTYPE_DECNET, 0x0027 },
	{ ETHERTYPE_ATALK, 0x0029 },
	{ ETHERTYPE_NS, 0x0025 },
	{ LLCSAP_ISO, 0x0023 },
	{ LLCSAP_STP, 0x0031 },
	{ LLCSAP_IPX, 0x002b },
};

const struct formula *link_ppp(struct packet *p, uint32_t proto)
{
	for (unsigned i = 0; i < ARRAY_LEN(ppp_protos); i++)
		if (ppp_protos[i].ether == proto)
			return packet_equal(p, BASE_TYPE, 0, 2, ppp_protos[i].ppp);
	if (!packet_at_most(p, p->span, "PPP protocol", proto, 0xffff))
		return p->no;
	return packet_equal(p, BASE_TYPE, 0, 2, proto);
}

const struct formula *link_ppp_bsdos(struct packet *p, uint32_t proto)
{
	const struct formula *plain = link_ppp(p, proto), *compressed, *uncompressed;

	if (proto != ETHERTYPE_IP)
		return plain;
	/* Van Jacobson's headers, too. */
	compressed = packet_equal(p, BASE_TYPE, 0, 2, 0x002d);
	uncompressed = packet_equal(p, BASE_TYPE, 0, 2, 0x002f);
	return formula_or(p, formula_or(p, plain, compressed), uncompressed);
}

static uint32_t swapped(uint32_t v, bool swap)
{
	return swap ? __builtin_bswap32(v) : v;
}

/* What the systems that write savefiles call IPv6: NetBSD, FreeBSD, Darwin. */
static const uint32_t af_inet6[] = { 24, 28, 30 };
enum {
	AF_INET_ANY = 2,
	AF_INET6_LINUX = 10
};

/* Test for an AF_ number in a savefile, in one byte order. */
static const struct formula *af_file(struct packet *p, uint32_t offset, unsigned width,
                                     uint32_t proto, bool swap)
{
	const struct formula *f = p->no, *g;

	if (proto == ETHERTYPE_IP)
		return packet_equal(p, BASE_HDR, offset, width, swapped(AF_INET_ANY, swap));
	if (proto != ETHERTYPE_IP6)
		return p->no;
	for (unsigned i = 0; i < ARRAY_LEN(af_inet6); i++) {
		g = packet_equal(p, BASE_HDR, offset, width, swapped(af_inet6[i], swap));
		f = formula_or(p, f, g);
	}
	return f;
}

/* Test for one from this machine's kernel. */
static const struct formula *af_live(struct packet *p, uint32_t offset, unsigned width,
                                     uint32_t proto, bool swap)
{
	uint32_t af = proto == ETHERTYPE_IP    ? AF_INET_ANY
	              : proto == ETHERTYPE_IP6 ? AF_INET6_LINUX
	                                       : 0;

	return af ? packet_equal(p, BASE_HDR, offset, width, swapped(af, swap)) : p->no;
}

const struct formula *link_af_host(struct packet *p, uint32_t proto)
{
	const struct formula *f;
	bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

	if (p->o->live)
		return af_live(p, 0, 4, proto, little);
	f = af_file(p, 0, 4, proto, p->o->swapped);
	return formula_or(p, f, af_file(p, 0, 4, proto, !p->o->swapped));
}

const struct formula *link_af_net(struct packet *p, uint32_t proto)
{
	return p->o->live ? af_live(p, 0, 4, proto, false)
	                  : af_file(p, 0, 4, proto, false);
}

const struct formula *link_pflog(struct packet *p, uint32_t proto)
{
	return p->o->live ? af_live(p, 1, 1, proto, false)
	                  : af_file(p, 1, 1, proto, false);
}

const struct formula *link_arcnet(struct packet *p, uint32_t proto)
{
	switch (proto) {
	case ETHERTYPE_IP:
		return packet_equal(p, BASE_TYPE, 0, 1, 212);
	case ETHERTYPE_ARP:
		return packet_equal(p, BASE_TYPE, 0, 1, 213);
	case ETHERTYPE_RARP:
		return packet_equal(p, BASE_TYPE, 0, 1, 214);
	case ETHERTYPE_ATALK:
		return packet_equal(p, BASE_TYPE, 0, 1, 221);
	case ETHERTYPE_IP6:
		return packet_equal(p, BASE_TYPE, 0, 1, 0xc4);
	}
	return p->no;
}

/*
 * Test for unnumbered information with that NLPID after a Q.922 header of two
 * bytes.
 */
const struct formula *packet_frelay_nlpid(struct packet *p, uint32_t nlpid)
{
	return packet_equal(p, BASE_HDR, 2, 2, 0x0300 | nlpid);
}

const struct formula *link_frelay(struct packet *p, uint32_t proto)
{
	const struct formula *clnp, *esis, *isis;

	switch (proto) {
	case ETHERTYPE_IP:
		return packet_frelay_nlpid(p, NLPID_IP);
	case ETHERTYPE_IP6:
		return packet_frelay_nlpid(p, NLPID_IP6);
	case LLCSAP_ISO:
		clnp = packet_frelay_nlpid(p, NLPID_CLNP);
		esis = packet_frelay_nlpid(p, NLPID_ESIS);
		isis = packet_frelay_nlpid(p, NLPID_ISIS);
		return formula_or(p, clnp, formula_or(p, esis, isis));
	}
	return p->no;
}

const struct formula *link_ipnet(struct packet *p, uint32_t proto)
{
	if (proto == ETHERTYPE_IP)
		return packet_equal(p, BASE_TYPE, 0, 1, 2);
	if (proto == ETHERTYPE_IP6)
		return packet_equal(p, BASE_TYPE, 0, 1, 26);
	return p->no;
}

const struct formula *link_ethertype(struct packet *p, uint32_t proto)
{
	if (!packet_at_most(p, p->span, "EtherType", proto, 0xffff))
		return p->no;
	return packet_equal(p, BASE_TYPE, 0, 2, proto);
}

const struct formula *link_sll(struct packet *p, uint32_t proto)
{
	return ether_or_llc(p, proto);
}

const struct formula *link_ipv4(struct packet *p, uint32_t proto)
{
	return proto == ETHERTYPE_IP ? p->yes : p->no;
}

const struct formula *link_ipv6(struct packet *p, uint32_t proto)
{
	return proto == ETHERTYPE_IP6 ? p->yes : p->no;
}

const struct formula *link_ltalk(struct packet *p, uint32_t proto)
{
	return proto == ETHERTYPE_ATALK ? p->yes : p->no;
}

const struct formula *link_juniper(struct packet *p, uint32_t proto)
{
	(void)proto;
	return formula_masked(p, layout_load(p, BASE_HDR, 0, 4), 0xffffff00,
	                      0x4d474300);
}

/* Test PROTO after a label stack, where only the IP version tells what follows. */
static const struct formula *mpls_proto(struct packet *p, uint32_t proto)
{
	const struct formula *bottom, *f;

	if (proto != ETHERTYPE_IP && proto != ETHERTYPE_IP6) {
		packet_fail(p, p->span,
		            "after 'mpls' only 'ip' and 'ip6' can be told apart");
		return p->no;
	}
	bottom = formula_has(p, layout_load(p, BASE_MPLS, 2, 1), 1);
	f = version(p, BASE_NET, proto == ETHERTYPE_IP ? 4 : 6);
	return formula_and(p, bottom, f);
}

const struct formula *packet_linkproto(struct packet *p, uint32_t proto)
{
	if (p->at.labels)
		return mpls_proto(p, proto);
	if (p->at.link->proto)
		return p->at.link->proto(p, proto);
	if (p->at.link->counts_from_hdr) {
		packet_fail(p, p->span,
		            E_INEXPRESSIBLE "%s begins with no header that weir knows; only "
		                            "'link[...]', 'len', 'less', 'greater' and 'byte' "
		                            "work on it",
		            p->at.link->text);
		return p->no;
	}
	packet_fail(
		p, p->span,
		E_INEXPRESSIBLE "weir does not know how %s (%s) identifies its payload; "
				"only 'link[...]', 'len', 'less', 'greater' and 'byte' work on it",
		p->at.link->name, p->at.link->text);
	return p->no;
}

/* --- the link layer around ------------------------------------------------ */

const struct formula *packet_outer_check(struct packet *p)
{
	const struct ir_value *hdr, *payload;
	const struct formula *f;

	if (p->at.encap) {
		/* A tunnel without a link layer header has both at one place. */
		hdr = layout_varying(p, &p->at.hdr);
		payload = layout_varying(p, &p->at.payload);
		f = formula_test(p, IR_EQ, hdr, payload);
		return formula_not(p, f);
	}
	if (p->at.prev->proto == link_sunatm) {
		/* LAN emulation: a control frame has a marker instead of an id. */
		f = packet_equal(p, BASE_PREV_HDR, 4, 2, 0xff00);
		return formula_not(p, f);
	}
	return NULL;
}

const struct formula *packet_llc(struct packet *p)
{
	const struct formula *length, *f;
	uint8_t flags = p->at.link->flags;

	if (flags & LINK_LLC_LENGTH) {
		length = at_most(p, BASE_TYPE, 2, ETHER_MAX_LENGTH);
		f = packet_equal(p, BASE_LLC, 0, 2, 0xffff);
		return formula_and(p, length, formula_not(p, f));
	}
	if (flags & LINK_LLC_ALWAYS)
		return p->yes;
	if (flags & LINK_LLC_WLAN)
		return formula_masked(p, layout_load(p, BASE_HDR, 0, 1), 0x0c, 0x08);
	if (flags & LINK_LLC_ATM) {
		f = formula_masked(p, layout_load(p, BASE_HDR, 0, 1), 0x0f, 0x02);
		if (p->at.link != p->at.prev) {
			p->at.link = p->at.prev;
			layout_changed(p);
		}
		return f;
	}
	return packet_not_here(p, "LLC headers that weir knows");
}
