/*
 * Tree to JSON, held against the tree: what was written is read again as the
 * runtime reads it, and has to give every call that has a name the same answers
 * for the same arguments, exactly (space.c). So what a profile cannot say is
 * found, wherever it comes from.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "oci/oci.h"
#include "rules/ask.h"

struct writer {
	struct arena *arena;
	struct diags *diags;
	const struct rules_tree *tree;
	const struct rules_options *options;
	const struct oci_runtime *runtime;
	struct buf *out;
	struct oci_default dflt;
	const struct diags *back; /* what was written as a source */
};

/* --- actions -------------------------------------------------------------- */

static const struct {
	uint32_t action;
	enum rules_verb verb;
} actions[] = {
	{ SECCOMP_RET_ALLOW, RULES_ALLOW },
	{ SECCOMP_RET_LOG, RULES_LOG },
	{ SECCOMP_RET_KILL_PROCESS, RULES_KILL },
	{ SECCOMP_RET_KILL_THREAD, RULES_KILL_THREAD },
	{ SECCOMP_RET_USER_NOTIF, RULES_NOTIFY },
	{ SECCOMP_RET_ERRNO, RULES_ERRNO },
	{ SECCOMP_RET_TRAP, RULES_TRAP },
	{ SECCOMP_RET_TRACE, RULES_TRACE },
};

static const char *action_name(uint32_t ret)
{
	enum rules_verb verb = RULES_KILL, one;
	const char *name;

	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (actions[i].action == (ret & SECCOMP_RET_ACTION_FULL))
			verb = actions[i].verb;
	for (unsigned i = 0; (name = oci_verb_name(i, &one)); i++)
		if (one == verb)
			return name;
	return NULL;
}

static bool has_data(uint32_t ret)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE;
}

/* Tell whether a profile can say what RET does; AT is its place. */
static bool check_action(struct writer *w, uint32_t ret, struct span at)
{
	uint32_t action = ret & SECCOMP_RET_ACTION_FULL,
		 data = ret & SECCOMP_RET_DATA;

	if (action == SECCOMP_RET_ERRNO && data >= 4095) {
		diag_error(w->diags, at,
		           E_INEXPRESSIBLE "libseccomp takes only errnos below 4095");
		return false;
	}
	if (action == SECCOMP_RET_TRAP && data) {
		diag_error(w->diags, at,
		           E_INEXPRESSIBLE "a profile's SCMP_ACT_TRAP has no number; only "
		                           "a plain 'trap' can be expressed");
		return false;
	}
	return true;
}

static bool check_actions(struct writer *w)
{
	const struct rules_tree *t = w->tree;
	uint32_t ret = t->fallback_ret[t->abi[0]->id];
	bool good = check_action(w, ret, t->fallback->at);

	for (uint32_t i = 1; i < t->nabi; i++)
		if (t->fallback_ret[t->abi[i]->id] != ret) {
			diag_error(w->diags, t->fallback->at,
			           E_INEXPRESSIBLE "the default has different numbers on %s and "
			                           "on %s; a profile has one for both",
			           t->abi[i]->name, t->abi[0]->name);
			return false;
		}
	for (uint32_t i = 0; i < t->nrule; i++)
		if (t->rule[i].n)
			good &= check_action(
				w,
				rules_rule_ret(&t->rule[i], t->rule[i].cases->abi),
				t->rule[i].at);
	return good;
}

/* --- JSON ----------------------------------------------------------------- */

static void put_action(struct json_writer *w, const char *key, const char *ret_key,
                       uint32_t ret)
{
	json_put_string(w, key, action_name(ret));
	if (has_data(ret))
		json_put_unsigned(w, ret_key, ret & SECCOMP_RET_DATA);
}

static void put_args(struct json_writer *w, const struct oci_written *rule)
{
	if (!rule->narg)
		return;
	json_begin_array(w, "args", JSON_INDENTED);
	for (unsigned i = 0; i < rule->narg; i++) {
		const struct oci_arg *arg = &rule->arg[i];

		json_begin_object(w, NULL, JSON_SPACED);
		json_put_unsigned(w, "index", arg->index);
		json_put_unsigned(w, "value", arg->value);
		if (arg->op == OCI_MASKED_EQ)
			json_put_unsigned(w, "valueTwo", arg->two);
		json_put_string(w, "op", oci_op_name(arg->op));
		json_end(w);
	}
	json_end(w);
}

