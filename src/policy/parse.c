/*
 * Tokens to syntax: statements in their order, with includes read, blocks
 * dissolved, and nothing resolved yet. After an error the rest of the statement
 * reads as its end, and parsing goes on with the next one.
 */
#include <string.h>

#include "policy/policy.h"

static void parse_statements(struct policy_parser *p,
                             const struct policy_token *open);

/* --- statements ----------------------------------------------------------- */

static struct rules_statement *new_statement(struct policy_parser *p,
                                             enum rules_statement_kind kind,
                                             struct span at)
{
	struct rules_statement *s =
		arena_new(p->arena, struct rules_statement);

	s->kind = kind;
	s->included = p->included;
	s->abis = p->abis;
	s->at = at;
	return s;
}

/* Add S, complete, or broken but worth knowing of. */
static void add_statement(struct policy_parser *p, struct rules_statement *s)
{
	s->broken = p->failed;
	if (p->token > p->first) /* an empty question has no tokens */
		s->at.end = p->token[-1].end;
	if (!p->failed || s->kind == STATEMENT_GROUP ||
	    s->kind == STATEMENT_LET)
		array_push(p->arena, &p->out->statement, s);
}

/*
 * Complain of WORD in a block: what may appear only once cannot depend on an
 * ABI.
 */
static void not_in_block(struct policy_parser *p,
                         const struct policy_token *word)
{
	if (p->blocks)
		policy_fail(p, policy_span(p, word),
		            "'%.*s' is not allowed in an 'on' block",
		            policy_length(word), policy_text(p, word));
}

static void parse_default(struct policy_parser *p,
                          const struct policy_token *word)
{
	bool foreign = policy_is_text(p, word, "foreign");
	struct rules_statement *s = new_statement(
		p, foreign ? STATEMENT_FOREIGN : STATEMENT_DEFAULT,
		policy_span(p, word));
	int verb = policy_at_end(p) ? -1 : policy_verb_of(p, p->token);

	not_in_block(p, word);
	if (verb < 0) {
		policy_no_action(p);
		return;
	}
	policy_take(p);
	s->action = policy_parse_action(p, (enum rules_verb)verb);
	add_statement(p, s);
}

static uint32_t parse_version_part(struct policy_parser *p, uint32_t most)
{
	const struct policy_token *t =
		policy_want(p, TOKEN_NUMBER, "a Linux version such as 5.15");

	if (!p->failed && t->value > most)
		policy_fail(p, policy_span(p, t),
		            E_RANGE "'%.*s' is out of range; expected a Linux version "
		                    "such as 5.15",
		            policy_length(t), policy_text(p, t));
	return (uint32_t)t->value;
}

/* Read kernel X.Y. The lexer has it as number, dot, number (010 would be octal). */
static void parse_kernel(struct policy_parser *p,
                         const struct policy_token *word)
{
	struct rules_statement *s =
		new_statement(p, STATEMENT_KERNEL, policy_span(p, word));
	uint32_t x, y;

	not_in_block(p, word);
	x = parse_version_part(p, 999);
	policy_want(p, TOKEN_DOT, "a Linux version such as 5.15");
	y = parse_version_part(p, 999);
	if (policy_next_is(p, TOKEN_DOT) && !p->token->newline)
		policy_fail(p, policy_span(p, p->token),
		            E_SYNTAX "expected only two numbers, such as 5.15: stable "
		                     "releases add no calls");
	s->kernel = SYS_KERNEL(x, y);
	add_statement(p, s);
}

/* Read x32 marked, or x32 above. */
static void parse_x32(struct policy_parser *p, const struct policy_token *word)
{
	struct rules_statement *s =
		new_statement(p, STATEMENT_X32, policy_span(p, word));

	not_in_block(p, word);
	if (policy_at_end(p) || (!policy_is_text(p, p->token, "marked") &&
	                         !policy_is_text(p, p->token, "above"))) {
		policy_expected(p, "'marked' or 'above'");
		return;
	}
	s->above = policy_is_text(p, policy_take(p), "above");
	add_statement(p, s);
}

/*
 * Return the length from T up to a space or comma: "x86-64" is more than one
 * token.
 */
