/*
 * Syntax to tree: settings, groups, values and calls get their meaning, per
 * ABI, in the order of the text. A name has to be defined above its use.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "policy/policy.h"

/* How a call is reached through socketcall or ipc. */
struct multiplex {
	bool there;
	uint32_t nr;   /* of socketcall or ipc */
	uint64_t mask; /* of its first argument, */
	uint64_t call; /* which is this */
};

/* One call of one ABI in a list. */
struct member {
	const struct policy_abi *abi;
	const struct policy_item *item;
	bool direct; /* CALL is set: it has a number of its own */
	bool named;  /* not through a group */
	struct policy_call call;
	struct multiplex mux;
	struct span at;
};

struct members {
	ARRAY(struct member) v;
};

struct group {
	const struct policy_statement *statement;
	struct members members;
	struct group *next;
};

struct resolver {
	struct policy_context c;
	const struct policy_options *options;
	const struct policy_syntax *syntax;
	struct policy_tree *tree;
	uint32_t abis; /* 1 << enum policy_abi_id: that the tree has */
	bool in_group; /* a list that may be for any ABI is resolved */
	struct group *group[256];
	ARRAY(struct policy_rule) rules;
};

#define complain(r, at, ...)                                       \
	do {                                                       \
		if (policy_first(&(r)->c, at))                     \
			diag_error((r)->c.diags, at, __VA_ARGS__); \
	} while (0)

#define warn(r, at, ...)                                             \
	do {                                                         \
		if (policy_first(&(r)->c, at))                       \
			diag_warning((r)->c.diags, at, __VA_ARGS__); \
	} while (0)

#define note(r, at, ...) diag_note((r)->c.diags, at, __VA_ARGS__)

/* --- what stands once ----------------------------------------------------- */

static bool same_action(const struct policy_written *a,
                        const struct policy_written *b)
{
	return a->verb == b->verb && a->data == b->data && a->len == b->len &&
	       (!a->len || !memcmp(a->name, b->name, a->len));
}

static bool same_setting(const struct policy_statement *a,
                         const struct policy_statement *b)
{
	if (a->kind == STATEMENT_KERNEL)
		return a->kernel == b->kernel;
	if (a->kind == STATEMENT_ABI)
		return a->abis == b->abis;
	return same_action(&a->action, &b->action);
}

static const char *setting_name(enum policy_statement_kind kind)
{
	return kind == STATEMENT_DEFAULT   ? "default"
	       : kind == STATEMENT_FOREIGN ? "foreign"
	       : kind == STATEMENT_KERNEL  ? "kernel"
	                                   : "abi";
}

/* The statement KIND that holds: the main text's, else that of the includes. */
static const struct policy_statement *setting(struct resolver *r,
                                              enum policy_statement_kind kind)
{
	const struct policy_statement *found = NULL;

	array_each (it, &r->syntax->statement) {
		const struct policy_statement *s = *it;

		if (s->kind != kind)
			continue;
		if (!found || (found->included && !s->included)) {
			found = s;
			continue;
		}
		if (found->included || s->included)
			continue;
		complain(r, s->at, "'%s' stands twice", setting_name(kind));
		note(r, found->at, "the first one is here");
	}
	if (!found || !found->included)
		return found;
	array_each (it, &r->syntax->statement)
		if ((*it)->kind == kind && !same_setting(found, *it)) {
			complain(
				r, (*it)->at,
				"includes disagree about '%s'; the main text has to say",
				setting_name(kind));
			note(r, found->at, "the other one is here");
		}
	return found;
}

/* The names in LIST as ABIs; false after an error. */
static bool abis_of_option(struct resolver *r, const char *list, uint32_t *mask)
{
	while (*list) {
		size_t len = strcspn(list, ",");
		const struct policy_abi *abi = policy_abi(list, len);

		if (!abi) {
			diag_plain(r->c.diags, DIAG_ERROR, "'%.*s' is no ABI",
			           (int)len, list);
			return false;
		}
		*mask |= 1u << abi->id;
		list += len + (list[len] == ',');
	}
	return *mask;
}

