/*
 * JSON (RFC 8259) as a tree of values with their places. Strict: what two
 * readers could understand differently (keys twice, comments, numbers with
 * leading zeros, bytes that are not UTF-8) is an error. No recursion: a value
 * knows what it lies in.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

struct reader {
	struct arena *arena;
	struct diags *diags;
	uint32_t source;
	const char *text;
	uint32_t len, at;
	uint32_t values, depth;
	bool failed;
};

/* --- complaints ----------------------------------------------------------- */

static struct span span(const struct reader *r, uint32_t start, uint32_t end)
{
	return (struct span){ r->source, start, end };
}

#define fail(r, at, ...)                                         \
	do {                                                     \
		if (!(r)->failed)                                \
			diag_error((r)->diags, at, __VA_ARGS__); \
		(r)->failed = true;                              \
	} while (0)

static bool at_end(const struct reader *r)
{
	return r->at >= r->len;
}

static char peek(const struct reader *r)
{
	return at_end(r) ? '\0' : r->text[r->at];
}

/* Return the span of the whole word or single byte here, for the caret. */
static struct span here(const struct reader *r)
{
	uint32_t end = r->at;
	size_t n;

	while (end < r->len &&
	       ((r->text[end] >= 'a' && r->text[end] <= 'z') ||
	        (r->text[end] >= 'A' && r->text[end] <= 'Z') ||
	        (r->text[end] >= '0' && r->text[end] <= '9') ||
	        r->text[end] == '_'))
		end++;
	if (end == r->at && end < r->len) {
		n = utf8_length(r->text + end, r->len - end);
		end += n ? (uint32_t)n : 1;
	}
	return span(r, r->at, end);
}

/* Complain that WHAT should come next. */
static void expected(struct reader *r, const char *what)
{
	char c = peek(r);

	if (at_end(r))
		fail(r, here(r), E_SYNTAX "expected %s before the end of the text", what);
	else if (c == '/' || c == '#')
		fail(r, here(r), E_SYNTAX "expected %s; JSON has no comments", what);
	else if (c == '\'')
		fail(r, here(r),
		     E_SYNTAX "expected %s; strings have double quotes in JSON", what);
	else if ((unsigned char)c < 0x20 || c == 0x7f)
		fail(r, here(r), E_SYNTAX "expected %s, not byte 0x%02x", what,
		     (unsigned char)c);
	else
		fail(r, here(r), E_SYNTAX "expected %s", what);
}

static void skip_space(struct reader *r)
{
	while (!at_end(r) && (peek(r) == ' ' || peek(r) == '\t' ||
	                      peek(r) == '\n' || peek(r) == '\r'))
		r->at++;
}

/* --- strings -------------------------------------------------------------- */

