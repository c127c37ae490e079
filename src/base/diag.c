/* Diagnostics: collected, handed on, and drawn with the line and a caret. */
#include <assert.h>
#include <string.h>

#include "base/base.h"

/* An excerpt shows at most this much of a line, and so much left of the caret. */
enum {
	EXCERPT = 160,
	LEAD = 60
};

struct span span_join(struct span a, struct span b)
{
	assert(a.source == b.source);
	return (struct span){ a.source, min_u32(a.start, b.start),
		              max_u32(a.end, b.end) };
}

uint32_t diag_source(struct diags *d, const char *name, const char *text,
                     size_t len)
{
	struct source src = { name, text, len };

	array_push(d->arena, &d->sources, src);
	return d->sources.n - 1;
}

/*
 * Tell whether AT points into its source, or to its end. A source that D does not know
 * is that of a tree which was made or read elsewhere: then no place is shown.
 */
static bool is_inside(const struct diags *d, struct span at)
{
	return at.source >= d->sources.n ||
	       (at.start <= at.end && at.end <= d->sources.v[at.source].len);
}

/* Say that there are enough errors, and leave. */
static _Noreturn void stop(struct diags *d)
{
	struct diag enough = { .severity = DIAG_NOTE };
	struct buf text = { .arena = d->arena };

	buf_printf(&text, "%u errors; more are not shown", d->errors);
	enough.text = buf_str(&text);
	if (d->emit)
		d->emit(d->ctx, d, &enough);
	longjmp(*d->full, 1);
}

/* Find the place of AT, counting from the last one if that does not come after it. */
static struct place find_place(struct diags *d, struct span at)
{
	const struct source *src = &d->sources.v[at.source];
	struct source rest = *src;
	struct place p;

	if (!d->last_place.line || d->last.source != at.source ||
	    d->last.start > at.start || at.start > src->len) {
		arena_work(d->arena, at.start / 8);
		p = source_place(src, at.start);
	} else {
		arena_work(d->arena, (at.start - d->last.start) / 8);
		rest.text += d->last.start;
		rest.len -= d->last.start;
		p = source_place(&rest, at.start - d->last.start);
		p.column += p.line == 1 ? d->last_place.column - 1 : 0;
		p.line += d->last_place.line - 1;
	}
	d->last = at;
	d->last_place = p;
	return p;
}

/* Return the code that *TEXT, an error's, begins with, and step over it. */
static enum diag_code take_code(const char **text)
{
	static const enum diag_code codes[] = {
#define CODE(name, number, text, meaning) DIAG_##name,
#include "base/codes.def"
	};

	for (size_t i = 0; i < ARRAY_LEN(codes) && codes[i] < ' '; i++)
		if (codes[i] == (unsigned char)**text) {
			++*text;
			return codes[i];
		}
	return DIAG_E_TEXT;
}

__attribute__((format(printf, 3, 0))) static void report(struct diags *d, struct diag one, const char *fmt,
                                                         va_list ap)
{
	struct buf text = { .arena = d->arena };

	assert(!one.placed || is_inside(d, one.at));
	if (one.severity == DIAG_ERROR && d->full && d->errors == DIAG_MOST_ERRORS)
		stop(d);
	arena_work(d->arena, 100);
	if (one.placed && d->emit)
		one.place = find_place(d, one.at);
	buf_vprintf(&text, fmt, ap);
	one.text = buf_str(&text);
	if (one.severity == DIAG_ERROR)
		one.code = take_code(&one.text);
	if (one.severity != DIAG_NOTE)
		d->code = one.code;
	one.code = d->code;
	d->errors += one.severity == DIAG_ERROR;
	d->warnings += one.severity == DIAG_WARNING;
	if (d->emit)
		d->emit(d->ctx, d, &one);
}

/* Report a diagnostic that begins as the last arguments say, with text FMT. */
#define REPORT(d, fmt, ...)                                       \
	do {                                                      \
		va_list ap;                                       \
                                                                  \
		va_start(ap, fmt);                                \
		report(d, (struct diag){ __VA_ARGS__ }, fmt, ap); \
		va_end(ap);                                       \
	} while (0)

