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
	uint32_t first;                        /* more for the first ld [x + k] of a run */
};

static const struct weights weights[] = {
	/*
	 * Linux's JIT makes loads at a constant offset in place, but an indexed load
	 * calls a function of the kernel (bpf_skb_load_helper_*), and the first call
	 * finds its code in no cache. Linux 6.18, x86_64, forty times the same in a
	 * row on a Unix socket: ld [k] 0.75 ns, ldxb 1, ld [x + k] 7.3 and 12 more
	 * for the first, anything else 0.15, which is the unit.
	 */
	[OPT_SOCKET] = { .at_constant = 5, .header = 7, .indexed = 49, .first = 80 },
	/* A switch in a loop spends its time on each instruction alike. */
	[OPT_INTERPRETER] = { .at_constant = 1, .header = 1, .indexed = 1 },
	/*
	 * Direct packet access, by eBPF instructions (docs/design/ebpf.md): a load and often
	 * a swap; a mask and a shift more for the header's length. The first load at
	 * [x + k] makes a pointer and tests how much comes after it; the others use that.
	 */
	[OPT_EBPF] = { .at_constant = 2, .header = 3, .indexed = 2, .first = 5 },
	/* Loads are from a struct and cannot fail: instructions, as Linux counts them. */
	[OPT_SECCOMP] = { .at_constant = 1, .header = 1, .indexed = 1 },
};

/* Return the row of weights that O measures by. */
static const struct weights *weights_for(const struct opt *o)
{
	return &weights[o->graph->input.loads_indexed ? o->destination : OPT_SECCOMP];
}

bool opt_counts_time(const struct opt *o)
{
	return (o->level == OPT_2 || o->level == OPT_3) && !o->both &&
	       o->graph->input.loads_indexed;
}

bool opt_indexed_is_dear(const struct opt *o)
{
	const struct weights *w = weights_for(o);

	return opt_counts_time(o) && w->indexed + w->first > 4 * w->at_constant;
}

uint32_t opt_load_weight(const struct opt *o, enum ir_op op)
{
	const struct weights *w = weights_for(o);

	if (!opt_counts_time(o))
		return 1;
	if (op == IR_LOADX)
		return w->indexed;
	return op == IR_MSH ? w->header : w->at_constant;
}

/* Tell whether S loads at [x + k]. */
static bool is_indexed(const struct sock_filter *s)
{
	return BPF_CLASS(s->code) == BPF_LD && BPF_MODE(s->code) == BPF_IND;
}

static uint32_t weight(const struct weights *w, const struct sock_filter *s)
{
	if (BPF_CLASS(s->code) != BPF_LD && BPF_CLASS(s->code) != BPF_LDX)
		return 1;
	switch (BPF_MODE(s->code)) {
	case BPF_ABS:
		return s->k < CBPF_ANCILLARY ? w->at_constant : 1;
	case BPF_IND:
		return w->indexed;
	case BPF_MSH:
		return w->header;
	}
	return 1;
}

/* --- by likelihood ---------------------------------------------------------------- */

/* How many packets reach an instruction, and of them those that ran no ld [x + k]. */
struct reach {
	uint32_t all, fresh;
};

static void add_reach(struct reach *to, struct reach r)
{
	to->all += r.all;
	to->fresh += r.fresh;
}

/* Return the part of R that YES of OPT_SURE packets make up. */
static struct reach part_of(struct reach r, uint32_t yes)
{
	r.all = (uint32_t)((uint64_t)r.all * yes / OPT_SURE);
	r.fresh = (uint32_t)((uint64_t)r.fresh * yes / OPT_SURE);
	return r;
}

/*
 * Add to OUT the cost of running P on packets of KIND, which have SHARE of them all.
 */
static void follow(const struct opt *o, const struct opt_followed *p, unsigned kind,
                   uint32_t share, struct reach *reach, struct opt_price *out)
{
	const struct weights *w = weights_for(o);

	memset(reach, 0, p->n * sizeof *reach);
	reach[0] = (struct reach){ share, share };
	for (uint32_t i = 0; i < p->n; i++) {
		const struct sock_filter *s = &p->insns[i];
		struct reach there = reach[i], yes;

		if (!there.all)
			continue;
		out->executed += there.all;
		out->time += (uint64_t)there.all * weight(w, s);
		if (is_indexed(s)) {
			out->time += (uint64_t)there.fresh * w->first;
			there.fresh = 0;
		}
		if (BPF_CLASS(s->code) == BPF_RET)
			continue;
		if (BPF_CLASS(s->code) != BPF_JMP) {
			add_reach(&reach[i + 1], there);
		} else if (cbpf_is_ja(s)) {
			add_reach(&reach[i + 1 + s->k], there);
		} else {
			yes = part_of(there, p->likely(p->ctx, o, i, kind));
			add_reach(&reach[i + 1 + s->jt], yes);
			add_reach(&reach[i + 1 + s->jf], (struct reach){ there.all - yes.all, there.fresh - yes.fresh });
		}
	}
}

