/* Sets of the arguments of a call: what reach.c, lint.c and ask.c reckon with. */
#ifndef WEIR_RULES_SPACE_H
#define WEIR_RULES_SPACE_H

#include "ir/diagram.h"
#include "sys/sys.h"

struct rules_case;
struct rules_cond;

/* --- space.c: sets of arguments -------------------------------------------- */

/*
 * A set of values of the six words is a number; equal sets are equal ones. They
 * are good until the next rules_space_start. When the work gets too much the
 * space is lost: all results since then are SPACE_NONE and mean nothing.
 */
enum {
	SPACE_NONE = DIAGRAM_NONE,
	SPACE_ALL = DIAGRAM_ALL
};

struct rules_space;

/*
 * Make a space that may take STEPS steps. If OPEN, conditions on constants may
 * turn out either way.
 */
struct rules_space *rules_space(struct arena *arena, uint64_t steps, bool open);
/* Prepare for sets about the conditions of these N cases, all of one ABI. */
void rules_space_start(struct rules_space *s,
                       const struct rules_case *const *cases, uint32_t n);
bool rules_space_lost(const struct rules_space *s);
/* Grant at least LEAST steps from here on. */
void rules_space_grant(struct rules_space *s, uint64_t least);
/* Charge one step of the caller's own work; false once none are left. */
bool rules_space_spend(struct rules_space *s);

/* KID of PARENT is SET; with it the part of PARENT up to there, BEFORE, is AFTER. */
typedef void rules_space_fn(void *ctx, const struct rules_cond *parent,
                            const struct rules_cond *kid, uint32_t set,
                            uint32_t before, uint32_t after);
/*
 * Return where C (NULL: always) holds. SEEN, if not NULL, is called for every
 * condition below C.
 */
uint32_t rules_space_of(struct rules_space *s, const struct rules_cond *c,
                        rules_space_fn *seen, void *ctx);
/* Assume SET from now on: sets count only within it, which makes them smaller. */
void rules_space_assume(struct rules_space *s, uint32_t set);
uint32_t rules_space_and(struct rules_space *s, uint32_t a, uint32_t b);
uint32_t rules_space_or(struct rules_space *s, uint32_t a, uint32_t b);
/* Return what is in A and not in B. */
uint32_t rules_space_less(struct rules_space *s, uint32_t a, uint32_t b);
bool rules_space_has(const struct rules_space *s, uint32_t set,
                     const uint64_t args[SYS_ARGS]);
/*
 * Put a call of SET, which must not be SPACE_NONE, into ARGS: small numbers
 * where there is a choice.
 */
void rules_space_example(const struct rules_space *s, uint32_t set,
                         uint64_t args[SYS_ARGS]);

/*
 * A part of a set: all calls whose words, under MASK, are VALUE. False: no more of
 * them. The parts of a set do not overlap. OPEN spaces have none.
 */
typedef diagram_block_fn rules_space_block_fn;
/* Call FN for each block of SET in turn; false if FN stopped it. */
bool rules_space_blocks(const struct rules_space *s, uint32_t set,
                        rules_space_block_fn *fn, void *ctx);

#endif
