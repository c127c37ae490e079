/*
 * What parse functions take tokens with: where a statement ends, what was
 * expected in place of what came, and where to go on after an error.
 */
#include <assert.h>
#include <string.h>

#include "policy/policy.h"

struct span policy_span(const struct policy_parser *p,
                        const struct policy_token *t)
{
	return (struct span){ p->source, t->start, t->end };
}

const char *policy_text(const struct policy_parser *p,
                        const struct policy_token *t)
{
	return p->src.text + t->start;
}

int policy_length(const struct policy_token *t)
{
	return (int)(t->end - t->start);
}

bool policy_at_end(const struct policy_parser *p)
{
	const struct policy_token *t = p->token;

	return p->failed || t->kind == TOKEN_END ||
	       (!p->parens && (t->kind == TOKEN_SEMICOLON ||
	                       t->kind == TOKEN_RBRACE || t->newline));
}

bool policy_is_text(const struct policy_parser *p, const struct policy_token *t,
                    const char *word)
{
	size_t len = t->end - t->start;

	return t->kind == TOKEN_NAME && strlen(word) == len &&
	       !memcmp(policy_text(p, t), word, len);
}

bool policy_next_is(const struct policy_parser *p, enum rules_token_kind kind)
{
	return !p->failed && p->token->kind == kind;
}

struct span policy_here(const struct policy_parser *p)
{
	bool next = p->token->newline && !p->parens;
	uint32_t end;

	if ((!next && p->token->kind != TOKEN_END) || p->token == p->first)
		return policy_span(p, p->token);
	end = p->token[-1].end;
	return (struct span){ p->source, end, end };
}

void policy_fail_bad(struct policy_parser *p, const struct policy_token *t)
{
	int len = policy_length(t);
	const char *text = policy_text(p, t);

	switch ((enum rules_bad)t->value) {
	case BAD_BYTE:
		if (len == 1 && (*text < 0x20 || *text > 0x7e))
			policy_fail(p, policy_span(p, t),
			            E_SYNTAX "unexpected byte 0x%02x",
			            (unsigned char)*text);
		else
			policy_fail(p, policy_span(p, t), E_SYNTAX "unexpected '%.*s'%s",
			            len, text, *text == '/' ? "; a comment begins "
			                                      "with '#'"
			                                    : "");
		break;
	case BAD_NUMBER:
		if (len > 2 && text[0] == '0' && (text[1] | 32) == 'o')
			policy_fail(p, policy_span(p, t),
			            "'%.*s' is not a number; octal numbers "
			            "begin with just 0, as in C",
			            len, text);
		policy_fail(p, policy_span(p, t), "'%.*s' is not a number", len,
		            text);
		break;
	case BAD_RANGE:
		policy_fail(p, policy_span(p, t), E_RANGE "'%.*s' does not fit in 64 bits",
		            len, text);
		break;
	case BAD_STRING:
		policy_fail(p, policy_span(p, t),
		            E_SYNTAX "unterminated string");
		break;
	}
}

void policy_expected(struct policy_parser *p, const char *what)
{
	const struct policy_token *t = p->token;

	if (p->failed)
		return;
	if (t->kind == TOKEN_BAD && !policy_at_end(p))
		policy_fail_bad(p, t);
	else if (policy_at_end(p) && t->kind != TOKEN_SEMICOLON &&
	         t->kind != TOKEN_RBRACE)
		policy_fail(p, policy_here(p),
		            E_SYNTAX "expected %s before the end of the %s", what,
		            p->parens ? "text" : "line");
	else
		policy_fail(p, policy_here(p), E_SYNTAX "expected %s, found '%.*s'", what,
		            policy_length(t), policy_text(p, t));
}

const struct policy_token *policy_take(struct policy_parser *p)
{
	assert(p->token->kind != TOKEN_END);
	return p->token++;
}

const struct policy_token *policy_want(struct policy_parser *p,
                                       enum rules_token_kind kind,
                                       const char *what)
{
	/* Only what is on the same line, unless parentheses are open. */
	if (policy_next_is(p, kind) && (p->parens || !p->token->newline))
		return policy_take(p);
	policy_expected(p, what);
	return p->token;
}

void policy_open_paren(struct policy_parser *p)
{
	policy_take(p);
	p->parens++;
}

void policy_close_paren(struct policy_parser *p, enum rules_token_kind kind,
                        const char *what, const struct policy_token *open)
{
	if (policy_next_is(p, kind)) {
		policy_take(p);
	} else if (!p->failed) {
		policy_expected(p, what);
		diag_note(p->diags, policy_span(p, open),
		          "to match this '%.1s'", policy_text(p, open));
	}
	if (p->parens)
		p->parens--;
}

/* Skip the block that begins at the next token. */
static void skip_block(struct policy_parser *p)
{
	unsigned open = 0;

	do {
		open += p->token->kind == TOKEN_LBRACE;
		open -= p->token->kind == TOKEN_RBRACE;
		p->token++;
	} while (open && p->token->kind != TOKEN_END);
}

void policy_recover(struct policy_parser *p, const struct policy_token *start)
{
	if (!p->failed)
		return;
	p->failed = false;
	p->parens = 0;
	p->pending.n = 0;
	if (p->token == start && start->kind != TOKEN_END &&
	    start->kind != TOKEN_RBRACE)
		p->token++;
	while (!policy_at_end(p)) {
		if (p->token->kind == TOKEN_LBRACE)
			skip_block(p);
		else
			p->token++;
	}
}
