/*
 * What one call gets: its results, and for each of them when it is given. The result
 * with the longest condition comes last, where it needs none.
 */
#include <assert.h>

#include "rules/lift.h"

enum {
	MOST_RESULTS = LIMIT(40, 2),
	PLAIN_STEPS = 1 << 16,
};

/* A call's outcome, as conditions see it. */
struct plain {
	const struct lift_call *c;
	bool pointer, upper;    /* it depends on these, which were taken for zero */
	ARRAY(uint32_t) result; /* the sets of the results, each once */
	uint32_t wanted;
	bool too_many;
};

/*
 * Number an argument's bits as the ABI does, so that bit K is its bit K. Take
 * what a policy does not see for zero.
 */
static enum lift_way plain_bit(void *ctx, unsigned *bit)
{
	struct plain *p = ctx;
	const struct sys_abi *abi = p->c->abi;

	if (*bit >= OUTCOME_RESULT)
		return LIFT_LEAF;
	if (*bit < OUTCOME_ARGS) {
		p->pointer = true;
		return LIFT_CLEAR;
	}
	if (abi->big_endian)
		*bit ^= 32; /* the other half */
	if (abi->word == 32 && *bit & 32) {
		p->upper = true;
		return LIFT_CLEAR;
	}
	return LIFT_KEEP;
}

static uint32_t same(void *ctx, uint32_t set)
{
	return set; /* a result, or DIAGRAM_NONE or _ALL */
}

static enum lift_way until_result(void *ctx, unsigned *bit)
{
	return *bit >= OUTCOME_RESULT ? LIFT_LEAF : LIFT_KEEP;
}

static uint32_t note_result(void *ctx, uint32_t set)
{
	struct plain *p = ctx;

	array_each(it, &p->result)
		if (*it == set)
			return DIAGRAM_NONE;
	if (p->result.n < MOST_RESULTS)
		array_push(p->c->arena, &p->result, set);
	else
		p->too_many = true;
	return DIAGRAM_NONE;
}

static uint32_t is_wanted(void *ctx, uint32_t set)
{
	const struct plain *p = ctx;

	return set == p->wanted ? DIAGRAM_ALL : DIAGRAM_NONE;
}

static uint32_t rebuild(struct plain *p, uint32_t set,
                        enum lift_way (*way)(void *ctx, unsigned *bit),
                        uint32_t (*leaf)(void *ctx, uint32_t set))
{
	struct lift_map m = {
		.arena = p->c->arena,
		.d = p->c->d,
		.way = way,
		.leaf = leaf,
		.ctx = p,
	};

	return lift_rebuild(&m, set);
}

/* A result, the inputs that get it, and that in words. */
struct part {
	uint32_t ret, set;
	struct lift_piece text;
};

static enum lift_way keep_bit(void *ctx, unsigned *bit)
{
	return LIFT_KEEP;
}

/*
 * Write SET in words: argument by argument, or, where that grows too large,
 * with the bits of compared arguments interleaved.
 */
static struct lift_piece condition(const struct lift_call *c, uint32_t set)
{
	struct lift_call alone = *c;
	struct lift_map m = {
		.arena = c->arena,
		.d = c->d,
		.to = c->plain,
		.way = keep_bit,
		.leaf = same,
	};
	struct lift_piece p = { .kind = LIFT_TOO_LARGE };
	uint32_t copy;

	alone.d = c->plain;
	alone.families = &outcome_alone;
	diagrams_renew(c->plain);
	diagrams_grant(c->plain, PLAIN_STEPS);
	copy = lift_rebuild(&m, set);
	if (!diagrams_lost(c->plain))
		p = lift_condition(&alone, copy);
	if (p.kind == LIFT_TOO_LARGE && memcmp(c->families, &outcome_alone, sizeof *c->families))
		return lift_condition(c, set);
	return p;
}

static struct part part(struct plain *p, uint32_t set, uint32_t result)
{
	struct part one = { 0 };
	bool is = outcome_result(p->c->d, result, &one.ret);

	assert(is || diagrams_lost(p->c->d));
	p->wanted = result;
	one.set = rebuild(p, set, until_result, is_wanted);
	one.text = condition(p->c, one.set);
	return one;
}

/* Return which of the parts needs no condition: the default, or that with the longest. */
static uint32_t last_part(const struct part *part, uint32_t n, uint32_t dflt)
{
	enum {
		RULE = 24 /* what a rule of its own costs, in characters */
	};
	size_t best = 0;
	uint32_t last = 0;

	for (uint32_t i = 0; i < n; i++) {
		size_t len = part[i].text.kind == LIFT_TOO_LARGE
		                     ? SIZE_MAX / 2
		                     : part[i].text.len;

		if (part[i].ret == dflt)
			len += RULE;
		if (len > best) {
			best = len;
			last = i;
		}
	}
	return last;
}

static void put_parts(const struct lift_call *c, struct lift_answers *out,
                      const struct part *part, uint32_t n, uint32_t last)
{
	for (uint32_t i = 0; i < n; i++) {
		struct lift_answer one = { part[i].ret, part[i].text.text };

		if (i == last)
			continue;
		out->too_large |= part[i].text.kind == LIFT_TOO_LARGE;
		array_push(c->arena, &out->v, one);
	}
	array_push(c->arena, &out->v, ((struct lift_answer){ part[last].ret, NULL }));
}

struct lift_answers lift_call(const struct lift_call *c, uint32_t set, uint32_t dflt)
{
	struct lift_answers out = { 0 };
	struct plain p = { .c = c };
	struct part parts[MOST_RESULTS];
	uint32_t n = 0;

	set = rebuild(&p, set, plain_bit, same);
	if (p.pointer)
		out.reason = "looks at the instruction pointer";
	else if (p.upper)
		out.reason = "looks at the upper halves of 32-bit arguments";
	rebuild(&p, set, until_result, note_result);
	out.too_large = p.too_many || diagrams_lost(c->d);
	if (out.too_large)
		return out;
	if (p.result.n == 1) {
		parts[0] = (struct part){ 0 };
		outcome_result(c->d, p.result.v[0], &parts[0].ret);
		n = 1;
	} else {
		array_each(it, &p.result)
			parts[n++] = part(&p, set, *it);
	}
	put_parts(c, &out, parts, n, last_part(parts, n, dflt));
	return out;
}
