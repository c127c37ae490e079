/*
 * The middle of the house against its referee: random decision graphs are
 * printed and read back, optimized at every level and with the fuel cut short,
 * and compiled; graph evaluator, our interpreter and the tests' own machine must
 * agree with what the evaluator says of the graph as it was drawn.
 */
#include "cbpf/cbpf.h"
#include "gen/gen.h"
#include "opt/opt.h"
#include "tests/diff/graphs.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	VARIANTS_MAX = 14,
	TEMPLATES = 5
};

/* A way from graph to program. */
struct variant {
	const char *name;
	bool optimize;
	enum opt_level level;
	bool cut; /* the fuel */
	struct gen_options gen;
	enum {
		DRAWN,
		WEIGHED, /* with numbers that are met more than others */
		LIFTED,  /* from the program of variant 0 */
	} from;
};

static const struct variant variants[] = {
	{ "O0", false, OPT_0, false, { .leaf = 0 }, DRAWN },
	{ "O0 linear", false, OPT_0, false, { .linear = true }, DRAWN },
	{ "O0 leaf 1", false, OPT_0, false, { .leaf = 1 }, DRAWN },
	{ "O0 no entry", false, OPT_0, false, { .no_entry = true }, DRAWN },
	{ "opt_run O0", true, OPT_0, false, { .leaf = 0 }, DRAWN },
	{ "O1", true, OPT_1, false, { .leaf = 0 }, DRAWN },
	{ "O2", true, OPT_2, false, { .leaf = 0 }, DRAWN },
	{ "O3", true, OPT_3, false, { .leaf = 2 }, DRAWN },
	{ "Os", true, OPT_SIZE, false, { .linear = true }, DRAWN },
	{ "O2, fuel cut", true, OPT_2, true, { .leaf = 0 }, DRAWN },
	{ "lifted", false, OPT_0, false, { .leaf = 0 }, LIFTED },
	{ "lifted, O2", true, OPT_2, false, { .leaf = 0 }, LIFTED },
	{ "O0, weighed", false, OPT_0, false, { .leaf = 0 }, WEIGHED },
	{ "O2, weighed", true, OPT_2, false, { .leaf = 0 }, WEIGHED },
};

/* What a variant made of the graph. */
struct made {
	struct ir_graph *graph;
	struct program program; /* .insns NULL: too many scratch cells */
};

/* What is wrong with a graph, and where it shows. */
struct finding {
	const char *what; /* NULL: nothing */
	int variant;      /* -1: the graph itself */
	char detail[400];
	bool on_input;
	struct input input;
	struct outcome theirs, ours;
};

struct counts {
	uint64_t graphs, inputs, runs, no_cells;
	uint64_t length[VARIANTS_MAX];
};

static struct counts counts;
static uint64_t fuel_left = UINT64_MAX; /* for the variant that cuts it */

/* --- text and back ---------------------------------------------------------------- */

static char *text_of(struct arena *a, const struct ir_graph *g)
{
	struct buf out = { .arena = a };

	ir_print(&out, g);
	return buf_str(&out);
}

static void note_error(void *ctx, const struct diags *d, const struct diag *one)
{
	struct finding *f = ctx;

	snprintf(f->detail, sizeof(f->detail), "%s", one->text);
}

static struct ir_graph *read_graph(struct arena *a, const char *text,
                                   struct finding *f)
{
	struct diags d = { .arena = a, .emit = note_error, .ctx = f };

	return ir_read(a, &d, diag_source(&d, "graph", text, strlen(text)));
}

/* Whether G, which VARIANT made, is sound, prints, and reads back as itself. */
static bool is_sound(struct arena *a, const struct ir_graph *g, int variant,
                     struct finding *f)
{
	const char *wrong = ir_verify(g, a);
	const char *once, *twice;
	struct ir_graph *again;

	f->variant = variant;
	if (wrong) {
		f->what = "the verifier objects";
		snprintf(f->detail, sizeof(f->detail), "%s", wrong);
		return false;
	}
	once = text_of(a, g);
	again = read_graph(a, once, f);
	if (!again) {
		f->what = "its text cannot be read";
		return false;
	}
	/* Labels are ids, so the second text may differ; not the third. */
	once = text_of(a, again);
	again = read_graph(a, once, f);
	twice = again ? text_of(a, again) : "";
	if (!strcmp(once, twice))
		return true;
	f->what = "its text reads as another graph";
	snprintf(f->detail, sizeof(f->detail), "%.190s\nand\n%.190s", once, twice);
	return false;
}

