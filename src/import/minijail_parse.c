/*
 * minijail's text to lines of terms: tokens and the grammar. Arguments are
 * compared as whole words, unsigned.
 */
#include <string.h>

#include "import/minijail.h"

/* --- tokens --------------------------------------------------------------- */

static bool is_name(char c, char next)
{
	return import_is_word(c) || c == '@' ||
	       (c == '-' && import_is_word(next));
}

/* Decimal, 0x, or octal after a 0, with a sign, as C's strtol has it. */
static void lex_number(struct importer *im, struct import_token *t)
{
	const char *text = im->src.text + t->start;
	size_t len = t->end - t->start, sign = *text == '-';
	unsigned base = 10;

	t->kind = IMPORT_NUMBER;
	text += sign;
	len -= sign;
	if (len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
		base = 16;
		text += 2;
		len -= 2;
	} else if (len > 1 && text[0] == '0') {
		base = 8;
	}
	if (!import_digits(text, len, base, &t->value) ||
	    (sign && t->value > UINT64_C(1) << 63)) {
		t->kind = IMPORT_BAD;
		t->why = base == 8 ? "is no octal number of 64 bits"
		                   : "is no number of 64 bits";
	}
	if (sign)
		t->value = -t->value;
}

static void lex_word(struct importer *im, size_t *at, struct import_token *t)
{
	const char *text = im->src.text;
	size_t len = im->src.len;
	bool number = import_is_digit(text[*at]) || text[*at] == '-';

	do
		++*at;
	while (*at < len &&
	       (number ? import_is_word(text[*at])
	               : is_name(text[*at], *at + 1 < len ? text[*at + 1] : 0)));
	t->end = (uint32_t)*at;
	t->kind = IMPORT_NAME;
	if (number)
		lex_number(im, t);
}

/* The line that *AT is in ends in a backslash: it goes on in the next. */
static bool goes_on(const struct importer *im, size_t at)
{
	const char *text = im->src.text;

	while (at < im->src.len && text[at] != '\n')
		at++;
	while (at && text[at - 1] == '\r')
		at--;
	return at && text[at - 1] == '\\';
}

/* To the end of the comment at *AT. */
static void skip_comment(struct importer *im, size_t *at)
{
	size_t start = *at;
	bool more = goes_on(im, start);

	if (more && im->dialect == MINIJAIL_BOTH)
		diag_error(im->diags, import_span(im, start, start + 1),
		           "a '\\' ends this comment: libminijail takes the next "
		           "line as more of it, compile_seccomp_policy.py as a rule");
	while (*at < im->src.len) {
		if (im->src.text[*at] == '\n') {
			if (!more || im->dialect != MINIJAIL_C)
				return;
			more = goes_on(im, *at + 1);
		}
		++*at;
	}
}

/* What separates tokens, and whether a line ended in it. */
static void skip_blanks(struct importer *im, size_t *at, bool *newline)
{
	const char *text = im->src.text;

	while (*at < im->src.len) {
		char c = text[*at];

		if (c == '#') {
			skip_comment(im, at);
			continue;
		}
		if (c == '\n' && !(*at && goes_on(im, *at - 1)))
			*newline = true;
		else if (c == '\\') {
			size_t end = *at + 1;

			while (end < im->src.len && text[end] == '\r')
				end++;
			if (end < im->src.len && text[end] != '\n')
				return;
		} else if (!strchr(" \t\r\n\f\v", c) || !c) {
			return;
		}
		++*at;
	}
}

static const struct import_token *lex(struct importer *im)
{
	struct import_tokens tokens = {0};
	const char *text = im->src.text;
	bool newline = true;
	size_t at = 0;

	for (;;) {
		struct import_token t = {.kind = IMPORT_END};

		skip_blanks(im, &at, &newline);
		t.newline = newline;
		t.source = im->source;
		t.start = t.end = (uint32_t)at;
		newline = false;
		if (at < im->src.len) {
			if (is_name(text[at], at + 1 < im->src.len ? text[at + 1] : 0))
				lex_word(im, &at, &t);
			else
				t.kind = import_operator(im, &at);
			t.end = (uint32_t)at;
		}
		array_push(im->arena, &tokens.v, t);
		if (t.kind == IMPORT_END)
			return tokens.v.v;
	}
}

