/*
 * What stands once in a policy (ABIs, default, foreign, kernel), and what
 * actions are on each ABI.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "policy/policy.h"

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
static const struct policy_statement *setting(struct policy_resolver *r,
                                              enum policy_statement_kind kind)
{
	const struct policy_statement *found = NULL;

	array_each(it, &r->syntax->statement) {
		const struct policy_statement *s = *it;

		if (s->kind != kind)
			continue;
		if (!found || (found->included && !s->included)) {
			found = s;
			continue;
		}
		if (found->included || s->included)
			continue;
		policy_complain(&r->c, s->at, "'%s' stands twice",
		                setting_name(kind));
		diag_note(r->c.diags, found->at, "the first one is here");
	}
	if (!found || !found->included)
		return found;
	array_each(it, &r->syntax->statement)
		if ((*it)->kind == kind && !same_setting(found, *it)) {
			policy_complain(
				&r->c, (*it)->at,
				"includes disagree about '%s'; the main text has to say",
				setting_name(kind));
			diag_note(r->c.diags, found->at,
			          "the other one is here");
		}
	return found;
}

static void unknown_abi(struct arena *arena, struct diags *d, const char *name,
                        size_t len)
{
	const char *near = policy_abi_near(name, len);

	if (near)
		diag_plain(d, DIAG_ERROR, "'%.*s' is no ABI; did you mean '%s'?",
		           (int)len, name, near);
	else
		diag_plain(d, DIAG_ERROR,
		           "'%.*s' is no ABI that is known here; %s are",
		           (int)len, name, policy_abi_list(arena));
}

bool policy_abis_of(struct arena *arena, struct diags *d, const char *list,
                    uint32_t *mask)
{
	*mask = 0;
	do { /* an empty list is an empty name */
		size_t len = strcspn(list, ",");
		const struct policy_abi *abi = policy_abi(list, len);

		if (!abi) {
			unknown_abi(arena, d, list, len);
			return false;
		}
		*mask |= 1u << abi->id;
		list += len + (list[len] == ',');
	} while (*list);
	return true;
}

bool policy_resolve_abis(struct policy_resolver *r)
{
	const struct policy_statement *s = setting(r, STATEMENT_ABI);
	const struct policy_abi *native = policy_abi_native();

	if (s)
		r->abis = s->abis;
	else if (r->options->abis &&
	         !policy_abis_of(r->c.arena, r->c.diags, r->options->abis,
	                         &r->abis))
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

uint32_t policy_ret(enum policy_verb verb, uint32_t data)
{
	return returns[verb] | (data & SECCOMP_RET_DATA);
}

/* Errnos are the constants that have a number that works as one. */
static void unknown_errno(struct policy_resolver *r,
                          const struct policy_written *w,
                          const struct policy_abi *abi)
{
	struct suggest s;
	const char *name;

	suggest_start(&s, w->name, w->len);
	for (uint32_t i = 0; (name = policy_constant_name(i)); i++)
		if (policy_errno(abi, name, strlen(name)))
			suggest_offer(&s, name);
	if (suggest_best(&s))
		policy_complain(&r->c, w->data_at,
		                "'%.*s' is no error of %s; did you mean '%s'?",
		                (int)w->len, w->name, abi->name,
		                suggest_best(&s));
	policy_complain(&r->c, w->data_at,
	                "'%.*s' is no error of %s; expected a name such as "
	                "EPERM or a number after 'errno'",
	                (int)w->len, w->name, abi->name);
}

const struct policy_action *policy_resolve_action(
	struct policy_resolver *r, const struct policy_written *w)
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
		a->ret[abi->id] = policy_ret(w->verb, data);
	}
	return a;
}

/* --- settings ------------------------------------------------------------- */

void policy_resolve_default(struct policy_resolver *r, uint32_t source)
{
	const struct policy_statement *s = setting(r, STATEMENT_DEFAULT);
	struct policy_written kill = {.verb = POLICY_KILL};

	/* A 'default' that was there but wrong is not missing. */
	if (!s && !r->options->main_only && !r->c.diags->errors)
		diag_error(
			r->c.diags, (struct span){source, 0, 0},
			"the policy has no 'default': what happens to calls that no "
			"rule is about? ('default errno ENOSYS', for instance)");
	r->tree->fallback = policy_resolve_action(r, s ? &s->action : &kill);
	memcpy(r->tree->fallback_ret, r->tree->fallback->ret,
	       sizeof r->tree->fallback_ret);
}

void policy_resolve_foreign(struct policy_resolver *r)
{
	const struct policy_statement *s = setting(r, STATEMENT_FOREIGN);

	r->tree->foreign_ret = SECCOMP_RET_KILL_PROCESS;
	if (!s)
		return;
	r->tree->foreign = policy_resolve_action(r, &s->action);
	r->tree->foreign_ret = r->tree->foreign->ret[r->tree->abi[0]->id];
	if (s->action.verb == POLICY_ALLOW || s->action.verb == POLICY_LOG)
		policy_warn(
			&r->c, s->at,
			"calls of every other ABI of the machine are allowed, "
			"so this policy can be got round");
}

void policy_resolve_kernel(struct policy_resolver *r)
{
	const struct policy_statement *s = setting(r, STATEMENT_KERNEL);

	if (!s)
		return;
	r->tree->has_kernel = true;
	r->tree->kernel = s->kernel;
	r->tree->kernel_at = s->at;
}
