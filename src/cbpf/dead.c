/*
 * Instructions that never run: no path leads to them, or the tests on all paths exclude
 * each other. What is known of a word that a program loads, or of a register, is a
 * range without some values; where paths join, what all of them know. Words are known
 * apart, so what two of them exclude together is not seen.
 */
#include <string.h>

#include "cbpf/cbpf.h"

enum {
	PLACES = 16, /* words that are told apart */
	HOLES = 4,   /* of a range */
	NOWHERE = UINT8_MAX
};

/* LO .. HI, but not the first HOLES of HOLE. */
struct known {
	uint32_t lo, hi, hole[HOLES];
	uint8_t holes;
};

/* The word of a place, or, if PLACE is NOWHERE, what is in OWN. */
struct held {
	struct known own;
	uint8_t place;
};

struct state {
	struct held a, x, m[CBPF_CELLS];
	struct known at[PLACES];
	struct state *next;
};

struct dead {
	struct arena *arena;
	const struct sock_filter *p;
	struct sock_filter place[PLACES]; /* the load of each */
	uint32_t nplaces;
	struct state **state; /* by instruction that was come to; NULL: not yet */
	struct state *spare;  /* no longer needed, linked by .next */
};

/* --- values ----------------------------------------------------------------------------- */

static struct held range(uint32_t lo, uint32_t hi)
{
	return (struct held){ { .lo = lo, .hi = hi }, NOWHERE };
}

static struct known *known_of(struct state *s, struct held *h)
{
	return h->place == NOWHERE ? &h->own : &s->at[h->place];
}

static bool is_constant(const struct known *k)
{
	return k->lo == k->hi;
}

/* Return all bits that a value up to HI can have. */
static uint32_t bits_below(uint32_t hi)
{
	return hi ? UINT32_MAX >> __builtin_clz(hi) : 0;
}

static bool has(const struct known *k, uint32_t value)
{
	for (unsigned i = 0; i < k->holes; i++)
		if (k->hole[i] == value)
			return false;
	return value >= k->lo && value <= k->hi;
}

/* Take VALUE out of K. */
static void exclude(struct known *k, uint32_t value)
{
	if (!has(k, value))
		return;
	if (k->holes == HOLES)
		memmove(k->hole, k->hole + 1, --k->holes * sizeof *k->hole);
	k->hole[k->holes++] = value;
}

/* Leave K only what is in LO .. HI; false if that is nothing. */
static bool cut(struct known *k, uint32_t lo, uint32_t hi)
{
	k->lo = max_u32(k->lo, lo);
	k->hi = min_u32(k->hi, hi);
	while (k->lo < k->hi && !has(k, k->lo))
		k->lo++;
	while (k->lo < k->hi && !has(k, k->hi))
		k->hi--;
	return k->lo <= k->hi && has(k, k->lo);
}

/* Keep in INTO what is known there and in K. */
static void unite(struct known *into, const struct known *k)
{
	struct known out = { .lo = min_u32(into->lo, k->lo), .hi = max_u32(into->hi, k->hi) };

	for (unsigned i = 0; i < into->holes; i++)
		if (!has(k, into->hole[i]))
			exclude(&out, into->hole[i]);
	for (unsigned i = 0; i < k->holes; i++)
		if (!has(into, k->hole[i]))
			exclude(&out, k->hole[i]);
	*into = out;
}

/* --- tests ------------------------------------------------------------------------------ */

/* Leave K what test OP with VALUE lets through if YES, else the others; false: nothing. */
static bool refine(struct known *k, uint16_t op, uint32_t value, bool yes)
{
	switch (op) {
	case BPF_JEQ:
		if (yes)
			return cut(k, value, value);
		exclude(k, value);
		return cut(k, 0, UINT32_MAX);
	case BPF_JGT:
		if (yes)
			return value < UINT32_MAX && cut(k, value + 1, UINT32_MAX);
		return cut(k, 0, value);
	case BPF_JGE:
		if (yes)
			return cut(k, value, UINT32_MAX);
		return value && cut(k, 0, value - 1);
	case BPF_JSET:
		if (is_constant(k))
			return yes == ((k->lo & value) != 0);
		return !yes || bits_below(k->hi) & value;
	}
	return true;
}

/* Take S to where F leads if its answer is YES; false: it never is. */
static bool decide(struct state *s, const struct sock_filter *f, bool yes)
{
	const struct known *x = known_of(s, &s->x);
	uint32_t value = BPF_SRC(f->code) == BPF_X ? x->lo : f->k;

	if (BPF_SRC(f->code) == BPF_X && !is_constant(x))
		return true;
	return refine(known_of(s, &s->a), BPF_OP(f->code), value, yes);
}

/* --- instructions --------------------------------------------------------------------------- */

/* Return the place of load F, which always gives the same; NOWHERE if there are too many. */
static uint8_t place_of(struct dead *d, const struct sock_filter *f)
{
	for (uint32_t i = 0; i < d->nplaces; i++)
		if (d->place[i].code == f->code && d->place[i].k == f->k)
			return (uint8_t)i;
	if (d->nplaces == PLACES)
		return NOWHERE;
	d->place[d->nplaces] = *f;
	return (uint8_t)d->nplaces++;
}

/* Return the largest value of a load with CODE. */
static uint32_t most_of(uint16_t code)
{
	return BPF_SIZE(code) == BPF_B ? UINT8_MAX : BPF_SIZE(code) == BPF_H ? UINT16_MAX
	                                                                     : UINT32_MAX;
}

