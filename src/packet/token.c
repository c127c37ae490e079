/*
 * Tokens: at each place the longest of what could begin there, and of equally
 * long ones the first in the order of `matchers`. That order and the odd
 * shapes (`1-1` is a name, twelve hex digits are a MAC address) are the
 * language's; see docs/design/filter.md.
 */
#include <string.h>

#include "packet/text.h"

const struct word_info packet_words[] = {
#define WORD(text, name, kind, value) { text, sizeof text - 1, kind, value },
#include "packet/words.def"
	{ NULL, 0, IS_OTHER, 0 },
};

static const struct {
	const char *text;
	uint32_t len, value;
} constants[] = {
#define CONSTANT(text, value) { text, sizeof text - 1, value },
#include "packet/constants.def"
};

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What is left of the text. */
struct rest {
	const char *s;
	uint32_t n;
};

static char peek(struct rest r, uint32_t i)
{
	return i < r.n ? r.s[i] : '\0';
}

/* Count hex digits from AT on, MOST at most. */
static uint32_t hex_run(struct rest r, uint32_t at, uint32_t most)
{
	uint32_t n = 0;

	while (n < most && is_hex(peek(r, at + n)))
		n++;
	return n;
}

/* --- the shapes: each returns the length of its longest match, or 0 ------- */

/* Match decimal digits, or 0x and hex digits. */
static uint32_t match_number(struct rest r, uint32_t at)
{
	uint32_t n = 0;

	if (peek(r, at) == '0' && (peek(r, at + 1) | 0x20) == 'x' &&
	    is_hex(peek(r, at + 2)))
		return 2 + hex_run(r, at + 2, UINT32_MAX);
	while (is_digit(peek(r, at + n)))
		n++;
	return n;
}

static uint32_t match_num(struct rest r)
{
	return match_number(r, 0);
}

/* Match COUNT numbers with dots between. */
static uint32_t match_dotted(struct rest r, uint32_t at, unsigned count)
{
	uint32_t n = match_number(r, at), more;

	for (unsigned i = 1; n && i < count; i++) {
		more = peek(r, at + n) == '.' ? match_number(r, at + n + 1) : 0;
		n = more ? n + 1 + more : 0;
	}
	return n;
}

static uint32_t match_ipv4(struct rest r)
{
	uint32_t n = 0;

	for (unsigned count = 4; count >= 2 && !n; count--)
		n = match_dotted(r, 0, count);
	return n;
}

/*
 * Match groups of up to four digits, with at most one gap (::), perhaps ending
 * in an IPv4 address.
 */
static uint32_t match_ipv6(struct rest r)
{
	uint32_t at = 0, best = 0, n;
	unsigned groups = 0;
	bool gap = false;

	if (peek(r, 0) == ':' && peek(r, 1) == ':') {
		gap = true;
		at = best = 2;
	}
	for (;;) {
		if (gap ? groups <= 5 : groups == 6) {
			n = match_dotted(r, at, 4);
			if (n && at + n > best)
				best = at + n;
		}
		n = hex_run(r, at, 4);
		if (!n || ++groups > 8)
			break;
		at += n;
		if ((gap ? groups <= 7 : groups == 8) && at > best)
			best = at;
		if (peek(r, at) != ':')
			break;
		if (peek(r, at + 1) == ':') {
			if (gap || groups > 7)
				break;
			gap = true;
			at += 2;
			best = at;
		} else {
			at++;
		}
	}
	return best;
}

/* Match COUNT groups of MIN to MAX hex digits with SEP between. */
static uint32_t match_groups(struct rest r, unsigned count, uint32_t min,
                             uint32_t max, char sep)
{
	uint32_t at = 0, n;

	for (unsigned i = 0; i < count; i++) {
		if (i && sep && peek(r, at++) != sep)
			return 0;
		n = hex_run(r, at, max);
		if (n < min)
			return 0;
		at += n;
	}
	return at;
}

static uint32_t match_mac(struct rest r)
{
	static const struct {
		unsigned count, min, max;
		char sep;
	} forms[] = {
		{ 6, 1, 2, ':' },
		{ 6, 1, 2, '-' },
		{ 6, 1, 2, '.' },
		{ 3, 4, 4, '.' },
		{ 3, 4, 4, '\0' },
	};
	uint32_t best = 0;

	for (unsigned i = 0; i < ARRAY_LEN(forms); i++)
		best = max_u32(best, match_groups(r, forms[i].count, forms[i].min,
		                                  forms[i].max, forms[i].sep));
	return best;
}

