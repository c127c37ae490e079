/*
 * Values and conditions, by the precedence of their operators. What waits for
 * its value lies on a stack of the parser's, so nesting costs no recursion.
 */
#include <string.h>

#include "policy/policy.h"

static struct rules_expr *new_expr(struct policy_parser *p,
                                   enum rules_expr_kind kind, struct span at)
{
	struct rules_expr *e = arena_new(p->arena, struct rules_expr);

	e->kind = kind;
	e->at = at;
	return e;
}

static void add_kid(struct policy_parser *p, struct rules_expr *e,
                    struct rules_expr *kid)
{
	array_push(p->arena, &e->kid, kid);
	if (kid)
		e->at = span_join(e->at, kid->at);
}

/* How binary operators bind, from the loosest. */
enum level {
	LEVEL_NONE,
	LEVEL_OR,
	LEVEL_AND,
	LEVEL_COMPARE,
	LEVEL_BITOR,
	LEVEL_XOR,
	LEVEL_BITAND,
	LEVEL_SHIFT,
	LEVEL_SUM,
	LEVEL_PRODUCT,
	LEVEL_UNARY,
};

static const struct {
	uint8_t level, cmp;
} operators[] = {
	[TOKEN_OROR] = { LEVEL_OR, 0 },
	[TOKEN_ANDAND] = { LEVEL_AND, 0 },
	[TOKEN_EQ] = { LEVEL_COMPARE, RULES_EQ },
	[TOKEN_NE] = { LEVEL_COMPARE, RULES_NE },
	[TOKEN_LT] = { LEVEL_COMPARE, RULES_LT },
	[TOKEN_LE] = { LEVEL_COMPARE, RULES_LE },
	[TOKEN_GT] = { LEVEL_COMPARE, RULES_GT },
	[TOKEN_GE] = { LEVEL_COMPARE, RULES_GE },
	[TOKEN_OR] = { LEVEL_BITOR, 0 },
	[TOKEN_XOR] = { LEVEL_XOR, 0 },
	[TOKEN_AND] = { LEVEL_BITAND, 0 },
	[TOKEN_LSH] = { LEVEL_SHIFT, 0 },
	[TOKEN_RSH] = { LEVEL_SHIFT, 0 },
	[TOKEN_PLUS] = { LEVEL_SUM, 0 },
	[TOKEN_MINUS] = { LEVEL_SUM, 0 },
	[TOKEN_TIMES] = { LEVEL_PRODUCT, 0 },
};

/* Return how the next token binds as a binary operator. */
static enum level next_level(struct policy_parser *p)
{
	const struct policy_token *t = p->token;

	if (policy_at_end(p))
		return LEVEL_NONE;
	if (policy_is_text(p, t, "or"))
		return LEVEL_OR;
	if (policy_is_text(p, t, "and"))
		return LEVEL_AND;
	if (policy_is_text(p, t, "in") || policy_is_text(p, t, "within"))
		return LEVEL_COMPARE;
	if (t->kind == TOKEN_ASSIGN)
		policy_fail(p, policy_span(p, t),
		            E_SYNTAX "'=' does not compare; use '=='%s",
		            t[1].kind == TOKEN_GT   ? ", or '>='"
		            : t[1].kind == TOKEN_LT ? ", or '<='"
		                                    : "");
	if (t->kind == TOKEN_LT && t[1].kind == TOKEN_GT)
		policy_fail(p, policy_span(p, t), E_SYNTAX "use '!=' instead of '<>'");
	return t->kind < ARRAY_LEN(operators) ? operators[t->kind].level
	                                      : LEVEL_NONE;
}

static bool is_comparison(const struct rules_expr *e)
{
	return e->kind == EXPR_COMPARE || e->kind == EXPR_IN;
}

