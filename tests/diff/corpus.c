/* The corpus: random texts, and what each text is at every level. */
#include "tests/diff/corpus.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>

#include "cbpf/cbpf.h"
#include "gen/gen.h"
#include "opt/opt.h"
#include "packet/packet.h"

const char *const corpus_levels[CORPUS_LEVELS] = { "-O0", "-O1", "-O2", "-O3", "-Os" };

/* --- drawing ------------------------------------------------------------------------- */

struct corpus_text corpus_draw(struct arena *a, struct rng *r)
{
	const struct link_type *l = &link_types[rng_one_in(r, 2) ? 0
	                                                         : rng_below(r, nlink_types)];
	struct phrase *p;

	if (rng_one_in(r, 5))
		return (struct corpus_text){
			.set = "random policies",
			.policy = true,
			.text = corpus_random_policy(a, r),
		};
	p = grammar_derive(&packet_grammar, a, "expr", l->context | IN_LIBPCAP_1_11,
	                   4 + rng_below(r, 40), r);
	return (struct corpus_text){
		.set = "random",
		.text = phrase_text(a, p),
		.link = l->name,
		.snaplen = CORPUS_SNAPLEN,
		.live = rng_one_in(r, 6),
	};
}

/* --- compiling ------------------------------------------------------------------------- */

static int resolve(void *ctx, enum packet_name_kind kind, const char *name,
                   struct packet_resolved *out)
{
	static const struct {
		const char *name;
		uint32_t port, proto;
	} names[] = {
		{ "domain", 53, 0 },
		{ "smtp", 25, 0 },
		{ "bootps", 67, 0 },
		{ "bootpc", 68, 0 },
		{ "tcp", 0, 6 },
		{ "udp", 0, 17 },
		{ "ospf", 0, 89 },
		{ "gre", 0, 47 },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i].name, name))
			continue;
		out->number = kind == PACKET_NAME_PROTO ? names[i].proto : names[i].port;
		if (out->number)
			return 0;
	}
	return -ENOENT;
}

/* Its link type; -1 if there is no such. */
static int link_of(const struct corpus_text *t)
{
	const struct packet_linktype *link =
		t->link ? packet_linktype_named(t->link, strlen(t->link)) : NULL;

	return link ? link->dlt : -1;
}

/* The graph that the frontend makes; NULL: refused. */
static struct ir_graph *graph_of(struct arena *a, const struct corpus_text *t)
{
	struct diags d = { .arena = a };
	uint32_t source = diag_source(&d, "expression", t->text, strlen(t->text));
	struct packet_options o = {
		.linktype = link_of(t),
		.snaplen = t->snaplen,
		.live = t->live,
		.resolve = resolve,
	};
	struct ir_graph *g;

	if (t->policy)
		return corpus_policy(a, t->text);
	if (o.linktype < 0)
		return NULL;
	g = ir_graph(a, &ir_input_packet);
	return packet_read(g, &d, source, &o, NULL) ? g : NULL;
}

static bool program_of(struct arena *a, struct ir_graph *g, enum opt_level level,
                       struct program *out)
{
	struct opt o = {
		.graph = g,
		.level = level,
		.fuel = UINT64_MAX,
		.gen = { .linear = level == OPT_SIZE },
	};
	struct gen_code code;
	bool made;

	test_arena(&o.tmp);
	opt_run(&o);
	made = gen_program(g, &o.gen, &o.tmp, &code);
	arena_free(&o.tmp);
	*out = (struct program){ code.insns, code.n };
	return made;
}

bool corpus_compile(struct arena *a, const struct corpus_text *text,
                    struct corpus_case *out)
{
	static const enum opt_level levels[CORPUS_LEVELS] = { OPT_0, OPT_1, OPT_2, OPT_3,
		                                              OPT_SIZE };

	*out = (struct corpus_case){ .from = *text };
	for (unsigned i = 0; i < CORPUS_LEVELS; i++) {
		struct ir_graph *g = graph_of(a, text);

		if (!g || !program_of(a, g, levels[i], &out->program[i]))
			return false;
		if (!i)
			out->graph = g;
	}
	return true;
}

/* --- inputs --------------------------------------------------------------------------------- */

static void call(const struct corpus_case *c, struct input *in, struct rng *r)
{
	static const uint32_t arches[] = { 0xc000003e, 0x40000003, 0xc00000b7 };
	struct seccomp_data d = { .arch = arches[rng_one_in(r, 2) ? 0 : rng_below(r, 3)] };

	d.nr = rng_one_in(r, 8) ? (int)rng_number(r) : (int)rng_below(r, 480);
	for (unsigned i = 0; i < ARRAY_LEN(d.args); i++)
		d.args[i] = rng_one_in(r, 3) ? (uint64_t)rng_number(r) << 32 | rng_number(r)
		                             : rng_number(r);
	memset(in, 0, sizeof(*in));
	in->captured = in->wire = sizeof(d);
	in->sized = true;
	in->little_endian = c->graph->input.little_endian;
	memcpy(in->bytes, &d, sizeof(d));
}

void corpus_input(const struct corpus_case *c, struct input *in, struct rng *r)
{
	if (c->from.policy) {
		call(c, in, r);
		return;
	}
	packet_template(in, link_of(&c->from), r);
	in->pinned = 0; /* that is for libpcap's sake */
	for (size_t i = 0; c->from.live && i < ARRAY_LEN(in->anc); i++)
		in->anc[i] = rng_one_in(r, 2) ? rng_below(r, 4) : rng_next(r);
}
