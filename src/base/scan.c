/*
 * Taking tokens: tests of the next token, and messages if it is another one. For
 * languages whose statements are lines, or that ignore lines. policy/scan.c has other
 * ends (';', '}', a line only outside parentheses), and packet/token.c makes one token
 * at a time, since what a word is depends on what the parser waits for; with these,
 * either would get longer.
 */
#include <assert.h>

#include "base/base.h"

/* --- letters and digits ---------------------------------------------------- */

bool same_letters(const char *word, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (word[i] == text[i] && word[i])
			continue;
		if (!is_letter(word[i]) || (word[i] ^ text[i]) != 0x20)
			return false;
	}
	return !word[len];
}

bool read_digits(const char *text, size_t len, unsigned base, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		unsigned digit = is_digit(c)    ? (unsigned)(c - '0')
		                 : is_letter(c) ? (unsigned)((c | 0x20) - 'a') + 10
		                                : 99;

		if (digit >= base || __builtin_mul_overflow(*out, base, out) ||
		    __builtin_add_overflow(*out, digit, out))
			return false;
	}
	return len > 0;
}

unsigned number_base(const char *text, size_t len, const char *prefixes,
                     size_t *skip)
{
	*skip = 0;
	if (len < 2 || text[0] != '0')
		return 10;
	*skip = 2;
	if (len > 2 && text[1] && strchr(prefixes, text[1]))
		return (text[1] | 0x20) == 'x' ? 16 : 2;
	*skip = 1;
	return 8;
}

/* --- where it is ----------------------------------------------------------- */

const char *scan_text(const struct scan_reader *s, const struct scan_token *t)
{
	assert(t->end <= s->diags->sources.v[t->source].len);
	return s->diags->sources.v[t->source].text + t->start;
}

int scan_length(const struct scan_token *t)
{
	assert(t->start <= t->end);
	return (int)(t->end - t->start);
}

/* Tell whether the token that comes next is beyond the line that is read. */
static bool on_next_line(const struct scan_reader *s)
{
	return s->lines && s->token != s->start &&
	       (s->token->newline || s->token->kind == SCAN_END);
}

bool scan_at_end(const struct scan_reader *s)
{
	return s->failed || s->token->kind == SCAN_END || on_next_line(s);
}

struct span scan_at(const struct scan_token *t)
{
	return (struct span){ t->source, t->start, t->end };
}

struct span scan_here(const struct scan_reader *s)
{
	struct span at = scan_at(s->token);

	if (on_next_line(s)) {
		at = scan_at(s->token - 1);
		at.start = at.end;
	}
	return at;
}

/* --- what comes ------------------------------------------------------------ */

bool scan_is(const struct scan_reader *s, const struct scan_token *t, const char *word)
{
	size_t len = t->end - t->start;

	return t->kind == SCAN_NAME && strlen(word) == len &&
	       !memcmp(scan_text(s, t), word, len);
}

bool scan_next_is(const struct scan_reader *s, int kind)
{
	return !s->failed && !on_next_line(s) && s->token->kind == kind;
}

bool scan_next_word(const struct scan_reader *s, const char *word)
{
	return scan_next_is(s, SCAN_NAME) && scan_is(s, s->token, word);
}

bool scan_take(struct scan_reader *s, int kind)
{
	bool yes = scan_next_is(s, kind);

	s->token += yes;
	return yes;
}

bool scan_take_word(struct scan_reader *s, const char *word)
{
	bool yes = scan_next_word(s, word);

	s->token += yes;
	return yes;
}

bool scan_want(struct scan_reader *s, int kind, const char *what)
{
	if (scan_take(s, kind))
		return true;
	scan_expected(s, what);
	return false;
}

/* --- what is wrong --------------------------------------------------------- */

void scan_fail(struct scan_reader *s, struct span at, const char *fmt, ...)
{
	va_list ap;

	if (!s->failed) {
		va_start(ap, fmt);
		diag_verror(s->diags, at, fmt, ap);
		va_end(ap);
	}
	s->failed = true;
}

void scan_expected(struct scan_reader *s, const char *what)
{
	const struct scan_token *t = s->token;

	if (scan_at_end(s))
		scan_fail(s, scan_here(s), E_SYNTAX "expected %s before the end of the %s",
		          what, s->lines ? "line" : "text");
	else if (t->kind == SCAN_BAD && t->why)
		scan_fail(s, scan_here(s), E_SYNTAX "'%.*s' %s", scan_length(t),
		          scan_text(s, t), t->why);
	else
		scan_fail(s, scan_here(s), E_SYNTAX "expected %s, found '%.*s'", what,
		          scan_length(t), scan_text(s, t));
}
