/*
 * Conditions, typed for one call on one ABI: what is compared with what, at
 * which width and sign. Constants are checked against the argument's type here.
 */

#include "rules/resolve.h"

/* Return a condition whose value is known: an AND or an OR of nothing. */
static const struct rules_cond *known(struct rules_context *c, bool value,
                                      struct span at)
{
	return rules_new_cond(c->arena, value ? RULES_COND_AND : RULES_COND_OR, at);
}

/* --- does a constant fit -------------------------------------------------- */

/* Tell whether WIDTH bits, signed or unsigned, can hold NUMBER. */
static bool fits(struct sys_number number, unsigned width)
{
	if (number.negative)
		return number.bits >= -(UINT64_C(1) << (width - 1));
	return !(number.bits & ~sys_ones(width));
}

/* Tell whether TYPE can hold NUMBER. */
static bool fits_type(struct sys_number number, struct sys_type type)
{
	if (!type.is_signed)
		return !number.negative &&
		       !(number.bits & ~sys_ones(type.width));
	if (number.negative)
		return number.bits >= -(UINT64_C(1) << (type.width - 1));
	return !(number.bits & ~sys_ones(type.width - 1));
}

static bool orders(enum rules_cmp cmp)
{
	return cmp == RULES_LT || cmp == RULES_LE || cmp == RULES_GT ||
	       cmp == RULES_GE;
}

/*
 * Check that NUMBER can be compared by CMP at TYPE; complain and return false
 * if not.
 */
static bool check_fit(struct rules_context *c, struct sys_number number,
                      struct sys_type type, enum rules_cmp cmp,
                      struct span at)
{
	bool ok = orders(cmp) ? fits_type(number, type)
	          : cmp == RULES_EQ || cmp == RULES_NE
	                  ? fits(number, type.width)
	                  : rules_fits_mask(number, type.width);

	if (!ok)
		rules_complain(
			c, at,
			E_RANGE "the value does not fit in the argument's %s%u bits",
			orders(cmp) ? (type.is_signed ? "signed " : "unsigned ")
				    : "",
			type.width);
	return ok;
}

/* --- comparisons ---------------------------------------------------------- */

static struct rules_operand constant(struct sys_number number,
                                     unsigned width, struct span at)
{
	return (struct rules_operand){ .lo = -1,
		                       .hi = -1,
		                       .bits = number.bits & sys_ones(width),
		                       .at = at };
}

/* Compare A and B by CMP as exact numbers. */
static bool compare_numbers(struct sys_number a, enum rules_cmp cmp,
                            struct sys_number b)
{
	bool equal = a.bits == b.bits && a.negative == b.negative;
	bool less = a.negative != b.negative ? a.negative : a.bits < b.bits;

	switch (cmp) {
	case RULES_EQ:
		return equal;
	case RULES_NE:
		return !equal;
	case RULES_LT:
		return less;
	case RULES_LE:
		return less || equal;
	case RULES_GT:
		return !less && !equal;
	case RULES_GE:
		return !less;
	case RULES_ANY:
		return a.bits & b.bits;
	case RULES_WITHIN:
		return !(a.bits & ~b.bits);
	}
	return false;
}

/* Return what CMP becomes when its sides change places. */
static enum rules_cmp swapped(enum rules_cmp cmp)
{
	switch (cmp) {
	case RULES_LT:
		return RULES_GT;
	case RULES_LE:
		return RULES_GE;
	case RULES_GT:
		return RULES_LT;
	case RULES_GE:
		return RULES_LE;
	case RULES_EQ:
	case RULES_NE:
	case RULES_ANY:
	case RULES_WITHIN:
		break;
	}
	return cmp;
}

static void warn_of_pointer(struct rules_context *c,
                            const struct rules_side *arg)
{
	if (arg->operand.is_pointer)
		rules_warn(c, DIAG_W_POINTER, arg->at,
		           "this compares a pointer: the program chooses "
		           "where its data lies, and can change it after the "
		           "check");
}

/* Warn if a pointer is compared with anything but NULL. */
static void warn_of_address(struct rules_context *c,
                            const struct rules_side *arg,
                            const struct rules_side *number)
{
	if (number->number.bits & sys_ones(arg->type.width))
		warn_of_pointer(c, arg);
}

