/*
 * minijail's policies: lines of "call: filter". Two compilers read them,
 * libminijail (minijail0 -S) and tools/compile_seccomp_policy.py, and where
 * they disagree the user has to say which one the policy was written for, unless
 * the text has what libminijail does not know and so was never meant for it.
 */
#include <string.h>

#include "import/minijail.h"

/* What the lines so far say about a call. */
struct seen {
	const char *name;
	uint32_t len, abis;
	struct span at;
	bool final, refuses; /* without a condition; with one, and not allowing */
	struct seen *next;
};

/* The policy with its includes. */
struct policy {
	struct minijail_kind kind;
	struct rules_written fallback; /* RULES_NVERBS: none was written */
	struct seen *seen[256];
};

/* --- rules ---------------------------------------------------------------- */

static struct seen *find_seen(struct importer *im, struct policy *p,
                              const struct minijail_call *c)
{
	struct seen **slot = &p->seen[hash_bytes(c->name, c->len, 0) %
	                              ARRAY_LEN(p->seen)],
		    *s;

	for (s = *slot; s; s = s->next)
		if (s->len == c->len && !memcmp(s->name, c->name, c->len) &&
		    s->abis & c->abis)
			return s;
	s = arena_new(im->arena, struct seen);
	*s = (struct seen){
		.name = c->name,
		.len = c->len,
		.abis = c->abis,
		.at = c->at,
		.next = *slot,
	};
	*slot = s;
	return s;
}

/* Complain if the compiler takes no second rule for C, which S has seen before. */
static void check_again(struct importer *im, struct policy *p,
                        const struct minijail_call *c, struct seen *s)
{
	if (!minijail_is_python(im, &p->kind)) {
		diag_error(im->diags, c->at,
		           im->dialect == MINIJAIL_C
		                   ? "libminijail takes one rule for each call"
		                   : "libminijail takes one rule for each call, "
		                     "compile_seccomp_policy.py adds them up; "
		                     "--from minijail-c or minijail-python?");
	} else if (s->final) {
		diag_error(im->diags, c->at,
		           "a rule without a condition already decides '%.*s'",
		           (int)c->len, c->name);
	} else {
		return;
	}
	diag_note(im->diags, s->at, "the first one is here");
}

/* Note what FILTERS mean for C, after those that came before. */
static void note_filters(struct importer *im, struct policy *p,
                         const struct minijail_call *c,
                         const struct minijail_filters *filters)
{
	struct seen *s = find_seen(im, p, c);

	if (s->at.source != c->at.source || s->at.start != c->at.start)
		check_again(im, p, c, s);
	array_each(f, &filters->v) {
		bool allows = f->action.verb == RULES_ALLOW;

		if (!f->condition && allows && s->refuses && !p->kind.deny)
			diag_warning(im->diags, DIAG_W_FORGOTTEN, f->at,
			             "compile_seccomp_policy.py forgets the "
			             "conditions before this; here they hold");
		s->refuses |= f->condition && !allows;
		s->final |= !f->condition;
	}
}

/*
 * Add FILTERS for those of CALLS that are for ABIS, as rules for WHERE. ABI is
 * that one alone, or NULL if a name means just a number on all of them.
 */
static void add_filters(struct importer *im, const struct minijail_calls *calls,
                        uint32_t abis,
                        const struct minijail_filters *filters, uint32_t where,
                        const struct sys_abi *abi)
{
	array_each(f, &filters->v) {
		struct rules_statement *s =
			import_rule(im, f->action, where, f->at);

		s->expr = f->condition;
		array_each(c, &calls->v)
			if (c->abis == abis)
				import_call_alone(im, s, abi, c->name, c->len,
				                  c->at);
		if (s->item.n)
			s->at = span_join(s->item.v[0].at, f->at);
	}
}

