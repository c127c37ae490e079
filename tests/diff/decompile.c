/*
 * Programs back to expressions (weir_expression_lift). Of everyday expressions, by every
 * level of ours and by libpcap, so many must come back in at most one and a half times
 * the words. Of random programs most are refused; what is not must decide as the program
 * does on inputs that walk both, whole and cut after what the expression reads.
 *
 *	--long        100,000 random programs
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "tests/diff/diff.h"
#include "tests/diff/mutants.h"
#include "weir.h"
#ifdef HAVE_PCAP
#include "tests/diff/oracle.h"
#endif

enum {
	SNAPLEN = 262144,
	ETHERNET = 1,
	INPUTS = 300, /* that walk a program and what its expression compiles to */
	WHOLE = 400,  /* bytes that are captured of each */
	HEADERS = 90, /* bytes: no header that is asked about is cut */
	RANDOM = 250, /* programs */
	MANY = 100000,
	INSNS = 40,    /* of a random program, at most */
	EXPRESSION = 6 /* size of a random expression */
};

struct test {
	uint64_t seed, count;
	bool longest, everyday, verbose;
	const char *only, *level;
	struct arena arena;
	struct rng rng;
	unsigned failures;
	uint64_t found, refused;
};

/* Who compiles, and how many of our own expressions and of everyday.tsv come back. */
struct party {
	const char *name;
	enum weir_level level;
	bool theirs, optimize;
	unsigned own, everyday;
};

static const struct party parties[] = {
	{ "O0", WEIR_O0, false, false, 39, 90 },
	{ "O1", WEIR_O1, false, false, 39, 90 },
	{ "O2", WEIR_O2, false, false, 39, 90 },
	{ "O3", WEIR_O3, false, false, 39, 90 },
	{ "Os", WEIR_OS, false, false, 39, 90 },
#ifdef HAVE_PCAP
	{ "libpcap, optimized", WEIR_O0, true, true, 39, 90 },
	{ "libpcap, unoptimized", WEIR_O0, true, false, 38, 89 },
#endif
};

static const char *const own[] = {
	"ip",
	"arp",
	"not ip6",
	"icmp",
	"tcp or udp",
	"sctp",
	"udp port 53",
	"tcp dst port 443",
	"src port 22",
	"port 25 or 587",
	"tcp portrange 8000-8999",
	"not port 22",
	"not tcp port 3389 and not arp",
	"host 198.51.100.1",
	"dst host 198.51.100.1 and udp",
	"ip host 198.51.100.1 and tcp port 22",
	"host 198.51.100.1 and not port 80",
	"net 172.16.0.0/12",
	"src net 192.168.0.0/16 and dst net 10.0.0.0/8",
	"not net 10.0.0.0/8",
	"ip6 host 2001:db8::25 and tcp port 25",
	"dst net 2001:db8:1::/48",
	"ether src 02:00:5e:00:00:01",
	"ether multicast and not ip6",
	"broadcast and udp port 67",
	"vlan 7",
	"vlan and udp port 53",
	"vlan 7 and host 198.51.100.1",
	"pppoes and ip",
	"tcp[13] & 4 != 0",
	"tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn and dst port 443",
	"icmp[0] = 3 and icmp[1] = 4",
	"ip[8] < 3",
	"ip[6:2] & 0x1fff != 0",
	"len > 1000",
	"greater 100 and less 200",
	"ip proto 47",
	"ether proto 0x88cc",
	"udp[8:4] = 0x12345678",
	"tcp port 80 and tcp[((tcp[12] & 0xf0) >> 2):4] = 0x504f5354",
};

/* --- programs -------------------------------------------------------------------- */

/* What PARTY makes of TEXT; NULL: it refuses it. */
static struct weir_program *compiled(const struct party *by, const char *text, int linktype)
{
	struct weir_program *p = NULL;

	if (!by->theirs) {
		weir_compile(&p, text, linktype, SNAPLEN, UINT32_MAX, by->level);
		return p;
	}
#ifdef HAVE_PCAP
	struct oracle_code code;

	oracle_compile(&code, text, linktype, SNAPLEN, by->optimize, UINT32_MAX);
	if (code.insns)
		weir_program_new(&p, WEIR_PACKET, code.insns, code.n);
	oracle_free(&code);
#endif
	return p;
}

static struct program program_of(const struct weir_program *p)
{
	struct program out;
	size_t n;

	out.insns = weir_program_insns(p, &n);
	out.n = (uint32_t)n;
	return out;
}

