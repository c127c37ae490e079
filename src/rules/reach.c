/*
 * Warnings about rules that meet: one that no call reaches, one that an earlier
 * one contradicts, and conditions that hold always or never. Exact, by sets of
 * arguments (space.c): where these get too large nothing is said.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "rules/ask.h"

/* What all comparisons of a policy may cost, and what notes one rule gets. */
enum {
	STEPS = 1 << 20,
	MOST_NOTES = 3,
	MOST_TRIES = 8
};

struct entry {
	const struct rules_case *c;
	uint32_t rule;
	bool reached;                 /* some call is decided here, as far as is known */
	bool empty;                   /* the condition never holds */
	uint32_t decider[MOST_NOTES]; /* not reached: 1 + rules that decide instead */
	uint32_t permitted;           /* 1 + the rule that permits what this refuses, */
	const char *example;          /* as this call */
};

/* A condition that holds always or never. */
enum verdict {
	NEVER,
	ALWAYS,
	NEVER_TOGETHER,
	ALWAYS_ONE
};

struct finding {
	const struct rules_cond *c;
	const struct rules_case *of;
	enum verdict verdict;
	bool wrong; /* elsewhere, on another ABI say, it is not so */
};

struct reach {
	struct arena *arena;
	struct diags *diags;
	const struct rules_tree *tree;
	struct rules_space *space;
	struct entry *entry;   /* all cases, in order */
	struct entry **sorted; /* by call */
	uint32_t n;
	const struct rules_case *now; /* whose condition is looked at */
	ARRAY(struct finding) found;
	bool checking; /* the second time: findings are held against all places */
};

static uint32_t ret_of(const struct reach *r, const struct entry *e)
{
	return rules_rule_ret(&r->tree->rule[e->rule], e->c->abi);
}

static bool same_call(const struct entry *a, const struct entry *b)
{
	return a->c->abi == b->c->abi && a->c->nr == b->c->nr;
}

static const char *name_of(const struct rules_case *c)
{
	struct sys_call call;

	return sys_call_by_nr(c->abi, c->nr, &call) ? call.name
	                                            : "this number";
}

/* --- conditions that say nothing ------------------------------------------ */

static bool is_leaf(const struct rules_cond *c)
{
	return c->kind == RULES_COND_TEST || c->kind == RULES_COND_IN;
}

static int compare_spans(struct span a, struct span b)
{
	if (a.source != b.source)
		return a.source < b.source ? -1 : 1;
	if (a.start != b.start)
		return a.start < b.start ? -1 : 1;
	return a.end < b.end ? -1 : a.end > b.end;
}

static int by_place(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = compare_spans(x->c->at, y->c->at);

	return order ? order : (int)x->verdict - (int)y->verdict;
}

static void find(struct reach *r, const struct rules_cond *c,
                 enum verdict verdict)
{
	struct finding one = { .c = c, .of = r->now, .verdict = verdict };

	array_push(r->arena, &r->found, one);
}

/* Mark as wrong all findings about C's place except those that IS confirms. */
static void hold_against(struct reach *r, const struct rules_cond *c,
                         const bool *is)
{
	uint32_t lo = 0, hi = r->found.n;

	while (lo < hi) {
		uint32_t middle = lo + (hi - lo) / 2;

		if (compare_spans(r->found.v[middle].c->at, c->at) < 0)
			lo = middle + 1;
		else
			hi = middle;
	}
	for (; lo < r->found.n &&
	       !compare_spans(r->found.v[lo].c->at, c->at);
	     lo++)
		r->found.v[lo].wrong |= !is[r->found.v[lo].verdict];
}

static void judge(struct reach *r, const struct rules_cond *c, const bool *is)
{
	if (r->checking) {
		hold_against(r, c, is);
		return;
	}
	for (int v = NEVER; v <= ALWAYS_ONE; v++)
		if (is[v])
			find(r, c, (enum verdict)v);
}

/*
 * Look at KID of PARENT, whose set is SET; adding it turned BEFORE into AFTER
 * (for rules_space_of).
 */
