/*
 * weir packet: a packet expression in, a program out.
 */
#include "config.h"

#include <stdlib.h>

#include "base/base.h"
#include "cli/cli.h"

static int write_program(struct cli *c, struct weir_expression *e, int linktype)
{
	struct weir_program *program;
	int status, err;

	if (!profile_read(c, linktype))
		return EXIT_USAGE;
	err = weir_expression_compile(&program, e, &c->o.compile);
	profile_free(c);
	if (err)
		return cli_compile_failed(err);
	status = cli_write_program(c, program, NULL);
	weir_program_free(program);
	return status;
}

/* Compile TEXT, or explain it. */
static int answer(struct cli *c, const char *text, size_t len,
                  const struct weir_expression_options *p)
{
	struct weir_expression *e;
	int err = weir_expression_read(&e, text, len, p), status;

	if (err) {
		status = cli_compile_failed(err);
		packet_hint(c);
		return status;
	}
	status = c->o.explain ? explained_write(c, e, p->linktype, false)
	                      : write_program(c, e, p->linktype);
	weir_expression_free(e);
	return status;
}

int cmd_packet(struct cli *c)
{
	struct files files = { 0 };
	struct weir_expression_options p;
	struct weir_format format;
	int status = cli_find_format(c, false, &format);
	size_t len;
	char *text;

	if (status != EXIT_DONE || !packet_options(c, &p) ||
	    !packet_look_at_source(&c->o, &p) || !packet_live(&c->o, &p))
		return EXIT_USAGE;
	text = options_expression(c, &c->o.reading.name, &len);
	if (!text)
		return EXIT_USAGE;
	p.open_sets = ebpf_has_maps(c);
	c->o.reading.ctx = &files;
	c->o.reading.verbose |= c->o.explain;
	c->o.compile.annotate = true;
	c->o.compile.pass = c->o.verbose ? cli_print_gain : NULL;
	status = answer(c, text, len, &p);
	free(text);
	return status;
}
