/* The tables: a line a program, and means of ratios against the peer. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/bench/bench.h"

/* --- cells ----------------------------------------------------------------------------- */

static void cell(bool there, double v, int width, int digits)
{
	if (there)
		printf(" %*.*f", width, digits, v);
	else
		printf(" %*s", width, "-");
}

static void ratio(bool there, double ours, double theirs)
{
	cell(there && theirs > 0, theirs > 0 ? ours / theirs : 0, 5, 2);
}

static void executed(const struct row *r, unsigned mix)
{
	const struct figures *peer = &r->of[PARTY_PCAP], *ours = &r->of[PARTY_O2];
	bool ran = ours->executed[mix] > 0;

	cell(peer->there && ran, peer->executed[mix], 7, 2);
	cell(ran, ours->executed[mix], 7, 2);
	ratio(peer->there && ran, ours->executed[mix], peer->executed[mix]);
}

static void lengths(const struct row *r)
{
	const struct figures *peer = &r->of[PARTY_PCAP];

	cell(peer->there, peer->n, 5, 0);
	cell(r->of[PARTY_O2].there, r->of[PARTY_O2].n, 5, 0);
	ratio(peer->there, r->of[PARTY_O2].n, peer->n);
	cell(r->of[PARTY_OS].there, r->of[PARTY_OS].n, 5, 0);
	cell(r->of[PARTY_O3].there, r->of[PARTY_O3].n, 5, 0);
}

static void converted(const struct row *r)
{
	const struct figures *peer = &r->of[PARTY_PCAP], *ours = &r->of[PARTY_O2];

	cell(peer->there && peer->converted, (double)peer->converted, 6, 0);
	cell(ours->converted > 0, (double)ours->converted, 6, 0);
	printf(" %3s", !peer->there ? "-" : peer->attaches ? "yes"
	                                                   : "no");
	printf(" %3s", !ours->there ? "-" : ours->attaches ? "yes"
	                                                   : "no");
}

static void compile_times(const struct row *r)
{
	static const enum party shown[] = { PARTY_UNOPT, PARTY_PCAP, PARTY_O1, PARTY_O2 };

	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		cell(r->of[shown[i]].there, r->of[shown[i]].compile * 1e6, 8, 1);
}

static void heading(const char *set)
{
	printf("\n%s\n"
	       "%-35s %-23s %-23s %-21s %-35s\n"
	       "%5s %5s %5s %5s %5s  %7s %7s %5s %7s %7s %5s %6s %6s %3s %3s %8s %8s %8s %8s\n",
	       set, "length", "executed, v4 mix", "executed, v6 mix", "converted, fits",
	       "compile, microseconds",
	       "pcap", "O2", "ratio", "Os", "O3", "pcap", "O2", "ratio", "pcap", "O2",
	       "ratio", "pcap", "O2", "p", "O2", "pcap-O0", "pcap", "O1", "O2");
}

static void complain(const struct row *r)
{
	if (!r->wrong)
		return;
	printf("      WRONG: not the packets that libpcap's program accepts\n");
	for (unsigned p = PARTY_O0; p < PARTIES; p++)
		if (!r->of[p].there)
			printf("      %s: %s\n", party_name[p], r->of[p].missing);
}

void report_rows(const struct results *results)
{
	const rows_t *rows = &results->rows;
	const char *set = "";

	for (uint32_t i = 0; i < rows->n; i++) {
		const struct row *r = &rows->v[i];

		if (strcmp(set, r->item.set))
			heading(set = r->item.set);
		lengths(r);
		printf(" ");
		executed(r, 0);
		executed(r, 1);
		converted(r);
		compile_times(r);
		if (strcmp(r->item.dlt, "EN10MB"))
			printf("  [%s]", r->item.dlt);
		printf("  %.100s\n", r->item.name);
		complain(r);
	}
}

/* --- means ---------------------------------------------------------------------------------- */

