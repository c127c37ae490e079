/* Values and conditions, by the precedence of their operators. */
#include <string.h>

#include "policy/policy.h"

static struct policy_expr *parse_binary(struct policy_parser *p,
                                        unsigned least);

static struct policy_expr *new_expr(struct policy_parser *p,
                                    enum policy_expr_kind kind, struct span at)
{
	struct policy_expr *e = arena_new(p->arena, struct policy_expr);

	e->kind = kind;
	e->at = at;
	return e;
}

static void add_kid(struct policy_parser *p, struct policy_expr *e,
                    struct policy_expr *kid)
{
	array_push(p->arena, &e->kid, kid);
	if (!kid)
		return;
	e->at = span_join(e->at, kid->at);
	if (e->height <= kid->height)
		e->height = kid->height + 1;
	/* A tree may also grow to the left: ((a * b + c) * b + c) ... */
	if (e->height > POLICY_DEPTH)
		policy_fail(p, e->at, "nested too deep");
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
};

static const struct {
	uint8_t level, cmp;
} operators[] = {
	[TOKEN_OROR] = {LEVEL_OR, 0},
	[TOKEN_ANDAND] = {LEVEL_AND, 0},
	[TOKEN_EQ] = {LEVEL_COMPARE, POLICY_EQ},
	[TOKEN_NE] = {LEVEL_COMPARE, POLICY_NE},
	[TOKEN_LT] = {LEVEL_COMPARE, POLICY_LT},
	[TOKEN_LE] = {LEVEL_COMPARE, POLICY_LE},
	[TOKEN_GT] = {LEVEL_COMPARE, POLICY_GT},
	[TOKEN_GE] = {LEVEL_COMPARE, POLICY_GE},
	[TOKEN_OR] = {LEVEL_BITOR, 0},
	[TOKEN_XOR] = {LEVEL_XOR, 0},
	[TOKEN_AND] = {LEVEL_BITAND, 0},
	[TOKEN_LSH] = {LEVEL_SHIFT, 0},
	[TOKEN_RSH] = {LEVEL_SHIFT, 0},
	[TOKEN_PLUS] = {LEVEL_SUM, 0},
	[TOKEN_MINUS] = {LEVEL_SUM, 0},
	[TOKEN_TIMES] = {LEVEL_PRODUCT, 0},
};

/* How the next token binds as a binary operator. */
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
		            "'=' does not compare; use '=='");
	return t->kind < ARRAY_LEN(operators) ? operators[t->kind].level
	                                      : LEVEL_NONE;
}

/* KID 0 in ( ranges ); the word `in` is taken. */
static struct policy_expr *parse_in(struct policy_parser *p,
                                    struct policy_expr *lhs)
{
	struct policy_expr *e = new_expr(p, EXPR_IN, lhs->at);
	const struct policy_token *open = p->token;

	add_kid(p, e, lhs);
	if (!policy_next_is(p, TOKEN_LPAREN)) {
		policy_expected(p, "'(' after 'in'");
		return e;
	}
	policy_open_paren(p);
	do {
		struct policy_expr *lo = parse_binary(p, LEVEL_BITOR),
				   *hi = NULL;

		if (policy_next_is(p, TOKEN_DOTS)) {
			policy_take(p);
			hi = parse_binary(p, LEVEL_BITOR);
		}
		add_kid(p, e, lo);
		add_kid(p, e, hi);
	} while (policy_next_is(p, TOKEN_COMMA) && policy_take(p));
	policy_close_paren(p, TOKEN_RPAREN, "',', '..' or ')'", open);
	e->at.end = p->token[-1].end;
	return e;
}

static bool is_comparison(const struct policy_expr *e)
{
	return e->kind == EXPR_COMPARE || e->kind == EXPR_IN;
}

static struct policy_expr *parse_comparison(struct policy_parser *p,
                                            struct policy_expr *lhs)
{
	const struct policy_token *op = policy_take(p);
	struct policy_expr *e;

