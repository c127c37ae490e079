/* The public library: a graph optimized at a level, and its instructions. */
#include "api.h"

void api_optimizer(struct job *j, const struct gen_options *how, enum weir_level level)
{
	static const enum opt_level levels[] = {
		[WEIR_O_DEFAULT] = OPT_2,
		[WEIR_O0] = OPT_0,
		[WEIR_O1] = OPT_1,
		[WEIR_O2] = OPT_2,
		[WEIR_O3] = OPT_3,
		[WEIR_OS] = OPT_SIZE,
	};
	static const enum opt_destination destinations[] = {
		[WEIR_FOR_DEFAULT] = OPT_SOCKET,
		[WEIR_FOR_SOCKET] = OPT_SOCKET,
		[WEIR_FOR_INTERPRETER] = OPT_INTERPRETER,
		[WEIR_FOR_EBPF] = OPT_EBPF,
	};
	const struct weir_compile_options *c = &j->compile;

	j->dumped = (struct buf){ .arena = &j->arena };
	j->opt = (struct opt){
		.graph = j->graph,
		.tmp = { .oom = j->arena.oom, .budget = &j->budget },
		.level = levels[level],
		.destination = destinations[c->destination],
		.both = j->kind == WEIR_SECCOMP,
		.fuel = c->have_fuel ? c->fuel : UINT64_MAX,
		.dump = c->dump,
		.dumped = &j->dumped,
		.verify = c->dump != NULL,
		.gained = c->pass,
		.gained_ctx = c->ctx,
		.gen = *how,
		.sample = j->sample,
		.samples = j->samples,
	};
}

void api_optimized(struct job *j)
{
	const struct weir_compile_options *c = &j->compile;

	arena_free(&j->opt.tmp);
	if (c->dump && c->dump_text && j->dumped.len)
		c->dump_text(c->ctx, j->dumped.s, j->dumped.len);
}

bool api_emit(struct job *j, const struct ir_node *meant, enum weir_level level)
{
	struct gen_options options = { .linear = level == WEIR_OS };

	j->graph->root = meant;
	api_optimizer(j, &options, level);
	opt_run(&j->opt);
	api_optimized(j);
	arena_doing(&j->arena, "writing its instructions", NULL);
	j->opt.gen.room = BPF_MAXINSNS; /* longer ones cannot be attached */
	return gen_program(j->graph, &j->opt.gen, &j->tmp, &j->code);
}