/* --- taking them ---------------------------------------------------------- */

#define fail(r, at, ...)                                                \
	do {                                                            \
		if (!(r)->failed)                                       \
			diag_error((r)->im->diags, at, __VA_ARGS__);    \
		(r)->failed = true;                                     \
	} while (0)

static bool at_end(const struct minijail_reader *r)
{
	return r->failed || r->token->kind == IMPORT_END ||
	       (r->token->newline && r->token != r->first);
}

static struct span here(const struct minijail_reader *r)
{
	uint32_t end;

	if (r->token == r->first ||
	    (r->token->kind != IMPORT_END && !r->token->newline))
		return import_at(r->im, r->token);
	end = r->token[-1].end;
	return import_span(r->im, end, end);
}

static void expected(struct minijail_reader *r, const char *what)
{
	const struct import_token *t = r->token;

	if (!at_end(r) && t->kind == IMPORT_BAD)
		fail(r, here(r), "'%.*s' %s", (int)(t->end - t->start),
		     r->im->src.text + t->start,
		     t->why ? t->why : "means nothing here");
	if (at_end(r))
		fail(r, here(r), "expected %s", what);
	else
		fail(r, here(r), "expected %s, not '%.*s'", what,
		     (int)(t->end - t->start), r->im->src.text + t->start);
}

static bool next_is(const struct minijail_reader *r, int kind)
{
	return !r->failed && !r->token->newline && r->token->kind == kind;
}

static bool next_word(const struct minijail_reader *r, const char *word)
{
	return next_is(r, IMPORT_NAME) && import_is(r->im, r->token, word);
}

/* Takes the next token if it is KIND. */
static bool take(struct minijail_reader *r, int kind)
{
	bool yes = next_is(r, kind);

	r->token += yes;
	return yes;
}

static bool want(struct minijail_reader *r, int kind, const char *what)
{
	if (take(r, kind))
		return true;
	expected(r, what);
	return false;
}

/* --- values --------------------------------------------------------------- */

static struct rules_expr *parse_value(struct minijail_reader *r);

/* Constants that minijail knows without the kernel's headers. */
static const struct {
	const char *name;
	uint64_t value;
} constants[] = {
#define MINIJAIL_CONSTANT(name, value) {name, value},
#include "import/tables/minijail.def"
};

/* The constant T by its name, or by its number if it is only minijail's. */
static struct rules_expr *make_constant(struct minijail_reader *r, const struct import_token *t)
{
	const char *name = r->im->src.text + t->start;
	struct sys_number n;

	for (size_t i = 0; i < ARRAY_LEN(constants); i++)
		if (import_is(r->im, t, constants[i].name) &&
		    !sys_constant(&sys_abis[0], name, t->end - t->start, &n))
			return import_number(r->im, constants[i].value,
			                     import_at(r->im, t));
	return import_name(r->im, name, t->end - t->start, import_at(r->im, t));
}

static struct rules_expr *parse_single(struct minijail_reader *r)
{
	const struct import_token *t = r->token;
	struct span at = import_at(r->im, t);

	if (take(r, IMPORT_NAME))
		return make_constant(r, t);
	if (take(r, IMPORT_NUMBER)) {
		struct rules_expr *n = import_number(r->im, t->value, at), *minus;

		if (r->im->src.text[t->start] != '-')
			return n;
		n->number = -t->value;
		minus = import_expr(r->im, EXPR_MINUS, at);
		import_add(r->im, minus, n);
		return minus;
	}
	expected(r, "a number or the name of a constant");
	return import_number(r->im, 0, here(r));
}

static struct rules_expr *parse_constant(struct minijail_reader *r)
{
	struct rules_expr *e, *invert = NULL;

	if (next_is(r, '~')) {
		invert = import_expr(r->im, EXPR_INVERT, here(r));
		take(r, '~');
	}
	if (take(r, '(')) {
		e = parse_value(r);
		want(r, ')', "')'");
		e->paren = true;
	} else {
		e = parse_single(r);
	}
	if (!invert)
		return e;
	import_add(r->im, invert, e);
	return invert;
}

/* constant { "|" constant } */
static struct rules_expr *parse_value(struct minijail_reader *r)
{
	struct rules_expr *e, *chain = NULL;