	if (is_comparison(lhs) && !lhs->paren)
		policy_fail(
			p, policy_span(p, op),
			"comparisons do not chain; join two of them with 'and'");
	if (policy_is_text(p, op, "in"))
		return parse_in(p, lhs);
	e = new_expr(p, EXPR_COMPARE, lhs->at);
	e->cmp = op->kind == TOKEN_NAME ? POLICY_WITHIN
	                                : operators[op->kind].cmp;
	add_kid(p, e, lhs);
	add_kid(p, e, parse_binary(p, LEVEL_BITOR));
	return e;
}

/* A mix of `and` and `or` means one thing to one reader, another to the next.
 */
static void check_mix(struct policy_parser *p, const struct policy_token *op,
                      enum policy_expr_kind kind,
                      const struct policy_expr *side)
{
	enum policy_expr_kind other = kind == EXPR_AND ? EXPR_OR : EXPR_AND;

	if (side->kind == other && !side->paren)
		policy_fail(
			p, policy_span(p, op),
			"'and' mixed with 'or' needs parentheses to say which comes first");
}

/* LHS OP RHS, where a chain of the same level goes on in LHS. */
static struct policy_expr *join(struct policy_parser *p,
                                struct policy_expr *lhs,
                                const struct policy_token *op, enum level level,
                                struct policy_expr *rhs)
{
	enum policy_expr_kind kind = level == LEVEL_OR    ? EXPR_OR
	                             : level == LEVEL_AND ? EXPR_AND
	                                                  : EXPR_CHAIN;
	struct policy_expr *e = lhs;

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

/* An expression of operators that bind at least as tight as LEAST. */
static struct policy_expr *parse_unary(struct policy_parser *p);

/* One step into what is nested. */
static void go_deeper(struct policy_parser *p)
{
	if (p->depth == POLICY_DEPTH)
		policy_fail(p, policy_span(p, p->token), "nested too deep");
	p->depth++;
}

static struct policy_expr *parse_binary(struct policy_parser *p, unsigned least)
{
	struct policy_expr *lhs;

	go_deeper(p);
	lhs = parse_unary(p);
	for (;;) {
		enum level level = next_level(p);
		const struct policy_token *op = p->token;

		if (level == LEVEL_NONE || level < least || p->failed)
			break;
		if (level == LEVEL_COMPARE) {
			lhs = parse_comparison(p, lhs);
		} else {
			policy_take(p);
			lhs = join(p, lhs, op, level,
			           parse_binary(p, level + 1));
		}
	}
	p->depth--;
	return lhs;
}

static struct policy_expr *parse_prefix(struct policy_parser *p,
                                        enum policy_expr_kind kind)
{
	const struct policy_token *op = policy_take(p);
	struct policy_expr *e = new_expr(p, kind, policy_span(p, op)), *kid;

	e->bang = op->kind == TOKEN_NOT;
	kid = kind == EXPR_NOT ? parse_binary(p, LEVEL_COMPARE)
	                       : parse_unary(p);
	add_kid(p, e, kid);
	if (e->bang && !kid->paren && kid->kind != EXPR_NOT)
		policy_fail(
			p, e->at,
			"'!' before '%.*s' needs parentheses around what it denies",
			(int)(kid->at.end - kid->at.start),
			p->src.text + kid->at.start);
	return e;
}

static bool is_cast(const struct policy_parser *p, const struct policy_token *t)
{
	return policy_is_text(p, t, "u32") || policy_is_text(p, t, "i32") ||
	       policy_is_text(p, t, "u64") || policy_is_text(p, t, "i64");
}

/* args[N] or a cast, whose bracket or parenthesis is next. */
static struct policy_expr *parse_bracketed(struct policy_parser *p,
                                           const struct policy_token *name)
{
	const struct policy_token *open = p->token;
	bool cast = open->kind == TOKEN_LPAREN;
	struct policy_expr *e =
		new_expr(p, cast ? EXPR_CAST : EXPR_WORD, policy_span(p, name));

	e->name = policy_text(p, name);
	e->len = name->end - name->start;
	policy_open_paren(p);
	if (cast) {
		add_kid(p, e, parse_binary(p, LEVEL_OR));
	} else {
		const struct policy_token *n = policy_want(
			p, TOKEN_NUMBER, "the number of an argument, 0 to 5");

		if (!p->failed && n->value >= POLICY_ARGS)
			policy_fail(
				p, policy_span(p, n),
				"a system call has arguments args[0] to args[5]");
		e->number = n->value;
	}
	policy_close_paren(p, cast ? TOKEN_RPAREN : TOKEN_RBRACKET,
	                   cast ? "')'" : "']'", open);
	e->at.end = p->token[-1].end;
	return e;
}

static struct policy_expr *parse_name(struct policy_parser *p)
{
	const struct policy_token *t = policy_take(p);
	struct policy_expr *e;

