/*
 * thread: an edge leads past the tests that its path has decided already.
 *     load.2 12 == 0x800 ? n1 : ret 0       load.2 12 == 0x800 ? n2 : ret 0
 *     n1: load.2 12 == 0x806 ? n9 : n2  ->  n2: ...
 * A test goes whose one answer makes the way of the other end where its own does:
 *     load.2 0 == 0xffff ? a : n1        load.1 0 has 1 ? a : c
 *     n1: load.1 0 has 1 ? a : c     ->
 * Exits: an edge skips a test by the exit that its facts answer with. A test goes if,
 * with the facts of one of its exits, the way of the other one ends where that leads.
 * Facts go forward and are met where paths join; nothing is duplicated. Each
 * rewrite lets an edge skip a node, and none leads back, so the pass ends.
 * Keeps: where faults are exact, a skipped value was evaluated on the path. What
 * has to be evaluated instead of a test that goes lies before the end of its load.
 */
#include <string.h>

#include "opt/opt.h"

/*
 * Tests that are looked at for one edge, as each node of a long chain could otherwise
 * be followed to its end. To lead an edge there it may be more, MORE in all: enough
 * for what fits into a program that Linux takes.
 */
enum {
	AHEAD = LIMIT(64, 2),
	MORE = 1 << 22
};

struct threader {
	struct opt *o;
	struct opt_facts **in;      /* by node id: what every path to it knows; NULL: not yet */
	const struct ir_node ***to; /* by node id: where its exits lead now */
	uint32_t more;              /* tests that may still be looked at */
	struct opt_chains *chains;
};

static void save(struct threader *t, const struct ir_node *n,
                 const struct opt_facts *f)
{
	size_t size = offsetof(struct opt_facts, fact) + f->n * sizeof *f->fact;

	if (n->kind == IR_RET)
		return;
	if (t->in[n->id])
		opt_facts_meet(t->in[n->id], f);
	else
		t->in[n->id] = arena_memdup(&t->o->tmp, f, size);
}

/* Return the node that N leads to if F holds; NULL if N must be tested. */
static const struct ir_node *skip(const struct opt *o, const struct ir_node *n,
                                  const struct opt_facts *f)
{
	arena_work(o->graph->arena, 2 + f->n / 2);
	if (n->kind == IR_SET)
		return opt_facts_look_up(o, f, n);
	if (n->kind != IR_TEST)
		return NULL;
	switch (opt_facts_answer(o, f, n)) {
	case OPT_YES:
		return n->yes;
	case OPT_NO:
		return n->no;
	case OPT_OPEN:
		break;
	}
	return NULL;
}

/* Learn what is known on the way out of N by EXIT. */
static void learn(struct threader *t, const struct ir_node *n, uint32_t exit,
                  struct opt_facts *f)
{
	const struct opt_facts *in = t->in[n->id];

	f->n = in->n;
	memcpy(f->fact, in->fact, in->n * sizeof *f->fact);
	if (n->kind == IR_BIND)
		opt_facts_bind(f, n->lhs, n->rhs);
	else
		opt_facts_learn(f, n, exit);
}

/* Tell whether an edge may be led past one test more than the I that it was. */
static bool may_go_on(struct threader *t, unsigned i)
{
	return i < AHEAD || (t->more && t->more--);
}

/* Return NEXT, to which N leads with these facts, or what follows of a chain of such. */
static const struct ir_node *go_on(struct threader *t, const struct ir_node *n,
                                   const struct ir_node *next, const struct opt_facts *f)
{
	uint32_t lo, hi;

	if (!t->chains || next != n->no || !opt_facts_range(f, n->lhs, &lo, &hi))
		return next;
	return opt_chain_next(t->chains, n, lo, hi);
}

static void leave(struct threader *t, const struct ir_node *n, uint32_t exit)
{
	const struct ir_node *to = ir_succ(n, exit), *next;
	struct opt_facts f;

	t->to[n->id][exit] = to;
	if (to->kind == IR_RET)
		return;
	learn(t, n, exit, &f);
	for (unsigned i = 0; may_go_on(t, i); i++) {
		next = skip(t->o, to, &f);
		if (!next || !opt_rewrite(t->o))
			break;
		to = go_on(t, to, next, &f);
	}
	t->to[n->id][exit] = to;
	save(t, to, &f);
}

/* --- tests that make no difference ------------------------------------------------ */

/*
 * Return the load that V looks at, with nothing but a mask around it; NULL if it is
 * none.
 */
