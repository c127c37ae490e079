/*
 * fold: constants meet, and algebra that removes operations.
 *     (load.1 14 & 15) << 2        ->  msh 14
 *     load.2 [(len + 3) + 4]       ->  stays: len + 7 may wrap
 *     ((load.1 0 + 1) + 2) & 0xfff ->  load.1 0 + 3
 * Each rewrite leaves fewer operations, or moves a constant to the right of
 * its operation, or turns an operation into a cheaper one (mul, div, mod into
 * a shift or a mask), so the pass ends.
 * Keeps: what may divide by zero, and where faults are exact what may fault, is
 * evaluated as before. What is certain to divide by zero becomes ret 0.
 */
#include "opt/opt.h"

struct folder {
	struct opt *o;
	struct ir_graph *g;
	const struct ir_value **map; /* by id: what a value has become */
	uint32_t n;                  /* values that were there at the start */
};

static bool is_power_of_2(uint32_t k)
{
	return k && !(k & (k - 1));
}

static unsigned log_2(uint32_t k)
{
	unsigned n = 0;

	while (k >>= 1)
		n++;
	return n;
}

/* Tell whether A OP K is A. */
static bool is_identity(enum ir_op op, uint32_t k, uint32_t possible)
{
	switch (op) {
	case IR_ADD:
	case IR_SUB:
	case IR_OR:
	case IR_XOR:
		return !k;
	case IR_LSH:
	case IR_RSH:
		return k % 32 == 0;
	case IR_MUL:
	case IR_DIV:
		return k == 1;
	case IR_AND:
		return (k & possible) == possible;
	case IR_MOD:
		return k > possible;
	case IR_SOURCE_OPS:
	case IR_NEG:
	case IR_NOPS:
		break;
	}
	return false;
}

/* Tell whether every bit of A OP K is known to be 0. */
static bool is_zero(enum ir_op op, uint32_t k, uint32_t possible)
{
	switch (op) {
	case IR_AND:
		return !(k & possible);
	case IR_MUL:
		return !k;
	case IR_LSH:
		return !(possible << k % 32);
	case IR_RSH:
		return !(possible >> k % 32);
	case IR_DIV:
		return k > possible;
	case IR_MOD:
		return k == 1;
	case IR_SOURCE_OPS:
	case IR_ADD:
	case IR_SUB:
	case IR_OR:
	case IR_XOR:
	case IR_NEG:
	case IR_NOPS:
		break;
	}
	return false;
}

/* Combine (x OP k1) OP k2 into x OP k; false if that cannot be done. */
static bool combine(enum ir_op op, uint32_t k1, uint32_t k2, uint32_t *k)
{
	switch (op) {
	case IR_ADD:
	case IR_MUL:
	case IR_AND:
	case IR_OR:
	case IR_XOR:
		return ir_fold2(op, k1, k2, k);
	case IR_LSH:
	case IR_RSH:
		*k = k1 % 32 + k2 % 32;
		return *k < 32;
	case IR_DIV:
		*k = k1 * k2;
		return k1 && k2 && k1 <= UINT32_MAX / k2;
	case IR_SOURCE_OPS:
	case IR_SUB:
	case IR_MOD:
	case IR_NEG:
	case IR_NOPS:
		break;
	}
	return false;
}

/*
 * Turn (byte & 15) << 2 at a constant offset into an MSH, which ldxb
 * 4*([k]&0xf) loads.
 */
static const struct ir_value *as_msh(struct folder *f, const struct ir_value *a,
                                     uint32_t shift)
{
	const struct ir_value *byte;

	if (shift != 2 || a->op != IR_AND || !ir_is_const(a->arg[1]) ||
	    a->arg[1]->imm != 15)
		return NULL;
	byte = a->arg[0];
	if (byte->op != IR_LOAD || byte->width != 1 ||
	    !ir_loads(&f->g->input, true, 1, byte->imm))
		return NULL;
	return ir_msh(f->g, byte->imm);
}

/* Return A OP K by shorter or cheaper means; NULL if there are none. */
static const struct ir_value *with_constant(struct folder *f, enum ir_op op,
                                            const struct ir_value *a, uint32_t k)
{
	struct ir_graph *g = f->g;
	uint32_t possible = opt_possible_bits(a), both;

	if (ir_is_const(a) && ir_fold2(op, a->imm, k, &both))
		return ir_const(g, both);
	if (is_identity(op, k, possible))
		return a;
	if (is_zero(op, k, possible) && opt_may_drop(f->o, a))
		return ir_const(g, 0);
	if (a->op == op && ir_is_const(a->arg[1]) &&
	    combine(op, a->arg[1]->imm, k, &both))
		return ir_op2(g, op, a->arg[0], ir_const(g, both));
	if (op == IR_SUB)
		return ir_op2(g, IR_ADD, a, ir_const(g, -k));
	if (op == IR_MUL && is_power_of_2(k))
		return ir_op2(g, IR_LSH, a, ir_const(g, log_2(k)));
	if (op == IR_DIV && is_power_of_2(k))
		return ir_op2(g, IR_RSH, a, ir_const(g, log_2(k)));
	if (op == IR_MOD && is_power_of_2(k))
		return ir_op2(g, IR_AND, a, ir_const(g, k - 1));
	if (op == IR_AND && (k & possible) != k)
		return ir_op2(g, IR_AND, a, ir_const(g, k & possible));
	if (op == IR_LSH)
		return as_msh(f, a, k % 32);
	return NULL;
}

