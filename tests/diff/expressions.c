/*
 * The grammar of packet expressions that the differential test writes: the whole
 * language on every link type, as far as the libpcap at hand means it as we do.
 * Rows and link types marked IN_LIBPCAP_1_11 are what 1.10.x lacks or gets wrong
 * and later ones have:
 *   vxlan; everything but link[] on DSA tags; link host $XX on BACnet
 *   IS-IS PDU types, whose mask was wrong; fields of ATM and SS7 with !=
 *   decnet host, which looked at the header's formats in another order
 *   the 802.11 subtypes bar and ba, and types and directions on PPI
 *   inbound, outbound and ifindex, which were taken without a live capture
 *   NULL, LOOP, ENC and PFLOG from a file; ARCnet, where RFC 1051 was tested, too
 *   ip multicast: any first octet from 224 on, not 224/4
 *   byte I & V, byte I | V: wrong code
 *   ether proto 256 .. 1500: accepted, though no LLC SAP is so large
 */
#include "tests/diff/diff.h"

#include <string.h>

enum {
	EN10MB = 1,
	SLL = 2,
	SLL2 = 4,
	WLAN = 8,
	TAGGED = 0x10, /* VLAN tags, MPLS labels */
	SS7 = 0x20,
	ATM = 0x40,
	PFLOG = 0x80,
	MAC48 = 0x100,
	MAC8 = 0x200,
	RADIO = 0x400,
	OTHER = 0x800,
	NEW = IN_LIBPCAP_1_11,
};

/* The first is drawn half of the time. */
const struct link_type link_types[] = {
	{ "EN10MB", EN10MB | TAGGED | MAC48 },
	{ "NULL", NEW },
	{ "IEEE802", MAC48 },
	{ "ARCNET", MAC8 | NEW },
	{ "SLIP", OTHER },
	{ "PPP", OTHER },
	{ "FDDI", MAC48 },
	{ "ATM_RFC1483", OTHER },
	{ "RAW", OTHER },
	{ "SLIP_BSDOS", OTHER },
	{ "PPP_BSDOS", OTHER },
	{ "ATM_CLIP", OTHER },
	{ "PPP_SERIAL", OTHER },
	{ "PPP_ETHER", OTHER },
	{ "SYMANTEC_FIREWALL", OTHER },
	{ "C_HDLC", OTHER },
	{ "IEEE802_11", WLAN | MAC48 },
	{ "FRELAY", OTHER },
	{ "LOOP", NEW },
	{ "ENC", NEW },
	{ "LINUX_SLL", SLL },
	{ "LTALK", OTHER },
	{ "PFLOG", PFLOG | NEW },
	{ "PRISM_HEADER", WLAN | MAC48 | RADIO },
	{ "IP_OVER_FC", MAC48 },
	{ "SUNATM", ATM },
	{ "IEEE802_11_RADIO", WLAN | MAC48 | RADIO },
	{ "ARCNET_LINUX", MAC8 | NEW },
	{ "JUNIPER_MLPPP", OTHER },
	{ "JUNIPER_MLFR", OTHER },
	{ "JUNIPER_ES", OTHER },
	{ "JUNIPER_GGSN", OTHER },
	{ "JUNIPER_MFR", OTHER },
	{ "JUNIPER_ATM2", OTHER },
	{ "JUNIPER_SERVICES", OTHER },
	{ "JUNIPER_ATM1", OTHER },
	{ "APPLE_IP_OVER_IEEE1394", OTHER },
	{ "MTP2_WITH_PHDR", SS7 },
	{ "MTP2", SS7 },
	{ "IEEE802_11_RADIO_AVS", WLAN | MAC48 | RADIO },
	{ "JUNIPER_MONITOR", OTHER },
	{ "BACNET_MS_TP", MAC8 | NEW },
	{ "PPP_PPPD", OTHER },
	{ "JUNIPER_PPPOE", OTHER },
	{ "JUNIPER_PPPOE_ATM", OTHER },
	{ "JUNIPER_ETHER", OTHER },
	{ "JUNIPER_PPP", OTHER },
	{ "JUNIPER_FRELAY", OTHER },
	{ "JUNIPER_CHDLC", OTHER },
	{ "MFR", OTHER },
	{ "JUNIPER_VP", OTHER },
	{ "PPI", WLAN | MAC48 | NEW },
	{ "JUNIPER_ISM", OTHER },
	{ "ERF", SS7 },
	{ "JUNIPER_ST", OTHER },
	{ "IPNET", OTHER },
	{ "IPV4", OTHER },
	{ "IPV6", OTHER },
	{ "JUNIPER_VS", OTHER },
	{ "JUNIPER_SRX_E2E", OTHER },
	{ "JUNIPER_FIBRECHANNEL", OTHER },
	{ "JUNIPER_ATM_CEMIC", OTHER },
	{ "NETANALYZER", TAGGED | MAC48 },
	{ "NETANALYZER_TRANSPARENT", TAGGED | MAC48 },
	{ "PFSYNC", OTHER },
	{ "LINUX_SLL2", SLL2 },
	{ "DSA_TAG_BRCM", TAGGED | MAC48 | NEW },
	{ "DSA_TAG_DSA", TAGGED | MAC48 | NEW },
	{ "USB_LINUX", OTHER },
	{ "PKTAP", OTHER },
};
const unsigned nlink_types = ARRAY_LEN(link_types);

