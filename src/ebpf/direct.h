/*
 * What the files of the direct forms share: flow.c works out what they ask, direct.c and
 * slow.c write the two copies of a program, both.c what is alike in them.
 */
#ifndef WEIR_EBPF_DIRECT_H
#define WEIR_EBPF_DIRECT_H

#include "ebpf/ebpf.h"
#include "gen/gen.h"

/* --- flow.c ------------------------------------------------------------------------ */

enum {
	EBPF_REACH = INT16_MAX, /* a packet pointer's offsets, and what is tested for */
};

enum ebpf_access {
	EBPF_NO_LOAD, /* no load from the packet */
	EBPF_FIXED,   /* at a constant offset */
	EBPF_INDEXED, /* at X and a constant */
	EBPF_FAR,     /* at one that packet pointers do not reach */
};

enum ebpf_access ebpf_access(const struct sock_filter *f);
uint32_t ebpf_load_size(const struct sock_filter *f);

/* How far a program reads from here on: on all ways that return more than 0; on any. */
struct ebpf_read {
	uint32_t fixed_all, fixed_any;     /* from the packet's start */
	uint32_t indexed_all, indexed_any; /* from X on, as it is */
};

/* By instruction, before it. */
struct ebpf_flow {
	uint32_t *live; /* registers whose values are read, as gen_live has them */
	struct ebpf_read *read;
	uint32_t *x_most;  /* the most that X can be */
	uint32_t *ways_in; /* how many ways lead there */
	/*
	 * A load: not 0 if its bytes stay in network order. A test, a bitwise operation: A's
	 * bytes are as they were in the packet, so many.
	 */
	uint8_t *raw;
};

void ebpf_flow(struct arena *tmp, const struct cbpf_program *p, struct ebpf_flow *flow);
/* Return how far to test before the load at AT, which needs bytes up to END. */
uint32_t ebpf_test_fixed(const struct ebpf_flow *flow, uint32_t at, uint32_t end);
uint32_t ebpf_test_indexed(const struct ebpf_flow *flow, uint32_t at, uint32_t end);

/* --- wide.c ------------------------------------------------------------------------ */

enum {
	EBPF_WIDE_BYTES = 48, /* what a row asks about at most */
};

/* SIZE bytes at AT, from the packet's start or from X on, are VALUE, as they are loaded. */
struct ebpf_part {
	uint32_t at;
	uint8_t size; /* 1, 2, 4 or 8 */
	uint64_t value;
};

/* A row of tests as one question: all parts hold. */
struct ebpf_wide {
	uint32_t last; /* the row's last test */
	uint32_t end;  /* how far the parts read */
	unsigned n;
	struct ebpf_part part[EBPF_WIDE_BYTES];
};

/*
 * Tell whether the load from the packet at AT begins a row of tests that W asks with fewer
 * instructions, or loads. A is not read after it.
 */
bool ebpf_wide(const struct cbpf_program *p, const struct ebpf_flow *flow, uint32_t at,
               bool big_endian, struct ebpf_wide *w);

/* --- the two copies ------------------------------------------------------------------- */

/* What differs between program types. */
struct ebpf_hook {
	const char *name;
	int16_t data, data_end; /* in the context */
	int16_t length;         /* likewise; -1: bpf_xdp_get_buff_len says it */
	int32_t load_bytes;     /* the helper that copies bytes of the packet */
	bool wide;              /* DATA and DATA_END are 64 bits */
	bool is_tc;             /* the context is a struct __sk_buff, with all its helpers */
	bool is_xdp;            /* ... a struct xdp_md */
};

/* Whether an instruction is in the second copy. */
enum ebpf_enters {
	EBPF_NEVER,
	EBPF_FROM_SLOW, /* it comes after one that is */
	EBPF_FROM_FAST, /* the first copy goes on there */
};

/* A program in both copies. */
struct ebpf_direct {
	struct ebpf_classic fast; /* first copy: where each instruction is */
	uint32_t *slow;           /* second copy: likewise */
	uint8_t *enters;          /* by instruction: an enum ebpf_enters */
	uint32_t *entry;          /* where the second copy is entered: it, or what leads there */
	uint8_t context;          /* the register that has it, in the copy being written */
	uint32_t fails;           /* where the second copy returns 0 */
	const struct ebpf_hook *hook;
	bool big_endian;
	struct ebpf_flow flow;
	struct ebpf_error *error;
};

enum {
	EBPF_END = 9, /* a register: the end of the linear part; EBPF_DATA is its start */
};

/* Where the frame holds what is neither in a register nor in a cell. */
enum {
	EBPF_SAVED_A = -72,
	EBPF_BUFFER = -80,
	EBPF_DIRECT_STACK = 80,
};

/* --- both.c: what both copies do alike ------------------------------------------------- */

/*
 * Write the instruction at AT, which loads nothing from the packet; LABELS are those of
 * the copy. Return false with an error.
 */
bool ebpf_direct_other(struct ebpf_direct *d, const uint32_t *labels, uint32_t at);

/* --- sets.c: open sets --------------------------------------------------------------- */

/* Write what fetches the sets that are asked about; the context is in R1 and R6 then. */
void ebpf_sets_start(struct ebpf_direct *d);
/* Set A to whether what A and X say at AT is in SET; SLOW: in the second copy. */
void ebpf_ask_set(struct ebpf_direct *d, uint32_t at, uint32_t set, bool slow);

/* --- slow.c: the copy that can read anything ------------------------------------------- */

/* Write the second copy, as far as it is entered. */
bool ebpf_slow(struct ebpf_direct *d);

#endif
