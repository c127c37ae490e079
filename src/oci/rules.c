/*
 * Tree to rules of a profile, in which order means nothing and a rule is a list
 * of tests that all have to hold.
 *
 * What a call's cases come to is worked out exactly (space.c): for each answer the
 * set of arguments that get it. These do not overlap, so their order is gone. A
 * set is said as blocks, each word equal to a value under a mask, which
 * libseccomp gets right; its order comparisons are used only where one is
 * alone, or where the tree was a profile before. Conditions that are a profile's
 * own anyway stay as they are.
 */
#include <string.h>

#include "oci/oci.h"
#include "rules/ask.h"

enum {
	STEPS = 1 << 20,    /* of work on one call */
	MOST_BLOCKS = 1000, /* of one call */
	MOST_RETS = 32,     /* different answers to one call */
};

/* What gets one answer. */
struct part {
	uint32_t ret, set;
};

struct writer {
	struct arena *arena;
	struct diags *diags;
	const struct rules_tree *tree;
	struct rules_entries entries;
	struct rules_space *space;
	struct oci_rules *out;

	/* the call that is looked at */
	const struct sys_abi *abi;
	struct sys_call call;
	const struct rules_entry *entry; /* its cases */
	uint32_t n;
	struct part part[MOST_RETS];
	unsigned nparts;
	uint32_t ret; /* of the blocks that come */
	unsigned blocks;
	const struct oci_default *dflt;
	bool wide; /* a block has bits that libseccomp does not compare */
};

static uint32_t fallback(const struct writer *w)
{
	return w->dflt->ret;
}

uint32_t oci_rest(const struct rules_tree *t, const struct sys_abi *abi,
                  uint32_t nr)
{
	const struct rules_numbers *numbers = rules_numbers_of(t, abi, nr);
	struct sys_call call;

	if (numbers)
		return numbers->ret;
	if (t->has_kernel && !(sys_call_by_nr(abi, nr, &call) &&
	                       call.since <= t->kernel))
		return rules_ret(RULES_ERRNO, sys_errno(abi, "ENOSYS", 6));
	return t->fallback_ret[abi->id];
}

/* --- rules ---------------------------------------------------------------- */

static bool same_args(const struct oci_written *a, const struct oci_written *b)
{
	if (a->ret != b->ret || a->narg != b->narg)
		return false;
	for (unsigned i = 0; i < a->narg; i++)
		if (a->arg[i].index != b->arg[i].index ||
		    a->arg[i].op != b->arg[i].op ||
		    a->arg[i].value != b->arg[i].value ||
		    a->arg[i].two != b->arg[i].two)
			return false;
	return true;
}

/*
 * Add the call to the rule that has RULE's result and arguments, or add that
 * rule.
 */
static void add_rule(struct writer *w, const struct oci_written *rule)
{
	struct oci_written *to = NULL;
	const char *name = w->call.name;

	array_each(it, &w->out->v)
		if (same_args(it, rule)) {
			to = it;
			break;
		}
	if (!to) {
		array_push(w->arena, &w->out->v, *rule);
		to = &w->out->v.v[w->out->v.n - 1];
	}
	if (!to->name.n || strcmp(to->name.v[to->name.n - 1], name) != 0)
		array_push(w->arena, &to->name, name);
}

/* --- conditions that a profile can say as they are -------------------------- */

/* Put test C as an argument of a profile; false if it cannot be one. */
static bool plain_test(const struct writer *w, const struct rules_cond *c,
                       struct oci_arg *out)
{
	static const enum oci_op ops[] = {
		[RULES_EQ] = OCI_EQ,
		[RULES_NE] = OCI_NE,
		[RULES_LT] = OCI_LT,
		[RULES_LE] = OCI_LE,
		[RULES_GT] = OCI_GT,
		[RULES_GE] = OCI_GE,
	};
	uint8_t size = oci_arch_of(w->abi)->size;
	uint64_t mask = c->lhs.mask & sys_ones(c->width);
	bool whole = c->width == size && mask == sys_ones(size);

