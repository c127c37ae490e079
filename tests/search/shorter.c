/*
 * Searches for programs that are one instruction shorter than those of -Os and do the
 * same on many packets: every program that is near, exhaustively. What it finds is not
 * proved yet; prove.py reads it.
 *
 * Near is: an instruction less, and up to EDGES ways out of tests lead elsewhere; or an
 * instruction less, another one replaced, and at most one way out leads elsewhere.
 */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "tests/diff/corpus.h"
#include "tests/diff/diff.h"

enum {
	MOST = 32,       /* instructions of a program */
	TEMPLATES = 6,   /* packets to start from */
	POOL_MAX = 4000, /* instructions that may replace another */
	FOUND_MAX = 12   /* programs that are printed for a text */
};

struct run {
	uint64_t seed, longest, ninputs, edges;
	const char *set, *only;
	struct rng rng;
	uint64_t searched, tried, found;
};

/* An input, and what a program may return for it. */
struct test {
	struct cbpf_input in;
	uint32_t want, also;
};

struct search {
	struct run *run;
	const struct corpus_case *of;
	struct test *test;
	uint32_t ntests;
	struct sock_filter pool[POOL_MAX];
	uint32_t npool;
	struct sock_filter insns[MOST]; /* at hand */
	uint32_t n, found;
};

/* --- is it right? ---------------------------------------------------------------------- */

/* Tell whether the program at hand passes all tests; those that fail come earlier. */
static bool passes(struct search *s)
{
	s->run->tried++;
	for (uint32_t i = 0; i < s->ntests; i++) {
		struct test t = s->test[i];
		uint32_t result = cbpf_run(s->insns, &t.in);

		if (result == t.want || result == t.also)
			continue;
		s->test[i] = s->test[i / 2];
		s->test[i / 2] = t;
		return false;
	}
	return true;
}

/* Tell whether it does so on inputs that take its own ways, too. */
static bool passes_its_own(struct search *s)
{
	const struct program *reference = &s->of->program[0];
	struct program both[] = { *reference, { s->insns, s->n } };
	struct referee referee = { .program = reference };
	struct arena a = { 0 };
	struct inputs set;
	bool right = true;

	test_arena(&a);
	inputs_start(&set, &a, (uint32_t)s->run->ninputs);
	for (unsigned i = 0; i < TEMPLATES; i++) {
		struct input in;

		corpus_input(s->of, &in, &s->run->rng);
		inputs_add(&set, &in);
	}
	walk(&set, both, ARRAY_LEN(both), &s->run->rng);
	for (uint32_t i = 0; right && i < set.n; i++) {
		struct outcome theirs = referee_run(&referee, &set.v[i]), ours;

		ours.end = machine_run(&both[1], &set.v[i], &ours.result, NULL);
		right = judge(&referee, &set.v[i], theirs, ours, &s->run->rng) != DIFFERENT;
	}
	arena_free(&a);
	return right;
}

static void print_program(const char *name, const struct sock_filter *p, uint32_t n)
{
	printf("%s", name);
	for (uint32_t i = 0; i < n; i++)
		printf("%s%u %u %u %u", i ? "," : " ", p[i].code, p[i].jt, p[i].jf, p[i].k);
	printf("\n");
}

/* Tell whether every way through the program at hand ends with a return. */
static bool is_whole(const struct search *s)
{
	struct arena a = { 0 };
	struct cbpf_verdict v;
	bool ok;

	test_arena(&a);
	ok = cbpf_check(&a, s->insns, s->n, CBPF_SOCKET, 0, &v);
	arena_free(&a);
	return ok;
}

static void try(struct search *s)
{
	if (s->found >= FOUND_MAX || !passes(s) || !is_whole(s) || !passes_its_own(s))
		return;
	if (!s->found) {
		printf("text %s %s\n", s->of->from.link, s->of->from.text);
		print_program("meant", s->of->program[0].insns, s->of->program[0].n);
		print_program("written", s->of->program[CORPUS_LEVELS - 1].insns,
		              s->of->program[CORPUS_LEVELS - 1].n);
	}
	s->found++;
	print_program("shorter", s->insns, s->n);
	fflush(stdout);
}

/* --- what is near ---------------------------------------------------------------------- */

static bool is_test(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_JMP && BPF_OP(f->code) != BPF_JA;
}

static bool is_return(const struct sock_filter *f)
{
	return BPF_CLASS(f->code) == BPF_RET;
}

/* The distance from AT to TARGET once instruction GONE is gone; what led there goes on. */
static uint32_t distance(uint32_t at, uint32_t target, uint32_t gone)
{
	return target - at - 1 - (at < gone && target > gone);
}

