/*
 * lift: a classic program to a decision graph. Registers and cells become
 * values; where paths join with different ones, a parameter that each of them
 * binds. So the graph is as large as the program, whatever its paths.
 *
 * Jumps only go forward, so instructions are met after all that lead to them,
 * and nodes are built from the last instruction back.
 *
 * A value is computed anew wherever it is asked for, so one that a program makes
 * of itself again and again (tax; add x; tax; ...) would be exponential: what
 * takes many operations becomes a parameter as soon as it is there.
 */
#include "gen/gen.h"

enum {
	OPERATIONS = LIMIT(24, 2), /* a value of more is bound to a parameter */
	BINDS = 4,                 /* for each instruction, on average, at most */
};

/* A way into an instruction: from which one. */
struct way_in {
	uint32_t from;
	struct way_in *next;
};

struct lift {
	struct ir_graph *g;
	struct arena *tmp;
	const struct sock_filter *insns;
	uint32_t n;
	uint32_t *live;     /* by instruction: registers that are read later */
	struct way_in **in; /* by instruction; NULL: nothing leads there */
	struct gen_regs *before, *after;
	struct gen_regs *param;      /* by instruction: the parameters bound on its ways in */
	const struct ir_value **cut; /* by instruction: what its result is bound to; or NULL */
	ARRAY(uint8_t) operations;   /* by value id, up to twice OPERATIONS */
	uint32_t binds;
	const struct ir_node **node;
};

/* --- forward: values ------------------------------------------------------------- */

/* Return how many operations V takes; those of values with smaller ids are known. */
static uint8_t operations(struct lift *l, const struct ir_value *v)
{
	while (l->operations.n <= v->id) {
		const struct ir_value *w = l->g->values.v[l->operations.n];
		unsigned sum = 1;

		for (unsigned i = 0; i < ir_nargs(w); i++)
			sum += l->operations.v[w->arg[i]->id];
		array_push(l->tmp, &l->operations,
		           (uint8_t)min_u32(sum, 2 * OPERATIONS));
	}
	return l->operations.v[v->id];
}

/* Return the register that AT computes something new for; GEN_REGS: none. */
static unsigned computes(const struct lift *l, uint32_t at)
{
	uint8_t writes = cbpf_insn(l->insns[at].code)->writes;

	return writes & CBPF_A ? GEN_A : writes & CBPF_X ? GEN_X
	                                                 : GEN_REGS;
}

/* Turn AT's result into a parameter if it takes many operations. */
static void cut(struct lift *l, uint32_t at)
{
	unsigned r = computes(l, at);
	const struct ir_value **v;

	if (r == GEN_REGS)
		return;
	v = &l->after[at].reg[r];
	if (operations(l, *v) <= OPERATIONS)
		return;
	l->cut[at] = *v;
	*v = ir_param(l->g);
}

/* Keep what all ways into AT agree on; make parameters for the rest. */
static void join(struct lift *l, uint32_t at)
{
	struct gen_regs *s = &l->before[at];
	uint32_t ways = 0;

	for (const struct way_in *w = l->in[at]; w; w = w->next)
		ways++;

	*s = l->after[l->in[at]->from];
	for (unsigned r = 0; r < GEN_REGS; r++) {
		const struct way_in *w = l->in[at]->next;

		if (!(l->live[at] >> r & 1)) {
			s->reg[r] = NULL;
			continue;
		}
		while (w && l->after[w->from].reg[r] == s->reg[r])
			w = w->next;
		if (w) {
			s->reg[r] = l->param[at].reg[r] = ir_param(l->g);
			l->binds += ways;
		}
	}
}

static void add_way(struct lift *l, uint32_t from, uint32_t to)
{
	struct way_in *w = arena_new(l->tmp, struct way_in);

	*w = (struct way_in){ from, l->in[to] };
	l->in[to] = w;
}

