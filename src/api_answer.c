/*
 * The public library, what policies answer: to questions, and to every call
 * there is.
 */
#include <errno.h>
#include <linux/elf-em.h>
#include <string.h>

#include "api.h"
#include "policy/policy.h"

struct answerer {
	struct job *job;
	const struct weir_policy_options *options;
	const struct policy_tree *tree;
	struct policy_asker *asker;
};

/* --- one answer ------------------------------------------------------------------ */

/* Architectures whose system calls never look for an answer in a bitmap. */
static bool has_cache(const struct policy_abi *abi)
{
	static const uint16_t without[] = { EM_MIPS, EM_68K, EM_SPARC, EM_SPARCV9 };

	for (size_t i = 0; i < ARRAY_LEN(without); i++)
		if ((uint16_t)abi->arch == without[i])
			return false;
	return true;
}

static bool is_cached(const struct answerer *a, const struct policy_abi *abi,
                      uint32_t nr)
{
	struct policy_call call;

	/* Calls with a bit of their own, x32's, lie beyond the bitmap. */
	return !abi->nr_bit && has_cache(abi) && policy_call_by_nr(abi, nr, &call) &&
	       cbpf_seccomp_cached(a->job->code.insns, abi->arch, nr);
}

static void put_place(struct answerer *a, const struct policy_answer *from,
                      struct weir_answer *out)
{
	const struct diags *d = &a->job->diags;
	const struct source *src = &d->sources.v[from->at.source];
	struct place place = source_place(src, from->at.start);
	struct buf text = { .arena = &a->job->arena };

	/* The language has a word before these actions. */
	if (a->tree->names && from->why == POLICY_WHY_DEFAULT)
		buf_puts(&text, "default ");
	if (a->tree->names && from->why == POLICY_WHY_FOREIGN)
		buf_puts(&text, "foreign ");
	policy_put_text(&text, d, from->at);
	out->source = src->name;
	out->line = place.line;
	out->column = place.column;
	out->text = buf_str(&text);
}

static void put_condition(struct answerer *a, const struct policy_answer *from,
                          struct weir_answer *out)
{
	struct buf text = { .arena = &a->job->arena };

	policy_put_condition(&text, &a->job->diags, from->c, a->tree->names);
	out->condition = text.len ? buf_str(&text) : NULL;
}

static void put_example(struct answerer *a, const struct policy_answer *from,
                        struct weir_answer *out)
{
	struct buf text = { .arena = &a->job->arena };

	policy_put_call(&text, from->abi, from->nr, from->args);
	out->example = buf_str(&text);
	memcpy(out->args, from->args, sizeof out->args);
}

/* WHOLE: it stands for more than one call, all others. */
static void give(struct answerer *a, const struct policy_answer *from,
                 const char *question, bool whole)
{
	struct buf action = { .arena = &a->job->arena }, call = action;
	struct weir_answer out = {
		.size = sizeof out,
		.question = question,
		.abi = from->abi ? from->abi->name : NULL,
		.nr = from->nr,
		.ret = from->ret,
		.permits = policy_permits(from->ret),
		.why = (enum weir_why)from->why,
		.rule = from->why == POLICY_WHY_RULE ? 1 + from->rule : 0,
		.exact = from->exact,
	};

	policy_put_action(&action, from->abi ? from->abi : policy_abi_native(),
	                  from->ret);
	out.action = buf_str(&action);
	if (!whole) {
		policy_put_name(&call, from->abi, from->nr);
		out.call = buf_str(&call);
		out.cached = is_cached(a, from->abi, from->nr);
	}
	if (from->placed)
		put_place(a, from, &out);
	if (from->why == POLICY_WHY_RULE)
		put_condition(a, from, &out);
	if (from->exact && !whole)
		put_example(a, from, &out);
	a->options->answer(a->options->answer_ctx, &out);
}

/* All answers to calls that C is about. */
static void answer_case(struct answerer *a, const struct policy_case *c,
                        const char *question)
{
	struct policy_answers answers = policy_ask(a->asker, c);

	array_each(it, &answers.v)
		give(a, it, question, false);
}

