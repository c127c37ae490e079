/*
 * A policy in any of the forms that weir reads: each makes the same tree.
 */
#include <string.h>

#include "policy/import.h"

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

const struct policy_tree *policy_read(struct arena *arena, struct diags *d,
                                      uint32_t source,
                                      const struct policy_options *o)
{
	const struct form *form = form_of(&d->sources.v[source], o->from);

	if (!form) {
		unknown_form(d, o->from);
		return NULL;
	}
	return form->read(arena, d, source, o);
}
