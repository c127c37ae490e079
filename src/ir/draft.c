/*
 * Drafts: what is added to a graph to see what comes of it, and taken back. Programs that
 * are made only to measure them leave no nodes behind, so that what passes keep for each
 * node does not grow with what was tried.
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
