/* graphs: random decision graphs, and smaller ones that still fail. */
#ifndef GRAPHS_H
#define GRAPHS_H

#include "tests/diff/diff.h"
#include "ir/ir.h"

/* What a random graph may hold; drawn with it. */
struct graph_shape {
	struct ir_input input;
	uint32_t nodes, params;
	bool divisions, indexed, ancillary, wide;
	bool dense;  /* few adjacent fields, as headers have them */
	bool twins;  /* subgraphs that differ in where they load from alone */
	bool echoes; /* questions that were asked before, with other exits */
};

void graph_shape_draw(struct graph_shape *s, struct rng *r);
/* A graph with its root set, every parameter bound on every path. */
struct ir_graph *graph_random(struct arena *a, const struct graph_shape *s,
                              struct rng *r);
/* A random input that the graph's programs can run on. */
void graph_input(struct input *in, const struct ir_input *kind, struct rng *r);

/* What ir_eval says of G and IN, which is not extended. */
struct outcome graph_eval(const struct ir_graph *g, const struct input *in);

/*
 * G in a new arena, as small as it gets while FAILS holds: nodes give way to
 * their successors, values to operands and constants. FAILS is asked GRAPH_TRIES
 * times at most.
 */
enum {
	GRAPH_TRIES = 1000
};
struct ir_graph *graph_shrink(struct arena *a, struct ir_graph *g,
                              bool (*fails)(void *ctx, struct ir_graph *g),
                              void *ctx);

#endif