/* Complain of a mix of `and` and `or`: readers would disagree on what it means. */
static void check_mix(struct policy_parser *p, const struct policy_token *op,
                      enum rules_expr_kind kind,
                      const struct rules_expr *side)
{
	enum rules_expr_kind other = kind == EXPR_AND ? EXPR_OR : EXPR_AND;

	if (side->kind == other && !side->paren)
		policy_fail(
			p, policy_span(p, op),
			E_SYNTAX "'and' mixed with 'or' needs parentheses to say which comes first");
}

/* Make LHS OP RHS; LHS continues if it is a chain of the same level. */
static struct rules_expr *join(struct policy_parser *p,
                               struct rules_expr *lhs,
                               const struct policy_token *op, enum level level,
                               struct rules_expr *rhs)
{
	enum rules_expr_kind kind = level == LEVEL_OR    ? EXPR_OR
	                            : level == LEVEL_AND ? EXPR_AND
	                                                 : EXPR_CHAIN;
	struct rules_expr *e = lhs;

	if (kind != EXPR_CHAIN) {
		check_mix(p, op, kind, lhs);
		check_mix(p, op, kind, rhs);
	}
	if (lhs->kind != kind || lhs->paren ||
	    (kind == EXPR_CHAIN && operators[lhs->op.v[1]].level != level)) {
		e = new_expr(p, kind, lhs->at);
		add_kid(p, e, lhs);
		array_push(p->arena, &e->op, 0);
	}
	add_kid(p, e, rhs);
	array_push(p->arena, &e->op, (uint8_t)op->kind);
	return e;
}

/* --- operands ------------------------------------------------------------- */

static bool is_cast(const struct policy_parser *p, const struct policy_token *t)
{
	return policy_is_text(p, t, "u32") || policy_is_text(p, t, "i32") ||
	       policy_is_text(p, t, "u64") || policy_is_text(p, t, "i64");
}

/* Let E wait for a value of operators that bind at least as tightly as LEAST. */
static void wait(struct policy_parser *p, enum policy_waiting kind,
                 enum level least, const struct policy_token *token,
                 struct rules_expr *e)
{
	struct policy_pending one = { kind, (uint8_t)least, token, e };

	array_push(p->arena, &p->pending, one);
}

/* Read args[N]; its bracket comes next. */
static struct rules_expr *parse_word(struct policy_parser *p,
                                     const struct policy_token *name)
{
	struct rules_expr *e = new_expr(p, EXPR_WORD, policy_span(p, name));
	const struct policy_token *open = p->token, *n;

	e->name = policy_text(p, name);
	e->len = name->end - name->start;
	policy_open_paren(p);
	n = policy_want(p, TOKEN_NUMBER, "the number of an argument, 0 to 5");
	if (!p->failed && n->value >= SYS_ARGS)
		policy_fail(p, policy_span(p, n),
		            "a system call has arguments args[0] to args[5]");
	e->number = n->value;
	policy_close_paren(p, TOKEN_RBRACKET, "']'", open);
	e->at.end = p->token[-1].end;
	return e;
}

static struct rules_expr *parse_name(struct policy_parser *p)
{
	const struct policy_token *t = policy_take(p);
	struct rules_expr *e;

	if (policy_next_is(p, TOKEN_LPAREN) && !policy_at_end(p))
		policy_fail(
			p, policy_span(p, t),
			E_UNKNOWN "unknown function '%.*s'; expected u32(), i32(), u64() "
				  "or i64()",
			policy_length(t), policy_text(p, t));
	if (policy_next_is(p, TOKEN_LBRACKET) && !policy_at_end(p)) {
		if (policy_is_text(p, t, "args"))
			return parse_word(p, t);
		policy_fail(p, policy_span(p, t),
		            "only 'args' can have an index: args[0] to args[5]");
	}
	e = new_expr(p, EXPR_NAME, policy_span(p, t));
	e->name = policy_text(p, t);
	e->len = t->end - t->start;
	return e;
}

