/* What the readers of all formats share. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cbpf/cbpf.h"

struct span cbpf_span(const struct cbpf_reader *r, uint32_t start, uint32_t end)
{
	assert(start <= end && end <= r->len);
	return (struct span){ r->source, start, end };
}

void cbpf_skip_blanks(struct cbpf_reader *r)
{
	while (cbpf_peek(r) == ' ' || cbpf_peek(r) == '\t' || cbpf_peek(r) == '\r')
		r->at++;
}

static bool at_comment(const struct cbpf_reader *r, char second)
{
	return cbpf_peek(r) == '/' && r->at + 1 < r->len &&
	       r->text[r->at + 1] == second;
}

static void skip_comment(struct cbpf_reader *r)
{
	uint32_t start = r->at;

	if (at_comment(r, '/')) {
		while (r->at < r->len && r->text[r->at] != '\n')
			r->at++;
		return;
	}
	for (r->at += 2; r->at + 1 < r->len; r->at++)
		if (r->text[r->at] == '*' && r->text[r->at + 1] == '/') {
			r->at += 2;
			return;
		}
	r->at = r->len;
	diag_error(r->diags, cbpf_span(r, start, start + 2),
	           E_SYNTAX "unterminated comment");
}

void cbpf_skip_space(struct cbpf_reader *r)
{
	for (;;) {
		cbpf_skip_blanks(r);
		if (cbpf_peek(r) == '\n')
			r->at++;
		else if (at_comment(r, '*') || at_comment(r, '/'))
			skip_comment(r);
		else
			return;
	}
}

const char *cbpf_found(const struct cbpf_reader *r)
{
	struct buf text = { .arena = r->arena };

	if (r->at >= r->len)
		return "found the end";
	if (cbpf_peek(r) == '\n')
		return "found the end of the line";
	if ((unsigned char)cbpf_peek(r) < 0x20 || (unsigned char)cbpf_peek(r) > 0x7e)
		buf_printf(&text, "found byte 0x%02x", (unsigned char)cbpf_peek(r));
	else
		buf_printf(&text, "found '%c'", cbpf_peek(r));
	return buf_str(&text);
}

bool cbpf_at_end(struct cbpf_reader *r)
{
	cbpf_skip_space(r);
	if (r->at >= r->len)
		return true;
	diag_error(r->diags, cbpf_span(r, r->at, r->at),
	           E_SYNTAX "expected the end of the program, %s", cbpf_found(r));
	return false;
}

bool cbpf_accept(struct cbpf_reader *r, char c)
{
	cbpf_skip_blanks(r);
	if (cbpf_peek(r) != c || r->at >= r->len)
		return false;
	r->at++;
	return true;
}

bool cbpf_expect(struct cbpf_reader *r, char c)
{
	if (cbpf_accept(r, c))
		return true;
	diag_error(r->diags, cbpf_span(r, r->at, r->at), E_SYNTAX "expected '%c', %s", c,
	           cbpf_found(r));
	return false;
}

/*
 * Convert the LEN digits at S, in C's notation; false if they are not all
 * digits.
 */
static bool number_value(const char *s, size_t len, uint64_t *value)
{
	char digits[32], *end;
	int base = 10;

	if (len > 1 && s[0] == '0') {
		base = (s[1] | 32) == 'x' ? 16 : 8;
		s += base == 16 ? 2 : 1;
		len -= base == 16 ? 2 : 1;
	}
	if (!len || len >= sizeof digits)
		return false;
	memcpy(digits, s, len);
	digits[len] = '\0';
	errno = 0;
	*value = strtoull(digits, &end, base);
	return !*end && !errno;
}

bool cbpf_number(struct cbpf_reader *r, uint32_t max, uint32_t *out)
{
	uint64_t value;
	uint32_t start, digits;
	bool negative;

	cbpf_skip_blanks(r);
	start = r->at;
	negative = cbpf_peek(r) == '-';
	r->at += negative;
	digits = r->at;
	while (is_word(cbpf_peek(r)))
		r->at++;
	if (r->at == digits) {
		r->at = start;
		diag_error(r->diags, cbpf_span(r, start, start),
		           E_SYNTAX "expected a number, %s", cbpf_found(r));
		return false;
	}
	if (!number_value(r->text + digits, r->at - digits, &value)) {
		diag_error(r->diags, cbpf_span(r, start, r->at),
		           E_SYNTAX "'%.*s' is not a number", (int)(r->at - start),
		           r->text + start);
		return false;
	}
	if (negative ? max != UINT32_MAX || value > 1u << 31 : value > max) {
		diag_error(r->diags, cbpf_span(r, start, r->at),
		           E_RANGE "%.*s is too large; the largest is %u", (int)(r->at - start),
		           r->text + start, max);
		return false;
	}
	*out = negative ? -(uint32_t)value : (uint32_t)value;
	return true;
}