static const struct rules_cond *test(struct rules_context *c,
                                     const struct rules_side *lhs,
                                     enum rules_cmp cmp,
                                     const struct rules_side *rhs,
                                     struct span at)
{
	struct rules_cond *t = rules_new_cond(c->arena, RULES_COND_TEST, at);

	t->cmp = cmp;
	t->width = lhs->type.width;
	t->is_signed = lhs->type.is_signed;
	t->lhs = lhs->operand;
	t->rhs = rhs->is_arg ? rhs->operand
	                     : constant(rhs->number, t->width, rhs->at);
	return t;
}

/*
 * Test that ARG has every bit of NUMBER: "ARG within NUMBER" with the sides
 * swapped.
 */
static const struct rules_cond *test_all_bits(struct rules_context *c,
                                              const struct rules_side *number,
                                              const struct rules_side *arg,
                                              struct span at)
{
	struct rules_side masked = *arg;

	masked.masked = true;
	masked.operand.mask &= number->number.bits;
	return test(c, &masked, RULES_EQ, number, at);
}

static const struct rules_cond *test_args(struct rules_context *c,
                                          const struct rules_side *a,
                                          enum rules_cmp cmp,
                                          const struct rules_side *b,
                                          struct span at)
{
	warn_of_pointer(c, a);
	warn_of_pointer(c, b);
	if (a->type.width != b->type.width) {
		rules_complain(
			c, at,
			"this compares arguments of %u and %u bits; choose a "
			"type with u32(), i32(), u64() or i64()",
			a->type.width, b->type.width);
		return NULL;
	}
	if (orders(cmp) && a->type.is_signed != b->type.is_signed) {
		rules_complain(
			c, at,
			"this orders a signed and an unsigned argument; choose "
			"a type with u32(), i32(), u64() or i64()");
		return NULL;
	}
	return test(c, a, cmp, b, at);
}

static const struct rules_cond *compare(struct rules_context *c,
                                        const struct rules_side *a,
                                        enum rules_cmp cmp,
                                        const struct rules_side *b,
                                        struct span at)
{
	if (a->is_arg && b->is_arg)
		return test_args(c, a, cmp, b, at);
	if (!a->is_arg && !b->is_arg)
		return known(c, compare_numbers(a->number, cmp, b->number), at);
	if (b->is_arg) {
		if (!check_fit(c, a->number, b->type, cmp, a->at))
			return NULL;
		warn_of_address(c, b, a);
		if (cmp == RULES_WITHIN)
			return test_all_bits(c, a, b, at);
		return test(c, b, swapped(cmp), a, at);
	}
	if (!check_fit(c, b->number, a->type, cmp, b->at))
		return NULL;
	warn_of_address(c, a, b);
	return test(c, a, cmp, b, at);
}

const struct rules_cond *rules_equal(struct rules_context *c,
                                     const struct rules_side *side,
                                     const struct rules_expr *e)
{
	struct rules_side value;

	if (!rules_side(c, e, &value))
		return NULL;
	return compare(c, side, RULES_EQ, &value, e->at);
}

/* Return what E says in the text. */
static const char *text_of(struct rules_context *c, const struct rules_expr *e)
{
	struct buf out = { .arena = c->arena };

	rules_put_text(&out, c->diags, e->at);
	return buf_str(&out);
}

static const struct rules_cond *compare_expr(struct rules_context *c,
                                             const struct rules_expr *e)
{
	struct rules_side a, b;
	bool ok;

	if (e->kid.v[1]->kind == EXPR_OR && e->cmp == RULES_EQ)
		rules_complain(c, e->kid.v[1]->at,
		               "to test for one of several values, write '%s "
		               "in (..., ...)'",
		               text_of(c, e->kid.v[0]));
	ok = rules_side(c, e->kid.v[0], &a);

	if (!rules_side(c, e->kid.v[1], &b) || !ok)
		return NULL;
	return compare(c, &a, e->cmp, &b, e->at);
}

/* --- sets ----------------------------------------------------------------- */

/* Warn of "1-5": it is a single number, though a range may be meant. */
static void warn_of_minus(struct rules_context *c, const struct rules_expr *e)
{
	if (e->kind == EXPR_CHAIN && e->kid.n == 2 && !e->paren &&
	    e->op.v[1] == TOKEN_MINUS && e->kid.v[0]->kind == EXPR_NUMBER &&
	    e->kid.v[1]->kind == EXPR_NUMBER)
		rules_warn(c, DIAG_W_RANGE, e->at,
		           "'%s' is a single number; write a range as "
		           "'%s..%s'",
		           text_of(c, e), text_of(c, e->kid.v[0]),
		           text_of(c, e->kid.v[1]));
}