void opt_follow(struct opt *o, const struct opt_followed *p, struct opt_price *out)
{
	struct reach *reach = arena_array(&o->tmp, struct reach, p->n);
	unsigned kinds = opt_kinds(o);

	for (unsigned kind = 0; kind < kinds; kind++)
		follow(o, p, kind, OPT_PACKETS * opt_share(o, kind), reach, out);
}

/* Return how likely the test at AT of CODE, which was made of a graph, holds. */
static uint32_t likely(void *code, const struct opt *o, uint32_t at, unsigned kind)
{
	return opt_likely(o, ((const struct gen_code *)code)->origin[at], 0, kind);
}

static void expect_all(struct opt *o, const struct gen_code *code,
                       struct opt_price *out)
{
	const struct opt_followed p = { code->insns, code->n, likely, (void *)code };

	opt_follow(o, &p, out);
	out->executed /= OPT_PACKETS;
	out->time /= OPT_PACKETS;
}

/* --- on a sample -------------------------------------------------------------------- */

struct weighing {
	const struct weights *w;
	const struct gen_code *code;
	bool fresh; /* this run has not loaded at [x + k] */
	uint64_t sum;
};

static void add_step(void *ctx, const struct cbpf_step *step)
{
	struct weighing *w = ctx;
	const struct sock_filter *s = &w->code->insns[step->at];

	w->sum += weight(w->w, s);
	if (w->fresh && is_indexed(s)) {
		w->sum += w->w->first;
		w->fresh = false;
	}
}

/* Put the average cost of running CODE on the sample, times OPT_SURE, into OUT. */
static void run_sample(const struct opt *o, const struct gen_code *code,
                       struct opt_price *out)
{
	struct weighing w = { .w = weights_for(o), .code = code };
	bool counts = opt_counts_time(o);
	struct cbpf_trace trace = { .step = counts ? add_step : NULL, .ctx = &w };

	for (uint32_t i = 0; i < o->samples; i++) {
		w.fresh = true;
		cbpf_run_traced(code->insns, &o->sample[i], &trace);
	}
	out->executed = trace.executed * OPT_SURE / o->samples;
	out->time = counts ? w.sum * OPT_SURE / o->samples : out->executed;
}

/* --- what is better ------------------------------------------------------------------ */

bool opt_measure(struct opt *o, const struct ir_node *root, struct opt_price *out)
{
	struct arena_mark mark = arena_mark(&o->tmp);
	struct gen_code code;
	struct ir_draft draft;
	bool made;

	*out = (struct opt_price){ .n = UINT32_MAX };
	opt_kinds(o);
	ir_draft(o->graph, &draft);
	o->graph->root = root;
	made = gen_program(o->graph, &o->gen, &o->tmp, &code);
	if (made) {
		out->n = code.n;
		if (o->samples)
			run_sample(o, &code, out);
		else
			expect_all(o, &code, out);
	}
	ir_undraft(o->graph, &draft);
	arena_back(&o->tmp, mark);
	return made;
}

/*
 * Return how long a program may be if one of SHORTEST instructions is known: at
 * -O2 somewhat longer, but such that Linux takes it if it takes the other.
 */
static uint32_t longest(const struct opt *o, uint32_t shortest)
{
	uint32_t most = UINT32_MAX;

	if (o->level == OPT_2 && shortest < UINT32_MAX / 2)
		most = shortest + shortest / 4 + 12;
	return shortest <= BPF_MAXINSNS ? min_u32(most, BPF_MAXINSNS) : most;
}

static bool is_too_long(const struct opt *o, uint32_t n)
{
	return n > longest(o, o->shortest);
}

/* Tell whether time A is less than B, or as much in a shorter program. */
static bool is_faster(const struct opt_price *a, const struct opt_price *b)
{
	return a->time < b->time || (a->time == b->time && a->n < b->n);
}

