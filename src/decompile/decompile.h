/*
 * decompile: a classic program back to a packet expression. Primitives are made of the
 * numbers that the program compares (collect.c, relation.c, candidate.c) and run on
 * packets that tell them apart (witness.c); the shortest combination that decides as
 * the program does (synth.c, write.c) is compiled and held against it (decompile.c,
 * exact.c, reach.c). Where nothing is found there are the ways through it (ways.c). docs/design/decompile.md says why.
 */
#ifndef WEIR_DECOMPILE_H
#define WEIR_DECOMPILE_H

#include "base/base.h"
#include "ir/ir.h"
#include "packet/packet.h"
#include "prove/prove.h"

/* --- decompile.c: the way in ------------------------------------------------- */

struct decompile_case {
	struct program program;       /* which cbpf_check accepts */
	struct packet_options packet; /* link type and the like; its snaplen is not used */
};

/*
 * Find an expression that the program may have been compiled from. *TEXT is in ARENA,
 * and *SNAPLEN is what a match returns. False if none was found.
 */
bool decompile(const struct decompile_case *of, struct arena *arena, struct arena *tmp,
               const char **text, uint32_t *snaplen);

/* --- ways.c: how a program comes to its results ---------------------------------- */

/* One way to a result: what holds on it, and what is returned. */
struct decompile_way {
	const char *condition; /* tests joined by " and "; "": none is made */
	const char *result;    /* as a number, or what is computed */
	bool last;             /* there are more ways than are given */
};

typedef void decompile_way_fn(void *ctx, const struct decompile_way *way);

/* Pass the ways through the program to FN; false if it is too large to be lifted. */
bool decompile_ways(const struct program *p, struct arena *arena, decompile_way_fn *fn,
                    void *ctx);

/* --- collect.c: the numbers that a program compares ---------------------------- */

/* The fields that numbers are looked for in. */
enum pool {
	POOL_TYPE,    /* of 2 bytes: EtherTypes, PPP protocols */
	POOL_PROTO,   /* of 1 byte: protocols of IPv4 and IPv6 */
	POOL_PORT,    /* of 2 bytes */
	POOL_ADDRESS, /* of 4 bytes: IPv4 */
	POOL_LENGTH,  /* of the packet */
	POOL_TAG,     /* of 2 bytes: VLAN */
	POOL_LABEL,   /* of 4 bytes: MPLS */
	POOL_SESSION, /* of 2 bytes: PPPoE */
	NPOOLS
};

/* Numbers at which an answer changes, in order. */
struct points {
	ARRAY(uint64_t) v;
};

/* What a test asks about: LEFT compared with RIGHT, no parameter in either. */
struct question {
	enum ir_cmp cmp;
	const struct ir_value *left, *right;
};

struct facts {
	struct arena *arena;
	struct ir_graph *graph; /* of the program */
	uint32_t link_type;     /* where the protocol field is, or NOT_SET */
	uint32_t net;           /* where the network header is */
	bool tagged, labelled, in_session;
	struct points pool[NPOOLS];
	ARRAY(struct question) questions;
	uint32_t accept; /* the only result but 0 */
};

/*
 * Lift the program and collect what it asks. False if it returns other numbers than 0
 * and one more, or is too large.
 */
bool facts_collect(struct facts *f, const struct decompile_case *of, struct arena *arena);
/* Add the number V, and the next, to pool P. */
void facts_add(struct facts *f, enum pool p, uint64_t v);
/* Add V alone: the answer changes there. */
void points_add(struct facts *f, enum pool p, uint64_t v);
/* Tell whether single number V is in pool P. */
bool facts_has(const struct facts *f, enum pool p, uint64_t v);

/* Rebuild V with the operands A and B (or NULL), folded. */
const struct ir_value *facts_rebuilt(struct ir_graph *g, const struct ir_value *v,
                                     const struct ir_value *a, const struct ir_value *b);

/* Where load V reads: a constant, what varies (at most two values), and whether. */
struct place_of_load {
	uint32_t at;
	const struct ir_value *term[2];
	unsigned n;
};
/* Find where LOAD reads; false if more varies than fits OUT. */
bool facts_place(const struct ir_value *load, struct place_of_load *out);

/* --- candidate.c: primitives ---------------------------------------------------- */

/* A primitive, and which packets of the witnesses it takes. */
struct candidate {
	const char *text;
	const char *negated; /* its opposite; NULL: "not" before it */
	uint32_t prefix;     /* bytes of TEXT that come before an id; 0: there is none */
	bool moves;          /* `vlan` and the like: what follows is read elsewhere */
	bool bytes;          /* a comparison of bytes: a word is better */
	bool joined;         /* it asks otherwise than the program: a range of parts, a part of a word */
	uint32_t reach;      /* about how far it reads: orders what is joined */
	uint32_t place;      /* about where the program asks for it: the same */
	struct program code; /* unoptimized */
	uint64_t *bits;
};

