/*
 * Binary decision diagrams: nodes are hash-consed and decide bits in one order, so
 * that each set has one diagram. Results of ite are remembered in a small cache.
 */
#include <assert.h>
#include <string.h>

#include "ir/diagram.h"

enum {
	FIRST_SLOTS = 1 << 10,
	MEMO = 1 << 12
};

/* A decision: the bit at LEVEL of the order clear leads to LO, set to HI. */
struct decision {
	uint32_t level, lo, hi;
};

struct memo {
	uint32_t f, g, h, result;
};

enum fixed {
	NOT_FIXED,
	FIXED_CLEAR,
	FIXED_SET
};

struct diagrams {
	struct arena *arena;
	unsigned bits;
	ARRAY(struct decision) node; /* DIAGRAM_NONE and _ALL are the first two */
	uint32_t *slot, slots;       /* of NODE, by hash; 0: free */
	struct memo *memo;
	uint16_t level[DIAGRAM_MOST_BITS]; /* of a bit in the order */
	uint16_t bit[DIAGRAM_MOST_BITS];   /* and back */
	uint8_t fixed[DIAGRAM_MOST_BITS];  /* enum fixed: by what is assumed */
	uint64_t steps;                    /* that are left */
	bool lost;
};

/* --- work ----------------------------------------------------------------- */

bool diagrams_lost(const struct diagrams *d)
{
	return d->lost;
}

void diagrams_lose(struct diagrams *d)
{
	d->lost = true;
}

void diagrams_grant(struct diagrams *d, uint64_t least)
{
	if (d->steps < least)
		d->steps = least;
}

bool diagrams_spend(struct diagrams *d)
{
	if (d->steps)
		d->steps--;
	else
		d->lost = true;
	return !d->lost;
}

/* --- decisions ------------------------------------------------------------ */

static uint32_t hash_decision(const struct decision *d)
{
	return hash_words((const uint32_t[]){ d->level, d->lo, d->hi }, 3, 0);
}

static void put_slot(struct diagrams *d, uint32_t id)
{
	uint32_t i = hash_decision(&d->node.v[id]) & (d->slots - 1);

	while (d->slot[i])
		i = (i + 1) & (d->slots - 1);
	d->slot[i] = id;
}

static void more_slots(struct diagrams *d)
{
	d->slots = d->slots ? 2 * d->slots : FIRST_SLOTS;
	d->slot = arena_array(d->arena, uint32_t, d->slots);
	for (uint32_t id = 2; id < d->node.n; id++)
		put_slot(d, id);
}

static bool same_decision(const struct decision *a, const struct decision *b)
{
	return a->level == b->level && a->lo == b->lo && a->hi == b->hi;
}

static uint32_t level_of(const struct diagrams *d, uint32_t f)
{
	return f <= DIAGRAM_ALL ? d->bits : d->node.v[f].level;
}

/* Return the one set that is LO where the bit at LEVEL is clear, HI where it is set. */
static uint32_t decide(struct diagrams *d, uint32_t level, uint32_t lo, uint32_t hi)
{
	struct decision one = { level, lo, hi };
	uint32_t i;

	assert(level < level_of(d, lo) && level < level_of(d, hi));
	if (lo == hi)
		return lo;
	i = hash_decision(&one) & (d->slots - 1);
	for (; d->slot[i]; i = (i + 1) & (d->slots - 1))
		if (same_decision(&d->node.v[d->slot[i]], &one))
			return d->slot[i];
	array_push(d->arena, &d->node, one);
	d->slot[i] = d->node.n - 1;
	if (d->node.n > d->slots / 2)
		more_slots(d);
	return d->node.n - 1;
}

uint32_t diagram_bit(struct diagrams *d, unsigned bit)
{
	assert(bit < d->bits);
	if (d->fixed[bit] != NOT_FIXED)
		return d->fixed[bit] == FIXED_SET ? DIAGRAM_ALL : DIAGRAM_NONE;
	return decide(d, d->level[bit], DIAGRAM_NONE, DIAGRAM_ALL);
}

/* --- if F then G else H --------------------------------------------------- */

/* Return what is left of F once the bit at LEVEL, at or above F's first, is known. */
static uint32_t side(const struct diagrams *d, uint32_t f, uint32_t level, bool high)
{
	if (level_of(d, f) != level)
		return f;
	return high ? d->node.v[f].hi : d->node.v[f].lo;
}

/* Recurse one level down at a time, so at most BITS deep. */
uint32_t diagram_ite(struct diagrams *d, uint32_t f, uint32_t g, uint32_t h)
{
	uint32_t level, lo, hi;
	struct memo *memo;

	assert(f < d->node.n && g < d->node.n && h < d->node.n);
	if (f <= DIAGRAM_ALL)
		return f ? g : h;
	if (g == h || (g == DIAGRAM_ALL && h == DIAGRAM_NONE))
		return g == h ? g : f;
	memo = &d->memo[hash_words((const uint32_t[]){ f, g, h }, 3, 1) % MEMO];
	if (memo->f == f && memo->g == g && memo->h == h)
		return memo->result;
	if (d->lost || !diagrams_spend(d))
		return DIAGRAM_NONE;
	level = min_u32(level_of(d, f), min_u32(level_of(d, g), level_of(d, h)));
	lo = diagram_ite(d, side(d, f, level, false), side(d, g, level, false),
	                 side(d, h, level, false));
	hi = diagram_ite(d, side(d, f, level, true), side(d, g, level, true),
	                 side(d, h, level, true));
	if (d->lost)
		return DIAGRAM_NONE;
	lo = decide(d, level, lo, hi);
	*memo = (struct memo){ f, g, h, lo };
	return lo;
}

uint32_t diagram_and(struct diagrams *d, uint32_t a, uint32_t b)
{
	return diagram_ite(d, a, b, DIAGRAM_NONE);
}

