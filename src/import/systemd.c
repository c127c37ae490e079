/*
 * systemd's units: SystemCallFilter= and the other settings of a unit from which
 * systemd makes seccomp filters, as version 252 does it. It installs a filter per
 * setting; the kernel takes the strongest answer, and of equally strong ones that
 * of the filter that came last. So rules are made from the last filter to the
 * first, the strongest action first, and a call that SystemCallFilter= refuses
 * by not naming it gets no rule from the others.
 */
#include <string.h>

#include "import/systemd.h"

/* Return the ABIs of MASK that have call NAME. */
static uint32_t abis_with(uint32_t mask, const char *name, size_t len)
{
	struct sys_call call;
	uint32_t found = 0;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (mask & 1u << i &&
		    (sys_call_by_name(&sys_abis[i], name, len, &call) ||
		     rules_multiplex(&sys_abis[i], name, (uint32_t)len).there))
			found |= 1u << i;
	return found;
}

/* --- calls ---------------------------------------------------------------- */

/*
 * Tell whether SystemCallFilter= refuses NAME: by not naming it, or with an
 * error of its own.
 */
static bool is_refused(struct systemd_unit *u, const char *name, size_t len)
{
	const struct systemd_member *m;

	if (!u->filter.there)
		return false;
	m = systemd_find_member(&u->filter, name, len);
	return u->filter.allows ? !m || !m->in || m->action : m && m->in;
}

/* Make an item of group G, with its name as weir spells it: "@system_service". */
static struct rules_item group_item(struct systemd_unit *u, int g, struct span at)
{
	struct rules_item item = { .kind = ITEM_GROUP, .at = at };
	const char *theirs = systemd_group_at(g)->name;
	char *name = arena_strndup(u->im->arena, theirs, strlen(theirs));

	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	item.name = name;
	item.len = (uint32_t)strlen(name);
	return item;
}

/* Tell whether G holds a call of the policy's ABIs. */
static bool is_there(struct systemd_unit *u, int g)
{
	struct systemd_list l = { 0 };
	struct systemd_step s = { .word = { "", 0, import_span(u->im, 0, 0) } };

	if (u->known & UINT64_C(1) << g)
		return u->there & UINT64_C(1) << g;
	u->known |= UINT64_C(1) << g;
	systemd_set_group(u, &l, &s, g);
	array_each(it, &l.member)
		if (abis_with(u->im->abis, (*it)->name, (*it)->len)) {
			u->there |= UINT64_C(1) << g;
			return true;
		}
	return false;
}

/*
 * Append a statement that defines group G and the groups in it, unless there is
 * one.
 */
static void show_group(struct systemd_unit *u, int g, struct span at)
{
	const char *rest = systemd_group_at(g)->calls, *name;
	struct rules_statement *s;
	struct rules_item item = group_item(u, g, at);
	size_t len;

	if (u->shown & UINT64_C(1) << g)
		return;
	u->shown |= UINT64_C(1) << g;
	/* Groups hold groups two deep at most. */
	while (systemd_next_name(&rest, &name, &len))
		if (*name == '@')
			show_group(u, systemd_find_group(name + 1, len - 1), at);
	s = import_statement(u->im, STATEMENT_GROUP, UINT32_MAX, at);
	s->name = item.name;
	s->len = item.len;
	s->name_at = at;
	for (rest = systemd_group_at(g)->calls; systemd_next_name(&rest, &name, &len);) {
		int inner = *name == '@' ? systemd_find_group(name + 1, len - 1) : -1;

		if (inner >= 0 && is_there(u, inner)) {
			item = group_item(u, inner, at);
			array_push(u->im->arena, &s->item, item);
		} else if (inner < 0 && abis_with(u->im->abis, name, len)) {
			import_call(u->im, s, name, len, at);
		}
	}
}