	if (c->kind != RULES_COND_TEST || c->rhs.is_arg || c->width > size ||
	    (c->width == 64 && c->lhs.hi != c->lhs.lo))
		return false;
	*out = (struct oci_arg){ .index = (unsigned)c->lhs.lo,
		                 .value = c->rhs.bits };
	if (c->cmp == RULES_WITHIN || (c->cmp == RULES_EQ && !whole)) {
		out->op = OCI_MASKED_EQ;
		out->value = c->cmp == RULES_WITHIN ? mask & ~c->rhs.bits : mask;
		out->two = c->cmp == RULES_WITHIN ? 0 : c->rhs.bits;
		return !(out->two & ~mask);
	}
	if (!whole || c->cmp == RULES_ANY || c->cmp == RULES_WITHIN ||
	    (c->is_signed && c->cmp != RULES_EQ && c->cmp != RULES_NE))
		return false;
	out->op = ops[c->cmp];
	return true;
}

static bool orders(const struct oci_arg *arg)
{
	return arg->op != OCI_EQ && arg->op != OCI_MASKED_EQ &&
	       arg->op != OCI_NE;
}

/*
 * Express condition C as the arguments of a rule, one test for each word; false
 * if it cannot be.
 */
static bool plain_args(const struct writer *w, const struct rules_cond *c,
                       struct oci_written *out)
{
	uint32_t n = c->kind == RULES_COND_AND ? c->n : 1;
	unsigned seen = 0;

	out->narg = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct rules_cond *one =
			c->kind == RULES_COND_AND ? c->kid[i] : c;
		struct oci_arg *arg = &out->arg[out->narg];

		if (out->narg == SYS_ARGS || !plain_test(w, one, arg) ||
		    seen >> arg->index & 1)
			return false;
		seen |= 1u << arg->index;
		out->narg++;
	}
	return n;
}

/*
 * Tell whether no case before I that is decided differently can hold together
 * with it.
 */
static bool stands_alone(const struct writer *w, uint32_t i)
{
	uint32_t set = rules_space_of(w->space, w->entry[i].c->cond, NULL, NULL);

	for (uint32_t k = 0; k < i; k++)
		if (rules_entry_ret(w->tree, &w->entry[k]) != rules_entry_ret(w->tree, &w->entry[i]) &&
		    rules_space_and(w->space, set,
		                    rules_space_of(w->space,
		                                   w->entry[k].c->cond, NULL,
		                                   NULL)) != SPACE_NONE)
			return false;
	return true;
}

/* So many cases are compared with each other. */
enum {
	MOST_PAIRED = 200
};

/*
 * Tell whether all cases can be rules of a profile as they are and in any
 * order: no two that hold at once are decided differently.
 */
static bool is_plain(const struct writer *w)
{
	uint32_t rest = oci_rest(w->tree, w->abi, w->call.nr);
	unsigned tests = 0, order = 0;

	if (rest != fallback(w) || w->n > MOST_PAIRED)
		return false;
	for (uint32_t i = 0; i < w->n; i++) {
		struct oci_written rule;

		if (rules_entry_ret(w->tree, &w->entry[i]) == fallback(w) ||
		    !w->entry[i].c->cond ||
		    !plain_args(w, w->entry[i].c->cond, &rule) ||
		    !stands_alone(w, i))
			return false;
		for (unsigned k = 0; k < rule.narg; k++)
			order += orders(&rule.arg[k]);
		tests += rule.narg;
	}
	/* What was a profile was libseccomp's already. */
	return !order || tests == 1 || w->tree->x32_marked;
}

static void add_plain(struct writer *w)
{
	for (uint32_t i = 0; i < w->n; i++) {
		struct oci_written rule = { .ret = rules_entry_ret(w->tree, &w->entry[i]) };

		plain_args(w, w->entry[i].c->cond, &rule);
		add_rule(w, &rule);
	}
}

/* --- sets ----------------------------------------------------------------- */

static void add_part(struct writer *w, uint32_t ret, uint32_t set)
{
	if (set == SPACE_NONE)
		return;
	for (unsigned i = 0; i < w->nparts; i++)
		if (w->part[i].ret == ret) {
			w->part[i].set = rules_space_or(
				w->space, w->part[i].set, set);
			return;
		}
	if (w->nparts < MOST_RETS)
		w->part[w->nparts++] = (struct part){ ret, set };
}

/* Tell whether a profile's values are cut to 32 bits on one of the ABIs. */
static bool is_cut(const struct writer *w)
{
	for (uint32_t i = 0; i < w->tree->nabi; i++)
		if (oci_arch_of(w->tree->abi[i])->size < oci_arch_of(w->abi)->size)
			return true;
	return false;
}

/*
 * Add what gets RET as values of one argument: where blocks would be cut, or libseccomp
 * made the tree, as with the families of sockets in Docker's profile.
 */
