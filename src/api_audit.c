/* The public library, audits: what a hostile program can still do under a policy. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "api.h"
#include "policy/policy.h"
#include "rules/ask.h"

/* A job that audits a policy. */
struct auditing {
	struct job job; /* first */
	const struct rules_tree *tree;
	const struct sock_filter *insns; /* of the program that runs; or NULL */
	weir_finding_fn *finding;
	void *ctx;
};

static const enum weir_risk risks[] = {
	[RULES_LOW] = WEIR_RISK_LOW,
	[RULES_MEDIUM] = WEIR_RISK_MEDIUM,
	[RULES_HIGH] = WEIR_RISK_HIGH,
};

/*
 * Return what the program answers to the call or, without a program, what the
 * policy does.
 */
static uint32_t answer_to(const struct auditing *a, const struct rules_answer *r)
{
	struct seccomp_data data = { .nr = (int)r->nr, .arch = r->abi->arch };

	memcpy(data.args, r->args, sizeof data.args);
	return a->insns ? cbpf_run_seccomp(a->insns, &data)
	                : rules_eval(a->tree, r->abi->arch, r->nr, r->args);
}

static void give(void *ctx, const struct rules_finding *f)
{
	struct auditing *a = ctx;
	struct buf call = { .arena = &a->job.arena }, example = call;
	struct weir_finding out = {
		.size = sizeof out,
		.risk = risks[f->severity],
		.class_name = f->class,
		.text = f->text,
		.abi = f->answer.abi->name,
		.arch = f->answer.abi->arch,
		.nr = f->answer.nr,
		.ret = answer_to(a, &f->answer),
	};

	if (!rules_permits(out.ret)) /* only where the policy is not all of the program */
		return;
	rules_put_name(&call, f->answer.abi, f->answer.nr);
	rules_put_call(&example, f->answer.abi, f->answer.nr, f->answer.args);
	memcpy(out.args, f->answer.args, sizeof out.args);
	out.call = buf_str(&call);
	out.example = buf_str(&example);
	a->finding(a->ctx, &out);
}

static int audit(struct job *j)
{
	struct auditing *a = (struct auditing *)j;

	rules_audit(&j->arena, a->tree, policy_question, give, a);
	return 0;
}

int weir_policy_audit(struct weir_policy *p, const struct weir_program *program,
                      weir_finding_fn *finding, void *ctx)
{
	struct auditing a = {
		.job = { .body = audit },
		.tree = p->tree,
		.insns = p->inexact ? p->insns : NULL,
		.finding = finding,
		.ctx = ctx,
	};
	struct weir_verdict verdict = { .size = sizeof verdict };
	size_t n;

	if (program) {
		if (weir_program_kind(program) != WEIR_SECCOMP ||
		    weir_program_check(program, &verdict) || !verdict.ok)
			return -EINVAL;
		a.insns = weir_program_insns(program, &n);
	}
	api_ask(&a.job, &p->noun);
	return api_run(&a.job);
}

const char *weir_risk_name(enum weir_risk risk)
{
	static const char *const names[] = {
		[WEIR_RISK_LOW] = "low",
		[WEIR_RISK_MEDIUM] = "medium",
		[WEIR_RISK_HIGH] = "high",
	};

	return (size_t)risk < ARRAY_LEN(names) ? names[risk] : NULL;
}
