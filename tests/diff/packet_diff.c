/*
 * Packet expressions against libpcap's unoptimized program: random expressions,
 * each with inputs that walk and flip the branches of both parties' programs.
 * What is accepted must agree as well. A failure is made smaller and printed
 * with what it takes to have it again.
 */
#include "gen/gen.h"
#include "opt/opt.h"
#include "packet/packet.h"
#include "tests/diff/decide.h"
#include "tests/diff/diff.h"
#include "tests/diff/graphs.h"
#include "tests/diff/oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PARTIES_MAX = 8,
	TEMPLATES = 6
};

/* Expressions of each link type: in make check, and with --long. */
enum {
	EACH = 500,
	EACH_LONG = 100000
};

/* --- who is compared ------------------------------------------------------------ */

/* What every party is asked to compile. */
struct question {
	const char *text;
	const struct link_type *link;
	int dlt, snaplen;
	uint32_t netmask;
};

/* One answer; .insns is NULL where the text is refused. */
struct answer {
	struct program program;
	struct ir_graph *graph; /* unoptimized, evaluated as well; or NULL */
	char error[256];
};

struct party {
	const char *name;
	void (*compile)(struct answer *out, struct arena *a,
	                const struct question *q, int level);
	int level;
};

static void compile_libpcap(struct answer *out, struct arena *a,
                            const struct question *q, int level)
{
	struct oracle_code code;

	oracle_compile(&code, q->text, q->dlt, q->snaplen, level, q->netmask);
	memcpy(out->error, code.error, sizeof(out->error));
	out->program.n = code.n;
	out->program.insns = code.insns ? arena_memdup(a, code.insns,
	                                               code.n * sizeof(*code.insns))
	                                : NULL;
	oracle_free(&code);
}

/* G, optimized, as a program in OUT. */
static void finish(struct answer *out, struct arena *a, struct ir_graph *g,
                   int level)
{
	struct gen_options options = { .linear = level == OPT_SIZE };
	struct opt o = {
		.graph = g,
		.level = level,
		.fuel = UINT64_MAX,
		.verify = true,
		.gen = options,
	};
	struct gen_code code;

	test_arena(&o.tmp);
	opt_run(&o);
	if (gen_program(g, &options, &o.tmp, &code))
		out->program = (struct program){
			arena_memdup(a, code.insns, code.n * sizeof(*code.insns)),
			code.n,
		};
	else
		snprintf(out->error, sizeof(out->error), "too many cells");
	arena_free(&o.tmp);
}

/* The reference's own program, lifted to a graph and compiled again. */
static void compile_lifted(struct answer *out, struct arena *a,
                           const struct question *q, int level)
{
	struct ir_graph *g = ir_graph(a, &ir_input_packet);
	struct answer theirs;
	struct arena tmp;

	compile_libpcap(&theirs, a, q, 0);
	*out = (struct answer){ .graph = NULL };
	memcpy(out->error, theirs.error, sizeof(out->error));
	if (!theirs.program.insns)
		return;
	test_arena(&tmp);
	gen_lift(g, theirs.program.insns, theirs.program.n, &tmp, NULL);
	arena_free(&tmp);
	finish(out, a, g, level);
}

static void keep_error(void *ctx, const struct diags *d, const struct diag *one)
{
	struct answer *out = ctx;

	if (one->severity == DIAG_ERROR && !*out->error)
		snprintf(out->error, sizeof(out->error), "%s", one->text);
}

static void compile_weir(struct answer *out, struct arena *a,
                         const struct question *q, int level)
{
	struct diags d = { .arena = a, .emit = keep_error, .ctx = out };
	struct ir_graph *g = ir_graph(a, &ir_input_packet);
	struct packet_options o = {
		.linktype = q->dlt,
		.snaplen = q->snaplen,
		.netmask = q->netmask,
		.have_netmask = q->netmask != UINT32_MAX,
	};
	uint32_t source = diag_source(&d, "expression", q->text, strlen(q->text));

	*out = (struct answer){ .graph = NULL };
	if (packet_read(g, &d, source, &o, NULL)) {
		if (level == OPT_0)
			out->graph = g;
		finish(out, a, g, level);
	}
}