static void put_rule(struct json_writer *w, const struct oci_written *rule)
{
	json_begin_object(w, NULL, JSON_INDENTED);
	json_begin_array(w, "names", rule->name.n > 1 ? JSON_FILLED : JSON_SPACED);
	array_each(name, &rule->name)
		json_put_string(w, NULL, *name);
	json_end(w);
	put_action(w, "action", "errnoRet", rule->ret);
	put_args(w, rule);
	json_end(w);
}

static void put_profile(const struct rules_tree *t, uint32_t dflt, struct buf *out,
                        const struct oci_rules *rules)
{
	struct json_writer w = { .out = out };

	json_begin_object(&w, NULL, JSON_INDENTED);
	put_action(&w, "defaultAction", "defaultErrnoRet", dflt);
	json_begin_array(&w, "architectures", JSON_SPACED);
	for (uint32_t i = 0; i < t->nabi; i++)
		json_put_string(&w, NULL, oci_arch_of(t->abi[i])->name);
	json_end(&w);
	json_begin_array(&w, "syscalls", JSON_INDENTED);
	array_each(rule, &rules->v)
		put_rule(&w, rule);
	json_end(&w);
	json_end(&w);
	buf_putc(out, '\n');
}

/* --- runc's ENOSYS -------------------------------------------------------- */

static bool is_enosys(const struct sys_abi *abi, uint32_t ret)
{
	return ret == rules_ret(RULES_ERRNO, sys_errno(abi, "ENOSYS", 6));
}

/* Tell whether the runtime stubs what has the default RET. */
static bool stubs(const struct writer *w, uint32_t ret)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (actions[i].action == (ret & SECCOMP_RET_ACTION_FULL))
			return oci_runtime_stubs(w->runtime, actions[i].verb);
	return false;
}

/* Tell whether the tree's default is ENOSYS, and nothing else says what numbers get. */
static bool is_all_enosys(const struct rules_tree *t)
{
	for (uint32_t i = 0; i < t->nabi; i++)
		if (!is_enosys(t->abi[i], t->fallback_ret[t->abi[i]->id]))
			return false;
	return !t->has_kernel && !t->nnumbers;
}

/*
 * Set *RET to what all numbers without a name get that have a rule, whatever their
 * arguments; false: there are none, or they do not get the same.
 */
static bool nameless_get(const struct rules_tree *t, const struct rules_entries *all,
                         uint32_t *ret)
{
	struct sys_call call;
	bool any = false;

	array_each(e, &all->v) {
		uint32_t one = rules_entry_ret(t, e);

		if (sys_call_by_nr(e->c->abi, e->c->nr, &call))
			continue;
		if (e->c->cond || (any && one != *ret))
			return false;
		*ret = one;
		any = true;
	}
	return any;
}

/*
 * Find the default of the profile. A program that runc made, lifted, has the stub's
 * ENOSYS as its default, since most numbers get that; the profile's own default is
 * what the numbers below get that have no name.
 */
static void find_default(struct writer *w)
{
	const struct rules_tree *t = w->tree;
	struct rules_entries all = rules_entries(w->arena, t);
	struct oci_default *o = &w->dflt;

	o->ret = t->fallback_ret[t->abi[0]->id];
	o->below = is_all_enosys(t) && nameless_get(t, &all, &o->ret) && stubs(w, o->ret);
	if (!o->below)
		o->ret = t->fallback_ret[t->abi[0]->id];
	o->stub = stubs(w, o->ret);
	array_each(e, &all.v)
		o->last[e->c->abi->id] = e->c->nr; /* in the order of their numbers */
}

static bool has_name(const struct oci_written *rule, const char *name)
{
	array_each(it, &rule->name)
		if (!strcmp(*it, name))
			return true;
	return false;
}

static bool is_named(const struct oci_rules *rules, const char *name)
{
	array_each(rule, &rules->v)
		if (has_name(rule, name))
			return true;
	return false;
}

/* Tell whether NAME is, on some ABI, a call that is answered for by its number alone. */
static bool is_numbered(const struct rules_tree *t, const char *name)
{
	struct sys_call call;

	for (uint32_t i = 0; i < t->nabi; i++)
		if (sys_call_by_name(t->abi[i], name, strlen(name), &call) &&
		    rules_numbers_of(t, t->abi[i], call.nr))
			return true;
	return false;
}

/* Calls since then are named, so that one of them is known to any libseccomp. */
#define RECENT SYS_KERNEL(5, 1)

