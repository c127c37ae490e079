/*
 * kafel's policies (nsjail's): named lists of actions for calls with conditions
 * on their arguments, first match first. From terms to rules.
 *
 * kafel compares unsigned words, whole ones if either side has 64 bits by its
 * own table or is a constant beyond 32 bits, low halves else; constants are
 * folded before that is looked at. So conditions are kept as they are written,
 * and lowered for a call once its arguments are known.
 */
#include <string.h>

#include "import/kafel.h"

/* --- conditions for a call ------------------------------------------------ */

/* What a condition is lowered for. */
struct target {
	struct importer *im;
	const struct sys_abi *abi;
	const struct kafel_filter *filter;
	const struct sys_call *call; /* NULL: none is known */
	const char *call_name;       /* ours */
	bool failed;
};

static const struct {
	const char *theirs, *ours;
} call_names[] = {
#define KAFEL_CALL(theirs, ours) { theirs, ours },
#define KAFEL_ARG(call, arg, word, bits)
#include "import/tables/kafel.def"
};

static const struct {
	const char *call, *arg;
	uint8_t word, bits;
} arg_names[] = {
#define KAFEL_CALL(theirs, ours)
#define KAFEL_ARG(call, arg, word, bits) { call, arg, word, bits },
#include "import/tables/kafel.def"
};

static bool is_text(const char *text, const char *name, uint32_t len)
{
	return strlen(text) == len && !memcmp(text, name, len);
}

/* The value of some words: (args[WORD] & MASK) | SET, where MASK & SET is 0. */
struct value {
	bool both;       /* args[WORD] & args[OTHER] */
	bool wide;       /* something in it has 64 bits */
	int word, other; /* -1: none */
	uint64_t mask, set;
	struct span at;
};

static bool find_word(const struct target *t, const struct kafel_term *name,
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

static void unknown_argument(struct target *t, const struct kafel_term *name)
{
	struct suggest s;

	t->failed = true;
	suggest_start(&s, name->name, name->len);
	for (unsigned i = 0; t->call && i < t->call->nargs; i++)
		suggest_offer(&s, t->call->arg[i].name);
	if (t->filter->declared || !t->call || !t->call->known)
		diag_error(t->im->diags, name->at,
		           "'%.*s' is neither a constant nor an argument that is "
		           "declared: write them after the call, (a, b, ...)",
		           (int)name->len, name->name);
	else
		diag_error(t->im->diags, name->at,
		           E_UNKNOWN "unknown argument of '%s' or constant '%.*s'%s",
		           t->call->name, (int)name->len, name->name,
		           suggest_text(t->im->arena, &s));
}

static void inexact(struct target *t, struct span at, const char *what)
{
	if (!t->failed)
		diag_error(t->im->diags, at, E_INEXPRESSIBLE "%s cannot be expressed in a weir policy", what);
	t->failed = true;
}

static struct value constant_value(uint64_t n, struct span at)
{
	return (struct value){
		.word = -1,
		.other = -1,
		.set = n,
		.wide = n > UINT32_MAX,
		.at = at,
	};
}

/*
 * Replace A by A OR B or A AND B, folding as kafel does: a value without a word
 * is a number.
 */
static void combine(struct target *t, struct value *a, enum kafel_term_kind op,
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
		*a = constant_value(op == KAFEL_BITOR ? a->set | b->set
		                                      : a->set & b->set,
		                    at);
		return;
	}
	if (b->word >= 0) {
		bool plain = a->mask == UINT64_MAX && b->mask == UINT64_MAX;

		if (a->both || b->both || !plain || op == KAFEL_BITOR)
			inexact(t, at, "such bits of two arguments");
		a->both = true;
		a->other = b->word;
		a->wide |= b->wide;
		return;
	}
	if (op == KAFEL_BITAND && b->set == UINT64_MAX)
		return;
	if (op == KAFEL_BITOR && !b->set)
		return;
	if ((op == KAFEL_BITAND && !b->set) ||
	    (op == KAFEL_BITOR && b->set == UINT64_MAX)) {
		*a = constant_value(b->set, at);
		return;
	}
	if (a->both)
		inexact(t, at, "bits of two arguments with a constant");
	a->wide |= b->wide;
	if (op == KAFEL_BITAND) {
		a->mask &= b->set;
		a->set &= b->set;
	} else {
		a->set |= b->set;
		a->mask &= ~b->set;
	}
}