/* Name, weight, text and, where not everywhere, the contexts. */
#define P(n, w, t, ...)                                          \
	{                                                        \
		.name = n, .weight = w, .text = t, ##__VA_ARGS__ \
	}

static const struct production rows[] = {
	/* Equal precedence and inherited qualifiers are the point of these. */
	P("expr", 5, "<term>"),
	P("expr", 8, "<expr> <andor> <term>"),
	P("expr", 2, "<hosts> <andor> <hostid>"),
	P("expr", 2, "<ports> <andor> <portid>"),
	P("expr", 1, "<protos> <andor> <num8>"),
	P("expr", 1, "<nets> <andor> <netid>"),
	P("andor", 5, "and"),
	P("andor", 5, "or"),
	P("andor", 1, "&&"),
	P("andor", 1, "||"),
	P("not", 3, "not "),
	P("not", 1, "!"),
	P("hosts", 2, "<hosthead> <hostid>"),
	P("hosts", 1, "<hosts> <andor> <hostid>"),
	P("ports", 2, "<porthead> <portid>"),
	P("ports", 1, "<ports> <andor> <portid>"),
	P("protos", 2, "<protohead> <num8>"),
	P("protos", 1, "<protos> <andor> <num8>"),
	P("nets", 2, "<nethead> <netid>"),
	P("nets", 1, "<nets> <andor> <netid>"),

	P("term", 12, "<prim>"),
	P("term", 4, "(<expr>)"),
	P("term", 4, "<not><term>"),
	P("term", 6, "<relation>"),

	P("prim", 6, "<pname>"),
	P("prim", 5, "<hosthead> <hostid>"),
	P("prim", 1, "<hosthead> (<hostids>)"),
	P("prim", 3, "<nethead> <netid>"),
	P("prim", 5, "<porthead> <portid>"),
	P("prim", 1, "<porthead> (<portids>)"),
	P("prim", 2, "<rangehead> <range>"),
	P("prim", 3, "<protohead> <num8>"),
	P("prim", 2, "ether proto <ethertype>"),
	P("prim", 1, "ether proto 1500", NEW),
	P("prim", 3, "ether <dir>host <mac>", MAC48),
	P("prim", 1, "ether <dir>host <mac>"),
	P("prim", 1, "ether dst <mac>", MAC48),
	P("prim", 1, "ether broadcast", MAC48),
	P("prim", 1, "ether multicast", MAC48),
	P("prim", 1, "broadcast"),
	P("prim", 1, "multicast"),
	P("prim", 1, "ip multicast", NEW),
	P("prim", 1, "ip broadcast"),
	P("prim", 1, "ip6 multicast"),
	P("prim", 2, "vlan", TAGGED | WLAN),
	P("prim", 2, "vlan <vid>", TAGGED | WLAN),
	P("prim", 1, "vlan <vid>"),
	P("prim", 1, "less <length>"),
	P("prim", 1, "greater <length>"),
	P("prim", 1, "byte <offset> = <num8>"),
	P("prim", 1, "byte <offset> < <num8>"),
	P("prim", 1, "byte <offset> > <num8>"),
	P("prim", 1, "byte <offset> & <num8>", NEW),
	P("prim", 1, "byte <offset> | <num8>", NEW),
	P("prim", 1, "inbound", SLL | SLL2),
	P("prim", 1, "outbound", SLL | SLL2),
	P("prim", 1, "ifindex <num8>", SLL2),

	P("prim", 3, "<encap>"),
	P("prim", 1, "(<list>)"),
	P("prim", 1, "(<pairs>)"),
	P("prim", 3, "<wlan>", WLAN),
	P("prim", 2, "<wlan>", WLAN | NEW),
	P("prim", 5, "<atm>", ATM),
	P("prim", 8, "<ss7>", SS7),
	P("prim", 5, "<pflog>", PFLOG),
	P("prim", 1, "<special>"),
	P("prim", 2, "<llc>"),
	P("prim", 1, "<osi>"),
	P("prim", 1, "decnet <dir>host 10.15", NEW),
	P("prim", 3, "link <dir>host $1f", MAC8),
	P("special", 1, "<wlan>", NEW),
	P("special", 1, "<atm>"),
	P("special", 1, "<ss7>"),
	P("special", 1, "<pflog>"),
	P("special", 1, "inbound", NEW),
	P("special", 1, "ifindex 3", NEW),
	/* Alternatives of one kind, and of pairs: sets, trees, factors. */
	P("list", 2, "<portlist>"),
	P("list", 2, "<hostlist>"),
	P("list", 2, "<pairlist>"),
	P("list", 1, "<netlist>"),
	P("portlist", 1, "<porthead> <port> or <port> or <port> or <port> or <port>"),
	P("portlist", 2, "<portlist> or <port> or <port> or <port>"),
	P("hostlist", 2, "<dir>host <ip4> or <ip4> or <ip4> or <ip4> or <ip4>"),
	P("hostlist", 1, "<dir>host <ip6> or <ip6> or <ip4> or <ip6> or <ip6>"),
	P("hostlist", 2, "<hostlist> or <hostid> or <ip4> or <ip4>"),
	/* Lists of pairs, which a pass of their own factors; few values, so that they meet. */
	P("pairlist", 3, "<hostports>"),
	P("pairlist", 2, "<porthosts>"),
	P("pairlist", 1, "<netports>"),
	P("pairlist", 1, "<srcdsts>"),
	P("pairlist", 1, "<prim> or <hostports>"),
	P("hostports", 1, "<hostport> or <hostport> or <hostport>"),
	P("hostports", 3, "<hostport> or <hostports>"),
	P("porthosts", 1, "<porthost> or <porthost>"),
	P("porthosts", 3, "<porthost> or <porthosts>"),
	P("netports", 1, "<netport> or <netport>"),
	P("netports", 2, "<netport> or <netports>"),
	P("srcdsts", 1, "<srcdst> or <srcdst>"),
	P("srcdsts", 2, "<srcdst> or <srcdsts>"),
	P("hostport", 1, "(host 10.0.0.<few> and tcp port <few>)"),
	P("porthost", 1, "(udp port <few> and host 10.0.0.<few>)"),
	P("netport", 1, "(net 10.<few>.0.0/16 and port <few>)"),
	P("srcdst", 1, "(src host 10.0.0.<few> and dst port <few>)"),
	P("few", 1, "1"),
	P("few", 1, "2"),
	P("few", 1, "3"),
	P("netlist", 1, "<dir>net <ip4net> or <ip4net> or <ip4net> or <ip4net>"),
	P("netlist", 2, "<netlist> or <netid> or <ip4net> or <ip6net>"),
	P("pairs", 2, "<pair> or <pair> or <pair>"),
	P("pairs", 2, "<pairs> or <pair> or <pair>"),
	P("pair", 2, "(<dir>host <ip4> and <trans> <dir>port <port>)"),
	P("pair", 1, "(src host <ip4> and dst port <port>)"),
	P("pair", 1, "(dst host <ip4> and not port <port>)"),

	P("encap", 1, "mpls"),
	P("encap", 1, "mpls <vid>"),
	P("encap", 1, "pppoed"),
	P("encap", 1, "pppoes"),
	P("encap", 1, "pppoes 7"),
	P("encap", 1, "geneve"),
	P("encap", 1, "geneve 5"),
	P("encap", 1, "vxlan", NEW),
	P("encap", 1, "vxlan 5", NEW),
	P("llc", 1, "llc"),
	P("llc", 1, "llc i"),
	P("llc", 1, "llc s"),
	P("llc", 1, "llc u"),
	P("llc", 1, "llc rnr"),
	P("llc", 1, "llc ui"),
	P("osi", 1, "esis"),
	P("osi", 1, "isis"),
	P("osi", 1, "clnp"),
	P("osi", 1, "iso proto 129"),
	P("osi", 1, "l1", NEW),
	P("osi", 1, "l2", NEW),
	P("osi", 1, "iih", NEW),
	P("osi", 1, "lsp", NEW),
	P("osi", 1, "snp", NEW),
	P("osi", 1, "csnp", NEW),
	P("osi", 1, "psnp", NEW),
	P("osi", 1, "isis proto 5", NEW),
	P("wlan", 1, "type mgt"),
	P("wlan", 1, "type data subtype qos"),
	P("wlan", 1, "subtype beacon"),
	P("wlan", 1, "dir fromds"),
	P("wlan", 1, "dir 3"),
	P("wlan", 1, "wlan <dir>host <mac>"),
	P("wlan", 1, "wlan ra <mac>"),
	P("wlan", 1, "wlan ta <mac>"),
	P("wlan", 1, "wlan addr1 <mac>"),
	P("wlan", 1, "wlan addr2 <mac>"),
	P("wlan", 1, "wlan addr3 <mac>"),
	P("wlan", 1, "wlan addr4 <mac>"),
	P("atm", 1, "lane"),
	P("atm", 1, "metac"),
	P("atm", 1, "bcc"),
	P("atm", 1, "oamf4sc"),
	P("atm", 1, "oam"),
	P("atm", 1, "connectmsg"),
	P("atm", 1, "metaconnect"),
	P("atm", 1, "vpi 3"),
	P("atm", 1, "vci > 5"),
	P("atm", 1, "vci (3 or 4)"),
	P("atm", 1, "vpi != 7", NEW),
	P("ss7", 1, "fisu"),
	P("ss7", 1, "lssu"),
	P("ss7", 1, "msu"),
	P("ss7", 1, "hfisu"),
	P("ss7", 1, "hlssu"),
	P("ss7", 1, "hmsu"),
	P("ss7", 1, "sio 5"),
	P("ss7", 1, "opc 1234"),
	P("ss7", 1, "dpc > 77"),
	P("ss7", 1, "sls <= 4"),
	P("ss7", 1, "hopc (3 or 4)"),
	P("ss7", 1, "hsls 5"),
	P("ss7", 1, "hdpc != 5", NEW),
	P("ss7", 1, "hsio < 7"),
	P("pflog", 1, "on em0"),
	P("pflog", 1, "rset foo"),
	P("pflog", 1, "rnr 5"),
	P("pflog", 1, "srnr 6"),
	P("pflog", 1, "reason match"),
	P("pflog", 1, "action block"),
	P("base", 3, "radio", RADIO),
	P("base", 1, "igmp"),
	P("base", 1, "pim"),
	P("base", 1, "atalk"),
	P("base", 1, "decnet"),
	P("base", 1, "rarp"),

	P("pname", 8, "ip"),
	P("pname", 6, "ip6"),
	P("pname", 4, "arp"),
	P("pname", 2, "rarp"),
	P("pname", 6, "tcp"),
	P("pname", 6, "udp"),
	P("pname", 2, "sctp"),
	P("pname", 4, "icmp"),
	P("pname", 3, "icmp6"),
	P("pname", 1, "igmp"),
	P("pname", 1, "pim"),
	P("pname", 1, "vrrp"),
	P("pname", 1, "carp"),
	P("pname", 1, "ah"),
	P("pname", 1, "esp"),
	P("pname", 1, "<oddname>"),
	P("oddname", 1, "igrp"),
	P("oddname", 1, "atalk"),
	P("oddname", 1, "aarp"),
	P("oddname", 1, "decnet"),
	P("oddname", 1, "lat"),
	P("oddname", 1, "sca"),
	P("oddname", 1, "moprc"),
	P("oddname", 1, "mopdl"),
	P("oddname", 1, "iso"),
	P("oddname", 1, "stp"),
	P("oddname", 1, "ipx"),
	P("oddname", 1, "netbeui"),

	P("dir", 3, ""),
	P("dir", 2, "src "),
	P("dir", 2, "dst "),
	P("dir", 1, "src or dst "),
	P("dir", 1, "src and dst "),
	P("dir", 1, "dst and src "),

	P("hosthead", 6, "<dir>host"),
	P("hosthead", 2, "ip <dir>host"),
	P("hosthead", 1, "src"),
	P("hosthead", 1, "dst"),
	P("hosthead", 1, "ip"),
	P("hosthead", 1, "arp <dir>host"),
	P("hosthead", 1, "rarp <dir>host"),
	P("hosthead", 1, "ip6 <dir>host"),
	P("hosthead", 1, "<pname> <dir>host"),
	P("hostid", 6, "<ip4>"),
	P("hostid", 3, "<ip6>"),
	P("hostid", 1, "<ip4short>"),
	P("hostid", 1, "<num>"),
	P("hostid", 1, "<not><hostid>"),
	P("hostids", 1, "<hostid>"),
	P("hostids", 1, "<hostids> <andor> <hostid>"),

	P("nethead", 4, "<dir>net"),
	P("nethead", 1, "ip <dir>net"),
	P("nethead", 1, "arp net"),
	P("nethead", 1, "ip6 <dir>net"),
	P("nethead", 1, "<pname> net"),
	P("netid", 5, "<ip4net>"),
	P("netid", 2, "<ip6net>"),
	P("netid", 1, "<ip4mask>"),
	P("netid", 1, "<ip4short>"),
	P("netid", 1, "<ip4>"),
	P("netid", 1, "<num8>"),

	P("porthead", 4, "<dir>port"),
	P("porthead", 4, "<trans> <dir>port"),
	P("porthead", 1, "<pname> port"),
	P("portid", 6, "<port>"),
	P("portid", 1, "<num>"),
	P("portid", 1, "<not><portid>"),
	P("portids", 1, "<portid>"),
	P("portids", 1, "<portids> <andor> <portid>"),
	P("rangehead", 2, "<dir>portrange"),
	P("rangehead", 2, "<trans> <dir>portrange"),
	P("trans", 3, "tcp"),
	P("trans", 3, "udp"),
	P("trans", 1, "sctp"),

	P("protohead", 2, "ip proto"),
	P("protohead", 2, "ip6 proto"),
	P("protohead", 1, "proto"),
	P("protohead", 1, "<pname> proto"),

	/* Unsigned, 32 bits; % and ^ swallow all to their right. */
	P("relation", 3, "<load> <relop> <num>"),
	P("relation", 3, "<load> & <num> <relop> <num>"),
	P("relation", 4, "<arith> <relop> <arith>"),
	P("relation", 1, "<flags>"),
	P("relop", 3, "="),
	P("relop", 1, "=="),
	P("relop", 2, "!="),
	P("relop", 1, ">"),
	P("relop", 1, "<"),
	P("relop", 1, ">="),
	P("relop", 1, "<="),
	P("load", 6, "<base>[<offset>]"),
	P("load", 5, "<base>[<offset>:<width>]"),
	P("load", 1, "<base>[<arith>]"),
	P("load", 1, "<base>[<arith>:<width>]"),
	P("base", 5, "ether"),
	P("base", 5, "ip"),
	P("base", 4, "tcp"),
	P("base", 4, "udp"),
	P("base", 3, "ip6"),
	P("base", 2, "icmp"),
	P("base", 1, "arp"),
	P("base", 1, "sctp"),
	P("base", 1, "icmp6"),
	P("base", 1, "<pname>"),
	P("width", 1, "1"),
	P("width", 2, "2"),
	P("width", 2, "4"),
	P("arith", 4, "<num>"),
	P("arith", 5, "<load>"),
	P("arith", 1, "len"),
	P("arith", 5, "<arith> <op> <arith>"),
	P("arith", 2, "(<arith> <op> <arith>)"),
	P("arith", 1, "-<arith>"),
	P("arith", 1, "<constant>"),
	P("op", 4, "+"),
	P("op", 3, "-"),
	P("op", 2, "*"),
	P("op", 2, "/"),
	P("op", 2, "%"),
	P("op", 4, "&"),
	P("op", 2, "|"),
	P("op", 2, "^"),
	P("op", 2, "<<"),
	P("op", 2, ">>"),
	P("constant", 1, "tcp-syn"),
	P("constant", 1, "tcpflags"),
	P("constant", 1, "icmp-echo"),
	P("constant", 1, "icmp6-echoreply"),
	P("constant", 1, "tcp-cwr"),
	P("flags", 2, "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0"),
	P("flags", 1, "tcp[tcpflags] = tcp-ack"),
	P("flags", 1, "icmp[icmptype] != icmp-echo"),
	P("flags", 1, "icmp6[icmp6type] == icmp6-echo"),
	P("flags", 1, "ip[6:2] & 0x1fff = 0"),
	P("flags", 1, "(ip[2:2] - ((ip[0] & 0xf) << 2)) > 100"),
};
#undef P

