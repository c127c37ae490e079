/* The tables: a line a program, and means of ratios against the peer. */
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
	printf(" %3s", !ours->there ? "-" : ours->attaches ? "yes" : "no");
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
	       "%-35s %-23s %-23s %-17s %-35s\n"
	       "%5s %5s %5s %5s %5s  %7s %7s %5s %7s %7s %5s %6s %6s %3s %8s %8s %8s %8s\n",
	       set, "length", "executed, v4 mix", "executed, v6 mix", "converted, fits",
	       "compile, microseconds",
	       "pcap", "O2", "ratio", "Os", "O3", "pcap", "O2", "ratio", "pcap", "O2",
	       "ratio", "pcap", "O2", "", "pcap-O0", "pcap", "O1", "O2");
}

void report_rows(const rows_t *rows)
{
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
		if (r->wrong)
			printf("      WRONG: other packets are accepted than by libpcap's\n");
	}
}

/* --- means ---------------------------------------------------------------------------------- */

/* A figure of one party; 0: not there. */
typedef double figure_fn(const struct figures *f);

static double length_of(const struct figures *f) { return f->n; }
static double converted_of(const struct figures *f) { return (double)f->converted; }
static double v4_of(const struct figures *f) { return f->executed[0]; }
static double v6_of(const struct figures *f) { return f->executed[1]; }
static double compile_of(const struct figures *f) { return f->compile; }

static const struct measure {
	const char *name;
	figure_fn *of;
} measures[] = {
	{ "length", length_of },
	{ "executed, v4 mix", v4_of },
	{ "executed, v6 mix", v6_of },
	{ "converted length", converted_of },
	{ "compile time", compile_of },
};

struct mean {
	double logs, ours, theirs;
	unsigned n, better, worse;
};

static struct mean mean_of(const rows_t *rows, const char *set, enum party p, figure_fn *of)
{
	struct mean m = { .n = 0 };

	for (uint32_t i = 0; i < rows->n; i++) {
		const struct row *r = &rows->v[i];
		const struct figures *peer = &r->of[PARTY_PCAP];
		double a = of(&r->of[p]), b = of(peer);

		if (strcmp(r->item.set, set) || !peer->there || !r->of[p].there || a <= 0 ||
		    b <= 0)
			continue;
		m.logs += log(a / b);
		m.ours += a;
		m.theirs += b;
		m.better += a < b;
		m.worse += a > b;
		m.n++;
	}
	return m;
}

static void summarize(const rows_t *rows, const char *set)
{
	printf("\n%s: geomean of ratios to libpcap optimized (and of totals; better/worse)\n",
	       set);
	for (size_t i = 0; i < ARRAY_LEN(measures); i++) {
		printf("  %-17s", measures[i].name);
		for (unsigned p = PARTY_O1; p < PARTIES; p++) {
			struct mean m = mean_of(rows, set, p, measures[i].of);

			if (m.n)
				printf("  %s %.3f (%.3f; %u/%u)", party_name[p],
				       exp(m.logs / m.n), m.ours / m.theirs, m.better, m.worse);
		}
		printf("\n");
	}
}

void report_summary(const rows_t *rows)
{
	const char *set = "";

	for (uint32_t i = 0; i < rows->n; i++)
		if (strcmp(set, rows->v[i].item.set))
			summarize(rows, set = rows->v[i].item.set);
}
