/*
 * Syntax to tree: values, groups and rules get their meaning, per ABI, in the
 * order of the text. A name has to be defined above its use.
 */
#include <string.h>

#include "rules/resolve.h"

/* --- values --------------------------------------------------------------- */

static void define_outside(struct rules_resolver *r,
                           const struct rules_define *d)
{
	uint32_t len = (uint32_t)strlen(d->name);
	struct rules_let **slot = rules_let_slot(&r->c, d->name, len);
	struct rules_let *l = arena_new(r->c.arena, struct rules_let);

	*l = (struct rules_let){ .name = d->name,
		                 .len = len,
		                 .outside = true,
		                 .abis = UINT32_MAX,
		                 .next = *slot };
	for (unsigned i = 0; i < SYS_NABIS; i++)
		l->value[i] = d->value;
	*slot = l;
}

/*
 * Return the let of S's name on one of its ABIs, preferring one given from
 * outside; else NULL.
 */
static struct rules_let *defined(struct rules_resolver *r,
                                 const struct rules_statement *s)
{
	struct rules_let *found = NULL;

	for (struct rules_let *l =
	             *rules_let_slot(&r->c, s->name, s->len);
	     l; l = l->next)
		if (l->len == s->len && !memcmp(l->name, s->name, s->len) &&
		    l->abis & s->abis && (!found || l->outside))
			found = l;
	return found;
}

static void resolve_let(struct rules_resolver *r,
                        const struct rules_statement *s)
{
	struct rules_let *old = defined(r, s);
	struct rules_let **slot = rules_let_slot(&r->c, s->name, s->len), *l;
	struct sys_number number;

	if (old)
		old->used = true;
	if (old && (old->outside ||
	            rules_same_place(r->c.diags, s->name_at, old->at)))
		return;
	if (old) {
		rules_complain(&r->c, s->name_at, E_DUPLICATE "duplicate value '%.*s'",
		               (int)s->len, s->name);
		diag_note(r->c.diags, old->at, "the first definition is here");
		return;
	}
	l = arena_new(r->c.arena, struct rules_let);
	*l = (struct rules_let){ .name = s->name,
		                 .len = s->len,
		                 .at = s->name_at,
		                 .broken = s->broken,
		                 .abis = s->abis };
	for (unsigned i = 0; i < r->tree->nabi && !s->broken; i++) {
		r->c.abi = r->tree->abi[i];
		if (!(s->abis & 1u << r->c.abi->id))
			continue;
		if (sys_constant(r->c.abi, s->name, s->len, &number))
			rules_warn(
				&r->c, DIAG_W_HIDES, s->name_at,
				"this hides the kernel's constant '%.*s'",
				(int)s->len, s->name);
		if (!rules_value(&r->c, s->expr, &l->value[r->c.abi->id]))
			l->broken = true;
	}
	l->next = *slot;
	*slot = l;
}

/* Warn that a name was given a value from outside but is not used. */
static void warn_of_unused(struct rules_resolver *r,
                           const struct rules_define *d)
{
	struct rules_let *l =
		*rules_let_slot(&r->c, d->name, (uint32_t)strlen(d->name));
	struct suggest s;

	for (; l; l = l->next)
		if (l->used && l->len == strlen(d->name) &&
		    !memcmp(l->name, d->name, l->len))
			return;
	suggest_start(&s, d->name, strlen(d->name));
	array_each(it, &r->syntax->statement)
		if ((*it)->kind == STATEMENT_LET)
			suggest_offer(&s, arena_strndup(r->c.arena, (*it)->name,
			                                (*it)->len));
	diag_plain_warning(r->c.diags, DIAG_W_UNUSED,
	                   "'%s' was given a value, but the policy does not use it%s",
	                   d->name, suggest_text(r->c.arena, &s));
}

/* --- rules ---------------------------------------------------------------- */