/* Define the groups that L names before the rule that uses them. */
static void show_groups(struct systemd_unit *u, const struct systemd_list *l)
{
	array_each(s, &l->step) {
		int g = systemd_group_of(&s->word);

		if (g >= 0 && is_there(u, g))
			show_group(u, g, s->word.at);
	}
}

/* Give ACTION to the words of L as they are written. */
static void add_words(struct systemd_unit *u, const struct systemd_list *l,
                      struct rules_written action)
{
	struct rules_statement *s = NULL;
	uint64_t have = 0; /* groups of which nothing was taken away since */

	show_groups(u, l);
	array_each(step, &l->step) {
		const struct systemd_word *w = &step->word;
		int g = systemd_group_of(w);
		struct rules_item item = {
			.kind = ITEM_CALL,
			.name = w->text,
			.len = (uint32_t)w->len,
			.at = w->at,
		};

		if (g >= 0 && !is_there(u, g))
			continue;
		if (g >= 0)
			item = group_item(u, g, w->at);
		else if (!abis_with(u->im->abis, w->text, w->len) &&
		         abis_with(UINT32_MAX, w->text, w->len))
			continue; /* another ABI's: no word about it */
		if (!s && step->removes)
			continue; /* from nothing */
		if (step->removes)
			have = 0;
		else if (g >= 0 && have & UINT64_C(1) << g)
			continue;
		else if (g >= 0)
			have |= UINT64_C(1) << g;
		if (!s)
			s = import_rule(u->im, action, UINT32_MAX, l->at);
		item.minus = step->removes;
		array_push(u->im->arena, &s->item, item);
	}
}

/* Add M to rule *S where its ABIs have it; make the rule if there is none yet. */
static void add_name(struct systemd_unit *u, struct rules_statement **s,
                     uint32_t mask,
                     struct rules_written action, struct span rule,
                     const struct systemd_member *m)
{
	uint32_t abis = abis_with(u->im->abis, m->name, m->len);

	if (!abis && abis_with(UINT32_MAX, m->name, m->len))
		return;
	if (abis && abis != mask)
		return;
	if (!*s)
		*s = import_rule(u->im, action, mask, rule);
	import_call(u->im, *s, m->name, m->len, m->at);
}

/* Which members of a list a rule is for. */
typedef bool choose_fn(struct systemd_unit *u, const struct systemd_member *m,
                       const void *ctx);

/*
 * Add ACTION for the members of L that CHOOSE takes: one rule for each set of
 * ABIs that have some of them. socketcall and ipc come first, since their
 * answer holds for the calls that go through them.
 */
static void add_members(struct systemd_unit *u, const struct systemd_list *l,
                        struct rules_written action, choose_fn *choose,
                        const void *ctx)
{
	ARRAY(uint32_t) done = { 0 };

	array_each(it, &l->member) {
		uint32_t mask = abis_with(u->im->abis, (*it)->name, (*it)->len);
		struct rules_statement *s = NULL;
		bool again = false;

		/* Another ABI's do not matter; the resolver reports what is not a call. */
		if (!mask && abis_with(UINT32_MAX, (*it)->name, (*it)->len))
			continue;
		mask = mask ? mask : u->im->abis;
		array_each(old, &done)
			again |= *old == mask;
		if (again || !choose(u, *it, ctx))
			continue;
		array_push(u->im->arena, &done, mask);
		array_each(m, &l->member)
			if (choose(u, *m, ctx))
				add_name(u, &s, mask, action, l->at, *m);
	}
}

static bool same_action(const struct rules_written *a, const struct rules_written *b)
{
	return a->verb == b->verb && a->data == b->data && a->len == b->len &&
	       (!a->len || !memcmp(a->name, b->name, a->len));
}

static bool is_multiplexer(const struct systemd_member *m)
{
	return (m->len == 10 && !memcmp(m->name, "socketcall", 10)) ||
	       (m->len == 3 && !memcmp(m->name, "ipc", 3));
}

