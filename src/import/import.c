/* What the readers of other languages make syntax with. */
#include <string.h>

#include "import/import.h"

/* --- the way ---------------------------------------------------------------- */

/* Convert LIST to a mask, without unknown ABIs: the resolver complains of those. */
static uint32_t known_abis(const char *list)
{
	const struct sys_abi *abi = sys_abi_native();
	uint32_t mask = 0;

	if (!list)
		return abi ? 1u << abi->id : 0;
	while (*list) {
		size_t len = strcspn(list, ",");

		abi = sys_abi(list, len);
		if (abi)
			mask |= 1u << abi->id;
		list += len + (list[len] == ',');
	}
	return mask;
}

const struct rules_tree *import_policy(struct arena *arena, struct diags *d,
                                       uint32_t source,
                                       const struct rules_options *o,
                                       import_fn *read, unsigned dialect)
{
	struct importer im = {
		.arena = arena,
		.diags = d,
		.options = o,
		.out = arena_new(arena, struct rules_syntax),
		.abis = known_abis(o->abis),
		.dialect = dialect,
		.source = source,
		.src = d->sources.v[source],
	};
	unsigned errors = d->errors;
	const struct rules_tree *tree;

	read(&im);
	tree = rules_resolve(arena, d, source, im.out, o);
	return d->errors == errors ? tree : NULL;
}

size_t import_skip(const char *text, size_t len, const char *comments)
{
	size_t i = 0;

	while (i < len) {
		if (!text[i])
			break;
		if (strchr(" \t\r\n", text[i])) {
			i++;
			continue;
		}
		if (!strchr(comments, text[i]))
			break;
		while (i < len && text[i] != '\n')
			i++;
	}
	return i;
}

/* --- tokens --------------------------------------------------------------- */

int import_operator(const struct importer *im, size_t *at)
{
	static const struct {
		char text[3];
		int kind;
	} operators[] = {
		{ "==", IMPORT_EQ },
		{ "!=", IMPORT_NE },
		{ "<=", IMPORT_LE },
		{ ">=", IMPORT_GE },
		{ "||", IMPORT_OR },
		{ "&&", IMPORT_AND },
	};
	const char *text = im->src.text + *at;
	size_t left = im->src.len - *at;
	int kind = (unsigned char)*text;

	for (size_t i = 0; left > 1 && i < ARRAY_LEN(operators); i++)
		if (!memcmp(text, operators[i].text, 2)) {
			*at += 2;
			return operators[i].kind;
		}
	/* All bytes of a UTF-8 character are one. */
	do
		++*at;
	while (*at < im->src.len && (im->src.text[*at] & 0xc0) == 0x80);
	return kind > ' ' && kind < 127 ? kind : SCAN_BAD;
}

bool import_take_comparison(struct scan_reader *s, enum rules_cmp *cmp)
{
	static const struct {
		int token;
		enum rules_cmp cmp;
	} operators[] = {
		{ IMPORT_EQ, RULES_EQ },
		{ IMPORT_NE, RULES_NE },
		{ '<', RULES_LT },
		{ IMPORT_LE, RULES_LE },
		{ '>', RULES_GT },
		{ IMPORT_GE, RULES_GE },
	};

	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (scan_take(s, operators[i].token)) {
			*cmp = operators[i].cmp;
			return true;
		}
	if (scan_next_is(s, '='))
		scan_fail(s, scan_here(s), E_SYNTAX "'=' does not compare; use '=='");
	return false;
}

const struct import_verb *import_next_verb(const struct scan_reader *s,
                                           const struct import_verb *verbs)
{
	for (; verbs->word; verbs++)
		if (scan_next_word(s, verbs->word))
			return verbs;
	return NULL;
}

/* --- statements ----------------------------------------------------------- */

struct rules_statement *import_statement(struct importer *im,
                                         enum rules_statement_kind kind,
                                         uint32_t abis, struct span at)
{
	struct rules_statement *s = arena_new(im->arena, struct rules_statement);

	s->kind = kind;
	s->abis = abis;
	s->at = at;
	array_push(im->arena, &im->out->statement, s);
	return s;
}

struct rules_written import_action(enum rules_verb verb, uint64_t data,
                                   struct span at)
{
	return (struct rules_written){
		.verb = verb, .at = at, .data_at = at, .data = data
	};
}

void import_setting(struct importer *im, enum rules_statement_kind kind,
                    struct rules_written action)
{
	import_statement(im, kind, UINT32_MAX, action.at)->action = action;
}

struct rules_statement *import_rule(struct importer *im,
                                    struct rules_written action, uint32_t abis,
                                    struct span at)
{
	struct rules_statement *s =
		import_statement(im, STATEMENT_RULE, abis, at);

	s->action = action;
	return s;
}

void import_call(struct importer *im, struct rules_statement *s, const char *name,
                 size_t len, struct span at)
{
	struct rules_item item = {
		.kind = ITEM_CALL, .name = name, .len = (uint32_t)len, .at = at
	};

	array_push(im->arena, &s->item, item);
}

void import_nr(struct importer *im, struct rules_statement *s, uint32_t nr,
               struct span at)
{
	struct rules_item item = {
		.kind = ITEM_NR,
		.name = im->diags->sources.v[at.source].text + at.start,
		.len = at.end - at.start,
		.at = at,
	};

	item.nr = import_number(im, nr, at);
	array_push(im->arena, &s->item, item);
}

void import_call_alone(struct importer *im, struct rules_statement *s,
                       const struct sys_abi *abi, const char *name, size_t len,
                       struct span at)
{
	struct sys_call call;

