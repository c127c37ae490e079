/*
 * The packet compiler against the reference vectors: every expression's graph
 * means what libpcap's unoptimized program does, before and after optimizing, on
 * inputs that walk and flip the branches of both; and what libpcap refuses is refused.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "gen/gen.h"
#include "opt/opt.h"
#include "packet/packet.h"
#include "tests/diff/graphs.h"
#include "vectors.h"

enum {
	INPUTS = 400,
	LENGTHS = 8,
	DEPTH = 20
};

struct test {
	struct arena arena; /* of one entry */
	struct rng rng;
	const char *only; /* this expression alone, with the message if it is refused */
	unsigned cases, runs, unresolved, failures, skipped;
	uint64_t ours, theirs; /* instructions, ours with -Os */
	unsigned longer;
};

/* --- names, pinned ---------------------------------------------------------------- */

static const struct {
	enum packet_name_kind kind;
	const char *name;
	uint32_t number;
} names[] = {
	{ PACKET_NAME_PORT_TCP, "domain", 53 },
	{ PACKET_NAME_PORT_UDP, "domain", 53 },
	{ PACKET_NAME_PORT_TCP, "smtp", 25 },
	{ PACKET_NAME_PORT_UDP, "bootps", 67 },
	{ PACKET_NAME_PORT_UDP, "bootpc", 68 },
	{ PACKET_NAME_PROTO, "tcp", 6 },
	{ PACKET_NAME_PROTO, "udp", 17 },
};

static int resolve(void *ctx, enum packet_name_kind kind, const char *name,
                   struct packet_resolved *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].kind == kind && !strcmp(names[i].name, name)) {
			out->number = names[i].number;
			return 0;
		}
	return -ENOENT;
}

/* --- compiling ---------------------------------------------------------------------- */

static void keep(void *ctx, const struct diags *d, const struct diag *one)
{
	diag_render(ctx, d, one);
}

static const char *string_of(json_t *entry, const char *key)
{
	const char *s = json_string_value(json_object_get(entry, key));

	return s ? s : vectors_name(entry);
}

/* TEXT for O, NULL after errors, which are in SAID. */
static struct ir_graph *compile_text(struct test *t, const char *text,
                                     const struct packet_options *o, struct buf *said)
{
	struct diags d = { .arena = &t->arena, .emit = keep, .ctx = said };
	struct ir_graph *g = ir_graph(&t->arena, &ir_input_packet);
	uint32_t source = diag_source(&d, "expression", text, strlen(text));

	return packet_read(g, &d, source, o, NULL) ? g : NULL;
}

/* The graph of an entry. AF: see below. */
static struct ir_graph *compile(struct test *t, json_t *entry, bool af, struct buf *said)
{
	const char *dlt = string_of(entry, "dlt");
	const struct packet_linktype *link = packet_linktype_named(dlt, strlen(dlt));
	struct packet_options o = {
		.linktype = link ? link->dlt : -1,
		.snaplen = (uint32_t)vectors_number(entry, "snaplen", 262144),
		.have_netmask = json_object_get(entry, "netmask") != NULL,
		.resolve = resolve,
		.depth = DEPTH,
	};

	if (o.have_netmask)
		inet_pton(AF_INET, string_of(entry, "netmask"), &o.netmask);
	/*
	 * The handle that made the vectors is neither a file nor an interface: it
	 * has an interface's values of AF_INET6.
	 */
	if (af && link && (link->proto == link_af_host || link->proto == link_af_net || link->proto == link_pflog))
		o.live = true;
	return compile_text(t, string_of(entry, "expr"), &o, said);
}

static void complain(struct test *t, json_t *entry, const char *what, const char *more)
{
	if (t->failures++ < 40)
		printf("%s, '%s': %s\n%s\n", string_of(entry, "dlt"), string_of(entry, "expr"),
		       what, more);
}

/* --- comparing ------------------------------------------------------------------------ */

/* One that loops (protochain) is followed no further than the unrolled one goes. */
static bool loops(const struct program *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->insns[i].code == (BPF_JMP | BPF_JA) && p->insns[i].k > 0x7fffffff)
			return true;
	return false;
}

