/*
 * Profile to tree: what runc or crun make of a profile with libseccomp, as
 * rules of weir's.
 *   - A rule whose action is the default one is skipped.
 *   - For a call, the first rule without conditions decides, wherever it is;
 *     else the rules with conditions.
 *   - An argument that is tested twice in a rule makes each test a rule.
 *   - socketcall and ipc are decided by the rules for what goes through them; the
 *     first condition is lost there, as they have another first argument.
 *   - runc answers ENOSYS to numbers above the highest call that the profile names.
 * With --typed, what of this lets more through than is written is left out, and
 * arguments are compared at the width that the kernel uses.
 */
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "oci/oci.h"
#include "rules/make.h"

/* A test of a word of seccomp_data, cut to the bits that are compared. */
struct test {
	unsigned index;
	enum oci_op op;
	uint8_t width;
	uint64_t mask, value;
	const struct oci_arg *arg; /* that it was written as; NULL: socketcall's own */
};

/* What one rule says of one call. */
struct entry {
	const struct sys_abi *abi;
	uint32_t nr, rule, order;
	bool through;  /* socketcall or ipc */
	bool dropped;  /* it has no say */
	uint8_t ntest; /* 0: always */
	struct test test[SYS_ARGS];
	const struct oci_name *name;
};

/* More complaints than this do not help. */
enum {
	MOST_REPORTS = 200
};

struct places {
	ARRAY(struct span) v;
};

struct builder {
	struct rules_maker m;
	const struct oci_profile *profile;
	const struct rules_options *options;
	const struct rules_action **action; /* of each rule */
	ARRAY(struct entry) entry;
	struct places reported;   /* warnings */
	struct places refused;    /* errors */
	struct places overlaps;   /* warnings of those */
	uint32_t last[SYS_NABIS]; /* the highest number that a rule names; 0: none */
	bool overlap;
};

/* --- messages ------------------------------------------------------------- */

/* Add AT to LIST; false if it was there, or there are too many. */
static bool add_place(struct arena *arena, struct places *list, struct span at)
{
	if (list->v.n >= MOST_REPORTS)
		return false;
	array_each(it, &list->v)
		if (it->start == at.start)
			return false;
	array_push(arena, &list->v, at);
	return true;
}

/*
 * Tell whether this is the first report about AT: one for a place, not for each
 * ABI.
 */
static bool first(struct builder *b, struct span at)
{
	return add_place(b->m.arena, &b->reported, at);
}

static const struct oci_rule *rule_of(const struct builder *b,
                                      const struct entry *e)
{
	return &b->profile->rule.v[e->rule];
}

static uint32_t ret_of(const struct builder *b, const struct entry *e)
{
	return b->action[e->rule]->ret[0];
}

static bool permits(uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
}

/* --- tests ---------------------------------------------------------------- */

static uint64_t ones(const struct test *t)
{
	return sys_ones(t->width);
}

/* Return ARG as libseccomp tests it, with SIZE bits. */
static struct test raw_test(const struct oci_arg *arg, uint8_t size)
{
	struct test t = { .index = arg->index,
		          .op = arg->op,
		          .width = size,
		          .mask = sys_ones(size),
		          .value = arg->value & sys_ones(size),
		          .arg = arg };

	if (arg->op == OCI_MASKED_EQ) {
		t.mask = arg->value & sys_ones(size);
		t.value = arg->two & t.mask;
	}
	return t;
}

enum truth {
	NEVER,
	SOMETIMES,
	ALWAYS
};

/* Return what a test by OP gives if its value is above what its bits can be. */
static enum truth beyond(enum oci_op op)
{
	switch (op) {
	case OCI_NE:
	case OCI_LT:
	case OCI_LE:
		return ALWAYS;
	case OCI_EQ:
	case OCI_GE:
	case OCI_GT:
	case OCI_MASKED_EQ:
	case OCI_NOPS:
		break;
	}
	return NEVER;
}

/* Narrow T to the bits of TYPE, which the kernel looks at. */
static enum truth narrow(struct test *t, struct sys_type type)
{
	uint64_t low = sys_ones(type.width);
	uint64_t sign = UINT64_C(1) << (type.width - 1);

	if (type.width >= t->width)
		return SOMETIMES;
	t->width = type.width;
	/* -1 as 64 bits means the int -1. */
	if (t->op != OCI_MASKED_EQ && type.is_signed && t->value & sign &&
	    (t->value | low) == sys_ones(64))
		t->value &= low;
	if (t->value & ~low)
		return beyond(t->op);
	t->mask &= low;
	return SOMETIMES;
}