static bool resolve_abis(struct resolver *r)
{
	const struct policy_statement *s = setting(r, STATEMENT_ABI);
	const struct policy_abi *native = policy_abi_native();

	if (s)
		r->abis = s->abis;
	else if (r->options->abis &&
	         !abis_of_option(r, r->options->abis, &r->abis))
		return false;
	else if (!r->options->abis && native)
		r->abis = 1u << native->id;
	if (!r->abis) {
		diag_plain(
			r->c.diags, DIAG_ERROR,
			"the ABI of this machine is not known; name one with 'abi'");
		return false;
	}
	for (unsigned i = 0; i < POLICY_NABIS; i++)
		if (r->abis & 1u << i)
			r->tree->abi[r->tree->nabi++] = &policy_abis[i];
	for (unsigned i = 1; i < r->tree->nabi; i++)
		if (s && r->tree->abi[i]->big_endian !=
		                 r->tree->abi[0]->big_endian) {
			complain(r, s->at,
			         "'%s' and '%s' differ in byte order; "
			         "no filter serves both",
			         r->tree->abi[0]->name, r->tree->abi[i]->name);
			return false;
		}
	return true;
}

/* --- actions -------------------------------------------------------------- */

static const uint32_t returns[POLICY_NVERBS] = {
	[POLICY_ALLOW] = SECCOMP_RET_ALLOW,
	[POLICY_LOG] = SECCOMP_RET_LOG,
	[POLICY_KILL] = SECCOMP_RET_KILL_PROCESS,
	[POLICY_KILL_THREAD] = SECCOMP_RET_KILL_THREAD,
	[POLICY_NOTIFY] = SECCOMP_RET_USER_NOTIF,
	[POLICY_ERRNO] = SECCOMP_RET_ERRNO,
	[POLICY_TRAP] = SECCOMP_RET_TRAP,
	[POLICY_TRACE] = SECCOMP_RET_TRACE,
};

/* Errnos are the constants that have a number that works as one. */
static void unknown_errno(struct resolver *r, const struct policy_written *w,
                          const struct policy_abi *abi)
{
	struct suggest s;
	const char *name;

	suggest_start(&s, w->name, w->len);
	for (uint32_t i = 0; (name = policy_constant_name(i)); i++)
		if (policy_errno(abi, name, strlen(name)))
			suggest_offer(&s, name);
	if (suggest_best(&s))
		complain(r, w->data_at,
		         "'%.*s' is no error of %s; did you mean '%s'?",
		         (int)w->len, w->name, abi->name, suggest_best(&s));
	complain(r, w->data_at,
	         "'%.*s' is no error of %s; expected a name such as "
	         "EPERM or a number after 'errno'",
	         (int)w->len, w->name, abi->name);
}

static const struct policy_action *resolve_action(
	struct resolver *r, const struct policy_written *w)
{
	struct policy_action *a = arena_new(r->c.arena, struct policy_action);

	a->verb = w->verb;
	a->at = w->at;
	for (unsigned i = 0; i < r->tree->nabi; i++) {
		const struct policy_abi *abi = r->tree->abi[i];
		uint32_t data = (uint32_t)w->data;

		if (w->name) {
			data = policy_errno(abi, w->name, w->len);
			if (!data)
				unknown_errno(r, w, abi);
		}
		a->ret[abi->id] = returns[w->verb] | (data & SECCOMP_RET_DATA);
	}
	return a;
}

/* --- settings ------------------------------------------------------------- */

static void resolve_default(struct resolver *r, uint32_t source)
{
	const struct policy_statement *s = setting(r, STATEMENT_DEFAULT);
	struct policy_written kill = {.verb = POLICY_KILL};

	/* A 'default' that was there but wrong is not missing. */
	if (!s && !r->options->main_only && !r->c.diags->errors)
		diag_error(
			r->c.diags, (struct span){source, 0, 0},
			"the policy has no 'default': what happens to calls that no "
			"rule is about? ('default errno ENOSYS', for instance)");
	r->tree->fallback = resolve_action(r, s ? &s->action : &kill);
	memcpy(r->tree->fallback_ret, r->tree->fallback->ret,
	       sizeof r->tree->fallback_ret);
}

