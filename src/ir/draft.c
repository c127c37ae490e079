/*
 * Drafts: additions to a graph that are measured and taken back. Programs that are made
 * only for that leave no nodes, so the passes' data for each node does not grow with the
 * number of trials.
 */
#include <assert.h>

#include "ir/ir.h"

void ir_draft(struct ir_graph *g, struct ir_draft *d)
{
	assert(!g->drafting);
	d->was = *g;
	d->mark = arena_mark(g->arena);
	g->drafting = true;
}

void ir_undraft(struct ir_graph *g, const struct ir_draft *d)
{
	struct ir_graph was = d->was;

	assert(g->drafting && g->nodes.n >= was.nodes.n && g->values.n >= was.values.n);
	ir_forget_values(g, &was);
	ir_forget_nodes(g, &was);
	arena_back(g->arena, d->mark);
	*g = was;
}
