/*
 * Tokens to syntax: statements in their order, with includes read, blocks
 * dissolved, and nothing resolved yet. After an error the rest of the statement
 * reads as its end, and parsing goes on with the next one.
 */
#include <string.h>

#include "policy/policy.h"

/* Texts that are being read, each included by the next. */
struct include {
	const char *name;
	const struct include *up;
};

struct parser {
	struct arena *arena;
	struct diags *diags;
	const struct policy_options *options;
	struct policy_syntax *out;
	struct source src;
	uint32_t source;
	const struct policy_token *first, *token; /* of the text; the next one */
	const struct include *include;
	unsigned includes;
	bool included;
	uint32_t abis;   /* of the `on` around */
	unsigned blocks; /* `on` blocks around */
	unsigned depth;  /* of expressions */
	unsigned parens; /* open ones: newlines do not count in them */
	bool failed;     /* an error in this statement was reported */
};

static void parse_statements(struct parser *p, const struct policy_token *open);

/* --- tokens --------------------------------------------------------------------- */

static struct span span_of(const struct parser *p, const struct policy_token *t)
{
	return (struct span){ p->source, t->start, t->end };
}

static const char *text_of(const struct parser *p, const struct policy_token *t)
{
	return p->src.text + t->start;
}

static int length_of(const struct policy_token *t)
{
	return (int)(t->end - t->start);
}

/* The statement ends before the next token. */
static bool at_end(const struct parser *p)
{
	const struct policy_token *t = p->token;

	return p->failed || t->kind == TOKEN_END ||
	       (!p->parens && (t->kind == TOKEN_SEMICOLON ||
	                       t->kind == TOKEN_RBRACE || t->newline));
}

static bool is_text(const struct parser *p, const struct policy_token *t,
                    const char *word)
{
	size_t len = t->end - t->start;

	return t->kind == TOKEN_NAME && strlen(word) == len &&
	       !memcmp(text_of(p, t), word, len);
}

static bool next_is(const struct parser *p, enum policy_token_kind kind)
{
	return !p->failed && p->token->kind == kind;
}

/* Where a message about what should come next points: not to the next line. */
static struct span here(const struct parser *p)
{
	uint32_t end;

	if (!p->token->newline || p->parens || p->token == p->first)
		return span_of(p, p->token);
	end = p->token[-1].end;
	return (struct span){ p->source, end, end };
}

#define fail(p, at, ...)                                                       \
	do {                                                                   \
		if (!(p)->failed)                                              \
			diag_error((p)->diags, at, __VA_ARGS__);               \
		(p)->failed = true;                                            \
	} while (0)

static void fail_bad(struct parser *p, const struct policy_token *t)
{
	int len = length_of(t);
	const char *text = text_of(p, t);

	switch ((enum policy_bad)t->value) {
	case BAD_BYTE:
		if (len == 1 && (*text < 0x20 || *text > 0x7e))
			fail(p, span_of(p, t), "unexpected byte 0x%02x",
			     (unsigned char)*text);
		else
			fail(p, span_of(p, t), "unexpected '%.*s'", len, text);
		break;
	case BAD_NUMBER:
		fail(p, span_of(p, t), "'%.*s' is not a number", len, text);
		break;
	case BAD_RANGE:
		fail(p, span_of(p, t), "'%.*s' does not fit 64 bits", len, text);
		break;
	case BAD_STRING:
		fail(p, span_of(p, t), "the string has no closing quote");
		break;
	}
}

/* Complains that WHAT does not come next. */
static void expected(struct parser *p, const char *what)
{
	const struct policy_token *t = p->token;

	if (p->failed)
		return;
	if (t->kind == TOKEN_BAD && !at_end(p))
		fail_bad(p, t);
	else if (at_end(p) && t->kind != TOKEN_SEMICOLON && t->kind != TOKEN_RBRACE)
		fail(p, here(p), "expected %s before the end of the line", what);
	else
		fail(p, here(p), "expected %s, not '%.*s'", what, length_of(t),
		     text_of(p, t));
}

/* Takes the next token, which is there. */
static const struct policy_token *take(struct parser *p)
{
	return p->token++;
}

/* Takes the next token if it is KIND, else complains that WHAT was expected. */
static const struct policy_token *want(struct parser *p, enum policy_token_kind kind,
                                       const char *what)
{
	/* Only what stands on the same line, unless parentheses are open. */
	if (next_is(p, kind) && (p->parens || !p->token->newline))
		return take(p);
	expected(p, what);
	return p->token;
}

static void open_paren(struct parser *p)
{
	take(p);
	p->parens++;
}

/* Takes the parenthesis or bracket KIND that closes OPEN; else WHAT was expected. */
static void close_paren(struct parser *p, enum policy_token_kind kind, const char *what,
                        const struct policy_token *open)
{
	if (next_is(p, kind)) {
		take(p);
	} else if (!p->failed) {
		expected(p, what);
		diag_note(p->diags, span_of(p, open), "to match this '%.1s'",
		          text_of(p, open));
	}
	if (p->parens)
		p->parens--;
}