static bool knows_type(const struct sys_call *call, const struct test *t,
                       struct sys_type *type)
{
	for (unsigned i = 0; call->known && i < call->nargs; i++)
		if (call->arg[i].lo == (int8_t)t->index) {
			*type = call->arg[i].type;
			return true;
		}
	return false;
}

static const struct rules_cond *cond_of(struct builder *b,
                                        const struct entry *e)
{
	static const enum rules_cmp cmps[OCI_NOPS] = {
		[OCI_NE] = RULES_NE,
		[OCI_LT] = RULES_LT,
		[OCI_LE] = RULES_LE,
		[OCI_EQ] = RULES_EQ,
		[OCI_GE] = RULES_GE,
		[OCI_GT] = RULES_GT,
		[OCI_MASKED_EQ] = RULES_EQ,
	};
	const struct rules_cond *kid[SYS_ARGS];

	for (unsigned i = 0; i < e->ntest; i++) {
		const struct test *t = &e->test[i];
		struct span at = t->arg ? t->arg->at : e->name->at;
		struct sys_type type = { .width = t->width };
		struct rules_operand word =
			rules_make_word(e->abi, t->index, t->width, at);

		word.mask = t->mask;
		kid[i] = rules_make_test(&b->m, word, type, cmps[t->op],
		                         t->value, at);
	}
	return e->ntest ? rules_make_list(&b->m, RULES_COND_AND, kid,
	                                  e->ntest, kid[0]->at)
	                : NULL;
}

/* --- what is odd about a test --------------------------------------------- */

/* Tell whether bits that the kernel ignores can give test T the result TRUTH. */
static bool garbage_makes(const struct test *t, struct sys_type type,
                          bool truth)
{
	switch (t->op) {
	case OCI_NE:
	case OCI_GE:
	case OCI_GT:
		return truth;
	case OCI_EQ:
	case OCI_LT:
	case OCI_LE:
		return !truth;
	case OCI_MASKED_EQ:
		return !truth && t->mask & ~sys_ones(type.width);
	case OCI_NOPS:
		break;
	}
	return false;
}

/*
 * Warn of test T of E, which is in effect, if the kernel takes the argument as
 * TYPE.
 */
static void warn_of_test(struct builder *b, const struct entry *e,
                         const struct test *t, struct sys_type type)
{
	bool more = permits(ret_of(b, e));
	bool rest = permits(b->m.tree->fallback_ret[e->abi->id]);

	if (type.is_pointer && t->value && first(b, t->arg->at))
		diag_warning(b->m.diags, DIAG_W_POINTER, t->arg->at,
		             "a pointer is compared: the program chooses where "
		             "its data lies, and can change it after the check");
	if (t->width > type.width && more != rest &&
	    garbage_makes(t, type, more) && first(b, t->arg->at))
		diag_warning(b->m.diags, DIAG_W_WIDE, t->arg->at,
		             "the kernel looks at %u bits of this argument of "
		             "'%s', but %u are compared, so a program gets "
		             "round this by what it puts above; --typed closes "
		             "that",
		             type.width, e->name->text, t->width);
}

static void warn_of_tests(struct builder *b, const struct entry *e)
{
	struct sys_call call;
	struct sys_type type;

	if (e->through && rule_of(b, e)->arg.n && permits(ret_of(b, e)) &&
	    !permits(b->m.tree->fallback_ret[e->abi->id]) &&
	    first(b, e->name->at))
		diag_warning(b->m.diags, DIAG_W_MULTIPLEXED, e->name->at,
		             "on %s '%s' can also be called through another "
		             "call, which this rule permits whatever args[0] "
		             "is there; --typed closes that",
		             e->abi->name, e->name->text);
	if (e->through || !sys_call_by_nr(e->abi, e->nr, &call) ||
	    !call.known)
		return;
	for (unsigned i = 0; i < e->ntest; i++)
		if (knows_type(&call, &e->test[i], &type))
			warn_of_test(b, e, &e->test[i], type);
		else if (first(b, e->test[i].arg->at))
			diag_warning(b->m.diags, DIAG_W_NO_ARGUMENT, e->test[i].arg->at,
			             "'%s' has no args[%u] on %s: what is "
			             "compared is up to chance",
			             call.name, e->test[i].index, e->abi->name);
}

/* --- rules to entries ----------------------------------------------------- */

