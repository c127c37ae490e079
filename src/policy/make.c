/*
 * Trees that are not written in the policy language: what the readers of other
 * formats put them together with. What they say about names, numbers and ABIs
 * is what the language says.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "policy/policy.h"

/* --- ABIs ----------------------------------------------------------------- */

bool policy_make_start(struct policy_maker *m, struct arena *arena,
                       struct diags *d, uint32_t abis)
{
	*m = (struct policy_maker){.arena = arena, .diags = d};
	m->tree = arena_new(arena, struct policy_tree);
	m->tree->foreign_ret = SECCOMP_RET_KILL_PROCESS;
	for (unsigned i = 0; i < POLICY_NABIS; i++)
		if (abis >> i & 1)
			m->tree->abi[m->tree->nabi++] = &policy_abis[i];
	return m->tree->nabi != 0;
}

/* --- actions and settings ------------------------------------------------- */

const struct policy_action *policy_make_action(struct policy_maker *m,
                                               enum policy_verb verb,
                                               uint32_t data, struct span at)
{
	struct policy_action *a = arena_new(m->arena, struct policy_action);

	a->verb = verb;
	a->at = at;
	for (unsigned i = 0; i < POLICY_NABIS; i++)
		a->ret[i] = policy_ret(verb, data);
	return a;
}

void policy_make_fallback(struct policy_maker *m,
                          const struct policy_action *action)
{
	m->tree->fallback = action;
	memcpy(m->tree->fallback_ret, action->ret,
	       sizeof m->tree->fallback_ret);
}

/* --- rules ---------------------------------------------------------------- */

static void end_rule(struct policy_maker *m)
{
	if (!m->rule.action)
		return;
	m->rule.cases = m->cases.v;
	m->rule.n = m->cases.n;
	array_push(m->arena, &m->rules, m->rule);
	m->rule.action = NULL;
	m->cases.v = NULL;
	m->cases.n = m->cases.cap = 0;
}

void policy_make_rule(struct policy_maker *m,
                      const struct policy_action *action, struct span at)
{
	end_rule(m);
	m->rule = (struct policy_rule){.action = action, .at = at};
}

void policy_make_case(struct policy_maker *m, const struct policy_abi *abi,
                      uint32_t nr, const struct policy_cond *cond,
                      struct span at)
{
	struct policy_case one = {abi, nr, cond, at, true};

	array_push(m->arena, &m->cases, one);
}

const struct policy_tree *policy_make_tree(struct policy_maker *m)
{
	end_rule(m);
	m->tree->rule = m->rules.v;
	m->tree->nrule = m->rules.n;
	m->tree->numbers = m->numbers.v;
	m->tree->nnumbers = m->numbers.n;
	return m->tree;
}

void policy_make_numbers(struct policy_maker *m, const struct policy_abi *abi,
                         uint32_t lo, uint32_t hi, uint32_t ret)
{
	struct policy_numbers one = {abi, lo, hi, ret};

	if (lo <= hi)
		array_push(m->arena, &m->numbers, one);
}

const struct policy_numbers *policy_numbers_of(const struct policy_tree *t,
                                               const struct policy_abi *abi,
                                               uint32_t nr)
{
	for (uint32_t i = 0; i < t->nnumbers; i++)
		if (t->numbers[i].abi == abi && t->numbers[i].lo <= nr &&
		    nr <= t->numbers[i].hi)
			return &t->numbers[i];
	return NULL;
}

/* --- conditions ----------------------------------------------------------- */

static struct policy_cond *new_cond(struct policy_maker *m,
                                    enum policy_cond_kind kind, struct span at)
{
	struct policy_cond *c = arena_new(m->arena, struct policy_cond);

	c->kind = kind;
	c->at = at;
	return c;
}

struct policy_operand policy_make_word(const struct policy_abi *abi, unsigned i,
                                       unsigned width, struct span at)
{
	bool whole = width == 64 && abi->word == 64;

	return (struct policy_operand){
		.is_arg = true,
		.lo = (int8_t)i,
		.hi = whole ? (int8_t)i : -1,
		.mask = policy_ones(width),
		.at = at,
	};
}

const struct policy_cond *policy_make_test(struct policy_maker *m,
                                           struct policy_operand lhs,
                                           struct policy_type type,
                                           enum policy_cmp cmp, uint64_t value,
                                           struct span at)
{
	struct policy_cond *c = new_cond(m, POLICY_COND_TEST, at);

	c->cmp = cmp;
	c->width = type.width;
	c->is_signed = type.is_signed;
	c->lhs = lhs;
	c->rhs = (struct policy_operand){
		.lo = -1,
		.hi = -1,
		.bits = value & policy_ones(type.width),
		.at = at,
	};
	return c;
}

const struct policy_cond *policy_make_list(
	struct policy_maker *m, enum policy_cond_kind kind,
	const struct policy_cond *const *kid, uint32_t n, struct span at)
{
	struct policy_cond *c;

	if (n == 1 && kind != POLICY_COND_NOT)
		return kid[0];
	c = new_cond(m, kind, at);
	policy_adopt(m->arena, c, kid, n);
	return c;
}