	if (!abi || !rules_multiplex(abi, name, (uint32_t)len).there)
		import_call(im, s, name, len, at);
	else if (sys_call_by_name(abi, name, len, &call))
		import_nr(im, s, call.nr & ~abi->nr_bit, at);
	else
		diag_error(im->diags, at, "'%.*s' has no number of its own on %s",
		           (int)len, name, abi->name);
}

/* --- expressions ---------------------------------------------------------- */

struct rules_expr *import_expr(struct importer *im, enum rules_expr_kind kind,
                               struct span at)
{
	struct rules_expr *e = arena_new(im->arena, struct rules_expr);

	e->kind = kind;
	e->at = at;
	return e;
}

bool import_add(struct importer *im, struct rules_expr *e, struct rules_expr *kid)
{
	array_push(im->arena, &e->kid, kid);
	e->at = span_join(e->at, kid->at);
	if (e->height <= kid->height)
		e->height = kid->height + 1;
	if (e->height <= RULES_DEPTH)
		return true;
	/* One complaint is enough: what holds E may well be right again. */
	diag_error(im->diags, e->at, E_LIMIT "nested too deep");
	e->height = 0;
	return false;
}

struct rules_expr *import_number(struct importer *im, uint64_t n, struct span at)
{
	struct rules_expr *e = import_expr(im, EXPR_NUMBER, at);

	e->number = n;
	return e;
}

struct rules_expr *import_name(struct importer *im, const char *name, size_t len,
                               struct span at)
{
	struct rules_expr *e = import_expr(im, EXPR_NAME, at);

	e->name = name;
	e->len = (uint32_t)len;
	return e;
}

struct rules_expr *import_word(struct importer *im, unsigned n, bool low,
                               struct span at)
{
	struct rules_expr *word = import_expr(im, EXPR_WORD, at), *cast;

	word->name = "args";
	word->len = 4;
	word->number = n;
	if (!low)
		return word;
	cast = import_expr(im, EXPR_CAST, at);
	cast->name = "u32";
	cast->len = 3;
	import_add(im, cast, word);
	return cast;
}

struct rules_expr *import_not(struct importer *im, struct rules_expr *kid)
{
	struct rules_expr *e = import_expr(im, EXPR_NOT, kid->at);

	import_add(im, e, kid);
	return e;
}

struct rules_expr *import_compare(struct importer *im, enum rules_cmp cmp,
                                  struct rules_expr *a, struct rules_expr *b)
{
	struct rules_expr *e = import_expr(im, EXPR_COMPARE, a->at);

	e->cmp = cmp;
	import_add(im, e, a);
	import_add(im, e, b);
	return e;
}

struct rules_expr *import_chain(struct importer *im, struct rules_expr *a,
                                enum rules_token_kind op, struct rules_expr *b)
{
	struct rules_expr *e = import_expr(im, EXPR_CHAIN, a->at);

	import_add(im, e, a);
	array_push(im->arena, &e->op, 0);
	import_add(im, e, b);
	array_push(im->arena, &e->op, (uint8_t)op);
	return e;
}

/* --- includes ------------------------------------------------------------- */

/*
 * Resolve NAME relative to FROM; the result contains a "/", so that it means a
 * file.
 */
static const char *include_path(struct arena *arena, const char *name, size_t len,
                                const char *from)
{
	const char *slash = strrchr(from, '/');
	struct buf path = { .arena = arena };

	while (len > 2 && name[0] == '.' && name[1] == '/') {
		name += 2;
		len -= 2;
	}
	if (name[0] != '/') {
		if (slash)
			buf_write(&path, from, (size_t)(slash - from) + 1);
		else
			buf_puts(&path, "./");
	}
	buf_write(&path, name, len);
	return buf_str(&path);
}

/* Tell whether NAME is being read already. */
static bool is_open(const struct importer *im, const char *name)
{
	if (!strcmp(im->src.name, name))
		return true;
	for (const struct rules_include *i = im->include; i; i = i->up)
		if (!strcmp(i->name, name))
			return true;
	return false;
}

static bool open_include(struct importer *im, const char *name, struct span at,
                         const char **text, size_t *len)
{
	int err;

	if (is_open(im, name)) {
		diag_error(im->diags, at, "'%s' includes itself", name);
		return false;
	}
	if (im->includes == RULES_INCLUDES) {
		diag_error(im->diags, at, E_LIMIT "includes nested more than %d deep",
		           RULES_INCLUDES);
		return false;
	}
	if (!im->options->open_file) {
		diag_error(im->diags, at,
		           "'%s' cannot be included: no files are read here", name);
		return false;
	}
	err = im->options->open_file(im->options->open_ctx, name, im->src.name,
	                             text, len);
	if (err)
		diag_error(im->diags, at, E_OUTSIDE "'%s' cannot be read: %s", name,
		           strerror(-err));
	else if (*len > UINT32_MAX - 1)
		diag_error(im->diags, at, E_LIMIT "'%s' is too long", name);
	return !err && *len <= UINT32_MAX - 1;
}

void import_include(struct importer *im, const char *name, size_t len, struct span at,
                    void (*read)(struct importer *inner, void *ctx), void *ctx)
{
	const char *path = include_path(im->arena, name, len, im->src.name), *text;
	struct rules_include include = { im->src.name, im->include };
	struct importer inner = *im;
	size_t size;

	if (!open_include(im, path, at, &text, &size))
		return;
	inner.include = &include;
	inner.includes++;
	text = text_blank_mark(im->arena, text, size);
	inner.source = diag_source(im->diags, path, text, size);
	inner.src = im->diags->sources.v[inner.source];
	read(&inner, ctx);
}