uint32_t diagram_or(struct diagrams *d, uint32_t a, uint32_t b)
{
	return diagram_ite(d, a, DIAGRAM_ALL, b);
}

uint32_t diagram_less(struct diagrams *d, uint32_t a, uint32_t b)
{
	return diagram_ite(d, b, DIAGRAM_NONE, a);
}

uint32_t diagram_not(struct diagrams *d, uint32_t a)
{
	return diagram_ite(d, a, DIAGRAM_NONE, DIAGRAM_ALL);
}

/* Assume SET: if it is one chain of decisions, fix each bit of the chain. */
void diagram_assume(struct diagrams *d, uint32_t set)
{
	while (set > DIAGRAM_ALL) {
		const struct decision *at = &d->node.v[set];
		bool high = at->lo == DIAGRAM_NONE;

		if (!high && at->hi != DIAGRAM_NONE)
			return; /* what comes below may differ by side */
		d->fixed[d->bit[at->level]] = high ? FIXED_SET : FIXED_CLEAR;
		set = high ? at->hi : at->lo;
	}
}

/* --- members -------------------------------------------------------------- */

static bool get_bit(const uint64_t *word, unsigned bit)
{
	return word[bit / 64] >> bit % 64 & 1;
}

static void set_bit(uint64_t *word, unsigned bit, bool value)
{
	uint64_t one = UINT64_C(1) << bit % 64;

	if (value)
		word[bit / 64] |= one;
	else
		word[bit / 64] &= ~one;
}

bool diagram_decision(const struct diagrams *d, uint32_t set,
                      struct diagram_decision *out)
{
	const struct decision *at = &d->node.v[set];

	assert(set < d->node.n);
	if (set <= DIAGRAM_ALL)
		return false;
	*out = (struct diagram_decision){ d->bit[at->level], at->lo, at->hi };
	return true;
}

bool diagram_has(const struct diagrams *d, uint32_t set, const uint64_t *word)
{
	while (set > DIAGRAM_ALL) {
		const struct decision *at = &d->node.v[set];

		set = get_bit(word, d->bit[at->level]) ? at->hi : at->lo;
	}
	return set == DIAGRAM_ALL;
}

/* Find a member: every decision leads to DIAGRAM_ALL by at least one side. */
void diagram_example(const struct diagrams *d, uint32_t set, uint64_t *word)
{
	assert(set != DIAGRAM_NONE);
	memset(word, 0, (d->bits + 63) / 64 * sizeof *word);
	while (set > DIAGRAM_ALL) {
		const struct decision *at = &d->node.v[set];
		bool high = at->lo == DIAGRAM_NONE;

		set_bit(word, d->bit[at->level], high);
		set = high ? at->hi : at->lo;
	}
}

/* A decision on the way to a block, and the side that is taken. */
struct taken {
	uint32_t node;
	bool high;
};

bool diagram_blocks(const struct diagrams *d, uint32_t set, diagram_block_fn *fn,
                    void *ctx)
{
	uint64_t mask[DIAGRAM_MOST_WORDS] = { 0 }, value[DIAGRAM_MOST_WORDS] = { 0 };
	struct taken path[DIAGRAM_MOST_BITS];
	uint32_t n = 0;

	for (;;) {
		for (; set > DIAGRAM_ALL; set = d->node.v[set].lo) {
			assert(n < d->bits);
			path[n++] = (struct taken){ set, false };
			set_bit(mask, d->bit[d->node.v[set].level], true);
		}
		if (set == DIAGRAM_ALL && !fn(ctx, mask, value))
			return false;
		while (n && path[n - 1].high) {
			unsigned bit = d->bit[d->node.v[path[--n].node].level];

			set_bit(mask, bit, false);
			set_bit(value, bit, false);
		}
		if (!n)
			return true;
		path[n - 1].high = true;
		set = path[n - 1].node;
		set_bit(value, d->bit[d->node.v[set].level], true);
		set = d->node.v[set].hi;
	}
}

/* --- the whole ------------------------------------------------------------ */

void diagrams_forget(struct diagrams *d)
{
	if (d->slot)
		memset(d->slot, 0, d->slots * sizeof *d->slot);
	else
		more_slots(d);
	memset(d->memo, 0, MEMO * sizeof *d->memo);
	d->node.n = 2;
}

void diagrams_order(struct diagrams *d, const uint16_t *order)
{
	for (unsigned level = 0; level < d->bits; level++) {
		assert(order[level] < d->bits);
		d->bit[level] = order[level];
		d->level[order[level]] = (uint16_t)level;
	}
	for (unsigned bit = 0; bit < d->bits; bit++)
		assert(d->bit[d->level[bit]] == bit);
	diagrams_forget(d);
}

void diagrams_renew(struct diagrams *d)
{
	if (d->node.n > d->slots / 4 || d->lost)
		diagrams_forget(d);
	memset(d->fixed, NOT_FIXED, sizeof d->fixed);
	d->lost = false;
}

struct diagrams *diagrams(struct arena *arena, unsigned bits, uint64_t steps)
{
	struct diagrams *d = arena_new(arena, struct diagrams);
	struct decision leaf = { bits, 0, 0 };

	assert(bits <= DIAGRAM_MOST_BITS);
	d->arena = arena;
	d->bits = bits;
	d->steps = steps;
	d->memo = arena_array(arena, struct memo, MEMO);
	array_push(arena, &d->node, leaf); /* DIAGRAM_NONE, DIAGRAM_ALL */
	array_push(arena, &d->node, leaf);
	for (unsigned bit = 0; bit < bits; bit++)
		d->bit[bit] = d->level[bit] = (uint16_t)bit;
	diagrams_forget(d);
	return d;
}