/* --- terminals ------------------------------------------------------------------ */

static uint32_t some_ip4(struct rng *r)
{
	static const uint32_t known[] = {
		0x0a000001,
		0x0a000002,
		0xc0000201,
		0xac100505,
		0xe0000001,
		0xffffffff,
		0x7f000001,
		0,
	};

	return rng_one_in(r, 4) ? rng_next(r)
	                        : known[rng_below(r, ARRAY_LEN(known))];
}

static void dotted(struct buf *out, uint32_t a, int parts)
{
	for (int i = 0; i < parts; i++)
		buf_printf(out, "%s%u", i ? "." : "", a >> (24 - 8 * i) & 255);
}

static void put_ip4(struct buf *out, struct rng *r)
{
	dotted(out, some_ip4(r), 4);
}

static void put_ip4short(struct buf *out, struct rng *r)
{
	dotted(out, some_ip4(r), 2 + rng_below(r, 2));
}

static uint32_t prefix(unsigned bits)
{
	return bits ? ~0u << (32 - bits) : 0;
}

static void put_ip4net(struct buf *out, struct rng *r)
{
	unsigned bits = rng_one_in(r, 2) ? 8 * rng_below(r, 5) : rng_below(r, 33);

	dotted(out, some_ip4(r) & prefix(bits), 4);
	buf_printf(out, "/%u", bits);
}