static void resolve_foreign(struct resolver *r)
{
	const struct policy_statement *s = setting(r, STATEMENT_FOREIGN);

	r->tree->foreign_ret = SECCOMP_RET_KILL_PROCESS;
	if (!s)
		return;
	r->tree->foreign = resolve_action(r, &s->action);
	r->tree->foreign_ret = r->tree->foreign->ret[r->tree->abi[0]->id];
	if (s->action.verb == POLICY_ALLOW || s->action.verb == POLICY_LOG)
		warn(r, s->at,
		     "calls of every other ABI of the machine are allowed, "
		     "so this policy can be got round");
}

static void resolve_kernel(struct resolver *r)
{
	const struct policy_statement *s = setting(r, STATEMENT_KERNEL);

	if (!s)
		return;
	r->tree->has_kernel = true;
	r->tree->kernel = s->kernel;
	r->tree->kernel_at = s->at;
}

/* --- values --------------------------------------------------------------- */

static void define_outside(struct resolver *r, const struct policy_define *d)
{
	uint32_t len = (uint32_t)strlen(d->name);
	struct policy_let **slot = policy_let_slot(&r->c, d->name, len);
	struct policy_let *l = arena_new(r->c.arena, struct policy_let);

	*l = (struct policy_let){.name = d->name,
	                         .len = len,
	                         .outside = true,
	                         .abis = UINT32_MAX,
	                         .next = *slot};
	for (unsigned i = 0; i < POLICY_NABIS; i++)
		l->value[i] = d->value;
	*slot = l;
}

/* A let of S's name on one of its ABIs; one from outside goes before all. */
static const struct policy_let *defined(struct resolver *r,
                                        const struct policy_statement *s)
{
	const struct policy_let *found = NULL;

	for (const struct policy_let *l =
	             *policy_let_slot(&r->c, s->name, s->len);
	     l; l = l->next)
		if (l->len == s->len && !memcmp(l->name, s->name, s->len) &&
		    l->abis & s->abis && (!found || l->outside))
			found = l;
	return found;
}

static void resolve_let(struct resolver *r, const struct policy_statement *s)
{
	const struct policy_let *old = defined(r, s);
	struct policy_let **slot = policy_let_slot(&r->c, s->name, s->len), *l;
	struct policy_number number;

	if (old && old->outside)
		return;
	if (old) {
		complain(r, s->name_at, "'%.*s' is defined twice", (int)s->len,
		         s->name);
		note(r, old->at, "the first one is here");
		return;
	}
	l = arena_new(r->c.arena, struct policy_let);
	*l = (struct policy_let){.name = s->name,
	                         .len = s->len,
	                         .at = s->name_at,
	                         .broken = s->broken,
	                         .abis = s->abis};
	for (unsigned i = 0; i < r->tree->nabi && !s->broken; i++) {
		r->c.abi = r->tree->abi[i];
		if (!(s->abis & 1u << r->c.abi->id))
			continue;
		if (policy_constant(r->c.abi, s->name, s->len, &number))
			warn(r, s->name_at,
			     "this hides the constant '%.*s' of the kernel",
			     (int)s->len, s->name);
		if (!policy_value(&r->c, s->expr, &l->value[r->c.abi->id]))
			l->broken = true;
	}
	l->next = *slot;
	*slot = l;
}

/* --- members of lists ----------------------------------------------------- */

/* Up to where a name of a call is worth a look as SYS_NAME. */
enum { LONGEST_CALL = 40 };

