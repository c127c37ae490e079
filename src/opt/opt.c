/* The table of passes, and what runs them. */
#include <assert.h>
#include <string.h>

#include "opt/opt.h"

struct pass {
	const char *name;
	bool (*run)(struct opt *o);
	enum opt_level from; /* the lowest level that runs it */
};

static const struct pass passes[] = {
#define PASS(name, from) { #name, opt_##name, from },
#include "opt/passes.def"
};

/*
 * Return how many rounds to run. Every pass but thread ends by itself and
 * thread removes edges, so rounds end, too. Later rounds find what earlier ones
 * uncovered: seldom after the second, and at -O1 next to nothing.
 */
static int rounds(const struct opt *o)
{
	return o->level == OPT_1 ? 1 : 3;
}

const char *opt_pass_name(unsigned i)
{
	return i < ARRAY_LEN(passes) ? passes[i].name : NULL;
}

static void dump(struct opt *o, const char *name)
{
	if (!o->dump || !o->dumped ||
	    (strcmp(o->dump, name) && strcmp(o->dump, "all")))
		return;
	buf_printf(o->dumped, "# after %s\n", name);
	ir_print(o->dumped, o->graph);
}

static void tell(struct opt *o, const char *name)
{
	struct opt_price now;

	if (!o->gained || !opt_measure(o, o->graph->root, &now) ||
	    (now.n == o->told.n && now.executed == o->told.executed))
		return;
	o->told = now;
	o->gained(o->gained_ctx, name, now.n, now.executed);
}

enum {
	OPTMEM = 131072,       /* the default net.core.optmem_max: a charge must be below */
	SURELY_ATTACHES = 800, /* instructions: none becomes more than 20 of eBPF's */
};

static bool run_pass(struct opt *o, const struct pass *p)
{
	bool changed, verify = o->verify || LIMIT(false, true);
	const char *wrong;

	arena_doing(&o->tmp, "pass", p->name);
	changed = p->run(o);
	wrong = verify ? ir_verify(o->graph, &o->tmp) : NULL;

	assert(!wrong);
	(void)wrong;
	if (changed)
		tell(o, p->name);
	arena_reset(&o->tmp);
	o->state = NULL;
	dump(o, p->name);
	return changed;
}

static void run_passes(struct opt *o)
{
	const struct ir_node *left[ARRAY_LEN(passes)] = { 0 };
	bool changed = true;

	for (int round = 0; round < rounds(o) && changed; round++) {
		changed = false;
		for (size_t i = 0; i < ARRAY_LEN(passes); i++) {
			/* What a pass left is nothing new to it. */
			if (o->level < passes[i].from || left[i] == o->graph->root)
				continue;
			changed |= run_pass(o, &passes[i]);
			left[i] = o->graph->root;
		}
	}
}

/*
 * Run the passes from START on. If one of them did what may not pay, run once
 * more without that, and keep what is better.
 */
static void run_from(struct opt *o, const struct ir_node *start)
{
	const struct ir_node *bold;
	unsigned tries = 1;

	o->graph->root = start;
	tell(o, "frontend");
	run_passes(o);
	if (!o->bold)
		return;
	bold = o->graph->root;
	o->graph->root = start;
	tell(o, "frontend");
	o->careful = true;
	run_passes(o);
	opt_try(o, bold, &tries);
	o->bold = o->careful = false;
	arena_reset(&o->tmp);
}

/*
 * Tell whether the program is longer than it may be, or would not attach for what it is
 * charged.
 */
static bool has_outgrown(struct opt *o)
{
	struct arena_mark mark = arena_mark(&o->tmp);
	struct cbpf_cost cost = { .memory = 0 };
	struct gen_code code;

	if (opt_too_long(o))
		return true;
	if (opt_price_now(o)->n >= SURELY_ATTACHES &&
	    gen_program(o->graph, &o->gen, &o->tmp, &code))
		cbpf_cost(&o->tmp, code.insns, code.n, CBPF_SOCKET, &cost);
	arena_back(&o->tmp, mark);
	return cost.memory >= OPTMEM;
}

enum {
	HUGE = 40000, /* nodes of a graph, most of which passes merge */
};

/*
 * Tell whether the program is longer than any that attaches: a set alone has more numbers
 * than that has instructions, or there are very many nodes.
 */
static bool is_too_large(struct opt *o)
{
	struct arena_mark mark = arena_mark(&o->tmp);
	struct ir_order all = ir_postorder(&o->tmp, o->graph, o->graph->root);
	bool large = all.n > HUGE;

	for (uint32_t i = 0; i < all.n && !large; i++)
		large = all.v[i]->kind == IR_SET && all.v[i]->n > BPF_MAXINSNS;
	arena_back(&o->tmp, mark);
	return large;
}

void opt_run(struct opt *o)
{
	const struct ir_node *start = o->graph->root;

	dump(o, "frontend");
	/* What would outgrow the limit is not grown first: that takes the memory twice. */
	o->plain = o->huge = is_too_large(o);
	run_from(o, start);
	if (!o->grown)
		return;
	opt_take_best(o);
	if (!has_outgrown(o))
		return;
	o->plain = true;
	o->best = NULL;
	o->emitted = 0;
	run_from(o, start);
}