static size_t word_length(const struct policy_parser *p,
                          const struct policy_token *t)
{
	size_t end = t->end;

	while (end < p->src.len && p->src.text[end] > ' ' &&
	       !strchr(",;{}#", p->src.text[end]))
		end++;
	return end - t->start;
}

/* Read NAME { "," NAME }; return a mask of 1 << enum sys_abi_id. */
static uint32_t parse_abis(struct policy_parser *p)
{
	uint32_t mask = 0;
	const struct policy_token *comma = NULL;

	do {
		const struct policy_token *t = p->token;
		const struct sys_abi *abi;
		const char *near;

		if (!policy_next_is(p, TOKEN_NAME) ||
		    (!comma && policy_at_end(p))) {
			policy_expected(
				p, "the name of an ABI (x86_64, i386, ...)");
			return mask;
		}
		policy_take(p);
		abi = sys_abi(policy_text(p, t), t->end - t->start);
		if (abi) {
			mask |= 1u << abi->id;
		} else {
			near = sys_abi_near(policy_text(p, t),
			                    word_length(p, t));
			if (near)
				policy_fail(
					p, policy_span(p, t),
					E_UNKNOWN "unknown ABI '%.*s'; did you mean "
						  "'%s'?",
					policy_length(t), policy_text(p, t),
					near);
			policy_fail(p, policy_span(p, t),
			            E_UNKNOWN "unknown ABI '%.*s'; expected one of %s",
			            policy_length(t), policy_text(p, t),
			            sys_abi_list(p->arena));
		}
		comma = p->token;
	} while (!policy_at_end(p) && policy_next_is(p, TOKEN_COMMA) &&
	         policy_take(p));
	return mask;
}

static void parse_abi(struct policy_parser *p, const struct policy_token *word)
{
	struct rules_statement *s =
		new_statement(p, STATEMENT_ABI, policy_span(p, word));

	not_in_block(p, word);
	s->abis = parse_abis(p);
	add_statement(p, s);
}

static void parse_group(struct policy_parser *p,
                        const struct policy_token *word)
{
	struct rules_statement *s =
		new_statement(p, STATEMENT_GROUP, policy_span(p, word));
	const struct policy_token *name;

	if (policy_next_is(p, TOKEN_NAME) && !policy_at_end(p))
		policy_fail(p, policy_here(p),
		            "the name of a group must begin with '@': @%.*s",
		            policy_length(p->token), policy_text(p, p->token));
	name = policy_want(p, TOKEN_GROUP,
	                   "the name of a group, such as @mine");
	if (p->failed)
		return;
	s->name = policy_text(p, name) + 1;
	s->len = name->end - name->start - 1;
	s->name_at = policy_span(p, name);
	policy_want(p, TOKEN_ASSIGN, "'='");
	if (!p->failed)
		policy_parse_items(p, s, false);
	add_statement(p, s);
}

static void parse_let(struct policy_parser *p, const struct policy_token *word)
{
	struct rules_statement *s =
		new_statement(p, STATEMENT_LET, policy_span(p, word));
	const struct policy_token *name =
		policy_want(p, TOKEN_NAME, "a name for the value");

	if (p->failed)
		return;
	s->name = policy_text(p, name);
	s->len = name->end - name->start;
	s->name_at = policy_span(p, name);
	policy_want(p, TOKEN_ASSIGN, "'='");
	s->expr = policy_parse_expr(p, "a value");
	add_statement(p, s);
}

/* Complain of what other languages put after a rule. */
static void odd_word(struct policy_parser *p)
{
	static const char *const conditions[] = { "when", "where", "unless" };
	const struct policy_token *t = p->token;

	if (t->kind == TOKEN_TIMES)
		policy_fail(p, policy_span(p, t),
		            "names have no wildcards; list the system calls, or "
		            "use a group");
	if (policy_is_text(p, t, "else") || policy_is_text(p, t, "then"))
		policy_fail(p, policy_span(p, t),
		            E_SYNTAX "unexpected '%.*s': the first rule that matches "
		                     "decides, and the rules below it get the rest",
		            policy_length(t), policy_text(p, t));
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
		if (policy_is_text(p, t, conditions[i]))
			policy_fail(p, policy_span(p, t),
			            E_SYNTAX "expected 'if' or 'if not' before a "
			                     "condition, found '%.*s'",
			            policy_length(t), policy_text(p, t));
}

