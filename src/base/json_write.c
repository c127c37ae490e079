/*
 * JSON out: a value after the other goes into a buffer, with the separators, line
 * breaks and indentation that the layout of what is open asks for.
 */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/json.h"

enum {
	FILL = 52 /* columns of a line of JSON_FILLED, but for its indentation */
};

static void new_line(struct json_writer *w)
{
	buf_putc(w->out, '\n');
	for (unsigned i = 0; i < w->indent; i++)
		buf_putc(w->out, '\t');
}

static bool is_indented(enum json_layout layout)
{
	return layout == JSON_INDENTED || layout == JSON_FILLED;
}

/* Write what is between the value before, or the bracket, and one of WIDTH columns. */
static void separate(struct json_writer *w, size_t width)
{
	bool first = !w->at->column, space = w->at->layout == JSON_SPACED;

	if (!first)
		buf_putc(w->out, ',');
	if (w->at->layout == JSON_FILLED) {
		bool full = w->at->column + width > FILL;

		if (first || full)
			new_line(w);
		space = !first && !full;
		if (full)
			w->at->column = 0;
	} else if (w->at->layout != JSON_PACKED && w->at->layout != JSON_SPACED) {
		new_line(w);
	}
	if (space && !first)
		buf_putc(w->out, ' ');
	w->at->column += width + 2;
}

static void write_string(struct buf *b, const char *s, size_t len)
{
	size_t n;

	buf_putc(b, '"');
	for (size_t i = 0; i < len; i += n ? n : 1) {
		unsigned char c = (unsigned char)s[i];

		n = utf8_length(s + i, len - i);
		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c == '\n')
			buf_puts(b, "\\n");
		else if (c == '\t')
			buf_puts(b, "\\t");
		else if (c < 0x20 || c == 0x7f)
			buf_printf(b, "\\u%04x", c);
		else if (n)
			buf_write(b, s + i, n);
		else
			buf_puts(b, "\\ufffd");
	}
	buf_putc(b, '"');
}

static struct buf *begin_value(struct json_writer *w, const char *key, size_t width)
{
	if (w->at)
		separate(w, width);
	assert(!key == !(w->at && w->at->close == '}'));
	if (key) {
		write_string(w->out, key, strlen(key));
		buf_puts(w->out,
		         w->at->layout == JSON_SPACED || is_indented(w->at->layout)
		                 ? ": "
		                 : ":");
	}
	return w->out;
}

struct buf *json_begin_value(struct json_writer *w, const char *key)
{
	return begin_value(w, key, 0);
}

static void begin(struct json_writer *w, const char *key, const char *brackets,
                  enum json_layout layout)
{
	buf_putc(json_begin_value(w, key), brackets[0]);
	w->at = w->at ? w->at + 1 : w->open;
	assert(w->at < w->open + ARRAY_LEN(w->open));
	*w->at = (struct json_open){ .layout = layout, .close = brackets[1] };
	w->indent += is_indented(layout);
}

void json_begin_object(struct json_writer *w, const char *key, enum json_layout layout)
{
	begin(w, key, "{}", layout);
}

void json_begin_array(struct json_writer *w, const char *key, enum json_layout layout)
{
	begin(w, key, "[]", layout);
}

void json_end(struct json_writer *w)
{
	struct json_open end = *w->at;

	w->at = w->at > w->open ? w->at - 1 : NULL;
	w->indent -= is_indented(end.layout);
	if (end.column && end.layout != JSON_PACKED && end.layout != JSON_SPACED)
		new_line(w);
	buf_putc(w->out, end.close);
}

void json_put_bytes(struct json_writer *w, const char *key, const char *text, size_t len)
{
	write_string(begin_value(w, key, len + 2), text, len);
}

void json_put_string(struct json_writer *w, const char *key, const char *text)
{
	if (text)
		json_put_bytes(w, key, text, strlen(text));
	else
		json_put_null(w, key);
}

void json_put_unsigned(struct json_writer *w, const char *key, uint64_t value)
{
	buf_printf(json_begin_value(w, key), "%" PRIu64, value);
}

void json_put_signed(struct json_writer *w, const char *key, int64_t value)
{
	buf_printf(json_begin_value(w, key), "%" PRId64, value);
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
	buf_puts(json_begin_value(w, key), value ? "true" : "false");
}

void json_put_null(struct json_writer *w, const char *key)
{
	buf_puts(json_begin_value(w, key), "null");
}
