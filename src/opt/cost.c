/* What a graph costs as a program: the measure of rewrites that are tried. */
#include "opt/opt.h"

uint64_t opt_cost(struct opt *o, const struct ir_node *root)
{
	const struct ir_node *was = o->graph->root;
	struct gen_code code;
	bool done;

	o->graph->root = root;
	done = gen_program(o->graph, &o->gen, &o->tmp, &code);
	o->graph->root = was;
	return done ? code.n : UINT64_MAX;
}
