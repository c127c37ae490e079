/*
 * minijail's text to lines of terms: tokens and the grammar. Arguments are
 * compared as whole words, unsigned.
 */
#include <string.h>

#include "import/minijail.h"

/* --- tokens --------------------------------------------------------------- */

static bool is_name(char c, char next)
{
	return is_word(c) || c == '@' ||
	       (c == '-' && is_word(next));
}

/*
 * Read a number as C's strtol does: decimal, 0x, or octal after a 0, with a
 * sign.
 */
static void lex_number(struct importer *im, struct scan_token *t)
{
	const char *text = im->src.text + t->start;
	size_t len = t->end - t->start, sign = *text == '-', skip;
	unsigned base = number_base(text + sign, len - sign, "xX", &skip);

	t->kind = SCAN_NUMBER;
	skip += sign;
	if (!read_digits(text + skip, len - skip, base, &t->value) ||
	    (sign && t->value > UINT64_C(1) << 63)) {
		t->kind = SCAN_BAD;
		t->why = base == 8 ? "is not a valid 64-bit octal number"
		                   : "is not a valid 64-bit number";
	}
	if (sign)
		t->value = -t->value;
}

static void lex_word(struct importer *im, size_t *at, struct scan_token *t)
{
	const char *text = im->src.text;
	size_t len = im->src.len;
	bool number = is_digit(text[*at]) || text[*at] == '-';

	do
		++*at;
	while (*at < len &&
	       (number ? is_word(text[*at])
	               : is_name(text[*at], *at + 1 < len ? text[*at + 1] : 0)));
	t->end = (uint32_t)*at;
	t->kind = SCAN_NAME;
	if (number)
		lex_number(im, t);
}

/*
 * Tell whether the line at AT ends in a backslash, so that the next continues
 * it.
 */
static bool goes_on(const struct importer *im, size_t at)
{
	const char *text = im->src.text;

	while (at < im->src.len && text[at] != '\n')
		at++;
	while (at && text[at - 1] == '\r')
		at--;
	return at && text[at - 1] == '\\';
}

/* Skip to the end of the comment at *AT. */
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

/* Skip what separates tokens; set *NEWLINE if a line ends in it. */
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

static const struct scan_token *lex(struct importer *im)
{
	struct import_tokens tokens = { 0 };
	const char *text = im->src.text;
	bool newline = true;
	size_t at = 0;

	for (;;) {
		struct scan_token t = { .kind = SCAN_END };

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
		if (t.kind == SCAN_END)
			return tokens.v.v;
	}
}

/* --- values --------------------------------------------------------------- */

static struct rules_expr *parse_value(struct minijail_reader *r);

static struct rules_expr *parse_single(struct minijail_reader *r)
{
	const struct scan_token *t = r->scan.token;
	struct span at = scan_at(t);

	if (scan_take(&r->scan, SCAN_NAME))
		return import_name(r->im, scan_text(&r->scan, t), t->end - t->start, at);
	if (scan_take(&r->scan, SCAN_NUMBER)) {
		struct rules_expr *n = import_number(r->im, t->value, at), *minus;

		if (r->im->src.text[t->start] != '-')
			return n;
		n->number = -t->value;
		minus = import_expr(r->im, EXPR_MINUS, at);
		import_add(r->im, minus, n);
		return minus;
	}
	scan_expected(&r->scan, "a number or the name of a constant");
	return import_number(r->im, 0, scan_here(&r->scan));
}

static struct rules_expr *parse_constant(struct minijail_reader *r)
{
	struct rules_expr *e, *invert = NULL;

	if (scan_next_is(&r->scan, '~')) {
		invert = import_expr(r->im, EXPR_INVERT, scan_here(&r->scan));
		scan_take(&r->scan, '~');
	}
	if (scan_take(&r->scan, '(')) {
		e = parse_value(r);
		scan_want(&r->scan, ')', "')'");
		e->paren = true;
	} else {
		e = parse_single(r);
	}
	if (!invert)
		return e;
	import_add(r->im, invert, e);
	return invert;
}