static uint32_t match_mac8(struct rest r)
{
	uint32_t n = peek(r, 0) == '$' ? hex_run(r, 1, 2) : 0;

	return n ? n + 1 : 0;
}

/* Match bytes and colons that end with a colon: not a valid address. */
static uint32_t match_bad_mac(struct rest r)
{
	uint32_t at = 0, best = 0, n;

	for (unsigned groups = 1;; groups++) {
		n = hex_run(r, at, 2);
		if (!n || peek(r, at + n) != ':')
			return best;
		at += n;
		while (peek(r, at) == ':')
			at++;
		if (groups >= 2)
			best = at;
	}
}

static uint32_t match_name(struct rest r)
{
	uint32_t n = 0;

	if (!is_alnum(peek(r, 0)))
		return 0;
	while (is_alnum(peek(r, n)) || (peek(r, n) && strchr("-_.", peek(r, n))))
		n++;
	while (r.s[n - 1] == '-' || r.s[n - 1] == '_')
		n--;
	return n;
}

static uint32_t match_escaped(struct rest r)
{
	uint32_t n = 1;

	if (peek(r, 0) != '\\')
		return 0;
	while (n < r.n && !(r.s[n] && strchr(" !()\n\t", r.s[n])))
		n++;
	return n > 1 ? n : 0;
}

/* Enough for any shape; a name's own end is looked for without a limit. */
enum {
	ONLY_NAME = 6
}; /* where the matchers of names begin */

static const struct {
	uint32_t (*match)(struct rest r);
	enum token_kind kind;
	bool bad;
} matchers[] = {
	{ match_mac8, TOKEN_MAC8, false },
	{ match_mac, TOKEN_MAC, false },
	{ match_num, TOKEN_NUM, false },
	{ match_ipv4, TOKEN_IPV4, false },
	{ match_ipv6, TOKEN_IPV6, false },
	{ match_bad_mac, TOKEN_MAC, true },
	{ match_name, TOKEN_NAME, false },
	{ match_escaped, TOKEN_NAME, false },
};

static const struct {
	char text[3];
	enum token_kind kind;
} operators[] = {
	{ ">=", TOKEN_GE },
	{ "<=", TOKEN_LE },
	{ "!=", TOKEN_NE },
	{ "==", TOKEN_EQ },
	{ "<<", TOKEN_LSH },
	{ ">>", TOKEN_RSH },
	{ "&&", TOKEN_AND },
	{ "||", TOKEN_OR },
	{ "+", TOKEN_PLUS },
	{ "-", TOKEN_MINUS },
	{ "*", TOKEN_STAR },
	{ "/", TOKEN_SLASH },
	{ "%", TOKEN_PERCENT },
	{ ":", TOKEN_COLON },
	{ "[", TOKEN_LBRACKET },
	{ "]", TOKEN_RBRACKET },
	{ "!", TOKEN_NOT },
	{ "<", TOKEN_LT },
	{ ">", TOKEN_GT },
	{ "(", TOKEN_LPAREN },
	{ ")", TOKEN_RPAREN },
	{ "&", TOKEN_AMP },
	{ "|", TOKEN_BAR },
	{ "^", TOKEN_CARET },
	{ "=", TOKEN_EQ },
	{ "{", TOKEN_LBRACE },
	{ "}", TOKEN_RBRACE },
	{ ",", TOKEN_COMMA },
};

/* --- numbers -------------------------------------------------------------- */

enum number_result packet_read_number(const char *text, uint32_t len,
                                      uint32_t *out, unsigned *base)
{
	uint64_t n = 0;
	uint32_t i = 0;

	*base = 10;
	if (len && text[0] == '0') {
		*base = 8;
		i = 1;
		if (len > 1 && (text[1] | 0x20) == 'x') {
			*base = 16;
			i = 2;
		}
	}
	for (; i < len; i++) {
		char c = text[i];
		unsigned digit = is_digit(c) ? (unsigned)(c - '0')
		                 : is_hex(c) ? (unsigned)((c | 0x20) - 'a' + 10)
		                             : 99;

		if (digit >= *base)
			return NUMBER_BAD_DIGIT;
		n = n * *base + digit;
		if (n > UINT32_MAX)
			return NUMBER_OVERFLOW;
	}
	*out = (uint32_t)n;
	return NUMBER_OK;
}

