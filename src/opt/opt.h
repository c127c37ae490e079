/*
 * opt: passes over the graph. opt.c is the table that runs them, one file a
 * pass; docs/design/pipeline.md says what they owe and in which order they run.
 */
#ifndef WEIR_OPT_H
#define WEIR_OPT_H

#include "gen/gen.h"
#include "ir/ir.h"

enum opt_level { OPT_0, OPT_1, OPT_2, OPT_3, OPT_SIZE };

/* One run of the optimizer. */
struct opt {
	struct ir_graph *graph;
	struct arena tmp;  /* reset after each pass; same oom as the graph's arena */
	enum opt_level level;
	uint64_t fuel;     /* rewrites still allowed; UINT64_MAX: no limit */
	const char *dump;  /* the pass after which the graph is printed, or "all" */
	struct buf *dumped;
	bool verify;       /* run ir_verify after each pass */
};

/* Runs the passes that O->level asks for; O->graph->root is the result. */
void opt_run(struct opt *o);
/* The name of pass I, NULL after the last. For --dump, --help and messages. */
const char *opt_pass_name(unsigned i);
/* True if one more rewrite is allowed; counts it. */
bool opt_rewrite(struct opt *o);
/*
 * Rebuilds the graph from its results up: FN gets each node with its new
 * successors and returns what shall stand in its place. True if anything changed.
 */
bool opt_each_node(struct opt *o,
                   const struct ir_node *(*fn)(struct opt *o, const struct ir_node *n));
/* N with value V in place of each of its values, by FN, which must keep its words. */
const struct ir_node *opt_each_value(struct opt *o, const struct ir_node *n,
	const struct ir_value *(*fn)(struct opt *o, const struct ir_value *v));

/* --- the passes, in the order of the table --------------------------------- */

bool opt_fold(struct opt *o);   /* fold.c: constants meet, algebra */
bool opt_canon(struct opt *o);  /* canon.c: one spelling for each predicate */
bool opt_thread(struct opt *o); /* thread.c: tests that the path has decided */

#endif
