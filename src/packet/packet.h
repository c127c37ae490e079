/*
 * packet: packet expressions, the language of pcap-filter(7). Text becomes
 * tokens (token.c), a tree (parse.c), formulas over the packet's layout
 * (lower.c and what it calls), and a decision graph (build.c).
 * docs/design/filter.md says how, and where the traps are.
 */
#ifndef WEIR_PACKET_H
#define WEIR_PACKET_H

#include "base/base.h"
#include "ir/ir.h"

/* --- compile.c: the way in ------------------------------------------------ */

enum packet_name_kind {
	PACKET_NAME_HOST,     /* addresses of both families */
	PACKET_NAME_NET,      /* one IPv4 network number */
	PACKET_NAME_PORT_TCP, /* port by service name; each asked on its own */
	PACKET_NAME_PORT_UDP,
	PACKET_NAME_PORT_SCTP,
	PACKET_NAME_PROTO,    /* IP protocol number */
	PACKET_NAME_ETHER,    /* hardware address */
};

enum { PACKET_MAX_ADDRESSES = 200 };

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

/* Looks NAME up; 0, -ENOENT when nobody knows it, or another -errno. */
typedef int packet_resolve_fn(void *ctx, enum packet_name_kind kind, const char *name,
                              struct packet_resolved *out);
/* Gives the text of file NAME, in memory that outlives the compilation; 0 or -errno. */
typedef int packet_open_fn(void *ctx, const char *name, const char *from,
                           const char **text, size_t *len);

struct packet_options {
	int linktype;      /* a DLT_ number of libpcap */
	uint32_t snaplen;  /* what a match returns */
	uint32_t netmask;  /* in network order, as pcap_compile gets it; when have_netmask */
	bool have_netmask;
	bool live;         /* for a live Linux socket: ancillary loads */
	bool swapped;      /* the savefile is of the other byte order than this host */
	bool verbose;      /* notes, too */
	unsigned depth;    /* of header chains that protochain follows; 0: 8 */
	packet_resolve_fn *resolve; /* NULL: there are no names */
	packet_open_fn *open_file;  /* NULL: there are no files */
	void *ctx;                  /* for the two above */
};

struct tree;

/*
 * Build the graph of the expression in SOURCE of D: G->root. Give what it was parsed
 * to in *TREE (may be NULL), which lives in G's arena. False after errors.
 */
bool packet_read(struct ir_graph *g, struct diags *d, uint32_t source,
                 const struct packet_options *o, const struct tree **tree);
/* Whether the graph returns 0 whatever the packet, as far as it shows. */
bool packet_matches_nothing(const struct ir_graph *g);

/* --- link.c: the link layers ---------------------------------------------- */

enum { NOT_SET = 0xffffffff }; /* an offset that a link layer does not have */

/* How a link layer says which protocol it carries. */
enum link_proto {
	PROTO_NONE,      /* not at all */
	PROTO_ETHER,     /* EtherType, or a length and an LLC header */
	PROTO_ETHERTYPE, /* EtherType alone */
	PROTO_LLC,       /* LLC, with SNAP for EtherTypes */
	PROTO_WLAN,      /* LLC in data frames */
	PROTO_SUNATM,    /* LLC in LLC cells */
	PROTO_SLL,       /* EtherType, or values that stand for 802.3 and 802.2 */
	PROTO_CHDLC,     /* EtherType, but OSI is 0xfefe */
	PROTO_PPP,
	PROTO_PPP_BSDOS, /* PPP, where compressed headers are IP */
	PROTO_VERSION,   /* the first nibble: 4 or 6 */
	PROTO_IPV4,      /* always IPv4 */
	PROTO_IPV6,      /* always IPv6 */
	PROTO_AF_HOST,   /* a word with an AF_ number in the capturing host's order */
	PROTO_AF_NET,    /* a word with an AF_ number in network order */
	PROTO_PFLOG,     /* a byte with an AF_ number */
	PROTO_ARCNET,
	PROTO_LTALK,     /* always AppleTalk */
	PROTO_FRELAY,    /* Q.922 header, NLPID */
	PROTO_JUNIPER,   /* cannot be told: any protocol is the magic number */
	PROTO_IPNET,
};

