/*
 * canon: one spelling for each predicate, so that equal questions are one.
 *     5 >= x             ->  x > 5, exits swapped
 *     x >= 6             ->  x > 5
 *     x > 0              ->  x == 0, exits swapped
 *     (x & 2) == 2       ->  x has 2
 *     (x & 0xc0) == 0xc0 ->  x > 0xbf, if x is a byte
 *     (x + 4) == 10      ->  x == 6
 *     (x >> 4) > 3       ->  x > 63
 *     x in { 5 -> a }    ->  x == 5
 * Each rewrite removes an operation, or turns a comparison into one that
 * comes earlier in: constant left, ge, gt, eq, has; so the pass ends.
 * Keeps: the same loads are evaluated at the same place.
 */
#include "opt/opt.h"

/* A one-word test against a constant, as it is being rewritten. */
struct question {
	struct opt *o;
	struct ir_graph *g;
	enum ir_cmp cmp;
	const struct ir_value *x;
	uint32_t k;
	bool swapped; /* the exits */
};

enum reply {
	SAME,
	CHANGED,
	ALWAYS,
	NEVER
};

static bool is_single_bit(uint32_t k)
{
	return k && !(k & (k - 1));
}

/* Tell whether K is 2^n - 1. */
static bool is_all_ones(uint32_t k)
{
	return !(k & (k + 1));
}

static bool is_op(const struct ir_value *v, enum ir_op op)
{
	return v->op == op && ir_is_const(v->arg[1]);
}

/* Compare x >= k or x > k with the range that x can have. */
static enum reply canon_order(struct question *q, uint32_t possible)
{
	if (q->cmp == IR_GE) {
		if (!q->k)
			return ALWAYS;
		q->cmp = IR_GT;
		q->k--;
		return CHANGED;
	}
	if (q->k >= possible)
		return NEVER;
	if (q->k == 0) {
		q->cmp = IR_EQ;
		q->swapped = !q->swapped;
		return CHANGED;
	}
	if (q->k == possible - 1 && is_all_ones(possible)) {
		q->cmp = IR_EQ;
		q->k = possible;
		return CHANGED;
	}
	return SAME;
}

/* Drop the mask of (x & m) > k if it only clears low bits. */
static enum reply canon_order_mask(struct question *q)
{
	const struct ir_value *x = q->x->arg[0];
	uint32_t possible = opt_possible_bits(x);
	uint32_t low = possible & ~q->x->arg[1]->imm;

	if (!is_all_ones(possible) || !is_all_ones(low))
		return SAME;
	q->k |= low;
	q->x = x;
	return CHANGED;
}

/* Turn (x >> s) > k into x > k with ones shifted into k. */
static enum reply canon_order_shift(struct question *q)
{
	uint32_t s = q->x->arg[1]->imm % 32;

	if (q->k > UINT32_MAX >> s)
		return NEVER;
	q->k = q->k << s | ((1u << s) - 1);
	q->x = q->x->arg[0];
	return CHANGED;
}

/* Tell whether M keeps the upper bits of X, of all that it may have. */
static bool keeps_upper(const struct ir_value *x, uint32_t m)
{
	uint32_t possible = opt_possible_bits(x);

	return is_all_ones(possible) && is_all_ones(possible & ~m);
}

static enum reply canon_eq_mask(struct question *q)
{
	uint32_t m = q->x->arg[1]->imm;

	if (q->k & ~m)
		return NEVER;
	if (q->k == m && m && !is_single_bit(m) && keeps_upper(q->x->arg[0], m)) {
		q->cmp = IR_GT;
		q->k = m - 1;
		q->x = q->x->arg[0];
		return CHANGED;
	}
	if (q->k == 0) {
		q->swapped = !q->swapped;
	} else if (q->k != m || !is_single_bit(m)) {
		return SAME;
	}
	q->cmp = IR_ANY;
	q->k = m;
	q->x = q->x->arg[0];
	return CHANGED;
}

/* Turn (x >> s) == k into a test of x's upper bits. */
static enum reply canon_eq_shift(struct question *q)
{
	uint32_t s = q->x->arg[1]->imm % 32;
	const struct ir_value *mask = ir_const(q->g, UINT32_MAX << s);

	if (q->k > UINT32_MAX >> s)
		return NEVER;
	q->k <<= s;
	q->x = ir_op2(q->g, IR_AND, q->x->arg[0], mask);
	return CHANGED;
}

static enum reply canon_eq(struct question *q, uint32_t possible)
{
	if (q->k & ~possible)
		return NEVER;
	if (is_op(q->x, IR_OR) && q->x->arg[1]->imm & ~q->k)
		return NEVER;
	if (is_op(q->x, IR_AND))
		return canon_eq_mask(q);
	if (is_op(q->x, IR_RSH))
		return canon_eq_shift(q);
	if (is_op(q->x, IR_ADD))
		q->k -= q->x->arg[1]->imm;
	else if (is_op(q->x, IR_XOR))
		q->k ^= q->x->arg[1]->imm;
	else
		return SAME;
	q->x = q->x->arg[0];
	return CHANGED;
}