static void put_ip4mask(struct buf *out, struct rng *r)
{
	uint32_t mask = rng_one_in(r, 4) ? rng_next(r) & rng_next(r)
	                                 : prefix(rng_below(r, 33));

	dotted(out, some_ip4(r) & mask, 4);
	buf_puts(out, " mask ");
	dotted(out, mask, 4);
}

static void put_ip6(struct buf *out, struct rng *r)
{
	static const char *const known[] = {
		"2001:db8::1",
		"2001:db8::2",
		"fe80::1",
		"ff02::1",
		"::1",
		"::",
		"2001:db8:0:0:1:2:3:4",
	};

	buf_puts(out, known[rng_below(r, ARRAY_LEN(known))]);
}

static void put_ip6net(struct buf *out, struct rng *r)
{
	static const char *const known[] = {
		"2001:db8::/32",
		"fe80::/10",
		"ff00::/8",
		"::/0",
		"2001:db8::1/128",
		"2000::/3",
		"2001:db8::/64",
		"2001:db8::8000:0/97",
		"::1",
		"2001:db8:0:4000::/50",
	};

	buf_puts(out, known[rng_below(r, ARRAY_LEN(known))]);
}

static void put_mac(struct buf *out, struct rng *r)
{
	static const char *const known[] = {
		"00:11:22:33:44:55",
		"ff:ff:ff:ff:ff:ff",
		"01:00:5e:00:00:01",
		"0:1:2:3:4:5",
		"00-11-22-33-44-55",
		"0011.2233.4455",
	};

	buf_puts(out, known[rng_below(r, ARRAY_LEN(known))]);
}