static double length_of(const struct figures *f)
{
	return f->n;
}

static double v4_of(const struct figures *f)
{
	return f->executed[0];
}

static double v6_of(const struct figures *f)
{
	return f->executed[1];
}

static double converted_of(const struct figures *f)
{
	return (double)f->converted;
}

static double compile_of(const struct figures *f)
{
	return f->compile;
}

const struct measure measures[] = {
	{ "length", "length", length_of },
	{ "executed, v4 mix", "executed_v4", v4_of },
	{ "executed, v6 mix", "executed_v6", v6_of },
	{ "converted length", "converted", converted_of },
	{ "compile time", "compile", compile_of },
	{ NULL, NULL, NULL },
};

/* Sums towards a mean. */
struct sums {
	double logs, ours, theirs;
	struct mean mean;
};

static void add(struct sums *s, double ours, double theirs)
{
	if (ours <= 0 || theirs <= 0)
		return;
	s->logs += log(ours / theirs);
	s->ours += ours;
	s->theirs += theirs;
	s->mean.better += ours < theirs;
	s->mean.worse += ours > theirs;
	s->mean.n++;
}

static struct mean finish(const struct sums *s)
{
	struct mean m = s->mean;

	if (m.n) {
		m.geomean = exp(s->logs / m.n);
		m.total = s->ours / s->theirs;
	}
	return m;
}

struct mean mean_of(const rows_t *rows, const char *set, enum party p, figure_fn *of)
{
	struct sums s = { .mean = { .n = 0 } };

	for (uint32_t i = 0; i < rows->n; i++) {
		const struct row *r = &rows->v[i];

		if (!strcmp(r->item.set, set) && r->of[PARTY_PCAP].there && r->of[p].there)
			add(&s, of(&r->of[p]), of(&r->of[PARTY_PCAP]));
	}
	return finish(&s);
}

struct mean mean_of_corpus(const corpus_t *corpus, enum party p)
{
	struct sums s = { .mean = { .n = 0 } };

	for (uint32_t i = 0; i < corpus->n; i++)
		add(&s, corpus->v[i].ours[p], corpus->v[i].theirs);
	return finish(&s);
}

static void print_mean(enum party p, struct mean m)
{
	if (m.n)
		printf("  %s %.3f (%.3f; %u/%u)", party_name[p], m.geomean, m.total, m.better,
		       m.worse);
}

static void summarize(const rows_t *rows, const char *set)
{
	printf("\n%s: geomean of ratios to libpcap optimized (of totals; better/worse)\n", set);
	for (const struct measure *m = measures; m->name; m++) {
		printf("  %-17s", m->name);
		for (unsigned p = PARTY_O1; p < PARTIES; p++)
			print_mean(p, mean_of(rows, set, p, m->of));
		printf("\n");
	}
}

static void summarize_corpus(const corpus_t *corpus)
{
	if (!corpus->n)
		return;
	printf("\nreference expressions, %u distinct programs: length, the same way\n  ",
	       corpus->n);
	for (unsigned p = PARTY_O1; p < PARTIES; p++)
		print_mean(p, mean_of_corpus(corpus, p));
	printf("\n  at -Os longer than libpcap's, or refused:\n");
	for (uint32_t i = 0; i < corpus->n; i++) {
		const struct corpus_row *r = &corpus->v[i];

		if (!r->ours[PARTY_OS] || r->ours[PARTY_OS] > r->theirs)
			printf("    %4u %4u  [%s]  %s\n", r->theirs, r->ours[PARTY_OS], r->dlt,
			       r->text);
	}
}

/* --- modelled time -------------------------------------------------------------------------- */

/* By how many nanoseconds a program that is slower than the peer's counts as slower. */
enum {
	SLOWER_NS = 1
};

static bool both_ran(const struct row *r, enum party p, unsigned mix)
{
	return r->of[PARTY_PCAP].there && r->of[p].there && r->of[PARTY_PCAP].modelled[mix] > 0;
}

