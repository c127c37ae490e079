/* Text to tokens. What is wrong with a token is said when the parser meets it.
 */
#include <string.h>

#include "policy/policy.h"

struct lexer {
	const char *text;
	size_t at, len;
	bool newline;
};

/* Return the byte K ahead, 0 past the end. */
static char ahead(const struct lexer *l, size_t k)
{
	return l->at + k < l->len ? l->text[l->at + k] : 0;
}

static void skip_blanks(struct lexer *l)
{
	for (; l->at < l->len; l->at++) {
		char c = l->text[l->at];

		if (c == '\n')
			l->newline = true;
		else if (c == '#')
			while (l->at + 1 < l->len && l->text[l->at + 1] != '\n')
				l->at++;
		else if (c != ' ' && c != '\t' && c != '\r')
			return;
	}
}

static unsigned digit_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

static void bad(struct policy_token *t, enum rules_bad what)
{
	if (t->kind == TOKEN_BAD)
		return;
	t->kind = TOKEN_BAD;
	t->value = what;
}

/* Read a number as in C: decimal, 0x hexadecimal, 0b binary, or octal after a 0. */
static void lex_number(struct lexer *l, struct policy_token *t)
{
	unsigned base = 10;
	uint64_t value = 0;

	t->kind = TOKEN_NUMBER;
	if (ahead(l, 0) == '0' && (ahead(l, 1) | 0x20) == 'x') {
		base = 16;
		l->at += 2;
	} else if (ahead(l, 0) == '0' && (ahead(l, 1) | 0x20) == 'b') {
		base = 2;
		l->at += 2;
	} else if (ahead(l, 0) == '0') {
		base = 8;
	}
	if (!is_word(ahead(l, 0)))
		bad(t, BAD_NUMBER);
	for (; is_word(ahead(l, 0)); l->at++) {
		unsigned digit = digit_value(ahead(l, 0));

		if (digit >= base)
			bad(t, BAD_NUMBER);
		else if (value > (UINT64_MAX - digit) / base)
			bad(t, BAD_RANGE);
		else
			value = value * base + digit;
	}
	if (t->kind == TOKEN_NUMBER)
		t->value = value;
}

static void lex_string(struct lexer *l, struct policy_token *t)
{
	t->kind = TOKEN_STRING;
	for (l->at++; ahead(l, 0) != '"'; l->at++) {
		if (l->at >= l->len || ahead(l, 0) == '\n') {
			bad(t, BAD_STRING);
			return;
		}
		if (ahead(l, 0) == '\\' && l->at + 1 < l->len &&
		    ahead(l, 1) != '\n')
			l->at++;
	}
	l->at++;
}

/* Longer ones before those they begin with. */
static const struct {
	char text[3];
	uint8_t kind;
} punctuation[] = {
	{ "..", TOKEN_DOTS },
	{ "&&", TOKEN_ANDAND },
	{ "||", TOKEN_OROR },
	{ "==", TOKEN_EQ },
	{ "!=", TOKEN_NE },
	{ "<=", TOKEN_LE },
	{ ">=", TOKEN_GE },
	{ "<<", TOKEN_LSH },
	{ ">>", TOKEN_RSH },
	{ ",", TOKEN_COMMA },
	{ ";", TOKEN_SEMICOLON },
	{ "{", TOKEN_LBRACE },
	{ "}", TOKEN_RBRACE },
	{ "(", TOKEN_LPAREN },
	{ ")", TOKEN_RPAREN },
	{ "[", TOKEN_LBRACKET },
	{ "]", TOKEN_RBRACKET },
	{ ".", TOKEN_DOT },
	{ "=", TOKEN_ASSIGN },
	{ "!", TOKEN_NOT },
	{ "~", TOKEN_TILDE },
	{ "<", TOKEN_LT },
	{ ">", TOKEN_GT },
	{ "|", TOKEN_OR },
	{ "^", TOKEN_XOR },
	{ "&", TOKEN_AND },
	{ "+", TOKEN_PLUS },
	{ "-", TOKEN_MINUS },
	{ "*", TOKEN_TIMES },
};

static void lex_punctuation(struct lexer *l, struct policy_token *t)
{
	for (size_t i = 0; i < ARRAY_LEN(punctuation); i++) {
		size_t n = strlen(punctuation[i].text);

		if (l->len - l->at < n ||
		    memcmp(l->text + l->at, punctuation[i].text, n))
			continue;
		t->kind = punctuation[i].kind;
		l->at += n;
		return;
	}
	bad(t, BAD_BYTE);
	/* All bytes of a UTF-8 character are one token. */
	do
		l->at++;
	while ((ahead(l, 0) & 0xc0) == 0x80);
}

static void lex_one(struct lexer *l, struct policy_token *t)
{
	char c = ahead(l, 0);

	if (l->at >= l->len) {
		t->kind = TOKEN_END;
	} else if (is_letter(c) || c == '_' || (c == '@' && is_word(ahead(l, 1)))) {
		t->kind = c == '@' ? TOKEN_GROUP : TOKEN_NAME;
		do
			l->at++;
		while (is_word(ahead(l, 0)));
	} else if (is_digit(c)) {
		lex_number(l, t);
	} else if (c == '"') {
		lex_string(l, t);
	} else {
		lex_punctuation(l, t);
	}
}

const struct policy_token *policy_lex(struct arena *arena,
                                      const struct source *src)
{
	struct lexer l = { src->text, 0, src->len, true };
	ARRAY(struct policy_token) tokens = { 0 };
	struct policy_token t;

	do {
		skip_blanks(&l);
		t = (struct policy_token){
			.newline = l.newline,
			.start = (uint32_t)l.at,
		};
		l.newline = false;
		lex_one(&l, &t);
		t.end = (uint32_t)l.at;
		array_push(arena, &tokens, t);
	} while (t.kind != TOKEN_END);
	return tokens.v;
}

/* --- strings -------------------------------------------------------------- */

/*
 * Return the value of up to MAX digits of BASE at *AT, which moves past them; -1: none.
 */
static int escape_number(const char *text, size_t len, size_t *at,
                         unsigned base, unsigned max)
{
	int value = 0;
	unsigned n = 0;

	for (; n < max && *at < len && digit_value(text[*at]) < base; n++)
		value = value * (int)base + (int)digit_value(text[(*at)++]);
	return n && value < 256 ? value : -1;
}

/* Return the byte that the escape at *AT (past its backslash) means; -1 if none. */
static int escape(const char *text, size_t len, size_t *at)
{
	static const char from[] = "abfnrtv\\\"'?",
			  to[] = "\a\b\f\n\r\t\v\\\"'?";
	const char *p;

	if (*at >= len)
		return -1;
	if (digit_value(text[*at]) < 8)
		return escape_number(text, len, at, 8, 3);
	if (text[*at] == 'x') {
		++*at;
		return escape_number(text, len, at, 16, 2);
	}
	p = strchr(from, text[*at]);
	if (!p || !*p)
		return -1;
	++*at;
	return (unsigned char)to[p - from];
}

const char *policy_unquote(struct arena *arena, const char *text, size_t len)
{
	char *out = arena_alloc(arena, len);
	size_t n = 0;

	/* Between the quotes. */
	text++;
	len -= 2;
	for (size_t i = 0; i < len;) {
		int c = (unsigned char)text[i++];

		if (c == '\\')
			c = escape(text, len, &i);
		/* A name of a file holds no NUL. */
		if (c <= 0)
			return NULL;
		out[n++] = (char)c;
	}
	out[n] = 0;
	return out;
}