static uint32_t some_port(struct rng *r)
{
	static const uint32_t known[] = { 22, 53, 80, 443, 1024, 8080, 65535, 0 };

	return rng_one_in(r, 4) ? rng_below(r, 65536)
	                        : known[rng_below(r, ARRAY_LEN(known))];
}

static void put_port(struct buf *out, struct rng *r)
{
	buf_printf(out, "%u", some_port(r));
}

static void put_range(struct buf *out, struct rng *r)
{
	uint32_t a = some_port(r), b = some_port(r);

	if (rng_one_in(r, 4))
		b = a;
	else if (rng_one_in(r, 3) && a < 65535)
		b = a + 1;
	buf_printf(out, "%u-%u", a, b);
}

static void put_num8(struct buf *out, struct rng *r)
{
	static const uint32_t known[] = { 1, 2, 6, 17, 41, 44, 50, 58, 132, 255, 0 };

	buf_printf(out, "%u", rng_one_in(r, 4) ? rng_below(r, 256) : known[rng_below(r, ARRAY_LEN(known))]);
}

static void put_ethertype(struct buf *out, struct rng *r)
{
	static const uint32_t known[] = {
		0x800,
		0x86dd,
		0x806,
		0x8100,
		0x88cc,
		0x8035,
		0,
		1501,
		0x42,
		0xff,
		0xaa,
		0xf0,
		0xe0,
		0xfe,
		0x1536,
		0xffff,
		0x809b,
		0x80f3,
		0x6003,
	};

	buf_printf(out, "0x%x", known[rng_below(r, ARRAY_LEN(known))]);
}