struct modelled modelled_of(const rows_t *rows, const char *set, enum party p, unsigned mix)
{
	double ours = 0, theirs = 0;
	struct modelled m = { 0 };

	for (uint32_t i = 0; i < rows->n; i++) {
		const struct row *r = &rows->v[i];

		if (strcmp(r->item.set, set) || !both_ran(r, p, mix))
			continue;
		ours += r->of[p].modelled[mix];
		theirs += r->of[PARTY_PCAP].modelled[mix];
		m.slower += r->of[p].modelled[mix] > r->of[PARTY_PCAP].modelled[mix] + SLOWER_NS;
		m.n++;
	}
	m.ratio = theirs > 0 ? ours / theirs : 0;
	return m;
}

static void summarize_modelled(const struct results *r, const char *set)
{
	printf("  modelled time on a socket, ratio of sums (slower by over %u ns)\n", SLOWER_NS);
	for (unsigned mix = 0; mix < BENCH_MIXES; mix++) {
		printf("    %-4s mix       ", r->mix_name[mix]);
		for (unsigned p = PARTY_O1; p < PARTIES; p++) {
			struct modelled m = modelled_of(&r->rows, set, p, mix);

			if (m.n)
				printf("  %s %.3f (%u of %u)", party_name[p], m.ratio, m.slower, m.n);
		}
		printf("\n");
	}
}

static void report_modelled(const struct results *results)
{
	const rows_t *rows = &results->rows;

	if (!rows->n)
		return;
	printf("\nmodelled nanoseconds a packet on a socket: libpcap, -O2, -O3\n");
	for (unsigned mix = 0; mix < BENCH_MIXES; mix++)
		printf("%-4s mix%14s", results->mix_name[mix], "");
	printf("\n");
	for (uint32_t i = 0; i < rows->n; i++) {
		const struct row *r = &rows->v[i];

		for (unsigned mix = 0; mix < BENCH_MIXES; mix++) {
			cell(r->of[PARTY_PCAP].there, r->of[PARTY_PCAP].modelled[mix], 6, 2);
			cell(r->of[PARTY_O2].there, r->of[PARTY_O2].modelled[mix], 6, 2);
			cell(r->of[PARTY_O3].there, r->of[PARTY_O3].modelled[mix], 6, 2);
			printf(" ");
		}
		printf(" %.80s\n", r->item.name);
	}
}

/* --- nanoseconds ------------------------------------------------------------------------------ */

static void report_times(const rows_t *rows)
{
	bool begun = false;

	for (uint32_t i = 0; i < rows->n; i++) {
		const struct row *r = &rows->v[i];
		const struct figures *peer = &r->of[PARTY_PCAP], *ours = &r->of[PARTY_O2];

		if (!r->timed)
			continue;
		if (!begun)
			printf("\nnanoseconds a packet, v4 mix: each side's program\n"
			       "%-18s %-18s %-18s\n%8s %8s  %8s %8s  %8s %8s\n",
			       "interpreter", "a 64th of 64 taps", "by the model", "libpcap",
			       "weir", "libpcap", "weir", "libpcap", "weir");
		begun = true;
		cell(peer->interpreter > 0, peer->interpreter, 7, 1);
		cell(ours->interpreter > 0, ours->interpreter, 8, 1);
		printf(" ");
		cell(peer->there && peer->attaches, peer->kernel, 8, 1);
		cell(ours->attaches, ours->kernel, 8, 1);
		printf(" ");
		cell(peer->there, peer->modelled[0], 8, 1);
		cell(ours->there, ours->modelled[0], 8, 1);
		printf("  %.80s\n", r->item.name);
	}
}

/* --- policies ------------------------------------------------------------------------------------ */

