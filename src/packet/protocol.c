/* `proto` and its abbreviations: IP protocols, and protocols of the OSI. */
#include "packet/primitive.h"

static const struct formula *iso_proto(struct packet *p, uint32_t number)
{
	bool chdlc = p->at.link->proto == link_chdlc;
	const struct formula *iso, *f;

	if (p->at.link->proto == link_frelay)
		return packet_frelay_nlpid(p, number);
	/* OSI over Cisco's HDLC has a byte of its own before the NLPID. */
	iso = packet_linkproto(p, chdlc ? LLCSAP_ISO << 8 | LLCSAP_ISO : LLCSAP_ISO);
	f = packet_equal(p, BASE_NET_NOSNAP, chdlc, 1, number);
	return formula_and(p, iso, f);
}

static const struct formula *isis_proto(struct packet *p, uint32_t number)
{
	bool chdlc = p->at.link->proto == link_chdlc;
	const struct formula *isis = iso_proto(p, NLPID_ISIS), *f;

	f = formula_masked(p, layout_load(p, BASE_NET_NOSNAP, chdlc ? 5 : 4, 1), 0x1f,
	                   number);
	return formula_and(p, isis, f);
}

const struct formula *packet_proto(struct packet *p, struct span at, uint32_t number,
                                   enum proto proto)
{
	switch (proto) {
	case Q_LINK:
		return packet_linkproto(p, number);
	case Q_DEFAULT:
	case Q_IP:
	case Q_IP6:
		if (!packet_at_most(p, at, "IP protocol", number, 0xff))
			return p->no;
		return list_protos(p, (struct qual){ .proto = proto }, number, number);
	case Q_ISO:
		return packet_at_most(p, at, "ISO protocol", number, 0xff)
		               ? iso_proto(p, number)
		               : p->no;
	case Q_ISIS:
		return packet_at_most(p, at, "IS-IS PDU type", number, 0x1f)
		               ? isis_proto(p, number)
		               : p->no;
	default:
		packet_fail(
			p, at,
			E_SYNTAX "'proto' cannot follow '%s', only 'ip', 'ip6', 'ether', 'iso' and 'isis'",
			packet_proto_text(proto));
		return p->no;
	}
}

/* --- abbreviations -------------------------------------------------------- */

/* What an abbreviation means: `OF proto NUMBER`. */
static const struct {
	enum proto name, of;
	uint16_t number;
} abbreviations[] = {
	{ Q_TCP, Q_DEFAULT, 6 },
	{ Q_UDP, Q_DEFAULT, 17 },
	{ Q_SCTP, Q_DEFAULT, 132 },
	{ Q_AH, Q_DEFAULT, 51 },
	{ Q_ESP, Q_DEFAULT, 50 },
	{ Q_PIM, Q_DEFAULT, 103 },
	{ Q_ICMP, Q_IP, 1 },
	{ Q_IGMP, Q_IP, 2 },
	{ Q_IGRP, Q_IP, 9 },
	{ Q_VRRP, Q_IP, 112 },
	{ Q_CARP, Q_IP, 112 },
	{ Q_ICMP6, Q_IP6, 58 },
	{ Q_IP, Q_LINK, ETHERTYPE_IP },
	{ Q_IP6, Q_LINK, ETHERTYPE_IP6 },
	{ Q_ARP, Q_LINK, ETHERTYPE_ARP },
	{ Q_RARP, Q_LINK, ETHERTYPE_RARP },
	{ Q_ATALK, Q_LINK, ETHERTYPE_ATALK },
	{ Q_AARP, Q_LINK, ETHERTYPE_AARP },
	{ Q_DECNET, Q_LINK, ETHERTYPE_DECNET },
	{ Q_LAT, Q_LINK, ETHERTYPE_LAT },
	{ Q_SCA, Q_LINK, ETHERTYPE_SCA },
	{ Q_MOPRC, Q_LINK, ETHERTYPE_MOPRC },
	{ Q_MOPDL, Q_LINK, ETHERTYPE_MOPDL },
	{ Q_ISO, Q_LINK, LLCSAP_ISO },
	{ Q_STP, Q_LINK, LLCSAP_STP },
	{ Q_IPX, Q_LINK, LLCSAP_IPX },
	{ Q_NETBEUI, Q_LINK, LLCSAP_NETBEUI },
	{ Q_ESIS, Q_ISO, NLPID_ESIS },
	{ Q_ISIS, Q_ISO, NLPID_ISIS },
	{ Q_CLNP, Q_ISO, NLPID_CLNP },
};

/* The PDU types of IS-IS that an abbreviation means, in libpcap's order. */
static const struct {
	enum proto name;
	uint8_t n, pdu[5];
} isis_abbreviations[] = {
	{ Q_L1, 5, { 26, 24, 18, 15, 17 } },
	{ Q_L2, 5, { 27, 25, 20, 16, 17 } },
	{ Q_IIH, 3, { 17, 15, 16 } },
	{ Q_LSP, 2, { 18, 20 } },
	{ Q_SNP, 4, { 27, 26, 24, 25 } },
	{ Q_CSNP, 2, { 24, 25 } },
	{ Q_PSNP, 2, { 26, 27 } },
};

int packet_ipproto_of(enum proto proto)
{
	for (unsigned i = 0; i < ARRAY_LEN(abbreviations); i++)
		if (abbreviations[i].name == proto && abbreviations[i].of != Q_LINK &&
		    abbreviations[i].of != Q_ISO)
			return abbreviations[i].number;
	return -1;
}

const struct formula *packet_abbrev(struct packet *p, enum proto proto)
{
	const struct formula *f = p->no;
	bool known = false;

	for (unsigned i = 0; i < ARRAY_LEN(abbreviations); i++)
		if (abbreviations[i].name == proto)
			return packet_proto(p, p->span, abbreviations[i].number,
			                    abbreviations[i].of);
	for (unsigned i = 0; i < ARRAY_LEN(isis_abbreviations); i++) {
		if (isis_abbreviations[i].name != proto)
			continue;
		known = true;
		for (unsigned k = 0; k < isis_abbreviations[i].n; k++)
			f = formula_or(p, f,
			               isis_proto(p, isis_abbreviations[i].pdu[k]));
	}
	if (!known)
		packet_fail(
			p, p->span,
			"'%s' is not a condition by itself; compare one of its fields, as in '%s[0] = 1'",
			packet_proto_text(proto), packet_proto_text(proto));
	return f;
}
