/*
 * Sets of arguments: which of all values of the six words a condition lets
 * through, exactly, as diagrams over their 384 bits (ir/diagram.h).
 *
 * Words that some condition compares with each other have their bits in turn,
 * the others follow one another: then every comparison is a diagram of a few
 * nodes a bit.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ir/diagram.h"
#include "rules/rules.h"
#include "rules/space.h"

enum {
	BITS = 64 * SYS_ARGS,
	CONSTANTS = 100, /* conditions that are left open: bits after the words' */
};

struct rules_space {
	struct arena *arena;
	struct diagrams *diagrams;
	uint8_t family[SYS_ARGS]; /* the least word that this one is compared with */
	bool open;                /* constant conditions may be either */
	uint32_t constants;       /* of these */
};

_Static_assert(BITS + CONSTANTS <= DIAGRAM_MOST_BITS, "each has a bit");

bool rules_space_spend(struct rules_space *s)
{
	return diagrams_spend(s->diagrams);
}

void rules_space_grant(struct rules_space *s, uint64_t least)
{
	diagrams_grant(s->diagrams, least);
}

bool rules_space_lost(const struct rules_space *s)
{
	return diagrams_lost(s->diagrams);
}

uint32_t rules_space_and(struct rules_space *s, uint32_t a, uint32_t b)
{
	return diagram_and(s->diagrams, a, b);
}

uint32_t rules_space_or(struct rules_space *s, uint32_t a, uint32_t b)
{
	return diagram_or(s->diagrams, a, b);
}

uint32_t rules_space_less(struct rules_space *s, uint32_t a, uint32_t b)
{
	return diagram_less(s->diagrams, a, b);
}

void rules_space_assume(struct rules_space *s, uint32_t set)
{
	diagram_assume(s->diagrams, set);
}

static uint32_t choose(struct rules_space *s, uint32_t f, uint32_t g, uint32_t h)
{
	return diagram_ite(s->diagrams, f, g, h);
}

static uint32_t invert(struct rules_space *s, uint32_t set)
{
	return diagram_not(s->diagrams, set);
}

/* --- operands ------------------------------------------------------------- */

/* Return the set of calls in which bit K of O is set. */
static uint32_t bit_of(struct rules_space *s, const struct rules_operand *o,
                       unsigned k)
{
	unsigned bit;

	if (!o->is_arg)
		return o->bits >> k & 1;
	assert(k < 64 && o->lo >= 0 && o->lo < SYS_ARGS && o->hi < SYS_ARGS);
	if (!(o->mask >> k & 1) || (k >= 32 && o->hi < 0))
		return SPACE_NONE;
	bit = 64 * (unsigned)o->lo + k;
	if (k >= 32 && o->hi != o->lo)
		bit = 64 * (unsigned)o->hi + k - 32;
	return diagram_bit(s->diagrams, bit);
}

/* --- comparisons ---------------------------------------------------------- */

/*
 * Return where LHS < RHS, or <= if EQUAL is SPACE_ALL, built from the lowest
 * bit up.
 */
static uint32_t below(struct rules_space *s, const struct rules_cond *c,
                      const struct rules_operand *lhs,
                      const struct rules_operand *rhs, uint32_t equal)
{
	for (unsigned k = 0; k < c->width; k++) {
		uint32_t l = bit_of(s, lhs, k), r = bit_of(s, rhs, k), less, more;

		if (c->is_signed && k + 1u == c->width) {
			uint32_t swap = l;

			l = r;
			r = swap;
		}
		less = choose(s, r, SPACE_ALL, equal);
		more = choose(s, r, equal, SPACE_NONE);
		equal = choose(s, l, more, less);
	}
	return equal;
}

static uint32_t equality(struct rules_space *s, const struct rules_cond *c)
{
	uint32_t set = SPACE_ALL;

	for (unsigned k = 0; k < c->width; k++) {
		uint32_t l = bit_of(s, &c->lhs, k), r = bit_of(s, &c->rhs, k);
		uint32_t both = choose(s, r, set, SPACE_NONE);
		uint32_t none = choose(s, r, SPACE_NONE, set);

		set = choose(s, l, both, none);
	}
	return set;
}

/* Return a bit that both have, or, with INVERT, one of the left that the right lacks. */
static uint32_t shared_bit(struct rules_space *s, const struct rules_cond *c,
                           bool invert)
{
	uint32_t set = SPACE_NONE;

	for (unsigned k = 0; k < c->width; k++) {
		uint32_t l = bit_of(s, &c->lhs, k), r = bit_of(s, &c->rhs, k);

		if (invert)
			r = diagram_not(s->diagrams, r);
		set = choose(s, rules_space_and(s, l, r), SPACE_ALL, set);
	}
	return set;
}

