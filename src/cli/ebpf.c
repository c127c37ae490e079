/* Results in eBPF: their forms, and how each is laid out. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

/* Tell whether the result can ask maps: is for XDP or tc, and no bare instructions. */
bool ebpf_has_maps(const struct cli *c)
{
	return c->o.compile.destination == WEIR_FOR_EBPF && ebpf_wanted(c) &&
	       strcmp(c->o.format, "elf") != 0;
}

bool ebpf_wanted(const struct cli *c)
{
	enum weir_ebpf_form form;

	return c->o.format && weir_ebpf_form(c->o.format, &form) == 0;
}

/*
 * Return the layout that the options ask for; -dd means C, as for classic
 * programs.
 */
static const char *layout_wanted(const struct cli *c)
{
	return c->o.json ? "json" : c->o.raw   ? "raw"
	                    : c->o.listing > 1 ? "c"
	                                       : "listing";
}

/* Answer that there is no such form, in JSON as well; return the exit status. */
static int refused(const struct cli *c, const struct weir_program *program)
{
	bool seccomp = weir_program_kind(program) == WEIR_SECCOMP;
	char text[64];
	int status = EXIT_DONE;

	if (c->o.json)
		status = cli_write(c, text, (size_t)snprintf(text, sizeof text, "{\"kind\":\"%s\",\"err\":-22}\n", seccomp ? "seccomp" : "socket"));
	return status == EXIT_DONE ? EXIT_NO : status;
}

/* --- objects ----------------------------------------------------------------------- */

/* What programs of a type can answer. */
struct answer {
	enum weir_ebpf_form form;
	const char *name;
	uint32_t code;
};

static const struct answer answers[] = {
	{ WEIR_EBPF_XDP, "drop", 1 }, /* XDP_DROP */
	{ WEIR_EBPF_XDP, "pass", 2 }, /* XDP_PASS */
	{ WEIR_EBPF_TC, "drop", 2 },  /* TC_ACT_SHOT */
	{ WEIR_EBPF_TC, "pass", 0 },  /* TC_ACT_OK */
};

static uint32_t answer_code(enum weir_ebpf_form form, bool drops)
{
	const char *name = drops ? "drop" : "pass";

	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (answers[i].form == form && strcmp(answers[i].name, name) == 0)
			return answers[i].code;
	return 0;
}

/* Set O to what the options say of an object with FORM; EXIT_DONE, or after a message. */
static int object_options(const struct cli *c, enum weir_ebpf_form form,
                          struct weir_ebpf_object *o)
{
	const char *verdict = c->o.verdict ? c->o.verdict : "drop";
	bool drops = strcmp(verdict, "drop") == 0;

	if (!drops && strcmp(verdict, "pass") != 0) {
		cli_error("--verdict takes drop or pass, not '%s'", verdict);
		return EXIT_USAGE;
	}
	if (c->o.link && (c->o.verdict || c->o.section)) {
		cli_error("--link makes no program that %s could be about",
		          c->o.verdict ? "--verdict" : "--section");
		return EXIT_USAGE;
	}
	*o = (struct weir_ebpf_object){
		.size = sizeof *o,
		.link = c->o.link,
		.section = c->o.section,
		.match = answer_code(form, drops),
		.other = answer_code(form, !drops),
	};
	return EXIT_DONE;
}

/* Set FORM to what an object is for; EXIT_DONE, or after a message. */
static int find_purpose(const struct cli *c, enum weir_ebpf_form *form)
{
	const char *purpose = c->o.purpose;

	if (!purpose) {
		cli_error("-f elf needs --for xdp or --for tc");
		return EXIT_USAGE;
	}
	*form = strcmp(purpose, "tc") == 0 ? WEIR_EBPF_TC : WEIR_EBPF_XDP;
	if (*form == WEIR_EBPF_TC || strcmp(purpose, "xdp") == 0)
		return EXIT_DONE;
	cli_error("--for takes xdp or tc, not '%s'", purpose);
	return EXIT_USAGE;
}

static int write_object(struct cli *c, const struct weir_ebpf *e, enum weir_ebpf_form form)
{
	struct weir_ebpf_object o;
	char *bytes;
	size_t len;
	int status = object_options(c, form, &o), err;

	if (status != EXIT_DONE)
		return status;
	err = weir_ebpf_elf(e, &o, &bytes, &len);
	if (err)
		return cli_compile_failed(err);
	status = cli_write(c, bytes, len);
	free(bytes);
	return status;
}

/* --- writing ------------------------------------------------------------------------- */

static int write_text(struct cli *c, const struct weir_ebpf *e)
{
	const char *layout = layout_wanted(c);
	char *text;
	size_t len;
	int err = weir_ebpf_print(e, layout, &text, &len), status;

	if (err == -EINVAL) {
		cli_error("'%s' cannot express what only a kernel can fill in", layout);
		return EXIT_USAGE;
	}
	if (err)
		return cli_compile_failed(err);
	status = cli_write(c, text, len);
	free(text);
	return status;
}

int ebpf_write(struct cli *c, const struct weir_program *program)
{
	struct weir_ebpf_options o = {
		.size = sizeof o,
		.target = c->o.target,
		.diag = cli_diag,
		.ctx = c,
		.count = c->o.counters,
	};
	bool object = strcmp(c->o.format, "elf") == 0;
	struct weir_ebpf *e;
	int err, status;

	weir_ebpf_form(c->o.format, &o.form);
	status = object ? find_purpose(c, &o.form) : EXIT_DONE;
	if (status != EXIT_DONE)
		return status;
	err = weir_ebpf_new(&e, program, &o);
	if (err == -ENOTSUP)
		return refused(c, program);
	if (err)
		return cli_compile_failed(err);
	status = object ? write_object(c, e, o.form) : write_text(c, e);
	weir_ebpf_free(e);
	return status;
}
