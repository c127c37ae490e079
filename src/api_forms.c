/*
 * A policy in any of the forms that weir reads: each makes the same tree.
 */
#include <string.h>

#include "api.h"
#include "import/import.h"
#include "oci/oci.h"
#include "policy/policy.h"

static const struct form {
	const char *name, *title;
	/* TEXT can be nothing else; NULL: only when it is asked for by name. */
	bool (*is)(const char *text, size_t len);
	const struct rules_tree *(*read)(struct arena *arena, struct diags *d,
	                                  uint32_t source,
	                                  const struct rules_options *o);
} forms[] = {
	{"text", "a policy in weir's own language", NULL, policy_parse}, /* what no other form claims */
	{"minijail", "a minijail policy", import_is_minijail, import_read_minijail},
	{"minijail-c", "a minijail policy", NULL, import_read_minijail_c},
	{"minijail-python", "a minijail policy", NULL, import_read_minijail_python},
	{"kafel", "a kafel policy", import_is_kafel, import_read_kafel},
	{"systemd", "a systemd unit", import_is_systemd, import_read_systemd},
	{"oci", "a container's profile", oci_is, oci_read},
};

const char *api_policy_form_name(unsigned i)
{
	return i < ARRAY_LEN(forms) ? forms[i].name : NULL;
}

/* The form NAME, or what TEXT looks like without one; NULL: there is no form NAME. */
static const struct form *form_of(const char *text, size_t len, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (name ? !strcmp(forms[i].name, name)
		         : forms[i].is && forms[i].is(text, len))
			return &forms[i];
	return name ? NULL : &forms[0];
}

/* The bytes of a byte order mark that TEXT begins with; runtimes take none. */
static size_t mark_size(const char *text, size_t len)
{
	return oci_is(text, len) ? 0 : text_mark(text, len);
}

/* There is nothing in TEXT but blanks and comments. */
static bool is_empty(const char *text, size_t len)
{
	return import_look_past_comments(text, len) >= len && !import_is_kafel(text, len);
}

const char *api_policy_looks_like(const char *text, size_t len)
{
	size_t skip = text_mark(text, len);
	const struct import_look *look = import_look(text + skip, len - skip);

	if (look)
		return look->program ? "program" : NULL;
	if (is_empty(text + skip, len - skip))
		return NULL;
	return form_of(text + skip, len - skip, NULL)->name;
}

/* Whether SOURCE can be a policy by its looks; false after an error. */
static bool check_look(struct diags *d, uint32_t source)
{
	const struct source *src = &d->sources.v[source];
	const struct import_look *look = import_look(src->text, src->len);
	size_t at = import_look_past_comments(src->text, src->len);

	if (look && memchr(src->text, '\0', src->len))
		diag_plain(d, DIAG_ERROR,
		           "'%s' looks like %s, which weir does not read as a "
		           "policy; %s",
		           src->name, look->what, look->instead);
	else if (look)
		diag_error(d, (struct span){ source, (uint32_t)at, (uint32_t)at },
		           "this looks like %s, which weir does not read as a "
		           "policy; %s (if it is another language, name that with "
		           "--from)",
		           look->what, look->instead);
	else if (is_empty(src->text, src->len))
		diag_error(d, (struct span){ source, 0, 0 },
		           "there is no policy here, only blanks or comments; it needs "
		           "at least a 'default' ('default errno ENOSYS', for "
		           "instance)");
	else
		return true;
	return false;
}

const char *api_policy_form_of(const struct source *src, const char *from)
{
	const struct form *form = form_of(src->text, src->len, from);

	return form ? form->name : NULL;
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
                          const struct rules_options *o)
{
	if (form->read == oci_read)
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

/* Nobody could take the text of SRC for anything but FORM. */
static bool is_certain(const struct source *src, const struct form *form)
{
	return form->read == oci_read ||
	       (form == &forms[0] && import_look_has_default(src->text, src->len));
}

const struct rules_tree *api_policy_read(struct arena *arena, struct diags *d,
                                      uint32_t source,
                                      const struct rules_options *o)
{
	struct source *src = &d->sources.v[source];
	const struct rules_tree *tree;
	const struct form *form;

	if (mark_size(src->text, src->len))
		src->text = text_blank_mark(arena, src->text, src->len);
	if (!o->from && !o->main_only && !check_look(d, source))
		return NULL;
	form = form_of(src->text, src->len, o->from);
	if (!form) {
		unknown_form(d, o->from);
		return NULL;
	}
	if (!check_options(d, form, o))
		return NULL;
	tree = form->read(arena, d, source, o);
	if (!tree && !o->from && !is_certain(&d->sources.v[source], form))
		diag_plain(d, DIAG_NOTE, "'%s' was read as %s; --from says otherwise",
		           d->sources.v[source].name, form->title);
	return tree;
}