/*
 * Name the last calls of each ABI, with the default. runc answers ENOSYS above
 * the highest call that is named, and no call with a name may be among those;
 * but leave out those that the policy itself has there on another ABI. Calls
 * that go through socketcall, too, do not count for runc.
 */
static void anchor_stub(struct writer *w, struct oci_rules *rules)
{
	const struct rules_tree *t = w->tree;
	struct oci_written rule = { .ret = w->dflt.ret };
	struct sys_call call, next;

	for (uint32_t i = 0; w->dflt.stub && i < t->nabi; i++)
		for (uint32_t k = 0; sys_call_at(t->abi[i], k, &call); k++) {
			bool last = !sys_call_at(t->abi[i], k + 1, &next) ||
			            rules_numbers_of(t, t->abi[i], next.nr);

			if (w->dflt.below ? call.nr != w->dflt.last[t->abi[i]->id]
			                  : !last && call.since < RECENT)
				continue;
			if (is_numbered(t, call.name) ||
			    rules_multiplex(t->abi[i], call.name,
			                    strlen(call.name))
			            .there ||
			    is_named(rules, call.name) ||
			    has_name(&rule, call.name))
				continue;
			array_push(w->arena, &rule.name, call.name);
		}
	if (rule.name.n)
		array_push(w->arena, &rules->v, rule);
}

/* --- is it the same ------------------------------------------------------- */

enum {
	STEPS = 1 << 21
};

/* One tree's side of a call. */
struct side {
	const struct rules_tree *tree;
	struct rules_entries entries;
	const struct rules_entry *entry; /* N of them, from AT on: a call's */
	uint32_t at, n;
};

static void find_cases(struct side *s, const struct sys_abi *abi,
                       uint32_t nr)
{
	const struct rules_entry *v = s->entries.v.v;
	uint32_t i = s->at + s->n, n = s->entries.v.n;

	/* Calls are asked for in the order of the entries. */
	while (i < n && (v[i].c->abi->id < abi->id ||
	                 (v[i].c->abi == abi && v[i].c->nr < nr)))
		i++;
	s->at = i;
	s->n = 0;
	while (i + s->n < n && v[i + s->n].c->abi == abi &&
	       v[i + s->n].c->nr == nr)
		s->n++;
	s->entry = s->n ? &v[i] : NULL;
}

/* Return the part of SET that side S answers with RET; the call is NR of ABI. */
static uint32_t where(const struct side *s, struct rules_space *space,
                      const struct sys_abi *abi, uint32_t nr, uint32_t ret)
{
	uint32_t rest = SPACE_ALL, found = SPACE_NONE;

	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t set = rules_space_of(space, s->entry[i].c->cond, NULL,
		                              NULL);

		if (rules_entry_ret(s->tree, &s->entry[i]) == ret)
			found = rules_space_or(
				space, found, rules_space_and(space, rest, set));
		rest = rules_space_less(space, rest, set);
	}
	if (oci_rest(s->tree, abi, nr) == ret)
		found = rules_space_or(space, found, rest);
	return found;
}

/* Find the place in the tree that decides some of SET; false if no rule does. */
static bool decides(const struct side *s, struct rules_space *space,
                    uint32_t set, struct span *at)
{
	*at = s->tree->fallback->at;
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t one = rules_space_of(space, s->entry[i].c->cond, NULL,
		                              NULL);

		if (rules_space_and(space, one, set) != SPACE_NONE) {
			*at = s->entry[i].c->at;
			return true;
		}
	}
	return false;
}

/*
 * Find the rule in W's tree that gives RET to the call at NAME in the profile;
 * return its place.
 */
static struct span cause(const struct writer *w, const struct diags *d,
                         struct span name, uint32_t ret)
{
	const char *text = d->sources.v[name.source].text + name.start + 1;
	uint32_t len = name.end - name.start - 2;

	for (uint32_t i = 0; i < w->tree->nrule; i++) {
		const struct rules_rule *rule = &w->tree->rule[i];

		for (uint32_t k = 0; k < rule->n; k++) {
			const struct rules_case *c = &rule->cases[k];
			struct sys_call call;

			if (rules_rule_ret(rule, c->abi) == ret &&
			    sys_call_by_nr(c->abi, c->nr, &call) &&
			    strlen(call.name) == len &&
			    !memcmp(call.name, text, len))
				return c->at;
		}
	}
	return w->tree->fallback->at;
}

