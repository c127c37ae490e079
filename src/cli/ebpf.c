/* Results in eBPF: their forms, and how each is laid out. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

bool ebpf_wanted(const struct cli *c)
{
	enum weir_ebpf_form form;

	return c->o.format && weir_ebpf_form(c->o.format, &form) == 0;
}

/* -dd asks for C as it does of classic programs. */
static const char *layout_wanted(const struct cli *c)
{
	return c->o.json ? "json" : c->o.raw   ? "raw"
	                    : c->o.listing > 1 ? "c"
	                                       : "listing";
}

/* There is no such form: the answer is no, in JSON as well. */
static int refused(const struct cli *c, const struct weir_program *program)
{
	bool seccomp = weir_program_kind(program) == WEIR_SECCOMP;
	char text[64];
	int status = EXIT_DONE;

	if (c->o.json)
		status = cli_write(c, text, (size_t)snprintf(text, sizeof text, "{\"kind\":\"%s\",\"err\":-22}\n", seccomp ? "seccomp" : "socket"));
	return status == EXIT_DONE ? EXIT_NO : status;
}

int ebpf_write(struct cli *c, const struct weir_program *program)
{
	struct weir_ebpf_options o = {
		.size = sizeof o,
		.target = c->o.target,
		.diag = cli_diag,
		.ctx = c,
	};
	struct weir_ebpf *e;
	char *text;
	size_t len;
	int err, status;

	weir_ebpf_form(c->o.format, &o.form);
	err = weir_ebpf_new(&e, program, &o);
	if (err == -ENOTSUP)
		return refused(c, program);
	if (err)
		return cli_compile_failed(err);
	err = weir_ebpf_print(e, layout_wanted(c), &text, &len);
	if (err == -EINVAL)
		cli_error("what only a kernel can fill in has no place in '%s'", layout_wanted(c));
	else if (err)
		cli_error("writing the program: %s", strerror(-err));
	status = err ? EXIT_USAGE : cli_write(c, text, len);
	free(text);
	weir_ebpf_free(e);
	return status;
}
