/*
 * Warnings about a policy as a whole: calls whose sibling was forgotten, known
 * traps; reach.c has those about rules that meet.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "rules/ask.h"
#include "rules/terms.h"

struct linter {
	struct arena *arena;
	struct diags *diags;
	const struct rules_tree *tree;
	struct rules_entry *entry; /* all cases, in order */
	uint32_t n;
	struct rules_asker *asker; /* NULL until something is asked */
	rules_question_fn *question;
};

/* --- siblings ------------------------------------------------------------- */

enum when {
	BOTH,
	REFUSED
};

static const struct {
	const char *call, *other;
	enum when when;
} siblings[] = {
#define SIBLING(call, other, when) { call, other, when },
#include "rules/siblings.def"
};

/* Return the first case about number NR of ABI. */
static const struct rules_entry *find_case(const struct linter *l,
                                           const struct sys_abi *abi, uint32_t nr)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->entry[i].c->abi == abi && l->entry[i].c->nr == nr)
			return &l->entry[i];
	return NULL;
}

/* Tell whether calls that no rule is about get ENOSYS, so that libc falls back. */
static bool falls_back(const struct linter *l, const struct sys_abi *abi)
{
	return l->tree->fallback_ret[abi->id] ==
	       (SECCOMP_RET_ERRNO | sys_errno(abi, "ENOSYS", 6));
}