static const struct party reference = { "libpcap", compile_libpcap, 0 };
static const struct party optimized = { "libpcap -O", compile_libpcap, 1 };
static const struct party weir[] = {
	{ "weir -O0", compile_weir, OPT_0 },
	{ "weir -O1", compile_weir, OPT_1 },
	{ "weir -O2", compile_weir, OPT_2 },
	{ "weir -O3", compile_weir, OPT_3 },
	{ "weir -Os", compile_weir, OPT_SIZE },
	{ "lifted, -O2", compile_lifted, OPT_2 },
};

/* For reports: the graph as the frontend made it. */
static const struct party evaluator = { "weir's graph", NULL, 0 };

static const struct party *parties = weir;
static unsigned nparties = ARRAY_LEN(weir);

/* --- one case --------------------------------------------------------------------- */

enum finding {
	AGREES,
	BOTH_REFUSE,
	EXCUSED,    /* they differ, for a reason that is given below */
	ACCEPTANCE, /* one refuses what the other takes */
	RESULTS,    /* another result on some input */
	UNPROVED,   /* the reference reads past an input; see judge.c */
	NFINDINGS
};

static const char *const finding_names[NFINDINGS] = {
	"agree",
	"both refuse",
	"excused",
	"differ in acceptance",
	"differ in results",
	"unproved",
};

/* What a case came to, and on which input and party. */
struct report {
	enum finding finding;
	const struct party *party;
	struct input input;
	struct outcome theirs, ours;
	uint32_t n[PARTIES_MAX]; /* lengths of programs */
	uint32_t ninputs;
	char error[256];
};

/* Errors of the reference that are its own limits, not the language's. */
static const char *const own_limits[] = {
	"too many registers needed",
	"parser stack overflow",
	"memory exhausted",
};

static bool is_own_limit(const char *error)
{
	for (size_t i = 0; i < ARRAY_LEN(own_limits); i++)
		if (strstr(error, own_limits[i]))
			return true;
	return false;
}

/* What an optimizer finds out does not count; only "libpcap -O" says it. */
static bool is_excused(const struct party *p, const char *error)
{
	return p == &optimized && (strstr(error, "rejects all packets") ||
	                           strstr(error, "by zero") ||
	                           strstr(error, "shift by more"));
}

/*
 * libpcap 1.10 asks for the protocols of a relation's two accessors in another
 * order than later ones and we do, and for more of them: packets that end
 * early can end the one and not the other.
 */
static bool is_older_order(const struct report *r, const char *text)
{
	const char *bracket = strchr(text, '[');

	return oracle_version() < 11100 && r->ours.end == END_LOAD && bracket &&
	       strchr(bracket + 1, '[');
}

/*
 * A comparison may write into cells that later hold where headers begin. libpcap 1.10
 * gives out the cell of the link layer's header before that of its payload for
 * `port`, `host` and `net`, later ones and we the other way around.
 */
static bool is_older_cell(const struct report *r, const struct question *q)
{
	const struct packet_linktype *link = packet_linktype(q->dlt);

	return oracle_version() < 11100 && link->hdr_varies && link->payload_varies &&
	       strpbrk(q->text, "=<>") &&
	       (r->party == &weir[0] || r->party == &evaluator);
}

/* What libpcap 1.10 takes and later ones and we refuse, by our message. */
static bool is_older_leniency(const char *error)
{
	static const char *const refused[] = {
		"is too large; the largest is",  /* numbers beyond their field */
		"'decnet' qualifies hosts only", /* and not nets */
		"a DECnet address is",           /* any numbers */
		"have no ATM circuits",          /* behind geneve, pppoes, ... on ATM */
	};

	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (oracle_version() < 11100 && strstr(error, refused[i]))
			return true;
	return false;
}

