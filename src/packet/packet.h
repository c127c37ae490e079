/*
 * packet: packet expressions, the language of pcap-filter(7). Text becomes
 * tokens and a tree (text.h, parse.h), formulas over the packet's layout
 * (formula.h, primitive.h), and a decision graph. docs/design/filter.md says
 * how, and where the traps are. This header is what other rooms see.
 */
#ifndef WEIR_PACKET_H
#define WEIR_PACKET_H

#include "base/base.h"
#include "ir/ir.h"

/* --- compile.c: the way in ----------------------------------------------- */

enum packet_name_kind {
	PACKET_NAME_HOST,     /* addresses of both families */
	PACKET_NAME_NET,      /* one IPv4 network number */
	PACKET_NAME_PORT_TCP, /* port by service name; each asked on its own */
	PACKET_NAME_PORT_UDP,
	PACKET_NAME_PORT_SCTP,
	PACKET_NAME_PROTO, /* IP protocol number */
	PACKET_NAME_ETHER, /* hardware address */
};

enum {
	PACKET_MAX_ADDRESSES = 200
};

/* The answer of a resolver; OUT of the function below starts as zeros. */
struct packet_resolved {
	size_t n; /* addresses */
	struct {
		uint8_t family;    /* 4 or 6 */
		uint8_t bytes[16]; /* network order; IPv4 in the first four */
	} address[PACKET_MAX_ADDRESSES];
	uint32_t number;
	uint8_t mac[6];
};

/* Looks NAME up: 0, -ENOENT if it is unknown, or another -errno. */
typedef int packet_resolve_fn(void *ctx, enum packet_name_kind kind, const char *name,
                              struct packet_resolved *out);
/* Gives the text of file NAME, in memory that outlives the compilation; 0 or -errno. */
typedef int packet_open_fn(void *ctx, const char *name, const char *from,
                           const char **text, size_t *len);

/* What an open set holds, and so how it is asked. */
enum packet_set_kind {
	PACKET_SET_IP4,
	PACKET_SET_IP6,
	PACKET_SET_NET4,
	PACKET_SET_NET6,
	PACKET_SET_PORT,
	PACKET_SET_MAC,
	PACKET_SET_VLAN,
};

enum {
	PACKET_MAX_SETS = IR_NSETS,
	PACKET_SET_NAME = 10, /* characters of a name: a map's has 15 */
};

/* An open set that an expression asks about; its word is IR_ANC_SETS and its number. */
struct packet_set {
	char name[PACKET_SET_NAME + 1];
	enum packet_set_kind kind;
};

struct packet_sets {
	struct packet_set v[PACKET_MAX_SETS];
	unsigned n;
};

/* The items of @NAME, if it is not an open set: those of FILE. */
struct packet_items_of {
	const char *name, *file;
};

struct packet_options {
	int linktype;     /* a DLT_ number of libpcap */
	uint32_t snaplen; /* what a match returns */
	uint32_t netmask; /* in network order, as pcap_compile gets it; when have_netmask */
	bool have_netmask;
	bool live;                           /* for a live Linux socket: ancillary loads */
	bool swapped;                        /* the savefile is of the other byte order than this host */
	bool rejects;                        /* what matches returns 0, and all else SNAPLEN */
	bool verbose;                        /* notes, too */
	unsigned depth;                      /* of header chains that protochain follows; 0: 8 */
	packet_resolve_fn *resolve;          /* NULL: there are no names */
	packet_open_fn *open_file;           /* NULL: there are no files */
	void *ctx;                           /* for the two above */
	const struct packet_items_of *items; /* what @NAME is, by name */
	size_t nitems;
	bool open_sets; /* other names are open sets: the program has maps */
};

struct tree;

/*
 * Build the graph of the expression in SOURCE of D: G->root. Give what it was parsed
 * to in *TREE (may be NULL), which lives in G's arena. False after errors.
 */
bool packet_read(struct ir_graph *g, struct diags *d, uint32_t source,
                 const struct packet_options *o, const struct tree **tree);
/* Tell whether no packet matches the graph's expression, as far as it shows. */
bool packet_matches_nothing(const struct ir_graph *g, const struct packet_options *o);
/* Return the open sets that the expression asks about, by number. */
const struct packet_sets *packet_sets_of(const struct tree *tree);