/*
 * Get the answer to CALL of ABI if it does not depend on arguments; false if it
 * does.
 */
static bool gets_one(const struct side *s, const struct sys_abi *abi,
                     uint32_t nr, uint32_t *ret)
{
	if (s->n && s->entry[0].c->cond)
		return false;
	*ret = s->n ? rules_entry_ret(s->tree, &s->entry[0]) : oci_rest(s->tree, abi, nr);
	return true;
}

/* Report that the profile answers some call in SET differently. */
static void differ(struct writer *w, const struct side *mine,
                   const struct side *theirs, struct rules_space *space,
                   const struct sys_abi *abi, const struct sys_call *call,
                   uint32_t ret, uint32_t set)
{
	uint64_t args[SYS_ARGS];
	struct span at;
	struct buf want = { .arena = w->arena }, get = want;
	uint32_t got = oci_rest(theirs->tree, abi, call->nr);
	bool here = decides(mine, space, set, &at);

	rules_space_example(space, set, args);
	for (uint32_t i = theirs->n; i-- > 0;) {
		const struct rules_case *c = theirs->entry[i].c;
		uint32_t one = rules_space_of(space, c->cond, NULL, NULL);

		if (!rules_space_has(space, one, args))
			continue;
		got = rules_entry_ret(theirs->tree, &theirs->entry[i]);
		if (!here)
			at = cause(w, w->back, c->at, got);
	}
	rules_put_action(&want, abi, ret);
	rules_put_action(&get, abi, got);
	diag_error(w->diags, at,
	           E_INEXPRESSIBLE "a profile cannot express this: '%s' gets '%s' here on %s, "
	                           "but from the profile it would get '%s'",
	           call->name, buf_str(&want), abi->name, buf_str(&get));
}

/* Tell whether both answer CALL of ABI alike; report it if not. */
static bool same_call(struct writer *w, struct side *a, struct side *b,
                      const struct sys_abi *abi,
                      const struct sys_call *call)
{
	const struct rules_case **cases;
	struct rules_space *space;
	uint32_t n = 0, x, y;

	find_cases(a, abi, call->nr);
	find_cases(b, abi, call->nr);
	if (gets_one(a, abi, call->nr, &x) && gets_one(b, abi, call->nr, &y) &&
	    x == y)
		return true;
	cases = arena_array(w->arena, const struct rules_case *, a->n + b->n);
	for (uint32_t i = 0; i < a->n; i++)
		cases[n++] = a->entry[i].c;
	for (uint32_t i = 0; i < b->n; i++)
		cases[n++] = b->entry[i].c;
	space = rules_space(w->arena, STEPS, false);
	rules_space_start(space, cases, n);
	for (uint32_t i = 0; i <= a->n; i++) {
		uint32_t ret = i < a->n ? rules_entry_ret(a->tree, &a->entry[i])
		                        : oci_rest(a->tree, abi, call->nr);
		uint32_t mine = where(a, space, abi, call->nr, ret);
		uint32_t other = where(b, space, abi, call->nr, ret);
		uint32_t less = rules_space_less(space, mine, other);

		if (rules_space_lost(space)) {
			diag_error(w->diags, cases[0]->at,
			           E_INEXPRESSIBLE "the conditions on '%s' are too large to see "
			                           "whether the profile says the same",
			           call->name);
			return false;
		}
		if (less != SPACE_NONE) {
			differ(w, a, b, space, abi, call, ret, less);
			return false;
		}
	}
	return true;
}

/* More complaints than this do not help. */
enum {
	MOST_COMPLAINTS = 20
};

static bool same_tree(struct writer *w, const struct rules_tree *other)
{
	struct side a = { .tree = w->tree }, b = { .tree = other };
	struct sys_call call;
	unsigned wrong = 0;

	a.entries = rules_entries(w->arena, w->tree);
	b.entries = rules_entries(w->arena, other);
	for (uint32_t i = 0; i < w->tree->nabi; i++)
		for (uint32_t k = 0; wrong < MOST_COMPLAINTS &&
		                     sys_call_at(w->tree->abi[i], k, &call);
		     k++)
			wrong += !same_call(w, &a, &b, w->tree->abi[i], &call);
	return !wrong;
}

/* Keep the first error about what was written, which would be the runtime's. */
static void keep_first(void *ctx, const struct diags *d, const struct diag *one)
{
	const char **first = ctx;

	if (one->severity == DIAG_ERROR && !**first)
		*first = one->text;
}

