/*
 * The shortest combination of candidates, found on bits: a candidate is the set of
 * witnesses that it takes. Conditions that hold for all wanted witnesses are joined by
 * `and`, conditions that hold for no others by `or`, in turn; what neither splits is taken
 * apart packet by packet. Superfluous conditions are dropped in the end.
 */
#include "decompile/decompile.h"

enum {
	DEPTH = 5,
	PAIRS = 80,  /* literals of which all pairs are tried */
	DRAWS = 6,   /* packets that a product is made for */
	ROUNDS = 12, /* of products */
	JOIN = 5,    /* bytes of " and " */
	BYTES = 12,  /* what a word may be longer than a comparison */
	NOT = 4      /* of "not " */
};

/* A candidate or its opposite. */
struct literal {
	const struct candidate *of;
	bool negated;
	uint32_t cost;
	uint64_t *bits;
};

struct synth {
	struct arena *arena;
	uint32_t words;
	ARRAY(struct literal) literals;
};

/* --- sets ---------------------------------------------------------------------- */

static uint64_t *set(struct synth *s)
{
	return arena_array(s->arena, uint64_t, s->words);
}

static bool is_empty(const struct synth *s, const uint64_t *a)
{
	for (uint32_t i = 0; i < s->words; i++)
		if (a[i])
			return false;
	return true;
}

static bool is_within(const struct synth *s, const uint64_t *a, const uint64_t *b)
{
	for (uint32_t i = 0; i < s->words; i++)
		if (a[i] & ~b[i])
			return false;
	return true;
}

static bool are_apart(const struct synth *s, const uint64_t *a, const uint64_t *b)
{
	for (uint32_t i = 0; i < s->words; i++)
		if (a[i] & b[i])
			return false;
	return true;
}

static uint32_t common(const struct synth *s, const uint64_t *a, const uint64_t *b)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->words; i++)
		n += (uint32_t)__builtin_popcountll(a[i] & b[i]);
	return n;
}

static void remove_from(const struct synth *s, uint64_t *a, const uint64_t *b)
{
	for (uint32_t i = 0; i < s->words; i++)
		a[i] &= ~b[i];
}

static void keep_only(const struct synth *s, uint64_t *a, const uint64_t *b)
{
	for (uint32_t i = 0; i < s->words; i++)
		a[i] &= b[i];
}

static uint64_t *copy_of(struct synth *s, const uint64_t *a)
{
	return arena_memdup(s->arena, a, s->words * sizeof *a);
}

/* --- expressions ------------------------------------------------------------------ */

struct expr *expr_one(struct arena *arena, const struct candidate *c, bool negated,
                      uint32_t words)
{
	struct expr *e = arena_new(arena, struct expr);

	*e = (struct expr){ .kind = EXPR_ONE, .one = c, .negated = negated };
	e->cost = (uint32_t)strlen(negated && c->negated ? c->negated : c->text);
	e->cost += (negated && !c->negated ? NOT : 0) + (c->bytes ? BYTES : 0);
	e->bits = arena_array(arena, uint64_t, words);
	for (uint32_t i = 0; i < words; i++)
		e->bits[i] = negated ? ~c->bits[i] : c->bits[i];
	return e;
}

static void take_part(struct synth *s, struct expr *e, struct expr *part)
{
	if (part->kind == e->kind && !part->moved) {
		array_each(p, &part->part)
			take_part(s, e, *p);
		return;
	}
	array_push(s->arena, &e->part, part);
}

/* Return what part I of E costs less since it is listed with an earlier one. */
static uint32_t saved(const struct expr *e, uint32_t i)
{
	const struct expr *p = e->part.v[i];

	if (p->kind != EXPR_ONE || !p->one->prefix)
		return 0;
	for (uint32_t k = 0; k < i; k++) {
		const struct expr *q = e->part.v[k];

		if (q->kind == EXPR_ONE && q->negated == p->negated &&
		    q->one->prefix == p->one->prefix &&
		    !memcmp(q->one->text, p->one->text, p->one->prefix))
			return p->one->prefix;
	}
	return 0;
}

/* Compute E's bits and cost from its parts. */
static void sum_up(struct synth *s, struct expr *e)
{
	bool and = e->kind == EXPR_AND;

	e->cost = JOIN * (e->part.n - 1);
	memset(e->bits, and? 0xff : 0, s->words * sizeof *e->bits);
	array_each(p, &e->part) {
		e->cost += (*p)->cost + ((*p)->kind != EXPR_ONE ? 2 : 0);
		for (uint32_t i = 0; i < s->words; i++)
			e->bits[i] = and? e->bits[i] & (*p)->bits[i]
			                : e->bits[i] | (*p)->bits[i];
	}
	for (uint32_t i = 0; i < e->part.n; i++)
		e->cost -= saved(e, i);
}

