/*
 * ways: what registers hold and what tests have told on the ways to each instruction,
 * for code that puts programs into words. A few ways are kept apart where paths join, so
 * that "X is 40" stays with "it is IPv6"; of more, those that differ least become one.
 * Nothing that decides what a program does may be built on this: it is for people.
 */
#include "gen/gen.h"

/* The ways into an instruction that has not been seen yet. */
struct ways {
	uint32_t n;
	struct gen_way way[GEN_WAYS];
	struct ways *free; /* the next that is not in use */
};

struct walk {
	struct ir_graph *g;
	struct arena *tmp;
	const struct sock_filter *insns;
	const struct gen_follower *f;
	uint32_t *live;
	struct ways **in; /* by instruction; NULL: nothing leads there so far */
	struct ways *free;
};

static struct ways *take(struct walk *w)
{
	struct ways *ways = w->free;

	if (ways)
		w->free = ways->free;
	else
		ways = arena_new(w->tmp, struct ways);
	ways->n = 0;
	return ways;
}

static bool same_told(const struct gen_way *a, const struct gen_way *b)
{
	return !memcmp(a->told, b->told, sizeof a->told);
}

/*
 * Return the number of registers in which A and B differ, and 1 more if other things are
 * told.
 */
static unsigned difference(const struct gen_way *a, const struct gen_way *b)
{
	unsigned n = !same_told(a, b);

	for (unsigned r = 0; r < GEN_REGS; r++)
		n += a->regs.reg[r] != b->regs.reg[r];
	return n;
}

/* Make A stand for both. */
static void unite(struct walk *w, struct gen_way *a, const struct gen_way *b)
{
	for (unsigned r = 0; r < GEN_REGS; r++)
		if (a->regs.reg[r] != b->regs.reg[r])
			a->regs.reg[r] = ir_param(w->g);
	if (!same_told(a, b))
		w->f->join(w->f->ctx, a->told, b->told);
}

/* Add WAY to those into AT. */
static void add(struct walk *w, uint32_t at, const struct gen_way *way)
{
	struct ways *in = w->in[at];
	struct gen_way one = *way;
	uint32_t nearest = 0;

	if (!in)
		in = w->in[at] = take(w);
	for (unsigned r = 0; r < GEN_REGS; r++)
		if (!(w->live[at] >> r & 1))
			one.regs.reg[r] = NULL;
	for (uint32_t i = 0; i < in->n; i++)
		if (difference(&in->way[i], &one) < difference(&in->way[nearest], &one))
			nearest = i;
	if (in->n && !difference(&in->way[nearest], &one))
		return;
	if (in->n < GEN_WAYS)
		in->way[in->n++] = one;
	else
		unite(w, &in->way[nearest], &one);
}

/* Make a number of *V if it is computed from numbers alone. */
static void fold(struct walk *w, const struct ir_value **v)
{
	const struct ir_value *was = *v;
	uint32_t number;

	if (was && ir_ops[was->op].flags & IR_INFIX && ir_is_const(was->arg[0]) &&
	    ir_is_const(was->arg[1]) &&
	    ir_fold2(was->op, was->arg[0]->imm, was->arg[1]->imm, &number))
		*v = ir_const(w->g, number);
}

static void go_on(struct walk *w, uint32_t at, const struct gen_way *from)
{
	const struct sock_filter *f = &w->insns[at];
	const struct ir_value *rhs;
	uint32_t to[2];

	if (!cbpf_is_test(f)) {
		struct gen_way after = *from;

		gen_step(w->g, f, &after.regs);
		fold(w, &after.regs.reg[GEN_A]);
		if (gen_targets(w->insns, at, to))
			add(w, to[0], &after);
		return;
	}
	gen_targets(w->insns, at, to);
	rhs = gen_right_side(w->g, f, &from->regs);
	for (unsigned i = 0; i < 2; i++) {
		struct gen_way after = *from;

		if (w->f->test(w->f->ctx, after.told, gen_compares(f), from->regs.reg[GEN_A],
		               rhs, !i))
			add(w, to[i], &after);
	}
}

void gen_follow(struct ir_graph *g, const struct sock_filter *insns, uint32_t n,
                struct arena *tmp, const struct gen_follower *f)
{
	struct walk w = { .g = g, .tmp = tmp, .insns = insns, .f = f };
	struct gen_way start;

	w.live = arena_array(tmp, uint32_t, n);
	w.in = arena_array(tmp, struct ways *, n);
	gen_live(insns, n, w.live);
	for (unsigned r = 0; r < GEN_REGS; r++)
		start.regs.reg[r] = ir_const(g, 0);
	memcpy(start.told, f->start, sizeof start.told);
	add(&w, 0, &start);
	for (uint32_t at = 0; at < n; at++) {
		struct ways *in = w.in[at];

		if (!in)
			continue;
		f->see(f->ctx, at, in->way, in->n);
		for (uint32_t i = 0; i < in->n; i++)
			go_on(&w, at, &in->way[i]);
		in->free = w.free;
		w.free = in;
	}
}
