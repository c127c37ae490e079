/*
 * Trees that are not written in the policy language: what the readers of other
 * formats put them together with. What they say about names, numbers and ABIs
 * is what the language says.
 */
#include <assert.h>
#include <linux/seccomp.h>
#include <string.h>

#include "rules/make.h"

static const uint32_t returns[RULES_NVERBS] = {
	[RULES_ALLOW] = SECCOMP_RET_ALLOW,
	[RULES_LOG] = SECCOMP_RET_LOG,
	[RULES_KILL] = SECCOMP_RET_KILL_PROCESS,
	[RULES_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
	[RULES_NOTIFY] = SECCOMP_RET_USER_NOTIF,
	[RULES_ERRNO] = SECCOMP_RET_ERRNO,
	[RULES_TRAP] = SECCOMP_RET_TRAP,
	[RULES_TRACE] = SECCOMP_RET_TRACE,
};

uint32_t rules_ret(enum rules_verb verb, uint32_t data)
{
	return returns[verb] | (data & SECCOMP_RET_DATA);
}

/* --- ABIs ----------------------------------------------------------------- */

bool rules_make_start(struct rules_maker *m, struct arena *arena,
                      struct diags *d, uint32_t abis)
{
	*m = (struct rules_maker){ .arena = arena, .diags = d };
	m->tree = arena_new(arena, struct rules_tree);
	m->tree->foreign_ret = SECCOMP_RET_KILL_PROCESS;
	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (abis >> i & 1)
			m->tree->abi[m->tree->nabi++] = &sys_abis[i];
	return m->tree->nabi != 0;
}

/* --- actions and settings ------------------------------------------------- */

const struct rules_action *rules_make_action(struct rules_maker *m,
                                             enum rules_verb verb,
                                             uint32_t data, struct span at)
{
	struct rules_action *a = arena_new(m->arena, struct rules_action);

	a->verb = verb;
	a->at = at;
	for (unsigned i = 0; i < SYS_NABIS; i++)
		a->ret[i] = rules_ret(verb, data);
	return a;
}

void rules_make_fallback(struct rules_maker *m,
                         const struct rules_action *action)
{
	m->tree->fallback = action;
	memcpy(m->tree->fallback_ret, action->ret,
	       sizeof m->tree->fallback_ret);
}

/* --- rules ---------------------------------------------------------------- */

static void end_rule(struct rules_maker *m)
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

void rules_make_rule(struct rules_maker *m,
                     const struct rules_action *action, struct span at)
{
	end_rule(m);
	m->rule = (struct rules_rule){ .action = action, .at = at };
}

void rules_make_case(struct rules_maker *m, const struct sys_abi *abi,
                     uint32_t nr, const struct rules_cond *cond,
                     struct span at)
{
	struct rules_case one = { abi, nr, cond, at, true };

	assert(m->rule.action && (nr & abi->nr_bit) == abi->nr_bit);

	array_push(m->arena, &m->cases, one);
}

const struct rules_tree *rules_make_tree(struct rules_maker *m)
{
	end_rule(m);
	m->tree->rule = m->rules.v;
	m->tree->nrule = m->rules.n;
	m->tree->numbers = m->numbers.v;
	m->tree->nnumbers = m->numbers.n;
	return m->tree;
}

void rules_make_numbers(struct rules_maker *m, const struct sys_abi *abi,
                        uint32_t lo, uint32_t hi, uint32_t ret)
{
	struct rules_numbers one = { abi, lo, hi, ret };

	if (lo <= hi)
		array_push(m->arena, &m->numbers, one);
}

const struct rules_numbers *rules_numbers_of(const struct rules_tree *t,
                                             const struct sys_abi *abi,
                                             uint32_t nr)
{
	for (uint32_t i = 0; i < t->nnumbers; i++)
		if (t->numbers[i].abi == abi && t->numbers[i].lo <= nr &&
		    nr <= t->numbers[i].hi)
			return &t->numbers[i];
	return NULL;
}

/* --- conditions ----------------------------------------------------------- */

struct rules_operand rules_make_word(const struct sys_abi *abi, unsigned i,
                                     unsigned width, struct span at)
{
	bool whole = width == 64 && abi->word == 64;

	assert(i < SYS_ARGS && (width == 16 || width == 32 || width == 64));

	return (struct rules_operand){
		.is_arg = true,
		.lo = (int8_t)i,
		.hi = whole ? (int8_t)i : -1,
		.mask = sys_ones(width),
		.at = at,
	};
}

const struct rules_cond *rules_make_test(struct rules_maker *m,
                                         struct rules_operand lhs,
                                         struct sys_type type,
                                         enum rules_cmp cmp, uint64_t value,
                                         struct span at)
{
	struct rules_cond *c = rules_new_cond(m->arena, RULES_COND_TEST, at);

	c->cmp = cmp;
	c->width = type.width;
	c->is_signed = type.is_signed;
	c->lhs = lhs;
	c->rhs = (struct rules_operand){
		.lo = -1,
		.hi = -1,
		.bits = value & sys_ones(type.width),
		.at = at,
	};
	return c;
}

const struct rules_cond *rules_make_list(
	struct rules_maker *m, enum rules_cond_kind kind,
	const struct rules_cond *const *kid, uint32_t n, struct span at)
{
	struct rules_cond *c;

	if (n == 1 && kind != RULES_COND_NOT)
		return kid[0];
	c = rules_new_cond(m->arena, kind, at);
	rules_adopt(m->arena, c, kid, n);
	return c;
}

void rules_adopt(struct arena *arena, struct rules_cond *c,
                 const struct rules_cond *const *kid, uint32_t n)
{
	const struct rules_cond **own =
		arena_array(arena, const struct rules_cond *, n);

	for (uint32_t i = 0; i < n; i++) {
		/* Its place is all that is not fixed yet; a test may have two. */
		struct rules_cond *k = (struct rules_cond *)kid[i];

		assert(!k->up || k->kind == RULES_COND_TEST ||
		       k->kind == RULES_COND_IN);
		if (k->up)
			k = arena_memdup(arena, k, sizeof *k);
		k->up = c;
		k->place = i;
		own[i] = k;
	}
	c->kid = own;
	c->n = n;
}

const struct rules_cond *rules_cond_next(const struct rules_cond *root,
                                         const struct rules_cond *c)
{
	bool leaf = c->kind == RULES_COND_TEST || c->kind == RULES_COND_IN;

	if (!leaf && c->n)
		return c->kid[0];
	for (; c != root; c = c->up)
		if (c->place + 1 < c->up->n)
			return c->up->kid[c->place + 1];
	return NULL;
}

const struct rules_cond *rules_all(struct arena *arena,
                                   const struct rules_cond *const *kid,
                                   uint32_t n, struct span at)
{
	struct rules_cond *all;

	if (n == 1)
		return kid[0];
	all = arena_new(arena, struct rules_cond);
	all->kind = RULES_COND_AND;
	all->at = at;
	rules_adopt(arena, all, kid, n);
	return all;
}