/* Read items [ "if" cond ], for one action. */
static void parse_rule(struct policy_parser *p, struct rules_written action,
                       struct span at, bool anywhere)
{
	struct rules_statement *s = new_statement(p, STATEMENT_RULE, at);

	s->action = action;
	policy_parse_items(p, s, anywhere);
	if (!policy_at_end(p) && policy_is_text(p, p->token, "if")) {
		policy_take(p);
		s->expr = policy_parse_expr(p, "a condition after 'if'");
	}
	if (s->expr && policy_next_is(p, TOKEN_COMMA) && !policy_at_end(p))
		policy_fail(p, policy_span(p, p->token),
		            "a condition ends the list and applies to all of "
		            "it; put what follows into a separate rule");
	if (!policy_at_end(p))
		odd_word(p);
	if (!policy_at_end(p))
		policy_expected(p,
		                s->expr ? "'and', 'or' or the end of the line"
		                        : "',', 'if' or the end of the line");
	add_statement(p, s);
}

/* Complain of a block that the text ends in. */
static void unclosed(struct policy_parser *p, const struct policy_token *open)
{
	policy_fail(p, policy_span(p, open),
	            E_SYNTAX "unmatched '{'");
}

static void parse_action_block(struct policy_parser *p,
                               struct rules_written action)
{
	const struct policy_token *open = policy_take(p), *start;

	for (;;) {
		while (policy_next_is(p, TOKEN_SEMICOLON))
			policy_take(p);
		if (p->token->kind == TOKEN_RBRACE) {
			policy_take(p);
			return;
		}
		if (p->token->kind == TOKEN_END) {
			unclosed(p, open);
			return;
		}
		start = p->token;
		if (policy_verb_of(p, start) >= 0 &&
		    !policy_known_call(p, start))
			policy_fail(p, policy_span(p, start),
			            E_SYNTAX "the action must precede the block; "
			                     "inside, '%.*s' is not a system call",
			            policy_length(start),
			            policy_text(p, start));
		parse_rule(p, action, policy_span(p, start), true);
		policy_recover(p, start);
	}
}

static void parse_action_rule(struct policy_parser *p,
                              const struct policy_token *word)
{
	struct rules_written action = policy_parse_action(
		p, (enum rules_verb)policy_verb_of(p, word));

	if (policy_next_is(p, TOKEN_LBRACE) && !p->token->newline)
		parse_action_block(p, action);
	else
		parse_rule(p, action, policy_span(p, word), false);
}

static void parse_on(struct policy_parser *p, const struct policy_token *word)
{
	uint32_t outer = p->abis;
	const struct policy_token *open;

	p->abis &= parse_abis(p);
	open = p->token;
	if (!policy_next_is(p, TOKEN_LBRACE)) {
		policy_expected(p, "'{'");
	} else if (p->blocks == RULES_INCLUDES) {
		policy_fail(p, policy_span(p, word),
		            E_LIMIT "'on' blocks nested more than %d deep",
		            RULES_INCLUDES);
	} else {
		policy_take(p);
		p->blocks++;
		parse_statements(p, open);
		p->blocks--;
	}
	p->abis = outer;
}

/* --- includes ------------------------------------------------------------- */

/*
 * Resolve NAME in the text FROM: a path is relative to that text's directory, a
 * name without '/' and '.' means an installed policy.
 */
static const char *include_path(struct arena *arena, const char *name,
                                const char *from)
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

static bool is_open(const struct policy_parser *p, const char *path)
{
	if (!strcmp(p->src.name, path))
		return true;
	for (const struct rules_include *i = p->include; i; i = i->up)
		if (!strcmp(i->name, path))
			return true;
	return false;
}

static void parse_text(struct policy_parser *p, uint32_t source);