static bool add_ranges(struct writer *w, uint32_t ret, uint32_t set)
{
	struct oci_arg arg[OCI_MOST_RANGES];
	unsigned n = 0;

	if (w->tree->x32_marked || is_cut(w))
		n = oci_ranges(w->arena, w->space, set, oci_arch_of(w->abi)->size, arg);
	for (unsigned i = 0; i < n; i++)
		add_rule(w, &(struct oci_written){ .ret = ret, .narg = 1, .arg = { arg[i] } });
	return n;
}

/* Tell whether the call gets one answer, whatever its arguments. */
static bool gets_one(const struct writer *w, uint32_t *ret)
{
	if (w->n && w->entry[0].c->cond)
		return false;
	*ret = w->n ? rules_entry_ret(w->tree, &w->entry[0])
	            : oci_rest(w->tree, w->abi, w->call.nr);
	return true;
}

/*
 * Find the answers to the call and the set of calls that gets each; false if
 * they grow too large.
 */
static bool find_parts(struct writer *w)
{
	const struct rules_case **cases =
		arena_array(w->arena, const struct rules_case *, w->n);
	uint32_t rest = SPACE_ALL;

	for (uint32_t i = 0; i < w->n; i++)
		cases[i] = w->entry[i].c;
	w->space = rules_space(w->arena, STEPS, false);
	rules_space_start(w->space, cases, w->n);
	w->nparts = 0;
	for (uint32_t i = 0; i < w->n && rest != SPACE_NONE; i++) {
		uint32_t set = rules_space_of(w->space, cases[i]->cond, NULL,
		                              NULL);

		add_part(w, rules_entry_ret(w->tree, &w->entry[i]),
		         rules_space_and(w->space, rest, set));
		rest = rules_space_less(w->space, rest, set);
	}
	add_part(w, oci_rest(w->tree, w->abi, w->call.nr), rest);
	return !rules_space_lost(w->space) && w->nparts < MOST_RETS;
}

static bool add_block(void *ctx, const uint64_t mask[SYS_ARGS],
                      const uint64_t value[SYS_ARGS])
{
	struct writer *w = ctx;
	struct oci_written rule = { .ret = w->ret };
	uint64_t ones = sys_ones(oci_arch_of(w->abi)->size);

	if (++w->blocks > MOST_BLOCKS)
		return false;
	for (unsigned i = 0; i < SYS_ARGS; i++) {
		struct oci_arg arg = { .index = i, .op = OCI_MASKED_EQ };

		if (!mask[i])
			continue;
		w->wide |= (mask[i] & ~ones) != 0;
		arg.value = mask[i];
		arg.two = value[i];
		if (mask[i] == ones)
			arg = (struct oci_arg){
				.index = i, .op = OCI_EQ, .value = value[i]
			};
		rule.arg[rule.narg++] = arg;
	}
	add_rule(w, &rule);
	return true;
}

/* The only word and value that are not in the set. */
struct hole {
	unsigned index, n;
	uint64_t value;
	uint64_t ones;
};

static bool see_hole(void *ctx, const uint64_t mask[SYS_ARGS],
                     const uint64_t value[SYS_ARGS])
{
	struct hole *h = ctx;
	unsigned words = 0;

	for (unsigned i = 0; i < SYS_ARGS; i++)
		if (mask[i]) {
			words++;
			h->index = i;
			h->value = value[i];
			h->n += mask[i] != h->ones; /* not all of it */
		}
	h->n += words;
	return h->n == 1;
}

/*
 * Add a rule by the "not equal" operator if SET is everything but one value of
 * one word; false if not.
 */
static bool add_inequality(struct writer *w, uint32_t ret, uint32_t set)
{
	uint32_t others = rules_space_less(w->space, SPACE_ALL, set);
	struct hole h = { .ones = sys_ones(oci_arch_of(w->abi)->size) };
	struct oci_written rule = { .ret = ret, .narg = 1 };

	if (w->nparts > 2 || others == SPACE_NONE ||
	    !rules_space_blocks(w->space, others, see_hole, &h) || h.n != 1)
		return false;
	rule.arg[0] = (struct oci_arg){
		.index = h.index, .op = OCI_NE, .value = h.value
	};
	add_rule(w, &rule);
	return true;
}

static struct span place(const struct writer *w)
{
	return w->n ? w->entry[0].c->at : w->tree->fallback->at;
}