/* --- is it right? ------------------------------------------------------------------ */

static void complain(struct test *t, const char *what, const struct weir_program *p,
                     const char *text, const struct input *in)
{
	struct buf b = { .arena = &t->arena };
	char *listing;
	size_t len;

	t->failures++;
	if (weir_program_print(p, "asm", &listing, &len))
		return;
	printf("%s: %s\n%s", what, text, listing);
	free(listing);
	if (in) {
		input_print(&b, in);
		printf("  on %s\n", buf_str(&b));
	}
}

/* The end of the last byte that P looks at in IN. */
static uint32_t looks_up_to(const struct program *p, const struct input *in, struct trace *trace)
{
	uint32_t result, end = 0;

	machine_run(p, in, &result, trace);
	for (uint32_t i = 0; i < trace->ntouches; i++)
		if (trace->touch[i].at < PACKET_MAX)
			end = max_u32(end, trace->touch[i].at + trace->touch[i].width);
	return end;
}

/* Tell whether WAS decides IN as IS does, which comes of the text. */
static bool agree(struct test *t, const struct program *was, const struct program *is,
                  struct input *in, struct trace *trace)
{
	uint32_t meant, result;

	for (; in->captured < WHOLE; in->captured++)
		in->bytes[in->captured] = (uint8_t)rng_next(&t->rng);
	if (machine_run(is, in, &meant, NULL) == END_LOAD)
		return true;
	machine_run(was, in, &result, NULL);
	if (result != meant)
		return false;
	if (!meant)
		return true;
	in->captured = max_u32(HEADERS, looks_up_to(is, in, trace));
	machine_run(was, in, &result, NULL);
	return result == meant;
}

static uint32_t result_of(const struct weir_program *p)
{
	struct program code = program_of(p);

	for (uint32_t i = 0; i < code.n; i++)
		if (code.insns[i].code == (BPF_RET | BPF_K) && code.insns[i].k)
			return code.insns[i].k;
	return SNAPLEN;
}

/* Hold what TEXT compiles to against P. */
static void examine(struct test *t, const struct weir_program *p, const char *text, int linktype)
{
	struct trace *trace = arena_new(&t->arena, struct trace);
	struct weir_program *again;
	struct program both[2];
	struct inputs set;
	struct input in = { .captured = 64, .wire = 64 };

	if (weir_compile(&again, text, linktype, (int)result_of(p), UINT32_MAX, WEIR_O0)) {
		complain(t, "does not compile", p, text, NULL);
		return;
	}
	both[0] = program_of(p);
	both[1] = program_of(again);
	inputs_start(&set, &t->arena, INPUTS);
	for (unsigned i = 0; i < 4; i++) {
		packet_template(&in, linktype, &t->rng);
		inputs_add(&set, &in);
	}
	walk(&set, both, 2, &t->rng);
	for (uint32_t i = 0; i < set.n; i++)
		if (!agree(t, &both[0], &both[1], &set.v[i], trace)) {
			complain(t, "decides otherwise", p, text, &set.v[i]);
			break;
		}
	weir_program_free(again);
}

/* The expression of P, in T's arena; NULL: it has none. It must be right. */
static const char *lifted(struct test *t, const struct weir_program *p, int linktype)
{
	struct weir_expression_options o = {
		.size = sizeof o,
		.linktype = linktype,
		.have_linktype = true,
	};
	struct weir_source source = { .size = sizeof source };
	struct weir_expression *e;
	const char *text;
	int err = weir_expression_lift(&e, p, &o);

	if (err) {
		if (err != -ENOENT)
			complain(t, "another error", p, strerror(-err), NULL);
		return NULL;
	}
	weir_expression_source(e, 0, &source);
	text = arena_strndup(&t->arena, source.text, source.len);
	weir_expression_free(e);
	examine(t, p, text, linktype);
	return text;
}

/* --- expressions that are known ------------------------------------------------------- */

/* Tell whether TEXT, compiled by BY, comes back and is no longer than it may be. */
static bool comes_back(struct test *t, const struct party *by, const char *text)
{
	struct weir_program *p = compiled(by, text, ETHERNET);
	const char *back;
	bool good;

	if (!p)
		return false;
	back = lifted(t, p, ETHERNET);
	good = back && 2 * strlen(back) <= 3 * strlen(text);
	if (!good || t->verbose)
		printf("%s: %s\n  %s: %s\n", by->name, text,
		       good ? "is" : back ? "too long"
		                          : "no expression",
		       back ? back : "");
	weir_program_free(p);
	arena_reset(&t->arena);
	return good;
}