const char *const policy_party_name[POLICY_PARTIES] = {
	[POLICY_LINEAR] = "libseccomp, linear",
	[POLICY_TREE] = "libseccomp, tree",
	[POLICY_O0] = "O0",
	[POLICY_O1] = "O1",
	[POLICY_O2] = "O2",
	[POLICY_O3] = "O3",
	[POLICY_OS] = "Os",
	[POLICY_TOLD] = "O2, --profile",
};

static void report_policy(const struct policy_row *r)
{
	printf("\n%s\n%-20s %6s %6s %6s %8s %8s %8s %9s %8s\n", r->name, "", "length",
	       "conv.", "cached", "executed", "if it", "if it", "compile,", "a run,");
	printf("%-20s %6s %6s %6s %8s %8s %8s %9s %8s\n", "", "", "", "calls", "weighted", "runs",
	       "runs, flat", "us", "ns");
	for (unsigned i = 0; i < POLICY_PARTIES; i++) {
		const struct policy_figures *f = &r->of[i];

		if (!f->n)
			continue;
		printf("%-20s %6u %6" PRIu64 " %6u %8.2f %8.2f %8.2f %9.0f", policy_party_name[i],
		       f->n, f->converted, f->cached, f->executed, f->executed_running,
		       f->executed_uniform, f->compile * 1e6);
		cell(f->interpreter > 0, f->interpreter, 8, 1);
		printf("%s\n", f->wrong ? "  WRONG" : "");
	}
}

void report_summary(const struct results *r)
{
	const char *set = "";

	for (uint32_t i = 0; i < r->rows.n; i++)
		if (strcmp(set, r->rows.v[i].item.set)) {
			summarize(&r->rows, set = r->rows.v[i].item.set);
			summarize_modelled(r, set);
		}
	summarize_corpus(&r->corpus);
	report_modelled(r);
	report_times(&r->rows);
	for (uint32_t i = 0; i < r->policies.n; i++)
		report_policy(&r->policies.v[i]);
}

/* --- targets ---------------------------------------------------------------------------------------- */

static void target(const char *what, double at_most, double is, int digits)
{
	printf("  %-66s %8.*f %8.*f%s\n", what, digits, at_most, digits, is,
	       is > at_most ? "  not yet" : "");
}

/* Modelled time of the default level, and that no level which counts time loses to the peer. */
static void target_modelled(const rows_t *rows)
{
	static const double at_most[BENCH_MIXES] = { 0.40, 0.60, 1 };
	static const enum party levels[] = { PARTY_O1, PARTY_O2, PARTY_O3 };
	char what[80];

	for (unsigned mix = 0; mix < BENCH_MIXES; mix++) {
		snprintf(what, sizeof(what), "everyday, -O2: modelled time, mix %u", mix + 1);
		target(what, at_most[mix], modelled_of(rows, "everyday", PARTY_O2, mix).ratio, 3);
	}
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		unsigned slower = 0;

		for (unsigned mix = 0; mix < BENCH_MIXES; mix++)
			slower += modelled_of(rows, "everyday", levels[i], mix).slower;
		snprintf(what, sizeof(what), "everyday, -%s: slower by over %d ns on",
		         party_name[levels[i]], SLOWER_NS);
		target(what, 0, slower, 0);
	}
}

static void target_means(const rows_t *rows)
{
	struct mean size = mean_of(rows, "everyday", PARTY_OS, length_of);

	if (!size.n)
		return;
	target_modelled(rows);
	target("everyday, -Os: length", 0.83, size.geomean, 3);
	target("everyday, -Os: longer on", 0, size.worse, 0);
	target("everyday, -Os: executed, v4 mix", 0.863,
	       mean_of(rows, "everyday", PARTY_OS, v4_of).geomean, 3);
	target("everyday, -Os: executed, v6 mix", 0.954,
	       mean_of(rows, "everyday", PARTY_OS, v6_of).geomean, 3);
	target("everyday: compile time, -O1", 1,
	       mean_of(rows, "everyday", PARTY_O1, compile_of).geomean, 2);
	target("everyday: compile time, -O2", 5,
	       mean_of(rows, "everyday", PARTY_O2, compile_of).geomean, 2);
}