/* Skips the block that begins at the next token. */
static void skip_block(struct parser *p)
{
	unsigned open = 0;

	do {
		open += p->token->kind == TOKEN_LBRACE;
		open -= p->token->kind == TOKEN_RBRACE;
		p->token++;
	} while (open && p->token->kind != TOKEN_END);
}

/* After an error in a statement that began at START: to where the next may begin. */
static void recover(struct parser *p, const struct policy_token *start)
{
	if (!p->failed)
		return;
	p->failed = false;
	p->parens = 0;
	p->depth = 0;
	if (p->token == start && start->kind != TOKEN_END &&
	    start->kind != TOKEN_RBRACE)
		p->token++;
	while (!at_end(p)) {
		if (p->token->kind == TOKEN_LBRACE)
			skip_block(p);
		else
			p->token++;
	}
}

/* --- expressions ------------------------------------------------------------------ */

static struct policy_expr *parse_binary(struct parser *p, unsigned least);

static struct policy_expr *new_expr(struct parser *p, enum policy_expr_kind kind,
                                    struct span at)
{
	struct policy_expr *e = arena_new(p->arena, struct policy_expr);

	e->kind = kind;
	e->at = at;
	return e;
}

static void add_kid(struct parser *p, struct policy_expr *e, struct policy_expr *kid)
{
	array_push(p->arena, &e->kid, kid);
	if (!kid)
		return;
	e->at = span_join(e->at, kid->at);
	if (e->height <= kid->height)
		e->height = kid->height + 1;
	/* A tree may also grow to the left: ((a * b + c << d) * b + c << d) ... */
	if (e->height > POLICY_DEPTH)
		fail(p, e->at, "nested more than %d deep", POLICY_DEPTH);
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
	[TOKEN_OROR] = { LEVEL_OR, 0 },
	[TOKEN_ANDAND] = { LEVEL_AND, 0 },
	[TOKEN_EQ] = { LEVEL_COMPARE, POLICY_EQ },
	[TOKEN_NE] = { LEVEL_COMPARE, POLICY_NE },
	[TOKEN_LT] = { LEVEL_COMPARE, POLICY_LT },
	[TOKEN_LE] = { LEVEL_COMPARE, POLICY_LE },
	[TOKEN_GT] = { LEVEL_COMPARE, POLICY_GT },
	[TOKEN_GE] = { LEVEL_COMPARE, POLICY_GE },
	[TOKEN_OR] = { LEVEL_BITOR, 0 },
	[TOKEN_XOR] = { LEVEL_XOR, 0 },
	[TOKEN_AND] = { LEVEL_BITAND, 0 },
	[TOKEN_LSH] = { LEVEL_SHIFT, 0 },
	[TOKEN_RSH] = { LEVEL_SHIFT, 0 },
	[TOKEN_PLUS] = { LEVEL_SUM, 0 },
	[TOKEN_MINUS] = { LEVEL_SUM, 0 },
	[TOKEN_TIMES] = { LEVEL_PRODUCT, 0 },
};

/* How the next token binds as a binary operator. */
static enum level next_level(struct parser *p)
{
	const struct policy_token *t = p->token;

	if (at_end(p))
		return LEVEL_NONE;
	if (is_text(p, t, "or"))
		return LEVEL_OR;
	if (is_text(p, t, "and"))
		return LEVEL_AND;
	if (is_text(p, t, "in") || is_text(p, t, "within"))
		return LEVEL_COMPARE;
	if (t->kind == TOKEN_ASSIGN)
		fail(p, span_of(p, t), "'=' does not compare; use '=='");
	return t->kind < ARRAY_LEN(operators) ? operators[t->kind].level : LEVEL_NONE;
}

/* KID 0 in ( ranges ); the word `in` is taken. */
static struct policy_expr *parse_in(struct parser *p, struct policy_expr *lhs)
{
	struct policy_expr *e = new_expr(p, EXPR_IN, lhs->at);
	const struct policy_token *open = p->token;

	add_kid(p, e, lhs);
	if (!next_is(p, TOKEN_LPAREN)) {
		expected(p, "'(' after 'in'");
		return e;
	}
	open_paren(p);
	do {
		struct policy_expr *lo = parse_binary(p, LEVEL_BITOR), *hi = NULL;

		if (next_is(p, TOKEN_DOTS)) {
			take(p);
			hi = parse_binary(p, LEVEL_BITOR);
		}
		add_kid(p, e, lo);
		add_kid(p, e, hi);
	} while (next_is(p, TOKEN_COMMA) && take(p));
	close_paren(p, TOKEN_RPAREN, "',', '..' or ')'", open);
	e->at.end = p->token[-1].end;
	return e;
}