/* Choose the multiplexers, socketcall and ipc, that have action CTX. */
static bool refused_so_multiplexers(struct systemd_unit *u,
                                    const struct systemd_member *m,
                                    const void *ctx)
{
	return m->in && m->action && is_multiplexer(m) && same_action(m->action, ctx);
}

static bool refused_so(struct systemd_unit *u, const struct systemd_member *m,
                       const void *ctx)
{
	return m->in && m->action && !is_multiplexer(m) && same_action(m->action, ctx);
}

static bool plainly_in(struct systemd_unit *u, const struct systemd_member *m,
                       const void *ctx)
{
	return m->in && !m->action;
}

/* Add the rules for members of SystemCallFilter= that have actions of their own. */
static void add_actions(struct systemd_unit *u, choose_fn *choose)
{
	const struct systemd_list *l = &u->filter;

	for (uint32_t i = 0; i < l->member.n; i++) {
		const struct rules_written *a = l->member.v[i]->action;
		bool again = false;

		if (!a || !l->member.v[i]->in)
			continue;
		for (uint32_t k = 0; k < i; k++)
			again |= l->member.v[k]->in && l->member.v[k]->action &&
			         same_action(l->member.v[k]->action, a);
		if (!again)
			add_members(u, l, *a, choose, a);
	}
}

/* Add what SystemCallFilter= refuses by name. */
static void add_refusals(struct systemd_unit *u)
{
	if (!u->filter.there)
		return;
	if (!u->filter.plain) {
		add_actions(u, refused_so_multiplexers);
		add_actions(u, refused_so);
	}
	if (u->filter.allows)
		return;
	if (u->filter.plain)
		add_words(u, &u->filter, u->refusal);
	else
		add_members(u, &u->filter, u->refusal, plainly_in, NULL);
}

/* --- arguments ------------------------------------------------------------ */

/* Make a constant: by name if all ABIs have the same number for it. */
static struct rules_expr *constant(struct systemd_unit *u, const char *name,
                                   struct span at)
{
	struct sys_number first = { 0 }, n;
	bool same = sys_constant(u->native, name, strlen(name), &first);

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (u->im->abis & 1u << i)
			same &= sys_constant(&sys_abis[i], name, strlen(name), &n) &&
			        n.bits == first.bits;
	return same ? import_name(u->im, name, strlen(name), at)
	            : import_number(u->im, first.bits, at);
}

/*
 * Tell whether libseccomp compares only low words on ABI, though those of its
 * seccomp_data have 64 bits; elsewhere it compares whole words.
 */
static bool has_low_words(const struct sys_abi *abi)
{
	return abi->id == SYS_ABI_X32 || !strcmp(abi->name, "mips64n32") ||
	       !strcmp(abi->name, "mipsel64n32");
}

/* A condition on one argument. */
struct test {
	unsigned arg;
	const char *const *flags; /* one of these N bits is set; NULL: CMP */
	unsigned n;
	enum rules_cmp cmp;
	const char *name; /* of what it is compared with; NULL: NUMBER */
	uint64_t number;
};

/* Join the N constants at FLAGS by "|". */
static struct rules_expr *make_flags(struct systemd_unit *u, const char *const *flags,
                                     unsigned n, struct span at)
{
	struct rules_expr *chain;

	if (n == 1)
		return constant(u, flags[0], at);
	chain = import_expr(u->im, EXPR_CHAIN, at);
	for (unsigned i = 0; i < n; i++) {
		import_add(u->im, chain, constant(u, flags[i], at));
		array_push(u->im->arena, &chain->op, i ? TOKEN_OR : 0);
	}
	return chain;
}

static struct rules_expr *make_test(struct systemd_unit *u,
                                    const struct test *t, bool low,
                                    struct span at)
{
	struct rules_expr *word = import_word(u->im, t->arg, low, at);

	if (t->flags)
		return import_chain(u->im, word, TOKEN_AND,
		                    make_flags(u, t->flags, t->n, at));
	return import_compare(u->im, t->cmp, word,
	                      t->name ? constant(u, t->name, at)
	                              : import_number(u->im, t->number, at));
}