/* --- making programs ------------------------------------------------------------------ */

static struct ir_graph *lift(struct arena *a, const struct ir_graph *like,
                             const struct program *p)
{
	struct ir_graph *g = ir_graph(a, &like->input);
	struct arena tmp;

	test_arena(&tmp);
	gen_lift(g, p->insns, p->n, &tmp, NULL);
	arena_free(&tmp);
	return g;
}

static int by_number(const void *a, const void *b)
{
	const struct ir_weight *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* Some numbers of each set are met far more often than others. */
static void weigh(struct ir_graph *g)
{
	struct ir_order order = ir_postorder(g->arena, g, g->root);

	for (uint32_t i = 0; i < order.n; i++) {
		const struct ir_node *n = order.v[i];
		struct ir_weights *w = arena_new(g->arena, struct ir_weights);
		struct ir_weight *v;

		if (n->kind != IR_SET || ir_words(n->lhs) > 1)
			continue;
		v = arena_array(g->arena, struct ir_weight, n->n);
		for (uint32_t k = 0; k < n->n; k++) {
			v[k].number = n->set[k].lo[0] + (n->set[k].lo[0] % 3 == 1);
			v[k].weight = 1u << v[k].number * 2654435761u % 24;
		}
		qsort(v, n->n, sizeof(*v), by_number);
		*w = (struct ir_weights){ n->lhs, v, n->n };
		ir_weigh(g, n, w);
	}
}

/* Adds to MADE what the variant makes of the graph that TEXT says. */
static bool make(struct arena *a, const char *text, int variant,
                 struct made *made, struct finding *f)
{
	const struct variant *v = &variants[variant];
	struct made *out = &made[variant];
	struct ir_graph *g = read_graph(a, text, f);
	struct cbpf_verdict verdict;
	struct gen_code code = { 0 };
	struct arena tmp;

	if (v->from == LIFTED && made[0].program.insns)
		g = lift(a, g, &made[0].program);
	if (v->from == LIFTED && !is_sound(a, g, variant, f))
		return false;
	if (v->from == WEIGHED)
		weigh(g);
	if (v->optimize) {
		struct opt o = { .graph = g, .level = v->level, .verify = true };

		test_arena(&o.tmp);
		o.fuel = v->cut ? fuel_left : UINT64_MAX;
		opt_run(&o);
		arena_free(&o.tmp);
		if (!is_sound(a, g, variant, f))
			return false;
	}
	out->graph = read_graph(a, text_of(a, g), f);
	test_arena(&tmp);
	if (gen_program(g, &v->gen, &tmp, &code)) {
		out->program.insns = arena_memdup(a, code.insns,
		                                  code.n * sizeof(*code.insns));
		out->program.n = code.n;
	} else {
		counts.no_cells++;
	}
	arena_free(&tmp);
	counts.length[variant] += code.n;
	if (!out->program.insns ||
	    cbpf_check(a, out->program.insns, code.n,
	               g->input.size ? CBPF_SECCOMP : CBPF_SOCKET,
	               CBPF_ANY_LENGTH, &verdict))
		return true;
	f->variant = variant;
	f->what = "the checker refuses the program";
	snprintf(f->detail, sizeof(f->detail), "%u: %s", verdict.at,
	         verdict.reason);
	return false;
}

/* --- running --------------------------------------------------------------------------- */

static struct outcome ask_graph(void *ctx, const struct input *in)
{
	return graph_eval(ctx, in);
}

static uint32_t ancillary(void *ctx, uint32_t which, uint32_t a, uint32_t x)
{
	return input_ancillary(ctx, which, a, x);
}

static uint32_t interpret(const struct program *p, const struct input *in)
{
	struct cbpf_input packet = {
		.bytes = in->bytes,
		.captured = in->captured,
		.wire = in->wire,
		.network = in->network,
		.ancillary = ancillary,
		.ctx = (void *)in,
	};

	return in->sized ? cbpf_run_seccomp(p->insns, in->bytes)
	                 : cbpf_run(p->insns, &packet);
}

/* Keep in F what was found on IN; return false. */
static bool found(struct finding *f, const char *what, int variant, const struct input *in,
                  struct outcome theirs, struct outcome ours)
{
	f->what = what;
	f->variant = variant;
	f->on_input = true;
	f->input = *in;
	f->theirs = theirs;
	f->ours = ours;
	return false;
}

static bool is_right(const struct referee *referee, const struct input *in,
                     struct outcome theirs, struct outcome ours, int variant,
                     const char *what, struct finding *f, struct rng *r)
{
	enum verdict v = judge(referee, in, theirs, ours, r);

	counts.runs++;
	if (v == SAME)
		return true;
	snprintf(f->detail, sizeof(f->detail), "%s",
	         v == UNRESOLVED ? "or what it says could not be shown" : "");
	return found(f, what, variant, in, theirs, ours);
}

static bool run_variant(const struct referee *referee, const struct made *made,
                        int variant, const struct input *in,
                        struct outcome theirs, struct finding *f, struct rng *r)
{
	struct outcome ours;

	ours = graph_eval(made->graph, in);
	if (!is_right(referee, in, theirs, ours, variant,
	              "the graph means something else", f, r))
		return false;
	if (!made->program.insns)
		return true;
	ours.end = machine_run(&made->program, in, &ours.result, NULL);
	if (!is_right(referee, in, theirs, ours, variant,
	              "the program means something else", f, r))
		return false;
	theirs = ours;
	ours.result = interpret(&made->program, in);
	ours.end = END_RET;
	if (ours.result == theirs.result)
		return true;
	return found(f, "the interpreter disagrees with the tests' machine", variant, in,
	             theirs, ours);
}

static void run_all(struct arena *a, const struct ir_graph *g,
                    const struct made *made, uint32_t ninputs,
                    struct finding *f, struct rng *r)
{
	struct referee referee = {
		.program = &made[0].program,
		.run = ask_graph,
		.ctx = (void *)g,
		.exact = g->input.exact_faults,
	};
	struct program programs[VARIANTS_MAX];
	struct inputs set;
	struct input in;
	uint32_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(variants); i++)
		if (made[i].program.insns)
			programs[n++] = made[i].program;
	if (!made[0].program.insns)
		return;
	inputs_start(&set, a, ninputs);
	for (int i = 0; i < TEMPLATES; i++) {
		graph_input(&in, &g->input, r);
		inputs_add(&set, &in);
	}
	walk(&set, programs, n, r);
	counts.inputs += set.n;
	for (uint32_t i = 0; i < set.n; i++) {
		struct outcome theirs = referee_run(&referee, &set.v[i]);

		for (size_t k = 0; k < ARRAY_LEN(variants); k++)
			if (!run_variant(&referee, &made[k], k, &set.v[i],
			                 theirs, f, r))
				return;
	}
}