static struct value lower_value(struct target *t, const struct kafel_term *e)
{
	struct value v = constant_value(e->number, e->at), kid;

	if (e->kind == KAFEL_NUMBER)
		return v;
	if (e->kind == KAFEL_NAME) {
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
	return (struct lowered){ .known = true, .holds = holds };
}

static struct lowered unknown(struct rules_expr *e)
{
	return (struct lowered){ .e = e };
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

/* Make args[WORD] & MASK, of its low half unless WIDE. */
static struct rules_expr *word_of(struct target *t, const struct value *v,
                                  bool wide)
{
	struct importer *im = t->im;
	uint64_t ones = wide ? UINT64_MAX : UINT32_MAX;
	struct rules_expr *e = import_word(im, (unsigned)v->word, !wide, v->at);

	if ((v->mask & ones) == ones)
		return e;
	return import_chain(im, e, TOKEN_AND,
	                    import_number(im, v->mask & ones, v->at));
}

/* Compare V with K by CMP; the bits V->set are always set. */
static struct lowered compare_constant(struct target *t, const struct value *v,
                                       enum rules_cmp cmp, uint64_t k, bool wide,
                                       struct span at)
{
	struct importer *im = t->im;
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

/* Make args[A] & args[B] CMP K. */
static struct lowered compare_both(struct target *t, const struct value *v,
                                   enum rules_cmp cmp, const struct value *k,
                                   bool wide)
{
	struct importer *im = t->im;
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

static struct lowered lower_compare(struct target *t, const struct kafel_term *e)
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
	return unknown(import_compare(t->im, cmp, word_of(t, &a, wide),
	                              word_of(t, &b, wide)));
}

static struct lowered lower(struct target *t, const struct kafel_term *e)
{
	bool stops = e->kind == KAFEL_OR; /* what decides AND and OR at once */
	struct rules_expr *list = NULL;
	struct lowered kid;