static bool is_comparison(const struct policy_expr *e)
{
	return e->kind == EXPR_COMPARE || e->kind == EXPR_IN;
}

static struct policy_expr *parse_comparison(struct parser *p, struct policy_expr *lhs)
{
	const struct policy_token *op = take(p);
	struct policy_expr *e;

	if (is_comparison(lhs) && !lhs->paren)
		fail(p, span_of(p, op),
		     "comparisons do not chain; join two of them with 'and'");
	if (is_text(p, op, "in"))
		return parse_in(p, lhs);
	e = new_expr(p, EXPR_COMPARE, lhs->at);
	e->cmp = op->kind == TOKEN_NAME ? POLICY_WITHIN : operators[op->kind].cmp;
	add_kid(p, e, lhs);
	add_kid(p, e, parse_binary(p, LEVEL_BITOR));
	return e;
}

/* A mix of `and` and `or` means one thing to one reader, another to the next. */
static void check_mix(struct parser *p, const struct policy_token *op,
                      enum policy_expr_kind kind, const struct policy_expr *side)
{
	enum policy_expr_kind other = kind == EXPR_AND ? EXPR_OR : EXPR_AND;

	if (side->kind == other && !side->paren)
		fail(p, span_of(p, op),
		     "'and' mixed with 'or' needs parentheses to say which comes first");
}

/* LHS OP RHS, where a chain of the same level goes on in LHS. */
static struct policy_expr *join(struct parser *p, struct policy_expr *lhs,
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
static struct policy_expr *parse_unary(struct parser *p);

/* One step into what is nested. */
static void go_deeper(struct parser *p)
{
	if (p->depth == POLICY_DEPTH)
		fail(p, span_of(p, p->token), "nested more than %d deep", POLICY_DEPTH);
	p->depth++;
}

static struct policy_expr *parse_binary(struct parser *p, unsigned least)
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
			take(p);
			lhs = join(p, lhs, op, level, parse_binary(p, level + 1));
		}
	}
	p->depth--;
	return lhs;
}

static struct policy_expr *parse_prefix(struct parser *p, enum policy_expr_kind kind)
{
	const struct policy_token *op = take(p);
	struct policy_expr *e = new_expr(p, kind, span_of(p, op)), *kid;

	e->bang = op->kind == TOKEN_NOT;
	kid = kind == EXPR_NOT ? parse_binary(p, LEVEL_COMPARE) : parse_unary(p);
	add_kid(p, e, kid);
	if (e->bang && !kid->paren && kid->kind != EXPR_NOT)
		fail(p, e->at,
		     "'!' before '%.*s' needs parentheses around what it denies",
		     (int)(kid->at.end - kid->at.start), p->src.text + kid->at.start);
	return e;
}

static bool is_cast(const struct parser *p, const struct policy_token *t)
{
	return is_text(p, t, "u32") || is_text(p, t, "i32") ||
	       is_text(p, t, "u64") || is_text(p, t, "i64");
}

/* args[N] or a cast, whose bracket or parenthesis is next. */
static struct policy_expr *parse_bracketed(struct parser *p,
                                           const struct policy_token *name)
{
	const struct policy_token *open = p->token;
	bool cast = open->kind == TOKEN_LPAREN;
	struct policy_expr *e = new_expr(p, cast ? EXPR_CAST : EXPR_WORD,
	                                 span_of(p, name));

	e->name = text_of(p, name);
	e->len = name->end - name->start;
	open_paren(p);
	if (cast) {
		add_kid(p, e, parse_binary(p, LEVEL_OR));
	} else {
		const struct policy_token *n = want(p, TOKEN_NUMBER,
		                                    "the number of an argument, 0 to 5");

		if (!p->failed && n->value >= POLICY_ARGS)
			fail(p, span_of(p, n),
			     "a system call has arguments args[0] to args[5]");
		e->number = n->value;
	}
	close_paren(p, cast ? TOKEN_RPAREN : TOKEN_RBRACKET, cast ? "')'" : "']'", open);
	e->at.end = p->token[-1].end;
	return e;
}

static struct policy_expr *parse_name(struct parser *p)
{
	const struct policy_token *t = take(p);
	struct policy_expr *e;

	if (next_is(p, TOKEN_LPAREN) && !at_end(p)) {
		if (is_cast(p, t))
			return parse_bracketed(p, t);
		fail(p, span_of(p, t),
		     "'%.*s' is no function; there are u32(), i32(), u64(), i64()",
		     length_of(t), text_of(p, t));
	}
	if (next_is(p, TOKEN_LBRACKET) && !at_end(p)) {
		if (is_text(p, t, "args"))
			return parse_bracketed(p, t);
		fail(p, span_of(p, t), "only 'args' has an index: args[0] to args[5]");
	}
	e = new_expr(p, EXPR_NAME, span_of(p, t));
	e->name = text_of(p, t);
	e->len = t->end - t->start;
	return e;
}