/* Join the N expressions at PART. */
static struct expr *joined(struct synth *s, enum expr_kind kind, struct expr *const *part,
                           uint32_t n)
{
	struct expr *e;

	if (n == 1)
		return part[0];
	e = arena_new(s->arena, struct expr);
	e->kind = kind;
	e->bits = set(s);
	for (uint32_t i = 0; i < n; i++)
		take_part(s, e, part[i]);
	sum_up(s, e);
	return e;
}

static struct expr *shorter(struct expr *a, struct expr *b)
{
	return !a || (b && b->cost < a->cost) ? b : a;
}

/* --- covers ---------------------------------------------------------------------------- */

/* Literals, each of which takes a part of a set: what joins them is KIND. */
struct choices {
	ARRAY(const struct literal *) v;
};

/*
 * Count what literal L takes of TARGET: for `or` its members, for `and` what it
 * excludes.
 */
static uint32_t taken(const struct synth *s, const struct literal *l, bool and,
                      const uint64_t *target)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->words; i++)
		n += (uint32_t)__builtin_popcountll(target[i] & (and? ~l->bits[i] : l->bits[i]));
	return n;
}

static void take(const struct synth *s, const struct literal *l, bool and, uint64_t *target)
{
	for (uint32_t i = 0; i < s->words; i++)
		target[i] &= and? l->bits[i] : ~l->bits[i];
}

static struct expr *literal_expr(struct synth *s, const struct literal *l)
{
	return expr_one(s->arena, l->of, l->negated, s->words);
}

/* Drop those of the N that the others do without, the dearest first. */
static uint32_t drop_idle(struct synth *s, const struct literal **v, uint32_t n, bool and,
                          const uint64_t *target)
{
	for (uint32_t round = n; round-- > 0;) {
		uint32_t worst = n;

		for (uint32_t i = 0; i < n; i++) {
			uint64_t *left = copy_of(s, target);

			for (uint32_t k = 0; k < n; k++)
				if (k != i)
					take(s, v[k], and, left);
			if (is_empty(s, left) && (worst == n || v[i]->cost > v[worst]->cost))
				worst = i;
		}
		if (worst == n)
			break;
		v[worst] = v[--n];
	}
	return n;
}

/* Find a cheap literal, or a pair of the best, that takes all of TARGET. */
static struct expr *small_cover(struct synth *s, const struct choices *c, bool and,
                                const uint64_t *target)
{
	const struct literal *best[2] = { NULL, NULL };
	uint32_t cost = UINT32_MAX, n = min_u32(c->v.n, PAIRS);
	struct expr *part[2];

	for (uint32_t i = 0; i < c->v.n; i++) {
		uint64_t *left = copy_of(s, target);

		take(s, c->v.v[i], and, left);
		if (is_empty(s, left) && c->v.v[i]->cost < cost) {
			cost = c->v.v[i]->cost;
			best[0] = c->v.v[i];
			best[1] = NULL;
		}
		for (uint32_t k = i + 1; i < n && k < n; k++) {
			uint32_t both = c->v.v[i]->cost + c->v.v[k]->cost + JOIN;
			uint64_t more = 0;

			for (uint32_t w = 0; w < s->words && !more; w++)
				more = left[w] & (and? c->v.v[k]->bits[w]
				                     : ~c->v.v[k]->bits[w]);
			if (more || both >= cost)
				continue;
			cost = both;
			best[0] = c->v.v[i];
			best[1] = c->v.v[k];
		}
	}
	if (!best[0])
		return NULL;
	part[0] = literal_expr(s, best[0]);
	part[1] = best[1] ? literal_expr(s, best[1]) : NULL;
	return joined(s, and? EXPR_AND : EXPR_OR, part, best[1] ? 2 : 1);
}

/*
 * Take literals one after the other, each time the one that takes most for its
 * length.
 */
static struct expr *greedy_cover(struct synth *s, const struct choices *c, bool and,
                                 const uint64_t *target, bool by_cost)
{
	const struct literal **v = arena_array(s->arena, const struct literal *, c->v.n);
	struct expr **part;
	uint64_t *left = copy_of(s, target);
	uint32_t n = 0;

	while (!is_empty(s, left)) {
		const struct literal *best = NULL;
		double most = 0;

		array_each(l, &c->v) {
			double worth = taken(s, *l, and, left);

			worth /= by_cost ? (*l)->cost + JOIN : 1 + (*l)->cost / 1000.0;
			if (worth > most) {
				most = worth;
				best = *l;
			}
		}
		if (!best)
			return NULL;
		v[n++] = best;
		take(s, best, and, left);
	}
	n = drop_idle(s, v, n, and, target);
	part = arena_array(s->arena, struct expr *, n);
	for (uint32_t i = 0; i < n; i++)
		part[i] = literal_expr(s, v[i]);
	return joined(s, and? EXPR_AND : EXPR_OR, part, n);
}