	if (policy_next_is(p, TOKEN_LPAREN) && !policy_at_end(p)) {
		if (is_cast(p, t))
			return parse_bracketed(p, t);
		policy_fail(
			p, policy_span(p, t),
			"'%.*s' is no function; there are u32(), i32(), u64(), i64()",
			policy_length(t), policy_text(p, t));
	}
	if (policy_next_is(p, TOKEN_LBRACKET) && !policy_at_end(p)) {
		if (policy_is_text(p, t, "args"))
			return parse_bracketed(p, t);
		policy_fail(p, policy_span(p, t),
		            "only 'args' has an index: args[0] to args[5]");
	}
	e = new_expr(p, EXPR_NAME, policy_span(p, t));
	e->name = policy_text(p, t);
	e->len = t->end - t->start;
	return e;
}

static struct policy_expr *parse_primary(struct policy_parser *p)
{
	const struct policy_token *t = p->token;
	struct policy_expr *e;

	if (policy_next_is(p, TOKEN_NAME))
		return parse_name(p);
	if (policy_next_is(p, TOKEN_NUMBER)) {
		e = new_expr(p, EXPR_NUMBER, policy_span(p, policy_take(p)));
		e->number = t->value;
		return e;
	}
	if (policy_next_is(p, TOKEN_LPAREN)) {
		policy_open_paren(p);
		e = parse_binary(p, LEVEL_OR);
		policy_close_paren(p, TOKEN_RPAREN, "')'", t);
		e->paren = true;
		e->at = (struct span){p->source, t->start, p->token[-1].end};
		return e;
	}
	if (policy_next_is(p, TOKEN_STRING))
		policy_fail(p, policy_span(p, t),
		            "a string cannot be compared: "
		            "a filter sees pointers, not what they point to");
	policy_expected(p, "a value");
	return new_expr(p, EXPR_NUMBER, policy_span(p, t));
}

static struct policy_expr *parse_unary(struct policy_parser *p)
{
	struct policy_expr *e;

	go_deeper(p);
	if (policy_next_is(p, TOKEN_MINUS))
		e = parse_prefix(p, EXPR_MINUS);
	else if (policy_next_is(p, TOKEN_TILDE))
		e = parse_prefix(p, EXPR_INVERT);
	else if (policy_next_is(p, TOKEN_NOT) ||
	         (!p->failed && policy_is_text(p, p->token, "not")))
		e = parse_prefix(p, EXPR_NOT);
	else
		e = parse_primary(p);
	p->depth--;
	return e;
}

/* The condition or value that begins on this line. */
struct policy_expr *policy_parse_expr(struct policy_parser *p, const char *what)
{
	if (policy_at_end(p)) {
		policy_expected(p, what);
		return NULL;
	}
	return parse_binary(p, LEVEL_OR);
}

struct policy_expr *policy_parse_value(struct policy_parser *p)
{
	return parse_binary(p, LEVEL_BITOR);
}

struct policy_expr *policy_parse_any(struct policy_parser *p)
{
	return parse_binary(p, LEVEL_OR);
}
