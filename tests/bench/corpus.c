/*
 * Lengths beside those that the reference vectors tell of libpcap's optimized
 * programs: hundreds of expressions on dozens of link types, none of them chosen
 * for being common.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/bench.h"

/* The handle that the vectors were made with has an interface's values of AF_INET6. */
static bool has_family(const char *dlt)
{
	static const char *const names[] = { "NULL", "LOOP", "ENC", "PFLOG" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], dlt))
			return true;
	return false;
}

static uint32_t length(const struct weir_expression_options *o, const char *text,
                       enum weir_level level)
{
	struct weir_compile_options how = { .size = sizeof(how), .level = level };
	struct weir_program *p;
	size_t n;

	if (compile_text(&p, text, o, &how))
		return 0;
	weir_program_insns(p, &n);
	weir_program_free(p);
	return (uint32_t)n;
}

/* Takes LINE apart: see corpus.py. */
static bool measure_line(struct arena *a, char *line, struct corpus_row *row)
{
	struct weir_read_options read = { .size = sizeof(read), .resolve = resolve_name };
	struct weir_expression_options o = {
		.size = sizeof(o),
		.read = &read,
		.have_linktype = true,
	};
	char *dlt = field(&line), *snaplen = field(&line), *netmask = field(&line);
	char *theirs = field(&line), *text = field(&line);

	if (!text)
		return false;
	o.linktype = weir_linktype_by_name(dlt);
	o.snaplen = (uint32_t)atol(snaplen);
	o.have_netmask = inet_pton(AF_INET, netmask, &o.netmask) == 1;
	o.live = has_family(dlt);
	*row = (struct corpus_row){
		.dlt = arena_strndup(a, dlt, strlen(dlt)),
		.text = arena_strndup(a, text, strlen(text)),
		.theirs = (uint32_t)atol(theirs),
	};
	for (unsigned p = PARTY_O0; p < PARTIES; p++)
		row->ours[p] = length(&o, text, level_of[p]);
	return true;
}

bool corpus_measure(struct arena *a, corpus_t *out)
{
	FILE *f = script_open("corpus.py", "expressions.jsonl");
	struct corpus_row row;
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return false;
	while (getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (measure_line(a, line, &row))
			array_push(a, out, row);
	}
	free(line);
	return pclose(f) == 0;
}
