/*
 * Programs from elsewhere: what weir_program_optimize makes of each program of the
 * reference vectors (the kernel's own tests, libpcap's, libseccomp's, random and
 * mutated ones) and of those that libpcap's optimizer makes. Results must be equal
 * on the vectors' packets and on inputs that walk both programs' branches, cut
 * short at every length; and nothing may cost more than it did. Packet programs are also
 * optimized with early faults, and judged by the rule for expressions then.
 */
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "config.h"
#include "tests/diff/diff.h"
#include "vectors.h"
#include "weir.h"
#ifdef HAVE_PCAP
#include "tests/diff/oracle.h"
#endif

enum {
	INPUTS = 60,
	TEMPLATES = 5,
	CUT = 6,
	MAX_PACKETS = 64,
	CALLS = 512,
	LIGHT = 65536 /* bytes that a socket may be charged */
};

static const enum weir_level levels[] = { WEIR_O1, WEIR_O2, WEIR_O3, WEIR_OS };

struct test {
	struct arena arena; /* of one entry */
	struct arena packets_arena;
	struct rng rng;
	const char *only; /* the program of this name alone */
	uint32_t npackets;
	struct input *packet; /* of packets.jsonl */
	unsigned programs, refused, failures;
	uint64_t runs, was, is, kept;
};

static void complain(struct test *t, const char *name, enum weir_level level,
                     const char *what, const char *more)
{
	if (t->failures++ < 20)
		printf("%s, level %d: %s\n%s", name, level, what, more);
}

/* --- inputs ------------------------------------------------------------------------ */

static void noise(struct test *t, struct input *in, bool seccomp)
{
	struct rng *r = &t->rng;

	memset(in, 0, sizeof *in);
	in->captured = seccomp ? CBPF_SECCOMP_SIZE : rng_below(r, 100);
	in->wire = in->captured + (seccomp ? 0 : rng_below(r, 2) * rng_below(r, 2000));
	in->sized = seccomp;
	in->little_endian = seccomp && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
	in->network = seccomp ? 0 : 14;
	for (uint32_t i = 0; i < in->captured; i++)
		in->bytes[i] = (uint8_t)(rng_one_in(r, 3) ? rng_next(r) : 0);
	for (size_t i = 0; i < ARRAY_LEN(in->anc); i++)
		in->anc[i] = rng_one_in(r, 2) ? rng_below(r, 4) : rng_next(r);
}

static void start(struct test *t, struct inputs *set, bool seccomp)
{
	struct input in;

	for (unsigned i = 0; i < TEMPLATES; i++) {
		if (!seccomp && t->npackets && i % 2)
			in = t->packet[rng_below(&t->rng, t->npackets)];
		else
			noise(t, &in, seccomp);
		inputs_add(set, &in);
	}
}

/* The end of the last byte that P looks at in IN. */
static uint32_t looks_up_to(const struct program *p, const struct input *in,
                            struct trace *trace)
{
	uint32_t result, end = 0;

	machine_run(p, in, &result, trace);
	for (uint32_t i = 0; i < trace->ntouches; i++)
		if (trace->touch[i].at < PACKET_MAX)
			end = max_u32(end, trace->touch[i].at + trace->touch[i].width);
	return min_u32(end, in->captured);
}

/* --- comparing ------------------------------------------------------------------------ */

struct pair {
	const char *name;
	enum weir_level level;
	struct program was, is;
	bool early; /* faults leave room, as those of expressions do */
};

static bool agree(struct test *t, const struct pair *p, const struct input *in)
{
	struct buf b = { .arena = &t->arena };
	struct referee referee = { .program = &p->was, .exact = !p->early };
	struct outcome was, is;

	was.end = machine_run(&p->was, in, &was.result, NULL);
	is.end = machine_run(&p->is, in, &is.result, NULL);
	t->runs++;
	if (was.result == is.result ||
	    (p->early && judge(&referee, in, was, is, &t->rng) != DIFFERENT))
		return true;
	buf_printf(&b, "  was %#x (end %d), is %#x (end %d), on ", was.result, was.end,
	           is.result, is.end);
	input_print(&b, in);
	buf_putc(&b, '\n');
	complain(t, p->name, p->level, "another result", buf_str(&b));
	return false;
}

static bool agree_cut(struct test *t, const struct pair *p, struct input in,
                      struct trace *trace)
{
	uint32_t end = looks_up_to(&p->was, &in, trace);