/* Read four hexadecimal digits after "\u" at AT; -1 if they are not there. */
static int32_t unicode(const struct reader *r, uint32_t at)
{
	int32_t value = 0;

	if (r->len - at < 4)
		return -1;
	for (uint32_t i = at; i < at + 4; i++) {
		char c = r->text[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
		            : c >= 'a' && c <= 'f' ? c - 'a' + 10
		            : c >= 'A' && c <= 'F' ? c - 'A' + 10
		                                   : -1;

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

static void put_utf8(struct buf *out, uint32_t c)
{
	if (c < 0x80) {
		buf_putc(out, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_putc(out, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_putc(out, (char)(0xe0 | c >> 12));
		} else {
			buf_putc(out, (char)(0xf0 | c >> 18));
			buf_putc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_putc(out, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_putc(out, (char)(0x80 | (c & 0x3f)));
}

/*
 * Read "\uXXXX", or two of them for what is beyond 16 bits; the "\u" was
 * taken.
 */
static void read_unicode(struct reader *r, struct buf *out)
{
	uint32_t start = r->at - 2;
	int32_t high = unicode(r, r->at), low;

	if (high < 0) {
		fail(r, span(r, start, r->at),
		     E_SYNTAX "'\\u' needs four hexadecimal digits");
		return;
	}
	r->at += 4;
	if (high < 0xd800 || high > 0xdfff) {
		put_utf8(out, (uint32_t)high);
		return;
	}
	low = high < 0xdc00 && r->len - r->at >= 6 && r->text[r->at] == '\\' &&
	                      r->text[r->at + 1] == 'u'
	              ? unicode(r, r->at + 2)
	              : -1;
	if (low < 0xdc00 || low > 0xdfff) {
		fail(r, span(r, start, r->at),
		     E_SYNTAX "half of a surrogate pair is not a character");
		return;
	}
	r->at += 6;
	put_utf8(out, 0x10000 + ((uint32_t)(high - 0xd800) << 10) +
	                      (uint32_t)(low - 0xdc00));
}

static void read_escape(struct reader *r, struct buf *out)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *at;

	r->at++;
	if (!at_end(r) && peek(r) == 'u') {
		r->at++;
		read_unicode(r, out);
		return;
	}
	at = at_end(r) || !peek(r) ? NULL : strchr(names, peek(r));
	if (!at) {
		fail(r, span(r, r->at - 1, at_end(r) ? r->at : r->at + 1),
		     E_UNKNOWN "unknown escape in JSON");
		return;
	}
	buf_putc(out, means[at - names]);
	r->at++;
}

/* Read a string; the quote that begins it comes next. */
static const char *read_string(struct reader *r, uint32_t *len, struct span *at)
{
	struct buf out = { .arena = r->arena };
	uint32_t start = r->at++;
	size_t n;

	while (!r->failed && peek(r) != '"') {
		if (at_end(r) || peek(r) == '\n')
			fail(r, span(r, start, start + 1),
			     E_SYNTAX "unterminated string");
		else if (peek(r) == '\\')
			read_escape(r, &out);
		else if ((unsigned char)peek(r) < 0x20)
			fail(r, here(r),
			     E_SYNTAX "byte 0x%02x must be escaped in a string",
			     (unsigned char)peek(r));
		else if (!(n = utf8_length(r->text + r->at, r->len - r->at)))
			fail(r, here(r), E_SYNTAX "this is not UTF-8");
		else {
			buf_write(&out, r->text + r->at, n);
			r->at += (uint32_t)n;
		}
	}
	if (!r->failed)
		r->at++;
	*at = span(r, start, r->at);
	*len = (uint32_t)out.len;
	return buf_str(&out);
}

/* --- numbers and words ---------------------------------------------------- */

static bool at_digit(const struct reader *r)
{
	return !at_end(r) && peek(r) >= '0' && peek(r) <= '9';
}

static void skip_digits(struct reader *r)
{
	if (!at_digit(r))
		expected(r, "a digit");
	while (at_digit(r))
		r->at++;
}

static bool is_wordy(const struct reader *r)
{
	char c = peek(r);

	return at_digit(r) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_';
}

static void read_number(struct reader *r, struct json *v)
{
	uint32_t start = r->at;
	bool minus = peek(r) == '-';

	v->kind = JSON_IS_NUMBER;
	v->whole = !minus;
	r->at += minus;
	if (peek(r) == '0' && r->at + 1 < r->len &&
	    r->text[r->at + 1] >= '0' && r->text[r->at + 1] <= '9')
		fail(r, here(r), E_SYNTAX "a number does not begin with 0");
	for (; at_digit(r); r->at++)
		v->whole &= !__builtin_mul_overflow(v->number, 10, &v->number) &&
		            !__builtin_add_overflow(v->number,
		                                    (uint64_t)(peek(r) - '0'),
		                                    &v->number);
	if (r->at == start + minus)
		expected(r, "a digit");
	if (peek(r) == '.') {
		r->at++;
		v->whole = false;
		skip_digits(r);
	}
	if (peek(r) == 'e' || peek(r) == 'E') {
		r->at++;
		v->whole = false;
		if (peek(r) == '+' || peek(r) == '-')
			r->at++;
		skip_digits(r);
	}
	v->at = span(r, start, r->at);
	if (is_wordy(r))
		fail(r, v->at, E_SYNTAX "the number does not end here; JSON has "
		                        "decimal ones only");
}

static void read_word(struct reader *r, struct json *v)
{
	static const struct {
		const char *word;
		enum json_kind kind;
		bool truth;
	} words[] = {
		{ "null", JSON_IS_NULL, false },
		{ "true", JSON_IS_BOOL, true },
		{ "false", JSON_IS_BOOL, false },
	};
	struct span at = here(r);

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i].word);

		if (at.end - at.start != len ||
		    memcmp(r->text + at.start, words[i].word, len) != 0)
			continue;
		v->kind = words[i].kind;
		v->truth = words[i].truth;
		v->at = at;
		r->at = at.end;
		return;
	}
	expected(r, "a value");
}

/* --- the tree ------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct json *x = *(const struct json *const *)a;
	const struct json *y = *(const struct json *const *)b;
	uint32_t shorter = min_u32(x->name_len, y->name_len);
	int c = memcmp(x->name, y->name, shorter);

	if (c)
		return c;
	if (x->name_len != y->name_len)
		return x->name_len < y->name_len ? -1 : 1;
	return x->at.start < y->at.start ? -1 : 1;
}

static bool same_name(const struct json *a, const struct json *b)
{
	return a->name_len == b->name_len &&
	       !memcmp(a->name, b->name, a->name_len);
}

/* Report a key that OBJECT has twice. */
static void check_names(struct reader *r, const struct json *object)
{
	const struct json **sorted, *found = NULL, *before = NULL;
	uint32_t n = 0;

	if (object->n < 2)
		return;
	sorted = arena_array(r->arena, const struct json *, object->n);
	for (const struct json *v = object->first; v; v = v->next)
		sorted[n++] = v;
	qsort(sorted, n, sizeof *sorted, by_name);
	for (uint32_t i = 1; i < n; i++)
		if (same_name(sorted[i - 1], sorted[i]) &&
		    (!found || sorted[i]->at.start < found->at.start)) {
			before = sorted[i - 1];
			found = sorted[i];
		}
	if (!found)
		return;
	fail(r, found->name_at, E_DUPLICATE "duplicate key in this object");
	diag_note(r->diags, before->name_at, "the first one is here");
}

/* Read a value of any kind; of an array or object, only what opens it. */
static struct json *read_value(struct reader *r)
{
	struct json *v = arena_new(r->arena, struct json);
	char c;

	skip_space(r);
	c = peek(r);
	v->at = here(r);
	if (++r->values > JSON_VALUES)
		fail(r, v->at, E_LIMIT "more than %u values are not read", JSON_VALUES);
	else if (c == '{' || c == '[') {
		v->kind = c == '{' ? JSON_IS_OBJECT : JSON_IS_ARRAY;
		v->at = span(r, r->at, r->at + 1);
		r->at++;
	} else if (c == '"') {
		v->kind = JSON_IS_STRING;
		v->text = read_string(r, &v->len, &v->at);
	} else if (c == '-' || at_digit(r))
		read_number(r, v);
	else
		read_word(r, v);
	return v;
}

/* Read "name": before a value of an object. */
static void read_name(struct reader *r, struct json *key)
{
	skip_space(r);
	if (peek(r) != '"') {
		expected(r, "a key in double quotes");
		return;
	}
	key->name = read_string(r, &key->name_len, &key->name_at);
	skip_space(r);
	if (r->failed || peek(r) == ':')
		r->at++;
	else
		expected(r, "':' after the key");
}

/* Tell whether OPEN ends here, and take its end if so. */
static bool closes(struct reader *r, struct json *open)
{
	skip_space(r);
	if (peek(r) != (open->kind == JSON_IS_OBJECT ? '}' : ']'))
		return false;
	r->at++;
	open->at.end = r->at;
	if (open->kind == JSON_IS_OBJECT)
		check_names(r, open);
	return true;
}

static void add(struct json *open, struct json *v)
{
	v->up = open;
	if (!open)
		return;
	*(open->last ? &open->last->next : &open->first) = v;
	open->last = v;
	open->n++;
}

/*
 * Read on after a value in OPEN: a comma, or ends. Return what the next value
 * is in.
 */
static struct json *read_on(struct reader *r, struct json *open)
{
	while (open && !r->failed) {
		if (closes(r, open)) {
			open = open->up;
			r->depth--;
			continue;
		}
		if (peek(r) != ',') {
			expected(r, open->kind == JSON_IS_OBJECT ? "',' or '}'"
			                                         : "',' or ']'");
			return NULL;
		}
		r->at++;
		skip_space(r);
		if (peek(r) == '}' || peek(r) == ']')
			fail(r, span(r, r->at, r->at + 1),
			     E_SYNTAX "trailing comma before this; JSON allows none");
		return open;
	}
	return NULL;
}

/* Return the value that everything lies in. */
static struct json *read_tree(struct reader *r)
{
	struct json *top = NULL, *open = NULL, *v;

	do {
		struct json key = { 0 };

		if (open && open->kind == JSON_IS_OBJECT)
			read_name(r, &key);
		if (r->failed)
			break;
		v = read_value(r);
		v->name = key.name;
		v->name_len = key.name_len;
		v->name_at = key.name_at;
		add(open, v);
		top = top ? top : v;
		if (v->kind < JSON_IS_ARRAY || r->failed || closes(r, v)) {
			open = read_on(r, open);
			continue;
		}
		open = v;
		if (++r->depth > JSON_DEPTH)
			fail(r, v->at, E_LIMIT "this is nested deeper than %u levels",
			     JSON_DEPTH);
	} while (open && !r->failed);
	return top;
}

const struct json *json_read(struct arena *arena, struct diags *d,
                             uint32_t source)
{
	const struct source *src = &d->sources.v[source];
	struct reader r = { .arena = arena,
		            .diags = d,
		            .source = source,
		            .text = src->text,
		            .len = (uint32_t)src->len };
	const struct json *top;

	if (src->len >= 3 && !memcmp(src->text, "\xef\xbb\xbf", 3)) {
		fail(&r, span(&r, 0, 3),
		     E_SYNTAX "JSON does not begin with a byte order mark");
		return NULL;
	}
	top = read_tree(&r);
	skip_space(&r);
	if (!r.failed && !at_end(&r))
		fail(&r, here(&r), E_SYNTAX "nothing was expected after the JSON value");
	return r.failed ? NULL : top;
}

/* --- looking at it -------------------------------------------------------- */

const char *json_kind_name(const struct json *j)
{
	static const char *const names[] = {
		[JSON_IS_NULL] = "null",
		[JSON_IS_BOOL] = "true or false",
		[JSON_IS_NUMBER] = "a number",
		[JSON_IS_STRING] = "a string",
		[JSON_IS_ARRAY] = "an array",
		[JSON_IS_OBJECT] = "an object",
	};

	return names[j->kind];
}

const struct json *json_get(const struct json *j, const char *name)
{
	size_t len = strlen(name);

	for (const struct json *v = j->first; v; v = v->next)
		if (v->name_len == len && !memcmp(v->name, name, len))
			return v->kind == JSON_IS_NULL ? NULL : v;
	return NULL;
}

bool json_is(const struct json *j, const char *text)
{
	return j->kind == JSON_IS_STRING && j->len == strlen(text) &&
	       !memcmp(j->text, text, j->len);
}