/* Add test T to E; false if E then never holds. */
static bool add_test(struct builder *b, struct entry *e,
                     const struct sys_call *call, struct test t)
{
	struct sys_type type;
	enum truth truth = SOMETIMES;

	if (b->options->typed && knows_type(call, &t, &type))
		truth = narrow(&t, type);
	if (t.op == OCI_MASKED_EQ && !t.mask)
		truth = ALWAYS;
	if (truth == SOMETIMES)
		e->test[e->ntest++] = t;
	return truth != NEVER;
}

static void push(struct builder *b, struct entry *e)
{
	e->order = b->entry.n;
	array_push(b->m.arena, &b->entry, *e);
}

/* Add the rule's tests I .. I + N - 1 for a call that has a number of its own. */
static void add_direct(struct builder *b, struct entry e,
                       const struct sys_call *call, uint32_t i, uint32_t n)
{
	const struct oci_rule *rule = rule_of(b, &e);
	uint8_t size = oci_arch_of(e.abi)->size;

	e.nr = call->nr;
	for (uint32_t k = i; k < i + n; k++)
		if (!add_test(b, &e, call, raw_test(&rule->arg.v[k], size)))
			return;
	push(b, &e);
}

/* Do the same for a call that goes through socketcall or ipc. */
static void add_through(struct builder *b, struct entry e,
                        const struct rules_multiplex *mux, uint32_t i,
                        uint32_t n)
{
	const struct oci_rule *rule = rule_of(b, &e);
	uint8_t size = oci_arch_of(e.abi)->size;
	struct test t = { .op = OCI_MASKED_EQ, .width = size, .value = mux->call };
	struct sys_call none = { 0 };

	if (b->options->typed && rule->arg.n && permits(ret_of(b, &e)))
		return;
	t.mask = b->options->typed ? mux->mask : sys_ones(size);
	e.nr = mux->nr;
	e.through = true;
	e.test[e.ntest++] = t;
	for (uint32_t k = i; !b->options->typed && k < i + n; k++)
		if (rule->arg.v[k].index)
			add_test(b, &e, &none, raw_test(&rule->arg.v[k], size));
	push(b, &e);
}

static bool tests_twice(const struct oci_rule *rule)
{
	unsigned seen = 0;

	array_each(arg, &rule->arg) {
		if (seen >> arg->index & 1)
			return true;
		seen |= 1u << arg->index;
	}
	return false;
}

/* Add rule R about NAME on ABI; false if ABI has no such call. */
static bool add_name(struct builder *b, uint32_t r, const struct oci_name *name,
                     const struct sys_abi *abi)
{
	const struct oci_rule *rule = &b->profile->rule.v[r];
	struct rules_multiplex mux =
		rules_multiplex(abi, name->text, name->len);
	struct entry e = { .abi = abi, .rule = r, .name = name };
	uint32_t step = tests_twice(rule) ? 1 : rule->arg.n, i = 0;
	struct sys_call call;
	bool direct = sys_call_by_name(abi, name->text, name->len, &call) &&
	              !strcmp(call.name, name->text);

	/* What has two ways to be called has no number for libseccomp, so for runc. */
	if (direct && !mux.there)
		b->last[abi->id] = max_u32(b->last[abi->id], call.nr);
	if (b->action[r]->ret[0] == b->m.tree->fallback_ret[0])
		return direct || mux.there;
	do {
		if (mux.there)
			add_through(b, e, &mux, i, step);
		if (direct)
			add_direct(b, e, &call, i, step);
		i += step;
	} while (i < rule->arg.n);
	return direct || mux.there;
}

static void unknown_name(struct builder *b, const struct oci_name *name)
{
	const char *near, *candidate;
	struct suggest s;

	suggest_start(&s, name->text, name->len);
	for (unsigned i = 0; i < b->m.tree->nabi; i++)
		for (uint32_t k = 0; (candidate = sys_call_name(
					      b->m.tree->abi[i], k));
		     k++)
			suggest_offer(&s, candidate);
	near = suggest_best(&s);
	if (near && first(b, name->at))
		diag_warning(b->m.diags, DIAG_W_UNKNOWN_CALL, name->at,
		             "no such system call is known, so this name is "
		             "ignored; did you mean '%s'?",
		             near);
	else if (!near && b->options->verbose && first(b, name->at))
		diag_note(b->m.diags, name->at,
		          "no such system call is known, so this name is "
		          "ignored");
}

