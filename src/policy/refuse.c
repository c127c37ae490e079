/*
 * Whether a policy refuses anything at all. What it does with ABIs that it does
 * not name does not count: no program has to change to another one.
 */
#include "policy/policy.h"

/* Of the calls that no rule decides some are refused. */
static bool rest_is_refused(const struct policy_tree *t)
{
	for (uint32_t i = 0; i < t->nabi; i++)
		if (!policy_permits(t->fallback_ret[t->abi[i]->id]))
			return true;
	return t->has_kernel;
}

/* What rule R does with the calls of case C. */
static bool case_refuses(const struct policy_rule *r, const struct policy_case *c)
{
	return !policy_permits(r->action->ret[c->abi->id]);
}

/* The first rule does, of which nothing takes a part; this is quickly seen. */
static bool first_refuses(const struct policy_tree *t)
{
	return t->nrule && t->rule->n && !t->rule->cases->cond &&
	       case_refuses(t->rule, t->rule->cases);
}

/* A rule refuses the call of C with some arguments; in doubt it does. */
static bool is_refused(struct policy_asker *a, const struct policy_case *c)
{
	struct policy_case any = { .abi = c->abi, .nr = c->nr };
	struct policy_answers all = policy_ask(a, &any);

	array_each(it, &all.v)
		if (it->why == POLICY_WHY_RULE && !policy_permits(it->ret))
			return true;
	return false;
}

static bool some_rule_refuses(struct arena *tmp, const struct policy_tree *t)
{
	struct policy_asker *a = policy_asker(tmp, t);

	array_each(e, &a->entries.v)
		if (case_refuses(&t->rule[e->rule], e->c) && is_refused(a, e->c))
			return true;
	return false;
}

bool policy_refuses(struct arena *tmp, const struct policy_tree *t)
{
	return rest_is_refused(t) || first_refuses(t) || some_rule_refuses(tmp, t);
}

void policy_warn_of_no_refusal(struct diags *d, const struct policy_tree *t)
{
	diag_warning(d, t->fallback->at,
	             "this policy refuses nothing: it permits every call of the ABIs "
	             "that it names; a rule such as 'errno EPERM ptrace' refuses one");
}
