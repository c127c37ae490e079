/* Policies of the corpus; the two languages do not see each other, so a file apart. */
#include <string.h>

#include "policy/policy.h"
#include "tests/diff/corpus.h"
#include "tests/diff/policies.h"

struct ir_graph *corpus_policy(struct arena *a, const char *text)
{
	struct diags d = { .arena = a };
	const struct rules_tree *tree =
		policy_parse(a, &d, diag_source(&d, "policy", text, strlen(text)), NULL);
	struct ir_graph *g;

	if (!tree)
		return NULL;
	g = ir_graph(a, rules_input(tree));
	g->root = rules_graph(g, tree);
	return g;
}

char *corpus_random_policy(struct arena *a, struct rng *r)
{
	return policy_random(a, r);
}
