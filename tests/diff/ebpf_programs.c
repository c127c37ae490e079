/*
 * eBPF forms of programs that no expression compiles to: rows of tests that may be one,
 * loads at negative offsets and sums that wrap to them, and programs as long as the kernel
 * takes. Each is loaded into the running kernel and run on packets that walk its branches.
 */
#include <assert.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/diff/diff.h"
#include "tests/diff/ebpf_runs.h"

enum {
	DLT_EN10MB = 1,
	TEMPLATES = 4,
	INPUTS = 60, /* a program */
	SKIPPED = 77
};

/* A program that is being written; its last instructions return. */
struct draft {
	struct rng *rng;
	struct sock_filter *insns; /* room for BPF_MAXINSNS */
	uint32_t n;
};

static void put(struct draft *d, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	assert(d->n < BPF_MAXINSNS);
	d->insns[d->n++] = (struct sock_filter){ code, jt, jf, k };
}

static uint16_t size(struct rng *r)
{
	static const uint16_t sizes[] = { BPF_W, BPF_W, BPF_H, BPF_B };

	return sizes[rng_below(r, ARRAY_LEN(sizes))];
}

static uint32_t bytes(uint16_t code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2
	                                                             : 1;
}

/* --- rows of tests --------------------------------------------------------------------- */

/* A jump's way out, until it is known where that is. */
enum {
	TO_NEXT_ROW = 250,
	TO_RETURN, /* and what follows: one of the returns */
	RETURNS = 4,
};

static uint8_t way_out(struct rng *r)
{
	return rng_one_in(r, 4) ? TO_NEXT_ROW : (uint8_t)(TO_RETURN + rng_below(r, RETURNS));
}

/* Write a load of a row, at AT, and its test. */
static void put_test(struct draft *d, uint32_t at, bool indexed, uint16_t width, uint8_t no)
{
	static const uint32_t numbers[] = { 0, 1, 0x800, 0x7fffffff, 0x80000000, UINT32_MAX };
	uint32_t k = rng_one_in(d->rng, 3) ? rng_next(d->rng)
	                                   : numbers[rng_below(d->rng, ARRAY_LEN(numbers))];
	uint16_t test = rng_one_in(d->rng, 20) ? BPF_JGE : BPF_JEQ;

	put(d, BPF_LD | width | (indexed ? BPF_IND : BPF_ABS), 0, 0, at);
	if (rng_one_in(d->rng, 20))
		put(d, BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xff00ff);
	put(d, BPF_JMP | test | BPF_K, 0, no,
	    rng_one_in(d->rng, 20) ? k : k >> (32 - 8 * bytes(width)));
}

/* Write tests of bytes that are next to each other, or nearly, in some order. */
static void put_row(struct draft *d, bool indexed)
{
	enum {
		TESTS = 6
	};
	uint32_t n = 1 + rng_below(d->rng, TESTS), at = rng_below(d->rng, 40), order[TESTS];
	uint16_t width[TESTS];
	uint32_t where[TESTS];
	uint8_t no = way_out(d->rng);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t other = rng_one_in(d->rng, 3) ? rng_below(d->rng, i + 1) : i;

		width[i] = size(d->rng);
		where[i] = at;
		at += bytes(width[i]) - rng_one_in(d->rng, 15) + rng_one_in(d->rng, 10);
		order[i] = i;
		order[i] = order[other];
		order[other] = i;
	}
	for (uint32_t i = 0; i < n; i++)
		put_test(d, where[order[i]], indexed, width[order[i]],
		         rng_one_in(d->rng, 12) ? way_out(d->rng) : no);
	if (rng_one_in(d->rng, 3)) /* the last test, if true, goes elsewhere */
		d->insns[d->n - 1].jt = way_out(d->rng);
}

/* Give a way out of instruction AT its distance; the returns begin at END. */
static uint8_t linked(const struct draft *d, uint32_t at, uint8_t way, const uint32_t *rows,
                      uint32_t end)
{
	uint32_t to = end, some = rng_below(d->rng, 8);

	if (way < TO_NEXT_ROW)
		return way;
	if (way >= TO_RETURN)
		return (uint8_t)(end + (way - TO_RETURN) - at - 1);
	while (*rows && *rows <= at)
		rows++;
	if (*rows)
		to = *rows + (some < 3 ? some : 0); /* now and then into the middle */
	return (uint8_t)(min_u32(to, end) - at - 1);
}

