/*
 * The text of what was found: ids of one kind are listed after one word, and what is
 * joined comes in the order of the layers.
 */
#include "decompile/decompile.h"

enum {
	PARTS = 256
};

static uint32_t reach_of(const struct expr *e)
{
	uint32_t reach = 0;

	if (e->kind == EXPR_ONE)
		return e->one->reach;
	array_each(p, &e->part)
		reach = max_u32(reach, reach_of(*p));
	return reach;
}

static uint32_t place_of(const struct expr *e)
{
	uint32_t place = UINT32_MAX;

	if (e->kind == EXPR_ONE)
		return e->one->place;
	array_each(p, &e->part)
		place = min_u32(place, place_of(*p));
	return place;
}

/* Return what decides E's place. */
static uint32_t rank(const struct expr *e, enum expr_order order)
{
	switch (order) {
	case BY_PLACE:
		return place_of(e);
	case BY_REACH:
		return reach_of(e);
	case DEEPEST:
		return UINT32_MAX - reach_of(e);
	case NORDERS:
		break;
	}
	return 0;
}

/* Tell whether B comes before A: what is excluded (AND) comes last. */
static bool comes_first(const struct expr *b, const struct expr *a, bool and,
                        enum expr_order order)
{
	if (and&&a->negated != b->negated)
		return a->negated;
	if (and&&order == DEEPEST)
		order = BY_REACH;
	return rank(b, order) < rank(a, order);
}

/* Sort the N at V, which are joined. Equal ones stay in order. */
static void sort(const struct expr **v, uint32_t n, bool and, enum expr_order order)
{
	for (uint32_t i = 1; i < n; i++)
		for (uint32_t k = i; k > 0 && comes_first(v[k], v[k - 1], and, order); k--) {
			const struct expr *swap = v[k];

			v[k] = v[k - 1];
			v[k - 1] = swap;
		}
}

/* Tell whether A and B are single ids after the same words. */
static bool are_listed(const struct expr *a, const struct expr *b)
{
	const struct candidate *x = a->one, *y = b->one;

	return a->kind == EXPR_ONE && b->kind == EXPR_ONE && a->negated == b->negated &&
	       x->prefix && x->prefix == y->prefix && !memcmp(x->text, y->text, x->prefix);
}

/* Tell whether E is one list of ids, which has parentheses of its own. */
static bool is_list(const struct expr *e)
{
	for (uint32_t i = 1; i < e->part.n; i++)
		if (!are_listed(e->part.v[0], e->part.v[i]))
			return false;
	return true;
}

static void put_one(struct buf *out, const struct expr *e)
{
	if (e->negated && !e->one->negated)
		buf_puts(out, "not ");
	buf_puts(out, e->negated && e->one->negated ? e->one->negated : e->one->text);
}

/*
 * Write V[FIRST] and those of the N that can be listed with it, and mark them
 * DONE.
 */
static void put_list(struct buf *out, const struct expr **v, uint32_t first, uint32_t n,
                     bool and, bool *done)
{
	const struct expr *e = v[first];
	uint32_t prefix = e->kind == EXPR_ONE ? e->one->prefix : 0, more = 0;

	for (uint32_t i = first + 1; i < n; i++)
		more += !done[i] && are_listed(e, v[i]);
	if (!more) {
		put_one(out, e);
		return;
	}
	buf_puts(out, e->negated ? "not " : "");
	buf_write(out, e->one->text, prefix);
	for (uint32_t i = first; i < n; i++) {
		if (done[i] || !are_listed(e, v[i]))
			continue;
		buf_puts(out, i == first ? "(" : and == e->negated ? " or "
		                                                   : " and ");
		buf_puts(out, v[i]->one->text + prefix);
		done[i] = true;
	}
	buf_putc(out, ')');
}

static void put_parts(struct buf *out, const struct expr **v, uint32_t n, bool and, enum expr_order order)
{
	bool done[PARTS] = { false };

	for (uint32_t i = 0; i < n; i++) {
		if (done[i])
			continue;
		if (i)
			buf_puts(out, and? " and " : " or ");
		if (v[i]->kind == EXPR_ONE) {
			put_list(out, v, i, n, and, done);
			continue;
		}
		buf_puts(out, is_list(v[i]) ? "" : "(");
		expr_write(out, v[i], order);
		buf_puts(out, is_list(v[i]) ? "" : ")");
	}
}

void expr_write(struct buf *out, const struct expr *e, enum expr_order order)
{
	const struct expr *v[PARTS];
	bool and = e->kind == EXPR_AND;

	if (e->kind == EXPR_ONE) {
		put_one(out, e);
		return;
	}
	if (e->part.n > PARTS)
		return;
	memcpy(v, e->part.v, e->part.n * sizeof *v);
	if (!e->moved)
		sort(v, e->part.n, and, order);
	put_parts(out, v, e->part.n, and, order);
}