	if (r->depth == RULES_DEPTH / 4) {
		fail(r, here(r), "nested too deep");
		return import_number(r->im, 0, here(r));
	}
	r->depth++;
	e = parse_constant(r);
	while (take(r, '|')) {
		if (!chain) {
			chain = import_expr(r->im, EXPR_CHAIN, e->at);
			import_add(r->im, chain, e);
			array_push(r->im->arena, &chain->op, 0);
		}
		import_add(r->im, chain, parse_constant(r));
		array_push(r->im->arena, &chain->op, TOKEN_OR);
	}
	r->depth--;
	return chain ? chain : e;
}

/*
 * The value of E, for ABI, as the compilers compute it: in words. False if a
 * name in it is not known, which the resolver says.
 */
static bool word_value(const struct sys_abi *abi, const struct rules_expr *e,
                       uint64_t *out)
{
	struct sys_number n;
	uint64_t kid;

	*out = 0;
	if (e->kind == EXPR_NUMBER) {
		*out = e->number;
		return true;
	}
	if (e->kind == EXPR_NAME) {
		if (!sys_constant(abi, e->name, e->len, &n))
			return false;
		*out = n.bits;
		return true;
	}
	for (uint32_t i = 0; i < e->kid.n; i++) {
		if (!word_value(abi, e->kid.v[i], &kid))
			return false;
		*out |= kid;
	}
	if (e->kind == EXPR_MINUS)
		*out = -*out;
	else if (e->kind == EXPR_INVERT)
		*out = ~*out;
	*out &= sys_ones(abi->word);
	return true;
}

/*
 * What is ordered is unsigned, and our language wants it to look so: E as a
 * number, if it has the top bit somewhere.
 */
static struct rules_expr *unsigned_value(struct minijail_reader *r, struct rules_expr *e)
{
	uint64_t value = 0, first = 0;
	bool top = false, same = true, any = false;

	for (unsigned i = 0; i < SYS_NABIS; i++) {
		const struct sys_abi *abi = &sys_abis[i];

		if (!(r->im->abis & 1u << i))
			continue;
		if (!word_value(abi, e, &value))
			return e;
		same &= !any || value == first;
		top |= value >> (abi->word - 1);
		first = value;
		any = true;
	}
	if (!top)
		return e;
	if (!same)
		fail(r, e->at, "this is another number on each of the ABIs");
	return import_number(r->im, first, e->at);
}

/* --- filters -------------------------------------------------------------- */

static const struct {
	int token;
	enum rules_cmp cmp;
} operators[] = {
	{IMPORT_EQ, RULES_EQ}, {IMPORT_NE, RULES_NE}, {'<', RULES_LT},
	{IMPORT_LE, RULES_LE}, {'>', RULES_GT},       {IMPORT_GE, RULES_GE},
	{'&', RULES_ANY},
};

