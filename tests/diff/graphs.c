/*
 * Random decision graphs: built from their results up, as frontends do, with
 * fields and constants drawn from small pools so that tests meet on one path.
 */
#include "tests/diff/graphs.h"

#include <linux/seccomp.h>
#include <string.h>

enum {
	PARAMS = 20,
	POOL = 6,
	NODES_MAX = 400
};

struct drawing {
	struct ir_graph *g;
	const struct graph_shape *shape;
	struct rng *rng;
	struct arena *arena;
	const struct ir_value *param[PARAMS];
	const struct ir_value *field[POOL]; /* what tests are mostly about */
	uint32_t number[POOL];              /* and what they compare with */
	const struct ir_node *node[NODES_MAX];
	uint32_t free[NODES_MAX]; /* bit P: needs parameter P bound above */
	uint32_t n;
};

/* --- shape ---------------------------------------------------------------------- */

void graph_shape_draw(struct graph_shape *s, struct rng *r)
{
	bool seccomp = rng_one_in(r, 4);

	s->input = seccomp ? ir_input_seccomp_le : ir_input_packet;
	if (!seccomp && rng_one_in(r, 3))
		s->input.exact_faults = true;
	s->nodes = 1 + rng_below(r, rng_one_in(r, 6) ? 120 : 20);
	if (rng_one_in(r, 50))
		s->nodes = NODES_MAX;
	s->params = 1 + rng_below(r, rng_one_in(r, 6) ? PARAMS : 5);
	s->divisions = rng_one_in(r, 3);
	s->indexed = s->input.loads_indexed && !rng_one_in(r, 3);
	s->ancillary = !seccomp && rng_one_in(r, 3);
	s->wide = rng_one_in(r, 2);
	s->dense = rng_one_in(r, 2);
	s->twins = !seccomp && rng_one_in(r, 2);
	s->echoes = rng_one_in(r, 2);
}

void graph_input(struct input *in, const struct ir_input *kind, struct rng *r)
{
	memset(in, 0, sizeof(*in));
	in->captured = kind->size ? kind->size : rng_below(r, 90);
	in->sized = kind->size;
	in->little_endian = kind->little_endian;
	in->wire = kind->len ? kind->len
	                     : in->captured + rng_below(r, 2) * rng_number(r);
	in->network = kind->size ? 0 : 14;
	for (uint32_t i = 0; i < in->captured; i++)
		in->bytes[i] = rng_one_in(r, 3) ? rng_next(r) : rng_below(r, 6);
	for (size_t i = 0; i < ARRAY_LEN(in->anc); i++)
		in->anc[i] = rng_one_in(r, 2) ? rng_below(r, 4) : rng_next(r);
}

/* --- values ------------------------------------------------------------------------ */

/* The parameters that V reads, as bits; ours have the numbers 0 .. PARAMS - 1. */
static uint32_t reads(const struct ir_value *v)
{
	uint32_t set = v->op == IR_PARAM ? 1u << v->imm : 0;

	for (unsigned i = 0; i < ir_nargs(v); i++)
		set |= reads(v->arg[i]);
	return set;
}

static const struct ir_value *draw(struct drawing *d, unsigned depth);

static unsigned draw_width(struct drawing *d)
{
	unsigned width;

	do
		width = 1u << rng_below(d->rng, 3);
	while (!(width & d->shape->input.load_widths));
	return width;
}

static const struct ir_value *draw_load(struct drawing *d)
{
	unsigned width = draw_width(d);
	uint32_t at = rng_below(d->rng, 40);

	if (d->shape->dense)
		at = 20 + rng_below(d->rng, rng_one_in(d->rng, 4) ? 12 : 5);
	if (d->shape->input.size)
		at = rng_below(d->rng, d->shape->input.size / width) * width;
	return ir_load(d->g, width, at);
}

static const struct ir_value *draw_loadx(struct drawing *d, unsigned depth)
{
	const struct ir_value *base;

	switch (rng_below(d->rng, 4)) {
	case 0:
		base = ir_msh(d->g, rng_below(d->rng, 30));
		break;
	case 1:
		base = d->param[rng_below(d->rng, d->shape->params)];
		break;
	case 2:
		base = ir_const(d->g, rng_one_in(d->rng, 4)
		                              ? 0u - rng_below(d->rng, 30)
		                              : rng_below(d->rng, 30));
		break;
	default:
		base = draw(d, depth + 1);
	}
	return ir_loadx(d->g, draw_width(d), base,
	                rng_one_in(d->rng, 12) ? rng_number(d->rng)
	                                       : rng_below(d->rng, 30));
}

