/*
 * kafel's text to terms: tokens, the preprocessor's #define and #include, and
 * the grammar. Constants are replaced by their values here.
 */
#include <string.h>

#include "import/kafel.h"

enum {
	NESTING = 50
}; /* parentheses and "!" */

struct constant {
	struct kafel_name name;
	uint64_t value;
	struct constant *next;
};

struct reader {
	struct importer *im;
	struct scan_reader scan;
	struct kafel_text *out;
	struct kafel_body *bodies; /* the newest; they form a list */
	struct constant *constants;
	unsigned depth;
};

/* --- tokens --------------------------------------------------------------- */

struct lexer {
	struct importer *im;
	struct import_tokens tokens;
	size_t at; /* in the text of IM */
};

static char ahead(const struct lexer *l, size_t k)
{
	return l->at + k < l->im->src.len ? l->im->src.text[l->at + k] : 0;
}

static void add_token(struct lexer *l, struct scan_token t, size_t start)
{
	t.source = l->im->source;
	t.start = (uint32_t)start;
	t.end = (uint32_t)l->at;
	array_push(l->im->arena, &l->tokens.v, t);
}

static void add_bad(struct lexer *l, size_t start, const char *why)
{
	add_token(l, (struct scan_token){ .kind = SCAN_BAD, .why = why }, start);
}

/*
 * Read a comment. As in kafel, a star takes the next byte with it: "**" "/"
 * does not end one.
 */
static void lex_comment(struct lexer *l)
{
	size_t start = l->at;

	for (l->at += 2; l->at < l->im->src.len; l->at++) {
		if (ahead(l, 0) != '*')
			continue;
		l->at++;
		if (ahead(l, 0) == '/') {
			l->at++;
			return;
		}
	}
	l->at = l->im->src.len;
	add_bad(l, start, "is an unterminated comment");
}

/* Read a number: 0x, 0b, octal after a 0, or decimal with a sign. */
static void lex_number(struct lexer *l)
{
	struct scan_token t = { .kind = SCAN_NUMBER };
	const char *text = l->im->src.text + l->at;
	size_t start = l->at, skip = 1, len;
	bool minus = *text == '-';
	unsigned base = 10;

	l->at += minus;
	while (is_word(ahead(l, 0)))
		l->at++;
	len = l->at - start;
	if (!minus)
		base = number_base(text, len, "xb", &skip);
	if (!read_digits(text + skip, len - skip, base, &t.value) ||
	    (minus && text[1] == '0')) {
		t.kind = SCAN_BAD;
		t.why = base == 8 ? "is not a valid 64-bit octal number"
		                  : "is not a valid 64-bit number";
	}
	if (minus)
		t.value = -t.value;
	add_token(l, t, start);
}

static void lex_text(struct lexer *l);

static void lex_included(struct importer *inner, void *ctx)
{
	struct lexer *l = ctx, in = { .im = inner, .tokens = l->tokens };

	lex_text(&in);
	l->tokens = in.tokens;
}

/*
 * Read the rest of "#include": names in quotes, up to the end of the line or
 * ";".
 */
static void lex_include(struct lexer *l)
{
	size_t start;

	for (;;) {
		while (ahead(l, 0) == ' ' || ahead(l, 0) == '\t')
			l->at++;
		start = l->at;
		if (ahead(l, 0) == '\n' || ahead(l, 0) == ';') {
			l->at++;
			return;
		}
		if (ahead(l, 0) != '"')
			break;
		do
			l->at++;
		while (ahead(l, 0) && ahead(l, 0) != '"' && ahead(l, 0) != '\n');
		if (ahead(l, 0) != '"' || l->at == start + 1)
			break;
		l->at++;
		import_include(l->im, l->im->src.text + start + 1, l->at - start - 2,
		               import_span(l->im, start, l->at), lex_included, l);
	}
	while (l->at < l->im->src.len && ahead(l, 0) != '\n')
		l->at++;
	add_bad(l, start,
	        "is not what '#include' needs: a name in quotes, a newline or ';'");
}

static bool starts(const struct lexer *l, const char *word)
{
	size_t len = strlen(word);

	return l->im->src.len - l->at >= len &&
	       !memcmp(l->im->src.text + l->at, word, len);
}

