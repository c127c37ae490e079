/*
 * The direct forms against the classic programs that they are made of: for each of the
 * corpus, and for random ones, XDP and tc programs are loaded into the running kernel and
 * run on packets that walk the branches of the classic program; for XDP, the linear part
 * of the packet ends anywhere. A peer may be asked, too, for packets in one piece, and how
 * large its programs are.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/diff/corpus.h"
#include "tests/diff/ebpf_peer.h"
#include "tests/diff/loaded.h"

enum {
	TEMPLATES = 4,
	INPUTS = 60,     /* a program */
	LINK_BYTES = 14, /* what the kernel's test runs take at least */
	SKIPPED = 77
};

/* How large programs are, of us or of the peer. */
struct sizes {
	uint64_t insns, tests; /* in all; what is for packets in pieces does not count */
};

struct run {
	struct arena arena; /* of one case */
	struct rng rng;
	uint64_t seed, random, longest, stop_after;
	const char *only;
	bool all_levels, no_bpf;
	struct trace trace;
	uint64_t programs, refused, runs, not_run, slow;
	unsigned failures;
	const char *peer_command;
	struct ebpf_peer peer;
	uint64_t peer_programs, peer_refused, everyday;
	struct sizes ours, theirs, our_everyday, their_everyday;
};

/* Whether the run of P on IN, in R->trace, asked for what is not in the packet. */
static bool leaves_packet(const struct run *r)
{
	for (uint32_t i = 0; i < r->trace.ntouches; i++)
		if (r->trace.touch[i].at > INT32_MAX)
			return true;
	for (uint32_t i = 0; i < r->trace.norigins; i++)
		if (r->trace.origin[i].op == FROM_ANC && r->trace.origin[i].imm != SKF_AD_ALU_XOR_X)
			return true;
	return false;
}

static void report(struct run *r, const struct corpus_text *t, const char *hook, const char *level,
                   const struct input *in, uint32_t linear, uint32_t theirs, uint32_t ours)
{
	struct buf b = { .arena = &r->arena };

	r->failures++;
	input_print(&b, in);
	printf("%s %s, %s: %.300s (%s)\n  should be %#x, is %#x, %u bytes linear, on %s\n", hook, level,
	       t->set, t->text, t->link, theirs, ours, linear, buf_str(&b));
}

/* How much of LEN bytes the linear part has, in run NR. */
static uint32_t linear_part(struct run *r, unsigned nr, uint32_t len)
{
	static const uint32_t ends[] = { UINT32_MAX, 14, 34, 60, 100 };
	uint32_t end = ends[nr % ARRAY_LEN(ends)];

	if (rng_one_in(&r->rng, 4))
		end = LINK_BYTES + rng_below(&r->rng, 100);
	return min_u32(len, end);
}

/* Run FD, a program for XDP or tc, by us or by the PEER, on what P, which it is made of, runs on. */
static void run_inputs(struct run *r, const struct corpus_text *t, const char *level, bool xdp,
                       bool peer, int fd, const struct program *p, const struct inputs *set)
{
	bool in_pieces = xdp && !peer;

	for (uint32_t i = 0; i < set->n && r->failures < r->stop_after; i++) {
		struct input in = set->v[i];
		uint32_t theirs, ours, linear;

		in.captured = in.wire = max_u32(in.captured, LINK_BYTES);
		in.network = LINK_BYTES;
		machine_run(p, &in, &theirs, &r->trace);
		linear = in_pieces ? linear_part(r, i, in.captured) : in.captured;
		if (leaves_packet(r) ||
		    !loaded_run_direct(fd, xdp, in.bytes, in.captured, linear, &ours)) {
			r->not_run++;
			continue;
		}
		r->runs++;
		r->slow += linear < in.captured;
		if (ours != theirs)
			report(r, t, peer ? "the peer's XDP" : xdp ? "XDP"
			                                           : "tc",
			       level, &in, linear,
			       theirs, ours);
	}
}

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
static void try_peer(struct run *r, const struct corpus_text *t, const char *level,
                     const struct ebpf_code *ours, const struct program *p,
                     const struct inputs *set)
{
	struct cbpf_program classic = { .insns = p->insns, .n = p->n, .use = CBPF_SOCKET };
	struct ebpf_code code = { .arena = &r->arena };
	bool everyday = strcmp(t->set, "everyday") == 0 && strcmp(level, "-O2") == 0;
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
	run_inputs(r, t, level, true, true, fd, p, set);
	close(fd);
	theirs = (struct sizes){ code.insns.n, tests };
	add(&r->ours, first_copy(ours));
	add(&r->theirs, theirs);
	if (everyday) {
		r->everyday++;
		add(&r->our_everyday, first_copy(ours));
		add(&r->their_everyday, theirs);
	}
}