static bool accepts(struct report *out, const struct answer *theirs,
                    const struct answer *ours, const struct party *p)
{
	if (!theirs->program.insns == !ours->program.insns)
		return theirs->program.insns;
	out->party = p;
	snprintf(out->error, sizeof(out->error), "%s",
	         ours->program.insns ? theirs->error : ours->error);
	if (ours->program.insns ? is_own_limit(theirs->error)
	                        : is_excused(p, ours->error) ||
	                                  is_older_leniency(ours->error))
		out->finding = EXCUSED;
	else
		out->finding = ACCEPTANCE;
	return false;
}

/* Who says what is right. */
struct judges {
	struct referee theirs;
	/*
	 * libpcap 1.10 computes what a constant then decides, and may fault there;
	 * later ones and we decide first. NULL: it is a later one.
	 */
	const struct referee *decided;
};

/* Whether B is right on IN, where libpcap says A. */
static enum verdict judged(struct report *out, const struct judges *j,
                           const struct input *in, struct outcome a, struct outcome b,
                           struct rng *r)
{
	enum verdict v = judge(&j->theirs, in, a, b, r);

	if (v == SAME || !j->decided || a.end == END_RET ||
	    judge(j->decided, in, referee_run(j->decided, in), b, r) != SAME)
		return v;
	if (out->finding == AGREES)
		out->finding = EXCUSED;
	return SAME;
}

/* False if OURS is known to be wrong: no more has to be asked. */
static bool compare_one(struct report *out, const struct party *party,
                        const struct judges *j, const struct input *in,
                        struct outcome a, struct outcome b, struct rng *r)
{
	enum verdict v = judged(out, j, in, a, b, r);

	if (v == SAME ||
	    (v == UNRESOLVED && out->finding != AGREES && out->finding != EXCUSED))
		return true;
	out->finding = v == DIFFERENT ? RESULTS : UNPROVED;
	out->party = party;
	out->input = *in;
	out->theirs = a;
	out->ours = b;
	return v != DIFFERENT;
}

/* Asks the first N parties about IN; false if one is known to be wrong. */
static bool compare(struct report *out, const struct judges *theirs,
                    const struct answer *ours, unsigned n, const struct input *in,
                    struct rng *r)
{
	struct outcome a = referee_run(&theirs->theirs, in), b;

	for (unsigned i = 0; i < n; i++) {
		if (!ours[i].program.insns)
			continue;
		b.end = machine_run(&ours[i].program, in, &b.result, NULL);
		if (!compare_one(out, &parties[i], theirs, in, a, b, r))
			return false;
		if (!ours[i].graph)
			continue;
		b = graph_eval(ours[i].graph, in);
		if (!compare_one(out, &evaluator, theirs, in, a, b, r))
			return false;
	}
	return true;
}

static struct outcome ask_graph(void *ctx, const struct input *in)
{
	return graph_eval(ctx, in);
}

/* libpcap means something else here: our own graph says what our levels must do. */
static void compare_levels(struct report *out, const struct answer *ours,
                           const struct inputs *set, struct rng *r)
{
	struct judges judges = { .theirs = {
					 .program = &ours[0].program,
					 .run = ask_graph,
					 .ctx = ours[0].graph,
				 } };
	bool right = true;

	out->finding = EXCUSED;
	/* The last one is libpcap's. */
	for (uint32_t i = 0; i < set->n && right; i++)
		right = compare(out, &judges, ours, nparties - 1, &set->v[i], r);
}

static void compare_all(struct report *out, struct arena *a,
                        const struct answer *theirs, const struct answer *ours,
                        const struct question *q, uint32_t ninputs,
                        struct rng *r)
{
	struct program programs[PARTIES_MAX + 1] = { theirs->program };
	struct program folded = decided(a, &theirs->program);
	struct referee folding = { .program = &folded };
	struct judges judges = { { .program = &theirs->program },
		                 oracle_version() < 11100 ? &folding : NULL };
	struct input in;
	struct inputs set;
	uint32_t n = 1;