/* --- items.c: what is put into open sets ----------------------------------- */

/* An item: of IPv4 the first four bytes; of ports and VLANs FIRST and LAST. */
struct packet_item {
	enum packet_set_kind kind;
	uint8_t prefix; /* of a network: bits that count */
	uint8_t bytes[16];
	uint16_t first, last;
};

struct packet_items {
	ARRAY(struct packet_item) v;
};

/*
 * Read the items in SOURCE of D, one a line. KINDS has a bit for each kind of set that
 * they are for; each item gets the one that it fits. False after errors.
 */
bool packet_read_items(struct arena *arena, struct diags *d, uint32_t source, unsigned kinds,
                       struct packet_items *out);

/* --- link.c: the link layers --------------------------------------------- */

enum {
	NOT_SET = 0xffffffff
}; /* an offset that a link layer does not have */

struct packet;
struct formula;

/*
 * How a link layer says which protocol it carries: the test for PROTO, an
 * EtherType, or an LLC SAP up to 1500. Each is a function of linkproto.c.
 */
typedef const struct formula *link_proto(struct packet *p, uint32_t proto);

link_proto
	link_ether,     /* EtherType, or a length and an LLC header */
	link_ethertype, /* EtherType alone */
	link_llc,       /* LLC, with SNAP for EtherTypes */
	link_wlan,      /* LLC in data frames */
	link_sunatm,    /* LLC in LLC cells */
	link_sll,       /* EtherType, or values for 802.3 and 802.2 */
	link_chdlc,     /* EtherType, but OSI is 0xfefe */
	link_ppp,
	link_ppp_bsdos, /* PPP, where compressed headers are IP */
	link_version,   /* the first nibble: 4 or 6 */
	link_ipv4,      /* always IPv4 */
	link_ipv6,      /* always IPv6 */
	link_af_host,   /* a word with an AF_ number in the capturing host's order */
	link_af_net,    /* a word with an AF_ number in network order */
	link_pflog,     /* a byte with an AF_ number */
	link_arcnet,
	link_ltalk,   /* always AppleTalk */
	link_frelay,  /* Q.922 header, NLPID */
	link_juniper, /* cannot be told: any protocol is the magic number */
	link_ipnet;

enum link_address {
	ADDR_NONE,
	ADDR_MAC48,
	ADDR_WLAN,
	ADDR_MAC8
};

/* What comes before the link layer header, computed at the start. */
enum link_prefix {
	PREFIX_NONE,
	PREFIX_WLAN, /* only the 802.11 header's own length varies */
	PREFIX_PRISM,
	PREFIX_AVS,
	PREFIX_RADIOTAP,
	PREFIX_PPI,
	PREFIX_PFLOG,
	PREFIX_TCP, /* a TCP header, before the payload that a socket gets */
};

/* What filters on sockets see that no capture file has: numbers beside libpcap's. */
enum {
	PACKET_UDP_PAYLOAD = -2,
	PACKET_TCP_PAYLOAD = -3,
	PACKET_MESSAGE = -4
};

enum {
	LINK_VLAN = 1,       /* `vlan` is known there */
	LINK_MPLS = 2,       /* `mpls` */
	LINK_LLC_LENGTH = 4, /* `llc`: a type field that is a length, and no 0xffff */
	LINK_LLC_ALWAYS = 8, /* `llc`: any packet */
	LINK_LLC_WLAN = 16,  /* `llc`: data frames */
	LINK_LLC_ATM = 32,   /* `llc`: LLC cells */
	LINK_RADIO = 64,     /* `radio[...]` */
};

/* Where the direction of a packet is told: (load & mask) == in or out. */
struct link_direction {
	uint8_t width; /* 0: nowhere */
	uint8_t offset;
	uint32_t mask; /* 0: all bits */
	uint32_t in, out;
	bool only_out;     /* inbound is what is not outbound */
	uint32_t out_mask; /* if it is another one than MASK */
};

