/*
 * What A and X hold on each edge, in the direction of execution, and from that
 * where the edge may enter the code of its target: as late as it holds what
 * the rest needs. Every edge counts for itself; only what a node leaves
 * is met over the edges that reach it.
 */
#include <assert.h>

#include "gen/gen.h"

struct held {
	const struct ir_value *a, *x;
};

/* The node that leads to a place, and from which of its exits. */
struct edge {
	uint32_t from;
	uint8_t exit;
};

struct flow {
	struct gen_flow out;
	struct ir_order order;
	const uint32_t *index;
	const struct gen_body *body;
	struct edge *edge; /* sorted by the place they lead to */
	uint32_t *start;   /* by place: the first of its edges; one more at the end */
	struct held *after;
};

static const struct ir_node *node_at(const struct flow *f, uint32_t place)
{
	return f->order.v[f->order.n - 1 - place];
}

/* Sort all edges by their target (counting sort). */
static void collect_edges(struct flow *f, struct arena *tmp)
{
	uint32_t n = f->order.n, total = 0;
	uint32_t *fill;

	f->start = arena_array(tmp, uint32_t, n + 1);
	fill = arena_array(tmp, uint32_t, n);
	for (uint32_t p = 0; p < n; p++)
		for (uint32_t s = 0; s < ir_nsucc(node_at(f, p)); s++)
			f->start[f->index[ir_succ(node_at(f, p), s)->id]]++;
	for (uint32_t p = 0; p <= n; p++) {
		uint32_t count = p < n ? f->start[p] : 0;

		f->start[p] = total;
		if (p < n)
			fill[p] = total;
		total += count;
	}
	f->edge = arena_array(tmp, struct edge, total);
	for (uint32_t p = 0; p < n; p++)
		for (uint32_t s = 0; s < ir_nsucc(node_at(f, p)); s++) {
			uint32_t to = f->index[ir_succ(node_at(f, p), s)->id];

			/* Sets are lowered, and control only goes forward. */
			assert(s < 2 && to > p);
			f->edge[fill[to]++] = (struct edge){ p, (uint8_t)s };
		}
}

/* Return the last place in B where HELD is enough. */
static uint32_t enter(const struct gen_body *b, struct held held)
{
	uint32_t i = b->n;

	for (; i > 0; i--) {
		const struct gen_need *need = &b->need[i];

		if (!need->closed && (!need->a || need->a == held.a) &&
		    (!need->x || need->x == held.x))
			break;
	}
	return i;
}

/* Return the registers that the steps from ENTRY on change. */
static unsigned written(const struct gen_body *b, uint32_t entry)
{
	unsigned regs = 0;

	for (uint32_t i = entry; i < b->n; i++)
		regs |= gen_writes(&b->step[i]);
	return regs;
}

/* Return what a register that no step wrote still holds after B. */
static const struct ir_value *kept(const struct gen_body *b,
                                   const struct ir_value *v)
{
	return v && b->binds && ir_uses_param(v, b->binds) ? NULL : v;
}

/* Return what is held after B if it is entered at ENTRY with HELD. */
static struct held leave(const struct gen_body *b, uint32_t entry,
                         struct held held)
{
	const struct gen_step *last = b->n ? &b->step[b->n - 1] : NULL;
	bool stores = last && last->stores;
	struct held after = { kept(b, held.a), kept(b, held.x) };

	/* A store makes its register's value known under the parameter's name. */
	if (written(b, entry) & CBPF_A || (stores && last->a == last->stores))
		after.a = last->a;
	if (written(b, entry) & CBPF_X || (stores && last->x == last->stores))
		after.x = last->x;
	return after;
}

static void meet(struct held *into, struct held h, bool first)
{
	if (first)
		*into = h;
	if (into->a != h.a)
		into->a = NULL;
	if (into->x != h.x)
		into->x = NULL;
}

/* Follow one edge into PLACE; return what it holds on leaving. */
static struct held arrive(struct flow *f, uint32_t place, struct held held,
                          uint32_t *entry)
{
	const struct gen_body *b = &f->body[place];

	*entry = enter(b, held);
	if (*entry < f->out.first[place])
		f->out.first[place] = *entry;
	return leave(b, *entry, held);
}

static void note_reloads(struct flow *f)
{
	for (uint32_t p = 0; p < f->order.n; p++)
		for (uint32_t i = f->out.first[p]; i < f->body[p].n; i++)
			if (f->body[p].step[i].reloads)
				f->out.reloaded[f->body[p].step[i].reloads->imm] = 1;
}

struct gen_flow gen_flow(struct arena *tmp, struct ir_graph *g,
                         struct ir_order order, const uint32_t *index,
                         const struct gen_body *body,
                         const struct gen_options *options)
{
	struct flow f = { .order = order, .index = index, .body = body };
	const struct ir_value *zero = options->no_entry ? NULL : ir_const(g, 0);
	struct held start = { zero, zero };
	uint32_t entry;

	f.out.exits = arena_array(tmp, struct gen_exits, order.n);
	f.out.first = arena_array(tmp, uint32_t, order.n);
	f.out.reloaded = arena_array(tmp, uint8_t, g->params);
	f.after = arena_array(tmp, struct held, order.n);
	collect_edges(&f, tmp);

	for (uint32_t p = 0; p < order.n; p++) {
		f.out.first[p] = body[p].n;
		if (!p)
			f.after[p] = arrive(&f, p, start, &entry);
		for (uint32_t e = f.start[p]; e < f.start[p + 1]; e++) {
			struct edge *in = &f.edge[e];
			struct held h = arrive(&f, p, f.after[in->from],
			                       &f.out.exits[in->from].entry[in->exit]);

			meet(&f.after[p], h, e == f.start[p]);
		}
	}
	note_reloads(&f);
	return f.out;
}