/* Read what was written as the runtime will; NULL after an error. */
static const struct rules_tree *read_back(struct writer *w)
{
	const char *refused = "";
	struct diags *d = arena_new(w->arena, struct diags);
	struct buf abis = { .arena = w->arena };
	struct rules_options o = { .runtime = w->options->runtime };
	const struct rules_tree *t;

	for (uint32_t i = 0; i < w->tree->nabi; i++)
		buf_printf(&abis, "%s%s", i ? "," : "", w->tree->abi[i]->name);
	o.abis = buf_str(&abis);
	w->back = d;
	*d = (struct diags){
		.arena = w->arena, .emit = keep_first, .ctx = &refused
	};
	t = oci_read(w->arena, d,
	             diag_source(d, "profile", w->out->s, w->out->len),
	             &o);
	if (!t)
		diag_plain(w->diags, DIAG_ERROR,
		           E_INEXPRESSIBLE "this cannot be a profile: %s", refused);
	return t;
}

/* --- what the runtime does on its own ------------------------------------- */

static bool check_foreign(struct writer *w)
{
	const struct rules_tree *t = w->tree;

	if (t->foreign_ret == SECCOMP_RET_KILL_THREAD ||
	    t->foreign_ret == SECCOMP_RET_KILL_PROCESS)
		return true;
	diag_error(w->diags, t->foreign->at,
	           E_INEXPRESSIBLE "a profile cannot express what calls of other ABIs get: "
	                           "runtimes let them kill the thread");
	return false;
}

static bool has(const struct rules_tree *t, enum sys_abi_id id)
{
	for (uint32_t i = 0; i < t->nabi; i++)
		if (t->abi[i]->id == id)
			return true;
	return false;
}

static bool notifies(const struct rules_tree *t)
{
	for (uint32_t i = 0; i < t->nrule; i++)
		if (t->rule[i].action->verb == RULES_NOTIFY && t->rule[i].n)
			return true;
	return false;
}

static void note_differences(struct writer *w)
{
	const struct rules_tree *t = w->tree;
	bool rest = is_enosys(t->abi[0], t->fallback_ret[t->abi[0]->id]);

	if (t->foreign_ret != SECCOMP_RET_KILL_THREAD)
		diag_plain(w->diags, DIAG_NOTE,
		           "calls of other ABIs will kill the thread, not the "
		           "process: a profile cannot express that");
	if (w->dflt.stub && !t->has_kernel && !t->nnumbers && !rest)
		diag_plain(w->diags, DIAG_NOTE,
		           "%s will answer ENOSYS to numbers beyond the calls "
		           "that it knows, the policy gives them its default",
		           w->runtime->name);
	if (t->has_kernel && !rest)
		diag_plain(w->diags, DIAG_NOTE,
		           "numbers %s will get the default, not ENOSYS: they "
		           "have no name",
		           w->dflt.stub ? "that lie unused between calls"
		                        : "that are not calls");
	if (has(t, SYS_ABI_X32) && !t->x32_marked)
		diag_plain(w->diags, DIAG_NOTE,
		           "numbers 512 to 547 without bit 30 will not be taken "
		           "for x32's calls");
	if (notifies(t))
		diag_plain(w->diags, DIAG_NOTE,
		           "'notify' needs a listener: add its 'listenerPath' "
		           "to the profile");
	diag_plain(w->diags, DIAG_NOTE,
	           "names that the runtime's libseccomp is too old to know will "
	           "be ignored, so these calls get the default");
}

/* --- the whole ------------------------------------------------------------ */

bool oci_write(struct arena *arena, struct diags *d,
               const struct rules_tree *t,
               const struct rules_options *o, struct buf *out)
{
	struct writer w = { .arena = arena,
		            .diags = d,
		            .tree = t,
		            .options = o,
		            .out = out };
	struct oci_rules rules = { 0 };
	const struct rules_tree *back;
	bool good;

	w.runtime = oci_runtime(d, o->runtime);
	if (!w.runtime)
		return false;
	good = check_actions(&w);
	good &= check_foreign(&w);
	if (!good)
		return false;
	find_default(&w);
	if (!oci_rules(arena, d, t, &w.dflt, &rules))
		return false;
	anchor_stub(&w, &rules);
	put_profile(t, w.dflt.ret, out, &rules);
	back = read_back(&w);
	if (!back || !same_tree(&w, back))
		return false;
	note_differences(&w);
	return true;
}