static struct sock_filter *reference(struct test *t, json_t *entry, uint32_t *n)
{
	json_t *list = json_object_get(entry, "unoptimized"), *one;
	struct sock_filter *p;
	size_t i;

	*n = (uint32_t)json_array_size(list);
	p = arena_array(&t->arena, struct sock_filter, *n);
	json_array_foreach(list, i, one) {
		p[i].code = (uint16_t)json_integer_value(json_array_get(one, 0));
		p[i].jt = (uint8_t)json_integer_value(json_array_get(one, 1));
		p[i].jf = (uint8_t)json_integer_value(json_array_get(one, 2));
		p[i].k = (uint32_t)json_integer_value(json_array_get(one, 3));
	}
	return p;
}

/* Packets to start from: noise of several lengths, with what headers begin with. */
static void start(struct test *t, struct inputs *set)
{
	static const uint16_t lengths[LENGTHS] = { 0, 14, 34, 60, 80, 200, 600, 1500 };

	for (unsigned i = 0; i < LENGTHS; i++) {
		struct input in = { .captured = lengths[i], .wire = lengths[i] };

		for (unsigned b = 0; b < lengths[i]; b++)
			in.bytes[b] = (uint8_t)(rng_one_in(&t->rng, 2) ? rng_next(&t->rng) : 0x45);
		inputs_add(set, &in);
	}
}

static void show(struct test *t, json_t *entry, const struct input *in, struct outcome theirs,
                 struct outcome ours, const char *who)
{
	struct buf b = { .arena = &t->arena };

	buf_printf(&b, "  %s gives %#x (end %d), libpcap's %#x (end %d), on ", who, ours.result,
	           ours.end, theirs.result, theirs.end);
	input_print(&b, in);
	complain(t, entry, "another result", buf_str(&b));
}

/* True if OURS is right. */
static bool same(struct test *t, json_t *entry, const struct referee *f, const struct input *in,
                 struct outcome theirs, struct outcome ours, const char *who)
{
	enum verdict v = judge(f, in, theirs, ours, &t->rng);

	t->runs++;
	t->unresolved += v == UNRESOLVED;
	if (v != DIFFERENT)
		return true;
	show(t, entry, in, theirs, ours, who);
	return false;
}

static void compare(struct test *t, json_t *entry, const struct ir_graph *g,
                    const struct program *theirs, const struct program *ours)
{
	struct referee f = { .program = theirs };
	struct program both[2] = { *theirs, *ours };
	struct outcome a, b;
	struct inputs set;
	bool loop = loops(theirs);

	inputs_start(&set, &t->arena, INPUTS);
	start(t, &set);
	walk(&set, both, 2, &t->rng);
	for (uint32_t i = 0; i < set.n; i++) {
		a = referee_run(&f, &set.v[i]);
		b.end = machine_run(ours, &set.v[i], &b.result, NULL);
		/* Deeper than is unrolled: 0. */
		if (loop && b.result == 0 && (a.end == END_STEPS || a.result))
			continue;
		if (!same(t, entry, &f, &set.v[i], a, b, "the program"))
			return;
		b = graph_eval(g, &set.v[i]);
		if (!same(t, entry, &f, &set.v[i], a, b, "the graph"))
			return;
	}
}

/* G (NULL: refused, with SAID) against THEIRS; the length of its program, 0 if none. */
static uint32_t check(struct test *t, json_t *entry, struct ir_graph *g, struct buf *said,
                      const struct program *theirs)
{
	struct program ours = { NULL, 0 };
	struct gen_code code;
	const char *wrong;

	if (!g) {
		complain(t, entry, "refused", buf_str(said));
	} else if ((wrong = ir_verify(g, &t->arena))) {
		complain(t, entry, "a bad graph: ", wrong);
	} else if (!gen_program(g, &(struct gen_options){ .leaf = 0 }, &t->arena, &code)) {
		complain(t, entry, "needs too many scratch cells", "");
	} else {
		ours = (struct program){ code.insns, code.n };
		compare(t, entry, g, theirs, &ours);
	}
	return ours.n;
}

