/* The program: what is measured, in which order, and where it is printed. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"

struct options {
	bool quick;
	const char *sets;  /* names of the sets to measure; NULL: all */
	uint32_t longest;  /* of the generated lists */
	struct plan plan;
};

static void usage(void)
{
	printf("usage: bench [OPTION...]\n"
	       "what weir's programs cost, beside libpcap's\n\n"
	       "  --quick         see that it works: little traffic, short lists\n"
	       "  --sets A,B      only these: everyday, own, hosts, nets, ports, pairs, hosts6\n"
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
		{ "patient", no_argument, NULL, 'p' },
		{ 0 },
	};
	struct options o = { .longest = 1000,
		             .plan = { .times = true, .repeat = 15, .limit = 5 } };
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case 'q': o.quick = true; break;
		case 's': o.sets = optarg; break;
		case 'n': o.longest = (uint32_t)atol(optarg); break;
		case 'l': o.plan.limit = atof(optarg); break;
		case 'p': o.plan.patient = true; break;
		default: usage();
		}
	if (optind < argc)
		usage();
	if (o.quick) {
		o.longest = min_u32(o.longest, 100);
		o.plan.repeat = 1;
	}
	return o;
}

/* Everyday expressions of others are where WEIR_VECTORS says; ours are beside this. */
static void read_sets(struct arena *a, items_t *items)
{
	const char *vectors = getenv("WEIR_VECTORS"), *top = getenv("top_srcdir");
	struct buf own = { .arena = a }, everyday = { .arena = a };

	if (vectors) {
		buf_printf(&everyday, "%s/everyday.tsv", vectors);
		if (!sets_read(a, items, "everyday", buf_str(&everyday)))
			printf("skipped everyday: %s cannot be read\n", buf_str(&everyday));
	} else {
		printf("skipped everyday: WEIR_VECTORS is not set\n");
	}
	buf_printf(&own, "%s/tests/bench/expressions.tsv", top ? top : ".");
	if (!sets_read(a, items, "own", buf_str(&own)))
		printf("skipped own: %s cannot be read\n", buf_str(&own));
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

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	struct traffic mix[BENCH_MIXES];
	struct arena a = { 0 };
	items_t items = { 0 };
	rows_t rows = { 0 };
	unsigned wrong = 0;
	jmp_buf oom;

	if (setjmp(oom)) {
		fprintf(stderr, "bench: out of memory\n");
		return 2;
	}
	a.oom = &oom;
	traffic_make(&a, mix, o.quick ? 1000 : BENCH_PACKETS);
	o.plan.mix = mix;
	printf("weir %s against %s, %u packets a mix\n", weir_version(), peer_version(),
	       mix[0].n);
	read_sets(&a, &items);
	sets_lists(&a, &items, o.longest);
	array_each (item, &items) {
		struct row row;

		if (!wanted(o.sets, item->set))
			continue;
		measure(&a, &o.plan, item, &row);
		wrong += row.wrong;
		array_push(&a, &rows, row);
	}
	report_rows(&rows);
	report_summary(&rows);
	if (wrong)
		printf("\n%u programs are WRONG\n", wrong);
	arena_free(&a);
	return wrong != 0;
}