static struct policy_expr *parse_primary(struct parser *p)
{
	const struct policy_token *t = p->token;
	struct policy_expr *e;

	if (next_is(p, TOKEN_NAME))
		return parse_name(p);
	if (next_is(p, TOKEN_NUMBER)) {
		e = new_expr(p, EXPR_NUMBER, span_of(p, take(p)));
		e->number = t->value;
		return e;
	}
	if (next_is(p, TOKEN_LPAREN)) {
		open_paren(p);
		e = parse_binary(p, LEVEL_OR);
		close_paren(p, TOKEN_RPAREN, "')'", t);
		e->paren = true;
		e->at = (struct span){ p->source, t->start, p->token[-1].end };
		return e;
	}
	if (next_is(p, TOKEN_STRING))
		fail(p, span_of(p, t), "a string cannot be compared: "
		                       "a filter sees pointers, not what they point to");
	expected(p, "a value");
	return new_expr(p, EXPR_NUMBER, span_of(p, t));
}

static struct policy_expr *parse_unary(struct parser *p)
{
	struct policy_expr *e;

	go_deeper(p);
	if (next_is(p, TOKEN_MINUS))
		e = parse_prefix(p, EXPR_MINUS);
	else if (next_is(p, TOKEN_TILDE))
		e = parse_prefix(p, EXPR_INVERT);
	else if (next_is(p, TOKEN_NOT) || (!p->failed && is_text(p, p->token, "not")))
		e = parse_prefix(p, EXPR_NOT);
	else
		e = parse_primary(p);
	p->depth--;
	return e;
}

/* The condition or value that begins on this line. */
static struct policy_expr *parse_expr(struct parser *p, const char *what)
{
	if (at_end(p)) {
		expected(p, what);
		return NULL;
	}
	return parse_binary(p, LEVEL_OR);
}

/* --- words ------------------------------------------------------------------------ */

static const struct {
	const char *word;
	enum policy_verb verb;
} verbs[] = {
	{ "allow", POLICY_ALLOW },   { "log", POLICY_LOG },
	{ "kill", POLICY_KILL },     { "kill_thread", POLICY_KILL_THREAD },
	{ "notify", POLICY_NOTIFY }, { "errno", POLICY_ERRNO },
	{ "trap", POLICY_TRAP },     { "trace", POLICY_TRACE },
};

static const char *const words[] = {
	"default", "foreign", "kernel", "abi", "include", "group", "let", "on",
};

/* The row of verbs for token T; -1 if it is none. */
static int verb_of(const struct parser *p, const struct policy_token *t)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (is_text(p, t, verbs[i].word))
			return (int)i;
	return -1;
}

static bool begins_statement(const struct parser *p, const struct policy_token *t)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (is_text(p, t, words[i]))
			return true;
	return verb_of(p, t) >= 0;
}

static bool known_call(const struct parser *p, const struct policy_token *t)
{
	struct policy_call call;

	for (unsigned i = 0; i < POLICY_NABIS; i++)
		if (policy_call_by_name(&policy_abis[i], text_of(p, t),
		                        t->end - t->start, &call))
			return true;
	return false;
}

static bool known_errno(const char *name, uint32_t len)
{
	for (unsigned i = 0; i < POLICY_NABIS; i++)
		if (policy_errno(&policy_abis[i], name, len))
			return true;
	return false;
}

/* --- actions ---------------------------------------------------------------------- */

static void parse_number(struct parser *p, struct policy_written *w, uint64_t least,
                         uint64_t most)
{
	const struct policy_token *t = take(p);

	w->data = t->value;
	w->data_at = span_of(p, t);
	if (t->value < least || t->value > most)
		fail(p, w->data_at, "'%.*s' is not in %u..%u", length_of(t),
		     text_of(p, t), (unsigned)least, (unsigned)most);
}

static void parse_errno(struct parser *p, struct policy_written *w)
{
	const struct policy_token *t = p->token;

	if (next_is(p, TOKEN_NUMBER) && !at_end(p)) {
		parse_number(p, w, 0, 4095);
		if (!p->failed && !w->data)
			diag_warning(p->diags, w->data_at,
			             "errno 0 makes the call look successful "
			             "though nothing was done");
	} else if (next_is(p, TOKEN_NAME) && !at_end(p)) {
		w->name = text_of(p, t);
		w->len = t->end - t->start;
		w->data_at = span_of(p, t);
		if (known_call(p, t) && !known_errno(w->name, w->len))
			fail(p, w->data_at, "'%.*s' is a system call; 'errno' needs an "
			                    "error before it: 'errno EPERM %.*s'",
			     length_of(t), w->name, length_of(t), w->name);
		take(p);
	} else {
		expected(p, "an error (EPERM, ENOSYS, 1..4095) after 'errno'");
	}
}