/* --- questions ---------------------------------------------------------------------- */

static bool answer_question(struct answerer *a, const char *question, uint32_t abis)
{
	struct job *j = a->job;
	uint32_t source =
		diag_source(&j->diags, "question", question, strlen(question));
	struct policy_cases cases;

	if (!policy_question(&j->arena, &j->diags, source, a->tree, abis, &cases))
		return false;
	for (uint32_t i = 0; i < cases.n; i++)
		answer_case(a, &cases.v[i], question);
	return true;
}

static bool answer_questions(struct answerer *a)
{
	const struct weir_policy_options *o = a->options;
	uint32_t abis = 0;
	bool ok = true;

	for (uint32_t i = 0; i < a->tree->nabi; i++)
		abis |= 1u << a->tree->abi[i]->id;
	if (o->ask_abis && !policy_abis_of(&a->job->arena, &a->job->diags,
	                                   o->ask_abis, &abis))
		return false;
	for (size_t i = 0; i < o->nask; i++)
		ok &= answer_question(a, o->ask[i], abis);
	return ok;
}

/* --- everything ----------------------------------------------------------------------- */

/* Numbers that rules are about though they are no calls known here. */
static void explain_unknown(struct answerer *a, const struct policy_abi *abi)
{
	const struct policy_entries *all = &a->asker->entries;

	for (uint32_t i = 0; i < all->v.n; i++) {
		const struct policy_case *c = all->v.v[i].c;
		struct policy_case one = { .abi = abi, .nr = c->nr };
		struct policy_call call;
		const struct policy_case *before = i ? all->v.v[i - 1].c : NULL;

		if (c->abi != abi || policy_call_by_nr(abi, c->nr, &call) ||
		    (before && before->abi == abi && before->nr == c->nr))
			continue;
		answer_case(a, &one, NULL);
	}
}

static void explain_abi(struct answerer *a, const struct policy_abi *abi)
{
	struct policy_answer rest = {
		.abi = abi,
		.ret = a->tree->fallback_ret[abi->id],
		.why = POLICY_WHY_DEFAULT,
		.placed = a->tree->fallback->at.end != 0,
		.at = a->tree->fallback->at,
		.exact = true,
	};
	/* Beyond all calls, where a runtime's own answer would begin. */
	const struct policy_numbers *beyond =
		policy_numbers_of(a->tree, abi, abi->nr_bit | 0x3fffffff);
	struct policy_call call;

	for (uint32_t i = 0; policy_call_at(abi, i, &call); i++)
		answer_case(a, &(struct policy_case){ .abi = abi, .nr = call.nr },
		            NULL);
	explain_unknown(a, abi);
	if (a->tree->has_kernel) {
		rest.ret = policy_ret(POLICY_ERRNO, policy_errno(abi, "ENOSYS", 6));
		rest.why = POLICY_WHY_KERNEL;
		rest.placed = true;
		rest.at = a->tree->kernel_at;
	} else if (beyond) {
		rest.ret = beyond->ret;
		rest.why = POLICY_WHY_NUMBERS;
		rest.placed = false;
	}
	give(a, &rest, NULL, true);
}

static void explain(struct answerer *a)
{
	struct policy_answer foreign = {
		.ret = a->tree->foreign_ret,
		.why = POLICY_WHY_FOREIGN,
		.exact = true,
	};

	for (uint32_t i = 0; i < a->tree->nabi; i++)
		explain_abi(a, a->tree->abi[i]);
	if (a->tree->foreign) {
		foreign.placed = a->tree->foreign->at.end != 0;
		foreign.at = a->tree->foreign->at;
	}
	give(a, &foreign, NULL, true);
}

int api_answer(struct job *j, const struct policy_tree *tree,
               const struct weir_policy_options *o)
{
	struct answerer a = { .job = j, .options = o, .tree = tree };

	a.asker = policy_asker(&j->arena, tree);
	if (!answer_questions(&a))
		return -EINVAL;
	if (o->explain)
		explain(&a);
	return 0;
}
