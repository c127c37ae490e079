/*
 * The direct forms against the classic programs that they are made of: for each of the
 * corpus, and for random ones, XDP and tc programs are loaded into the running kernel and
 * run on packets that walk the branches of the classic program; for XDP, the linear part
 * of the packet ends anywhere. A peer may be asked, too, for packets in one piece, and how
 * large its programs are.
 */
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/diff/corpus.h"
#include "tests/diff/ebpf_peer.h"
#include "tests/diff/ebpf_runs.h"
#include "tests/diff/loaded.h"

enum {
	TEMPLATES = 4,
	INPUTS = 60, /* a program */
	SKIPPED = 77
};

/* How large programs are, of us or of the peer. */
struct sizes {
	uint64_t insns, tests; /* in all; what is for packets in pieces does not count */
};

struct run {
	struct arena arena; /* of one case */
	struct rng rng;
	uint64_t seed, random, longest;
	const char *only;
	bool all_levels;
	struct ebpf_runs runs;
	const char *peer_command;
	struct ebpf_peer peer;
	struct ebpf_runs peer_runs;                           /* that it differs is no failure of ours */
	uint64_t peer_programs, peer_refused, everyday, more; /* tests than the peer: programs */
	struct sizes ours, theirs, our_everyday, their_everyday;
};

/* Return the size of CODE, ours, up to where its second copy begins. */
static struct sizes first_copy(const struct ebpf_code *code)
{
	struct sizes s = { .insns = code->insns.n };

	for (uint32_t i = 0; i < s.insns; i++) {
		const struct ebpf_insn *f = &code->insns.v[i];

		if (f->code != (BPF_JMP | BPF_JGT | BPF_X) || f->src != 9)
			continue;
		s.tests++;
		if (s.insns > i + 1 + (uint32_t)f->off)
			s.insns = i + 1 + (uint32_t)f->off;
	}
	return s;
}

static void add(struct sizes *sum, struct sizes one)
{
	sum->insns += one.insns;
	sum->tests += one.tests;
}

/* Have the peer compile P, of which we made OURS; run what comes, and compare the sizes. */
static void try_peer(struct run *r, bool everyday, const char *what,
                     const struct ebpf_code *ours, const struct program *p,
                     const struct inputs *set)
{
	struct cbpf_program classic = { .insns = p->insns, .n = p->n, .use = CBPF_SOCKET };
	struct ebpf_code code = { .arena = &r->arena };
	struct sizes theirs;
	uint32_t tests;
	char log[1200];
	int fd = -1;

	if (ebpf_peer_compile(&r->peer, &classic, &code, &tests))
		fd = loaded_open(&code, BPF_PROG_TYPE_XDP, log, sizeof log);
	if (fd < 0) {
		r->peer_refused++;
		return;
	}
	r->peer_programs++;
	ebpf_runs(&r->peer_runs, PARTY_PEER, what, fd, p, set);
	close(fd);
	theirs = (struct sizes){ code.insns.n, tests };
	r->more += first_copy(ours).tests > tests;
	add(&r->ours, first_copy(ours));
	add(&r->theirs, theirs);
	if (everyday) {
		r->everyday++;
		add(&r->our_everyday, first_copy(ours));
		add(&r->their_everyday, theirs);
	}
}

static void try_hook(struct run *r, const struct corpus_text *t, const char *level,
                     enum ebpf_party party, const struct program *p, const struct inputs *set)
{
	bool everyday = strcmp(t->set, "everyday") == 0 && strcmp(level, "-O2") == 0;
	struct ebpf_code code = { .arena = &r->arena };
	struct buf what = { .arena = &r->arena };
	int fd;

	buf_printf(&what, "%s, %s: %.300s (%s)", level, t->set, t->text, t->link);
	fd = ebpf_runs_load(&r->runs, party, buf_str(&what), p, &code);
	if (fd < 0)
		return;
	ebpf_runs(&r->runs, party, buf_str(&what), fd, p, set);
	close(fd);
	if (party == PARTY_XDP && r->peer_command)
		try_peer(r, everyday, buf_str(&what), &code, p, set);
}