static const struct ir_value *draw_anc(struct drawing *d, unsigned depth)
{
	static const uint8_t which[] = {
		SKF_AD_PROTOCOL,
		SKF_AD_PKTTYPE,
		SKF_AD_IFINDEX,
		SKF_AD_MARK,
		SKF_AD_VLAN_TAG,
		SKF_AD_VLAN_TAG_PRESENT,
		SKF_AD_VLAN_TPID,
	};
	const struct ir_value *a, *x;

	if (depth < 2 && rng_one_in(d->rng, 4)) {
		a = draw(d, depth + 1);
		x = draw(d, depth + 1);
		return ir_ancx(d->g, SKF_AD_NLATTR, a, x);
	}
	return ir_anc(d->g, which[rng_below(d->rng, ARRAY_LEN(which))]);
}

static const struct ir_value *draw_arithmetic(struct drawing *d, unsigned depth)
{
	static const enum ir_op ops[] = {
		IR_ADD,
		IR_SUB,
		IR_MUL,
		IR_AND,
		IR_AND,
		IR_AND,
		IR_OR,
		IR_XOR,
		IR_LSH,
		IR_RSH,
		IR_DIV,
		IR_MOD,
	};
	const struct ir_value *a = draw(d, depth + 1), *b;
	/* Seccomp has no remainder. */
	uint32_t n = ARRAY_LEN(ops) - (!d->shape->divisions   ? 2
	                               : d->shape->input.size ? 1
	                                                      : 0);
	enum ir_op op = ops[rng_below(d->rng, n)];

	if (rng_one_in(d->rng, 16))
		return ir_neg(d->g, a);
	if ((op == IR_LSH || op == IR_RSH) && !rng_one_in(d->rng, 4))
		b = ir_const(d->g, rng_below(d->rng, 34));
	else if (!rng_one_in(d->rng, 3))
		b = ir_const(d->g, rng_one_in(d->rng, 2)
		                           ? rng_number(d->rng)
		                           : 0xffu << 8 * rng_below(d->rng, 4));
	else
		b = draw(d, depth + 1);
	return ir_op2(d->g, op, a, b);
}

static const struct ir_value *draw(struct drawing *d, unsigned depth)
{
	uint32_t kind = rng_below(d->rng, depth > 3 ? 8 : 20);

	if (kind < 3)
		return draw_load(d);
	if (kind < 5)
		return d->param[rng_below(d->rng, d->shape->params)];
	if (kind < 6)
		return d->shape->input.loads_indexed && rng_one_in(d->rng, 2)
		               ? ir_msh(d->g, rng_below(d->rng, 30))
		               : ir_len(d->g);
	if (kind < 8)
		return rng_one_in(d->rng, 4)
		               ? ir_const(d->g, rng_number(d->rng))
		               : draw_load(d);
	if (kind < 11 && d->shape->indexed)
		return draw_loadx(d, depth);
	if (kind < 12 && d->shape->ancillary)
		return draw_anc(d, depth);
	if (kind < 15 && depth)
		return d->field[rng_below(d->rng, POOL)];
	return draw_arithmetic(d, depth);
}

/* A byte, a prefix, what a header's fields have, or any. */
static uint32_t draw_mask(struct drawing *d)
{
	uint32_t by = rng_below(d->rng, 32);

	switch (rng_below(d->rng, 5)) {
	case 0:
		return 0xffu << (by & 24);
	case 1:
		return ~0u << by;
	case 2:
		return 0xffffu << (by & 16);
	case 3:
		return rng_one_in(d->rng, 2) ? 0x1fff : 0x1fff00ff;
	default:
		return d->number[rng_below(d->rng, POOL)];
	}
}