static void lex_one(struct lexer *l)
{
	size_t start = l->at;
	char c = ahead(l, 0);
	struct scan_token t = { .kind = SCAN_NAME };

	if (starts(l, "//")) {
		while (l->at < l->im->src.len && ahead(l, 0) != '\n')
			l->at++;
	} else if (starts(l, "/*")) {
		lex_comment(l);
	} else if (starts(l, "#include")) {
		l->at += strlen("#include");
		lex_include(l);
	} else if (is_digit(c) || (c == '-' && is_digit(ahead(l, 1)))) {
		lex_number(l);
	} else if (is_word(c) && c != '_') {
		while (is_word(ahead(l, 0)))
			l->at++;
		add_token(l, t, start);
	} else {
		t.kind = import_operator(l->im, &l->at);
		add_token(l, t, start);
	}
}

static void lex_text(struct lexer *l)
{
	while (l->at < l->im->src.len)
		if (ahead(l, 0) == ' ' || ahead(l, 0) == '\t' || ahead(l, 0) == '\n')
			l->at++;
		else
			lex_one(l);
}

/* --- taking them ---------------------------------------------------------- */

/* Tell whether T is a word that cannot be a name. */
static bool is_reserved(const struct reader *r, const struct scan_token *t)
{
	static const char *const words[] = {
		"SYSCALL",
		"ALLOW",
		"LOG",
		"USER_NOTIF",
		"ERRNO",
		"KILL_PROCESS",
		"KILL_THREAD",
		"KILL",
		"DENY",
		"TRAP",
		"TRACE",
		"USE",
		"POLICY",
		"DEFAULT",
		"ON",
		"define",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (scan_is(&r->scan, t, words[i]))
			return true;
	return false;
}

static bool want_name(struct reader *r, const char *what, struct kafel_name *out)
{
	const struct scan_token *t = r->scan.token;

	*out = (struct kafel_name){ scan_text(&r->scan, t), t->end - t->start, scan_here(&r->scan) };
	if (scan_next_is(&r->scan, SCAN_NAME) && !is_reserved(r, t))
		return scan_take(&r->scan, SCAN_NAME);
	scan_expected(&r->scan, what);
	return false;
}

static bool same_name(const struct kafel_name *a, const struct kafel_name *b)
{
	return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

/* --- conditions ----------------------------------------------------------- */

static struct kafel_term *new_term(struct reader *r, enum kafel_term_kind kind, struct span at)
{
	struct kafel_term *t = arena_new(r->im->arena, struct kafel_term);

	t->kind = kind;
	t->at = at;
	return t;
}

/* Make KID one of T's; its place may be in another text. */
static void add_kid(struct reader *r, struct kafel_term *t, struct kafel_term *kid)
{
	array_push(r->im->arena, &t->kid, kid);
	if (kid->at.source == t->at.source)
		t->at = span_join(t->at, kid->at);
}

static const struct constant *find_constant(const struct reader *r,
                                            const struct kafel_name *name)
{
	for (const struct constant *c = r->constants; c; c = c->next)
		if (same_name(&c->name, name))
			return c;
	return NULL;
}

static bool is_value(const struct kafel_term *t)
{
	return t->kind <= KAFEL_BITAND;
}

static struct kafel_term *parse_bool(struct reader *r);
static struct kafel_term *parse_or_value(struct reader *r);

/* Read a number, a name, or what is in parentheses: a value or a condition. */
static struct kafel_term *parse_operand(struct reader *r)
{
	const struct scan_token *start = r->scan.token;
	struct kafel_term *t = new_term(r, KAFEL_NUMBER, scan_here(&r->scan));
	const struct constant *c;
	struct kafel_name name;

	if (scan_take(&r->scan, SCAN_NUMBER)) {
		t->number = start->value;
		return t;
	}
	if (scan_take(&r->scan, '(')) {
		if (r->depth == NESTING)
			scan_fail(&r->scan, t->at, E_LIMIT "nested too deep");
		r->depth++;
		t = parse_bool(r);
		r->depth--;
		scan_want(&r->scan, ')', "')'");
		return t;
	}
	if (!want_name(r, "a number, a constant or an argument", &name))
		return t;
	c = find_constant(r, &name);
	if (c) {
		t->number = c->value;
		return t;
	}
	t->kind = KAFEL_NAME;
	t->name = name.text;
	t->len = name.len;
	return t;
}

static void need_value(struct reader *r, const struct kafel_term *t)
{
	if (!is_value(t))
		scan_fail(&r->scan, t->at, E_SYNTAX "expected a value, found a condition");
}

static void need_condition(struct reader *r, const struct kafel_term *t)
{
	if (is_value(t))
		scan_fail(&r->scan, t->at, "a value alone is not a condition; compare it");
}

/* Read PART { TOKEN PART } as a term of KIND; CHECK checks each part. */
static struct kafel_term *parse_list(struct reader *r, enum kafel_term_kind kind, int token,
                                     struct kafel_term *(*part)(struct reader *r),
                                     void (*check)(struct reader *r, const struct kafel_term *t))
{
	struct kafel_term *t = part(r), *list;

	if (!scan_next_is(&r->scan, token))
		return t;
	check(r, t);
	list = new_term(r, kind, t->at);
	add_kid(r, list, t);
	while (scan_take(&r->scan, token)) {
		t = part(r);
		check(r, t);
		add_kid(r, list, t);
	}
	return list;
}

static struct kafel_term *parse_and_value(struct reader *r)
{
	return parse_list(r, KAFEL_BITAND, '&', parse_operand, need_value);
}

static struct kafel_term *parse_or_value(struct reader *r)
{
	return parse_list(r, KAFEL_BITOR, '|', parse_and_value, need_value);
}

/* Read a comparison, "!", or whatever is in parentheses. */
static struct kafel_term *parse_primary(struct reader *r)
{
	struct span at = scan_here(&r->scan);
	struct kafel_term *t, *compare;
	enum rules_cmp cmp;
	unsigned nots = 0;

	while (scan_take(&r->scan, '!'))
		nots++;
	t = parse_or_value(r);
	if (import_take_comparison(&r->scan, &cmp)) {
		need_value(r, t);
		compare = new_term(r, KAFEL_COMPARE, t->at);
		compare->cmp = cmp;
		add_kid(r, compare, t);
		t = parse_or_value(r);
		need_value(r, t);
		add_kid(r, compare, t);
		t = compare;
	}
	/* An even number of them says nothing. */
	if (nots)
		need_condition(r, t);
	if (nots % 2 == 0)
		return t;
	compare = new_term(r, KAFEL_NOT, at);
	add_kid(r, compare, t);
	return compare;
}

static struct kafel_term *parse_and(struct reader *r)
{
	return parse_list(r, KAFEL_AND, IMPORT_AND, parse_primary, need_condition);
}

static struct kafel_term *parse_or(struct reader *r)
{
	return parse_list(r, KAFEL_OR, IMPORT_OR, parse_and, need_condition);
}

/* Read a list of conditions: a comma means "or". */
static struct kafel_term *parse_bool(struct reader *r)
{
	return parse_list(r, KAFEL_OR, ',', parse_or, need_condition);
}

/* --- filters -------------------------------------------------------------- */

/* kafel's names of architectures. */
static const struct {
	const char *name, *ours;
} arch_names[] = {
	{ "arm", "arm" },
	{ "aarch64", "aarch64" },
	{ "arm64", "aarch64" },
	{ "x86_64", "x86_64" },
	{ "amd64", "x86_64" },
	{ "x86", "i386" },
	{ "i386", "i386" },
	{ "mips", "mips" },
	{ "mipso32", "mips" },
	{ "mips64", "mips64" },
	{ "riscv64", "riscv64" },
	{ "rv64", "riscv64" },
	{ "m68k", "m68k" },
};

static uint32_t parse_arch(struct reader *r)
{
	const struct sys_abi *abi;
	struct kafel_name name;
	struct suggest s;

	if (!want_name(r, "the name of an architecture", &name))
		return 0;
	suggest_start(&s, name.text, name.len);
	for (size_t i = 0; i < ARRAY_LEN(arch_names); i++) {
		suggest_offer(&s, arch_names[i].name);
		if (!same_letters(arch_names[i].name, name.text, name.len))
			continue;
		abi = sys_abi(arch_names[i].ours, strlen(arch_names[i].ours));
		return abi ? 1u << abi->id : 0;
	}
	scan_fail(&r->scan, name.at, E_UNKNOWN "unknown architecture '%.*s'%s", (int)name.len,
	          name.text, suggest_text(r->im->arena, &s));
	return 0;
}

/* Read ON arch, ON { arch, ... }, or nothing; return a mask of ABIs. */
static uint32_t parse_guard(struct reader *r)
{
	uint32_t mask = 0;

	if (!scan_take_word(&r->scan, "ON"))
		return UINT32_MAX;
	if (!scan_take(&r->scan, '{'))
		return parse_arch(r);
	do
		mask |= parse_arch(r);
	while (scan_take(&r->scan, ','));
	scan_want(&r->scan, '}', "',' or '}'");
	return mask;
}

static void parse_declared(struct reader *r, struct kafel_filter *f)
{
	struct kafel_name name;

	f->declared = true;
	if (scan_take(&r->scan, ')'))
		return;
	do {
		if (!want_name(r, "the name of an argument", &name))
			return;
		array_each(it, &f->arg.v)
			if (same_name(it, &name))
				scan_fail(&r->scan, name.at, E_DUPLICATE "duplicate argument '%.*s'",
				          (int)name.len, name.text);
		if (f->arg.v.n == SYS_ARGS)
			scan_fail(&r->scan, name.at, "a system call has six arguments");
		array_push(r->im->arena, &f->arg.v, name);
	} while (scan_take(&r->scan, ','));
	scan_want(&r->scan, ')', "',' or ')'");
}

static struct kafel_filter parse_filter(struct reader *r)
{
	struct kafel_filter f = { .at = scan_here(&r->scan) };
	const struct constant *c;

	if (scan_take_word(&r->scan, "SYSCALL")) {
		scan_want(&r->scan, '[', "'[' after 'SYSCALL'");
		f.nr = r->scan.token->value;
		scan_want(&r->scan, SCAN_NUMBER, "the number of a system call");
		scan_want(&r->scan, ']', "']'");
	} else if (want_name(r, "a system call", &f.call)) {
		c = find_constant(r, &f.call);
		if (c) {
			f.nr = c->value;
			f.call.text = NULL;
		}
	}
	/* -1 is written with 64 bits. */
	if (f.nr > UINT32_MAX && f.nr < -(UINT64_C(1) << 31))
		scan_fail(&r->scan, f.at, "the number of a system call has 32 bits");
	f.nr &= UINT32_MAX;
	if (scan_take(&r->scan, '('))
		parse_declared(r, &f);
	f.abis = parse_guard(r);
	if (scan_take(&r->scan, '{') && !scan_take(&r->scan, '}')) {
		f.condition = parse_bool(r);
		need_condition(r, f.condition);
		scan_want(&r->scan, '}', "',', '||', '&&' or '}'");
	}
	return f;
}

/* --- policies ------------------------------------------------------------- */

static const struct import_verb actions[] = {
	{ "ALLOW", RULES_ALLOW },
	{ "LOG", RULES_LOG },
	{ "DENY", RULES_KILL_THREAD },
	{ "KILL", RULES_KILL_THREAD },
	{ "KILL_THREAD", RULES_KILL_THREAD },
	{ "KILL_PROCESS", RULES_KILL },
	{ "USER_NOTIF", RULES_NOTIFY },
	{ "ERRNO", RULES_ERRNO },
	{ "TRAP", RULES_TRAP },
	{ "TRACE", RULES_TRACE },
	{ .word = NULL },
};

static struct rules_written parse_action(struct reader *r)
{
	struct rules_written w = import_action(RULES_ALLOW, 0, scan_here(&r->scan));
	const struct import_verb *verb = import_next_verb(&r->scan, actions);
	uint64_t most;

	if (!verb) {
		scan_expected(&r->scan, "an action (ALLOW, ERRNO, KILL, ...)");
		return w;
	}
	r->scan.token++;
	w.verb = verb->verb;
	if (w.verb != RULES_ERRNO && w.verb != RULES_TRAP && w.verb != RULES_TRACE)
		return w;
	scan_want(&r->scan, '(', "'('");
	w.data_at = scan_here(&r->scan);
	w.data = r->scan.token->value;
	scan_want(&r->scan, SCAN_NUMBER, "a number");
	most = w.verb == RULES_ERRNO ? 4095 : 65535;
	if (w.data > most)
		scan_fail(&r->scan, w.data_at, E_RANGE "%s is at most %u here",
		          w.verb == RULES_ERRNO ? "an error" : "this", (unsigned)most);
	else if (w.verb == RULES_ERRNO && !w.data && !r->scan.failed)
		rules_warn_errno_0(r->im->diags, w.data_at);
	scan_want(&r->scan, ')', "')'");
	return w;
}

static struct kafel_body *find_body(const struct reader *r, const struct kafel_name *name)
{
	for (struct kafel_body *b = r->bodies; b; b = b->next)
		if (same_name(&b->name, name))
			return b;
	return NULL;
}

static void unknown_policy(struct reader *r, const struct kafel_name *name)
{
	struct suggest s;

	suggest_start(&s, name->text, name->len);
	for (const struct kafel_body *b = r->bodies; b; b = b->next)
		suggest_offer(&s, arena_strndup(r->im->arena, b->name.text,
		                                b->name.len));
	scan_fail(&r->scan, name->at, "no policy '%.*s' is defined above%s",
	          (int)name->len, name->text, suggest_text(r->im->arena, &s));
}

/* Read USE name, or action { filters }. */
static void parse_entry(struct reader *r, struct kafel_body *body)
{
	struct kafel_entry e = { 0 };
	struct kafel_name name;

	if (scan_take_word(&r->scan, "USE")) {
		if (want_name(r, "the name of a policy", &name)) {
			e.use = find_body(r, &name);
			if (!e.use)
				unknown_policy(r, &name);
		}
	} else {
		e.action = parse_action(r);
		scan_want(&r->scan, '{', "'{'");
		if (!scan_take(&r->scan, '}')) {
			do {
				struct kafel_filter f = parse_filter(r);

				array_push(r->im->arena, &e.filter, f);
			} while (scan_take(&r->scan, ','));
			scan_want(&r->scan, '}', "',', '{' or '}'");
		}
	}
	if (!r->scan.failed)
		array_push(r->im->arena, &body->entry, e);
}

static void parse_entries(struct reader *r, struct kafel_body *body)
{
	do
		parse_entry(r, body);
	while (scan_take(&r->scan, ','));
}

static void parse_policy(struct reader *r)
{
	struct kafel_body *b = arena_new(r->im->arena, struct kafel_body), *old;

	if (want_name(r, "the name of the policy", &b->name)) {
		old = find_body(r, &b->name);
		if (old) {
			scan_fail(&r->scan, b->name.at, E_DUPLICATE "duplicate policy '%.*s'",
			          (int)b->name.len, b->name.text);
			diag_note(r->im->diags, old->name.at,
			          "the first one is here");
		}
	}
	scan_want(&r->scan, '{', "'{'");
	if (!scan_take(&r->scan, '}')) {
		parse_entries(r, b);
		scan_want(&r->scan, '}', "',' or '}'");
	}
	b->next = r->bodies;
	r->bodies = b;
}

/* Read define NAME NUMBER, the rest of "#define". */
static void parse_define(struct reader *r)
{
	struct constant *c = arena_new(r->im->arena, struct constant);
	const struct constant *old;

	if (!scan_take_word(&r->scan, "define")) {
		scan_expected(&r->scan, "'define' or 'include' after '#'");
		return;
	}
	if (!want_name(r, "the name of a constant", &c->name))
		return;
	c->value = r->scan.token->value;
	if (!scan_want(&r->scan, SCAN_NUMBER, "a number"))
		return;
	old = find_constant(r, &c->name);
	if (old && old->value != c->value) {
		scan_fail(&r->scan, c->name.at, "'%.*s' is defined with two values",
		          (int)c->name.len, c->name.text);
		diag_note(r->im->diags, old->name.at, "the first one is here");
	}
	c->next = r->constants;
	r->constants = c;
}

static void parse_default(struct reader *r)
{
	struct rules_written w = parse_action(r);

	if (r->out->fallback.verb != RULES_NVERBS) {
		scan_fail(&r->scan, w.at, E_DUPLICATE "duplicate 'DEFAULT'");
		diag_note(r->im->diags, r->out->fallback.at, "the first one is here");
	}
	r->out->fallback = w;
}

/* Skip to where the next statement may begin after an error. */
static void recover(struct reader *r, const struct scan_token *start)
{
	if (r->scan.token == start)
		r->scan.token++;
	while (r->scan.failed && r->scan.token->kind != SCAN_END &&
	       !scan_is(&r->scan, r->scan.token, "POLICY") && !scan_is(&r->scan, r->scan.token, "USE") &&
	       !scan_is(&r->scan, r->scan.token, "DEFAULT") && r->scan.token->kind != '#')
		r->scan.token++;
	r->scan.failed = false;
	r->depth = 0;
}

static void parse_text(struct reader *r)
{
	while (r->scan.token->kind != SCAN_END) {
		const struct scan_token *start = r->scan.token;

		if (scan_take(&r->scan, '#'))
			parse_define(r);
		else if (scan_take_word(&r->scan, "POLICY"))
			parse_policy(r);
		else if (scan_take_word(&r->scan, "DEFAULT"))
			parse_default(r);
		else if (scan_next_word(&r->scan, "USE") || import_next_verb(&r->scan, actions))
			parse_entries(r, &r->out->top);
		else
			scan_expected(&r->scan, "POLICY, USE, DEFAULT, an action or #define");
		if (r->scan.failed || r->scan.token == start)
			recover(r, start);
	}
}

void kafel_parse(struct importer *im, struct kafel_text *out)
{
	struct lexer l = { .im = im };
	struct reader r = { .im = im, .out = out };

	lex_text(&l);
	add_token(&l, (struct scan_token){ .kind = SCAN_END }, l.at);
	out->fallback = import_action(RULES_NVERBS, 0, import_span(im, 0, 0));
	r.scan = (struct scan_reader){ .diags = im->diags, .token = l.tokens.v.v };
	parse_text(&r);
}