enum link_address { ADDR_NONE, ADDR_MAC48, ADDR_WLAN, ADDR_MAC8 };

/* What comes before the link layer header, computed at the start. */
enum link_prefix {
	PREFIX_NONE,
	PREFIX_WLAN,     /* only the 802.11 header's own length varies */
	PREFIX_PRISM,
	PREFIX_AVS,
	PREFIX_RADIOTAP,
	PREFIX_PPI,
	PREFIX_PFLOG,
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
	bool only_out; /* inbound is what is not outbound */
	uint32_t out_mask; /* if it is another one than MASK */
};

/* A link layer. Offsets are from the start of the packet. */
struct packet_linktype {
	const char *name; /* "EN10MB" */
	int dlt;
	const char *text; /* "Ethernet" */
	enum link_proto proto;
	uint32_t hdr;     /* link layer header */
	uint32_t type;    /* protocol field */
	uint32_t payload; /* link layer payload; then relative to it: */
	uint32_t nl, nl_nosnap; /* network header, behind SNAP and LLC, and LLC alone */
	bool hdr_varies, payload_varies;
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

/* NULL if there is none. */
const struct packet_linktype *packet_linktype(int dlt);
/* "EN10MB" or "DLT_EN10MB", any case. */
const struct packet_linktype *packet_linktype_named(const char *name, size_t len);

/* --- names.c: numbers that have names ------------------------------------- */

enum packet_number { PACKET_ETHERTYPE, PACKET_LLCSAP, PACKET_NLPID, PACKET_IPPROTO };

/* The name of a number of that kind, NULL if it has none here. */
const char *packet_number_name(enum packet_number kind, uint32_t number);
/* The number of a name, -1 if it is none of that kind. */
int packet_number_named(enum packet_number kind, const char *name, size_t len);
/* The name of that kind that was probably meant, NULL if none is near. */
const char *packet_number_near(enum packet_number kind, const char *name, size_t len);
/*
 * What a listing may say about V compared with NUMBER: "ip" for the EtherType
 * of an Ethernet packet, "tcp" for its protocol. NULL if it is nothing known.
 */
const char *packet_value_name(int linktype, const struct ir_value *v, uint32_t number);

/* --- token.c: words and numbers ------------------------------------------- */

enum word {
#define WORD(text, name, kind, value) WORD_##name,
#include "packet/words.def"
	WORD_NONE,
};

enum word_kind {
	IS_OTHER,
	IS_PROTO, /* value: enum proto */
	IS_DIR,   /* enum dir */
	IS_TYPE,  /* enum type: host net port portrange */
	IS_ATM,   /* enum atm */
	IS_SS7,   /* enum ss7 */
	IS_FIELD, /* a field with a value behind it: enum field */
};

/* Protocol qualifiers and abbreviations. */
enum proto {
	Q_DEFAULT,
	Q_LINK, Q_IP, Q_IP6, Q_ARP, Q_RARP,
	Q_TCP, Q_UDP, Q_SCTP, Q_ICMP, Q_ICMP6, Q_IGMP, Q_IGRP, Q_PIM, Q_VRRP, Q_CARP,
	Q_AH, Q_ESP,
	Q_ATALK, Q_AARP, Q_DECNET, Q_LAT, Q_SCA, Q_MOPRC, Q_MOPDL,
	Q_ISO, Q_STP, Q_IPX, Q_NETBEUI,
	Q_ESIS, Q_ISIS, Q_CLNP,
	Q_L1, Q_L2, Q_IIH, Q_LSP, Q_SNP, Q_CSNP, Q_PSNP,
	Q_RADIO,
};

enum dir {
	DIR_DEFAULT, DIR_SRC, DIR_DST, DIR_OR, DIR_AND,
	DIR_ADDR1, DIR_ADDR2, DIR_ADDR3, DIR_ADDR4, DIR_RA, DIR_TA,
};

enum type {
	TYPE_DEFAULT, TYPE_HOST, TYPE_NET, TYPE_PORT, TYPE_PORTRANGE,
	TYPE_PROTO, TYPE_PROTOCHAIN, TYPE_GATEWAY,
	TYPE_UNDEF, /* nothing says what an id is */
};

enum atm {
	ATM_METAC, ATM_BCC, ATM_OAMF4SC, ATM_OAMF4EC, ATM_SC, ATM_ILMIC, ATM_LANE,
	ATM_OAM, ATM_OAMF4, ATM_CONNECTMSG, ATM_METACONNECT,
};

enum ss7 { SS7_FISU, SS7_LSSU, SS7_MSU, SS7_HFISU, SS7_HLSSU, SS7_HMSU };

enum field {
	FIELD_VPI, FIELD_VCI,
	FIELD_SIO, FIELD_OPC, FIELD_DPC, FIELD_SLS,
	FIELD_HSIO, FIELD_HOPC, FIELD_HDPC, FIELD_HSLS,
};

struct word_info {
	const char *text;
	uint32_t len;
	enum word_kind kind;
	uint8_t value;
};
extern const struct word_info packet_words[];

/* The nominal word for a qualifier, for messages. */
const char *packet_proto_text(enum proto p);
const char *packet_dir_text(enum dir d);
const char *packet_type_text(enum type t);

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,   /* a keyword: .word */
	TOKEN_NUM,    /* .number; also the named constants */
	TOKEN_NAME,   /* .text is without a backslash */
	TOKEN_IPV4,   /* two to four numbers with dots */
	TOKEN_IPV6,
	TOKEN_MAC,
	TOKEN_MAC8,   /* $XX */
	TOKEN_STRING, /* "...", .text without the quotes */
	TOKEN_AND, TOKEN_OR, TOKEN_NOT,
	TOKEN_GT, TOKEN_GE, TOKEN_LT, TOKEN_LE, TOKEN_EQ, TOKEN_NE,
	TOKEN_PLUS, TOKEN_MINUS, TOKEN_STAR, TOKEN_SLASH, TOKEN_PERCENT,
	TOKEN_AMP, TOKEN_BAR, TOKEN_CARET, TOKEN_LSH, TOKEN_RSH,
	TOKEN_LPAREN, TOKEN_RPAREN, TOKEN_LBRACKET, TOKEN_RBRACKET,
	TOKEN_LBRACE, TOKEN_RBRACE, TOKEN_COMMA, TOKEN_COLON,
};

