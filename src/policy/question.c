/* Questions about calls: read like a rule, and resolved with a policy's names. */
#include <string.h>

#include "policy/policy.h"

/*
 * Resolve the question as a rule that refuses, so that it has a case for each
 * way to make the call (socketcall, too). Do not show warnings about it.
 */
static struct rules_resolver *resolver(struct arena *arena, struct diags *d,
                                       const struct rules_tree *t,
                                       uint32_t abis)
{
	static const struct rules_options none;
	struct rules_resolver *r = arena_new(arena, struct rules_resolver);
	struct rules_tree *asked = arena_memdup(arena, t, sizeof *t);

	if (t->names)
		*r = *t->names;
	r->c.arena = arena;
	r->c.diags = d;
	r->c.quiet = true;
	r->c.reported.v = NULL;
	r->c.reported.n = r->c.reported.cap = 0;
	r->list = (struct rules_list){ 0 };
	r->options = &none;
	r->tree = asked;
	r->abis = abis;
	r->question = true;
	asked->nabi = 0;
	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (abis >> i & 1)
			asked->abi[asked->nabi++] = &sys_abis[i];
	return r;
}

bool policy_question(struct arena *arena, struct diags *d, uint32_t source,
                     const struct rules_tree *t, uint32_t abis,
                     struct rules_cases *out)
{
	struct rules_resolver *r = resolver(arena, d, t, abis);
	const struct rules_syntax *syntax;
	unsigned errors = d->errors;

	syntax = policy_parse_question(arena, d, source);
	if (d->errors == errors)
		*out = rules_resolve_cases(r, syntax->statement.v[0]);
	if (d->errors == errors && !out->n)
		diag_error(d, syntax->statement.v[0]->at,
		           "none of the ABIs in question has this call");
	return d->errors == errors;
}