/* Take the name and "(" of a cast if one comes next. */
static bool begins_cast(struct policy_parser *p)
{
	const struct policy_token *t = p->token, *open = t + 1;
	struct rules_expr *e;

	if (p->failed || !is_cast(p, t) || open->kind != TOKEN_LPAREN ||
	    (open->newline && !p->parens))
		return false;
	e = new_expr(p, EXPR_CAST, policy_span(p, policy_take(p)));
	e->name = policy_text(p, t);
	e->len = t->end - t->start;
	policy_open_paren(p);
	wait(p, WAIT_CAST, LEVEL_OR, open, e);
	return true;
}

/* Take an operator before a value, if one comes next. */
static bool begins_unary(struct policy_parser *p)
{
	const struct policy_token *t = p->token;
	enum rules_expr_kind kind;

	if (policy_next_is(p, TOKEN_LPAREN)) {
		policy_open_paren(p);
		wait(p, WAIT_PAREN, LEVEL_OR, t, NULL);
		return true;
	}
	if (policy_next_is(p, TOKEN_MINUS))
		kind = EXPR_MINUS;
	else if (policy_next_is(p, TOKEN_TILDE))
		kind = EXPR_INVERT;
	else if (policy_next_is(p, TOKEN_NOT) ||
	         (!p->failed && policy_is_text(p, t, "not")))
		kind = EXPR_NOT;
	else
		return begins_cast(p);
	policy_take(p);
	wait(p, WAIT_UNARY, kind == EXPR_NOT ? LEVEL_COMPARE : LEVEL_UNARY, t,
	     new_expr(p, kind, policy_span(p, t)));
	return true;
}

/* Read the next operand; put all operators before it on the stack. */
static struct rules_expr *parse_operand(struct policy_parser *p)
{
	const struct policy_token *t;
	struct rules_expr *e;

	while (begins_unary(p))
		;
	t = p->token;
	if (policy_next_is(p, TOKEN_NAME))
		return parse_name(p);
	if (policy_next_is(p, TOKEN_NUMBER)) {
		e = new_expr(p, EXPR_NUMBER, policy_span(p, policy_take(p)));
		e->number = t->value;
		return e;
	}
	if (policy_next_is(p, TOKEN_STRING))
		policy_fail(p, policy_span(p, t),
		            "a string cannot be compared: "
		            "a filter sees pointers, not what they point to");
	policy_expected(p, "a value");
	return new_expr(p, EXPR_NUMBER, policy_span(p, t));
}

/* --- operators ------------------------------------------------------------ */

/* Begin a comparison of LHS; OP has been taken. */
static void begin_comparison(struct policy_parser *p, struct rules_expr *lhs,
                             const struct policy_token *op)
{
	bool in = policy_is_text(p, op, "in");
	struct rules_expr *e =
		new_expr(p, in ? EXPR_IN : EXPR_COMPARE, lhs->at);
	const struct policy_token *open = p->token;

	if (is_comparison(lhs) && !lhs->paren)
		policy_fail(
			p, policy_span(p, op),
			E_SYNTAX "comparisons do not chain; join two of them with 'and'");
	add_kid(p, e, lhs);
	if (!in) {
		e->cmp = op->kind == TOKEN_NAME ? RULES_WITHIN
		                                : operators[op->kind].cmp;
		wait(p, WAIT_COMPARE, LEVEL_BITOR, op, e);
		return;
	}
	if (policy_next_is(p, TOKEN_LPAREN))
		policy_open_paren(p);
	else
		policy_expected(p, "'(' after 'in'");
	wait(p, WAIT_IN, LEVEL_BITOR, open, e);
}

/* Take an operator on VALUE if one comes next; its right side must follow. */
static bool begins_binary(struct policy_parser *p, struct rules_expr *value)
{
	enum level level = next_level(p);
	const struct policy_token *op = p->token;

	if (level == LEVEL_NONE || p->failed ||
	    level < (enum level)p->pending.v[p->pending.n - 1].least)
		return false;
	policy_take(p);
	if (level == LEVEL_COMPARE)
		begin_comparison(p, value, op);
	else
		wait(p, WAIT_RIGHT, level + 1, op, value);
	return true;
}