static void look(void *ctx, const struct rules_cond *parent,
                 const struct rules_cond *kid, uint32_t set, uint32_t before,
                 uint32_t after)
{
	bool settled = set <= SPACE_ALL || before <= SPACE_ALL;
	const bool is[] = {
		[NEVER] = is_leaf(kid) && set == SPACE_NONE,
		[ALWAYS] = is_leaf(kid) && set == SPACE_ALL,
		[NEVER_TOGETHER] = parent->kind == RULES_COND_AND &&
		                   !settled && after == SPACE_NONE,
		[ALWAYS_ONE] = parent->kind == RULES_COND_OR && !settled &&
		               after == SPACE_ALL,
	};

	judge(ctx, kid, is);
}

/* Return the set of E's condition and look at all its parts. */
static uint32_t set_of(struct reach *r, const struct entry *e)
{
	const struct rules_cond *c = e->c->cond;
	uint32_t set = rules_space_of(r->space, c, look, r);

	if (c && is_leaf(c))
		judge(r, c, (const bool[]){
				    set == SPACE_NONE,
				    set == SPACE_ALL,
				    false,
				    false,
			    });
	return set;
}

/*
 * Return the argument, such as "count", that O reads in the call of OF; NULL if
 * it has no name.
 */
static const struct sys_arg *argument(const struct rules_case *of,
                                      const struct rules_operand *o,
                                      struct sys_call *call)
{
	if (!sys_call_by_nr(of->abi, of->nr, call))
		return NULL;
	for (unsigned i = 0; i < call->nargs; i++)
		if (call->arg[i].lo == o->lo)
			return &call->arg[i];
	return NULL;
}

/*
 * Return the argument if F asks whether an unsigned one is below zero, or not;
 * else NULL.
 */
static const struct sys_arg *asks_for_sign(const struct finding *f,
                                           struct sys_call *call)
{
	const struct rules_cond *c = f->c;

	if (c->kind != RULES_COND_TEST || c->rhs.is_arg || c->rhs.bits ||
	    c->is_signed || (c->cmp != RULES_LT && c->cmp != RULES_GE))
		return NULL;
	return argument(f->of, &c->lhs, call);
}

static bool is_masked(const struct rules_cond *c)
{
	return c->lhs.mask != sys_ones(c->width);
}

static void report_leaf(struct reach *r, const struct finding *f)
{
	const struct rules_cond *c = f->c;
	const char *when = f->verdict == NEVER ? "never" : "always";
	enum diag_code code = f->verdict == NEVER ? DIAG_W_NEVER : DIAG_W_ALWAYS;
	struct sys_call call;
	const struct sys_arg *arg = asks_for_sign(f, &call);
	bool equality = c->kind == RULES_COND_TEST &&
	                (c->cmp == RULES_EQ || c->cmp == RULES_NE);

	if (c->lhs.is_arg && !c->lhs.mask)
		diag_warning(r->diags, DIAG_W_NEVER, c->lhs.at,
		             "the mask selects none of the argument's bits, "
		             "so this is always zero");
	else if (c->kind == RULES_COND_TEST && c->cmp == RULES_ANY &&
	         !c->rhs.is_arg && c->rhs.bits)
		diag_warning(r->diags, DIAG_W_NEVER, c->rhs.at,
		             "these masks have no bit in common, so this never "
		             "holds; 'x & (a | b) == a | b' tests for all of "
		             "several bits");
	else if (c->kind == RULES_COND_TEST && c->cmp == RULES_ANY &&
	         !c->rhs.is_arg)
		diag_warning(r->diags, DIAG_W_NEVER, c->rhs.at,
		             "this value is 0 and has no bits, so this never "
		             "holds; compare with '== 0', under a mask if "
		             "needed");
	else if (equality && is_masked(c) && !c->rhs.is_arg)
		diag_warning(r->diags, DIAG_W_NEVER, c->rhs.at,
		             "the mask clears bits that this value has, "
		             "so they are never equal");
	else if (arg)
		diag_warning(r->diags, code, c->at,
		             "this %s holds: '%s' of '%s' is unsigned; 'i32()' "
		             "or 'i64()' around it make it signed",
		             when, arg->name, call.name);
	else
		diag_warning(r->diags, code, c->at, "this %s holds", when);
}