static void count(struct test *t, const struct party *by, const char *what,
                  const char *const *text, unsigned n, unsigned least)
{
	unsigned good = 0;

	for (unsigned i = 0; i < n; i++)
		if (!t->only || !strcmp(t->only, text[i]))
			good += comes_back(t, by, text[i]);
	printf("%s, %s: %u of %u, at least %u\n", what, by->name, good, n, least);
	if (good < least && !t->only)
		t->failures++;
}

/* The expressions of everyday.tsv; 0 where there are no vectors. */
static unsigned read_everyday(char **text, unsigned most)
{
	const char *dir = getenv("WEIR_VECTORS");
	char path[4096], line[4096];
	unsigned n = 0;
	FILE *f;

	if (!dir)
		return 0;
	snprintf(path, sizeof path, "%s/everyday.tsv", dir);
	f = fopen(path, "r");
	while (f && n < most && fgets(line, sizeof line, f)) {
		char *start = strchr(line, '\t'), *end = start ? strchr(start + 1, '\t') : NULL;

		if (end)
			text[n++] = strndup(start + 1, (size_t)(end - start - 1));
	}
	if (f)
		fclose(f);
	return n;
}

static void count_all(struct test *t)
{
	char *text[200];
	unsigned n = read_everyday(text, ARRAY_LEN(text));

	for (size_t i = 0; i < ARRAY_LEN(parties); i++) {
		const struct party *by = &parties[i];

		if (t->level && strcmp(t->level, by->name))
			continue;
		if (!t->everyday)
			count(t, by, "own", own, ARRAY_LEN(own), by->own);
		if (n)
			count(t, by, "everyday", (const char *const *)text, n, by->everyday);
	}
	for (unsigned i = 0; i < n; i++)
		free(text[i]);
	if (!n)
		printf("WEIR_VECTORS is not set: without everyday.tsv\n");
}

/* --- random programs --------------------------------------------------------------------- */

static struct sock_filter random_load(struct rng *r)
{
	static const uint8_t at[] = { 0, 6, 12, 14, 16, 20, 22, 23, 26, 28, 30, 34, 36, 38, 54, 56 };
	static const uint16_t sizes[] = { BPF_B, BPF_H, BPF_W };
	uint16_t size = sizes[rng_below(r, 3)];

	switch (rng_below(r, 8)) {
	case 0:
		return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0);
	case 1:
		return (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14);
	case 2:
		return (struct sock_filter)BPF_STMT(BPF_LD | size | BPF_IND, 14 + rng_below(r, 4));
	case 3:
		return (struct sock_filter)BPF_STMT(BPF_LD | size | BPF_ABS, rng_below(r, 70));
	default:
		return (struct sock_filter)BPF_STMT(BPF_LD | size | BPF_ABS,
		                                    at[rng_below(r, ARRAY_LEN(at))]);
	}
}

static uint32_t random_number(struct rng *r)
{
	static const uint32_t usual[] = {
		0x800,
		0x86dd,
		0x806,
		0x8100,
		6,
		17,
		1,
		80,
		53,
		443,
		0x1fff,
		0x0a000000,
		255,
		1500,
	};

	return rng_one_in(r, 4) ? rng_number(r) : usual[rng_below(r, ARRAY_LEN(usual))];
}

static struct sock_filter random_step(struct rng *r, uint32_t left)
{
	static const uint16_t tests[] = { BPF_JEQ, BPF_JEQ, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	static const uint16_t alu[] = { BPF_AND, BPF_AND, BPF_RSH, BPF_ADD, BPF_SUB };

	switch (rng_below(r, 6)) {
	case 0:
		return (struct sock_filter)BPF_STMT(BPF_ALU | BPF_K | alu[rng_below(r, 5)],
		                                    random_number(r) & 31);
	case 1:
	case 2:
		return random_load(r);
	default:
		return (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_K | tests[rng_below(r, 6)], random_number(r),
			(uint8_t)(rng_one_in(r, 2) ? 0 : rng_below(r, left)),
			(uint8_t)(rng_one_in(r, 2) ? left - 1 : rng_below(r, left)));
	}
}

/* Any instructions that end with a match and with none. */
static struct weir_program *random_program(struct test *t)
{
	struct sock_filter insn[INSNS];
	struct rng *r = &t->rng;
	uint32_t n = 2 + rng_below(r, INSNS - 4);
	struct weir_program *p = NULL;

