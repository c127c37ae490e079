/*
 * Every level against -O0: the programs of the corpus, and random ones, on inputs
 * that walk the branches of both, cut short at every length. The unoptimized
 * program is the referee, on a sample the graph evaluator, and on another the
 * running kernel, which has the optimized program attached.
 *
 * Then the question is put to the test itself: of programs that are changed at one
 * point, how many does it find? Those that mean the same are told by what the
 * optimizer makes of them. What is found with more inputs alone, or never, is printed.
 *
 *	--long        10,000,000 (program, input) pairs, lists of 1000, 1,000 changes
 */
#include "tests/diff/corpus.h"
#include "tests/diff/graphs.h"
#include "tests/diff/mutants.h"
#include "tests/diff/socket.h"
#include "cbpf/cbpf.h"
#include "gen/gen.h"
#include "opt/opt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TEMPLATES = 6,      /* inputs to start from */
	CUTS = 4,           /* inputs that are cut at every length */
	EVALUATE = 8,       /* one in so many goes to the graph evaluator, too */
	PATIENCE = 30,      /* a mutant that is missed gets so many times the inputs */
	SENT = 4,           /* inputs that are sent through the kernel */
	KERNEL = 2,         /* -O2: what the kernel gets */
	MISSED_MOST = 8,    /* of 100 mutants, at first */
	CHECKED_LEAST = 92, /* of 100, by the library's check: 300 are few to count */
	FEW = 500,
};

struct run {
	struct arena arena; /* of one case */
	struct rng rng;
	uint64_t seed, pairs, ninputs, longest, mutants, stop_after;
	const char *only;
	bool coverage, longest_run;
	struct attached socket;
	bool attached; /* there is such a socket */
	struct trace trace;
	uint64_t cases, refused, done, sent;
	uint64_t edges, covered;
	unsigned failures;
	bool check;                  /* mutants are for the library's check to find */
	uint64_t checks, checked_on; /* how often it ran, on how many inputs */
};

/* --- one input ----------------------------------------------------------------------- */

/* Whom a program is compared with: the case, or what a mutant was made of. */
struct match {
	const struct corpus_case *from;
	const char *who;
	struct program program;
	struct referee referee;
	const struct input *whole; /* what a cut input was before; NULL: not cut */
	struct outcome of_whole;
};

static struct outcome evaluate(void *ctx, const struct input *in)
{
	return graph_eval(ctx, in);
}

static struct match match(const struct corpus_case *c, const char *who,
                          struct program program)
{
	return (struct match){
		.from = c,
		.who = who,
		.program = program,
		.referee = {
			.program = &c->program[0],
			.ctx = (void *)c->graph,
			.exact = c->graph->input.exact_faults,
		},
	};
}

static enum verdict decide(struct run *run, const struct match *m, const struct input *in,
                           struct outcome theirs, struct outcome ours)
{
	/* The longer capture that may license a result is often at hand. */
	if (m->whole && theirs.end == END_LOAD && !m->referee.exact &&
	    m->of_whole.end == END_RET && ours.result == m->of_whole.result)
		return SAME;
	return judge(&m->referee, in, theirs, ours, &run->rng);
}

static enum verdict compare(struct run *run, struct match *m, const struct input *in,
                            struct outcome *theirs, struct outcome *ours)
{
	m->referee.run = rng_one_in(&run->rng, EVALUATE) ? evaluate : NULL;
	*theirs = referee_run(&m->referee, in);
	ours->end = machine_run(&m->program, in, &ours->result, NULL);
	run->done++;
	return decide(run, m, in, *theirs, *ours);
}

static void report(struct run *run, const struct match *m, const struct input *in,
                   struct outcome theirs, struct outcome ours)
{
	const struct corpus_text *t = &m->from->from;
	struct buf b = { .arena = &run->arena };

	input_print(&b, in);
	printf("%s, %s: %.300s\n  (link type %s%s)\n  should be %#x (end %d), is %#x (end %d), on %s\n",
	       m->who, t->set, t->text, t->link, t->live ? ", live" : "", theirs.result,
	       theirs.end, ours.result, ours.end, buf_str(&b));
}