static void report(struct reach *r, const struct finding *f)
{
	switch (f->verdict) {
	case NEVER:
	case ALWAYS:
		report_leaf(r, f);
		break;
	case NEVER_TOGETHER:
		diag_warning(r->diags, DIAG_W_NEVER, f->c->at,
		             "this never holds together with what precedes it; "
		             "did you mean 'or'?");
		break;
	case ALWAYS_ONE:
		diag_warning(r->diags, DIAG_W_ALWAYS, f->c->at,
		             "this or what precedes it always holds, so the "
		             "condition has no effect; did you mean 'and'?");
		break;
	}
}

static void report_findings(struct reach *r)
{
	for (uint32_t i = 0; i < r->found.n; i++)
		if (!r->found.v[i].wrong &&
		    (!i || by_place(&r->found.v[i - 1], &r->found.v[i])))
			report(r, &r->found.v[i]);
}

/* --- which rule decides --------------------------------------------------- */

/* Return the first of the entries FROM .. TO - 1 whose condition holds for ARGS. */
static const struct entry *decider(struct reach *r, uint32_t from, uint32_t to,
                                   const uint64_t *args)
{
	for (uint32_t i = from; i < to && rules_space_spend(r->space); i++)
		if (rules_holds(r->sorted[i]->c->cond, args))
			return r->sorted[i];
	return NULL;
}

/* Return what E decides of SET, where FROM .. are the entries of its call. */
static uint32_t share_of(struct reach *r, const struct entry *e, uint32_t from,
                         uint32_t set)
{
	for (; r->sorted[from]->rule < e->rule && set != SPACE_NONE; from++)
		set = rules_space_less(
			r->space, set,
			rules_space_of(r->space, r->sorted[from]->c->cond, NULL,
		                       NULL));
	return rules_space_and(
		r->space, set,
		rules_space_of(r->space, e->c->cond, NULL, NULL));
}

/*
 * Find the rules among FROM .. TO - 1 that decide SET; together they decide all
 * of it.
 */
static void find_deciders(struct reach *r, struct entry *e, uint32_t set,
                          uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < MOST_NOTES && set != SPACE_NONE; i++) {
		uint64_t args[SYS_ARGS];
		const struct entry *d;

		rules_space_example(r->space, set, args);
		d = decider(r, from, to, args);
		if (!d || rules_space_lost(r->space))
			return;
		e->decider[i] = 1 + d->rule;
		set = rules_space_less(r->space, set,
		                       share_of(r, d, from, set));
	}
}

/* Write a call with these arguments, such as "kill(5, 0)". */
static const char *example(struct reach *r, const struct rules_case *c,
                           const uint64_t *args)
{
	struct buf out = { .arena = r->arena };

	rules_put_call(&out, c->abi, c->nr, args);
	return buf_str(&out);
}

/*
 * Find a call that E refuses but FROM .. TO - 1 permit, where neither side is
 * an exception of the other: each decides calls that the other does not.
 */
static void check_permitted(struct reach *r, struct entry *e,
                            uint32_t set, uint32_t permitted, uint32_t from,
                            uint32_t to)
{
	uint32_t both = rules_space_and(r->space, set, permitted);

	for (int i = 0; i < MOST_TRIES && both != SPACE_NONE; i++) {
		uint64_t args[SYS_ARGS];
		const struct entry *d;
		uint32_t share;

		rules_space_example(r->space, both, args);
		d = decider(r, from, to, args);
		if (!d || rules_space_lost(r->space) ||
		    !rules_holds(e->c->cond, args))
			return;
		share = share_of(r, d, from, SPACE_ALL);
		if (rules_space_less(r->space, share, set) == SPACE_NONE) {
			both = rules_space_less(r->space, both, share);
			continue;
		}
		if (rules_space_lost(r->space))
			return;
		e->permitted = 1 + d->rule;
		e->example = example(r, e->c, args);
		return;
	}
}

/* What the rules of one call have decided so far. */
struct decided {
	uint32_t all, permitted;
};

/*
 * Look at entry I of those from FROM on, all about one call; FIRST is the first
 * of its rule. Return its set.
 */
