/* Random texts from a table of productions, and smaller ones that still fail. */
#include "tests/diff/diff.h"

#include <ctype.h>
#include <string.h>

/* --- deriving ------------------------------------------------------------------ */

struct deriving {
	const struct grammar *grammar;
	struct arena *arena;
	struct rng *rng;
	uint32_t context;
	int size; /* productions that may still be used freely */
};

static bool allowed(const struct production *row, uint32_t context)
{
	uint32_t all = row->only & GRAMMAR_ALL, any = row->only & ~GRAMMAR_ALL;

	return (all & context) == all && (!any || any & context);
}

static bool is_named(const struct production *row, const char *name, size_t len)
{
	return !strncmp(row->name, name, len) && !row->name[len];
}

/* A row for the name, NULL if it is a terminal. */
static const struct production *choose(struct deriving *d, const char *name,
                                       size_t len)
{
	const struct production *best = NULL, *row = d->grammar->row;
	uint32_t total = 0;

	for (; row < d->grammar->row + d->grammar->n; row++) {
		if (!is_named(row, name, len) || !allowed(row, d->context))
			continue;
		if (d->size <= 0)
			return row;
		total += row->weight;
		if (rng_below(d->rng, total) < row->weight)
			best = row;
	}
	return best;
}

static struct phrase *literal(struct deriving *d, const char *s, size_t len)
{
	struct phrase *p = arena_new(d->arena, struct phrase);

	p->text = arena_strndup(d->arena, s, len);
	return p;
}

static struct phrase *terminal(struct deriving *d, const char *name, size_t len)
{
	struct buf text = { .arena = d->arena };

	d->grammar->terminal(&text, name, len, d->rng);
	return literal(d, text.s, text.len);
}

/* The end of the piece of a production's text at S: <name>, or what is not. */
static const char *piece_end(const char *s)
{
	if (s[0] == '<' && islower((unsigned char)s[1]))
		return strchr(s, '>') + 1;
	for (s++; *s && !(s[0] == '<' && islower((unsigned char)s[1]));)
		s++;
	return s;
}

/* No deeper than grammars nest, which SIZE bounds. */
static struct phrase *derive(struct deriving *d, const char *name, size_t len)
{
	const struct production *row = choose(d, name, len);
	struct phrase *p;
	ARRAY(struct phrase *) parts = { 0 };

	if (!row)
		return terminal(d, name, len);
	d->size--;
	p = arena_new(d->arena, struct phrase);
	p->rule = row;
	for (const char *s = row->text, *end; *s; s = end) {
		struct phrase *part;

		end = piece_end(s);
		part = s[0] == '<' && islower((unsigned char)s[1])
		               ? derive(d, s + 1, end - s - 2)
		               : literal(d, s, end - s);
		array_push(d->arena, &parts, part);
	}
	p->part = parts.v;
	p->n = parts.n;
	return p;
}

struct phrase *grammar_derive(const struct grammar *g, struct arena *a,
                              const char *name, uint32_t context, unsigned size,
                              struct rng *r)
{
	struct deriving d = {
		.grammar = g,
		.arena = a,
		.rng = r,
		.context = context,
		.size = size,
	};

	return derive(&d, name, strlen(name));
}

static void write_phrase(struct buf *out, const struct phrase *p)
{
	if (!p->rule)
		buf_puts(out, p->text);
	for (uint32_t i = 0; i < p->n; i++)
		write_phrase(out, p->part[i]);
}

char *phrase_text(struct arena *a, const struct phrase *p)
{
	struct buf out = { .arena = a };

	write_phrase(&out, p);
	return buf_str(&out);
}

/* --- shrinking -------------------------------------------------------------------- */

struct shrinking {
	const struct grammar *grammar;
	struct arena *arena;
	struct phrase **root;
	uint32_t context;
	bool (*fails)(void *ctx, const char *text);
	void *ctx;
	uint32_t tries;
};

enum {
	SHRINK_TRIES = 4000
};

/* Puts NEW where *AT is, if the whole still fails. */
static bool replace(struct shrinking *s, struct phrase **at, struct phrase *new)
{
	struct phrase *old = *at;
	char *before = phrase_text(s->arena, *s->root), *after;

	*at = new;
	after = phrase_text(s->arena, *s->root);
	if (strlen(after) < strlen(before) && s->tries++ < SHRINK_TRIES &&
	    s->fails(s->ctx, after))
		return true;
	*at = old;
	return false;
}

/* Tries each phrase below IN that has the name of *AT in the place of *AT. */
static bool replace_by_part(struct shrinking *s, struct phrase **at,
                            struct phrase *in)
{
	for (uint32_t i = 0; i < in->n; i++) {
		struct phrase *part = in->part[i];

		if (part->rule && !strcmp(part->rule->name, (*at)->rule->name) &&
		    replace(s, at, part))
			return true;
		if (replace_by_part(s, at, part))
			return true;
	}
	return false;
}

static bool shrink(struct shrinking *s, struct phrase **at)
{
	struct rng r = rng_seed(1);
	bool done = false;

	if (!(*at)->rule)
		return false;
	while (replace_by_part(s, at, *at))
		done = true;
	if (replace(s, at, grammar_derive(s->grammar, s->arena, (*at)->rule->name, s->context, 0, &r)))
		done = true;
	for (uint32_t i = 0; i < (*at)->n; i++)
		if (shrink(s, &(*at)->part[i]))
			done = true;
	return done;
}

void phrase_shrink(const struct grammar *g, struct arena *a, struct phrase **p,
                   uint32_t context, bool (*fails)(void *ctx, const char *text),
                   void *ctx)
{
	struct shrinking s = {
		.grammar = g,
		.arena = a,
		.root = p,
		.context = context,
		.fails = fails,
		.ctx = ctx,
	};

	while (s.tries < SHRINK_TRIES && shrink(&s, p))
		;
}