static void target_corpus(const corpus_t *corpus)
{
	struct mean m = mean_of_corpus(corpus, PARTY_OS);

	if (!m.n)
		return;
	target("reference expressions, -Os: total length", 0.85, m.total, 3);
	target("reference expressions, -Os: length", 0.92, m.geomean, 3);
	target("reference expressions, -Os: longer on", 0, m.worse, 0);
}

static void target_lists(const rows_t *rows)
{
	static const struct {
		const char *name;
		double length, modelled, compile;
	} lists[] = {
		{ "1000 hosts", 2550, 7, 10 },
		{ "100 hosts", 285, 6, 0 },
		{ "100 nets", 554, 6, 0 },
		{ "100 ports", 320, 8, 0 },
		{ "100 pairs", 320, 6, 0 },
	};
	char what[80];

	for (uint32_t i = 0; i < rows->n; i++)
		for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
			const struct figures *f = &rows->v[i].of[PARTY_O2];

			if (strcmp(rows->v[i].item.name, lists[l].name) || !f->there)
				continue;
			snprintf(what, sizeof(what), "%s, -O2: length", lists[l].name);
			target(what, lists[l].length, f->n, 0);
			snprintf(what, sizeof(what), "%s, -O2: modelled ns, v4 mix", lists[l].name);
			target(what, lists[l].modelled, f->modelled[0], 1);
			if (lists[l].compile > 0) {
				snprintf(what, sizeof(what), "%s, -O2: compile, milliseconds",
				         lists[l].name);
				target(what, lists[l].compile, f->compile * 1e3, 1);
				snprintf(what, sizeof(what),
				         "%s, -O2: too large for the default optmem_max",
				         lists[l].name);
				target(what, 0, !f->attaches, 0);
			}
		}
}

/* A profile for x86_64, i386 and x32 in one program. */
static void target_abis(const struct policy_row *r)
{
	const struct policy_figures *told = &r->of[POLICY_TOLD];
	int len = (int)strcspn(r->name, ",");
	char what[80];

	snprintf(what, sizeof(what), "%.*s, three ABIs, --profile: length", len, r->name);
	target(what, 220, told->n, 0);
	snprintf(what, sizeof(what), "%.*s, three ABIs, --profile: executed where it runs", len,
	         r->name);
	target(what, 10, told->executed_running, 2);
	snprintf(what, sizeof(what), "%.*s, three ABIs: compile, milliseconds", len, r->name);
	target(what, 5, r->of[POLICY_O2].compile * 1e3, 1);
}

static void target_policy(const policies_t *policies)
{
	const struct policy_row *r = policies->v;

	if (!policies->n)
		return;
	target("Docker's profile, x86_64, -O2: length", 66, r->of[POLICY_O2].n, 0);
	target("Docker's profile, x86_64, -O2: executed where the filter runs", 7,
	       r->of[POLICY_O2].executed_running, 2);
	target("Docker's profile, x86_64, --profile: length", 66, r->of[POLICY_TOLD].n, 0);
	target("Docker's profile, x86_64, --profile: executed where the filter runs", 7,
	       r->of[POLICY_TOLD].executed_running, 2);
	if (r->of[POLICY_TREE].n)
		target("Docker's profile, x86_64, -O2: calls cached less than libseccomp's", 0,
		       (double)r->of[POLICY_TREE].cached - r->of[POLICY_O2].cached, 0);
	for (uint32_t i = 3; i < policies->n; i++)
		target_abis(&policies->v[i]);
}

void report_targets(const struct results *r)
{
	printf("\ntargets (geomeans against libpcap optimized)%32s %8s\n", "at most", "is");
	target_means(&r->rows);
	target_corpus(&r->corpus);
	target_lists(&r->rows);
	target_policy(&r->policies);
}