/* Do the same where "socket" must not mean what socketcall does. */
static void add_rules(struct importer *im, const struct minijail_calls *calls,
                      uint32_t abis,
                      const struct minijail_filters *filters)
{
	uint32_t apart = 0, rest;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (abis & im->abis & 1u << i && sys_abis[i].multiplexed)
			array_each(c, &calls->v)
				if (c->abis == abis &&
				    rules_multiplex(&sys_abis[i], c->name, c->len).there)
					apart |= 1u << i;
	rest = apart ? abis & im->abis & ~apart : abis;
	if (rest)
		add_filters(im, calls, abis, filters, rest, NULL);
	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (apart & 1u << i)
			add_filters(im, calls, abis, filters, 1u << i, &sys_abis[i]);
}

static void use_rule(struct importer *im, struct policy *p,
                     const struct minijail_line *line)
{
	const struct minijail_call *calls = line->calls.v.v;

	for (uint32_t i = 0; i < line->calls.v.n; i++) {
		bool first = true;

		/* What is for no ABI of this policy has no names to check, too. */
		if (!(calls[i].abis & im->abis))
			continue;
		note_filters(im, p, &calls[i], &line->filters);
		for (uint32_t k = 0; k < i; k++)
			first &= calls[k].abis != calls[i].abis;
		if (first)
			add_rules(im, &line->calls, calls[i].abis, &line->filters);
	}
}

/* --- the whole ------------------------------------------------------------ */

static void read_file(struct importer *im, void *ctx)
{
	struct policy *p = ctx;
	struct minijail_line line;
	struct minijail_reader r;

	minijail_start(&r, im, &p->kind);
	while (minijail_next(&r, &line)) {
		if (line.kind == MINIJAIL_RULE)
			use_rule(im, p, &line);
		else if (line.kind == MINIJAIL_DEFAULT)
			p->fallback = line.action;
		else if (line.kind == MINIJAIL_INCLUDE)
			import_include(im, im->src.text + line.path.start,
			               line.path.end - line.path.start,
			               line.path, read_file, p);
	}
}

static void read_minijail(struct importer *im)
{
	struct policy *p = arena_new(im->arena, struct policy);
	struct span at = import_span(im, 0, 0);
	struct rules_written foreign = import_action(RULES_KILL_THREAD, 0, at);

	p->fallback.verb = RULES_NVERBS;
	read_file(im, p);
	if (p->kind.deny) {
		foreign.verb = RULES_ERRNO;
		foreign.name = "EPERM";
		foreign.len = 5;
	}
	if (p->fallback.verb == RULES_NVERBS) {
		p->fallback = foreign;
		if (p->kind.deny)
			p->fallback = import_action(RULES_ALLOW, 0, at);
	}
	import_setting(im, STATEMENT_DEFAULT, p->fallback);
	import_setting(im, STATEMENT_FOREIGN, foreign);
}

/*
 * Tell whether the text begins with "@" or a name and a colon, unlike weir's
 * statements. It may also begin with a brace, but then it might be something
 * else.
 */
bool import_is_minijail(const char *text, size_t len)
{
	size_t i = import_skip(text, len, "#"), end = i;

	if (i < len && text[i] == '@')
		return true;
	while (end < len && is_word(text[end]))
		end++;
	if (end == i)
		return false;
	while (end < len && (text[end] == ' ' || text[end] == '\t'))
		end++;
	return end < len && text[end] == ':';
}

const struct rules_tree *import_read_minijail(struct arena *arena, struct diags *d,
                                              uint32_t source,
                                              const struct rules_options *o)
{
	return import_policy(arena, d, source, o, read_minijail, MINIJAIL_BOTH);
}

const struct rules_tree *import_read_minijail_c(struct arena *arena, struct diags *d,
                                                uint32_t source,
                                                const struct rules_options *o)
{
	return import_policy(arena, d, source, o, read_minijail, MINIJAIL_C);
}

const struct rules_tree *import_read_minijail_python(struct arena *arena,
                                                     struct diags *d,
                                                     uint32_t source,
                                                     const struct rules_options *o)
{
	return import_policy(arena, d, source, o, read_minijail, MINIJAIL_PYTHON);
}