static void examine(struct run *r, const struct corpus_text *t)
{
	struct corpus_case c;
	unsigned only = rng_below(&r->rng, CORPUS_LEVELS);

	if (t->policy || (r->only && strcmp(r->only, t->text)) ||
	    !corpus_compile(&r->arena, t, &c)) {
		arena_free(&r->arena);
		return;
	}
	for (unsigned level = 0; level < CORPUS_LEVELS; level++) {
		const struct program *p = &c.program[level];
		struct inputs set;
		struct input in;

		if ((!r->all_levels && level != only) || p->n > BPF_MAXINSNS)
			continue;
		inputs_start(&set, &r->arena, INPUTS);
		for (unsigned i = 0; i < TEMPLATES; i++) {
			corpus_input(&c, &in, &r->rng);
			inputs_add(&set, &in);
		}
		walk(&set, p, 1, &r->rng);
		try_hook(r, t, corpus_levels[level], PARTY_XDP, p, &set);
		try_hook(r, t, corpus_levels[level], PARTY_TC, p, &set);
	}
	arena_free(&r->arena);
}

/* Print sizes of N programs; ours are no larger, or that is a failure. */
static void compare_sizes(struct run *r, const char *what, uint64_t n, struct sizes ours,
                          struct sizes theirs)
{
	if (!n)
		return;
	printf("%" PRIu64 " %s: %.2f tests of the length and %.1f instructions, the peer %.2f and %.1f\n",
	       n, what, (double)ours.tests / n, (double)ours.insns / n, (double)theirs.tests / n,
	       (double)theirs.insns / n);
	r->runs.failures += ours.tests > theirs.tests;
	r->runs.failures += ours.insns > theirs.insns;
}

static int compare(void *ctx)
{
	struct run *r = ctx;
	struct arena keep = { 0 };
	corpus_texts_t texts = { 0 };

	test_arena(&keep);
	test_arena(&r->arena);
	r->rng = rng_seed(r->seed);
	r->runs.arena = &r->arena;
	r->runs.rng = &r->rng;
	r->peer_runs = r->runs;
	r->peer_runs.stop_after = UINT64_MAX;
	printf("seed %" PRIu64 "\n", r->seed);
	if (r->peer_command && !ebpf_peer_start(&r->peer, r->peer_command)) {
		printf("cannot start %s\n", r->peer_command);
		return 1;
	}
	corpus_read(&keep, &texts, (uint32_t)r->longest);
	array_each(t, &texts)
		if (r->runs.failures < r->runs.stop_after)
			examine(r, t);
	for (uint64_t i = 0; i < r->random && r->runs.failures < r->runs.stop_after; i++) {
		struct arena one = { 0 };
		struct corpus_text text;

		test_arena(&one);
		text = corpus_draw(&one, &r->rng);
		examine(r, &text);
		arena_free(&one);
	}
	arena_free(&keep);
	if (r->runs.no_bpf) {
		printf("skipped: bpf(2) loads no programs for us here\n");
		return SKIPPED;
	}
	if (r->peer_command) {
		ebpf_peer_end(&r->peer);
		printf("the peer: %" PRIu64 " programs loaded, %" PRIu64 " refused; %" PRIu64
		       " runs, wrong in %u of them\n",
		       r->peer_programs, r->peer_refused, r->peer_runs.runs,
		       r->peer_runs.failures);
		printf("%" PRIu64 " programs have more tests of the length than the peer's\n",
		       r->more);
		r->runs.failures += !r->peer_programs || r->more * 1000 > r->peer_programs;
		compare_sizes(r, "programs", r->peer_programs, r->ours, r->theirs);
		compare_sizes(r, "everyday filters at -O2", r->everyday, r->our_everyday,
		              r->their_everyday);
	}
	return ebpf_runs_report(&r->runs);
}

int main(int argc, char **argv)
{
	static struct run run = { .random = 150, .longest = 50, .runs.stop_after = 5 };
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &run.seed, "begin with this seed" },
		{ "random", "N", DRIVER_NUMBER, &run.random, "so many random expressions" },
		{ "longest", "N", DRIVER_NUMBER, &run.longest, "lists of up to N" },
		{ "stop-after", "N", DRIVER_NUMBER, &run.runs.stop_after, "failures" },
		{ "only", "TEXT", DRIVER_TEXT, &run.only, "this expression alone" },
		{ "all-levels", NULL, DRIVER_SET, &run.all_levels, "not one of them for each" },
		{ "peer", "COMMAND", DRIVER_TEXT, &run.peer_command, "compare with this compiler" },
		{ 0 },
	};

	run.seed = seed_of_today();
	return driver_main(&(struct driver){ "ebpf_direct", options, compare, &run }, argv);
}