/* What comes next should be an action, and is none. */
static void no_action(struct parser *p)
{
	const struct policy_token *t = p->token;
	struct suggest s;

	if (!at_end(p) && t->kind == TOKEN_NAME) {
		suggest_start(&s, text_of(p, t), t->end - t->start);
		for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
			suggest_offer(&s, verbs[i].word);
		if (suggest_best(&s))
			fail(p, span_of(p, t), "'%.*s' is no action; did you mean '%s'?",
			     length_of(t), text_of(p, t), suggest_best(&s));
	}
	expected(p, "an action (allow, errno, kill, ...)");
}

/* The action of row ROW of verbs, whose word was taken. */
static struct policy_written parse_action(struct parser *p, int row)
{
	struct policy_written w = { .verb = verbs[row].verb,
		                    .at = span_of(p, &p->token[-1]) };
	bool number = next_is(p, TOKEN_NUMBER) && !at_end(p);

	if (w.verb == POLICY_ERRNO)
		parse_errno(p, &w);
	else if (w.verb == POLICY_TRACE && !number)
		expected(p, "a number (0..65535) after 'trace'");
	else if (w.verb == POLICY_TRACE || (w.verb == POLICY_TRAP && number))
		parse_number(p, &w, 0, 65535);
	w.at.end = p->token[-1].end;
	return w;
}

/* --- items ------------------------------------------------------------------------ */

static bool is_wildcard(const struct parser *p)
{
	return is_text(p, p->token, "_") && (p->token[1].kind == TOKEN_COMMA ||
	                                     p->token[1].kind == TOKEN_RPAREN);
}

static void parse_patterns(struct parser *p, struct policy_item *item)
{
	const struct policy_token *open = p->token;

	item->patterns = true;
	open_paren(p);
	if (next_is(p, TOKEN_RPAREN)) {
		close_paren(p, TOKEN_RPAREN, "')'", open);
		return;
	}
	do {
		struct policy_expr *e = NULL;

		if (!p->failed && is_wildcard(p))
			take(p);
		else
			e = parse_binary(p, LEVEL_OR);
		array_push(p->arena, &item->pattern, e);
	} while (next_is(p, TOKEN_COMMA) && take(p));
	close_paren(p, TOKEN_RPAREN, "',' or ')'", open);
}

/*
 * The list went on after a comma at the end of a line; but what is next begins
 * a statement, or it is a call that a list goes on after without a comma.
 */
static bool stray_comma(struct parser *p, const struct policy_token *comma)
{
	const struct policy_token *t = p->token;

	if (!comma || !t->newline || !begins_statement(p, t))
		return false;
	if (!known_call(p, t))
		fail(p, span_of(p, t), "'%.*s' begins a statement; stray comma?",
		     length_of(t), text_of(p, t));
	else if (!t[1].newline && (t[1].kind == TOKEN_NAME || t[1].kind == TOKEN_GROUP ||
	                           t[1].kind == TOKEN_LBRACE) &&
	         !is_text(p, &t[1], "if"))
		fail(p, span_of(p, t),
		     "'%.*s' here is the system call; stray comma?",
		     length_of(t), text_of(p, t));
	else
		return false;
	diag_note(p->diags, span_of(p, comma), "the list goes on after this comma");
	return true;
}

static struct policy_item parse_item(struct parser *p)
{
	const struct policy_token *t = p->token, *open;
	struct policy_item item = { .at = span_of(p, t) };

	take(p);
	item.name = text_of(p, t) + (t->kind == TOKEN_GROUP);
	item.len = t->end - t->start - (t->kind == TOKEN_GROUP);
	if (t->kind == TOKEN_GROUP) {
		item.kind = ITEM_GROUP;
		return item;
	}
	open = p->token;
	if (at_end(p) || open->kind != TOKEN_LPAREN)
		return item;
	if (is_text(p, t, "nr")) {
		item.kind = ITEM_NR;
		open_paren(p);
		item.nr = parse_binary(p, LEVEL_BITOR);
		close_paren(p, TOKEN_RPAREN, "')'", open);
	} else {
		parse_patterns(p, &item);
	}
	item.at.end = p->token[-1].end;
	return item;
}

static void no_item(struct parser *p, bool after)
{
	const struct policy_token *last = p->token - 1;

	if (after && p->token->newline)
		fail(p, span_of(p, last), "expected a system call or @group after '%.*s'",
		     length_of(last), text_of(p, last));
	expected(p, "a system call or @group");
}

