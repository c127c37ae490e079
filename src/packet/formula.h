/*
 * formula: conditions over the packet before they have exits, where the packet
 * has its fields, and the state of one compilation.
 */
#ifndef WEIR_PACKET_FORMULA_H
#define WEIR_PACKET_FORMULA_H

#include "packet/text.h"

/* --- formula.c: conditions over the packet ------------------------------- */

enum formula_kind {
	FORMULA_FALSE,
	FORMULA_TRUE,
	FORMULA_TEST, /* lhs CMP rhs */
	FORMULA_SET,  /* lhs in one of the intervals */
	FORMULA_BIND, /* cell = rhs, and true */
	FORMULA_AND,
	FORMULA_OR,
	FORMULA_NOT,  /* a, b */
	FORMULA_IF,   /* c ? a : b */
	FORMULA_LIST, /* or-ed primitives of one kind */
	FORMULA_STOP, /* the program returns 0, whatever surrounds this */
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
	bool pairs;                 /* OR: all its alternatives are two lists, of the same two kinds */
	const struct store *stores; /* TEST: what its statements write first */
	struct built *built;        /* IF: what it was made to last; build.c's own */
	struct span at;
};

struct packet;

const struct formula *formula_test(struct packet *p, enum ir_cmp cmp,
                                   const struct ir_value *lhs,
                                   const struct ir_value *rhs);
/* Test that lhs & bits != 0. */
const struct formula *formula_has(struct packet *p, const struct ir_value *lhs,
                                  uint32_t bits);
/* Test that (LHS & MASK) == VALUE; MASK 0xffffffff leaves LHS as it is. */
const struct formula *formula_masked(struct packet *p, const struct ir_value *lhs,
                                     uint32_t mask, uint32_t value);
const struct formula *formula_stop(struct packet *p);
/*
 * Test that LHS is in one of the N intervals; a single point becomes a
 * comparison.
 */
const struct formula *formula_set(struct packet *p, const struct ir_value *lhs,
                                  struct ir_interval *set, uint32_t n);
const struct formula *formula_list(struct packet *p, struct list *list);
const struct formula *formula_bind(struct packet *p, const struct ir_value *cell,
                                   const struct ir_value *value);
const struct formula *formula_if(struct packet *p, const struct formula *c,
                                 const struct formula *a, const struct formula *b);
/*
 * Join formulas, folding constants as libpcap does: what a constant decides is
 * not looked at.
 */
const struct formula *formula_and(struct packet *p, const struct formula *a,
                                  const struct formula *b);
const struct formula *formula_or(struct packet *p, const struct formula *a,
                                 const struct formula *b);
const struct formula *formula_not(struct packet *p, const struct formula *a);

/* --- layout.c: where things are, in text order --------------------------- */

/*
 * An offset: a constant, plus a scratch cell where it varies. A cell of -1 is
 * not given out yet: that happens at the first use, as in libpcap, because
 * its programs read cells that were never written.
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
	bool encap; /* inside geneve or vxlan */
	unsigned labels, tags;
	uint32_t epoch; /* differs for layouts that differ */
};

enum base {
	BASE_PACKET,
	BASE_HDR, /* link layer header */
	BASE_PREV_HDR,
	BASE_LLC, /* link layer payload without a network offset */
	BASE_TYPE,
	BASE_NET,
	BASE_NET_NOSNAP,
	BASE_MPLS, /* the MPLS entry before the network header */
	BASE_TRAN4,
	BASE_TRAN6,
};

enum {
	NCELLS = 16
};

/* One compilation. */
struct packet {
	struct arena *arena;
	struct ir_graph *g;
	struct diags *diags;
	const struct packet_options *o;
	const struct tree *tree;
	const struct packet_linktype *outer;
	struct layout at;
	struct span span; /* the primitive being lowered */
	bool failed;
	unsigned noted; /* bits of enum note */
	const struct formula *yes, *no;
	/* Where a packet goes that is too short for what is asked; NULL: it is rejected. */
	const struct ir_node *fault;
	/*
	 * What the cells of tunnels lack and loads add: after a made-up header, a
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
	struct packet_sets *sets;       /* that have been asked about */
	struct packet_resolved *answer; /* of the resolver; made when it is first asked */
	/* Of members that have joined a list: used again for the next one. */
	struct list *spare_list;
	struct formula *spare_formula;
};

void layout_start(struct packet *p);
unsigned layout_take_cell(struct packet *p);
void layout_free_cell(struct packet *p, unsigned cell);
/* Return the varying part of an offset, NULL if there is none. */
const struct ir_value *layout_varying(struct packet *p, struct offset *o);
const struct ir_value *layout_load(struct packet *p, enum base base, uint32_t offset,
                                   unsigned width);
/* Return what `len` is. */
const struct ir_value *layout_length(struct packet *p);
/* Return what to add to the constant part for the transport header after IPv4. */
const struct ir_value *layout_ihl(struct packet *p);
/* Start a new layout: primitives before and after it see different packets. */
void layout_changed(struct packet *p);
/* Make the statements that run first, for the graph's cells in LIVE. */
const struct formula *layout_preamble(struct packet *p, const bool *live);

/* --- members.c: what lists hold ------------------------------------------ */

enum list_kind {
	LIST_ADDRESS,
	LIST_PORT,
	LIST_PROTO,
	LIST_MAC
};

/* An interval of a list and where it is in the text. */
struct item {
	uint32_t lo[IR_WORDS], hi[IR_WORDS];
	struct span at;
};

struct items {
	struct item *v; /* may be the list's own FIRST; then CAP is 0 */
	uint32_t n, cap, nset;
	struct ir_interval *set; /* NSET intervals, sorted and apart; made once */
	unsigned open;           /* not 0: the items are those of open set OPEN - 1 */
};

struct list {
	enum list_kind kind;
	struct qual q;
	int ipproto;             /* PORT: -1 is tcp, udp and sctp */
	const struct layout *at; /* what its members see */
	struct items v4, v6;     /* only addresses use v6 */
	struct item first;       /* most lists have one member */
	bool v6_first;
	bool untold;      /* ADDRESS: the link layer does not tell IPv4 from IPv6 */
	struct span span; /* all its members */
};

/* Reserve room for N more members. */
void list_reserve(struct packet *p, struct items *to, uint32_t n);
/* Tell whether one list can hold the members of both A and B. */
bool list_alike(const struct list *a, const struct list *b);
/*
 * Append B to A if both are lists of the same kind, place and qualifiers; free
 * B. Else return false.
 */
bool list_join(struct packet *p, struct list *a, struct list *b);

/* --- context.c: what all primitives share -------------------------------- */

/* Report an error; everything after it is moot. */
void packet_fail(struct packet *p, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What people trip over; each kind once, and only if notes are wanted. */
enum note {
	NOTE_IPV4_ONLY,
	NOTE_NO_EXTENSIONS,
	NOTE_MOVES,
	NOTE_DIVISION
};
void packet_note(struct packet *p, enum note kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Check that VALUE is at most MAX; if not, report an error that calls it WHAT. */
bool packet_at_most(struct packet *p, struct span at, const char *what, uint32_t value,
                    uint32_t max);
/* Report that "packets of PPP (Point-to-Point Protocol) have no WHAT". */
const struct formula *packet_not_here(struct packet *p, const char *what);
/* Return the id of a node; its kind is ID_NONE if it has none. */
const struct id *packet_id_of(const struct packet *p, const struct tree_node *t);

#endif