/* Mostly one of the few fields, mostly masked in one of a few ways. */
static const struct ir_value *draw_tested(struct drawing *d)
{
	const struct ir_value *v, *mask;

	if (rng_one_in(d->rng, 4))
		return draw(d, 0);
	v = d->field[rng_below(d->rng, POOL)];
	if (!rng_one_in(d->rng, 3))
		return v;
	mask = ir_const(d->g, draw_mask(d));
	return ir_op2(d->g, IR_AND, v, mask);
}

static uint32_t draw_number(struct drawing *d)
{
	uint32_t v = d->number[rng_below(d->rng, POOL)];

	if (rng_one_in(d->rng, 6)) /* what a byte or a prefix may be */
		return (v & 0xff) << 8 * rng_below(d->rng, 4);
	return rng_one_in(d->rng, 4)   ? v + rng_below(d->rng, 3) - 1
	       : rng_one_in(d->rng, 8) ? rng_number(d->rng)
	                               : v;
}

/* --- nodes --------------------------------------------------------------------------- */

/* Adds NODE, above which FREE must be bound. */
static void add(struct drawing *d, const struct ir_node *node, uint32_t unbound)
{
	if (d->n == NODES_MAX)
		return;
	d->node[d->n] = node;
	d->free[d->n++] = unbound;
}

/* Any earlier node, mostly a late one; what it needs bound is added to FREE. */
static const struct ir_node *draw_node(struct drawing *d, uint32_t *unbound)
{
	uint32_t i = rng_below(d->rng, d->n);

	if (!rng_one_in(d->rng, 3) && d->n > 4)
		i = d->n - 1 - rng_below(d->rng, 4);
	*unbound |= d->free[i];
	return d->node[i];
}

/* Not for a later word of a key. */
static bool ends_program(const struct drawing *d, const struct ir_value *v)
{
	return v->may_divide || (v->may_fault && d->shape->input.exact_faults);
}

static const struct ir_value *draw_key(struct drawing *d, unsigned words,
                                       uint32_t *unbound)
{
	const struct ir_value *word[IR_WORDS];

	for (unsigned i = 0; i < words; i++) {
		word[i] = draw_tested(d);
		if (i && ends_program(d, word[i]))
			word[i] = ir_const(d->g, draw_number(d));
		*unbound |= reads(word[i]);
	}
	return ir_key(d->g, word, words);
}

static unsigned draw_words(struct drawing *d)
{
	return d->shape->wide && rng_one_in(d->rng, 3) ? 2 + rng_below(d->rng, 3)
	                                               : 1;
}

static void add_test(struct drawing *d)
{
	enum ir_cmp cmp = rng_below(d->rng, 4);
	unsigned words = draw_words(d);
	uint32_t unbound = 0, number[IR_WORDS];
	const struct ir_value *lhs = draw_key(d, words, &unbound), *rhs;
	const struct ir_node *yes = draw_node(d, &unbound);
	const struct ir_node *no = draw_node(d, &unbound);

	if (rng_one_in(d->rng, 8)) {
		rhs = draw_key(d, words, &unbound);
	} else {
		for (unsigned i = 0; i < words; i++)
			number[i] = draw_number(d);
		rhs = ir_key_const(d->g, number, words);
	}
	add(d, ir_test(d->g, cmp, lhs, rhs, yes, no), unbound);
}

static void draw_interval(struct drawing *d, unsigned words,
                          struct ir_interval *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned i = 0; i < words; i++)
		out->lo[i] = out->hi[i] = draw_number(d);
	if (!rng_one_in(d->rng, 3))
		return;
	out->hi[words - 1] = out->lo[words - 1] + rng_number(d->rng);
	if (rng_one_in(d->rng, 4))
		out->hi[rng_below(d->rng, words)] += rng_below(d->rng, 9);
	if (ir_compare(IR_GT, out->lo, out->hi, words))
		memcpy(out->hi, out->lo, sizeof(out->hi));
}

/*
 * Sets as people write them: all numbers but for some bits, nets of one length,
 * marks, and marks on what is there without them, too.
 */