void diag_error(struct diags *d, struct span at, const char *fmt, ...)
{
	REPORT(d, fmt, .severity = DIAG_ERROR, .placed = true, .at = at);
}

void diag_verror(struct diags *d, struct span at, const char *fmt, va_list ap)
{
	report(d, (struct diag){ .severity = DIAG_ERROR, .placed = true, .at = at },
	       fmt, ap);
}

void diag_warning(struct diags *d, enum diag_code code, struct span at,
                  const char *fmt, ...)
{
	REPORT(d, fmt, .severity = DIAG_WARNING, .code = code, .placed = true, .at = at);
}

void diag_note(struct diags *d, struct span at, const char *fmt, ...)
{
	REPORT(d, fmt, .severity = DIAG_NOTE, .placed = true, .at = at);
}

void diag_plain_warning(struct diags *d, enum diag_code code, const char *fmt, ...)
{
	REPORT(d, fmt, .severity = DIAG_WARNING, .code = code);
}

void diag_plain(struct diags *d, enum severity severity, const char *fmt, ...)
{
	REPORT(d, fmt, .severity = severity);
}

struct place source_place(const struct source *src, uint32_t byte)
{
	struct place p = { 1, 1 };

	for (uint32_t i = 0; i < byte && i < src->len; i++) {
		p.column++;
		if (src->text[i] == '\n')
			p = (struct place){ p.line + 1, 1 };
	}
	return p;
}

/* Write a byte of the user's text so that no terminal acts on it. */
static void put_visible(struct buf *out, char c)
{
	if (c == '\t')
		buf_putc(out, '\t');
	else if ((unsigned char)c < 0x20 || c == 0x7f)
		buf_putc(out, '?');
	else
		buf_putc(out, c);
}

/*
 * Print the line that holds AT, which starts at COLUMN of it, and under it a
 * caret at AT.start and ~ up to AT.end.
 */
static void print_excerpt(struct buf *out, const struct source *src,
                          struct span at, uint32_t column)
{
	size_t start = at.start < src->len ? at.start : src->len;
	size_t bol = start - (column - 1), eol = start;
	const char *before = "", *after = "";

	/* No further than what may be shown. */
	while (eol < src->len && src->text[eol] != '\n' && eol <= start + EXCERPT)
		eol++;
	if (eol - bol > EXCERPT) {
		if (start - bol > LEAD) {
			bol = start - LEAD;
			before = "...";
		}
		if (eol - bol > EXCERPT) {
			eol = bol + EXCERPT;
			after = "...";
		}
	}

	buf_printf(out, "  %s", before);
	for (size_t i = bol; i < eol; i++)
		put_visible(out, src->text[i]);
	buf_printf(out, "%s\n  %s", after, *before ? "   " : "");
	/* A UTF-8 continuation byte takes no column of its own. */
	for (size_t i = bol; i < start; i++)
		if (src->text[i] == '\t')
			buf_putc(out, '\t');
		else if ((src->text[i] & 0xc0) != 0x80)
			buf_putc(out, ' ');
	buf_putc(out, '^');
	for (size_t i = start + 1; i < at.end && i < eol; i++)
		if ((src->text[i] & 0xc0) != 0x80)
			buf_putc(out, '~');
	buf_putc(out, '\n');
}

void diag_render(struct buf *out, const struct diags *d, const struct diag *one)
{
	static const char *const names[] = {
		[DIAG_ERROR] = "error",
		[DIAG_WARNING] = "warning",
		[DIAG_NOTE] = "note",
	};
	const struct source *src;
	struct place p;

	if (!one->placed || one->at.source >= d->sources.n) {
		buf_printf(out, "weir: %s: %s\n", names[one->severity],
		           one->text);
		return;
	}
	src = &d->sources.v[one->at.source];
	p = one->place.line ? one->place : source_place(src, one->at.start);
	buf_printf(out, "%s:%u:%u: %s: %s\n", src->name, p.line, p.column,
	           names[one->severity], one->text);
	print_excerpt(out, src, one->at, p.column);
}
