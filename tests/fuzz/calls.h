/* What the fuzzers of policies ask of the trees they get. */
#ifndef FUZZ_CALLS_H
#define FUZZ_CALLS_H

#include "gen/gen.h"
#include "policy/policy.h"

/* Aborts where something does not hold. */
void fuzz_must(bool holds);

enum {
	FUZZ_VALUES = 32
};

/* What conditions compare with; of more than FUZZ_VALUES the last. */
struct fuzz_values {
	uint64_t v[FUZZ_VALUES];
	unsigned n;
};

/* Adds those of ROOT, which may be NULL. */
void fuzz_collect(const struct rules_cond *root, struct fuzz_values *to);
/* SYS_ARGS arguments at and around them; STATE is that of the random numbers. */
void fuzz_pick(const struct fuzz_values *from, uint32_t *state, uint64_t *args);
/*
 * Asks CODE, or G where that is NULL, about calls at and around the constants of
 * T's conditions; aborts where it does not answer as rules_eval does.
 */
void fuzz_calls(const struct rules_tree *t, struct ir_graph *g,
                const struct gen_code *code, struct arena *tmp);
/* Aborts where an example does not get the answer that it is one of. */
void fuzz_answers(const struct rules_tree *t, const struct diags *d, struct arena *a);
/*
 * Optimizes and compiles T's graph as HASH says, asks it all of the above, and
 * aborts where the graph breaks its rules.
 */
void fuzz_tree(const struct rules_tree *t, struct diags *d, struct arena *a,
               uint32_t hash);

#endif