static struct rules_written error(const char *name, struct span at)
{
	struct rules_written w = import_action(RULES_ERRNO, 0, at);

	w.name = name;
	w.len = (uint32_t)strlen(name);
	return w;
}

/* Return the ABIs of MASK on which CALL has a number. */
static uint32_t direct_abis(uint32_t mask, const char *call)
{
	struct sys_call c;
	uint32_t found = 0;

	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (mask & 1u << i &&
		    sys_call_by_name(&sys_abis[i], call, strlen(call), &c))
			found |= 1u << i;
	return found;
}

/* Add a rule that answers CALL on ABIS with ERRNO_NAME where all N tests hold. */
static void refuse(struct systemd_unit *u, struct span at, const char *errno_name,
                   uint32_t abis, const char *call, const struct test *tests, size_t n)
{
	struct rules_statement *s;
	uint32_t mask = 0;

	if (is_refused(u, call, strlen(call)))
		return;
	abis = direct_abis(abis & u->im->abis, call);
	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (abis & 1u << i &&
		    (n && has_low_words(&sys_abis[i])) == u->low)
			mask |= 1u << i;
	if (!mask)
		return;
	s = import_rule(u->im, error(errno_name, at), mask, at);
	import_call(u->im, s, call, strlen(call), at);
	if (n == 1)
		s->expr = make_test(u, tests, u->low, at);
	else if (n)
		s->expr = import_expr(u->im, EXPR_AND, at);
	for (size_t i = 0; n > 1 && i < n; i++)
		import_add(u->im, s->expr, make_test(u, &tests[i], u->low, at));
}

static void refuse_group(struct systemd_unit *u, const struct systemd_option *o,
                         const char *group)
{
	struct systemd_step s = { .word = { group, strlen(group), o->at } };
	struct systemd_list *l;

	if (!o->on || u->low)
		return;
	l = arena_new(u->im->arena, struct systemd_list);
	*l = (struct systemd_list){ .there = true, .plain = true, .at = o->at };
	systemd_add_step(u, l, s);
	if (!u->filter.there || !u->filter.allows) {
		add_words(u, l, error("EPERM", o->at));
		return;
	}
	array_each(it, &l->member)
		if (!is_refused(u, (*it)->name, (*it)->len))
			refuse(u, o->at, "EPERM", UINT32_MAX,
			       arena_strndup(u->im->arena, (*it)->name, (*it)->len),
			       NULL, 0);
}

static uint32_t abi_bit(const char *name)
{
	const struct sys_abi *abi = sys_abi(name, strlen(name));

	return abi ? 1u << abi->id : 0;
}

/* Refuse calls that set a mode with set-user-ID or set-group-ID bits. */
static void restrict_suid(struct systemd_unit *u)
{
	static const struct {
		const char *call;
		uint8_t mode;
		int8_t flags; /* the argument that has to have O_CREAT; -1: none */
	} calls[] = {
		{ "chmod", 1, -1 },
		{ "fchmod", 1, -1 },
		{ "fchmodat", 2, -1 },
		{ "fchmodat2", 2, -1 },
		{ "mkdir", 1, -1 },
		{ "mkdirat", 2, -1 },
		{ "mknod", 1, -1 },
		{ "mknodat", 2, -1 },
		{ "open", 2, 1 },
		{ "openat", 3, 2 },
		{ "creat", 1, -1 },
	};
	static const char *const modes[] = { "S_ISUID", "S_ISGID" },
				 *const creat[] = { "O_CREAT" };
	struct span at = u->suid.on ? u->suid.at : u->dynamic.at;

	if (!u->suid.on && !u->dynamic.on)
		return;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		bool creates = calls[i].flags >= 0;
		struct test t[2] = {
			{ .arg = calls[i].mode, .flags = modes, .n = 2 },
			{ .arg = creates ? (unsigned)calls[i].flags : 0,
			  .flags = creat,
			  .n = 1 },
		};

		refuse(u, at, "EPERM", UINT32_MAX, calls[i].call, t, 1 + creates);
	}
	refuse(u, at, "ENOSYS", UINT32_MAX, "openat2", NULL, 0);
}