	for (unsigned i = 0; i < nparties; i++)
		if (ours[i].program.insns)
			programs[n++] = ours[i].program;
	inputs_start(&set, a, ninputs);
	for (int i = 0; i < TEMPLATES; i++) {
		packet_template(&in, q->dlt, r);
		inputs_add(&set, &in);
	}
	walk(&set, programs, n, r);
	for (uint32_t i = 0; i < set.n; i++)
		if (!compare(out, &judges, ours, nparties, &set.v[i], r))
			break;
	if (out->finding == RESULTS && is_older_order(out, q->text))
		out->finding = EXCUSED;
	if (out->finding == RESULTS && is_older_cell(out, q))
		compare_levels(out, ours, &set, r);
	out->ninputs = set.n;
}

/* The whole question: who takes the text, and then what the programs return. */
static void ask(struct report *out, const struct question *q, uint32_t ninputs,
                uint64_t seed)
{
	struct rng r = rng_seed(seed);
	struct answer theirs = { 0 }, ours[PARTIES_MAX] = { 0 };
	struct arena a;
	bool both = true;

	test_arena(&a);
	memset(out, 0, offsetof(struct report, input));
	memset(out->n, 0, sizeof(out->n));
	reference.compile(&theirs, &a, q, reference.level);
	out->ninputs = 0;
	for (unsigned i = 0; i < nparties; i++) {
		parties[i].compile(&ours[i], &a, q, parties[i].level);
		out->n[i] = ours[i].program.n;
		if (!accepts(out, &theirs, &ours[i], &parties[i])) {
			both = false;
			if (out->finding == ACCEPTANCE)
				break;
		}
	}
	if (!theirs.program.insns && out->finding == AGREES)
		out->finding = BOTH_REFUSE;
	if (both)
		compare_all(out, &a, &theirs, ours, q, ninputs, &r);
	arena_free(&a);
}

/* --- reports ----------------------------------------------------------------------- */

static void print_report(const struct report *r, const struct question *q,
                         uint64_t seed)
{
	struct arena a;
	struct buf out;

	test_arena(&a);
	out = (struct buf){ .arena = &a };
	printf("%s: %s\n", finding_names[r->finding], r->party->name);
	printf("  again: packet_diff --seed %" PRIu64 " --dlt %s --snaplen %d "
	       "--netmask 0x%x --text '%s'\n",
	       seed, q->link->name, q->snaplen, q->netmask, q->text);
	if (r->finding == ACCEPTANCE) {
		printf("  refused with: %s\n", r->error);
	} else {
		input_print(&out, &r->input);
		printf("  %s\n  libpcap %u (%d), %s %u (%d)\n", buf_str(&out),
		       r->theirs.result, r->theirs.end, r->party->name,
		       r->ours.result, r->ours.end);
	}
	fflush(stdout);
	arena_free(&a);
}

/* --- shrinking --------------------------------------------------------------------- */

struct same_failure {
	struct question question;
	const struct report *report;
	uint32_t ninputs;
	uint64_t seed;
};

static bool fails_alike(void *ctx, const char *text)
{
	struct same_failure *f = ctx;
	struct report r;

	f->question.text = text;
	ask(&r, &f->question, f->ninputs, f->seed);
	return r.finding == f->report->finding;
}

/* --- the run ------------------------------------------------------------------------- */

struct run {
	uint64_t seed, count, each, ninputs, stop_after;
	const char *dlt, *text; /* NULL: drawn */
	uint64_t snaplen, netmask;
	unsigned failures;
	bool show_longer, longest, libpcap;
	uint64_t found[NFINDINGS], inputs;
	/* Instructions in all, where libpcap's optimizer has a program, too. */
	uint64_t length[PARTIES_MAX], longer[PARTIES_MAX], optimized, compared;
};