/* Set the program at hand to P without instruction GONE. */
static void without(struct search *s, const struct program *p, uint32_t gone)
{
	s->n = 0;
	for (uint32_t i = 0; i < p->n; i++) {
		struct sock_filter f = p->insns[i];

		if (i == gone)
			continue;
		if (is_test(&f)) {
			f.jt = (uint8_t)distance(i, i + 1 + f.jt, gone);
			f.jf = (uint8_t)distance(i, i + 1 + f.jf, gone);
		} else if (BPF_CLASS(f.code) == BPF_JMP) {
			f.k = distance(i, i + 1 + f.k, gone);
		}
		s->insns[s->n++] = f;
	}
}

/* Way out E of the program at hand, in order; NULL after the last. */
static uint8_t *way_out(struct search *s, uint32_t e, uint32_t *room)
{
	for (uint32_t i = 0; i < s->n; i++) {
		if (!is_test(&s->insns[i]))
			continue;
		*room = s->n - 1 - i;
		if (e < 2)
			return e ? &s->insns[i].jf : &s->insns[i].jt;
		e -= 2;
	}
	return NULL;
}

/* Try the program at hand with up to EDGES of its ways out from FIRST on changed. */
static void lead_elsewhere(struct search *s, uint32_t first, uint64_t edges)
{
	uint32_t room;
	uint8_t *way;

	try(s);
	for (uint32_t e = first; edges && (way = way_out(s, e, &room)); e++) {
		uint8_t was = *way;

		for (uint32_t to = 0; to < room; to++) {
			*way = (uint8_t)to;
			if (to != was)
				lead_elsewhere(s, e + 1, edges - 1);
		}
		*way = was;
	}
}

/* Try the test F in place of the straight instruction AT, with all ways out. */
static void try_test(struct search *s, uint32_t at)
{
	struct sock_filter *f = &s->insns[at];

	for (uint32_t yes = 0; yes + at + 1 < s->n; yes++)
		for (uint32_t no = 0; no + at + 1 < s->n; no++) {
			f->jt = (uint8_t)yes;
			f->jf = (uint8_t)no;
			if (yes != no)
				try(s);
		}
}

/* Try others of the pool in place of instruction AT of the program at hand. */
static void replace(struct search *s, uint32_t at)
{
	struct sock_filter was = s->insns[at];

	if (is_return(&was))
		return;
	for (uint32_t i = 0; i < s->npool; i++) {
		struct sock_filter f = s->pool[i];

		if (f.code == was.code && f.k == was.k)
			continue;
		s->insns[at] = f;
		if (is_test(&f) && !is_test(&was)) {
			try_test(s, at);
			continue;
		}
		if (is_test(&f)) {
			s->insns[at].jt = was.jt;
			s->insns[at].jf = was.jf;
		}
		lead_elsewhere(s, 0, 1);
	}
	s->insns[at] = was;
}

/* --- the pool --------------------------------------------------------------------------- */

static void add(struct search *s, uint32_t code, uint32_t k)
{
	for (uint32_t i = 0; i < s->npool; i++)
		if (s->pool[i].code == code && s->pool[i].k == k)
			return;
	if (s->npool < POOL_MAX)
		s->pool[s->npool++] = (struct sock_filter){ (uint16_t)code, 0, 0, k };
}

static void add_tests(struct search *s, uint32_t k)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };

	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		add(s, BPF_JMP | ops[i] | BPF_K, k);
}

/* Add what F is like: the same at other offsets, widths and registers. */
static void add_like(struct search *s, const struct sock_filter *f)
{
	static const uint16_t sizes[] = { BPF_W, BPF_H, BPF_B };

	if (is_test(f)) {
		add_tests(s, f->k);
		add_tests(s, f->k + 1);
		add_tests(s, f->k - 1);
		add(s, BPF_LD | BPF_IMM, f->k);
	} else if (BPF_CLASS(f->code) == BPF_LD && BPF_MODE(f->code) != BPF_LEN &&
	           BPF_MODE(f->code) != BPF_MEM) {
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			add(s, BPF_LD | BPF_ABS | sizes[i], f->k);
			add(s, BPF_LD | BPF_IND | sizes[i], f->k);
		}
	} else if (f->code == (BPF_LDX | BPF_IMM)) {
		for (int by = -4; by <= 4; by++)
			add(s, f->code, f->k + (uint32_t)by);
	} else if (!is_return(f) && BPF_CLASS(f->code) != BPF_JMP) {
		add(s, f->code, f->k);
	}
}

static void fill_pool(struct search *s)
{
	s->npool = 0;
	add(s, BPF_MISC | BPF_TAX, 0);
	add(s, BPF_MISC | BPF_TXA, 0);
	for (uint32_t level = 0; level < CORPUS_LEVELS; level++) {
		const struct program *p = &s->of->program[level];

		for (uint32_t i = 0; i < p->n && i < 100; i++)
			add_like(s, &p->insns[i]);
	}
	/* Differences between offsets are what X may hold. */
	for (uint32_t i = 0, n = s->npool; i < n; i++)
		for (uint32_t j = 0; j < n; j++)
			if (BPF_CLASS(s->pool[i].code) == BPF_LD &&
			    BPF_CLASS(s->pool[j].code) == BPF_LD &&
			    s->pool[i].k - s->pool[j].k < 64)
				add(s, BPF_LDX | BPF_IMM, s->pool[i].k - s->pool[j].k);
}

