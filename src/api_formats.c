/*
 * The table of formats: what programs and policies are written in, and what policies
 * are read from. All formats of policies make the same tree.
 */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "import/import.h"
#include "oci/oci.h"
#include "policy/policy.h"

/* --- policies as text --------------------------------------------------------- */

static int put_policy(struct job *j, struct weir_policy *p,
                      const struct rules_options *o, struct buf *out)
{
	if (!p->tree->syntax)
		return -ENOTSUP;
	if (p->made)
		buf_write(out, j->diags.sources.v[0].text, j->diags.sources.v[0].len);
	else
		policy_print(out, p->tree, p->options);
	return 0;
}

static int put_profile(struct job *j, struct weir_policy *p,
                       const struct rules_options *o, struct buf *out)
{
	return oci_write(&j->arena, &j->diags, p->tree, o, out) ? 0 : -EINVAL;
}

/* --- the table ------------------------------------------------------------------ */

static const struct api_format formats[] = {
#define FORMAT(name, reads, summary) \
	{ #name, summary, WEIR_PROGRAM_FORMAT, reads, api_put_code, NULL, NULL, NULL },
#include "cbpf/formats.def"
	{ "seccomp-tools", "what seccomp-tools disassembles and assembles", WEIR_PROGRAM_FORMAT,
	  true, NULL, NULL, NULL, NULL },
	{ "ceccomp", "what ceccomp disassembles and assembles", WEIR_PROGRAM_FORMAT,
	  true, NULL, NULL, NULL, NULL },
	{ "graph", "the decisions that a program was made of", WEIR_PROGRAM_FORMAT,
	  false, api_put_graph, NULL, NULL, NULL },
	{ "ebpf", "eBPF that bpf(2) loads as a socket filter", WEIR_PROGRAM_FORMAT,
	  false, api_put_ebpf, NULL, NULL, NULL },
	{ "ebpf-kernel", "eBPF that Linux itself makes of the program", WEIR_PROGRAM_FORMAT,
	  false, api_put_ebpf, NULL, NULL, NULL },
	{ "ebpf-xdp", "eBPF for XDP programs, with packet pointers", WEIR_PROGRAM_FORMAT,
	  false, api_put_ebpf, NULL, NULL, NULL },
	{ "ebpf-tc", "eBPF for tc programs, with packet pointers", WEIR_PROGRAM_FORMAT,
	  false, api_put_ebpf, NULL, NULL, NULL },
	{ "elf", "an object file with eBPF, for XDP or tc", WEIR_PROGRAM_FORMAT,
	  false, api_put_ebpf, NULL, NULL, NULL },
	/* What no other format claims is in the first of policies. */
	{ "policy", "a policy in weir's own language", WEIR_POLICY_FORMAT,
	  true, NULL, put_policy, NULL, policy_parse },
	{ "minijail", "a minijail policy", WEIR_POLICY_FORMAT,
	  true, NULL, NULL, import_is_minijail, import_read_minijail },
	{ "minijail-c", "the same, as minijail itself reads it", WEIR_POLICY_FORMAT,
	  true, NULL, NULL, NULL, import_read_minijail_c },
	{ "minijail-python", "the same, as minijail's compiler reads it", WEIR_POLICY_FORMAT,
	  true, NULL, NULL, NULL, import_read_minijail_python },
	{ "kafel", "a kafel policy", WEIR_POLICY_FORMAT,
	  true, NULL, NULL, import_is_kafel, import_read_kafel },
	{ "systemd", "a systemd unit", WEIR_POLICY_FORMAT,
	  true, NULL, NULL, import_is_systemd, import_read_systemd },
	{ "oci", "a container's profile", WEIR_POLICY_FORMAT,
	  true, NULL, put_profile, oci_is, oci_read },
	{ "dot", "a drawing of a policy for Graphviz", WEIR_POLICY_FORMAT,
	  false, NULL, api_draw, NULL, NULL },
};

const struct api_format *api_format_named(enum weir_format_kind kind, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (formats[i].kind == kind && !strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}

int weir_format(unsigned i, struct weir_format *out)
{
	struct weir_format one = { .size = sizeof one };

	if (i >= ARRAY_LEN(formats))
		return -ENOENT;
	one.name = formats[i].name;
	one.summary = formats[i].summary;
	one.kind = formats[i].kind;
	one.reads = formats[i].reads;
	one.writes = formats[i].put_program || formats[i].put_policy;
	return api_hand(out, &one, sizeof one);
}

/* Return the name of format I of those that WANTED takes, NULL after the last. */
static const char *nth_name(unsigned i, bool (*wanted)(const struct api_format *f))
{
	for (size_t n = 0; n < ARRAY_LEN(formats); n++)
		if (wanted(&formats[n]) && i-- == 0)
			return formats[n].name;
	return NULL;
}

static bool is_written(const struct api_format *f)
{
	return f->put_program;
}

static bool is_form(const struct api_format *f)
{
	return f->read_policy;
}

const char *weir_format_name(unsigned i)
{
	return nth_name(i, is_written);
}

const char *weir_policy_form(unsigned i)
{
	return nth_name(i, is_form);
}

/* --- reading policies ------------------------------------------------------------- */

/*
 * Return the format NAME, or what TEXT looks like without one; NULL: policies have no
 * NAME.
 */
static const struct api_format *form_of(const char *text, size_t len, const char *name)
{
	for (size_t i = 0; !name && i < ARRAY_LEN(formats); i++)
		if (formats[i].is && formats[i].is(text, len))
			return &formats[i];
	return api_format_named(WEIR_POLICY_FORMAT, name ? name : "policy");
}

/* Return the bytes of a byte order mark that TEXT begins with; runtimes take none. */
static size_t mark_size(const char *text, size_t len)
{
	return oci_is(text, len) ? 0 : text_mark(text, len);
}

/* Tell whether there is nothing in TEXT but blanks and comments. */
static bool is_empty(const char *text, size_t len)
{
	return import_look_past_comments(text, len) >= len && !import_is_kafel(text, len);
}

/* Tell whether TEXT, which looks like a policy of format FORM, is a program for sure. */
static bool is_program(const char *text, size_t len, const struct api_format *form)
{
	enum cbpf_format format;

	/* A label looks like minijail's name of a call. */
	if (form->read_policy != policy_parse && form->read_policy != import_read_minijail)
		return false;
	if (import_look_has_default(text, len))
		return false;
	format = cbpf_surely(text, len);
	return format != CBPF_NO_FORMAT &&
	       (form->read_policy == policy_parse || format == CBPF_ASM);
}

/* Return what TEXT certainly is if it is not a policy; else NULL. */
static const struct import_look *look_at(const char *text, size_t len)
{
	static const struct import_look program = {
		.what = "a compiled program",
		.program = true,
		.instead = "give the policy that it was made of",
	};
	const struct import_look *look = import_look(text, len);

	if (look)
		return look;
	return is_program(text, len, form_of(text, len, NULL)) ? &program : NULL;
}

const char *weir_policy_looks_like(const char *text, size_t len)
{
	size_t skip = text_mark(text, len);
	const struct import_look *look = look_at(text + skip, len - skip);

	if (look)
		return look->program ? "program" : NULL;
	if (is_empty(text + skip, len - skip))
		return NULL;
	return form_of(text + skip, len - skip, NULL)->name;
}

/* Check that SOURCE can be a policy by its looks; false after an error. */
static bool check_look(struct diags *d, uint32_t source)
{
	const struct source *src = &d->sources.v[source];
	const struct import_look *look = look_at(src->text, src->len);
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
		           "expected a policy, found only blanks or comments; it needs "
		           "at least a 'default' ('default errno ENOSYS', for "
		           "instance)");
	else
		return true;
	return false;
}

const char *api_policy_form_of(const struct source *src, const char *from)
{
	const struct api_format *form = form_of(src->text, src->len, from);

	return form ? form->name : NULL;
}

/* Complain that there is no form NAME. */
static void unknown_form(struct diags *d, const char *name)
{
	struct suggest s;
	const char *form;

	suggest_start(&s, name, strlen(name));
	for (unsigned i = 0; (form = weir_policy_form(i)); i++)
		suggest_offer(&s, form);
	diag_plain(d, DIAG_ERROR, "unknown policy format '%s'%s", name,
	           suggest_text(d->arena, &s));
}

/* Refuse options that only profiles can use; false after an error. */
static bool check_options(struct diags *d, const struct api_format *form,
                          const struct rules_options *o)
{
	if (form->read_policy == oci_read)
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

/* Tell whether the text of SRC cannot be anything but FORM. */
static bool is_certain(const struct source *src, const struct api_format *form)
{
	return form->read_policy == oci_read ||
	       (form->read_policy == policy_parse && import_look_has_default(src->text, src->len));
}

const struct rules_tree *api_policy_read(struct arena *arena, struct diags *d,
                                         uint32_t source,
                                         const struct rules_options *o)
{
	struct source *src = &d->sources.v[source];
	const struct rules_tree *tree;
	const struct api_format *form;

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
	tree = form->read_policy(arena, d, source, o);
	if (!tree && !o->from && !is_certain(&d->sources.v[source], form))
		diag_plain(d, DIAG_NOTE, "'%s' was read as %s; --from says otherwise",
		           d->sources.v[source].name, form->summary);
	return tree;
}