static struct ir_graph *optimize(struct ir_graph *g, enum opt_level level)
{
	struct opt o = { .graph = g, .level = level, .fuel = UINT64_MAX, .verify = true };

	if (!g || level == OPT_0)
		return g;
	test_arena(&o.tmp);
	opt_run(&o);
	arena_free(&o.tmp);
	return g;
}

static void count_length(struct test *t, json_t *entry, const struct program *theirs,
                         enum opt_level level, uint32_t ours)
{
	int64_t best = vectors_number(entry, "optimized_length", 0);

	if (best <= 0 || loops(theirs) || level != OPT_SIZE)
		return;
	t->theirs += (uint64_t)best;
	t->ours += ours;
	t->longer += ours > best;
}

static void accepted_entry(void *ctx, json_t *entry)
{
	static const enum opt_level levels[] = { OPT_0, OPT_1, OPT_2, OPT_SIZE };
	struct test *t = ctx;
	struct program theirs;

	if (t->only && strcmp(t->only, string_of(entry, "expr")))
		return;
	t->cases++;
	for (unsigned i = 0; i < ARRAY_LEN(levels); i++) {
		struct buf said = { .arena = &t->arena };
		struct ir_graph *g = optimize(compile(t, entry, true, &said), levels[i]);

		theirs.insns = reference(t, entry, &theirs.n);
		count_length(t, entry, &theirs, levels[i],
		             check(t, entry, g, &said, &theirs));
		arena_free(&t->arena);
	}
}

/* Programs of a live capture, which use ancillary words, are named by their text. */
static void live_entry(void *ctx, json_t *entry)
{
	static const char prefix[] = "pcap:EN10MB-linux:O1:";
	const struct packet_options o = {
		.linktype = 1,
		.snaplen = 262144,
		.live = true,
	};
	struct test *t = ctx;
	const char *text = vectors_name(entry);
	struct buf said = { .arena = &t->arena };
	struct program theirs;
	size_t n;

	if (strncmp(text, prefix, strlen(prefix)))
		return;
	text += strlen(prefix);
	if (t->only && strcmp(t->only, text))
		return;
	theirs.insns = vectors_program(&t->arena, entry, &n);
	theirs.n = (uint32_t)n;
	t->cases++;
	check(t, entry, compile_text(t, text, &o, &said), &said, &theirs);
	arena_free(&t->arena);
}

/* --- what is refused --------------------------------------------------------------------- */

/* The reference refused these for what it was told of the world, or by its optimizer. */
static bool is_ours_to_take(json_t *entry)
{
	const char *reason = string_of(entry, "reason");

	return strstr(reason, "expression rejects all packets") ||
	       strstr(reason, "snaplen of 0");
}

static void refused_entry(void *ctx, json_t *entry)
{
	struct test *t = ctx;
	struct buf said = { .arena = &t->arena };

	if (t->only && strcmp(t->only, string_of(entry, "expr")))
		return;
	if (is_ours_to_take(entry)) {
		t->skipped++;
		return;
	}
	t->cases++;
	if (compile(t, entry, false, &said))
		complain(t, entry, "accepted, but libpcap says: ", string_of(entry, "reason"));
	else if (t->only)
		printf("%s", buf_str(&said));
	arena_free(&t->arena);
}

int main(int argc, char **argv)
{
	struct test *t = calloc(1, sizeof *t);

	if (!t || setjmp(test_oom)) {
		printf("out of memory\n");
		return 1;
	}
	t->rng = rng_seed(7);
	t->only = argc > 1 ? argv[1] : NULL;
	test_arena(&t->arena);
	if (vectors_each("expressions.jsonl", accepted_entry, t) < 0 ||
	    vectors_each("rejected.jsonl", refused_entry, t) < 0 ||
	    vectors_each("check.jsonl", live_entry, t) < 0)
		return SKIPPED;
	printf("%u expressions, %u runs, %u unresolved, %u rejections that are not ours, %u failures\n",
	       t->cases, t->runs, t->unresolved, t->skipped, t->failures);
	printf("-Os: %llu instructions, libpcap's optimizer %llu; longer in %u\n",
	       (unsigned long long)t->ours, (unsigned long long)t->theirs, t->longer);
	return t->failures != 0;
}