	if (in.sized)
		return true;
	for (in.captured = 0; in.captured < end; in.captured++)
		if (!agree(t, p, &in))
			return false;
	return true;
}

static void compare(struct test *t, const struct pair *p, bool seccomp)
{
	struct program both[2] = { p->was, p->is };
	struct trace *trace = arena_new(&t->arena, struct trace);
	struct inputs set;

	inputs_start(&set, &t->arena, INPUTS);
	start(t, &set, seccomp);
	walk(&set, both, 2, &t->rng);
	for (uint32_t i = 0; !seccomp && i < t->npackets; i++)
		if (!agree(t, p, &t->packet[i]))
			return;
	for (uint32_t i = 0; i < set.n; i++)
		if (!agree(t, p, &set.v[i]) ||
		    (i % (INPUTS / CUT) == 0 && !agree_cut(t, p, set.v[i], trace)))
			return;
}

/* --- costs ----------------------------------------------------------------------------- */

static void check_costs(struct test *t, const struct pair *p, bool seccomp)
{
	enum cbpf_use use = seccomp ? CBPF_SECCOMP : CBPF_SOCKET;
	uint32_t arch = weir_abi_arch("x86_64");
	struct cbpf_verdict v;
	struct cbpf_cost was, is;

	if (!cbpf_check(&t->arena, p->is.insns, p->is.n, use, CBPF_ANY_LENGTH, &v)) {
		complain(t, p->name, p->level, "the checker refuses it", v.reason);
		return;
	}
	cbpf_cost(&t->arena, p->was.insns, p->was.n, use, &was);
	cbpf_cost(&t->arena, p->is.insns, p->is.n, use, &is);
	if (p->is.n > p->was.n || (is.longest_path > was.longest_path && !p->early) ||
	    (is.memory > was.memory && is.memory > LIGHT))
		complain(t, p->name, p->level, "it costs more", "");
	if (seccomp && cbpf_seccomp_cacheable(p->is.insns, arch, CALLS) <
	                       cbpf_seccomp_cacheable(p->was.insns, arch, CALLS))
		complain(t, p->name, p->level, "fewer calls are cached", "");
}

/* --- one program -------------------------------------------------------------------------- */

static void examine_at(struct test *t, const char *name, const struct weir_program *was,
                       enum weir_level level, bool early)
{
	struct weir_compile_options o = { .size = sizeof o, .level = level, .early_faults = early };
	struct pair p = { .name = name, .level = level, .early = early };
	bool seccomp = weir_program_kind(was) == WEIR_SECCOMP;
	struct weir_program *is;
	size_t n;

	if (weir_program_optimize(&is, was, &o)) {
		complain(t, name, level, "refused", "");
		return;
	}
	p.was.insns = weir_program_insns(was, &n);
	p.was.n = (uint32_t)n;
	p.is.insns = weir_program_insns(is, &n);
	p.is.n = (uint32_t)n;
	t->was += p.was.n;
	t->is += p.is.n;
	t->kept += p.was.n == p.is.n &&
	           !memcmp(p.was.insns, p.is.insns, n * sizeof *p.is.insns);
	check_costs(t, &p, seccomp);
	compare(t, &p, seccomp);
	weir_program_free(is);
	arena_free(&t->arena);
}

static void examine(struct test *t, const char *name, enum weir_kind kind,
                    const struct sock_filter *insns, size_t n)
{
	struct weir_program *p;
	struct weir_verdict v = { .size = sizeof(v) };

	if (t->only && strcmp(t->only, name))
		return;
	if (weir_program_new(&p, kind, insns, n) || weir_program_check(p, &v))
		exit(99);
	if (v.longest_path) {
		t->programs++;
		for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
			examine_at(t, name, p, levels[i], false);
			if (kind == WEIR_PACKET)
				examine_at(t, name, p, levels[i], true);
		}
	} else {
		t->refused++; /* not valid, or a loop, or it reads cells that are not set */
	}
	weir_program_free(p);
}

/* --- the vectors --------------------------------------------------------------------------- */