static const struct link_type *link_of(const char *name)
{
	for (unsigned i = 0; i < nlink_types; i++)
		if (!strcmp(link_types[i].name, name))
			return &link_types[i];
	fprintf(stderr, "packet_diff: no link type '%s' here\n", name);
	exit(2);
}

static uint32_t context_of(const struct link_type *link)
{
	return link->context |
	       (oracle_version() >= 11100 ? IN_LIBPCAP_1_11 : 0);
}

static bool is_known(const struct link_type *l)
{
	return !(l->context & IN_LIBPCAP_1_11) || oracle_version() >= 11100;
}

/* How many link types the oracle knows as we do. */
static unsigned known_links(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < nlink_types; i++)
		n += is_known(&link_types[i]);
	return n;
}

/* The link type of the case with this SEED: those that follow take turns. */
static const struct link_type *link_in_turn(uint64_t seed)
{
	uint64_t turn = seed % known_links();

	for (unsigned i = 0;; i++)
		if (is_known(&link_types[i]) && !turn--)
			return &link_types[i];
}

static void draw_question(struct question *q, const struct run *run,
                          uint64_t seed, struct rng *r)
{
	static const int snaplens[] = { 262144, 65535, 200, 1 };

	q->link = run->dlt ? link_of(run->dlt) : link_in_turn(seed);
	q->dlt = oracle_dlt(q->link->name);
	q->snaplen = run->snaplen ? (int)run->snaplen
	                          : snaplens[rng_one_in(r, 2)
	                                             ? 0
	                                             : rng_below(r, 4)];
	q->netmask = run->netmask       ? (uint32_t)run->netmask
	             : rng_one_in(r, 2) ? UINT32_MAX
	                                : 0xffffff;
}

static void count_lengths(struct run *run, const struct question *q,
                          const struct report *report)
{
	struct oracle_code best;

	oracle_compile(&best, q->text, q->dlt, q->snaplen, true, q->netmask);
	run->optimized += best.n;
	run->compared += best.n != 0;
	for (unsigned i = 0; best.n && i < nparties; i++) {
		run->length[i] += report->n[i];
		run->longer[i] += report->n[i] > best.n;
	}
	oracle_free(&best);
}

/* Counts what REPORT says; true if it is a failure. */
static bool count(struct run *run, const struct question *q,
                  const struct report *report)
{
	run->found[report->finding]++;
	run->inputs += report->ninputs;
	if (report->finding == AGREES)
		count_lengths(run, q, report);
	return report->finding == ACCEPTANCE || report->finding == RESULTS ||
	       report->finding == UNPROVED;
}

/* --- where we are longer ------------------------------------------------------------- */

/* How much longer -Os is than libpcap's optimizer; 0 where one refuses. */
static int excess(const struct question *q)
{
	struct oracle_code best;
	struct answer ours;
	struct arena a;
	int more;

	test_arena(&a);
	oracle_compile(&best, q->text, q->dlt, q->snaplen, true, q->netmask);
	compile_weir(&ours, &a, q, OPT_SIZE);
	more = best.n && ours.program.insns ? (int)(ours.program.n - best.n) : 0;
	oracle_free(&best);
	arena_free(&a);
	return more;
}

static bool stays_longer(void *ctx, const char *text)
{
	struct question q = *(const struct question *)ctx;

	q.text = text;
	return excess(&q) > 0;
}

static void print_longer(struct arena *a, struct question *q, struct phrase *p)
{
	if (!p || excess(q) <= 0)
		return;
	phrase_shrink(&packet_grammar, a, &p, context_of(q->link), stays_longer, q);
	q->text = phrase_text(a, p);
	printf("longer by %d: %s '%s'\n", excess(q), q->link->name, q->text);
}