	insn[0] = random_load(r);
	for (uint32_t i = 1; i < n; i++)
		insn[i] = random_step(r, n - i);
	insn[n] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, rng_one_in(r, 2) ? 0 : SNAPLEN);
	insn[n + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, insn[n].k ? 0 : SNAPLEN);
	weir_program_new(&p, WEIR_PACKET, insn, n + 2);
	return p;
}

/* What any of us makes of one of our own expressions, wrong at one point or more. */
static struct weir_program *mutant(struct test *t)
{
	const struct party *by = &parties[rng_below(&t->rng, ARRAY_LEN(parties))];
	const char *text = own[rng_below(&t->rng, ARRAY_LEN(own))];
	struct weir_program *was = compiled(by, text, ETHERNET), *p = NULL;
	struct program code;
	struct sock_filter *copy;
	uint32_t at;

	if (!was)
		return NULL;
	code = program_of(was);
	copy = arena_memdup(&t->arena, code.insns, code.n * sizeof *copy);
	do
		mutate(copy, code.n, &at, &t->rng);
	while (rng_one_in(&t->rng, 3));
	weir_program_new(&p, WEIR_PACKET, copy, code.n);
	weir_program_free(was);
	return p;
}

/* What any of us makes of a random expression. */
static struct weir_program *of_random_text(struct test *t, int *linktype)
{
	const struct party *by = &parties[rng_below(&t->rng, ARRAY_LEN(parties))];
	const struct link_type *l = &link_types[0];
	struct phrase *phrase;

	if (rng_one_in(&t->rng, 3))
		l = &link_types[rng_below(&t->rng, nlink_types)];
	*linktype = weir_linktype_by_name(l->name);
	phrase = grammar_derive(&packet_grammar, &t->arena, "expr", l->context & 0xffffff,
	                        1 + rng_below(&t->rng, EXPRESSION), &t->rng);
	return *linktype < 0 ? NULL : compiled(by, phrase_text(&t->arena, phrase), *linktype);
}

static void try_random(struct test *t, uint64_t seed)
{
	struct weir_verdict v = { .size = sizeof v };
	struct weir_program *p;
	int linktype = ETHERNET;

	t->rng = rng_seed(seed);
	switch (rng_below(&t->rng, 3)) {
	case 0:
		p = random_program(t);
		break;
	case 1:
		p = mutant(t);
		break;
	default:
		p = of_random_text(t, &linktype);
	}
	if (p && !weir_program_check(p, &v) && v.ok) {
		unsigned failures = t->failures;

		if (lifted(t, p, linktype))
			t->found++;
		else
			t->refused++;
		if (t->failures > failures)
			printf("  again: --seed %" PRIu64 " --count 1\n", seed);
	}
	weir_program_free(p);
	arena_reset(&t->arena);
}

static int run(void *ctx)
{
	struct test *t = ctx;
	uint64_t n = t->longest ? MANY : t->count;

	test_arena(&t->arena);
	if (!t->count || t->everyday || t->only)
		count_all(t);
	if (!n)
		n = RANDOM;
	printf("seed %" PRIu64 "\n", t->seed);
	for (uint64_t i = 0; i < n && t->failures < 10 && !t->everyday && !t->only; i++)
		try_random(t, t->seed + i);
	printf("%" PRIu64 " random programs with an expression, %" PRIu64 " without\n", t->found,
	       t->refused);
	arena_free(&t->arena);
	return t->failures != 0;
}

int main(int argc, char **argv)
{
	struct test t = { .seed = seed_of_today() };
	const struct driver_option options[] = {
		{ "seed", "N", DRIVER_NUMBER, &t.seed, "of the first; another every day" },
		{ "count", "N", DRIVER_NUMBER, &t.count, "random programs, and nothing else" },
		{ "long", NULL, DRIVER_SET, &t.longest, "100,000 random programs" },
		{ "everyday", NULL, DRIVER_SET, &t.everyday, "everyday.tsv alone" },
		{ "only", "EXPR", DRIVER_TEXT, &t.only, "this expression alone" },
		{ "level", "NAME", DRIVER_TEXT, &t.level, "\"O2\", ... alone" },
		{ "verbose", NULL, DRIVER_SET, &t.verbose, "print what comes back" },
		{ NULL },
	};

	return driver_main(&(struct driver){ "decompile", options, run, &t }, argv);
}