/* item { ("," | "-") item }; the first one is on this line, or ANYWHERE. */
static void parse_items(struct parser *p, struct policy_statement *s, bool anywhere)
{
	const struct policy_token *comma = NULL;
	bool minus = false;

	for (;;) {
		struct policy_item item;

		/* After a comma or a minus the list may go on in the next line. */
		if (stray_comma(p, comma))
			return;
		if ((!comma && !minus && !anywhere && at_end(p)) ||
		    !(next_is(p, TOKEN_NAME) || next_is(p, TOKEN_GROUP))) {
			no_item(p, comma || minus);
			return;
		}
		item = parse_item(p);
		item.minus = minus;
		array_push(p->arena, &s->item, item);
		if (at_end(p))
			return;
		comma = p->token->kind == TOKEN_COMMA ? p->token : NULL;
		minus = p->token->kind == TOKEN_MINUS;
		anywhere = false;
		if (!comma && !minus)
			return;
		take(p);
	}
}

/* --- statements ------------------------------------------------------------------- */

static struct policy_statement *new_statement(struct parser *p,
                                              enum policy_statement_kind kind,
                                              struct span at)
{
	struct policy_statement *s = arena_new(p->arena, struct policy_statement);

	s->kind = kind;
	s->included = p->included;
	s->abis = p->abis;
	s->at = at;
	return s;
}

/* S is complete, or broken but to be known of. */
static void add_statement(struct parser *p, struct policy_statement *s)
{
	s->broken = p->failed;
	s->at.end = p->token[-1].end;
	if (!p->failed || s->kind == STATEMENT_GROUP || s->kind == STATEMENT_LET)
		array_push(p->arena, &p->out->statement, s);
}

/* What may stand once only cannot depend on an ABI. */
static void not_in_block(struct parser *p, const struct policy_token *word)
{
	if (p->blocks)
		fail(p, span_of(p, word), "'%.*s' cannot stand in an 'on' block",
		     length_of(word), text_of(p, word));
}

static void parse_default(struct parser *p, const struct policy_token *word)
{
	struct policy_statement *s = new_statement(p,
	                                           is_text(p, word, "default")
	                                                   ? STATEMENT_DEFAULT
	                                                   : STATEMENT_FOREIGN,
	                                           span_of(p, word));

	int row = at_end(p) ? -1 : verb_of(p, p->token);

	not_in_block(p, word);
	if (row < 0) {
		no_action(p);
		return;
	}
	take(p);
	s->action = parse_action(p, row);
	add_statement(p, s);
}

static uint32_t parse_version_part(struct parser *p, uint32_t most)
{
	const struct policy_token *t = want(p, TOKEN_NUMBER,
	                                    "a version of Linux such as 5.15");

	if (!p->failed && t->value > most)
		fail(p, span_of(p, t), "'%.*s' is no part of a version of Linux",
		     length_of(t), text_of(p, t));
	return (uint32_t)t->value;
}

/* kernel X.Y; the lexer has it as number, dot, number (010 would be octal). */
static void parse_kernel(struct parser *p, const struct policy_token *word)
{
	struct policy_statement *s = new_statement(p, STATEMENT_KERNEL, span_of(p, word));
	uint32_t x, y;

	not_in_block(p, word);
	x = parse_version_part(p, 999);
	want(p, TOKEN_DOT, "a version of Linux such as 5.15");
	y = parse_version_part(p, 999);
	s->kernel = POLICY_KERNEL(x, y);
	add_statement(p, s);
}

/* NAME { "," NAME }, as a mask of 1 << enum policy_abi_id. */
static uint32_t parse_abis(struct parser *p)
{
	uint32_t mask = 0;
	const struct policy_token *comma = NULL;

	do {
		const struct policy_token *t = p->token;
		const struct policy_abi *abi;
		struct suggest s;

		if (!next_is(p, TOKEN_NAME) || (!comma && at_end(p))) {
			expected(p, "the name of an ABI (x86_64, i386, ...)");
			return mask;
		}
		take(p);
		abi = policy_abi(text_of(p, t), t->end - t->start);
		if (abi) {
			mask |= 1u << abi->id;
		} else {
			suggest_start(&s, text_of(p, t), t->end - t->start);
			for (unsigned i = 0; i < POLICY_NABIS; i++)
				suggest_offer(&s, policy_abis[i].name);
			if (suggest_best(&s))
				fail(p, span_of(p, t),
				     "'%.*s' is no ABI; did you mean '%s'?",
				     length_of(t), text_of(p, t), suggest_best(&s));
			fail(p, span_of(p, t), "'%.*s' is no ABI that is known here",
			     length_of(t), text_of(p, t));
		}
		comma = p->token;
	} while (!at_end(p) && next_is(p, TOKEN_COMMA) && take(p));
	return mask;
}

static void parse_abi(struct parser *p, const struct policy_token *word)
{
	struct policy_statement *s = new_statement(p, STATEMENT_ABI, span_of(p, word));

	not_in_block(p, word);
	s->abis = parse_abis(p);
	add_statement(p, s);
}

