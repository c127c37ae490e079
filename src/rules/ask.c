/*
 * What a policy answers to a call of which not everything is said: every answer
 * that some arguments get, the rule that gives it, and such arguments.
 */
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "rules/ask.h"

/* --- cases by call -------------------------------------------------------- */

static int by_call(const void *a, const void *b)
{
	const struct rules_entry *x = a, *y = b;

	if (x->c->abi != y->c->abi)
		return x->c->abi->id < y->c->abi->id ? -1 : 1;
	if (x->c->nr != y->c->nr)
		return x->c->nr < y->c->nr ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

struct rules_entries rules_entries(struct arena *arena,
                                   const struct rules_tree *t)
{
	struct rules_entries all = { 0 };

	for (uint32_t i = 0; i < t->nrule; i++)
		for (uint32_t k = 0; k < t->rule[i].n; k++) {
			struct rules_entry one = { &t->rule[i].cases[k], i,
				                   all.v.n };

			array_push(arena, &all.v, one);
		}
	if (all.v.n)
		qsort(all.v.v, all.v.n, sizeof *all.v.v, by_call);
	return all;
}

/* Return the first of the entries about ABI's call NR or what comes after it. */
static uint32_t find_entry(const struct rules_entries *all,
                           const struct sys_abi *abi, uint32_t nr)
{
	struct rules_case one = { .abi = abi, .nr = nr };
	struct rules_entry wanted = { .c = &one };
	uint32_t lo = 0, hi = all->v.n;

	while (lo < hi) {
		uint32_t middle = lo + (hi - lo) / 2;

		if (by_call(&all->v.v[middle], &wanted) < 0)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

/* --- answers -------------------------------------------------------------- */

/* A user waits for all answers, or for one after others that took long. */
enum {
	STEPS = 1 << 22,
	LEAST_STEPS = 1 << 18
};

struct rules_asker *rules_asker(struct arena *arena,
                                const struct rules_tree *t)
{
	struct rules_asker *a = arena_new(arena, struct rules_asker);

	a->arena = arena;
	a->tree = t;
	a->entries = rules_entries(arena, t);
	a->space = rules_space(arena, STEPS, false);
	return a;
}

static bool names(const struct rules_tree *t, const struct sys_abi *abi)
{
	for (uint32_t i = 0; i < t->nabi; i++)
		if (t->abi[i] == abi)
			return true;
	return false;
}

static void push(struct rules_asker *a, struct rules_answer one, uint32_t set)
{
	one.exact = !rules_space_lost(a->space);
	if (one.exact)
		rules_space_example(a->space, set, one.args);
	array_push(a->arena, &a->answers.v, one);
}

/* Return the answer to calls of number NR on ABI that no rule decides. */
static struct rules_answer fallback(const struct rules_tree *t,
                                    const struct sys_abi *abi, uint32_t nr)
{
	const struct rules_numbers *numbers = rules_numbers_of(t, abi, nr);
	struct rules_answer one = { .abi = abi, .nr = nr };
	struct sys_call call;

	if (numbers) {
		one.why = RULES_WHY_NUMBERS;
		one.ret = numbers->ret;
	} else if (!names(t, abi)) {
		one.why = RULES_WHY_FOREIGN;
		one.ret = t->foreign_ret;
		one.placed = t->foreign != NULL;
		one.at = t->foreign ? t->foreign->at : one.at;
	} else if (t->has_kernel && !(sys_call_by_nr(abi, nr, &call) &&
	                              call.since <= t->kernel)) {
		one.why = RULES_WHY_KERNEL;
		one.ret = SECCOMP_RET_ERRNO | sys_errno(abi, "ENOSYS", 6);
		one.placed = true;
		one.at = t->kernel_at;
	} else {
		one.why = RULES_WHY_DEFAULT;
		one.ret = t->fallback_ret[abi->id];
		one.placed = t->fallback->at.end != 0;
		one.at = t->fallback->at;
	}
	return one;
}

static struct rules_answer by_rule(const struct rules_tree *t,
                                   const struct rules_entry *e)
{
	const struct rules_rule *rule = &t->rule[e->rule];

	return (struct rules_answer){
		.abi = e->c->abi,
		.nr = e->c->nr,
		.ret = rules_rule_ret(rule, e->c->abi),
		.why = RULES_WHY_RULE,
		.rule = e->rule,
		.c = e->c,
		.placed = true,
		.at = rule->at,
	};
}

/*
 * Start A's space for Q and the entries from FIRST on that are about Q's call;
 * return the first entry after them.
 */
static uint32_t start(struct rules_asker *a, const struct rules_case *q,
                      uint32_t first)
{
	ARRAY(const struct rules_case *) cases = { 0 };
	uint32_t end = first;

	array_push(a->arena, &cases, q);
	for (; end < a->entries.v.n && a->entries.v.v[end].c->abi == q->abi &&
	       a->entries.v.v[end].c->nr == q->nr;
	     end++)
		array_push(a->arena, &cases, a->entries.v.v[end].c);
	rules_space_start(a->space, cases.v, cases.n);
	rules_space_grant(a->space, LEAST_STEPS);
	return end;
}

struct rules_answers rules_ask(struct rules_asker *a,
                               const struct rules_case *q)
{
	uint32_t first = find_entry(&a->entries, q->abi, q->nr);
	uint32_t end = start(a, q, first);
	uint32_t left = rules_space_of(a->space, q->cond, NULL, NULL);

	rules_space_assume(a->space, left);
	a->answers.v.v = NULL;
	a->answers.v.n = a->answers.v.cap = 0;
	for (uint32_t i = first; i < end; i++) {
		const struct rules_entry *e = &a->entries.v.v[i];
		uint32_t set = rules_space_of(a->space, e->c->cond, NULL, NULL);
		uint32_t take = rules_space_and(a->space, left, set);

		if (take == SPACE_NONE && !rules_space_lost(a->space))
			continue;
		left = rules_space_less(a->space, left, set);
		push(a, by_rule(a->tree, e), take);
		if (!e->c->cond)
			return a->answers;
	}
	if (left != SPACE_NONE || rules_space_lost(a->space))
		push(a, fallback(a->tree, q->abi, q->nr), left);
	return a->answers;
}

/*
 * Return the first entry about the call whose condition ARGS meet; NULL if there is
 * none.
 */
static const struct rules_entry *matching(const struct rules_asker *a,
                                          const struct sys_abi *abi, uint32_t nr,
                                          const uint64_t args[SYS_ARGS])
{
	for (uint32_t i = find_entry(&a->entries, abi, nr); i < a->entries.v.n; i++) {
		const struct rules_entry *e = &a->entries.v.v[i];

		if (e->c->abi != abi || e->c->nr != nr)
			return NULL;
		if (rules_holds(e->c->cond, args))
			return e;
	}
	return NULL;
}

/* Return the answer to calls of ABIs that T does not name. */
static struct rules_answer foreign(const struct rules_tree *t)
{
	struct rules_answer one = {
		.why = RULES_WHY_FOREIGN,
		.ret = t->foreign_ret,
		.exact = true,
	};

	if (t->foreign) {
		one.placed = t->foreign->at.end != 0;
		one.at = t->foreign->at;
	}
	return one;
}

struct rules_answer rules_answer_to(struct rules_asker *a, uint32_t arch, uint32_t nr,
                                    const uint64_t args[SYS_ARGS])
{
	const struct sys_abi *abi = rules_abi_of_call(a->tree, arch, &nr);
	const struct rules_entry *e = abi ? matching(a, abi, nr, args) : NULL;
	struct rules_answer one = e     ? by_rule(a->tree, e)
	                          : abi ? fallback(a->tree, abi, nr)
	                                : foreign(a->tree);

	one.nr = nr;
	one.exact = true;
	memcpy(one.args, args, sizeof one.args);
	return one;
}

bool rules_always_allows(struct rules_asker *a, const struct sys_abi *abi, uint32_t nr)
{
	struct rules_case any = { .abi = abi, .nr = nr };
	struct rules_answers answers = rules_ask(a, &any);

	array_each(it, &answers.v)
		if (it->ret != SECCOMP_RET_ALLOW)
			return false;
	return true;
}
