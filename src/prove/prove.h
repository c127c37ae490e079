/*
 * prove: inputs that reach the rare paths of a program. A machine of its own (it
 * shares no code with cbpf/) says where each value came from, and what is compared is
 * traced back to the bytes that decide. It trusts no pass that it judges.
 */
#ifndef PROVE_H
#define PROVE_H

#include <linux/filter.h>

#include "base/base.h"
#include "ir/ir.h"

/* --- rng.c: every run can be had again ------------------------------------- */

struct rng {
	uint64_t state;
};

struct rng rng_seed(uint64_t seed);
uint32_t rng_next(struct rng *r);
/* Draw a number of 0 .. N - 1; 0 if N is 0. */
uint32_t rng_below(struct rng *r, uint32_t n);
/* Return true once in N times. */
bool rng_one_in(struct rng *r, uint32_t n);
/* Return a number that means trouble: small, a power of two and its neighbours, any. */
uint32_t rng_number(struct rng *r);

/* --- machine.c: classic BPF as Linux runs it, with provenance ----------------- */

enum {
	PACKET_MAX = 1600,
	FAR_BYTES = 24,
	MACHINE_STEPS = 100000
};

/* What a program runs on. */
struct input {
	uint32_t captured, wire;
	uint32_t network;   /* offset of the network header (SKF_NET_OFF) */
	bool little_endian; /* loads of 2 and 4 bytes: struct seccomp_data */
	bool sized;         /* neither length ever changes: the same */
	uint32_t pinned;    /* bytes at the start that are never patched */
	uint32_t anc[64];   /* ancillary words, by SKF_AD_* */
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
	uint8_t bytes[PACKET_MAX];
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
		FROM_ANC, /* ancillary word imm */
		FROM_ALU, /* imm: BPF_ADD .. BPF_XOR, of a and b */
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
	uint32_t at;     /* where it is */
	uint32_t offset; /* as the program has it: negative ones lie in windows */
	uint8_t width;
};

enum {
	ORIGINS = 4096,
	FORKS = 1024,
	TOUCHES = 512,
	BASES = 64
};