static void restrict_namespaces(struct systemd_unit *u)
{
	struct span at = u->namespaces.at;
	uint32_t s390 = abi_bit("s390") | abi_bit("s390x");
	const struct systemd_flag *name;
	const char *flags[32];
	struct test zero = { .arg = 1, .cmp = RULES_EQ }, first = { .flags = flags },
		    second = { .arg = 1, .flags = flags };
	unsigned n = 0;

	if (!u->namespaces.on)
		return;
	for (unsigned i = 0; i < ARRAY_LEN(flags) && (name = systemd_namespace(i)); i++)
		if (!(u->retain & 1u << i))
			flags[n++] = name->flag;
	if (!n)
		return;
	first.n = second.n = n;
	refuse(u, at, "ENOSYS", UINT32_MAX, "clone3", NULL, 0);
	refuse(u, at, "EPERM", UINT32_MAX, "unshare", &first, 1);
	refuse(u, at, "EPERM", ~s390, "clone", &first, 1);
	refuse(u, at, "EPERM", s390, "clone", &second, 1);
	refuse(u, at, "EPERM", UINT32_MAX, "setns", &zero, u->retain ? 1 : 0);
	if (u->retain)
		refuse(u, at, "EPERM", UINT32_MAX, "setns", &second, 1);
}

static void restrict_realtime(struct systemd_unit *u)
{
	/* What is left are SCHED_OTHER, SCHED_BATCH and SCHED_IDLE. */
	static const struct test tests[] = {
		{ .arg = 1, .cmp = RULES_EQ, .name = "SCHED_FIFO" },
		{ .arg = 1, .cmp = RULES_EQ, .name = "SCHED_RR" },
		{ .arg = 1, .cmp = RULES_EQ, .number = 4 },
		{ .arg = 1, .cmp = RULES_GT, .name = "SCHED_IDLE" },
	};

	for (size_t i = 0; u->realtime.on && i < ARRAY_LEN(tests); i++)
		refuse(u, u->realtime.at, "EPERM", UINT32_MAX, "sched_setscheduler",
		       &tests[i], 1);
}

static void restrict_memory(struct systemd_unit *u)
{
	static const struct {
		const char *abi, *map, *block, *attach;
	} abis[] = {
		{ "i386", "mmap2", "mmap", NULL },
		{ "s390", "mmap2", "mmap", NULL },
		{ "ppc", "mmap", NULL, NULL },
		{ "ppc64", "mmap", NULL, NULL },
		{ "ppc64le", "mmap", NULL, NULL },
		{ "s390x", "mmap", NULL, NULL },
		{ "arm", "mmap2", NULL, "shmat" },
		{ "x86_64", "mmap", NULL, "shmat" },
		{ "x32", "mmap", NULL, "shmat" },
		{ "aarch64", "mmap", NULL, "shmat" },
		{ "riscv64", "mmap", NULL, "shmat" },
	};
	static const char *const exec[] = { "PROT_EXEC" }, *const write[] = { "PROT_WRITE" },
				 *const shm[] = { "SHM_EXEC" };
	static const struct test map[] = { { .arg = 2, .flags = exec, .n = 1 },
		                           { .arg = 2, .flags = write, .n = 1 } },
				 attach = { .arg = 2, .flags = shm, .n = 1 };
	struct span at = u->no_exec.at;

	for (size_t i = 0; u->no_exec.on && i < ARRAY_LEN(abis); i++) {
		uint32_t abi = abi_bit(abis[i].abi);

		if (!(abi & u->im->abis))
			continue;
		refuse(u, at, "EPERM", abi, abis[i].map, map, 2);
		if (abis[i].block)
			refuse(u, at, "EPERM", abi, abis[i].block, NULL, 0);
		refuse(u, at, "EPERM", abi, "mprotect", map, 1);
		refuse(u, at, "EPERM", abi, "pkey_mprotect", map, 1);
		if (abis[i].attach)
			refuse(u, at, "EPERM", abi, abis[i].attach, &attach, 1);
	}
}

