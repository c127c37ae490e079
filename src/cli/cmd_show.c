/* weir show: a program in any format in, the same program in another one out. */
#include "config.h"

#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

/* Tell whether FORMAT has words about packets in it, or the link type itself. */
static bool has_words(const char *format)
{
	static const char *const with[] = { "listing", "asm", "json", "dot", "savefile" };

	for (size_t i = 0; i < ARRAY_LEN(with); i++)
		if (strcmp(format, with[i]) == 0)
			return true;
	return false;
}

/* Write P; a program that was read does not know its link type, so one is assumed aloud. */
static int write_program(struct cli *c, const struct cli_program *p)
{
	bool is_read = weir_program_linktype(p->program) < 0 &&
	               weir_program_kind(p->program) == WEIR_PACKET;
	struct weir_expression_options e;

	if (!packet_options(c, &e))
		return EXIT_USAGE;
	if (is_read && !c->o.linktype && has_words(cli_library_format(c)))
		cli_note(c, "fields are those of packets of link type %s; -t says another",
		         weir_linktype_name(e.linktype));
	return cli_write_program(c, p->program, is_read ? &e.linktype : NULL);
}

/* Write the filters of a process, one after the other; only a listing can be of several. */
static int write_all_programs(struct cli *c, const struct cli_programs *all, const char *format)
{
	int status = EXIT_DONE;

	if (all->n > 1 && (strcmp(format, "listing") != 0 || c->o.output)) {
		cli_error("the process has %zu filters, but only a listing without -o can show "
		          "more than one; name one, as in --pid N#1",
		          all->n);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < all->n && status == EXIT_DONE; i++) {
		if (all->n > 1) {
			printf("%s%s:\n", i ? "\n" : "", all->v[i].name);
			fflush(stdout);
		}
		status = write_program(c, &all->v[i]);
	}
	return status;
}

int cmd_show(struct cli *c)
{
	struct weir_format format;
	struct cli_programs all;
	int status = cli_find_format(c, false, &format);

	if (status != EXIT_DONE)
		return status;
	if (!cli_programs_given(c, 1))
		return EXIT_USAGE;
	status = cli_programs_open(c, 0, &all);
	if (status == EXIT_DONE)
		status = write_all_programs(c, &all, format.name);
	cli_programs_close(&all);
	return status;
}