/* --- tokens --------------------------------------------------------------- */

static void fail(struct scanner *s, struct token *t)
{
	s->failed = true;
	t->kind = TOKEN_END;
}

static void read_num(struct scanner *s, struct token *t)
{
	unsigned base;

	switch (packet_read_number(t->text, t->len, &t->number, &base)) {
	case NUMBER_OK:
		return;
	case NUMBER_BAD_DIGIT:
		diag_error(
			s->diags, t->at,
			"'%.*s' begins with 0, so it is octal and cannot have the digits 8 and 9; "
			"remove the 0 for decimal",
			(int)t->len, t->text);
		break;
	case NUMBER_OVERFLOW:
		diag_error(
			s->diags, t->at,
			E_RANGE "%s number '%.*s' does not fit in 32 bits; the largest is 0xffffffff",
			base == 8    ? "octal"
			: base == 16 ? "hexadecimal"
				     : "decimal",
			(int)t->len, t->text);
		break;
	}
	fail(s, t);
}

/* Turn a name that is a keyword or a constant into that. */
static void read_name(struct token *t)
{
	for (unsigned i = 0; i < WORD_NONE; i++) {
		const struct word_info *w = &packet_words[i];

		if (w->len != t->len || w->text[0] != t->text[0] ||
		    memcmp(w->text, t->text, t->len))
			continue;
		t->word = (enum word)i;
		t->kind = i == WORD_AND   ? TOKEN_AND
		          : i == WORD_OR  ? TOKEN_OR
		          : i == WORD_NOT ? TOKEN_NOT
		                          : TOKEN_WORD;
		return;
	}
	for (unsigned i = 0; i < ARRAY_LEN(constants); i++) {
		if (constants[i].len != t->len || constants[i].text[0] != t->text[0] ||
		    memcmp(constants[i].text, t->text, t->len))
			continue;
		t->kind = TOKEN_NUM;
		t->constant = true;
		t->number = constants[i].value;
		return;
	}
}

static void finish(struct scanner *s, struct token *t, bool bad)
{
	uint8_t address[16];

	if (bad) {
		/* What belongs to it for people. */
		while (t->at.end < s->src->len && is_hex(s->src->text[t->at.end])) {
			t->at.end++;
			t->len++;
		}
		diag_error(s->diags, t->at, "'%.*s' is neither a MAC nor an IPv6 address",
		           (int)t->len, t->text);
		fail(s, t);
	} else if (t->kind == TOKEN_NUM) {
		read_num(s, t);
	} else if (t->kind == TOKEN_IPV6) {
		if (packet_read_ipv6(t->text, t->len, address))
			return;
		diag_error(s->diags, t->at, "'%.*s' is not a valid IPv6 address",
		           (int)t->len, t->text);
		fail(s, t);
	} else if (t->kind == TOKEN_NAME && t->text[0] == '\\') {
		t->escaped = true;
		t->text++;
		t->len--;
	} else if (t->kind == TOKEN_NAME) {
		read_name(t);
	}
}

static bool read_operator(struct scanner *s, struct token *t, struct rest r)
{
	for (unsigned i = 0; i < ARRAY_LEN(operators); i++) {
		uint32_t len = (uint32_t)strlen(operators[i].text);

		if (len > r.n || memcmp(operators[i].text, r.s, len))
			continue;
		t->kind = operators[i].kind;
		t->len = len;
		t->at.end = t->at.start + len;
		s->at += len;
		return true;
	}
	return false;
}

static void read_string(struct scanner *s, struct token *t, struct rest r)
{
	uint32_t n = 1;

	while (n < r.n && r.s[n] != '"' && r.s[n] != '\n')
		n++;
	if (peek(r, n) != '"') {
		t->at.end = t->at.start + n;
		diag_error(s->diags, t->at, E_SYNTAX "unterminated string");
		fail(s, t);
		return;
	}
	t->kind = TOKEN_STRING;
	t->text = r.s + 1;
	t->len = n - 1;
	t->at.end = t->at.start + n + 1;
	s->at += n + 1;
}