/* Refuse socket with a family outside of the list, or in it. */
static void restrict_families(struct systemd_unit *u)
{
	static const char *const abis[] = {
		"x86_64",
		"x32",
		"arm",
		"aarch64",
		"mips64",
		"mipsel64",
		"mips64n32",
		"mipsel64n32",
		"riscv64",
	};
	const struct systemd_families *f = &u->families;

	if (!f->there || (!f->allows && !f->v.v.n) || is_refused(u, "socket", 6))
		return;
	for (size_t i = 0; i < ARRAY_LEN(abis); i++) {
		uint32_t abi = abi_bit(abis[i]) & u->im->abis;
		struct rules_statement *s;
		struct rules_expr *in;
		unsigned n = 0;

		if (!abi || has_low_words(sys_abi(abis[i], strlen(abis[i]))) !=
		                    u->low)
			continue;
		s = import_rule(u->im, error("EAFNOSUPPORT", f->at), abi, f->at);
		import_call(u->im, s, "socket", 6, f->at);
		in = import_expr(u->im, EXPR_IN, f->at);
		import_add(u->im, in, import_word(u->im, 0, u->low, f->at));
		array_each(w, &f->v.v) {
			/* AF_UNSPEC is never in a list of what is allowed. */
			if (f->allows && !systemd_family(u, w))
				continue;
			import_add(u->im, in, import_name(u->im, w->text, w->len, w->at));
			array_push(u->im->arena, &in->kid, NULL);
			n++;
		}
		if (n)
			s->expr = f->allows ? import_not(u->im, in) : in;
	}
}

/*
 * Add what the other settings refuse: the filter that is installed last comes
 * first.
 */
static void add_restrictions(struct systemd_unit *u)
{
	struct test persona = { .arg = 0, .cmp = RULES_NE, .number = u->persona };

	if (u->personality.on)
		refuse(u, u->personality.at, "EPERM", UINT32_MAX, "personality",
		       &persona, 1);
	refuse_group(u, &u->devices, "@raw-io");
	refuse_group(u, &u->clock, "@clock");
	if (u->logs.on)
		refuse(u, u->logs.at, "EPERM", UINT32_MAX, "syslog", NULL, 0);
	refuse_group(u, &u->modules, "@module");
	if (u->tunables.on)
		refuse(u, u->tunables.at, "EPERM",
		       ~(abi_bit("aarch64") | abi_bit("riscv64") | abi_bit("x32")),
		       "_sysctl", NULL, 0);
	restrict_namespaces(u);
	restrict_suid(u);
	restrict_realtime(u);
	restrict_memory(u);
	restrict_families(u);
	if (u->hostname.on) {
		refuse(u, u->hostname.at, "EPERM", UINT32_MAX, "sethostname", NULL, 0);
		refuse(u, u->hostname.at, "EPERM", UINT32_MAX, "setdomainname", NULL,
		       0);
	}
}

/* --- the whole ------------------------------------------------------------ */

/* Choose members of a list of logged calls that SystemCallFilter= lets pass. */
static bool is_logged(struct systemd_unit *u, const struct systemd_member *m,
                      const void *ctx)
{
	return m->in && !is_refused(u, m->name, m->len);
}

/*
 * Choose members of SystemCallFilter= that are allowed and logged, or not
 * logged, as CTX says.
 */
static bool is_allowed(struct systemd_unit *u, const struct systemd_member *m,
                       const void *ctx)
{
	const struct systemd_member *log = systemd_find_member(&u->log, m->name, m->len);
	const bool *logged = ctx;

	return m->in && !m->action && !!(log && log->in) != *logged;
}