/* A link layer. Offsets are from the start of the packet. */
struct packet_linktype {
	const char *name; /* "EN10MB" */
	int dlt;
	const char *text;       /* "Ethernet" */
	link_proto *proto;      /* NULL: it does not say */
	uint32_t hdr;           /* link layer header */
	uint32_t type;          /* protocol field */
	uint32_t payload;       /* link layer payload; then relative to it: */
	uint32_t nl, nl_nosnap; /* network header after SNAP and LLC, and after LLC alone */
	bool hdr_varies, payload_varies;
	bool counts_from_hdr; /* `len` is what comes after the start of the header */
	enum link_prefix prefix;
	enum link_address address;
	uint8_t src, dst, group; /* addresses; the byte with the group bit */
	uint8_t broadcast;       /* MAC8: the address of all */
	uint8_t flags;
	uint8_t ss7; /* MTP2: offset of the length indicator, or 0 */
	struct link_direction direction;
	struct ir_field field[IR_FIELDS]; /* all of the header that a socket can be
	                                     asked for, and only as a whole */
};

extern const struct packet_linktype packet_linktypes[];
extern const unsigned packet_nlinktypes;

/* Look up a link type; NULL if there is none. */
const struct packet_linktype *packet_linktype(int dlt);
/*
 * Look up a link type by name: "EN10MB" or "DLT_EN10MB", in any case. NULL if
 * unknown.
 */
const struct packet_linktype *packet_linktype_named(const char *name, size_t len);

/* --- names.c: numbers that have names ------------------------------------ */

/* Those that the code knows. */
enum {
	ETHERTYPE_IP = 0x0800,
	ETHERTYPE_ARP = 0x0806,
	ETHERTYPE_NS = 0x0600,
	ETHERTYPE_MOPDL = 0x6001,
	ETHERTYPE_MOPRC = 0x6002,
	ETHERTYPE_DECNET = 0x6003,
	ETHERTYPE_LAT = 0x6004,
	ETHERTYPE_SCA = 0x6007,
	ETHERTYPE_TEB = 0x6558,
	ETHERTYPE_RARP = 0x8035,
	ETHERTYPE_ATALK = 0x809b,
	ETHERTYPE_AARP = 0x80f3,
	ETHERTYPE_8021Q = 0x8100,
	ETHERTYPE_IPX = 0x8137,
	ETHERTYPE_IP6 = 0x86dd,
	ETHERTYPE_MPLS = 0x8847,
	ETHERTYPE_PPPOED = 0x8863,
	ETHERTYPE_PPPOES = 0x8864,
	ETHERTYPE_8021AD = 0x88a8,
	ETHERTYPE_QINQ = 0x9100,
	ETHER_MAX_LENGTH = 1500, /* a type field up to here is a length */
	LLCSAP_IP = 0x06,
	LLCSAP_STP = 0x42,
	LLCSAP_IPX = 0xe0,
	LLCSAP_NETBEUI = 0xf0,
	LLCSAP_ISO = 0xfe,
	NLPID_CLNP = 0x81,
	NLPID_ESIS = 0x82,
	NLPID_ISIS = 0x83,
	NLPID_IP6 = 0x8e,
	NLPID_IP = 0xcc,
	IPPROTO_FRAG6 = 44,
};

enum packet_number {
	PACKET_ETHERTYPE,
	PACKET_LLCSAP,
	PACKET_NLPID,
	PACKET_IPPROTO
};

/* Return the name of a number of that kind, NULL if it has none here. */
const char *packet_number_name(enum packet_number kind, uint32_t number);
/* Return the number that NAME has among those of KIND, -1 if none. */
int packet_number_named(enum packet_number kind, const char *name, size_t len);
/* Suggest a name of that kind for the end of a message, "" if none is near. */
const char *packet_number_near(struct arena *arena, enum packet_number kind,
                               const char *name, size_t len);
/* Tell whether the type field of L has an EtherType. */
bool packet_has_ethertype(const struct packet_linktype *l);
/*
 * Return what a listing may say about V compared with NUMBER: "ip" for the EtherType of
 * an Ethernet packet, "tcp" for its protocol. NULL if it is nothing known.
 */
const char *packet_value_name(int linktype, const struct ir_value *v, uint32_t number);

/* --- explain.c: the tree for people -------------------------------------- */

/*
 * Write the conditions, one a line, every group in parentheses, qualifiers filled
 * in, with remarks.
 */
void packet_explain(struct buf *out, struct arena *arena, const struct diags *d,
                    const struct tree *t);

#endif