static struct multiplex find_multiplex(const struct policy_abi *abi,
                                       const char *name, uint32_t len)
{
	struct multiplex none = {0}, m = {.there = true};
	char upper[LONGEST_CALL + 5] = "SYS_";
	struct policy_number number;
	struct policy_call call;
	bool ipc;

	if (!abi->multiplexed || len > LONGEST_CALL)
		return none;
	for (uint32_t i = 0; i < len; i++)
		upper[4 + i] = name[i] >= 'a' && name[i] <= 'z'
		                       ? (char)(name[i] - 32)
		                       : name[i];
	ipc = len > 3 && (!memcmp(name, "sem", 3) || !memcmp(name, "msg", 3) ||
	                  !memcmp(name, "shm", 3));
	if (!policy_constant(abi, ipc ? upper + 4 : upper, ipc ? len : len + 4,
	                     &number) ||
	    !policy_call_by_name(abi, ipc ? "ipc" : "socketcall", ipc ? 3 : 10,
	                         &call))
		return none;
	m.nr = call.nr;
	m.mask = ipc ? 0xffff : UINT32_MAX;
	m.call = number.bits;
	return m;
}

/* The call that ITEM names, on ABI; false if there is none. */
static bool find_member(const struct policy_abi *abi,
                        const struct policy_item *item, struct member *out)
{
	*out = (struct member){.abi = abi, .item = item, .at = item->at};
	out->direct =
		policy_call_by_name(abi, item->name, item->len, &out->call);
	out->mux = find_multiplex(abi, item->name, item->len);
	return out->direct || out->mux.there;
}

static void unknown_call(struct resolver *r, const struct policy_item *item,
                         uint32_t abis)
{
	struct member m;
	struct suggest s;
	const char *name;

	for (unsigned i = 0; i < POLICY_NABIS; i++)
		if (find_member(&policy_abis[i], item, &m)) {
			warn(r, item->at,
			     "'%.*s' is a system call of %s only, "
			     "which this policy is not about here",
			     (int)item->len, item->name, policy_abis[i].name);
			return;
		}
	suggest_start(&s, item->name, item->len);
	for (unsigned i = 0; i < POLICY_NABIS; i++)
		if (abis & 1u << i)
			for (uint32_t k = 0;
			     (name = policy_call_name(&policy_abis[i], k)); k++)
				suggest_offer(&s, name);
	if (suggest_best(&s))
		complain(r, item->at,
		         "'%.*s' is no system call; did you mean '%s'?",
		         (int)item->len, item->name, suggest_best(&s));
	complain(r, item->at, "'%.*s' is no system call", (int)item->len,
	         item->name);
}

static void collect_call(struct resolver *r, const struct policy_item *item,
                         uint32_t abis, struct members *out)
{
	const struct policy_abi *missing = NULL;
	unsigned found = 0;
	struct member m;

	/* In an `on` block for other ABIs than the policy's, names are still
	 * checked. */
	for (unsigned i = 0; i < POLICY_NABIS; i++) {
		const struct policy_abi *abi = &policy_abis[i];

		if (!(abis & 1u << i) ||
		    (!(r->abis & 1u << i) && abis & r->abis))
			continue;
		if (!find_member(abi, item, &m)) {
			missing = abi;
			continue;
		}
		m.named = true;
		found++;
		if (r->abis & 1u << i)
			array_push(r->c.arena, &out->v, m);
	}
	if (!found)
		unknown_call(r, item, abis);
	else if (missing && !r->in_group)
		warn(r, item->at,
		     "'%.*s' is no system call of %s; 'on ABI { }' says "
		     "which one it is meant for",
		     (int)item->len, item->name, missing->name);
}

/* Number N of nr(N) as ABI's seccomp_data.nr has it; false after an error. */
static bool check_nr(struct resolver *r, const struct policy_expr *e,
                     struct policy_number n, uint32_t *nr)
{
	const struct policy_abi *abi = r->c.abi;
	bool all_ones =
		n.negative ? n.bits == UINT64_MAX : n.bits == UINT32_MAX;

