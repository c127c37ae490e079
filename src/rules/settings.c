/*
 * What a policy has once (ABIs, default, foreign, kernel), and what
 * actions are on each ABI.
 */
#include <linux/seccomp.h>
#include <string.h>

#include "rules/resolve.h"

/* --- settings -------------------------------------------------------------- */

static bool same_action(const struct rules_written *a,
                        const struct rules_written *b)
{
	return a->verb == b->verb && a->data == b->data && a->len == b->len &&
	       (!a->len || !memcmp(a->name, b->name, a->len));
}

static bool same_setting(const struct rules_statement *a,
                         const struct rules_statement *b)
{
	if (a->kind == STATEMENT_KERNEL)
		return a->kernel == b->kernel;
	if (a->kind == STATEMENT_ABI)
		return a->abis == b->abis;
	if (a->kind == STATEMENT_X32)
		return a->above == b->above;
	return same_action(&a->action, &b->action);
}

static const char *setting_name(enum rules_statement_kind kind)
{
	return kind == STATEMENT_DEFAULT   ? "default"
	       : kind == STATEMENT_FOREIGN ? "foreign"
	       : kind == STATEMENT_KERNEL  ? "kernel"
	       : kind == STATEMENT_X32     ? "x32"
	                                   : "abi";
}

/* Return the statement KIND that holds: the main text's, else that of the includes. */
static const struct rules_statement *setting(struct rules_resolver *r,
                                             enum rules_statement_kind kind)
{
	const struct rules_statement *found = NULL;

	array_each(it, &r->syntax->statement) {
		const struct rules_statement *s = *it;

		if (s->kind != kind)
			continue;
		if (!found || (found->included && !s->included)) {
			found = s;
			continue;
		}
		if (found->included || s->included)
			continue;
		rules_complain(&r->c, s->at, E_DUPLICATE "duplicate '%s'",
		               setting_name(kind));
		diag_note(r->c.diags, found->at, "the first one is here");
	}
	if (!found || !found->included)
		return found;
	array_each(it, &r->syntax->statement)
		if ((*it)->kind == kind && !same_setting(found, *it)) {
			rules_complain(
				&r->c, (*it)->at,
				"includes disagree about '%s'; the main text "
				"must set it",
				setting_name(kind));
			diag_note(r->c.diags, found->at,
			          "the other one is here");
		}
	return found;
}

static void unknown_abi(struct arena *arena, struct diags *d, const char *name,
                        size_t len)
{
	const char *near = sys_abi_near(name, len);

	if (near)
		diag_plain(d, DIAG_ERROR,
		           E_UNKNOWN "unknown ABI '%.*s'; did you mean '%s'?",
		           (int)len, name, near);
	else
		diag_plain(d, DIAG_ERROR,
		           E_UNKNOWN "unknown ABI '%.*s'; expected one of %s",
		           (int)len, name, sys_abi_list(arena));
}

bool rules_abis_of(struct arena *arena, struct diags *d, const char *list,
                   uint32_t *mask)
{
	*mask = 0;
	do { /* an empty list is an empty name */
		size_t len = strcspn(list, ",");
		const struct sys_abi *abi = sys_abi(list, len);

		if (!abi) {
			unknown_abi(arena, d, list, len);
			return false;
		}
		*mask |= 1u << abi->id;
		list += len + (list[len] == ',');
	} while (*list);
	return true;
}

bool rules_resolve_abis(struct rules_resolver *r)
{
	const struct rules_statement *s = setting(r, STATEMENT_ABI);
	const struct sys_abi *native = sys_abi_native();

	if (s)
		r->abis = s->abis;
	else if (r->options->abis &&
	         !rules_abis_of(r->c.arena, r->c.diags, r->options->abis,
	                        &r->abis))
		return false;
	else if (!r->options->abis && native)
		r->abis = 1u << native->id;
	if (!r->abis) {
		diag_plain(
			r->c.diags, DIAG_ERROR,
			"weir does not know the ABI of this machine; name one "
			"with 'abi'");
		return false;
	}
	for (unsigned i = 0; i < SYS_NABIS; i++)
		if (r->abis & 1u << i)
			r->tree->abi[r->tree->nabi++] = &sys_abis[i];
	return true;
}