/* List the names of CALL's arguments, such as " (fd, buf, count)". */
static const char *argument_names(struct rules_resolver *r,
                                  const struct sys_call *call)
{
	struct buf out = { .arena = r->c.arena };

	for (unsigned i = 0; i < call->nargs; i++)
		buf_printf(&out, "%s%s", i ? ", " : " (", call->arg[i].name);
	if (call->nargs)
		buf_puts(&out, ")");
	return buf_str(&out);
}

/*
 * Add a condition for each argument that M's item gives a pattern; false after
 * an error.
 */
static bool add_patterns(struct rules_resolver *r,
                         const struct rules_member *m,
                         const struct rules_cond **kid, uint32_t *n)
{
	const struct rules_item *item = m->item;
	bool ok = true;

	if (!item->patterns)
		return true;
	if (!m->call.known) {
		rules_complain(&r->c, item->at,
		               "weir does not know the arguments of '%s'; use "
		               "'if args[0] == ...'",
		               m->call.name);
		return false;
	}
	if (r->question ? item->pattern.n > m->call.nargs
	                : item->pattern.n != m->call.nargs) {
		rules_complain(&r->c, item->at,
		               "'%s' has %u argument%s on %s%s, but %u %s "
		               "given ('_' matches any)",
		               m->call.name, m->call.nargs,
		               m->call.nargs == 1 ? "" : "s", m->abi->name,
		               argument_names(r, &m->call),
		               item->pattern.n,
		               item->pattern.n == 1 ? "is" : "are");
		return false;
	}
	for (uint32_t i = 0; i < item->pattern.n; i++) {
		struct rules_side side = rules_arg_side(&r->c, i, item->at);

		if (!item->pattern.v[i])
			continue;
		kid[*n] = rules_equal(&r->c, &side, item->pattern.v[i]);
		ok &= kid[(*n)++] != NULL;
	}
	return ok;
}

/*
 * Make the condition of S for M's own number in *OUT (NULL: always); false
 * after an error.
 */
static bool resolve_condition(struct rules_resolver *r,
                              const struct rules_statement *s,
                              const struct rules_member *m,
                              const struct rules_cond **out)
{
	const struct rules_cond *kid[SYS_ARGS + 1];
	struct span at = s->expr ? s->expr->at : m->at;
	uint32_t n = 0;
	bool ok;

	r->c.abi = m->abi;
	r->c.call = &m->call;
	ok = add_patterns(r, m, kid, &n);
	if (s->expr) {
		kid[n] = rules_condition(&r->c, s->expr);
		ok &= kid[n++] != NULL;
	}
	r->c.call = NULL;
	*out = ok && n ? rules_all(r->c.arena, kid, n, at) : NULL;
	return ok;
}

/* Make the condition that socketcall's or ipc's first argument names M's call. */
static const struct rules_cond *multiplex_condition(
	struct rules_resolver *r, const struct rules_member *m)
{
	struct rules_cond *c = arena_new(r->c.arena, struct rules_cond);

	*c = (struct rules_cond){
		.kind = RULES_COND_TEST,
		.cmp = RULES_EQ,
		.width = 32,
		.lhs = { .is_arg = true,
		         .lo = 0,
		         .hi = -1,
		         .mask = m->mux.mask,
		         .at = m->at },
		.rhs = { .lo = -1, .hi = -1, .bits = m->mux.call, .at = m->at },
		.at = m->at,
	};
	return c;
}

static bool refuses(enum rules_verb verb)
{
	return verb != RULES_ALLOW && verb != RULES_LOG;
}

struct cases {
	ARRAY(struct rules_case) v;
};

/* Tell whether M is written in S, and not in a group. */
static bool is_named(const struct rules_statement *s, const struct rules_member *m)
{
	return m->item >= s->item.v && m->item < s->item.v + s->item.n;
}

static void add_case(struct rules_resolver *r, struct cases *cases,
                     const struct rules_statement *s,
                     const struct rules_member *m, uint32_t nr,
                     const struct rules_cond *cond)
{
	struct rules_case one = { m->abi, nr, cond, m->at, is_named(s, m) };

	arena_work(r->c.arena, 2);

	array_push(r->c.arena, &cases->v, one);
}