	if (e->kind == KAFEL_COMPARE)
		return lower_compare(t, e);
	if (e->kind == KAFEL_NOT) {
		kid = lower(t, e->kid.v[0]);
		return kid.known ? known(!kid.holds)
		                 : unknown(import_not(t->im, kid.e));
	}
	for (uint32_t i = 0; i < e->kid.n; i++) {
		kid = lower(t, e->kid.v[i]);
		if (t->failed || (kid.known && kid.holds == stops))
			return known(stops && !t->failed);
		if (kid.known)
			continue;
		if (!list)
			list = import_expr(t->im, stops ? EXPR_OR : EXPR_AND,
			                   kid.e->at);
		import_add(t->im, list, kid.e);
	}
	if (!list)
		return known(!stops);
	return unknown(list->kid.n == 1 ? list->kid.v[0] : list);
}

/* --- rules ---------------------------------------------------------------- */

static const char *our_name(const struct kafel_filter *f, uint32_t *len)
{
	*len = f->call.len;
	for (size_t i = 0; i < ARRAY_LEN(call_names); i++)
		if (is_text(call_names[i].theirs, f->call.text, f->call.len)) {
			*len = (uint32_t)strlen(call_names[i].ours);
			return call_names[i].ours;
		}
	return f->call.text;
}

static void add_item(struct importer *im, struct rules_statement *s,
                     const struct kafel_filter *f)
{
	const char *name;
	uint32_t len;

	if (f->call.text) {
		name = our_name(f, &len);
		import_call(im, s, name, len, f->call.at);
		return;
	}
	import_nr(im, s, (uint32_t)f->nr, f->at);
}

/* Return the condition of F on ABI. */
static struct lowered lower_for(struct importer *im, const struct sys_abi *abi,
                                const struct kafel_filter *f)
{
	struct target t = { .im = im, .abi = abi, .filter = f };
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

/* Add the rules of E: calls without conditions share one. */
static void add_rules(struct importer *im, const struct kafel_entry *e)
{
	struct rules_statement *open = NULL;
	uint32_t mask;

	array_each(f, &e->filter) {
		mask = f->abis & im->abis;
		for (unsigned i = 0; i < SYS_NABIS; i++) {
			struct lowered c = known(true);
			struct rules_statement *s;

			if (!(mask & sys_abi_bit(i)))
				continue;
			if (f->condition)
				c = lower_for(im, &sys_abis[i], f);
			if (c.known && !c.holds)
				continue;
			if (c.known && open && open->abis == sys_abi_bit(i)) {
				add_item(im, open, f);
				continue;
			}
			s = import_rule(im, e->action, sys_abi_bit(i), f->at);
			s->expr = c.e;
			add_item(im, s, f);
			open = c.known ? s : NULL;
		}
	}
}

/* Where the reading of a policy stopped for one that it uses. */
struct stop {
	struct kafel_body *body;
	uint32_t next;
};

/*
 * Add B with all that it uses, in order. A policy that comes again cannot match
 * more.
 */
static void add_body(struct importer *im, struct kafel_body *b)
{
	ARRAY(struct stop) stack = { 0 };
	struct stop at = { b, 0 };

	for (;;) {
		const struct kafel_entry *e;

		if (at.next == at.body->entry.n) {
			if (!stack.n)
				return;
			at = stack.v[--stack.n];
			continue;
		}
		e = &at.body->entry.v[at.next++];
		if (!e->use) {
			add_rules(im, e);
		} else if (!e->use->used) {
			e->use->used = true;
			array_push(im->arena, &stack, at);
			at = (struct stop){ e->use, 0 };
		}
	}
}

/* --- the whole ------------------------------------------------------------ */

/* Tell whether kafel.def was compared with kafel's table for these. */
static bool check_abis(struct importer *im)
{
	bool ok = true;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (im->abis & 1u << i && i != SYS_ABI_X86_64) {
			diag_plain(im->diags, DIAG_ERROR,
			           "kafel's policies are read for x86_64 only; its "
			           "arguments on %s were not compared",
			           sys_abis[i].name);
			ok = false;
		}
	return ok;
}

static void read_kafel(struct importer *im)
{
	struct kafel_text text = { 0 };
	struct span at = import_span(im, 0, 0);

	if (!check_abis(im))
		return;
	kafel_parse(im, &text);
	if (text.fallback.verb == RULES_NVERBS)
		text.fallback.verb = RULES_KILL_THREAD;
	import_setting(im, STATEMENT_DEFAULT, text.fallback);
	import_setting(im, STATEMENT_FOREIGN,
	               import_action(RULES_KILL_THREAD, 0, at));
	add_body(im, &text.top);
}

/*
 * Tell whether the text is only comments, one of them a line that kafel reads:
 * #include "...".
 */
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
 * Tell whether the text begins with one of kafel's words in capitals, or with a
 * comment of C.
 */
bool import_is_kafel(const char *text, size_t len)
{
	static const char *const words[] = {
		"POLICY",
		"USE",
		"DEFAULT",
		"ALLOW",
		"LOG",
		"DENY",
		"KILL",
		"KILL_PROCESS",
		"KILL_THREAD",
		"ERRNO",
		"TRAP",
		"TRACE",
		"USER_NOTIF",
	};
	size_t i = import_skip(text, len, "#"), end;

	if (has_includes_only(text, len))
		return true;
	if (len - i >= 2 && text[i] == '/' &&
	    (text[i + 1] == '/' || text[i + 1] == '*'))
		return import_look_past_comments(text, len) < len;
	for (end = i; end < len && is_word(text[end]);)
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
