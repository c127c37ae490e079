/*
 * words: loads and tests of struct seccomp_data in words, for people who read programs.
 * docs/design/listing.md.
 */
#ifndef WEIR_RULES_WORDS_H
#define WEIR_RULES_WORDS_H

#include "rules/rules.h"

/* --- told.c: what tests have told ------------------------------------------------ */

enum {
	RULES_TOLD_CALLS = 6,
};

/* What the tests on the way to a place have told of a call. */
struct rules_told {
	uint32_t abis; /* that it may be of, as bits; RULES_TOLD_OTHER: one unknown here */
	bool any;      /* no number is known; else it is one of N */
	uint8_t n;
	uint32_t nr[RULES_TOLD_CALLS];
};

#define RULES_TOLD_OTHER (UINT32_C(1) << 31)

void rules_told_start(struct rules_told *t);
/* Learn that LHS CMP RHS is YES; false if that cannot be. */
bool rules_told_test(struct rules_told *t, enum ir_cmp cmp, const struct ir_value *lhs,
                     uint32_t rhs, bool yes);
/* Let T hold where OTHER does, too. */
void rules_told_join(struct rules_told *t, const struct rules_told *other);
/* Return the one ABI that a call can be of; NULL: there are more. */
const struct sys_abi *rules_told_abi(const struct rules_told *t);

/* --- words.c ------------------------------------------------------------------------ */

/* Write what V, made of loads of IN, is: "openat flags"; nothing where that is not known. */
void rules_put_value(struct buf *out, const struct ir_input *in, const struct rules_told *t,
                     const struct ir_value *v);
/* Write what V CMP NUMBER asks: "openat flags & O_WRONLY != 0". */
void rules_put_test(struct buf *out, const struct ir_input *in, const struct rules_told *t,
                    enum ir_cmp cmp, const struct ir_value *v, uint32_t number);
/* Write what it means that a filter returns RET where T is told: "errno EPERM". */
void rules_put_result(struct buf *out, const struct rules_told *t, uint32_t ret);

#endif