static bool is_shift(enum ir_op op)
{
	return op == IR_LSH || op == IR_RSH;
}

/* Return A OP A; NULL if that is nothing special. */
static const struct ir_value *with_itself(struct folder *f, enum ir_op op,
                                          const struct ir_value *a)
{
	if (op == IR_AND || op == IR_OR)
		return a;
	if ((op == IR_SUB || op == IR_XOR) && opt_may_drop(f->o, a))
		return ir_const(f->g, 0);
	return NULL;
}

static bool adds_constant(const struct ir_value *v)
{
	return v->op == IR_ADD && ir_is_const(v->arg[1]);
}

/*
 * Rewrite a + (b + k) as (a + b) + k, so that bases that differ by a constant
 * become equal.
 */
static const struct ir_value *constant_last(struct folder *f,
                                            const struct ir_value *a,
                                            const struct ir_value *b)
{
	const struct ir_value *inner = adds_constant(b) ? b : a;
	const struct ir_value *other = inner == b ? a : b, *sum;

	sum = inner->arg[0]->id < other->id
	              ? ir_op2(f->g, IR_ADD, inner->arg[0], other)
	              : ir_op2(f->g, IR_ADD, other, inner->arg[0]);
	return ir_op2(f->g, IR_ADD, sum, inner->arg[1]);
}

static const struct ir_value *fold_binary(struct folder *f,
                                          const struct ir_value *v)
{
	const struct ir_value *a = v->arg[0], *b = v->arg[1], *spare;

	if (ir_ops[v->op].flags & IR_COMMUTES && !ir_is_const(b) &&
	    (ir_is_const(a) || a->id > b->id)) {
		spare = a;
		a = b;
		b = spare;
		v = ir_op2(f->g, v->op, a, b);
	}
	if (a == b && (spare = with_itself(f, v->op, a)))
		return spare;
	if (ir_is_const(b) && (spare = with_constant(f, v->op, a, b->imm)))
		return spare;
	if (is_shift(v->op) && ir_is_const(a) && !a->imm && opt_may_drop(f->o, b))
		return a;
	if (v->op == IR_ADD && !ir_is_const(b) &&
	    (adds_constant(a) || adds_constant(b)))
		return constant_last(f, a, b);
	return v;
}

/*
 * Return indexed load V as a load at BASE (NULL: the start) plus OFFSET. If the
 * input has no such load, keep V, unless the source itself loaded the header by
 * an index: then no load of the header can be worse than V.
 */
static const struct ir_value *rebased(struct folder *f, const struct ir_value *v,
                                      const struct ir_value *base, uint32_t offset)
{
	const struct ir_input *in = &f->g->input;
	bool had = ir_loads(in, true, v->width, v->imm);

	if (had && !ir_loads(in, base, v->width, offset))
		return v;
	v = base ? ir_loadx(f->g, v->width, base, offset)
	         : ir_load(f->g, v->width, offset);
	if (!had)
		ir_written(f->g, v);
	return v;
}

/*
 * Move the constant of an indexed load's base into its offset, if nothing can
 * wrap.
 */
static const struct ir_value *fold_loadx(struct folder *f,
                                         const struct ir_value *v)
{
	const struct ir_value *base = v->arg[0];
	uint64_t most;
	uint32_t k;

	if (ir_is_const(base)) {
		k = base->imm + v->imm;
		if (k < 0x80000000)
			return rebased(f, v, NULL, k);
		return v;
	}
	if (base->op != IR_ADD || !ir_is_const(base->arg[1]))
		return v;
	k = base->arg[1]->imm;
	most = (uint64_t)opt_possible_bits(base->arg[0]) + k + v->imm;
	if (most >= 0x80000000)
		return v;
	return rebased(f, v, base->arg[0], v->imm + k);
}

static const struct ir_value *fold_once(struct folder *f,
                                        const struct ir_value *v)
{
	uint32_t k;

	if (ir_ops[v->op].flags & IR_INFIX)
		return fold_binary(f, v);
	if (v->op == IR_LOADX)
		return fold_loadx(f, v);
	if (v->op == IR_NEG && ir_is_const(v->arg[0])) {
		ir_fold2(IR_NEG, v->arg[0]->imm, 0, &k);
		return ir_const(f->g, k);
	}
	if (v->op == IR_NEG && v->arg[0]->op == IR_NEG)
		return v->arg[0]->arg[0];
	if (v->op == IR_LEN && f->g->input.len)
		return ir_const(f->g, f->g->input.len);
	return v;
}

