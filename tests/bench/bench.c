/* The program: what is measured, in which order, and where it is printed. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"

struct options {
	bool quick;
	const char *sets; /* names of the sets to measure; NULL: all */
	uint32_t longest; /* of the generated lists */
	const char *json; /* where the figures go, for programs */
	struct plan plan;
};

static void usage(void)
{
	printf("usage: bench [OPTION...]\n"
	       "what weir's programs cost, beside libpcap's\n\n"
	       "  --quick         see that it works: little traffic, short lists\n"
	       "  --json FILE     write the figures there, too\n"
	       "  --sets A,B      only these: everyday, own, hosts, nets, ports, pairs, hosts6,\n"
	       "                  corpus, policies\n"
	       "  --longest N     the longest list (1000)\n"
	       "  --limit S       give libpcap S seconds for a list (5)\n"
	       "  --patient       let it also try lists of 1000\n");
	exit(2);
}

static struct options parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "quick", no_argument, NULL, 'q' },
		{ "sets", required_argument, NULL, 's' },
		{ "longest", required_argument, NULL, 'n' },
		{ "limit", required_argument, NULL, 'l' },
		{ "json", required_argument, NULL, 'j' },
		{ "patient", no_argument, NULL, 'p' },
		{ 0 },
	};
	struct options o = { .longest = 1000,
		             .plan = { .times = true,
		                       .effort = { 15, 10, 5 } } };
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case 'q': o.quick = true; break;
		case 's': o.sets = optarg; break;
		case 'n': o.longest = (uint32_t)atol(optarg); break;
		case 'l': o.plan.effort.limit = atof(optarg); break;
		case 'j': o.json = optarg; break;
		case 'p': o.plan.patient = true; break;
		default: usage();
		}
	if (optind < argc)
		usage();
	if (o.quick) {
		o.longest = min_u32(o.longest, 100);
		o.plan.effort.repeat = o.plan.effort.batch = 1;
		o.plan.times = false;
	}
	return o;
}

static bool wanted(const char *sets, const char *set)
{
	size_t len = strlen(set);

	for (const char *at = sets; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, set, len) && (at[len] == ',' || !at[len]))
			return true;
	}
	return !sets;
}

static void skipped(const char *set)
{
	printf("skipped %s: its file is not there (is WEIR_VECTORS set?)\n", set);
}

static void read_sets(struct arena *a, items_t *items)
{
	FILE *everyday = vectors_open("everyday.tsv"), *own = bench_open("expressions.tsv");

	if (everyday)
		sets_read(a, items, "everyday", everyday);
	else
		skipped("everyday");
	if (own)
		sets_read(a, items, "own", own);
	else
		skipped("own");
}

static void measure_sets(struct arena *a, const struct options *o, rows_t *out)
{
	items_t items = { 0 };
	struct row row;

	read_sets(a, &items);
	sets_lists(a, &items, o->longest);
	for (uint32_t i = 0; i < items.n; i++) {
		if (!wanted(o->sets, items.v[i].set))
			continue;
		measure(a, &o->plan, &items.v[i], &row);
		if (o->plan.times)
			timing_measure(a, &o->plan, &row);
		array_push(a, out, row);
	}
}

static unsigned wrong_ones(const struct results *r)
{
	unsigned wrong = 0;

	for (uint32_t i = 0; i < r->rows.n; i++)
		wrong += r->rows.v[i].wrong;
	for (uint32_t i = 0; i < r->corpus.n; i++)
		wrong += !r->corpus.v[i].ours[PARTY_O2];
	for (uint32_t i = 0; i < r->policies.n; i++)
		for (unsigned p = 0; p < POLICY_PARTIES; p++)
			wrong += r->policies.v[i].of[p].wrong;
	return wrong;
}

/* Programs that no clock is needed for to see that they take longer than libpcap's. */
static unsigned slower_ones(const struct results *r)
{
	static const enum party levels[] = { PARTY_O2, PARTY_O3 };
	const char *set = "";
	unsigned slower = 0;

	for (uint32_t i = 0; i < r->rows.n; i++) {
		if (!strcmp(set, r->rows.v[i].item.set))
			continue;
		set = r->rows.v[i].item.set;
		for (unsigned mix = 0; mix < BENCH_MIXES; mix++)
			for (size_t l = 0; l < ARRAY_LEN(levels); l++)
				slower += modelled_of(&r->rows, set, levels[l], mix).slower;
	}
	return slower;
}

static void bench(struct arena *a, struct options *o, struct results *out)
{
	struct traffic mix[BENCH_MIXES];

	traffic_make(a, mix, o->quick ? 1000 : BENCH_PACKETS);
	o->plan.mix = mix;
	for (unsigned m = 0; m < BENCH_MIXES; m++)
		out->mix_name[m] = mix[m].name;
	printf("weir %s against %s, %u packets a mix\n", weir_version(), peer_version(),
	       mix[0].n);
	measure_sets(a, o, &out->rows);
	if (wanted(o->sets, "corpus") && !corpus_measure(a, &out->corpus))
		skipped("corpus");
	if (wanted(o->sets, "policies") && !policy_measure(a, &out->policies, o->plan.effort.repeat))
		skipped("policies");
}

static void print_tables(const struct results *r)
{
	report_rows(r);
	report_summary(r);
	report_targets(r);
}

static bool print_json(struct arena *a, const struct results *r, const char *file)
{
	struct buf b = { .arena = a };
	FILE *f = fopen(file, "w");
	bool done;

	if (!f)
		return false;
	json_print(&b, r);
	done = fwrite(b.s, 1, b.len, f) == b.len;
	return fclose(f) == 0 && done;
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	struct results results = { .rows = { 0 } };
	struct arena a = { 0 };
	unsigned wrong, slower;
	jmp_buf oom;

	if (setjmp(oom)) {
		fprintf(stderr, "bench: out of memory\n");
		return 2;
	}
	a.oom = &oom;
	bench(&a, &o, &results);
	print_tables(&results);
	if (o.json && !print_json(&a, &results, o.json)) {
		fprintf(stderr, "bench: cannot write %s\n", o.json);
		return 2;
	}
	wrong = wrong_ones(&results);
	if (wrong)
		printf("\n%u programs are WRONG\n", wrong);
	slower = slower_ones(&results);
	if (slower)
		printf("\nby the model, programs are SLOWER than libpcap's in %u cases\n", slower);
	arena_free(&a);
	return wrong || slower;
}
