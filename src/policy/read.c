/*
 * A policy in any of the forms that weir reads: each makes the same tree.
 */
#include <string.h>

#include "policy/import.h"
#include "policy/oci.h"

static const struct form {
	const char *name, *title;
	/* TEXT can be nothing else; NULL: only when it is asked for by name. */
	bool (*is)(const char *text, size_t len);
	const struct policy_tree *(*read)(struct arena *arena, struct diags *d,
	                                  uint32_t source,
	                                  const struct policy_options *o);
} forms[] = {
	{"text", "a policy in weir's own language", NULL, policy_parse}, /* what no other form claims */
	{"minijail", "a minijail policy", policy_is_minijail, policy_read_minijail},
	{"minijail-c", "a minijail policy", NULL, policy_read_minijail_c},
	{"minijail-python", "a minijail policy", NULL, policy_read_minijail_python},
	{"kafel", "a kafel policy", policy_is_kafel, policy_read_kafel},
	{"systemd", "a systemd unit", policy_is_systemd, policy_read_systemd},
	{"oci", "a container's profile", policy_is_oci, policy_read_oci},
};

const char *policy_form_name(unsigned i)
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

/* The bytes of U+FEFF, with which some editors begin a text in UTF-8. */
static const char mark[] = { '\xef', '\xbb', '\xbf' };

static bool has_mark(const char *text, size_t len)
{
	return len >= sizeof mark && !memcmp(text, mark, sizeof mark);
}

const char *policy_read_mark(struct arena *arena, const char *text, size_t len)
{
	char *copy;

	if (!has_mark(text, len) || policy_is_oci(text, len)) /* runtimes take none */
		return text;
	copy = arena_strndup(arena, text, len);
	memset(copy, ' ', sizeof mark);
	return copy;
}

/* There is nothing in TEXT but blanks and comments. */
static bool is_empty(const char *text, size_t len)
{
	return policy_look_past_comments(text, len) >= len && !policy_is_kafel(text, len);
}

const char *policy_looks_like(const char *text, size_t len)
{
	size_t skip = has_mark(text, len) ? sizeof mark : 0;
	const struct policy_look *look = policy_look(text + skip, len - skip);

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
	const struct policy_look *look = policy_look(src->text, src->len);
	size_t at = policy_look_past_comments(src->text, src->len);

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

const char *policy_form_of(const struct source *src, const char *from)
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

/* Nobody could take the text of SRC for anything but FORM. */
static bool is_certain(const struct source *src, const struct form *form)
{
	return form->read == policy_read_oci ||
	       (form == &forms[0] && policy_look_has_default(src->text, src->len));
}

const struct policy_tree *policy_read(struct arena *arena, struct diags *d,
                                      uint32_t source,
                                      const struct policy_options *o)
{
	struct source *src = &d->sources.v[source];
	const struct policy_tree *tree;
	const struct form *form;

	src->text = policy_read_mark(arena, src->text, src->len);
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
