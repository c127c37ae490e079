/*
 * Formulas: conditions over the packet before they have exits. They fold the
 * way libpcap's blocks do, no more and no less: what folding drops is never
 * loaded, and so cannot end the program.
 */
#include <string.h>

#include "packet/formula.h"

static struct formula *make(struct packet *p, enum formula_kind kind)
{
	struct formula *f = p->spare_formula;

	if (f)
		p->spare_formula = NULL;
	else
		f = arena_new(p->arena, struct formula);
	f->kind = kind;
	f->at = p->span;
	return f;
}

const struct formula *formula_stop(struct packet *p)
{
	return make(p, FORMULA_STOP);
}

const struct formula *formula_test(struct packet *p, enum ir_cmp cmp,
                                   const struct ir_value *lhs,
                                   const struct ir_value *rhs)
{
	struct formula *f = make(p, FORMULA_TEST);

	f->cmp = cmp;
	f->lhs = lhs;
	f->rhs = rhs;
	return f;
}

const struct formula *formula_has(struct packet *p, const struct ir_value *lhs,
                                  uint32_t bits)
{
	return formula_test(p, IR_ANY, lhs, ir_const(p->g, bits));
}

const struct formula *formula_masked(struct packet *p,
                                     const struct ir_value *lhs,
                                     uint32_t mask, uint32_t value)
{
	const struct ir_value *m;

	if (!mask)
		return value ? p->no : p->yes;
	if (mask != 0xffffffff) {
		m = ir_const(p->g, mask);
		lhs = ir_op2(p->g, IR_AND, lhs, m);
	}
	return formula_test(p, IR_EQ, lhs, ir_const(p->g, value));
}

const struct formula *formula_set(struct packet *p, const struct ir_value *lhs,
                                  struct ir_interval *set, uint32_t n)
{
	unsigned words = ir_words(lhs);
	struct formula *f;

	if (n == 1 && !memcmp(set->lo, set->hi, words * sizeof set->lo[0]))
		return formula_test(p, IR_EQ, lhs, ir_key_const(p->g, set->lo, words));
	f = make(p, FORMULA_SET);
	f->lhs = lhs;
	f->set = set;
	f->n = n;
	return f;
}

const struct formula *formula_list(struct packet *p, struct list *list)
{
	struct formula *f = make(p, FORMULA_LIST);

	f->list = list;
	return f;
}

const struct formula *formula_bind(struct packet *p, const struct ir_value *cell,
                                   const struct ir_value *value)
{
	struct formula *f = make(p, FORMULA_BIND);

	f->lhs = cell;
	f->rhs = value;
	return f;
}

const struct formula *formula_if(struct packet *p, const struct formula *c,
                                 const struct formula *a, const struct formula *b)
{
	struct formula *f = make(p, FORMULA_IF);

	f->c = c;
	f->a = a;
	f->b = b;
	return f;
}

static struct formula *pair(struct packet *p, enum formula_kind kind,
                            const struct formula *a, const struct formula *b)
{
	struct formula *f = make(p, kind);

	f->a = a;
	f->b = b;
	return f;
}

/*
 * Return the list at the right end of a chain of that kind, NULL if there is
 * none.
 */
static struct list *last_list(const struct formula *f, enum formula_kind chain)
{
	if (f->kind == chain)
		f = f->b;
	if (chain == FORMULA_AND) {
		if (f->kind != FORMULA_NOT)
			return NULL;
		f = f->a;
	}
	return f->kind == FORMULA_LIST ? f->list : NULL;
}

/* Keep B for reuse: it is part of A now, or of nothing. */
static void spare(struct packet *p, const struct formula *b)
{
	p->spare_formula = memset((struct formula *)b, 0, sizeof *b);
}

const struct formula *formula_and(struct packet *p, const struct formula *a,
                                  const struct formula *b)
{
	struct list *list;

	if (a->kind == FORMULA_FALSE || b->kind == FORMULA_FALSE)
		return p->no;
	if (a->kind == FORMULA_TRUE)
		return b;
	if (b->kind == FORMULA_TRUE)
		return a;
	/* not A and not B: in neither of them. */
	if (b->kind == FORMULA_NOT && b->a->kind == FORMULA_LIST) {
		list = last_list(a, FORMULA_AND);
		if (list && list_join(p, list, b->a->list)) {
			spare(p, b);
			return a;
		}
	}
	return pair(p, FORMULA_AND, a, b);
}

/*
 * Tell whether A or B makes (list and list) or (list and list), or a longer
 * chain, of the same two kinds of list.
 */
static bool is_pairs(const struct formula *a, const struct formula *b)
{
	if (a->kind == FORMULA_OR && a->pairs)
		a = a->b;
	return a->kind == FORMULA_AND && b->kind == FORMULA_AND &&
	       a->a->kind == FORMULA_LIST && a->b->kind == FORMULA_LIST &&
	       b->a->kind == FORMULA_LIST && b->b->kind == FORMULA_LIST &&
	       list_alike(a->a->list, b->a->list) && list_alike(a->b->list, b->b->list);
}

const struct formula *formula_or(struct packet *p, const struct formula *a,
                                 const struct formula *b)
{
	struct formula *f;
	struct list *list;

	if (a->kind == FORMULA_FALSE)
		return b;
	if (b->kind == FORMULA_FALSE)
		return a;
	if (a->kind == FORMULA_TRUE || b->kind == FORMULA_TRUE)
		return p->yes;
	list = b->kind == FORMULA_LIST ? last_list(a, FORMULA_OR) : NULL;
	if (list && list_join(p, list, b->list)) {
		spare(p, b);
		return a;
	}
	f = pair(p, FORMULA_OR, a, b);
	f->pairs = is_pairs(a, b);
	return f;
}

const struct formula *formula_not(struct packet *p, const struct formula *a)
{
	struct formula *f;

	if (a->kind == FORMULA_TRUE)
		return p->no;
	if (a->kind == FORMULA_FALSE)
		return p->yes;
	f = make(p, FORMULA_NOT);
	f->a = a;
	return f;
}