/*
 * Return the best of these: literals of C that together take TARGET, which is
 * not empty.
 */
static struct expr *cover(struct synth *s, const struct choices *c, bool and,
                          const uint64_t *target)
{
	struct expr *e = small_cover(s, c, and, target);

	e = shorter(e, greedy_cover(s, c, and, target, true));
	return shorter(e, greedy_cover(s, c, and, target, false));
}

/* --- splitting --------------------------------------------------------------------------- */

static struct expr *solve(struct synth *s, const uint64_t *on, const uint64_t *off,
                          unsigned depth);

/*
 * Find the literals that hold for all of ON but not for all of OFF; unless AND,
 * those for none of OFF but some of ON.
 */
static void find_choices(struct synth *s, bool and, const uint64_t *on, const uint64_t *off,
                         struct choices *out)
{
	*out = (struct choices){ { 0 } };
	arena_work(s->arena, s->literals.n * s->words / 16);
	array_each(l, &s->literals)
		if (and? is_within(s, on, l->bits) && !is_within(s, off, l->bits)
		       : are_apart(s, off, l->bits) && !are_apart(s, on, l->bits))
			array_push(s->arena, &out->v, l);
}

/*
 * Join the conditions that all of ON share (AND), or those that take nothing of OFF, and
 * solve the rest.
 */
static struct expr *split(struct synth *s, bool and, const uint64_t *on,
                          const uint64_t *off, unsigned depth)
{
	const uint64_t *target = and? off : on;
	uint64_t *left = copy_of(s, target);
	struct choices c;
	struct expr *part[2];

	find_choices(s, and, on, off, &c);
	array_each(l, &c.v)
		take(s, *l, and, left);
	if (is_empty(s, left))
		return cover(s, &c, and, target);
	if (!c.v.n || !depth)
		return NULL;
	part[0] = and? solve(s, on, left, depth - 1) : solve(s, left, off, depth - 1);
	if (!part[0])
		return NULL;
	left = copy_of(s, target);
	if (and)
		keep_only(s, left, part[0]->bits);
	else
		remove_from(s, left, part[0]->bits);
	if (is_empty(s, left))
		return part[0];
	part[1] = cover(s, &c, and, left);
	return part[1] ? joined(s, and? EXPR_AND : EXPR_OR, part, 2) : NULL;
}

/* --- products -------------------------------------------------------------------------------- */

/* Return member number N of A. */
static uint32_t member(const struct synth *s, const uint64_t *a, uint32_t n)
{
	for (uint32_t i = 0; i < s->words * 64; i++)
		if (a[i / 64] >> i % 64 & 1 && !n--)
			return i;
	return 0;
}

/*
 * Find conditions that the witness W of ON meets and no witness of OFF, and
 * that hold for as many others of ON as possible; for sums (not AND), the other
 * way round.
 */
static struct expr *product(struct synth *s, bool and, uint32_t w, const uint64_t *on,
                            const uint64_t *off)
{
	const struct literal *v[DEPTH * 4];
	uint64_t *left = copy_of(s, off), *with = copy_of(s, on);
	struct expr *part[DEPTH * 4];
	uint32_t n = 0;

	while (!is_empty(s, left)) {
		const struct literal *best = NULL;
		double most = 0, all = common(s, with, with);

		arena_work(s->arena, s->literals.n * s->words / 8);
		array_each(l, &s->literals) {
			double kept, worth;

			if ((l->bits[w / 64] >> w % 64 & 1) != and)
				continue;
			worth = taken(s, l, and, left);
			kept = (all - taken(s, l, and, with)) / all;
			worth = worth * kept * kept / (l->cost + 12);
			if (worth > most) {
				most = worth;
				best = l;
			}
		}
		if (!best || n == ARRAY_LEN(v))
			return NULL;
		v[n++] = best;
		take(s, best, and, left);
		take(s, best, and, with);
	}
	n = drop_idle(s, v, n, and, off);
	for (uint32_t i = 0; i < n; i++)
		part[i] = literal_expr(s, v[i]);
	return joined(s, and? EXPR_AND : EXPR_OR, part, n);
}

/* Return the product, of some, that has most of ON for its length. */
static struct expr *best_product(struct synth *s, bool and, const uint64_t *on,
                                 const uint64_t *off)
{
	uint32_t all = common(s, on, on);
	struct expr *best = NULL;
	double most = 0;

	for (uint32_t i = 0; i < DRAWS; i++) {
		uint32_t w = member(s, on, all * i / DRAWS);
		struct expr *e = product(s, and, w, on, off);
		double has;

		if (!e)
			continue;
		has = common(s, on, e->bits);
		has = (and? has : all - has) / (e->cost + 12);
		if (has > most) {
			most = has;
			best = e;
		}
	}
	return best;
}

