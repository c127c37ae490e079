/* What is wrong with an expression: the word, why, and what would work. */
#include <string.h>

#include "packet/parse.h"

/* Tell whether a name such as "len-4" looks like a subtraction. */
static bool looks_subtracted(const struct token *t)
{
	const char *dash = memchr(t->text, '-', t->len);

	if (!dash || t->escaped)
		return false;
	for (const char *c = t->text; c < t->text + t->len; c++)
		if (c != dash && (*c < '0' || *c > '9')) {
			uint32_t n = (uint32_t)(dash - t->text);

			return (n == 3 && !memcmp(t->text, "len", 3)) ||
			       (n == 6 && !memcmp(t->text, "length", 6));
		}
	return true;
}

/* Tell whether a dotted name is compared, as in Wireshark's "ip.addr == ...". */
static bool looks_like_display_filter(const struct parser *p)
{
	const struct source *src = p->scan.src;
	uint32_t i = p->t.at.end;

	if (p->t.escaped || !memchr(p->t.text, '.', p->t.len))
		return false;
	while (i < src->len && src->text[i] == ' ')
		i++;
	return i + 1 < src->len && (strchr("<>", src->text[i]) || src->text[i + 1] == '=') &&
	       strchr("<>=!", src->text[i]);
}

static bool unexpected_name(struct parser *p)
{
	const char *near = packet_near_word(p->t.text, p->t.len);

	if (looks_subtracted(&p->t))
		return ERROR(
			p, p->t.at,
			E_SYNTAX "'%.*s' is read as one name; put spaces around the '-' to subtract",
			TEXT(p));
	if (near && !p->t.escaped)
		return ERROR(p, p->t.at,
		             E_UNKNOWN "unknown keyword '%.*s'; did you mean '%s'?",
		             TEXT(p), near);
	if (looks_like_display_filter(p))
		return ERROR(p, p->t.at,
		             E_SYNTAX "'%.*s' is a field of Wireshark's display filters, another language; "
		                      "write conditions such as 'host 10.0.0.1', 'tcp port 80', 'ip[8] < 5'",
		             TEXT(p));
	return ERROR(
		p, p->t.at,
		E_SYNTAX "'%.*s' needs a qualifier, such as 'host %.*s' or 'port %.*s'",
		TEXT(p), TEXT(p), TEXT(p));
}

/* Return the place of the token at hand and of a prefix length after it. */
static struct span with_prefix(const struct parser *p)
{
	const struct source *src = p->scan.src;
	struct span at = p->t.at;
	uint32_t i = at.end + 1;

	if (i >= src->len || src->text[at.end] != '/')
		return at;
	while (i < src->len && src->text[i] >= '0' && src->text[i] <= '9')
		at.end = ++i;
	return at;
}

/* Complain of an id without a qualifier that says what it is. */
bool parse_bare_id(struct parser *p)
{
	struct span at;

	switch (p->t.kind) {
	case TOKEN_NAME:
		return unexpected_name(p);
	case TOKEN_IPV4:
	case TOKEN_IPV6:
		at = with_prefix(p);
		return ERROR(p, at, E_SYNTAX "'%.*s' needs a qualifier, such as '%s %.*s'",
		             SPAN_TEXT(p, at), at.end > p->t.at.end ? "net" : "host",
		             SPAN_TEXT(p, at));
	case TOKEN_MAC:
	case TOKEN_MAC8:
		return ERROR(p, p->t.at,
		             E_SYNTAX "'%.*s' needs a qualifier: 'ether host %.*s'",
		             TEXT(p), TEXT(p));
	default:
		return ERROR(
			p, p->t.at,
			E_SYNTAX "'%.*s' needs a qualifier, such as 'port %.*s', or a comparison",
			TEXT(p), TEXT(p));
	}
}

/* Tell whether the token cannot stand where WANTED is expected. */
bool parse_unexpected(struct parser *p, const char *wanted)
{
	const char *near;

	if (p->may == MAY_ID && parse_is_relation(p->t.kind))
		return ERROR(p, p->t.at, E_SYNTAX "expected %s, found '%.*s'; a qualifier takes no "
		                                  "operator, as in 'port 80'",
		             wanted, TEXT(p));
	switch (p->t.kind) {
	case TOKEN_END:
		return ERROR(p, p->t.at, E_SYNTAX "the expression ends here, but %s must follow",
		             wanted);
	case TOKEN_NAME:
		if (looks_subtracted(&p->t))
			return unexpected_name(p);
		near = p->t.escaped ? NULL : packet_near_word(p->t.text, p->t.len);
		if (near)
			return ERROR(p, p->t.at, E_SYNTAX "expected %s, found '%.*s'; did you mean '%s'?",
			             wanted, TEXT(p), near);
		break;
	case TOKEN_WORD:
		if (p->may == MAY_ID)
			return ERROR(p, p->t.at,
			             E_SYNTAX "expected %s, found the keyword '%.*s'; "
			                      "a backslash makes it a name: '\\%.*s'",
			             wanted, TEXT(p), TEXT(p));
		break;
	case TOKEN_LBRACE:
		return ERROR(
			p, p->t.at,
			E_SYNTAX "a set must follow 'host', 'net', 'port', 'proto' or 'vlan'");
	default:
		break;
	}
	return ERROR(p, p->t.at, E_SYNTAX "expected %s, found '%.*s'", wanted, TEXT(p));
}

