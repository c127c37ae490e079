/*
 * What a program on struct seccomp_data answers, as one diagram: the set of all pairs
 * of an input and the result that it gets. Programs that answer every input alike have
 * the same set.
 */
#ifndef WEIR_IR_OUTCOME_H
#define WEIR_IR_OUTCOME_H

#include "ir/diagram.h"
#include "ir/ir.h"

/*
 * Bit 32 * I + K is bit K of what a load at offset 4 * I gives; the bits of the result
 * follow those of the input. Diagrams decide the architecture first, then the number,
 * the arguments, the instruction pointer and the result, each from its highest bit.
 */
enum {
	OUTCOME_NR = 0, /* first bits */
	OUTCOME_ARCH = 32,
	OUTCOME_POINTER = 64, /* 64 bits: of the instruction */
	OUTCOME_ARGS = 128,   /* 64 bits each */
	OUTCOME_RESULT = 512,
	OUTCOME_BITS = 544,

	OUTCOME_NARGS = 6,
};

/* By argument, the least one that a program compares or mixes it with. */
struct outcome_families {
	uint8_t of[OUTCOME_NARGS];
};

extern const struct outcome_families outcome_alone;

/* Unite in F the arguments that G, whose nodes are all below its root, mixes. */
void outcome_unite(struct arena *tmp, const struct ir_graph *g, struct outcome_families *f);
/*
 * Make diagrams for outcomes with STEPS to spend. The second half of an argument is
 * decided before the first; bits of one family of arguments are decided in turn.
 */
struct diagrams *outcome_diagrams(struct arena *arena, const struct outcome_families *f,
                                  uint64_t steps);
/*
 * Return the outcome of G, a graph for ir_input_seccomp_le or _be. It means nothing
 * if D is lost then: it became too large, or G is not the graph of such a program.
 */
uint32_t outcome_of(struct arena *tmp, struct diagrams *d, const struct ir_graph *g);

/* Return what is left of SET, where nothing is decided before it, once WORD is VALUE;
   FIRST is WORD's first bit. */
uint32_t outcome_given(const struct diagrams *d, uint32_t set, unsigned first,
                       uint32_t value);
/*
 * Write SET into OUT as bytes that depend on nothing but its inputs and the order in
 * which D decides them: equal sets, in whatever diagrams, have equal bytes.
 */
void outcome_put(struct buf *out, const struct diagrams *d, uint32_t set);
/* Tell whether SET is one result for all inputs that are left, and which. */
bool outcome_result(const struct diagrams *d, uint32_t set, uint32_t *result);

#endif
