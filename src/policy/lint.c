/*
 * Warnings about a policy as a whole: rules that nothing reaches or that
 * another one contradicts, calls whose sibling was forgotten, known traps.
 */
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

struct entry {
	const struct policy_case *c;
	uint32_t rule, order;
	uint32_t shadow; /* 1 + rule that decides all such calls before */
};

struct linter {
	struct arena *arena;
	struct diags *diags;
	const struct policy_tree *tree;
	struct entry *entry; /* all cases, in order */
	const bool *reached; /* the same for each of them */
	uint32_t n;
};

static bool permits(uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

static uint32_t ret_of(const struct linter *l, const struct entry *e)
{
	return l->tree->rule[e->rule].action->ret[e->c->abi->id];
}

static const char *name_of(const struct policy_case *c)
{
	struct policy_call call;

	return policy_call_by_nr(c->abi, c->nr, &call) ? call.name
	                                               : "this number";
}

/* --- what is never reached ------------------------------------------------ */

static int by_call(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a;
	const struct entry *y = *(const struct entry *const *)b;

	if (x->c->abi != y->c->abi)
		return x->c->abi->id < y->c->abi->id ? -1 : 1;
	if (x->c->nr != y->c->nr)
		return x->c->nr < y->c->nr ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool same_call(const struct entry *a, const struct entry *b)
{
	return a->c->abi == b->c->abi && a->c->nr == b->c->nr;
}

/* Every case that comes after one of the same call without a condition. */
static void find_shadows(struct linter *l)
{
	struct entry **sorted = arena_array(l->arena, struct entry *, l->n);
	struct entry *decides = NULL;

	for (uint32_t i = 0; i < l->n; i++)
		sorted[i] = &l->entry[i];
	if (l->n)
		qsort(sorted, l->n, sizeof *sorted, by_call);
	for (uint32_t i = 0; i < l->n; i++) {
		if (decides && !same_call(decides, sorted[i]))
			decides = NULL;
		if (decides && decides->rule != sorted[i]->rule)
			sorted[i]->shadow = 1 + decides->rule;
		else if (!decides && !sorted[i]->c->cond)
			decides = sorted[i];
	}
}

/* A call of this rule that an earlier rule decides otherwise. */
static void warn_of_contradiction(struct linter *l, const struct entry *e)
{
	const struct policy_rule *above = &l->tree->rule[e->shadow - 1];

	if (above->action->ret[e->c->abi->id] == ret_of(l, e))
		return;
	diag_warning(l->diags, e->c->at,
	             "'%s' is decided otherwise by an earlier rule",
	             name_of(e->c));
	diag_note(l->diags, above->at, "the first rule that matches holds");
}

static void warn_of_shadows(struct linter *l, const struct entry *from,
                            uint32_t n)
{
	const struct policy_rule *rule = &l->tree->rule[from->rule];
	uint32_t shadows = 0, reached = 0;

	for (uint32_t i = 0; i < n; i++) {
		shadows += from[i].shadow != 0;
		reached += l->reached[from[i].order];
	}
	if (shadows && shadows == n) {
		diag_warning(l->diags, rule->at, "no call reaches this rule");
		diag_note(l->diags, l->tree->rule[from->shadow - 1].at,
		          "an earlier rule decides '%s'", name_of(from->c));
		return;
	}
	if (!reached) {
		diag_warning(
			l->diags, rule->at,
			"no call reaches this rule: what it says never "
		             "holds, or earlier rules decide");
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		if (from[i].shadow && from[i].c->named &&
		    (!i || from[i].c->at.start != from[i - 1].c->at.start))
			warn_of_contradiction(l, &from[i]);
}

static void check_shadows(struct linter *l)
{
	find_shadows(l);
	l->reached = policy_reached(l->arena, l->tree, l->n);
	for (uint32_t i = 0, next; i < l->n; i = next) {
		for (next = i;
		     next < l->n && l->entry[next].rule == l->entry[i].rule;)
			next++;
		warn_of_shadows(l, &l->entry[i], next - i);
	}
}

/* --- siblings ------------------------------------------------------------- */

enum when { BOTH, REFUSED };

static const struct {
	const char *call, *other;
	enum when when;
} siblings[] = {
#define SIBLING(call, other, when) {call, other, when},
#include "policy/tables/siblings.def"
};

/* The first case about number NR of ABI. */
static const struct entry *find_case(const struct linter *l,
                                     const struct policy_abi *abi, uint32_t nr)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->entry[i].c->abi == abi && l->entry[i].c->nr == nr)
			return &l->entry[i];
	return NULL;
}

/* Calls that no rule is about get ENOSYS, so that libc does without. */
static bool falls_back(const struct linter *l, const struct policy_abi *abi)
{
	return l->tree->fallback_ret[abi->id] ==
	       (SECCOMP_RET_ERRNO | policy_errno(abi, "ENOSYS", 6));
}

static bool check_sibling(struct linter *l, const struct policy_abi *abi,
                          uint32_t row)
{
	bool open = permits(l->tree->fallback_ret[abi->id]), allowed;
	struct policy_call call, other;
	const struct entry *e;

	if (!policy_call_by_name(abi, siblings[row].call,
	                         strlen(siblings[row].call), &call) ||
	    !policy_call_by_name(abi, siblings[row].other,
	                         strlen(siblings[row].other), &other) ||
	    (l->tree->has_kernel && other.since > l->tree->kernel))
		return false;
	e = find_case(l, abi, call.nr);
	if (!e || find_case(l, abi, other.nr))
		return false;
	allowed = permits(ret_of(l, e));
	if (allowed == open ||
	    (allowed && (siblings[row].when == REFUSED || falls_back(l, abi))))
		return false;
	diag_warning(
		l->diags, e->c->at,
		allowed ? "'%s' is permitted, but not '%s', which libc uses "
			  "in its place"
			: "'%s' is refused, but not '%s', which does as much",
		call.name, other.name);
	return true;
}

static void check_siblings(struct linter *l)
{
	for (uint32_t row = 0; row < ARRAY_LEN(siblings); row++)
		for (uint32_t i = 0; i < l->tree->nabi; i++)
			if (check_sibling(l, l->tree->abi[i], row))
				break;
}

/* --- traps ---------------------------------------------------------------- */

static void warn_of_io_uring(struct linter *l, struct span at)
{
	diag_warning(l->diags, at,
	             "'io_uring_setup' is permitted: what it starts "
	             "(opening, connecting, ...) no filter sees");
}

static void check_io_uring(struct linter *l)
{
	for (uint32_t i = 0; i < l->tree->nabi; i++) {
		const struct policy_abi *abi = l->tree->abi[i];
		struct policy_call call;
		const struct entry *e;

		if (!policy_call_by_name(abi, "io_uring_setup", 14, &call))
			continue;
		e = find_case(l, abi, call.nr);
		if (e && permits(ret_of(l, e)))
			warn_of_io_uring(l, e->c->at);
		else if (!e && permits(l->tree->fallback_ret[abi->id]) &&
		         l->n &&
		         !(l->tree->has_kernel && call.since > l->tree->kernel))
			warn_of_io_uring(l, l->tree->fallback->at);
		else
			continue;
		return;
	}
}

/* What a condition does with the flags of open. */
struct flags {
	int8_t word;
	uint32_t accmode, trunc;
	const struct policy_cond *trap;
	bool more;
};

/* Nesting is bounded by POLICY_DEPTH. */
static void look_at_flags(const struct policy_cond *c, struct flags *f)
{
	if (c->kind == POLICY_COND_IN && c->lhs.lo == f->word)
		f->more = true;
	if (c->kind == POLICY_COND_TEST && c->lhs.lo == f->word) {
		if (c->cmp == POLICY_EQ && c->lhs.mask == f->accmode &&
		    !c->rhs.is_arg && !c->rhs.bits)
			f->trap = c;
		else
			f->more |= c->cmp == POLICY_WITHIN || c->rhs.is_arg ||
			           c->lhs.mask &
			                   (c->cmp == POLICY_ANY ? c->rhs.bits
			                                         : UINT64_MAX) &
			                   f->trunc;
	}
	if (c->kind != POLICY_COND_TEST && c->kind != POLICY_COND_IN)
		for (uint32_t i = 0; i < c->n; i++)
			look_at_flags(c->kid[i], f);
}

/* Permits what opens a file read-only, though O_TRUNC empties it all the same.
 */
static void check_accmode(struct linter *l, const struct entry *e)
{
	struct policy_number accmode, trunc;
	struct flags f = {.word = -1};
	struct policy_call call;

	if (!e->c->cond || !permits(ret_of(l, e)) ||
	    !policy_call_by_nr(e->c->abi, e->c->nr, &call) ||
	    strncmp(call.name, "open", 4) != 0 ||
	    !policy_constant(e->c->abi, "O_ACCMODE", 9, &accmode) ||
	    !policy_constant(e->c->abi, "O_TRUNC", 7, &trunc))
		return;
	for (unsigned i = 0; i < call.nargs; i++)
		if (!strcmp(call.arg[i].name, "flags"))
			f.word = call.arg[i].lo;
	if (f.word < 0)
		return;
	f.accmode = (uint32_t)accmode.bits;
	f.trunc = (uint32_t)trunc.bits;
	look_at_flags(e->c->cond, &f);
	if (f.trap && !f.more)
		diag_warning(
			l->diags, f.trap->at,
			"this permits O_TRUNC, which empties the file even when it "
			"is opened to read; 'flags within ...' leaves no gaps");
}

/* --- the whole ------------------------------------------------------------ */

static void list_cases(struct linter *l)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->tree->nrule; i++)
		l->n += l->tree->rule[i].n;
	l->entry = arena_array(l->arena, struct entry, l->n);
	for (uint32_t i = 0; i < l->tree->nrule; i++)
		for (uint32_t k = 0; k < l->tree->rule[i].n; k++, n++)
			l->entry[n] = (struct entry){&l->tree->rule[i].cases[k],
			                             i, n, 0};
}

void policy_lint(struct arena *tmp, struct diags *d,
                 const struct policy_tree *t)
{
	struct linter l = {.arena = tmp, .diags = d, .tree = t};

	list_cases(&l);
	check_shadows(&l);
	check_siblings(&l);
	check_io_uring(&l);
	for (uint32_t i = 0; i < l.n; i++)
		check_accmode(&l, &l.entry[i]);
}
