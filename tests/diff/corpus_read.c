/* Texts of the corpus that lie in files: the bench's, the vectors', policies. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "tests/bench/bench.h"
#include "tests/diff/corpus.h"
#ifdef HAVE_JANSSON
#include "tests/diff/vectors.h"
#endif

struct reading {
	struct arena *arena;
	corpus_texts_t *out;
};

static void add_expression(struct reading *r, const char *set, const char *text,
                           const char *dlt, uint32_t snaplen)
{
	array_push(r->arena, r->out,
	           ((struct corpus_text){
			   .set = set,
			   .text = text,
			   .link = dlt,
			   .snaplen = snaplen,
		   }));
}

#ifdef HAVE_JANSSON
static void add_entry(void *ctx, json_t *entry)
{
	const char *text = json_string_value(json_object_get(entry, "expr"));
	const char *dlt = json_string_value(json_object_get(entry, "dlt"));
	struct reading *r = ctx;

	add_expression(r, "reference", arena_strndup(r->arena, text, strlen(text)),
	               arena_strndup(r->arena, dlt, strlen(dlt)),
	               (uint32_t)vectors_number(entry, "snaplen", CORPUS_SNAPLEN));
}
#endif

static void add_policy(struct reading *r, const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[1024], text[65536];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/policies/%s", top ? top : ".", name);
	f = fopen(path, "r");
	if (!f)
		return;
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	array_push(r->arena, r->out,
	           ((struct corpus_text){ .set = "policies",
	                                  .text = arena_strndup(r->arena, text, len),
	                                  .policy = true }));
}

void corpus_read(struct arena *a, corpus_texts_t *out, uint32_t longest)
{
	FILE *everyday = vectors_open("everyday.tsv"), *own = bench_open("expressions.tsv");
	struct reading r = { a, out };
	items_t items = { 0 };

	if (everyday)
		sets_read(a, &items, "everyday", everyday);
	if (own)
		sets_read(a, &items, "own", own);
	sets_lists(a, &items, longest);
	for (uint32_t i = 0; i < items.n; i++)
		add_expression(&r, items.v[i].set, items.v[i].text, items.v[i].dlt, CORPUS_SNAPLEN);
#ifdef HAVE_JANSSON
	vectors_each("expressions.jsonl", add_entry, &r);
#endif
	add_policy(&r, "default");
	add_policy(&r, "no-network");
}