static const struct ir_value *looked_at(const struct ir_value *v)
{
	uint32_t mask;

	v = opt_unmasked(v, &mask);
	return v->op == IR_LOAD ? v : NULL;
}

/* Bytes FROM .. END - 1 of the input; none: elsewhere, or more than loads. */
struct bytes {
	uint32_t from, end;
};

/* Return the bytes that N, a test against constants or a set, looks at. */
static struct bytes bytes_of(const struct ir_node *n)
{
	struct bytes b = { UINT32_MAX, 0 }, none = { 0, 0 };

	if (n->kind != IR_SET && n->kind != IR_TEST)
		return none;
	for (unsigned i = 0; i < ir_words(n->lhs); i++) {
		const struct ir_value *v = looked_at(ir_word(n->lhs, i));

		if (!v || v->imm > 0x7ffffff0 ||
		    (n->rhs && !ir_is_const(ir_word(n->rhs, i))))
			return none;
		b.from = min_u32(b.from, v->imm);
		b.end = max_u32(b.end, v->imm + v->width);
	}
	return b;
}

/*
 * Tell whether N, which looks at bytes B, is left by EXIT for where inputs also get that
 * go on by its other exit instead and look at nothing after B.
 */
static bool makes_no_difference(struct threader *t, const struct ir_node *n,
                                struct bytes b, uint32_t exit)
{
	const struct ir_node *goal = ir_succ(n, exit), *to = ir_succ(n, !exit);
	struct bytes his = bytes_of(to);
	struct opt_facts f;

	/* What N says decides nothing there if it is about other bytes. */
	if (!his.end || his.end > b.end || his.end <= b.from)
		return false;
	learn(t, n, exit, &f);
	for (unsigned i = 0; to && to != goal; i++) {
		his = bytes_of(to);
		to = i < AHEAD && his.end && his.end <= b.end ? skip(t->o, to, &f) : NULL;
	}
	return to;
}

/* Let what leads to test N go on by one exit, if that makes no difference. */
static bool pass_by(struct threader *t, const struct ir_node *n)
{
	struct bytes b = bytes_of(n);
	/* That keys differ says nothing, not even that all of them was evaluated. */
	unsigned exits = ir_words(n->lhs) > 1 ? n->cmp == IR_EQ : 2;

	if (n->kind != IR_TEST || !b.end || !opt_may_drop(t->o, n->lhs))
		return false;
	for (uint32_t exit = 0; exit < exits; exit++) {
		if (!makes_no_difference(t, n, b, exit) || !opt_rewrite(t->o))
			continue;
		t->to[n->id][0] = t->to[n->id][1] = ir_succ(n, !exit);
		save(t, ir_succ(n, !exit), t->in[n->id]);
		return true;
	}
	return false;
}

/* --- the new graph ------------------------------------------------------------------ */

static const struct ir_node *redirect(struct threader *t,
                                      const struct ir_node **map,
                                      const struct ir_node *n)
{
	const struct ir_node **to = t->to[n->id];

	for (uint32_t i = 0; i < ir_nsucc(n); i++)
		to[i] = map[to[i]->id];
	return opt_with_succ(t->o, n, to);
}

bool opt_thread(struct opt *o)
{
	struct ir_graph *g = o->graph;
	const struct ir_node *was = g->root;
	struct ir_order order = opt_order(o);
	struct threader t = { .o = o, .more = MORE };
	const struct ir_node **map;
	struct opt_facts none = { 0 };

	t.in = arena_array(&o->tmp, struct opt_facts *, was->id + 1);
	t.to = arena_array(&o->tmp, const struct ir_node **, was->id + 1);
	map = arena_array(&o->tmp, const struct ir_node *, was->id + 1);
	t.chains = opt_chains(o, order);
	save(&t, was, &none);
	for (uint32_t i = order.n; i-- > 0;) {
		const struct ir_node *n = order.v[i];

		/* What no edge reaches any more is not rebuilt. */
		if (!t.in[n->id])
			continue;
		t.to[n->id] = arena_array(&o->tmp, const struct ir_node *,
		                          ir_nsucc(n));
		if (pass_by(&t, n))
			continue;
		for (uint32_t s = 0; s < ir_nsucc(n); s++)
			leave(&t, n, s);
	}
	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];

		map[n->id] = n;
		if (!t.in[n->id])
			continue;
		map[n->id] = redirect(&t, map, n);
		ir_inherit(g, map[n->id], n);
	}
	g->root = map[was->id];
	return g->root != was;
}