/* --- actions -------------------------------------------------------------- */

/*
 * Complain of an unknown error and suggest a near name: a constant whose value
 * is an errno.
 */
static void unknown_errno(struct rules_resolver *r,
                          const struct rules_written *w,
                          const struct sys_abi *abi)
{
	struct suggest s;
	const char *name;

	suggest_start(&s, w->name, w->len);
	for (uint32_t i = 0; (name = sys_constant_name(i)); i++)
		if (sys_errno(abi, name, strlen(name)))
			suggest_offer(&s, name);
	rules_complain(&r->c, w->data_at, E_UNKNOWN "unknown error '%.*s' on %s%s",
	               (int)w->len, w->name, abi->name,
	               suggest_best(&s) ? suggest_text(r->c.arena, &s)
	                                : "; expected a name such as EPERM, "
	                                  "or a number");
}

const struct rules_action *rules_resolve_action(
	struct rules_resolver *r, const struct rules_written *w)
{
	struct rules_action *a = arena_new(r->c.arena, struct rules_action);

	a->verb = w->verb;
	a->at = w->at;
	for (unsigned i = 0; i < r->tree->nabi; i++) {
		const struct sys_abi *abi = r->tree->abi[i];
		uint32_t data = (uint32_t)w->data;

		if (w->name) {
			data = sys_errno(abi, w->name, w->len);
			if (!data)
				unknown_errno(r, w, abi);
		}
		a->ret[abi->id] = rules_ret(w->verb, data);
	}
	return a;
}

/* --- settings ------------------------------------------------------------- */

void rules_resolve_default(struct rules_resolver *r, uint32_t source)
{
	const struct rules_statement *s = setting(r, STATEMENT_DEFAULT);
	struct rules_written kill = { .verb = RULES_KILL };

	/* A 'default' that was there but wrong is not missing. */
	if (!s && !r->options->main_only && !r->c.diags->errors)
		diag_error(
			r->c.diags, (struct span){ source, 0, 0 },
			"missing 'default', which decides calls that no rule "
			"matches, as in 'default errno ENOSYS'");
	r->tree->fallback = rules_resolve_action(r, s ? &s->action : &kill);
	memcpy(r->tree->fallback_ret, r->tree->fallback->ret,
	       sizeof r->tree->fallback_ret);
}

void rules_resolve_foreign(struct rules_resolver *r)
{
	const struct rules_statement *s = setting(r, STATEMENT_FOREIGN);

	r->tree->foreign_ret = SECCOMP_RET_KILL_PROCESS;
	if (!s)
		return;
	r->tree->foreign = rules_resolve_action(r, &s->action);
	r->tree->foreign_ret = r->tree->foreign->ret[r->tree->abi[0]->id];
	if (s->action.verb == RULES_ALLOW || s->action.verb == RULES_LOG)
		rules_warn(
			&r->c, DIAG_W_FOREIGN, s->at,
			"this allows calls of every other ABI of the machine, "
			"so the policy can be bypassed");
}

void rules_resolve_kernel(struct rules_resolver *r)
{
	const struct rules_statement *s = setting(r, STATEMENT_KERNEL);

	if (!s)
		return;
	r->tree->has_kernel = true;
	r->tree->kernel = s->kernel;
	r->tree->kernel_at = s->at;
}

void rules_resolve_x32(struct rules_resolver *r)
{
	const struct rules_statement *s = setting(r, STATEMENT_X32);

	r->tree->x32_marked = s != NULL;
	r->tree->x32_above = s && s->above;
}
