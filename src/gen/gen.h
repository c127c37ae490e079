/*
 * gen: the decision graph to classic BPF, and back (lift).
 * docs/design/gen.md says how.
 */
#ifndef WEIR_GEN_H
#define WEIR_GEN_H

#include <linux/filter.h>

#include "ir/ir.h"

/* How sets become tests. */
struct gen_options {
	bool linear;   /* one test after the other; else a balanced tree */
	uint32_t leaf; /* cells that a leaf of the tree tests in turn; 0: a default */
	bool no_entry; /* do not use that A and X are 0 when the program starts */
};

struct gen_code {
	struct sock_filter *insns;
	/* For each instruction the node that asked for it; NULL for a jump between. */
	const struct ir_node **origin;
	uint32_t n;
};

/*
 * The program for the graph below G->root, which may grow: sets and wide tests
 * are split on the way. False with *WHY where it needs more than 16 scratch
 * cells. OUT is in memory of G->arena. Any length comes out; whether a kernel
 * takes it is the checker's business.
 */
bool gen_program(struct ir_graph *g, const struct gen_options *options,
                 struct gen_code *out, const char **why);

/* --- lower.c ---------------------------------------------------------------- */

/* The graph below G->root with only ret, one-word tests, binds and needs. */
const struct ir_node *gen_lower(struct ir_graph *g, const struct gen_options *options,
                                struct arena *tmp);

#endif
