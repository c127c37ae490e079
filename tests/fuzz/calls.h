/* What the fuzzers of policies ask of the trees they get. */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include "gen/gen.h"
#include "policy/policy.h"

/* Aborts where something does not hold. */
void fuzz_must(bool holds);
/*
 * Asks CODE, or G where that is NULL, about calls at and around the constants of
 * T's conditions; aborts where it does not answer as policy_eval does.
 */
void fuzz_calls(const struct policy_tree *t, struct ir_graph *g,
                const struct gen_code *code, struct arena *tmp);
/* Aborts where an example does not get the answer that it is one of. */
void fuzz_answers(const struct policy_tree *t, const struct diags *d, struct arena *a);
/*
 * Optimizes and compiles T's graph as HASH says, asks it all of the above, and
 * aborts where the graph breaks its rules.
 */
void fuzz_tree(const struct policy_tree *t, struct diags *d, struct arena *a,
               uint32_t hash);

#endif
