/*
 * What a hostile program can still do under a tree: risks by a table, and what gets past
 * it because another call, another ABI or io_uring does as much. Each finding is a call
 * that is let through.
 */
#include <assert.h>
#include <linux/seccomp.h>
#include <string.h>

#include "rules/ask.h"

struct auditor {
	struct arena *arena;
	const struct rules_tree *tree;
	struct rules_asker *asker;
	rules_question_fn *question;
	rules_finding_fn *found;
	void *ctx;
};

static const struct {
	const char *class;
	enum rules_severity severity;
	const char *calls, *text;
} risks[] = {
#define RISK(class, severity, calls, text) { class, RULES_##severity, calls, text },
#include "rules/audit.def"
};

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

/* Calls that io_uring does in their place. */
static const char *const by_ring[] = {
	"open",
	"openat",
	"openat2",
	"socket",
	"connect",
	"bind",
	"accept",
	"sendmsg",
	"recvmsg",
	"mkdirat",
	"unlinkat",
	"renameat",
};

/* --- what gets through ------------------------------------------------------------ */

/*
 * Put the answer to a call of Q that is let through into *OUT; false if none is
 * known.
 */
static bool gets_through(struct auditor *a, const struct rules_case *q,
                         struct rules_answer *out)
{
	struct rules_answers answers = rules_ask(a->asker, q);

	array_each(it, &answers.v)
		if (it->exact && rules_permits(it->ret)) {
			*out = *it;
			return true;
		}
	return false;
}

/* Do the same for all calls of NAME on ABI. */
static bool call_gets_through(struct auditor *a, const struct sys_abi *abi, const char *name,
                              struct rules_answer *out)
{
	struct rules_case q = { .abi = abi };
	struct sys_call call;

	if (!sys_call_by_name(abi, name, strlen(name), &call))
		return false;
	q.nr = call.nr;
	return gets_through(a, &q, out);
}

/* Tell whether ABI has call NAME, and it never gets through. */
static bool is_refused(struct auditor *a, const struct sys_abi *abi, const char *name)
{
	struct rules_answer answer;
	struct sys_call call;

	return sys_call_by_name(abi, name, strlen(name), &call) &&
	       !call_gets_through(a, abi, name, &answer);
}

static void tell(struct auditor *a, const char *class, enum rules_severity severity,
                 const char *text, const struct rules_answer *answer)
{
	struct rules_finding one = { class, severity, text, *answer };

	a->found(a->ctx, &one);
}

/* --- risks ----------------------------------------------------------------------------- */

/*
 * Report the first call of row ROW that gets through on ABI, which may lack
 * these calls.
 */
static void find_risk(struct auditor *a, const struct sys_abi *abi, uint32_t row)
{
	struct diags quiet = { .arena = a->arena };
	uint32_t source = diag_source(&quiet, "audit", risks[row].calls,
	                              strlen(risks[row].calls));
	struct rules_answer answer;
	struct rules_cases cases;

	if (!a->question(a->arena, &quiet, source, a->tree, 1u << abi->id, &cases))
		return;
	for (uint32_t i = 0; i < cases.n; i++)
		if (gets_through(a, &cases.v[i], &answer)) {
			tell(a, risks[row].class, risks[row].severity, risks[row].text,
			     &answer);
			return;
		}
}

/* --- ways past ------------------------------------------------------------------------- */

static void find_sibling(struct auditor *a, const struct sys_abi *abi, uint32_t row)
{
	struct buf text = { .arena = a->arena };
	struct rules_answer answer;

	if (!is_refused(a, abi, siblings[row].call) ||
	    !call_gets_through(a, abi, siblings[row].other, &answer))
		return;
	buf_printf(&text, "does what '%s' does, which is refused", siblings[row].call);
	tell(a, "siblings", RULES_MEDIUM, buf_str(&text), &answer);
}

static void find_ring(struct auditor *a, const struct sys_abi *abi)
{
	struct buf text = { .arena = a->arena };
	struct rules_answer answer;

	if (!call_gets_through(a, abi, "io_uring_setup", &answer))
		return;
	for (size_t i = 0; i < ARRAY_LEN(by_ring); i++)
		if (is_refused(a, abi, by_ring[i])) {
			buf_printf(&text, "does what '%s' does, which is refused, where no "
			                  "filter sees it",
			           by_ring[i]);
			tell(a, "io_uring", RULES_HIGH, buf_str(&text), &answer);
			return;
		}
	tell(a, "io_uring", RULES_LOW, "makes calls that no filter sees", &answer);
}

/*
 * Report calls that ABI lets through although the first ABI has them and
 * refuses them.
 */
static void find_other_abi(struct auditor *a, const struct sys_abi *abi)
{
	const struct sys_abi *first = a->tree->abi[0];
	struct buf text = { .arena = a->arena };
	struct rules_answer answer, shown = { 0 };
	struct sys_call call;
	uint32_t n = 0;

	for (uint32_t i = 0; sys_call_at(first, i, &call); i++)
		if (is_refused(a, first, call.name) &&
		    call_gets_through(a, abi, call.name, &answer) && !n++)
			shown = answer;
	if (!n)
		return;
	buf_printf(&text, "gets past what %s refuses: %u call%s", first->name, n,
	           n == 1 ? "" : "s");
	tell(a, "abis", RULES_HIGH, buf_str(&text), &shown);
}

static bool has_abi(const struct rules_tree *t, const struct sys_abi *abi)
{
	for (uint32_t i = 0; i < t->nabi; i++)
		if (t->abi[i] == abi)
			return true;
	return false;
}

/*
 * Report unfiltered ABIs that T does not name but that a machine which runs T's
 * ABIs may have.
 */
static void find_foreign(struct auditor *a)
{
	static const struct {
		enum sys_abi_id of, other;
		const char *call;
	} pairs[] = {
		{ SYS_ABI_X86_64, SYS_ABI_I386, "execve" },
		{ SYS_ABI_X86_64, SYS_ABI_X32, "execve" },
		{ SYS_ABI_AARCH64, SYS_ABI_ARM, "execve" },
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs) && rules_permits(a->tree->foreign_ret); i++) {
		const struct sys_abi *other = &sys_abis[pairs[i].other];
		struct rules_answer answer = {
			.abi = other,
			.ret = a->tree->foreign_ret,
			.exact = true,
		};
		struct sys_call call;

		if (!has_abi(a->tree, &sys_abis[pairs[i].of]) || has_abi(a->tree, other) ||
		    !sys_call_by_name(other, pairs[i].call, strlen(pairs[i].call), &call))
			continue;
		answer.nr = call.nr;
		tell(a, "abis", RULES_HIGH, "makes every call, of an ABI that is not filtered",
		     &answer);
	}
}

static void audit_abi(struct auditor *a, const struct sys_abi *abi)
{
	for (uint32_t i = 0; i < ARRAY_LEN(risks); i++)
		find_risk(a, abi, i);
	find_ring(a, abi);
	for (uint32_t i = 0; i < ARRAY_LEN(siblings); i++)
		find_sibling(a, abi, i);
	if (abi != a->tree->abi[0])
		find_other_abi(a, abi);
}

void rules_audit(struct arena *arena, const struct rules_tree *t, rules_question_fn *question,
                 rules_finding_fn *found, void *ctx)
{
	struct auditor a = {
		.arena = arena,
		.tree = t,
		.asker = rules_asker(arena, t),
		.question = question,
		.found = found,
		.ctx = ctx,
	};

	for (uint32_t i = 0; i < t->nabi; i++)
		audit_abi(&a, t->abi[i]);
	find_foreign(&a);
}
