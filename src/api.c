/*
 * The public library: one run of it. What the caller gives is copied by its size,
 * memory is freed at one place, and diagnostics are handed on.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

#include "config.h"

const char *weir_version(void)
{
	return PACKAGE_VERSION;
}

#define CODE(name, number, text, meaning)                                      \
	_Static_assert((int)WEIR_##name == (int)DIAG_##name, text);
#include "base/codes.def"

const char *weir_code_name(enum weir_code code)
{
	static const struct {
		enum weir_code code;
		const char *text;
	} names[] = {
#define CODE(name, number, text, meaning) { WEIR_##name, text },
#include "base/codes.def"
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].code == code)
			return names[i].text;
	return NULL;
}

/* --- structs that grow -------------------------------------------------------- */

int api_take(void *to, size_t size, const void *from)
{
	const unsigned char *bytes = from;
	size_t given;

	memset(to, 0, size);
	if (from) {
		memcpy(&given, from, sizeof given);
		if (given < sizeof given)
			return -EINVAL;
		for (size_t i = size; i < given; i++)
			if (bytes[i])
				return -E2BIG;
		memcpy(to, from, given < size ? given : size);
	}
	memcpy(to, &size, sizeof size);
	return 0;
}

int api_hand(void *to, const void *from, size_t size)
{
	size_t wanted;

	memcpy(&wanted, to, sizeof wanted);
	if (wanted < sizeof wanted)
		return -EINVAL;
	memset(to, 0, wanted);
	memcpy(to, from, wanted < size ? wanted : size);
	memcpy(to, &wanted, sizeof wanted);
	return 0;
}

/* --- running -------------------------------------------------------------------- */

int api_run(struct job *j)
{
	jmp_buf oom, full;
	int err;

	j->arena.oom = j->tmp.oom = j->opt.tmp.oom = &oom;
	j->diags.arena = &j->arena;
	j->diags.full = &full;
	err = setjmp(oom) ? -ENOMEM : setjmp(full) ? -EINVAL : j->body(j);
	free(j->pending);
	arena_free(&j->opt.tmp);
	arena_free(&j->tmp);
	if (j->noun && !err) {
		j->noun->arena = j->arena;
		j->noun->diags = (struct diags){ .sources = j->diags.sources };
	} else {
		arena_free(&j->arena);
	}
	return err;
}

static void hand_on(void *ctx, const struct diags *d, const struct diag *one)
{
	static const enum weir_severity severity[] = {
		[DIAG_ERROR] = WEIR_ERROR,
		[DIAG_WARNING] = WEIR_WARNING,
		[DIAG_NOTE] = WEIR_NOTE,
	};
	struct job *j = ctx;
	struct buf text = { .arena = d->arena };
	struct weir_diag out = {
		.size = sizeof out,
		.severity = severity[one->severity],
		.code = (enum weir_code)one->code,
		.message = one->text,
	};

	if (one->placed) {
		const struct source *src = &d->sources.v[one->at.source];
		struct place place = source_place(src, one->at.start);

		out.source = src->name;
		out.line = place.line;
		out.column = place.column;
		out.start = one->at.start;
		out.end = one->at.end;
	}
	diag_render(&text, d, one);
	out.rendered = buf_str(&text);
	j->diag(j->diag_ctx, &out);
}

void api_listen(struct job *j, weir_diag_fn *diag, void *ctx, bool verbose)
{
	j->diag = diag;
	j->diag_ctx = ctx;
	j->verbose = verbose;
	j->diags.emit = diag ? hand_on : NULL;
	j->diags.ctx = j;
}

/* --- nouns ---------------------------------------------------------------------- */

int api_read(struct job *j, struct api_noun *n, const struct weir_read_options *how,
             int (*body)(struct job *j))
{
	int err = api_take(&n->read, sizeof n->read, how);

	j->noun = n;
	j->body = body;
	api_listen(j, n->read.diag, n->read.diag_ctx, n->read.verbose);
	if (!err)
		err = j->len > INT32_MAX ? -E2BIG : api_run(j);
	if (err)
		free(n);
	return err;
}

void api_ask(struct job *j, const struct api_noun *n)
{
	j->diags.sources.v = n->diags.sources.v;
	j->diags.sources.n = j->diags.sources.cap = n->diags.sources.n;
	api_listen(j, n->read.diag, n->read.diag_ctx, n->read.verbose);
}

void api_noun_free(struct api_noun *n)
{
	if (n)
		arena_free(&n->arena);
	free(n);
}

int api_source(const struct api_noun *n, unsigned i, struct weir_source *out)
{
	const uint32_t texts = n->diags.sources.n;
	struct weir_source one = { .size = sizeof one };

	if (i < texts) {
		const struct source *src = &n->diags.sources.v[i];

		one.kind = i ? WEIR_SOURCE_FILE : WEIR_SOURCE_TEXT;
		one.name = src->name;
		one.text = src->text;
		one.len = src->len;
	} else if (i - texts < n->names.n) {
		one.kind = WEIR_SOURCE_NAME;
		one.name = n->names.v[i - texts];
	} else {
		return -ENOENT;
	}
	return api_hand(out, &one, sizeof one);
}

int api_open_file(void *ctx, const char *name, const char *from,
                  const char **text, size_t *len)
{
	struct job *j = ctx;
	const struct weir_read_options *o = &j->noun->read;
	int err;

	*len = 0;
	err = o->open_file(o->ctx, name, from, &j->pending, len);
	if (err)
		return err;
	*text = arena_strndup(&j->arena, j->pending, *len);
	free(j->pending);
	j->pending = NULL;
	return 0;
}

void api_note_name(struct job *j, const char *name)
{
	struct api_noun *n = j->noun;

	if (!n->names.n || strcmp(n->names.v[n->names.n - 1], name) != 0)
		array_push(&j->arena, &n->names, api_copy_text(&j->arena, name));
}

/* --- text --------------------------------------------------------------------------- */

int api_hand_text(struct buf *out, char **text, size_t *len)
{
	const char *s = buf_str(out);

	*text = malloc(out->len + 1);
	if (!*text)
		return -ENOMEM;
	memcpy(*text, s, out->len + 1);
	*len = out->len;
	return 0;
}

const char *api_copy_text(struct arena *arena, const char *s)
{
	return s ? arena_strndup(arena, s, strlen(s)) : NULL;
}