/* What a run did; what does not fit is dropped. */
struct trace {
	uint32_t norigins, nforks, ntouches, nbases, steps;
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

/* Run P on IN. *RESULT is 0 unless END_RET. T may be NULL. */
enum end machine_run(const struct program *p, const struct input *in,
                     uint32_t *result, struct trace *t);
/* Compute A OP B, BPF_ADD .. BPF_XOR; false if that divides by zero. */
bool machine_alu(unsigned op, uint32_t a, uint32_t b, uint32_t *out);
/* Tell whether the test OP (BPF_JEQ, ...) of A and B holds. */
bool machine_compare(unsigned op, uint32_t a, uint32_t b);
/* Return ancillary word WHICH (SKF_AD_*) of IN when A and X have these values. */
uint32_t input_ancillary(const struct input *in, uint32_t which, uint32_t a,
                         uint32_t x);
/* Return where offset AT really is, windows for negative ones included; -1: nowhere. */
int64_t input_place(const struct input *in, uint32_t at);
/* Copy FROM, which must not be extended, without what is not captured. */
void input_copy(struct input *to, const struct input *from);
/* Return the byte at offset AT, which must be one that can be loaded. */
uint8_t input_byte(const struct input *in, uint32_t at);
/* Set a byte; false if it may not be patched. Capture more if need be. */
bool input_patch(struct input *in, uint32_t at, uint8_t byte);
/* Print IN for reproducers: one line of hex, lengths, ancillary words. */
void input_print(struct buf *out, const struct input *in);

/* --- cover.c: the same in a hurry --------------------------------------------------- */

enum {
	COVER_NO = 1,
	COVER_YES = 4
}; /* sides of a test */

/*
 * Return the result of P on IN, which is not extended; 0 if *STEPS, which
 * counts down, ends first. MARKS, by instruction, gets the sides that were
 * taken; *NEW is set if one is new.
 */
uint32_t cover_run(const struct program *p, const struct input *in, uint8_t *marks,
                   bool *new, uint64_t *steps);

/* --- flip.c: a branch goes the other way ------------------------------------------ */

/*
 * Patch IN so that fork F of T would go the other way, if its operands can be
 * traced back to bytes that may be patched. Loads before it may change, too.
 */
bool machine_flip(const struct trace *t, const struct fork *f, struct input *in,
                  struct rng *r);
/* Patch IN so that an indexed load's base is another number. */
bool machine_move(const struct trace *t, struct input *in, struct rng *r);
/*
 * Patch IN so that one operand of F is next to the other, or equal to it; TURN
 * is as for near_to.
 */
bool machine_probe(const struct trace *t, const struct fork *f, uint32_t turn,
                   struct input *in, struct rng *r);
/* Patch IN so that these become WANT; false if they cannot, or may not. */
bool give_load(struct input *in, uint32_t at, unsigned width, uint32_t want);
bool give_msh(struct input *in, uint32_t at, uint32_t want);
bool give_len(struct input *in, uint32_t want);
bool give_anc(struct input *in, uint32_t which, uint32_t want);
/*
 * Find ARG such that ARG OP C == WANT, near NOW; OP is BPF_ADD .. BPF_XOR.
 * False if none was found.
 */
bool undo_left(unsigned op, uint32_t c, uint32_t now, uint32_t want, uint32_t *arg,
               struct rng *r);
/* Find ARG such that C OP ARG == WANT; false if none was found. */
bool undo_right(unsigned op, uint32_t c, uint32_t now, uint32_t want, uint32_t *arg,
                struct rng *r);
/*
 * Return a V for which V OP C is the opposite of YES, if there is one; OP is
 * BPF_JEQ .. BPF_JSET.
 */
uint32_t flip_value(unsigned op, bool yes, uint32_t now, uint32_t c, struct rng *r);
/*
 * Return a number at C, which OP compares NOW with, or next to it, by a bit or by one: C
 * and its neighbours in TURN 0 to 2, then any of them.
 */
uint32_t near_to(unsigned op, uint32_t now, uint32_t c, uint32_t turn, struct rng *r);

/* --- graph.c: the same for the nodes of a graph ------------------------------------ */

/*
 * Patch IN, on which a run of a graph took WAY, so that step K leads elsewhere;
 * or, if PROBE, so that it tests a number next to those that decide. TURN,
 * which the caller counts, goes through the choices. False if nothing was
 * found.
 */
bool graph_flip(const struct ir_step *way, uint32_t k, uint32_t turn, bool probe,
                struct input *in, struct rng *r);

/* --- check.c: does a program do what its graph says? --------------------------------- */

struct prove_case {
	const struct ir_graph *graph; /* what is meant: what is below ROOT */
	const struct ir_node *root;
	struct program program; /* what is written; cbpf_check accepts it */
	uint32_t inputs;        /* that are tried, unless */
	uint64_t work;          /* so many instructions, nodes and values were run */
	/*
	 * Where the graph, which read up to REACH, has a result but 0: so many bytes of IN
	 * the program gets. NULL: REACH.
	 */
	uint32_t (*leave)(void *ctx, const struct input *in, uint32_t reach);
	void *ctx;
};

/* What came of it. */
struct prove_found {
	uint32_t inputs; /* that were tried */
	uint64_t work;   /* that they took */
	/* If there is a difference: */
	const struct input *in; /* shows it, */
	uint32_t cut;           /* with so many bytes captured */
	uint32_t meant, written;
};

/* Set how much work OF's program deserves; the same on every machine. */
void prove_budget(struct prove_case *of);
/*
 * Check OF's program against its graph; false if an input was found on which
 * the program gives a wrong result. The same case is always tried on the same
 * inputs. What was found is in TMP.
 */
bool prove_check(const struct prove_case *of, struct arena *tmp, struct prove_found *found);

/* --- walk.c: inputs that reach the rare paths ---------------------------------- */

/* Inputs of one case. */
struct inputs {
	struct input *v;
	uint32_t n, cap;
};

void inputs_start(struct inputs *s, struct arena *a, uint32_t cap);
/* Add a copy of IN; false if there is no more room. */
bool inputs_add(struct inputs *s, const struct input *in);
/*
 * Grow S, which holds some inputs to start from, up to its capacity: by
 * flipping branches of each of the N programs, by steering to each of their
 * results, by aiming at each way out of a test that is left, by numbers next to
 * what is compared and bits that should not matter, and by cutting inputs at
 * and around what is loaded.
 */
void walk(struct inputs *s, const struct program *p, uint32_t n, struct rng *r);
/*
 * Patch IN until P ends at instruction TARGET, on a way drawn at random; false
 * if that failed.
 */
bool steer(struct input *in, const struct program *p, uint32_t target,
           struct rng *r);

#endif