/* Take the name that `include` is followed by. */
static const struct policy_token *want_file(struct policy_parser *p)
{
	const struct policy_token *t = p->token;

	if (policy_next_is(p, TOKEN_NAME) && !policy_at_end(p))
		policy_fail(p, policy_span(p, t),
		            "the name of a policy must be in quotes: \"%.*s\"",
		            (int)word_length(p, t), policy_text(p, t));
	return policy_want(p, TOKEN_STRING, "the name of a policy in quotes");
}

static void parse_include(struct policy_parser *p,
                          const struct policy_token *word)
{
	const struct policy_token *t = want_file(p);
	const char *name, *text;
	struct policy_parser inner;
	struct rules_include include;
	size_t len;
	int err;

	if (p->failed)
		return;
	name = policy_unquote(p->arena, policy_text(p, t), t->end - t->start);
	if (!name) {
		policy_fail(p, policy_span(p, t),
		            E_UNKNOWN "unknown escape in the string");
		return;
	}
	name = include_path(p->arena, name, p->src.name);
	if (is_open(p, name)) {
		policy_fail(p, policy_span(p, t), "'%s' includes itself", name);
		return;
	}
	if (p->includes == RULES_INCLUDES) {
		policy_fail(p, policy_span(p, t),
		            E_LIMIT "includes nested more than %d deep",
		            RULES_INCLUDES);
		return;
	}
	if (!p->options->open_file) {
		policy_fail(p, policy_span(p, t),
		            E_OUTSIDE "cannot include '%s': no files are read here",
		            name);
		return;
	}
	err = p->options->open_file(p->options->open_ctx, name, p->src.name,
	                            &text, &len);
	if (err) {
		policy_fail(p, policy_span(p, t), E_OUTSIDE "cannot read '%s': %s",
		            name, strerror(-err));
		p->out->incomplete = true;
		return;
	}
	if (len > UINT32_MAX - 1) {
		policy_fail(p, policy_span(p, t), E_LIMIT "'%s' is too long", name);
		return;
	}
	include = (struct rules_include){ p->src.name, p->include };
	inner = *p;
	inner.include = &include;
	inner.includes++;
	inner.included = true;
	text = text_blank_mark(p->arena, text, len);
	parse_text(&inner, diag_source(p->diags, name, text, len));
}

/* --- the whole ------------------------------------------------------------ */

/* Complain of a name or group T before "=": a definition without its word. */
static void undefined(struct policy_parser *p, const struct policy_token *t)
{
	if (t->kind == TOKEN_NAME)
		policy_fail(p, policy_span(p, t),
		            E_SYNTAX "to name a value, write 'let %.*s = ...'",
		            policy_length(t), policy_text(p, t));
	else
		policy_fail(p, policy_span(p, t),
		            E_SYNTAX "to name a list of calls, write 'group %.*s = ...'",
		            policy_length(t), policy_text(p, t));
}

/* Complain of T, a name that begins no statement. */
static void unknown_word(struct policy_parser *p, const struct policy_token *t)
{
	size_t len = t->end - t->start;
	const char *meant = rules_hint(RULES_HINT_ACTION, policy_text(p, t), len);

	if (!meant)
		meant = rules_hint(RULES_HINT_STATEMENT, policy_text(p, t), len);
	if (policy_is_text(p, t, "and") || policy_is_text(p, t, "or") ||
	    policy_is_text(p, t, "if"))
		policy_fail(p, policy_span(p, t),
		            E_SYNTAX "the rule ended with the line before '%.*s'; put "
		                     "'%.*s' at the end of that line",
		            policy_length(t), policy_text(p, t), policy_length(t),
		            policy_text(p, t));
	else if (policy_known_call(p, t))
		policy_fail(p, policy_span(p, t),
		            E_SYNTAX "'%.*s' is a system call; "
		                     "a rule begins with an action (allow, errno, kill, ...)",
		            policy_length(t), policy_text(p, t));
	else if (!policy_unknown(p, t, "statement", meant, policy_offer_words))
		policy_fail(p, policy_span(p, t),
		            E_UNKNOWN "unknown statement '%.*s'; a rule begins with an action "
		                      "(allow, errno, kill, ...)",
		            policy_length(t), policy_text(p, t));
}