/* Everything there is to say of G. */
static void examine(struct ir_graph *g, uint32_t ninputs, uint64_t seed,
                    struct finding *f)
{
	struct made made[VARIANTS_MAX] = { 0 };
	struct rng r = rng_seed(seed);
	struct arena a;
	char *text;

	memset(f, 0, offsetof(struct finding, input));
	test_arena(&a);
	fuel_left = rng_below(&r, 12);
	if (is_sound(&a, g, -1, f)) {
		bool ok = true;

		text = text_of(&a, g);
		for (size_t i = 0; ok && i < ARRAY_LEN(variants); i++)
			ok = make(&a, text, i, made, f);
		if (ok)
			run_all(&a, g, made, ninputs, f, &r);
	}
	arena_free(&a);
}

/* --- reports --------------------------------------------------------------------------- */

static const char *variant_name(int variant)
{
	return variant < 0 ? "as drawn" : variants[variant].name;
}

static void print_program(const struct ir_graph *g, int variant)
{
	struct made made[VARIANTS_MAX] = { 0 }, *m = &made[variant];
	struct finding f = { 0 };
	struct arena a;

	if (variant < 0)
		return;
	test_arena(&a);
	make(&a, text_of(&a, g), 0, made, &f);
	make(&a, text_of(&a, g), variant, made, &f);
	if (m->graph)
		printf("graph then:\n%s", text_of(&a, m->graph));
	for (uint32_t i = 0; i < m->program.n; i++) {
		const struct sock_filter *s = &m->program.insns[i];

		printf("(%03u) code 0x%02x jt %u jf %u k %#x\n", i, s->code,
		       s->jt, s->jf, s->k);
	}
	arena_free(&a);
}

static void print_finding(const struct finding *f, const struct ir_graph *g,
                          uint64_t seed)
{
	struct arena a;
	struct buf out;

	test_arena(&a);
	out = (struct buf){ .arena = &a };
	printf("graph_diff --seed %" PRIu64 " --count 1: %s: %s%s%s\n", seed,
	       variant_name(f->variant), f->what, *f->detail ? ": " : "",
	       f->detail);
	printf("%s", text_of(&a, g));
	print_program(g, f->variant);
	if (f->on_input) {
		input_print(&out, &f->input);
		printf("%s\nshould be %u (%d), is %u (%d)\n", buf_str(&out),
		       f->theirs.result, f->theirs.end, f->ours.result,
		       f->ours.end);
	}
	fflush(stdout);
	arena_free(&a);
}