static void draw_rows(struct draft *d)
{
	enum {
		ROWS = 5
	};
	uint32_t rows[ROWS + 1] = { 0 }, n = 1 + rng_below(d->rng, ROWS), end;
	bool has_x = rng_one_in(d->rng, 2);

	if (has_x && rng_one_in(d->rng, 2))
		put(d, BPF_LDX | BPF_B | BPF_MSH, 0, 0, rng_below(d->rng, 20));
	else if (has_x)
		put(d, BPF_LDX | BPF_IMM, 0, 0, rng_below(d->rng, 30));
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			rows[i - 1] = d->n;
		put_row(d, has_x && rng_one_in(d->rng, 2));
	}
	end = d->n;
	for (uint32_t i = 0; i < end; i++) {
		struct sock_filter *f = &d->insns[i];

		if (BPF_CLASS(f->code) != BPF_JMP)
			continue;
		f->jt = linked(d, i, f->jt, rows, end);
		f->jf = linked(d, i, f->jf, rows, end);
	}
	put(d, BPF_RET | BPF_K, 0, 0, 1);
	put(d, BPF_RET | BPF_K, 0, 0, 0);
	put(d, BPF_RET | BPF_K, 0, 0, 7);
	put(d, BPF_RET | BPF_A, 0, 0, 0);
}

/* --- negative offsets ------------------------------------------------------------------- */

/* Return an offset in one of the windows, or at its edge. */
static uint32_t negative(struct rng *r)
{
	static const uint32_t starts[] = { (uint32_t)SKF_NET_OFF, (uint32_t)SKF_NET_OFF,
		                           (uint32_t)SKF_LL_OFF };
	uint32_t start = starts[rng_below(r, ARRAY_LEN(starts))];

	return rng_one_in(r, 15) ? start - 1 - rng_below(r, 4) : start + rng_below(r, 44);
}