/* Add the cases by which rule S decides M's call. */
static void resolve_member(struct rules_resolver *r,
                           const struct rules_statement *s,
                           const struct rules_member *m, struct cases *cases)
{
	bool conditional = s->expr || m->item->patterns;
	const struct rules_cond *cond;

	if (m->direct && resolve_condition(r, s, m, &cond))
		add_case(r, cases, s, m, m->call.nr, cond);
	if (!m->mux.there)
		return;
	if (conditional)
		rules_warn(
			&r->c, DIAG_W_MULTIPLEXED, m->at,
			"the arguments of '%.*s' are not visible in '%s' on "
			"%s, so calls through it %s",
			(int)m->item->len, m->item->name,
			m->mux.mask == 0xffff ? "ipc" : "socketcall",
			m->abi->name,
			refuses(s->action.verb)
				? "match this rule whatever they are"
				: "do not match this rule");
	if (!conditional || refuses(s->action.verb))
		add_case(r, cases, s, m, m->mux.nr, multiplex_condition(r, m));
}

static void resolve_rule(struct rules_resolver *r,
                         const struct rules_statement *s)
{
	struct rules_rule rule = { .at = s->at, .included = s->included };
	struct rules_members members = { 0 };
	struct cases cases = { 0 };

	rule.action = rules_resolve_action(r, &s->action);
	r->c.permits = !refuses(s->action.verb);
	rules_collect(r, s, &members);
	for (uint32_t i = 0; i < members.n; i++)
		resolve_member(r, s, members.v[i], &cases);
	rule.cases = cases.v.v;
	rule.n = cases.v.n;
	array_push(r->c.arena, &r->rules, rule);
}

struct rules_cases rules_resolve_cases(struct rules_resolver *r,
                                       const struct rules_statement *s)
{
	struct rules_members members = { 0 };
	struct cases cases = { 0 };

	rules_collect(r, s, &members);
	for (uint32_t i = 0; i < members.n; i++)
		resolve_member(r, s, members.v[i], &cases);
	return (struct rules_cases){ cases.v.v, cases.v.n };
}

/* --- the whole ------------------------------------------------------------ */

static void resolve_statement(struct rules_resolver *r,
                              const struct rules_statement *s)
{
	switch (s->kind) {
	case STATEMENT_GROUP:
		rules_resolve_group(r, s);
		break;
	case STATEMENT_LET:
		resolve_let(r, s);
		break;
	case STATEMENT_RULE:
		resolve_rule(r, s);
		break;
	case STATEMENT_DEFAULT:
	case STATEMENT_FOREIGN:
	case STATEMENT_KERNEL:
	case STATEMENT_ABI:
	case STATEMENT_X32:
		break;
	}
}

const struct rules_tree *rules_resolve(struct arena *arena, struct diags *d,
                                       uint32_t source,
                                       const struct rules_syntax *syntax,
                                       const struct rules_options *o)
{
	static const struct rules_options none;
	struct rules_tree *tree = arena_new(arena, struct rules_tree);
	struct rules_resolver *r = arena_new(arena, struct rules_resolver);
	unsigned errors = d->errors;

	r->c.arena = arena;
	r->c.diags = d;
	r->options = o ? o : &none;
	r->tree = tree;
	r->syntax = tree->syntax = syntax;
	r->c.incomplete = syntax->incomplete;
	if (!rules_resolve_abis(r))
		return NULL;
	rules_resolve_default(r, source);
	rules_resolve_foreign(r);
	rules_resolve_kernel(r);
	rules_resolve_x32(r);
	for (size_t i = 0; i < r->options->ndefine; i++)
		define_outside(r, &r->options->define[i]);
	array_each(it, &r->syntax->statement)
		resolve_statement(r, *it);
	for (size_t i = 0; i < r->options->ndefine && d->errors == errors; i++)
		warn_of_unused(r, &r->options->define[i]);
	tree->rule = r->rules.v;
	tree->nrule = r->rules.n;
	tree->names = r;
	return d->errors == errors ? tree : NULL;
}
