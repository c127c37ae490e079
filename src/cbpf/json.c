/*
 * Programs from JSON: our own form, an object with the list "insns", or just
 * the list; an instruction is an object or [code, jt, jf, k]. Anything else in
 * an object is stepped over. No recursion: nesting is counted.
 */
#include <string.h>

#include "cbpf/cbpf.h"

static void skip_ws(struct cbpf_reader *r)
{
	for (; cbpf_peek(r) == '\n' || cbpf_peek(r) == ' ' ||
	       cbpf_peek(r) == '\t' || cbpf_peek(r) == '\r';
	     r->at++)
		;
}

static bool accept(struct cbpf_reader *r, char c)
{
	skip_ws(r);
	if (cbpf_peek(r) != c)
		return false;
	r->at++;
	return true;
}

static bool expect(struct cbpf_reader *r, char c)
{
	skip_ws(r);
	return cbpf_expect(r, c);
}

/* A string; KEY gets what stands between the quotes, escapes and all. */
static bool read_string(struct cbpf_reader *r, struct span *key)
{
	uint32_t start;

	if (!expect(r, '"'))
		return false;
	start = r->at;
	for (; r->at < r->len && r->text[r->at] != '"'; r->at++)
		if (r->text[r->at] == '\\')
			r->at++;
	if (r->at >= r->len) {
		r->at = r->len;
		diag_error(r->diags, cbpf_span(r, start - 1, start),
		           "unterminated string");
		return false;
	}
	*key = cbpf_span(r, start, r->at++);
	return true;
}

static bool is_key(const struct cbpf_reader *r, struct span key, const char *name)
{
	size_t len = strlen(name);

	return key.end - key.start == len && !memcmp(r->text + key.start, name, len);
}

/* Steps over any value, looking only at brackets and strings. */
static bool skip_value(struct cbpf_reader *r)
{
	uint32_t depth = 0, start;
	struct span ignored;

	skip_ws(r);
	start = r->at;
	for (; r->at < r->len; r->at++) {
		char c = cbpf_peek(r);

		if (c == '"') {
			if (!read_string(r, &ignored))
				return false;
			r->at--;
		} else if (c == '[' || c == '{') {
			depth++;
		} else if (c == ']' || c == '}') {
			if (!depth)
				break;
			depth--;
		} else if (c == ',' && !depth) {
			break;
		}
	}
	if (r->at > start && !depth)
		return true;
	diag_error(r->diags, cbpf_span(r, r->at, r->at), "expected a value, %s",
	           cbpf_found(r));
	return false;
}

static bool number(struct cbpf_reader *r, uint32_t max, uint32_t *out)
{
	skip_ws(r);
	return cbpf_number(r, max, out);
}

/* [code, jt, jf, k], the first bracket is behind us. */
static bool read_four(struct cbpf_reader *r, uint32_t *v)
{
	static const uint32_t max[] = { UINT16_MAX, UINT8_MAX, UINT8_MAX, UINT32_MAX };

	for (int i = 0; i < 4; i++)
		if ((i && !expect(r, ',')) || !number(r, max[i], &v[i]))
			return false;
	return expect(r, ']');
}

/* {"code": 40, "jt": 0, "jf": 0, "k": 12}, the first brace is behind us. */
static bool read_object(struct cbpf_reader *r, uint32_t *v)
{
	static const struct {
		const char *name;
		uint32_t max;
	} members[] = {
		{ "code", UINT16_MAX },
		{ "jt", UINT8_MAX },
		{ "jf", UINT8_MAX },
		{ "k", UINT32_MAX },
	};
	uint32_t start = r->at - 1;
	bool have_code = false;
	struct span key;

	do {
		size_t i = 0;

		if (!read_string(r, &key) || !expect(r, ':'))
			return false;
		while (i < ARRAY_LEN(members) && !is_key(r, key, members[i].name))
			i++;
		if (i == ARRAY_LEN(members) ? !skip_value(r)
		                            : !number(r, members[i].max, &v[i]))
			return false;
		have_code |= i == 0;
	} while (accept(r, ','));
	if (!have_code)
		diag_error(r->diags, cbpf_span(r, start, r->at),
		           "the instruction has no \"code\"");
	return have_code && expect(r, '}');
}

static bool read_list(struct cbpf_reader *r)
{
	if (!expect(r, '['))
		return false;
	if (accept(r, ']'))
		return true;
	do {
		uint32_t v[4] = { 0 };

		if (accept(r, '{')) {
			if (!read_object(r, v))
				return false;
		} else if (!expect(r, '[') || !read_four(r, v)) {
			return false;
		}
		array_push(r->arena, &r->out,
		           ((struct sock_filter){ (uint16_t)v[0], (uint8_t)v[1],
		                                  (uint8_t)v[2], v[3] }));
	} while (accept(r, ','));
	return expect(r, ']');
}

/* Members of the outer object, of which one is the list. */
static bool read_members(struct cbpf_reader *r)
{
	uint32_t start = r->at - 1;
	bool found = false;
	struct span key;

	if (!accept(r, '}')) {
		do {
			bool list;

			if (!read_string(r, &key) || !expect(r, ':'))
				return false;
			list = !found && (is_key(r, key, "insns") ||
			                  is_key(r, key, "cbpf"));
			if (list ? !read_list(r) : !skip_value(r))
				return false;
			found |= list;
		} while (accept(r, ','));
		if (!expect(r, '}'))
			return false;
	}
	if (!found)
		diag_error(r->diags, cbpf_span(r, start, start + 1),
		           "the object has no list \"insns\"");
	return found;
}

bool cbpf_read_json(struct cbpf_reader *r)
{
	if (accept(r, '{') ? !read_members(r) : !read_list(r))
		return false;
	skip_ws(r);
	if (r->at >= r->len)
		return true;
	diag_error(r->diags, cbpf_span(r, r->at, r->at),
	           "expected the end of the program, %s", cbpf_found(r));
	return false;
}