static void draw_pattern(struct drawing *d, struct ir_interval *interval, uint32_t n)
{
	uint32_t base = draw_number(d), mask = 0, kind = rng_below(d->rng, 4);
	unsigned low = 1 + rng_below(d->rng, 24), mark = 24 + rng_below(d->rng, 8);

	for (unsigned i = 0; i < 3; i++)
		mask |= 1u << rng_below(d->rng, 32);
	for (uint32_t i = 0, part = 0; i < n; i++) {
		uint32_t *lo = interval[i].lo, *hi = interval[i].hi;

		if (kind == 0 && i < 8) {
			*lo = *hi = (base & ~mask) | part;
			part = (part - mask) & mask;
		} else if (kind == 1) {
			*lo = draw_number(d) << low;
			*hi = *lo | ((1u << low) - 1);
		} else if (kind == 2 && i < 3) {
			*lo = (2 * i + 1) << mark;
			*hi = *lo | ((1u << mark) - 1);
		} else if (kind == 3 && i < n / 2) {
			*lo = 3 * i + rng_below(d->rng, 2);
			*hi = *lo + rng_below(d->rng, 2);
		} else if (kind == 3 && !rng_one_in(d->rng, 8)) {
			interval[i] = interval[i - n / 2];
			*lo |= 1u << mark;
			*hi = max_u32(*lo, *hi | 1u << mark);
		}
	}
}

static void add_set(struct drawing *d)
{
	uint32_t unbound = 0, n = 1 + rng_below(d->rng, rng_one_in(d->rng, 6) ? 60 : 8);
	unsigned words = draw_words(d);
	const struct ir_value *key = draw_key(d, words, &unbound);
	struct ir_interval interval[60];
	const struct ir_node *to[3], *no;

	for (int i = 0; i < 3; i++)
		to[i] = draw_node(d, &unbound);
	no = draw_node(d, &unbound);
	for (uint32_t i = 0; i < n; i++) {
		draw_interval(d, words, &interval[i]);
		interval[i].to = to[rng_one_in(d->rng, 2) ? 0 : rng_below(d->rng, 3)];
	}
	if (words == 1 && rng_one_in(d->rng, 4))
		draw_pattern(d, interval, n);
	add(d, ir_set(d->g, key, interval, n, no), unbound);
}

static void add_bind(struct drawing *d)
{
	uint32_t unbound = 0, p;
	const struct ir_node *next = draw_node(d, &unbound);
	const struct ir_value *v = draw(d, 1);

	p = rng_below(d->rng, d->shape->params);
	for (uint32_t i = 0; i < PARAMS; i++)
		if (unbound & 1u << i && !rng_one_in(d->rng, 3))
			p = i;
	unbound &= ~(1u << p);
	add(d, ir_bind(d->g, d->param[p], v, next), unbound | reads(v));
}

static void add_choose(struct drawing *d)
{
	uint32_t unbound = 0, p = rng_below(d->rng, d->shape->params);
	const struct ir_node *next = draw_node(d, &unbound);
	const struct ir_value *lhs = draw_tested(d), *rhs, *a, *b;

	rhs = ir_const(d->g, draw_number(d));
	a = rng_one_in(d->rng, 2) ? ir_const(d->g, rng_below(d->rng, 60))
	                          : draw(d, 1);
	b = ir_const(d->g, rng_below(d->rng, 60));
	unbound &= ~(1u << p);
	unbound |= reads(lhs) | reads(a);
	add(d, ir_choose(d->g, rng_below(d->rng, 4), lhs, rhs, d->param[p], a, b, next),
	    unbound);
}

static void add_need(struct drawing *d)
{
	uint32_t unbound = 0;
	const struct ir_node *next = draw_node(d, &unbound);
	const struct ir_value *v = draw_key(d, draw_words(d), &unbound);

	add(d, ir_need(d->g, v, next), unbound);
}

static void add_result(struct drawing *d)
{
	static const uint32_t results[] = {
		0,
		0x40000,
		1,
		0xffffffff,
		SECCOMP_RET_ALLOW,
		SECCOMP_RET_ERRNO | 1,
	};
	const struct ir_value *v;

	if (rng_one_in(d->rng, 8)) {
		v = draw(d, 1);
		add(d, ir_ret(d->g, v), reads(v));
	} else {
		add(d, ir_ret_const(d->g, results[rng_below(d->rng, ARRAY_LEN(results))]),
		    0);
	}
}

/* --- twins ------------------------------------------------------------------------ */