struct token {
	enum token_kind kind;
	enum word word;
	uint32_t number;
	struct span at;
	const char *text; /* not terminated */
	uint32_t len;
	bool escaped;     /* NAME: behind a backslash */
	bool constant;    /* NUM: a named constant */
};

struct scanner {
	struct diags *diags;
	const struct source *src;
	uint32_t source, at;
	bool failed; /* an error was reported: only TOKEN_END comes from now on */
};

struct token packet_scan(struct scanner *s);
/* Suggests the keyword nearest to a word, NULL if none is near. */
const char *packet_near_word(const char *text, size_t len);

/* --- parse.c: the tree ---------------------------------------------------- */

struct qual {
	uint8_t proto, dir, type;
};

enum tree_kind {
	/* conditions */
	TREE_AND, TREE_OR, TREE_NOT, /* left, right */
	TREE_ID,      /* quals and an id */
	TREE_ABBREV,  /* q.proto */
	TREE_RELATION,/* left OP right */
	TREE_WORD,    /* a primitive that begins with WORD, its argument in id */
	TREE_BROADCAST, TREE_MULTICAST, /* q.proto */
	TREE_BYTE,    /* byte NUMBER OP value */
	TREE_WLAN_TYPE, /* value & mask of frame control byte 0 */
	TREE_WLAN_DIR,
	TREE_FIELD,   /* WORD OP value */
	/* numbers */
	TREE_NUM, TREE_LEN,
	TREE_BINARY,  /* left OP right */
	TREE_NEG,     /* left */
	TREE_INDEX,   /* q.proto [left : value] */
};

enum id_kind {
	ID_NONE,
	ID_NUM,
	ID_NAME,
	ID_IPV4,
	ID_IPV4_PREFIX, /* text / number */
	ID_IPV4_MASK,   /* text mask text2 */
	ID_IPV6,
	ID_IPV6_PREFIX, /* text / number */
	ID_MAC,
	ID_MAC8,
	ID_RANGE,       /* number - number2, in sets */
	ID_SET,         /* number items of the tree's ids from number2 on */
};