/* Write ON as a sum of products (AND), or a product of sums. */
static struct expr *two_levels(struct synth *s, bool and, const uint64_t *on,
                               const uint64_t *off)
{
	uint64_t *left = copy_of(s, and? on : off);
	const uint64_t *other = and? off : on;
	struct expr *part[ROUNDS];

	for (uint32_t n = 0; n < ROUNDS; n++) {
		struct expr *e = best_product(s, and, left, other);

		if (!e)
			return NULL;
		part[n] = e;
		if (and)
			remove_from(s, left, e->bits);
		else
			keep_only(s, left, e->bits);
		if (is_empty(s, left))
			return joined(s, and? EXPR_OR : EXPR_AND, part, n + 1);
	}
	return NULL;
}

/* --- all of it ---------------------------------------------------------------------------------- */

/* Return the cheapest literal that separates ON from OFF. */
static struct expr *single(struct synth *s, const uint64_t *on, const uint64_t *off)
{
	const struct literal *best = NULL;

	array_each(l, &s->literals)
		if ((!best || l->cost < best->cost) && is_within(s, on, l->bits) &&
		    are_apart(s, off, l->bits))
			best = l;
	return best ? literal_expr(s, best) : NULL;
}

static struct expr *solve(struct synth *s, const uint64_t *on, const uint64_t *off,
                          unsigned depth)
{
	struct expr *e = single(s, on, off);

	if (e)
		return e;
	e = split(s, true, on, off, depth);
	e = shorter(e, split(s, false, on, off, depth));
	if (e)
		return e;
	e = two_levels(s, true, on, off);
	return shorter(e, two_levels(s, false, on, off));
}

/* Tell whether E still holds for all of ON and none of OFF. */
static bool separates(const struct synth *s, const struct expr *e, const uint64_t *on,
                      const uint64_t *off)
{
	return is_within(s, on, e->bits) && are_apart(s, off, e->bits);
}

static void sum_up_all(struct synth *s, struct expr *e)
{
	if (e->kind == EXPR_ONE)
		return;
	array_each(p, &e->part)
		sum_up_all(s, *p);
	sum_up(s, e);
}

/* Drop parts of E, somewhere in WHOLE, that WHOLE does without. */
static void simplify(struct synth *s, struct expr *e, struct expr *whole,
                     const uint64_t *on, const uint64_t *off)
{
	if (e->kind == EXPR_ONE)
		return;
	for (uint32_t i = 0; i < e->part.n && e->part.n > 1; i++) {
		struct expr *was = e->part.v[i];

		e->part.v[i] = e->part.v[--e->part.n];
		sum_up_all(s, whole);
		if (separates(s, whole, on, off)) {
			i--;
			continue;
		}
		e->part.v[e->part.n++] = e->part.v[i];
		e->part.v[i] = was;
	}
	sum_up_all(s, whole);
	array_each(p, &e->part)
		simplify(s, *p, whole, on, off);
}

static bool same_on(const struct synth *s, const uint64_t *care, const uint64_t *a,
                    const uint64_t *b)
{
	for (uint32_t i = 0; i < s->words; i++)
		if ((a[i] ^ b[i]) & care[i])
			return false;
	return true;
}

/* Add literal L, unless one is there that is the same on what counts. */
static void add_literal(struct synth *s, struct literal l, const uint64_t *care)
{
	array_each(old, &s->literals) {
		if (!same_on(s, care, old->bits, l.bits))
			continue;
		if (l.cost < old->cost)
			*old = l;
		return;
	}
	array_push(s->arena, &s->literals, l);
}

struct expr *synthesize(struct arena *arena, const struct candidates *c, bool joined,
                        const uint64_t *on, const uint64_t *off, uint32_t words)
{
	struct synth s = { .arena = arena, .words = words };
	uint64_t *care = set(&s);
	struct expr *e;

	for (uint32_t i = 0; i < words; i++)
		care[i] = on[i] | off[i];
	array_each(one, &c->v)
		for (unsigned negated = 0; negated < 2 && !one->moves && (joined || !one->joined);
		     negated++) {
			struct expr *l = expr_one(arena, one, negated, words);

			arena_work(arena, s.literals.n);
			if (!are_apart(&s, l->bits, care) && !is_within(&s, care, l->bits))
				add_literal(&s, (struct literal){ one, negated, l->cost, l->bits },
				            care);
		}
	e = solve(&s, on, off, DEPTH);
	if (e)
		simplify(&s, e, e, on, off);
	return e;
}