/*
 * Make the range LO .. HI of TYPE; without HI_EXPR (NULL), of one value. False
 * after an error.
 */
static bool make_range(struct rules_context *c, struct sys_type type,
                       const struct rules_expr *lo_expr,
                       const struct rules_expr *hi_expr,
                       struct rules_range *out)
{
	struct sys_number lo, hi;
	enum rules_cmp fit = hi_expr ? RULES_LE : RULES_EQ;

	if (!hi_expr)
		warn_of_minus(c, lo_expr);
	if (!rules_value(c, lo_expr, &lo) ||
	    !check_fit(c, lo, type, fit, lo_expr->at))
		return false;
	hi = lo;
	out->at = lo_expr->at;
	if (hi_expr) {
		if (!rules_value(c, hi_expr, &hi) ||
		    !check_fit(c, hi, type, fit, hi_expr->at))
			return false;
		out->at = span_join(lo_expr->at, hi_expr->at);
		if (compare_numbers(hi, RULES_LT, lo)) {
			rules_complain(c, out->at,
			               "the range is reversed: its lower end "
			               "must come first");
			return false;
		}
	}
	out->lo = lo.bits & sys_ones(type.width);
	out->hi = hi.bits & sys_ones(type.width);
	return true;
}

static bool number_in(struct rules_context *c, struct sys_number number,
                      const struct rules_expr *e, bool *found)
{
	struct sys_number lo, hi;
	bool ok = true;

	*found = false;
	for (uint32_t i = 1; i < e->kid.n; i += 2) {
		if (!rules_value(c, e->kid.v[i], &lo)) {
			ok = false;
			continue;
		}
		hi = lo;
		if (e->kid.v[i + 1] && !rules_value(c, e->kid.v[i + 1], &hi))
			ok = false;
		if (compare_numbers(number, RULES_GE, lo) &&
		    compare_numbers(number, RULES_LE, hi))
			*found = true;
	}
	return ok;
}

static const struct rules_cond *in_expr(struct rules_context *c,
                                        const struct rules_expr *e)
{
	struct rules_cond *in = rules_new_cond(c->arena, RULES_COND_IN, e->at);
	struct rules_range *range;
	struct rules_side side;
	bool ok = true, found;

	if (!rules_side(c, e->kid.v[0], &side))
		return NULL;
	if (!side.is_arg)
		return number_in(c, side.number, e, &found)
		               ? known(c, found, e->at)
		               : NULL;
	warn_of_pointer(c, &side);
	in->n = (e->kid.n - 1) / 2;
	in->range = range = arena_array(c->arena, struct rules_range, in->n);
	in->width = side.type.width;
	in->is_signed = side.type.is_signed;
	in->lhs = side.operand;
	for (uint32_t i = 0; i < in->n; i++)
		ok &= make_range(c, side.type, e->kid.v[1 + 2 * i],
		                 e->kid.v[2 + 2 * i], &range[i]);
	return ok ? in : NULL;
}

/* --- conditions ----------------------------------------------------------- */

/* Test that all operands of `a & b & c` share a bit. */
static const struct rules_cond *any_bit(struct rules_context *c,
                                        const struct rules_expr *e)
{
	struct rules_expr head = *e;
	struct rules_side a, b;
	bool ok;

	head.kid.n--;
	head.op.n--;
	head.at.end = e->kid.v[head.kid.n - 1]->at.end;
	ok = head.kid.n == 1 ? rules_side(c, head.kid.v[0], &a)
	                     : rules_side(c, &head, &a);
	if (!rules_side(c, e->kid.v[e->kid.n - 1], &b) || !ok)
		return NULL;
	return compare(c, &a, RULES_ANY, &b, e->at);
}

static bool has_and(const struct rules_expr *e)
{
	for (uint32_t i = 0; i < e->kid.n; i++)
		if (e->kid.v[i]->kind == EXPR_CHAIN && !e->kid.v[i]->paren &&
		    e->kid.v[i]->op.v[1] == TOKEN_AND)
			return true;
	return false;
}

