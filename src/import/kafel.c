/*
 * kafel's policies (nsjail's): named lists of actions for calls with conditions
 * on their arguments, first match first.
 *
 * kafel compares unsigned words, whole ones if either side has 64 bits by its
 * own table or is a constant beyond 32 bits, low halves else; constants are
 * folded before that is looked at. So conditions are kept as they are written,
 * and lowered for a call once its arguments are known.
 */
#include <string.h>

#include "import/import.h"

enum { NESTING = 50 }; /* parentheses and "!" */

/* --- syntax --------------------------------------------------------------- */

enum term_kind {
	TERM_NUMBER,
	TERM_NAME,
	TERM_BITOR, /* of all kids */
	TERM_BITAND,
	TERM_COMPARE, /* KID 0 CMP KID 1 */
	TERM_NOT,
	TERM_AND,
	TERM_OR,
};

struct term {
	enum term_kind kind;
	enum rules_cmp cmp;
	uint64_t number;
	const char *name;
	uint32_t len;
	struct span at;
	ARRAY(struct term *) kid;
};

struct name {
	const char *text;
	uint32_t len;
	struct span at;
};

struct names {
	ARRAY(struct name) v;
};

/* One call of a list. */
struct filter {
	struct name call;    /* TEXT NULL: NR */
	uint64_t nr;
	uint32_t abis;
	bool declared;       /* ARG says what its arguments are called */
	struct names arg;
	struct term *condition; /* NULL: always */
	struct span at;
};

/* An action with its calls, or another policy. */
struct entry {
	struct rules_written action;
	struct body *use; /* not NULL: this */
	ARRAY(struct filter) filter;
};

struct body {
	struct name name;
	ARRAY(struct entry) entry;
	bool used;
	struct body *next; /* defined before it */
};

struct constant {
	struct name name;
	uint64_t value;
	struct constant *next;
};

struct reader {
	struct importer *im;
	const struct import_token *token;
	struct body *bodies, top;
	struct constant *constants;
	struct rules_written fallback; /* RULES_NVERBS: none was written */
	unsigned depth;
	bool failed;
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

static void add_token(struct lexer *l, struct import_token t, size_t start)
{
	t.source = l->im->source;
	t.start = (uint32_t)start;
	t.end = (uint32_t)l->at;
	array_push(l->im->arena, &l->tokens.v, t);
}

static void add_bad(struct lexer *l, size_t start, const char *why)
{
	add_token(l, (struct import_token){.kind = IMPORT_BAD, .why = why}, start);
}

/* In a comment a star takes the byte after it with it: "**" "/" ends none. */
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
	add_bad(l, start, "begins a comment that has no end");
}

/* 0x, 0b, octal after a 0, decimal with a sign. */
static void lex_number(struct lexer *l)
{
	struct import_token t = {.kind = IMPORT_NUMBER};
	const char *text = l->im->src.text + l->at;
	size_t start = l->at, skip = 0, len;
	unsigned base = 10;
	bool minus = *text == '-';

	l->at += minus;
	while (import_is_word(ahead(l, 0)))
		l->at++;
	len = l->at - start;
	if (minus) {
		skip = 1;
	} else if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'b')) {
		base = text[1] == 'x' ? 16 : 2;
		skip = 2;
	} else if (len > 1 && text[0] == '0') {
		base = 8;
	}
	if (!import_digits(text + skip, len - skip, base, &t.value) ||
	    (minus && text[1] == '0')) {
		t.kind = IMPORT_BAD;
		t.why = base == 8 ? "is no octal number of 64 bits"
		                  : "is no number of 64 bits";
	}
	if (minus)
		t.value = -t.value;
	add_token(l, t, start);
}

static void lex_text(struct lexer *l);

static void lex_included(struct importer *inner, void *ctx)
{
	struct lexer *l = ctx, in = {.im = inner, .tokens = l->tokens};

	lex_text(&in);
	l->tokens = in.tokens;
}