/* --- shrinking: in a child, as failing may mean to crash ---------------------------------- */

struct same_failure {
	uint32_t ninputs;
	uint64_t seed;
	int status; /* of a child that met it; -1: to be found out */
};

static int status_of(const struct finding *f)
{
	return f->what ? 2 + (unsigned char)f->what[4] % 60 + f->on_input : 0;
}

static int examine_in_child(struct ir_graph *g, const struct same_failure *s)
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (!child) {
		struct finding f;

		signal(SIGABRT, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		alarm(20);
		examine(g, s->ninputs, s->seed, &f);
		_exit(status_of(&f));
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 0;
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status)
	                           : WEXITSTATUS(status);
}

static bool fails_alike(void *ctx, struct ir_graph *g)
{
	struct same_failure *s = ctx;

	return examine_in_child(g, s) == s->status;
}

/* --- the run ------------------------------------------------------------------------------ */

struct run {
	uint64_t seed, count, ninputs, stop_after;
	unsigned failures;
	bool isolate, shrink;
};

static volatile uint64_t current;

static void on_crash(int signal_number)
{
	char text[80];
	int n = snprintf(text, sizeof(text),
	                 "graph_diff: crashed: --seed %" PRIu64
	                 " --count 1 --isolate\n",
	                 current);

	if (write(STDERR_FILENO, text, n) < 0)
		_exit(1);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void one_graph(struct run *run, uint64_t seed)
{
	struct rng r = rng_seed(seed);
	struct same_failure s = { run->ninputs, seed, -1 };
	struct graph_shape shape;
	struct finding f = { 0 };
	struct ir_graph *g;
	struct arena a;

	current = seed;
	test_arena(&a);
	graph_shape_draw(&shape, &r);
	g = graph_random(&a, &shape, &r);
	counts.graphs++;
	if (run->isolate) {
		s.status = examine_in_child(g, &s);
	} else {
		examine(g, run->ninputs, seed, &f);
		s.status = status_of(&f);
	}
	if (s.status) {
		run->failures++;
		if (run->shrink)
			g = graph_shrink(&a, g, fails_alike, &s);
		if (s.status < 1000)
			examine(g, run->ninputs, seed, &f);
		else
			f.what = "crash or no end", f.variant = -1;
		print_finding(&f, g, seed);
	}
	arena_free(&a);
}

static int compare_graphs(void *ctx)
{
	struct run *run = ctx;

	signal(SIGABRT, on_crash);
	signal(SIGSEGV, on_crash);
	printf("--seed %" PRIu64 "\n", run->seed);
	fflush(stdout);
	for (uint64_t i = 0; i < run->count && run->failures < run->stop_after; i++)
		one_graph(run, run->seed + i);
	printf("%" PRIu64 " graphs, %" PRIu64 " inputs, %" PRIu64
	       " comparisons, %" PRIu64
	       " programs that want too many cells\n",
	       counts.graphs, counts.inputs, counts.runs, counts.no_cells);
	for (size_t i = 0; i < ARRAY_LEN(variants); i++)
		printf("  %s: %" PRIu64 " instructions\n", variants[i].name,
		       counts.length[i]);
	return run->failures ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct run run = {
		.seed = seed_of_today(),
		.count = 10000,
		.ninputs = 40,
		.stop_after = 5,
		.shrink = true,
	};
	const struct driver_option options[] = {
		{
			"seed",
			"N",
			DRIVER_NUMBER,
			&run.seed,
			"of the first graph; another every day",
		},
		{ "count", "N", DRIVER_NUMBER, &run.count, "graphs" },
		{ "inputs", "N", DRIVER_NUMBER, &run.ninputs, "inputs for each" },
		{ "stop-after", "N", DRIVER_NUMBER, &run.stop_after, "failures" },
		{ "isolate", NULL, DRIVER_SET, &run.isolate, "a process for each graph" },
		{
			"no-shrink",
			NULL,
			DRIVER_CLEAR,
			&run.shrink,
			"print failing graphs as they are",
		},
		{ NULL },
	};

	return driver_main(&(struct driver){
				   "graph_diff",
				   options,
				   compare_graphs,
				   &run,
			   },
	                   argv);
}