struct id {
	const char *text, *text2;
	uint32_t len, len2;
	uint32_t number, number2;
	struct span at;
	enum id_kind kind;
};

/* A node; its operands stand before it. Small: there may be 200,000 of them. */
struct tree_node {
	uint8_t kind, op, word; /* enum tree_kind, token_kind, word */
	bool paren;             /* arithmetic in parentheses */
	struct qual q;
	uint32_t left, right;   /* indices of operands */
	uint32_t number, value, mask;
	uint32_t id;            /* index into ids; 0: none */
	struct span at, op_at;
};

struct tree {
	ARRAY(struct tree_node) nodes; /* in the order of the text; the last is the root */
	ARRAY(struct id) ids;          /* the first is none; items of sets stand together */
};

/* False after an error; an empty text has no nodes. */
bool packet_parse(struct tree *t, struct arena *arena, struct diags *d, uint32_t source,
                  const struct packet_options *o);

/* --- explain.c: the tree for people --------------------------------------- */

/* One condition a line, fully parenthesized, qualifiers filled in, with remarks. */
void packet_explain(struct buf *out, struct arena *arena, const struct diags *d,
                    const struct tree *t);

/* --- address.c: what addresses say ---------------------------------------- */

/* A value of an address type and the bits that count. */
struct address {
	uint32_t word[IR_WORDS], mask[IR_WORDS];
};

/* How many bits N.N.N.N says (8 a number), -1 if a number is above 255. */
int packet_read_ipv4(const char *text, uint32_t len, uint32_t *out);
bool packet_read_ipv6(const char *text, uint32_t len, uint8_t out[16]);
void packet_read_mac(const char *text, uint32_t len, uint8_t out[6]);
bool packet_read_decnet(const char *text, uint32_t len, uint16_t *out);
/* 0, 8 (octal), 10 or 16: the base in which the text overflows or errs, in *BASE. */
enum number_result { NUMBER_OK, NUMBER_BAD_DIGIT, NUMBER_OVERFLOW };
enum number_result packet_read_number(const char *text, uint32_t len, uint32_t *out,
                                      unsigned *base);

/* --- formula.c: conditions over the packet -------------------------------- */

enum formula_kind {
	FORMULA_FALSE, FORMULA_TRUE,
	FORMULA_TEST, /* lhs CMP rhs */
	FORMULA_SET,  /* lhs in one of the intervals */
	FORMULA_BIND, /* cell = rhs, and true */
	FORMULA_AND, FORMULA_OR, FORMULA_NOT, /* a, b */
	FORMULA_IF,   /* c ? a : b */
	FORMULA_LIST, /* or-ed primitives of one kind */
	FORMULA_STOP, /* the program returns 0, whatever stands around this */
};

/* A scratch cell of libpcap's program that a statement writes. */
struct store {
	unsigned cell;
	const struct ir_value *value;
	struct store *next;
};

struct formula {
	enum formula_kind kind;
	enum ir_cmp cmp;
	const struct ir_value *lhs, *rhs;
	const struct formula *a, *b, *c;
	struct ir_interval *set; /* .to is filled in when the graph is built */
	uint32_t n;
	struct list *list;
	bool pairs; /* OR: all its alternatives are two lists, of the same two kinds */
	const struct store *stores; /* TEST: what its statements write first */
	struct built *built;        /* IF: what it was made to last; build.c's own */
	struct span at;
};

struct packet;

const struct formula *formula_test(struct packet *p, enum ir_cmp cmp,
                                   const struct ir_value *lhs,
                                   const struct ir_value *rhs);
/* lhs & bits != 0 */
const struct formula *formula_has(struct packet *p, const struct ir_value *lhs,
                                  uint32_t bits);
/* (lhs & mask) == value; MASK 0xffffffff is none. */
const struct formula *formula_masked(struct packet *p, const struct ir_value *lhs,
                                     uint32_t mask, uint32_t value);
const struct formula *formula_stop(struct packet *p);
/* LHS in one of the intervals; a single point becomes a test. */
const struct formula *formula_set(struct packet *p, const struct ir_value *lhs,
                                  struct ir_interval *set, uint32_t n);
const struct formula *formula_list(struct packet *p, struct list *list);
const struct formula *formula_bind(struct packet *p, const struct ir_value *cell,
                                   const struct ir_value *value);
