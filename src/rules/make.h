/* Making trees by calls: for the readers of forms that are not weir's language. */
#ifndef WEIR_RULES_MAKE_H
#define WEIR_RULES_MAKE_H

#include "rules/rules.h"

/*
 * A tree being made. After rules_make_start set the fallback, then make rules in
 * the order that decides, each with its cases; rules_make_tree ends it.
 */
struct rules_maker {
	struct arena *arena;
	struct diags *diags;
	struct rules_tree *tree;
	ARRAY(struct rules_rule) rules;
	struct rules_rule rule; /* being made, if it has an action */
	ARRAY(struct rules_case) cases;
	ARRAY(struct rules_numbers) numbers;
};

/* Start M for ABIS, bits 1 << enum sys_abi_id. False if there are none. */
bool rules_make_start(struct rules_maker *m, struct arena *arena, struct diags *d,
                      uint32_t abis);

const struct rules_action *rules_make_action(struct rules_maker *m,
                                             enum rules_verb verb, uint32_t data,
                                             struct span at);
void rules_make_fallback(struct rules_maker *m, const struct rules_action *action);

/* End the rule before and begin the next; its cases follow. */
void rules_make_rule(struct rules_maker *m, const struct rules_action *action,
                     struct span at);
void rules_make_case(struct rules_maker *m, const struct sys_abi *abi, uint32_t nr,
                     const struct rules_cond *cond, struct span at);
/* Set what numbers LO .. HI of ABI (none if LO > HI) get where no rule matches. */
void rules_make_numbers(struct rules_maker *m, const struct sys_abi *abi,
                        uint32_t lo, uint32_t hi, uint32_t ret);
const struct rules_tree *rules_make_tree(struct rules_maker *m);

/* Return the low WIDTH bits (16, 32, 64) of args[I]. */
struct rules_operand rules_make_word(const struct sys_abi *abi, unsigned i,
                                     unsigned width, struct span at);
/*
 * Make the test LHS CMP VALUE at TYPE; set LHS.mask first for a mask on the
 * left.
 */
const struct rules_cond *rules_make_test(struct rules_maker *m,
                                         struct rules_operand lhs,
                                         struct sys_type type,
                                         enum rules_cmp cmp, uint64_t value,
                                         struct span at);
/* Make the AND, OR or NOT (of one) of the N conditions at KID. */
const struct rules_cond *rules_make_list(struct rules_maker *m,
                                         enum rules_cond_kind kind,
                                         const struct rules_cond *const *kid,
                                         uint32_t n, struct span at);

#endif
