/*
 * Programs from elsewhere: lifted to a graph that faults just where they do,
 * optimized, and kept as they were unless what comes out is better. A longer
 * program is not wanted, so length is tried, too, if the level made one.
 */
#include "opt/opt.h"

enum {
	LONGEST = 65535, /* instructions: what struct sock_fprog can say */
	/*
	 * What a socket is charged for a program that attaches anywhere: half of the
	 * default net.core.optmem_max. Below it, converted length does not matter.
	 */
	LIGHT = 65536,
};

/*
 * Tell whether no graph can express F: a word that differs each time it is
 * loaded, or one that ends the program with the result A if there is no device.
 */
static bool is_inexact(const struct sock_filter *f)
{
	if (BPF_CLASS(f->code) != BPF_LD || BPF_MODE(f->code) != BPF_ABS ||
	    f->k < CBPF_ANCILLARY)
		return false;
	switch (f->k - CBPF_ANCILLARY) {
	case SKF_AD_RANDOM:
	case SKF_AD_IFINDEX:
	case SKF_AD_HATYPE:
		return true;
	}
	return false;
}

static bool any_inexact(const struct cbpf_program *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (is_inexact(&p->insns[i]))
			return true;
	return false;
}

/* --- what a program costs ------------------------------------------------------- */

/*
 * Return how many of OPT_SURE packets of KIND find that the test F holds, where HELD is
 * so.
 */
static uint32_t likely(const struct opt *o, struct ir_graph *g,
                       const struct sock_filter *f, const struct gen_held *held,
                       unsigned kind)
{
	static const enum ir_cmp cmps[] = {
		[BPF_JEQ >> 4] = IR_EQ,
		[BPF_JGT >> 4] = IR_GT,
		[BPF_JGE >> 4] = IR_GE,
		[BPF_JSET >> 4] = IR_ANY,
	};
	struct ir_node n = {
		.kind = IR_TEST,
		.cmp = cmps[BPF_OP(f->code) >> 4],
		.lhs = held->a,
		.rhs = BPF_SRC(f->code) == BPF_X ? held->x : ir_const(g, f->k),
	};

	return n.lhs && n.rhs ? opt_likely(o, &n, 0, kind) : OPT_SURE / 2;
}

/* A program in the graph that it was lifted to, and what lift found. */
struct lifted {
	struct ir_graph *graph;
	const struct cbpf_program *program;
	const struct gen_held *held;
};

/* Return how likely the test at AT of the lifted program L holds. */
static uint32_t likely_at(void *l, const struct opt *o, uint32_t at, unsigned kind)
{
	const struct lifted *from = l;

	return likely(o, from->graph, &from->program->insns[at], &from->held[at], kind);
}

/* Return what all that are followed through L cost. */
static struct opt_price followed(struct opt *o, const struct lifted *l)
{
	const struct opt_followed p = { l->program->insns, l->program->n, likely_at, (void *)l };
	struct opt_price out = { .n = p.n };

	opt_follow(o, &p, &out);
	return out;
}

/* What a program costs, in every way. */
struct price {
	uint64_t expected, memory;
	uint32_t longest_path, n;
};

static struct price price(struct opt *o, const struct lifted *l)
{
	const struct cbpf_program *p = l->program;
	struct price out = { .n = p->n };
	struct cbpf_cost cost;

	cbpf_cost(&o->tmp, p->insns, p->n, p->use, &cost);
	out.memory = cost.memory > LIGHT ? cost.memory : LIGHT;
	out.longest_path = cost.longest_path;
	out.expected = followed(o, l).executed;
	return out;
}

/* Lift P into graph G; false if it cannot be lifted. */
static bool lift(struct opt *o, struct ir_graph *g, const struct cbpf_program *p,
                 struct lifted *out)
{
	struct gen_held *held = arena_array(&o->tmp, struct gen_held, p->n);

	*out = (struct lifted){ g, p, held };
	return gen_lift(g, p->insns, p->n, &o->tmp, held);
}

bool opt_expect(struct opt *o, const struct cbpf_program *p, struct opt_expected *out)
{
	const double packets = (double)OPT_PACKETS * OPT_SURE;
	struct opt_price price;
	struct lifted l;

	*out = (struct opt_expected){ 0 };
	if (any_inexact(p) || p->n > LONGEST || !lift(o, o->graph, p, &l))
		return false;
	price = followed(o, &l);
	out->insns = (double)price.executed / packets;
	out->ns = (double)price.time / packets * OPT_UNIT_PS / 1000;
	return true;
}

/* Tell whether A is dearer than B in nothing, and cheaper in something. */
static bool is_better(const struct price *a, const struct price *b)
{
	if (a->n > b->n || a->memory > b->memory ||
	    a->longest_path > b->longest_path || a->expected > b->expected)
		return false;
	return a->n < b->n || a->longest_path < b->longest_path ||
	       a->expected < b->expected;
}

/* Tell whether A is shorter than B, or no longer and cheaper. */
static bool is_shorter(const struct price *a, const struct price *b)
{
	return a->memory <= b->memory && (a->n < b->n || is_better(a, b));
}

/* --- trying ---------------------------------------------------------------------- */

/* Tell whether what was made costs less than WAS. */
static bool is_cheaper(struct opt *o, const struct cbpf_program *made,
                       const struct price *was, bool by_length)
{
	struct lifted l;
	struct price is;

	if (!lift(o, ir_graph(&o->tmp, &o->graph->input), made, &l))
		return false;
	is = price(o, &l);
	return by_length ? is_shorter(&is, was) : is_better(&is, was);
}

/*
 * Optimize the graph below ROOT for LEVEL into OUT; false unless that is a
 * program that costs less than WAS.
 */
static bool improve(struct opt *o, const struct ir_node *root, enum cbpf_use use,
                    const struct price *was, enum opt_level level,
                    struct gen_code *out)
{
	/* Where faults may move, a shorter program is what -Os was asked for. */
	bool by_length = o->level == OPT_SIZE && !o->graph->input.exact_faults;
	struct cbpf_program made = { .use = use };
	bool better;

	o->graph->root = root;
	o->level = level;
	o->both = true;
	o->gen.linear = level == OPT_SIZE;
	o->costed = NULL;
	opt_run(o);
	if (!gen_program(o->graph, &o->gen, &o->tmp, out))
		return false;
	made.insns = out->insns;
	made.n = out->n;
	better = is_cheaper(o, &made, was, by_length);
	arena_reset(&o->tmp);
	return better;
}

enum opt_outcome opt_program(struct opt *o, const struct cbpf_program *p,
                             struct gen_code *out)
{
	const struct ir_node *root;
	struct lifted l;
	struct price was;

	if (any_inexact(p))
		return OPT_INEXACT;
	if (p->n > LONGEST || !lift(o, o->graph, p, &l))
		return OPT_TOO_LARGE;
	was = price(o, &l);
	arena_reset(&o->tmp);
	root = o->graph->root;
	if (improve(o, root, p->use, &was, o->level, out))
		return OPT_BETTER;
	if (o->level != OPT_SIZE && improve(o, root, p->use, &was, OPT_SIZE, out))
		return OPT_BETTER;
	return OPT_NO_BETTER;
}
