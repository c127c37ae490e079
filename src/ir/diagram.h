/*
 * Sets of inputs as binary decision diagrams over numbered bits. A set is a number;
 * equal sets are equal numbers, so "is it empty", "is it everything" and "does one
 * imply the other" are comparisons, and finding a member is a walk.
 */
#ifndef WEIR_IR_DIAGRAM_H
#define WEIR_IR_DIAGRAM_H

#include "base/base.h"

enum {
	DIAGRAM_NONE, /* no input */
	DIAGRAM_ALL,  /* every input */

	DIAGRAM_MOST_BITS = 544, /* recursion goes one bit down, so this deep */
	DIAGRAM_MOST_WORDS = (DIAGRAM_MOST_BITS + 63) / 64,
};

/*
 * Inputs are words: bit N is bit N % 64 of word N / 64. Sets are valid until the
 * diagrams are told to forget them. Work is paid for in steps; when they run out,
 * the diagrams are lost: every result since then is DIAGRAM_NONE and means nothing.
 */
struct diagrams;

/* Make diagrams over bits 0 .. BITS - 1, decided in this order, with STEPS to spend. */
struct diagrams *diagrams(struct arena *arena, unsigned bits, uint64_t steps);
/* Decide ORDER[0] first, and so on; it names each bit once. Forgets all sets. */
void diagrams_order(struct diagrams *d, const uint16_t *order);
/* Forget all sets. */
void diagrams_forget(struct diagrams *d);
/*
 * Begin a new question: drop what was assumed, be no longer lost. Sets of the one
 * before may be forgotten.
 */
void diagrams_renew(struct diagrams *d);

/* Tell whether the steps ran out. */
bool diagrams_lost(const struct diagrams *d);
/* Give up: be lost from here on. */
void diagrams_lose(struct diagrams *d);
/* Have at least LEAST steps from here on. */
void diagrams_grant(struct diagrams *d, uint64_t least);
/* Pay one step for the caller's own work; false if there are none left. */
bool diagrams_spend(struct diagrams *d);

/* Return the inputs in which BIT is set. */
uint32_t diagram_bit(struct diagrams *d, unsigned bit);
/* Return the inputs of F that are in G, and those outside F that are in H. */
uint32_t diagram_ite(struct diagrams *d, uint32_t f, uint32_t g, uint32_t h);
uint32_t diagram_and(struct diagrams *d, uint32_t a, uint32_t b);
uint32_t diagram_or(struct diagrams *d, uint32_t a, uint32_t b);
/* Return what is in A but not in B. */
uint32_t diagram_less(struct diagrams *d, uint32_t a, uint32_t b);
uint32_t diagram_not(struct diagrams *d, uint32_t a);

/*
 * Make bits constant that SET fixes: from now on sets count only inside SET, which
 * makes them smaller.
 */
void diagram_assume(struct diagrams *d, uint32_t set);

/* What a set decides first: inputs with BIT set go on in SET, the others in CLEAR. */
struct diagram_decision {
	unsigned bit;
	uint32_t clear, set;
};
/* Tell what SET decides first; false for DIAGRAM_NONE and _ALL, which decide nothing. */
bool diagram_decision(const struct diagrams *d, uint32_t set,
                      struct diagram_decision *out);

/* Tell whether the input WORD is in SET. */
bool diagram_has(const struct diagrams *d, uint32_t set, const uint64_t *word);
/* Write a member of SET, which is not empty, to WORD; bits are clear where they can be. */
void diagram_example(const struct diagrams *d, uint32_t set, uint64_t *word);

/* Take the inputs that are VALUE under MASK; false: no more of them. */
typedef bool diagram_block_fn(void *ctx, const uint64_t *mask, const uint64_t *value);
/*
 * Pass SET to FN in blocks that do not overlap and together are all of it. False if
 * FN did not want all of them.
 */
bool diagram_blocks(const struct diagrams *d, uint32_t set, diagram_block_fn *fn,
                    void *ctx);

#endif
