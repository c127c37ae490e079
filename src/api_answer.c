/*
 * The public library, what policies answer: to questions, and to every call
 * there is.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "api.h"
#include "policy/policy.h"
#include "rules/ask.h"

/* A job that asks a policy. */
struct answerer {
	struct job job; /* first */
	const struct rules_tree *tree;
	const struct sock_filter *insns; /* what decides in its place; or NULL */
	struct rules_asker *asker;
	weir_answer_fn *answer;
	void *ctx;
	const char *question, *abis; /* weir_policy_ask */
	uint32_t arch, nr;           /* weir_policy_call */
	const uint64_t *args;
};

/* --- one answer ------------------------------------------------------------------ */

static bool is_cached(struct answerer *a, const struct sys_abi *abi, uint32_t nr)
{
	struct sys_call call;

	return api_has_cache(abi) && sys_call_by_nr(abi, nr, &call) &&
	       rules_always_allows(a->asker, abi, nr);
}

static void put_place(struct answerer *a, const struct rules_answer *from,
                      struct weir_answer *out)
{
	const struct diags *d = &a->job.diags;
	const struct source *src = &d->sources.v[from->at.source];
	struct place place = source_place(src, from->at.start);
	struct buf text = { .arena = &a->job.arena };

	/* The language has a word before these actions. */
	if (a->tree->names && from->why == RULES_WHY_DEFAULT)
		buf_puts(&text, "default ");
	if (a->tree->names && from->why == RULES_WHY_FOREIGN)
		buf_puts(&text, "foreign ");
	rules_put_text(&text, d, from->at);
	out->source = src->name;
	out->line = place.line;
	out->column = place.column;
	out->text = buf_str(&text);
}

static void put_condition(struct answerer *a, const struct rules_answer *from,
                          struct weir_answer *out)
{
	struct buf text = { .arena = &a->job.arena };

	rules_put_condition(&text, &a->job.diags, from->c, a->tree->names);
	out->condition = text.len ? buf_str(&text) : NULL;
}

static void put_example(struct answerer *a, const struct rules_answer *from,
                        struct weir_answer *out)
{
	struct buf text = { .arena = &a->job.arena };

	rules_put_call(&text, from->abi, from->nr, from->args);
	out->example = buf_str(&text);
	memcpy(out->args, from->args, sizeof out->args);
}

/*
 * Give one answer to the caller. WHOLE: it is about more than one call, all
 * others.
 */
static void give(struct answerer *a, const struct rules_answer *from,
                 const char *question, bool whole)
{
	struct buf action = { .arena = &a->job.arena }, call = action;
	struct weir_answer out = {
		.size = sizeof out,
		.question = question,
		.abi = from->abi ? from->abi->name : NULL,
		.nr = from->nr,
		.ret = from->ret,
		.permits = rules_permits(from->ret),
		.why = (enum weir_why)from->why,
		.rule = from->why == RULES_WHY_RULE ? 1 + from->rule : 0,
		.exact = from->exact,
	};

	rules_put_action(&action, from->abi ? from->abi : sys_abi_native(),
	                 from->ret);
	out.action = buf_str(&action);
	if (!whole) {
		rules_put_name(&call, from->abi, from->nr);
		out.call = buf_str(&call);
		out.cached = is_cached(a, from->abi, from->nr);
	}
	if (from->placed)
		put_place(a, from, &out);
	if (from->why == RULES_WHY_RULE)
		put_condition(a, from, &out);
	if (from->exact && !whole)
		put_example(a, from, &out);
	a->answer(a->ctx, &out);
}

/* Give all answers to calls that C is about. */
static void answer_case(struct answerer *a, const struct rules_case *c,
                        const char *question)
{
	struct rules_answers answers = rules_ask(a->asker, c);

	array_each(it, &answers.v)
		give(a, it, question, false);
}

/* --- questions ---------------------------------------------------------------------- */

/* Return the ABIs that are asked about, as bits; 0 after an error. */
static uint32_t asked_abis(struct answerer *a)
{
	uint32_t abis = 0;

	if (a->abis)
		return rules_abis_of(&a->job.arena, &a->job.diags, a->abis, &abis)
		               ? abis
		               : 0;
	for (uint32_t i = 0; i < a->tree->nabi; i++)
		abis |= 1u << a->tree->abi[i]->id;
	return abis;
}

static int answer_question(struct job *j)
{
	struct answerer *a = (struct answerer *)j;
	uint32_t source = diag_source(&j->diags, "question", a->question,
	                              strlen(a->question));
	uint32_t abis = asked_abis(a);
	struct rules_cases cases;

	if (!abis || !policy_question(&j->arena, &j->diags, source, a->tree, abis, &cases))
		return -EINVAL;
	a->asker = rules_asker(&j->arena, a->tree);
	for (uint32_t i = 0; i < cases.n; i++)
		answer_case(a, &cases.v[i], a->question);
	return 0;
}

/* Put what the program returns in the place of ONE, which a policy near it has. */
static void run_program(const struct answerer *a, struct rules_answer *one)
{
	struct seccomp_data data = { .nr = (int)a->nr, .arch = a->arch };
	uint32_t ret;

	memcpy(data.args, a->args, sizeof data.args);
	ret = cbpf_run_seccomp(a->insns, &data);
	if (ret == one->ret)
		return;
	one->ret = ret;
	one->why = RULES_WHY_DEFAULT;
	one->c = NULL;
	one->placed = false;
}