static uint32_t look_at_entry(struct reach *r, uint32_t i, uint32_t from,
                              uint32_t first, const struct decided *before)
{
	struct entry *e = r->sorted[i];
	uint32_t set, left;

	r->now = e->c;
	set = set_of(r, e);
	left = rules_space_less(r->space, set, before->all);
	e->reached = left != SPACE_NONE || rules_space_lost(r->space);
	e->empty = set == SPACE_NONE;
	if (r->checking)
		return set;
	if (!e->reached && !e->empty)
		find_deciders(r, e, set, from, first);
	else if (e->reached && !rules_permits(ret_of(r, e)))
		check_permitted(r, e, set, before->permitted, from, first);
	return set;
}

/* Look at the entries FROM .. TO - 1, all about one call. */
static void look_at_call(struct reach *r, uint32_t from, uint32_t to)
{
	struct decided before = { SPACE_NONE, SPACE_NONE };
	ARRAY(const struct rules_case *) cases = { 0 };

	for (uint32_t i = from; i < to; i++)
		array_push(r->arena, &cases, r->sorted[i]->c);
	rules_space_start(r->space, cases.v, cases.n);
	for (uint32_t i = from, next; i < to; i = next) {
		struct decided now = before;
		uint32_t rule = r->sorted[i]->rule;

		for (next = i; next < to && r->sorted[next]->rule == rule; next++) {
			uint32_t set = look_at_entry(r, next, from, i, &before);

			now.all = rules_space_or(r->space, now.all, set);
			if (rules_permits(ret_of(r, r->sorted[next])))
				now.permitted = rules_space_or(
					r->space, now.permitted,
					rules_space_less(r->space, set,
				                         before.all));
		}
		before = now;
	}
	if (!rules_space_lost(r->space))
		return;
	for (uint32_t i = from; i < to; i++) {
		struct entry *e = r->sorted[i];

		*e = (struct entry){ e->c, e->rule, .reached = true };
	}
}

/* Look at all entries; false if some set was too large. */
static bool look_at_all(struct reach *r)
{
	bool lost = false;

	for (uint32_t i = 0, next; i < r->n; i = next) {
		for (next = i + 1;
		     next < r->n && same_call(r->sorted[i], r->sorted[next]);)
			next++;
		look_at_call(r, i, next);
		lost |= rules_space_lost(r->space);
	}
	return !lost;
}

/* --- rules ---------------------------------------------------------------- */

/*
 * Tell whether RULE, from another text, is meant to go before E's: a policy
 * changes what it includes by rules above the include, and its parts may repeat
 * each other.
 */
static bool overrides(const struct reach *r, uint32_t rule, const struct entry *e)
{
	const struct rules_rule *above = &r->tree->rule[rule];
	const struct rules_rule *below = &r->tree->rule[e->rule];

	return below->included && above->at.source != below->at.source &&
	       (!above->included ||
	        rules_rule_ret(above, e->c->abi) == ret_of(r, e));
}

/* Tell whether whatever decides in E's place was meant to. */
static bool is_overridden(const struct reach *r, const struct entry *e)
{
	bool all = e->decider[0];

	for (int i = 0; i < MOST_NOTES && e->decider[i]; i++)
		all &= overrides(r, e->decider[i] - 1, e);
	return all;
}

/* Warn if an earlier rule decides a call of E's rule differently. */
static void warn_of_contradiction(struct reach *r, const struct entry *e)
{
	const struct rules_rule *above = &r->tree->rule[e->decider[0] - 1];

	if (rules_rule_ret(above, e->c->abi) == ret_of(r, e))
		return;
	diag_warning(r->diags, DIAG_W_CONTRADICTED, e->c->at,
	             "an earlier rule decides '%s' differently",
	             name_of(e->c));
	diag_note(r->diags, above->at, "the first rule that matches decides");
}

/* Tell whether a condition in RULE was already complained of. */
static bool is_explained(const struct reach *r, const struct rules_rule *rule)
{
	for (uint32_t i = 0; i < r->found.n; i++) {
		const struct finding *f = &r->found.v[i];

		if (!f->wrong && f->c->at.source == rule->at.source &&
		    f->c->at.start >= rule->at.start &&
		    f->c->at.end <= rule->at.end)
			return true;
	}
	return false;
}

