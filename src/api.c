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

#define CODE(name, number, text, meaning) \
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

/* What a byte of text allows; and what is allowed at least and at most. */
enum {
	BYTE_MEMORY = 4 << 10,
	BYTE_WORK = 3000,
	LEAST_MEMORY = 256 << 20,
	LEAST_WORK = 200000000,
	MOST_WORK = 1000000000,
};
#define MOST_MEMORY (UINT64_C(4) << 30)

static uint64_t between(uint64_t least, uint64_t n, uint64_t most)
{
	return n < least ? least : n > most ? most
	                                    : n;
}

/*
 * Allow for LEN more bytes of text: raise what J may use, unless the caller has
 * set it.
 */
static void allow(struct job *j, uint64_t len)
{
	const struct api_limits *l = &j->limits;

	j->given += len;
	j->budget.most_memory = j->budget.most_work = UINT64_MAX;
	if (!l->there)
		return;
	j->budget.most_memory = l->memory;
	j->budget.most_work = l->work;
	if (!l->memory)
		j->budget.most_memory =
			between(LEAST_MEMORY, j->given * BYTE_MEMORY, MOST_MEMORY);
	if (!l->work)
		j->budget.most_work = between(LEAST_WORK, j->given * BYTE_WORK,
		                              MOST_WORK);
}

void api_limit(struct job *j, uint64_t memory, uint64_t work, weir_used_fn *used,
               void *ctx)
{
	struct api_limits *l = &j->limits;

	l->there = true;
	l->memory = memory ? memory : l->memory;
	l->work = work ? work : l->work;
	if (used) {
		l->used = used;
		l->ctx = ctx;
	}
}

/* Report that J's body went over its budget, WHAT says which; return -EDQUOT. */
static int over_budget(struct job *j, int what)
{
	const struct budget b = j->budget;
	struct buf doing = { .arena = &j->arena };
	jmp_buf oom;

	j->arena.oom = &oom;
	j->diags.full = NULL; /* this error is shown, however many there were */
	j->budget.most_memory = j->budget.most_work = UINT64_MAX;
	if (setjmp(oom))
		return -ENOMEM;
	buf_puts(&doing, b.doing ? b.doing : "reading it");
	if (b.part)
		buf_printf(&doing, " '%s'", b.part);
	if (what == OVER_MEMORY)
		diag_plain(&j->diags, DIAG_ERROR,
		           E_BUDGET "this is too large: %s takes more than %llu KiB of memory",
		           buf_str(&doing),
		           (unsigned long long)(b.most_memory >> 10));
	else
		diag_plain(&j->diags, DIAG_ERROR,
		           E_BUDGET "this is too large: %s takes more than %llu steps of work",
		           buf_str(&doing),
		           (unsigned long long)b.most_work);
	return -EDQUOT;
}

static int run_body(struct job *j)
{
	jmp_buf out, full;
	int what;

	j->arena.oom = j->tmp.oom = j->opt.tmp.oom = &out;
	j->diags.full = &full;
	what = setjmp(out);
	if (!what)
		return setjmp(full) ? -EINVAL : j->body(j);
	return what == OUT_OF_MEMORY ? -ENOMEM : over_budget(j, what);
}

int api_run(struct job *j)
{
	int err;

	j->arena.budget = j->tmp.budget = j->opt.tmp.budget = &j->budget;
	j->diags.arena = &j->arena;
	allow(j, j->len);
	err = run_body(j);
	free(j->pending);
	arena_free(&j->opt.tmp);
	arena_free(&j->tmp);
	if (j->limits.used)
		j->limits.used(j->limits.ctx, j->budget.peak, j->budget.work);
	if (j->noun && !err) {
		j->noun->given = j->given;
		j->noun->arena = j->arena;
		j->noun->arena.budget = NULL;
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
		out.source = d->sources.v[one->at.source].name;
		out.line = one->place.line;
		out.column = one->place.column;
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
	api_limit(j, n->read.max_memory, n->read.max_work, n->read.used, n->read.ctx);
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
	j->given = n->given;
	api_limit(j, n->read.max_memory, n->read.max_work, NULL, NULL);
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
	allow(j, *len);
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