/* Read constant { "|" constant }. */
static struct rules_expr *parse_value(struct minijail_reader *r)
{
	struct rules_expr *e, *chain = NULL;

	if (r->depth == RULES_DEPTH / 4) {
		scan_fail(&r->scan, scan_here(&r->scan), E_LIMIT "nested too deep");
		return import_number(r->im, 0, scan_here(&r->scan));
	}
	r->depth++;
	e = parse_constant(r);
	while (scan_take(&r->scan, '|')) {
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
 * Compute the value of E for ABI as the compilers do, in words. False if a name
 * in it is unknown; the resolver complains of that.
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
 * Return E as a number if its top bit is set somewhere: ordered comparisons are
 * unsigned, and weir's language must show that.
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
		scan_fail(&r->scan, e->at, E_INEXPRESSIBLE "this number differs between the ABIs");
	return import_number(r->im, first, e->at);
}

/* --- filters -------------------------------------------------------------- */

static bool parse_operator(struct minijail_reader *r, enum rules_cmp *cmp)
{
	if (scan_take_word(&r->scan, "in")) {
		*cmp = RULES_WITHIN;
		return true;
	}
	if (scan_take(&r->scan, '&')) {
		*cmp = RULES_ANY;
		return true;
	}
	if (import_take_comparison(&r->scan, cmp))
		return true;
	scan_expected(&r->scan, "'==', '!=', '<', '<=', '>', '>=', '&' or 'in'");
	return false;
}

/* Tell whether argN comes next; set *N. */
static bool is_argument(const struct minijail_reader *r, unsigned *n)
{
	const char *text = r->im->src.text + r->scan.token->start;
	uint64_t value;

	if (!scan_next_is(&r->scan, SCAN_NAME) || r->scan.token->end - r->scan.token->start < 4 ||
	    memcmp(text, "arg", 3) ||
	    !read_digits(text + 3, r->scan.token->end - r->scan.token->start - 3, 10, &value))
		return false;
	*n = value < SYS_ARGS ? (unsigned)value : SYS_ARGS;
	return true;
}

static struct rules_expr *parse_atom(struct minijail_reader *r)
{
	struct span at = scan_here(&r->scan);
	struct rules_expr *word, *value;
	enum rules_cmp cmp = RULES_EQ;
	unsigned n = 0;

	if (!is_argument(r, &n)) {
		scan_expected(&r->scan, "an argument, arg0 to arg5");
		return import_word(r->im, 0, false, at);
	}
	if (n == SYS_ARGS)
		scan_fail(&r->scan, at, "a system call has arguments arg0 to arg5");
	r->scan.token++;
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

/* Read PART { TOKEN PART } as an expression of KIND. */
static struct rules_expr *parse_list(struct minijail_reader *r, enum rules_expr_kind kind,
                                     int token,
                                     struct rules_expr *(*part)(struct minijail_reader *r))
{
	struct rules_expr *e = part(r), *list;

	if (!scan_next_is(&r->scan, token))
		return e;
	list = import_expr(r->im, kind, e->at);
	import_add(r->im, list, e);
	while (scan_take(&r->scan, token))
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

/* Read the error after `return`. */
static void parse_errno(struct minijail_reader *r, struct rules_written *w)
{
	const struct scan_token *t = r->scan.token;

	w->data_at = scan_at(t);
	if (scan_take(&r->scan, SCAN_NAME)) {
		w->name = r->im->src.text + t->start;
		w->len = t->end - t->start;
	} else if (!scan_want(&r->scan, SCAN_NUMBER, "an error after 'return'")) {
		return;
	} else if (t->value > 4095) {
		scan_fail(&r->scan, w->data_at, E_RANGE "'%.*s' is not in 0..4095",
		          (int)(t->end - t->start), r->im->src.text + t->start);
	} else if (!t->value) {
		rules_warn_errno_0(r->im->diags, w->data_at);
	}
	w->data = t->value;
	w->at = span_join(w->at, w->data_at);
}

static const struct import_verb actions[] = {
	{ "allow", RULES_ALLOW },
	{ "kill", RULES_KILL_THREAD },
	{ "kill-thread", RULES_KILL_THREAD },
	{ "kill-process", RULES_KILL },
	{ "trap", RULES_TRAP },
	{ "trace", RULES_TRACE },
	{ "log", RULES_LOG },
	{ "user-notify", RULES_NOTIFY },
	{ .word = NULL },
};

static struct rules_written parse_action(struct minijail_reader *r)
{
	struct rules_written w = import_action(RULES_ALLOW, 0, scan_here(&r->scan));
	const struct import_verb *verb;