static int answer_call(struct job *j)
{
	struct answerer *a = (struct answerer *)j;
	struct rules_answer one;

	a->asker = rules_asker(&j->arena, a->tree);
	one = rules_answer_to(a->asker, a->arch, a->nr, a->args);
	if (a->insns)
		run_program(a, &one);
	give(a, &one, NULL, !one.abi);
	return 0;
}

/* --- everything ----------------------------------------------------------------------- */

/* Explain numbers that rules are about although no known call has them. */
static void explain_unknown(struct answerer *a, const struct sys_abi *abi)
{
	const struct rules_entries *all = &a->asker->entries;

	for (uint32_t i = 0; i < all->v.n; i++) {
		const struct rules_case *c = all->v.v[i].c;
		struct rules_case one = { .abi = abi, .nr = c->nr };
		struct sys_call call;
		const struct rules_case *before = i ? all->v.v[i - 1].c : NULL;

		if (c->abi != abi || sys_call_by_nr(abi, c->nr, &call) ||
		    (before && before->abi == abi && before->nr == c->nr))
			continue;
		answer_case(a, &one, NULL);
	}
}

static void explain_abi(struct answerer *a, const struct sys_abi *abi)
{
	struct rules_answer rest = {
		.abi = abi,
		.ret = a->tree->fallback_ret[abi->id],
		.why = RULES_WHY_DEFAULT,
		.placed = a->tree->fallback->at.end != 0,
		.at = a->tree->fallback->at,
		.exact = true,
	};
	/* Beyond all calls, where a runtime's own answer would begin. */
	const struct rules_numbers *beyond =
		rules_numbers_of(a->tree, abi, abi->nr_bit | 0x3fffffff);
	struct sys_call call;

	for (uint32_t i = 0; sys_call_at(abi, i, &call); i++)
		answer_case(a, &(struct rules_case){ .abi = abi, .nr = call.nr },
		            NULL);
	explain_unknown(a, abi);
	if (a->tree->has_kernel) {
		rest.ret = rules_ret(RULES_ERRNO, sys_errno(abi, "ENOSYS", 6));
		rest.why = RULES_WHY_KERNEL;
		rest.placed = true;
		rest.at = a->tree->kernel_at;
	} else if (beyond) {
		rest.ret = beyond->ret;
		rest.why = RULES_WHY_NUMBERS;
		rest.placed = false;
	}
	give(a, &rest, NULL, true);
}

static int explain(struct job *j)
{
	struct answerer *a = (struct answerer *)j;
	struct rules_answer foreign = {
		.ret = a->tree->foreign_ret,
		.why = RULES_WHY_FOREIGN,
		.exact = true,
	};

	a->asker = rules_asker(&j->arena, a->tree);
	for (uint32_t i = 0; i < a->tree->nabi; i++)
		explain_abi(a, a->tree->abi[i]);
	if (a->tree->foreign) {
		foreign.placed = a->tree->foreign->at.end != 0;
		foreign.at = a->tree->foreign->at;
	}
	give(a, &foreign, NULL, true);
	return 0;
}

/* --- the public functions -------------------------------------------------------------- */

static int ask(struct answerer *a, const struct weir_policy *p, int (*body)(struct job *j))
{
	a->job.body = body;
	a->tree = p->tree;
	a->insns = p->inexact ? p->insns : NULL;
	api_ask(&a->job, &p->noun);
	return api_run(&a->job);
}

int weir_policy_ask(struct weir_policy *p, const char *question, const char *abis,
                    weir_answer_fn *answer, void *ctx)
{
	struct answerer a = {
		.question = question,
		.abis = abis,
		.answer = answer,
		.ctx = ctx,
	};

	return ask(&a, p, answer_question);
}

int weir_policy_explain(struct weir_policy *p, weir_answer_fn *answer, void *ctx)
{
	struct answerer a = { .answer = answer, .ctx = ctx };

	return ask(&a, p, explain);
}

int weir_policy_call(struct weir_policy *p, uint32_t arch, uint32_t nr,
                     const uint64_t *args, weir_answer_fn *answer, void *ctx)
{
	struct answerer a = {
		.arch = arch,
		.nr = nr,
		.args = args,
		.answer = answer,
		.ctx = ctx,
	};

	return ask(&a, p, answer_call);
}

/* --- rules ------------------------------------------------------------------------------- */

int weir_policy_rule(struct weir_policy *p, size_t i, struct weir_rule *out)
{
	const struct rules_tree *t = p->tree;
	struct weir_rule one = { .size = sizeof one };
	const struct rules_rule *rule;

	if (i >= t->nrule)
		return -ENOENT;
	rule = &t->rule[i];
	one.action = policy_verb_name(rule->action->verb);
	one.ret = rules_rule_ret(rule, t->abi[0]);
	one.permits = rules_permits(one.ret);
	one.calls = rule->n;
	if (rule->at.end) {
		const struct source *src = &p->noun.diags.sources.v[rule->at.source];
		struct place place = source_place(src, rule->at.start);

		one.source = src->name;
		one.line = place.line;
		one.column = place.column;
		one.start = rule->at.start;
		one.end = rule->at.end;
	}
	return api_hand(out, &one, sizeof one);
}