static bool known_elsewhere(const struct oci_name *name)
{
	struct sys_call call;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (sys_call_by_name(&sys_abis[i], name->text, name->len,
		                     &call) ||
		    rules_multiplex(&sys_abis[i], name->text, name->len)
		            .there)
			return true;
	return false;
}

static void add_rule(struct builder *b, uint32_t r)
{
	const struct oci_rule *rule = &b->profile->rule.v[r];

	if (tests_twice(rule) && first(b, rule->arg.v[0].at))
		diag_warning(b->m.diags, DIAG_W_TWICE, rule->arg.v[0].at,
		             "an argument is tested twice in this rule, so "
		             "runtimes let any one of its tests suffice");
	array_each(name, &rule->name) {
		bool found = false;

		for (unsigned i = 0; i < b->m.tree->nabi; i++)
			found |= add_name(b, r, name, b->m.tree->abi[i]);
		if (!found && !known_elsewhere(name))
			unknown_name(b, name);
	}
}

/* --- what runc adds ------------------------------------------------------- */

/*
 * Tell whether ENOSYS is answered above the highest call of ABI that the profile names.
 */
static bool has_stub(const struct builder *b, const struct sys_abi *abi)
{
	return oci_runtime_stubs(b->profile->runtime, b->profile->fallback.verb) &&
	       b->last[abi->id] & ~abi->nr_bit;
}

/* --- which entries have a say --------------------------------------------- */

