/*
 * A set of arguments in words: the first argument that it depends on decides which of
 * several sets of the others is left; each of these is joined with the values that lead
 * to it.
 */
#include <assert.h>

#include "rules/lift.h"

enum {
	MOST_TARGETS = LIMIT(40, 3),
	MOST_TEXT = 32768,
};

static const struct lift_piece too_large = { .kind = LIFT_TOO_LARGE };

/* Return the argument that BIT is of; OUTCOME_NARGS: of none. */
static unsigned arg_of_bit(unsigned bit)
{
	return bit < OUTCOME_ARGS || bit >= OUTCOME_RESULT ? OUTCOME_NARGS
	                                                   : (bit - OUTCOME_ARGS) / 64;
}

/* A set, split at the arguments of one family. */
struct split {
	const struct lift_call *c;
	unsigned family;
	ARRAY(uint32_t) target; /* what is left, each once */
	uint64_t chosen;        /* of these, as bits: they become DIAGRAM_ALL */
	bool too_many;
};

static enum lift_way in_family(void *ctx, unsigned *bit)
{
	const struct split *s = ctx;
	unsigned arg = arg_of_bit(*bit);

	return arg < OUTCOME_NARGS && s->c->families->of[arg] == s->family ? LIFT_KEEP
	                                                                   : LIFT_LEAF;
}

static uint32_t note_target(void *ctx, uint32_t set)
{
	struct split *s = ctx;

	array_each(it, &s->target)
		if (*it == set)
			return DIAGRAM_NONE;
	if (s->target.n < MOST_TARGETS)
		array_push(s->c->arena, &s->target, set);
	else
		s->too_many = true;
	return DIAGRAM_NONE;
}

static uint32_t choose_target(void *ctx, uint32_t set)
{
	const struct split *s = ctx;

	for (uint32_t i = 0; i < s->target.n; i++)
		if (s->target.v[i] == set)
			return s->chosen >> i & 1 ? DIAGRAM_ALL : DIAGRAM_NONE;
	return DIAGRAM_NONE;
}

static uint32_t rebuild(struct split *s, uint32_t set,
                        uint32_t (*leaf)(void *ctx, uint32_t set))
{
	struct lift_map m = {
		.arena = s->c->arena,
		.d = s->c->d,
		.way = in_family,
		.leaf = leaf,
		.ctx = s,
	};

	return lift_rebuild(&m, set);
}

/* Write SET, which decides arguments of one family only, in words. */
static struct lift_piece family(const struct split *s, uint32_t set)
{
	unsigned arg[OUTCOME_NARGS], n = 0;

	for (unsigned i = 0; i < OUTCOME_NARGS; i++)
		if (s->c->families->of[i] == s->family)
			arg[n++] = i;
	if (n == 1)
		return lift_word(s->c, arg[0], set);
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = i + 1; k < n; k++) {
			struct lift_piece p = lift_pair(s->c, arg[i], arg[k], set);

			if (p.kind != LIFT_TOO_LARGE)
				return p;
		}
	return too_large;
}

/*
 * Write the values of the family that lead to the targets CHOSEN, followed by
 * REST (NULL: nothing).
 */
static struct lift_piece term(struct split *s, uint32_t set, uint64_t chosen,
                              const struct lift_piece *rest)
{
	uint32_t values;

	s->chosen = chosen;
	values = rebuild(s, set, choose_target);
	if (values == DIAGRAM_ALL)
		return *rest;
	if (!rest)
		return family(s, values);
	return lift_join(s->c->arena, LIFT_AND, family(s, values), *rest);
}

/* Return the targets that have all of target I. */
static uint64_t wider(const struct split *s, uint32_t i)
{
	uint64_t chosen = 0;

	for (uint32_t k = 0; k < s->target.n; k++)
		if (diagram_less(s->c->d, s->target.v[i], s->target.v[k]) == DIAGRAM_NONE)
			chosen |= UINT64_C(1) << k;
	return chosen;
}

/* Write what SET lets through by way of target I. */
static struct lift_piece by_target(struct split *s, uint32_t set, uint32_t i)
{
	uint64_t only = UINT64_C(1) << i, more = wider(s, i);
	struct lift_piece rest, one;

	if (s->target.v[i] == DIAGRAM_ALL)
		return term(s, set, only, NULL);
	rest = lift_condition(s->c, s->target.v[i]);
	if (rest.kind == LIFT_TOO_LARGE)
		return rest;
	one = term(s, set, only, &rest);
	return more == only ? one : lift_shorter(term(s, set, more, &rest), one);
}

/* Recurse once for each argument: each step removes a family. */
struct lift_piece lift_condition(const struct lift_call *c, uint32_t set)
{
	struct split s = { .c = c };
	struct lift_piece all = too_large;
	struct diagram_decision at;
	bool first = true;

	if (diagrams_lost(c->d) || !diagram_decision(c->d, set, &at) ||
	    arg_of_bit(at.bit) == OUTCOME_NARGS)
		return too_large;
	s.family = c->families->of[arg_of_bit(at.bit)];
	rebuild(&s, set, note_target);
	if (s.too_many)
		return too_large;
	for (uint32_t i = 0; i < s.target.n; i++) {
		struct lift_piece one;

		if (s.target.v[i] == DIAGRAM_NONE)
			continue;
		one = by_target(&s, set, i);
		all = first ? one : lift_join(c->arena, LIFT_OR, all, one);
		first = false;
	}
	return all.len > MOST_TEXT || diagrams_lost(c->d) ? too_large : all;
}