	*nr = (uint32_t)n.bits;
	if (!all_ones && (n.negative || n.bits > UINT32_MAX)) {
		complain(r, e->at, "a number of a system call has 32 bits");
		return false;
	}
	if (abi->id == POLICY_ABI_X86_64 && !all_ones &&
	    (*nr & policy_abis[POLICY_ABI_X32].nr_bit ||
	     (*nr >= 512 && *nr <= 547))) {
		complain(r, e->at,
		         "calls with this number are x32's, not x86_64's");
		return false;
	}
	if (abi->nr_bit && all_ones) {
		complain(r, e->at, "-1 is not a number of %s, but of x86_64",
		         abi->name);
		return false;
	}
	*nr |= abi->nr_bit;
	return true;
}

static void collect_nr(struct resolver *r, const struct policy_item *item,
                       uint32_t abis, struct members *out)
{
	for (unsigned i = 0; i < r->tree->nabi; i++) {
		struct member m = {.abi = r->tree->abi[i],
		                   .item = item,
		                   .at = item->at,
		                   .direct = true,
		                   .named = true};
		struct policy_number n;
		uint32_t nr;

		r->c.abi = m.abi;
		if (!(abis & 1u << m.abi->id) ||
		    !policy_value(&r->c, item->nr, &n) ||
		    !check_nr(r, item->nr, n, &nr))
			continue;
		if (!policy_call_by_nr(m.abi, nr, &m.call))
			m.call = (struct policy_call){
				.nr = nr,
				.name = arena_strndup(r->c.arena, item->name,
			                              item->at.end -
			                                      item->at.start)};
		array_push(r->c.arena, &out->v, m);
	}
}

/* --- groups --------------------------------------------------------------- */

static struct group **group_slot(struct resolver *r, const char *name,
                                 uint32_t len)
{
	return &r->group[hash_bytes(name, len, 0) % ARRAY_LEN(r->group)];
}

static bool is_group(const struct policy_statement *s, const char *name,
                     uint32_t len)
{
	return s->kind == STATEMENT_GROUP && s->len == len &&
	       !memcmp(s->name, name, len);
}

static void unknown_group(struct resolver *r, const struct policy_item *item)
{
	struct suggest s;

	array_each (it, &r->syntax->statement)
		if (is_group(*it, item->name, item->len)) {
			complain(r, item->at,
			         "group '@%.*s' is used before it is defined",
			         (int)item->len, item->name);
			note(r, (*it)->name_at, "it is defined here");
			return;
		}
	suggest_start(&s, item->name, item->len);
	for (size_t i = 0; i < ARRAY_LEN(r->group); i++)
		for (const struct group *g = r->group[i]; g; g = g->next)
			suggest_offer(&s, arena_strndup(r->c.arena,
			                                g->statement->name,
			                                g->statement->len));
	if (suggest_best(&s))
		complain(r, item->at,
		         "there is no group '@%.*s'; did you mean '@%s'?",
		         (int)item->len, item->name, suggest_best(&s));
	complain(r, item->at, "there is no group '@%.*s'", (int)item->len,
	         item->name);
}

static void collect_group(struct resolver *r, const struct policy_item *item,
                          uint32_t abis, struct members *out)
{
	bool found = false;

	for (const struct group *g = *group_slot(r, item->name, item->len); g;
	     g = g->next) {
		if (!is_group(g->statement, item->name, item->len))
			continue;
		found = true;
		array_each (it, &g->members.v) {
			struct member m = *it;

			if (!(abis & 1u << m.abi->id))
				continue;
			m.named = false;
			array_push(r->c.arena, &out->v, m);
		}
	}
	if (!found)
		unknown_group(r, item);
}

/* --- removal -------------------------------------------------------------- */

/* A and B are one call of one ABI. */
static bool same_call(const struct member *a, const struct member *b)
{
	if (a->abi != b->abi || a->direct != b->direct)
		return false;
	if (a->direct)
		return a->call.nr == b->call.nr;
	return a->mux.nr == b->mux.nr && a->mux.call == b->mux.call;
}