/* Follow all ways through the program; false if that takes too many parameters. */
static bool follow(struct lift *l)
{
	uint32_t to[2];

	for (unsigned r = 0; r < GEN_REGS; r++)
		l->before[0].reg[r] = ir_const(l->g, 0);
	for (uint32_t at = 0; at < l->n; at++) {
		if (at && !l->in[at])
			continue;
		if (at)
			join(l, at);
		l->after[at] = l->before[at];
		gen_step(l->g, &l->insns[at], &l->after[at]);
		cut(l, at);
		if (l->binds / BINDS > l->n)
			return false;
		for (unsigned i = gen_targets(l->insns, at, to); i-- > 0;)
			add_way(l, at, to[i]);
	}
	return true;
}

/* --- backward: nodes --------------------------------------------------------------- */

/* Return the way from AT to TO, on which TO's parameters are bound. */
static const struct ir_node *go(struct lift *l, uint32_t at, uint32_t to)
{
	const struct ir_node *n = l->node[to];

	for (unsigned r = GEN_REGS; r-- > 0;)
		if (l->param[to].reg[r])
			n = ir_bind(l->g, l->param[to].reg[r],
			            l->after[at].reg[r], n);
	return n;
}

static const struct ir_node *test(struct lift *l, uint32_t at)
{
	const struct sock_filter *f = &l->insns[at];
	const struct gen_regs *s = &l->before[at];
	const struct ir_value *rhs = gen_right_side(l->g, f, s);
	const struct ir_node *yes = go(l, at, at + 1 + f->jt);
	const struct ir_node *no = go(l, at, at + 1 + f->jf);

	return ir_test(l->g, gen_compares(f), s->reg[GEN_A], rhs,
	               yes, no);
}

/* Return the new value of instruction AT, if computing it may end the program. */
static const struct ir_value *faults(const struct lift *l, uint32_t at)
{
	unsigned r = computes(l, at);
	const struct ir_value *v = r < GEN_REGS ? l->after[at].reg[r] : NULL;

	if (!v || v->op == IR_PARAM)
		return NULL;
	if (v->may_divide || (v->may_fault && l->g->input.exact_faults))
		return v;
	return NULL;
}

static const struct ir_node *node_of(struct lift *l, uint32_t at)
{
	const struct sock_filter *f = &l->insns[at];
	const struct ir_value *v;
	const struct ir_node *n;
	uint32_t to[2];

	if (cbpf_is_ret(f))
		return BPF_RVAL(f->code) == BPF_A
		               ? ir_ret(l->g, l->before[at].reg[GEN_A])
		               : ir_ret_const(l->g, f->k);
	if (cbpf_is_test(f))
		return test(l, at);
	gen_targets(l->insns, at, to);
	n = go(l, at, to[0]);
	if (l->cut[at])
		return ir_bind(l->g, l->after[at].reg[computes(l, at)],
		               l->cut[at], n);
	v = faults(l, at);
	return v ? ir_need(l->g, v, n) : n;
}

bool gen_lift(struct ir_graph *g, const struct sock_filter *insns, uint32_t n,
              struct arena *tmp, struct gen_held *held)
{
	struct lift l = { .g = g, .tmp = tmp, .insns = insns, .n = n };

	l.live = arena_array(tmp, uint32_t, n);
	l.in = arena_array(tmp, struct way_in *, n);
	l.before = arena_array(tmp, struct gen_regs, n);
	l.after = arena_array(tmp, struct gen_regs, n);
	l.param = arena_array(tmp, struct gen_regs, n);
	l.node = arena_array(tmp, const struct ir_node *, n);
	l.cut = arena_array(tmp, const struct ir_value *, n);
	gen_live(insns, n, l.live);
	if (!follow(&l))
		return false;
	for (uint32_t at = n; at-- > 0;)
		if (!at || l.in[at])
			l.node[at] = node_of(&l, at);
	for (uint32_t at = 0; held && at < n; at++)
		held[at] = (struct gen_held){ l.before[at].reg[GEN_A],
			                      l.before[at].reg[GEN_X] };
	g->root = l.node[0];
	return true;
}