static void one_case(struct run *run, uint64_t seed)
{
	struct rng r = rng_seed(seed);
	struct question q = { 0 };
	struct report report;
	struct phrase *p = NULL;
	struct arena a;

	test_arena(&a);
	draw_question(&q, run, seed, &r);
	q.text = run->text;
	if (!q.text) {
		p = grammar_derive(&packet_grammar, &a, "expr",
		                   context_of(q.link), 4 + rng_below(&r, 40), &r);
		q.text = phrase_text(&a, p);
		if (rng_one_in(&r, 10)) {
			q.text = mutate_tokens(&a, q.text, &r);
			p = NULL;
		}
	}
	ask(&report, &q, run->ninputs, seed);
	if (count(run, &q, &report)) {
		struct same_failure f = { q, &report, run->ninputs, seed };

		run->failures++;
		if (p) {
			phrase_shrink(&packet_grammar, &a, &p,
			              context_of(q.link), fails_alike, &f);
			q.text = phrase_text(&a, p);
			ask(&report, &q, run->ninputs, seed);
		}
		print_report(&report, &q, seed);
	} else if (run->show_longer) {
		print_longer(&a, &q, p);
	}
	arena_free(&a);
}

static void print_totals(const struct run *run)
{
	for (int f = 0; f < NFINDINGS; f++)
		printf("  %s: %" PRIu64 "\n", finding_names[f], run->found[f]);
	printf("instructions in %" PRIu64 " programs: libpcap -O %" PRIu64 "\n",
	       run->compared, run->optimized);
	for (unsigned i = 0; i < nparties; i++)
		printf("  %s: %" PRIu64 ", longer than it in %" PRIu64 "\n",
		       parties[i].name, run->length[i], run->longer[i]);
}

/* Make counts of what the options say. */
static bool settle(struct run *run)
{
	if (run->longest)
		run->each = EACH_LONG;
	if (!run->count)
		run->count = run->each * known_links();
	if (run->text)
		run->count = 1;
	if (run->libpcap) {
		parties = &optimized;
		nparties = 1;
	}
	return run->ninputs >= TEMPLATES;
}

static int compare_expressions(void *ctx)
{
	struct run *run = ctx;
	uint64_t i;

	if (!settle(run))
		return 2;
	printf("--seed %" PRIu64 "\n", run->seed);
	fflush(stdout);
	for (i = 0; i < run->count && run->failures < run->stop_after; i++)
		one_case(run, run->seed + i);
	printf("%" PRIu64 " expressions, %" PRIu64 " (expression, packet) pairs\n",
	       i, run->inputs);
	print_totals(run);
	return run->failures ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct run run = {
		.seed = seed_of_today(),
		.each = EACH,
		.ninputs = 40,
		.stop_after = 10,
	};
	const struct driver_option options[] = {
		{
			"seed",
			"N",
			DRIVER_NUMBER,
			&run.seed,
			"of the first; another every day",
		},
		{ "count", "N", DRIVER_NUMBER, &run.count, "expressions in all" },
		{
			"each",
			"N",
			DRIVER_NUMBER,
			&run.each,
			"expressions of each link type",
		},
		{ "long", NULL, DRIVER_SET, &run.longest, "100,000 of each" },
		{ "inputs", "N", DRIVER_NUMBER, &run.ninputs, "packets for each" },
		{ "dlt", "NAME", DRIVER_TEXT, &run.dlt, "of this link type only" },
		{ "text", "EXPR", DRIVER_TEXT, &run.text, "this expression only" },
		{ "snaplen", "N", DRIVER_NUMBER, &run.snaplen, "for it" },
		{ "netmask", "N", DRIVER_NUMBER, &run.netmask, "for it" },
		{ "stop-after", "N", DRIVER_NUMBER, &run.stop_after, "failures" },
		{ "longer", NULL, DRIVER_SET, &run.show_longer,
		  "print what -Os makes longer than libpcap's optimizer" },
		{ "libpcap", NULL, DRIVER_SET, &run.libpcap,
		  "compare libpcap's optimizer, to see what this test finds" },
		{ NULL },
	};

	return driver_main(&(struct driver){
				   "packet_diff",
				   options,
				   compare_expressions,
				   &run,
			   },
	                   argv);
}