/* True if M's program is known to be right on IN. */
static bool agrees(struct run *run, struct match *m, const struct input *in, bool loud)
{
	struct outcome theirs, ours;

	if (compare(run, m, in, &theirs, &ours) == SAME)
		return true;
	if (loud)
		report(run, m, in, theirs, ours);
	return false;
}

/* --- inputs of a case ------------------------------------------------------------------- */

/* The end of what P looks at in IN. */
static uint32_t looks_up_to(struct run *run, const struct program *p,
                            const struct input *in)
{
	uint32_t result, end = 0;

	machine_run(p, in, &result, &run->trace);
	for (uint32_t i = 0; i < run->trace.ntouches; i++)
		if (run->trace.touch[i].at < PACKET_MAX)
			end = max_u32(end, run->trace.touch[i].at +
			                           run->trace.touch[i].width);
	return min_u32(end, in->captured);
}

static bool agrees_cut(struct run *run, struct match *m, const struct input *whole,
                       bool loud)
{
	uint32_t end = max_u32(looks_up_to(run, m->referee.program, whole),
	                       looks_up_to(run, &m->program, whole));
	struct input in = *whole;
	bool same = true;

	if (in.sized)
		return true;
	m->whole = whole;
	m->of_whole = referee_run(&m->referee, whole);
	for (in.captured = 0; same && in.captured < end; in.captured++)
		same = agrees(run, m, &in, loud);
	m->whole = NULL;
	return same;
}

/* Tests of the longest of the N programs. */
static uint32_t most_tests(const struct program *p, uint32_t n)
{
	uint32_t most = 0, tests;

	for (uint32_t i = 0; i < n; i++) {
		tests = 0;
		for (uint32_t pc = 0; pc < p[i].n; pc++)
			tests += BPF_CLASS(p[i].insns[pc].code) == BPF_JMP;
		most = max_u32(most, tests);
	}
	return most;
}

/* Enough of them to leave every test both ways. */
static void draw_inputs(struct run *run, const struct corpus_case *c,
                        const struct program *p, uint32_t n, struct inputs *set)
{
	struct input in;

	inputs_start(set, &run->arena, run->ninputs + 6 * most_tests(p, n));
	for (unsigned i = 0; i < TEMPLATES; i++) {
		corpus_input(c, &in, &run->rng);
		inputs_add(set, &in);
	}
	walk(set, p, n, &run->rng);
}

static bool agrees_on_all(struct run *run, struct match *m, const struct inputs *set,
                          bool loud)
{
	for (uint32_t i = 0; i < set->n; i++)
		if (!agrees(run, m, &set->v[i], loud) ||
		    (i % (1 + set->n / CUTS) == 0 &&
		     !agrees_cut(run, m, &set->v[i], loud)))
			return false;
	return true;
}

/* --- coverage ---------------------------------------------------------------------------- */

/* Counts the ways out of P's tests, and those that SET takes. */
static void count_edges(struct run *run, const struct corpus_case *c,
                        const struct program *p, const struct inputs *set)
{
	uint8_t *taken = arena_array(&run->arena, uint8_t, p->n);
	uint32_t result, edges = 0, covered = 0;

	for (uint32_t i = 0; i < set->n; i++) {
		machine_run(p, &set->v[i], &result, &run->trace);
		for (uint32_t f = 0; f < run->trace.nforks; f++)
			taken[run->trace.fork[f].pc] |= run->trace.fork[f].yes ? 2 : 1;
	}
	for (uint32_t pc = 0; pc < p->n; pc++) {
		if (BPF_CLASS(p->insns[pc].code) != BPF_JMP ||
		    BPF_OP(p->insns[pc].code) == BPF_JA)
			continue;
		edges += 2;
		covered += (taken[pc] & 1) + (taken[pc] >> 1);
	}
	run->edges += edges;
	run->covered += covered;
	if (run->coverage && covered < edges) {
		printf("%u of %u: %s, %s: %.200s\n   not:", covered, edges, c->from.set, c->from.link,
		       c->from.text);
		for (uint32_t pc = 0; pc < p->n; pc++)
			if (BPF_CLASS(p->insns[pc].code) == BPF_JMP &&
			    BPF_OP(p->insns[pc].code) != BPF_JA && taken[pc] != 3)
				printf(" %u%s", pc, taken[pc] == 2 ? "f" : taken[pc] == 1 ? "t"
				                                                          : "");
		printf("\n");
	}
}

