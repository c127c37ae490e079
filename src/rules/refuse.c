/*
 * Whether a policy refuses anything at all. What it does with ABIs that it does
 * not name does not count: no program has to change to another one.
 */
#include "rules/ask.h"

/* Tell whether some calls are refused that no rule decides. */
static bool rest_is_refused(const struct rules_tree *t)
{
	for (uint32_t i = 0; i < t->nabi; i++)
		if (!rules_permits(t->fallback_ret[t->abi[i]->id]))
			return true;
	return t->has_kernel;
}

/* Tell whether rule R refuses the calls of C. */
static bool case_refuses(const struct rules_rule *r, const struct rules_case *c)
{
	return !rules_permits(rules_rule_ret(r, c->abi));
}

/*
 * Tell whether the first rule refuses: nothing comes before it, so the answer
 * is quick.
 */
static bool first_refuses(const struct rules_tree *t)
{
	return t->nrule && t->rule->n && !t->rule->cases->cond &&
	       case_refuses(t->rule, t->rule->cases);
}

/* Tell whether a rule refuses the call of C with some arguments; true in doubt. */
static bool is_refused(struct rules_asker *a, const struct rules_case *c)
{
	struct rules_case any = { .abi = c->abi, .nr = c->nr };
	struct rules_answers all = rules_ask(a, &any);

	array_each(it, &all.v)
		if (it->why == RULES_WHY_RULE && !rules_permits(it->ret))
			return true;
	return false;
}

static bool some_rule_refuses(struct arena *tmp, const struct rules_tree *t)
{
	struct rules_asker *a = rules_asker(tmp, t);

	array_each(e, &a->entries.v)
		if (case_refuses(&t->rule[e->rule], e->c) && is_refused(a, e->c))
			return true;
	return false;
}

bool rules_refuses(struct arena *tmp, const struct rules_tree *t)
{
	return rest_is_refused(t) || first_refuses(t) || some_rule_refuses(tmp, t);
}

void rules_warn_of_no_refusal(struct diags *d, const struct rules_tree *t)
{
	diag_warning(d, DIAG_W_REFUSES_NOTHING, t->fallback->at,
	             "this policy refuses nothing: it permits every call of "
	             "the ABIs that it names; a rule such as 'errno EPERM "
	             "ptrace' would refuse one");
}