/* Fold V until nothing changes; its operands are folded already. */
static const struct ir_value *fold_value(struct folder *f,
                                         const struct ir_value *v)
{
	const struct ir_value *arg[IR_WORDS], *now;
	bool changed = false;

	for (unsigned i = 0; i < ir_nargs(v); i++) {
		arg[i] = f->map[v->arg[i]->id];
		changed |= arg[i] != v->arg[i];
	}
	if (changed)
		v = opt_with_args(f->o, v, arg);
	while ((now = fold_once(f, v)) != v && opt_rewrite(f->o))
		v = now;
	return v;
}

/* Return where a node leads whose values are constant; NULL if they are not. */
static const struct ir_node *decided(const struct ir_node *n)
{
	const struct ir_value *l = n->lhs, *r = n->rhs;

	if (n->kind == IR_TEST && ir_is_const(l) && ir_is_const(r))
		return ir_compare(n->cmp, &l->imm, &r->imm, 1) ? n->yes : n->no;
	if (n->kind != IR_SET || !ir_is_const(l))
		return NULL;
	return ir_set_target(n, l->imm);
}

/* Tell whether the program ends with 0 here for certain. */
static bool doomed(const struct ir_node *n)
{
	/* Of a key only the first word is sure to be evaluated. */
	if (n->kind != IR_BIND && opt_surely_divides(ir_word(n->lhs, 0)))
		return true;
	return n->rhs && opt_surely_divides(ir_word(n->rhs, 0));
}

/*
 * Drop words that are equal constants, as in {a, 5} == {b, 5}; unequal ones
 * make the test false.
 */
static const struct ir_node *fold_key(struct folder *f, const struct ir_node *n)
{
	const struct ir_value *l[IR_WORDS], *r[IR_WORDS];
	unsigned words = 0;

	for (unsigned i = 0; i < ir_words(n->lhs); i++) {
		l[words] = ir_word(n->lhs, i);
		r[words] = ir_word(n->rhs, i);
		if (!ir_is_const(l[words]) || !ir_is_const(r[words]))
			words++;
		else if (l[words] != r[words])
			return i == 0 || (opt_may_drop(f->o, n->lhs) &&
			                  opt_may_drop(f->o, n->rhs))
			               ? n->no
			               : n;
	}
	if (words == ir_words(n->lhs))
		return n;
	if (!words)
		return n->yes;
	return ir_test(f->g, IR_EQ, ir_key(f->g, l, words),
	               ir_key(f->g, r, words), n->yes, n->no);
}

/*
 * Return the folded V; V itself belongs to a node that is folded already if its
 * successors became equal.
 */
static const struct ir_value *folded(const struct folder *f,
                                     const struct ir_value *v)
{
	return v->id < f->n && f->map[v->id] ? f->map[v->id] : v;
}

static const struct ir_node *fold_node(struct opt *o, const struct ir_node *n)
{
	struct folder *f = o->state;
	const struct ir_value *lhs = n->lhs, *rhs = n->rhs;
	const struct ir_node *now;

	if (n->kind != IR_BIND)
		lhs = folded(f, lhs);
	if (rhs)
		rhs = folded(f, rhs);
	n = opt_with_values(o, n, lhs, rhs);
	if (n->kind == IR_RET && ir_is_const(n->lhs))
		return n;
	if (doomed(n))
		return opt_rewrite(o) ? ir_ret_const(o->graph, 0) : n;
	now = decided(n);
	if (!now && n->kind == IR_TEST && n->cmp == IR_EQ && ir_words(n->lhs) > 1)
		now = fold_key(f, n);
	return now && now != n && opt_rewrite(o) ? now : n;
}

/* Mark in SEEN, by id, the values that the nodes below the root evaluate. */
static void mark_values(struct folder *f, bool *seen)
{
	struct arena *tmp = &f->o->tmp;
	struct ir_order order = opt_order(f->o);
	ARRAY(const struct ir_value *) todo = { 0 };

	for (uint32_t i = 0; i < order.n; i++) {
		array_push(tmp, &todo, order.v[i]->lhs);
		if (order.v[i]->rhs)
			array_push(tmp, &todo, order.v[i]->rhs);
		while (todo.n) {
			const struct ir_value *v = todo.v[--todo.n];

			if (seen[v->id])
				continue;
			seen[v->id] = true;
			for (unsigned k = 0; k < ir_nargs(v); k++)
				array_push(tmp, &todo, v->arg[k]);
		}
	}
}

bool opt_fold(struct opt *o)
{
	struct folder f = { .o = o, .g = o->graph, .n = o->graph->values.n };
	uint32_t n = f.n;
	bool *seen = arena_array(&o->tmp, bool, n);

	f.map = arena_array(&o->tmp, const struct ir_value *, n);
	mark_values(&f, seen);
	/* Operands have smaller ids, so they are folded before their users. */
	for (uint32_t id = 0; id < n; id++)
		if (seen[id])
			f.map[id] = fold_value(&f, o->graph->values.v[id]);
	o->state = &f;
	return opt_each_node(o, fold_node);
}