static void unknown_statement(struct policy_parser *p, const struct policy_token *t)
{
	if (t->kind == TOKEN_BAD)
		policy_fail_bad(p, t);
	else if ((t->kind == TOKEN_NAME || t->kind == TOKEN_GROUP) &&
	         p->token->kind == TOKEN_ASSIGN)
		undefined(p, t);
	else if (t->kind == TOKEN_NAME)
		unknown_word(p, t);
	else
		policy_fail(p, policy_span(p, t),
		            E_SYNTAX "expected a statement (allow, errno, group, ...), "
		                     "found '%.*s'",
		            policy_length(t), policy_text(p, t));
}

static const struct {
	const char *word;
	void (*parse)(struct policy_parser *p, const struct policy_token *word);
} statements[] = {
	{ "default", parse_default },
	{ "foreign", parse_default },
	{ "kernel", parse_kernel },
	{ "abi", parse_abi },
	{ "x32", parse_x32 },
	{ "include", parse_include },
	{ "group", parse_group },
	{ "let", parse_let },
	{ "on", parse_on },
};

static void parse_statement(struct policy_parser *p)
{
	const struct policy_token *t = policy_take(p);

	if (policy_verb_of(p, t) >= 0) {
		parse_action_rule(p, t);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (policy_is_text(p, t, statements[i].word)) {
			statements[i].parse(p, t);
			return;
		}
	unknown_statement(p, t);
}

/* Read statements up to the end of the text, or of the block that OPEN began. */
static void parse_statements(struct policy_parser *p,
                             const struct policy_token *open)
{
	for (;;) {
		const struct policy_token *start;

		while (policy_next_is(p, TOKEN_SEMICOLON))
			policy_take(p);
		start = p->token;
		if (start->kind == TOKEN_END) {
			if (open)
				unclosed(p, open);
			return;
		}
		if (start->kind == TOKEN_RBRACE) {
			policy_take(p);
			if (open)
				return;
			policy_fail(p, policy_span(p, start),
			            E_SYNTAX "unmatched '}'");
			p->failed = false;
			continue;
		}
		parse_statement(p);
		if (!policy_at_end(p))
			policy_expected(p, "the end of the line");
		policy_recover(p, start);
	}
}

static void start_text(struct policy_parser *p, uint32_t source)
{
	p->source = source;
	p->src = p->diags->sources.v[source];
	p->first = p->token = policy_lex(p->arena, &p->src);
	p->failed = false;
	p->parens = 0;
	p->pending.n = 0;
}

static void parse_text(struct policy_parser *p, uint32_t source)
{
	start_text(p, source);
	parse_statements(p, NULL);
}

const struct rules_syntax *policy_parse_syntax(struct arena *arena,
                                               struct diags *d,
                                               uint32_t source,
                                               const struct rules_options *o)
{
	struct rules_syntax *out = arena_new(arena, struct rules_syntax);
	struct policy_parser p = {
		.arena = arena,
		.diags = d,
		.options = o,
		.out = out,
		.abis = UINT32_MAX,
	};

	parse_text(&p, source);
	return out;
}

const struct rules_syntax *policy_parse_question(struct arena *arena,
                                                 struct diags *d,
                                                 uint32_t source)
{
	static const struct rules_options none;
	struct rules_syntax *out = arena_new(arena, struct rules_syntax);
	struct rules_written refuse = { .verb = RULES_KILL };
	struct policy_parser p = {
		.arena = arena,
		.diags = d,
		.options = &none,
		.out = out,
		.abis = UINT32_MAX,
	};

	start_text(&p, source);
	parse_rule(&p, refuse, policy_span(&p, p.token), true);
	if (!p.failed && p.token->kind != TOKEN_END)
		policy_fail(&p, policy_span(&p, p.token),
		            "a question must be one list of calls");
	return out;
}

const struct rules_tree *policy_parse(struct arena *arena, struct diags *d,
                                      uint32_t source,
                                      const struct rules_options *o)
{
	static const struct rules_options none;
	unsigned errors = d->errors;
	const struct rules_tree *tree;

	if (!o)
		o = &none;
	tree = rules_resolve(arena, d, source,
	                     policy_parse_syntax(arena, d, source, o), o);
	return d->errors == errors ? tree : NULL;
}
