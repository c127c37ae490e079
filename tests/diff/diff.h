/*
 * diff: what the differential tests share. One question, two parties: random
 * texts or graphs, a machine of our own to run both sides' programs on (it
 * shares no code with src/), and inputs that walk and flip their branches.
 */
#ifndef DIFF_H
#define DIFF_H

#include <linux/filter.h>

#include "base/base.h"

/* --- rng.c: every run can be had again ------------------------------------- */

struct rng {
	uint64_t state;
};

struct rng rng_seed(uint64_t seed);
uint32_t rng_next(struct rng *r);
/* 0 .. N - 1; 0 if N is 0. */
uint32_t rng_below(struct rng *r, uint32_t n);
/* True once in N. */
bool rng_one_in(struct rng *r, uint32_t n);
/* A number that means trouble: small, a power of two and its neighbours, any. */
uint32_t rng_number(struct rng *r);

/* --- arena.c: out of memory ends a test --------------------------------------- */

/* Where arenas go that run dry; main calls setjmp on it first. */
extern jmp_buf test_oom;
void test_arena(struct arena *a);

/* --- machine.c: classic BPF as Linux runs it, with provenance ----------------- */

enum { PACKET_MAX = 1600, FAR_BYTES = 24, MACHINE_STEPS = 100000 };

/* What a program runs on. */
struct input {
	uint32_t captured, wire;
	uint32_t network;      /* offset of the network header (SKF_NET_OFF) */
	bool little_endian;    /* loads of 2 and 4 bytes: struct seccomp_data */
	bool sized;            /* neither length ever changes: the same */
	uint32_t pinned;       /* bytes at the start that are never patched */
	uint32_t anc[64];      /* ancillary words, by SKF_AD_* */
	uint8_t bytes[PACKET_MAX];
	/*
	 * Extended: every offset can be loaded, only bytes from
	 * FIXED on may be patched, and those past BYTES live in FAR (else 0).
	 */
	bool extended;
	uint32_t fixed, nfar;
	struct {
		uint32_t at;
		uint8_t byte;
	} far[FAR_BYTES];
};

enum end {
	END_RET,
	END_LOAD,   /* past the captured bytes: result 0 */
	END_DIVIDE, /* by zero: result 0 */
	END_STEPS,  /* it loops, or runs off its end: no result */
};

/* Where a value came from: an operation on earlier ones; 0 is none. */
struct origin {
	enum origin_op {
		FROM_CONST, /* imm; also what has no origin */
		FROM_LOAD,  /* width bytes at imm */
		FROM_MSH,   /* 4 * (byte at imm & 15) */
		FROM_LEN,
		FROM_ANC,   /* ancillary word imm */
		FROM_ALU,   /* imm: BPF_ADD .. BPF_XOR, of a and b */
	} op;
	uint8_t width;
	uint32_t value, imm;
	uint16_t a, b;
};

/* A conditional jump that was executed; or a division by X: X = 0 ? */
struct fork {
	uint32_t pc;
	bool yes;
	uint16_t lhs, rhs; /* origins */
	uint16_t code;
};

/* A load that was tried. */
struct touch {
	uint32_t at;
	uint8_t width;
};

enum { ORIGINS = 4096, FORKS = 1024, TOUCHES = 512, BASES = 64 };

/* What a run did; what does not fit is dropped. */
struct trace {
	uint32_t norigins, nforks, ntouches, nbases;
	uint64_t path; /* a hash of the way it took */
	struct origin origin[ORIGINS];
	struct fork fork[FORKS];
	struct touch touch[TOUCHES];
	uint16_t base[BASES]; /* origins of X in indexed loads */
};

struct program {
	const struct sock_filter *insns;
	uint32_t n;
};

/* Runs P on IN. *RESULT is 0 unless END_RET. T may be NULL. */
enum end machine_run(const struct program *p, const struct input *in,
                     uint32_t *result, struct trace *t);
/*
 * Patches IN so that fork F of T would go the other way, if its operands can be
 * traced back to bytes that may be patched. Loads before it may change, too.
 */
bool machine_flip(const struct trace *t, const struct fork *f, struct input *in,
                  struct rng *r);
/* Patches IN so that an indexed load's base is another number. */
bool machine_move(const struct trace *t, struct input *in, struct rng *r);
/* Patches IN so that one of what F compares is next to the other, or equal to it. */
bool machine_probe(const struct trace *t, const struct fork *f, struct input *in,
                   struct rng *r);
/* Ancillary word WHICH (SKF_AD_*) of IN where A and X are so. */
uint32_t input_ancillary(const struct input *in, uint32_t which, uint32_t a,
                         uint32_t x);
/* The byte at offset AT, which must be one that can be loaded. */
uint8_t input_byte(const struct input *in, uint32_t at);
/* Sets it; false if it may not be patched. Captures more if need be. */
bool input_patch(struct input *in, uint32_t at, uint8_t byte);
/* For reproducers: one line of hex, lengths, ancillary words. */
void input_print(struct buf *out, const struct input *in);

/* --- walk.c: inputs that reach the rare paths ---------------------------------- */

/* Inputs of one case. */
struct inputs {
	struct input *v;
	uint32_t n, cap;
};

void inputs_start(struct inputs *s, struct arena *a, uint32_t cap);
/* A copy of IN; false when there is no more room. */
bool inputs_add(struct inputs *s, const struct input *in);
/*
 * Grows S, which holds some inputs to start from, up to its capacity: by
 * flipping branches of each of the N programs, by steering to each of their
 * results, by aiming at each way out of a test that is left, by numbers next to
 * what is compared and bits that should not matter, and by cutting inputs at and
 * around what is loaded.
 */
void walk(struct inputs *s, const struct program *p, uint32_t n, struct rng *r);
/*
 * Patches IN until P ends at instruction TARGET, by a way that is drawn at
 * random; false if that was not managed.
 */
bool steer(struct input *in, const struct program *p, uint32_t target,
           struct rng *r);

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

enum { GRAMMAR_ALL = 0xff000000u };

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

enum { IN_LIBPCAP_1_11 = 1u << 24 }; /* the oracle is recent; see expressions.c */

/* TEXT with a token lost, doubled or moved, in A. */
char *mutate_tokens(struct arena *a, const char *text, struct rng *r);

#endif
