/*
 * prove: inputs that reach the rare paths of a program. A machine of its own (it
 * shares no code with cbpf/) says where each value came from, and what is compared is
 * traced back to the bytes that decide. It trusts no pass that it judges.
 */
#ifndef PROVE_H
#define PROVE_H

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

#endif