static void remove_members(struct resolver *r, const struct policy_item *item,
                           struct members *from, const struct members *gone)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < from->v.n; i++) {
		bool keep = true;

		array_each (it, &gone->v)
			keep &= !same_call(&from->v.v[i], it);
		if (keep)
			from->v.v[n++] = from->v.v[i];
	}
	if (n == from->v.n && gone->v.n)
		warn(r, item->at,
		     "this removes nothing: the list before it has none of it");
	from->v.n = n;
}

static void collect_one(struct resolver *r, const struct policy_item *item,
                        uint32_t abis, struct members *out)
{
	switch (item->kind) {
	case ITEM_CALL:
		collect_call(r, item, abis, out);
		break;
	case ITEM_GROUP:
		collect_group(r, item, abis, out);
		break;
	case ITEM_NR:
		collect_nr(r, item, abis, out);
		break;
	}
}

/* The calls that the items of S are, in their order. */
static void collect(struct resolver *r, const struct policy_statement *s,
                    struct members *out)
{
	array_each (item, &s->item) {
		struct members gone = {0};

		if (!item->minus) {
			collect_one(r, item, s->abis, out);
			continue;
		}
		if (item->patterns) {
			complain(r, item->at,
			         "only whole calls can be removed from a list");
			continue;
		}
		collect_one(r, item, s->abis, &gone);
		remove_members(r, item, out, &gone);
	}
}

static void resolve_group(struct resolver *r, const struct policy_statement *s)
{
	struct group **slot = group_slot(r, s->name, s->len), *g;

	for (g = *slot; g; g = g->next)
		if (is_group(g->statement, s->name, s->len) &&
		    g->statement->abis & s->abis) {
			complain(r, s->name_at,
			         "group '@%.*s' is defined twice", (int)s->len,
			         s->name);
			note(r, g->statement->name_at, "the first one is here");
			return;
		}
	g = arena_new(r->c.arena, struct group);
	g->statement = s;
	r->in_group = true;
	if (!s->broken)
		collect(r, s, &g->members);
	r->in_group = false;
	g->next = *slot;
	*slot = g;
}

/* --- rules ---------------------------------------------------------------- */

/* The condition that argument I of the call is what the pattern says. */
static bool add_patterns(struct resolver *r, const struct member *m,
                         const struct policy_cond **kid, uint32_t *n)
{
	const struct policy_item *item = m->item;
	bool ok = true;

	if (!item->patterns)
		return true;
	if (!m->call.known) {
		complain(r, item->at,
		         "the arguments of '%s' are not known; "
		         "use 'if args[0] == ...'",
		         m->call.name);
		return false;
	}
	if (item->pattern.n != m->call.nargs) {
		complain(r, item->at,
		         "'%s' has %u argument%s on %s, but %u %s given "
		         "('_' stands for any)",
		         m->call.name, m->call.nargs,
		         m->call.nargs == 1 ? "" : "s", m->abi->name,
		         item->pattern.n, item->pattern.n == 1 ? "is" : "are");
		return false;
	}
	for (uint32_t i = 0; i < item->pattern.n; i++) {
		struct policy_side side = policy_arg_side(&r->c, i, item->at);

		if (!item->pattern.v[i])
			continue;
		kid[*n] = policy_equal(&r->c, &side, item->pattern.v[i]);
		ok &= kid[(*n)++] != NULL;
	}
	return ok;
}

/* The condition of S for M's own number; false after an error. *OUT NULL:
 * always. */
static bool resolve_condition(struct resolver *r,
                              const struct policy_statement *s,
                              const struct member *m,
                              const struct policy_cond **out)
{
	const struct policy_cond *kid[POLICY_ARGS + 1];
	struct span at = s->expr ? s->expr->at : m->at;
	uint32_t n = 0;
	bool ok;

	r->c.abi = m->abi;
	r->c.call = &m->call;
	ok = add_patterns(r, m, kid, &n);
	if (s->expr) {
		kid[n] = policy_condition(&r->c, s->expr);
		ok &= kid[n++] != NULL;
	}
	r->c.call = NULL;
	*out = ok && n ? policy_all(r->c.arena, kid, n, at) : NULL;
	return ok;
}