static uint32_t test(struct rules_space *s, const struct rules_cond *c)
{
	switch (c->cmp) {
	case RULES_EQ:
		return equality(s, c);
	case RULES_NE:
		return invert(s, equality(s, c));
	case RULES_LT:
		return below(s, c, &c->lhs, &c->rhs, SPACE_NONE);
	case RULES_LE:
		return below(s, c, &c->lhs, &c->rhs, SPACE_ALL);
	case RULES_GT:
		return below(s, c, &c->rhs, &c->lhs, SPACE_NONE);
	case RULES_GE:
		return below(s, c, &c->rhs, &c->lhs, SPACE_ALL);
	case RULES_ANY:
		return shared_bit(s, c, false);
	case RULES_WITHIN:
		return invert(s, shared_bit(s, c, true));
	}
	return SPACE_NONE;
}

/* --- ranges --------------------------------------------------------------- */

struct interval {
	uint64_t lo, hi;
};

struct intervals {
	ARRAY(struct interval) v;
};

static int by_lo(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

/* Return C's ranges as unsigned intervals: sorted, disjoint, not touching. */
static struct intervals intervals_of(struct rules_space *s,
                                     const struct rules_cond *c)
{
	struct intervals all = { 0 };
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n; i++) {
		struct interval one = { c->range[i].lo, c->range[i].hi };

		if (one.lo > one.hi) { /* from below zero to above */
			struct interval negative = { one.lo,
				                     sys_ones(c->width) };

			array_push(s->arena, &all.v, negative);
			one.lo = 0;
		}
		array_push(s->arena, &all.v, one);
	}
	if (all.v.n)
		qsort(all.v.v, all.v.n, sizeof *all.v.v, by_lo);
	for (uint32_t i = 0; i < all.v.n; i++) {
		struct interval *last = &all.v.v[n ? n - 1 : 0];

		if (n && (last->hi == UINT64_MAX ||
		          all.v.v[i].lo <= last->hi + 1)) {
			if (last->hi < all.v.v[i].hi)
				last->hi = all.v.v[i].hi;
		} else {
			all.v.v[n++] = all.v.v[i];
		}
	}
	all.v.n = n;
	return all;
}

/*
 * Return where the K low bits of O, below BASE, lie in one of the N intervals
 * at V.
 */
static uint32_t in_block(struct rules_space *s, const struct rules_operand *o,
                         unsigned k, uint64_t base, const struct interval *v,
                         uint32_t n)
{
	uint64_t last = base | (k ? sys_ones(k) : 0), middle;
	uint32_t below = 0, above, bit, lo = SPACE_NONE, hi = SPACE_NONE;

	assert(!n || v[n - 1].lo <= v[n - 1].hi);
	assert(n < 2 || v[0].hi < v[1].lo); /* sorted and disjoint */
	if (!n)
		return SPACE_NONE;
	if (v->lo <= base && v->hi >= last)
		return SPACE_ALL;
	if (rules_space_lost(s) || !rules_space_spend(s))
		return SPACE_NONE;
	middle = base | UINT64_C(1) << (k - 1);
	while (below < n && v[below].lo < middle)
		below++;
	above = below && v[below - 1].hi >= middle ? below - 1 : below;
	bit = bit_of(s, o, k - 1);
	if (bit != SPACE_NONE)
		hi = in_block(s, o, k - 1, middle, v + above, n - above);
	if (bit != SPACE_ALL)
		lo = in_block(s, o, k - 1, base, v, below);
	return choose(s, bit, hi, lo);
}

static uint32_t in_ranges(struct rules_space *s, const struct rules_cond *c)
{
	struct intervals all = intervals_of(s, c);

	return in_block(s, &c->lhs, c->width, 0, all.v.v, all.v.n);
}

/* --- conditions ----------------------------------------------------------- */

/* Return the set of a condition on constants; if these may change, a fresh bit. */
static uint32_t constant(struct rules_space *s, bool value)
{
	if (!s->open)
		return value;
	if (s->constants == CONSTANTS)
		diagrams_lose(s->diagrams);
	if (rules_space_lost(s))
		return SPACE_NONE;
	return diagram_bit(s->diagrams, BITS + s->constants++);
}

struct frame {
	const struct rules_cond *c;
	uint32_t i, set;
};

static bool is_leaf(const struct rules_cond *c)
{
	return c->kind == RULES_COND_TEST || c->kind == RULES_COND_IN || !c->n;
}

static uint32_t leaf(struct rules_space *s, const struct rules_cond *c)
{
	if (c->kind == RULES_COND_IN)
		return in_ranges(s, c);
	if (c->kind == RULES_COND_TEST)
		return test(s, c);
	return constant(s, c->kind == RULES_COND_AND);
}

/* Fold SET, the set of kid F->i, into that of F->c. */
static void fold(struct rules_space *s, struct frame *f, uint32_t set)
{
	if (f->c->kind == RULES_COND_AND)
		f->set = rules_space_and(s, f->set, set);
	else if (f->c->kind == RULES_COND_OR)
		f->set = rules_space_or(s, f->set, set);
	else
		f->set = invert(s, set);
}