/* V, read DELTA further on, or from BASE; values do not nest deeply here. */
static const struct ir_value *moved_value(struct drawing *d,
                                          const struct ir_value *v,
                                          uint32_t delta,
                                          const struct ir_value *base)
{
	const struct ir_value *arg[IR_WORDS] = { NULL };

	for (unsigned i = 0; i < ir_nargs(v); i++)
		arg[i] = moved_value(d, v->arg[i], delta, base);
	switch (v->op) {
	case IR_LOAD:
		return base ? ir_loadx(d->g, v->width, base, v->imm)
		            : ir_load(d->g, v->width, v->imm + delta);
	case IR_LOADX:
		return ir_loadx(d->g, v->width, arg[0], v->imm + delta);
	case IR_KEY:
		return ir_key(d->g, arg, v->width);
	case IR_NEG:
		return ir_neg(d->g, arg[0]);
	case IR_ANCX:
		return ir_ancx(d->g, v->imm, arg[0], arg[1]);
	case IR_CONST:
	case IR_MSH:
	case IR_LEN:
	case IR_ANC:
	case IR_PARAM:
	case IR_NOPS:
		return v;
	default:
		return ir_op2(d->g, v->op, arg[0], arg[1]);
	}
}

static const struct ir_node *moved(struct drawing *d, const struct ir_node *n,
                                   uint32_t delta, const struct ir_value *base,
                                   unsigned depth);

static const struct ir_node *moved_set(struct drawing *d, const struct ir_node *n,
                                       uint32_t delta,
                                       const struct ir_value *base, unsigned depth)
{
	const struct ir_value *lhs = moved_value(d, n->lhs, delta, base);
	const struct ir_node *no = moved(d, n->no, delta, base, depth);
	struct ir_interval *set = arena_memdup(d->arena, n->set,
	                                       n->n * sizeof(*n->set));

	for (uint32_t i = 0; i < n->n; i++)
		if (set[i].to != n->no)
			set[i].to = moved(d, set[i].to, delta, base, depth);
	return ir_set(d->g, lhs, set, n->n, no);
}

/* N and what is within DEPTH below it, moved likewise. */
static const struct ir_node *moved(struct drawing *d, const struct ir_node *n,
                                   uint32_t delta, const struct ir_value *base,
                                   unsigned depth)
{
	const struct ir_value *lhs, *rhs;
	const struct ir_node *yes, *no;

	if (!depth-- || n->kind == IR_RET)
		return n;
	if (n->kind == IR_SET)
		return moved_set(d, n, delta, base, depth);
	lhs = n->kind == IR_BIND ? n->lhs : moved_value(d, n->lhs, delta, base);
	rhs = n->rhs ? moved_value(d, n->rhs, delta, base) : NULL;
	yes = moved(d, n->yes, delta, base, depth);
	switch (n->kind) {
	case IR_BIND:
		return ir_bind(d->g, lhs, rhs, yes);
	case IR_NEED:
		return ir_need(d->g, lhs, yes);
	default:
		no = moved(d, n->no, delta, base, depth);
		return ir_test(d->g, n->cmp, lhs, rhs, yes, no);
	}
}

/* A test that leads to a subgraph or to its like. */
static void add_twin(struct drawing *d)
{
	uint32_t unbound = 0;
	const struct ir_node *n = draw_node(d, &unbound), *twin;
	const struct ir_value *lhs = draw_tested(d), *rhs, *base = NULL;
	uint32_t delta = 1 + rng_below(d->rng, 20);

	if (d->shape->indexed && rng_one_in(d->rng, 2))
		base = ir_msh(d->g, rng_below(d->rng, 20));
	twin = moved(d, n, delta, base, 1 + rng_below(d->rng, 5));
	rhs = ir_const(d->g, draw_number(d));
	unbound |= reads(lhs);
	add(d, ir_test(d->g, rng_below(d->rng, 4), lhs, rhs, n, twin), unbound);
}

/* --- echoes ------------------------------------------------------------------------ */

/* An earlier test or set, NULL if there is none. */
static const struct ir_node *draw_question(struct drawing *d)
{
	uint32_t start = rng_below(d->rng, d->n);

	for (uint32_t i = 0; i < d->n; i++) {
		const struct ir_node *n = d->node[(start + i) % d->n];

		if (n->kind == IR_TEST || n->kind == IR_SET)
			return n;
	}
	return NULL;
}