static void put_vid(struct buf *out, struct rng *r)
{
	static const uint32_t known[] = { 1, 100, 200, 0, 4095 };

	buf_printf(out, "%u", known[rng_below(r, ARRAY_LEN(known))]);
}

static void put_length(struct buf *out, struct rng *r)
{
	buf_printf(out, "%u", rng_below(r, rng_one_in(r, 3) ? 2000 : 100));
}

static void put_offset(struct buf *out, struct rng *r)
{
	buf_printf(out, "%u", rng_below(r, rng_one_in(r, 8) ? 1000 : 44));
}

static void put_num(struct buf *out, struct rng *r)
{
	uint32_t v = rng_number(r);

	if (rng_one_in(r, 3))
		buf_printf(out, "0x%x", v);
	else if (rng_one_in(r, 10))
		buf_printf(out, "0%o", v);
	else
		buf_printf(out, "%u", v);
}

static void packet_terminal(struct buf *out, const char *name, size_t len,
                            struct rng *r)
{
	static const struct {
		const char *name;
		void (*put)(struct buf *out, struct rng *r);
	} terminals[] = {
		{ "ip4", put_ip4 },
		{ "ip4short", put_ip4short },
		{ "ip4net", put_ip4net },
		{ "ip4mask", put_ip4mask },
		{ "ip6", put_ip6 },
		{ "ip6net", put_ip6net },
		{ "mac", put_mac },
		{ "port", put_port },
		{ "range", put_range },
		{ "num8", put_num8 },
		{ "vid", put_vid },
		{ "ethertype", put_ethertype },
		{ "num", put_num },
		{ "length", put_length },
		{ "offset", put_offset },
	};