static bool refuse(const struct writer *w, const char *why)
{
	diag_error(w->diags, place(w),
	           E_INEXPRESSIBLE "a profile cannot express what '%s' gets on %s: %s",
	           w->call.name, w->abi->name, why);
	return false;
}

/* Tell whether the call, which has no case, is what runc will answer ENOSYS to. */
static bool is_beyond(const struct writer *w)
{
	return w->dflt->below && w->call.nr > w->dflt->last[w->abi->id];
}

/* Add what the call gets as rules; false after an error. */
static bool add_call(struct writer *w)
{
	struct oci_written always = { .narg = 0 };

	/* It was runc's answer before, and will be again. */
	if (w->dflt->stub && !w->n &&
	    (rules_numbers_of(w->tree, w->abi, w->call.nr) || is_beyond(w)))
		return true;
	if (gets_one(w, &always.ret)) {
		if (always.ret != fallback(w))
			add_rule(w, &always);
		return true;
	}
	if (!find_parts(w))
		return refuse(w, "its conditions are too large");
	if (is_plain(w)) {
		add_plain(w);
		return true;
	}
	w->blocks = 0;
	w->wide = false;
	for (unsigned i = 0; i < w->nparts; i++) {
		uint32_t set = w->part[i].set;

		w->ret = w->part[i].ret;
		if (w->ret == fallback(w) || add_inequality(w, w->ret, set) ||
		    add_ranges(w, w->ret, set))
			continue;
		if (!rules_space_blocks(w->space, set, add_block, w))
			return refuse(w, "its conditions take too many rules");
	}
	if (w->wide)
		return refuse(w, "libseccomp compares the low 32 bits of "
		                 "arguments there");
	return true;
}

/* --- all calls ------------------------------------------------------------ */

/* Find the cases of W's call. */
static void find_cases(struct writer *w)
{
	uint32_t lo = 0, hi = w->entries.v.n;
	const struct rules_entry *v = w->entries.v.v;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct rules_case *c = v[mid].c;

		if (c->abi->id < w->abi->id ||
		    (c->abi == w->abi && c->nr < w->call.nr))
			lo = mid + 1;
		else
			hi = mid;
	}
	w->entry = lo < w->entries.v.n ? &v[lo] : NULL;
	for (w->n = 0; lo + w->n < w->entries.v.n; w->n++)
		if (v[lo + w->n].c->abi != w->abi ||
		    v[lo + w->n].c->nr != w->call.nr)
			break;
}

/*
 * Tell whether an ABI that was dealt with before has the name, too, so it is said
 * already.
 */
static bool is_written(const struct writer *w, uint32_t done)
{
	struct sys_call call;

	for (uint32_t i = 0; i < w->tree->nabi; i++)
		if (done >> w->tree->abi[i]->id & 1 &&
		    sys_call_by_name(w->tree->abi[i], w->call.name,
		                     strlen(w->call.name), &call))
			return true;
	return false;
}

static bool add_calls(struct writer *w, uint32_t done)
{
	bool good = true;

	for (uint32_t i = 0; sys_call_at(w->abi, i, &w->call); i++) {
		if (is_written(w, done))
			continue;
		find_cases(w);
		good &= add_call(w);
	}
	return good;
}

/* Check that the calls of all rules have names. */
static bool check_names(const struct writer *w)
{
	struct sys_call call;
	bool good = true;

	/* With BELOW, those that have none get the default. */
	array_each(e, &w->entries.v) {
		if (sys_call_by_nr(e->c->abi, e->c->nr, &call) || w->dflt->below)
			continue;
		diag_error(w->diags, e->c->at,
		           E_INEXPRESSIBLE "a profile names calls, and number %u of %s has no "
		                           "name that is known",
		           e->c->nr, e->c->abi->name);
		good = false;
	}
	return good;
}

bool oci_rules(struct arena *arena, struct diags *d, const struct rules_tree *t,
               const struct oci_default *dflt, struct oci_rules *out)
{
	struct writer w = { .arena = arena,
		            .diags = d,
		            .tree = t,
		            .dflt = dflt,
		            .out = out };
	uint32_t done = 0;
	bool good;

	w.entries = rules_entries(arena, t);
	good = check_names(&w);
	/* Where 64 bits are compared more can be said, which is cut elsewhere. */
	for (unsigned pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < t->nabi; i++) {
			w.abi = t->abi[i];
			if ((oci_arch_of(w.abi)->size == 64) == (pass == 1))
				continue;
			good &= add_calls(&w, done);
			done |= 1u << w.abi->id;
		}
	return good;
}