/* In memory that lasts while the programs of one entry are examined. */
static void examine_entry(struct test *t, json_t *entry, const char *name, bool socket,
                          bool seccomp)
{
	struct arena a;
	struct sock_filter *insns;
	size_t n;

	test_arena(&a);
	insns = vectors_program(&a, entry, &n);
	if (socket)
		examine(t, name, WEIR_PACKET, insns, n);
	if (seccomp)
		examine(t, name, WEIR_SECCOMP, insns, n);
	arena_free(&a);
}

static void check_entry(void *ctx, json_t *entry)
{
	examine_entry(ctx, entry, vectors_name(entry), !vectors_number(entry, "check", 1),
	              !vectors_number(entry, "seccomp", 1));
}

static void run_entry(void *ctx, json_t *entry)
{
	examine_entry(ctx, entry, vectors_name(entry), true, false);
}

static void seccomp_entry(void *ctx, json_t *entry)
{
	examine_entry(ctx, entry, vectors_name(entry), false, true);
}

#ifdef HAVE_PCAP
/* What libpcap's optimizer makes of the expression. */
static void optimized_entry(struct test *t, json_t *entry, const char *text)
{
	const char *dlt = json_string_value(json_object_get(entry, "dlt"));
	struct oracle_code code;

	oracle_compile(&code, text, oracle_dlt(dlt),
	               (int)vectors_number(entry, "snaplen", 262144), true, UINT32_MAX);
	if (code.insns)
		examine(t, text, WEIR_PACKET, code.insns, code.n);
	oracle_free(&code);
}
#endif

static void expression_entry(void *ctx, json_t *entry)
{
	const char *text = json_string_value(json_object_get(entry, "expr"));
	json_t *program = json_object_get(entry, "unoptimized");

	json_object_set(entry, "cbpf", program);
	examine_entry(ctx, entry, text, true, false);
#ifdef HAVE_PCAP
	optimized_entry(ctx, entry, text);
#endif
}

static void packet_entry(void *ctx, json_t *entry)
{
	const char *hex = json_string_value(json_object_get(entry, "hex"));
	struct test *t = ctx;
	struct input *in;
	uint8_t *bytes;
	size_t len;

	if (t->npackets == MAX_PACKETS)
		abort();
	bytes = vectors_hex(&t->packets_arena, hex, &len);
	in = &t->packet[t->npackets++];
	in->captured = in->wire = min_u32((uint32_t)len, PACKET_MAX);
	in->network = 14;
	memcpy(in->bytes, bytes, in->captured);
}

static bool read_file(struct test *t, const char *file,
                      void (*one)(void *ctx, json_t *entry))
{
	struct test was = *t;

	if (vectors_each(file, one, t) < 0)
		return false;
	if (t->programs > was.programs)
		printf("%s: %u programs (%u not valid here), %llu -> %llu instructions, "
		       "kept %llu times, %llu comparisons\n",
		       file, t->programs - was.programs, t->refused - was.refused,
		       (unsigned long long)(t->was - was.was),
		       (unsigned long long)(t->is - was.is),
		       (unsigned long long)(t->kept - was.kept),
		       (unsigned long long)(t->runs - was.runs));
	return true;
}

/* The name of one program, for one alone, or ""; a seed. */
int main(int argc, char **argv)
{
	struct test *t = calloc(1, sizeof *t);
	unsigned failures;

	if (!t || setjmp(test_oom)) {
		printf("out of memory\n");
		return 99;
	}
	t->only = argc > 1 && *argv[1] ? argv[1] : NULL;
	t->rng = rng_seed(argc > 2 ? strtoull(argv[2], NULL, 10) : 11);
	test_arena(&t->arena);
	test_arena(&t->packets_arena);
	t->packet = arena_array(&t->packets_arena, struct input, MAX_PACKETS);
	if (!read_file(t, "packets.jsonl", packet_entry) ||
	    !read_file(t, "check.jsonl", check_entry) ||
	    !read_file(t, "run.jsonl", run_entry) ||
	    !read_file(t, "run_seccomp.jsonl", seccomp_entry) ||
	    !read_file(t, "expressions.jsonl", expression_entry)) {
		arena_free(&t->packets_arena);
		arena_free(&t->arena);
		free(t);
		return SKIPPED;
	}
	printf("%u programs, %llu comparisons, %u failures\n", t->programs,
	       (unsigned long long)t->runs, t->failures);
	failures = t->failures;
	arena_free(&t->packets_arena);
	arena_free(&t->arena);
	free(t);
	return failures ? 1 : 0;
}
