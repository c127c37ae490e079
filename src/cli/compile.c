/* Compiling a packet expression, as all commands do that take one. */
#include "config.h"

#include <errno.h>

#include "cli/cli.h"

int packet_compile(struct cli *c, const struct expression_text *text,
                   const struct weir_expression_options *p, struct weir_program **out)
{
	struct files none = { 0 };
	struct weir_expression *e;
	int err, status;

	*out = NULL;
	c->o.reading.name = text->name;
	c->o.reading.ctx = text->files ? text->files : &none;
	if (!profile_read(c, p->linktype))
		return EXIT_USAGE;
	err = weir_expression_read(&e, text->text, text->len, p);
	if (!err) {
		err = weir_expression_compile(out, e, &c->o.compile);
		if (text->to)
			*text->to = e;
		else
			weir_expression_free(e);
	}
	profile_free(c);
	files_free(&none);
	status = err ? cli_compile_failed(err) : EXIT_DONE;
	if (err == -EINVAL)
		packet_hint(c);
	return status;
}