static bool parse_operator(struct minijail_reader *r, enum rules_cmp *cmp)
{
	if (next_word(r, "in")) {
		r->token++;
		*cmp = RULES_WITHIN;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (take(r, operators[i].token)) {
			*cmp = operators[i].cmp;
			return true;
		}
	if (next_is(r, '='))
		fail(r, here(r), "'=' does not compare; use '=='");
	expected(r, "'==', '!=', '<', '<=', '>', '>=', '&' or 'in'");
	return false;
}

/* argN */
static bool is_argument(const struct minijail_reader *r, unsigned *n)
{
	const char *text = r->im->src.text + r->token->start;
	uint64_t value;

	if (!next_is(r, IMPORT_NAME) || r->token->end - r->token->start < 4 ||
	    memcmp(text, "arg", 3) ||
	    !import_digits(text + 3, r->token->end - r->token->start - 3, 10, &value))
		return false;
	*n = value < SYS_ARGS ? (unsigned)value : SYS_ARGS;
	return true;
}

static struct rules_expr *parse_atom(struct minijail_reader *r)
{
	struct span at = here(r);
	struct rules_expr *word, *value;
	enum rules_cmp cmp = RULES_EQ;
	unsigned n = 0;

	if (!is_argument(r, &n)) {
		expected(r, "an argument, arg0 to arg5");
		return import_word(r->im, 0, false, at);
	}
	if (n == SYS_ARGS)
		fail(r, at, "a system call has arguments arg0 to arg5");
	r->token++;
	word = import_word(r->im, n % SYS_ARGS, false, at);
	if (!parse_operator(r, &cmp))
		return word;
	value = parse_value(r);
	if (cmp == RULES_LT || cmp == RULES_LE || cmp == RULES_GT ||
	    cmp == RULES_GE)
		value = unsigned_value(r, value);
	if (cmp == RULES_ANY)
		return import_chain(r->im, word, TOKEN_AND, value);
	return import_compare(r->im, cmp, word, value);
}

/* PART { TOKEN PART } as a KIND. */
static struct rules_expr *parse_list(struct minijail_reader *r, enum rules_expr_kind kind,
                                      int token,
                                      struct rules_expr *(*part)(struct minijail_reader *r))
{
	struct rules_expr *e = part(r), *list;

	if (!next_is(r, token))
		return e;
	list = import_expr(r->im, kind, e->at);
	import_add(r->im, list, e);
	while (take(r, token))
		import_add(r->im, list, part(r));
	return list;
}

static struct rules_expr *parse_clause(struct minijail_reader *r)
{
	return parse_list(r, EXPR_AND, IMPORT_AND, parse_atom);
}

static struct rules_expr *parse_expression(struct minijail_reader *r)
{
	return parse_list(r, EXPR_OR, IMPORT_OR, parse_clause);
}

/* The error after `return`. */
static void parse_errno(struct minijail_reader *r, struct rules_written *w)
{
	const struct import_token *t = r->token;

	w->data_at = import_at(r->im, t);
	if (take(r, IMPORT_NAME)) {
		w->name = r->im->src.text + t->start;
		w->len = t->end - t->start;
	} else if (!want(r, IMPORT_NUMBER, "an error after 'return'")) {
		return;
	} else if (t->value > 4095) {
		fail(r, w->data_at, "'%.*s' is not in 0..4095",
		     (int)(t->end - t->start), r->im->src.text + t->start);
	} else if (!t->value) {
		diag_warning(r->im->diags, DIAG_W_ERRNO_0, w->data_at,
		             "errno 0 makes the call look successful though "
		             "nothing was done");
	}
	w->data = t->value;
	w->at = span_join(w->at, w->data_at);
}

static const struct {
	const char *word;
	enum rules_verb verb;
} actions[] = {
	{"allow", RULES_ALLOW},
	{"kill", RULES_KILL_THREAD},
	{"kill-thread", RULES_KILL_THREAD},
	{"kill-process", RULES_KILL},
	{"trap", RULES_TRAP},
	{"trace", RULES_TRACE},
	{"log", RULES_LOG},
	{"user-notify", RULES_NOTIFY},
};

static struct rules_written parse_action(struct minijail_reader *r)
{
	const struct import_token *t = r->token;
	struct rules_written w = import_action(RULES_ALLOW, 0, here(r));

	if (next_word(r, "return")) {
		r->token++;
		w.verb = RULES_ERRNO;
		if (at_end(r) && !r->failed && r->im->dialect == MINIJAIL_C)
			w.verb = RULES_KILL_THREAD;
		else
			parse_errno(r, &w);
		return w;
	}
	if (next_is(r, IMPORT_NUMBER) && t->value == 1) {
		r->token++;
	} else {
		for (size_t i = 0; i < ARRAY_LEN(actions); i++)
			if (next_word(r, actions[i].word)) {
				w.verb = actions[i].verb;
				r->token++;
				break;
			}
		if (r->token == t)
			expected(r, "an action (1, return, ...) or a condition");
	}
	if (r->kind->deny)
		fail(r, w.at, "a rule of a '@denylist' has to 'return' an error");
	return w;
}

bool minijail_is_python(const struct importer *im, const struct minijail_kind *kind)
{
	return im->dialect == MINIJAIL_PYTHON || kind->python;
}

/* "expression ; action": what the action is for differs. */
static void parse_else(struct minijail_reader *r, struct minijail_filter f, struct minijail_filters *out)
{
	struct span at = here(r);
	struct rules_written action;

	r->token++;
	action = parse_action(r);
	if (r->failed)
		return;
	if (minijail_is_python(r->im, r->kind)) {
		f.action = action;
		array_push(r->im->arena, &out->v, f);
		return;
	}
	if (r->im->dialect == MINIJAIL_BOTH) {
		fail(r, span_join(at, action.at),
		     "libminijail does this to all other calls, "
		     "compile_seccomp_policy.py to these; "
		     "--from minijail-c or minijail-python?");
		return;
	}
	array_push(r->im->arena, &out->v, f);
	f = (struct minijail_filter){.action = action, .at = action.at};
	array_push(r->im->arena, &out->v, f);
}

static void parse_filter(struct minijail_reader *r, struct minijail_filters *out)
{
	struct minijail_filter f = {.action = import_action(RULES_ALLOW, 0, here(r)),
	                   .at = here(r)};
	unsigned n;

	if (!is_argument(r, &n)) {
		f.action = parse_action(r);
		f.at = f.action.at;
		array_push(r->im->arena, &out->v, f);
		return;
	}
	f.condition = parse_expression(r);
	f.at = f.condition->at;
	if (next_is(r, ';'))
		parse_else(r, f, out);
	else
		array_push(r->im->arena, &out->v, f);
}

static void parse_filters(struct minijail_reader *r, struct minijail_filters *out)
{
	struct span open = here(r);

	if (!take(r, '{')) {
		parse_filter(r, out);
		return;
	}
	do
		parse_filter(r, out);
	while (take(r, ','));
	want(r, '}', "',' or '}'");
	if (r->failed && at_end(r) && r->token->kind == IMPORT_END)
		diag_note(r->im->diags, open, "to close this");
}

/* --- calls ---------------------------------------------------------------- */

/* minijail's names of ABIs, as far as ours differ. */
static const struct {
	const char *name, *ours;
} arch_names[] = {
	{"x86", "i386"}, {"arm64", "aarch64"}, {"loong64", "loongarch64"},
};

static uint32_t arch_mask(struct minijail_reader *r, const struct import_token *t)
{
	const char *name = r->im->src.text + t->start;
	size_t len = t->end - t->start;
	const struct sys_abi *abi;

	for (size_t i = 0; i < ARRAY_LEN(arch_names); i++)
		if (import_is(r->im, t, arch_names[i].name)) {
			name = arch_names[i].ours;
			len = strlen(name);
			break;
		}
	abi = sys_abi(name, len);
	return abi ? 1u << abi->id : 0;
}

/* [arch=NAME,...] */
static uint32_t parse_metadata(struct minijail_reader *r)
{
	uint32_t mask = 0;

	if (!next_word(r, "arch")) {
		expected(r, "'arch'");
		return 0;
	}
	r->token++;
	want(r, '=', "'='");
	do {
		const struct import_token *t = r->token;

		if (want(r, IMPORT_NAME, "the name of an architecture"))
			mask |= arch_mask(r, t);
	} while (take(r, ','));
	want(r, ']', "',' or ']'");
	return mask;
}

static void parse_call(struct minijail_reader *r, struct minijail_calls *out)
{
	const struct import_token *t = r->token;
	struct minijail_call c = {.name = r->im->src.text + t->start,
	                 .len = t->end - t->start,
	                 .abis = UINT32_MAX,
	                 .at = here(r)};

	/* The first of a line is preceded by its newline. */
	if (r->failed || t->kind != IMPORT_NAME) {
		expected(r, "the name of a system call");
		return;
	}
	if (memchr(c.name, '@', c.len))
		fail(r, import_at(r->im, t),
		     "which calls '%.*s' are is in a file of minijail's build, "
		     "which is not read here",
		     (int)c.len, c.name);
	c.at = import_at(r->im, t);
	r->token++;
	if (take(r, '['))
		c.abis = parse_metadata(r);
	array_push(r->im->arena, &out->v, c);
}

static void parse_calls(struct minijail_reader *r, struct minijail_calls *out)
{
	if (r->token->kind != '{') {
		parse_call(r, out);
		return;
	}
	r->token++;
	do
		parse_call(r, out);
	while (take(r, ','));
	want(r, '}', "',' or '}'");
}

/* --- lines ----------------------------------------------------------------- */

/* calls ":" filters */
static void parse_rule(struct minijail_reader *r, struct minijail_line *out)
{
	parse_calls(r, &out->calls);
	want(r, ':', "':' after the name of a system call");
	parse_filters(r, &out->filters);
	if (!at_end(r))
		expected(r, "the end of the line");
	if (!r->failed)
		out->kind = MINIJAIL_RULE;
}

/* The rest of the line, without blanks around it. */
static struct span rest_of_line(struct minijail_reader *r)
{
	const char *text = r->im->src.text;
	size_t start = r->token[-1].end, end;

	while (start < r->im->src.len && strchr(" \t", text[start]))
		start++;
	for (end = start; end < r->im->src.len && !strchr("\r\n", text[end]);)
		end++;
	while (end > start && strchr(" \t", text[end - 1]))
		end--;
	while (!at_end(r))
		r->token++;
	return import_span(r->im, start, end);
}

static void parse_include(struct minijail_reader *r, struct minijail_line *out)
{
	struct span at = rest_of_line(r);
	const char *name = r->im->src.text + at.start;
	size_t len = at.end - at.start;

	if (!len || memchr(name, 0, len) ||
	    !(name[0] == '/' || (len > 1 && name[0] == '.' && name[1] == '/'))) {
		fail(r, at, "expected a path that begins with '/' or './'");
		return;
	}
	out->kind = MINIJAIL_INCLUDE;
	out->path = at;
}

static void parse_default(struct minijail_reader *r, struct minijail_line *out)
{
	struct rules_written w = parse_action(r);

	if (!r->failed && (w.verb == RULES_ALLOW || w.verb == RULES_LOG ||
	                   w.verb == RULES_TRACE || w.verb == RULES_ERRNO))
		fail(r, w.at, "the default of minijail is kill, kill-process, "
		     "kill-thread, trap or user-notify");
	out->kind = MINIJAIL_DEFAULT;
	out->action = w;
}

static void parse_line(struct minijail_reader *r, struct minijail_line *out)
{
	const struct import_token *t = r->token;

	if (t->kind != IMPORT_NAME || r->im->src.text[t->start] != '@') {
		parse_rule(r, out);
		return;
	}
	r->token++;
	if (import_is(r->im, t, "@include"))
		parse_include(r, out);
	else if (import_is(r->im, t, "@frequency"))
		rest_of_line(r);
	else if (import_is(r->im, t, "@default"))
		parse_default(r, out);
	else if (!import_is(r->im, t, "@denylist"))
		fail(r, import_at(r->im, t),
		     "'%.*s' begins no line; there are @include, @frequency, "
		     "@default and @denylist",
		     (int)(t->end - t->start), r->im->src.text + t->start);
	if (!at_end(r))
		expected(r, "the end of the line");
}

/*
 * What only the second compiler knows: a brace, a bracket, an action by name,
 * `@default`, `@denylist`. The first refuses the whole text then.
 */
static bool only_python(const struct importer *im, const struct import_token *t)
{
	bool action = false;

	if (t->kind == '{' || t->kind == '[' || import_is(im, t, "@default") ||
	    import_is(im, t, "@denylist"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		action |= import_is(im, t, actions[i].word);
	return action && t->start && !t->newline &&
	       (t[-1].kind == ':' || t[-1].kind == ';');
}

void minijail_start(struct minijail_reader *r, struct importer *im,
                    struct minijail_kind *kind)
{
	*r = (struct minijail_reader){.im = im, .kind = kind, .first = lex(im)};
	r->token = r->first;
	for (const struct import_token *t = r->token; t->kind != IMPORT_END; t++) {
		if (im->dialect != MINIJAIL_C)
			kind->python |= only_python(im, t);
		kind->deny |= import_is(im, t, "@denylist");
	}
	if (kind->deny && im->dialect == MINIJAIL_C)
		diag_error(im->diags, import_span(im, 0, 0),
		           "libminijail knows no '@denylist'");
}

bool minijail_next(struct minijail_reader *r, struct minijail_line *out)
{
	const struct import_token *start = r->token;

	*out = (struct minijail_line){.kind = MINIJAIL_NOTHING};
	if (start->kind == IMPORT_END)
		return false;
	r->failed = false;
	r->depth = 0;
	parse_line(r, out);
	if (r->token == start)
		r->token++;
	while (r->token->kind != IMPORT_END && !r->token->newline)
		r->token++;
	return true;
}