/* socketcall's or ipc's first argument says that it stands for M's call. */
static const struct policy_cond *multiplex_condition(struct resolver *r,
                                                     const struct member *m)
{
	struct policy_cond *c = arena_new(r->c.arena, struct policy_cond);

	*c = (struct policy_cond){
		.kind = POLICY_COND_TEST,
		.cmp = POLICY_EQ,
		.width = 32,
		.lhs = {.is_arg = true,
	                .lo = 0,
	                .hi = -1,
	                .mask = m->mux.mask,
	                .at = m->at},
		.rhs = {.lo = -1, .hi = -1, .bits = m->mux.call, .at = m->at},
		.at = m->at,
	};
	return c;
}

static bool refuses(enum policy_verb verb)
{
	return verb != POLICY_ALLOW && verb != POLICY_LOG;
}

struct cases {
	ARRAY(struct policy_case) v;
};

static void add_case(struct resolver *r, struct cases *cases,
                     const struct member *m, uint32_t nr,
                     const struct policy_cond *cond)
{
	struct policy_case one = {m->abi, nr, cond, m->at, m->named};

	array_push(r->c.arena, &cases->v, one);
}

/* The cases by which rule S decides M's call. */
static void resolve_member(struct resolver *r, const struct policy_statement *s,
                           const struct member *m, struct cases *cases)
{
	bool conditional = s->expr || m->item->patterns;
	const struct policy_cond *cond;

	if (m->direct && resolve_condition(r, s, m, &cond))
		add_case(r, cases, m, m->call.nr, cond);
	if (!m->mux.there)
		return;
	if (conditional)
		warn(r, m->at,
		     "the arguments of '%.*s' cannot be seen in '%s' on %s, "
		     "so calls through that %s",
		     (int)m->item->len, m->item->name,
		     m->mux.mask == 0xffff ? "ipc" : "socketcall", m->abi->name,
		     refuses(s->action.verb)
		             ? "meet this rule whatever they are"
		             : "do not match this rule");
	if (!conditional || refuses(s->action.verb))
		add_case(r, cases, m, m->mux.nr, multiplex_condition(r, m));
}

static void resolve_rule(struct resolver *r, const struct policy_statement *s)
{
	struct policy_rule rule = {.at = s->at};
	struct members members = {0};
	struct cases cases = {0};

	rule.action = resolve_action(r, &s->action);
	r->c.permits = !refuses(s->action.verb);
	collect(r, s, &members);
	array_each (it, &members.v)
		resolve_member(r, s, it, &cases);
	rule.cases = cases.v.v;
	rule.n = cases.v.n;
	array_push(r->c.arena, &r->rules, rule);
}

/* --- the whole ------------------------------------------------------------ */

static void resolve_statement(struct resolver *r,
                              const struct policy_statement *s)
{
	switch (s->kind) {
	case STATEMENT_GROUP:
		resolve_group(r, s);
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
		break;
	}
}

const struct policy_tree *policy_parse(struct arena *arena, struct diags *d,
                                       uint32_t source,
                                       const struct policy_options *o)
{
	static const struct policy_options none;
	struct policy_tree *tree = arena_new(arena, struct policy_tree);
	struct resolver *r = arena_new(arena, struct resolver);
	unsigned errors = d->errors;

	r->c.arena = arena;
	r->c.diags = d;
	r->options = o ? o : &none;
	r->tree = tree;
	r->syntax = policy_parse_syntax(arena, d, source, r->options);
	if (!resolve_abis(r))
		return NULL;
	resolve_default(r, source);
	resolve_foreign(r);
	resolve_kernel(r);
	for (size_t i = 0; i < r->options->ndefine; i++)
		define_outside(r, &r->options->define[i]);
	array_each (it, &r->syntax->statement)
		resolve_statement(r, *it);
	tree->rule = r->rules.v;
	tree->nrule = r->rules.n;
	return d->errors == errors ? tree : NULL;
}