/* --- the kernel --------------------------------------------------------------------------- */

/* Some of SET, as if nothing were cut off, through the kernel with P attached. */
static bool kernel_agrees(struct run *run, const struct corpus_case *c,
                          const struct program *p, const struct inputs *set)
{
	struct outcome ours, theirs = { .end = END_RET };

	if (!run->attached || c->from.policy || c->from.live ||
	    !attached_set(&run->socket, p))
		return true;
	for (unsigned i = 0; i < SENT && set->n; i++) {
		struct input in = set->v[rng_below(&run->rng, set->n)];
		struct match m = match(c, "the kernel", *p);

		in.wire = in.captured;
		if (!in.captured || !attached_pass(&run->socket, &in, &theirs.result))
			continue;
		run->sent++;
		ours.end = machine_run(p, &in, &ours.result, NULL);
		if (min_u32(ours.result, in.wire) == theirs.result)
			continue;
		report(run, &m, &in, ours, theirs);
		return false;
	}
	return true;
}

/* --- the library's own check --------------------------------------------------------------- */

/* Whether what the library does on its own, as often as it does, finds P right. */
static bool passes_check(struct run *run, const struct corpus_case *c, struct program p,
                         const char *who)
{
	struct prove_case check = {
		.graph = c->graph,
		.root = c->graph->root,
		.program = p,
	};
	struct prove_found found;
	struct arena_mark mark = arena_mark(&run->arena);
	bool right;

	prove_budget(&check);
	right = prove_check(&check, &run->arena, &found);
	run->checks++;
	run->checked_on += found.inputs;
	if (!right && who) {
		struct match m = match(c, who, p);

		report(run, &m, found.in, (struct outcome){ .result = found.meant },
		       (struct outcome){ .result = found.written });
	}
	arena_back(&run->arena, mark);
	return right;
}

/* --- a case ------------------------------------------------------------------------------ */

static void examine(struct run *run, const struct corpus_text *text)
{
	struct corpus_case c;
	struct inputs set;

	if (run->only && strcmp(run->only, text->text) && strcmp(run->only, text->set))
		return;
	if (!corpus_compile(&run->arena, text, &c)) {
		run->refused++;
		arena_free(&run->arena);
		return;
	}
	run->cases++;
	for (unsigned i = 1; i < CORPUS_LEVELS; i++)
		if (!passes_check(run, &c, c.program[i], corpus_levels[i]))
			run->failures++;
	if (run->check) {
		run->done += CORPUS_LEVELS;
		arena_free(&run->arena);
		return;
	}
	draw_inputs(run, &c, c.program, CORPUS_LEVELS, &set);
	count_edges(run, &c, &c.program[2], &set);
	for (unsigned i = 1; i < CORPUS_LEVELS; i++) {
		struct match m = match(&c, corpus_levels[i], c.program[i]);

		if (!agrees_on_all(run, &m, &set, true))
			run->failures++;
	}
	if (!kernel_agrees(run, &c, &c.program[KERNEL], &set))
		run->failures++;
	arena_free(&run->arena);
}

static void examine_random(struct run *run)
{
	struct corpus_text text;
	struct arena a;

	test_arena(&a);
	text = corpus_draw(&a, &run->rng);
	examine(run, &text);
	arena_free(&a);
}

/* --- mutants --------------------------------------------------------------------------------- */