/* --- a text ------------------------------------------------------------------------------ */

static uint32_t word_of(void *ctx, uint32_t which, uint32_t a, uint32_t x)
{
	return input_ancillary(ctx, which, a, x);
}

/* Add IN, whole and cut, to the tests. */
static void add_test(struct search *s, struct input *in)
{
	const struct program *written = &s->of->program[CORPUS_LEVELS - 1];
	struct referee referee = { .program = &s->of->program[0] };
	struct outcome meant = referee_run(&referee, in);
	struct test *t = &s->test[s->ntests++];

	t->in = (struct cbpf_input){
		.bytes = in->bytes,
		.captured = in->captured,
		.wire = in->wire,
		.network = in->network,
		.ancillary = word_of,
		.ctx = in,
	};
	t->want = t->also = meant.result;
	/* What -Os makes of a fault has been judged elsewhere. */
	if (meant.end == END_LOAD)
		machine_run(written, in, &t->also, NULL);
}

static void make_tests(struct search *s, struct arena *a)
{
	struct program both[] = { s->of->program[0], s->of->program[CORPUS_LEVELS - 1] };
	struct inputs set;

	inputs_start(&set, a, (uint32_t)s->run->ninputs);
	for (unsigned i = 0; i < TEMPLATES; i++) {
		struct input in;

		corpus_input(s->of, &in, &s->run->rng);
		inputs_add(&set, &in);
	}
	walk(&set, both, ARRAY_LEN(both), &s->run->rng);
	s->test = arena_array(a, struct test, set.n);
	s->ntests = 0;
	for (uint32_t i = 0; i < set.n; i++)
		add_test(s, &set.v[i]);
}

static void search_text(struct run *run, const struct corpus_case *c, struct arena *a)
{
	const struct program *p = &c->program[CORPUS_LEVELS - 1];
	struct search *s = arena_alloc(a, sizeof *s);

	s->run = run;
	s->of = c;
	s->found = 0;
	make_tests(s, a);
	fill_pool(s);
	/* The last is a return. */
	for (uint32_t gone = 0; gone + 1 < p->n; gone++) {
		without(s, p, gone);
		lead_elsewhere(s, 0, run->edges);
		for (uint32_t at = 0; at < s->n && s->found < FOUND_MAX; at++)
			replace(s, at);
	}
	run->searched++;
	run->found += s->found != 0;
}

static bool is_wanted(const struct run *run, const struct corpus_text *t)
{
	if (t->policy || t->live || !t->link)
		return false;
	return run->only ? !strcmp(t->text, run->only) : !run->set || !strcmp(t->set, run->set);
}

static int search_all(void *ctx)
{
	struct run *run = ctx;
	struct arena texts = { 0 };
	corpus_texts_t all = { 0 };

	run->rng = rng_seed(run->seed);
	test_arena(&texts);
	corpus_read(&texts, &all, 0);
	for (size_t i = 0; i < all.n; i++) {
		struct arena a = { 0 };
		struct corpus_case c;

		if (!is_wanted(run, &all.v[i]))
			continue;
		test_arena(&a);
		if (corpus_compile(&a, &all.v[i], &c) &&
		    c.program[CORPUS_LEVELS - 1].n <= run->longest)
			search_text(run, &c, &a);
		arena_free(&a);
	}
	arena_free(&texts);
	fprintf(stderr, "%" PRIu64 " programs, %" PRIu64 " others tried, shorter ones for %" PRIu64 "\n",
	        run->searched, run->tried, run->found);
	return 0;
}

int main(int argc, char **argv)
{
	struct run run = { .seed = 1, .longest = 20, .ninputs = 1500, .edges = 2 };
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &run.seed, "of the packets" },
		{ "longest", "N", DRIVER_NUMBER, &run.longest, "instructions, at most" },
		{ "inputs", "N", DRIVER_NUMBER, &run.ninputs, "packets for each program" },
		{ "edges", "N", DRIVER_NUMBER, &run.edges, "ways out that lead elsewhere" },
		{ "set", "NAME", DRIVER_TEXT, &run.set, "of this set only: everyday, own, ..." },
		{ "only", "EXPR", DRIVER_TEXT, &run.only, "this expression only" },
		{ NULL, NULL, 0, NULL, NULL },
	};
	const struct driver d = { "shorter", options, search_all, &run };

	if (run.longest > MOST)
		return 2;
	return driver_main(&d, argv);
}