static void parse_group(struct parser *p, const struct policy_token *word)
{
	struct policy_statement *s = new_statement(p, STATEMENT_GROUP, span_of(p, word));
	const struct policy_token *name;

	if (next_is(p, TOKEN_NAME) && !at_end(p))
		fail(p, here(p), "the name of a group begins with '@': @%.*s",
		     length_of(p->token), text_of(p, p->token));
	name = want(p, TOKEN_GROUP, "the name of a group, such as @mine");
	if (p->failed)
		return;
	s->name = text_of(p, name) + 1;
	s->len = name->end - name->start - 1;
	s->name_at = span_of(p, name);
	want(p, TOKEN_ASSIGN, "'='");
	if (!p->failed)
		parse_items(p, s, false);
	add_statement(p, s);
}

static void parse_let(struct parser *p, const struct policy_token *word)
{
	struct policy_statement *s = new_statement(p, STATEMENT_LET, span_of(p, word));
	const struct policy_token *name = want(p, TOKEN_NAME, "a name for the value");

	if (p->failed)
		return;
	s->name = text_of(p, name);
	s->len = name->end - name->start;
	s->name_at = span_of(p, name);
	want(p, TOKEN_ASSIGN, "'='");
	s->expr = parse_expr(p, "a value");
	add_statement(p, s);
}

/* items [ "if" cond ], for one action. */
static void parse_rule(struct parser *p, struct policy_written action, struct span at,
                       bool anywhere)
{
	struct policy_statement *s = new_statement(p, STATEMENT_RULE, at);

	s->action = action;
	parse_items(p, s, anywhere);
	if (!at_end(p) && is_text(p, p->token, "if")) {
		take(p);
		s->expr = parse_expr(p, "a condition after 'if'");
	}
	if (!at_end(p))
		expected(p, s->expr ? "'and', 'or' or the end of the line"
		                    : "',', 'if' or the end of the line");
	add_statement(p, s);
}

/* Complains of a block that the text ends in. */
static void unclosed(struct parser *p, const struct policy_token *open)
{
	fail(p, span_of(p, open), "the text ends before the '}' to match this");
}

static void parse_action_block(struct parser *p, struct policy_written action)
{
	const struct policy_token *open = take(p), *start;

	for (;;) {
		while (next_is(p, TOKEN_SEMICOLON))
			take(p);
		if (p->token->kind == TOKEN_RBRACE) {
			take(p);
			return;
		}
		if (p->token->kind == TOKEN_END) {
			unclosed(p, open);
			return;
		}
		start = p->token;
		if (verb_of(p, start) >= 0 && !known_call(p, start))
			fail(p, span_of(p, start),
			     "the action stands before the block; "
			     "in it '%.*s' is no system call",
			     length_of(start), text_of(p, start));
		parse_rule(p, action, span_of(p, start), true);
		recover(p, start);
	}
}

static void parse_action_rule(struct parser *p, const struct policy_token *word)
{
	struct policy_written action = parse_action(p, verb_of(p, word));

	if (next_is(p, TOKEN_LBRACE) && !p->token->newline)
		parse_action_block(p, action);
	else
		parse_rule(p, action, span_of(p, word), false);
}

static void parse_on(struct parser *p, const struct policy_token *word)
{
	uint32_t outer = p->abis;
	const struct policy_token *open;

	p->abis &= parse_abis(p);
	open = p->token;
	if (!next_is(p, TOKEN_LBRACE)) {
		expected(p, "'{'");
	} else if (p->blocks == POLICY_INCLUDES) {
		fail(p, span_of(p, word), "'on' blocks nested more than %d deep",
		     POLICY_INCLUDES);
	} else {
		take(p);
		p->blocks++;
		parse_statements(p, open);
		p->blocks--;
	}
	p->abis = outer;
}

/* --- includes ----------------------------------------------------------------------- */

/*
 * What NAME means in the text FROM: a path is relative to the directory of that
 * text, a name without '/' and '.' is an installed policy's.
 */
static const char *include_path(struct arena *arena, const char *name, const char *from)
{
	const char *slash = strrchr(from, '/');
	struct buf path = { .arena = arena };

	if (!slash || name[0] == '/' || !strpbrk(name, "/."))
		return name;
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	buf_write(&path, from, (size_t)(slash - from) + 1);
	buf_puts(&path, name);
	return buf_str(&path);
}

static bool is_open(const struct parser *p, const char *path)
{
	if (!strcmp(p->src.name, path))
		return true;
	for (const struct include *i = p->include; i; i = i->up)
		if (!strcmp(i->name, path))
			return true;
	return false;
}

static void parse_text(struct parser *p, uint32_t source);