	for (size_t i = 0; i < ARRAY_LEN(terminals); i++) {
		if (!strncmp(terminals[i].name, name, len) &&
		    !terminals[i].name[len]) {
			terminals[i].put(out, r);
			return;
		}
	}
	buf_printf(out, "?%.*s?", (int)len, name); /* a hole in the table: seen at once */
}

const struct grammar packet_grammar = {
	.row = rows,
	.n = ARRAY_LEN(rows),
	.terminal = packet_terminal,
};

/* --- wrong texts ------------------------------------------------------------------- */

char *mutate_tokens(struct arena *a, const char *text, struct rng *r)
{
	struct buf out = { .arena = a };
	uint32_t words = 1, at, as;

	for (const char *s = text; *s; s++)
		words += *s == ' ';
	at = rng_below(r, words);
	as = rng_below(r, 4);
	for (uint32_t i = 0; *text; i++) {
		size_t len = strcspn(text, " ");

		if (i != at || as != 0) /* else it is lost */
			buf_write(&out, text, len);
		buf_putc(&out, ' ');
		if (i == at && as == 1) {
			buf_write(&out, text, len);
			buf_putc(&out, ' ');
		} else if (i == at && as == 2) {
			buf_putc(&out, ")(!&|]["[rng_below(r, 7)]);
		}
		text += len + (text[len] == ' ');
	}
	return buf_str(&out);
}