/* Read "@NAME". */
static bool read_set_name(struct scanner *s, struct token *t, struct rest r)
{
	uint32_t n = 1;

	if (r.s[0] != '@')
		return false;
	while (n < r.n && (is_alnum(r.s[n]) || r.s[n] == '_'))
		n++;
	if (n == 1)
		return false;
	t->kind = TOKEN_SET;
	t->text = r.s + 1;
	t->len = n - 1;
	t->at.end = t->at.start + n;
	s->at += n;
	return true;
}

static void unknown_character(struct scanner *s, struct token *t, struct rest r)
{
	unsigned char c = (unsigned char)r.s[0];

	if (c == '#')
		diag_error(s->diags, t->at,
		           "'#' does not begin a comment here; expressions have none");
	else if (c < 0x20 || c >= 0x7f)
		diag_error(s->diags, t->at, E_SYNTAX "unexpected byte 0x%02x",
		           c);
	else
		diag_error(s->diags, t->at, E_SYNTAX "unexpected '%c'", c);
	fail(s, t);
}

struct token packet_scan(struct scanner *s)
{
	const struct source *src = s->src;
	struct token t = { .kind = TOKEN_END, .word = WORD_NONE };
	struct rest r;
	uint32_t best = 0;
	bool bad = false;

	while (s->at < src->len && src->text[s->at] &&
	       strchr(" \r\n\t", src->text[s->at]))
		s->at++;
	t.at = (struct span){ s->source, s->at, s->at };
	if (s->failed || s->at >= src->len)
		return t;

	r = (struct rest){ src->text + s->at, (uint32_t)(src->len - s->at) };
	t.text = r.s;
	/* No address or number begins with such a letter. */
	for (unsigned i = is_alnum(r.s[0]) && !is_hex(r.s[0]) ? ONLY_NAME : 0;
	     i < ARRAY_LEN(matchers); i++) {
		uint32_t n = matchers[i].match(r);

		if (n <= best)
			continue;
		best = n;
		t.kind = matchers[i].kind;
		bad = matchers[i].bad;
	}
	if (best) {
		t.len = best;
		t.at.end += best;
		s->at += best;
		finish(s, &t, bad);
	} else {
		t.at.end++;
		if (r.s[0] == '"')
			read_string(s, &t, r);
		else if (!read_set_name(s, &t, r) && !read_operator(s, &t, r))
			unknown_character(s, &t, r);
	}
	return t;
}

const char *packet_near_word(const char *text, size_t len)
{
	char lower[40];
	struct suggest s;

	/* All words are lower case, and none is that long. */
	if (len > sizeof lower)
		return NULL;
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32
		                                                   : text[i]);
	suggest_start(&s, lower, len);
	for (unsigned i = 0; i < WORD_NONE; i++)
		suggest_offer(&s, packet_words[i].text);
	for (unsigned i = 0; i < ARRAY_LEN(constants); i++)
		suggest_offer(&s, constants[i].text);
	return suggest_best(&s);
}

/* --- the words for qualifiers --------------------------------------------- */

static const char *nominal(enum word_kind kind, unsigned value)
{
	for (unsigned i = 0; i < WORD_NONE; i++)
		if (packet_words[i].kind == kind && packet_words[i].value == value)
			return packet_words[i].text;
	return "?";
}

const char *packet_proto_text(enum proto p)
{
	return nominal(IS_PROTO, p);
}

const char *packet_dir_text(enum dir d)
{
	return d == DIR_OR    ? "src or dst"
	       : d == DIR_AND ? "src and dst"
	                      : nominal(IS_DIR, d);
}

const char *packet_type_text(enum type t)
{
	switch (t) {
	case TYPE_PROTO:
		return "proto";
	case TYPE_PROTOCHAIN:
		return "protochain";
	case TYPE_GATEWAY:
		return "gateway";
	case TYPE_DEFAULT:
		return "host";
	case TYPE_HOST:
	case TYPE_NET:
	case TYPE_PORT:
	case TYPE_PORTRANGE:
	case TYPE_UNDEF:
		break;
	}
	return nominal(IS_TYPE, t);
}