static struct rules_expr *finish_unary(struct policy_parser *p,
                                       const struct policy_pending *w,
                                       struct rules_expr *kid)
{
	struct rules_expr *e = w->e;

	e->bang = w->token->kind == TOKEN_NOT;
	add_kid(p, e, kid);
	if (e->bang && !kid->paren && kid->kind != EXPR_NOT)
		policy_fail(
			p, e->at,
			"'!' before '%.*s' needs parentheses around what it "
			"negates",
			(int)(kid->at.end - kid->at.start),
			p->src.text + kid->at.start);
	return e;
}

/* Add VALUE as the next end of a range of W; true if another must follow. */
static bool more_ranges(struct policy_parser *p, const struct policy_pending *w,
                        struct rules_expr *value)
{
	bool more;

	add_kid(p, w->e, value);
	more = w->e->kid.n % 2 == 0 && policy_next_is(p, TOKEN_DOTS);
	if (!more && w->e->kid.n % 2 == 0)
		add_kid(p, w->e, NULL);
	more |= w->e->kid.n % 2 == 1 && policy_next_is(p, TOKEN_COMMA);
	if (!more)
		return false;
	wait(p, w->kind, w->least, w->token, w->e);
	policy_take(p);
	return true;
}

/* Take the parenthesis that W waits for; it ends E. */
static struct rules_expr *close(struct policy_parser *p,
                                const struct policy_pending *w,
                                struct rules_expr *e, const char *what)
{
	policy_close_paren(p, TOKEN_RPAREN, what, w->token);
	e->at.end = p->token[-1].end;
	if (w->kind != WAIT_PAREN)
		return e;
	e->at.source = p->source;
	e->at.start = w->token->start;
	e->paren = true;
	return e;
}

/* Return what W makes of the value that it waited for. */
static struct rules_expr *finish(struct policy_parser *p,
                                 const struct policy_pending *w,
                                 struct rules_expr *value)
{
	switch (w->kind) {
	case WAIT_START:
		break;
	case WAIT_RIGHT:
		return join(p, w->e, w->token, w->least - 1, value);
	case WAIT_COMPARE:
		add_kid(p, w->e, value);
		return w->e;
	case WAIT_UNARY:
		return finish_unary(p, w, value);
	case WAIT_PAREN:
		return close(p, w, value, "')'");
	case WAIT_CAST:
		add_kid(p, w->e, value);
		return close(p, w, w->e, "')'");
	case WAIT_IN:
		return close(p, w, w->e, "',', '..' or ')'");
	}
	return value;
}

/* Read an expression of operators that bind at least as tightly as LEAST. */
static struct rules_expr *parse(struct policy_parser *p, enum level least)
{
	wait(p, WAIT_START, least, NULL, NULL);
	for (;;) {
		struct rules_expr *value = parse_operand(p);

		while (!begins_binary(p, value)) {
			struct policy_pending w =
				p->pending.v[--p->pending.n];

			if (w.kind == WAIT_START)
				return value;
			if (w.kind == WAIT_IN && more_ranges(p, &w, value))
				break;
			value = finish(p, &w, value);
		}
	}
}

/* Return the condition or value that begins on this line. */
struct rules_expr *policy_parse_expr(struct policy_parser *p, const char *what)
{
	if (policy_at_end(p)) {
		policy_expected(p, what);
		return NULL;
	}
	return parse(p, LEVEL_OR);
}

struct rules_expr *policy_parse_value(struct policy_parser *p)
{
	return parse(p, LEVEL_BITOR);
}

struct rules_expr *policy_parse_any(struct policy_parser *p)
{
	return parse(p, LEVEL_OR);
}