static const struct rules_cond *bare_value(struct rules_context *c,
                                           const struct rules_expr *e)
{
	if (e->kind == EXPR_CHAIN && e->op.v[1] == TOKEN_AND)
		return any_bit(c, e);
	if (e->kind == EXPR_CHAIN && e->op.v[1] == TOKEN_OR && has_and(e))
		rules_complain(
			c, e->at,
			"'&' mixed with '|' needs parentheses: 'a & (b | c)', "
			"or '(a & b) or c'?");
	else
		rules_complain(c, e->at,
		               "a value alone is not a condition; compare it, "
		               "for instance with '!= 0'");
	return NULL;
}

static bool is_list(const struct rules_expr *e)
{
	return e->kind == EXPR_AND || e->kind == EXPR_OR || e->kind == EXPR_NOT;
}

/*
 * Complain if kid I of E is a bare value after a comparison, as in "fd == 1 or
 * 2".
 */
static void check_alone(struct rules_context *c, const struct rules_expr *e,
                        uint32_t i)
{
	const struct rules_expr *kid = e->kid.v[i], *before;

	if (!i || (kid->kind != EXPR_NUMBER && kid->kind != EXPR_NAME))
		return;
	before = e->kid.v[i - 1];
	if (before->kind != EXPR_COMPARE ||
	    (before->cmp != RULES_EQ && before->cmp != RULES_NE))
		return;
	rules_complain(c, kid->at,
	               "a value alone is not a condition; for several values, "
	               "write '%s%s in (%s, %s)'",
	               before->cmp == RULES_NE ? "not " : "",
	               text_of(c, before->kid.v[0]),
	               text_of(c, before->kid.v[1]), text_of(c, kid));
}

/*
 * Make the list or negation S of the conditions from S->first on; NULL if one
 * of them failed.
 */
static const struct rules_cond *finish_list(struct rules_context *c,
                                            const struct rules_cond_step *s)
{
	static const enum rules_cond_kind kinds[] = {
		[EXPR_AND] = RULES_COND_AND,
		[EXPR_OR] = RULES_COND_OR,
		[EXPR_NOT] = RULES_COND_NOT,
	};
	struct rules_cond *list = rules_new_cond(c->arena, kinds[s->e->kind], s->e->at);

	for (uint32_t i = s->first; i < c->conds.n; i++)
		if (!c->conds.v[i])
			return NULL;
	rules_adopt(c->arena, list, c->conds.v + s->first,
	            c->conds.n - s->first);
	return list;
}

static const struct rules_cond *leaf(struct rules_context *c,
                                     const struct rules_expr *e)
{
	if (e->kind == EXPR_COMPARE)
		return compare_expr(c, e);
	if (e->kind == EXPR_IN)
		return in_expr(c, e);
	return bare_value(c, e);
}

static void push_list(struct rules_context *c, const struct rules_expr *e)
{
	struct rules_cond_step one = { e, 0, c->conds.n };

	array_push(c->arena, &c->lists, one);
}

/*
 * End the innermost list; merge its members into the enclosing list if that is
 * of the same kind.
 */
static void pop_list(struct rules_context *c, uint32_t base)
{
	struct rules_cond_step s = c->lists.v[--c->lists.n];
	const struct rules_cond *list;

	if (c->lists.n > base && s.e->kind != EXPR_NOT &&
	    c->lists.v[c->lists.n - 1].e->kind == s.e->kind)
		return;
	list = finish_list(c, &s);
	c->conds.n = s.first;
	array_push(c->arena, &c->conds, list);
}

const struct rules_cond *rules_condition(struct rules_context *c,
                                         const struct rules_expr *e)
{
	uint32_t base = c->lists.n;

	if (!is_list(e))
		return leaf(c, e);
	push_list(c, e);
	while (c->lists.n > base) {
		struct rules_cond_step *s = &c->lists.v[c->lists.n - 1];

		if (s->next == s->e->kid.n) {
			pop_list(c, base);
			continue;
		}
		e = s->e->kid.v[s->next++];
		check_alone(c, s->e, s->next - 1);
		if (is_list(e))
			push_list(c, e);
		else
			array_push(c->arena, &c->conds, leaf(c, e));
	}
	return c->conds.v[--c->conds.n];
}