	if (scan_take_word(&r->scan, "return")) {
		w.verb = RULES_ERRNO;
		if (scan_at_end(&r->scan) && !r->scan.failed && r->im->dialect == MINIJAIL_C)
			w.verb = RULES_KILL_THREAD;
		else
			parse_errno(r, &w);
		return w;
	}
	verb = import_next_verb(&r->scan, actions);
	if (verb)
		w.verb = verb->verb;
	if (verb || (scan_next_is(&r->scan, SCAN_NUMBER) && r->scan.token->value == 1))
		r->scan.token++;
	else
		scan_expected(&r->scan, "an action (1, return, ...) or a condition");
	if (r->kind->deny)
		scan_fail(&r->scan, w.at, "a rule of a '@denylist' must 'return' an error");
	return w;
}

bool minijail_is_python(const struct importer *im, const struct minijail_kind *kind)
{
	return im->dialect == MINIJAIL_PYTHON || kind->python;
}

/*
 * Read "expression ; action". The two compilers differ in what the action
 * applies to.
 */
static void parse_else(struct minijail_reader *r, struct minijail_filter f, struct minijail_filters *out)
{
	struct span at = scan_here(&r->scan);
	struct rules_written action;

	r->scan.token++;
	action = parse_action(r);
	if (r->scan.failed)
		return;
	if (minijail_is_python(r->im, r->kind)) {
		f.action = action;
		array_push(r->im->arena, &out->v, f);
		return;
	}
	if (r->im->dialect == MINIJAIL_BOTH) {
		scan_fail(&r->scan, span_join(at, action.at),
		          "libminijail does this to all other calls, "
		          "compile_seccomp_policy.py to these; "
		          "--from minijail-c or minijail-python?");
		return;
	}
	array_push(r->im->arena, &out->v, f);
	f = (struct minijail_filter){ .action = action, .at = action.at };
	array_push(r->im->arena, &out->v, f);
}

static void parse_filter(struct minijail_reader *r, struct minijail_filters *out)
{
	struct minijail_filter f = { .action = import_action(RULES_ALLOW, 0, scan_here(&r->scan)),
		                     .at = scan_here(&r->scan) };
	unsigned n;

	if (!is_argument(r, &n)) {
		f.action = parse_action(r);
		f.at = f.action.at;
		array_push(r->im->arena, &out->v, f);
		return;
	}
	f.condition = parse_expression(r);
	f.at = f.condition->at;
	if (scan_next_is(&r->scan, ';'))
		parse_else(r, f, out);
	else
		array_push(r->im->arena, &out->v, f);
}

static void parse_filters(struct minijail_reader *r, struct minijail_filters *out)
{
	struct span open = scan_here(&r->scan);

	if (!scan_take(&r->scan, '{')) {
		parse_filter(r, out);
		return;
	}
	do
		parse_filter(r, out);
	while (scan_take(&r->scan, ','));
	scan_want(&r->scan, '}', "',' or '}'");
	if (r->scan.failed && scan_at_end(&r->scan) && r->scan.token->kind == SCAN_END)
		diag_note(r->im->diags, open, "to close this");
}

/* --- calls ---------------------------------------------------------------- */

/* minijail's names of ABIs, as far as ours differ. */
static const struct {
	const char *name, *ours;
} arch_names[] = {
	{ "x86", "i386" },
	{ "arm64", "aarch64" },
	{ "loong64", "loongarch64" },
};

static uint32_t arch_mask(struct minijail_reader *r, const struct scan_token *t)
{
	const char *name = r->im->src.text + t->start;
	size_t len = t->end - t->start;
	const struct sys_abi *abi;

	for (size_t i = 0; i < ARRAY_LEN(arch_names); i++)
		if (scan_is(&r->scan, t, arch_names[i].name)) {
			name = arch_names[i].ours;
			len = strlen(name);
			break;
		}
	abi = sys_abi(name, len);
	return abi ? 1u << abi->id : 0;
}

/* Read [arch=NAME,...]; return a mask of ABIs. */
static uint32_t parse_metadata(struct minijail_reader *r)
{
	uint32_t mask = 0;

	if (!scan_next_word(&r->scan, "arch")) {
		scan_expected(&r->scan, "'arch'");
		return 0;
	}
	r->scan.token++;
	scan_want(&r->scan, '=', "'='");
	do {
		const struct scan_token *t = r->scan.token;

		if (scan_want(&r->scan, SCAN_NAME, "the name of an architecture"))
			mask |= arch_mask(r, t);
	} while (scan_take(&r->scan, ','));
	scan_want(&r->scan, ']', "',' or ']'");
	return mask;
}

static void parse_call(struct minijail_reader *r, struct minijail_calls *out)
{
	const struct scan_token *t = r->scan.token;
	struct minijail_call c = { .name = r->im->src.text + t->start,
		                   .len = t->end - t->start,
		                   .abis = UINT32_MAX,
		                   .at = scan_here(&r->scan) };

	/* The first of a line is preceded by its newline. */
	if (r->scan.failed || t->kind != SCAN_NAME) {
		scan_expected(&r->scan, "the name of a system call");
		return;
	}
	if (memchr(c.name, '@', c.len))
		scan_fail(&r->scan, scan_at(t),
		          E_INEXPRESSIBLE "the calls of '%.*s' are listed in a file of minijail's "
		                          "build, which weir does not read",
		          (int)c.len, c.name);
	c.at = scan_at(t);
	r->scan.token++;
	if (scan_take(&r->scan, '['))
		c.abis = parse_metadata(r);
	array_push(r->im->arena, &out->v, c);
}

static void parse_calls(struct minijail_reader *r, struct minijail_calls *out)
{
	if (r->scan.token->kind != '{') {
		parse_call(r, out);
		return;
	}
	r->scan.token++;
	do
		parse_call(r, out);
	while (scan_take(&r->scan, ','));
	scan_want(&r->scan, '}', "',' or '}'");
}

/* --- lines ----------------------------------------------------------------- */

/* Read calls ":" filters. */
static void parse_rule(struct minijail_reader *r, struct minijail_line *out)
{
	parse_calls(r, &out->calls);
	scan_want(&r->scan, ':', "':' after the name of a system call");
	parse_filters(r, &out->filters);
	if (!scan_at_end(&r->scan))
		scan_expected(&r->scan, "the end of the line");
	if (!r->scan.failed)
		out->kind = MINIJAIL_RULE;
}

/* Return the rest of the line, without blanks around it. */
static struct span rest_of_line(struct minijail_reader *r)
{
	const char *text = r->im->src.text;
	size_t start = r->scan.token[-1].end, end;