static int by_call(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a;
	const struct entry *y = *(const struct entry *const *)b;

	if (x->abi != y->abi)
		return x->abi->id < y->abi->id ? -1 : 1;
	if (x->nr != y->nr)
		return x->nr < y->nr ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void drop(struct builder *b, struct entry *e, const struct entry *winner)
{
	e->dropped = true;
	if (ret_of(b, e) == ret_of(b, winner) || e->through ||
	    !first(b, e->name->at))
		return;
	diag_warning(b->m.diags, DIAG_W_UNREACHABLE, e->name->at,
	             e->ntest ? "this has no effect: a rule without conditions "
	                        "decides '%s'"
	                      : "this has no effect: an earlier rule decides "
	                        "'%s'",
	             e->name->text);
	diag_note(b->m.diags, winner->name->at, "it is this one");
}

/* Get the range of values that T tests, or all values if it tests no range. */
static void range_of(const struct test *t, uint64_t *lo, uint64_t *hi)
{
	*lo = 0;
	*hi = ones(t);
	switch (t->op) {
	case OCI_EQ:
		*lo = *hi = t->value;
		break;
	case OCI_MASKED_EQ:
		*lo = t->value;
		*hi = t->value | (ones(t) & ~t->mask);
		break;
	case OCI_LT:
		*hi = t->value - (t->value > 0);
		break;
	case OCI_LE:
		*hi = t->value;
		break;
	case OCI_GE:
		*lo = t->value;
		break;
	case OCI_GT:
		*lo = t->value + (t->value < ones(t));
		break;
	case OCI_NE:
	case OCI_NOPS:
		break;
	}
}

static bool is_equality(const struct test *t)
{
	return t->op == OCI_EQ || t->op == OCI_MASKED_EQ;
}

/* Tell whether it is plain that no value passes both A and B. */
static bool exclude_each_other(const struct test *a, const struct test *b)
{
	uint64_t alo, ahi, blo, bhi, both = a->mask & b->mask;

	if (a->width != b->width)
		return false;
	if (is_equality(a) && is_equality(b))
		return (a->value ^ b->value) & both;
	if ((a->op == OCI_NE && b->op == OCI_EQ) ||
	    (a->op == OCI_EQ && b->op == OCI_NE))
		return a->value == b->value;
	range_of(a, &alo, &ahi);
	range_of(b, &blo, &bhi);
	return ahi < blo || bhi < alo;
}

static bool disjoint(const struct entry *a, const struct entry *b)
{
	for (unsigned i = 0; i < a->ntest; i++)
		for (unsigned k = 0; k < b->ntest; k++)
			if (a->test[i].index == b->test[k].index &&
			    exclude_each_other(&a->test[i], &b->test[k]))
				return true;
	return false;
}

static bool has_test(const struct entry *e, const struct test *t)
{
	for (unsigned i = 0; i < e->ntest; i++)
		if (e->test[i].index == t->index && e->test[i].op == t->op &&
		    e->test[i].width == t->width &&
		    e->test[i].mask == t->mask && e->test[i].value == t->value)
			return true;
	return false;
}

static bool same_tests(const struct entry *a, const struct entry *b)
{
	if (a->ntest != b->ntest)
		return false;
	for (unsigned i = 0; i < a->ntest; i++)
		if (!has_test(b, &a->test[i]))
			return false;
	return true;
}

static void refuse_pair(struct builder *b, const struct entry *x,
                        const struct entry *y)
{
	if (!add_place(b->m.arena, &b->refused, y->name->at))
		return;
	diag_error(b->m.diags, y->name->at,
	           "two rules have different actions for the same condition; "
	           "libseccomp refuses that");
	diag_note(b->m.diags, x->name->at, "the other one is here");
}

static void warn_of_pair(struct builder *b, const struct entry *x,
                         const struct entry *y)
{
	b->overlap = true;
	if (!add_place(b->m.arena, &b->overlaps, y->name->at))
		return;
	diag_warning(b->m.diags, DIAG_W_AMBIGUOUS, y->name->at,
	             "two rules about '%s' can hold at once, and libseccomp "
	             "leaves open which one decides, and whether it takes "
	             "both; here it is the stricter one",
	             y->name->text);
	diag_note(b->m.diags, x->name->at, "the other one is here");
}

/* Check X, which precedes Y; if BOTH, both are in effect. */
static void check_pair(struct builder *b, const struct entry *x,
                       const struct entry *y, bool both)
{
	if (ret_of(b, x) == ret_of(b, y) || disjoint(x, y))
		return;
	if (same_tests(x, y))
		refuse_pair(b, x, y);
	else if (both)
		warn_of_pair(b, x, y);
}

/* So many rules about one call are compared with each other. */
enum {
	MOST_PAIRED = 500
};

/* Settle the N entries at E, which are about one call. */
static void settle(struct builder *b, struct entry **e, uint32_t n)
{
	const struct entry *always = NULL;
	uint32_t tested = 0; /* entries with tests, before that */

	while (tested < n && e[tested]->ntest)
		tested++;
	if (tested < n)
		always = e[tested];
	for (uint32_t i = 0; always && i < n; i++)
		if (e[i] != always)
			drop(b, e[i], always);
	b->overlap |= tested > MOST_PAIRED;
	for (uint32_t i = 0; i < tested; i++) {
		if (!always)
			warn_of_tests(b, e[i]);
		for (uint32_t k = 0; tested <= MOST_PAIRED && k < i; k++)
			check_pair(b, e[k], e[i], !always);
	}
}

/* Tell whether runc answers before the filter is asked. */
static bool in_stub(const struct builder *b, const struct sys_abi *abi,
                    uint32_t nr)
{
	return has_stub(b, abi) &&
	       (nr > b->last[abi->id] || (!nr && oci_arch_of(abi)->zero_stub));
}

static void settle_all(struct builder *b)
{
	struct entry **sorted =
		arena_array(b->m.arena, struct entry *, b->entry.n);
	uint32_t n = 0;

	array_each(e, &b->entry) {
		e->dropped = in_stub(b, e->abi, e->nr);
		if (!e->dropped)
			sorted[n++] = e;
	}
	if (n)
		qsort(sorted, n, sizeof *sorted, by_call);
	for (uint32_t i = 0, next; i < n; i = next) {
		for (next = i; next < n && sorted[next]->abi == sorted[i]->abi &&
		               sorted[next]->nr == sorted[i]->nr;)
			next++;
		settle(b, sorted + i, next - i);
	}
}

/* --- the tree ------------------------------------------------------------- */

/* Return how strict an action is, in the kernel's order. */
static int32_t strictness(uint32_t ret)
{
	return (int32_t)(ret & SECCOMP_RET_ACTION_FULL);
}

static void make_rule(struct builder *b, uint32_t r, const uint32_t *from)
{
	bool begun = false;

	for (uint32_t i = from[r]; i < from[r + 1]; i++) {
		struct entry *e = &b->entry.v[i];

		if (e->dropped)
			continue;
		if (!begun)
			rules_make_rule(&b->m, b->action[r],
			                b->profile->rule.v[r].action.at);
		begun = true;
		rules_make_case(&b->m, e->abi, e->nr, cond_of(b, e),
		                e->name->at);
	}
}

struct order {
	uint32_t rule;
	int32_t strictness;
};

static int by_strictness(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->strictness != y->strictness)
		return x->strictness < y->strictness ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/*
 * Make the rules in their order, or the strict ones first. FROM[r] is where
 * rule r's entries begin.
 */
static void make_rules(struct builder *b, const uint32_t *from)
{
	uint32_t n = b->profile->rule.n;
	struct order *order = arena_array(b->m.arena, struct order, n);

	for (uint32_t r = 0; r < n; r++)
		order[r] = (struct order){
			r, b->overlap ? strictness(b->action[r]->ret[0]) : 0
		};
	if (n)
		qsort(order, n, sizeof *order, by_strictness);
	for (uint32_t r = 0; r < n; r++)
		make_rule(b, order[r].rule, from);
}

/* --- numbers that no rule is about ---------------------------------------- */

static bool names(const struct builder *b, enum sys_abi_id id)
{
	return b->profile->abis >> id & 1;
}

static void make_stub(struct builder *b, const struct sys_abi *abi,
                      uint32_t enosys)
{
	struct rules_maker *m = &b->m;
	uint32_t above = b->last[abi->id] + 1;

	if (oci_arch_of(abi)->zero_stub)
		rules_make_numbers(m, abi, 0, 0, enosys);
	if (abi->id == SYS_ABI_X86_64) {
		rules_make_numbers(m, abi, above, 0x3fffffff, enosys);
		rules_make_numbers(m, abi, 0x80000000, 0xbfffffff, enosys);
	} else if (abi->id == SYS_ABI_X32) {
		rules_make_numbers(m, abi, above, 0x7fffffff, enosys);
		rules_make_numbers(m, abi, 0xc0000000, 0xfffffffe, enosys);
		rules_make_numbers(m, &sys_abis[SYS_ABI_X86_64],
		                   UINT32_MAX, UINT32_MAX, enosys);
	} else {
		rules_make_numbers(m, abi, above, UINT32_MAX, enosys);
	}
}

static void make_stubs(struct builder *b)
{
	uint32_t enosys = rules_ret(
		RULES_ERRNO, sys_errno(b->profile->native, "ENOSYS", 6));

	for (unsigned i = 0; i < b->m.tree->nabi; i++)
		if (has_stub(b, b->m.tree->abi[i]))
			make_stub(b, b->m.tree->abi[i], enosys);
}

/* Draw the line between x86_64 and x32 where libseccomp does. */
static void make_x32(struct builder *b)
{
	b->m.tree->x32_marked = true;
	if (names(b, SYS_ABI_X86_64) && !names(b, SYS_ABI_X32))
		rules_make_numbers(&b->m, &sys_abis[SYS_ABI_X86_64],
		                   0x80000000, 0xbfffffff,
		                   b->m.tree->foreign_ret);
}

/* --- the whole ------------------------------------------------------------ */

bool oci_is(const char *text, size_t len)
{
	size_t i = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;

	while (i < len && (text[i] == ' ' || text[i] == '\t' ||
	                   text[i] == '\n' || text[i] == '\r'))
		i++;
	return i < len && text[i] == '{';
}

static void make_settings(struct builder *b)
{
	const struct oci_action *a = &b->profile->fallback;
	struct span at = a->at;

	rules_make_fallback(&b->m, rules_make_action(&b->m, a->verb, a->data,
	                                             at));
	b->m.tree->foreign_ret = rules_ret(RULES_KILL_THREAD, 0);
}

static const struct rules_tree *build(struct builder *b)
{
	uint32_t n = b->profile->rule.n;
	uint32_t *from = arena_array(b->m.arena, uint32_t, n + 1);

	make_settings(b);
	b->action = arena_array(b->m.arena, const struct rules_action *, n);
	for (uint32_t r = 0; r < n; r++) {
		const struct oci_action *a = &b->profile->rule.v[r].action;

		b->action[r] =
			rules_make_action(&b->m, a->verb, a->data, a->at);
		from[r] = b->entry.n;
		add_rule(b, r);
	}
	from[n] = b->entry.n;
	settle_all(b);
	make_rules(b, from);
	make_stubs(b);
	make_x32(b);
	return rules_make_tree(&b->m);
}

const struct rules_tree *oci_read(struct arena *arena, struct diags *d,
                                  uint32_t source,
                                  const struct rules_options *o)
{
	unsigned errors = d->errors;
	struct builder b = { .options = o };
	const struct rules_tree *tree;

	b.profile = oci_profile(arena, d, source, o);
	if (!b.profile ||
	    !rules_make_start(&b.m, arena, d, b.profile->abis))
		return NULL;
	tree = build(&b);
	return d->errors == errors ? tree : NULL;
}