const struct formula *formula_if(struct packet *p, const struct formula *c,
                                 const struct formula *a, const struct formula *b);
/* These fold as libpcap does: what a constant decides is not looked at. */
const struct formula *formula_and(struct packet *p, const struct formula *a,
                                  const struct formula *b);
const struct formula *formula_or(struct packet *p, const struct formula *a,
                                 const struct formula *b);
const struct formula *formula_not(struct packet *p, const struct formula *a);

/* --- layout.c: where things are, in text order ---------------------------- */

/*
 * An offset: a constant, plus a scratch cell where it varies. A cell of -1 is
 * not given out yet: that happens at the first use, as in libpcap, because
 * its programs read cells that nobody wrote.
 */
struct offset {
	bool varies;
	int cell;
	uint32_t k;
};

/* What primitives that follow see. vlan, mpls, ... replace it by a changed copy. */
struct layout {
	const struct packet_linktype *link, *prev;
	struct offset hdr, prev_hdr, payload, type;
	uint32_t nl, nl_nosnap;
	bool encap;        /* inside geneve or vxlan */
	unsigned labels, tags;
	uint32_t epoch;    /* differs for layouts that differ */
};

enum base {
	BASE_PACKET,
	BASE_HDR,          /* link layer header */
	BASE_PREV_HDR,
	BASE_LLC,          /* link layer payload without a network offset */
	BASE_TYPE,
	BASE_NET,
	BASE_NET_NOSNAP,
	BASE_MPLS,         /* the MPLS entry before the network header */
	BASE_TRAN4, BASE_TRAN6,
};

enum { NCELLS = 16 };

/* One compilation. */
struct packet {
	struct arena *arena;
	struct ir_graph *g;
	struct diags *diags;
	const struct packet_options *o;
	const struct tree *tree;
	const struct packet_linktype *outer;
	struct layout at;
	struct span span;  /* the primitive being lowered */
	bool failed;
	unsigned noted;    /* bits of enum note */
	const struct formula *yes, *no;
	/*
	 * What the cells of tunnels lack and loads add: behind a made-up header, a
	 * load's constant alone must say that it reads no part of that.
	 */
	uint32_t lead;
	/* On some way, such a cell is 0 or what a comparison left: it lacks nothing. */
	bool stray;
	/* Scratch cells as libpcap gives them out. */
	bool used[NCELLS];
	unsigned next_cell, extra_cells;
	ARRAY(const struct ir_value *) cells; /* parameter of a cell that layout uses */
	/* list.c's own: what can be carried in the layout of that epoch. */
	uint32_t carried_epoch;
	int8_t carried[4];
	const struct layout *snapshot;
	struct packet_resolved *answer; /* of the resolver; made when it is first asked */
	/* Of members that have joined a list: used again for the next one. */
	struct list *spare_list;
	struct formula *spare_formula;
};

void layout_start(struct packet *p);
unsigned layout_take_cell(struct packet *p);
void layout_free_cell(struct packet *p, unsigned cell);
/* The varying part of an offset, NULL if there is none. */
const struct ir_value *layout_varying(struct packet *p, struct offset *o);
const struct ir_value *layout_load(struct packet *p, enum base base, uint32_t offset,
                                   unsigned width);
/* What to add to the constant part for the transport header behind IPv4. */
const struct ir_value *layout_ihl(struct packet *p);
/* The layout changed: primitives before and after it do not see the same. */
void layout_changed(struct packet *p);
/* Statements that run before everything else; they need the graph's cells in LIVE. */
const struct formula *layout_preamble(struct packet *p, const bool *live);

/* --- context.c: what all primitives share ---------------------------------- */