static struct frame new_frame(const struct rules_cond *c)
{
	return (struct frame){
		c, 0, c->kind == RULES_COND_AND ? SPACE_ALL : SPACE_NONE
	};
}

uint32_t rules_space_of(struct rules_space *s, const struct rules_cond *c,
                        rules_space_fn *seen, void *ctx)
{
	ARRAY(struct frame) open = { 0 };

	if (!c)
		return SPACE_ALL;
	array_push(s->arena, &open, new_frame(c));
	for (;;) {
		struct frame *f = &open.v[open.n - 1];
		const struct rules_cond *done = f->c;
		uint32_t set, before;

		if (!is_leaf(done) && f->i < done->n) {
			array_push(s->arena, &open,
			           new_frame(done->kid[f->i++]));
			continue;
		}
		set = is_leaf(done) ? leaf(s, done) : f->set;
		if (--open.n == 0)
			return set;
		f = &open.v[open.n - 1];
		before = f->set;
		fold(s, f, set);
		if (seen)
			seen(ctx, f->c, done, set, before, f->set);
	}
}

/* --- what is in a set ----------------------------------------------------- */

bool rules_space_has(const struct rules_space *s, uint32_t set,
                     const uint64_t args[SYS_ARGS])
{
	uint64_t word[DIAGRAM_MOST_WORDS] = { 0 }; /* what is left open does not hold */

	memcpy(word, args, SYS_ARGS * sizeof *args);
	return diagram_has(s->diagrams, set, word);
}

void rules_space_example(const struct rules_space *s, uint32_t set,
                         uint64_t args[SYS_ARGS])
{
	uint64_t word[DIAGRAM_MOST_WORDS];

	diagram_example(s->diagrams, set, word);
	memcpy(args, word, SYS_ARGS * sizeof *args);
}

bool rules_space_blocks(const struct rules_space *s, uint32_t set,
                        rules_space_block_fn *fn, void *ctx)
{
	assert(!s->open);
	return diagram_blocks(s->diagrams, set, fn, ctx);
}

/* --- the order of bits ---------------------------------------------------- */

static void unite(uint8_t *family, int8_t a, int8_t b)
{
	uint8_t from, to;

	if (a < 0 || b < 0)
		return;
	from = family[a] > family[b] ? family[a] : family[b];
	to = family[a] > family[b] ? family[b] : family[a];
	for (int i = 0; i < SYS_ARGS; i++)
		if (family[i] == from)
			family[i] = to;
}

static void unite_operands(uint8_t *family, const struct rules_cond *c)
{
	if (c->kind != RULES_COND_TEST || !c->lhs.is_arg || !c->rhs.is_arg)
		return;
	unite(family, c->lhs.lo, c->rhs.lo);
	unite(family, c->lhs.lo, c->lhs.hi);
	unite(family, c->rhs.lo, c->rhs.hi);
}

/* Find the words that C compares with each other. */
static void find_families(struct rules_space *s, const struct rules_cond *c,
                          uint8_t *family)
{
	ARRAY(const struct rules_cond *) open = { 0 };

	array_push(s->arena, &open, c);
	while (open.n) {
		c = open.v[--open.n];
		unite_operands(family, c);
		for (uint32_t i = 0; !is_leaf(c) && i < c->n; i++)
			array_push(s->arena, &open, c->kid[i]);
	}
}

static void order_bits(struct rules_space *s)
{
	uint16_t order[BITS + CONSTANTS], n = 0;

	for (int first = 0; first < SYS_ARGS; first++)
		for (int k = 63; k >= 0; k--)
			for (int i = first; i < SYS_ARGS; i++)
				if (s->family[i] == first)
					order[n++] = (uint16_t)(64 * i + k);
	assert(n == BITS);
	for (; n < BITS + CONSTANTS; n++)
		order[n] = n;
	diagrams_order(s->diagrams, order);
	s->constants = 0;
}

struct rules_space *rules_space(struct arena *arena, uint64_t steps, bool open)
{
	struct rules_space *s = arena_new(arena, struct rules_space);

	s->arena = arena;
	s->diagrams = diagrams(arena, BITS + CONSTANTS, steps);
	s->open = open;
	for (int i = 0; i < SYS_ARGS; i++)
		s->family[i] = (uint8_t)i;
	order_bits(s);
	return s;
}

void rules_space_start(struct rules_space *s,
                       const struct rules_case *const *cases, uint32_t n)
{
	uint8_t family[SYS_ARGS] = { 0, 1, 2, 3, 4, 5 };
	bool same;

	for (uint32_t i = 0; i < n; i++)
		assert(cases[i]->abi == cases[0]->abi);
	for (uint32_t i = 0; i < n; i++)
		if (cases[i]->cond)
			find_families(s, cases[i]->cond, family);
	same = !memcmp(family, s->family, sizeof family);
	memcpy(s->family, family, sizeof family);
	if (!same || s->constants)
		order_bits(s);
	diagrams_renew(s->diagrams);
}