/* Add the rest: what is logged, what is allowed, and the default. */
static void add_passing(struct systemd_unit *u, struct span at)
{
	bool lists = u->filter.there && u->filter.allows, no = false, yes = true;
	struct rules_written allow = import_action(RULES_ALLOW, 0, at),
			     log = import_action(RULES_LOG, 0, u->log.at);

	if (u->log.there && u->log.allows) {
		add_members(u, &u->log, log, is_logged, NULL);
	} else if (u->log.there && lists) {
		add_members(u, &u->filter, log, is_allowed, &yes);
		add_members(u, &u->filter, allow, is_allowed, &no);
	} else if (u->log.there && u->log.member.n) {
		add_members(u, &u->log, allow, is_logged, NULL);
	}
	if (lists && !(u->log.there && !u->log.allows)) {
		if (u->filter.plain)
			add_words(u, &u->filter, allow);
		else
			add_members(u, &u->filter, allow, plainly_in, NULL);
	}
	import_setting(u->im, STATEMENT_DEFAULT,
	               lists                            ? u->refusal
	               : u->log.there && !u->log.allows ? log
	                                                : allow);
}

/* Return the ABIs whose calls programs on NATIVE can make, all of which get filters. */
static uint32_t local_abis(const struct sys_abi *native)
{
	static const struct {
		const char *native, *other[2];
	} local[] = {
		{ "x86_64", { "i386", "x32" } },
		{ "aarch64", { "arm", NULL } },
		{ "s390x", { "s390", NULL } },
	};
	uint32_t mask = 1u << native->id;

	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		for (size_t k = 0; k < ARRAY_LEN(local[i].other); k++)
			if (!strcmp(local[i].native, native->name) && local[i].other[k])
				mask |= abi_bit(local[i].other[k]);
	return mask;
}

/* Settle which ABIs the unit's filters are for and add the settings that say so. */
static void settle_abis(struct systemd_unit *u, struct span at)
{
	uint32_t local = u->im->options->abis ? u->im->abis : local_abis(u->native);

	if (u->archs_at.on) {
		local = (local & u->archs) | 1u << u->native->id;
		import_setting(u->im, STATEMENT_FOREIGN,
		               import_action(RULES_KILL_THREAD, 0, u->archs_at.at));
	}
	u->im->abis = local;
	import_statement(u->im, STATEMENT_ABI, local,
	                 u->archs_at.on ? u->archs_at.at : at);
}

static void read_systemd(struct importer *im)
{
	struct systemd_unit *u = arena_new(im->arena, struct systemd_unit);
	const struct sys_abi *native = sys_abi_native();
	struct span at = import_span(im, 0, 0);

	if (!im->abis) /* the resolver says why */
		return;
	if (!native || !(im->abis & 1u << native->id))
		native = &sys_abis[__builtin_ctz(im->abis)];
	u->im = im;
	u->native = native;
	u->refusal = import_action(RULES_KILL, 0, at);
	systemd_read(u);
	if (!u->any)
		diag_error(im->diags, at,
		           "no setting of this unit filters system calls, so it is "
		           "not a policy; SystemCallFilter= would filter");
	settle_abis(u, at);
	add_refusals(u);
	add_restrictions(u);
	u->low = true;
	add_restrictions(u);
	add_passing(u, at);
}

/*
 * Tell whether the text begins with a section: no policy of weir's begins with
 * a bracket.
 */
bool import_is_systemd(const char *text, size_t len)
{
	size_t i = import_skip(text, len, "#;");

	return i < len && text[i] == '[';
}

const struct rules_tree *import_read_systemd(struct arena *arena, struct diags *d,
                                             uint32_t source,
                                             const struct rules_options *o)
{
	return import_policy(arena, d, source, o, read_systemd, 0);
}