static bool check_sibling(struct linter *l, const struct sys_abi *abi,
                          uint32_t row)
{
	bool open = rules_permits(l->tree->fallback_ret[abi->id]), allowed;
	struct sys_call call, other;
	const struct rules_entry *e;

	if (!sys_call_by_name(abi, siblings[row].call,
	                      strlen(siblings[row].call), &call) ||
	    !sys_call_by_name(abi, siblings[row].other,
	                      strlen(siblings[row].other), &other) ||
	    (l->tree->has_kernel && other.since > l->tree->kernel))
		return false;
	e = find_case(l, abi, call.nr);
	if (!e || find_case(l, abi, other.nr))
		return false;
	allowed = rules_permits(rules_entry_ret(l->tree, e));
	if (allowed == open ||
	    (allowed && (siblings[row].when == REFUSED || falls_back(l, abi))))
		return false;
	diag_warning(
		l->diags, DIAG_W_SIBLING, e->c->at,
		allowed ? "'%s' is permitted, but not '%s', which libc uses "
			  "instead"
			: "'%s' is refused, but not '%s', which can do the "
			  "same",
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
	diag_warning(l->diags, DIAG_W_IO_URING, at,
	             "'io_uring_setup' is permitted: no filter sees what goes "
	             "through its rings (opening, connecting, ...)");
}

static void check_io_uring(struct linter *l)
{
	for (uint32_t i = 0; i < l->tree->nabi; i++) {
		const struct sys_abi *abi = l->tree->abi[i];
		struct sys_call call;
		const struct rules_entry *e;

		if (!sys_call_by_name(abi, "io_uring_setup", 14, &call))
			continue;
		e = find_case(l, abi, call.nr);
		if (e && rules_permits(rules_entry_ret(l->tree, e)))
			warn_of_io_uring(l, e->c->at);
		else if (!e && rules_permits(l->tree->fallback_ret[abi->id]) &&
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
	const struct rules_cond *trap;
	bool more;
};

static void look_at_test(const struct rules_cond *c, struct flags *f)
{
	if (c->kind == RULES_COND_IN && c->lhs.lo == f->word)
		f->more = true;
	if (c->kind != RULES_COND_TEST || c->lhs.lo != f->word)
		return;
	if (c->cmp == RULES_EQ && c->lhs.mask == f->accmode && !c->rhs.is_arg &&
	    !c->rhs.bits)
		f->trap = c;
	else
		f->more |= c->cmp == RULES_WITHIN || c->rhs.is_arg ||
		           c->lhs.mask &
		                   (c->cmp == RULES_ANY ? c->rhs.bits
		                                        : UINT64_MAX) &
		                   f->trunc;
}

static void look_at_flags(const struct rules_cond *root, struct flags *f)
{
	for (const struct rules_cond *c = root; c;
	     c = rules_cond_next(root, c))
		look_at_test(c, f);
}

/*
 * Warn if E permits read-only opens with O_TRUNC, which empties the file all
 * the same.
 */
static void check_accmode(struct linter *l, const struct rules_entry *e)
{
	struct sys_number accmode, trunc;
	struct flags f = { .word = -1 };
	struct sys_call call;

	if (!e->c->cond || !rules_permits(rules_entry_ret(l->tree, e)) ||
	    !sys_call_by_nr(e->c->abi, e->c->nr, &call) ||
	    strncmp(call.name, "open", 4) != 0 ||
	    !sys_constant(e->c->abi, "O_ACCMODE", 9, &accmode) ||
	    !sys_constant(e->c->abi, "O_TRUNC", 7, &trunc))
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
			l->diags, DIAG_W_TRUNCATES, f.trap->at,
			"this permits O_TRUNC, which empties a file even if it "
			"is opened for reading; 'flags within ...' leaves no "
			"gaps");
}

/*
 * Flags that change nothing about what a call does: to refuse one value of the argument
 * refuses nothing if the same with the flag is permitted.
 */
static const struct {
	const char *call, *arg, *flag;
} harmless[] = {
	{ "socket", "type", "SOCK_CLOEXEC" },
	{ "socketpair", "type", "SOCK_CLOEXEC" },
	{ "open", "flags", "O_CLOEXEC" },
	{ "openat", "flags", "O_CLOEXEC" },
};

/* Return a comparison in C of all of word WORD with one number. */
static const struct rules_cond *find_equality(const struct rules_cond *root,
                                              int8_t word)
{
	for (const struct rules_cond *c = root; c;
	     c = rules_cond_next(root, c))
		if (c->kind == RULES_COND_TEST && c->cmp == RULES_EQ &&
		    c->lhs.lo == word && !c->rhs.is_arg &&
		    c->lhs.mask == sys_ones(c->width))
			return c;
	return NULL;
}

/* Find arguments that E's rule refuses but that FLAG in WORD gets permitted. */
static bool flag_gets_past(struct linter *l, const struct rules_entry *e, int8_t word,
                           uint64_t flag, uint64_t args[SYS_ARGS])
{
	struct rules_case any = { .abi = e->c->abi, .nr = e->c->nr };
	struct rules_answers all =
		rules_ask(rules_asker(l->arena, l->tree), &any);

	array_each(it, &all.v) {
		if (!it->exact || it->why != RULES_WHY_RULE || it->c != e->c)
			continue;
		memcpy(args, it->args, sizeof it->args);
		args[word] |= flag;
		return rules_permits(rules_eval(l->tree, e->c->abi->arch,
		                                e->c->nr, args));
	}
	return false;
}

static void check_harmless(struct linter *l, const struct rules_entry *e, uint32_t row)
{
	uint64_t args[SYS_ARGS];
	struct buf example = { .arena = l->arena };
	const struct rules_cond *test;
	struct sys_number flag;
	struct sys_call call;
	int8_t word = -1;

	if (!sys_call_by_nr(e->c->abi, e->c->nr, &call) ||
	    strcmp(call.name, harmless[row].call) != 0 ||
	    !sys_constant(e->c->abi, harmless[row].flag,
	                  strlen(harmless[row].flag), &flag))
		return;
	for (unsigned i = 0; i < call.nargs; i++)
		if (!strcmp(call.arg[i].name, harmless[row].arg))
			word = call.arg[i].lo;
	test = word < 0 ? NULL : find_equality(e->c->cond, word);
	if (!test || !flag_gets_past(l, e, word, flag.bits, args))
		return;
	rules_put_call(&example, e->c->abi, e->c->nr, args);
	diag_warning(l->diags, DIAG_W_GETS_PAST, test->at,
	             "%s in '%s' changes nothing about what the call does, but "
	             "%s is permitted; compare under a mask, or with 'within'",
	             harmless[row].flag, harmless[row].arg, buf_str(&example));
}

static void check_flags(struct linter *l, const struct rules_entry *e)
{
	if (!e->c->cond || rules_permits(rules_entry_ret(l->tree, e)))
		return;
	for (uint32_t row = 0; row < ARRAY_LEN(harmless); row++)
		check_harmless(l, e, row);
}

/* --- datagram pairs ------------------------------------------------------- */

/*
 * Find an answer on ABI, other than a refusal, to the calls that QUESTION is
 * about; NULL if there is none. Sets *SURE to whether some arguments certainly get it.
 */
static const struct rules_answer *find_permit(struct linter *l,
                                              const struct sys_abi *abi,
                                              const char *question, bool *sure)
{
	struct diags quiet = { .arena = l->arena };
	struct rules_tree plain = *l->tree;
	struct rules_answers found;
	struct rules_cases cases;
	uint32_t source;

	plain.names = NULL; /* no name of the policy's own changes the question */
	source = diag_source(&quiet, "question", question, strlen(question));
	if (!l->question(l->arena, &quiet, source, &plain, 1u << abi->id, &cases))
		return NULL;
	if (!l->asker)
		l->asker = rules_asker(l->arena, l->tree);
	for (uint32_t i = 0; i < cases.n; i++) {
		found = rules_ask(l->asker, &cases.v[i]);
		array_each(it, &found.v) {
			if (!rules_permits(it->ret))
				continue;
			*sure = it->exact;
			return it;
		}
	}
	return NULL;
}

/* What sends to an address. */
static const char *const addressed[] = {
	"sendto if addr != 0",
	"sendmsg",
	"sendmmsg",
	"connect",
};

/* Return the first call of the table that ABI's rules certainly permit; NULL: none. */
static const struct rules_answer *find_addressed(struct linter *l,
                                                 const struct sys_abi *abi)
{
	for (uint32_t i = 0; i < ARRAY_LEN(addressed); i++) {
		bool sure = false;
		const struct rules_answer *send =
			find_permit(l, abi, addressed[i], &sure);

		if (send && sure)
			return send;
	}
	return NULL;
}

/* Tell whether a rule is about call NAME of ABI. */
static bool has_case(const struct linter *l, const struct sys_abi *abi,
                     const char *name)
{
	struct sys_call call;

	return sys_call_by_name(abi, name, strlen(name), &call) &&
	       find_case(l, abi, call.nr);
}

/* Tell whether ABI is worth asking about: without a rule, the default decides. */
static bool worth_asking(const struct linter *l, const struct sys_abi *abi)
{
	bool open = rules_permits(l->tree->fallback_ret[abi->id]);

	return has_case(l, abi, open ? "socket" : "socketpair");
}

/*
 * Warn of pairs of datagram sockets, which reach any local socket by its path or
 * abstract name, where the policy refuses to make local sockets otherwise.
 */
static bool check_pairs(struct linter *l, const struct sys_abi *abi)
{
	const struct rules_answer *pair, *send;
	struct sys_call call;
	bool sure = false;

	if (!worth_asking(l, abi))
		return false;
	pair = find_permit(
		l, abi,
		"socketpair(AF_UNIX) if type & 15 in (SOCK_DGRAM, SOCK_RAW)",
		&sure);
	if (!pair || !sure || find_permit(l, abi, "socket(AF_UNIX)", &sure))
		return false;
	send = find_addressed(l, abi);
	if (!send || !sys_call_by_nr(abi, send->nr, &call))
		return false;
	diag_warning(l->diags, DIAG_W_DATAGRAM_PAIR, pair->c ? pair->c->at : pair->at,
	             "a datagram pair can reach sockets outside by '%s'; "
	             "permit only 'type & 15 in (SOCK_STREAM, SOCK_SEQPACKET)'",
	             call.name);
	return true;
}

/* --- the whole ------------------------------------------------------------ */

static void list_cases(struct linter *l)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->tree->nrule; i++)
		l->n += l->tree->rule[i].n;
	l->entry = arena_array(l->arena, struct rules_entry, l->n);
	for (uint32_t i = 0; i < l->tree->nrule; i++)
		for (uint32_t k = 0; k < l->tree->rule[i].n; k++, n++)
			l->entry[n] = (struct rules_entry){
				&l->tree->rule[i].cases[k], i, n
			};
}

void rules_lint(struct arena *tmp, struct diags *d, const struct rules_tree *t,
                rules_question_fn *question)
{
	struct linter l = { .arena = tmp, .diags = d, .tree = t, .question = question };

	list_cases(&l);
	rules_lint_rules(tmp, d, t);
	check_siblings(&l);
	check_io_uring(&l);
	for (uint32_t i = 0; i < t->nabi && !check_pairs(&l, t->abi[i]); i++)
		;
	for (uint32_t i = 0; i < l.n; i++) {
		check_accmode(&l, &l.entry[i]);
		check_flags(&l, &l.entry[i]);
	}
}
