/*
 * A policy in any of the forms that weir reads: each makes the same tree.
 */
#include <string.h>

#include "policy/import.h"
#include "policy/oci.h"

static const struct form {
	const char *name;
	/* TEXT can be nothing else; NULL: only when it is asked for by name. */
	bool (*is)(const char *text, size_t len);
	const struct policy_tree *(*read)(struct arena *arena, struct diags *d,
	                                  uint32_t source,
	                                  const struct policy_options *o);
} forms[] = {
	{"text", NULL, policy_parse}, /* what no other form claims */
	{"minijail", policy_is_minijail, policy_read_minijail},
	{"minijail-c", NULL, policy_read_minijail_c},
	{"minijail-python", NULL, policy_read_minijail_python},
	{"kafel", policy_is_kafel, policy_read_kafel},
	{"systemd", policy_is_systemd, policy_read_systemd},
	{"oci", policy_is_oci, policy_read_oci},
};

const char *policy_form_name(unsigned i)
{
	return i < ARRAY_LEN(forms) ? forms[i].name : NULL;
}

static const struct form *form_of(const struct source *src, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (name ? !strcmp(forms[i].name, name)
		         : forms[i].is && forms[i].is(src->text, src->len))
			return &forms[i];
	return name ? NULL : &forms[0];
}

/* There is no form NAME. */
static void unknown_form(struct diags *d, const char *name)
{
	struct suggest s;
	const char *near;

	suggest_start(&s, name, strlen(name));
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		suggest_offer(&s, forms[i].name);
	near = suggest_best(&s);
	diag_plain(d, DIAG_ERROR, "policies are not read from '%s'%s%s%s", name,
	           near ? "; did you mean '" : "", near ? near : "",
	           near ? "'?" : "");
}

/* Options that only profiles have a use for. */
static bool check_options(struct diags *d, const struct form *form,
                          const struct policy_options *o)
{
	if (form->read == policy_read_oci)
		return true;
	if (o->kernel)
		diag_plain(d, DIAG_ERROR,
		           "only containers' profiles are told a kernel from "
		           "outside; a policy says 'kernel X.Y'");
	else if (o->ncap)
		diag_plain(d, DIAG_ERROR,
		           "only containers' profiles depend on capabilities");
	else if (o->typed)
		diag_plain(d, DIAG_ERROR,
		           "only containers' profiles can be told to compare "
		           "what the kernel looks at; other policies do");
	else
		return true;
	return false;
}

const struct policy_tree *policy_read(struct arena *arena, struct diags *d,
                                      uint32_t source,
                                      const struct policy_options *o)
{
	const struct form *form = form_of(&d->sources.v[source], o->from);

	if (!form) {
		unknown_form(d, o->from);
		return NULL;
	}
	if (!check_options(d, form, o))
		return NULL;
	return form->read(arena, d, source, o);
}