/* Write a load whose X and constant wrap, to the packet or to a window. */
static void put_wrapping(struct draft *d)
{
	uint32_t to = rng_one_in(d->rng, 3) ? rng_below(d->rng, 40) : negative(d->rng);
	uint32_t k = rng_one_in(d->rng, 2) ? rng_below(d->rng, 30) : rng_next(d->rng);

	put(d, BPF_LDX | BPF_IMM, 0, 0, to - k);
	if (rng_one_in(d->rng, 3)) { /* an X that nobody foresees */
		put(d, BPF_LD | BPF_B | BPF_ABS, 0, 0, rng_below(d->rng, 14));
		put(d, BPF_ALU | BPF_AND | BPF_K, 0, 0, 3);
		put(d, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
		put(d, BPF_MISC | BPF_TAX, 0, 0, 0);
	}
	put(d, BPF_LD | size(d->rng) | BPF_IND, 0, 0, k);
}

static void put_something(struct draft *d, bool constant)
{
	switch (rng_below(d->rng, 5)) {
	case 0:
		if (constant)
			put(d, BPF_LD | size(d->rng) | BPF_ABS, 0, 0, negative(d->rng));
		break;
	case 1:
		if (constant)
			put(d, BPF_LDX | BPF_B | BPF_MSH, 0, 0, negative(d->rng));
		put(d, BPF_LD | size(d->rng) | BPF_IND, 0, 0, rng_below(d->rng, 20));
		break;
	case 2:
		put_wrapping(d);
		break;
	case 3:
		put(d, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
		break;
	case 4:
		put(d, BPF_JMP | BPF_JGT | BPF_K, 0, 1, rng_next(d->rng) >> rng_below(d->rng, 32));
		put(d, BPF_ALU | BPF_XOR | BPF_K, 0, 0, rng_next(d->rng));
		break;
	}
}

static void draw_negative(struct draft *d)
{
	bool constant = !rng_one_in(d->rng, 3); /* which XDP does not have */

	for (uint32_t n = 2 + rng_below(d->rng, 8); n-- > 0;)
		put_something(d, constant);
	put(d, BPF_RET | BPF_A, 0, 0, 0);
}

/* --- the longest ------------------------------------------------------------------------- */

/* Loads all the way, at X, which changes. */
static void draw_changing(struct draft *d)
{
	while (d->n < BPF_MAXINSNS - 4) {
		put(d, BPF_LDX | BPF_B | BPF_MSH, 0, 0, d->n % 40);
		put(d, BPF_LD | size(d->rng) | BPF_IND, 0, 0, d->n % 30);
		put(d, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
	}
	while (d->n < BPF_MAXINSNS)
		put(d, BPF_RET | BPF_A, 0, 0, 0);
}

/* Tests all the way, each with a result of its own. */
static void draw_ladder(struct draft *d)
{
	while (d->n < BPF_MAXINSNS - 3) {
		put(d, BPF_LD | size(d->rng) | BPF_ABS, 0, 0, 14 + d->n % 50);
		put(d, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, rng_below(d->rng, 256));
		put(d, BPF_RET | BPF_K, 0, 0, d->n);
	}
	while (d->n < BPF_MAXINSNS)
		put(d, BPF_RET | BPF_K, 0, 0, 1);
}

/* Loads at an X of which little is known, some at sums that wrap, and a jump over all of them. */
static void draw_far(struct draft *d)
{
	put(d, BPF_LD | BPF_H | BPF_ABS, 0, 0, 14);
	put(d, BPF_MISC | BPF_TAX, 0, 0, 0);
	put(d, BPF_JMP | BPF_JSET | BPF_K, 0, 1, 1);
	put(d, BPF_JMP | BPF_JA, 0, 0, BPF_MAXINSNS - 5);
	while (d->n < BPF_MAXINSNS - 2)
		put(d, BPF_LD | size(d->rng) | BPF_IND, 0, 0, rng_below(d->rng, 60) - 0x100);
	put(d, BPF_RET | BPF_A, 0, 0, 0);
	put(d, BPF_RET | BPF_K, 0, 0, 5);
}

/* A row of tests that is not cut by what it is made of. */
static void draw_long_row(struct draft *d)
{
	while (d->n < BPF_MAXINSNS - 2) {
		uint32_t i = d->n / 2, left = BPF_MAXINSNS - 2 - d->n;

		put(d, BPF_LD | BPF_H | BPF_ABS, 0, 0, 2 * (i % 700));
		put(d, BPF_JMP | BPF_JEQ | BPF_K, 0, left > 250 ? 0 : (uint8_t)(left - 1), i);
	}
	put(d, BPF_RET | BPF_K, 0, 0, 1);
	put(d, BPF_RET | BPF_K, 0, 0, 0);
}

/* --- running ------------------------------------------------------------------------------- */

static const struct kind {
	const char *name;
	void (*draw)(struct draft *d);
	bool longest;
} kinds[] = {
	{ "rows", draw_rows, false },
	{ "negative offsets", draw_negative, false },
	{ "X that changes", draw_changing, true },
	{ "a ladder", draw_ladder, true },
	{ "far jumps", draw_far, true },
	{ "a long row", draw_long_row, true },
};

struct run {
	struct arena arena; /* of one program */
	struct rng rng;
	uint64_t seed, count;
	struct ebpf_runs runs;
};

static const char *text(struct run *r, const struct kind *kind, const struct program *p)
{
	struct cbpf_program classic = { .insns = p->insns, .n = p->n, .use = CBPF_SOCKET };
	struct buf b = { .arena = &r->arena };

	buf_printf(&b, "%s:\n", kind->name);
	if (!kind->longest)
		cbpf_print(&b, "asm", &classic, NULL);
	return buf_str(&b);
}

static void try_party(struct run *r, const struct kind *kind, enum ebpf_party party,
                      const struct program *p, const struct inputs *set)
{
	struct ebpf_code code = { .arena = &r->arena };
	const char *what = text(r, kind, p);
	int fd = ebpf_runs_load(&r->runs, party, what, p, &code);

	if (kind->longest)
		printf("%s, %s: %u instructions of %u\n", kind->name, ebpf_parties[party],
		       code.insns.n, p->n);
	if (fd < 0)
		return;
	ebpf_runs(&r->runs, party, what, fd, p, set);
	close(fd);
}

static void examine(struct run *r, const struct kind *kind)
{
	struct draft d = { .rng = &r->rng };
	struct program p;
	struct cbpf_verdict verdict;
	struct inputs set;
	struct input in;

	d.insns = arena_array(&r->arena, struct sock_filter, BPF_MAXINSNS);
	kind->draw(&d);
	p = (struct program){ d.insns, d.n };
	if (!cbpf_check(&r->arena, p.insns, p.n, CBPF_SOCKET, CBPF_ANY_LENGTH, &verdict)) {
		r->runs.failures++;
		printf("%s: at %u: %s\n", text(r, kind, &p), verdict.at, verdict.reason);
	}
	inputs_start(&set, &r->arena, INPUTS);
	for (unsigned i = 0; i < TEMPLATES; i++) {
		packet_template(&in, DLT_EN10MB, &r->rng);
		in.network = 14;
		inputs_add(&set, &in);
	}
	walk(&set, &p, 1, &r->rng);
	for (unsigned party = 0; party < PARTY_PEER; party++)
		try_party(r, kind, party, &p, &set);
	arena_free(&r->arena);
}

static int compare(void *ctx)
{
	struct run *r = ctx;

	test_arena(&r->arena);
	r->rng = rng_seed(r->seed);
	r->runs.arena = &r->arena;
	r->runs.rng = &r->rng;
	printf("seed %" PRIu64 "\n", r->seed);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		for (uint64_t n = kinds[i].longest ? 1 : r->count; n-- > 0;)
			if (r->runs.failures < r->runs.stop_after)
				examine(r, &kinds[i]);
	if (r->runs.no_bpf) {
		printf("skipped: bpf(2) loads no programs for us here\n");
		return SKIPPED;
	}
	return ebpf_runs_report(&r->runs);
}

int main(int argc, char **argv)
{
	static struct run run = { .count = 300, .runs.stop_after = 5 };
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &run.seed, "begin with this seed" },
		{ "count", "N", DRIVER_NUMBER, &run.count, "so many of each kind" },
		{ "stop-after", "N", DRIVER_NUMBER, &run.runs.stop_after, "failures" },
		{ 0 },
	};

	run.seed = seed_of_today();
	return driver_main(&(struct driver){ "ebpf_programs", options, compare, &run }, argv);
}
