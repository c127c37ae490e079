/*
 * diff: what the differential tests share. One question, two parties: random
 * texts or graphs, and inputs of src/prove, which walk and flip the branches of
 * both sides' programs on a machine of their own.
 */
#ifndef DIFF_H
#define DIFF_H

#include "base/base.h"
#include "prove/prove.h"

/* --- arena.c: out of memory ends a test --------------------------------------- */

/* Where arenas go that run dry; main calls setjmp on it first. */
extern jmp_buf test_oom;
void test_arena(struct arena *a);

/* --- driver.c: options, and the run ----------------------------------------------- */

/* An option "--NAME VALUE", or "--NAME" where VALUE is NULL; TO is what it sets. */
struct driver_option {
	const char *name, *value;
	enum driver_kind {
		DRIVER_NUMBER, /* a uint64_t */
		DRIVER_TEXT,   /* a const char * */
		DRIVER_SET,    /* a bool, to true */
		DRIVER_CLEAR,  /* a bool, to false */
	} kind;
	void *to;
	const char *help;
};

struct driver {
	const char *name;
	const struct driver_option *options; /* the last has no name */
	int (*run)(void *ctx);               /* returns the status of the test */
	void *ctx;
};

/* Run D as ARGV says; 2 after a wrong option, 99 where memory runs out. */
int driver_main(const struct driver *d, char **argv);

/* --- seed.c: where random tests begin ------------------------------------------ */

/* Another seed every day, with room for SEEDS_A_DAY that follow it. */
enum {
	SEEDS_A_DAY = 100000000
};
uint64_t seed_of_today(void);

/* --- judge.c: what equivalence is ----------------------------------------------- */

enum verdict {
	SAME,
	DIFFERENT,
	UNRESOLVED, /* the referee faults; no longer capture was found to agree */
};

/* How a run ended, and with what. */
struct outcome {
	enum end end;
	uint32_t result;
};

/* The party that says what is right. */
struct referee {
	/* A program of its own: what it would say of more than is captured. */
	const struct program *program;
	/* What it says of what is; NULL: what running the program does. */
	struct outcome (*run)(void *ctx, const struct input *in);
	void *ctx;
	bool exact; /* faults leave no room */
};

struct outcome referee_run(const struct referee *f, const struct input *in);
/* Whether OURS is right on IN, where the referee says THEIRS. */
enum verdict judge(const struct referee *f, const struct input *in,
                   struct outcome theirs, struct outcome ours, struct rng *r);

/* --- packets.c: packets to start from ------------------------------------------------ */

/* A plausible packet for link type DLT (a DLT_ number of libpcap). */
void packet_template(struct input *in, int dlt, struct rng *r);

/* --- grammar.c: random texts --------------------------------------------------------- */

/*
 * One production: NAME becomes TEXT, in which <x> stands for a name. The first
 * row of a name that the context allows is its shortest: it may lead to no
 * name that leads back.
 */
struct production {
	const char *name;
	unsigned weight;
	const char *text;
	uint32_t only; /* bits 0 .. 23: in one of these contexts; 24 .. : in all */
};

enum {
	GRAMMAR_ALL = 0xff000000u
};

struct grammar {
	const struct production *row;
	uint32_t n;
	/* Writes a text for NAME, of which there is no row. */
	void (*terminal)(struct buf *out, const char *name, size_t len,
	                 struct rng *r);
};

/* One use of a production, or literal text (RULE is NULL). */
struct phrase {
	const struct production *rule;
	const char *text;
	struct phrase **part;
	uint32_t n;
};

/* A random derivation of NAME, of about SIZE productions. */
struct phrase *grammar_derive(const struct grammar *g, struct arena *a,
                              const char *name, uint32_t context, unsigned size,
                              struct rng *r);
/* Its text, in A. */
char *phrase_text(struct arena *a, const struct phrase *p);
/*
 * Makes *P smaller as long as FAILS holds for its text: phrases give way to
 * smaller ones of the same name inside them, then to their shortest.
 */
void phrase_shrink(const struct grammar *g, struct arena *a, struct phrase **p,
                   uint32_t context, bool (*fails)(void *ctx, const char *text),
                   void *ctx);

/* --- expressions.c: packet expressions -------------------------------------------------- */

extern const struct grammar packet_grammar;

/* A link type that expressions are written for. */
struct link_type {
	const char *name; /* libpcap's */
	uint32_t context;
};
extern const struct link_type link_types[];
extern const unsigned nlink_types;

enum {
	IN_LIBPCAP_1_11 = 1u << 24
}; /* the oracle is recent; see expressions.c */

/* TEXT with a token lost, doubled or moved, in A. */
char *mutate_tokens(struct arena *a, const char *text, struct rng *r);

#endif
