/*
 * What a policy answers to a call of which not everything is said: every answer
 * that some arguments get, the rule that gives it, and such arguments.
 */
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

/* --- cases by call -------------------------------------------------------- */

static int by_call(const void *a, const void *b)
{
	const struct policy_entry *x = a, *y = b;

	if (x->c->abi != y->c->abi)
		return x->c->abi->id < y->c->abi->id ? -1 : 1;
	if (x->c->nr != y->c->nr)
		return x->c->nr < y->c->nr ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

struct policy_entries policy_entries(struct arena *arena,
                                     const struct policy_tree *t)
{
	struct policy_entries all = {0};

	for (uint32_t i = 0; i < t->nrule; i++)
		for (uint32_t k = 0; k < t->rule[i].n; k++) {
			struct policy_entry one = {&t->rule[i].cases[k], i,
			                           all.v.n};

			array_push(arena, &all.v, one);
		}
	if (all.v.n)
		qsort(all.v.v, all.v.n, sizeof *all.v.v, by_call);
	return all;
}

/* The first of the entries about ABI's call NR or what comes after it. */
static uint32_t find_entry(const struct policy_entries *all,
                           const struct policy_abi *abi, uint32_t nr)
{
	struct policy_case one = {.abi = abi, .nr = nr};
	struct policy_entry wanted = {.c = &one};
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

/* Somebody waits for all answers, or for one after others that took long. */
enum { STEPS = 1 << 22, LEAST_STEPS = 1 << 18 };

struct policy_asker *policy_asker(struct arena *arena,
                                  const struct policy_tree *t)
{
	struct policy_asker *a = arena_new(arena, struct policy_asker);

	a->arena = arena;
	a->tree = t;
	a->entries = policy_entries(arena, t);
	a->space = policy_space(arena, STEPS, false);
	return a;
}

static bool names(const struct policy_tree *t, const struct policy_abi *abi)
{
	for (uint32_t i = 0; i < t->nabi; i++)
		if (t->abi[i] == abi)
			return true;
	return false;
}

static void push(struct policy_asker *a, struct policy_answer one, uint32_t set)
{
	one.exact = !policy_space_lost(a->space);
	if (one.exact)
		policy_space_example(a->space, set, one.args);
	array_push(a->arena, &a->answers.v, one);
}

/* The answer where no rule has one. */
static struct policy_answer fallback(const struct policy_tree *t,
                                     const struct policy_abi *abi, uint32_t nr)
{
	const struct policy_numbers *numbers = policy_numbers_of(t, abi, nr);
	struct policy_answer one = {.abi = abi, .nr = nr};
	struct policy_call call;

	if (numbers) {
		one.why = POLICY_WHY_NUMBERS;
		one.ret = numbers->ret;
	} else if (!names(t, abi)) {
		one.why = POLICY_WHY_FOREIGN;
		one.ret = t->foreign_ret;
		one.placed = t->foreign != NULL;
		one.at = t->foreign ? t->foreign->at : one.at;
	} else if (t->has_kernel && !(policy_call_by_nr(abi, nr, &call) &&
	                              call.since <= t->kernel)) {
		one.why = POLICY_WHY_KERNEL;
		one.ret = SECCOMP_RET_ERRNO | policy_errno(abi, "ENOSYS", 6);
		one.placed = true;
		one.at = t->kernel_at;
	} else {
		one.why = POLICY_WHY_DEFAULT;
		one.ret = t->fallback_ret[abi->id];
		one.placed = t->fallback->at.end != 0;
		one.at = t->fallback->at;
	}
	return one;
}

static struct policy_answer by_rule(const struct policy_tree *t,
                                    const struct policy_entry *e)
{
	const struct policy_rule *rule = &t->rule[e->rule];

	return (struct policy_answer){
		.abi = e->c->abi,
		.nr = e->c->nr,
		.ret = rule->action->ret[e->c->abi->id],
		.why = POLICY_WHY_RULE,
		.rule = e->rule,
		.c = e->c,
		.placed = true,
		.at = rule->at,
	};
}

/* The entries from FIRST on that are about the call of Q, and Q. */
static uint32_t start(struct policy_asker *a, const struct policy_case *q,
                      uint32_t first)
{
	ARRAY(const struct policy_case *) cases = {0};
	uint32_t end = first;

	array_push(a->arena, &cases, q);
	for (; end < a->entries.v.n && a->entries.v.v[end].c->abi == q->abi &&
	       a->entries.v.v[end].c->nr == q->nr; end++)
		array_push(a->arena, &cases, a->entries.v.v[end].c);
	policy_space_start(a->space, cases.v, cases.n);
	policy_space_grant(a->space, LEAST_STEPS);
	return end;
}

struct policy_answers policy_ask(struct policy_asker *a,
                                 const struct policy_case *q)
{
	uint32_t first = find_entry(&a->entries, q->abi, q->nr);
	uint32_t end = start(a, q, first);
	uint32_t left = policy_space_of(a->space, q->cond, NULL, NULL);

	policy_space_assume(a->space, left);
	a->answers.v.v = NULL;
	a->answers.v.n = a->answers.v.cap = 0;
	for (uint32_t i = first; i < end; i++) {
		const struct policy_entry *e = &a->entries.v.v[i];
		uint32_t set = policy_space_of(a->space, e->c->cond, NULL, NULL);
		uint32_t take = policy_space_and(a->space, left, set);

		if (take == SPACE_NONE && !policy_space_lost(a->space))
			continue;
		left = policy_space_less(a->space, left, set);
		push(a, by_rule(a->tree, e), take);
		if (!e->c->cond)
			return a->answers;
	}
	if (left != SPACE_NONE || policy_space_lost(a->space))
		push(a, fallback(a->tree, q->abi, q->nr), left);
	return a->answers;
}

/* The first entry about the call whose condition ARGS meet; NULL if there is none. */
static const struct policy_entry *matching(const struct policy_asker *a,
                                           const struct policy_abi *abi, uint32_t nr,
                                           const uint64_t args[POLICY_ARGS])
{
	for (uint32_t i = find_entry(&a->entries, abi, nr); i < a->entries.v.n; i++) {
		const struct policy_entry *e = &a->entries.v.v[i];

		if (e->c->abi != abi || e->c->nr != nr)
			return NULL;
		if (policy_holds(e->c->cond, args))
			return e;
	}
	return NULL;
}

/* The answer to calls of ABIs that T does not name. */
static struct policy_answer foreign(const struct policy_tree *t)
{
	struct policy_answer one = {.why = POLICY_WHY_FOREIGN, .ret = t->foreign_ret,
	                            .exact = true};

	if (t->foreign) {
		one.placed = t->foreign->at.end != 0;
		one.at = t->foreign->at;
	}
	return one;
}

struct policy_answer policy_answer_to(struct policy_asker *a, uint32_t arch, uint32_t nr,
                                      const uint64_t args[POLICY_ARGS])
{
	const struct policy_abi *abi = policy_abi_of_call(a->tree, arch, &nr);
	const struct policy_entry *e = abi ? matching(a, abi, nr, args) : NULL;
	struct policy_answer one = e     ? by_rule(a->tree, e)
	                           : abi ? fallback(a->tree, abi, nr)
	                                 : foreign(a->tree);

	one.nr = nr;
	one.exact = true;
	memcpy(one.args, args, sizeof one.args);
	return one;
}

bool policy_always_allows(struct policy_asker *a, const struct policy_abi *abi, uint32_t nr)
{
	struct policy_case any = {.abi = abi, .nr = nr};
	struct policy_answers answers = policy_ask(a, &any);

	array_each(it, &answers.v)
		if (it->ret != SECCOMP_RET_ALLOW)
			return false;
	return true;
}

/* --- questions ------------------------------------------------------------ */

/*
 * The question as a rule that refuses, so that it has a case for each way to
 * make the call (socketcall, too). Warnings about it are of no interest.
 */
static struct policy_resolver *resolver(struct arena *arena, struct diags *d,
                                        const struct policy_tree *t,
                                        uint32_t abis)
{
	static const struct policy_options none;
	struct policy_resolver *r = arena_new(arena, struct policy_resolver);
	struct policy_tree *asked = arena_memdup(arena, t, sizeof *t);

	if (t->names)
		*r = *t->names;
	r->c.arena = arena;
	r->c.diags = d;
	r->c.quiet = true;
	r->c.reported.v = NULL;
	r->c.reported.n = r->c.reported.cap = 0;
	r->list = (struct policy_list){0};
	r->options = &none;
	r->tree = asked;
	r->abis = abis;
	r->question = true;
	asked->nabi = 0;
	for (unsigned i = 0; i < POLICY_NABIS; i++)
		if (abis >> i & 1)
			asked->abi[asked->nabi++] = &policy_abis[i];
	return r;
}

bool policy_question(struct arena *arena, struct diags *d, uint32_t source,
                     const struct policy_tree *t, uint32_t abis,
                     struct policy_cases *out)
{
	struct policy_resolver *r = resolver(arena, d, t, abis);
	const struct policy_syntax *syntax;
	unsigned errors = d->errors;

	syntax = policy_parse_question(arena, d, source);
	if (d->errors == errors)
		*out = policy_resolve_cases(r, syntax->statement.v[0]);
	if (d->errors == errors && !out->n)
		diag_error(d, syntax->statement.v[0]->at,
		           "this is no call of the ABIs that are asked about");
	return d->errors == errors;
}