/*
 * A question that was asked before, in the same sense or the other one, mostly as a
 * guard: all that it selects, or all else, is rejected.
 */
static void add_echo(struct drawing *d)
{
	const struct ir_node *n = draw_question(d), *to[2], *reject = d->node[0];
	struct ir_interval set[60];
	uint32_t unbound = 0, way = rng_below(d->rng, 2);

	if (!n || n->n > ARRAY_LEN(set))
		return;
	to[0] = draw_node(d, &unbound);
	to[1] = draw_node(d, &unbound);
	if (!rng_one_in(d->rng, 3))
		to[way] = reject;
	unbound |= reads(n->lhs) | (n->rhs ? reads(n->rhs) : 0);
	if (n->kind == IR_TEST) {
		add(d, ir_test(d->g, n->cmp, n->lhs, n->rhs, to[0], to[1]), unbound);
		return;
	}
	memcpy(set, n->set, n->n * sizeof(*set));
	for (uint32_t i = 0; i < n->n; i++)
		set[i].to = rng_one_in(d->rng, 12) ? to[1] : to[0];
	add(d, ir_set(d->g, n->lhs, set, n->n, to[1]), unbound);
}

static void add_node(struct drawing *d)
{
	uint32_t kind = rng_below(d->rng, 20);

	if (d->shape->echoes && rng_one_in(d->rng, 2)) {
		add_echo(d);
		return;
	}
	if (d->shape->twins && rng_one_in(d->rng, 6))
		add_twin(d);
	else if (kind < 10)
		add_test(d);
	else if (kind < 13)
		add_set(d);
	else if (kind < 15)
		add_bind(d);
	else if (kind < 17)
		add_choose(d);
	else if (kind < 18)
		add_need(d);
	else
		add_result(d);
}

/* Binds what ROOT still needs. */
static const struct ir_node *close(struct drawing *d, const struct ir_node *root,
                                   uint32_t unbound)
{
	for (uint32_t p = 0; p < PARAMS; p++) {
		const struct ir_value *v;

		if (!(unbound & 1u << p))
			continue;
		do
			v = draw(d, 2);
		while (reads(v));
		root = ir_bind(d->g, d->param[p], v, root);
	}
	return root;
}

struct ir_graph *graph_random(struct arena *a, const struct graph_shape *s,
                              struct rng *r)
{
	struct drawing d = { .shape = s, .rng = r, .arena = a };
	uint32_t last;

	d.g = ir_graph(a, &s->input);
	for (int i = 0; i < PARAMS; i++)
		d.param[i] = ir_param(d.g);
	for (int i = 0; i < POOL; i++)
		d.field[i] = draw_load(&d); /* draw reads them */
	for (int i = 0; i < POOL / 2; i++)
		d.field[i] = draw(&d, 1);
	for (int i = 0; i < POOL; i++)
		d.number[i] = s->dense && i % 2 ? rng_below(r, 20) : rng_number(r);
	add(&d, ir_ret_const(d.g, 0), 0);
	add(&d, ir_ret_const(d.g, 0x40000), 0);
	for (uint32_t i = 0; i < s->nodes; i++)
		add_node(&d);
	last = d.n - 1;
	d.g->root = close(&d, d.node[last], d.free[last]);
	return d.g;
}

/* --- evaluating ---------------------------------------------------------------------- */

static uint32_t ancillary(void *ctx, uint32_t which, uint32_t a, uint32_t x)
{
	return input_ancillary(ctx, which, a, x);
}

struct outcome graph_eval(const struct ir_graph *g, const struct input *in)
{
	static const enum end ends[] = {
		[IR_END_RET] = END_RET,
		[IR_END_LOAD] = END_LOAD,
		[IR_END_DIVIDE] = END_DIVIDE,
		[IR_END_STEPS] = END_STEPS,
	};
	struct ir_data data = {
		.bytes = in->bytes,
		.captured = in->captured,
		.wire = in->wire,
		.network = in->network,
		.ancillary = ancillary,
		.ctx = (void *)in,
	};
	struct outcome o;
	struct arena tmp;

	test_arena(&tmp);
	o.end = ends[ir_eval(g, &data, &tmp, &o.result)];
	arena_free(&tmp);
	return o;
}