/* Some level's program of C, changed at one point, in OUT; NULL: nothing came of it. */
static const char *draw_mutant(struct run *run, const struct corpus_case *c,
                               struct program *out, unsigned *level, uint32_t *at)
{
	const struct program *p = &c->program[ *level = 1 + rng_below(&run->rng, 4)];
	struct sock_filter *copy = arena_memdup(&run->arena, p->insns, p->n * sizeof(*copy));
	const char *kind = mutate(copy, p->n, at, &run->rng);
	struct cbpf_verdict v;

	*out = (struct program){ copy, p->n };
	if (!kind || !memcmp(copy, p->insns, p->n * sizeof(*copy)) ||
	    !cbpf_check(&run->arena, copy, p->n, c->from.policy ? CBPF_SECCOMP : CBPF_SOCKET,
	                0, &v))
		return NULL;
	return kind;
}

/* Whether the test that a program gets here tells MUTANT from what C means. */
static bool is_caught(struct run *run, const struct corpus_case *c, struct program mutant)
{
	struct match m = match(c, "mutant", mutant);
	struct program both[] = { c->program[0], mutant };
	struct inputs set;

	draw_inputs(run, c, both, ARRAY_LEN(both), &set);
	return !agrees_on_all(run, &m, &set, false);
}

/* P as the optimizer has it, which knows of bits that no byte has and the like. */
static struct program normal(struct run *run, const struct corpus_case *c,
                             struct program p)
{
	struct ir_graph *g = ir_graph(&run->arena, &c->graph->input);
	struct opt o = {
		.graph = g,
		.level = OPT_SIZE,
		.fuel = UINT64_MAX,
		.gen = { .linear = true },
	};
	struct gen_code code = { .n = 0 };

	test_arena(&o.tmp);
	if (gen_lift(g, p.insns, p.n, &o.tmp, NULL)) {
		opt_run(&o);
		if (!gen_program(g, &o.gen, &o.tmp, &code))
			code.n = 0;
	}
	arena_free(&o.tmp);
	return (struct program){ code.insns, code.n };
}

/* True if MUTANT is known to mean what it was made of. */
static bool is_equivalent(struct run *run, const struct corpus_case *c, unsigned level,
                          struct program mutant)
{
	struct program a = normal(run, c, c->program[level]);
	struct program b = normal(run, c, mutant);

	return a.n && a.n == b.n && !memcmp(a.insns, b.insns, a.n * sizeof(*a.insns));
}

static void print_missed(const struct corpus_case *c, const char *kind, unsigned level,
                         uint32_t at, struct program mutant, bool late)
{
	struct sock_filter was = c->program[level].insns[at], is = mutant.insns[at];

	printf("missed%s: %s at %u of %s, %s, %s: %.200s\n  %#x %u %u %#x -> %#x %u %u %#x\n",
	       late ? " at first" : "", kind, at, corpus_levels[level], c->from.set,
	       c->from.link, c->from.text, was.code, was.jt, was.jf, was.k, is.code, is.jt,
	       is.jf, is.k);
}

struct score {
	unsigned tried, caught, late, equivalent;
	unsigned checked; /* those that are caught, by the library's check, too */
};

static void try_mutant(struct run *run, const struct corpus_case *c, struct score *s)
{
	uint32_t at, ninputs = run->ninputs;
	struct program mutant;
	const char *kind;
	unsigned level;
	bool late;

	kind = draw_mutant(run, c, &mutant, &level, &at);
	if (!kind)
		return;
	s->tried++;
	if (!passes_check(run, c, mutant, NULL))
		s->checked++;
	if (run->check ? s->checked > s->caught : is_caught(run, c, mutant)) {
		s->caught++;
		return;
	}
	if (is_equivalent(run, c, level, mutant)) {
		s->equivalent++;
		return;
	}
	run->ninputs *= PATIENCE;
	late = !run->check && is_caught(run, c, mutant);
	run->ninputs = ninputs;
	s->late += late;
	print_missed(c, kind, level, at, mutant, late);
}