struct candidates {
	struct arena *arena;
	const struct decompile_case *of;
	bool joining;       /* those that are added are joined */
	bool comparing;     /* they are comparisons of bytes */
	const char *before; /* what each of them follows: "vlan 100"; or NULL */
	ARRAY(struct candidate) v;
	uint32_t ran; /* on so many witnesses */
};

/* Compile TEXT; false if the language does not accept it. GRAPH may be NULL. */
bool candidate_compile(struct arena *arena, const struct packet_options *o,
                       const char *text, struct program *code, struct ir_graph **graph);
/* Add the primitives that F suggests. */
void candidates_add(struct candidates *c, const struct facts *f);
/* Add TEXT, if the language accepts it; PREFIX and NEGATED as in the struct. */
void candidate_add(struct candidates *c, const char *text, uint32_t prefix,
                   const char *negated);

/* --- relation.c: what a program asks, as text ------------------------------------- */

/* Write Q, or its opposite, as a comparison of bytes; what has no such form as a graph has it. */
void relation_write(struct buf *out, const struct question *q, bool negated);
void relation_write_value(struct buf *out, const struct ir_value *v);
/* Add the comparisons of F as `ether[..] = ..`, `ip[..] > ..` and so on. */
void relations_add(struct candidates *c, const struct facts *f);

/* --- witness.c: packets that tell primitives apart --------------------------------- */

struct witnesses {
	struct arena *arena;
	struct program program;
	struct rng rng;
	struct inputs inputs;
	uint64_t *matches; /* the program's answers */
	uint32_t words;    /* of a set of witnesses */
};

void witnesses_start(struct witnesses *w, const struct decompile_case *of,
                     struct facts *f, struct arena *arena);
/* Add IN and some like it; false if there is no more room. */
bool witnesses_learn(struct witnesses *w, const struct input *in);
/* Run P on the witnesses from number FROM on: BITS. */
void witnesses_run(const struct witnesses *w, const struct program *p, uint32_t from,
                   uint64_t *bits);
/* Add to F the addresses that matter in packets that match. */
void witnesses_probe(struct witnesses *w, struct facts *f, struct candidates *c);

/* --- synth.c: the shortest combination ---------------------------------------------- */

enum expr_kind {
	EXPR_ONE, /* a candidate */
	EXPR_AND,
	EXPR_OR
};

/* Conditions that are joined. */
struct expr {
	enum expr_kind kind;
	const struct candidate *one;
	bool negated;
	bool moved; /* AND: the second is read where the first, which moves, says */
	ARRAY(struct expr *) part;
	uint32_t cost; /* about as long as its text */
	uint64_t *bits;
};

/*
 * Find a short combination of candidates C that has all of ON and nothing of OFF, sets
 * of WORDS words; JOINED: those that are joined may be used. NULL: none was found.
 */
struct expr *synthesize(struct arena *arena, const struct candidates *c, bool joined,
                        const uint64_t *on, const uint64_t *off, uint32_t words);
struct expr *expr_one(struct arena *arena, const struct candidate *c, bool negated,
                      uint32_t words);

/* --- reach.c: how far an expression may read --------------------------------------------- */

/* An expression that a program is held against. */
struct reach {
	const struct facts *facts;
	const struct expr *expr;
	struct trace *trace;
};

/*
 * Return where the last field of IN ends that some part of R's expression asks about,
 * at least AT: what a packet must have for the program to have to decide as it does.
 */
uint32_t reach_leave(void *r, const struct input *in, uint32_t at);
/* Do the same where nothing may be missing. */
uint32_t reach_all(void *r, const struct input *in, uint32_t at);

/* --- exact.c: equal for every packet? ------------------------------------------------------ */

enum exact_answer {
	EXACT_SAME,
	EXACT_DIFFERENT, /* the packet shows it */
	EXACT_UNKNOWN
};

/*
 * Tell whether P and Q match the same packets that are long enough for both. IN, a
 * whole packet, becomes one that shows a difference, if there is any.
 */
enum exact_answer exact(struct arena *arena, const struct facts *f, const struct program *p,
                        const struct program *q, struct input *in);

/* --- write.c: its text --------------------------------------------------------------- */

/* In which order conditions are joined. */
enum expr_order {
	BY_PLACE, /* as the program asks */
	BY_REACH, /* of the layers */
	DEEPEST,  /* of what is joined by `or` that first which reads farthest */
	NORDERS
};

void expr_write(struct buf *out, const struct expr *e, enum expr_order order);

#endif