static void parse_include(struct parser *p, const struct policy_token *word)
{
	const struct policy_token *t = want(p, TOKEN_STRING,
	                                    "the name of a policy in quotes");
	const char *name, *text;
	struct parser inner;
	struct include include;
	size_t len;
	int err;

	if (p->failed)
		return;
	name = policy_unquote(p->arena, text_of(p, t), t->end - t->start);
	if (!name) {
		fail(p, span_of(p, t), "an escape in the string means nothing");
		return;
	}
	name = include_path(p->arena, name, p->src.name);
	if (is_open(p, name)) {
		fail(p, span_of(p, t), "'%s' includes itself", name);
		return;
	}
	if (p->includes == POLICY_INCLUDES) {
		fail(p, span_of(p, t), "includes nested more than %d deep",
		     POLICY_INCLUDES);
		return;
	}
	if (!p->options->open_file) {
		fail(p, span_of(p, t), "'%s' cannot be included: no files are read here",
		     name);
		return;
	}
	err = p->options->open_file(p->options->open_ctx, name, p->src.name, &text, &len);
	if (err) {
		fail(p, span_of(p, t), "'%s' cannot be read: %s", name, strerror(-err));
		return;
	}
	if (len > UINT32_MAX - 1) {
		fail(p, span_of(p, t), "'%s' is too long", name);
		return;
	}
	include = (struct include){ p->src.name, p->include };
	inner = *p;
	inner.include = &include;
	inner.includes++;
	inner.included = true;
	parse_text(&inner, diag_source(p->diags, name, text, len));
}

/* --- the whole ------------------------------------------------------------------------ */

static void unknown_statement(struct parser *p, const struct policy_token *t)
{
	struct suggest s;

	if (t->kind == TOKEN_BAD) {
		fail_bad(p, t);
		return;
	}
	if (is_text(p, t, "and") || is_text(p, t, "or") || is_text(p, t, "if")) {
		fail(p, span_of(p, t),
		     "a newline has ended the rule before '%.*s'; "
		     "put it at the end of the line above",
		     length_of(t), text_of(p, t));
		return;
	}
	if (t->kind != TOKEN_NAME) {
		fail(p, span_of(p, t), "expected a statement (allow, errno, group, ...), "
		     "not '%.*s'", length_of(t), text_of(p, t));
		return;
	}
	if (known_call(p, t)) {
		fail(p, span_of(p, t), "'%.*s' is a system call; "
		     "a rule begins with an action (allow, errno, kill, ...)",
		     length_of(t), text_of(p, t));
		return;
	}
	suggest_start(&s, text_of(p, t), t->end - t->start);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		suggest_offer(&s, words[i]);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		suggest_offer(&s, verbs[i].word);
	if (suggest_best(&s))
		fail(p, span_of(p, t), "'%.*s' begins no statement; did you mean '%s'?",
		     length_of(t), text_of(p, t), suggest_best(&s));
	fail(p, span_of(p, t), "'%.*s' begins no statement", length_of(t), text_of(p, t));
}

static const struct {
	const char *word;
	void (*parse)(struct parser *p, const struct policy_token *word);
} statements[] = {
	{ "default", parse_default }, { "foreign", parse_default },
	{ "kernel", parse_kernel },   { "abi", parse_abi },
	{ "include", parse_include }, { "group", parse_group },
	{ "let", parse_let },         { "on", parse_on },
};

static void parse_statement(struct parser *p)
{
	const struct policy_token *t = take(p);

	if (verb_of(p, t) >= 0) {
		parse_action_rule(p, t);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (is_text(p, t, statements[i].word)) {
			statements[i].parse(p, t);
			return;
		}
	unknown_statement(p, t);
}

/* Statements up to the end of the text, or of the block that OPEN began. */
static void parse_statements(struct parser *p, const struct policy_token *open)
{
	for (;;) {
		const struct policy_token *start;

		while (next_is(p, TOKEN_SEMICOLON))
			take(p);
		start = p->token;
		if (start->kind == TOKEN_END) {
			if (open)
				unclosed(p, open);
			return;
		}
		if (start->kind == TOKEN_RBRACE) {
			take(p);
			if (open)
				return;
			fail(p, span_of(p, start), "'}' without a '{'");
			p->failed = false;
			continue;
		}
		parse_statement(p);
		if (!at_end(p))
			expected(p, "the end of the line");
		recover(p, start);
	}
}

static void parse_text(struct parser *p, uint32_t source)
{
	p->source = source;
	p->src = p->diags->sources.v[source];
	p->first = p->token = policy_lex(p->arena, &p->src);
	p->failed = false;
	p->parens = 0;
	p->depth = 0;
	parse_statements(p, NULL);
}

const struct policy_syntax *policy_parse_syntax(struct arena *arena, struct diags *d,
                                                uint32_t source,
                                                const struct policy_options *o)
{
	struct policy_syntax *out = arena_new(arena, struct policy_syntax);
	struct parser p = {
		.arena = arena,
		.diags = d,
		.options = o,
		.out = out,
		.abis = UINT32_MAX,
	};

	parse_text(&p, source);
	return out;
}