/* Reports, and makes everything after it moot. */
void packet_fail(struct packet *p, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What people trip over; each kind once, and only if notes are wanted. */
enum note { NOTE_IPV4_ONLY, NOTE_NO_EXTENSIONS, NOTE_MOVES, NOTE_DIVISION };
void packet_note(struct packet *p, enum note kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* VALUE is at most MAX, or an error that calls it WHAT. */
bool packet_at_most(struct packet *p, struct span at, const char *what, uint32_t value,
                    uint32_t max);
/* "packets of PPP (Point-to-Point Protocol) have no WHAT" */
const struct formula *packet_not_here(struct packet *p, const char *what);
/* The id of a node; its kind is ID_NONE if it has none. */
const struct id *packet_id_of(const struct packet *p, const struct tree_node *t);

/* --- fields.c: fields of headers, compared with values ---------------------- */

/* WIDTH bytes at OFFSET of BASE are VALUE. */
const struct formula *packet_equal(struct packet *p, enum base base, uint32_t offset,
                                   unsigned width, uint32_t value);
const struct formula *packet_ip_proto(struct packet *p, uint32_t number);
const struct formula *packet_ip6_proto(struct packet *p, uint32_t number);
/* Not an IPv4 fragment other than the first. */
const struct formula *packet_first_fragment(struct packet *p);

/* --- linkproto.c: which protocol a link layer carries ----------------------- */

enum {
	ETHERTYPE_IP = 0x0800, ETHERTYPE_ARP = 0x0806, ETHERTYPE_NS = 0x0600,
	ETHERTYPE_MOPDL = 0x6001, ETHERTYPE_MOPRC = 0x6002, ETHERTYPE_DECNET = 0x6003,
	ETHERTYPE_LAT = 0x6004, ETHERTYPE_SCA = 0x6007, ETHERTYPE_TEB = 0x6558,
	ETHERTYPE_RARP = 0x8035, ETHERTYPE_ATALK = 0x809b, ETHERTYPE_AARP = 0x80f3,
	ETHERTYPE_8021Q = 0x8100, ETHERTYPE_IPX = 0x8137, ETHERTYPE_IP6 = 0x86dd,
	ETHERTYPE_SLOW = 0x8809, ETHERTYPE_MPLS = 0x8847, ETHERTYPE_PPPOED = 0x8863,
	ETHERTYPE_PPPOES = 0x8864, ETHERTYPE_8021AD = 0x88a8, ETHERTYPE_LLDP = 0x88cc,
	ETHERTYPE_LOOPBACK = 0x9000, ETHERTYPE_QINQ = 0x9100,
	ETHER_MAX_LENGTH = 1500, /* a type field up to here is a length */
	LLCSAP_IP = 0x06, LLCSAP_STP = 0x42, LLCSAP_SNAP = 0xaa, LLCSAP_IPX = 0xe0,
	LLCSAP_NETBEUI = 0xf0, LLCSAP_ISO = 0xfe,
	NLPID_CLNP = 0x81, NLPID_ESIS = 0x82, NLPID_ISIS = 0x83,
	NLPID_IP6 = 0x8e, NLPID_IP = 0xcc,
	IPPROTO_FRAG6 = 44,
};

/* The link layer carries PROTO: an EtherType, or an LLC SAP up to 1500. */
const struct formula *packet_linkproto(struct packet *p, uint32_t proto);
/* What must hold of the link layer around this one, NULL if nothing. */
const struct formula *packet_outer_check(struct packet *p);
const struct formula *packet_llc(struct packet *p);
/* Frame relay: unnumbered information with that NLPID. */
const struct formula *packet_frelay_nlpid(struct packet *p, uint32_t nlpid);

/* --- protocol.c: which protocol ------------------------------------------- */

const struct formula *packet_abbrev(struct packet *p, enum proto proto);
/* `PROTO proto NUMBER` */
const struct formula *packet_proto(struct packet *p, struct span at, uint32_t number,
                                   enum proto proto);
/* `PROTO protochain NUMBER` */
const struct formula *packet_protochain(struct packet *p, struct span at,
                                        uint32_t number, enum proto proto);
/* The IP protocol, EtherType, ... that a qualifier stands for, -1 if none. */
int packet_ipproto_of(enum proto proto);

/* --- members.c: what lists hold --------------------------------------------- */

enum list_kind { LIST_ADDRESS, LIST_PORT, LIST_PROTO, LIST_MAC };

/* An interval of a list and where it stands in the text. */
struct item {
	uint32_t lo[IR_WORDS], hi[IR_WORDS];
	struct span at;
};

struct items {
	struct item *v;          /* may be the list's own FIRST; then CAP is 0 */
	uint32_t n, cap, nset;
	struct ir_interval *set; /* NSET intervals, sorted and apart; made once */
};

struct list {
	enum list_kind kind;
	struct qual q;
	int ipproto;             /* PORT: -1 is tcp, udp and sctp */
	const struct layout *at; /* what its members see */
	struct items v4, v6;     /* only addresses use v6 */
	struct item first;       /* most lists have one member */
	bool v6_first;
	struct span span;        /* all its members */
};

/* Makes room for N more. */
void list_reserve(struct packet *p, struct items *to, uint32_t n);
/* The members of A and B could stand in one list. */
bool list_alike(const struct list *a, const struct list *b);
/* Appends B to A if both are lists of the same kind, place and qualifiers; B is free then. */
bool list_join(struct packet *p, struct list *a, struct list *b);

/* --- list.c: or-ed primitives of one kind --------------------------------- */

/* Addresses of one family, IPv4 in word[0]; NEGATED: in none of them. */
const struct formula *list_addresses(struct packet *p, unsigned family, struct qual q,
                                     const struct address *a, uint32_t n, bool negated);
const struct formula *list_ports(struct packet *p, struct qual q, int ipproto,
                                 uint32_t lo, uint32_t hi);
const struct formula *list_protos(struct packet *p, struct qual q, uint32_t lo,
                                  uint32_t hi);
const struct formula *list_mac(struct packet *p, struct qual q, const uint8_t mac[6]);
/* What the list means. */
const struct formula *list_expand(struct packet *p, struct list *l);
/* src, dst, either or both of what OF makes; DIR is none of 802.11's. */
const struct formula *list_sides(struct packet *p, enum dir dir,
                                 const struct formula *(*of)(struct packet *p,
                                                             void *arg, bool dst),
                                 void *arg);

/* --- primitive.c, encap.c, special.c, whole.c: one function per primitive --- */

const struct formula *packet_id(struct packet *p, const struct tree_node *t);
const struct formula *packet_word(struct packet *p, const struct tree_node *t);
const struct formula *packet_broadcast(struct packet *p, enum proto proto);
const struct formula *packet_multicast(struct packet *p, enum proto proto);
const struct formula *packet_byte(struct packet *p, const struct tree_node *t);
/* `[DIR] host MAC` */
const struct formula *packet_mac(struct packet *p, const uint8_t mac[6], enum dir dir,
                                 struct span at);
const struct formula *packet_mac8(struct packet *p, uint32_t mac, enum dir dir);
/* (V & MASK) OP VALUE; OP is a relation. */
const struct formula *packet_compare(struct packet *p, enum token_kind op,
                                     const struct ir_value *v, uint32_t mask,
                                     uint32_t value);
/* The IPv4 or IPv6 half of `udp dst port PORT`, for tunnels. */
const struct formula *packet_udp_port(struct packet *p, unsigned family, uint32_t port);

const struct formula *packet_vlan(struct packet *p, const struct id *id);
const struct formula *packet_mpls(struct packet *p, const struct id *id);
const struct formula *packet_pppoed(struct packet *p);
const struct formula *packet_pppoes(struct packet *p, const struct id *id);
const struct formula *packet_geneve(struct packet *p, const struct id *id);
const struct formula *packet_vxlan(struct packet *p, const struct id *id);

const struct formula *packet_wlan_host(struct packet *p, const uint8_t mac[6],
                                       enum dir dir);
const struct formula *packet_wlan_multicast(struct packet *p);
const struct formula *packet_wlan_byte(struct packet *p, unsigned which, uint32_t mask,
                                       uint32_t value, const char *what);
const struct formula *packet_decnet(struct packet *p, const struct id *id,
                                    struct qual q);
const struct formula *packet_llc_type(struct packet *p, const struct id *id);
const struct formula *packet_pflog(struct packet *p, const struct tree_node *t);
const struct formula *packet_atm(struct packet *p, enum atm which);
const struct formula *packet_ss7(struct packet *p, enum ss7 which);
const struct formula *packet_field(struct packet *p, const struct tree_node *t);

/* --- lower.c: tree to formula; build.c: formula to graph ------------------ */

const struct formula *packet_lower(struct packet *p);
const struct ir_node *packet_build(struct packet *p, const struct formula *f,
                                   const struct ir_node *yes, const struct ir_node *no);

#endif