/* The rest of "#include": names in quotes, up to the end of the line or ";". */
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
	struct import_token t = {.kind = IMPORT_NAME};

	if (starts(l, "//")) {
		while (l->at < l->im->src.len && ahead(l, 0) != '\n')
			l->at++;
	} else if (starts(l, "/*")) {
		lex_comment(l);
	} else if (starts(l, "#include")) {
		l->at += strlen("#include");
		lex_include(l);
	} else if (import_is_digit(c) || (c == '-' && import_is_digit(ahead(l, 1)))) {
		lex_number(l);
	} else if (import_is_word(c) && c != '_') {
		while (import_is_word(ahead(l, 0)))
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

#define fail(r, where, ...)                                                  \
	do {                                                              \
		if (!(r)->failed)                                         \
			diag_error((r)->im->diags, where, __VA_ARGS__);   \
		(r)->failed = true;                                       \
	} while (0)

static const char *text_of(const struct reader *r, const struct import_token *t)
{
	return r->im->diags->sources.v[t->source].text + t->start;
}

static struct span here(const struct reader *r)
{
	const struct import_token *t = r->token;

	return (struct span){t->source, t->start, t->end};
}

/* Nothing follows an error. */
static bool next_is(const struct reader *r, int kind)
{
	return !r->failed && r->token->kind == kind;
}

static bool is_word(const struct reader *r, const struct import_token *t,
                    const char *word)
{
	size_t len = t->end - t->start;

	return t->kind == IMPORT_NAME && strlen(word) == len &&
	       !memcmp(text_of(r, t), word, len);
}

static bool next_word(const struct reader *r, const char *word)
{
	return !r->failed && is_word(r, r->token, word);
}

static void expected(struct reader *r, const char *what)
{
	const struct import_token *t = r->token;
	int len = (int)(t->end - t->start);

	if (t->kind == IMPORT_BAD)
		fail(r, here(r), "'%.*s' %s", len, text_of(r, t),
		     t->why ? t->why : "means nothing here");
	else if (t->kind == IMPORT_END)
		fail(r, here(r), "expected %s before the end of the text", what);
	else
		fail(r, here(r), "expected %s, not '%.*s'", what, len, text_of(r, t));
}

static bool take(struct reader *r, int kind)
{
	bool yes = next_is(r, kind);

	r->token += yes;
	return yes;
}

static bool take_word(struct reader *r, const char *word)
{
	bool yes = next_word(r, word);

	r->token += yes;
	return yes;
}

static bool want(struct reader *r, int kind, const char *what)
{
	if (take(r, kind))
		return true;
	expected(r, what);
	return false;
}

/* Words that are no names. */
static bool is_reserved(const struct reader *r, const struct import_token *t)
{
	static const char *const words[] = {
		"SYSCALL", "ALLOW", "LOG", "USER_NOTIF", "ERRNO", "KILL_PROCESS",
		"KILL_THREAD", "KILL", "DENY", "TRAP", "TRACE", "USE", "POLICY",
		"DEFAULT", "ON", "define",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (is_word(r, t, words[i]))
			return true;
	return false;
}

static bool want_name(struct reader *r, const char *what, struct name *out)
{
	const struct import_token *t = r->token;

	*out = (struct name){text_of(r, t), t->end - t->start, here(r)};
	if (next_is(r, IMPORT_NAME) && !is_reserved(r, t))
		return take(r, IMPORT_NAME);
	expected(r, what);
	return false;
}

static bool same_name(const struct name *a, const struct name *b)
{
	return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

/* --- conditions ----------------------------------------------------------- */

static struct term *new_term(struct reader *r, enum term_kind kind, struct span at)
{
	struct term *t = arena_new(r->im->arena, struct term);

	t->kind = kind;
	t->at = at;
	return t;
}

/* Makes KID one of T's; its place may be in another text. */
static void add_kid(struct reader *r, struct term *t, struct term *kid)
{
	array_push(r->im->arena, &t->kid, kid);
	if (kid->at.source == t->at.source)
		t->at = span_join(t->at, kid->at);
}

static const struct constant *find_constant(const struct reader *r,
                                            const struct name *name)
{
	for (const struct constant *c = r->constants; c; c = c->next)
		if (same_name(&c->name, name))
			return c;
	return NULL;
}

static bool is_value(const struct term *t)
{
	return t->kind <= TERM_BITAND;
}

static struct term *parse_bool(struct reader *r);
static struct term *parse_or_value(struct reader *r);

/* A number, a name, or what is in parentheses: a value or a condition. */
static struct term *parse_operand(struct reader *r)
{
	const struct import_token *start = r->token;
	struct term *t = new_term(r, TERM_NUMBER, here(r));
	const struct constant *c;
	struct name name;

	if (take(r, IMPORT_NUMBER)) {
		t->number = start->value;
		return t;
	}
	if (take(r, '(')) {
		if (r->depth == NESTING)
			fail(r, t->at, "nested too deep");
		r->depth++;
		t = parse_bool(r);
		r->depth--;
		want(r, ')', "')'");
		return t;
	}
	if (!want_name(r, "a number, a constant or an argument", &name))
		return t;
	c = find_constant(r, &name);
	if (c) {
		t->number = c->value;
		return t;
	}
	t->kind = TERM_NAME;
	t->name = name.text;
	t->len = name.len;
	return t;
}

static void need_value(struct reader *r, const struct term *t)
{
	if (!is_value(t))
		fail(r, t->at, "a condition stands where a value was expected");
}

static void need_condition(struct reader *r, const struct term *t)
{
	if (is_value(t))
		fail(r, t->at, "a value alone is no condition; compare it");
}

/* PART { TOKEN PART }, each of which CHECK takes, as a KIND. */
static struct term *parse_list(struct reader *r, enum term_kind kind, int token,
                               struct term *(*part)(struct reader *r),
                               void (*check)(struct reader *r, const struct term *t))
{
	struct term *t = part(r), *list;

	if (!next_is(r, token))
		return t;
	check(r, t);
	list = new_term(r, kind, t->at);
	add_kid(r, list, t);
	while (take(r, token)) {
		t = part(r);
		check(r, t);
		add_kid(r, list, t);
	}
	return list;
}

static struct term *parse_and_value(struct reader *r)
{
	return parse_list(r, TERM_BITAND, '&', parse_operand, need_value);
}

static struct term *parse_or_value(struct reader *r)
{
	return parse_list(r, TERM_BITOR, '|', parse_and_value, need_value);
}

static bool parse_operator(struct reader *r, enum rules_cmp *cmp)
{
	static const struct {
		int token;
		enum rules_cmp cmp;
	} operators[] = {
		{IMPORT_EQ, RULES_EQ}, {IMPORT_NE, RULES_NE}, {'<', RULES_LT},
		{IMPORT_LE, RULES_LE}, {'>', RULES_GT}, {IMPORT_GE, RULES_GE},
	};

	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (take(r, operators[i].token)) {
			*cmp = operators[i].cmp;
			return true;
		}
	if (next_is(r, '='))
		fail(r, here(r), "'=' does not compare; use '=='");
	return false;
}

/* A comparison, "!", or whatever is in parentheses. */
static struct term *parse_primary(struct reader *r)
{
	struct span at = here(r);
	struct term *t, *compare;
	enum rules_cmp cmp;
	unsigned nots = 0;

	while (take(r, '!'))
		nots++;
	t = parse_or_value(r);
	if (parse_operator(r, &cmp)) {
		need_value(r, t);
		compare = new_term(r, TERM_COMPARE, t->at);
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
	compare = new_term(r, TERM_NOT, at);
	add_kid(r, compare, t);
	return compare;
}

static struct term *parse_and(struct reader *r)
{
	return parse_list(r, TERM_AND, IMPORT_AND, parse_primary, need_condition);
}

static struct term *parse_or(struct reader *r)
{
	return parse_list(r, TERM_OR, IMPORT_OR, parse_and, need_condition);
}

/* A comma means "or". */
static struct term *parse_bool(struct reader *r)
{
	return parse_list(r, TERM_OR, ',', parse_or, need_condition);
}

/* --- filters -------------------------------------------------------------- */

/* kafel's names of architectures. */
static const struct {
	const char *name, *ours;
} arch_names[] = {
	{"arm", "arm"},         {"aarch64", "aarch64"}, {"arm64", "aarch64"},
	{"x86_64", "x86_64"},   {"amd64", "x86_64"},    {"x86", "i386"},
	{"i386", "i386"},       {"mips", "mips"},       {"mipso32", "mips"},
	{"mips64", "mips64"},   {"riscv64", "riscv64"}, {"rv64", "riscv64"},
	{"m68k", "m68k"},
};

static bool same_letters(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = a[i] >= 'A' && a[i] <= 'Z' ? (char)(a[i] | 0x20) : a[i];

		if (c != b[i])
			return false;
	}
	return !b[len];
}

static uint32_t parse_arch(struct reader *r)
{
	const struct sys_abi *abi;
	struct name name;
	struct suggest s;

	if (!want_name(r, "the name of an architecture", &name))
		return 0;
	suggest_start(&s, name.text, name.len);
	for (size_t i = 0; i < ARRAY_LEN(arch_names); i++) {
		suggest_offer(&s, arch_names[i].name);
		if (strlen(arch_names[i].name) != name.len ||
		    !same_letters(name.text, arch_names[i].name, name.len))
			continue;
		abi = sys_abi(arch_names[i].ours, strlen(arch_names[i].ours));
		return abi ? 1u << abi->id : 0;
	}
	if (suggest_best(&s))
		fail(r, name.at, "kafel knows no architecture '%.*s'; did you mean '%s'?",
		     (int)name.len, name.text, suggest_best(&s));
	fail(r, name.at, "kafel knows no architecture '%.*s'", (int)name.len,
	     name.text);
	return 0;
}

/* ON arch, ON { arch, ... }, or nothing. */
static uint32_t parse_guard(struct reader *r)
{
	uint32_t mask = 0;

	if (!take_word(r, "ON"))
		return UINT32_MAX;
	if (!take(r, '{'))
		return parse_arch(r);
	do
		mask |= parse_arch(r);
	while (take(r, ','));
	want(r, '}', "',' or '}'");
	return mask;
}

static void parse_declared(struct reader *r, struct filter *f)
{
	struct name name;

	f->declared = true;
	if (take(r, ')'))
		return;
	do {
		if (!want_name(r, "the name of an argument", &name))
			return;
		array_each(it, &f->arg.v)
			if (same_name(it, &name))
				fail(r, name.at, "argument '%.*s' stands twice",
				     (int)name.len, name.text);
		if (f->arg.v.n == SYS_ARGS)
			fail(r, name.at, "a system call has six arguments");
		array_push(r->im->arena, &f->arg.v, name);
	} while (take(r, ','));
	want(r, ')', "',' or ')'");
}

static struct filter parse_filter(struct reader *r)
{
	struct filter f = {.at = here(r)};
	const struct constant *c;

	if (take_word(r, "SYSCALL")) {
		want(r, '[', "'[' after 'SYSCALL'");
		f.nr = r->token->value;
		want(r, IMPORT_NUMBER, "the number of a system call");
		want(r, ']', "']'");
	} else if (want_name(r, "a system call", &f.call)) {
		c = find_constant(r, &f.call);
		if (c) {
			f.nr = c->value;
			f.call.text = NULL;
		}
	}
	/* -1 is written with 64 bits. */
	if (f.nr > UINT32_MAX && f.nr < -(UINT64_C(1) << 31))
		fail(r, f.at, "a number of a system call has 32 bits");
	f.nr &= UINT32_MAX;
	if (take(r, '('))
		parse_declared(r, &f);
	f.abis = parse_guard(r);
	if (take(r, '{') && !take(r, '}')) {
		f.condition = parse_bool(r);
		need_condition(r, f.condition);
		want(r, '}', "',', '||', '&&' or '}'");
	}
	return f;
}

/* --- policies ------------------------------------------------------------- */

static const struct {
	const char *word;
	enum rules_verb verb;
} actions[] = {
	{"ALLOW", RULES_ALLOW},
	{"LOG", RULES_LOG},
	{"DENY", RULES_KILL_THREAD},
	{"KILL", RULES_KILL_THREAD},
	{"KILL_THREAD", RULES_KILL_THREAD},
	{"KILL_PROCESS", RULES_KILL},
	{"USER_NOTIF", RULES_NOTIFY},
	{"ERRNO", RULES_ERRNO},
	{"TRAP", RULES_TRAP},
	{"TRACE", RULES_TRACE},
};

/* Which action the next word is; -1 if none. */
static int next_action(const struct reader *r)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (next_word(r, actions[i].word))
			return (int)i;
	return -1;
}

static struct rules_written parse_action(struct reader *r)
{
	struct rules_written w = import_action(RULES_ALLOW, 0, here(r));
	int i = next_action(r);
	uint64_t most;

	if (i < 0) {
		expected(r, "an action (ALLOW, ERRNO, KILL, ...)");
		return w;
	}
	r->token++;
	w.verb = actions[i].verb;
	if (w.verb != RULES_ERRNO && w.verb != RULES_TRAP && w.verb != RULES_TRACE)
		return w;
	want(r, '(', "'('");
	w.data_at = here(r);
	w.data = r->token->value;
	want(r, IMPORT_NUMBER, "a number");
	most = w.verb == RULES_ERRNO ? 4095 : 65535;
	if (w.data > most)
		fail(r, w.data_at, "%s is at most %u here",
		     w.verb == RULES_ERRNO ? "an error" : "this", (unsigned)most);
	else if (w.verb == RULES_ERRNO && !w.data && !r->failed)
		diag_warning(r->im->diags, DIAG_W_ERRNO_0, w.data_at,
		             "errno 0 makes the call look successful though "
		             "nothing was done");
	want(r, ')', "')'");
	return w;
}

static struct body *find_body(const struct reader *r, const struct name *name)
{
	for (struct body *b = r->bodies; b; b = b->next)
		if (same_name(&b->name, name))
			return b;
	return NULL;
}

static void unknown_policy(struct reader *r, const struct name *name)
{
	struct suggest s;

	suggest_start(&s, name->text, name->len);
	for (const struct body *b = r->bodies; b; b = b->next)
		suggest_offer(&s, arena_strndup(r->im->arena, b->name.text,
		                                b->name.len));
	if (suggest_best(&s))
		fail(r, name->at,
		     "there is no policy '%.*s' above; did you mean '%s'?",
		     (int)name->len, name->text, suggest_best(&s));
	fail(r, name->at, "there is no policy '%.*s' above", (int)name->len,
	     name->text);
}

/* USE name, or action { filters } */
static void parse_entry(struct reader *r, struct body *body)
{
	struct entry e = {0};
	struct name name;

	if (take_word(r, "USE")) {
		if (want_name(r, "the name of a policy", &name)) {
			e.use = find_body(r, &name);
			if (!e.use)
				unknown_policy(r, &name);
		}
	} else {
		e.action = parse_action(r);
		want(r, '{', "'{'");
		if (!take(r, '}')) {
			do {
				struct filter f = parse_filter(r);

				array_push(r->im->arena, &e.filter, f);
			} while (take(r, ','));
			want(r, '}', "',', '{' or '}'");
		}
	}
	if (!r->failed)
		array_push(r->im->arena, &body->entry, e);
}

static void parse_entries(struct reader *r, struct body *body)
{
	do
		parse_entry(r, body);
	while (take(r, ','));
}

static void parse_policy(struct reader *r)
{
	struct body *b = arena_new(r->im->arena, struct body), *old;

	if (want_name(r, "the name of the policy", &b->name)) {
		old = find_body(r, &b->name);
		if (old) {
			fail(r, b->name.at, "policy '%.*s' is defined twice",
			     (int)b->name.len, b->name.text);
			diag_note(r->im->diags, old->name.at,
			          "the first one is here");
		}
	}
	want(r, '{', "'{'");
	if (!take(r, '}')) {
		parse_entries(r, b);
		want(r, '}', "',' or '}'");
	}
	b->next = r->bodies;
	r->bodies = b;
}

/* # define NAME NUMBER */
static void parse_define(struct reader *r)
{
	struct constant *c = arena_new(r->im->arena, struct constant);
	const struct constant *old;

	if (!take_word(r, "define")) {
		expected(r, "'define' or 'include' after '#'");
		return;
	}
	if (!want_name(r, "the name of a constant", &c->name))
		return;
	c->value = r->token->value;
	if (!want(r, IMPORT_NUMBER, "a number"))
		return;
	old = find_constant(r, &c->name);
	if (old && old->value != c->value) {
		fail(r, c->name.at, "'%.*s' is defined twice, with two values",
		     (int)c->name.len, c->name.text);
		diag_note(r->im->diags, old->name.at, "the first one is here");
	}
	c->next = r->constants;
	r->constants = c;
}

static void parse_default(struct reader *r)
{
	struct rules_written w = parse_action(r);

	if (r->fallback.verb != RULES_NVERBS) {
		fail(r, w.at, "'DEFAULT' stands twice");
		diag_note(r->im->diags, r->fallback.at, "the first one is here");
	}
	r->fallback = w;
}

/* Where the next one may begin after an error. */
static void recover(struct reader *r, const struct import_token *start)
{
	if (r->token == start)
		r->token++;
	while (r->failed && r->token->kind != IMPORT_END &&
	       !is_word(r, r->token, "POLICY") && !is_word(r, r->token, "USE") &&
	       !is_word(r, r->token, "DEFAULT") && r->token->kind != '#')
		r->token++;
	r->failed = false;
	r->depth = 0;
}

static void parse_text(struct reader *r)
{
	while (r->token->kind != IMPORT_END) {
		const struct import_token *start = r->token;

		if (take(r, '#'))
			parse_define(r);
		else if (take_word(r, "POLICY"))
			parse_policy(r);
		else if (take_word(r, "DEFAULT"))
			parse_default(r);
		else if (next_word(r, "USE") || next_action(r) >= 0)
			parse_entries(r, &r->top);
		else
			expected(r, "POLICY, USE, DEFAULT, an action or #define");
		if (r->failed || r->token == start)
			recover(r, start);
	}
}

/* --- conditions for a call ------------------------------------------------ */

/* What a condition is lowered for. */
struct target {
	struct reader *r;
	const struct sys_abi *abi;
	const struct filter *filter;
	const struct sys_call *call; /* NULL: none is known */
	const char *call_name;          /* ours */
	bool failed;
};

static const struct {
	const char *theirs, *ours;
} call_names[] = {
#define KAFEL_CALL(theirs, ours) {theirs, ours},
#define KAFEL_ARG(call, arg, word, bits)
#include "import/tables/kafel.def"
};

static const struct {
	const char *call, *arg;
	uint8_t word, bits;
} arg_names[] = {
#define KAFEL_CALL(theirs, ours)
#define KAFEL_ARG(call, arg, word, bits) {call, arg, word, bits},
#include "import/tables/kafel.def"
};

static bool is_text(const char *text, const char *name, uint32_t len)
{
	return strlen(text) == len && !memcmp(text, name, len);
}

/* The value of some words: (args[WORD] & MASK) | SET, where MASK & SET is 0. */
struct value {
	bool both;  /* args[WORD] & args[OTHER] */
	bool wide;  /* something in it has 64 bits */
	int word, other; /* -1: none */
	uint64_t mask, set;
	struct span at;
};

static bool find_word(const struct target *t, const struct term *name,
                      struct value *out)
{
	if (t->filter->declared) {
		for (uint32_t i = 0; i < t->filter->arg.v.n; i++)
			if (t->filter->arg.v.v[i].len == name->len &&
			    !memcmp(t->filter->arg.v.v[i].text, name->name, name->len)) {
				out->word = (int)i;
				out->wide = true;
				return true;
			}
		return false;
	}
	for (size_t i = 0; t->call_name && i < ARRAY_LEN(arg_names); i++)
		if (!strcmp(arg_names[i].call, t->call_name) &&
		    is_text(arg_names[i].arg, name->name, name->len)) {
			out->word = arg_names[i].word;
			out->wide = arg_names[i].bits == 64;
			return true;
		}
	for (unsigned i = 0; t->call && i < t->call->nargs; i++)
		if (is_text(t->call->arg[i].name, name->name, name->len) ||
		    (t->call->arg[i].alias &&
		     is_text(t->call->arg[i].alias, name->name, name->len))) {
			out->word = t->call->arg[i].lo;
			out->wide = t->call->arg[i].type.width == 64;
			return true;
		}
	return false;
}

static void unknown_argument(struct target *t, const struct term *name)
{
	struct suggest s;

	t->failed = true;
	suggest_start(&s, name->name, name->len);
	for (unsigned i = 0; t->call && i < t->call->nargs; i++)
		suggest_offer(&s, t->call->arg[i].name);
	if (t->filter->declared || !t->call || !t->call->known)
		diag_error(t->r->im->diags, name->at,
		           "'%.*s' is neither a constant nor an argument that is "
		           "declared: write them behind the call, (a, b, ...)",
		           (int)name->len, name->name);
	else if (suggest_best(&s))
		diag_error(t->r->im->diags, name->at,
		           "'%s' has no argument '%.*s', and there is no such "
		           "constant; did you mean '%s'?", t->call->name,
		           (int)name->len, name->name, suggest_best(&s));
	else
		diag_error(t->r->im->diags, name->at,
		           "'%s' has no argument '%.*s', and there is no such "
		           "constant", t->call->name, (int)name->len, name->name);
}

static void inexact(struct target *t, struct span at, const char *what)
{
	if (!t->failed)
		diag_error(t->r->im->diags, at, "%s cannot be said here", what);
	t->failed = true;
}

static struct value constant_value(uint64_t n, struct span at)
{
	return (struct value){.word = -1, .other = -1, .set = n,
	                      .wide = n > UINT32_MAX, .at = at};
}

/* A OR B, A AND B, in place of A. As kafel folds: what has no word is a number. */
static void combine(struct target *t, struct value *a, enum term_kind op,
                    const struct value *b, struct span at)
{
	struct value c;

	if (a->word < 0) {
		c = *a;
		*a = *b;
		b = &c;
	}
	a->at = at;
	if (b->word < 0 && a->word < 0) {
		*a = constant_value(op == TERM_BITOR ? a->set | b->set
		                                     : a->set & b->set, at);
		return;
	}
	if (b->word >= 0) {
		bool plain = a->mask == UINT64_MAX && b->mask == UINT64_MAX;

		if (a->both || b->both || !plain || op == TERM_BITOR)
			inexact(t, at, "such bits of two arguments");
		a->both = true;
		a->other = b->word;
		a->wide |= b->wide;
		return;
	}
	if (op == TERM_BITAND && b->set == UINT64_MAX)
		return;
	if (op == TERM_BITOR && !b->set)
		return;
	if ((op == TERM_BITAND && !b->set) ||
	    (op == TERM_BITOR && b->set == UINT64_MAX)) {
		*a = constant_value(b->set, at);
		return;
	}
	if (a->both)
		inexact(t, at, "bits of two arguments with a constant");
	a->wide |= b->wide;
	if (op == TERM_BITAND) {
		a->mask &= b->set;
		a->set &= b->set;
	} else {
		a->set |= b->set;
		a->mask &= ~b->set;
	}
}

static struct value lower_value(struct target *t, const struct term *e)
{
	struct value v = constant_value(e->number, e->at), kid;

	if (e->kind == TERM_NUMBER)
		return v;
	if (e->kind == TERM_NAME) {
		v.mask = UINT64_MAX;
		if (!find_word(t, e, &v))
			unknown_argument(t, e);
		return v;
	}
	v = lower_value(t, e->kid.v[0]);
	for (uint32_t i = 1; i < e->kid.n && !t->failed; i++) {
		kid = lower_value(t, e->kid.v[i]);
		combine(t, &v, e->kind, &kid, e->at);
	}
	return v;
}

/* A condition, which may be known. */
struct lowered {
	bool known, holds;
	struct rules_expr *e; /* if not KNOWN */
};

static struct lowered known(bool holds)
{
	return (struct lowered){.known = true, .holds = holds};
}

static struct lowered unknown(struct rules_expr *e)
{
	return (struct lowered){.e = e};
}

static bool compare_numbers(uint64_t a, enum rules_cmp cmp, uint64_t b)
{
	return cmp == RULES_EQ   ? a == b
	       : cmp == RULES_NE ? a != b
	       : cmp == RULES_LT ? a < b
	       : cmp == RULES_LE ? a <= b
	       : cmp == RULES_GT ? a > b
	                          : a >= b;
}

/* args[WORD] & MASK, or its low half. */
static struct rules_expr *word_of(struct target *t, const struct value *v,
                                   bool wide)
{
	struct importer *im = t->r->im;
	uint64_t ones = wide ? UINT64_MAX : UINT32_MAX;
	struct rules_expr *e = import_word(im, (unsigned)v->word, !wide, v->at);

	if ((v->mask & ones) == ones)
		return e;
	return import_chain(im, e, TOKEN_AND,
	                    import_number(im, v->mask & ones, v->at));
}

/* V, of which SET are not the word's bits, CMP K. */
static struct lowered compare_constant(struct target *t, const struct value *v,
                                       enum rules_cmp cmp, uint64_t k, bool wide,
                                       struct span at)
{
	struct importer *im = t->r->im;
	uint64_t ones = wide ? UINT64_MAX : UINT32_MAX,
		 mask = v->mask & ones, set = v->set & ones;

	if (cmp == RULES_EQ || cmp == RULES_NE) {
		if ((set & ~k) || (k & ~(mask | set)))
			return known(cmp == RULES_NE);
		k &= ~set;
	} else {
		/* Bits that are always set add to the rest. */
		if (k < set)
			return known(cmp == RULES_GT || cmp == RULES_GE);
		k -= set;
	}
	return unknown(import_compare(im, cmp, word_of(t, v, wide),
	                              import_number(im, k, at)));
}

/* args[A] & args[B] CMP K */
static struct lowered compare_both(struct target *t, const struct value *v,
                                   enum rules_cmp cmp, const struct value *k,
                                   bool wide)
{
	struct importer *im = t->r->im;
	struct value a = *v, b = *v;
	struct rules_expr *any;

	if (k->word >= 0 || k->set || (cmp != RULES_EQ && cmp != RULES_NE)) {
		inexact(t, v->at, "this comparison of two arguments' bits");
		return known(false);
	}
	b.word = v->other;
	any = import_chain(im, word_of(t, &a, wide), TOKEN_AND,
	                   word_of(t, &b, wide));
	return unknown(cmp == RULES_NE ? any : import_not(im, any));
}

static enum rules_cmp swapped(enum rules_cmp cmp)
{
	return cmp == RULES_LT   ? RULES_GT
	       : cmp == RULES_LE ? RULES_GE
	       : cmp == RULES_GT ? RULES_LT
	       : cmp == RULES_GE ? RULES_LE
	                          : cmp;
}

static bool is_plain(const struct value *v)
{
	return v->mask == UINT64_MAX && !v->set && !v->both;
}

static struct lowered lower_compare(struct target *t, const struct term *e)
{
	struct value a = lower_value(t, e->kid.v[0]), b = lower_value(t, e->kid.v[1]);
	enum rules_cmp cmp = e->cmp;
	bool wide = a.wide || b.wide;
	struct value c;

	if (t->failed)
		return known(false);
	if (a.word < 0) {
		c = a;
		a = b;
		b = c;
		cmp = swapped(cmp);
	}
	if (a.word < 0)
		return known(compare_numbers(a.set, cmp, b.set));
	if (wide && t->abi->word == 32) {
		inexact(t, e->at, "a comparison of 64 bits");
		return known(false);
	}
	if (b.both) {
		c = a;
		a = b;
		b = c;
		cmp = swapped(cmp);
	}
	if (a.both)
		return compare_both(t, &a, cmp, &b, wide);
	if (b.word < 0)
		return compare_constant(t, &a, cmp, b.set, wide, b.at);
	if (is_plain(&a) && is_plain(&b) && a.word == b.word)
		return known(cmp == RULES_EQ || cmp == RULES_LE || cmp == RULES_GE);
	if (a.set || b.set) {
		inexact(t, e->at, "'|' on one of two arguments that are compared");
		return known(false);
	}
	return unknown(import_compare(t->r->im, cmp, word_of(t, &a, wide),
	                              word_of(t, &b, wide)));
}

static struct lowered lower(struct target *t, const struct term *e)
{
	bool stops = e->kind == TERM_OR; /* what decides AND and OR at once */
	struct rules_expr *list = NULL;
	struct lowered kid;

	if (e->kind == TERM_COMPARE)
		return lower_compare(t, e);
	if (e->kind == TERM_NOT) {
		kid = lower(t, e->kid.v[0]);
		return kid.known ? known(!kid.holds)
		                 : unknown(import_not(t->r->im, kid.e));
	}
	for (uint32_t i = 0; i < e->kid.n; i++) {
		kid = lower(t, e->kid.v[i]);
		if (t->failed || (kid.known && kid.holds == stops))
			return known(stops && !t->failed);
		if (kid.known)
			continue;
		if (!list)
			list = import_expr(t->r->im, stops ? EXPR_OR : EXPR_AND,
			                   kid.e->at);
		import_add(t->r->im, list, kid.e);
	}
	if (!list)
		return known(!stops);
	return unknown(list->kid.n == 1 ? list->kid.v[0] : list);
}

/* --- rules ---------------------------------------------------------------- */

static const char *our_name(const struct filter *f, uint32_t *len)
{
	*len = f->call.len;
	for (size_t i = 0; i < ARRAY_LEN(call_names); i++)
		if (is_text(call_names[i].theirs, f->call.text, f->call.len)) {
			*len = (uint32_t)strlen(call_names[i].ours);
			return call_names[i].ours;
		}
	return f->call.text;
}

static void add_item(struct reader *r, struct rules_statement *s,
                     const struct filter *f)
{
	const char *name;
	uint32_t len;

	if (f->call.text) {
		name = our_name(f, &len);
		import_call(r->im, s, name, len, f->call.at);
		return;
	}
	import_nr(r->im, s, (uint32_t)f->nr, f->at);
}

/* The condition of F on ABI. */
static struct lowered lower_for(struct reader *r, const struct sys_abi *abi,
                                const struct filter *f)
{
	struct target t = {.r = r, .abi = abi, .filter = f};
	struct sys_call call;
	const char *name;
	uint32_t len;

	if (f->call.text) {
		name = our_name(f, &len);
		if (sys_call_by_name(abi, name, len, &call)) {
			t.call = &call;
			t.call_name = call.name;
		} else {
			/* The resolver says so. */
			return known(true);
		}
	}
	return lower(&t, f->condition);
}

/* The rules of E: calls without conditions share one. */
static void add_rules(struct reader *r, const struct entry *e)
{
	struct rules_statement *open = NULL;
	uint32_t mask;

	array_each(f, &e->filter) {
		mask = f->abis & r->im->abis;
		for (unsigned i = 0; i < SYS_NABIS; i++) {
			struct lowered c = known(true);
			struct rules_statement *s;

			if (!(mask & 1u << i))
				continue;
			if (f->condition)
				c = lower_for(r, &sys_abis[i], f);
			if (c.known && !c.holds)
				continue;
			if (c.known && open && open->abis == 1u << i) {
				add_item(r, open, f);
				continue;
			}
			s = import_rule(r->im, e->action, 1u << i, f->at);
			s->expr = c.e;
			add_item(r, s, f);
			open = c.known ? s : NULL;
		}
	}
}

/* Where the reading of a policy stopped for one that it uses. */
struct stop {
	struct body *body;
	uint32_t next;
};

/* B with all it uses, in order. A policy that comes again cannot match more. */
static void add_body(struct reader *r, struct body *b)
{
	ARRAY(struct stop) stack = {0};
	struct stop at = {b, 0};

	for (;;) {
		const struct entry *e;

		if (at.next == at.body->entry.n) {
			if (!stack.n)
				return;
			at = stack.v[--stack.n];
			continue;
		}
		e = &at.body->entry.v[at.next++];
		if (!e->use) {
			add_rules(r, e);
		} else if (!e->use->used) {
			e->use->used = true;
			array_push(r->im->arena, &stack, at);
			at = (struct stop){e->use, 0};
		}
	}
}

/* --- the whole ------------------------------------------------------------ */

/* kafel.def was compared with kafel's table for these. */
static bool check_abis(struct importer *im)
{
	bool ok = true;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (im->abis & 1u << i && i != SYS_ABI_X86_64) {
			diag_plain(im->diags, DIAG_ERROR,
			           "kafel's policies are read for x86_64; what its "
			           "arguments are on %s was not compared",
			           sys_abis[i].name);
			ok = false;
		}
	return ok;
}

static void read_kafel(struct importer *im)
{
	struct lexer l = {.im = im};
	struct reader *r = arena_new(im->arena, struct reader);
	struct span at = import_span(im, 0, 0);

	if (!check_abis(im))
		return;
	lex_text(&l);
	add_token(&l, (struct import_token){.kind = IMPORT_END}, l.at);
	r->im = im;
	r->token = l.tokens.v.v;
	r->fallback = import_action(RULES_NVERBS, 0, at);
	parse_text(r);
	if (r->fallback.verb == RULES_NVERBS)
		r->fallback.verb = RULES_KILL_THREAD;
	import_setting(im, STATEMENT_DEFAULT, r->fallback);
	import_setting(im, STATEMENT_FOREIGN,
	               import_action(RULES_KILL_THREAD, 0, at));
	add_body(r, &r->top);
}

/* Nothing but comments, and a line that would be one of ours: #include "...". */
static bool has_includes_only(const char *text, size_t len)
{
	static const char word[] = "#include";
	size_t n = sizeof word - 1, at = 0;

	if (import_look_past_comments(text, len) < len)
		return false;
	while (at < len) {
		const char *end = memchr(text + at, '\n', len - at);

		if (len - at > n && !memcmp(text + at, word, n) &&
		    strchr(" \t\"<", text[at + n]))
			return true;
		at = end ? (size_t)(end + 1 - text) : len;
	}
	return false;
}

/*
 * The first word is one in capitals that kafel begins with, or stands after a
 * comment of C.
 */
bool import_is_kafel(const char *text, size_t len)
{
	static const char *const words[] = {
		"POLICY", "USE", "DEFAULT", "ALLOW", "LOG", "DENY", "KILL",
		"KILL_PROCESS", "KILL_THREAD", "ERRNO", "TRAP", "TRACE",
		"USER_NOTIF",
	};
	size_t i = import_skip(text, len, "#"), end;

	if (has_includes_only(text, len))
		return true;
	if (len - i >= 2 && text[i] == '/' &&
	    (text[i + 1] == '/' || text[i + 1] == '*'))
		return import_look_past_comments(text, len) < len;
	for (end = i; end < len && import_is_word(text[end]);)
		end++;
	for (size_t k = 0; k < ARRAY_LEN(words); k++)
		if (is_text(words[k], text + i, (uint32_t)(end - i)))
			return true;
	return false;
}

const struct rules_tree *import_read_kafel(struct arena *arena, struct diags *d,
                                            uint32_t source,
                                            const struct rules_options *o)
{
	return import_policy(arena, d, source, o, read_kafel, 0);
}