static void try_hook(struct run *r, const struct corpus_text *t, const char *level, bool xdp,
                     const struct program *p, const struct inputs *set)
{
	struct cbpf_program classic = { .insns = p->insns, .n = p->n, .use = CBPF_SOCKET };
	struct ebpf_code code = { .arena = &r->arena };
	struct ebpf_error error;
	char log[1200];
	int fd;

	if (!ebpf_direct(&classic, xdp ? EBPF_XDP : EBPF_TC, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
	                 &code, &error)) {
		r->refused++;
		return;
	}
	fd = loaded_open(&code, xdp ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_SCHED_CLS, log, sizeof log);
	if (fd == -EPERM || fd == -ENOSYS) {
		r->no_bpf = true;
	} else if (fd < 0) {
		r->failures++;
		printf("%s %s, %s: %.300s: not loaded: %s\n%s\n", xdp ? "XDP" : "tc", level, t->set,
		       t->text, strerror(-fd), log);
	} else {
		r->programs++;
		run_inputs(r, t, level, xdp, false, fd, p, set);
		close(fd);
	}
	if (xdp && r->peer_command)
		try_peer(r, t, level, &code, p, set);
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
		try_hook(r, t, corpus_levels[level], true, p, &set);
		try_hook(r, t, corpus_levels[level], false, p, &set);
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
	r->failures += ours.tests > theirs.tests;
	r->failures += ours.insns > theirs.insns;
}

static int compare(void *ctx)
{
	struct run *r = ctx;
	struct arena keep = { 0 };
	corpus_texts_t texts = { 0 };

	test_arena(&keep);
	test_arena(&r->arena);
	r->rng = rng_seed(r->seed);
	printf("seed %" PRIu64 "\n", r->seed);
	if (r->peer_command && !ebpf_peer_start(&r->peer, r->peer_command)) {
		printf("cannot start %s\n", r->peer_command);
		return 1;
	}
	corpus_read(&keep, &texts, (uint32_t)r->longest);
	array_each(t, &texts)
		if (r->failures < r->stop_after)
			examine(r, t);
	for (uint64_t i = 0; i < r->random && r->failures < r->stop_after; i++) {
		struct arena one = { 0 };
		struct corpus_text text;

		test_arena(&one);
		text = corpus_draw(&one, &r->rng);
		examine(r, &text);
		arena_free(&one);
	}
	arena_free(&keep);
	if (r->no_bpf) {
		printf("skipped: bpf(2) loads no programs for us here\n");
		return SKIPPED;
	}
	if (r->peer_command) {
		ebpf_peer_end(&r->peer);
		printf("the peer: %" PRIu64 " programs loaded, %" PRIu64 " refused\n",
		       r->peer_programs, r->peer_refused);
		r->failures += !r->peer_programs;
		compare_sizes(r, "programs", r->peer_programs, r->ours, r->theirs);
		compare_sizes(r, "everyday filters at -O2", r->everyday, r->our_everyday,
		              r->their_everyday);
	}
	printf("%" PRIu64 " programs loaded, %" PRIu64 " have no such form; %" PRIu64
	       " runs, %" PRIu64 " of them on packets in pieces, %" PRIu64 " not made; %u failures\n",
	       r->programs, r->refused, r->runs, r->slow, r->not_run, r->failures);
	return r->failures != 0;
}

int main(int argc, char **argv)
{
	static struct run run = { .random = 150, .longest = 50, .stop_after = 5 };
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &run.seed, "begin with this seed" },
		{ "random", "N", DRIVER_NUMBER, &run.random, "so many random expressions" },
		{ "longest", "N", DRIVER_NUMBER, &run.longest, "lists of up to N" },
		{ "stop-after", "N", DRIVER_NUMBER, &run.stop_after, "failures" },
		{ "only", "TEXT", DRIVER_TEXT, &run.only, "this expression alone" },
		{ "all-levels", NULL, DRIVER_SET, &run.all_levels, "not one of them for each" },
		{ "peer", "COMMAND", DRIVER_TEXT, &run.peer_command, "compare with this compiler" },
		{ 0 },
	};

	run.seed = seed_of_today();
	return driver_main(&(struct driver){ "ebpf_direct", options, compare, &run }, argv);
}