static enum reply canon_any(struct question *q, uint32_t possible)
{
	if (!(q->k & possible))
		return NEVER;
	if (is_op(q->x, IR_AND)) {
		q->k &= q->x->arg[1]->imm;
		q->x = q->x->arg[0];
		return CHANGED;
	}
	if (is_op(q->x, IR_RSH) &&
	    q->k <= UINT32_MAX >> q->x->arg[1]->imm % 32) {
		q->k <<= q->x->arg[1]->imm % 32;
		q->x = q->x->arg[0];
		return CHANGED;
	}
	if ((q->k & possible) == possible) {
		q->cmp = IR_EQ;
		q->k = 0;
		q->swapped = !q->swapped;
		return CHANGED;
	}
	if (q->k & ~possible) {
		q->k &= possible;
		return CHANGED;
	}
	return SAME;
}

static enum reply canon_once(struct question *q)
{
	uint32_t possible = opt_possible_bits(q->x);
	enum reply r;

	switch (q->cmp) {
	case IR_EQ:
		return canon_eq(q, possible);
	case IR_ANY:
		return canon_any(q, possible);
	case IR_GT:
	case IR_GE:
		r = canon_order(q, possible);
		if (r == SAME && is_op(q->x, IR_AND))
			return canon_order_mask(q);
		if (r == SAME && is_op(q->x, IR_RSH))
			return canon_order_shift(q);
		return r;
	}
	return SAME;
}

/* Return where a test leads whose answer is known, if what it evaluates may go. */
static const struct ir_node *answered(struct opt *o, const struct ir_node *n,
                                      const struct ir_node *to)
{
	if (opt_may_drop(o, n->lhs))
		return to;
	return ir_need(o->graph, n->lhs, to);
}

static const struct ir_node *canon_constant(struct opt *o,
                                            const struct ir_node *n)
{
	struct question q = { o, o->graph, n->cmp, n->lhs, n->rhs->imm, false };
	const struct ir_node *yes = n->yes, *no = n->no;
	enum reply r = CHANGED;
	bool any = false;

	while (r == CHANGED && o->fuel) {
		r = canon_once(&q);
		if (r != SAME)
			any = opt_rewrite(o);
	}
	if (!any)
		return n;
	if (q.swapped) {
		yes = n->no;
		no = n->yes;
	}
	if (r == ALWAYS)
		return answered(o, n, yes);
	if (r == NEVER)
		return answered(o, n, no);
	return ir_test(o->graph, q.cmp, q.x, ir_const(o->graph, q.k), yes, no);
}

/* Decide a test whose sides are equal, or move a constant to the right. */
static const struct ir_node *canon_sides(struct opt *o, const struct ir_node *n)
{
	struct ir_graph *g = o->graph;
	const struct ir_value *l = n->lhs, *r = n->rhs;

	if (l == r && n->cmp == IR_GT && opt_rewrite(o))
		return answered(o, n, n->no);
	if (l == r && n->cmp != IR_ANY && opt_rewrite(o))
		return answered(o, n, n->yes);
	if (!ir_is_const(l) || ir_is_const(r) || !opt_rewrite(o))
		return n;
	switch (n->cmp) {
	case IR_EQ:
	case IR_ANY:
		return ir_test(g, n->cmp, r, l, n->yes, n->no);
	case IR_GT: /* k > x: not x >= k */
		return ir_test(g, IR_GE, r, l, n->no, n->yes);
	case IR_GE:
		return ir_test(g, IR_GT, r, l, n->no, n->yes);
	}
	return n;
}

/* Turn a set of one number into a test. */
static const struct ir_node *canon_set(struct opt *o, const struct ir_node *n)
{
	struct ir_graph *g = o->graph;
	const struct ir_interval *v = n->set;
	unsigned words = ir_words(n->lhs);

	if (n->n != 1 || !ir_compare(IR_EQ, v->lo, v->hi, IR_WORDS) ||
	    !opt_rewrite(o))
		return n;
	return ir_test(g, IR_EQ, n->lhs, ir_key_const(g, v->lo, words), v->to,
	               n->no);
}

/* Turn (a - b) == 0 into a == b. */
static const struct ir_node *canon_difference(struct opt *o,
                                              const struct ir_node *n)
{
	if (n->cmp != IR_EQ || n->lhs->op != IR_SUB || n->rhs->imm ||
	    !opt_rewrite(o))
		return n;
	return ir_test(o->graph, IR_EQ, n->lhs->arg[0], n->lhs->arg[1], n->yes,
	               n->no);
}

static const struct ir_node *canon_node(struct opt *o, const struct ir_node *n)
{
	const struct ir_node *now = n;

	if (n->kind == IR_SET)
		now = canon_set(o, n);
	if (now->kind != IR_TEST || ir_words(now->lhs) > 1)
		return now;
	if (!ir_is_const(now->rhs) || ir_is_const(now->lhs))
		now = canon_sides(o, now);
	if (now->kind == IR_TEST && ir_is_const(now->rhs))
		now = canon_difference(o, now);
	if (now->kind == IR_TEST && ir_is_const(now->rhs))
		now = canon_constant(o, now);
	return now;
}

bool opt_canon(struct opt *o)
{
	return opt_each_node(o, canon_node);
}