	while (start < r->im->src.len && strchr(" \t", text[start]))
		start++;
	for (end = start; end < r->im->src.len && !strchr("\r\n", text[end]);)
		end++;
	while (end > start && strchr(" \t", text[end - 1]))
		end--;
	while (!scan_at_end(&r->scan))
		r->scan.token++;
	return import_span(r->im, start, end);
}

static void parse_include(struct minijail_reader *r, struct minijail_line *out)
{
	struct span at = rest_of_line(r);
	const char *name = r->im->src.text + at.start;
	size_t len = at.end - at.start;

	if (!len || memchr(name, 0, len) ||
	    !(name[0] == '/' || (len > 1 && name[0] == '.' && name[1] == '/'))) {
		scan_fail(&r->scan, at, E_SYNTAX "expected a path that begins with '/' or './'");
		return;
	}
	out->kind = MINIJAIL_INCLUDE;
	out->path = at;
}

static void parse_default(struct minijail_reader *r, struct minijail_line *out)
{
	struct rules_written w = parse_action(r);

	if (!r->scan.failed && (w.verb == RULES_ALLOW || w.verb == RULES_LOG ||
	                        w.verb == RULES_TRACE || w.verb == RULES_ERRNO))
		scan_fail(&r->scan, w.at, "the default of minijail is kill, kill-process, "
		                          "kill-thread, trap or user-notify");
	out->kind = MINIJAIL_DEFAULT;
	out->action = w;
}

static void parse_line(struct minijail_reader *r, struct minijail_line *out)
{
	const struct scan_token *t = r->scan.token;

	if (t->kind != SCAN_NAME || r->im->src.text[t->start] != '@') {
		parse_rule(r, out);
		return;
	}
	r->scan.token++;
	if (scan_is(&r->scan, t, "@include"))
		parse_include(r, out);
	else if (scan_is(&r->scan, t, "@frequency"))
		rest_of_line(r);
	else if (scan_is(&r->scan, t, "@default"))
		parse_default(r, out);
	else if (!scan_is(&r->scan, t, "@denylist"))
		scan_fail(&r->scan, scan_at(t),
		          E_UNKNOWN "unknown statement '%.*s'; expected @include, @frequency, "
		                    "@default or @denylist",
		          (int)(t->end - t->start), r->im->src.text + t->start);
	if (!scan_at_end(&r->scan))
		scan_expected(&r->scan, "the end of the line");
}

/*
 * Tell whether T is something that only the second compiler knows: a brace, a
 * bracket, an action by name, `@default`, `@denylist`. The first refuses the
 * whole text then.
 */
static bool only_python(const struct scan_reader *s, const struct scan_token *t)
{
	bool action = false;

	if (t->kind == '{' || t->kind == '[' || scan_is(s, t, "@default") ||
	    scan_is(s, t, "@denylist"))
		return true;
	for (size_t i = 0; actions[i].word; i++)
		action |= scan_is(s, t, actions[i].word);
	return action && t->start && !t->newline &&
	       (t[-1].kind == ':' || t[-1].kind == ';');
}

void minijail_start(struct minijail_reader *r, struct importer *im,
                    struct minijail_kind *kind)
{
	const struct scan_token *first = lex(im);

	*r = (struct minijail_reader){ .im = im, .kind = kind };
	r->scan = (struct scan_reader){
		.diags = im->diags,
		.start = first,
		.token = first,
		.lines = true,
	};
	for (const struct scan_token *t = r->scan.token; t->kind != SCAN_END; t++) {
		if (im->dialect != MINIJAIL_C)
			kind->python |= only_python(&r->scan, t);
		kind->deny |= scan_is(&r->scan, t, "@denylist");
	}
	if (kind->deny && im->dialect == MINIJAIL_C)
		diag_error(im->diags, import_span(im, 0, 0),
		           "libminijail does not support '@denylist'");
}

bool minijail_next(struct minijail_reader *r, struct minijail_line *out)
{
	const struct scan_token *start = r->scan.token;

	*out = (struct minijail_line){ .kind = MINIJAIL_NOTHING };
	if (start->kind == SCAN_END)
		return false;
	r->scan.failed = false;
	r->scan.start = start;
	r->depth = 0;
	parse_line(r, out);
	if (r->scan.token == start)
		r->scan.token++;
	while (r->scan.token->kind != SCAN_END && !r->scan.token->newline)
		r->scan.token++;
	return true;
}