static void examine_mutants(struct run *run, const corpus_texts_t *texts)
{
	struct score s = { 0 };
	struct corpus_case c;

	while (s.tried < run->mutants) {
		const struct corpus_text *text = &texts->v[rng_below(&run->rng, texts->n)];

		if (corpus_compile(&run->arena, text, &c))
			try_mutant(run, &c, &s);
		arena_free(&run->arena);
	}
	printf("%u mutants: %u mean the same, %u were caught, %u only with %d times the "
	       "inputs, %u not\n",
	       s.tried, s.equivalent, s.caught, s.late, PATIENCE,
	       s.tried - s.equivalent - s.caught - s.late);
	if (s.tried && (s.tried - s.equivalent - s.caught) * 100 > s.tried * MISSED_MOST) {
		printf("that is too many\n");
		run->failures++;
	}
	printf("%u of %u were caught by the library's check\n", s.checked,
	       s.tried - s.equivalent);
	/* Without the vectors what is left is lists, in which one entry is easily missed. */
	if (texts->n > FEW && s.checked * 100 < (s.tried - s.equivalent) * CHECKED_LEAST) {
		printf("that is too few\n");
		run->failures++;
	}
}

/* --- the run ------------------------------------------------------------------------------- */

static int compare_levels(void *ctx)
{
	struct run *run = ctx;
	corpus_texts_t texts = { 0 };
	struct arena a;

	if (run->longest_run) {
		run->pairs = 10000000;
		run->longest = 1000;
		run->mutants = 1000;
	}
	run->rng = rng_seed(run->seed);
	run->attached = attached_open(&run->socket);
	test_arena(&run->arena);
	test_arena(&a);
	corpus_read(&a, &texts, run->longest);
	for (uint32_t i = 0; i < texts.n && run->failures < run->stop_after; i++)
		examine(run, &texts.v[i]);
	while (!run->only && run->done < run->pairs && run->failures < run->stop_after)
		examine_random(run);
	printf("%" PRIu64 " texts (%" PRIu64 " refused), %" PRIu64
	       " (program, input) pairs, %" PRIu64 " put to the kernel, %u failures\n"
	       "%" PRIu64 " of %" PRIu64 " ways out of tests taken\n",
	       run->cases, run->refused, run->done, run->sent, run->failures,
	       run->covered, run->edges);
	printf("%" PRIu64 " programs checked as the library does it, on %" PRIu64
	       " inputs\n",
	       run->checks, run->checked_on);
	if (!run->only && run->mutants)
		examine_mutants(run, &texts);
	if (run->attached)
		attached_close(&run->socket);
	arena_free(&a);
	arena_free(&run->arena);
	return run->failures ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct run run = {
		.seed = 1,
		.ninputs = 100,
		.longest = 100,
		.pairs = 1500000,
		.mutants = 300,
		.stop_after = 10,
	};
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &run.seed, "of what is random" },
		{ "inputs", "N", DRIVER_NUMBER, &run.ninputs, "inputs for each program" },
		{
			"longest",
			"N",
			DRIVER_NUMBER,
			&run.longest,
			"members of a list at most",
		},
		{ "pairs", "N", DRIVER_NUMBER, &run.pairs, "(program, input) pairs" },
		{ "mutants", "N", DRIVER_NUMBER, &run.mutants, "changed programs" },
		{ "only", "TEXT", DRIVER_TEXT, &run.only, "this text or set only" },
		{
			"coverage",
			NULL,
			DRIVER_SET,
			&run.coverage,
			"print the ways not taken",
		},
		{
			"check",
			NULL,
			DRIVER_SET,
			&run.check,
			"what the library's check finds",
		},
		{ "long", NULL, DRIVER_SET, &run.longest_run, "10,000,000 pairs" },
		{ NULL },
	};

	return driver_main(&(struct driver){
				   "level_diff",
				   options,
				   compare_levels,
				   &run,
			   },
	                   argv);
}