/* Complain of a number where a condition is expected. */
bool parse_lone_number(struct parser *p, struct span at)
{
	if (p->v.class == CLASS_NUM)
		return ERROR(p, at,
		             E_SYNTAX "'%.*s' is a number, not a condition; write 'port %.*s', "
		                      "or compare it",
		             SPAN_TEXT(p, at), SPAN_TEXT(p, at));
	return ERROR(p, at,
	             E_SYNTAX "'%.*s' is a number, not a condition; compare it, as in '%.*s = 1'",
	             SPAN_TEXT(p, at), SPAN_TEXT(p, at));
}

/*
 * Tell whether one id follows another, as when a shell has split a set into
 * words.
 */
static bool follows_id(struct parser *p)
{
	return parse_node(p, p->v.node)->kind == TREE_ID &&
	       (p->t.kind == TOKEN_NUM || p->t.kind == TOKEN_IPV4 ||
	        p->t.kind == TOKEN_IPV6 || p->t.kind == TOKEN_MAC);
}

/* Complain that no operator follows a complete operand. */
bool parse_no_operator(struct parser *p)
{
	const char *near,
		*after = p->may == MAY_ARITH ? "an operator" : "'and' or 'or'";

	switch (p->t.kind) {
	case TOKEN_RPAREN:
		return ERROR(p, p->t.at, E_SYNTAX "unmatched ')'");
	case TOKEN_SLASH:
		return ERROR(p, p->t.at,
		             E_SYNTAX "a prefix length must follow a dotted address, "
		                      "as in 'net 10.0/8'");
	case TOKEN_COMMA:
		return ERROR(
			p, p->t.at,
			E_SYNTAX "a ',' must appear between the braces of a set, as in "
				 "'port {80, 443}'; quote the set, or a shell takes it apart");
	case TOKEN_LBRACE:
		return ERROR(
			p, p->t.at,
			E_SYNTAX "a set must follow 'host', 'net', 'port', 'proto' or 'vlan'");
	case TOKEN_AMP:
	case TOKEN_BAR:
		if (p->may == MAY_ARITH)
			break;
		return ERROR(p, p->t.at, E_SYNTAX "'%.*s' is arithmetic; join conditions with %s",
		             TEXT(p), p->t.kind == TOKEN_AMP ? "'and' or '&&'" : "'or' or '||'");
	case TOKEN_NAME:
		if (looks_subtracted(&p->t))
			return unexpected_name(p);
		near = p->t.escaped ? NULL : packet_near_word(p->t.text, p->t.len);
		if (near)
			return ERROR(p, p->t.at,
			             E_SYNTAX "expected %s before '%.*s'; did you mean '%s'?",
			             after, TEXT(p), near);
		break;
	default:
		break;
	}
	if (follows_id(p))
		return ERROR(
			p, p->t.at,
			E_SYNTAX "expected 'and' or 'or' before '%.*s'; a set such as {80,443} must be "
				 "quoted, or the shell takes it apart",
			TEXT(p));
	if (p->v.class == CLASS_TERM &&
	    (p->t.kind == TOKEN_EQ || p->t.kind == TOKEN_NE || p->t.kind == TOKEN_LT ||
	     p->t.kind == TOKEN_GT || p->t.kind == TOKEN_LE || p->t.kind == TOKEN_GE)) {
		if (parse_node(p, p->v.node)->kind == TREE_RELATION)
			return ERROR(p, p->t.at,
			             E_SYNTAX "comparisons do not chain; join two with 'and'");
		return ERROR(
			p, p->t.at,
			E_SYNTAX "'%.*s' is not a value; compare one of its fields, such as '%.*s[0]'",
			SPAN_TEXT(p, p->v.at), SPAN_TEXT(p, p->v.at));
	}
	return ERROR(p, p->t.at, E_SYNTAX "expected %s before '%.*s'", after, TEXT(p));
}