static struct held load(struct dead *d, struct state *s, const struct sock_filter *f)
{
	switch (BPF_MODE(f->code)) {
	case BPF_ABS:
		if (f->k <= INT32_MAX)
			return (struct held){ range(0, most_of(f->code)).own, place_of(d, f) };
		return range(0, UINT32_MAX); /* another one each time, or a longer word */
	case BPF_IND:
		return range(0, most_of(f->code));
	case BPF_MSH:
		return range(0, 60);
	case BPF_IMM:
		return range(f->k, f->k);
	case BPF_MEM:
		return s->m[f->k];
	}
	return range(0, UINT32_MAX);
}

static struct held compute(struct state *s, const struct sock_filter *f)
{
	const struct known a = *known_of(s, &s->a);

	if (BPF_SRC(f->code) == BPF_X)
		return range(0, UINT32_MAX);
	switch (BPF_OP(f->code)) {
	case BPF_AND:
		return is_constant(&a) ? range(a.lo & f->k, a.lo & f->k)
		                       : range(0, bits_below(a.hi) & f->k);
	case BPF_RSH:
		return range(a.lo >> f->k, a.hi >> f->k);
	case BPF_ADD:
		if (a.hi <= UINT32_MAX - f->k)
			return range(a.lo + f->k, a.hi + f->k);
		break;
	}
	return range(0, UINT32_MAX);
}

static void step(struct dead *d, struct state *s, const struct sock_filter *f)
{
	switch (BPF_CLASS(f->code)) {
	case BPF_LD:
		s->a = load(d, s, f);
		break;
	case BPF_LDX:
		s->x = load(d, s, f);
		break;
	case BPF_ST:
		s->m[f->k] = s->a;
		break;
	case BPF_STX:
		s->m[f->k] = s->x;
		break;
	case BPF_ALU:
		s->a = compute(s, f);
		break;
	case BPF_MISC:
		if (f->code == CBPF_TAX)
			s->x = s->a;
		else
			s->a = s->x;
		break;
	}
}

/* --- paths -------------------------------------------------------------------------------- */

static void unite_held(struct state *s, struct held *into, struct state *other, struct held *h)
{
	struct known both = *known_of(s, into);

	if (into->place == h->place && h->place != NOWHERE)
		return;
	unite(&both, known_of(other, h));
	*into = (struct held){ both, NOWHERE };
}

/* Return a copy of S. */
static struct state *copy(struct dead *d, const struct state *s)
{
	struct state *out = d->spare;

	if (!out)
		return arena_memdup(d->arena, s, sizeof *s);
	d->spare = out->next;
	*out = *s;
	return out;
}

/* Come to instruction AT with S, which stays as it is. */
static void arrive(struct dead *d, uint32_t at, struct state *s)
{
	struct state *there = d->state[at];

	if (!there) {
		d->state[at] = copy(d, s);
		return;
	}
	unite_held(there, &there->a, s, &s->a);
	unite_held(there, &there->x, s, &s->x);
	for (unsigned i = 0; i < CBPF_CELLS; i++)
		unite_held(there, &there->m[i], s, &s->m[i]);
	for (unsigned i = 0; i < PLACES; i++)
		unite(&there->at[i], &s->at[i]);
}

/* Follow instruction AT, which S leads to. */
static void follow(struct dead *d, uint32_t at, struct state *s)
{
	const struct sock_filter *f = &d->p[at];
	struct state other = *s;

	if (cbpf_is_ret(f))
		return;
	if (cbpf_is_test(f)) {
		if (decide(&other, f, true))
			arrive(d, at + 1 + f->jt, &other);
		if (decide(s, f, false))
			arrive(d, at + 1 + f->jf, s);
		return;
	}
	step(d, s, f);
	arrive(d, at + 1 + (cbpf_is_ja(f) ? f->k : 0), s);
}

static void start(struct dead *d, uint32_t n)
{
	struct state s = { .a = range(0, 0), .x = range(0, 0) };

	for (unsigned i = 0; i < CBPF_CELLS; i++)
		s.m[i] = range(0, 0);
	for (unsigned i = 0; i < PLACES; i++)
		s.at[i] = range(0, UINT32_MAX).own;
	/* The places of loads, with what fits there. */
	for (uint32_t i = 0; i < n; i++) {
		const struct sock_filter *f = &d->p[i];
		uint8_t place = NOWHERE;

		if (BPF_CLASS(f->code) == BPF_LD && BPF_MODE(f->code) == BPF_ABS &&
		    f->k <= INT32_MAX)
			place = place_of(d, f);
		if (place != NOWHERE)
			s.at[place].hi = most_of(f->code);
	}
	arrive(d, 0, &s);
}

bool *cbpf_runs(struct arena *arena, const struct sock_filter *p, uint32_t n)
{
	bool *runs = arena_array(arena, bool, n);
	struct dead d = { .arena = arena, .p = p };

	d.state = arena_array(arena, struct state *, n);
	start(&d, n);
	for (uint32_t i = 0; i < n; i++) {
		runs[i] = d.state[i];
		if (!runs[i])
			continue;
		follow(&d, i, d.state[i]);
		d.state[i]->next = d.spare;
		d.spare = d.state[i];
	}
	return runs;
}
