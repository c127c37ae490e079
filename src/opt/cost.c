/*
 * What a graph costs as a program: the measure of rewrites that are tried.
 * Expected execution is counted for each kind of packets (likely.c) by itself,
 * as their tests' answers hang together, and added up by how many there are. Where
 * there is a sample of packets, the program is run on them.
 */
#include <string.h>

#include "opt/opt.h"

/* What loads cost beside an instruction without one, by what runs the program. */
struct weights {
	uint32_t at_constant, header, indexed; /* ld [k], ldxb 4*([k]&0xf), ld [x + k] */
};

enum destination {
	INTERPRETER,
	SOCKET,
	SECCOMP
};

/*
 * The interpreter spends its time on each instruction alike, and what seccomp loads
 * cannot fail. Linux's JIT makes loads at a constant offset in place, but an indexed
 * load calls a function of the kernel: Linux 6.18, x86_64, 800 times the same in a row
 * on a Unix socket, a jump takes 0.37 ns, and 0.45, ld [k] 0.72, ldxb 4*([k]&0xf) 1.29,
 * ld [x + k] 9.0.
 */
static const struct weights weights[] = {
	[INTERPRETER] = { .at_constant = 1, .header = 1, .indexed = 1 },
	[SOCKET] = { .at_constant = 2, .header = 3, .indexed = 20 },
	[SECCOMP] = { .at_constant = 1, .header = 1, .indexed = 1 },
};

/* The row that O measures by. Where length counts, too, all instructions cost the same. */
static const struct weights *weights_for(const struct opt *o)
{
	if (!o->graph->input.loads_indexed)
		return &weights[SECCOMP];
	return &weights[o->level == OPT_3 ? SOCKET : INTERPRETER];
}

uint32_t opt_load_weight(const struct opt *o, enum ir_op op)
{
	const struct weights *w = weights_for(o);

	if (op == IR_LOADX)
		return w->indexed;
	return op == IR_MSH ? w->header : w->at_constant;
}

static uint32_t weight(const struct opt *o, const struct sock_filter *s)
{
	if (BPF_CLASS(s->code) != BPF_LD && BPF_CLASS(s->code) != BPF_LDX)
		return 1;
	switch (BPF_MODE(s->code)) {
	case BPF_ABS:
		return opt_load_weight(o, IR_LOAD);
	case BPF_IND:
		return opt_load_weight(o, IR_LOADX);
	case BPF_MSH:
		return opt_load_weight(o, IR_MSH);
	}
	return 1;
}

/* What it costs to run CODE on packets of KIND, of SHARE of them. */
static uint64_t expected_of(const struct opt *o, const struct gen_code *code,
                            unsigned kind, uint32_t share, uint32_t *reach)
{
	uint64_t sum = 0;

	memset(reach, 0, code->n * sizeof *reach);
	reach[0] = share;
	for (uint32_t i = 0; i < code->n; i++) {
		const struct sock_filter *s = &code->insns[i];
		uint32_t there = reach[i], yes;

		sum += (uint64_t)there * weight(o, s);
		if (!there || BPF_CLASS(s->code) == BPF_RET)
			continue;
		if (BPF_CLASS(s->code) != BPF_JMP) {
			reach[i + 1] += there;
		} else if (cbpf_is_ja(s)) {
			reach[i + 1 + s->k] += there;
		} else {
			yes = (uint32_t)((uint64_t)there * opt_likely(o, code->origin[i], 0, kind) / OPT_SURE);
			reach[i + 1 + s->jt] += yes;
			reach[i + 1 + s->jf] += there - yes;
		}
	}
	return sum;
}

struct weighing {
	const struct opt *o;
	const struct gen_code *code;
	uint64_t sum;
};

static void add_step(void *ctx, const struct cbpf_step *step)
{
	struct weighing *w = ctx;

	w->sum += weight(w->o, &w->code->insns[step->at]);
}

/* True if each instruction costs the same, so that counting them is enough. */
static bool all_alike(const struct opt *o)
{
	const struct weights *w = weights_for(o);

	return w->at_constant == 1 && w->header == 1 && w->indexed == 1;
}

/* What it costs to run CODE on the sample, on average, times OPT_SURE. */
static uint64_t measured(const struct opt *o, const struct gen_code *code)
{
	struct weighing w = { o, code, 0 };
	struct cbpf_trace trace = {
		.step = all_alike(o) ? NULL : add_step, .ctx = &w
	};

	for (uint32_t i = 0; i < o->samples; i++)
		cbpf_run_traced(code->insns, &o->sample[i], &trace);
	return (trace.step ? w.sum : trace.executed) * OPT_SURE / o->samples;
}

/* What it costs to run CODE once, on average, times OPT_SURE. */
static uint64_t expected(struct opt *o, const struct gen_code *code)
{
	uint32_t *reach = arena_array(&o->tmp, uint32_t, code->n);
	unsigned kinds = opt_kinds(o);
	uint64_t sum = 0;

	if (o->samples)
		return measured(o, code);
	for (unsigned kind = 0; kind < kinds; kind++)
		sum += expected_of(o, code, kind, 1000 * opt_share(o, kind), reach);
	return sum / 1000;
}

bool opt_measure(struct opt *o, const struct ir_node *root, uint32_t *insns,
                 uint64_t *cost)
{
	const struct ir_node *was = o->graph->root;
	struct arena_mark mark = arena_mark(&o->tmp);
	struct gen_code code;
	bool made;

	o->graph->root = root;
	made = gen_program(o->graph, &o->gen, &o->tmp, &code);
	if (made) {
		*insns = code.n;
		*cost = expected(o, &code);
	}
	o->graph->root = was;
	arena_back(&o->tmp, mark);
	return made;
}

/* The cost of the program for ROOT, in the measure of O->level; UINT64_MAX if none. */
static uint64_t cost_of(struct opt *o, const struct ir_node *root)
{
	uint64_t cost;
	uint32_t n;

	if (!opt_measure(o, root, &n, &cost))
		return UINT64_MAX;
	o->emitted += n;
	if (o->level == OPT_3)
		return cost;
	return o->level == OPT_2 ? cost * n : (uint64_t)n << 40 | cost;
}

/* Instructions that are emitted in search of better programs. */
enum {
	MOST_EMITTED = LIMIT(28000, 2000)
};

bool opt_try(struct opt *o, const struct ir_node *root, unsigned *tries)
{
	uint64_t cost;

	--*tries;
	if (o->emitted > MOST_EMITTED)
		return false;
	if (o->costed != o->graph->root) {
		o->costed = o->graph->root;
		o->cost = cost_of(o, o->costed);
	}
	cost = cost_of(o, root);
	if (cost >= o->cost)
		return false;
	o->graph->root = o->costed = root;
	o->cost = cost;
	return true;
}

bool opt_trials(struct opt *o, bool (*one)(struct opt *o, unsigned *tries),
                uint32_t largest, unsigned tries)
{
	const struct ir_node *was = o->graph->root;

	if (opt_order(o).n > largest)
		return false;
	while (tries && one(o, &tries))
		;
	return o->graph->root != was;
}