/* Note the rules that decide in place of E's. */
static void note_deciders(struct reach *r, const struct entry *e)
{
	for (int i = 0; i < MOST_NOTES && e->decider[i]; i++) {
		const struct rules_rule *d = &r->tree->rule[e->decider[i] - 1];
		bool other = rules_rule_ret(d, e->c->abi) != ret_of(r, e);

		diag_note(r->diags, d->at,
		          e->decider[1] ? "this earlier rule decides part of "
		                          "'%s'%s"
		                        : "this earlier rule decides '%s'%s",
		          name_of(e->c), other ? " differently" : "");
	}
}

/* Warn that no call reaches the rule of the N entries at FROM. */
static void warn_of_rule(struct reach *r, const struct entry *from, uint32_t n)
{
	const struct entry *e = from;

	while (e < from + n && e->empty)
		e++;
	if (e == from + n && is_explained(r, &r->tree->rule[from->rule]))
		return;
	diag_warning(r->diags, DIAG_W_UNREACHABLE, r->tree->rule[from->rule].at,
	             e == from + n ? "no call reaches this rule: "
	                             "its condition never holds"
	                           : "no call reaches this rule");
	if (e < from + n)
		note_deciders(r, e);
}

/*
 * Warn that an earlier rule permits some of what E refuses, where neither is an
 * exception of the other.
 */
static void warn_of_overlap(struct reach *r, const struct entry *e)
{
	diag_warning(r->diags, DIAG_W_SHADOWED, e->c->at,
	             "an earlier rule permits part of what this one refuses, "
	             "such as %s",
	             e->example);
	diag_note(r->diags, r->tree->rule[e->permitted - 1].at,
	          "the first rule that matches decides");
}

/*
 * Tell whether E is the first about its place: calls that share one get one
 * warning.
 */
static bool is_first(const struct entry *e, uint32_t i)
{
	return !i || e->c->at.start != e[-1].c->at.start;
}

static void check_rule(struct reach *r, const struct entry *from, uint32_t n)
{
	uint32_t reached = 0;

	for (uint32_t i = 0; i < n; i++)
		reached += from[i].reached || is_overridden(r, &from[i]);
	if (!reached) {
		warn_of_rule(r, from, n);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		if (!is_first(&from[i], i))
			continue;
		if (from[i].decider[0] && from[i].c->named &&
		    !is_overridden(r, &from[i]))
			warn_of_contradiction(r, &from[i]);
		if (from[i].permitted &&
		    !overrides(r, from[i].permitted - 1, &from[i]))
			warn_of_overlap(r, &from[i]);
	}
}

static void list_cases(struct reach *r)
{
	struct rules_entries all = rules_entries(r->arena, r->tree);

	r->n = all.v.n;
	r->entry = arena_array(r->arena, struct entry, r->n);
	r->sorted = arena_array(r->arena, struct entry *, r->n);
	for (uint32_t i = 0; i < r->n; i++) {
		const struct rules_entry *e = &all.v.v[i];

		r->sorted[i] = &r->entry[e->order];
		*r->sorted[i] = (struct entry){ .c = e->c, .rule = e->rule };
	}
}

/*
 * Check the findings against all places; false if some set was too large to
 * tell.
 */
static bool check_findings(struct reach *r)
{
	if (!r->found.n)
		return true;
	qsort(r->found.v, r->found.n, sizeof *r->found.v, by_place);
	r->checking = true;
	return look_at_all(r);
}

void rules_lint_rules(struct arena *tmp, struct diags *d,
                      const struct rules_tree *t)
{
	struct reach r = { .arena = tmp, .diags = d, .tree = t };

	list_cases(&r);
	r.space = rules_space(tmp, STEPS, true);
	if (!look_at_all(&r) || !check_findings(&r))
		r.found.n = 0;
	report_findings(&r);
	for (uint32_t i = 0, next; i < r.n; i = next) {
		for (next = i;
		     next < r.n && r.entry[next].rule == r.entry[i].rule;)
			next++;
		check_rule(&r, &r.entry[i], next - i);
	}
}