/* Tell whether A is the better program by the measure of O->level. */
static bool is_better(const struct opt *o, const struct opt_price *a,
                      const struct opt_price *b)
{
	if (a->n == UINT32_MAX || b->n == UINT32_MAX)
		return a->n < b->n;
	if (o->level == OPT_SIZE)
		return a->n < b->n || (a->n == b->n && a->executed < b->executed);
	if (!opt_counts_time(o) && o->level == OPT_2)
		return a->executed * a->n < b->executed * b->n;
	if (!opt_counts_time(o))
		return a->executed < b->executed;
	if (is_too_long(o, a->n) || is_too_long(o, b->n))
		return a->n < b->n;
	return is_faster(a, b);
}

/* Return about how many instructions N takes. */
static uint32_t about(const struct ir_node *n)
{
	enum {
		VALUE = 1, /* instructions that put a value into A */
	};

	if (n->kind == IR_SET)
		return VALUE + n->n + n->n / 3;
	return n->kind == IR_RET ? 1 : VALUE + 1;
}

/* Put into OUT what ROOT costs by its nodes alone, without making a program. */
static void estimate(struct opt *o, const struct ir_node *root, struct opt_price *out)
{
	enum {
		NODES = 16, /* that are looked at while an instruction is emitted */
	};
	struct arena_mark mark = arena_mark(&o->tmp);
	struct ir_order order = ir_postorder(&o->tmp, o->graph, root);

	*out = (struct opt_price){ .n = 0 };
	for (uint32_t i = 0; i < order.n; i++)
		out->n += about(order.v[i]);
	out->executed = out->time = out->n;
	o->emitted += order.n / NODES;
	arena_back(&o->tmp, mark);
}

/* Compute the price of ROOT and note whether it is the shortest so far. */
static void price_of(struct opt *o, const struct ir_node *root, struct opt_price *out)
{
	if (o->huge)
		estimate(o, root, out);
	else if (opt_measure(o, root, out))
		o->emitted += out->n;
	else
		return;
	if (!o->shortest || out->n < o->shortest)
		o->shortest = out->n;
}

/* Make ROOT, which costs PRICE, the graph's root. */
static void accept(struct opt *o, const struct ir_node *root, const struct opt_price *price)
{
	o->graph->root = o->costed = root;
	o->price = *price;
	if (!opt_counts_time(o) || price->n == UINT32_MAX || is_too_long(o, price->n))
		return;
	/* What is best now may be too long when shorter programs are known. */
	if (!o->best || is_better(o, price, &o->best_price)) {
		o->best = root;
		o->best_price = *price;
	}
}

const struct opt_price *opt_price_now(struct opt *o)
{
	struct opt_price price;

	if (o->costed != o->graph->root) {
		price_of(o, o->graph->root, &price);
		accept(o, o->graph->root, &price);
	}
	return &o->price;
}

void opt_take_best(struct opt *o)
{
	opt_price_now(o);
	if (o->best && is_better(o, &o->best_price, &o->price))
		accept(o, o->best, &o->best_price);
}

bool opt_too_long(struct opt *o)
{
	return is_too_long(o, opt_price_now(o)->n);
}

bool opt_may_matter(struct opt *o, uint32_t saved)
{
	uint32_t n;

	if (!opt_counts_time(o))
		return true;
	n = opt_price_now(o)->n;
	return opt_too_long(o) || n > longest(o, n > saved ? n - saved : 1);
}

/* Instructions that are emitted in search of better programs. */
enum {
	MOST_EMITTED = LIMIT(28000, 2000)
};

/* Take one of *TRIES, and all of them if no more programs are made. */
static bool may_try(const struct opt *o, unsigned *tries)
{
	bool may = o->emitted <= MOST_EMITTED;

	*tries = may ? *tries - 1 : 0;
	return may;
}

bool opt_try(struct opt *o, const struct ir_node *root, unsigned *tries)
{
	struct opt_price price;

	if (!may_try(o, tries))
		return false;
	opt_price_now(o);
	price_of(o, root, &price);
	if (!is_better(o, &price, &o->price))
		return false;
	accept(o, root, &price);
	return true;
}

bool opt_try_longer(struct opt *o, const struct ir_node *root, unsigned *tries)
{
	struct opt_price price;

	if (!may_try(o, tries))
		return false;
	opt_price_now(o);
	price_of(o, root, &price);
	if (price.n == UINT32_MAX || !is_faster(&price, &o->price))
		return false;
	accept(o, root, &price);
	return true;
}

bool opt_trials(struct opt *o, bool (*one)(struct opt *o, unsigned *tries),
                uint32_t largest, unsigned tries)
{
	const struct ir_node *was = o->graph->root;
	struct arena_mark mark = arena_mark(&o->tmp);
	bool changed = opt_order(o).n <= largest;

	while (changed && tries) {
		changed = one(o, &tries);
		arena_back(&o->tmp, mark);
	}
	return o->graph->root != was;
}
