/*
 * Beside the graph: which source texts asked for a node, marks on it, and how
 * often what it asks about is what.
 */
#include <assert.h>

#include "ir/ir.h"

/* A node that more texts than this ask for remembers the first ones. */
enum {
	MOST_PLACES = 8
};

static bool before(struct span a, struct span b)
{
	if (a.source != b.source)
		return a.source < b.source;
	if (a.start != b.start)
		return a.start < b.start;
	return a.end < b.end;
}

static bool same(struct span a, struct span b)
{
	return a.source == b.source && a.start == b.start && a.end == b.end;
}

void ir_at(struct ir_graph *g, const struct ir_node *n, struct span at)
{
	struct ir_place **link, *place;
	unsigned held = 0;

	assert(n->id < g->nodes.n && at.start <= at.end);
	if (g->drafting)
		return;
	while (g->places.n <= n->id)
		array_push(g->arena, &g->places, NULL);
	link = &g->places.v[n->id];
	for (; *link && before((*link)->at, at); link = &(*link)->next)
		held++;
	if (held >= MOST_PLACES || (*link && same((*link)->at, at)))
		return;

	place = arena_new(g->arena, struct ir_place);
	*place = (struct ir_place){ at, *link };
	*link = place;
}

void ir_own_places(struct ir_graph *g)
{
	struct ir_place **shared = g->places.v;

	g->places.v = arena_array(g->arena, struct ir_place *, g->places.n);
	g->places.cap = g->places.n;
	for (uint32_t i = 0; i < g->places.n; i++) {
		struct ir_place **link = &g->places.v[i];

		for (const struct ir_place *p = shared[i]; p; p = p->next) {
			*link = arena_memdup(g->arena, p, sizeof *p);
			link = &(*link)->next;
		}
	}
}

const struct ir_place *ir_places(const struct ir_graph *g,
                                 const struct ir_node *n)
{
	return n->id < g->places.n ? g->places.v[n->id] : NULL;
}

void ir_mark(struct ir_graph *g, const struct ir_node *n, uint8_t marks)
{
	if (g->drafting)
		return;
	while (g->marks.n <= n->id)
		array_push(g->arena, &g->marks, 0);
	g->marks.v[n->id] |= marks;
}

uint8_t ir_marks(const struct ir_graph *g, const struct ir_node *n)
{
	return n->id < g->marks.n ? g->marks.v[n->id] : 0;
}

void ir_weigh(struct ir_graph *g, const struct ir_node *n, const struct ir_weights *w)
{
	if (g->drafting)
		return;
	while (g->weights.n <= n->id)
		array_push(g->arena, &g->weights, NULL);
	g->weights.v[n->id] = w;
}

const struct ir_weights *ir_weights(const struct ir_graph *g, const struct ir_node *n)
{
	return n->id < g->weights.n ? g->weights.v[n->id] : NULL;
}

void ir_inherit(struct ir_graph *g, const struct ir_node *to,
                const struct ir_node *from)
{
	if (to == from || g->drafting)
		return;
	for (const struct ir_place *p = ir_places(g, from); p; p = p->next)
		ir_at(g, to, p->at);
	if (ir_marks(g, from))
		ir_mark(g, to, ir_marks(g, from));
	if (ir_weights(g, from) && !ir_weights(g, to))
		ir_weigh(g, to, ir_weights(g, from));
}
